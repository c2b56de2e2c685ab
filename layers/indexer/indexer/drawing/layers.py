"""Layers for a graph that has no middle: edges lead to the right, as far as cycles allow it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

Weights: TypeAlias = Mapping[tuple[str, str], int]


def layers_of(
    names: Collection[str], weights: Weights, cycles: Mapping[str, int]
) -> dict[str, int]:
    """The layer of each name, from 0: to the right of all that leads to it.

    `weights` has the edges, `cycles` a number for each name on a cycle, which is that of all to
    which edges lead from it and back. Of the edges among these some lead back or stay in a layer:
    few, and those that weigh little.
    """
    order = _order(names, weights, cycles)
    place = {name: number for number, name in enumerate(order)}
    forward = sorted(
        (edge for edge in weights if place[edge[0]] < place[edge[1]]),
        key=lambda edge: (place[edge[0]], place[edge[1]]),
    )
    layers = dict.fromkeys(order, 0)
    for source, target in forward:
        layers[target] = max(layers[target], layers[source] + 1)
    # What nothing leads to stands next to what it leads to, and not at the far left.
    led_to = {target for _, target in forward}
    for name in order:
        following = [layers[target] for source, target in forward if source == name]
        if name not in led_to and following:
            layers[name] = min(following) - 1
    first = min(layers.values(), default=0)
    return {name: layer - first for name, layer in layers.items()}


def _order(names: Collection[str], weights: Weights, cycles: Mapping[str, int]) -> Sequence[str]:
    """An order in which only edges of cycles lead back: cycles as one, then each by itself."""
    first_of: dict[int, str] = {}
    members: dict[str, list[str]] = {}
    for name in sorted(names):
        group = first_of.setdefault(cycles[name], name) if name in cycles else name
        members.setdefault(group, []).append(name)
    group_of = {name: group for group, inside in members.items() for name in inside}
    between: dict[tuple[str, str], int] = {}
    for (source, target), weight in weights.items():
        link = group_of[source], group_of[target]
        between[link] = between.get(link, 0) + weight
    return [
        name for group in _sequence(members, between) for name in _sequence(members[group], weights)
    ]


def _sequence(names: Collection[str], weights: Weights) -> Sequence[str]:
    """An order in which little weight leads back, after Eades, Lin and Smyth.

    What leads nowhere goes to the end, what nothing leads to to the beginning; of a cycle that is
    left, what leads out most is taken first.
    """
    left = sorted(names)
    begin: list[str] = []
    end: list[str] = []
    while left:
        going, coming = dict.fromkeys(left, 0), dict.fromkeys(left, 0)
        for (source, target), weight in weights.items():
            if source != target and source in going and target in going:
                going[source] += weight
                coming[target] += weight
        sinks = [name for name in left if not going[name]]
        sources = [name for name in left if going[name] and not coming[name]]
        if sinks:
            end = sinks + end
        elif sources:
            begin += sources
        else:
            begin.append(min(left, key=lambda name: (coming[name] - going[name], name)))
        taken = {*begin, *end}
        left = [name for name in left if name not in taken]
    return begin + end
