"""Member accesses: `a.b.c` is one use of `a` and one of each member along the way."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.facts import ReferenceKind
from indexer.parsing.requests import members_of_import_type
from indexer.parsing.scopes import Meaning
from indexer.parsing.walk import Region, Use, Walk

_READ = ReferenceKind.READ
# No namespace is nested deeper; it keeps a hostile chain from costing its length squared.
_LONGEST = 12
_ACCESSES = frozenset(
    {"member_expression", "nested_identifier", "nested_type_identifier", "non_null_expression",
     "parenthesized_expression", "instantiation_expression"}
)
_ROOTS = frozenset({"identifier", "this", "super"})
_MEMBERS = frozenset({"property_identifier", "private_property_identifier", "type_identifier"})


def chain(
    walk: Walk,
    node: Node,
    kind: ReferenceKind,
    region: Region | None = None,
    meaning: Meaning = Meaning.VALUE,
    root_meaning: Meaning = Meaning.VALUE,
) -> Use | None:
    """Note the uses in an expression that may be a member access; `kind` is that of the whole.

    Gives the use of the whole, or None for an expression that is neither a name nor an access;
    that one is visited.
    """
    region = region or walk.region
    steps: list[Node] = []
    while node.type in _ACCESSES:
        children = node.named_children
        if node.type in {"non_null_expression", "parenthesized_expression"}:
            if len(children) != 1:
                break
            node = children[0]
        elif node.type == "instantiation_expression":
            walk.defer(region, children[1:])
            node = children[0]
        else:
            if children[-1].type not in _MEMBERS:
                break
            steps.append(children[-1])
            node = children[0]
    steps.reverse()
    return _note(walk, node, steps, kind, region, meaning, root_meaning)


def _note(
    walk: Walk,
    root: Node,
    steps: list[Node],
    kind: ReferenceKind,
    region: Region,
    meaning: Meaning,
    root_meaning: Meaning,
) -> Use | None:
    known = root if root.type in _ROOTS else None
    if _is_import(root) and members_of_import_type(walk, root, steps):
        return None
    if known is None:
        walk.defer(region, [root])
    elif root.type == "identifier":
        whole = not steps
        walk.use(root, (), kind if whole else _READ, meaning if whole else root_meaning, region)
    last = len(steps)
    for end in range(1, last + 1):
        use_kind = kind if end == last else _READ
        if end > _LONGEST:
            walk.use(None, steps[end - 1 : end], use_kind, meaning, region)
        else:
            walk.use(known, steps[:end], use_kind, meaning, region)
    if steps:
        return region.uses[-1]
    return region.uses[-1] if known is not None and root.type == "identifier" else None


def _is_import(node: Node) -> bool:
    return node.type == "call_expression" and node.named_children[0].type == "import"
