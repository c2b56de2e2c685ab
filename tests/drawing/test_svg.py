from xml.etree import ElementTree as ET

from hypothesis import given
from tests.drawing.graphs import NAMES, graph, graphs

from indexer.drawing.layout import lay_out
from indexer.drawing.model import Edge, Graph, Node
from indexer.drawing.svg import Wording, svg_text
from indexer.drawing.texts import labels_of, printable

SPACE = "{http://www.w3.org/2000/svg}"
POINTS = {f"url(#{name})" for name in ("tip", "tip-cycle", "tip-cycle-start")}
KNOWN = {
    *("svg", "title", "desc", "style", "defs", "marker", "rect", "g", "text", "tspan", "path"),
}


def wording(**more):
    return Wording(**{"title": "t", "description": "d", "legend": ("imports", "cycle"), **more})


def parsed(text):
    return ET.fromstring(text.encode())


def found(root, name, kind=None):
    return [
        one
        for one in root.iter(f"{SPACE}{name}")
        if kind is None or kind in one.get("class", "").split()
    ]


@given(graphs(), NAMES, NAMES)
def test_any_graph_is_well_formed_and_shows_every_name_as_it_is(one, title, note):
    text = svg_text(lay_out(one), wording(title=title, description=title, notes=[note]))
    root = parsed(text)
    nodes = found(root, "g", "node")
    told = sorted(node.find(f"{SPACE}title").text for node in nodes)
    assert told == sorted(printable(node.name) for node in one.nodes)
    shown = sorted("".join(node.find(f"{SPACE}text").itertext()) for node in nodes)
    assert shown == sorted(labels_of(node.name for node in one.nodes).values())
    assert root.find(f"{SPACE}title").text == printable(title)
    assert root.find(f"{SPACE}desc").text == printable(title)
    edges = [line for line in found(root, "path", "edge") if line.find(f"{SPACE}title") is not None]
    assert len(edges) == len(one.edges)
    assert all(line.isprintable() for line in text.splitlines())


@given(graphs())
def test_nothing_is_loaded_and_nothing_runs(one):
    root = parsed(svg_text(lay_out(one), wording()))
    for element in root.iter():
        assert element.tag.removeprefix(SPACE) in KNOWN
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "url(" not in value or value in POINTS
    (style,) = found(root, "style")
    assert not {"@import", "url(", "expression"} & set(style.text.split("("))
    assert "http" not in style.text


def test_markup_in_a_name_is_text():
    name = "<script>alert(1)</script>]]>&amp;.ts"
    text = svg_text(
        lay_out(Graph(nodes=(Node(name=name, layer=0, central=True),), edges=())),
        wording(title=name, description=name, notes=[name]),
    )
    assert "<script" not in text
    assert "]]>" not in text
    assert parsed(text).find(f"{SPACE}title").text == name


def test_cycles_are_told_by_line_and_by_colour_and_explained_only_where_there_are_some():
    nodes = (
        Node(name="a", layer=0, central=True, in_cycle=True),
        Node(name="b", layer=1, in_cycle=True),
    )
    edges = (
        Edge(source="a", target="b", in_cycle=True),
        Edge(source="b", target="a", in_cycle=True),
    )
    root = parsed(svg_text(lay_out(Graph(nodes=nodes, edges=edges)), wording()))
    assert len(found(root, "g", "cycle")) == 2
    assert "cycle" in [one.text for one in found(root, "text", "note")]
    (style,) = found(root, "style")
    for rule in (".edge.cycle {", ".node.cycle rect {"):
        assert "stroke-dasharray" in style.text.split(rule)[1].split("}")[0]
    plain = parsed(svg_text(lay_out(graph({0: "me", 1: "b"}, "me>b")), wording()))
    assert [one.text for one in found(plain, "text", "note")] == ["imports"]
    assert not found(plain, "g", "cycle")


def test_the_heavier_an_edge_the_thicker_it_is():
    names = "abcdef"
    nodes = tuple(Node(name=name, layer=number) for number, name in enumerate(names))
    edges = tuple(
        Edge(source="a", target=name, weight=weight)
        for name, weight in zip(names[1:], (3, 4, 63, 64, 10**9), strict=False)
    )
    root = parsed(svg_text(lay_out(Graph(nodes=nodes, edges=edges)), wording()))
    classes = {
        line.find(f"{SPACE}title").text.split()[-1]: line.get("class")
        for line in found(root, "path", "edge")
        if line.find(f"{SPACE}title") is not None
    }
    assert list(map(classes.get, "bcdef")) == [
        *("edge", "edge heavy-1", "edge heavy-2", "edge heavy-3", "edge heavy-3")
    ]


def test_a_picture_is_named_for_who_does_not_see_it_and_is_light_or_dark():
    root = parsed(svg_text(lay_out(graph({0: "me"})), wording(title="around me", description="x")))
    assert root.get("role") == "img"
    named = {one.get("id") for one in root if one.get("id")}
    assert set(root.get("aria-labelledby").split()) <= named
    (style,) = found(root, "style")
    assert "@media (prefers-color-scheme: dark)" in style.text


def test_everything_drawn_lies_within_the_document():
    drawn = lay_out(graph({-1: "a", 0: "me", 1: "b"}, "a>me", "me>b", "b>b"))
    notes = ["x" * 500, "second"]
    captions = {-1: "left", 1: "right"}
    root = parsed(svg_text(drawn, wording(notes=notes, captions=captions)))
    left, top, width, height = map(float, root.get("viewBox").split())
    for text in found(root, "text"):
        assert left <= float(text.get("x")) <= left + width
        assert top <= float(text.get("y")) <= top + height
    shown = [one.text for one in found(root, "text", "note")]
    assert shown[1].count("x") < 100
    assert {one.text for one in found(root, "text", "caption")} == {"left", "right"}
