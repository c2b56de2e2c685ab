"""Graphs to draw: any there may be, with names that are after whoever shows them."""

from hypothesis import strategies as st

from indexer.drawing.model import Edge, Graph, Node

HOSTILE = st.sampled_from('"\\<>&;\n\r\t\0\x1b\x85/|{}[]-\u202e\u2028\ufffe\ud800é漢🦊')
NAMES = st.text(HOSTILE | st.characters(), min_size=1, max_size=12)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
WORDS = st.sampled_from(["<script>alert(1)</script>.ts", "]]>.ts", "a&amp;b.ts", "a\\", '"', "\\N"])


@st.composite
def graphs(draw, *, most=14):
    names = draw(st.lists(PATHS | WORDS, min_size=1, max_size=most, unique=True))
    nodes = [
        Node(
            name=name,
            layer=draw(st.integers(-3, 3)) if number else 0,
            central=number == 0,
            in_cycle=draw(st.booleans()),
        )
        for number, name in enumerate(names)
    ]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names))
    edges = [
        Edge(
            source=source,
            target=target,
            note=draw(st.sampled_from(["", "import", "import, require"])),
            in_cycle=draw(st.booleans()),
        )
        for source, target in draw(st.lists(pairs, max_size=3 * most, unique=True))
    ]
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def graph(layers, *links, central="me"):
    """A graph of names by their layers and links between them, written as `a>b`."""
    return Graph(
        nodes=tuple(
            Node(name=name, layer=layer, central=name == central)
            for layer, names in layers.items()
            for name in names.split()
        ),
        edges=tuple(
            Edge(source=source, target=target)
            for source, target in (link.split(">") for link in links)
        ),
    )
