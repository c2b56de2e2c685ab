"""Which files are indexed."""

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
from indexer.parsing.endings import Language, endings_of, language_of
from indexer.search.ranges import starting_with
from indexer.search.repositories import Snapshot, snapshot_of

LARGEST_NUMBER = 2**31 - 1
"""No file, symbol or snapshot has a higher number."""

_LIST = "files"


class FileNotFound(Refused):
    """The snapshot has no such file."""

    code = "file_not_found"
    status: ClassVar[int] = 404

    def __init__(self, path: str | None = None) -> None:
        named = "this path" if path is None else f"the path {path}"
        super().__init__(f"There is no indexed file with {named}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedFile:
    """A file of a snapshot. `failure`: why it could not be parsed; None: it was."""

    file_no: int
    path: str
    language: Language | None
    blob_id: str
    byte_size: int
    line_count: int
    syntax_errors: int
    failure: str | None

    @classmethod
    def from_row(cls, row: Row) -> IndexedFile:
        """A file from a row of `files`."""
        return cls(
            file_no=row["file_no"],
            path=row["path"],
            language=language_of(row["path"]),
            blob_id=bytes(row["blob_id"]).hex(),
            byte_size=row["byte_size"],
            line_count=row["line_count"],
            syntax_errors=row["syntax_errors"],
            failure=row["failure"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A page of the files of a snapshot, in the order of paths."""

    snapshot: Snapshot
    page: Page[IndexedFile]


def find(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    path: str | None = None,
    contains: str | None = None,
    language: Language | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Files:
    """Files whose path begins with `path`, at most `limit` (1 to 100, else 50) of them.

    `contains` stands anywhere in their paths, the letters of ASCII in any case.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, after = (None, -1) if cursor is None else read_cursor(cursor, _LIST, integer, integer)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        first_file, last_file = numbers_below(statements, snapshot, path)
        rows = statements.fetch_all(
            "files_page",
            snapshot_id=snapshot.snapshot_id,
            # The highest number has no successor, and no file after it.
            first_file=min(max(first_file, after + 1), LARGEST_NUMBER),
            last_file=last_file,
            endings=None if language is None else list(endings_of(language)),
            contains=contains,
            page_size=size + 1,
        )
    return Files(
        snapshot=snapshot,
        page=page_of(
            [IndexedFile.from_row(row) for row in rows],
            size=size,
            cursor=lambda one: write_cursor(_LIST, snapshot.snapshot_id, one.file_no),
        ),
    )


def numbers_below(statements: Statements, snapshot: Snapshot, path: str | None) -> tuple[int, int]:
    """The first and the last number of the files whose paths begin so; last < first: none do."""
    if path is None:
        return 0, LARGEST_NUMBER
    below = starting_with(path)
    found = statements.fetch_one(
        "files_below",
        snapshot_id=snapshot.snapshot_id,
        path_from=below.start,
        path_below=below.below,
    )
    return (0, -1) if found is None else (found["first_file"], found["last_file"])


def number_of(statements: Statements, snapshot: Snapshot, path: str) -> int:
    """The number of the file with this path.

    Raises:
        FileNotFound: the snapshot has none.
    """
    place = statements.fetch_one("file_by_path", snapshot_id=snapshot.snapshot_id, path=path)
    if place is None:
        raise FileNotFound
    number: int = place["file_no"]
    return number
