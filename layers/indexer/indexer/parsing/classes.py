"""Classes, interfaces, type literals and the members that they declare."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.chains import chain
from indexer.parsing.collected import Receiver, Region, Subject
from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind
from indexer.parsing.functions import function_like, head, type_parameters, visibility, words
from indexer.parsing.scopes import Meaning, ScopeKind
from indexer.parsing.symbols import own_flags
from indexer.parsing.values import initial_value, member_name, method_kind, value_head
from indexer.parsing.walk import Walk

_METHODS = frozenset({"method_definition", "method_signature", "abstract_method_signature"})
_FIELDS = frozenset({"public_field_definition", "field_definition", "property_signature"})
_TYPE_NAMES = frozenset(
    {"type_identifier", "nested_type_identifier", "identifier", "member_expression"}
)


def class_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`class A {}`, `abstract class A {}`, and the default export without a name."""
    name = node.child_by_field_name("name")
    flags = subject.flags | own_flags(words(node))
    subject = Subject(subject.outer, flags)
    written = head(walk, node, node.child_by_field_name("body"))
    region = walk.region
    if name is not None:
        symbol = walk.declare(region, name, SymbolKind.CLASS, subject, written)
    else:
        symbol = walk.declare_default(region, SymbolKind.CLASS, subject, written)
    _class_like(walk, node, region, symbol)


def class_expression(walk: Walk, node: Node) -> None:
    """A class as a value; its own name, where it has one, is visible inside it only."""
    symbol = walk.symbol_of_value.pop(node.start_byte, -1)
    outside = walk.region
    name = node.child_by_field_name("name")
    if name is not None:
        outside = walk.enter(outside, ScopeKind.BLOCK)
        if symbol >= 0:
            walk.name_again(outside, name, symbol)
        else:
            symbol = walk.declare(
                outside,
                name,
                SymbolKind.CLASS,
                Subject(node, 0),
                head(walk, node, node.child_by_field_name("body")),
            )
    _class_like(walk, node, outside, symbol)


def _class_like(walk: Walk, node: Node, outside: Region, symbol: int) -> None:
    walk.functions.append(node)
    owner = symbol if symbol >= 0 else walk.symbols.anonymous()
    # What a class extends sees its type parameters, and the `this` around it.
    heritage = walk.enter(walk.enclosed_by(outside, symbol), ScopeKind.CLASS)
    region = walk.within(heritage)
    region.this = Receiver(owner, static=True)
    for child in node.named_children:
        kind = child.type
        if kind == "type_parameters":
            type_parameters(walk, region, child)
        elif kind == "class_heritage":
            _heritage(walk, child, heritage, owner)
        elif kind == "decorator":
            walk.defer(outside, [child])
        elif kind == "class_body":
            _class_body(walk, child, region, owner)


def _heritage(walk: Walk, node: Node, region: Region, owner: int) -> None:
    for clause in node.named_children:
        if clause.type == "implements_clause":
            for one in clause.named_children:
                _base(walk, one, region, owner=None, kind=ReferenceKind.IMPLEMENTS)
        elif clause.type == "extends_clause":
            for one in clause.named_children:
                if one.type == "type_arguments":
                    walk.defer(region, [one])
                else:
                    _extended(walk, one, region, owner)
        else:
            _extended(walk, clause, region, owner)


def _extended(walk: Walk, base: Node, region: Region, owner: int) -> None:
    use = chain(walk, base, ReferenceKind.EXTENDS, region)
    walk.bases.setdefault(owner, []).append((region, use))


def _base(
    walk: Walk, node: Node, region: Region, *, owner: int | None, kind: ReferenceKind
) -> None:
    """A type that an interface extends (`owner`) or a class implements."""
    if node.type == "generic_type":
        name, *others = node.named_children
        walk.defer(region, others)
        node = name
    use = None
    if node.type in {"type_identifier", "identifier"}:
        use = walk.use(node, (), kind, Meaning.TYPE, region)
    elif node.type in _TYPE_NAMES:
        use = chain(walk, node, kind, region, Meaning.TYPE)
    else:
        walk.defer(region, [node])
    if owner is not None:
        walk.bases.setdefault(owner, []).append((region, use))


def _class_body(walk: Walk, body: Node, region: Region, owner: int) -> None:
    for child in body.children:
        kind = child.type
        if kind == "comment":
            walk.comments.add(child.start_byte, child.end_byte)
        elif kind in _METHODS:
            _method(walk, child, region, owner)
        elif kind in _FIELDS:
            _field(walk, child, region, owner)
        elif child.is_named:
            walk.defer(region, [child])


def _member_region(walk: Walk, region: Region, owner: int, *, static: bool) -> Region:
    made = walk.within(region)
    made.this = Receiver(owner, static)
    return made


def _member_flags(walk: Walk, node: Node, tokens: set[str], name: bytes) -> int:
    flags = own_flags(tokens) | visibility(walk, node)
    return flags | SymbolFlag.PRIVATE if name.startswith(b"#") else flags


def _name_node(node: Node) -> Node | None:
    return node.child_by_field_name("name") or node.child_by_field_name("property")


