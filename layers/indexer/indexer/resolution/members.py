"""What `.name` means after something whose place is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from indexer.parsing.facts import SymbolFlag, SymbolKind, Target, TypeOp, TypeRole
from indexer.resolution.places import (
    Aim,
    Module,
    Place,
    PlaceKind,
    Places,
    declared_here,
    nothing,
    symbols_place,
)
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.resolution.augmentations import Augmentations, Declaration

MAX_ANCESTORS: Final = 256
MAX_NESTED_BASES: Final = 20

# What is not among the members of these cannot come from anywhere else.
_CLOSED: Final = frozenset((SymbolKind.ENUM, SymbolKind.NAMESPACE, SymbolKind.MODULE))
_TYPES: Final = frozenset((SymbolKind.INTERFACE, SymbolKind.TYPE))
_PROPERTIES: Final = frozenset(
    (SymbolKind.METHOD, SymbolKind.PROPERTY, SymbolKind.GETTER, SymbolKind.SETTER)
)
_HEIRS: Final = frozenset((SymbolKind.CLASS, SymbolKind.INTERFACE))


class Exporter(Protocol):
    """What members ask of the graph of exports."""

    def places(self, file_no: int, name: str) -> Places: ...

    def aimed(self, module: Module, aim: Aim) -> Places: ...


class Members:
    """Finds members through modules, namespaces, enums, classes with their bases, and objects."""

    def __init__(
        self, modules: Sequence[Module], exports: Exporter, augmentations: Augmentations
    ) -> None:
        self._modules = modules
        self._exports = exports
        self._augmentations = augmentations
        self._nested = 0
        self._inherited: dict[tuple[int, int, str, bool], Places] = {}
        self._asked: set[tuple[int, int, str, bool]] = set()
        self.bounds_met = 0
        """How many answers were cut short at a place that depends on what was asked before."""

    def member(self, places: Places, name: str) -> Places:
        """What `.name` means after something that is at `places`."""
        found: dict[Place, None] = {}
        for place in places:
            found.update(dict.fromkeys(self._member(place, name)))
        return tuple(found)

    def inherited(self, file_no: int, holder: int, name: str, *, static: bool) -> Places:
        """The member that a class or interface has from those that it extends, nearest first."""
        key = (file_no, holder, name, static)
        if key not in self._inherited:
            unknown = (nothing(Resolution.UNKNOWN_RECEIVER),)
            # A base may be a member that is inherited in its turn, and so on.
            if self._nested >= MAX_NESTED_BASES or key in self._asked:
                self.bounds_met += 1
                return unknown
            self._asked.add(key)
            self._nested += 1
            self._inherited[key] = self._from_ancestors(file_no, holder, name, static=static)
            self._nested -= 1
            self._asked.discard(key)
        return self._inherited[key]

    def _member(self, place: Place, name: str) -> Places:
        if place.kind == PlaceKind.MODULE:
            return self._exports.places(place.file_no, name)
        if place.kind == PlaceKind.NOTHING:
            return (place.member(name),)
        module = self._modules[place.file_no]
        if (own := self._reached(module, place, name)) is not None:
            return (own,)
        if named := self._named(module, place, name):
            return named
        for holder in place.symbols:
            if module.kinds[holder] == SymbolKind.CLASS and holder in module.bases:
                return self.inherited(place.file_no, holder, name, static=True)
        closed = place.symbols and all(module.kinds[one] in _CLOSED for one in place.symbols)
        return (nothing(Resolution.NOT_EXPORTED if closed else Resolution.UNKNOWN_RECEIVER),)

    def _reached(self, module: Module, place: Place, name: str) -> Place | None:
        """The member that what is at `place` has by that name, or that another file adds to it."""
        own = [
            one
            for holder in place.symbols
            for one in _reached_by_name(module, holder, module.members(holder, name))
        ]
        if own:
            return symbols_place(place.file_no, own)
        for holder in place.symbols:
            for file_no, part in self._augmentations.parts_elsewhere(module, holder):
                other = self._modules[file_no]
                own = _reached_by_name(other, part, other.members(part, name))
                if own:
                    return symbols_place(file_no, own)
        return None

    def _named(self, module: Module, place: Place, name: str) -> Places:
        """What is exported as `name` from namespaces at `place`, or beside it."""
        if name in module.exports and module.exports_as_a_whole(place):
            return self._exports.places(place.file_no, name)
        return self.listed(module, place.symbols, name)

    def listed(self, module: Module, symbols: Sequence[int], name: str) -> Places:
        """What namespaces export as `name` by a list, or as another name for something."""
        if not module.inner_exports:
            return ()
        if self._nested >= MAX_NESTED_BASES:
            self.bounds_met += 1
            return ()
        parts = dict.fromkeys(part for holder in symbols for part in module.parts(holder))
        aims = [aim for part in parts for aim in module.inner_exports.get((part, name), ())]
        found = declared_here(module, aims)
        others = [aim for aim in aims if aim.target != Target.SYMBOL]
        # What is listed may be a member of this very namespace, under a name for the whole file.
        self._nested += 1
        found += [one for aim in others for one in self._exports.aimed(module, aim)]
        self._nested -= 1
        return tuple(dict.fromkeys(found))

    def _from_ancestors(self, file_no: int, holder: int, name: str, *, static: bool) -> Places:
        unknown = nothing(Resolution.UNKNOWN_RECEIVER)
        assigned: Places = ()
        seen = {(file_no, holder)}
        waiting = [(file_no, holder)]
        for heir_file, heir in waiting:
            module = self._modules[heir_file]
            parts = self._augmentations.parts_elsewhere(module, heir)
            if (heir_file, heir) != (file_no, holder):
                parts.insert(0, (heir_file, heir))
            for own in self._own(parts, name, static=static):
                if self._modules[own.file_no].yielding.isdisjoint(own.symbols):
                    return (own,)
                assigned = assigned or (own,)
            for place in self._bases(module, heir):
                if place.kind == PlaceKind.NOTHING and place.why == Resolution.EXTERNAL:
                    added = self._augmentations.of_package(place.wanted)
                    if there := next(self._own(added, name, static=static), None):
                        return (there,)
                    unknown = place.member(name)
                bases = [
                    (place.file_no, one)
                    for one in place.symbols
                    if self._modules[place.file_no].kinds[one] in _HEIRS
                ]
                fresh = [one for one in bases if one not in seen]
                seen.update(fresh)
                waiting += fresh
            if len(waiting) > MAX_ANCESTORS:
                break
        return assigned or (unknown,)

    def _own(self, parts: Iterable[Declaration], name: str, *, static: bool) -> Iterator[Place]:
        """The members of that name that some declarations have themselves, by declaration."""
        for file_no, part in parts:
            module = self._modules[file_no]
            own = [
                one
                for one in module.members(part, name)
                if bool(module.flags[one] & SymbolFlag.STATIC) == static
            ]
            if own:
                yield symbols_place(file_no, own)

    def _bases(self, module: Module, heir: int) -> list[Place]:
        """What `heir` extends, the declarations that it merges with included."""
        merged = module.parts(heir)
        aims = [aim for one in merged for aim in module.bases.get(one, ())]
        return [place for aim in aims for place in self._exports.aimed(module, aim)]


def _reached_by_name(module: Module, holder: int, members: list[int]) -> list[int]:
    """Those of `members` that `holder.member` can mean: no instance members, and no locals."""
    kind = module.kinds[holder]
    if kind == SymbolKind.CLASS:
        return [one for one in members if module.flags[one] & SymbolFlag.STATIC]
    members = [one for one in members if not module.flags[one] & SymbolFlag.INSTANCE]
    if kind in _CLOSED:
        return members
    if kind in _TYPES:
        return []
    written = module.types_of(holder, TypeRole.VALUE)
    if any(module.expressions[one].op == TypeOp.UNION for one in written):
        return []
    # Where a written type says what members there are, what the object holds is not asked.
    hidden = SymbolFlag.OBJECT_MEMBER if written else 0
    return [
        one
        for one in members
        if module.kinds[one] in _PROPERTIES and not module.flags[one] & hidden
    ]
