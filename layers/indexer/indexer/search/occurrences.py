"""What stands in lines of a file: every name that the index knows there, and where it leads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.parsing.facts import ReferenceKind, SymbolKind
from indexer.resolution.rows import Resolution
from indexer.search import across
from indexer.search.definitions import QUOTES, width_of
from indexer.search.files import FileNotFound
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import SymbolId
from indexer.search.texts import LineRange, LinesBeyondEnd

MOST_OCCURRENCES: Final = 3_000
"""In one answer."""

MOST_LINES: Final = 2_000
"""That one answer is about: so many are read."""

MOST_BYTES: Final = 600_000
"""Of one answer, about: names and paths may be long."""

_BYTES_EACH: Final = 190


class OccurrenceRole(StrEnum):
    """What an occurrence is."""

    DEFINITION = "definition"
    REFERENCE = "reference"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A name at a place. Lines count from 1, columns from 0 in UTF-16 code units, ends exclusive.

    `kind` is what was declared, or what the use does; None: it is a module specifier. `resolution`
    says how sure the target is, or why there is none; None: a definition, or a specifier. A target
    is a path and a line. `meanings` is how many things it may mean; the likeliest is told.
    `elsewhere`: another repository offers the module that it is imported from, and may define it.
    """

    line: int
    column: int
    end_column: int
    role: OccurrenceRole
    kind: SymbolKind | ReferenceKind | None
    name: str
    symbol: SymbolId | None
    resolution: Resolution | None
    target: tuple[str, int] | None
    meanings: int
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrences:
    """The occurrences in lines of a file, complete up to and with `end_line`.

    `next_line` is where to go on, None: these are all. With `truncated`, the only line has more
    than one answer holds, and the first of them are told.
    """

    snapshot: Snapshot
    path: str
    start_line: int
    end_line: int
    occurrences: Sequence[Occurrence]
    truncated: bool
    next_line: int | None


def in_lines(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    ref: str | None = None,
    lines: str | None = None,
) -> Occurrences:
    """What stands in the lines of a file that `lines` names (`10`, `10-20`, `10-`), in order.

    Raises:
        LinesInvalid, LinesBeyondEnd: the lines are none, or none of this file.
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file.
        DatabaseError: the database did not answer.
    """
    wanted = LineRange() if lines is None else LineRange.parse(lines)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        file = statements.fetch_one(
            "file_with_line_count", snapshot_id=snapshot.snapshot_id, path=path
        )
        if file is None:
            raise FileNotFound
        # What has no text has no line, and nothing stands in it.
        line_count = max(file["line_count"], 1)
        if wanted.first > line_count:
            raise LinesBeyondEnd(line_count)
        last = line_count if wanted.last is None else min(wanted.last, line_count)
        told = min(last, wanted.first + MOST_LINES - 1)
        read = _Lines(statements, snapshot, file["file_no"], path, wanted.first, told)
        found = sorted(read.all(), key=attrgetter("line", "column", "role"))
    shown, end_line, truncated = _bounded(found, first=wanted.first, last=read.complete_to)
    return Occurrences(
        snapshot=snapshot,
        path=path,
        start_line=wanted.first,
        end_line=end_line,
        occurrences=shown,
        truncated=truncated,
        next_line=None if end_line >= last else end_line + 1,
    )


def _bounded(
    found: Sequence[Occurrence], *, first: int, last: int
) -> tuple[list[Occurrence], int, bool]:
    """As many whole lines as one answer holds, the last of them, and whether it is a part of one.

    `last` before `first`: not even the first line was read as a whole.
    """
    shown: list[Occurrence] = []
    room = MOST_BYTES
    for line, here in groupby(found, key=attrgetter("line")):
        entries = list(here)
        room -= sum(map(_bytes_of, entries))
        if line > last or len(shown) + len(entries) > MOST_OCCURRENCES or room < 0:
            if line > first:
                return shown, line - 1, False
            return list(_that_fit(entries)), first, True
        shown += entries
    return shown, max(first, last), last < first


def _that_fit(entries: Sequence[Occurrence]) -> Iterator[Occurrence]:
    room = MOST_BYTES
    for one in entries[:MOST_OCCURRENCES]:
        room -= _bytes_of(one)
        if room < 0:
            return
        yield one


def _bytes_of(one: Occurrence) -> int:
    texts = (one.name,) if one.target is None else (one.name, one.target[0])
    return _BYTES_EACH + sum(len(json.dumps(text)) for text in texts)


