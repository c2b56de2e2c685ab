"""Where everything of a picture is: boxes in columns, and the curves of the edges between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Final

from indexer.drawing.columns import Arrangement, Slot, arrange
from indexer.drawing.heights import BOX_HEIGHT, middles
from indexer.drawing.model import Box, Column, Curve, Edge, Graph, Picture, Point
from indexer.drawing.texts import columns_of, labels_of

CHARACTER_WIDTH: Final = 7.2
"""Of the monospaced font of the labels, at 12 pixels."""

_INDENT: Final = 11.0
_SMALLEST_BOX: Final = 56.0
_MARGIN: Final = 16.0
_NARROWEST_GAP, _WIDEST_GAP = 72.0, 190.0
_WIDEST_BULGE: Final = 190.0
# What goes to the right runs a little below what goes to the left, where both meet a box.
_LANE: Final = 5.0


def lay_out(graph: Graph) -> Picture:
    """A place for everything in a graph; the same graph gives the same picture.

    The columns stand in the order of their layers, and in each the boxes below one another. Edges
    within a column go around its outer side.
    """
    if not graph.nodes:
        return Picture(width=0, height=0, boxes=(), curves=(), columns=())
    arrangement = arrange(graph)
    placed = middles(arrangement.columns)
    top = min(placed.values()) - BOX_HEIGHT / 2 - _MARGIN
    heights = {slot: round(middle - top, 1) for slot, middle in placed.items()}
    return _Drawing(graph, arrangement, heights).picture()


class _Drawing:
    """One picture, from left to right."""

    def __init__(
        self, graph: Graph, arrangement: Arrangement, heights: Mapping[Slot, float]
    ) -> None:
        self._columns, self._routes = arrangement.columns, arrangement.routes
        self._heights = heights
        labels = labels_of((node.name for node in graph.nodes), whole=graph.whole_names)
        self._labels = {
            slot: labels[slot.node.name]
            for column in self._columns
            for slot in column
            if slot.node is not None
        }
        self._widths = {
            slot: max(_SMALLEST_BOX, 2 * _INDENT + CHARACTER_WIDTH * columns_of(label))
            for slot, label in self._labels.items()
        }
        layers = [self._layer(column) for column in self._columns]
        self._outer_is_right = [layer >= 0 for layer in layers]
        self._lanes = self._meetings()
        self._bulges = self._outermost_bulges()
        self._spans: list[tuple[float, float]] = []
        self._boxes: dict[Slot, Box] = {}
        self._right_end = self._place_columns()
        self._places = [
            Column(layer=layer, x=left, width=round(right - left, 1))
            for layer, (left, right) in zip(layers, self._spans, strict=True)
        ]

    def picture(self) -> Picture:
        """The picture."""
        curves = tuple(self._curve(edge, route) for edge, route in self._routes.items())
        lowest = max(self._heights.values()) + BOX_HEIGHT / 2
        return Picture(
            width=round(self._right_end, 1),
            height=round(lowest + _MARGIN, 1),
            boxes=tuple(
                self._boxes[slot]
                for column in self._columns
                for slot in column
                if slot in self._boxes
            ),
            curves=curves,
            columns=tuple(self._places),
        )

    @staticmethod
    def _layer(column: Sequence[Slot]) -> int:
        return next(slot.node.layer for slot in column if slot.node is not None)

    def _meetings(self) -> frozenset[tuple[Slot, bool]]:
        """The sides of boxes, True the right one, at which edges go both to the right and left."""
        seen: dict[tuple[Slot, bool], set[bool]] = {}
        for route in self._routes.values():
            first, last = route[0], route[-1]
            side = self._side_of(first, route[1])
            seen.setdefault((first, side), set()).add(side)
            side = self._side_of(last, route[-2])
            seen.setdefault((last, side), set()).add(not side)
        return frozenset(place for place, ways in seen.items() if len(ways) > 1)

    def _side_of(self, slot: Slot, towards: Slot) -> bool:
        if slot.column == towards.column:
            return self._outer_is_right[slot.column]
        return towards.column > slot.column

    def _outermost_bulges(self) -> list[float]:
        bulges = [0.0] * len(self._columns)
        for route in self._routes.values():
            if route[0].column == route[-1].column:
                column = route[0].column
                bulges[column] = max(bulges[column], self._bulge(route))
        return bulges

    def _bulge(self, route: Sequence[Slot]) -> float:
        """How far the control points of an edge within a column stand out: the longer, the more."""
        length = abs(self._heights[route[0]] - self._heights[route[-1]])
        return min(_WIDEST_BULGE, 24 + 4.5 * sqrt(length))

    def _place_columns(self) -> float:
        """Give every column its span and every node its box; where the last column ends."""
        x = _MARGIN + (0 if self._outer_is_right[0] else self._bulges[0])
        last = len(self._columns) - 1
        for number, column in enumerate(self._columns):
            width = max(self._widths[slot] for slot in column if slot in self._widths)
            left, right = round(x, 1), round(x + width, 1)
            self._spans.append((left, right))
            for slot in column:
                if slot.node is not None:
                    self._boxes[slot] = self._box(slot, left, right)
            x = right + (self._gap(number) if number < last else 0)
        return x + _MARGIN + (self._bulges[last] if self._outer_is_right[last] else 0)

    def _box(self, slot: Slot, left: float, right: float) -> Box:
        if slot.node is None:
            raise AssertionError("only nodes have boxes")
        width = round(self._widths[slot], 1)
        # Towards the middle of the picture the boxes of a column are flush.
        flush = {-1: right - width, 0: left + (right - left - width) / 2, 1: left}
        layer = slot.node.layer
        return Box(
            node=slot.node,
            label=self._labels[slot],
            x=round(flush[(layer > 0) - (layer < 0)], 1),
            y=round(self._heights[slot] - BOX_HEIGHT / 2, 1),
            width=width,
            height=BOX_HEIGHT,
        )

    def _gap(self, number: int) -> float:
        """The way between a column and the next one: the steeper its curves, the wider."""
        climbs = (
            abs(self._heights[slot] - self._heights[other])
            for slot in self._columns[number]
            for other in slot.after
        )
        wanted = _NARROWEST_GAP + 0.16 * max(climbs, default=0)
        for column in (number, number + 1):
            if self._outer_is_right[column] == (column == number):
                # A curve goes three quarters of the way to its control points.
                wanted = max(wanted, 0.75 * self._bulges[column] + 36)
        return min(_WIDEST_GAP, wanted)

    def _curve(self, edge: Edge, route: Sequence[Slot]) -> Curve:
        first, last = route[0], route[-1]
        if first.column == last.column:
            return Curve(edge=edge, points=self._around(first, last, self._bulge(route)))
        rightward = first.column < last.column
        y = self._port(first, right_side=rightward, rightward=rightward)
        points = [(self._edge_of(first, right_side=rightward), y)]
        _straight(points, self._border(first.column, right_side=rightward))
        for slot in route[1:]:
            y = self._port(slot, right_side=not rightward, rightward=rightward)
            _bend(points, self._border(slot.column, right_side=not rightward), y)
            if slot is not last:
                _straight(points, self._border(slot.column, right_side=rightward))
        _straight(points, self._edge_of(last, right_side=not rightward))
        return Curve(edge=edge, points=tuple(points))

    def _around(self, first: Slot, last: Slot, bulge: float) -> tuple[Point, ...]:
        """From a box to one of the same column, or to itself, around the column's outer side."""
        right_side = self._outer_is_right[first.column]
        border = self._border(first.column, right_side=right_side)
        points = [
            (
                self._edge_of(first, right_side=right_side),
                self._port(first, right_side=right_side, rightward=right_side),
            )
        ]
        _straight(points, border)
        y = self._port(last, right_side=right_side, rightward=not right_side)
        out = round(border + (bulge if right_side else -bulge), 1)
        points += [(out, points[-1][1]), (out, y), (border, y)]
        _straight(points, self._edge_of(last, right_side=right_side))
        return tuple(points)

    def _port(self, slot: Slot, *, right_side: bool, rightward: bool) -> float:
        """How far down an edge that goes this way meets a side of a slot."""
        middle = self._heights[slot]
        if (slot, right_side) not in self._lanes:
            return middle
        return round(middle + (_LANE if rightward else -_LANE), 1)

    def _edge_of(self, slot: Slot, *, right_side: bool) -> float:
        box = self._boxes[slot]
        return round(box.right, 1) if right_side else box.x

    def _border(self, column: int, *, right_side: bool) -> float:
        left, right = self._spans[column]
        return right if right_side else left


def _straight(points: list[Point], x: float) -> None:
    """Go on to `x` at the same height, as a curve whose control points are its ends."""
    x_before, y = points[-1]
    if x != x_before:
        points += [(x_before, y), (x, y), (x, y)]


def _bend(points: list[Point], x: float, y: float) -> None:
    """Go on to a point, leaving and arriving level."""
    x_before, y_before = points[-1]
    half = round((x_before + x) / 2, 1)
    points += [(half, y_before), (half, y), (x, y)]
