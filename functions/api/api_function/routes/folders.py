"""Folders: what lies directly in one."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
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
from indexer.search import folders
from indexer.search.folders import FolderEntry, FolderNotFound
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)

router = topic_router()


class FolderEntryView(View):
    """A file, or a folder."""

    path: str
    type: Literal["file", "folder"]
    files: int = Field(description="How many files lie anywhere below a folder; of a file 1.")

    @classmethod
    def from_entry(cls, one: FolderEntry) -> FolderEntryView:
        """The view of an entry."""
        return cls(path=one.path, type="folder" if one.is_folder else "file", files=one.files)


class FolderPage(CommitView):
    """What lies directly in a folder, in the order of paths."""

    folder: str = Field(description="Without a slash at its end; empty: the repository itself.")
    entries: list[FolderEntryView]
    next_cursor: str | None


@router.get(
    "/folder",
    summary="What lies directly in a folder of a repository",
    description="Files, and folders with the number of files below them. Only indexed files count.",
    tags=["files"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of entries.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        RepositoryAmbiguous,
        NotIndexed,
        FolderNotFound,
        ValidationFailed,
    ),
)
def list_folder(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    folder: Annotated[
        str | None,
        Query(description="Its path; the repository itself unless named.", max_length=LONGEST_PATH),
    ] = None,
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> FolderPage:
    found = folders.find(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        folder=folder,
        ref=ref,
        cursor=cursor,
        limit=limit,
    )
    return FolderPage(
        **commit_of(found.snapshot),
        folder=found.path,
        entries=[FolderEntryView.from_entry(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
