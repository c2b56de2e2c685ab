"""The walk of one page of a search: through definitions by rank, then through files by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Final, NamedTuple

from indexer.database.connection import Statements
from indexer.postings.bits import members_of
from indexer.postings.groups import Group
from indexer.search.candidates import Candidates, Searched
from indexer.search.matching import MatchingLine, Snippet, Text, holds, matching_lines, snippet_of
from indexer.search.named import Named, NamedSymbol
from indexer.search.query import SearchQuery
from indexer.search.repositories import Snapshot
from indexer.search.symbols import SymbolId, SymbolName

WINDOW_FILES: Final = 32
WINDOW_BYTES: Final = 2 * 1024 * 1024
"""Files whose lines are ranked together, and bytes of their texts."""
LARGEST_WINDOW: Final = 256
"""Files of a window after others in which nothing was found."""
MOST_FILES: Final = 2_000
MOST_BYTES: Final = 32 * 1024 * 1024
"""Files that one page reads, and bytes of their texts; then it ends early."""
MOST_SECONDS: Final = 4.0
"""So long a page looks for more: expressions can be costly to run."""

# Enough definitions for a page are read at once where none of them falls through.
_BATCH: Final = 64
_DEFINITIONS, _LINES = 0, 1


class Place(NamedTuple):
    """How far a walk is: in which phase, at which of its items, how many of whose rows are shown.

    Items are definitions by rank, then files in the order in which they are taken. Of files the
    place is that of a window, which is `width` files from there on; at most so many where nothing
    of it is shown yet.
    """

    phase: int
    item: int
    shown: int
    width: int


START: Final = Place(_DEFINITIONS, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A line that answers. `symbol` is what it defines, where its name answers."""

    snapshot: Snapshot
    path: str
    line: int
    snippet: Snippet
    symbol: SymbolName | None


class Step(NamedTuple):
    """One result, or none where an item has no more, and the place after it."""

    result: Result | None
    after: Place


class _FileKey(NamedTuple):
    snapshot_id: int
    file_no: int


class _File(NamedTuple):
    path: str
    text: Text


