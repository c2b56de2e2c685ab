"""What each use leads to, as far as the file itself can tell.

Runs after the walk, when every declaration of the file is known. Facts come out in source order,
and the numbers by which they point at each other are those of that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from tree_sitter import Node

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
from indexer.parsing.membership import Membership
from indexer.parsing.scopes import UNKNOWN_RECEIVER, Destination, Meaning, Scopes
from indexer.parsing.walk import Export, Region, Use, Walk


class _Bound(NamedTuple):
    """A reference at an offset, its destination in the walk's own numbers."""

    at: int
    name: bytes
    kind: int
    enclosing: int
    leads_to: Destination


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


def bound(walk: Walk, syntax_errors: int) -> FileFacts:
    """The facts of a file that was walked."""
    return _Binder(walk).facts(syntax_errors)


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
        self._renumbered: dict[Destination, Destination] = {}

    def facts(self, syntax_errors: int) -> FileFacts:
        exports = self._export_facts()
        return FileFacts(
            symbols=self._walk.symbols.facts(self._source, *self._symbols),
            references=self._reference_facts(),
            requests=self._request_facts(),
            imports=self._import_facts(),
            exports=exports,
            line_count=len(self._source.line_starts),
            syntax_errors=syntax_errors,
        )

    # References

    def _reference_facts(self) -> list[ReferenceFact]:
        found: list[_Bound] = []
        for region in self._walk.regions:
            self._bind_names(region, region.reads, ReferenceKind.READ, Meaning.VALUE, found)
            self._bind_names(region, region.types, ReferenceKind.TYPE, Meaning.TYPE, found)
            if region.uses:
                self._bind_uses(region, found)
        spelled = self._walk.spelled
        for known in self._walk.known:
            node = known.node
            found.append(
                _Bound(node.start_byte, spelled(node), known.kind, known.enclosing, known.leads_to)
            )
        found.sort(key=itemgetter(0))
        return self._placed(found)

    def _bind_names(
        self,
        region: Region,
        nodes: list[Node],
        kind: ReferenceKind,
        meaning: Meaning,
        found: list[_Bound],
    ) -> None:
        text, enclosing, number = self._text, region.enclosing, int(kind)
        looked_up: dict[bytes, Destination] = {}
        for node in nodes:
            at = node.start_byte
            name = text[at : node.end_byte]
            leads_to = looked_up.get(name)
            if leads_to is None:
                leads_to = self._membership.name(region.scope, name, meaning)
                looked_up[name] = leads_to
            found.append(_Bound(at, name, number, enclosing, leads_to))

    def _bind_uses(self, region: Region, found: list[_Bound]) -> None:
        spelled, membership = self._walk.spelled, self._membership
        for use in region.uses:
            node = use.steps[-1] if use.steps else use.root
            if node is None:
                continue
            leads_to = membership.destination(region, use)
            found.append(
                _Bound(node.start_byte, spelled(node), int(use.kind), region.enclosing, leads_to)
            )

    def _placed(self, found: list[_Bound]) -> list[ReferenceFact]:
        position, name_of = self._source.position, self._source.name
        numbers = [*self._symbols.numbers, -1]
        make = ReferenceFact._make
        facts = []
        for at, name, kind, enclosing, leads_to in found:
            line, column = position(at)
            target, a, b = self._renumber(leads_to)
            facts.append(
                make((name_of(name), kind, line, column, numbers[enclosing], target, a, b, True))
            )
        return facts

    def _renumber(self, leads_to: Destination) -> Destination:
        known = self._renumbered.get(leads_to)
        if known is None:
            known = leads_to
            target, a, b = leads_to
            if target == Target.SYMBOL or target == Target.INSTANCE_MEMBER:
                known = Destination(target, self._symbols.numbers[a], b)
            elif target in {Target.IMPORT, Target.IMPORT_MEMBER}:
                known = Destination(target, self._imports.numbers[a], b)
            elif target == Target.MODULE:
                known = Destination(target, self._requests.numbers[a], b)
            self._renumbered[leads_to] = known
        return known

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
        exports = [*walk.exports, *self._members_of_exported_objects()]
        facts = []
        for one in sorted(exports, key=lambda export: export.at):
            for type_only, leads_to in self._exported(one):
                self._mark_exported(one, leads_to)
                facts.append(
                    ExportFact(
                        source.name(one.name),
                        type_only,
                        *source.position(one.at),
                        *self._renumber(leads_to),
                    )
                )
        return facts

    def _members_of_exported_objects(self) -> list[Export]:
        symbols = self._walk.symbols
        return [
            Export(
                name,
                False,
                symbols.declared[number].name_at,
                None,
                Destination(Target.SYMBOL, number, None),
            )
            for owner in self._walk.exported_objects
            for name, number in symbols.static_members.get(owner, {}).items()
        ]

    def _exported(self, one: Export) -> list[tuple[bool, Destination]]:
        """Each thing that an exported name leads to: a value and a type may share the name."""
        if one.local is None:
            if one.leads_to is None:
                return []
            return [(one.type_only, self._membership.followed(one.leads_to, Meaning.ANY))]
        found: dict[Destination, bool] = {}
        for meaning in (Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE):
            leads_to = self._membership.name(Scopes.MODULE, one.local, meaning)
            if leads_to.target != Target.UNDECLARED:
                found.setdefault(leads_to, one.type_only or meaning is Meaning.TYPE)
        if not found:
            return [(one.type_only, Destination(Target.UNDECLARED, 0, None))]
        return [(type_only, leads_to) for leads_to, type_only in found.items()]

    def _mark_exported(self, one: Export, leads_to: Destination) -> None:
        if leads_to.target == Target.SYMBOL:
            flags = int(SymbolFlag.EXPORTED)
            if one.name == b"default":
                flags |= SymbolFlag.DEFAULT
            self._walk.symbols.mark(leads_to.a, flags)
