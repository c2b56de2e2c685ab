"""The door of the room: one file's bytes in, everything it says by itself out."""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node, Parser, Tree

from indexer.collector import collector_paused
from indexer.parsing.binding import bound
from indexer.parsing.facts import FileFacts
from indexer.parsing.languages import (
    Grammar,
    grammars_for,
    is_declaration_file,
    is_javascript,
)
from indexer.parsing.repair import offer_repairs, without_unreadable
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
    return parse_text(SourceText(source), path)


def parse_text(text: SourceText, path: str) -> FileFacts:
    """As `parse_file`, for a file whose bytes are decoded already.

    Raises:
        NotAnIndexedLanguage: no grammar reads a file of this name.
    """
    grammars = grammars_for(path)
    if not grammars:
        raise NotAnIndexedLanguage
    with collector_paused():
        return _facts(text, path, grammars)


def _facts(text: SourceText, path: str, grammars: tuple[Grammar, ...]) -> FileFacts:
    errors, grammar, tree, _ = _best_reading(text.text, grammars)
    root = tree.root_node
    walk = Walk(
        text,
        javascript=is_javascript(path),
        ambient=is_declaration_file(path),
        is_module=any(child.type in _MODULE_STATEMENTS for child in root.children),
    )
    walk.exports_all = walk.region.ambient and walk.is_module and not _lists_exports(root)
    walk.run(root, actions_of(grammar))
    walk.read_comments()
    return bound(walk, root, errors)


def _lists_exports(root: Node) -> bool:
    """Whether a file says what it exports other than by the word before a declaration.

    The top level of a declaration file that does not is exported as a whole.
    """
    return any(
        child.type == "export_statement"
        and child.child_by_field_name("declaration") is None
        # `export as namespace N` names the module for scripts and exports nothing from it.
        and all(word.type != "namespace" for word in child.children)
        for child in root.children
    )


class _Reading(NamedTuple):
    """A tree of the file, with how many errors are in it and the text that it was made from."""

    errors: int
    grammar: Grammar
    tree: Tree
    text: bytes


def _read(text: bytes, grammar: Grammar) -> _Reading:
    tree = Parser(grammar.language).parse(text)
    return _Reading(_count_errors(tree.root_node), grammar, tree, text)


def _best_reading(text: bytes, grammars: tuple[Grammar, ...]) -> _Reading:
    """The tree with the fewest errors; the first grammar's where several have as few."""
    best = _read(text, grammars[0])
    for grammar in grammars[1:]:
        if best.errors:
            other = _read(text, grammar)
            best = other if other.errors < best.errors else best
    if not best.errors:
        return best

    def keep(mended: bytes) -> bool:
        nonlocal best
        again = _read(mended, best.grammar)
        if again.errors >= best.errors:
            return False
        best = again
        return True

    offer_repairs(text, keep)
    if best.tree.root_node.is_error:
        rest, left_out = without_unreadable(
            best.text, lambda part: not _read(part, best.grammar).errors
        )
        if left_out and keep(rest):
            best = best._replace(errors=best.errors + left_out)
    return best


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
