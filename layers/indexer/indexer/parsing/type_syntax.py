"""Type annotations: the scopes they open, and the names they use."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.chains import chain
from indexer.parsing.facts import ReferenceKind
from indexer.parsing.functions import function_like
from indexer.parsing.nodes import parts_of
from indexer.parsing.scopes import Meaning, ScopeKind
from indexer.parsing.walk import Walk

_BIGINT = len(b"bigint")


def type_name(walk: Walk, node: Node) -> None:
    """A plain name of a type."""
    # The one predefined type that the grammar takes for a name.
    if node.end_byte - node.start_byte != _BIGINT or walk.spelled(node) != b"bigint":
        walk.region.types.append(node)


def qualified_type(walk: Walk, node: Node) -> None:
    """`A.B.C` as a type."""
    chain(walk, node, ReferenceKind.TYPE, meaning=Meaning.TYPE)


def type_query(walk: Walk, node: Node) -> None:
    """`typeof a.b` as a type."""
    for child in parts_of(node):
        if child.type in {"type_arguments", "call_expression"}:
            walk.visit([child])
        else:
            chain(walk, child, ReferenceKind.TYPE)


def function_type(walk: Walk, node: Node) -> None:
    """A function or constructor type; a call, construct or method signature."""
    name = node.child_by_field_name("name")
    if name is not None and name.type == "computed_property_name":
        walk.visit([name])
    function_like(walk, node, walk.region)


def index_signature(walk: Walk, node: Node) -> None:
    """`[key: string]: T`, or the head and the value of a mapped type."""
    mapped = [child for child in node.named_children if child.type == "mapped_type_clause"]
    if not mapped:
        name = node.child_by_field_name("name")
        walk.visit([child for child in node.named_children if child != name])
        return
    region = walk.enter(walk.region, ScopeKind.TYPE)
    for clause in mapped:
        name = clause.child_by_field_name("name")
        if name is not None:
            walk.declare_local(region, name, Meaning.TYPE)
        walk.defer(region, [child for child in clause.named_children if child != name])
    walk.defer(region, [child for child in node.named_children if child not in mapped])


def conditional_type(walk: Walk, node: Node) -> None:
    """`A extends B ? C : D`: what B infers is visible in B and C only."""
    region = walk.enter(walk.region, ScopeKind.CONDITIONAL)
    for field in ("right", "consequence"):
        if part := node.child_by_field_name(field):
            walk.defer(region, [part])
    for field in ("left", "alternative"):
        if part := node.child_by_field_name(field):
            walk.visit([part])


def infer_type(walk: Walk, node: Node) -> None:
    """`infer T`, possibly with a constraint."""
    name, *constraint = parts_of(node)
    if name.type == "type_identifier":
        holder = walk.scopes.holding_infer(walk.region.scope)
        walk.declare_local(walk.region, name, Meaning.TYPE, holder)
        walk.visit(constraint)
    else:
        walk.visit(node.children)


def tuple_member(walk: Walk, node: Node) -> None:
    """A labelled member of a tuple type: the label is no name."""
    label = node.child_by_field_name("name") or node.child_by_field_name("pattern")
    walk.visit([child for child in node.named_children if child != label])
