"""Definitions that nothing in their repository is known to use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
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
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind
from indexer.search.export_syntax import ExportText
from indexer.search.exports import symbols_exported
from indexer.search.files import numbers_below
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import Symbol

MOST_EXAMINED: Final = 5_000
"""Definitions that one page looks at, and the others of the file in which it ends."""

MOST_ENTRIES: Final = 20
"""So many entries are taken."""

MEMBERS: Final = frozenset(
    {
        SymbolKind.METHOD,
        SymbolKind.PROPERTY,
        SymbolKind.GETTER,
        SymbolKind.SETTER,
        SymbolKind.ENUM_MEMBER,
    }
)
"""Looked at where they are asked for, exported or not: no file exports them by themselves."""

NEVER_TOLD: Final = frozenset({SymbolKind.CONSTRUCTOR, SymbolKind.MODULE})
"""A constructor is used by `new`, which leads to its class, and a described module by its name."""

_LIST: Final = "unused"
_USUAL: Final = frozenset(SymbolKind) - MEMBERS - NEVER_TOLD
_EXPRESSIONS: Final = frozenset({SymbolKind.FUNCTION, SymbolKind.CLASS})
_MOST_BYTES: Final = 16 * 1024 * 1024
_PASSING_ON: Final = (ReferenceKind.IMPORT, ReferenceKind.EXPORT)
_AS_VALUES: Final = (DependencyKind.DYNAMIC_IMPORT, DependencyKind.REQUIRE)
_BASES: Final = (ReferenceKind.EXTENDS, ReferenceKind.IMPLEMENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """A definition that is not used, and what there is of it all the same.

    `imports` and `exports` count those that name it and do nothing with it, `own_uses` those within
    itself. `file_is_imported`: another file asks for its file; else that may be an entry.
    """

    symbol: Symbol
    imports: int
    exports: int
    own_uses: int
    file_is_imported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedSymbols:
    """A page of them, in the order of files and source; it may be short and not be the last."""

    snapshot: Snapshot
    page: Page[Unused]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedQuery:
    """Which definitions are looked at; all that is given must hold.

    `path` is the beginning of a path. Without a `kind` no MEMBERS are; `exported_only` leaves none
    of them out. What the files `entries` export counts as used, and so do members right inside of
    it that are not private.
    """

    repository: str
    ref: str | None = None
    path: str | None = None
    kind: SymbolKind | None = None
    exported_only: bool = True
    entries: Sequence[str] = ()


def find(
    database: Database,
    query: UnusedQuery,
    *,
    tenant_id: UUID,
    cursor: str | None = None,
    limit: int | None = None,
) -> UnusedSymbols:
    """Definitions of a repository that are not used, at most `limit` (1 to 100, else 50) of them.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: there is no entry of one of the paths.
        TextNotStored: the exports of an entry cannot be told.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, start = (None, 0) if cursor is None else read_cursor(cursor, _LIST, integer, integer)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, query.repository, ref=query.ref, at=at)
        used = symbols_exported(statements, snapshot, query.entries) if query.entries else set()
        numbers, following = _numbers(
            statements, snapshot, query, start=start, used=used, size=size
        )
        unused = _told(statements, snapshot, numbers)
    fitting = how_many_fit(unused)
    if fitting < len(unused):
        following = unused[fitting].symbol.id.symbol_no
    return UnusedSymbols(
        snapshot=snapshot,
        page=Page(
            items=tuple(unused[:fitting]),
            next_cursor=None
            if following is None
            else write_cursor(_LIST, snapshot.snapshot_id, following),
        ),
    )


