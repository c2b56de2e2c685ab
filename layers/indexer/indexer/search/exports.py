"""What a file exports: what it declares and lists, and what it passes on from other files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from indexer.database.connection import Database, Statements
from indexer.database.paging import (
    Page,
    how_many_of_each_fit,
    integer,
    page_of,
    page_size,
    read_cursor,
    text,
    write_cursor,
)
from indexer.parsing.facts import SymbolFlag
from indexer.resolution.packages import package_name, subpath_of
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search.export_tables import ExportTable
from indexer.search.exported_files import MOST_FILES, ExportedFiles, Origin
from indexer.search.files import FileNotFound, number_of
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import Symbol

MOST_SYMBOLS: Final = 10
"""Of one name: a type and a value may share it, and overloads do."""
MOST_OPEN_ENDS: Final = 100

_LIST = "exports"
# A folder means what a module specifier would, or else where sources usually lie.
_INDEXES: Final = tuple(
    f"{folder}index{ending}"
    for folder in ("", "src/")
    for ending in (".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A name that a file exports.

    `path`, `line` and `column` are where it gets the name; `via` are the files between the one that
    was asked for and that one, each passed on by `export *` of the one before. It means `symbols`,
    or else a line of a file (`target_path`, `target_line`; a module is line 1), or nothing that is
    indexed, and `resolution` says why. `ambiguous`: files passed on mean different things by it,
    and the language leaves it out.
    """

    name: str
    path: str
    line: int
    column: int
    via: Sequence[str]
    symbols: Sequence[Symbol]
    target_path: str | None
    target_line: int | None
    resolution: Resolution
    ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownExports:
    """What exports names that are not known; `specifier` is empty where it names no module."""

    path: str
    line: int
    column: int
    specifier: str
    package: str | None
    reason: Unresolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Exports:
    """A page of the names that a file exports, in their order; `total` counts them all.

    `unknown` are at most MOST_OPEN_ENDS, fewer where they are long. `truncated`: there was too much
    to look at it all.
    """

    snapshot: Snapshot
    path: str
    total: int
    truncated: bool
    unknown: Sequence[UnknownExports]
    page: Page[Export]


