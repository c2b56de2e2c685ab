"""Declaration statements: variables, enums, namespaces, `declare`, and where each is dispatched."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from indexer.parsing.classes import (
    class_declaration,
    interface_declaration,
    type_alias_declaration,
    type_of_symbol,
)
from indexer.parsing.collected import Region, Subject
from indexer.parsing.commonjs import required_bindings
from indexer.parsing.facts import DependencyKind, SymbolFlag, SymbolKind, Target
from indexer.parsing.functions import function_declaration, head
from indexer.parsing.open_exports import means_exports
from indexer.parsing.patterns import names_bound
from indexer.parsing.scopes import Destination, Meaning, ScopeKind
from indexer.parsing.values import declared_value, kind_of_value, member_name, value_head
from indexer.parsing.walk import Walk

Declaration = Callable[[Walk, Node, Subject], None]

_OUTSIDE_FUNCTIONS = frozenset(
    {ScopeKind.GLOBAL, ScopeKind.MODULE, ScopeKind.NAMESPACE, ScopeKind.AUGMENTATION}
)


# Variables


def variable_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`var`, `let`, `const` and `using`, each name of each pattern."""
    keyword = node.children[0].type
    for child in node.named_children if walk.javascript else ():
        if child.type == "comment":
            walk.comments.add(child.start_byte, child.end_byte)
    declarators = [child for child in node.named_children if child.type == "variable_declarator"]
    for declarator in declarators:
        outer = subject.outer if len(declarators) == 1 else declarator
        _variable(walk, declarator, Subject(outer, subject.flags), keyword)


def _variable(walk: Walk, declarator: Node, subject: Subject, keyword: str) -> None:
    pattern = declarator.child_by_field_name("name")
    value = declarator.child_by_field_name("value")
    annotation = declarator.child_by_field_name("type")
    region = walk.region
    if pattern is None:
        walk.visit(declarator.children)
        return
    scope = walk.scopes.holding_var(region.scope) if keyword == "var" else region.scope
    at = subject.outer.start_byte
    if (
        walk.javascript
        and value is not None
        and required_bindings(walk, pattern, value, scope, declared_at=at)
    ):
        return
    otherwise = SymbolKind.CONSTANT if keyword == "const" else SymbolKind.VARIABLE
    single = pattern.type == "identifier"
    kind = kind_of_value(value, otherwise) if single else otherwise
    number = -1
    if walk.scopes.kinds[scope] in _OUTSIDE_FUNCTIONS or kind is not otherwise:
        written = _variable_head(walk, declarator, keyword, value)
        for name in names_bound(walk, region, pattern):
            shown = written if single else keyword.encode() + b" " + walk.spelled(name)
            number = walk.declare(region, name, kind, subject, shown, scope=scope)
    else:
        for name in names_bound(walk, region, pattern):
            walk.declare_local(region, name, scope=scope)
    if not single:
        number = -1
    if number >= 0 and value is not None and walk.javascript and means_exports(walk, value):
        walk.own_names.add(walk.spelled(pattern))
    if annotation is not None:
        walk.symbols.opaque.add(number)
        type_of_symbol(walk, walk.enclosed_by(region, number), annotation, number)
    if value is not None:
        walk.note_cast(pattern, value)
        declared_value(walk, region, value, number)


def _variable_head(walk: Walk, declarator: Node, keyword: str, value: Node | None) -> bytes:
    written = head(walk, declarator, value).removesuffix(b"=").rstrip()
    return keyword.encode() + b" " + written + value_head(walk, value)


