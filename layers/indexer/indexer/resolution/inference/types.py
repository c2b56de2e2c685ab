"""What the type of an expression can be.

Each is a tuple that ends with a word of its own: without it two of different kinds would be equal.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

Env: TypeAlias = tuple[tuple[tuple[int, int], "Type | None"], ...]
"""What type parameters stand for, by file and expression; `SELF` is what `this` is."""

SELF: Final = (-1, -1)


class Instance(NamedTuple):
    """A value of a class, an interface or an alias, with its type arguments."""

    file_no: int
    symbol: int
    arguments: tuple[Type | None, ...]
    kind: str = "instance"


class Value(NamedTuple):
    """What a symbol itself is as a value: a class, a namespace, a function, an object."""

    file_no: int
    symbol: int
    kind: str = "value"


class ModuleValue(NamedTuple):
    """The namespace of a module."""

    module_no: int
    kind: str = "module"


class Function(NamedTuple):
    """A function that an expression describes."""

    file_no: int
    expression: int
    env: Env
    kind: str = "function"


class Object(NamedTuple):
    """An object that an expression describes."""

    file_no: int
    expression: int
    env: Env
    kind: str = "object"


class Sequence(NamedTuple):
    """A tuple, or an array literal."""

    elements: tuple[Type | None, ...]
    kind: str = "sequence"


class AnyOf(NamedTuple):
    """A union."""

    members: tuple[Type, ...]
    kind: str = "any of"


class AllOf(NamedTuple):
    """An intersection."""

    parts: tuple[Type, ...]
    kind: str = "all of"


class External(NamedTuple):
    """Of the runtime, or of a package outside: whatever comes of it is so, too."""

    why: str


class Nothing(NamedTuple):
    """`null` and `undefined`."""

    nothing: None


Type: TypeAlias = (
    Instance
    | Value
    | ModuleValue
    | Function
    | Object
    | Sequence
    | AnyOf
    | AllOf
    | External
    | Nothing
)

EXTERNAL: Final = External("external")
NOTHING: Final = Nothing(None)
MAX_MEMBERS: Final = 16


def any_of(types: list[Type | None]) -> Type | None:
    """The union of those that are known; None where none is."""
    found: dict[Type, None] = {}
    for one in types:
        if isinstance(one, AnyOf):
            found.update(dict.fromkeys(one.members))
        elif one is not None:
            found[one] = None
    if len(found) > 1:
        found.pop(NOTHING, None)
    members = tuple(found)[:MAX_MEMBERS]
    if not members:
        return None
    return members[0] if len(members) == 1 else AnyOf(members)
