"""Which node stands in which column, in which order, and where edges pass through columns.

Layers are columns. An edge between columns that are no neighbours has a place in each column that
it passes; edges to the same node share it, so that they join on their way like roads.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

from indexer.drawing.model import Edge, Graph, Node

_SWEEPS: Final = 12


@dataclass(slots=True, kw_only=True, eq=False)
class Slot:
    """A place in a column: of a node or, where `node` is None, of edges that pass.

    `before` and `after` are the slots that edges lead to in the columns to the left and right.
    """

    column: int
    node: Node | None
    before: list[Slot] = field(default_factory=list)
    after: list[Slot] = field(default_factory=list)


Column: TypeAlias = list[Slot]
Order: TypeAlias = list[Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The columns from left to right, each from top to bottom, and the slots of each edge."""

    columns: Sequence[Sequence[Slot]]
    routes: Mapping[Edge, Sequence[Slot]]


def arrange(graph: Graph) -> Arrangement:
    """Put nodes into columns, in an order in which few edges cross."""
    layers = sorted({one.layer for one in graph.nodes})
    columns: Order = [[] for _ in layers]
    of_node: dict[str, Slot] = {}
    for node in sorted(graph.nodes, key=lambda one: one.name):
        slot = Slot(column=layers.index(node.layer), node=node)
        of_node[node.name] = slot
        columns[slot.column].append(slot)
    passing = _Passing(columns)
    routes = {
        edge: passing.route(edge, of_node[edge.source], of_node[edge.target])
        for edge in sorted(graph.edges, key=lambda one: (one.source, one.target))
    }
    return Arrangement(columns=_ordered(columns), routes=routes)


class _Passing:
    """The slots of edges between columns that are no neighbours."""

    def __init__(self, columns: Order) -> None:
        self._columns = columns
        self._known: dict[tuple[str, str, int, bool, bool], Slot] = {}

    def route(self, edge: Edge, source: Slot, target: Slot) -> Sequence[Slot]:
        step = 1 if target.column > source.column else -1
        between = range(source.column + step, target.column, step)
        passed = [self._slot(edge, source, column, step > 0) for column in between]
        route = [source, *passed, target]
        for first, second in pairwise(route):
            if first.column != second.column:
                left, right = (first, second) if step > 0 else (second, first)
                if right not in left.after:
                    left.after.append(right)
                    right.before.append(left)
        return route

    def _slot(self, edge: Edge, source: Slot, column: int, rightward: bool) -> Slot:  # noqa: FBT001 - a part of the key
        # What begins in the middle of the picture parts on its way instead.
        central = source.node is not None and source.node.central
        end = ("from", edge.source) if central else ("to", edge.target)
        key = (*end, column, rightward, edge.in_cycle)
        if key not in self._known:
            self._known[key] = Slot(column=column, node=None)
            self._columns[column].append(self._known[key])
        return self._known[key]


def _ordered(columns: Order) -> Order:
    """The columns in the best of the orders that sweeps to and fro come by."""
    best, fewest = columns, crossings(columns)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        columns = _swept(columns, rightward=sweep % 2 == 0)
        count = crossings(columns)
        if count < fewest:
            best, fewest = columns, count
    return best


def _swept(columns: Order, *, rightward: bool) -> Order:
    """Each column by the mean place of what its slots lead to in the column that came before it."""
    swept = list(columns)
    numbers = range(len(columns)) if rightward else range(len(columns) - 1, -1, -1)
    for number in numbers:
        places = {
            slot: (place + 0.5) / len(column)
            for column in swept[max(number - 1, 0) : number + 2]
            for place, slot in enumerate(column)
        }

        def mean(slot: Slot, places: Mapping[Slot, float] = places) -> float:
            towards = slot.before if rightward else slot.after
            if not towards:
                return places[slot]
            return sum(places[one] for one in towards) / len(towards)

        swept[number] = sorted(swept[number], key=mean)
    return swept


def crossings(columns: Sequence[Sequence[Slot]]) -> int:
    """How many pairs of edges between neighbouring columns cross."""
    count = 0
    for left, right in pairwise(columns):
        places = {slot: place for place, slot in enumerate(right)}
        seen: list[int] = []
        for slot in left:
            ends = sorted(places[one] for one in slot.after)
            count += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return count
