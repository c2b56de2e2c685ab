"""The table of each grammar: what to do about each kind of node."""

from __future__ import annotations

from functools import cache
from typing import Final

from tree_sitter import Node

from indexer.parsing import classes, expressions, functions, modules, type_syntax, values
from indexer.parsing.collected import Subject
from indexer.parsing.declarations import DECLARATIONS, Declaration
from indexer.parsing.languages import Grammar
from indexer.parsing.walk import Action, Walk, descend, read

# Nodes that hold no names, or only names that are no uses: labels, keys, attribute names.
_SKIPPED = frozenset(
    {
        "accessibility_modifier",
        "empty_statement",
        "escape_sequence",
        "false",
        "hash_bang_line",
        "html_character_reference",
        "html_comment",
        "import",
        "import_attribute",
        "jsx_namespace_name",
        "jsx_text",
        "meta_property",
        "null",
        "number",
        "optional_chain",
        "override_modifier",
        "predefined_type",
        "private_property_identifier",
        "property_identifier",
        "regex",
        "statement_identifier",
        "string",
        "string_fragment",
        "super",
        "this",
        "this_type",
        "true",
        "undefined",
    }
)

_ACTIONS: Final[dict[str, Action]] = {
    "arrow_function": functions.arrow,
    "assignment_expression": expressions.assignment,
    "augmented_assignment_expression": expressions.augmented_assignment,
    "array_pattern": expressions.written_pattern,
    "binary_expression": expressions.binary,
    "call_expression": expressions.call,
    "call_signature": type_syntax.function_type,
    "catch_clause": expressions.catch,
    "class": classes.class_expression,
    "class_static_block": expressions.static_block,
    "comment": expressions.comment,
    "conditional_type": type_syntax.conditional_type,
    "construct_signature": type_syntax.function_type,
    "constructor_type": type_syntax.function_type,
    "decorator": expressions.decorator,
    "export_statement": modules.export_statement,
    "for_in_statement": expressions.for_in,
    "for_statement": expressions.block,
    "function": functions.function_expression,
    "function_expression": functions.function_expression,
    "function_type": type_syntax.function_type,
    "generator_function": functions.function_expression,
    "identifier": read,
    "if_statement": expressions.condition,
    "import_statement": modules.import_statement,
    "index_signature": type_syntax.index_signature,
    "infer_type": type_syntax.infer_type,
    "jsx_closing_element": expressions.jsx_tag,
    "jsx_opening_element": expressions.jsx_tag,
    "jsx_self_closing_element": expressions.jsx_tag,
    "member_expression": expressions.member_access,
    "method_definition": expressions.object_method,
    "method_signature": type_syntax.function_type,
    "abstract_method_signature": type_syntax.function_type,
    "nested_identifier": expressions.member_access,
    "nested_type_identifier": type_syntax.qualified_type,
    "new_expression": expressions.new,
    "object": values.object_literal,
    "object_pattern": expressions.written_pattern,
    "object_type": classes.object_type,
    "optional_parameter": type_syntax.tuple_member,
    "return_statement": expressions.returned,
    "non_null_expression": expressions.non_null,
    "yield_expression": expressions.yielded,
    "required_parameter": type_syntax.tuple_member,
    "shorthand_property_identifier": read,
    "statement_block": expressions.block,
    "switch_body": expressions.block,
    "switch_statement": expressions.condition,
    "ternary_expression": expressions.condition,
    "type_identifier": type_syntax.type_name,
    "type_query": type_syntax.type_query,
    "update_expression": expressions.update,
    "while_statement": expressions.condition,
}


def _statement(declaration: Declaration) -> Action:
    def declare(walk: Walk, node: Node) -> None:
        declaration(walk, node, Subject(node, 0))

    return declare


def _import_alias(walk: Walk, node: Node) -> None:
    modules.import_alias(walk, node, Subject(node, 0))


@cache
def actions_of(grammar: Grammar) -> tuple[Action | None, ...]:
    """The action for each `kind_id`; None for a node to skip with everything in it."""
    language = grammar.language
    by_kind = dict(_ACTIONS)
    by_kind.update((kind, _statement(one)) for kind, one in DECLARATIONS.items())
    by_kind["import_alias"] = _import_alias
    # ERROR is the last of all numbers; what stands in it is read like any other code.
    table: list[Action | None] = [None] * 65_535 + [descend]
    for kind_id in range(language.node_kind_count):
        kind = language.node_kind_for_id(kind_id)
        if kind and language.node_kind_is_named(kind_id) and kind not in _SKIPPED:
            table[kind_id] = by_kind.get(kind, descend)
    return tuple(table)
