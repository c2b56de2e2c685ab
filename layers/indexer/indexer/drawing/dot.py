"""A graph in the language of Graphviz."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log2
from typing import Final

from indexer.drawing.model import Edge, Graph, Node
from indexer.drawing.texts import labels_of, printable

_HEAD: Final = """\
  rankdir=LR
  ranksep=0.9
  nodesep=0.18
  node [shape=box, style=rounded, fontname="monospace", fontsize=11, height=0.3]
  edge [color="#57606a", arrowsize=0.7]
"""
_CYCLE: Final = 'color="#b3261e"'


def dot_text(graph: Graph, *, title: str) -> str:
    """The graph as a directed one of Graphviz, each node and each edge a statement on its line.

    A node is named by its path, with an escape for what does not print; its label is short. What
    is in a cycle is dashed and of another colour.
    """
    nodes = sorted(graph.nodes, key=lambda one: (one.layer, one.name))
    names = _names([node.name for node in nodes])
    labels = labels_of(names, whole=graph.whole_names)
    lines = [
        *(_node(one, names[one.name], labels[one.name]) for one in nodes),
        *(
            _edge(one, names)
            for one in sorted(graph.edges, key=lambda one: (one.source, one.target))
        ),
    ]
    return f"digraph {identifier(title)} {{\n{_HEAD}{''.join(lines)}}}\n"


def identifier(text: str) -> str:
    """A quoted string that stands for something: in it only a quote begins nothing else.

    Backslashes come in pairs, so that none is before the closing quote or the end of a line.
    """
    shown = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'


def label(text: str) -> str:
    """A quoted string that Graphviz draws as the text is: it knows escapes, and HTML's entities."""
    return identifier(text.replace("&", "&amp;"))


def _names(paths: Sequence[str]) -> Mapping[str, str]:
    """A name that prints for each path; of paths that look alike the second gets a number."""
    names: dict[str, str] = {}
    taken: Counter[str] = Counter(printable(path) for path in paths if path.isprintable())
    for path in paths:
        name = printable(path)
        while not path.isprintable() and taken[name]:
            name = f"{name} ({taken[name] + 1})"
        taken[name] += not path.isprintable()
        names[path] = name
    return names


def _node(node: Node, name: str, shown: str) -> str:
    attributes = [f"label={label(shown)}", f"tooltip={label(name)}"]
    styles = ["rounded"]
    if node.central:
        styles.append("bold")
    if node.in_cycle:
        styles.append("dashed")
        attributes.append(_CYCLE)
    if len(styles) > 1:
        attributes.append(f'style="{",".join(styles)}"')
    return f"  {identifier(name)} [{', '.join(attributes)}]\n"


def _edge(edge: Edge, names: Mapping[str, str]) -> str:
    attributes = [f"tooltip={label(edge.note)}"] if edge.note else []
    if edge.weight > 1:
        attributes.append(f"penwidth={1 + log2(edge.weight) / 3:.1f}")
    if edge.in_cycle:
        attributes += [_CYCLE, "style=dashed"]
    told = f" [{', '.join(attributes)}]" if attributes else ""
    return f"  {identifier(names[edge.source])} -> {identifier(names[edge.target])}{told}\n"
