"""Where what conditions say of values holds, and what that leaves of their types: narrowing.

`if (shape.kind === "square")` says something of `shape` within the statement, and the opposite of
it behind one that returns. What is said is written down as a type of its own for each use that it
holds for; which members of a union are left is worked out by `resolution`, which knows the types.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from tree_sitter import Node

from indexer.parsing.conditions import (
    MAX_DEPTH,
    TOLD_BY_CLASS,
    All,
    Either,
    Every,
    Path,
    Said,
    compared,
    either,
    every,
    operator_of,
    path_of,
    says,
)
from indexer.parsing.facts import TypeOp
from indexer.parsing.nodes import last_part, parts_of
from indexer.parsing.scopes import Destination
from indexer.parsing.typer import MAX_PARTS, UNKNOWN, Typer

# So often it is looked in a file at what conditions say: people's need a few thousand.
MAX_LOOKS: Final = 200_000

_BLOCKS: Final = frozenset(
    {"program", "statement_block", "switch_case", "switch_default", "class_static_block"}
)
_LEAVING: Final = frozenset(
    {"break_statement", "continue_statement", "return_statement", "throw_statement"}
)
_HOISTED: Final = frozenset(
    {
        *("abstract_class_declaration", "class_declaration"),
        *("function_declaration", "generator_function_declaration"),
    }
)
_Held = TypeVar("_Held")


class Place(NamedTuple, Generic[_Held]):
    """From `start` to `end` of the file something is so."""

    start: int
    end: int
    held: _Held


class Places(Generic[_Held]):
    """Places of a file that lie in each other or apart."""

    def __init__(self, places: list[Place[_Held]]) -> None:
        self._places = sorted(places, key=lambda place: (place.start, -place.end))
        self._starts = [place.start for place in self._places]
        # For each the number of the one that it lies in.
        self._outer: list[int] = []
        around: list[int] = []
        for number, place in enumerate(self._places):
            while around and self._places[around[-1]].end <= place.start:
                around.pop()
            self._outer.append(around[-1] if around else -1)
            around.append(number)

    def around(self, at: int, look: Callable[[], bool]) -> list[Place[_Held]]:
        """The places that an offset lies in, from the inside out, as far as `look` says."""
        found = []
        number = bisect_right(self._starts, at) - 1
        while number >= 0 and look():
            place = self._places[number]
            if at < place.end:
                found.append(place)
            number = self._outer[number]
        return found


class Conditions:
    """What the conditions of a file say: of names by where they lead, of members by their names."""

    def __init__(self, functions: list[Node]) -> None:
        self.of_names: dict[Destination | str, Places[Said]] = {}
        self.of_members: dict[str, dict[Path, Places[Said]]] = {}
        # Whether they are hoisted: what is, is called from anywhere.
        self.functions = Places(
            [Place(one.start_byte, one.end_byte, one.type in _HOISTED) for one in functions]
        )
        self.looks = 0

    def look(self, times: int = 1) -> bool:
        """Whether more is to be looked at, so many times."""
        self.looks += times
        return self.looks <= MAX_LOOKS


def narrowed_name(typer: Typer, node: Node, leads_to: Destination | str, of: int) -> int:
    """The type of a name, or of "this", where it stands; `of` is what it has anywhere."""
    if not typer.walk.conditions:
        return of
    told = (typer.conditions or _conditions(typer)).of_names.get(leads_to)
    return of if told is None else _narrowed(typer, node, (leads_to,), told, of)


def narrowed_member(typer: Typer, node: Node, name: str, of: int) -> int:
    """The type of a member called `name` where it stands; `of` is what it has anywhere."""
    if not typer.walk.conditions:
        return of
    paths = (typer.conditions or _conditions(typer)).of_members.get(name)
    path = () if paths is None else path_of(typer, node)
    return _narrowed(typer, node, path, paths[path], of) if paths and path in paths else of


def _narrowed(typer: Typer, node: Node, path: Path, told: Places[Said], of: int) -> int:
    for place in reversed(told.around(node.start_byte, _conditions(typer).look)):
        if _still_holds(typer, node, path, place):
            of = _written(typer, of, place.held)
    return of


def _written(typer: Typer, of: int, said: Said) -> int:
    """The type that is left of another one."""
    if isinstance(said, Every):
        for one in said.of:
            of = _written(typer, of, one)
        return of
    if isinstance(said, Either):
        each = [_written(typer, of, one) for one in said.of[:MAX_PARTS]]
        return of if of in each else typer.union(each)
    operand = UNKNOWN
    if said.operand is not None:
        operand = typer.constant(said.operand)
        if operand == UNKNOWN:
            return of
    if of == UNKNOWN and not (said.holds and said.how in TOLD_BY_CLASS):
        return of
    how = int(said.how) if said.holds else -int(said.how)
    return typer.emit(TypeOp.NARROWED, how, said.name, (of, operand))


# Where something holds


def _conditions(typer: Typer) -> Conditions:
    if typer.conditions is None:
        typer.conditions = _read(typer, Conditions(typer.walk.functions))
    return typer.conditions


def _read(typer: Typer, made: Conditions) -> Conditions:
    found: dict[Path, list[Place[Said]]] = {}
    for node in typer.walk.conditions:
        for start, end, said in _SAYING[node.type](typer, node, made):
            for path, one in said.items():
                found.setdefault(path, []).append(Place(start, end, one))
    for path, places in found.items():
        root, *names = path
        if names:
            made.of_members.setdefault(str(names[-1]), {})[path] = Places(places)
        else:
            made.of_names[root] = Places(places)
    return made


_Saying: TypeAlias = Iterator[tuple[int, int, All]]


def _of_if(typer: Typer, node: Node, _: Conditions) -> _Saying:
    test = node.child_by_field_name("condition")
    then = node.child_by_field_name("consequence")
    otherwise = node.child_by_field_name("alternative")
    if test is None or then is None:
        return
    holds = says(typer, test, holds=True)
    yield then.start_byte, then.end_byte, holds
    leaves = _leaves(then)
    if otherwise is None and not leaves:
        return
    fails, after = says(typer, test, holds=False), _after(node)
    if otherwise is not None:
        yield otherwise.start_byte, otherwise.end_byte, fails
    if after is not None and leaves:
        yield *after, fails
    elif after is not None and otherwise is not None and _leaves(otherwise):
        yield *after, holds


def _of_ternary(typer: Typer, node: Node, _: Conditions) -> _Saying:
    test = node.child_by_field_name("condition")
    for field, holds in (("consequence", True), ("alternative", False)):
        part = node.child_by_field_name(field)
        if test is not None and part is not None:
            yield part.start_byte, part.end_byte, says(typer, test, holds=holds)


def _of_logical(typer: Typer, node: Node, _: Conditions) -> _Saying:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None:
        holds = operator_of(node) == "&&"
        yield right.start_byte, right.end_byte, says(typer, left, holds=holds)


def _of_while(typer: Typer, node: Node, _: Conditions) -> _Saying:
    test, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    if test is None or body is None:
        return
    yield body.start_byte, body.end_byte, says(typer, test, holds=True)
    after = _after(node)
    if after is not None and b"break" not in typer.walk.text[body.start_byte : body.end_byte]:
        yield *after, says(typer, test, holds=False)


def _of_switch(typer: Typer, node: Node, conditions: Conditions) -> _Saying:
    value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
    value = None if value is None else last_part(value)
    if value is None or body is None:
        return
    cases = [one for one in body.named_children if one.type in {"switch_case", "switch_default"}]
    labels = [one.child_by_field_name("value") for one in cases]
    others = [label for label in labels if label is not None]
    entered: list[All] = []
    for case, label in zip(cases, labels, strict=True):
        if label is None:
            entered.append(every([_is(typer, value, one, holds=False) for one in others]))
        else:
            entered.append(_is(typer, value, label, holds=True))
        statements = [one for one in parts_of(case) if one != label]
        if statements and conditions.look(len(entered)):
            yield case.start_byte, case.end_byte, either(entered)
        if statements and _leaves(statements[-1]):
            entered = []


def _is(typer: Typer, value: Node, label: Node, *, holds: bool) -> All:
    """What a case of a switch says."""
    if value.type == "true":
        return says(typer, label, holds=holds)
    return compared(typer, value, label, holds=holds)


def _after(node: Node) -> tuple[int, int] | None:
    """What is left of the block behind a statement, if that is all that may come after it."""
    outer = node.parent
    while outer is not None and outer.type == "else_clause" and outer.parent is not None:
        node, outer = outer.parent, outer.parent.parent
        then = node.child_by_field_name("consequence")
        if then is None or not _leaves(then):
            return None
    if outer is None or outer.type not in _BLOCKS:
        return None
    return node.end_byte, outer.end_byte


def _leaves(node: Node, depth: int = 0) -> bool:
    """Whether what follows a statement in its block never comes after it."""
    if node.type in _LEAVING:
        return True
    if depth >= MAX_DEPTH:
        return False
    if node.type in {"statement_block", "else_clause"}:
        last = last_part(node)
        return last is not None and _leaves(last, depth + 1)
    if node.type == "if_statement":
        then = node.child_by_field_name("consequence")
        otherwise = node.child_by_field_name("alternative")
        return (
            then is not None
            and otherwise is not None
            and _leaves(then, depth + 1)
            and _leaves(otherwise, depth + 1)
        )
    return False


def _still_holds(typer: Typer, node: Node, path: Path, place: Place[Said]) -> bool:
    """Whether nothing was assigned since the condition, as far as the code before `node` tells."""
    root, at = path[0], node.start_byte
    assigned = [] if isinstance(root, str) else typer.assigned_to(root)
    conditions = _conditions(typer)
    if not conditions.look(len(assigned)):
        return False
    if any(place.start <= one.start_byte < at for one in assigned):
        return False
    # A function may run at any time: what could have changed until then is not known any more.
    lasting = not assigned and len(path) == 1 and root != "this"
    crosses = any(
        function.start >= place.start and (function.held or not lasting)
        for function in conditions.functions.around(at, conditions.look)
    )
    return not crosses and conditions.look(0)


_SAYING: Final = {
    "binary_expression": _of_logical,
    "if_statement": _of_if,
    "switch_statement": _of_switch,
    "ternary_expression": _of_ternary,
    "while_statement": _of_while,
}