def _method(walk: Walk, node: Node, region: Region, owner: int) -> None:
    tokens = words(node)
    static = "static" in tokens
    inside = _member_region(walk, region, owner, static=static)
    name_node = _name_node(node)
    named = member_name(walk, name_node)
    is_constructor = False
    if named is None:
        walk.defer(region, [name_node] if name_node else [])
    else:
        name, at = named
        is_constructor = name == b"constructor" and not static
        kind = SymbolKind.CONSTRUCTOR if is_constructor else method_kind(tokens)
        flags = _member_flags(walk, node, tokens, name)
        if node.type == "method_signature" and region.this and not region.ambient:
            flags |= SymbolFlag.OVERLOAD
        written = head(walk, node, node.child_by_field_name("body"))
        inside.enclosing = walk.add_symbol(region, (name, at), kind, Subject(node, flags), written)
        if not is_constructor:
            walk.symbols.add_member(owner, name, inside.enclosing, static=static)
    function_like(walk, node, inside, owner=owner if is_constructor else -1)


def _field(walk: Walk, node: Node, region: Region, owner: int) -> None:
    name_node = _name_node(node)
    value = node.child_by_field_name("value")
    annotation = node.child_by_field_name("type")
    walk.defer(region, [child for child in node.named_children if child.type == "decorator"])
    tokens = words(node)
    static = "static" in tokens
    inside = _member_region(walk, region, owner, static=static)
    named = member_name(walk, name_node)
    number = -1
    if named is None:
        walk.defer(region, [name_node] if name_node else [])
    else:
        name, at = named
        flags = _member_flags(walk, node, tokens, name)
        written = _field_head(walk, node, value)
        number = walk.add_symbol(
            region, (name, at), SymbolKind.PROPERTY, Subject(node, flags), written
        )
        walk.symbols.add_member(owner, name, number, static=static)
        inside.enclosing = number
    if annotation is not None:
        walk.symbols.opaque.add(number)
        type_of_symbol(walk, inside, annotation, number)
    if value is not None:
        walk.note_cast(name_node, value)
        initial_value(walk, inside, value, number)


def _field_head(walk: Walk, node: Node, value: Node | None) -> bytes:
    annotation = node.child_by_field_name("type")
    literal = annotation.named_children[-1] if annotation is not None else None
    until = literal if literal is not None and literal.type == "object_type" else value
    written = head(walk, node, until)
    return written.removesuffix(b"=").rstrip() + value_head(walk, value)


# Interfaces and type literals


def interface_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`interface A<T> extends B {}`; several of one name are one interface."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None:
        walk.visit(node.children)
        return
    written = head(walk, node, body)
    symbol = walk.declare(walk.region, name, SymbolKind.INTERFACE, subject, written)
    region = walk.enclosed_by(walk.enter(walk.region, ScopeKind.TYPE), symbol)
    for child in node.named_children:
        if child.type == "type_parameters":
            type_parameters(walk, region, child)
        elif child.type == "extends_type_clause":
            for one in child.named_children:
                _base(walk, one, region, owner=symbol, kind=ReferenceKind.EXTENDS)
    if body is not None:
        type_members(walk, body, region, symbol)


def type_alias_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`type A<T> = …`; the members of a type literal are members of the alias."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        walk.visit(node.children)
        return
    until = value if value.type == "object_type" else None
    written = head(walk, node, until).removesuffix(b"=")
    symbol = walk.declare(walk.region, name, SymbolKind.TYPE, subject, written)
    region = walk.enclosed_by(walk.enter(walk.region, ScopeKind.TYPE), symbol)
    if parameters := node.child_by_field_name("type_parameters"):
        type_parameters(walk, region, parameters)
    type_of_symbol(walk, region, value, symbol)


_TRANSPARENT_TYPES = frozenset(
    {"type_annotation", "union_type", "intersection_type", "parenthesized_type", "readonly_type"}
)


def type_of_symbol(walk: Walk, region: Region, node: Node, symbol: int) -> None:
    """Go on in a symbol's type; the members of type literals in it become the symbol's."""
    stack = [node]
    while stack:
        node = stack.pop()
        if node.type in _TRANSPARENT_TYPES:
            stack.extend(reversed(node.named_children))
            if node.type == "union_type":
                walk.symbols.of_union.add(symbol)
        elif node.type == "object_type" and symbol >= 0:
            walk.symbol_of_value[node.start_byte] = symbol
            walk.defer(region, [node])
        else:
            walk.defer(region, [node])


def object_type(walk: Walk, node: Node) -> None:
    """A type literal; where it is the type of a symbol, its members are members of that."""
    owner = walk.symbol_of_value.pop(node.start_byte, -1)
    if owner < 0:
        walk.visit(node.children)
    else:
        type_members(walk, node, walk.region, owner)


def type_members(walk: Walk, body: Node, region: Region, owner: int) -> None:
    """The members of an interface or a type literal."""
    region = walk.within(region)
    region.this = None
    for child in body.children:
        kind = child.type
        if kind == "comment":
            walk.comments.add(child.start_byte, child.end_byte)
        elif kind == "method_signature":
            _method(walk, child, region, owner)
        elif kind == "property_signature":
            _field(walk, child, region, owner)
        elif child.is_named:
            walk.defer(region, [child])
