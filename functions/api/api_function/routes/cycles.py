"""The files that import each other in a circle."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, RefName, RepositoryName, View, topic_router
from indexer.search import import_cycles
from indexer.search.import_cycles import MOST_FILES, MOST_LINKS, Cycle, Imports
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)

router = topic_router()


class CycleView(View):
    """Files each of which leads to every other of them by imports."""

    size: int = Field(description="How many files they are.")
    files: list[str] = Field(description=f"By path, {MOST_FILES} at the most.")
    shortest: list[str] = Field(
        description="A shortest way of imports from the first of them back to itself: each imports "
        f"the next, and the last one the first. Empty where it is longer than {MOST_FILES} files."
    )

    @classmethod
    def from_cycle(cls, one: Cycle) -> CycleView:
        """The view of a cycle."""
        return cls(size=one.size, files=list(one.files), shortest=list(one.shortest))


class CyclesPage(CommitView):
    """Import cycles, the largest first."""

    total: int = Field(description="How many cycles there are.")
    files_in_cycles: int
    truncated: bool = Field(
        description=f"Only the first {MOST_LINKS:,} imports between files were looked at."
    )
    cycles: list[CycleView]
    next_cursor: str | None


@router.get(
    "/cycles",
    summary="The files that import each other in a circle",
    description="Strongly connected components of the imports between the files of a repository.",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of cycles.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        RepositoryAmbiguous,
        NotIndexed,
        ValidationFailed,
    ),
)
def list_cycles(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    imports: Annotated[
        Imports,
        Query(description="runtime leaves out what is gone before the program runs: types."),
    ] = Imports.ALL,
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> CyclesPage:
    found = import_cycles.find(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        ref=ref,
        imports=imports,
        cursor=cursor,
        limit=limit,
    )
    return CyclesPage(
        **commit_of(found.snapshot),
        total=found.total,
        files_in_cycles=found.files_in_cycles,
        truncated=found.truncated,
        cycles=[CycleView.from_cycle(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
