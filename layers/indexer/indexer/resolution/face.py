"""What other files can see of one: where it is the same after a change, nothing changes for them.

It is what `places.Module` holds, wherever that stands in the file: names, kinds and containers of
symbols, imports and exports, bases, and the types that these lead to. What functions do inside is
not among it, unless what they give follows from it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.parsing.facts import ReferenceKind, Target, TypeOp, TypeRole
from indexer.resolution.ambient import is_global_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.parsing.facts import FileFacts, TypeExpression

# What tells equal expressions of one file apart is where they stand.
_PLACED: Final = frozenset((TypeOp.TYPE_PARAMETER, TypeOp.SAME))
_UNTYPED: Final = frozenset((TypeRole.PART, TypeRole.YIELDS))


class Face(NamedTuple):
    """What others see of a file, as a digest, and the lines that stand for what is no symbol.

    `exports` are those of what is exported, `members` those of members of objects. In the digest
    they are only told apart.
    """

    digest: bytes
    exports: tuple[int, ...]
    members: tuple[int, ...]


def face_of(path: str, facts: FileFacts) -> Face:
    """What other files can see of the one at `path`."""
    types = _Types(facts)
    typed = [
        (symbol, role, number if role in _UNTYPED else types.number_of(number))
        for symbol, role, number in facts.types.symbols
    ]
    exported = [(line, types.number_of(number)) for line, number in facts.types.exports]
    typedefs = [(one.name, types.number_of(one.type)) for one in facts.types.typedefs]
    exports = {one.a for one in facts.exports if one.target == Target.LOCAL}
    exports.update(line for line, _ in exported)
    members = types.lines()
    places = {line: place for place, line in enumerate(sorted(exports | members))}

    def aim(target: int, a: int, b: object) -> tuple[object, ...]:
        if target == Target.LOCAL:
            return target, places.get(a)
        return (target,) if target == Target.UNKNOWN_RECEIVER else (target, a, b)

    seen = (
        is_global_script(path, facts),
        [(one.name, one.kind, one.flags, one.container) for one in facts.symbols],
        [(one.specifier, one.kind) for one in facts.requests],
        [(one.request, one.imported) for one in facts.imports],
        [(one.name, one.within, *aim(one.target, one.a, one.b)) for one in facts.exports],
        [
            (one.enclosing, *aim(one.target, one.a, one.b))
            for one in facts.references
            if one.kind == ReferenceKind.EXTENDS and one.enclosing >= 0
        ],
        typed,
        [(places[line], number) for line, number in exported],
        typedefs,
        types.written(places),
    )
    digest = hashlib.blake2b(repr(seen).encode("utf-8", "surrogatepass")).digest()
    return Face(digest, tuple(sorted(exports)), tuple(sorted(members)))


class _Types:
    """The expressions of a file that others can ask for, numbered in the order of their asking."""

    def __init__(self, facts: FileFacts) -> None:
        self._expressions = facts.types.expressions
        self._numbers: dict[int, int] = {}

    def number_of(self, expression: int) -> int:
        """The number of an expression; all that it is made of has one, too."""
        waiting = [expression]
        while waiting:
            one = waiting.pop()
            if one >= 0 and one not in self._numbers:
                self._numbers[one] = len(self._numbers)
                waiting += reversed(self._expressions[one].parts)
        return self._numbers.get(expression, -1)

    def lines(self) -> set[int]:
        """The lines of members that are no symbols."""
        numbered = (self._expressions[one] for one in self._numbers)
        return {-one.a for one in numbered if one.op == TypeOp.PROPERTY and one.a < 0}

    def written(self, places: dict[int, int]) -> list[tuple[object, ...]]:
        """The numbered expressions, in their order; a line by its place among `places`."""
        return [self._written(self._expressions[one], places) for one in self._numbers]

    def _written(self, one: TypeExpression, places: dict[int, int]) -> tuple[object, ...]:
        parts = self._parts(one.parts)
        if one.op == TypeOp.PROPERTY:
            where = ("at", places[-one.a]) if one.a < 0 else ("of", one.a)
            return one.op, where, one.name, parts
        return one.op, None if one.op in _PLACED else one.a, one.name, parts

    def _parts(self, parts: Sequence[int]) -> list[int]:
        return [self._numbers.get(part, -1) for part in parts]
