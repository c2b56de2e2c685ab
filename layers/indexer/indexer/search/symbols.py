"""Where things are defined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import (
    CursorInvalid,
    Page,
    integer,
    page_of,
    page_size,
    read_cursor,
    text,
    write_cursor,
)
from indexer.errors import Refused
from indexer.parsing.facts import SymbolFlag, SymbolKind
from indexer.search.files import LARGEST_NUMBER, numbers_below
from indexer.search.ranges import TextRange, exactly, starting_with
from indexer.search.repositories import (
    AS_OF,
    AsOf,
    CursorExpired,
    Snapshot,
    snapshot_of,
    snapshots_of_all,
)
from indexer.search.symbol_names import readings

_NAMED, _ANYWHERE, _IN_ORDER = "symbols-named", "symbols-by-name", "symbols"
_NUMBER = r"(0|[1-9][0-9]{0,9})"
_SYMBOL_ID = re.compile(f"{_NUMBER}-{_NUMBER}", re.ASCII)
_NAMED_PLACE = (text, integer, integer)


class _Names(NamedTuple):
    """A range of names, of members of what has the name `container` where that is given."""

    range: TextRange
    container: str | None = None


class _Named(NamedTuple):
    """A place in a list by name."""

    name: str
    snapshot_id: int
    symbol_no: int


class SymbolNotFound(Refused):
    """There is no such symbol in a snapshot that is kept, or it is another tenant's."""

    code = "symbol_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no symbol with this id; ids end with the snapshot they are of.")


class FilterMissing(Refused):
    """The question would list every symbol of every repository."""

    code = "filter_missing"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("Name at least one of name, prefix and repository.")


class FiltersContradict(Refused):
    """A name and a prefix were both given."""

    code = "filters_contradict"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("Name either name or prefix, not both.")


class SymbolId(NamedTuple):
    """A symbol's public id: the number of its snapshot and its number in it."""

    snapshot_id: int
    symbol_no: int

    @classmethod
    def parse(cls, written: str) -> SymbolId:
        """The id that `written` is, to the letter.

        Raises:
            SymbolNotFound: it is none.
        """
        found = _SYMBOL_ID.fullmatch(written)
        if found is None or max(numbers := (int(found[1]), int(found[2]))) > LARGEST_NUMBER:
            raise SymbolNotFound
        return cls(*numbers)

    def __str__(self) -> str:
        return f"{self.snapshot_id}-{self.symbol_no}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolName:
    """A symbol as it is mentioned beside another: its id, name and kind."""

    id: SymbolId
    name: str
    kind: SymbolKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition. Lines count from 1, columns from 0 in UTF-16 code units, ends are exclusive."""

    id: SymbolId
    snapshot: Snapshot
    name: str
    kind: SymbolKind
    flags: SymbolFlag
    container: SymbolName | None
    path: str
    file_no: int
    line: int
    column: int
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    signature: str | None
    documentation: str | None

    @classmethod
    def from_row(cls, row: Row, snapshot: Snapshot) -> Symbol:
        """A symbol from a row of `symbols` with its file's path and its container's name."""
        return cls(
            id=SymbolId(row["snapshot_id"], row["symbol_no"]),
            snapshot=snapshot,
            name=row["name"],
            kind=SymbolKind(row["kind"]),
            flags=SymbolFlag(row["flags"]),
            container=mentioned(row, "container"),
            path=row["path"],
            file_no=row["file_no"],
            line=row["line"],
            column=row["column_no"],
            start_line=row["start_line"],
            start_column=row["start_column"],
            end_line=row["end_line"],
            end_column=row["end_column"],
            signature=row["signature"],
            documentation=row["documentation"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A place that a name means: that of `symbol`, or a line of a file where it is none.

    Locals and parameters are no symbols, and neither is a module, which is line 1 of its file.
    `snapshot` is that of the name, or one of another repository that offers what is imported.
    """

    snapshot: Snapshot
    path: str
    line: int
    symbol: Symbol | None

    @classmethod
    def of(cls, symbol: Symbol) -> Definition:
        """The place of a symbol."""
        return cls(snapshot=symbol.snapshot, path=symbol.path, line=symbol.line, symbol=symbol)


