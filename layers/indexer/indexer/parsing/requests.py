"""The modules a file asks for, besides its import and export statements."""

from __future__ import annotations

import re

from tree_sitter import Node

from indexer.parsing.facts import DependencyKind, ReferenceKind, Target
from indexer.parsing.nodes import first_part
from indexer.parsing.scopes import Destination
from indexer.parsing.walk import Walk

_TRIPLE_SLASH = re.compile(rb"""///\s*<reference\s+(path|types)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TRIPLE_SLASH_KINDS = {
    b"path": DependencyKind.REFERENCE_PATH,
    b"types": DependencyKind.REFERENCE_TYPES,
}
_EXPRESSION_PARENTS = frozenset({"as_expression", "satisfies_expression"})


def literal(walk: Walk, node: Node) -> bytes | None:
    """The text of a string or of a template without substitutions; None for anything else."""
    if node.type == "string" or (
        node.type == "template_string"
        and all(child.type != "template_substitution" for child in node.named_children)
    ):
        return walk.text[node.start_byte + 1 : node.end_byte - 1]
    return None


def requested(walk: Walk, source: Node, kind: DependencyKind) -> int:
    """Note the request for the module that a string names; gives its number."""
    return walk.request(literal(walk, source) or b"", kind, source.start_byte)


def call_for_module(walk: Walk, call: Node, callee: Node) -> None:
    """Note what `import()`, `import()` as a type, or `require()` asks for.

    A dynamic import of something else than a literal is a request with an empty specifier.
    """
    arguments = call.child_by_field_name("arguments")
    first = first_part(arguments) if arguments is not None else None
    if callee.type == "import":
        kind = DependencyKind.TYPE_QUERY if _is_type(call) else DependencyKind.DYNAMIC_IMPORT
        if first is not None:
            requested(walk, first, kind)
    elif first is not None and literal(walk, first) is not None:
        requested(walk, first, DependencyKind.REQUIRE)


def _is_type(node: Node) -> bool:
    """Whether an `import()` stands where a type does."""
    parent = node.parent
    while parent is not None and parent.type == "member_expression":
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in _EXPRESSION_PARENTS:
        return parent.children[0] != node
    return "type" in parent.type or parent.type == "constraint"


def triple_slash(walk: Walk, comment: Node) -> None:
    """Note the request of a `/// <reference … />` comment."""
    found = _TRIPLE_SLASH.match(walk.text, comment.start_byte, comment.end_byte)
    if found:
        specifier = found[2] if found[2] is not None else found[3]
        kind = _TRIPLE_SLASH_KINDS[found[1]]
        walk.request(specifier, kind, comment.start_byte)


def is_import_type(call: Node) -> bool:
    """Whether this is the call in `import("x").A`, written as a type."""
    return call.children[0].type == "import" and _is_type(call)


def members_of_import_type(walk: Walk, call: Node, steps: list[Node]) -> None:
    """Note the request and the names in `import("x").A.B` as a type."""
    call_for_module(walk, call, call.children[0])
    request = len(walk.requests) - 1
    if steps:
        name = walk.source.name(walk.spelled(steps[0]))
        leads_to = Destination(Target.MODULE, request, name)
        walk.use_known(steps[0], ReferenceKind.TYPE, leads_to)
    for step in steps[1:]:
        walk.use(None, (step,), ReferenceKind.TYPE)
