"""Member accesses: `a.b.c` is one use of `a` and one of each member along the way."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.collected import Region, Use
from indexer.parsing.facts import ReferenceKind
from indexer.parsing.nodes import parts_of
from indexer.parsing.requests import is_import_type, members_of_import_type
from indexer.parsing.scopes import Meaning
from indexer.parsing.walk import Walk

_VALUE = Meaning.VALUE
_ACCESSES = frozenset({"member_expression", "nested_identifier", "nested_type_identifier"})
_TRANSPARENT = frozenset({"non_null_expression", "parenthesized_expression"})
_RECEIVERS = frozenset({"this", "super"})
_MEMBERS = frozenset({"property_identifier", "private_property_identifier", "type_identifier"})


def chain(
    walk: Walk,
    node: Node,
    kind: ReferenceKind,
    region: Region | None = None,
    meaning: Meaning = _VALUE,
) -> Use | None:
    """Note the uses in an expression that may be a member access; `kind` is that of the whole.

    Gives the use of the whole, or None for an expression that is neither a name nor an access;
    that one is visited.
    """
    region = region or walk.region
    steps: list[Node] = []
    receivers: list[Node] = []
    while True:
        node_type = node.type
        if node_type == "identifier":
            break
        if node_type in _ACCESSES:
            children = node.children
            if children[-1].type not in _MEMBERS:
                return _of_an_expression(
                    walk, node, Use(None, steps, kind, _VALUE, receivers), region
                )
            steps.append(children[-1])
            node = children[0]
            receivers.append(node)
        elif node_type in _RECEIVERS:
            if not steps:
                return None
            break
        elif node_type in _TRANSPARENT and len(parts := parts_of(node)) == 1:
            (node,) = parts
        elif node_type == "instantiation_expression":
            walk.defer(region, node.named_children[1:])
            node = node.named_children[0]
        else:
            return _of_an_expression(walk, node, Use(None, steps, kind, _VALUE, receivers), region)
    steps.reverse()
    receivers.reverse()
    made = Use(node, steps, kind, meaning, receivers)
    if steps and meaning is _VALUE and node_type == "identifier":
        region.accesses.append(made)
    else:
        region.uses.append(made)
    return made


def _of_an_expression(walk: Walk, root: Node, made: Use, region: Region) -> Use | None:
    """Note the members of the value of an expression: nothing is known of it here."""
    steps = list(reversed(made.steps))
    if root.type == "call_expression" and is_import_type(root):
        members_of_import_type(walk, root, steps)
        return None
    if region is walk.region:
        walk.visit((root,))
    else:
        walk.defer(region, (root,))
    if not steps:
        return None
    made = made._replace(steps=steps, receivers=list(reversed(made.receivers)))
    region.uses.append(made)
    return made
