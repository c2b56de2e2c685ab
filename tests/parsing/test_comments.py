"""A comment between any two words of a file changes nothing of what the file says."""

from pathlib import Path

import pytest
from tree_sitter import Parser

from indexer.parsing.facts import ExportFact, FileFacts, ReferenceFact, Target, TypeOp, TypeRole
from indexer.parsing.languages import grammars_for
from indexer.parsing.parser import parse_file

CASES = sorted((Path(__file__).parent / "cases").iterdir())
COMMENT = b"/* c */"
# In these a comment would be text, or the grammar has them whole.
WHOLE = frozenset(
    {
        *("string", "template_string", "template_literal_type", "regex", "comment", "html_comment"),
        *("jsx_element", "jsx_self_closing_element", "predefined_type"),
    }
)
# What they tell their like by is an offset.
OFFSETS = frozenset({TypeOp.TYPE_PARAMETER, TypeOp.SAME})
NO_TYPE = frozenset({TypeRole.PART, TypeRole.YIELDS})
DEEP = 6


def between_words(source: bytes, path: str) -> list[int]:
    """The offsets at which the words of a file begin."""
    starts = []
    waiting = [Parser(grammars_for(path)[0].language).parse(source).root_node]
    while waiting:
        node = waiting.pop()
        if node.children and node.type not in WHOLE:
            waiting.extend(reversed(node.children))
        else:
            starts.append(node.start_byte)
    return starts


def type_of(facts: FileFacts, number: int, deep: int = DEEP) -> object:
    """A type without the numbers by which its parts are found."""
    if number < 0 or not deep:
        return number if number < 0 else "…"
    one = facts.types.expressions[number]
    parts = tuple(type_of(facts, part, deep - 1) for part in one.parts)
    return one.op, 0 if one.op in OFFSETS else one.a, one.name, parts


def leads_to(facts: FileFacts, one: ReferenceFact | ExportFact) -> object:
    if one.target == Target.UNKNOWN_RECEIVER:
        return one.target, type_of(facts, one.a)
    return one.target, one.a, None if one.target == Target.LOCAL else one.b


def said(facts: FileFacts) -> dict[str, list[object]]:
    """What a file says, without columns."""
    return {
        "symbols": [
            (one.name, one.kind, one.flags, one.container, one.line, one.end_line)
            for one in facts.symbols
        ],
        "references": [
            (*(one.name, one.kind, one.line, one.enclosing, one.sure), leads_to(facts, one))
            for one in facts.references
        ],
        "requests": [(one.specifier, one.kind, one.line) for one in facts.requests],
        "imports": [(one.name, one.request, one.imported, one.type_only) for one in facts.imports],
        "exports": [
            (*(one.name, one.type_only, one.line, one.within), leads_to(facts, one))
            for one in facts.exports
        ],
        "types": [
            (one.symbol, one.role, one.type if one.role in NO_TYPE else type_of(facts, one.type))
            for one in facts.types.symbols
        ],
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_comment_changes_nothing(path):
    source = path.read_bytes()
    plain = parse_file(source, path.name)
    expected = said(plain)
    differ = []
    for at in between_words(source, path.name):
        facts = parse_file(source[:at] + COMMENT + source[at:], path.name)
        # The repairs of what the grammars do not know expect no comment in it.
        if facts.syntax_errors <= plain.syntax_errors and said(facts) != expected:
            differ.append(source[max(0, at - 30) : at] + COMMENT + source[at : at + 30])
    assert differ == []
