"""The types of functions that have a body, and of the methods and accessors of a class."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.nodes import first_part
from indexer.parsing.typed_annotations import (
    as_property,
    function_type,
    parameters_of,
    signature,
    type_parameters_of,
)
from indexer.parsing.typer import MAX_PARTS, UNKNOWN, Accessors, Typer

METHODS: Final = frozenset({"method_definition", "method_signature", "abstract_method_signature"})
_GENERATORS: Final = frozenset({"generator_function", "generator_function_declaration"})


def function(typer: Typer, node: Node) -> int:
    """A function with a body, or one that is declared without."""
    parameters = parameters_of(typer, node)
    generic = type_parameters_of(typer, node)
    parts = (_result(typer, node), *parameters, *generic)
    return function_type(typer, TypeOp.FUNCTION, node, len(parameters), parts)


def function_value(typer: Typer, node: Node) -> int:
    """The type of a function as a value: what the comment right before it says, or its own."""
    said = typer.documented_here(node)
    return function(typer, node) if said == UNKNOWN else said


def _result(typer: Typer, node: Node) -> int:
    written = node.child_by_field_name("return_type")
    if written is not None:
        return typer.annotation(written)
    block = typer.block(node)
    if block is not None and block.returns >= 0:
        return typer.documented_type(block.returns)
    body = node.child_by_field_name("body")
    words = {child.type for child in node.children if not child.is_named}
    if body is None:
        return UNKNOWN
    if "*" in words or node.type in _GENERATORS:
        return _generator(typer, node, is_async="async" in words)
    if body.type == "statement_block":
        returned = typer.walk.returned.get(node.id, ())
        result = typer.union([typer.value(one) for one in returned[:MAX_PARTS]])
    else:
        result = typer.value(body)
    return typer.promise(result) if "async" in words else result


def _generator(typer: Typer, node: Node, *, is_async: bool) -> int:
    """What a generator gives, by what it yields."""
    yielded = []
    for one in typer.walk.yielded.get(node.id, ())[:MAX_PARTS]:
        of = typer.value(first_part(one))
        if any(child.type == "*" for child in one.children):
            of = typer.wrapped(TypeOp.ELEMENT, of, -1)
        yielded.append(typer.wrapped(TypeOp.AWAIT, of) if is_async else of)
    name = "AsyncGenerator" if is_async else "Generator"
    return typer.emit(TypeOp.GLOBAL_TYPE, name=name, parts=(typer.union(yielded),))


def is_setter(node: Node) -> bool:
    """Whether a function is what is called when a property is assigned to."""
    return node.type in METHODS and any(child.type == "set" for child in node.children)


def method(typer: Typer, node: Node) -> int:
    """The type of a method; of an accessor that of the property, which one of a pair declares.

    A getter says it before its setter does, and the body of the getter where none does, as
    `getTypeOfAccessors` of the compiler has it. A setter may take what it declares itself.
    """
    words = {child.type for child in node.children}
    if not words & {"get", "set"}:
        return _callable(typer, node)
    pair = _pair(typer, node)
    own = _declared(typer, node) if "set" in words else UNKNOWN
    for one in (pair.getter, pair.setter) if own == UNKNOWN else ():
        own = _declared(typer, one) if own == UNKNOWN and one is not None else own
    if own == UNKNOWN and pair.getter is not None:
        return as_property(typer, pair.getter, _callable(typer, pair.getter))
    return own


def _callable(typer: Typer, node: Node) -> int:
    has_body = node.type == "method_definition"
    return function_value(typer, node) if has_body else signature(typer, node)


def _declared(typer: Typer, accessor: Node) -> int:
    """The type of a property that is written at one of its accessors."""
    if is_setter(accessor):
        is_said = any(one != UNKNOWN for one in parameters_of(typer, accessor)[:1])
    else:
        block = typer.block(accessor)
        if block is not None and block.type_at >= 0:
            return typer.documented_type(block.type_at)
        is_said = accessor.child_by_field_name("return_type") is not None
        is_said = is_said or (block is not None and block.returns >= 0)
    return as_property(typer, accessor, _callable(typer, accessor)) if is_said else UNKNOWN


def _pair(typer: Typer, accessor: Node) -> Accessors:
    """The getter and the setter of the property that an accessor is of."""
    body = accessor.parent
    if body is None:
        return Accessors()
    pairs = typer.accessors.get(body.id)
    if pairs is None:
        pairs = typer.accessors[body.id] = {}
        for child in body.named_children:
            words = {one.type for one in child.children}
            if words & {"get", "set"} and child.type in METHODS:
                key = _key(typer, child)
                pair = pairs.get(key, Accessors())
                is_getter = "get" in words
                pairs[key] = Accessors(
                    pair.getter or (child if is_getter else None),
                    pair.setter or (None if is_getter else child),
                )
    return pairs.get(_key(typer, accessor), Accessors())


def _key(typer: Typer, accessor: Node) -> tuple[bytes, bool]:
    name = accessor.child_by_field_name("name")
    is_static = any(child.type == "static" for child in accessor.children)
    return b"" if name is None else typer.walk.spelled(name), is_static
