"""What files export by themselves, read from the rows of the index and the texts of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
"""Files that are looked at for the exports of one: itself, and those that it passes on."""
MOST_ROWS: Final = 20_000
"""Exports of one kind, of files that are read together."""
MOST_ENTRIES: Final = 100_000
"""Exports and requests for modules that are read for one answer."""
MOST_STEPS: Final = 1_000_000
"""From a file to a name, or to another file in search of one, for one answer."""

# However few files each of them reads.
_MOST_READS: Final = MOST_FILES
_MOST_BYTES: Final = 16 * 1024 * 1024
_VARIABLES: Final = (int(SymbolKind.VARIABLE), int(SymbolKind.CONSTANT))
# Each is looked for among all requests of its file; fewer than these are told.
_MOST_OPEN: Final = 200
# What such uses are called that name nothing themselves.
_OF_COMMONJS: Final = frozenset(("exports", "module", "require"))


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
    target_file_no: int | None = None
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
class ExportedFile:
    """What one file exports by itself, and from which files it passes everything on."""

    own: dict[str, Origin] = field(default_factory=dict)
    stars: list[int] = field(default_factory=list)
    open_ends: list[OpenEnd] = field(default_factory=list)


class ExportedFiles:
    """The files of a snapshot that were looked at for one answer, each read once.

    `truncated`: there was too much to read it all.
    """

    def __init__(self, statements: Statements, snapshot: Snapshot) -> None:
        self._statements, self._snapshot = statements, snapshot
        self._files: dict[int, ExportedFile] = {}
        self._reads = 0
        self._rows_left, self._steps_left = MOST_ENTRIES, MOST_STEPS
        self._bytes_left = _MOST_BYTES
        self._open_ends_left = _MOST_OPEN
        self.truncated = False

    def __getitem__(self, file_no: int) -> ExportedFile:
        """One that was read."""
        return self._files[file_no]

    def allows(self, steps: int) -> bool:
        """Take so many steps; False: there are not as many left."""
        self._steps_left -= steps
        return self._steps_left >= 0

    def read(self, file_nos: Iterable[int]) -> None:
        """Read those of these files that were not read yet, at once.

        Raises:
            TextNotStored: the names cannot be told without the texts, which this commit has not.
            DatabaseError: the database did not answer.
        """
        level = [number for number in dict.fromkeys(file_nos) if number not in self._files]
        if not level:
            return
        self._files.update((number, ExportedFile()) for number in level)
        self._reads += 1
        if self._reads > _MOST_READS or self._rows_left < 0:
            self.truncated = True
            return
        self._load(level)

    def read_behind(self, file_nos: Iterable[int]) -> None:
        """Read these and all that they pass on, those that are equally far at once.

        Raises:
            As `read`.
        """
        level, seen = list(file_nos), set(file_nos)
        while level:
            self.read(level)
            targets = [one for number in level for one in self._files[number].stars]
            level = [one for one in dict.fromkeys(targets) if one not in seen]
            seen.update(level)

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
            file = self._files[number]
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
                _take(file, row, written)

    def _sources(self, file_nos: Iterable[int], kind: DependencyKind) -> dict[int, list[Row]]:
        return self._rows("export_sources_of_files", list(file_nos), dependency=int(kind))

    def _assign(
        self, file: ExportedFile, row: Row, written: ExportText | None, requests: Sequence[Row]
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
        elif self._open_ends_left:
            self._open_ends_left -= 1
            file.open_ends.append(_open_end(row, written, requests))
        return True

    def _rows(self, query: str, level: Sequence[int], **more: object) -> dict[int, list[Row]]:
        most = min(MOST_ROWS, max(self._rows_left, 0))
        rows = self._statements.fetch_all(
            query,
            snapshot_id=self._snapshot.snapshot_id,
            file_nos=list(level),
            most=most + 1,
            **more,
        )
        self.truncated |= len(rows) > most
        self._rows_left -= len(rows)
        return {
            number: list(some) for number, some in groupby(rows[:most], key=itemgetter("file_no"))
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
            most_bytes=max(self._bytes_left, 0),
        )
        self.truncated |= len(rows) < len(numbers)
        if any(row["content"] is None and row["file_no"] in wanted for row in rows):
            raise TextNotStored
        texts = {row["file_no"]: row["content"] for row in rows if row["content"] is not None}
        self._bytes_left -= sum(len(one.encode()) for one in texts.values())
        return {number: ExportText(content) for number, content in texts.items()}, javascript


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
        target_file_no=row["target_file_no"],
        target_path=row["target_path"],
        target_line=row["target_line"],
    )


def _take(file: ExportedFile, row: Row, written: ExportText | None) -> None:
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
                target_file_no=row["to_file_no"],
                target_path=row["target_path"],
                target_line=None if reason is not None else 1,
            ),
        )
    elif reason is None:
        file.stars.append(row["to_file_no"])
    else:
        file.open_ends.append(OpenEnd(*place, row["specifier"], row["package"], reason))


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
