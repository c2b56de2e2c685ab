"""The types of the symbols of a file: what they are, what they extend, how they can be called."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import SymbolKind, SymbolType, TypeOp, TypeRole
from indexer.parsing.typed_annotations import (
    index_of,
    signature,
    type_parameters_of,
)
from indexer.parsing.typed_bases import class_base
from indexer.parsing.typed_expected import expected
from indexer.parsing.typed_functions import METHODS, function, method
from indexer.parsing.typed_names import FUNCTIONS, is_nothing_yet, one_of_all, variable
from indexer.parsing.typer import MAX_PARTS, UNKNOWN, Typer

_SIGNED: Final = FUNCTIONS | METHODS
_FIELDS: Final = frozenset({"public_field_definition", "field_definition", "property_signature"})
_SHORTHAND: Final = "shorthand_property_identifier"
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


def symbol_types(typer: Typer) -> list[SymbolType]:
    """The types of all symbols of the file."""
    found: list[SymbolType] = []
    symbols = typer.walk.symbols
    for number, one in enumerate(symbols.declared):
        entity = symbols.entity[number]
        if entity != number:
            found.append(SymbolType(typer.symbol(number), int(TypeRole.PART), typer.symbol(entity)))
        name = typer.at(one.name_at)
        if number in symbols.yielding:
            found.append(SymbolType(typer.symbol(number), int(TypeRole.YIELDS), 0))
        outer = None if name is None or one.kind in _UNTYPED else name.parent
        if name is not None and outer is not None:
            _symbol(typer, typer.symbol(number), one.kind, (name, outer), found)
    # Stable, as type parameters and signatures count by their order.
    found.sort(key=itemgetter(0, 1))
    return found


def _symbol(
    typer: Typer, symbol: int, kind: int, declared: tuple[Node, Node], found: list[SymbolType]
) -> None:
    """Add the types of a symbol; `declared` is its name and what has the name."""
    name, outer = declared
    if outer.type == "computed_property_name":
        outer = outer.parent or outer
    if name.type == "export_statement":
        exported = name.child_by_field_name("declaration") or name.child_by_field_name("value")
        outer = exported or name.named_children[-1]
    if kind in _HOLDERS:
        _holder(typer, symbol, _given_at_first(outer) or outer, found)
    elif kind == SymbolKind.TYPE:
        _add(found, symbol, TypeRole.VALUE, typer.annotation(outer.child_by_field_name("value")))
        for parameter in type_parameters_of(typer, outer):
            _add(found, symbol, TypeRole.PARAMETER, parameter)
    elif name.type == "export_statement":
        of = function(typer, outer) if outer.type in FUNCTIONS else typer.value(outer)
        _add(found, symbol, TypeRole.INITIAL, of)
    else:
        is_written = typer.symbol_at(name.start_byte) in typer.walk.symbols.opaque
        is_written = is_written or _is_written(typer, outer)
        role = TypeRole.VALUE if is_written else TypeRole.INITIAL
        later = [] if is_written else _given_later(typer, name, outer)
        of = one_of_all(typer, later) if later else _value_of(typer, name, outer)
        _add(found, symbol, role, of)


def _given_at_first(outer: Node) -> Node | None:
    """What a declaration begins with, or the assignment that declares a member."""
    if outer.type == "member_expression" and outer.parent is not None:
        return outer.parent.child_by_field_name("right")
    return outer.child_by_field_name("value")


def _given_later(typer: Typer, name: Node, outer: Node) -> list[int]:
    """What assignments to `this` give to a member that begins as nothing."""
    later = typer.walk.assigned_members.get(typer.symbol_at(name.start_byte))
    if later is None or not is_nothing_yet(_given_at_first(outer)):
        return []
    return [typer.value(one) for one in later[:MAX_PARTS]]


def _is_written(typer: Typer, outer: Node) -> bool:
    """Whether a declaration says what type it has: by an annotation, or as a function does."""
    block = typer.block(outer)
    if block is not None and block.type_at >= 0:
        return True
    return outer.type in _SIGNED or outer.child_by_field_name("type") is not None


def _add(found: list[SymbolType], symbol: int, role: TypeRole, of: int) -> None:
    if of != UNKNOWN or role == TypeRole.PARAMETER:
        found.append(SymbolType(symbol, int(role), of))


def _value_of(typer: Typer, name: Node, outer: Node) -> int:
    kind = outer.type
    if kind in METHODS:
        return method(typer, outer)
    block = typer.block(outer)
    if block is not None and block.type_at >= 0:
        return typer.documented_type(block.type_at)
    if kind in _FIELDS:
        return _field(typer, outer)
    if kind == "pair":
        value = outer.child_by_field_name("value") or outer
        of = typer.tag(value)
        return of if of != UNKNOWN else expected(typer, value)
    if kind == "member_expression":
        assignment = outer.parent
        return UNKNOWN if assignment is None else _assigned(typer, assignment)
    return typer.value(name) if name.type == _SHORTHAND else variable(typer, name)


def _field(typer: Typer, node: Node) -> int:
    written, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    if written is not None:
        return typer.annotation(written)
    literal = UNKNOWN if value is None else typer.literal(value)
    is_constant = literal != UNKNOWN and any(one.type == "readonly" for one in node.children)
    return literal if is_constant else typer.value(value)


def _assigned(typer: Typer, assignment: Node) -> int:
    if assignment.type != "assignment_expression":
        return UNKNOWN
    return typer.value(assignment.child_by_field_name("right"))


def _holder(typer: Typer, symbol: int, node: Node, found: list[SymbolType]) -> None:
    for parameter in type_parameters_of(typer, node):
        _add(found, symbol, TypeRole.PARAMETER, parameter)
    _add(found, symbol, TypeRole.BASE, class_base(typer, node))
    for child in node.named_children:
        if child.type == "extends_type_clause":
            for one in child.named_children:
                _add(found, symbol, TypeRole.BASE, typer.annotation(one))
    body = node.child_by_field_name("body")
    members = body.named_children if body is not None else []
    constructors = [one for one in members if _is_constructor(typer, one)]
    for child in members:
        _of_signature(typer, symbol, child, found)
        _computed(typer, symbol, child, found)
    # What its overloads say hides what the constructor itself takes.
    declared = [one for one in constructors if one.type == "method_signature"]
    for one in declared or constructors[:1]:
        _add(found, symbol, TypeRole.CONSTRUCT, function(typer, one))


def _of_signature(typer: Typer, symbol: int, child: Node, found: list[SymbolType]) -> None:
    kind = child.type
    if kind == "call_signature":
        _add(found, symbol, TypeRole.CALL, signature(typer, child))
    elif kind == "construct_signature":
        of = signature(typer, child, TypeOp.CONSTRUCTOR)
        _add(found, symbol, TypeRole.CONSTRUCT, of)
    elif kind == "index_signature":
        _add(found, symbol, TypeRole.INDEX, index_of(typer, child))


def _computed(typer: Typer, symbol: int, member: Node, found: list[SymbolType]) -> None:
    """A member that a constant names: `[key]: Cart`, which is no symbol of the index."""
    name = member.child_by_field_name("name")
    if name is None or name.type != "computed_property_name":
        return
    key = typer.key(name)
    if key is None or any(child.type == "static" for child in member.children):
        return
    of = method(typer, member) if member.type in METHODS else _field(typer, member)
    if of != UNKNOWN and typer.symbol_at(key[0].start_byte) < 0:
        _add(found, symbol, TypeRole.COMPUTED, typer.declared(key, of))


def _is_constructor(typer: Typer, member: Node) -> bool:
    if member.type not in {"method_definition", "method_signature"}:
        return False
    name = member.child_by_field_name("name")
    is_called = name is not None and typer.walk.spelled(name) == b"constructor"
    # An interface may have a method of that name.
    holder = member.parent
    return is_called and holder is not None and holder.type == "class_body"