class Declarations(StrEnum):
    """Which symbols are listed of what is declared several times.

    Overloads, the accessors of a property and declarations that merge declare one thing; uses lead
    to the first of them.
    """

    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolQuery:
    """Which symbols are wanted; all that is given must hold.

    `name` is a whole one, or `Container.member`; `path` is the beginning of a path. `declarations`
    counts where a name or a prefix is given.
    """

    name: str | None = None
    prefix: str | None = None
    kind: SymbolKind | None = None
    path: str | None = None
    repository: str | None = None
    ref: str | None = None
    declarations: Declarations = Declarations.ALL


def mentioned(row: Row, role: str) -> SymbolName | None:
    """The symbol that stands in a row as `<role>_no`, `_name` and `_kind`; None: there is none."""
    if row[f"{role}_name"] is None:
        return None
    return SymbolName(
        id=SymbolId(row["snapshot_id"], row[f"{role}_no"]),
        name=row[f"{role}_name"],
        kind=SymbolKind(row[f"{role}_kind"]),
    )


def get(database: Database, symbol_id: str, *, tenant_id: UUID) -> Symbol:
    """The symbol with this public id.

    Raises:
        SymbolNotFound: the tenant has no such symbol, or the text is no such id.
        DatabaseError: the database did not answer.
    """
    wanted = SymbolId.parse(symbol_id)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        return by_id(statements, wanted)


def by_id(statements: Statements, wanted: SymbolId, *, at: int | None = None) -> Symbol:
    """The symbol with this id, in a current snapshot or one that was replaced a while ago.

    With `at`, the number of the snapshot that a cursor is of, for a further page about the symbol.

    Raises:
        SymbolNotFound, or with `at` CursorExpired: no snapshot of the tenant that is kept has it.
        CursorInvalid: the snapshot `at` is not that of the symbol.
    """
    row = statements.fetch_one(
        "symbol_by_number", snapshot_id=wanted.snapshot_id, symbol_no=wanted.symbol_no
    )
    if row is None:
        raise SymbolNotFound if at is None else CursorExpired
    if at not in {None, wanted.snapshot_id}:
        raise CursorInvalid
    return Symbol.from_row(row, Snapshot.from_row(row))


def first_declaration(statements: Statements, symbol: Symbol) -> Symbol:
    """The symbol that all uses of this one lead to: the first that declares the same thing."""
    row = statements.fetch_one(
        "first_declaration", snapshot_id=symbol.id.snapshot_id, symbol_no=symbol.id.symbol_no
    )
    if row is None or row["symbol_no"] == symbol.id.symbol_no:
        return symbol
    return by_id(statements, SymbolId(symbol.id.snapshot_id, row["symbol_no"]))


