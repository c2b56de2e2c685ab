"""Which files and definitions a change affects, and by which way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.parsing.facts import SymbolKind
from indexer.postings.groups import FileGroups, Group, group_of
from indexer.search.changes import Change, Changed, ChangeMissing, ChangeNotFound, shortened
from indexer.search.import_cycles import Imports
from indexer.search.reach import Kind, Link, Node, Reach
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import SymbolId, SymbolName

DEEPEST: Final = 10
MOST_TOLD: Final = 1_000
"""So many affected files are told at the most, and so many definitions."""
MOST_BYTES: Final = 320 * 1024
"""What the ways to files may hold in bytes, and what those to definitions may."""

# What a step holds beside its path and name.
_BYTES_OF_A_STEP: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A file or a definition on a way, and by which `link` it follows on the step before.

    `line` of `path` is where it imports or uses that; None: it is the change, or made of the part.
    """

    path: str
    symbol: SymbolName | None
    line: int | None
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedFile:
    """A file, the number of steps to it, and a shortest way; `test`: its path is that of a test."""

    path: str
    depth: int
    test: bool
    way: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedSymbol:
    """A definition, the number of steps to it, and a shortest way from the change to it."""

    symbol: SymbolName
    path: str
    line: int
    depth: int
    test: bool
    way: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a change affects, the nearest first; what is changed itself stands at depth 0.

    The totals count all that was reached, tests or not. `truncated`: there was more to follow or
    to tell. `unknown` is what was named and passed over.
    """

    snapshot: Snapshot
    total_files: int
    total_tests: int
    total_symbols: int
    truncated: bool
    unknown: Sequence[str]
    files: Sequence[AffectedFile]
    symbols: Sequence[AffectedSymbol]


def of_change(
    database: Database,
    change: Change,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    depth: int = 3,
    imports: Imports = Imports.ALL,
    tests_only: bool = False,
    skip_unknown: bool = False,
    limit: int = 200,
) -> Impact:
    """Follow a change `depth` (1 to 10) steps far; of files and definitions `limit` are told.

    From files by their importers; from symbols by the definitions that use them, and where a use
    stands outside of every definition by its file and the importers of that. With `tests_only` only
    what lies in tests is told. With `skip_unknown` what is not indexed is passed over.

    Raises:
        ChangeMissing, ChangeNotFound, ChangeAmbiguous: it cannot be told what is changed.
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        DatabaseError: the database did not answer.
    """
    if not change.files and not change.symbols:
        raise ChangeMissing
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        changed = Changed(statements, snapshot)
        files, symbols = changed.files(change.files), changed.symbols(change.symbols)
        if changed.missing and not skip_unknown:
            raise ChangeNotFound(changed.missing)
        reach = Reach(
            statements, snapshot.snapshot_id, depth=min(max(depth, 1), DEEPEST), imports=imports
        )
        reach.walk(files, symbols)
        telling = _Telling(statements, snapshot, reach, imports)
        telling.choose(most=min(max(limit, 1), MOST_TOLD), tests_only=tests_only)
        return telling.answer([shortened(one.named) for one in changed.missing])


class _Telling:
    """The answer from what was reached. Names, paths and lines are read of what is told alone."""

    def __init__(
        self, statements: Statements, snapshot: Snapshot, reach: Reach, imports: Imports
    ) -> None:
        self._statements, self._snapshot = statements, snapshot
        self._reach, self._imports = reach, imports
        self._files, self._nearest = reach.nearest_of_files()
        self._tests = self._those_of_tests(sorted(self._files))
        self._chosen_files: Sequence[int] = ()
        self._chosen_symbols: Sequence[int] = ()
        self._left_out = False
        self._rows: dict[int, Row] = {}
        self._paths: dict[int, str] = {}
        self._lines: dict[tuple[int, int], int] = {}

    def choose(self, *, most: int, tests_only: bool) -> None:
        """Choose what is told, the nearest first, and read what there is to tell of it."""
        symbols, home = self._reach.distances[Kind.SYMBOL], self._reach.home
        files = [one for one in self._files if not tests_only or one in self._tests]
        shown = [
            one
            for one in symbols
            if one not in self._reach.changed_parts and (not tests_only or home[one] in self._tests)
        ]
        files.sort(key=lambda one: (self._files[one], one))
        shown.sort(key=lambda one: (symbols[one], one))
        self._left_out = len(files) > most or len(shown) > most
        self._chosen_files, self._chosen_symbols = files[:most], shown[:most]
        ends = [
            *map(self._end_in, self._chosen_files),
            *(Node(Kind.SYMBOL, one) for one in self._chosen_symbols),
        ]
        self._read({node for end in ends for node in self._reach.way_to(end)})

    def answer(self, unknown: Sequence[str]) -> Impact:
        """All that is told, as far as an answer holds it."""
        files, more_files = _within_bounds(map(self._file, self._chosen_files))
        symbols, more_symbols = _within_bounds(map(self._symbol, self._chosen_symbols))
        return Impact(
            snapshot=self._snapshot,
            total_files=len(self._files),
            total_tests=len(self._tests),
            total_symbols=len(self._reach.distances[Kind.SYMBOL]) - len(self._reach.changed_parts),
            truncated=self._reach.cut or self._left_out or more_files or more_symbols,
            unknown=unknown,
            files=files,
            symbols=symbols,
        )

    def _file(self, file_no: int) -> AffectedFile:
        return AffectedFile(
            path=self._paths[file_no],
            depth=self._files[file_no],
            test=file_no in self._tests,
            way=self._way(self._end_in(file_no)),
        )

    def _symbol(self, symbol_no: int) -> AffectedSymbol:
        row, end = self._rows[symbol_no], Node(Kind.SYMBOL, symbol_no)
        return AffectedSymbol(
            symbol=self._name(row),
            path=self._paths[row["file_no"]],
            line=row["line"],
            depth=self._reach.distance(end),
            test=row["file_no"] in self._tests,
            way=self._way(end),
        )

    def _end_in(self, file_no: int) -> Node:
        return self._nearest.get(file_no, Node(Kind.FILE, file_no))

    def _way(self, end: Node) -> Sequence[Step]:
        return [self._step(one) for one in self._reach.way_to(end)]

    def _step(self, node: Node) -> Step:
        arrival = self._reach.arrival(node)
        row = self._rows[node.number] if node.kind is Kind.SYMBOL else None
        line = arrival.line
        if arrival.link is Link.IMPORT and arrival.before is not None:
            line = self._lines.get((node.number, arrival.before.number))
        return Step(
            path=self._paths[self._reach.file_of(node)],
            symbol=None if row is None else self._name(row),
            line=line,
            link=arrival.link,
        )

    def _name(self, row: Row) -> SymbolName:
        return SymbolName(
            id=SymbolId(self._snapshot.snapshot_id, row["symbol_no"]),
            name=row["name"],
            kind=SymbolKind(row["kind"]),
        )

    def _read(self, nodes: set[Node]) -> None:
        symbols = sorted(one.number for one in nodes if one.kind is Kind.SYMBOL)
        if symbols:
            rows = self._fetch("places_of_symbols", symbol_nos=symbols)
            self._rows = {row["symbol_no"]: row for row in rows}
        self._read_paths(sorted({self._reach.file_of(one) for one in nodes}))
        pairs = [
            (one.number, arrival.before.number)
            for one in sorted(nodes)
            if (arrival := self._reach.arrival(one)).link is Link.IMPORT and arrival.before
        ]
        if pairs:
            rows = self._fetch(
                "lines_of_imports",
                file_nos=[one for one, _ in pairs],
                to_file_nos=[one for _, one in pairs],
                kinds_left_out=self._imports.left_out,
            )
            self._lines = {(row["file_no"], row["to_file_no"]): row["line"] for row in rows}

    def _read_paths(self, files: Sequence[int]) -> None:
        missing = [one for one in files if one not in self._paths]
        if missing:
            rows = self._fetch("paths_of_files", file_nos=missing)
            self._paths |= {row["file_no"]: row["path"] for row in rows}

    def _those_of_tests(self, files: Sequence[int]) -> set[int]:
        rows = self._statements.fetch_all(
            "groups_of_files", snapshot_ids=[self._snapshot.snapshot_id]
        )
        for row in rows:
            groups = FileGroups.unpacked(bytes(row["file_groups"]))
            tests = groups.groups[Group.TEST].to_bytes(groups.file_count // 8 + 1, "little")
            return {one for one in files if tests[one >> 3] >> (one & 7) & 1}
        # It was indexed before files were grouped.
        self._read_paths(files)
        return {one for one in files if group_of(self._paths[one]) is Group.TEST}

    def _fetch(self, name: str, **parameters: object) -> list[Row]:
        return self._statements.fetch_all(
            name, snapshot_id=self._snapshot.snapshot_id, **parameters
        )


_Told = TypeVar("_Told", AffectedFile, AffectedSymbol)


def _within_bounds(told: Iterable[_Told]) -> tuple[Sequence[_Told], bool]:
    """As many as an answer holds, and whether there are more."""
    found: list[_Told] = []
    held = 0
    for one in told:
        held += sum(map(_bytes_of, one.way)) + _BYTES_OF_A_STEP + len(one.path.encode())
        if held > MOST_BYTES:
            return found, True
        found.append(one)
    return found, False


def _bytes_of(step: Step) -> int:
    name = "" if step.symbol is None else step.symbol.name
    return _BYTES_OF_A_STEP + len(json.dumps(step.path)) + len(json.dumps(name))
