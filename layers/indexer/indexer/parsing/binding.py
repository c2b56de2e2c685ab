"""What each use leads to, as far as the file itself can tell.

Runs after the walk, when every declaration of the file is known. Facts come out in source order,
and the numbers by which they point at each other are those of that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from tree_sitter import Node

from indexer.parsing.collected import WHOLES, Export, Known, Region, Use, names_an_export
from indexer.parsing.facts import (
    ExportFact,
    FileFacts,
    ImportBinding,
    ModuleRequest,
    ReferenceFact,
    ReferenceKind,
    SymbolFlag,
    Target,
)
from indexer.parsing.membership import Membership, on_the_way
from indexer.parsing.scopes import UNDECLARED, UNKNOWN_RECEIVER, Destination, Meaning, Scopes
from indexer.parsing.typed_file import Bindings, OpenMember, types_of_file
from indexer.parsing.walk import Walk

_READ = int(ReferenceKind.READ)
_CALL = int(ReferenceKind.CALL)
_TYPE = int(ReferenceKind.TYPE)
_RECEIVERS = frozenset({"this", "super"})
_OF_SYMBOLS = frozenset({Target.SYMBOL, Target.INSTANCE_MEMBER})
_OF_IMPORTS = frozenset({Target.IMPORT, Target.IMPORT_MEMBER})
_WITHOUT_MEMBERS = frozenset({Target.UNDECLARED, Target.LOCAL, Target.UNKNOWN_RECEIVER})

# Name, target, `a` and `b` as they are given out; then the destination in the walk's numbers.
_End = tuple[str, int, int, int | str | tuple[str, ...] | None, Destination]
# Offset, kind, enclosing symbol, end. There is one for each use of a name in the file, so these
# are bare tuples: named ones cost twice as much to make.
_Bound = tuple[int, int, int, _End]


class _Order(NamedTuple):
    """`order[new] == old` and `numbers[old] == new`."""

    order: list[int]
    numbers: list[int]


def _in_order(offsets: Sequence[int]) -> _Order:
    order = sorted(range(len(offsets)), key=offsets.__getitem__)
    numbers = [0] * len(order)
    for new, old in enumerate(order):
        numbers[old] = new
    return _Order(order, numbers)


def bound(walk: Walk, root: Node, syntax_errors: int) -> FileFacts:
    """The facts of a file that was walked, whose tree is `root`."""
    return _Binder(walk).facts(root, syntax_errors)


class _Binder:
    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._source = walk.source
        self._text = walk.text
        self._scopes = walk.scopes
        self._membership = Membership(walk)
        self._symbols = _in_order([one.name_at for one in walk.symbols.declared])
        self._requests = _in_order([one.at for one in walk.requests])
        self._imports = _in_order([one.at for one in walk.imports])
        self._named: dict[Meaning, dict[int, dict[bytes, _End]]] = {one: {} for one in Meaning}
        self._members: dict[tuple[Destination, bytes, Meaning], _End] = {}
        self._declared: dict[int, _End] = {}
        self._undeclared: dict[bytes, _End] = {}
        self._found: list[_Bound] = []
        self._unknown: dict[bytes, _End] = {}
        self._open_members: list[OpenMember] = []

    def facts(self, root: Node, syntax_errors: int) -> FileFacts:
        exports = self._export_facts()
        self._note_open_exports()
        self._bind_all()
        bindings = Bindings(
            {at: end[4] for at, _, _, end in self._found}, self._membership.name, self._given_out
        )
        receivers, types = types_of_file(self._walk, root, bindings, self._open_members)
        return FileFacts(
            symbols=self._walk.symbols.facts(self._source, *self._symbols),
            references=self._placed(receivers),
            requests=self._request_facts(),
            imports=self._import_facts(),
            exports=exports,
            line_count=len(self._source.line_starts),
            syntax_errors=syntax_errors,
            types=types,
        )

    # References

    def _bind_all(self) -> None:
        for region in self._walk.regions:
            if region.reads:
                self._bind_names(region, region.reads, _READ, Meaning.VALUE)
            if region.calls:
                self._bind_names(region, region.calls, _CALL, Meaning.VALUE)
            if region.types:
                self._bind_names(region, region.types, _TYPE, Meaning.TYPE)
            if region.accesses:
                self._bind_accesses(region)
            if region.uses:
                self._bind_uses(region)
        for known in self._walk.known:
            end = self._end(self._walk.spelled(known.node), known.leads_to)
            self._found.append((known.node.start_byte, int(known.kind), known.enclosing, end))
        self._found.sort(key=itemgetter(0))

    def _known(self, scope: int, meaning: Meaning) -> dict[bytes, _End]:
        """What names are known to mean in a scope, so far."""
        by_scope = self._named[meaning]
        known = by_scope.get(scope)
        if known is None:
            known = by_scope[scope] = {}
        return known

    def _bind_names(self, region: Region, nodes: list[Node], kind: int, meaning: Meaning) -> None:
        text, enclosing, scope = self._text, region.enclosing, region.scope
        known = self._known(scope, meaning)
        for node in nodes:
            at = node.start_byte
            name = text[at : node.end_byte]
            end = known.get(name)
            if end is None:
                end = known[name] = self._named_end(scope, name, meaning)
            self._found.append((at, kind, enclosing, end))

    def _bind_accesses(self, region: Region) -> None:
        text, enclosing, scope = self._text, region.enclosing, region.scope
        known = self._known(scope, Meaning.VALUE)
        for use in region.accesses:
            root = use.root
            if root is None:
                continue
            at = root.start_byte
            name = text[at : root.end_byte]
            end = known.get(name)
            if end is None:
                end = known[name] = self._named_end(scope, name, Meaning.VALUE)
            self._found.append((at, _READ, enclosing, end))
            self._bind_steps(enclosing, use, end[4])

    def _bind_steps(
        self,
        enclosing: int,
        use: Use,
        leads_to: Destination,
        first: int = 0,
    ) -> None:
        """Bind the members of what `leads_to` is, one after the other, from the `first` on."""
        text, unknown, open_members = self._text, self._unknown, self._open_members
        _, steps, kind, meaning, receivers = use
        last = len(steps) - 1
        for place in range(first, len(steps)):
            step = steps[place]
            at = step.start_byte
            name = text[at : step.end_byte]
            if leads_to[0] in _WITHOUT_MEMBERS:
                end = unknown.get(name)
                if end is None:
                    end = unknown[name] = self._end(name, UNKNOWN_RECEIVER)
                open_members.append((at, step, receivers[place] if receivers else None))
            else:
                wanted = meaning if place == last else on_the_way(meaning)
                end = self._member(leads_to, name, wanted)
                leads_to = end[4]
                if leads_to[0] == Target.UNKNOWN_RECEIVER:
                    open_members.append((at, step, receivers[place] if receivers else None))
            self._found.append((at, int(kind) if place == last else _READ, enclosing, end))

    def _bind_uses(self, region: Region) -> None:
        for use in region.uses:
            root, steps, meaning = use.root, use.steps, use.meaning
            leads_to, first = UNKNOWN_RECEIVER, 0
            if root is not None and not steps:
                self._bind_names(region, [root], int(use.kind), meaning)
            elif root is not None and root.type in _RECEIVERS:
                leads_to, first = self._bind_own_member(region, use), 1
            elif root is not None:
                self._bind_names(region, [root], _READ, on_the_way(meaning))
                leads_to = self._found[-1][3][4]
            self._bind_steps(region.enclosing, use, leads_to, first)

    def _bind_own_member(self, region: Region, use: Use) -> Destination:
        """Bind `this.name` or `super.name`; gives where it leads."""
        root, first = use.root, use.steps[0]
        at = first.start_byte
        name = self._text[at : first.end_byte]
        keyword = root.type if root else ""
        end = self._end(name, self._membership.own_member(region.this, name, keyword))
        if end[1] == Target.UNKNOWN_RECEIVER:
            taken_from = use.receivers[0] if use.receivers else None
            self._open_members.append((at, first, taken_from))
        kind = int(use.kind) if len(use.steps) == 1 else _READ
        self._found.append((at, kind, region.enclosing, end))
        return end[4]

    def _member(self, owner: Destination, name: bytes, meaning: Meaning) -> _End:
        key = (owner, name, meaning)
        known = self._members.get(key)
        if known is None:
            known = self._end(name, self._membership.member(owner, name, meaning))
            self._members[key] = known
        return known

    def _named_end(self, scope: int, name: bytes, meaning: Meaning) -> _End:
        """The end of a name used in a scope; the same for all scopes that see one declaration."""
        leads_to = self._membership.name(scope, name, meaning)
        if leads_to is UNDECLARED:
            end = self._undeclared.get(name)
            if end is None:
                end = self._undeclared[name] = self._end(name, leads_to)
            return end
        end = self._declared.get(id(leads_to))
        # Merged meanings and aliases may reach one declaration by several names.
        if end is None or end[0] != self._source.name(name):
            end = self._declared[id(leads_to)] = self._end(name, leads_to)
        return end

    def _end(self, name: bytes, leads_to: Destination) -> _End:
        return (self._source.name(name), *self._given_out(leads_to), leads_to)

    def _placed(self, receivers: dict[int, int]) -> list[ReferenceFact]:
        """The uses as facts; `receivers` has the types of those that members are taken from."""
        numbers, found = [*self._symbols.numbers, -1], self._found
        new, unknown = tuple.__new__, int(Target.UNKNOWN_RECEIVER)
        placed = []
        positions = self._source.positions([one[0] for one in found])
        for (at, kind, enclosing, end), (line, column) in zip(found, positions, strict=True):
            name, target, a, b, _ = end
            of = receivers.get(at, -1) if target == unknown else a
            fact = (name, kind, line, column, numbers[enclosing], target, of, b, True)
            placed.append(new(ReferenceFact, fact))
        return placed

    def _given_out(self, leads_to: Destination) -> Destination:
        """A destination as facts have it: plain numbers, in source order."""
        target, number, beyond = leads_to
        if target in _OF_SYMBOLS:
            number = self._symbols.numbers[number]
        elif target in _OF_IMPORTS:
            number = self._imports.numbers[number]
        elif target == Target.MODULE:
            number = self._requests.numbers[number]
        elif target == Target.LOCAL:
            number, beyond = self._source.position(number)
        return Destination(int(target), number, beyond)

    # Modules

    def _request_facts(self) -> list[ModuleRequest]:
        requests, source = self._walk.requests, self._source
        return [
            ModuleRequest(source.name(one.specifier), int(one.kind), *source.position(one.at))
            for one in (requests[number] for number in self._requests.order)
        ]

    def _import_facts(self) -> list[ImportBinding]:
        imports, source = self._walk.imports, self._source
        return [
            ImportBinding(
                source.name(one.name),
                self._requests.numbers[one.request],
                source.name(one.imported),
                one.type_only,
                *source.position(one.at),
            )
            for one in (imports[number] for number in self._imports.order)
        ]

    def _export_facts(self) -> list[ExportFact]:
        walk, source = self._walk, self._source
        exports = [
            *walk.exports,
            *self._members_of_exported_objects(),
            *self._spread_exports(),
        ]
        facts = []
        for one in sorted(exports, key=lambda export: export.at):
            within = self._symbols.numbers[one.within] if one.within >= 0 else -1
            for type_only, leads_to in self._exported(one):
                if within < 0:
                    self._mark_exported(one, leads_to)
                if one.shown is not None and leads_to.target != Target.SYMBOL:
                    self._note_export(one.shown, leads_to)
                line, column = source.position(one.at)
                target, a, b = self._given_out(leads_to)
                facts.append(
                    ExportFact(source.name(one.name), type_only, line, column, target, a, b, within)
                )
        return facts

    def _members_of_exported_objects(self) -> list[Export]:
        symbols = self._walk.symbols
        return [
            Export(
                name=name,
                type_only=False,
                at=symbols.declared[number].name_at,
                local=None,
                leads_to=Destination(Target.SYMBOL, number, None),
            )
            for owner in self._walk.exported_objects
            for name, number in symbols.static_members.get(owner, {}).items()
            if names_an_export(name)
        ]

    def _exported(self, one: Export) -> list[tuple[bool, Destination]]:
        """Each thing that an exported name leads to: a value and a type may share the name."""
        if one.name == b"*" and one.local is not None:
            return self._passed_on(one.local)
        if one.local is None:
            if one.leads_to is None:
                return []
            return [(one.type_only, self._membership.followed(one.leads_to, Meaning.ANY))]
        found: dict[Destination, bool] = {}
        scope = self._scopes.declaring(one.scope, one.local)
        for meaning in (Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE):
            declared = self._scopes.names[meaning][scope].get(one.local)
            if declared is not None:
                leads_to = self._membership.followed(declared, meaning)
                found.setdefault(leads_to, one.type_only or meaning is Meaning.TYPE)
        if not found:
            return [(one.type_only, Destination(Target.UNDECLARED, 0, None))]
        return [(type_only, leads_to) for leads_to, type_only in found.items()]

    def _note_export(self, node: Node, leads_to: Destination) -> None:
        self._walk.known.append(Known(node, ReferenceKind.EXPORT, -1, leads_to))

    def _note_open_exports(self) -> None:
        """Note the uses of `exports` and `module` that export unknown names, if they mean those."""
        for region, node in self._walk.open_exports:
            name = self._walk.spelled(node)
            if self._membership.name(region.scope, name, Meaning.VALUE) is UNDECLARED:
                self._note_export(node, UNKNOWN_RECEIVER)

    def _spread_exports(self) -> list[Export]:
        """The modules that are spread under their names into all that the file exports."""
        found = []
        for node in self._walk.spread_exports:
            passed_on = self._passed_on(self._walk.spelled(node))
            if not passed_on:
                self._note_export(node, UNKNOWN_RECEIVER)
            found += [
                Export(b"*", type_only, node.start_byte, None, leads_to, shown=node)
                for type_only, leads_to in passed_on
            ]
        return found

    def _passed_on(self, local: bytes) -> list[tuple[bool, Destination]]:
        """The module that a file passes on with all its names under one of its own, if any."""
        declared = self._scopes.names[Meaning.VALUE][Scopes.MODULE].get(local)
        if declared is None or declared.target != Target.IMPORT:
            return []
        binding = self._walk.imports[declared.a]
        if binding.imported not in WHOLES:
            return []
        return [(False, Destination(Target.MODULE, binding.request, "*"))]

    def _mark_exported(self, one: Export, leads_to: Destination) -> None:
        if leads_to.target == Target.SYMBOL:
            flags = int(SymbolFlag.EXPORTED)
            if one.name == b"default":
                flags |= SymbolFlag.DEFAULT
            self._walk.symbols.mark(leads_to.a, flags, merged=one.local is not None)
