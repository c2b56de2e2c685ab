"""The types of what names declare: variables, parameters, what a pattern takes apart."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import SymbolKind, SymbolType, TypeOp, TypeRole
from indexer.parsing.typed_annotations import index_of, signature, type_parameters_of
from indexer.parsing.typed_functions import expected, function, parameter_expected
from indexer.parsing.typer import UNKNOWN, Typer

_PARAMETERS: Final = frozenset({"required_parameter", "optional_parameter"})
_DEFAULTED: Final = frozenset({"assignment_pattern", "object_assignment_pattern"})
_FUNCTIONS: Final = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_signature",
        "function_expression",
        "generator_function",
        "function",
    }
)
_METHODS: Final = frozenset({"method_definition", "method_signature", "abstract_method_signature"})
_SIGNED: Final = _FUNCTIONS | _METHODS
_FIELDS: Final = frozenset({"public_field_definition", "field_definition", "property_signature"})
_HOLDERS: Final = frozenset({SymbolKind.CLASS, SymbolKind.INTERFACE})
_UNTYPED: Final = frozenset(
    {
        SymbolKind.ENUM,
        SymbolKind.ENUM_MEMBER,
        SymbolKind.NAMESPACE,
        SymbolKind.MODULE,
        SymbolKind.CONSTRUCTOR,
    }
)


def variable(typer: Typer, name: Node) -> int:
    """The type of the variable or parameter that a name declares."""
    outer = name.parent
    if outer is None:
        return UNKNOWN
    kind = outer.type
    if kind in {"object_pattern", "array_pattern", "pair_pattern", "rest_pattern", *_DEFAULTED}:
        return _within_pattern(typer, name, outer)
    return _declared_by(typer, name, outer)


def _declared_by(typer: Typer, pattern: Node, outer: Node) -> int:
    """The type of a whole pattern, or of a plain name, from the declaration around it."""
    kind = outer.type
    if kind == "variable_declarator":
        written = outer.child_by_field_name("type")
        if written is not None:
            return typer.annotation(written)
        return typer.value(outer.child_by_field_name("value"))
    if kind in _PARAMETERS:
        return _parameter(typer, outer)
    if kind == "for_in_statement":
        return _iterated(typer, outer)
    if kind == "formal_parameters":
        return _of_position(typer, outer, pattern)
    if kind == "arrow_function":
        return parameter_expected(typer, outer, 0)
    if kind in _FUNCTIONS:
        return function(typer, outer)
    return UNKNOWN


def _parameter(typer: Typer, parameter: Node) -> int:
    written = parameter.child_by_field_name("type")
    if written is not None:
        return typer.annotation(written)
    default = typer.value(parameter.child_by_field_name("value"))
    if default != UNKNOWN or parameter.parent is None:
        return default
    return _of_position(typer, parameter.parent, parameter)


def _of_position(typer: Typer, parameters: Node, parameter: Node) -> int:
    outer = parameters.parent
    if outer is None:
        return UNKNOWN
    listed = [one for one in parameters.named_children if one.type != "comment"]
    return parameter_expected(typer, outer, listed.index(parameter))


def _iterated(typer: Typer, statement: Node) -> int:
    operator = statement.child_by_field_name("operator")
    if operator is None or operator.type != "of":
        return typer.primitive("string")
    of = typer.wrapped(TypeOp.ELEMENT, typer.value(statement.child_by_field_name("right")), -1)
    is_awaited = any(child.type == "await" for child in statement.children)
    return typer.wrapped(TypeOp.AWAIT, of) if is_awaited else of


def _within_pattern(typer: Typer, name: Node, outer: Node) -> int:
    """What a pattern takes out of what is taken apart, for one name or pattern in it."""
    return typer.deeper(lambda one, node: _taken(one, node, outer), name)


def _taken(typer: Typer, node: Node, outer: Node) -> int:
    kind = outer.type
    above = outer.parent
    if above is None:
        return UNKNOWN
    if kind in _DEFAULTED:
        if above.type in {"object_pattern", "array_pattern", "pair_pattern"}:
            return _taken_of_default(typer, node, outer, above)
        of = _declared_by(typer, outer, above)
        return of if of != UNKNOWN else typer.value(outer.child_by_field_name("right"))
    if kind == "object_pattern":
        return _member_of(typer, outer, node)
    if kind == "pair_pattern":
        return _member_of(typer, above, outer.child_by_field_name("key"))
    if kind == "array_pattern":
        listed = [one for one in outer.named_children if one.type != "comment"]
        at = listed.index(node) if _is_dense(outer) else -1
        return typer.wrapped(TypeOp.ELEMENT, pattern_type(typer, outer), at)
    if kind == "rest_pattern":
        if above.type in {"object_pattern", "array_pattern"}:
            return pattern_type(typer, above)
        return _declared_by(typer, outer, above)
    return UNKNOWN


def _taken_of_default(typer: Typer, node: Node, outer: Node, above: Node) -> int:
    if outer.type == "object_assignment_pattern":
        of = _member_of(typer, above, node)
    else:
        of = _taken(typer, outer, above)
    default = typer.value(outer.child_by_field_name("right"))
    return of if of != UNKNOWN else default


def _is_dense(pattern: Node) -> bool:
    """Whether no element of an array pattern is left out."""
    commas = sum(child.type == "," for child in pattern.children)
    return commas <= len(pattern.named_children)


def _member_of(typer: Typer, pattern: Node, key: Node | None) -> int:
    if key is None or key.type == "computed_property_name":
        return UNKNOWN
    name = typer.spelled(key)
    if key.type == "string":
        name = name[1:-1]
    return typer.wrapped(TypeOp.MEMBER, pattern_type(typer, pattern), name=name)


def pattern_type(typer: Typer, pattern: Node) -> int:
    """The type of what a pattern takes apart."""
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


# Symbols


def symbol_types(typer: Typer) -> list[SymbolType]:
    """The types of all symbols of the file."""
    found: list[SymbolType] = []
    for number, one in enumerate(typer.walk.symbols.declared):
        entity = typer.walk.symbols.entity[number]
        if entity != number:
            found.append(SymbolType(typer.symbol(number), int(TypeRole.PART), typer.symbol(entity)))
        if one.kind in _UNTYPED:
            continue
        name = typer.at(one.name_at)
        outer = name.parent if name is not None else None
        if name is None or outer is None:
            continue
        symbol = typer.symbol(number)
        if name.type == "export_statement":
            outer = name.child_by_field_name("declaration") or name.child_by_field_name("value")
            if outer is None:
                outer = name.named_children[-1]
            if one.kind not in _HOLDERS:
                is_function = outer.type in _FUNCTIONS
                _add(
                    found,
                    symbol,
                    TypeRole.INITIAL,
                    function(typer, outer) if is_function else typer.value(outer),
                )
                continue
        if one.kind in _HOLDERS:
            if outer.type == "variable_declarator":
                outer = outer.child_by_field_name("value") or outer
            _holder(typer, symbol, outer, found)
            continue
        if one.kind == SymbolKind.TYPE:
            _add(
                found, symbol, TypeRole.VALUE, typer.annotation(outer.child_by_field_name("value"))
            )
        else:
            role = TypeRole.VALUE if _is_written(outer) else TypeRole.INITIAL
            _add(found, symbol, role, _value_of(typer, name, outer))
            continue
        for parameter in type_parameters_of(typer, outer):
            _add(found, symbol, TypeRole.PARAMETER, parameter)
    found.sort()
    return found


def _is_written(outer: Node) -> bool:
    """Whether a declaration says what type it has: by an annotation, or as a function does."""
    return outer.type in _SIGNED or outer.child_by_field_name("type") is not None


def _add(found: list[SymbolType], symbol: int, role: TypeRole, of: int) -> None:
    if of != UNKNOWN or role == TypeRole.PARAMETER:
        found.append(SymbolType(symbol, int(role), of))


def _value_of(typer: Typer, name: Node, outer: Node) -> int:
    kind = outer.type
    if kind in _METHODS:
        return _method(typer, outer)
    if kind in _FIELDS:
        written = outer.child_by_field_name("type")
        if written is not None:
            return typer.annotation(written)
        return typer.value(outer.child_by_field_name("value"))
    if kind == "pair":
        of = typer.value(outer.child_by_field_name("value"))
        return of if of != UNKNOWN else expected(typer, outer.child_by_field_name("value") or outer)
    if kind == "member_expression":
        assignment = outer.parent
        if assignment is not None and assignment.type == "assignment_expression":
            return typer.value(assignment.child_by_field_name("right"))
        return UNKNOWN
    if name.type == "shorthand_property_identifier":
        return typer.value(name)
    return variable(typer, name)


def _method(typer: Typer, node: Node) -> int:
    tokens = {child.type for child in node.children if not child.is_named}
    if node.type == "method_definition":
        of = function(typer, node)
    else:
        of = signature(typer, node)
    if "get" in tokens:
        return typer.wrapped(TypeOp.RESULT, of)
    return typer.wrapped(TypeOp.PARAMETER, of, 0) if "set" in tokens else of


def _holder(typer: Typer, symbol: int, node: Node, found: list[SymbolType]) -> None:
    for parameter in type_parameters_of(typer, node):
        _add(found, symbol, TypeRole.PARAMETER, parameter)
    for child in node.named_children:
        if child.type == "class_heritage":
            _class_base(typer, symbol, child, found)
        elif child.type == "extends_type_clause":
            for one in child.named_children:
                _add(found, symbol, TypeRole.BASE, typer.annotation(one))
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        _of_signature(typer, symbol, child, found)


def _of_signature(typer: Typer, symbol: int, child: Node, found: list[SymbolType]) -> None:
    kind = child.type
    if kind == "call_signature":
        _add(found, symbol, TypeRole.CALL, signature(typer, child))
    elif kind == "construct_signature":
        of = signature(typer, child, TypeOp.CONSTRUCTOR)
        _add(found, symbol, TypeRole.CONSTRUCT, of)
    elif kind == "index_signature":
        _add(found, symbol, TypeRole.INDEX, index_of(typer, child))
    elif kind == "method_definition":
        name = child.child_by_field_name("name")
        if name is not None and typer.walk.spelled(name) == b"constructor":
            _add(found, symbol, TypeRole.CONSTRUCT, function(typer, child))


def _class_base(typer: Typer, symbol: int, heritage: Node, found: list[SymbolType]) -> None:
    for clause in heritage.named_children:
        if clause.type == "implements_clause":
            continue
        base, arguments = clause, None
        if clause.type == "extends_clause":
            base = clause.child_by_field_name("value") or clause.named_children[0]
            arguments = clause.child_by_field_name("type_arguments")
        of = typer.value(base)
        if of == UNKNOWN:
            continue
        types = tuple(
            typer.annotation(one) for one in (arguments.named_children if arguments else ())
        )
        made = typer.emit(TypeOp.NEW, len(types), parts=(of, *types))
        _add(found, symbol, TypeRole.BASE, made)
