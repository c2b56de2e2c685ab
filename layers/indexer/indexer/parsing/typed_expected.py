"""The type that is expected of an expression where it stands, and so of what a function takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.nodes import first_part, parts_of
from indexer.parsing.typed_annotations import arguments_of
from indexer.parsing.typed_comments import documented_parameter, said_of_parameters
from indexer.parsing.typed_functions import is_setter, method
from indexer.parsing.typer import MAX_PARTS, MAX_PROPERTIES, UNKNOWN, Typer

_FUNCTIONS: Final = frozenset(
    {
        "arrow_function",
        "function_expression",
        "function",
        "generator_function",
        "function_declaration",
        "method_definition",
    }
)
_NAMES: Final = frozenset({"identifier", "shorthand_property_identifier_pattern"})


def parameter_expected(typer: Typer, node: Node, at: int) -> int:
    """The type that a function's parameter gets from its comment, or from where it stands."""
    block = typer.block(node)
    said = [] if block is None or at >= MAX_PARTS else said_of_parameters(typer, node, block)
    if at < len(said) and (tag := said[at][1]) is not None:
        return documented_parameter(typer, said[at][0], tag)
    if is_setter(node):
        return method(typer, node)
    of = typer.documented_here(node)
    return typer.wrapped(TypeOp.PARAMETER, expected(typer, node) if of == UNKNOWN else of, at)


def expected(typer: Typer, node: Node) -> int:
    """The type that is expected of an expression where it stands."""
    return typer.deeper(_expected, node)


def _expected(typer: Typer, node: Node) -> int:
    outer = node.parent
    expects = None if outer is None else _EXPECTING.get(outer.type)
    return UNKNOWN if outer is None or expects is None else expects(typer, outer, node)


def _around(typer: Typer, outer: Node, _node: Node) -> int:
    return expected(typer, outer)


def _cast(typer: Typer, outer: Node, _node: Node) -> int:
    """`/** @type {T} */ (…)`."""
    said = typer.documented_here(outer)
    return expected(typer, outer) if said == UNKNOWN else said


def _documented(typer: Typer, outer: Node, _node: Node) -> int:
    block = typer.block(outer)
    return UNKNOWN if block is None else typer.documented_type(block.type_at)


def _annotated(typer: Typer, outer: Node, node: Node) -> int:
    said = _documented(typer, outer, node)
    return said if said != UNKNOWN else typer.annotation(outer.child_by_field_name("type"))


def _assigned(typer: Typer, outer: Node, node: Node) -> int:
    said = _documented(typer, outer, node)
    return said if said != UNKNOWN else typer.value(outer.child_by_field_name("left"))


def _of_pair(typer: Typer, outer: Node, node: Node) -> int:
    said = _documented(typer, outer, node)
    if said != UNKNOWN:
        return said
    return _member_expected(typer, outer, outer.child_by_field_name("key"))


def _of_method(typer: Typer, _outer: Node, node: Node) -> int:
    if node.type != "method_definition":
        return UNKNOWN
    return _member_expected(typer, node, node.child_by_field_name("name"))


def _of_array(typer: Typer, outer: Node, _node: Node) -> int:
    return typer.wrapped(TypeOp.ELEMENT, expected(typer, outer), -1)


def _asserted(typer: Typer, outer: Node, _node: Node) -> int:
    return typer.annotation(outer.named_children[-1])


def _of_body(typer: Typer, outer: Node, node: Node) -> int:
    is_body = outer.child_by_field_name("body") == node
    return _result_expected(typer, outer) if is_body else UNKNOWN


def _argument(typer: Typer, arguments: Node, node: Node) -> int:
    call = arguments.parent
    if call is None or call.type not in {"call_expression", "new_expression"}:
        return UNKNOWN
    of = typer.value(call)
    if of == UNKNOWN:
        return UNKNOWN
    if call.id in typer.walk.awaited:
        (of,) = typer.expressions[of].parts
    result = expected(typer, call)
    parts = (of,) if result == UNKNOWN else (of, result)
    return typer.emit(TypeOp.ARGUMENT, typer.place(node, arguments), parts=parts)


def _of_default(typer: Typer, pattern: Node, node: Node) -> int:
    """`{ a = … }`: what the pattern takes, for which this is the default."""
    name = pattern.child_by_field_name("left")
    if name is None or name == node or name.type not in _NAMES:
        return UNKNOWN
    return typer.local(name.start_byte)


