"""Where a symbol is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import (
    Page,
    how_many_fit,
    integer,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Resolution
from indexer.search import across
from indexer.search.repositories import CursorExpired, Snapshot
from indexer.search.symbols import (
    Symbol,
    SymbolId,
    SymbolName,
    by_id,
    first_declaration,
    mentioned,
)

_LIST = "references"
_BEGINNING: Sequence[int] = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One use of a symbol. Lines count from 1, columns from 0 in UTF-16 code units.

    `snapshot` is that of the symbol, or of another repository that imports it from its package.
    """

    snapshot: Snapshot
    path: str
    line: int
    column: int
    kind: ReferenceKind
    name: str
    resolution: Resolution
    enclosing: SymbolName | None

    @classmethod
    def from_row(cls, row: Row, snapshot: Snapshot) -> Usage:
        """A usage from a row of `references_of_symbol`."""
        return cls(
            snapshot=snapshot,
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
    """A symbol and a page of its uses, in the order of files and lines.

    Those of its own repository come first, then those of others by their names.
    """

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
    """The uses of what a symbol declares, at most `limit` (1 to 100, else 50) of them.

    `symbol_id` is its public id. A list goes on with the commits that it is read from: of the
    symbol's repository, and of another one in the middle of which a page ended.

    Raises:
        SymbolNotFound: the tenant has no such symbol, or the text is no such id.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    wanted, size = SymbolId.parse(symbol_id), page_size(limit)
    at: int | None = None
    reached: int | None = None
    start: Sequence[int] = _BEGINNING
    if cursor is not None:
        at, reached, *start = read_cursor(cursor, _LIST, *(integer,) * 7)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        symbol = by_id(statements, wanted, at=at)
        used = first_declaration(statements, symbol)
        start = (*start[:2], min(start[2], 32_767), min(start[3], 32_767), start[4])
        rows: list[tuple[Snapshot, Row]] = []
        if reached in {None, wanted.snapshot_id}:
            rows += _own(statements, used, kind=kind, start=start, most=size + 1)
            elsewhere, first = None, _BEGINNING
        else:
            elsewhere, first = _reached(statements, reached), start
        if len(rows) <= size:
            rows += across.uses_by(
                statements,
                across.importers_of(statements, used, at=elsewhere),
                kind=None if kind is None else int(kind),
                start=first,
                most=size + 1 - len(rows),
            )
    shown = rows[: how_many_fit(row for _, row in rows[:size])]
    more = len(rows) > len(shown)
    return Usages(
        symbol=symbol,
        page=Page(
            items=tuple(Usage.from_row(row, snapshot) for snapshot, row in shown),
            next_cursor=_cursor_after(shown, symbol, reached, start) if more else None,
        ),
    )


def _own(
    statements: Statements,
    symbol: Symbol,
    *,
    kind: ReferenceKind | None,
    start: Sequence[int],
    most: int,
) -> list[tuple[Snapshot, Row]]:
    """Uses in the symbol's own repository."""
    rows = statements.fetch_all(
        "references_of_symbol",
        snapshot_id=symbol.id.snapshot_id,
        symbol_no=symbol.id.symbol_no,
        kind=None if kind is None else int(kind),
        from_file=start[0],
        from_line=start[1],
        from_column=start[2],
        from_kind=start[3],
        skipped=start[4],
        page_size=most,
    )
    return [(symbol.snapshot, row) for row in rows]


def _reached(statements: Statements, snapshot_id: int | None) -> Snapshot:
    row = statements.fetch_one("snapshot_by_number", snapshot_id=snapshot_id, name=None)
    if row is None:
        raise CursorExpired
    return Snapshot.from_row(row)


def _cursor_after(
    shown: Sequence[tuple[Snapshot, Row]],
    symbol: Symbol,
    reached: int | None,
    start: Sequence[int],
) -> str:
    """Leads to the last row's place, past those rows of it that were shown, here or before."""
    snapshot, last = shown[-1]
    place = _place(snapshot, last)
    here = sum(_place(*one) == place for one in shown)
    began = (symbol.id.snapshot_id if reached is None else reached, *start[:4])
    before = start[4] if place == began else 0
    return write_cursor(_LIST, symbol.id.snapshot_id, *place, here + before)


def _place(snapshot: Snapshot, row: Row) -> tuple[int, ...]:
    return snapshot.snapshot_id, row["file_no"], row["line"], row["column_no"], row["kind"]
