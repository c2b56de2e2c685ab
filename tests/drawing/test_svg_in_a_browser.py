"""A picture as a browser shows it."""

import pytest

from indexer.drawing.layout import lay_out
from indexer.drawing.model import Edge, Graph, Node
from indexer.drawing.svg import Wording, svg_text

NAMES = (
    *("src/me.ts", "<script>document.title='run'</script>.ts", "a  b.ts", "漢字/é.ts", "]]>"),
    *("src/&lt;b&gt;.ts", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW.ts"),
)
# Each text with how far it sticks out of its box, in pixels.
BEYOND = """
() => [...document.querySelectorAll(".node")].map((node) => {
    const [box, text] = ["rect", "text"].map((name) => node.querySelector(name).getBBox());
    return [text.x - box.x, box.x + box.width - text.x - text.width];
})
"""


@pytest.fixture
def page_of(browser, tmp_path):
    """Opens the picture, in light or in dark; every address that it asks for is kept."""
    nodes = tuple(
        Node(name=name, layer=number % 3 - 1 if number else 0, central=not number)
        for number, name in enumerate(NAMES)
    )
    edges = tuple(Edge(source=NAMES[0], target=name, in_cycle=True) for name in NAMES)
    told = Wording(title="<b>title</b>", description="d", legend=("imports", "cycle"))
    file = tmp_path / "picture.svg"
    file.write_text(svg_text(lay_out(Graph(nodes=nodes, edges=edges)), told), encoding="utf-8")
    opened = []

    def open_picture(scheme):
        page = browser.new_page(color_scheme=scheme)
        opened.append(page)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_picture
    for page in opened:
        page.close()


def test_a_label_lies_in_its_box_whatever_font_there_is(page_of):
    page = page_of("light")
    page.evaluate(
        "document.querySelectorAll('.node text').forEach(one => one.style.font = '17px serif')"
    )
    assert min(room for one in page.evaluate(BEYOND) for room in one) > 2


def test_every_label_lies_in_its_box_and_nothing_else_is_loaded_or_run(page_of):
    page = page_of("light")
    beyond = page.evaluate(BEYOND)
    assert len(beyond) == len(NAMES)
    assert min(room for one in beyond for room in one) > 2
    assert page.title() == "<b>title</b>"
    assert page.evaluate("document.querySelectorAll('script').length") == 0
    assert len(page.asked) == 1
    shown = page.evaluate("[...document.querySelectorAll('.node title')].map(e => e.textContent)")
    assert sorted(shown) == sorted(NAMES)


def test_the_picture_is_light_or_dark_as_the_browser_is(page_of):
    colour = "getComputedStyle(document.querySelector('.page')).fill"
    light, dark = (page_of(scheme).evaluate(colour) for scheme in ("light", "dark"))
    assert light == "rgb(255, 255, 255)"
    assert dark == "rgb(20, 23, 28)"
