"""What conditions say of the values that they look at, where they hold and where they do not."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from tree_sitter import Node

from indexer.parsing.facts import Narrowing
from indexer.parsing.nodes import last_part, parts_of
from indexer.parsing.scopes import Destination
from indexer.parsing.typer import LITERALS, Typer

# A condition of people has few parts.
MAX_DEPTH: Final = 24
MAX_NAMES: Final = 4
MAX_ARGUMENTS: Final = 2

TOLD_BY_CLASS: Final = frozenset({Narrowing.INSTANCE, Narrowing.TOLD})
"""What tells of which class a value is, also where nothing else is known of it."""

_EQUAL: Final = {"===": True, "==": True, "!==": False, "!=": False}
_TRANSPARENT: Final = frozenset({"non_null_expression", "parenthesized_expression"})
_MEMBERS: Final = frozenset({"property_identifier", "private_property_identifier"})
# A class is no union, which is why members of `this` tell nothing of it.
_THIS: Final = ("this",)

Path: TypeAlias = tuple[Destination | str, ...]
"""What a name leads to, or "this", then the names of members of it."""


class Test(NamedTuple):
    """One look at a value; `holds`: how it turned out. `name` and `operand` as `Narrowing` says."""

    how: Narrowing
    name: str
    operand: Node | None
    holds: bool


class Every(NamedTuple):
    """All of these hold."""

    of: tuple[Said, ...]


class Either(NamedTuple):
    """One of these holds."""

    of: tuple[Said, ...]


Said: TypeAlias = Test | Every | Either
All: TypeAlias = dict[Path, Said]


def says(typer: Typer, node: Node, *, holds: bool, depth: int = 0) -> All:
    """What is known once a condition turned out to hold, or not to."""
    read = _CONDITIONS.get(node.type)
    return {} if read is None or depth >= MAX_DEPTH else read(typer, node, holds, depth + 1)


def _parenthesized(typer: Typer, node: Node, holds: bool, depth: int) -> All:  # noqa: FBT001 - see _CONDITIONS
    inner = last_part(node)
    return {} if inner is None else says(typer, inner, holds=holds, depth=depth)


def _not(typer: Typer, node: Node, holds: bool, depth: int) -> All:  # noqa: FBT001 - see _CONDITIONS
    of = node.child_by_field_name("argument")
    if of is None or operator_of(node) != "!":
        return {}
    return says(typer, of, holds=not holds, depth=depth)


def _binary(typer: Typer, node: Node, holds: bool, depth: int) -> All:  # noqa: FBT001 - see _CONDITIONS
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    sign = operator_of(node)
    if left is None or right is None:
        return {}
    if sign in {"&&", "||"}:
        both = [says(typer, one, holds=holds, depth=depth) for one in (left, right)]
        return every(both) if holds == (sign == "&&") else either(both)
    if sign in _EQUAL:
        return compared(typer, left, right, holds=holds == _EQUAL[sign])
    if sign == "instanceof":
        return _test(typer, left, Test(Narrowing.INSTANCE, "", right, holds))
    if sign == "in" and left.type in {"string", "private_property_identifier"}:
        key = typer.key(left)
        return {} if key is None else _test(typer, right, Test(Narrowing.HAS, key[1], None, holds))
    return {}


def compared(typer: Typer, left: Node, right: Node, *, holds: bool) -> All:
    """What `left === right` says: of what has `left` for a member, or of what has the type."""
    if left.type in LITERALS:
        left, right = right, left
    while left.type in _TRANSPARENT and (inner := last_part(left)) is not None:
        left = inner
    if left.type == "unary_expression" and right.type == "string":
        of = left.child_by_field_name("argument")
        if of is None or operator_of(left) != "typeof":
            return {}
        return _test(typer, of, Test(Narrowing.TYPE, typer.spelled(right)[1:-1], None, holds))
    if left.type != "member_expression" or left.children[-1].type not in _MEMBERS:
        return {}
    name = typer.spelled(left.children[-1])
    how = Narrowing.INSTANCE if name == "constructor" else Narrowing.EQUAL
    return _test(typer, left.children[0], Test(how, name, right, holds))


def _truthy(typer: Typer, node: Node, holds: bool, _depth: int) -> All:  # noqa: FBT001 - see _CONDITIONS
    """`if (result.ok)`."""
    name = node.children[-1]
    if name.type not in _MEMBERS:
        return {}
    return _test(typer, node.children[0], Test(Narrowing.TRUE, typer.spelled(name), None, holds))


def _called(typer: Typer, node: Node, holds: bool, _depth: int) -> All:  # noqa: FBT001 - see _CONDITIONS
    """`if (isSquare(shape))` and `if (shape.isSquare())`: what is called may be a predicate."""
    callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if callee is None or arguments is None:
        return {}
    given = parts_of(arguments)[:MAX_ARGUMENTS]
    if given and typer.walk.spelled(callee) == b"Array.isArray":
        return _test(typer, given[0], Test(Narrowing.TYPE, "array", None, holds))
    said: All = {}
    for at, one in enumerate(given):
        said |= _test(typer, one, Test(Narrowing.TOLD, str(at), callee, holds))
    if callee.type == "member_expression":
        said |= _test(typer, callee.children[0], Test(Narrowing.TOLD, "this", callee, holds))
    return said


def _test(typer: Typer, of: Node, test: Test) -> All:
    path = path_of(typer, of)
    if not path or (path == _THIS and test.how not in TOLD_BY_CLASS):
        return {}
    return {path: test}


def every(said: list[All]) -> All:
    """What is known when all of these are."""
    paths = dict.fromkeys(path for one in said for path in one)
    return {path: _joined(Every, [one[path] for one in said if path in one]) for path in paths}


def either(said: list[All]) -> All:
    """What is known when one of these is."""
    first, *others = said
    paths = [path for path in first if all(path in one for one in others)]
    return {path: _joined(Either, [one[path] for one in said]) for path in paths}


def _joined(kind: type[Every | Either], said: list[Said]) -> Said:
    return said[0] if len(said) == 1 else kind(tuple(said))


def path_of(typer: Typer, node: Node) -> Path:
    """What a value is, where that is a name or a member that is reached by names; else nothing."""
    names: list[str] = []
    while node.type == "member_expression" or node.type in _TRANSPARENT:
        if node.type == "member_expression":
            if node.children[-1].type not in _MEMBERS or len(names) >= MAX_NAMES:
                return ()
            names.append(typer.spelled(node.children[-1]))
            node = node.children[0]
        else:
            inner = last_part(node)
            if inner is None:
                return ()
            node = inner
    root: Destination | str | None = "this" if node.type == "this" else None
    if node.type in {"identifier", "shorthand_property_identifier"}:
        root = typer.leads_to(node)
    return () if root is None else (root, *reversed(names))


def operator_of(node: Node) -> str:
    """The operator of an expression, "" where it has none."""
    operator = node.child_by_field_name("operator")
    return "" if operator is None else operator.type


# Called for each condition, so they take their arguments by place.
_CONDITIONS: Final = {
    "binary_expression": _binary,
    "call_expression": _called,
    "member_expression": _truthy,
    "parenthesized_expression": _parenthesized,
    "unary_expression": _not,
}
