"""What `this` is at a place in a file."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.nodes import parts_of
from indexer.parsing.typer import UNKNOWN, Typer

_OWN_THIS: Final = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function",
        "function",
        "generator_function_declaration",
    }
)
_MEMBERS: Final = frozenset(
    {
        "method_definition",
        "method_signature",
        "public_field_definition",
        "field_definition",
        "abstract_method_signature",
        "property_signature",
    }
)
_CLASSES: Final = frozenset(
    {"class_declaration", "class", "abstract_class_declaration", "interface_declaration"}
)


def instance(typer: Typer, node: Node) -> int:
    """What `this` is: an instance of a class, a static member's class, or what a function says."""
    static = False
    inside = False
    climbing: Node | None = node.parent
    while climbing is not None:
        kind = climbing.type
        if kind in _OWN_THIS:
            return _of_function(typer, climbing, _of_place(typer, climbing))
        if kind == "method_definition":
            said = _of_method(typer, climbing)
            if said != UNKNOWN:
                return said
        if kind == "object":
            if inside:
                return _of_object(typer, climbing)
        elif kind in _MEMBERS:
            inside = True
            static = any(child.type == "static" for child in climbing.children)
        elif kind == "class_static_block":
            inside = static = True
        elif kind in _CLASSES:
            return _of_class(typer, climbing, static=static) if inside else UNKNOWN
        climbing = climbing.parent
    return UNKNOWN


def class_around(node: Node) -> tuple[Node | None, bool]:
    """The class in whose member an expression stands, and whether that is static; None: in none."""
    static = False
    climbing = node.parent
    while climbing is not None and climbing.type not in _CLASSES:
        kind = climbing.type
        if kind == "object" or kind in _OWN_THIS:
            return None, False
        is_member = kind in _MEMBERS and any(one.type == "static" for one in climbing.children)
        static = static or is_member or kind == "class_static_block"
        climbing = climbing.parent
    return climbing, static


def written_this(typer: Typer, function: Node) -> int:
    """The type of `this` that a function's first parameter or its comment says."""
    block = typer.block(function)
    if block is not None and block.this_at >= 0:
        return typer.documented_type(block.this_at)
    declared = function.child_by_field_name("parameters")
    for one in parts_of(declared)[:1] if declared is not None else ():
        pattern = one.child_by_field_name("pattern")
        if pattern is not None and pattern.type == "this":
            return typer.annotation(one.child_by_field_name("type"))
    return UNKNOWN


def _of_function(typer: Typer, function: Node, otherwise: int) -> int:
    """What the function says, what is expected of it where it stands, or else what is given."""
    said = written_this(typer, function)
    if said != UNKNOWN:
        return said
    expected = typer.expected(function)
    if expected == UNKNOWN:
        return otherwise
    return typer.emit(TypeOp.THIS, parts=(expected, otherwise))


def _of_method(typer: Typer, method: Node) -> int:
    """What a method says, or of an object's what is expected of it; else it is what has it."""
    holder = method.parent
    if holder is not None and holder.type == "object":
        return _of_function(typer, method, _of_object(typer, holder))
    return written_this(typer, method)


def _of_object(typer: Typer, literal: Node) -> int:
    """What is expected of an object literal where it stands, and else the literal itself.

    https://www.typescriptlang.org/docs/handbook/release-notes/typescript-2-3.html#type-of-this
    """
    own, expected = typer.value(literal), typer.expected(literal)
    if UNKNOWN in {own, expected}:
        return own
    return typer.emit(TypeOp.OF_LITERAL, parts=(expected, own))


def _of_place(typer: Typer, function: Node) -> int:
    """The object that a function is a property of, or is assigned to a member of."""
    outer = function.parent
    if outer is not None and outer.type == "pair" and outer.parent is not None:
        return _of_object(typer, outer.parent)
    made = _made_by(typer, function)
    if made != UNKNOWN:
        return made
    if outer is not None and outer.type == "assignment_expression":
        left = outer.child_by_field_name("left")
        if left is not None and left.type == "member_expression":
            return _holder(typer, left.children[0])
    return UNKNOWN


def _made_by(typer: Typer, function: Node) -> int:
    """What `new` makes of a function that gives it members."""
    symbols = typer.walk.symbols
    number = class_symbol(typer, function)
    if number < 0 or not symbols.instance_members.get(symbols.entity_of(number)):
        return UNKNOWN
    return typer.emit(TypeOp.INSTANCE, typer.symbol(number))


def _holder(typer: Typer, node: Node) -> int:
    """What a function is assigned to a member of: of `A.prototype` a new A."""
    if node.type == "member_expression" and typer.spelled(node.children[-1]) == "prototype":
        return typer.wrapped(TypeOp.NEW, typer.value(node.children[0]))
    return typer.value(node)


def _of_class(typer: Typer, node: Node, *, static: bool) -> int:
    number = class_symbol(typer, node)
    if number < 0:
        return UNKNOWN
    op = TypeOp.SYMBOL_VALUE if static else TypeOp.INSTANCE
    return typer.emit(op, typer.symbol(number))


def class_symbol(typer: Typer, node: Node) -> int:
    """The symbol, in the walk's numbers, that a class, interface or function is; -1: it is none.

    An expression is that of what it is given to, also where it has a name for itself.
    """
    name, outer = node.child_by_field_name("name"), node.parent
    number = -1 if name is None else typer.symbol_at(name.start_byte)
    if number >= 0 or outer is None:
        return number
    given_to = outer.child_by_field_name("name")
    left = outer.child_by_field_name("left")
    if left is not None and left.type == "member_expression":
        given_to = left.children[-1]
    if given_to is not None:
        return typer.symbol_at(given_to.start_byte)
    return typer.symbol_at(node.start_byte) if name is None else -1
