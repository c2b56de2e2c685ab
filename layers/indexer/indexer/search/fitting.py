"""How much of a graph one answer holds, as data and as a picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

# An answer stays below 1 MB however long paths are, and however many edges there are.
_MOST_BYTES: Final = 700_000
_BYTES_OF_A_NODE: Final = 200
_BYTES_OF_AN_EDGE: Final = 150
_BYTES_OF_A_COLUMN: Final = 100


def as_many_as_fit(
    paths: Sequence[str], layers: Sequence[int], links: Iterable[tuple[int, int]]
) -> int:
    """How many of the first nodes can be told with all the links between them: 1 at the least.

    `layers` are the columns that they are drawn in, and `links` lead from node to node by their
    places.
    """
    # As JSON and as XML read it, so that it is no longer in either.
    sizes = [len(json.dumps(escape(path))) for path in paths]
    costs = [size + _BYTES_OF_A_NODE for size in sizes]
    for ends in links:
        first, second = sorted(ends)
        columns = 1 + abs(layers[first] - layers[second])
        costs[second] += (
            sizes[first] + sizes[second] + _BYTES_OF_AN_EDGE + columns * _BYTES_OF_A_COLUMN
        )
    left = _MOST_BYTES
    for place, cost in enumerate(costs):
        left -= cost
        if left < 0 and place:
            return place
    return len(costs)
