"""What `.name` is, of a class, a namespace, an enum, a function or a constant object itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from indexer.parsing.facts import SymbolFlag, SymbolKind
from indexer.resolution.inference.found import OUTSIDE, PROPERTIES, Found, of_declarations
from indexer.resolution.inference.types import NO_ENV, AllOf, External, Instance, Type, Value
from indexer.resolution.places import nothing
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.members import TypeMembers

_TYPES: Final = frozenset((SymbolKind.INTERFACE, SymbolKind.TYPE))
_MAKE_OBJECTS: Final = frozenset((SymbolKind.CLASS, SymbolKind.FUNCTION))
_OPEN: Final = frozenset((SymbolKind.ENUM, SymbolKind.NAMESPACE, SymbolKind.MODULE))


class ValueMembers:
    """Looks members of symbols up; `members` are those of any other type."""

    def __init__(self, inference: Inference, members: TypeMembers) -> None:
        self._inference = inference
        self._members = members

    def member(self, of: Value, name: str) -> list[Found]:
        """The declarations that `.name` of a symbol can mean; empty: none is known."""
        file_no, symbol = of.file_no, of.symbol
        module = self._inference.modules[file_no]
        merged = module.parts(symbol)
        elsewhere = self._inference.augmentations.parts_elsewhere(module, symbol)
        for holding, parts in ((file_no, merged), *((one, (part,)) for one, part in elsewhere)):
            if own := self._reached(holding, parts, name):
                return [self._named(holding, own)]
        if listed := self._inference.exports.listed(module, symbol, name):
            return self._members.at(listed)
        if name == "prototype":
            return self._prototype(file_no, merged)
        found: list[Found] = []
        for holder in merged:
            found = found or self._behind(of, holder, name)
        return found

    def _behind(self, of: Value, holder: int, name: str) -> list[Found]:
        """What a class inherits, and what the type of a variable has."""
        inference = self._inference
        kind = inference.modules[of.file_no].kinds[holder]
        found: list[Found] = []
        if kind == SymbolKind.CLASS:
            bases = self._members.bases(inference.names.instance(of.file_no, holder))
            for base in _each_of(bases):
                if isinstance(base, Instance):
                    inherited = self._members.member(Value(base.file_no, base.symbol), name)
                    found = found or inherited
                elif isinstance(base, External):
                    found = found or [OUTSIDE]
        elif kind not in _TYPES:
            declared = inference.names.declared(of.file_no, holder, NO_ENV)
            if declared is not None and declared is not of:
                found = self._members.member(declared, name)
        return found

    def _prototype(self, file_no: int, merged: Sequence[int]) -> list[Found]:
        """What objects inherit from that a class or a function makes."""
        kinds = self._inference.modules[file_no].kinds
        makers = [one for one in merged if kinds[one] in _MAKE_OBJECTS]
        if not makers:
            return []
        made = self._inference.names.instance(file_no, makers[0])
        return [Found(nothing(Resolution.EXTERNAL), lambda: made)]

    def _reached(self, file_no: int, holders: Sequence[int], name: str) -> list[int]:
        """The members of that name that some declarations have as values."""
        module = self._inference.modules[file_no]
        return [
            one
            for holder in holders
            for one in module.members(holder, name)
            if self._is_reached(file_no, holder, one)
        ]

    def _is_reached(self, file_no: int, holder: int, member: int) -> bool:
        module = self._inference.modules[file_no]
        kind = module.kinds[holder]
        if kind == SymbolKind.CLASS:
            return bool(module.flags[member] & SymbolFlag.STATIC)
        if module.flags[member] & SymbolFlag.INSTANCE:
            return False
        return kind in _OPEN or (kind not in _TYPES and module.kinds[member] in PROPERTIES)

    def _named(self, file_no: int, symbols: list[int]) -> Found:
        inference = self._inference

        def types() -> Type | None:
            return of_declarations([inference.names.value(file_no, one) for one in symbols])

        return Found(inference.place(file_no, symbols), types)


def _each_of(bases: Sequence[Type]) -> Iterator[Type]:
    """What a class extends, and of what a mixin gives each part."""
    for base in bases:
        yield from base.parts if isinstance(base, AllOf) else (base,)
