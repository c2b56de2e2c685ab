"""How far down each slot of a column is: near to what it is linked with, in the column's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from indexer.drawing.columns import Slot

BOX_HEIGHT: Final = 28.0

_BOX_GAP: Final = 12.0
_PASSING_HEIGHT: Final = 4.0
_PASSING_GAP: Final = 8.0
_ROUNDS: Final = 12


def middles(columns: Sequence[Sequence[Slot]]) -> dict[Slot, float]:
    """The middle of each slot, in pixels downwards from somewhere; boxes never touch.

    Each round moves every column as near to its neighbours' slots as its order allows.
    """
    placed: dict[Slot, float] = {}
    for column in columns:
        offsets = _offsets(column)
        for slot, offset in zip(column, offsets, strict=True):
            placed[slot] = offset - (offsets[-1] / 2)
    forth = range(len(columns))
    for number in range(_ROUNDS):
        for index in forth if number % 2 == 0 else reversed(forth):
            _settle(columns[index], placed)
    return placed


def _settle(column: Sequence[Slot], placed: dict[Slot, float]) -> None:
    offsets = _offsets(column)
    wished = [_wish(slot, placed) - offset for slot, offset in zip(column, offsets, strict=True)]
    for slot, base, offset in zip(column, _rising(wished), offsets, strict=True):
        placed[slot] = base + offset


def _wish(slot: Slot, placed: Mapping[Slot, float]) -> float:
    linked = [*slot.before, *slot.after]
    if not linked:
        return placed[slot]
    return sum(placed[one] for one in linked) / len(linked)


def _offsets(column: Sequence[Slot]) -> list[float]:
    """How far below the first slot's middle each middle is where they stand as near as allowed."""
    offsets = [0.0]
    for above, below in pairwise(column):
        boxes = above.node is not None and below.node is not None
        gap = _BOX_GAP if boxes else _PASSING_GAP
        offsets.append(offsets[-1] + (_height(above) + _height(below)) / 2 + gap)
    return offsets


def _height(slot: Slot) -> float:
    return _PASSING_HEIGHT if slot.node is None else BOX_HEIGHT


def _rising(wished: Sequence[float]) -> list[float]:
    """The values nearest to those wished for of which none is below the one before it.

    Neighbours that would be out of order are pooled at their mean, until none are.
    """
    pools: list[tuple[float, int]] = []
    for value in wished:
        total, count = value, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]
