"""What a symbol calls."""

from __future__ import annotations

from collections.abc import Mapping
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
from indexer.parsing.facts import SymbolFlag
from indexer.resolution.places import ImportedName
from indexer.search import across
from indexer.search.call_sites import CALLS, MOST_SITES, CallSite, sites_of
from indexer.search.symbols import Symbol, SymbolId, SymbolName, by_id, mentioned

_LIST = "callees"
MOST_DECLARATIONS = 256
"""So many overloads of one function are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What some calls lead to.

    To `symbol`, whose name stands at `line` of `path`; to a local, a parameter or a module, which
    has only a place; to what is `imported` from a package that the repository does not have (it is
    `elsewhere` where another repository offers that module); or to nothing that is known. `name` is
    as the first call writes it. `calls` counts all, `sites` are the first of them.
    """

    name: str
    symbol: SymbolName | None
    path: str | None
    line: int | None
    imported: ImportedName | None
    elsewhere: bool
    calls: int
    sites: tuple[CallSite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callees:
    """A symbol and a page of what it calls, in the order of the first calls."""

    symbol: Symbol
    page: Page[Callee]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """Symbols of a file and the lines in which they stand."""

    symbol_nos: list[int]
    first_line: int
    last_line: int


def of_symbol(
    database: Database,
    symbol_id: str,
    *,
    tenant_id: UUID,
    nested: bool = False,
    defined: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Callees:
    """What the symbol with this public id calls, at most `limit` (1 to 100, else 50) of it.

    Its own calls are those that it is the innermost symbol around. `nested` adds the calls of the
    symbols inside it, `defined` leaves out what leads to no symbol.

    Raises:
        SymbolNotFound: the tenant has no such symbol, or the text is no such id.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    wanted, size = SymbolId.parse(symbol_id), page_size(limit)
    # What is called first shows only once all calls were read: a place in the list is a count.
    at, shown = (None, 0) if cursor is None else read_cursor(cursor, _LIST, integer, integer)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        symbol = by_id(statements, wanted, at=at)
        body = _with_implementation(statements, symbol)
        if nested:
            body = _with_what_stands_inside(statements, symbol, body)
        rows = statements.fetch_all(
            "callees_of_symbols",
            snapshot_id=wanted.snapshot_id,
            file_no=symbol.file_no,
            symbol_nos=body.symbol_nos,
            first_line=body.first_line,
            last_line=body.last_line,
            kinds=[int(kind) for kind in CALLS],
            defined=defined,
            most_sites=MOST_SITES,
            shown=shown,
            page_size=size + 1,
        )
        imported = across.imported_by(statements, symbol.snapshot, rows)
        offered = across.offered(
            statements, ((one.package, one.subpath) for one in imported.values())
        )
    found = [_callee(row, imported, offered) for row in rows]
    items = tuple(found[: how_many_fit(found[:size])])
    return Callees(
        symbol=symbol,
        page=Page(
            items=items,
            next_cursor=write_cursor(_LIST, wanted.snapshot_id, shown + len(items))
            if len(found) > len(items)
            else None,
        ),
    )


def _alone(symbol: Symbol) -> _Body:
    return _Body(
        symbol_nos=[symbol.id.symbol_no], first_line=symbol.start_line, last_line=symbol.end_line
    )


def _with_implementation(statements: Statements, symbol: Symbol) -> _Body:
    """A signature has no body: its function's stands at another declaration of the same."""
    body = _alone(symbol)
    if not symbol.flags & SymbolFlag.OVERLOAD:
        return body
    rows = statements.fetch_all(
        "declarations_from_symbol",
        snapshot_id=symbol.id.snapshot_id,
        symbol_no=symbol.id.symbol_no,
        name=symbol.name,
        file_no=symbol.file_no,
        container_no=None if symbol.container is None else symbol.container.id.symbol_no,
        most=MOST_DECLARATIONS,
    )
    return _Body(
        symbol_nos=sorted({*body.symbol_nos, *(row["symbol_no"] for row in rows)}),
        first_line=min([body.first_line, *(row["start_line"] for row in rows)]),
        last_line=max([body.last_line, *(row["end_line"] for row in rows)]),
    )


def _with_what_stands_inside(statements: Statements, symbol: Symbol, body: _Body) -> _Body:
    inside = set(body.symbol_nos)
    rows = statements.fetch_all(
        "symbols_behind",
        snapshot_id=symbol.id.snapshot_id,
        file_no=symbol.file_no,
        symbol_no=min(inside),
    )
    members = []
    for row in rows:
        if row["container_no"] in inside:
            inside.add(row["symbol_no"])
            members.append(row)
    # A member may stand outside of its container: `Money.prototype.add = …`.
    return _Body(
        symbol_nos=sorted(inside),
        first_line=min([body.first_line, *(row["start_line"] for row in members)]),
        last_line=max([body.last_line, *(row["end_line"] for row in members)]),
    )


def _callee(
    row: Row, imported: Mapping[int, ImportedName], offered: set[tuple[str, str]]
) -> Callee:
    wanted = imported.get(row["imported_no"])
    return Callee(
        name=row["name"],
        symbol=mentioned(row, "callee"),
        path=row["path"],
        line=row["line"],
        imported=wanted,
        elsewhere=wanted is not None and (wanted.package, wanted.subpath) in offered,
        calls=row["calls"],
        sites=sites_of(row),
    )