def find(
    database: Database,
    query: SymbolQuery,
    *,
    tenant_id: UUID,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Symbol]:
    """Symbols of the tenant's current snapshots, at most `limit` (1 to 100, else 50) of them.

    With a name or a prefix in the order of names, otherwise in that of files and source. A further
    page is of the snapshots that the first one was of.

    Raises:
        FilterMissing, FiltersContradict: the question is none.
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: its repository cannot answer.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: a snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    if query.name is not None and query.prefix is not None:
        raise FiltersContradict
    size = page_size(limit)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        if query.name is not None:
            names = [_Names(exactly(one.name), one.container) for one in readings(query.name)]
            return _by_name(statements, query, names, cursor, size)
        if query.prefix is not None:
            names = [_Names(starting_with(query.prefix))]
            return _by_name(statements, query, names, cursor, size)
        return _in_order(statements, query, cursor, size)


def _by_name(
    statements: Statements,
    query: SymbolQuery,
    names: Sequence[_Names],
    cursor: str | None,
    size: int,
) -> Page[Symbol]:
    if query.repository is None:
        return _named_anywhere(statements, query, names, cursor, size)
    after = None if cursor is None else _Named(*read_cursor(cursor, _NAMED, *_NAMED_PLACE))
    snapshot = snapshot_of(
        statements, query.repository, ref=query.ref, at=None if after is None else after.snapshot_id
    )
    found = _named(statements, query, names, snapshots=[snapshot], after=after, size=size)
    return page_of(found, size=size, cursor=lambda one: write_cursor(_NAMED, one.name, *one.id))


def _named_anywhere(
    statements: Statements,
    query: SymbolQuery,
    names: Sequence[_Names],
    cursor: str | None,
    size: int,
) -> Page[Symbol]:
    as_of, after = None, None
    if cursor is not None:
        publication, digest, *place = read_cursor(cursor, _ANYWHERE, *AS_OF, *_NAMED_PLACE)
        as_of, after = AsOf(publication, digest), _Named(*place)
    snapshots, seen = snapshots_of_all(statements, ref=query.ref, as_of=as_of)
    found = _named(statements, query, names, snapshots=snapshots, after=after, size=size)
    return page_of(
        found, size=size, cursor=lambda one: write_cursor(_ANYWHERE, *seen, one.name, *one.id)
    )


def _named(
    statements: Statements,
    query: SymbolQuery,
    names: Sequence[_Names],
    *,
    snapshots: Sequence[Snapshot],
    after: _Named | None,
    size: int,
) -> list[Symbol]:
    """At most one more than `size`, in the order of names, snapshots and numbers."""
    numbered = {one.snapshot_id: one for one in snapshots}
    paths = None if query.path is None else starting_with(query.path)
    rows = [
        row
        for wanted in names
        for row in statements.fetch_all(
            "symbols_by_name",
            snapshot_ids=list(numbered),
            name_from=wanted.range.start if after is None else max(wanted.range.start, after.name),
            name_below=wanted.range.below,
            container=wanted.container,
            kind=None if query.kind is None else int(query.kind),
            first_only=query.declarations is Declarations.FIRST,
            path_from=None if paths is None else paths.start,
            path_below=None if paths is None else paths.below,
            after_name=None if after is None else after.name,
            after_snapshot=None if after is None else after.snapshot_id,
            after_symbol=None if after is None else after.symbol_no,
            page_size=size + 1,
        )
    ]
    rows.sort(key=lambda row: (row["name"], row["snapshot_id"], row["symbol_no"]))
    return [Symbol.from_row(row, numbered[row["snapshot_id"]]) for row in rows[: size + 1]]


def _in_order(
    statements: Statements, query: SymbolQuery, cursor: str | None, size: int
) -> Page[Symbol]:
    if query.repository is None:
        raise FilterMissing
    at, after_file, after_symbol = (
        (None, None, None)
        if cursor is None
        else read_cursor(cursor, _IN_ORDER, integer, integer, integer)
    )
    snapshot = snapshot_of(statements, query.repository, ref=query.ref, at=at)
    first_file, last_file = numbers_below(statements, snapshot, query.path)
    rows = statements.fetch_all(
        "symbols_in_order",
        snapshot_id=snapshot.snapshot_id,
        kind=None if query.kind is None else int(query.kind),
        first_file=first_file if after_file is None else max(first_file, after_file),
        last_file=last_file,
        after_file=after_file,
        after_symbol=after_symbol,
        page_size=size + 1,
    )
    return page_of(
        [Symbol.from_row(row, snapshot) for row in rows],
        size=size,
        cursor=lambda one: write_cursor(
            _IN_ORDER, snapshot.snapshot_id, one.file_no, one.id.symbol_no
        ),
    )
