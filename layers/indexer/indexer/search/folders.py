"""What lies directly in a folder of a repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import (
    Page,
    integer,
    page_of,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.errors import Refused
from indexer.search.files import LARGEST_NUMBER, numbers_below
from indexer.search.repositories import Snapshot, snapshot_of

_LIST = "folder"


class FolderNotFound(Refused):
    """No indexed file lies in such a folder."""

    code = "folder_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no indexed file in a folder with this path.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """A file, or a folder with the number of files below it. `next_file` comes after it."""

    path: str
    is_folder: bool
    files: int
    next_file: int

    @classmethod
    def from_row(cls, row: Row, folder: str) -> FolderEntry:
        """An entry of `folder` from a row of `folder_page`."""
        is_folder = row["slash"] > 0
        return cls(
            path=row["path"][: len(folder) + row["slash"] - 1] if is_folder else row["path"],
            is_folder=is_folder,
            files=row["next_file"] - row["file_no"],
            next_file=row["next_file"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A page of what lies directly in a folder, in the order of paths; "" is the repository."""

    snapshot: Snapshot
    path: str
    page: Page[FolderEntry]


def find(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    folder: str | None = None,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Folder:
    """The entries of a folder, at most `limit` (1 to 100, else 50) of them; None: of the root.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FolderNotFound: no file lies there.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, start = (None, 0) if cursor is None else read_cursor(cursor, _LIST, integer, integer)
    path = (folder or "").strip("/")
    below = f"{path}/" if path else ""
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        first_file, last_file = _numbers(statements, snapshot, below)
        if below and last_file < first_file:
            raise FolderNotFound
        rows = statements.fetch_all(
            "folder_page",
            snapshot_id=snapshot.snapshot_id,
            folder_length=len(below),
            first_file=max(first_file, start),
            last_file=min(last_file, LARGEST_NUMBER - 1),
            page_size=size + 1,
        )
    return Folder(
        snapshot=snapshot,
        path=path,
        page=page_of(
            [FolderEntry.from_row(row, below) for row in rows],
            size=size,
            cursor=lambda one: write_cursor(_LIST, snapshot.snapshot_id, one.next_file),
        ),
    )


def _numbers(statements: Statements, snapshot: Snapshot, below: str) -> tuple[int, int]:
    if below:
        return numbers_below(statements, snapshot, below)
    row = statements.fetch_one("last_file_of_snapshot", snapshot_id=snapshot.snapshot_id)
    return 0, -1 if row is None or row["last_file"] is None else row["last_file"]
