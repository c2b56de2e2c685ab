"""What files add to modules: `declare module "./cart" { … }` in a file that is a module itself.

What such a block declares is one with what the module exports by that name, wherever that comes
from; where it exports none, it does so now. Of a module of a package nothing is known but what is
added to it. Interfaces and classes that several files declare for all are one, too.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import DependencyKind, SymbolKind
from indexer.resolution.places import PlaceKind, symbols_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.parsing.facts import FileFacts
    from indexer.resolution.places import ImportedName, Module, Place, Places

MAX_ADDED: Final = 2_000
"""Names that are added to modules, in a whole commit; those of the files behind are left out."""
MAX_ADDITIONS: Final = 100
"""How often one name of a module is added to; what comes later is left out."""

_MERGED_FOR_ALL: Final = frozenset((SymbolKind.CLASS, SymbolKind.INTERFACE))

Declaration: TypeAlias = tuple[int, int]
"""A file and one of its symbols."""


def augmenting_blocks(facts: FileFacts) -> dict[int, int]:
    """The `declare module` blocks that add to a module: by symbol, the request for that module."""
    asked = {
        one.specifier: number
        for number, one in enumerate(facts.requests)
        if one.kind == DependencyKind.MODULE_AUGMENTATION
    }
    if not asked:
        return {}
    return {
        number: asked[one.name]
        for number, one in enumerate(facts.symbols)
        if one.kind == SymbolKind.MODULE and one.container < 0 and one.name in asked
    }


def augments(facts: FileFacts) -> bool:
    """Whether a file adds anything to a module."""
    blocks = augmenting_blocks(facts)
    return bool(blocks) and any(one.container in blocks for one in facts.symbols)


class Augmentations:
    """The additions of one commit. `read` are the files that may add, of `modules`.

    `merge` is to be called before anything is asked but `exported` and `names`.
    """

    def __init__(self, read: Iterable[Module], modules: Sequence[Module]) -> None:
        self._modules = modules
        self._of_files: dict[int, dict[str, list[Place]]] = {}
        self._of_packages: dict[ImportedName, list[Place]] = {}
        self._groups: dict[Declaration, list[Declaration]] = {}
        # Who adds to what a file declares, or is to export, and to which module of a package.
        self._to_files: dict[int, set[int]] = {}
        self._to_packages: dict[tuple[str, str], set[int]] = {}
        left = MAX_ADDED
        for module in read:
            for request, name, place in islice(_added_by(module), left):
                self._add(module, request, name, place)
                left -= 1

    def _add(self, module: Module, request: int, name: str, place: Place) -> None:
        target = module.targets[request]
        if target >= 0:
            places = self._of_files.setdefault(target, {}).setdefault(name, [])
            adding = self._to_files.setdefault(target, set())
        elif (wanted := module.imported_name(request, name)) is not None:
            places = self._of_packages.setdefault(wanted, [])
            adding = self._to_packages.setdefault((wanted.package, wanted.subpath), set())
        else:
            return
        if len(places) < MAX_ADDITIONS:
            places.append(place)
        adding.add(module.file_no)

    @property
    def names(self) -> set[str]:
        """The names of all that is added to modules of the commit."""
        return {name for names in self._of_files.values() for name in names}

    @property
    def files(self) -> set[int]:
        """The files that add to modules."""
        return set().union(*self._to_files.values(), *self._to_packages.values())

    def exported(self, file_no: int) -> Mapping[str, Sequence[Place]]:
        """What is declared to be an export of a module, by name; it may have one of that name."""
        return self._of_files.get(file_no, {})

    def merge(self, places_of: Callable[[int, str], Places], globals_: Iterable[Places]) -> None:
        """Make one what is, by what a name that a module exports means, and by what names for all.

        `globals_` has for each name the places that declare it.
        """
        groups: dict[Declaration, list[Declaration]] = {}
        for file_no, names in self._of_files.items():
            for name, added in names.items():
                for place in places_of(file_no, name):
                    if place.kind == PlaceKind.SYMBOLS:
                        self._merge(groups, place, added)
        several = (places for places in globals_ if len(places) > 1)
        for places in islice(several, MAX_ADDED):
            self._merge_for_all(groups, places[:MAX_ADDITIONS])
        self._groups = groups

    def _merge_for_all(self, groups: dict[Declaration, list[Declaration]], places: Places) -> None:
        declared = [
            self._first((place.file_no, one))
            for place in places
            for one in place.symbols
            if self._modules[place.file_no].kinds[one] in _MERGED_FOR_ALL
        ]
        group = list(dict.fromkeys(declared))
        if len(group) == 1:
            return
        files = {file_no for file_no, _ in group}
        for file_no, symbol in group:
            self._to_files.setdefault(file_no, set()).update(files)
            # What a module of the commit is added to is one with that.
            groups.setdefault((file_no, symbol), group)

    def _merge(
        self, groups: dict[Declaration, list[Declaration]], place: Place, added: Sequence[Place]
    ) -> None:
        to = self._first((place.file_no, place.symbols[0]))
        group = groups.setdefault(to, [to])
        for file_no, symbol in _declarations(added):
            one = self._first((file_no, symbol))
            if one not in group:
                group.append(one)
                groups[one] = group
                self._to_files.setdefault(to[0], set()).add(file_no)

    def _first(self, of: Declaration) -> Declaration:
        """The declaration that stands for all of its file that are one with it."""
        file_no, symbol = of
        return file_no, self._modules[file_no].parts(symbol)[0]

    def parts(self, module: Module, symbol: int) -> list[Declaration]:
        """The declarations that are one with a symbol, itself among them, those beside it first."""
        beside = [(module.file_no, one) for one in module.parts(symbol)]
        return beside + self.parts_elsewhere(module, symbol)

    def parts_elsewhere(self, module: Module, symbol: int) -> list[Declaration]:
        """Those of `parts` that stand in other blocks or files."""
        if not self._groups or module.file_no >= len(self._modules):
            return []
        own = self._first((module.file_no, symbol))
        return [
            (file_no, one)
            for file_no, first in self._groups.get(own, ())
            if (file_no, first) != own
            for one in self._modules[file_no].parts(first)
        ]

    def of_package(self, wanted: ImportedName | None) -> list[Declaration]:
        """What is added to an export of a package."""
        return [] if wanted is None else list(_declarations(self._of_packages.get(wanted, ())))

    def adding_to(self, module: Module) -> set[int]:
        """The files that add to what a file declares, or to a package that it asks for."""
        asked = (self._to_packages.get(one, ()) for one in module.outside.values())
        found = set(self._to_files.get(module.file_no, ())).union(*asked)
        return found - {module.file_no}


def _added_by(module: Module) -> Iterator[tuple[int, str, Place]]:
    """What a file declares in such blocks: the request of the block, the name, and where."""
    found: dict[tuple[int, str], list[int]] = {}
    for index, holder in enumerate(module.containers if module.augmenting else ()):
        request = module.augmenting.get(holder)
        if request is not None:
            found.setdefault((request, module.names[index]), []).append(index)
    for (request, name), symbols in found.items():
        yield request, name, symbols_place(module.file_no, symbols[:MAX_ADDITIONS])


def _declarations(places: Iterable[Place]) -> Iterator[Declaration]:
    return ((place.file_no, symbol) for place in places for symbol in place.symbols)
