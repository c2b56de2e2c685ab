"""The door of the room: one file's bytes in, everything it says by itself out."""

from __future__ import annotations

from tree_sitter import Node, Parser, Tree

from indexer.parsing.binding import bound
from indexer.parsing.facts import FileFacts
from indexer.parsing.languages import (
    Grammar,
    grammars_for,
    is_declaration_file,
    is_javascript,
)
from indexer.parsing.source import FileNotParsed, SourceText
from indexer.parsing.tables import actions_of
from indexer.parsing.walk import Walk

_MODULE_STATEMENTS = frozenset({"import_statement", "export_statement"})


class NotAnIndexedLanguage(FileNotParsed):
    """The file's name has an ending that no grammar here reads."""

    reason = "not_a_parsed_language"

    def __init__(self) -> None:
        super().__init__("no grammar for the ending of the file's name")


def parse_file(source: bytes, path: str) -> FileFacts:
    """Everything that one file of TypeScript or JavaScript says by itself.

    A syntax error never fails a file: what can be read is, and `syntax_errors` counts the rest.
    Everything returned is text that Postgres can store, with bounded names, signatures and
    documentation; the same bytes and path always give the same facts.

    Raises:
        FileNotParsed: nothing can be said about the file; `reason` says why.
    """
    grammars = grammars_for(path)
    if not grammars:
        raise NotAnIndexedLanguage
    text = SourceText(source)
    grammar, tree, errors = _best_tree(text.text, grammars)
    root = tree.root_node
    walk = Walk(
        text,
        javascript=is_javascript(path),
        ambient=is_declaration_file(path),
        is_module=any(child.type in _MODULE_STATEMENTS for child in root.children),
    )
    walk.run(root, actions_of(grammar))
    return bound(walk, errors)


def _best_tree(text: bytes, grammars: tuple[Grammar, ...]) -> tuple[Grammar, Tree, int]:
    """The tree with the fewest errors; the first grammar's where several have as few."""
    tried = []
    for grammar in grammars:
        tree = Parser(grammar.language).parse(text)
        errors = _count_errors(tree.root_node)
        if not errors:
            return grammar, tree, 0
        tried.append((grammar, tree, errors))
    return min(tried, key=lambda one: one[2])


def _count_errors(root: Node) -> int:
    """How many nodes are errors, or missing; at least 1 where there is any."""
    if not root.has_error:
        return 0
    errors = 0
    stack = [root]
    while stack:
        node = stack.pop()
        errors += node.is_error or node.is_missing
        if node.has_error:
            stack.extend(node.children)
    return max(errors, 1)
