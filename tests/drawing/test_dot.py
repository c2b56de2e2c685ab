import shutil
import subprocess

from hypothesis import given
from tests.drawing.digraph import drawn, read
from tests.drawing.graphs import PATHS, graph, graphs

from indexer.drawing.dot import dot_text, identifier, label
from indexer.drawing.model import Edge, Graph, Node
from indexer.drawing.texts import labels_of, printable


def accepted_by_graphviz(text):
    """Whether Graphviz itself reads it; where there is no Graphviz, nobody can tell otherwise."""
    program = shutil.which("dot")
    if program is None:
        return True
    done = subprocess.run(
        [program, "-Tcanon"], input=text.encode(), capture_output=True, timeout=60, check=False
    )
    return done.returncode == 0 and not done.stderr


@given(graphs())
def test_every_node_and_edge_is_read_back(one):
    name, nodes, edges = read(dot_text(one, title=one.nodes[0].name))
    assert name == printable(one.nodes[0].name)
    assert len(nodes) == len(one.nodes)
    # A name that does not print gets a number where another one looks like its escapes.
    for node in one.nodes:
        assert any(found.startswith(printable(node.name)) for found in nodes)
    assert {node.name for node in one.nodes if node.name.isprintable()} <= set(nodes)
    assert len(edges) == len(one.edges)
    assert {end for pair in edges for end in pair} <= set(nodes)
    shown = sorted(drawn(attributes["label"]) for attributes in nodes.values())
    assert shown == sorted(labels_of(map(printable, nodes)).values())


@given(PATHS)
def test_a_string_ends_where_it_should_and_is_drawn_as_it_is(text):
    for written in (identifier(text), label(text)):
        assert written[0] == written[-1] == '"'
        assert written.isprintable()
    assert drawn(label(text)[1:-1]) == printable(text)


def test_names_that_would_end_a_string_or_mean_something_are_quoted():
    assert identifier('a"b') == '"a\\"b"'
    assert identifier("a\\") == '"a\\\\"'
    assert identifier("a\nb") == '"a\\\\nb"'
    assert label("<b>&eacute;</b>\\N") == '"<b>&amp;eacute;</b>\\\\N"'


def test_paths_that_look_alike_are_two_nodes():
    names = ("a\x07", "a\\x07")
    nodes = tuple(Node(name=name, layer=0, central=name == "a\x07") for name in names)
    edge = Edge(source="a\x07", target="a\\x07")
    _, found, edges = read(dot_text(Graph(nodes=nodes, edges=(edge,)), title="two"))
    assert set(found) == {"a\\x07", "a\\x07 (2)"}
    assert set(edges) == {("a\\x07 (2)", "a\\x07")}


def test_cycles_are_told_by_line_and_by_colour():
    nodes = (Node(name="a", layer=0, central=True, in_cycle=True), Node(name="b", layer=1))
    there = Edge(source="a", target="b")
    around = Edge(source="a", target="a", in_cycle=True, note="import, require")
    _, found, edges = read(dot_text(Graph(nodes=nodes, edges=(there, around)), title="t"))
    assert found["a"]["style"] == "rounded,bold,dashed"
    assert "style" not in found["b"]
    assert edges["a", "b"] == {}
    assert edges["a", "a"] == {"tooltip": "import, require", "color": "#b3261e", "style": "dashed"}


def test_the_same_graph_gives_the_same_text():
    one = graph({-1: "a", 0: "me", 1: "b c"}, "a>me", "me>b", "me>c", "c>b")
    turned = Graph(nodes=one.nodes[::-1], edges=one.edges[::-1])
    assert dot_text(one, title="t") == dot_text(turned, title="t")
    assert accepted_by_graphviz(dot_text(one, title="t"))


def test_graphviz_reads_hostile_names():
    names = ('a"b', "a\\", "a\\\\", "\\N", "<b>x</b>", "a&amp;b", "a\nb", "]]>", "a -> b", "漢🦊")
    nodes = tuple(Node(name=name, layer=0, central=name == "]]>") for name in names)
    edges = tuple(Edge(source=one, target=other) for one in names for other in names)
    text = dot_text(Graph(nodes=nodes, edges=edges), title='"\\')
    assert accepted_by_graphviz(text)
    assert len(read(text)[2]) == 100
