"""Expressions and statements that use names in a way of their own, or open a scope."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.chains import chain
from indexer.parsing.collected import TemplateTag
from indexer.parsing.commonjs import assigned, declares_first, may_declare, note_given
from indexer.parsing.declarations import used_value
from indexer.parsing.facts import ReferenceKind
from indexer.parsing.functions import function_like
from indexer.parsing.nodes import OPERATIONS, PREFIXED, first_part, parts_of, unprefixed
from indexer.parsing.open_exports import note_assigned, note_passed
from indexer.parsing.patterns import names_bound, note_written
from indexer.parsing.requests import call_for_module, triple_slash
from indexer.parsing.scopes import ScopeKind
from indexer.parsing.walk import Walk

_READ = ReferenceKind.READ
_CALL = ReferenceKind.CALL
_REQUIRE = len(b"require")
_AWAIT = len(b"await")
_MAY_END_TYPES = frozenset({">", "|", "&"})
_CHAINED = frozenset(
    {"call_expression", "member_expression", "non_null_expression", "subscript_expression"}
)
_LOGICAL = frozenset({"&&", "||"})
_TYPE_OPERATORS = frozenset({"|", "&"})
_LONGEST_ARGUMENTS = 64
_PREDEFINED = frozenset(
    {b"any", b"bigint", b"boolean", b"never", b"number", b"object", b"string", b"symbol"}
    | {b"undefined", b"unknown", b"void"}
)
_ASSIGN_A_VALUE = frozenset({"=", "??=", "||=", "&&="})
_PATTERNS = frozenset({"object_pattern", "array_pattern"})
# How the names of the methods end that add to an array, `push` and `unshift`.
_ADD = frozenset({b"push", b"hift"})


def member_access(walk: Walk, node: Node) -> None:
    """`a.b.c`, read."""
    chain(walk, node, _READ)


def call(walk: Walk, node: Node) -> None:
    """`f(x)`, and the calls that ask for modules."""
    children = node.children
    callee = children[0]
    kind = callee.type
    if kind in PREFIXED and node.child_by_field_name("type_arguments") is not None:
        callee = _without_prefix(walk, node, callee)
        kind = callee.type
    walk.visit(children[1:])
    if walk.javascript:
        note_passed(walk, node, callee, children[-1])
    if kind == "identifier":
        if callee.end_byte - callee.start_byte == _AWAIT and walk.spelled(callee) == b"await":
            # Outside of functions the grammar takes `await (x)` for a call.
            return
        walk.region.calls.append(callee)
        if callee.end_byte - callee.start_byte == _REQUIRE and walk.spelled(callee) == b"require":
            call_for_module(walk, node, callee)
    elif kind == "import":
        call_for_module(walk, node, callee)
    else:
        if kind == "member_expression" and walk.text[callee.end_byte - 4 : callee.end_byte] in _ADD:
            walk.added.append(node)
        chain(walk, callee, _CALL)


def _without_prefix(walk: Walk, call: Node, callee: Node) -> Node:
    """What `await f<T>()` and `!f<T>()` call: the grammar has `(await f)<T>()`.

    Where it is awaited, what is awaited is the whole chain that begins with the call.
    """
    if callee.type == "await_expression":
        walk.awaited.add(_chained(call).id)
    return unprefixed(callee)


def _chained(node: Node) -> Node:
    """The whole chain that an expression begins."""
    while (outer := node.parent) is not None and outer.type in _CHAINED:
        if outer.children[0] != node:
            break
        node = outer
    return node


def non_null(walk: Walk, node: Node) -> None:
    """`a!`; of `a + b!.c` the grammar has `(a + b)!.c`."""
    inner, chained = first_part(node), _chained(node)
    if inner is not None and inner.type in OPERATIONS and chained != node:
        walk.operations[chained.id] = inner
    walk.visit(node.children)


def binary(walk: Walk, node: Node) -> None:
    """`a + b`; the grammar takes the template in a<T>`…` for the end of comparisons."""
    children = node.children
    # Without comments the operator is the second of three.
    operator = children[1] if len(children) == 3 else node.child_by_field_name("operator")  # noqa: PLR2004
    sign = "" if operator is None else operator.type
    if sign in _LOGICAL:
        walk.conditions.append(node)
    parts = _tagged_template(node) if sign in _MAY_END_TYPES else None
    if parts is None:
        walk.visit(children)
        return
    callee, types, rest, template = parts
    walk.compared[node.id] = rest
    walk.tags[template.id] = TemplateTag(callee, types)
    chain(walk, callee, _CALL)
    for one in types:
        if one.type != "identifier":
            walk.visit([one])
        elif walk.spelled(one) not in _PREDEFINED:
            walk.region.types.append(one)
    walk.visit([rest])


def _tagged_template(node: Node) -> tuple[Node, list[Node], Node, Node] | None:
    """The callee, the type arguments, what begins with the template, and that, in a < T > `…`."""
    flat: list[Node] = []
    waiting = [node]
    for _ in range(_LONGEST_ARGUMENTS):
        if not waiting:
            break
        one = waiting.pop()
        if one.type == "binary_expression":
            waiting.extend(reversed(one.children))
        elif one.type != "comment":
            flat.append(one)
    operators = [one.type for one in flat[1::2]]
    if waiting or operators[0] != "<" or operators[-1] != ">":
        return None
    begins = flat[-1]
    while begins.type in _CHAINED:
        begins = begins.children[0]
    if begins.type != "template_string" or not _TYPE_OPERATORS.issuperset(operators[1:-1]):
        return None
    return flat[0], flat[2:-2:2], flat[-1], begins


def condition(walk: Walk, node: Node) -> None:
    """`if (a) {}`, `a ? b : c`: what is inside may know more of what the condition looks at."""
    walk.conditions.append(node)
    walk.visit(node.children)


def new(walk: Walk, node: Node) -> None:
    """`new C(x)`."""
    constructor = node.child_by_field_name("constructor")
    if constructor is not None:
        chain(walk, constructor, ReferenceKind.NEW)
    walk.visit([child for child in node.named_children if child != constructor])


def decorator(walk: Walk, node: Node) -> None:
    """`@d`, `@d.e`, `@d(x)`."""
    for child in node.named_children:
        if child.type == "call_expression":
            callee, *others = child.named_children
            walk.visit(others)
            chain(walk, callee, ReferenceKind.DECORATOR)
        else:
            chain(walk, child, ReferenceKind.DECORATOR)


def assignment(walk: Walk, node: Node) -> None:
    """`a = b`, `a.b = c`, `[a, b] = c`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        walk.visit(node.children)
        return
    walk.note_cast(left, right)
    if node.children[0].type == "using":
        used_value(walk, node)
    elif may_declare(walk, left):
        walk.put_off(node, declaring_assignment, last=not declares_first(walk, left))
    else:
        _plain_assignment(walk, left, right)


