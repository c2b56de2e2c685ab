"""Definitions that nothing is known to use."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field, StringConstraints

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.symbols import SymbolKindName, SymbolPlaceView
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    LONGEST_PATH,
    Cursor,
    Limit,
    RefName,
    RepositoryName,
    View,
    topic_router,
)
from indexer.parsing.facts import SymbolFlag
from indexer.search import unused
from indexer.search.files import FileNotFound
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)
from indexer.search.texts import TextNotStored
from indexer.search.unused import MOST_ENTRIES, MOST_EXAMINED, Unused, UnusedQuery

router = topic_router()

_Entry = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATH)]


class UnusedView(View):
    """A definition that is not used, and what there is of it all the same."""

    symbol: SymbolPlaceView
    exported: bool
    imports: int = Field(description="Imports that name it, and whose file does not use it.")
    exports: int = Field(description="Export lists that name it; `export *` is not counted.")
    own_uses: int = Field(description="Uses within itself, as of a function that calls itself.")
    file_is_imported: bool = Field(
        description="Another file asks for its file; else that may be an entry, or unused itself."
    )

    @classmethod
    def from_unused(cls, one: Unused) -> UnusedView:
        """The view of one of them."""
        return cls(
            symbol=SymbolPlaceView.from_symbol(one.symbol),
            exported=SymbolFlag.EXPORTED in one.symbol.flags,
            imports=one.imports,
            exports=one.exports,
            own_uses=one.own_uses,
            file_is_imported=one.file_is_imported,
        )


class UnusedPage(CommitView):
    """Definitions that are not used, in the order of files and source."""

    unused: list[UnusedView]
    next_cursor: str | None = Field(
        description=f"A page looks at {MOST_EXAMINED:,} definitions and may be short, or empty, "
        "before the last one."
    )


@router.get(
    "/unused",
    summary="Definitions that nothing is known to use",
    description="Those that no use from outside of themselves leads to; an import or an export "
    "alone is no use. What is used by name at run time, by another repository or by a framework "
    "is not known.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of definitions.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        RepositoryAmbiguous,
        TextNotStored,
        ValidationFailed,
    ),
)
def list_unused(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: Annotated[
        str | None,
        Query(
            description="How the path begins, for example src/.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ] = None,
    kind: Annotated[
        SymbolKindName | None,
        Query(
            description="What was declared. Members (methods, properties, getters, setters, "
            "members of enums) are looked at only where they are named."
        ),
    ] = None,
    exported_only: Annotated[
        bool,
        Query(
            description="Only what its file exports; else all definitions. Members are told either "
            "way: no file exports them by themselves."
        ),
    ] = True,
    entry: Annotated[
        list[_Entry] | None,
        Query(
            description="A file, or a folder with an index file: what it exports counts as used. "
            f"May be given {MOST_ENTRIES} times: entry=a&entry=b.",
            max_length=MOST_ENTRIES,
        ),
    ] = None,
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> UnusedPage:
    found = unused.find(
        services.database,
        UnusedQuery(
            repository=repository,
            ref=ref,
            path=path,
            kind=kind,
            exported_only=exported_only,
            entries=entry or (),
        ),
        tenant_id=tenant.tenant_id,
        cursor=cursor,
        limit=limit,
    )
    return UnusedPage(
        **commit_of(found.snapshot),
        unused=[UnusedView.from_unused(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
