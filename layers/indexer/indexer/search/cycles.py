"""Cycles of a directed graph: which nodes lie on one, and which belong together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Following: TypeAlias = Mapping[int, list[int]]


def followed_by(links: Iterable[tuple[int, int]]) -> Following:
    """The nodes that each node leads to."""
    following: dict[int, list[int]] = {}
    for source, target in links:
        following.setdefault(source, []).append(target)
    return following


def on_cycles(links: Iterable[tuple[int, int]]) -> set[int]:
    """The nodes from which some path of links leads back to themselves."""
    return {node for component in cyclic_components(followed_by(links)) for node in component}


def cyclic_components(following: Following) -> list[list[int]]:
    """The strongly connected components that hold a cycle, nodes that lead to themselves too."""
    return [
        component
        for component in _components(following)
        if len(component) > 1 or component[0] in following.get(component[0], ())
    ]


def shortest_cycle(following: Following, start: int) -> list[int]:
    """The nodes of a shortest way from `start` back to it, `start` once; empty: there is none."""
    came_from: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for successor in following.get(node, ()):
            if successor == start:
                way = [node]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if successor not in came_from:
                came_from[successor] = node
                waiting.append(successor)
    return []


def _components(following: Following) -> list[list[int]]:
    """Tarjan's strongly connected components with an explicit stack.

    An import chain may be longer than Python's recursion allows.
    """
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_nodes: list[int] = []
    is_open: set[int] = set()
    found: list[list[int]] = []
    for root in following:
        if root in order:
            continue
        work = [(root, iter(following.get(root, ())))]
        order[root] = lowest[root] = len(order)
        open_nodes.append(root)
        is_open.add(root)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in order:
                    order[successor] = lowest[successor] = len(order)
                    open_nodes.append(successor)
                    is_open.add(successor)
                    work.append((successor, iter(following.get(successor, ()))))
                    break
                if successor in is_open:
                    lowest[node] = min(lowest[node], order[successor])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == order[node]:
                    found.append(_closed(node, open_nodes, is_open))
    return found


def _closed(root: int, open_nodes: list[int], is_open: set[int]) -> list[int]:
    component: list[int] = []
    while not component or component[-1] != root:
        component.append(open_nodes.pop())
    is_open.difference_update(component)
    return component