def used_value(walk: Walk, node: Node) -> None:
    """`using a = b` as the TypeScript grammars have it: an assignment with a word before it."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    region = walk.region
    if left is not None and left.type == "identifier":
        if walk.scopes.kinds[region.scope] in _OUTSIDE_FUNCTIONS:
            subject = Subject(node, 0)
            shown = b"using " + walk.spelled(left)
            walk.declare(region, left, SymbolKind.CONSTANT, subject, shown)
        else:
            walk.declare_local(region, left)
    walk.visit([right] if right else [])


# Enums


def enum_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`enum E {}`; its members see each other, those of other parts of the same enum included."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        walk.visit(node.children)
        return
    symbol = walk.declare(walk.region, name, SymbolKind.ENUM, subject, head(walk, node, body))
    exports = exports_scope(walk, walk.region, symbol)
    region = walk.within(walk.region, scope=exports, enclosing=symbol)
    for child in body.children:
        if child.type == "comment":
            walk.comments.add(child.start_byte, child.end_byte)
        elif child.is_named:
            _enum_member(walk, child, region, symbol)


def _enum_member(walk: Walk, node: Node, region: Region, owner: int) -> None:
    value = node.child_by_field_name("value")
    name_node = node.child_by_field_name("name") if node.type == "enum_assignment" else node
    named = member_name(walk, name_node)
    inside = region
    if named is None:
        walk.defer(region, [name_node] if name_node else [])
    else:
        subject = Subject(node, 0)
        written = walk.spelled(node)
        number = walk.add_symbol(region, named, SymbolKind.ENUM_MEMBER, subject, written)
        walk.symbols.add_member(owner, named[0], number, static=True)
        leads_to = Destination(Target.SYMBOL, number, None)
        for meaning in (Meaning.VALUE, Meaning.TYPE):
            walk.scopes.declare(region.scope, named[0], meaning, leads_to)
        inside = walk.within(region, enclosing=number)
    if value is not None:
        walk.defer(inside, [value])


# Namespaces and ambient modules


def exports_scope(walk: Walk, region: Region, symbol: int) -> int:
    """The scope of the exported names of a namespace or enum, shared by all parts of it."""
    entity = walk.symbols.entity[symbol]
    known = walk.symbols.exports_scope.get(entity)
    if known is None:
        known = walk.scopes.open(ScopeKind.EXPORTS, region.scope)
        walk.symbols.exports_scope[entity] = known
    return known


def namespace_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`namespace A.B {}`, `module A {}` and `declare module "x" {}`."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None:
        walk.visit(node.children)
        return
    written = head(walk, node, body)
    if name.type == "string":
        _ambient_module(walk, name, body, subject, written)
        return
    region = walk.region
    for part in _parts(name):
        symbol = walk.declare(region, part, SymbolKind.NAMESPACE, subject, written)
        region = _namespace_body(walk, region, symbol, exports_scope(walk, region, symbol))
        region.ambient = region.ambient or bool(subject.flags & SymbolFlag.AMBIENT)
        subject = Subject(node, SymbolFlag.EXPORTED)
    walk.defer(region, body.children if body else [])


def _parts(name: Node) -> list[Node]:
    parts = []
    # Of more than two parts the grammar has all but the last as a `member_expression`.
    while name.type in {"nested_identifier", "member_expression"}:
        parts.append(name.children[-1])
        name = name.children[0]
    parts.append(name)
    parts.reverse()
    return parts


def _namespace_body(walk: Walk, region: Region, symbol: int, exports: int) -> Region:
    scope = walk.scopes.open(ScopeKind.NAMESPACE, exports)
    made = walk.within(region, scope=scope, enclosing=symbol)
    made.this = None
    return made


def _ambient_module(
    walk: Walk, name: Node, body: Node | None, subject: Subject, written: bytes
) -> None:
    specifier = walk.text[name.start_byte + 1 : name.end_byte - 1]
    region = walk.region
    if walk.is_module:
        walk.request(specifier, DependencyKind.MODULE_AUGMENTATION, name.start_byte)
    symbol = walk.add_symbol(
        region, (specifier, name.start_byte), SymbolKind.MODULE, subject, written
    )
    inside = _namespace_body(walk, region, symbol, exports_scope(walk, region, symbol))
    inside.ambient = True
    walk.defer(inside, body.children if body else [])


def _global_augmentation(walk: Walk, keyword: Node, body: Node, subject: Subject) -> None:
    region = walk.region
    symbol = walk.add_symbol(
        region, (b"global", keyword.start_byte), SymbolKind.MODULE, subject, b"global"
    )
    # It sees what the module imports; what it declares is for everyone.
    inside = walk.within(
        region, scope=walk.scopes.open(ScopeKind.AUGMENTATION, region.scope), enclosing=symbol
    )
    inside.this = None
    inside.ambient = True
    walk.defer(inside, body.children)


# Dispatch


def ambient_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`declare …`."""
    subject = Subject(subject.outer, subject.flags | SymbolFlag.AMBIENT)
    keyword = None
    for child in node.children:
        declaration = DECLARATIONS.get(child.type)
        if declaration is not None:
            declaration(walk, child, subject)
        elif child.type == "global":
            keyword = child
        elif child.type == "statement_block" and keyword is not None:
            _global_augmentation(walk, keyword, child, subject)
        elif child.is_named:
            walk.visit([child])


DECLARATIONS: dict[str, Declaration] = {
    "abstract_class_declaration": class_declaration,
    "ambient_declaration": ambient_declaration,
    "class_declaration": class_declaration,
    "enum_declaration": enum_declaration,
    "function_declaration": function_declaration,
    "function_signature": function_declaration,
    "generator_function_declaration": function_declaration,
    "interface_declaration": interface_declaration,
    "internal_module": namespace_declaration,
    "lexical_declaration": variable_declaration,
    "module": namespace_declaration,
    "type_alias_declaration": type_alias_declaration,
    "using_declaration": variable_declaration,
    "variable_declaration": variable_declaration,
}
