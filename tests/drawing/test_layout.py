import random

from hypothesis import given
from hypothesis import strategies as st
from tests.drawing.graphs import graph, graphs

from indexer.drawing.columns import arrange, crossings
from indexer.drawing.layout import CHARACTER_WIDTH, lay_out
from indexer.drawing.model import Graph
from indexer.drawing.texts import columns_of


def boxes_of(picture):
    return {box.node.name: box for box in picture.boxes}


def curves_of(picture):
    return {(one.edge.source, one.edge.target): one for one in picture.curves}


def beziers(curve):
    points = curve.points
    return [points[start : start + 4] for start in range(0, len(points) - 1, 3)]


def along(curve, steps=16):
    """Points of a curve, close to one another."""
    for a, b, c, d in beziers(curve):
        for step in range(steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            yield tuple(
                sum(
                    weight * point[axis]
                    for weight, point in zip(weights, (a, b, c, d), strict=True)
                )
                for axis in (0, 1)
            )


@given(graphs())
def test_every_node_has_a_box_and_every_edge_a_curve(drawn):
    picture = lay_out(drawn)
    assert sorted(box.node.name for box in picture.boxes) == sorted(
        node.name for node in drawn.nodes
    )
    assert {curve.edge for curve in picture.curves} == set(drawn.edges)
    assert len(picture.curves) == len(drawn.edges)


@given(graphs())
def test_no_two_boxes_touch_and_each_holds_its_label(drawn):
    boxes = lay_out(drawn).boxes
    for number, one in enumerate(boxes):
        assert one.width >= CHARACTER_WIDTH * columns_of(one.label)
        for other in boxes[number + 1 :]:
            beside = one.right < other.x or other.right < one.x
            above = one.y + one.height < other.y or other.y + other.height < one.y
            assert beside or above, (one, other)


@given(graphs())
def test_an_edge_begins_and_ends_at_the_sides_of_its_boxes(drawn):
    picture = lay_out(drawn)
    boxes = boxes_of(picture)
    for curve in picture.curves:
        assert len(curve.points) % 3 == 1
        ends = ((curve.edge.source, curve.points[0]), (curve.edge.target, curve.points[-1]))
        for name, (x, y) in ends:
            box = boxes[name]
            assert x in {box.x, round(box.right, 1)}
            assert box.y < y < box.y + box.height


@given(graphs())
def test_everything_lies_within_the_picture(drawn):
    picture = lay_out(drawn)
    for box in picture.boxes:
        assert 0 < box.x < box.right < picture.width
        assert 0 < box.y < box.y + box.height < picture.height
    for curve in picture.curves:
        for x, y in curve.points:
            assert 0 <= x <= picture.width
            assert 0 <= y <= picture.height


@given(graphs())
def test_no_edge_runs_through_a_box_that_is_none_of_its_ends(drawn):
    picture = lay_out(drawn)
    for curve in picture.curves:
        strange = [
            box
            for box in picture.boxes
            if box.node.name not in {curve.edge.source, curve.edge.target}
        ]
        for x, y in along(curve):
            for box in strange:
                inside = box.x < x < box.right and box.y < y < box.y + box.height
                assert not inside, (curve.edge, box.node.name)


@given(graphs(), st.randoms(use_true_random=False))
def test_a_picture_depends_on_the_graph_and_not_on_the_order_in_which_it_is_told(drawn, chance):
    nodes, edges = list(drawn.nodes), list(drawn.edges)
    chance.shuffle(nodes)
    chance.shuffle(edges)
    assert lay_out(Graph(nodes=tuple(nodes), edges=tuple(edges))) == lay_out(drawn)


@given(graphs())
def test_columns_stand_in_the_order_of_their_layers(drawn):
    picture = lay_out(drawn)
    layers = [column.layer for column in picture.columns]
    assert layers == sorted({node.layer for node in drawn.nodes})
    spans = {column.layer: (column.x, column.x + column.width) for column in picture.columns}
    for box in picture.boxes:
        left, right = spans[box.node.layer]
        assert left <= box.x
        assert box.right <= right + 0.1
    ends = [end for layer in layers for end in spans[layer]]
    assert ends == sorted(ends)


def test_a_chain_is_a_straight_line():
    picture = lay_out(graph({-1: "a", 0: "me", 1: "b", 2: "c"}, "a>me", "me>b", "b>c"))
    (height,) = {box.middle for box in picture.boxes}
    assert {y for curve in picture.curves for _, y in curve.points} == {height}


def test_arrows_lead_to_the_right_from_what_imports_to_what_is_imported():
    picture = lay_out(graph({-1: "a", 0: "me", 1: "b"}, "a>me", "me>b"))
    boxes, curves = boxes_of(picture), curves_of(picture)
    for source, target in (("a", "me"), ("me", "b")):
        points = curves[source, target].points
        assert points[0] == (round(boxes[source].right, 1), boxes[source].middle)
        assert points[-1] == (boxes[target].x, boxes[target].middle)


def test_an_edge_back_runs_beside_the_one_forth():
    picture = lay_out(graph({0: "me", 1: "b"}, "me>b", "b>me"))
    forth, back = (curves_of(picture)[pair] for pair in (("me", "b"), ("b", "me")))
    assert back.points[0][0] == forth.points[-1][0]
    assert back.points[-1][0] == forth.points[0][0]
    assert {y for _, y in forth.points}.isdisjoint({y for _, y in back.points})


def test_an_edge_within_a_column_goes_around_its_outer_side():
    picture = lay_out(
        graph({-1: "a b", 0: "me", 1: "c d"}, "a>me", "b>me", "a>b", "me>c", "me>d", "c>d")
    )
    boxes, curves = boxes_of(picture), curves_of(picture)
    assert min(x for x, _ in curves["a", "b"].points) < min(boxes["a"].x, boxes["b"].x)
    assert max(x for x, _ in curves["a", "b"].points) <= max(boxes["a"].right, boxes["b"].right)
    assert max(x for x, _ in curves["c", "d"].points) > max(boxes["c"].right, boxes["d"].right)


def test_a_node_that_leads_to_itself_has_a_loop():
    (curve,) = lay_out(graph({0: "me"}, "me>me")).curves
    assert curve.points[0] != curve.points[-1]
    assert len(set(along(curve))) > 10


def test_sweeps_take_crossings_away():
    """Each of a row leads to the one opposite to it in the other row, told from last to first."""
    names = [f"{number:02}" for number in range(20)]
    mirrored = graph(
        {
            0: "me",
            1: " ".join(f"l{name}" for name in names),
            2: " ".join(f"r{name}" for name in names),
        },
        *(f"me>l{name}" for name in names),
        *(f"l{name}>r{other}" for name, other in zip(names, reversed(names), strict=True)),
    )
    assert crossings(arrange(mirrored).columns) == 0


def test_crossings_are_counted_by_pairs():
    told = arrange(graph({0: "me", 1: "a b"}, "me>a", "me>b"))
    assert crossings(told.columns) == 0
    twisted = arrange(
        graph({0: "me", 1: "a b", 2: "c d"}, "a>c", "a>d", "b>c", "b>d", "me>a", "me>b")
    )
    # Of two that lead to the same two, one pair crosses in any order.
    assert crossings(twisted.columns) == 1


def test_a_dense_graph_of_the_largest_size_is_drawn():
    chance = random.Random(7)
    names = [f"n{number:02}" for number in range(99)]
    layers = {layer: " ".join(names[(layer - 1) * 9 : layer * 9]) for layer in range(1, 12)}
    links = {f"{chance.choice(names)}>{chance.choice(names)}" for _ in range(1_500)}
    picture = lay_out(graph({0: "me", **layers}, *sorted(links), "me>n00"))
    assert len(picture.boxes) == 100
    assert len(picture.curves) == len(links) + 1
