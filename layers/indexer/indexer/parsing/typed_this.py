"""What `this` is at a place in a file."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
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
    """The class whose instance `this` is, or the class itself in a static member."""
    static = False
    inside = False
    climbing: Node | None = node.parent
    while climbing is not None:
        kind = climbing.type
        if kind in _OWN_THIS:
            return UNKNOWN
        if kind == "object":
            if inside:
                return typer.value(climbing)
        elif kind in _MEMBERS:
            inside = True
            static = any(child.type == "static" for child in climbing.children)
        elif kind == "class_static_block":
            inside = static = True
        elif kind in _CLASSES:
            return _of_class(typer, climbing, static=static) if inside else UNKNOWN
        climbing = climbing.parent
    return UNKNOWN


def _of_class(typer: Typer, node: Node, *, static: bool) -> int:
    number = class_symbol(typer, node)
    if number < 0:
        return UNKNOWN
    op = TypeOp.SYMBOL_VALUE if static else TypeOp.INSTANCE
    return typer.emit(op, typer.symbol(number))


def class_symbol(typer: Typer, node: Node) -> int:
    """The symbol, in the walk's numbers, that a class or an interface is; -1: it is none."""
    name = node.child_by_field_name("name")
    if name is None and node.parent is not None:
        name = node.parent.child_by_field_name("name")
    at = name.start_byte if name is not None else node.start_byte
    return typer.symbol_at(at)
