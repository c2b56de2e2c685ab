"""Which names files export, worked out from the rows of the index and the texts of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from indexer.database.connection import Row, Statements
from indexer.parsing.endings import Language, language_of
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind
from indexer.resolution.rows import Resolution, Unresolved, names_of_module
from indexer.search.export_syntax import (
    DEFAULT,
    EVERYTHING,
    EXPORT_EQUALS,
    Assigned,
    ExportText,
)
from indexer.search.repositories import Snapshot
from indexer.search.texts import TextNotStored

MOST_FILES: Final = 300
"""Files whose exports are looked at for one answer: the one asked for, and those it passes on."""
MOST_ROWS: Final = 20_000
"""Exports of one kind, of files that are equally far."""

_MOST_BYTES: Final = 16 * 1024 * 1024
_VARIABLES: Final = (int(SymbolKind.VARIABLE), int(SymbolKind.CONSTANT))
# Each is looked for among all requests of its file; fewer than these are told.
_MOST_OPEN: Final = 200
# What such uses are called that name nothing themselves.
_OF_COMMONJS: Final = frozenset(("exports", "module", "require"))
# What `export *` leaves out.
_NOT_PASSED_ON: Final = frozenset((DEFAULT, EXPORT_EQUALS))


class Origin(NamedTuple):
    """An export as the file writes it that gives it its name.

    Lines count from 1, columns from 0 in UTF-16 code units. It leads to `symbols`, or to a line of
    a file where it is none (a module is line 1), or to nothing, and `resolution` says why.
    """

    file_no: int
    name: str
    line: int
    column: int
    resolution: Resolution
    symbols: tuple[int, ...] = ()
    target_path: str | None = None
    target_line: int | None = None


class OpenEnd(NamedTuple):
    """What exports names that are not known: an `export * from` that leads to no file, or the like.

    Where no module specifier says what is exported, it is empty.
    """

    file_no: int
    line: int
    column: int
    specifier: str
    package: str | None
    reason: Unresolved


@dataclass(slots=True)
class _File:
    """What one file exports by itself, and from which files it passes everything on."""

    own: dict[str, Origin] = field(default_factory=dict)
    stars: list[int] = field(default_factory=list)


class ExportTables:
    """The exports of one file and of those that it passes on by `export *`.

    `names` has for each name the exports that may be meant; several where files that are passed on
    disagree. `ways` has for each file the files between the first one and it, by a shortest way.
    `truncated`: there were too many to look at them all.

    Raises:
        TextNotStored: the names cannot be told without the texts, which this commit has not.
    """

    def __init__(self, statements: Statements, snapshot: Snapshot, file_no: int) -> None:
        self._statements, self._snapshot = statements, snapshot
        self._files: dict[int, _File] = {}
        self.open_ends: list[OpenEnd] = []
        self.truncated = False
        self.ways: dict[int, tuple[int, ...]] = {file_no: ()}
        level = [file_no]
        while level:
            self._load(level)
            level = self._next(level, file_no)
        self.names: Mapping[str, Sequence[Origin]] = self._reached()[file_no]

    def _next(self, level: Iterable[int], first: int) -> list[int]:
        found: dict[int, None] = {}
        for file_no in level:
            way = self.ways[file_no] + (() if file_no == first else (file_no,))
            for target in self._files[file_no].stars:
                if target in self.ways:
                    continue
                if len(self.ways) >= MOST_FILES:
                    self.truncated = True
                    continue
                self.ways[target] = way
                found[target] = None
        return list(found)

    def _reached(self) -> dict[int, dict[str, tuple[Origin, ...]]]:
        """Each file's names with those passed on to it, until nothing more comes to any of them."""
        reached: dict[int, dict[str, dict[Origin, None]]] = {
            number: {name: {origin: None} for name, origin in file.own.items()}
            for number, file in self._files.items()
        }
        changed = True
        while changed:
            changed = False
            for number, file in reversed(self._files.items()):
                for target in file.stars:
                    for name, origins in list(reached.get(target, {}).items()):
                        if name in _NOT_PASSED_ON or name in file.own:
                            continue
                        known = reached[number].setdefault(name, {})
                        before = len(known)
                        known.update(origins)
                        changed |= len(known) > before
        return {
            number: {name: tuple(origins) for name, origins in names.items()}
            for number, names in reached.items()
        }

    def _load(self, level: Sequence[int]) -> None:
        symbols = self._rows(
            "exported_symbols_of_files",
            level,
            exported=int(SymbolFlag.EXPORTED),
            variables=list(_VARIABLES),
        )
        lists = self._rows("export_lists_of_files", level, export=int(ReferenceKind.EXPORT))
        sources = self._sources(level, DependencyKind.EXPORT_FROM)
        required = self._sources(lists, DependencyKind.REQUIRE) if lists else {}
        texts, javascript = self._texts(level, {*lists, *sources})
        for number in level:
            self._files[number] = file = _File()
            written, requests = texts.get(number), required.get(number, ())
            named = [
                row
                for row in lists.get(number, ())
                if not (number in javascript and self._assign(file, row, written, requests))
            ]
            for origin in (
                *_declared(symbols.get(number, ()), named, written),
                *_listed(named, written),
            ):
                _add(file.own, origin)
            for row in sources.get(number, ()):
                self._take(file, row, written)

    def _sources(self, file_nos: Iterable[int], kind: DependencyKind) -> dict[int, list[Row]]:
        return self._rows("export_sources_of_files", list(file_nos), dependency=int(kind))

    def _assign(
        self, file: _File, row: Row, written: ExportText | None, requests: Sequence[Row]
    ) -> bool:
        """Take what CommonJS exports in another way than by a name; False: it does so by one."""
        if written is None:
            return row["name"] in _OF_COMMONJS
        assigned = written.assigned_at(row["name"], row["line"], row["column_no"])
        if assigned is Assigned.NAME:
            return False
        if assigned is not Assigned.WHOLE and row["symbol_no"] is not None:
            # A list of a module names something of its own by such a name.
            return False
        if assigned is Assigned.WHOLE:
            _add(file.own, _origin(row, EXPORT_EQUALS))
        elif row["target_file_no"] is not None:
            file.stars.append(row["target_file_no"])
        elif len(self.open_ends) < _MOST_OPEN:
            self.open_ends.append(_open_end(row, written, requests))
        return True

    def _take(self, file: _File, row: Row, written: ExportText | None) -> None:
        taken = written.taken_from(row["line"], row["column_no"]) if written else None
        if taken is None:
            return
        reason = None if row["reason"] is None else Unresolved(row["reason"])
        place = row["file_no"], row["line"], row["column_no"]
        if taken != EVERYTHING:
            number, line, column = place
            _add(
                file.own,
                Origin(
                    *(number, taken, line, column, names_of_module(reason)),
                    target_path=row["target_path"],
                    target_line=None if reason is not None else 1,
                ),
            )
        elif reason is None:
            file.stars.append(row["to_file_no"])
        else:
            self.open_ends.append(OpenEnd(*place, row["specifier"], row["package"], reason))

    def _rows(self, query: str, level: Sequence[int], **more: object) -> dict[int, list[Row]]:
        rows = self._statements.fetch_all(
            query,
            snapshot_id=self._snapshot.snapshot_id,
            file_nos=list(level),
            most=MOST_ROWS + 1,
            **more,
        )
        self.truncated |= len(rows) > MOST_ROWS
        return {
            number: list(some)
            for number, some in groupby(rows[:MOST_ROWS], key=itemgetter("file_no"))
        }

    def _texts(
        self, level: Sequence[int], wanted: set[int]
    ) -> tuple[dict[int, ExportText], set[int]]:
        """The texts of the files whose rows alone do not tell their names; which are JavaScript."""
        paths = self._statements.fetch_all(
            "paths_of_files", snapshot_id=self._snapshot.snapshot_id, file_nos=list(level)
        )
        javascript = {
            row["file_no"] for row in paths if language_of(row["path"]) is Language.JAVASCRIPT
        }
        numbers = sorted(wanted | javascript)
        if not numbers:
            return {}, javascript
        rows = self._statements.fetch_all(
            "texts_to_search",
            snapshot_ids=[self._snapshot.snapshot_id] * len(numbers),
            file_nos=numbers,
            most_bytes=_MOST_BYTES,
        )
        self.truncated |= len(rows) < len(numbers)
        if any(row["content"] is None and row["file_no"] in wanted for row in rows):
            raise TextNotStored
        return {
            row["file_no"]: ExportText(row["content"]) for row in rows if row["content"] is not None
        }, javascript


