"""Unions, taken apart: also those that aliases stand for, and what of them inherits what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import SymbolKind
from indexer.resolution.inference.asking import Answers
from indexer.resolution.inference.types import AllOf, AnyOf, Instance, Type

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference

MAX_MEMBERS: Final = 300
# Recursive ones stand for others of themselves.
MAX_ALIASES: Final = 64

Name: TypeAlias = tuple[int, int]
"""A class, an interface or an alias by its file and the first symbol that declares it."""


class Unions:
    """The unions of one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._members: Answers[Type, list[Type]] = Answers(
            inference.asking, self._taken_apart, lambda of: [of]
        )
        self._lineages: Answers[Type, frozenset[Name]] = Answers(
            inference.asking, self._names_of_lineage, lambda _: frozenset()
        )

    def members(self, of: Type) -> list[Type]:
        """The members of a union, also of one that an alias stands for, or itself."""
        return self._members.to(of)

    def _taken_apart(self, of: Type) -> list[Type]:
        if not self._inference.enter():
            return [of]
        found: dict[Type, None] = {}
        waiting, seen = [of], {of}
        while waiting and len(found) < MAX_MEMBERS:
            one = waiting.pop()
            parts = self._parts(one)
            if parts:
                new = [part for part in parts if part not in seen]
                seen.update(new)
                waiting.extend(reversed(new))
            else:
                found[one] = None
        self._inference.leave()
        return list(found)

    def _parts(self, of: Type) -> Sequence[Type]:
        """What a type is one of; empty: itself. An alias of no union is told by its own name."""
        of = self.stands_for(of)
        if isinstance(of, AnyOf):
            return of.members
        return self._distributed(of) if isinstance(of, AllOf) else ()

    def stands_for(self, of: Type) -> Type:
        """What an alias stands for, and what that does if it is one."""
        inference = self._inference
        for _ in range(MAX_ALIASES):
            if not isinstance(of, Instance) or of.file_no == inference.library_no:
                break
            if inference.modules[of.file_no].kinds[of.symbol] != SymbolKind.TYPE:
                break
            bases = inference.members.bases(of)
            if len(bases) != 1:
                break
            (of,) = bases
        return of

    def _distributed(self, of: AllOf) -> list[Type]:
        """`A & (B | C)` as `(A & B) | (A & C)`."""
        for at, part in enumerate(of.parts):
            each = self.members(part) if isinstance(part, AnyOf | Instance) else []
            if len(each) > 1:
                return [AllOf((*of.parts[:at], one, *of.parts[at + 1 :])) for one in each]
        return []

    def among(self, kinds: Sequence[Type]) -> Callable[[Type], bool]:
        """What tells of a type whether it is one of others, or inherits one."""
        these = set(kinds)
        names = {name for name in map(self.name, kinds) if name is not None}
        return lambda one: one in these or not names.isdisjoint(self.lineage(one))

    def lineage(self, of: Type) -> frozenset[Name]:
        """The names of all that a type is or inherits."""
        return self._lineages.to(of)

    def _names_of_lineage(self, of: Type) -> frozenset[Name]:
        return frozenset(map(self._entity, self._inference.members.lineage(of)))

    def name(self, of: Type) -> Name | None:
        """The name of a type that has one."""
        return self._entity(of) if isinstance(of, Instance) else None

    def _entity(self, of: Instance) -> Name:
        module = self._inference.modules[of.file_no]
        return min(self._inference.augmentations.parts(module, of.symbol))