class Walk:
    """One page's walk; texts are read as it comes to them. `clock` counts seconds."""

    def __init__(
        self,
        statements: Statements,
        searched: Sequence[Searched],
        query: SearchQuery,
        *,
        found: Candidates,
        named: Named,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._ends = clock, clock() + MOST_SECONDS
        self._statements, self._searched, self._query = statements, searched, query
        self._sought, self._avoided = query.sought, query.avoided
        self._found, self._named = found, named
        self._snapshots = {one.snapshot.snapshot_id: one.snapshot for one in searched}
        self._files_read = self._bytes_read = 0

    @property
    def is_spent(self) -> bool:
        """Whether as much was read as one page may, or for as long."""
        return (
            self._files_read >= MOST_FILES
            or self._bytes_read >= MOST_BYTES
            or self._clock() >= self._ends
        )

    def steps(self, place: Place) -> Iterator[Step]:
        """Every result from a place on.

        Raises:
            DatabaseError: the database did not answer.
        """
        if place.phase == _DEFINITIONS:
            yield from self._definitions(place.item)
            place = Place(_LINES, 0, 0, 0)
        if not self._query.definitions_only:
            yield from self._lines(place)

    def _definitions(self, start: int) -> Iterator[Step]:
        symbols = self._named.symbols
        for batch_start in range(start, len(symbols), _BATCH):
            batch = symbols[batch_start : batch_start + _BATCH]
            files = self._read([_FileKey(one.snapshot_id, one.file_no) for one in batch])
            for at, one in enumerate(batch, start=batch_start + 1):
                file = files[_FileKey(one.snapshot_id, one.file_no)]
                yield Step(self._definition(one, file), Place(_DEFINITIONS, at, 0, 0))

    def _definition(self, one: NamedSymbol, file: _File) -> Result | None:
        if not holds(file.text.content, self._sought, self._avoided):
            return None
        start, end = _place_of_name(file.text, one)
        return Result(
            snapshot=self._snapshots[one.snapshot_id],
            path=file.path,
            line=one.line,
            snippet=snippet_of(
                file.text, min(one.line, len(file.text.starts)), start, end, self._sought
            ),
            symbol=SymbolName(
                id=SymbolId(one.snapshot_id, one.symbol_no), name=one.name, kind=one.kind
            ),
        )

    def _lines(self, place: Place) -> Iterator[Step]:
        defined = {
            (one.snapshot_id, one.file_no, one.line)
            for one in (*self._named.symbols, *self._named.unwanted)
        }
        files = self._in_order(place.item)
        waiting: list[_FileKey] = []
        at, shown, wanted = place.item, place.shown, place.width or WINDOW_FILES
        while True:
            waiting += islice(files, max(0, wanted - len(waiting)))
            if not waiting:
                return
            window = self._fetched(waiting[:wanted], WINDOW_BYTES)
            # Of a window that another page began, no file may be left to the next.
            ranked, width = self._ranked(window, defined, at_least=wanted if shown else 1)
            for number, (key, line) in enumerate(ranked, start=1):
                if number > shown:
                    after = Place(_LINES, at, number, width)
                    yield Step(self._line(key, window[key], line), after)
            # Where little is found, more is read at once.
            wanted = WINDOW_FILES if ranked else min(2 * wanted, LARGEST_WINDOW)
            at, shown, waiting = at + width, 0, waiting[width:]
            yield Step(None, Place(_LINES, at, 0, wanted))

    def _ranked(
        self,
        window: dict[_FileKey, _File],
        defined: set[tuple[int, int, int]],
        *,
        at_least: int,
    ) -> tuple[list[tuple[_FileKey, MatchingLine]], int]:
        """The lines of a window that are not shown as definitions, the likeliest first.

        And of how many of its files they are: where time runs out the window ends, but for one
        that another page began.
        """
        ranked: list[tuple[_FileKey, MatchingLine]] = []
        width = 0
        for key, file in window.items():
            if width >= at_least and self._clock() >= self._ends:
                break
            width += 1
            if holds(file.text.content, self._sought, self._avoided):
                ranked += [
                    (key, line)
                    for line in matching_lines(file.text, self._sought)
                    if (*key, line.line) not in defined
                ]
        # The sort is stable: equals stay in the order of files and lines.
        ranked.sort(key=lambda one: (-one[1].terms, not one[1].whole))
        return ranked, width

    def _line(self, key: _FileKey, file: _File, one: MatchingLine) -> Result:
        return Result(
            snapshot=self._snapshots[key.snapshot_id],
            path=file.path,
            line=one.line,
            snippet=snippet_of(file.text, one.line, one.start, one.end, self._sought),
            symbol=None,
        )

    def _in_order(self, skipped: int) -> Iterator[_FileKey]:
        """The candidates by group, repository and path, but for the first `skipped`."""
        for group in Group:
            for one in self._searched:
                number = one.snapshot.snapshot_id
                files = self._found.chosen[number] & one.groups.groups[group]
                count = files.bit_count()
                if skipped >= count:
                    skipped -= count
                    continue
                for file_no in members_of(files)[skipped:]:
                    yield _FileKey(number, file_no)
                skipped = 0

    def _read(self, files: Sequence[_FileKey]) -> dict[_FileKey, _File]:
        missing = list(dict.fromkeys(files))
        read: dict[_FileKey, _File] = {}
        while missing:
            read |= (some := self._fetched(missing, MOST_BYTES))
            missing = missing[len(some) :]
        return read

    def _fetched(self, files: Sequence[_FileKey], most_bytes: int) -> dict[_FileKey, _File]:
        """The first of the files, as many as there are bytes for, at least one."""
        rows = self._statements.fetch_all(
            "texts_to_search",
            snapshot_ids=[one.snapshot_id for one in files],
            file_nos=[one.file_no for one in files],
            most_bytes=most_bytes,
        )
        read = {
            _FileKey(row["snapshot_id"], row["file_no"]): _File(
                row["path"], Text((row["content"] or "").encode())
            )
            for row in rows
        }
        self._files_read += len(read)
        self._bytes_read += sum(len(one.text.content) for one in read.values())
        return read


def _place_of_name(text: Text, one: NamedSymbol) -> tuple[int, int]:
    """Where the name of a definition stands, in bytes; empty where it is not spelled so."""
    start, end = text.bounds(min(one.line, len(text.starts)))
    line = text.content[start:end].decode("utf-8", "replace")
    before = line.encode("utf-16-le")[: 2 * one.column].decode("utf-16-le", "replace").encode()
    at, name = start + len(before), one.name.encode()
    return (at, at + len(name)) if text.content.startswith(name, at) else (at, at)
