"""What is drawn, and what a drawing is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A thing to draw. Its `name`, a path, tells it from all others.

    `layer` says in which column: 0 is the middle, what is below it stands to the left. `central`
    marks what the picture is about, `in_cycle` what edges lead from back to itself.
    """

    name: str
    layer: int
    central: bool = False
    in_cycle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An arrow from a node to another one, or to itself: the heavier, the thicker.

    `note` is told of it where one looks.
    """

    source: str
    target: str
    note: str = ""
    weight: int = 1
    in_cycle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes, and the edges between them: at most one each way between two.

    Labels are the ends of names, as long as tells them apart; with `whole_names` all of them.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    whole_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node in its place: `x` and `y` are its left upper corner, in pixels, `label` its text."""

    node: Node
    label: str
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends to the right."""
        return self.x + self.width

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """An edge in its place: cubic Bézier curves, one behind the other.

    The first of `points` is where it begins. Each three after it are a curve: two control points,
    and where it ends. It begins and ends at the borders of its boxes.
    """

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where the nodes of a layer stand."""

    layer: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A graph with a place for everything; all of it lies within `width` and `height`, in pixels.

    Boxes are by column and from top to bottom, curves by the names of their ends.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    columns: tuple[Column, ...]
