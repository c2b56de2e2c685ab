"""Names and members: what `a`, `a.b`, `this.b` and `super.b` lead to within the file."""

from __future__ import annotations

from collections.abc import Callable

from indexer.parsing.collected import Receiver, Region, Use
from indexer.parsing.facts import SymbolFlag, SymbolKind, Target
from indexer.parsing.scopes import UNDECLARED, UNKNOWN_RECEIVER, Destination, Meaning
from indexer.parsing.walk import Walk

# No namespace is nested deeper; it keeps a hostile chain from costing its length squared.
LONGEST_CHAIN = 16
# Nobody reads a deeper inheritance; it keeps a hostile one from the end of the stack.
_LONGEST_LINEAGE = 32
_TYPES = frozenset({SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.TYPE})

Find = Callable[[int, bytes, Meaning], Destination]


def on_the_way(meaning: Meaning) -> Meaning:
    """What the names before the last one of `a.b.c` are asked for, if that one is `meaning`."""
    return Meaning.VALUE if meaning is Meaning.VALUE else Meaning.NAMESPACE


class Membership:
    """Answers for one file, once it was walked."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._symbols = walk.symbols
        self._scopes = walk.scopes
        self._aliases = walk.aliases
        # The classes whose bases are being asked: a base may be named through the class itself.
        self._asking: list[int] = []

    def name(self, scope: int, name: bytes, meaning: Meaning) -> Destination:
        """What a plain name used in `scope` leads to, aliases within the file followed."""
        found = self._scopes.find(scope, name, meaning)
        return self.followed(found, meaning) if self._aliases else found

    def followed(self, leads_to: Destination, meaning: Meaning) -> Destination:
        """Past `import A = B.C`; an alias that leads nowhere is itself the destination."""
        passed = set()
        while leads_to in self._aliases and leads_to not in passed:
            passed.add(leads_to)
            region, use = self._aliases[leads_to]
            further = self.destination(region, use, meaning, find=self._scopes.find)
            if further.target in {Target.UNDECLARED, Target.UNKNOWN_RECEIVER}:
                break
            leads_to = further
        return leads_to

    def destination(
        self, region: Region, use: Use, meaning: Meaning | None = None, find: Find | None = None
    ) -> Destination:
        """What the last name of a use leads to."""
        root, steps = use.root, use.steps
        meaning = use.meaning if meaning is None else meaning
        if root is None:
            return UNKNOWN_RECEIVER
        names = [self._walk.spelled(step) for step in steps]
        if root.type in {"this", "super"}:
            leads_to = self.own_member(region.this, names.pop(0), root.type)
        else:
            wanted = on_the_way(meaning) if names else meaning
            leads_to = (find or self.name)(region.scope, self._walk.spelled(root), wanted)
        for name in names[:-1]:
            leads_to = self.member(leads_to, name, on_the_way(meaning))
        return self.member(leads_to, names[-1], meaning) if names else leads_to

    def member(self, owner: Destination, name: bytes, meaning: Meaning) -> Destination:
        """What `owner.name` leads to."""
        target, number, beyond = owner
        if target == Target.IMPORT:
            return Destination(Target.IMPORT_MEMBER, number, (self._walk.source.name(name),))
        if (
            target == Target.IMPORT_MEMBER
            and isinstance(beyond, tuple)
            and len(beyond) < LONGEST_CHAIN
        ):
            further = (*beyond, self._walk.source.name(name))
            return Destination(Target.IMPORT_MEMBER, number, further)
        if target == Target.SYMBOL:
            return self._static(number, name, meaning, set())
        return UNKNOWN_RECEIVER

    def own_member(self, this: Receiver | None, name: bytes, keyword: str) -> Destination:
        """What `this.name` or `super.name` leads to, by the keyword."""
        inherited = keyword == "super"
        if this is None:
            return UNKNOWN_RECEIVER
        if this.static:
            if inherited:
                return self._from_bases(this.symbol, name, set(), static=True)
            return self._static(this.symbol, name, Meaning.VALUE, set())
        if inherited:
            return self._from_bases(this.symbol, name, set(), static=False)
        return self._instance(this.symbol, name, set())

    def _static(self, owner: int, name: bytes, meaning: Meaning, seen: set[int]) -> Destination:
        symbols = self._symbols
        entity = symbols.entity_of(owner)
        if owner not in symbols.opaque:
            found = symbols.static_members.get(entity, {}).get(name)
            if found is not None:
                return Destination(Target.SYMBOL, found, None)
        exports = symbols.exports_scope.get(entity)
        if exports is not None:
            exported = self._exported(exports, name, meaning)
            if exported is not UNDECLARED:
                return exported
        if owner < 0 or symbols.declared[owner].kind == SymbolKind.CLASS:
            return self._from_bases(owner, name, seen, static=True)
        if symbols.declared[owner].kind not in _TYPES and owner not in symbols.of_union:
            found = symbols.instance_members.get(entity, {}).get(name)
            if found is not None and not symbols.flags[found] & SymbolFlag.INSTANCE:
                return Destination(Target.SYMBOL, found, None)
        return UNKNOWN_RECEIVER

    def _exported(self, scope: int, name: bytes, meaning: Meaning) -> Destination:
        meanings = [meaning]
        if meaning is Meaning.ANY:
            meanings = [Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE]
        elif meaning is Meaning.NAMESPACE:
            meanings = [Meaning.NAMESPACE, Meaning.VALUE]
        for one in meanings:
            found = self._scopes.names[one][scope].get(name)
            if found is not None:
                return self.followed(found, one)
        return UNDECLARED

    def _instance(self, owner: int, name: bytes, seen: set[int]) -> Destination:
        entity = self._symbols.entity_of(owner)
        found = self._symbols.instance_members.get(entity, {}).get(name)
        if found is None or found in self._symbols.yielding:
            inherited = self._from_bases(owner, name, seen, static=False)
            if found is None or inherited.target != Target.UNKNOWN_RECEIVER:
                return inherited
        return Destination(Target.SYMBOL, found, None)

    def _from_bases(self, owner: int, name: bytes, seen: set[int], *, static: bool) -> Destination:
        """A member that a class inherits.

        Where a base is of another file, the member is left to be looked up from this class on.
        """
        entity = self._symbols.entity_of(owner)
        if entity in seen or entity in self._asking or len(self._asking) >= _LONGEST_LINEAGE:
            return UNKNOWN_RECEIVER
        seen.add(entity)
        self._asking.append(entity)
        try:
            return self._inherited(owner, name, seen, static=static)
        finally:
            self._asking.pop()

    def _inherited(self, owner: int, name: bytes, seen: set[int], *, static: bool) -> Destination:
        elsewhere = False
        entity = self._symbols.entity_of(owner)
        for region, use in self._walk.bases.get(entity, ()):
            base = UNKNOWN_RECEIVER if use is None else self.destination(region, use)
            if base.target == Target.SYMBOL:
                if static:
                    found = self._static(base.a, name, Meaning.VALUE, seen)
                else:
                    found = self._instance(base.a, name, seen)
                if found.target == Target.SYMBOL:
                    return found
                elsewhere = elsewhere or found.target == Target.INSTANCE_MEMBER
            elif base.target in {Target.IMPORT, Target.IMPORT_MEMBER}:
                elsewhere = True
        if elsewhere and owner >= 0 and not static:
            return Destination(Target.INSTANCE_MEMBER, owner, self._walk.source.name(name))
        return UNKNOWN_RECEIVER