class _Lines:
    """Reads what stands in lines of a file. `complete_to` is the last that was read as a whole."""

    def __init__(  # noqa: PLR0917 - the place of the lines, from the outside in
        self,
        statements: Statements,
        snapshot: Snapshot,
        file_no: int,
        path: str,
        first: int,
        last: int,
    ) -> None:
        self._statements, self._snapshot, self._path = statements, snapshot, path
        self._file_no, self._first, self._last = file_no, first, last
        self.complete_to = last
        self._modules: dict[int, tuple[str, str]] = {}
        self._offered: set[tuple[str, str]] = set()

    def all(self) -> list[Occurrence]:
        """Everything, in no order, one for each place and role."""
        definitions = self._rows("definitions_in_lines")
        uses, imports = self._rows("uses_in_lines"), self._rows("imports_in_lines")
        symbols = self._places({row["symbol_no"] for row in uses})
        paths = self._paths(
            {row["target_file_no"] for row in (*uses, *imports)}
            | {file_no for file_no, _ in symbols.values()}
        )
        self._find_offered(uses, imports)
        return [
            *(self._definition(rows) for rows in _by_place(definitions)),
            *(self._use(rows, symbols, paths) for rows in _by_place(uses)),
            *(self._import(rows, paths) for rows in _by_place(imports)),
        ]

    def _rows(self, query: str) -> list[Row]:
        rows = self._statements.fetch_all(
            query,
            snapshot_id=self._snapshot.snapshot_id,
            file_no=self._file_no,
            first_line=self._first,
            last_line=self._last,
            most=MOST_OCCURRENCES + 1,
        )
        if len(rows) > MOST_OCCURRENCES:
            self.complete_to = min(self.complete_to, rows[-1]["line"] - 1)
        return rows

    def _places(self, wanted: set[int | None]) -> dict[int, tuple[int, int]]:
        """The file and the line of each of these symbols."""
        numbers = sorted(one for one in wanted if one is not None)
        if not numbers:
            return {}
        found = self._statements.fetch_all(
            "places_of_symbols", snapshot_id=self._snapshot.snapshot_id, symbol_nos=numbers
        )
        return {row["symbol_no"]: (row["file_no"], row["line"]) for row in found}

    def _paths(self, wanted: set[int | None]) -> dict[int, str]:
        numbers = sorted(one for one in wanted if one is not None)
        if not numbers:
            return {}
        found = self._statements.fetch_all(
            "paths_of_files", snapshot_id=self._snapshot.snapshot_id, file_nos=numbers
        )
        return {row["file_no"]: row["path"] for row in found}

    def _find_offered(self, uses: Sequence[Row], imports: Sequence[Row]) -> None:
        taken = across.imported_by(self._statements, self._snapshot, uses)
        self._modules = {number: (one.package, one.subpath) for number, one in taken.items()}
        asked = [module for row in imports if (module := across.module_asked(row)) is not None]
        self._offered = across.offered(self._statements, (*self._modules.values(), *asked))

    def _definition(self, rows: Sequence[Row]) -> Occurrence:
        row = rows[0]
        return Occurrence(
            line=row["line"],
            column=row["column_no"],
            end_column=row["column_no"] + width_of(row["name"]),
            role=OccurrenceRole.DEFINITION,
            kind=SymbolKind(row["kind"]),
            name=row["name"],
            symbol=SymbolId(self._snapshot.snapshot_id, row["symbol_no"]),
            resolution=None,
            target=(self._path, row["line"]),
            meanings=len(rows),
        )

    def _use(
        self, rows: Sequence[Row], symbols: dict[int, tuple[int, int]], paths: dict[int, str]
    ) -> Occurrence:
        row, number = rows[0], rows[0]["symbol_no"]
        # A use that leads to a symbol has no place of its own.
        file_no, line = symbols.get(number, (row["target_file_no"], row["target_line"]))
        path = paths.get(file_no)
        return Occurrence(
            line=row["line"],
            column=row["column_no"],
            end_column=row["column_no"] + width_of(row["name"]),
            role=OccurrenceRole.REFERENCE,
            kind=ReferenceKind(row["kind"]),
            name=row["name"],
            symbol=None if number is None else SymbolId(self._snapshot.snapshot_id, number),
            resolution=Resolution(row["resolution"]),
            target=None if path is None else (path, line),
            meanings=len({(one["symbol_no"], one["target_line"]) for one in rows}),
            elsewhere=any(self._modules.get(one["imported_no"]) in self._offered for one in rows),
        )

    def _import(self, rows: Sequence[Row], paths: dict[int, str]) -> Occurrence:
        row = rows[0]
        path = paths.get(row["target_file_no"])
        return Occurrence(
            line=row["line"],
            column=row["column_no"],
            end_column=row["column_no"] + width_of(row["specifier"]) + QUOTES,
            role=OccurrenceRole.IMPORT,
            kind=None,
            name=row["specifier"],
            symbol=None,
            resolution=None,
            target=None if path is None else (path, 1),
            meanings=len(rows),
            elsewhere=across.module_asked(row) in self._offered,
        )


def _by_place(rows: Sequence[Row]) -> Iterator[list[Row]]:
    for _, here in groupby(rows, key=lambda row: (row["line"], row["column_no"])):
        yield list(here)
