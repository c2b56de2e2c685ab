"""The values that declarations begin with, and the properties of object literals among them."""

from __future__ import annotations

import re
import sys

from tree_sitter import Node

from indexer.parsing.collected import Receiver, Region, Subject
from indexer.parsing.facts import SymbolFlag, SymbolKind
from indexer.parsing.functions import (
    function_like,
    function_value,
    head,
    made_by,
    words,
)
from indexer.parsing.nodes import FUNCTION_VALUES, first_part, parts_of, written_key
from indexer.parsing.symbols import own_flags
from indexer.parsing.walk import Walk

_WRAPPERS = frozenset({"as_expression", "satisfies_expression", "parenthesized_expression"})
# A literal may be the whole meaning of a constant; a longer value is no signature.
_SHOWN_VALUE_BYTES = 120
_SHOWN_VALUES = frozenset(
    {"string", "number", "true", "false", "null", "template_string", "unary_expression", "regex"}
)


_HOLDERS = frozenset({"class", "object"})
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = 0xFFFD
_ESCAPE = re.compile(rb"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))")


def member_name(walk: Walk, node: Node | None) -> tuple[bytes, int] | None:
    """The name of a member and its offset, a quoted one as it reads; None for a computed one."""
    node = written_key(node)
    if node is None:
        return None
    if node.type == "string":
        inner = walk.text[node.start_byte + 1 : node.end_byte - 1]
        return _ESCAPE.sub(_escaped, inner), node.start_byte
    return walk.spelled(node), node.start_byte


def _escaped(found: re.Match[bytes]) -> bytes:
    number = found[1] or found[2] or found[3]
    if number is None:
        return found[4]
    # Surrogates and U+0000 cannot be stored; a name made of them is nobody's to search for.
    code = int(number, 16)
    storable = 0 < code <= sys.maxunicode and code not in _SURROGATES
    return chr(code if storable else _REPLACEMENT).encode()


def value_head(walk: Walk, value: Node | None) -> bytes:
    """What a signature shows of a value: a function's head, a short literal, else nothing."""
    value = _wrapped(value)
    if value is None:
        return b""
    if value.type in FUNCTION_VALUES:
        return b" = " + head(walk, value, value.child_by_field_name("body"))
    if value.type in _SHOWN_VALUES and value.end_byte - value.start_byte <= _SHOWN_VALUE_BYTES:
        return b" = " + walk.spelled(value)
    return b""


def kind_of_value(value: Node | None, otherwise: SymbolKind) -> SymbolKind:
    """FUNCTION or CLASS for a name whose initial value is one."""
    value = _wrapped(value)
    if value is None:
        return otherwise
    if value.type in FUNCTION_VALUES:
        return SymbolKind.FUNCTION
    return SymbolKind.CLASS if value.type == "class" else otherwise


def _wrapped(value: Node | None) -> Node | None:
    while value is not None and value.type in _WRAPPERS:
        value = first_part(value)
    return value


def initial_value(
    walk: Walk, region: Region, value: Node, symbol: int, this: Receiver | None = None
) -> None:
    """Go on in the value that a symbol begins with; its members become members of the symbol.

    `this` is what `this` is inside where the value is a function.
    """
    inside = walk.enclosed_by(region, symbol)
    value = _unwrapped(walk, inside, value, symbol)
    kind = value.type
    if symbol >= 0 and kind in _HOLDERS and has_a_type(walk, symbol):
        walk.symbols.opaque.add(symbol)
    if kind in FUNCTION_VALUES:
        function_value(walk, value, region, symbol, this)
    elif kind == "class":
        walk.symbol_of_value[value.start_byte] = symbol
        walk.defer(region, [value])
    elif kind == "object":
        walk.symbol_of_value[value.start_byte] = symbol
        walk.defer(inside, [value])
    else:
        walk.defer(inside, [value])


def has_a_type(walk: Walk, symbol: int) -> bool:
    """Whether a type says what members a symbol has, in the code or in a comment."""
    if symbol in walk.symbols.opaque or not walk.javascript:
        return symbol in walk.symbols.opaque
    declared = walk.symbols.declared[symbol]
    return any(map(walk.comments.says_type, (declared.start, declared.name_at)))


def declared_value(walk: Walk, region: Region, value: Node, symbol: int) -> None:
    """As `initial_value`, of what is declared by itself: a function may be called with `new`."""
    initial_value(walk, region, value, symbol, made_by(walk, symbol))


