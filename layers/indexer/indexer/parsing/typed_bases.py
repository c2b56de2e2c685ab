"""What a class extends, and what `super` is in it."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.typed_annotations import arguments_of
from indexer.parsing.typed_this import class_around
from indexer.parsing.typer import UNKNOWN, Typer


def class_base(typer: Typer, node: Node) -> int:
    """An instance of what a class extends, with type arguments from the code or its comment."""
    base, arguments = _heritage(node)
    of = typer.value(base)
    if of == UNKNOWN:
        return UNKNOWN
    types = arguments_of(typer, arguments) or _documented_arguments(typer, node)
    return typer.emit(TypeOp.NEW, len(types), parts=(of, *types))


def parent(typer: Typer, node: Node) -> int:
    """What `super` is: an instance of what the class around extends, or itself if static."""
    around, static = class_around(node)
    if around is None:
        return UNKNOWN
    return typer.value(_heritage(around)[0]) if static else class_base(typer, around)


def _heritage(node: Node) -> tuple[Node | None, Node | None]:
    """What a class extends, and the type arguments that it gives to that."""
    for heritage in node.named_children:
        for clause in heritage.named_children if heritage.type == "class_heritage" else ():
            if clause.type == "extends_clause":
                base = clause.child_by_field_name("value") or clause.named_children[0]
                return base, clause.child_by_field_name("type_arguments")
            if clause.type not in {"implements_clause", "comment"}:
                return clause, None
    return None, None


def _documented_arguments(typer: Typer, node: Node) -> tuple[int, ...]:
    """The type arguments of `@extends {Shop<Cart>}`."""
    block = typer.block(node)
    if typer.documented is None or block is None:
        return ()
    written = typer.documented.docs.type(block.base_at)
    if written is None or written.type != "generic_type":
        return ()
    return arguments_of(typer, written.child_by_field_name("type_arguments"))
