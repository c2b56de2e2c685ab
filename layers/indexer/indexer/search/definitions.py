"""Where the name at a place of a file is defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.errors import Refused
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search.files import number_of
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import Symbol

LAST_COLUMN: Final = 32_767
"""What stands further on in a line is stored as standing here."""

# Of one place: a name that is written once may be used as a type and a value, and as many things as
# a union has members.
_MOST: Final = 100
_QUOTES: Final = 2


class NameNotFound(Refused):
    """Nothing that was indexed has its name at this place."""

    code = "name_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(
            "No name that leads anywhere stands there. Lines count from 1, columns from 0 in "
            "UTF-16 code units."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A place that a name means: that of `symbol`, or a line of a file where it is none.

    Locals and parameters are no symbols, and neither is a module, which is line 1 of its file.
    """

    path: str
    line: int
    symbol: Symbol | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAt:
    """The name at a place, and what it means.

    `kind` is what the use does; None: it is the definition itself, or a module specifier.
    `resolution` says how sure `definitions` are, or why there are none; of a module specifier that
    leads to no file `unresolved` does.
    """

    snapshot: Snapshot
    path: str
    line: int
    name: str
    start_column: int
    end_column: int
    kind: ReferenceKind | None
    resolution: Resolution | None
    unresolved: Unresolved | None
    definitions: Sequence[Definition]


def at(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    line: int,
    column: int,
    ref: str | None = None,
) -> NameAt:
    """The name over which `column` of `line` lies, or that ends there, and its definitions.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file.
        NameNotFound: no name that leads anywhere stands there.
        DatabaseError: the database did not answer.
    """
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        place = _Place(
            statements, snapshot, number_of(statements, snapshot, path), path, line, column
        )
        # What a name is used for comes before what it names: in `{ total }` both are there.
        for found in (place.used(), place.defined(), place.imported()):
            if found is not None:
                return found
    raise NameNotFound


@dataclass(frozen=True, slots=True)
class _Place:
    statements: Statements
    snapshot: Snapshot
    file_no: int
    path: str
    line: int
    column: int

    def used(self) -> NameAt | None:
        rows = self._over("uses_at", lambda row: _width(row["name"]))
        if not rows:
            return None
        first = rows[0]
        return self._found(
            first,
            first["name"],
            width=_width(first["name"]),
            kind=ReferenceKind(first["kind"]),
            resolution=Resolution(first["resolution"]),
            definitions=self._definitions(rows),
        )

    def defined(self) -> NameAt | None:
        rows = self._over("symbols_at", lambda row: _width(row["name"]))
        if not rows:
            return None
        symbols = self._symbols(row["symbol_no"] for row in rows)
        return self._found(
            rows[0],
            rows[0]["name"],
            width=_width(rows[0]["name"]),
            resolution=Resolution.EXACT,
            definitions=[_definition_of(one) for one in symbols.values()],
        )

    def imported(self) -> NameAt | None:
        rows = self._over("imports_at", lambda row: _width(row["specifier"]) + _QUOTES)
        if not rows:
            return None
        first, reason = rows[0], rows[0]["reason"]
        paths = dict.fromkeys(row["target_path"] for row in rows if row["target_path"] is not None)
        return self._found(
            first,
            first["specifier"],
            width=_width(first["specifier"]) + _QUOTES,
            unresolved=None if reason is None else Unresolved(reason),
            definitions=[Definition(path=path, line=1, symbol=None) for path in paths],
        )

    def _over(self, query: str, width: Callable[[Row], int]) -> list[Row]:
        """The rows whose names lie over the column, or else those that end there."""
        rows = self.statements.fetch_all(
            query,
            snapshot_id=self.snapshot.snapshot_id,
            file_no=self.file_no,
            line=self.line,
            column_no=min(self.column, LAST_COLUMN),
            most=_MOST,
        )
        over = [row for row in rows if row["column_no"] + width(row) > self.column]
        over = over or [row for row in rows if row["column_no"] + width(row) == self.column]
        return [row for row in over if row["column_no"] == over[0]["column_no"]]

    def _definitions(self, rows: Sequence[Row]) -> list[Definition]:
        symbols = self._symbols(row["symbol_no"] for row in rows if row["symbol_no"] is not None)
        found = [
            _definition_of(symbols[row["symbol_no"]])
            if row["symbol_no"] in symbols
            else Definition(path=row["target_path"], line=row["target_line"], symbol=None)
            for row in rows
            if row["symbol_no"] in symbols or row["target_path"] is not None
        ]
        return list(dict.fromkeys(found))

    def _symbols(self, numbers: Iterable[int]) -> dict[int, Symbol]:
        wanted = list(dict.fromkeys(numbers))
        if not wanted:
            return {}
        rows = self.statements.fetch_all(
            "symbols_by_number", snapshot_id=self.snapshot.snapshot_id, symbol_nos=wanted
        )
        return {row["symbol_no"]: Symbol.from_row(row, self.snapshot) for row in rows}

    def _found(
        self,
        first: Row,
        name: str,
        *,
        width: int,
        definitions: Sequence[Definition],
        kind: ReferenceKind | None = None,
        resolution: Resolution | None = None,
        unresolved: Unresolved | None = None,
    ) -> NameAt:
        return NameAt(
            snapshot=self.snapshot,
            path=self.path,
            line=self.line,
            name=name,
            start_column=first["column_no"],
            end_column=first["column_no"] + width,
            kind=kind,
            resolution=resolution,
            unresolved=unresolved,
            definitions=definitions,
        )


def _definition_of(symbol: Symbol) -> Definition:
    return Definition(path=symbol.path, line=symbol.line, symbol=symbol)


def _width(text: str) -> int:
    """How many UTF-16 code units it takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
