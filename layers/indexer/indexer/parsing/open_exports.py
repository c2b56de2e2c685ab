"""What a CommonJS file exports beside the names that it assigns: of other modules, or unknown.

What nobody can name by reading is noted as a use of `exports`, or of `module` in `module.exports`,
that exports something and leads nowhere.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from indexer.parsing.collected import Subject, names_an_export
from indexer.parsing.facts import DependencyKind, SymbolFlag, SymbolKind, Target
from indexer.parsing.nodes import first_part, parts_of
from indexer.parsing.requests import literal, requested
from indexer.parsing.scopes import Destination, Scopes
from indexer.parsing.values import member_name
from indexer.parsing.walk import Walk

_EXPORTS: Final = b"exports"
_MODULE: Final = b"module"
_ASSIGNED: Final = frozenset({"member_expression", "subscript_expression"})
# The calls that say what they add to their first argument, or to their last.
_ADDING: Final = (b"Object.assign", b"__exportStar")
_CHANGING: Final = (b"assign", b"defineProperties", b"defineProperty", b"setPrototypeOf")
# TypeScript marks by it what was an ES module; nobody imports it.
_MARK: Final = b"__esModule"


def is_exports(walk: Walk, node: Node) -> bool:
    """Whether this is written `exports` or `module.exports`."""
    if node.type == "identifier":
        return walk.spelled(node) == _EXPORTS
    return (
        node.type == "member_expression"
        and walk.spelled(node.children[-1]) == _EXPORTS
        and walk.spelled(node.children[0]) == _MODULE
    )


def means_exports(walk: Walk, value: Node) -> bool:
    """Whether this gives `module.exports` as it is: `exports`, `(exports = module.exports)`."""
    inner: Node | None = value
    while inner is not None and inner.type in {"assignment_expression", "parenthesized_expression"}:
        value = inner
        inner = value.child_by_field_name("right") or first_part(value)
    return inner is not None and is_exports(walk, inner)


def required(walk: Walk, value: Node) -> Node | None:
    """The specifier of `require("y")`."""
    if value.type != "call_expression":
        return None
    callee, arguments = value.children[0], value.children[-1]
    if callee.type != "identifier" or walk.spelled(callee) != b"require":
        return None
    first = first_part(arguments)
    return first if first is not None and literal(walk, first) is not None else None


def pass_on(walk: Walk, value: Node) -> int | None:
    """Note that the file exports all that the module in `require("y")` does; gives the request.

    None, and nothing done, for everything else.
    """
    source = required(walk, value)
    if source is None:
        return None
    request = requested(walk, source, DependencyKind.REQUIRE)
    whole = Destination(Target.MODULE, request, "*")
    walk.add_export(b"*", value.start_byte, whole, shown=value.children[0])
    return request


def note_open(walk: Walk, exports: Node) -> None:
    """Note that something is exported here by names that are not known."""
    root = exports.children[0] if exports.type == "member_expression" else exports
    walk.open_exports.append((walk.region, root))


def note_spreads(walk: Walk, exports: Node, value: Node) -> None:
    """Note what else than its written names an object has that is all of `exports`."""
    for child in parts_of(value):
        if child.type == "spread_element":
            spread = first_part(child)
            if spread is not None and spread.type == "identifier":
                walk.spread_exports.append(spread)
            elif spread is not None and pass_on(walk, spread) is None:
                note_open(walk, exports)
        elif any(part.type == "computed_property_name" for part in child.children):
            note_open(walk, exports)


def note_assigned(walk: Walk, left: Node) -> None:
    """Note an assignment that may export something, but declares nothing."""
    if left.type not in _ASSIGNED:
        return
    if is_exports(walk, left):
        note_open(walk, left)
    elif is_exports(walk, left.children[0]):
        note_open(walk, left.children[0])


def note_passed(walk: Walk, call: Node, callee: Node, passed: Node) -> None:
    """Note a call that gets `exports` among the arguments in `passed`, and so may add to them."""
    parts = passed.children
    taken = [one for one in parts if one.type in {"identifier", "member_expression"}]
    exports = next((one for one in taken if is_exports(walk, one)), None)
    if exports is None:
        return
    arguments = parts_of(passed)
    written = _called(walk, callee)
    if written == b"Object.defineProperty" and _defined(walk, call, arguments):
        return
    if written.startswith(b"Object.") and not written.endswith(_CHANGING):
        return
    added = [one for one in arguments if one != exports]
    if not written.endswith(_ADDING) or None in [pass_on(walk, one) for one in added]:
        note_open(walk, exports)


def _called(walk: Walk, callee: Node) -> bytes:
    """`f` or `a.f`, whatever stands between the words."""
    if callee.type == "member_expression":
        return walk.spelled(callee.children[0]) + b"." + walk.spelled(callee.children[-1])
    # Compiled TypeScript calls `(0, helpers.__exportStar)(…)`.
    return walk.spelled(callee).rstrip(b")")


def _defined(walk: Walk, call: Node, arguments: list[Node]) -> bool:
    """Declare what `Object.defineProperty(exports, "a", …)` does, at the top of the file."""
    if len(arguments) < 2 or arguments[1].type != "string":  # noqa: PLR2004 - object and name
        return False
    key = arguments[1]
    name = member_name(walk, key)
    if name is None or name[0] == _MARK:
        return True
    if walk.scopes.holding_var(walk.region.scope) != Scopes.MODULE:
        return False
    number = walk.add_symbol(
        walk.within(walk.region, enclosing=-1),
        name,
        SymbolKind.VARIABLE,
        Subject(call, SymbolFlag.EXPORTED),
        walk.text[call.start_byte : key.end_byte] + b")",
    )
    if names_an_export(name[0]):
        walk.add_export(name[0], key.start_byte, Destination(Target.SYMBOL, number, None))
    return True
