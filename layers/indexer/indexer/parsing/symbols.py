"""The declarations found so far, and which of them are members of which.

Symbols are numbered as they are found; `in_source_order` gives the numbers that facts use.
"""

from __future__ import annotations

from typing import NamedTuple

from indexer.parsing.facts import SymbolFact, SymbolFlag
from indexer.parsing.source import SourceText


class Declared(NamedTuple):
    """A symbol before its positions are worked out; `name_at`, `start` and `end` are offsets."""

    name: bytes
    kind: int
    container: int
    name_at: int
    start: int
    end: int
    signature: str | None
    documentation: str | None


class Symbols:
    """The symbols of one file.

    Declarations that merge (overloads, an interface and a class of one name, a namespace written
    twice) share one `entity`: the number of the first of them. Members belong to entities.
    A symbol is `opaque` when a written type, not its initial value, says what members it has, and
    `yielding` when what a base class declares by its name comes first. It is `of_union` when its
    written type is one of several, each of which may have a member of the same name.
    """

    def __init__(self) -> None:
        self.declared: list[Declared] = []
        self.flags: list[int] = []
        self.entity: list[int] = []
        self.instance_members: dict[int, dict[bytes, int]] = {}
        self.static_members: dict[int, dict[bytes, int]] = {}
        self.exports_scope: dict[int, int] = {}
        self._entities: dict[tuple[int, bytes], int] = {}
        self.opaque: set[int] = set()
        self.of_union: set[int] = set()
        self.yielding: set[int] = set()
        self._anonymous = -1
        self._parts: dict[int, list[int]] | None = None

    def add(self, symbol: Declared, flags: int) -> int:
        """Enter a symbol; gives its number."""
        number = len(self.declared)
        self.declared.append(symbol)
        self.flags.append(flags)
        self.entity.append(number)
        return number

    def merge(self, number: int, scope: int, name: bytes) -> None:
        """Say that a symbol declares `name` in `scope`, together with others that do."""
        self.entity[number] = self._entities.setdefault((scope, name), number)

    def anonymous(self) -> int:
        """An owner of members that is no symbol, as a class without a name; below -1."""
        self._anonymous -= 1
        return self._anonymous

    def entity_of(self, owner: int) -> int:
        """The entity that a symbol's members belong to; an anonymous owner is its own."""
        return self.entity[owner] if owner >= 0 else owner

    def add_member(self, owner: int, name: bytes, number: int, *, static: bool) -> None:
        """Say that a symbol is a member of `owner`: of its instances, or of the value itself."""
        sides = self.static_members if static else self.instance_members
        sides.setdefault(self.entity_of(owner), {}).setdefault(name, number)

    def member(self, owner: int, name: bytes, *, static: bool) -> int | None:
        """The member of that name that is known by now: of instances, or of the value itself."""
        sides = self.static_members if static else self.instance_members
        return sides.get(self.entity_of(owner), {}).get(name)

    def mark(self, symbol: int, flags: int, *, merged: bool) -> None:
        """Add flags to a symbol, or to all it merges with, once all symbols are known."""
        if not merged:
            self.flags[symbol] |= flags
            return
        if self._parts is None:
            self._parts = {}
            for number, one in enumerate(self.entity):
                self._parts.setdefault(one, []).append(number)
        for number in self._parts[self.entity[symbol]]:
            self.flags[number] |= flags

    def facts(self, source: SourceText, order: list[int], numbers: list[int]) -> list[SymbolFact]:
        """The facts in `order`; `numbers` gives the place of each symbol in it."""
        facts = []
        for number in order:
            one = self.declared[number]
            facts.append(
                SymbolFact(
                    source.name(one.name),
                    int(one.kind),
                    int(self.flags[number]),
                    numbers[one.container] if one.container >= 0 else -1,
                    *source.position(one.name_at),
                    *source.position(one.start),
                    *source.position(one.end),
                    one.signature,
                    one.documentation,
                )
            )
        return facts


def own_flags(words: set[str]) -> int:
    """The flags that modifiers say: `static`, `async`, `readonly`."""
    flags = 0
    for word, flag in _FLAG_OF_WORD.items():
        if word in words:
            flags |= flag
    return flags


_FLAG_OF_WORD = {
    "async": SymbolFlag.ASYNC,
    "static": SymbolFlag.STATIC,
    "abstract": SymbolFlag.ABSTRACT,
    "readonly": SymbolFlag.READONLY,
    "?": SymbolFlag.OPTIONAL,
    "declare": SymbolFlag.AMBIENT,
    "*": SymbolFlag.GENERATOR,
}
