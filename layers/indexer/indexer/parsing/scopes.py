"""Names and where they are visible.

A name can mean three things at once (a value, a type, a namespace), so each scope keeps three
tables. Declarations are entered while the tree is walked and looked up only afterwards, which
makes hoisting a matter of the scope that a declaration is entered into, not of order.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from indexer.parsing.facts import SymbolKind, Target


class Meaning(IntEnum):
    """What a use of a name asks for."""

    VALUE = 0
    TYPE = 1
    NAMESPACE = 2
    ANY = 3


_VALUE = (Meaning.VALUE,)
MEANINGS: dict[SymbolKind, tuple[Meaning, ...]] = {
    SymbolKind.CLASS: (Meaning.VALUE, Meaning.TYPE),
    SymbolKind.CONSTANT: _VALUE,
    SymbolKind.ENUM: (Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE),
    SymbolKind.FUNCTION: _VALUE,
    SymbolKind.INTERFACE: (Meaning.TYPE,),
    SymbolKind.NAMESPACE: (Meaning.VALUE, Meaning.NAMESPACE),
    SymbolKind.PROPERTY: _VALUE,
    SymbolKind.TYPE: (Meaning.TYPE,),
    SymbolKind.VARIABLE: _VALUE,
}
"""What a declaration of each kind makes its name mean; a PROPERTY is a constructor's parameter."""


class ScopeKind(IntEnum):
    """What opened a scope; it decides where `var`, `infer` and exports are entered."""

    GLOBAL = 0
    MODULE = 1
    EXPORTS = 2
    NAMESPACE = 3
    FUNCTION = 4
    CLASS = 5
    BLOCK = 6
    TYPE = 7
    CONDITIONAL = 8
    AUGMENTATION = 9


class Destination(NamedTuple):
    """A `Target` with its `a` and `b`, as the walk counts them.

    It numbers symbols, imports and requests as they are found, and `a` of a LOCAL is the offset of
    its declaration.
    """

    target: int
    a: int
    b: int | str | tuple[str, ...] | None


UNDECLARED = Destination(Target.UNDECLARED, 0, None)
UNKNOWN_RECEIVER = Destination(Target.UNKNOWN_RECEIVER, 0, None)

_HOLD_VAR = frozenset(
    {
        *(ScopeKind.GLOBAL, ScopeKind.MODULE, ScopeKind.NAMESPACE),
        *(ScopeKind.FUNCTION, ScopeKind.AUGMENTATION),
    }
)


class Scopes:
    """The scopes of one file; a scope is its number. GLOBAL (0) surrounds MODULE (1)."""

    GLOBAL = 0
    MODULE = 1

    def __init__(self) -> None:
        self.parents: list[int] = []
        self.kinds: list[ScopeKind] = []
        self.names: tuple[list[dict[bytes, Destination]], ...] = ([], [], [])
        self._outward: tuple[list[int], ...] = ([], [], [])
        self._anywhere: tuple[set[bytes], ...] = (set(), set(), set())
        self.open(ScopeKind.GLOBAL, -1)
        self.open(ScopeKind.MODULE, self.GLOBAL)

    def open(self, kind: ScopeKind, parent: int) -> int:
        """A new scope inside `parent`."""
        self.parents.append(parent)
        self.kinds.append(kind)
        for table in self.names:
            table.append({})
        return len(self.parents) - 1

    def declare(self, scope: int, name: bytes, meaning: Meaning, leads_to: Destination) -> None:
        """Enter a name; of several declarations of one meaning the first one stands."""
        self.names[meaning][scope].setdefault(name, leads_to)

    def holding_var(self, scope: int) -> int:
        """The scope that a `var` written in `scope` belongs to."""
        while self.kinds[scope] not in _HOLD_VAR:
            scope = self.parents[scope]
        return scope

    def holding_infer(self, scope: int) -> int:
        """The scope that an `infer` written in `scope` belongs to."""
        inner = scope
        while scope >= 0:
            if self.kinds[scope] is ScopeKind.CONDITIONAL:
                return scope
            scope = self.parents[scope]
        return inner

    def holding_exports(self, scope: int) -> int:
        """The scope through which the exported names of a namespace's body are seen."""
        return self.parents[scope] if self.kinds[scope] is ScopeKind.NAMESPACE else scope

    def declaring(self, scope: int, name: bytes) -> int:
        """The nearest scope around `scope` that declares `name` in any meaning; else the last."""
        while self.parents[scope] >= 0 and all(name not in table[scope] for table in self.names):
            scope = self.parents[scope]
        return scope

    def found_by_now(self, scope: int, name: bytes, meaning: Meaning) -> Destination | None:
        """What a name in `scope` leads to by what is declared so far."""
        tables = self.names[meaning]
        while scope >= 0:
            found = tables[scope].get(name)
            if found is not None:
                return found
            scope = self.parents[scope]
        return None

    def find(self, scope: int, name: bytes, meaning: Meaning) -> Destination:
        """What a name used in `scope` leads to. Only when all names are declared."""
        if meaning is Meaning.ANY:
            return self._find_any(scope, name)
        tables = self.names[meaning]
        outward = self._outward[meaning] or self._skip_empty(meaning)
        if name not in self._anywhere[meaning]:
            return UNDECLARED
        while scope >= 0:
            found = tables[scope].get(name)
            if found is not None:
                return found
            scope = outward[scope]
        return UNDECLARED

    def _skip_empty(self, meaning: Meaning) -> list[int]:
        """For each scope the nearest one around it that declares anything of this meaning."""
        tables, outward = self.names[meaning], self._outward[meaning]
        self._anywhere[meaning].update(*tables)
        for parent in self.parents:
            empty = parent >= 0 and not tables[parent]
            outward.append(outward[parent] if empty else parent)
        return outward

    def _find_any(self, scope: int, name: bytes) -> Destination:
        for meaning in (Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE):
            found = self.find(scope, name, meaning)
            if found is not UNDECLARED:
                return found
        return UNDECLARED
