"""Which names others get from files: their own, and those that they pass on from others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from indexer.search.export_syntax import DEFAULT, EXPORT_EQUALS
from indexer.search.exported_files import MOST_FILES, ExportedFiles, OpenEnd, Origin

# What `export *` leaves out.
_NOT_PASSED_ON: Final = frozenset((DEFAULT, EXPORT_EQUALS))


class ExportTable:
    """The exports of one file, those that it passes on by `export *` among them.

    `names` has for each name the exports that may be meant; several where files that are passed on
    disagree. `ways` has for each file the files between the first one and it, by a shortest way.
    `truncated`: there were too many to look at them all.

    Raises:
        TextNotStored: the names cannot be told without the texts, which this commit has not.
        DatabaseError: the database did not answer.
    """

    def __init__(self, files: ExportedFiles, file_no: int) -> None:
        self._files = files
        self._cut = False
        self.ways: dict[int, tuple[int, ...]] = {file_no: ()}
        level = [file_no]
        while level:
            files.read(level)
            level = self._next(level, file_no)
        self.names: Mapping[str, Sequence[Origin]] = self._names()

    @property
    def truncated(self) -> bool:
        """Whether something was left out."""
        return self._cut or self._files.truncated

    @property
    def open_ends(self) -> list[OpenEnd]:
        """What these files export by names that are not known."""
        return [one for number in self.ways for one in self._files[number].open_ends]

    def _next(self, level: Iterable[int], first: int) -> list[int]:
        found: dict[int, None] = {}
        for file_no in level:
            way = self.ways[file_no] + (() if file_no == first else (file_no,))
            for target in self._files[file_no].stars:
                if target in self.ways:
                    continue
                if len(self.ways) >= MOST_FILES:
                    self._cut = True
                    continue
                self.ways[target] = way
                found[target] = None
        return list(found)

    def _names(self) -> dict[str, tuple[Origin, ...]]:
        """Each name with the exports that it comes from, the nearest first.

        A file that gives something a name itself hides what is behind it by that name. So only
        names that several files give are looked for from file to file.
        """
        files = [self._files[number] for number in self.ways]
        given: dict[str, list[int]] = {}
        for place, file in enumerate(files):
            if not self._files.allows(len(file.own)):
                self._cut = True
                break
            for name in file.own:
                if not place or name not in _NOT_PASSED_ON:
                    given.setdefault(name, []).append(place)
        search = _Search(self._files, list(self.ways))
        found: dict[str, tuple[Origin, ...]] = {}
        for name, places in given.items():
            seen = places if len(places) == 1 else search.seen(tuple(places))
            if seen is None:
                self._cut = True
                continue
            found[name] = tuple(files[place].own[name] for place in seen)
        return found


class _Search:
    """From the first of some files to those that give a name; sets of files are bits of a number.

    Files are meant by their places among `numbers`.
    """

    def __init__(self, files: ExportedFiles, numbers: Sequence[int]) -> None:
        self._files = files
        places = {number: place for place, number in enumerate(numbers)}
        self._passed_on = [
            sum(1 << places[one] for one in set(files[number].stars) if one in places)
            for number in numbers
        ]
        self._known: dict[tuple[int, ...], tuple[int, ...]] = {}

    def seen(self, giving: tuple[int, ...]) -> tuple[int, ...] | None:
        """Those of the files that give a name which no other of them hides; None: too far a way."""
        if not giving[0]:
            return giving[:1]
        if giving not in self._known:
            hiding = sum(1 << place for place in giving)
            reached = self._reached(hiding)
            if reached is None:
                return None
            self._known[giving] = tuple(place for place in giving if reached >> place & 1)
        return self._known[giving]

    def _reached(self, hiding: int) -> int | None:
        reached = waiting = 1
        while waiting:
            if not self._files.allows(1):
                return None
            first = waiting & -waiting
            waiting ^= first
            found = self._passed_on[first.bit_length() - 1] & ~reached
            reached |= found
            waiting |= found & ~hiding
        return reached
