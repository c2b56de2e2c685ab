"""The types of what names declare: variables, parameters, what a pattern takes apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.nodes import first_part, parts_of
from indexer.parsing.typed_expected import parameter_expected
from indexer.parsing.typed_functions import function
from indexer.parsing.typer import MAX_PARTS, NOTHING_YET, UNKNOWN, Typer

_ASSIGNING: Final = frozenset({"assignment_expression", "augmented_assignment_expression"})
_PATTERNS: Final = frozenset({"object_pattern", "array_pattern"})
FUNCTIONS: Final = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_signature",
        "function_expression",
        "generator_function",
        "function",
    }
)


def variable(typer: Typer, name: Node) -> int:
    """The type of the variable or parameter that a name declares."""
    outer = name.parent
    if outer is None:
        return UNKNOWN
    if outer.type in _TAKING:
        return typer.deeper(lambda one, node: _taken(one, node, outer), name)
    return _declared_by(typer, name, outer)


def _declared_by(typer: Typer, pattern: Node, outer: Node) -> int:
    """The type of a whole pattern, or of a plain name, from the declaration around it."""
    declares = _DECLARING.get(outer.type)
    return UNKNOWN if declares is None else declares(typer, outer, pattern)


def _declarator(typer: Typer, outer: Node, pattern: Node) -> int:
    written, value = outer.child_by_field_name("type"), outer.child_by_field_name("value")
    if _is_symbol(typer, outer, written, value):
        return typer.primitive(f"[{typer.spelled(pattern)}]")
    if written is not None:
        return typer.annotation(written)
    block = typer.block(outer)
    if block is not None and block.type_at >= 0:
        return typer.documented_type(block.type_at)
    if value is not None and value.type == "array" and not parts_of(value):
        return _filled(typer, value, pattern)
    if not is_nothing_yet(value):
        return typer.tag(value) if _is_constant(outer, value) else typer.value(value)
    assigned = sorted(typer.assigned(pattern), key=lambda one: one.start_byte)
    return one_of_all(typer, [_assigned(typer, one) for one in assigned[:MAX_PARTS]])


def _is_symbol(typer: Typer, declarator: Node, written: Node | None, value: Node | None) -> bool:
    """Whether a constant is a symbol of the language, of its own: `const key = Symbol()`."""
    if written is not None:
        may_be = typer.walk.spelled(written).endswith(b"unique symbol")
    elif value is not None and value.type == "call_expression":
        may_be = typer.walk.spelled(value.children[0]) in {b"Symbol", b"Symbol.for"}
    else:
        may_be = False
    return may_be and _is_of_const(declarator)


def _filled(typer: Typer, empty: Node, pattern: Node) -> int:
    """An array that begins as `[]` has what is added to it, as the compiler sees it, too.

    https://www.typescriptlang.org/docs/handbook/release-notes/typescript-2-1.html#implicit-any-arrays
    """
    elements = []
    for call in typer.added_to(pattern)[:MAX_PARTS]:
        arguments = call.child_by_field_name("arguments")
        for one in parts_of(arguments)[:MAX_PARTS] if arguments is not None else ():
            of = typer.value(first_part(one) if one.type == "spread_element" else one)
            is_spread = one.type == "spread_element"
            elements.append(typer.wrapped(TypeOp.ELEMENT, of, -1) if is_spread else of)
    if not elements:
        return typer.value(empty)
    return typer.emit(TypeOp.ARRAY, parts=(typer.union(elements),))


def _is_constant(declarator: Node, value: Node | None) -> bool:
    """Whether a variable is a string for ever."""
    return value is not None and value.type == "string" and _is_of_const(declarator)


def _is_of_const(declarator: Node) -> bool:
    declaration = declarator.parent
    return declaration is not None and declaration.children[0].type == "const"


def is_nothing_yet(value: Node | None) -> bool:
    """Whether a variable or member that begins with this is made for what comes later."""
    return value is None or value.type in NOTHING_YET


def one_of_all(typer: Typer, parts: list[int]) -> int:
    """What is one of several, all of which must be known: any of them may be the one met."""
    return UNKNOWN if UNKNOWN in parts else typer.union(parts)


def _assigned(typer: Typer, name: Node) -> int:
    outer = name.parent
    if outer is None:
        return UNKNOWN
    if outer.type in _ASSIGNING:
        return typer.value(outer.child_by_field_name("right"))
    return variable(typer, name)


def _used(typer: Typer, outer: Node, _pattern: Node) -> int:
    """`using a = b` and `await using a = b`, which the grammar takes for assignments."""
    return typer.value(outer.child_by_field_name("right"))


def _only_parameter(typer: Typer, outer: Node, _pattern: Node) -> int:
    return parameter_expected(typer, outer, 0)


def _function(typer: Typer, outer: Node, _name: Node) -> int:
    return function(typer, outer)


def _parameter(typer: Typer, parameter: Node, _pattern: Node) -> int:
    written = parameter.child_by_field_name("type")
    if written is not None:
        return typer.annotation(written)
    default = typer.value(parameter.child_by_field_name("value"))
    if default != UNKNOWN or parameter.parent is None:
        return default
    return _of_position(typer, parameter.parent, parameter)


def _of_position(typer: Typer, parameters: Node, parameter: Node) -> int:
    outer = parameters.parent
    said = typer.documented_here(parameter)
    if said != UNKNOWN or outer is None:
        return said
    return parameter_expected(typer, outer, typer.place(parameter, parameters))


def _iterated(typer: Typer, statement: Node, _pattern: Node) -> int:
    operator = statement.child_by_field_name("operator")
    if operator is None or operator.type != "of":
        return typer.primitive("string")
    of = typer.wrapped(TypeOp.ELEMENT, typer.value(statement.child_by_field_name("right")), -1)
    is_awaited = any(child.type == "await" for child in statement.children)
    return typer.wrapped(TypeOp.AWAIT, of) if is_awaited else of


def _taken(typer: Typer, node: Node, outer: Node) -> int:
    takes = _TAKING.get(outer.type)
    above = outer.parent
    return UNKNOWN if takes is None or above is None else takes(typer, node, outer, above)


def _of_object(typer: Typer, node: Node, outer: Node, _above: Node) -> int:
    return _member_of(typer, outer, node)


def _of_pair(typer: Typer, _node: Node, outer: Node, above: Node) -> int:
    return _member_of(typer, above, outer.child_by_field_name("key"))


def _of_array(typer: Typer, node: Node, outer: Node, _above: Node) -> int:
    return typer.wrapped(TypeOp.ELEMENT, pattern_type(typer, outer), typer.place(node, outer))


def _of_rest(typer: Typer, _node: Node, outer: Node, above: Node) -> int:
    if above.type in _PATTERNS:
        return pattern_type(typer, above)
    return _declared_by(typer, outer, above)


def _of_default(typer: Typer, node: Node, outer: Node, above: Node) -> int:
    if above.type in {*_PATTERNS, "pair_pattern"}:
        return _taken_of_default(typer, node, outer, above)
    of = _declared_by(typer, outer, above)
    return of if of != UNKNOWN else typer.value(outer.child_by_field_name("right"))


def _taken_of_default(typer: Typer, node: Node, outer: Node, above: Node) -> int:
    if outer.type == "object_assignment_pattern":
        of = _member_of(typer, above, node)
    else:
        of = _taken(typer, outer, above)
    default = typer.value(outer.child_by_field_name("right"))
    return of if of != UNKNOWN else default


def _member_of(typer: Typer, pattern: Node, key: Node | None) -> int:
    named = typer.key(key)
    if named is None:
        return UNKNOWN
    return typer.wrapped(TypeOp.MEMBER, pattern_type(typer, pattern), name=named[1])


def pattern_type(typer: Typer, pattern: Node) -> int:
    """The type of what a pattern takes apart."""
    return typer.once(typer.patterns, pattern.id, _pattern_type, pattern)


def _pattern_type(typer: Typer, pattern: Node) -> int:
    outer = pattern.parent
    if outer is None:
        return UNKNOWN
    if outer.type == "assignment_expression":
        return typer.value(outer.child_by_field_name("right"))
    return variable(typer, pattern)


def receiver(typer: Typer, member: Node) -> int:
    """The type of what a member is taken from: by a dot, or by a pattern."""
    outer = member.parent
    if outer is None:
        return UNKNOWN
    if outer.type in {"member_expression", "nested_identifier"}:
        return typer.value(outer.children[0])
    if outer.type == "object_assignment_pattern" and outer.parent is not None:
        outer = outer.parent
    if outer.type == "pair_pattern" and outer.parent is not None:
        outer = outer.parent
    return pattern_type(typer, outer) if outer.type == "object_pattern" else UNKNOWN


def exported_expression(typer: Typer, at: int) -> int:
    """The type of what is assigned to `module.exports` at an offset."""
    node = typer.at(at)
    while node is not None and node.type in {"identifier", "member_expression"}:
        node = node.parent
    while node is not None and node.type == "assignment_expression":
        node = node.child_by_field_name("right")
    return typer.value(node)


_DECLARING: Final[dict[str, Callable[[Typer, Node, Node], int]]] = {
    "arrow_function": _only_parameter,
    "assignment_expression": _used,
    "for_in_statement": _iterated,
    "formal_parameters": _of_position,
    "optional_parameter": _parameter,
    "required_parameter": _parameter,
    "variable_declarator": _declarator,
    **dict.fromkeys(FUNCTIONS, _function),
}
_TAKING: Final[dict[str, Callable[[Typer, Node, Node, Node], int]]] = {
    "array_pattern": _of_array,
    "assignment_pattern": _of_default,
    "object_assignment_pattern": _of_default,
    "object_pattern": _of_object,
    "pair_pattern": _of_pair,
    "rest_pattern": _of_rest,
}