def _declared(
    symbols: Sequence[Row], lists: Sequence[Row], written: ExportText | None
) -> Iterator[Origin]:
    """The exports of definitions that say so themselves, or that CommonJS assigns."""
    listed = {row["symbol_name"] for row in lists if row["symbol_file_no"] == row["file_no"]}
    whole = written.names_of_the_module() if written else set()
    for row in symbols:
        begins = row["start_line"], row["start_column"]
        # A list marks as exported what it names, under whatever name.
        if row["name"] in listed and not (written and written.is_declared_as_export(*begins)):
            continue
        name = row["name"]
        if row["name"] in whole or (written and written.is_all_of_the_module(*begins)):
            name = EXPORT_EQUALS
        elif row["flags"] & SymbolFlag.DEFAULT and row["name"] not in listed:
            name = DEFAULT
        yield Origin(
            *(row["file_no"], name, row["line"], row["column_no"], Resolution.EXACT),
            symbols=(row["symbol_no"],),
        )


def _listed(lists: Sequence[Row], written: ExportText | None) -> Iterator[Origin]:
    for row in lists:
        name, line, column = row["name"], row["line"], row["column_no"]
        yield _origin(row, written.exported_as(name, line, column) if written else name)


def _origin(row: Row, name: str) -> Origin:
    return Origin(
        *(row["file_no"], name, row["line"], row["column_no"], Resolution(row["resolution"])),
        symbols=() if row["symbol_no"] is None else (row["symbol_no"],),
        target_path=row["target_path"],
        target_line=row["target_line"],
    )


def _open_end(row: Row, written: ExportText, requests: Sequence[Row]) -> OpenEnd:
    """What is exported by a use that leads to no module: by the request that it stands for."""
    line, column = row["line"], row["column_no"]
    asked: Row | None = None
    if row["name"] == "require":
        following = (one for one in requests if (one["line"], one["column_no"]) > (line, column))
        asked = next(following, None)
    elif row["resolution"] != Resolution.UNKNOWN_RECEIVER:
        named = (
            one
            for one in requests
            if written.is_required_as(row["name"], one["line"], one["column_no"])
        )
        asked = next(named, None)
    if asked is None or asked["reason"] is None:
        return OpenEnd(row["file_no"], line, column, "", None, Unresolved.NOT_STATIC)
    reason = Unresolved(asked["reason"])
    return OpenEnd(row["file_no"], line, column, asked["specifier"], asked["package"], reason)


def _add(own: dict[str, Origin], origin: Origin) -> None:
    """Several of one name are one export: a type and a value, or overloads."""
    known = own.get(origin.name)
    if known is None:
        own[origin.name] = origin
    else:
        together = tuple(dict.fromkeys((*known.symbols, *origin.symbols)))
        own[origin.name] = known._replace(symbols=together)
