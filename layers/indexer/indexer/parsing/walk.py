"""One pass over a syntax tree.

The walk visits every node once, without recursion. What a node means is an action in a table by
`kind_id`: most nodes are passed through or skipped, names are noted as uses, and declarations
enter names into scopes. What a use leads to is worked out afterwards, by `binding`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tree_sitter import Node

from indexer.parsing.collected import (
    Export,
    Import,
    Known,
    Region,
    Request,
    Subject,
    TemplateTag,
    Use,
)
from indexer.parsing.facts import (
    IN_A_COMMENT,
    ReferenceKind,
    SymbolFlag,
    SymbolKind,
    Target,
)
from indexer.parsing.jsdoc import Docs
from indexer.parsing.nodes import FUNCTION_VALUES
from indexer.parsing.scopes import MEANINGS, Destination, Meaning, ScopeKind, Scopes
from indexer.parsing.source import SourceText
from indexer.parsing.symbols import Declared, Symbols
from indexer.parsing.wording import Comments, signature

_LOCAL = Target.LOCAL


class Walk:
    """What has been found in one file so far. Actions read and fill it."""

    def __init__(
        self, source: SourceText, *, javascript: bool, ambient: bool, is_module: bool
    ) -> None:
        self.source = source
        self.text = source.text
        self.javascript = javascript
        self.is_module = is_module
        self.exports_all = False
        self.scopes = Scopes()
        self.symbols = Symbols()
        self.comments = Comments(source.text)
        self.requests: list[Request] = []
        self.imports: list[Import] = []
        self.exports: list[Export] = []
        self.bases: dict[int, list[tuple[Region, Use | None]]] = {}
        self.aliases: dict[Destination, tuple[Region, Use]] = {}
        self.known: list[Known] = []
        self.exported_objects: list[int] = []
        self.own_names: set[bytes] = set()
        # The symbols that `exports.a =` declares, by the names of the exports.
        self.assigned_exports: dict[bytes, int] = {}
        self.open_exports: list[tuple[Region, Node]] = []
        self.spread_exports: list[Node] = []
        self.symbol_of_value: dict[int, int] = {}
        # The functions and classes that object literals are the prototypes of, by offset.
        self.prototype_of: dict[int, int] = {}
        self.docs: Docs | None = None
        self.function_scopes: dict[int, int] = {}
        self.parameters_of_body: dict[int, int] = {}
        self.returned: dict[int, list[Node]] = {}
        self.yielded: dict[int, list[Node]] = {}
        self.awaited: set[int] = set()
        # Of `a + b!.c`, for which the grammar has `(a + b)!.c`: the operation, by the chain.
        self.operations: dict[int, Node] = {}
        # Of a<T>`…`, which the grammar takes for comparisons: what begins with the template, by the
        # comparison, and the tag by the template.
        self.compared: dict[int, Node] = {}
        self.tags: dict[int, TemplateTag] = {}
        self.assigned: list[Node] = []
        self.added: list[Node] = []
        self.conditions: list[Node] = []
        self.functions: list[Node] = []
        self.assigned_members: dict[int, list[Node]] = {}
        self.region = Region(Scopes.MODULE, -1, None, ambient=ambient)
        self.regions = [self.region]
        self._requested: dict[int, int] = {}
        self._pending: list[tuple[Region, Sequence[Node]]] = []
        self._stack: list[Sequence[Node]] = []
        self._put_off: list[tuple[Region, Node, Action, bool]] = []

    def run(self, root: Node, actions: Sequence[Action | None]) -> None:
        """Visit everything below `root`. Afterwards `regions` hold all uses."""
        self._pending.append((self.region, root.children))
        self._drain(actions)
        while self._put_off:
            put_off = sorted(self._put_off, key=lambda one: (one[3], one[1].start_byte))
            self._put_off = []
            for region, node, action, _ in put_off:
                self.region, self._stack = region, []
                action(self, node)
                self._pending.extend((region, batch) for batch in self._stack)
                self._drain(actions)

    def read_comments(self) -> None:
        """Read the types that the comments of JavaScript have; `run` must have come before."""
        comments = self.comments.jsdoc() if self.javascript else []
        if comments:
            self.docs = Docs(self.text, comments)
            for specifier, at in self.docs.requests.values():
                self.request(specifier, IN_A_COMMENT, at)

    def _drain(self, actions: Sequence[Action | None]) -> None:
        while self._pending:
            self.region, nodes = self._pending.pop()
            note_read = self.region.reads.append
            stack = self._stack = [nodes]
            while stack:
                for node in stack.pop():
                    action = actions[node.kind_id]
                    if action is None:
                        continue
                    if action is read:
                        note_read(node)
                    elif action is descend:
                        stack.append(node.children)
                    else:
                        action(self, node)

    # Where to go on

    def visit(self, nodes: Sequence[Node]) -> None:
        """Go on with these nodes in the current region."""
        self._stack.append(nodes)

    def defer(self, region: Region, nodes: Sequence[Node]) -> None:
        """Go on with these nodes in another region."""
        if nodes:
            self._pending.append((region, nodes))

    def put_off(self, node: Node, action: Action, *, last: bool = False) -> None:
        """Act on a node of the current region when everything else was visited.

        In the order of the source, but for those that come last.
        """
        self._put_off.append((self.region, node, action, last))

    def enter(self, region: Region, kind: ScopeKind) -> Region:
        """A new scope inside a region."""
        return self.within(region, scope=self.scopes.open(kind, region.scope))

    def within(
        self,
        region: Region,
        *,
        scope: int | None = None,
        enclosing: int | None = None,
    ) -> Region:
        """A region like another one, with another scope or enclosing symbol."""
        made = Region(
            region.scope if scope is None else scope,
            region.enclosing if enclosing is None else enclosing,
            region.this,
            ambient=region.ambient,
        )
        self.regions.append(made)
        return made

    def enclosed_by(self, region: Region, symbol: int) -> Region:
        """The region of what belongs to a symbol; the same one where there is none (-1)."""
        return region if symbol < 0 else self.within(region, enclosing=symbol)

    def flags_of_made(self, owner: int) -> int:
        """The flags of a member of what `new` makes of a function or a class."""
        is_function = owner >= 0 and self.symbols.declared[owner].kind == SymbolKind.FUNCTION
        return SymbolFlag.INSTANCE if is_function else 0

    # What was found

    def spelled(self, node: Node) -> bytes:
        """The source of a node."""
        return self.text[node.start_byte : node.end_byte]

    def declare_local(
        self, region: Region, name: Node, meaning: Meaning = Meaning.VALUE, scope: int | None = None
    ) -> None:
        """Enter a name that is no symbol."""
        at = name.start_byte
        holder = region.scope if scope is None else scope
        names = self.scopes.names[meaning][holder]
        names.setdefault(self.text[at : name.end_byte], Destination(_LOCAL, at, None))

    def add_symbol(
        self,
        region: Region,
        named: tuple[bytes, int],
        kind: SymbolKind,
        subject: Subject,
        head: bytes,
    ) -> int:
        """A symbol that no scope knows by its name; gives its number.

        `named` is the name and its offset, `head` what the signature is made of.
        """
        outer = subject.outer
        name, name_at = named
        flags = subject.flags | (SymbolFlag.AMBIENT if region.ambient else 0)
        start = outer.start_byte
        return self.symbols.add(
            Declared(
                name,
                kind,
                region.enclosing,
                name_at,
                start,
                outer.end_byte,
                signature(head),
                self.comments.documentation(start),
            ),
            flags,
        )

    def declare(
        self,
        region: Region,
        name: Node,
        kind: SymbolKind,
        subject: Subject,
        head: bytes,
        *,
        scope: int | None = None,
    ) -> int:
        """A symbol whose name is entered into a scope; gives its number."""
        spelled = self.spelled(name)
        scopes = self.scopes
        scope = region.scope if scope is None else scope
        if self.exports_all and scope == Scopes.MODULE:
            subject = Subject(subject.outer, subject.flags | SymbolFlag.EXPORTED)
        number = self.add_symbol(region, (spelled, name.start_byte), kind, subject, head)
        exported = subject.flags & SymbolFlag.EXPORTED
        if scopes.kinds[scope] is ScopeKind.NAMESPACE and (exported or region.ambient):
            scope = scopes.holding_exports(scope)
        leads_to = Destination(Target.SYMBOL, number, None)
        meanings = MEANINGS[kind]
        if scopes.kinds[scope] is ScopeKind.AUGMENTATION:
            for meaning in meanings:
                scopes.declare(scope, spelled, meaning, leads_to)
            scope = Scopes.GLOBAL
        for meaning in meanings:
            scopes.declare(scope, spelled, meaning, leads_to)
        self.symbols.merge(number, scope, spelled)
        if exported and scope == Scopes.MODULE:
            public = b"default" if subject.flags & SymbolFlag.DEFAULT else spelled
            type_only = Meaning.VALUE not in meanings
            self.exports.append(Export(public, type_only, name.start_byte, None, leads_to))
        return number

    def declare_default(
        self, region: Region, kind: SymbolKind, subject: Subject, head: bytes
    ) -> int:
        """The symbol of a default export that has no name."""
        start = subject.outer.start_byte
        number = self.add_symbol(region, (b"default", start), kind, subject, head)
        self.add_export(b"default", start, Destination(Target.SYMBOL, number, None))
        return number

    def name_again(self, region: Region, name: Node, symbol: int) -> None:
        """Enter another name for a symbol, for what its kind of symbol means by one."""
        kind = SymbolKind(self.symbols.declared[symbol].kind)
        leads_to = Destination(Target.SYMBOL, symbol, None)
        for meaning in MEANINGS.get(kind, (Meaning.VALUE,)):
            self.scopes.declare(region.scope, self.spelled(name), meaning, leads_to)

    def note_cast(self, before: Node | None, value: Node | None) -> None:
        """Note the comment of JavaScript between a value and what stands before it.

        It may say what type the value has, if that is in parentheses, `a = /** @type {T} */ (b)`,
        or a function: `a = /** @type {T} */ (b) => c`.
        """
        if not self.javascript or before is None or value is None:
            return
        if value.type != "parenthesized_expression" and value.type not in FUNCTION_VALUES:
            return
        start, end = before.end_byte, value.start_byte
        at = self.text.find(b"/**", start, end)
        closed = self.text.rfind(b"*/", start, end)
        if 0 <= at < closed:
            self.comments.add(at, closed + len(b"*/"))

    def use(
        self,
        root: Node | None,
        steps: Sequence[Node] = (),
        kind: ReferenceKind = ReferenceKind.READ,
        meaning: Meaning = Meaning.VALUE,
        region: Region | None = None,
    ) -> Use:
        """Note a use of a name, or of a member reached from it."""
        made = Use(root, steps, kind, meaning)
        (region or self.region).uses.append(made)
        return made

    def add_export(
        self,
        name: bytes,
        at: int,
        leads_to: Destination | None,
        local: bytes | None = None,
        *,
        shown: Node | None = None,
    ) -> None:
        """Note an exported name that leads somewhere, or to what `local` means in this module."""
        made = Export(name, type_only=False, at=at, local=local, leads_to=leads_to, shown=shown)
        self.exports.append(made)

    def use_known(self, node: Node, kind: ReferenceKind, leads_to: Destination) -> None:
        """Note a use whose destination is clear where it stands."""
        self.known.append(Known(node, kind, self.region.enclosing, leads_to))

    def bind_import(
        self,
        name: Node,
        request: int,
        imported: bytes,
        *,
        type_only: bool,
        scope: int | None = None,
    ) -> int:
        """Enter the local name of something imported; gives the import's number."""
        number = self.add_import(name, request, imported, type_only=type_only)
        self.enter_import(name, Destination(Target.IMPORT, number, None), scope)
        return number

    def add_import(self, name: Node, request: int, imported: bytes, *, type_only: bool) -> int:
        """Note an import that no scope knows by itself; gives its number."""
        spelled = self.spelled(name)
        self.imports.append(Import(spelled, request, imported, type_only, name.start_byte))
        return len(self.imports) - 1

    def enter_import(self, name: Node, leads_to: Destination, scope: int | None = None) -> None:
        """Enter a local name for something imported: it may be a value, a type, a namespace."""
        holder = self.region.scope if scope is None else scope
        for meaning in (Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE):
            self.scopes.declare(holder, self.spelled(name), meaning, leads_to)

    def request(self, specifier: bytes, kind: int, at: int) -> int:
        """Note that a module is asked for; gives the request's number, the same for one place."""
        number = self._requested.setdefault(at, len(self.requests))
        if number == len(self.requests):
            self.requests.append(Request(specifier, kind, at))
        return number


Action = Callable[[Walk, Node], None]
"""What to do about a node. It may note uses, declare, and `visit` or `defer` what is inside."""


def read(walk: Walk, node: Node) -> None:
    """A name whose value is read; `Walk.run` does this itself, for speed."""
    walk.region.reads.append(node)


def descend(walk: Walk, node: Node) -> None:
    """Nothing in itself; `Walk.run` does this itself, for speed."""
    walk.visit(node.children)