def _unwrapped(walk: Walk, region: Region, value: Node, symbol: int) -> Node:
    """The expression inside parentheses, `as`, `satisfies` and `Object.freeze()`."""
    while True:
        if value.type in _WRAPPERS and (parts := parts_of(value)):
            inner, *others = parts
            walk.defer(region, others)
            if symbol >= 0 and walk.javascript and walk.comments.says_type(value.start_byte):
                walk.symbols.opaque.add(symbol)
            if value.type == "as_expression" and others and walk.spelled(others[-1]) != b"const":
                walk.symbols.opaque.add(symbol)
        elif value.type == "call_expression" and _freezes(walk, value):
            walk.defer(region, [value.children[0]])
            (inner,) = parts_of(value.children[-1])
        else:
            return value
        value = inner


def _freezes(walk: Walk, call: Node) -> bool:
    callee, arguments = call.children[0], call.children[-1]
    if callee.type != "member_expression" or arguments.type != "arguments":
        return False
    receiver, name = callee.children[0], callee.children[-1]
    return (
        walk.spelled(receiver) == b"Object"
        and walk.spelled(name) == b"freeze"
        and len(parts_of(arguments)) == 1
    )


def object_literal(walk: Walk, literal: Node) -> None:
    """An object literal; where it is the value of a symbol, its properties are members of that.

    Where it is the prototype of a function, they are those of what `new` makes of it.
    """
    at = literal.start_byte
    owner = Receiver(walk.prototype_of.pop(at, -1), static=False)
    if owner.symbol == -1:
        owner = Receiver(walk.symbol_of_value.pop(at, -1), static=True)
    if owner.symbol == -1:
        walk.visit(literal.children)
        return
    region = walk.region
    for child in literal.children:
        kind = child.type
        if kind == "comment":
            walk.comments.add(child.start_byte, child.end_byte)
        elif kind == "pair":
            _pair(walk, child, region, owner)
        elif kind == "method_definition":
            _method(walk, child, region, owner)
        elif kind == "shorthand_property_identifier":
            region.reads.append(child)
            named = (walk.spelled(child), child.start_byte)
            _member(
                walk,
                Subject(child, 0),
                region,
                owner,
                named=named,
                kind=SymbolKind.PROPERTY,
                written=named[0],
            )
        elif child.is_named:
            walk.defer(region, [child])


def _pair(walk: Walk, pair: Node, region: Region, owner: Receiver) -> None:
    value = pair.child_by_field_name("value")
    key = pair.child_by_field_name("key")
    named = member_name(walk, key)
    if key is None or named is None or value is None:
        walk.defer(region, pair.children)
        return
    kind = kind_of_value(value, SymbolKind.PROPERTY)
    if kind is SymbolKind.FUNCTION:
        kind = SymbolKind.METHOD
    walk.note_cast(key, value)
    written = named[0] + value_head(walk, value).replace(b" = ", b": ", 1)
    number = _member(walk, Subject(pair, 0), region, owner, named=named, kind=kind, written=written)
    initial_value(walk, region, value, number, owner)


def _method(walk: Walk, node: Node, region: Region, owner: Receiver) -> None:
    named = member_name(walk, node.child_by_field_name("name"))
    inside = walk.within(region)
    if named is None:
        walk.defer(region, [child for child in node.children if child.type.startswith("computed")])
    else:
        tokens = words(node)
        written = head(walk, node, node.child_by_field_name("body"))
        kind = method_kind(tokens)
        inside.enclosing = _member(
            walk,
            Subject(node, own_flags(tokens)),
            region,
            owner,
            named=named,
            kind=kind,
            written=written,
        )
    inside.this = owner
    function_like(walk, node, inside)


def method_kind(tokens: set[str]) -> SymbolKind:
    """GETTER or SETTER by the tokens before the name, else METHOD."""
    if "get" in tokens:
        return SymbolKind.GETTER
    return SymbolKind.SETTER if "set" in tokens else SymbolKind.METHOD


def _member(
    walk: Walk,
    subject: Subject,
    region: Region,
    owner: Receiver,
    *,
    named: tuple[bytes, int],
    kind: SymbolKind,
    written: bytes,
) -> int:
    flag = SymbolFlag.OBJECT_MEMBER if owner.static else walk.flags_of_made(owner.symbol)
    subject = Subject(subject.outer, subject.flags | flag)
    number = walk.add_symbol(region, named, kind, subject, written)
    walk.symbols.add_member(owner.symbol, named[0], number, static=owner.static)
    return number
