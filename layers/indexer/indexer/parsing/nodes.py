"""What the grammar leaves to those who read a tree."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

FUNCTION_VALUES: Final = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function"}
)
OPERATIONS: Final = frozenset({"await_expression", "binary_expression", "unary_expression"})
"""What the grammar takes for what `!` stands behind, when only what they end with is: `a + b!`."""
PREFIXED: Final = frozenset({"await_expression", "unary_expression"})
"""What the grammar takes for the callee of a call with type arguments, prefix and all."""


def parts_of(node: Node) -> list[Node]:
    """The named children of a node without comments, which may stand between any two of them."""
    children = node.named_children
    for child in children:
        # Every comment is an extra, and asking a node for its type costs three times as much.
        if child.is_extra and child.type == "comment":
            return [child for child in children if child.type != "comment"]
    return children


def unprefixed(node: Node) -> Node:
    """`f` of `await f` and `!f`."""
    while node.type in PREFIXED and (parts := parts_of(node)):
        node = parts[-1]
    return node


def first_part(node: Node) -> Node | None:
    """The first of them, where there is one."""
    for child in node.named_children:
        if not child.is_extra or child.type != "comment":
            return child
    return None


def written_key(node: Node | None) -> Node | None:
    """What names a member: of `["a"]` the string; None where only running the code tells."""
    if node is None or node.type != "computed_property_name":
        return node
    inner = first_part(node)
    return inner if inner is not None and inner.type == "string" else None


def last_part(node: Node) -> Node | None:
    """The last of them, where there is one."""
    for child in reversed(node.named_children):
        if not child.is_extra or child.type != "comment":
            return child
    return None
