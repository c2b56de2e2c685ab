"""What a file defines, in the order of its source."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from indexer.database.connection import Database, Statements
from indexer.database.paging import (
    Page,
    integer,
    page_of,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.search.files import number_of
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import Symbol

DEEPEST = 50
"""Definitions that lie deeper are told to be this deep."""

_LIST = "outline"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineEntry:
    """A definition, and how many others stand around it."""

    symbol: Symbol
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A page of the definitions of one file."""

    snapshot: Snapshot
    path: str
    page: Page[OutlineEntry]


def of_file(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Outline:
    """The definitions of a file, at most `limit` (1 to 100, else 50) of them.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, after_symbol = (
        (None, None) if cursor is None else read_cursor(cursor, _LIST, integer, integer)
    )
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        file_no = number_of(statements, snapshot, path)
        rows = statements.fetch_all(
            "symbols_in_order",
            snapshot_id=snapshot.snapshot_id,
            kind=None,
            first_file=file_no,
            last_file=file_no,
            after_file=None if after_symbol is None else file_no,
            after_symbol=after_symbol,
            page_size=size + 1,
        )
        depths = _depths(statements, snapshot, [row["symbol_no"] for row in rows])
    entries = [
        OutlineEntry(symbol=Symbol.from_row(row, snapshot), depth=depths[row["symbol_no"]])
        for row in rows
    ]
    return Outline(
        snapshot=snapshot,
        path=path,
        page=page_of(entries, size=size, cursor=lambda one: write_cursor(_LIST, *one.symbol.id)),
    )


def _depths(statements: Statements, snapshot: Snapshot, symbols: list[int]) -> dict[int, int]:
    if not symbols:
        return {}
    rows = statements.fetch_all(
        "depths_of_symbols",
        snapshot_id=snapshot.snapshot_id,
        symbol_nos=symbols,
        deepest=DEEPEST,
    )
    return {row["symbol_no"]: row["depth"] for row in rows}
