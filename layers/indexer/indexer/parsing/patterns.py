"""Destructuring: the names that a pattern binds or writes."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.collected import Region
from indexer.parsing.facts import ReferenceKind
from indexer.parsing.walk import Walk

_NAMES = frozenset({"identifier", "shorthand_property_identifier_pattern"})
_DEFAULTED = frozenset({"assignment_pattern", "object_assignment_pattern"})
_HOLDING = frozenset({"object_pattern", "array_pattern", "rest_pattern"})


def names_bound(walk: Walk, region: Region, pattern: Node) -> list[Node]:
    """The names in a pattern, in source order; its defaults and keys go on in `region`."""
    if pattern.type == "identifier":
        return [pattern]
    names = []
    stack = [pattern]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in _NAMES:
            names.append(node)
            if kind != "identifier":
                walk.use(None, (node,), region=region)
        elif kind in _HOLDING:
            stack.extend(reversed(node.named_children))
        elif kind in _DEFAULTED:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            walk.defer(region, [right] if right else [])
            stack.extend([left] if left else [])
        elif kind == "pair_pattern":
            stack.extend(_value_of_pair(walk, region, node))
        else:
            walk.defer(region, [node])
    return names


def _value_of_pair(walk: Walk, region: Region, pair: Node) -> list[Node]:
    key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
    if key is not None:
        if key.type == "property_identifier":
            walk.use(None, (key,), region=region)
        else:
            walk.defer(region, [key])
    return [value] if value else []


def note_written(walk: Walk, pattern: Node) -> None:
    """Note the names that an assignment to this pattern writes."""
    for name in names_bound(walk, walk.region, pattern):
        walk.use(name, (), ReferenceKind.WRITE)
        walk.assigned.append(name)
