"""Who calls a symbol."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from indexer.database.connection import Database, Row
from indexer.database.paging import (
    Page,
    integer,
    page_of,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.search.call_sites import CALLS, MOST_SITES, CallSite, sites_of
from indexer.search.symbols import (
    Symbol,
    SymbolId,
    SymbolName,
    by_id,
    first_declaration,
    mentioned,
)

_LIST = "callers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The innermost definition around some calls; None: the file itself, outside of every one.

    `line` is that of the definition's name. `calls` counts all, `sites` are the first of them.
    `place` is where it stands in the list: its file and its number in the snapshot, or -1.
    """

    place: tuple[int, int]
    path: str
    symbol: SymbolName | None
    line: int | None
    calls: int
    sites: tuple[CallSite, ...]

    @classmethod
    def from_row(cls, row: Row) -> Caller:
        """A caller from a row of `callers_of_symbol`."""
        return cls(
            place=(row["file_no"], row["caller_no"]),
            path=row["path"],
            symbol=mentioned(row, "caller"),
            line=row["caller_line"],
            calls=row["calls"],
            sites=sites_of(row),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """A symbol and a page of its callers, by file; in each the file itself before definitions."""

    symbol: Symbol
    page: Page[Caller]


def of_symbol(
    database: Database,
    symbol_id: str,
    *,
    tenant_id: UUID,
    cursor: str | None = None,
    limit: int | None = None,
) -> Callers:
    """The callers of what a symbol declares, at most `limit` (1 to 100, else 50) of them.

    `symbol_id` is its public id.

    Raises:
        SymbolNotFound: the tenant has no such symbol, or the text is no such id.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    wanted, size = SymbolId.parse(symbol_id), page_size(limit)
    # In a cursor the file itself is 0, and definitions count from 1.
    at, file_no, shown = (
        (None, 0, -1) if cursor is None else read_cursor(cursor, _LIST, integer, integer, integer)
    )
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        symbol = by_id(statements, wanted, at=at)
        rows = statements.fetch_all(
            "callers_of_symbol",
            snapshot_id=wanted.snapshot_id,
            symbol_no=first_declaration(statements, symbol).id.symbol_no,
            kinds=[int(kind) for kind in CALLS],
            from_file=file_no,
            after_caller=shown - 1,
            most_sites=MOST_SITES,
            page_size=size + 1,
        )
    return Callers(
        symbol=symbol,
        page=page_of(
            [Caller.from_row(row) for row in rows],
            size=size,
            cursor=lambda one: write_cursor(
                _LIST, wanted.snapshot_id, one.place[0], one.place[1] + 1
            ),
        ),
    )
