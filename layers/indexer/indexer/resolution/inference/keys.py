"""What members a type has by all of their names: `keyof T`, `T[keyof T]`, what a record holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from indexer.parsing.facts import SymbolFlag, TypeOp
from indexer.resolution.inference.found import PROPERTIES
from indexer.resolution.inference.types import (
    AllOf,
    AnyOf,
    Instance,
    Mapped,
    Object,
    Selected,
    Type,
    Value,
    any_of,
)

if TYPE_CHECKING:
    from indexer.resolution.augmentations import Declaration
    from indexer.resolution.inference.evaluate import Inference

# What has more members than that is any of these.
MAX_KEYS: Final = 100


class MemberNames:
    """The names of members, for one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._names: dict[Declaration, tuple[str, ...]] = {}
        self._by_kind: dict[type, Callable[[Any], Iterable[str]]] = {
            AllOf: self._of_all,
            AnyOf: self._of_any,
            Instance: self._of_instance,
            Mapped: self._of_mapped,
            Object: self._of_object,
            Selected: self._of_selected,
            Value: self._of_value,
        }

    def names(self, of: Type) -> list[str]:
        """The names of the members that a type declares, inherits, or has as an object literal."""
        ask = self._by_kind.get(type(of))
        if ask is None or not self._inference.enter():
            return []
        found = dict.fromkeys(ask(of))
        self._inference.leave()
        return list(found)

    def _of_all(self, of: AllOf) -> Iterator[str]:
        return (name for part in of.parts for name in self.names(part))

    def _of_any(self, of: AnyOf) -> Iterator[str]:
        """What each of several has."""
        first, *others = [self.names(one) for one in of.members]
        return (name for name in first if all(name in one for one in others))

    def _of_mapped(self, of: Mapped) -> Iterable[str]:
        return [] if of.of is None or of.is_part else self.names(of.of)

    def _of_selected(self, of: Selected) -> Iterator[str]:
        return (name for name in self.names(of.of) if of.may_have(name))

    def _of_value(self, of: Value) -> Iterator[str]:
        for merged in self._inference.modules[of.file_no].parts(of.symbol):
            yield from self._names_in((of.file_no, merged))

    def _of_instance(self, of: Instance) -> Iterator[str]:
        for one in self._inference.members.lineage(of):
            for part in self._inference.members.declarations(one):
                yield from self._names_in(part)

    def _of_object(self, of: Object) -> Iterator[str]:
        """The names that a literal has, with those of what is spread into it."""
        expressions = self._inference.modules[of.file_no].expressions
        for part in expressions[of.expression].parts:
            if expressions[part].op == TypeOp.PROPERTY:
                yield expressions[part].name
            elif expressions[part].op == TypeOp.SPREAD:
                spread = self._inference.evaluate(of.file_no, part, of.env)
                yield from [] if spread is None else self.names(spread)

    def values(self, of: Type) -> Type | None:
        """What any member of a type is: by its index signature, or all that an object holds.

        Of a class or an interface nobody says that it holds no others.
        """
        of = self._inference.unions.stands_for(of)
        indexed = self._inference.members.element(of, -1)
        if indexed is not None or not self._is_an_object(of):
            return indexed
        return self.any_named(of, self.names(of))

    def _is_an_object(self, of: Type) -> bool:
        """Whether all that something holds is written down where it is made."""
        of = self._inference.unions.stands_for(of)
        if not isinstance(of, AllOf):
            return isinstance(of, Object | Value)
        # An alias may stand for itself and more.
        if not self._inference.enter():
            return False
        is_one = all(map(self._is_an_object, of.parts))
        self._inference.leave()
        return is_one

    def any_named(self, of: Type, names: Sequence[str]) -> Type | None:
        """What any of the members with some names is."""
        each = [self._inference.members.member(of, name) for name in names[:MAX_KEYS]]
        return any_of([found.type() for some in each for found in some])

    def _names_in(self, part: Declaration) -> tuple[str, ...]:
        known = self._names.get(part)
        if known is None:
            file_no, symbol = part
            module = self._inference.modules[file_no]
            rows = zip(module.names, module.kinds, module.flags, module.containers, strict=True)
            known = self._names[part] = tuple(
                name
                for name, kind, flags, holder in rows
                if holder == symbol and kind in PROPERTIES and not flags & SymbolFlag.STATIC
            )
        return known
