"""Reads a digraph of Graphviz: as much of the language as a list of statements has.

Strings are read as Graphviz's scanner and its text drawing do, which is told in its documentation
of the language and of the type escString.
"""

import html
import re

STRING = r'"((?:[^"\\]|\\.)*)"'
ATTRIBUTE = rf"(\w+)=(?:{STRING}|([\w.]+))"
ATTRIBUTES = rf"\[{ATTRIBUTE}(?:, {ATTRIBUTE})*\]"
GRAPH = re.compile(rf"digraph {STRING} {{\n(.*)}}\n", re.DOTALL)
STATEMENT = re.compile(rf"  {STRING}(?: -> {STRING})?(?: ({ATTRIBUTES}))?", re.DOTALL)
DEFAULTS = re.compile(rf"  (?:\w+=[\w.]+|(?:node|edge) {ATTRIBUTES})")


def read(text):
    """The name of the graph, its nodes and edges by their names, each with its attributes."""
    name, body = GRAPH.fullmatch(text).groups()
    nodes, edges = {}, {}
    for line in body.splitlines():
        if DEFAULTS.fullmatch(line):
            continue
        source, target, attributes = STATEMENT.fullmatch(line).groups()[:3]
        found = {
            one[0]: one[1] or one[2] for one in re.findall(ATTRIBUTE, attributes or "", re.DOTALL)
        }
        if target is None:
            assert unquoted(source) not in nodes
            nodes[unquoted(source)] = found
        else:
            edges[unquoted(source), unquoted(target)] = found
    return unquoted(name), nodes, edges


def unquoted(inside):
    """What a quoted string of an identifier was made of: backslashes come in pairs."""
    return re.sub(r'\\(["\\])', r"\1", inside)


def drawn(inside):
    """What Graphviz draws of the inside of a label."""
    assert not re.search(r'(?<!\\)(?:\\\\)*\\[^"\\]', inside), "an escape of Graphviz"
    return html.unescape(unquoted(inside))