def _member_expected(typer: Typer, member: Node, key: Node | None) -> int:
    named = typer.key(key)
    if named is None or member.parent is None:
        return UNKNOWN
    return typer.wrapped(TypeOp.MEMBER, expected(typer, member.parent), name=named[1])


def _returned(typer: Typer, statement: Node, _node: Node) -> int:
    climbing = statement.parent
    while climbing is not None and climbing.type not in _FUNCTIONS:
        climbing = climbing.parent
    return UNKNOWN if climbing is None else _result_expected(typer, climbing)


def _result_expected(typer: Typer, node: Node) -> int:
    written = node.child_by_field_name("return_type")
    result = (
        typer.annotation(written)
        if written is not None
        else typer.wrapped(TypeOp.RESULT, expected(typer, node))
    )
    is_async = any(child.type == "async" for child in node.children)
    return typer.wrapped(TypeOp.AWAIT, result) if is_async else result


def _in_jsx(typer: Typer, holder: Node, _node: Node) -> int:
    """`<C on={…}>` and `<C>{…}</C>`: the property of what the component takes."""
    outer = holder.parent
    if outer is not None and outer.type == "jsx_attribute" and outer.parent is not None:
        return _taken_by_component(typer, outer.parent, typer.spelled(outer.named_children[0]))
    opening = None if outer is None else outer.child_by_field_name("open_tag")
    if outer is None or opening is None or _children(typer, outer) != [holder]:
        return UNKNOWN
    return _taken_by_component(typer, opening, "children")


def _children(typer: Typer, element: Node) -> list[Node]:
    """What stands between two tags, without the blanks around it."""
    return [
        one
        for one in element.named_children
        if one.type not in {"jsx_opening_element", "jsx_closing_element", "comment"}
        and not (one.type == "jsx_text" and not typer.walk.spelled(one).strip())
    ]


def _taken_by_component(typer: Typer, tag: Node, name: str) -> int:
    """A property of what a component takes, which is called with all that its tag has."""
    component = typer.value(tag.child_by_field_name("name"))
    if component == UNKNOWN:
        return UNKNOWN
    types = arguments_of(typer, tag.child_by_field_name("type_arguments"))
    given = [_given_in_jsx(typer, one) for one in tag.named_children[:MAX_PROPERTIES]]
    properties = tuple(one for one in given if one != UNKNOWN)
    literal = typer.emit(TypeOp.OBJECT, parts=properties)
    call = typer.emit(TypeOp.CALL, len(types), parts=(component, *types, literal))
    return typer.wrapped(TypeOp.MEMBER, typer.emit(TypeOp.ARGUMENT, parts=(call,)), name=name)


def _given_in_jsx(typer: Typer, attribute: Node) -> int:
    """The property that an attribute is, or what is spread among them."""
    if attribute.type == "jsx_expression":
        spread = first_part(attribute)
        is_spread = spread is not None and spread.type == "spread_element"
        of = typer.value(first_part(spread)) if spread is not None and is_spread else UNKNOWN
        return typer.wrapped(TypeOp.SPREAD, of)
    if attribute.type != "jsx_attribute":
        return UNKNOWN
    name, *values = parts_of(attribute)
    if not values:
        of = typer.primitive("true")
    else:
        is_braced = values[0].type == "jsx_expression"
        of = typer.tag(first_part(values[0]) if is_braced else values[0])
    return typer.declared((name, typer.spelled(name)), of)


_EXPECTING: Final[dict[str, Callable[[Typer, Node, Node], int]]] = {
    "arguments": _argument,
    "array": _of_array,
    "as_expression": _asserted,
    "assignment_expression": _assigned,
    "assignment_pattern": _of_default,
    "binary_expression": _around,
    "export_statement": _documented,
    "field_definition": _annotated,
    "jsx_expression": _in_jsx,
    "non_null_expression": _around,
    "object": _of_method,
    "object_assignment_pattern": _of_default,
    "optional_parameter": _annotated,
    "pair": _of_pair,
    "parenthesized_expression": _cast,
    "public_field_definition": _annotated,
    "required_parameter": _annotated,
    "return_statement": _returned,
    "satisfies_expression": _asserted,
    "ternary_expression": _around,
    "variable_declarator": _annotated,
    **dict.fromkeys(_FUNCTIONS, _of_body),
}
