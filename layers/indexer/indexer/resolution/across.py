"""What one repository takes from packages, and what its own packages give: by name, on both sides.

Neither side knows the other. A package, a path in it and the name of an export are what an import
writes and what a manifest and its modules promise, so whoever has both sides joins them by these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from indexer.resolution.places import (
    DEEPEST_MEMBER,
    DEFAULT,
    EXPORT_EQUALS,
    ImportedName,
    Module,
    Place,
    PlaceKind,
    can_be_told,
)
from indexer.resolution.rows import ImportedNameRow, PackageEntryRow, PackageExportRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.resolution.exports import ExportGraph
    from indexer.resolution.package_modules import PackageModule

LONGEST: Final = 1024
"""Bytes of a package, a path in it and a name together: an index holds no more."""

MOST_NAMES: Final = 10_000
"""Exports of one module that are told."""

MOST_EXPORTS: Final = 200_000
"""Exports of all packages of a repository that are told."""

MOST_LOOKS: Final = 2_000_000
"""So often a name is looked for in a module, for all packages of a repository together."""


class ImportedNames:
    """Numbers what is taken from packages, from 0 in the order in which it is asked for.

    What is `known` has its number already.
    """

    def __init__(self, known: Mapping[ImportedName, int] | None = None) -> None:
        self._numbers: dict[ImportedName, int] = dict(known or {})
        self._next = max(self._numbers.values(), default=-1) + 1

    def number(self, wanted: ImportedName | None) -> int | None:
        """The number of `wanted`; None where there is nothing, or it is too long to be told."""
        if wanted is None or _too_long(*wanted):
            return None
        number = self._numbers.setdefault(wanted, self._next)
        self._next = max(self._next, number + 1)
        return number

    def rows(self) -> Iterator[ImportedNameRow]:
        """All that have a number, in its order."""
        for wanted, number in self._numbers.items():
            yield ImportedNameRow(number, *wanted)


def package_entries(
    offered: Iterable[PackageModule], file_no: Mapping[str, int]
) -> list[PackageEntryRow]:
    """A row for each module that packages offer and a file of a number is, numbered in order."""
    told = (
        (one, number)
        for one in offered
        if (number := file_no.get(one.path)) is not None
        and not _too_long(one.package, one.subpath, "")
        and _is_text(one.subpath)
    )
    return [
        PackageEntryRow(entry_no, one.package, one.subpath, number)
        for entry_no, (one, number) in enumerate(told)
    ]


class PackageExports:
    """What the modules of packages export. `modules` stand by file number."""

    def __init__(self, modules: Sequence[Module], exports: ExportGraph) -> None:
        self._modules = modules
        self._exports = exports
        self._looks_left, self._left = MOST_LOOKS, MOST_EXPORTS
        self._names: dict[int, tuple[list[str], int]] = {}

    @property
    def looks(self) -> int:
        """How often the rows that were read last took a look into a module."""
        return MOST_LOOKS - self._looks_left

    @property
    def told(self) -> int:
        """How many rows were read last."""
        return MOST_EXPORTS - self._left

    def rows(self, entries: Iterable[PackageEntryRow]) -> Iterator[PackageExportRow]:
        """What they export, by entry; those of a namespace that is exported by its name, too."""
        self._left, self._looks_left = MOST_EXPORTS, MOST_LOOKS
        for entry in entries:
            told: dict[PackageExportRow, None] = {}
            for name, place in self._named(entry.file_no, "", 0):
                if not _too_long(entry.package, entry.subpath, name):
                    told.update(dict.fromkeys(self._of_place(entry.entry_no, name, place)))
                if len(told) >= min(MOST_NAMES, self._left):
                    break
            self._left -= len(told)
            yield from told
            if self._left <= 0 or self._looks_left <= 0:
                return

    def _named(self, file_no: int, before: str, depth: int) -> Iterator[tuple[str, Place]]:
        if file_no not in self._names:
            self._names[file_no] = self._exports.names(file_no)
        names, looks_each = self._names[file_no]
        self._looks_left -= looks_each
        for name in filter(can_be_told, names):
            self._looks_left -= looks_each
            if self._looks_left <= 0:
                return
            for place in self._exports.places(file_no, name):
                if place.kind == PlaceKind.NOTHING:
                    continue
                yield before + name, place
                if place.kind == PlaceKind.MODULE and depth < DEEPEST_MEMBER and _by_name(name):
                    yield from self._named(place.file_no, f"{before}{name}.", depth + 1)

    def _of_place(self, entry_no: int, name: str, place: Place) -> Iterator[PackageExportRow]:
        if place.kind != PlaceKind.SYMBOLS:
            yield PackageExportRow(entry_no, name, None, place.file_no, place.line)
            return
        module = self._modules[place.file_no]
        for symbol in place.symbols:
            yield PackageExportRow(
                entry_no, name, module.first_symbol + symbol, place.file_no, module.line(symbol)
            )


def _by_name(name: str) -> bool:
    return name not in {DEFAULT, EXPORT_EQUALS}


def _is_text(subpath: str) -> bool:
    """Whether it is what the database can hold: a manifest may escape what is none."""
    return "\0" not in subpath and not any("\ud800" <= one <= "\udfff" for one in subpath)


def _too_long(package: str, subpath: str, name: str) -> bool:
    written = f"{package}{subpath}{name}"
    return len(written) > LONGEST or len(written.encode("utf-8", "surrogatepass")) > LONGEST
