"""Where a symbol is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from indexer.database.connection import Database, Row
from indexer.database.paging import Page, integer, page_size, read_cursor, write_cursor
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Resolution
from indexer.search.symbols import Symbol, SymbolId, SymbolName, by_id, mentioned

_LIST = "references"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One use of a symbol. Lines count from 1, columns from 0 in UTF-16 code units."""

    path: str
    line: int
    column: int
    kind: ReferenceKind
    name: str
    resolution: Resolution
    enclosing: SymbolName | None

    @classmethod
    def from_row(cls, row: Row) -> Usage:
        """A usage from a row of `references_of_symbol`."""
        return cls(
            path=row["path"],
            line=row["line"],
            column=row["column_no"],
            kind=ReferenceKind(row["kind"]),
            name=row["name"],
            resolution=Resolution(row["resolution"]),
            enclosing=mentioned(row, "enclosing"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Usages:
    """A symbol and a page of its uses, in the order of files and lines."""

    symbol: Symbol
    page: Page[Usage]


def of_symbol(
    database: Database,
    symbol_id: str,
    *,
    tenant_id: UUID,
    kind: ReferenceKind | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Usages:
    """The uses of the symbol with this public id, at most `limit` (1 to 100, else 50) of them.

    Raises:
        SymbolNotFound: the tenant has no such symbol, or the text is no such id.
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    wanted, size = SymbolId.parse(symbol_id), page_size(limit)
    start: tuple[int, ...] = (
        (0, 0, 0, 0, 0) if cursor is None else read_cursor(cursor, _LIST, *(integer,) * 5)
    )
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        symbol = by_id(statements, wanted)
        rows = statements.fetch_all(
            "references_of_symbol",
            snapshot_id=wanted.snapshot_id,
            symbol_no=wanted.symbol_no,
            kind=None if kind is None else int(kind),
            from_file=start[0],
            from_line=start[1],
            from_column=min(start[2], 32_767),
            from_kind=min(start[3], 32_767),
            skipped=start[4],
            page_size=size + 1,
        )
    more = len(rows) > size
    shown = rows[:size]
    return Usages(
        symbol=symbol,
        page=Page(
            items=tuple(Usage.from_row(row) for row in shown),
            next_cursor=_cursor_after(shown, start) if more else None,
        ),
    )


def _cursor_after(shown: Sequence[Row], start: tuple[int, ...]) -> str:
    """Leads to the last row's place, past those rows of it that were shown, here or before."""
    place = _place(shown[-1])
    here = sum(_place(row) == place for row in shown)
    before = start[4] if place == start[:4] else 0
    return write_cursor(_LIST, *place, here + before)


def _place(row: Row) -> tuple[int, int, int, int]:
    return row["file_no"], row["line"], row["column_no"], row["kind"]