def of_path(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Exports:
    """What a file, a folder's index file or a package exports, by the path or the package's name.

    At most `limit` (1 to 100, else 50) names.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file, no folder with an index file, and no such package.
        TextNotStored: the names cannot be told without texts, which its commit has not.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, after = (None, None) if cursor is None else read_cursor(cursor, _LIST, integer, text)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        found, file_no = entry_of(statements, snapshot, path)
        table = ExportTable(ExportedFiles(statements, snapshot), file_no)
        names = sorted(name for name in table.names if after is None or name > after)
        shown = names[: size + 1]
        told = _Told(statements, snapshot, table, shown)
        named, unknown = [told.export(name) for name in shown], told.unknown()
        fitting, fitting_unknown = how_many_of_each_fit(named[:size], unknown)
        return Exports(
            snapshot=snapshot,
            path=found,
            total=len(table.names),
            truncated=table.truncated,
            unknown=unknown[:fitting_unknown],
            page=page_of(
                named,
                size=fitting,
                cursor=lambda one: write_cursor(_LIST, snapshot.snapshot_id, one.name),
            ),
        )


def entry_of(statements: Statements, snapshot: Snapshot, path: str) -> tuple[str, int]:
    """The path and the number of the file `path`, or of the index file of the folder `path`.

    Where there is neither, of the entry of the repository's package that a module specifier `path`
    leads to.

    Raises:
        FileNotFound: there is nothing of all that.
    """
    folder = "" if path in {".", "./"} else path.rstrip("/") + "/"
    for one in (path, *(folder + index for index in _INDEXES)):
        try:
            return one, number_of(statements, snapshot, one)
        except FileNotFound:
            continue
    package = package_name(path)
    entry = statements.fetch_one(
        "entry_of_package",
        snapshot_id=snapshot.snapshot_id,
        package=package,
        subpath=subpath_of(package, path),
    )
    if entry is None:
        raise FileNotFound
    return entry["path"], entry["file_no"]


def symbols_exported(statements: Statements, snapshot: Snapshot, paths: Iterable[str]) -> set[int]:
    """The numbers of all symbols that others get from some files, or index files of folders.

    Those of modules that they export as a whole (`export * as name`) are among them.

    Raises:
        FileNotFound: there is no such file.
        TextNotStored: the names cannot be told without texts, which its commit has not.
    """
    files = ExportedFiles(statements, snapshot)
    waiting = sorted({_number_of_entry(statements, snapshot, path) for path in paths})
    visited, numbers = set(waiting), set[int]()
    while waiting:
        files.read_behind(waiting)
        origins = [
            one
            for file_no in waiting
            for some in ExportTable(files, file_no).names.values()
            for one in some
        ]
        numbers.update(number for one in origins for number in one.symbols)
        modules = {
            one.target_file_no
            for one in origins
            if one.target_line == 1 and one.target_file_no is not None
        }
        waiting = sorted(modules - visited)[: MOST_FILES - len(visited)]
        visited.update(waiting)
    return numbers.union(*_twins(statements, snapshot, numbers).values())


def _number_of_entry(statements: Statements, snapshot: Snapshot, path: str) -> int:
    try:
        return entry_of(statements, snapshot, path)[1]
    except FileNotFound:
        raise FileNotFound(path) from None


class _Told:
    """What is told of some of the names, read at once."""

    def __init__(
        self,
        statements: Statements,
        snapshot: Snapshot,
        table: ExportTable,
        names: Sequence[str],
    ) -> None:
        self._table = table
        self._chosen: dict[str, Origin] = {name: table.names[name][0] for name in names}
        self._twins = _twins(
            statements,
            snapshot,
            {number for name in names for one in table.names[name] for number in one.symbols},
        )
        self._symbols = _symbols(
            statements,
            snapshot,
            {number for one in self._chosen.values() for number in self._numbers(one)},
        )
        self._unknown = table.open_ends[:MOST_OPEN_ENDS]
        files = {one.file_no for one in self._chosen.values()}
        files.update(one.file_no for one in self._unknown)
        self._paths = _paths(statements, snapshot, files.union(*(table.ways[one] for one in files)))

    def export(self, name: str) -> Export:
        """What is told of one name."""
        one = self._chosen[name]
        return Export(
            name=name,
            path=self._paths[one.file_no],
            line=one.line,
            column=one.column,
            via=[self._paths[number] for number in self._table.ways[one.file_no]],
            symbols=[self._symbols[number] for number in self._numbers(one)],
            target_path=one.target_path,
            target_line=one.target_line,
            resolution=one.resolution,
            ambiguous=len({self._meant(each) for each in self._table.names[name]}) > 1,
        )

    def unknown(self) -> list[UnknownExports]:
        """The modules of which it is not known what they export."""
        return [
            UnknownExports(
                path=self._paths[one.file_no],
                line=one.line,
                column=one.column,
                specifier=one.specifier,
                package=one.package,
                reason=one.reason,
            )
            for one in self._unknown
        ]

    def _numbers(self, one: Origin) -> list[int]:
        numbers = {twin for number in one.symbols for twin in self._twins.get(number, (number,))}
        return sorted(numbers)[:MOST_SYMBOLS]

    def _meant(self, one: Origin) -> tuple[object, ...]:
        return (*self._numbers(one), one.target_path, one.target_line)


def _twins(
    statements: Statements, snapshot: Snapshot, numbers: Iterable[int]
) -> Mapping[int, Sequence[int]]:
    wanted = sorted(numbers)
    if not wanted:
        return {}
    found: dict[int, list[int]] = {}
    for row in statements.fetch_all(
        "exported_twins",
        snapshot_id=snapshot.snapshot_id,
        symbol_nos=wanted,
        exported=int(SymbolFlag.EXPORTED),
    ):
        found.setdefault(row["symbol_no"], []).append(row["twin_no"])
    return found


def _symbols(
    statements: Statements, snapshot: Snapshot, numbers: Iterable[int]
) -> Mapping[int, Symbol]:
    wanted = sorted(numbers)
    if not wanted:
        return {}
    rows = statements.fetch_all(
        "symbols_by_number", snapshot_id=snapshot.snapshot_id, symbol_nos=wanted
    )
    return {row["symbol_no"]: Symbol.from_row(row, snapshot) for row in rows}


def _paths(statements: Statements, snapshot: Snapshot, numbers: Iterable[int]) -> Mapping[int, str]:
    wanted = sorted(numbers)
    if not wanted:
        return {}
    rows = statements.fetch_all("paths_of_files", snapshot_id=snapshot.snapshot_id, file_nos=wanted)
    return {row["file_no"]: row["path"] for row in rows}