def declaring_assignment(walk: Walk, node: Node) -> None:
    """An assignment to a member: it declares that member unless something else has."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None and not assigned(walk, node, left, right):
        _plain_assignment(walk, left, right)


def _plain_assignment(walk: Walk, left: Node, right: Node) -> None:
    if walk.javascript:
        note_assigned(walk, left)
    elif left.type == "member_expression" and left.children[0].type == "this":
        note_given(walk, left, right)
    _written(walk, left)
    walk.visit([right])


def augmented_assignment(walk: Walk, node: Node) -> None:
    """`a += b`."""
    left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
    if left is not None:
        if operator is not None and operator.type in _ASSIGN_A_VALUE and left.type == "identifier":
            walk.assigned.append(left)
        chain(walk, left, ReferenceKind.WRITE)
    walk.visit([child for child in node.named_children if child != left])


def _written(walk: Walk, left: Node) -> None:
    if left.type in _PATTERNS:
        note_written(walk, left)
        return
    if left.type == "identifier":
        walk.assigned.append(left)
    chain(walk, left, ReferenceKind.WRITE)


def update(walk: Walk, node: Node) -> None:
    """`a++`."""
    for child in node.named_children:
        chain(walk, child, ReferenceKind.WRITE)


def written_pattern(walk: Walk, node: Node) -> None:
    """A pattern outside declarations: its names are written."""
    note_written(walk, node)


# JSX


def jsx_tag(walk: Walk, node: Node) -> None:
    """The name and attributes of an element; a name in lower case is no name of ours."""
    name = node.child_by_field_name("name")
    if name is not None and (name.type != "identifier" or not walk.spelled(name)[:1].islower()):
        chain(walk, name, ReferenceKind.JSX)
    walk.visit([child for child in node.named_children if child != name])


# Scopes


def block(walk: Walk, node: Node) -> None:
    """A block of statements."""
    walk.defer(walk.enter(walk.region, ScopeKind.BLOCK), node.children)


def returned(walk: Walk, node: Node) -> None:
    """`return a`: part of what the function around it gives."""
    values = parts_of(node)
    if values:
        walk.returned.setdefault(_function_around(walk), []).append(values[0])
    walk.visit(node.children)


def yielded(walk: Walk, node: Node) -> None:
    """`yield a` and `yield* a`: part of what going through the generator around it gives."""
    if parts_of(node):
        walk.yielded.setdefault(_function_around(walk), []).append(node)
    walk.visit(node.children)


def _function_around(walk: Walk) -> int:
    return walk.function_scopes.get(walk.scopes.holding_var(walk.region.scope), -1)


def static_block(walk: Walk, node: Node) -> None:
    """`static {}` of a class: a `var` in it stays in it."""
    walk.defer(walk.enter(walk.region, ScopeKind.FUNCTION), node.children)


def for_in(walk: Walk, node: Node) -> None:
    """`for (const a of b) {}` and `for (a in b) {}`."""
    left, kind = node.child_by_field_name("left"), node.child_by_field_name("kind")
    outside = walk.region
    region = walk.enter(outside, ScopeKind.BLOCK)
    if left is not None and kind is None:
        _written(walk, left)
    elif left is not None and kind is not None:
        scope = region.scope
        if kind.type == "var":
            scope = walk.scopes.holding_var(outside.scope)
        for name in names_bound(walk, region, left):
            walk.declare_local(region, name, scope=scope)
    walk.defer(region, [child for child in node.named_children if child != left])


def catch(walk: Walk, node: Node) -> None:
    """`catch (e) {}`."""
    region = walk.enter(walk.region, ScopeKind.BLOCK)
    parameter = node.child_by_field_name("parameter")
    if parameter is not None:
        for name in names_bound(walk, region, parameter):
            walk.declare_local(region, name)
    walk.defer(region, [child for child in node.named_children if child != parameter])


def object_method(walk: Walk, node: Node) -> None:
    """A method of an object literal that is the value of no symbol."""
    name = node.child_by_field_name("name")
    if name is not None and name.type == "computed_property_name":
        walk.visit([name])
    inside = walk.within(walk.region)
    inside.this = None
    function_like(walk, node, inside)


def comment(walk: Walk, node: Node) -> None:
    """A comment, which may document what comes next."""
    start = node.start_byte
    walk.comments.add(start, node.end_byte)
    if walk.text.startswith(b"///", start):
        triple_slash(walk, node)
