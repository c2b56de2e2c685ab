"""Where the name at a place of a file is defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Final
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import how_many_fit
from indexer.errors import Refused
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.places import WHOLE_MODULE, ImportedName
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search import across
from indexer.search.files import number_of
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import Definition, Symbol

LAST_COLUMN: Final = 32_767
"""What stands further on in a line is stored as standing here."""

MOST_DEFINITIONS: Final = 100
"""Of one place: a name that is written once may be used as a type and a value, and as many things
as a union has members."""

# Each name that is looked for in other repositories takes statements of its own.
_MOST_ELSEWHERE: Final = 10
QUOTES: Final = 2
"""Around a module specifier."""


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
class NameAt:
    """The name at a place, and what it means.

    `kind` is what the use does; None: it is the definition itself, or a module specifier.
    `resolution` says how sure `definitions` are, or why there are none; of a module specifier that
    leads to no file `unresolved` does. What is of a package outside may still be defined in other
    repositories: `definitions` are then those. `truncated`: it may mean more than is told.
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
    truncated: bool


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
        return name_at(statements, snapshot, path=path, line=line, column=column)


def name_at(
    statements: Statements, snapshot: Snapshot, *, path: str, line: int, column: int
) -> NameAt:
    """As `at`, of a snapshot that is known already.

    Raises:
        FileNotFound: it has no such file.
        NameNotFound: no name that leads anywhere stands there.
    """
    place = _Place(statements, snapshot, number_of(statements, snapshot, path), path, line, column)
    # What a name is used for comes before what it names: in `{ total }` both are there. Where it
    # leads nowhere, as in a pattern that takes apart what is not known, it still names something.
    used = place.used()
    if used is not None and used.definitions:
        return used
    found = place.defined() or place.imported() or used
    if found is None:
        raise NameNotFound
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    statements: Statements
    snapshot: Snapshot
    file_no: int
    path: str
    line: int
    column: int

    def used(self) -> NameAt | None:
        rows = self._over("uses_at", lambda row: width_of(row["name"]))
        if not rows:
            return None
        first = rows[0]
        return self._found(
            first,
            first["name"],
            width=width_of(first["name"]),
            kind=ReferenceKind(first["kind"]),
            resolution=Resolution(first["resolution"]),
            definitions=self._definitions(rows),
        )

    def defined(self) -> NameAt | None:
        rows = self._over("symbols_at", lambda row: width_of(row["name"]))
        if not rows:
            return None
        symbols = self._symbols(row["symbol_no"] for row in rows)
        return self._found(
            rows[0],
            rows[0]["name"],
            width=width_of(rows[0]["name"]),
            resolution=Resolution.EXACT,
            definitions=[Definition.of(one) for one in symbols.values()],
        )

    def imported(self) -> NameAt | None:
        rows = self._over("imports_at", lambda row: width_of(row["specifier"]) + QUOTES)
        if not rows:
            return None
        first, reason = rows[0], rows[0]["reason"]
        paths = dict.fromkeys(row["target_path"] for row in rows if row["target_path"] is not None)
        definitions = [self._line(path, 1) for path in paths]
        if (module := across.module_asked(first)) is not None:
            definitions = self._elsewhere([ImportedName(*module, WHOLE_MODULE)])
        return self._found(
            first,
            first["specifier"],
            width=width_of(first["specifier"]) + QUOTES,
            unresolved=None if reason is None else Unresolved(reason),
            definitions=definitions,
        )

    def _over(self, query: str, width: Callable[[Row], int]) -> list[Row]:
        """The rows whose names lie over the column, or else those that end there."""
        rows = self.statements.fetch_all(
            query,
            snapshot_id=self.snapshot.snapshot_id,
            file_no=self.file_no,
            line=self.line,
            column_no=min(self.column, LAST_COLUMN),
            most=MOST_DEFINITIONS + 1,
        )
        over = [row for row in rows if row["column_no"] + width(row) > self.column]
        over = over or [row for row in rows if row["column_no"] + width(row) == self.column]
        return [row for row in over if row["column_no"] == over[0]["column_no"]]

    def _definitions(self, rows: Sequence[Row]) -> list[Definition]:
        symbols = self._symbols(row["symbol_no"] for row in rows if row["symbol_no"] is not None)
        found = [
            Definition.of(symbols[row["symbol_no"]])
            if row["symbol_no"] in symbols
            else self._line(row["target_path"], row["target_line"])
            for row in rows
            if row["symbol_no"] in symbols or row["target_path"] is not None
        ]
        found += self._elsewhere(across.imported_by(self.statements, self.snapshot, rows).values())
        return list(dict.fromkeys(found))

    def _line(self, path: str, line: int) -> Definition:
        return Definition(snapshot=self.snapshot, path=path, line=line, symbol=None)

    def _elsewhere(self, wanted: Iterable[ImportedName]) -> list[Definition]:
        found = (
            one
            for name in islice(wanted, _MOST_ELSEWHERE)
            for one in across.exported_as(self.statements, name)
        )
        return list(islice(found, MOST_DEFINITIONS + 1))

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
        shown = definitions[: how_many_fit(definitions[:MOST_DEFINITIONS])]
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
            definitions=shown,
            truncated=len(shown) < len(definitions),
        )


def width_of(text: str) -> int:
    """How many UTF-16 code units it takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