def _numbers(
    statements: Statements,
    snapshot: Snapshot,
    query: UnusedQuery,
    *,
    start: int,
    used: Collection[int],
    size: int,
) -> tuple[list[int], int | None]:
    """The numbers of a page from the symbol `start` on, and where the next page starts."""
    first_file, last_file = numbers_below(statements, snapshot, query.path)
    bounds = statements.fetch_one(
        "symbols_of_files_from",
        snapshot_id=snapshot.snapshot_id,
        first_file=first_file,
        last_file=last_file,
    )
    if bounds is None or bounds["first_no"] is None or start > bounds["last_no"]:
        return [], None
    from_no, last_no = max(start, bounds["first_no"]), bounds["last_no"]
    rows = statements.fetch_all(
        "unused_symbols",
        snapshot_id=snapshot.snapshot_id,
        from_no=from_no,
        to_no=min(from_no + MOST_EXAMINED - 1, last_no),
        last_no=last_no,
        page_size=size + 1,
        kinds=sorted(map(int, _USUAL if query.kind is None else {query.kind} - NEVER_TOLD)),
        flags_wanted=_flags_wanted(query),
        flags_unwanted=int(SymbolFlag.AMBIENT),
        known_as_used=sorted(used),
        private=int(SymbolFlag.PRIVATE),
        passing_on=[int(kind) for kind in _PASSING_ON],
        member_kinds=sorted(map(int, MEMBERS)),
        base_kinds=[int(kind) for kind in _BASES],
        exported=int(SymbolFlag.EXPORTED),
        as_values=[int(kind) for kind in _AS_VALUES],
    )
    found = [row["symbol_no"] for row in rows if row["symbol_no"] is not None]
    if len(found) > size:
        return found[:size], found[size]
    examined: int = rows[0]["last_no"]
    return found, None if examined >= last_no else examined + 1


def _flags_wanted(query: UnusedQuery) -> int:
    """What must be declared of a definition: only members are never exported by themselves."""
    of_members = query.kind in MEMBERS
    return int(SymbolFlag.EXPORTED) if query.exported_only and not of_members else 0


def _told(statements: Statements, snapshot: Snapshot, numbers: Sequence[int]) -> list[Unused]:
    if not numbers:
        return []
    here = {"snapshot_id": snapshot.snapshot_id, "symbol_nos": list(numbers)}
    rows = statements.fetch_all("symbols_by_number", **here)
    counts = {
        row["symbol_no"]: row
        for row in statements.fetch_all(
            "uses_of_the_unused",
            **here,
            **{kind.name.lower(): int(kind) for kind in _PASSING_ON},
        )
    }
    imported = {
        row["file_no"]
        for row in statements.fetch_all(
            "files_that_are_imported",
            snapshot_id=snapshot.snapshot_id,
            file_nos=sorted({row["file_no"] for row in rows}),
        )
    }
    values = _values(statements, snapshot, rows)
    return [
        _unused(Symbol.from_row(row, snapshot), counts.get(row["symbol_no"]), imported)
        for row in rows
        if row["symbol_no"] not in values
    ]


def _values(statements: Statements, snapshot: Snapshot, rows: Sequence[Row]) -> set[int]:
    """Functions and classes that are used where they stand, and named for themselves only.

    Those whose texts are not stored count as declarations.
    """
    asked = [
        row
        for row in rows
        if row["kind"] in _EXPRESSIONS and not row["flags"] & SymbolFlag.EXPORTED
    ]
    numbers = sorted({row["file_no"] for row in asked})
    if not numbers:
        return set()
    texts = {
        row["file_no"]: ExportText(row["content"])
        for row in statements.fetch_all(
            "texts_to_search",
            snapshot_ids=[snapshot.snapshot_id] * len(numbers),
            file_nos=numbers,
            most_bytes=_MOST_BYTES,
        )
        if row["content"] is not None
    }
    return {
        row["symbol_no"]
        for row in asked
        if row["file_no"] in texts
        and texts[row["file_no"]].is_expression(row["start_line"], row["start_column"])
    }


def _unused(symbol: Symbol, counts: Row | None, imported: Collection[int]) -> Unused:
    return Unused(
        symbol=symbol,
        imports=counts["imports"] if counts else 0,
        exports=counts["exports"] if counts else 0,
        own_uses=counts["own_uses"] if counts else 0,
        file_is_imported=symbol.file_no in imported,
    )
