"""What a look for a member finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from indexer.parsing.facts import SymbolKind
from indexer.resolution.inference.types import EXTERNAL, AllOf, Function, Type, any_of
from indexer.resolution.places import Place, nothing
from indexer.resolution.rows import Resolution

PROPERTIES: Final = frozenset(
    (SymbolKind.METHOD, SymbolKind.PROPERTY, SymbolKind.GETTER, SymbolKind.SETTER)
)
"""What a member of an object is."""


class Found(NamedTuple):
    """A member: where it is declared, and how its type is found.

    `written` is the expression of its type and the file of that, where it is no symbol.
    """

    place: Place
    type: Callable[[], Type | None]
    written: tuple[int, int] | None = None

    @property
    def is_outside(self) -> bool:
        """Whether all that is known of it is that another package has it, or the runtime."""
        return self is OUTSIDE or self.place.wanted is not None


OUTSIDE: Final = Found(nothing(Resolution.EXTERNAL), lambda: EXTERNAL)


def of_declarations(types: list[Type | None]) -> Type | None:
    """What is declared several times: a function may be called as each of them says."""
    functions = tuple(one for one in types if isinstance(one, Function))
    return AllOf(functions) if len(functions) == len(types) > 1 else any_of(types)
