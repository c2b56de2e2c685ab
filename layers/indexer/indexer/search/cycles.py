"""Which nodes of a directed graph lie on a cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def on_cycles(links: Iterable[tuple[int, int]]) -> set[int]:
    """The nodes from which some path of links leads back to themselves.

    Tarjan's strongly connected components with an explicit stack: an import chain may be longer
    than Python's recursion allows.
    """
    following: dict[int, list[int]] = {}
    cyclic: set[int] = set()
    for source, target in links:
        following.setdefault(source, []).append(target)
        if source == target:
            cyclic.add(source)
    for component in _components(following):
        if len(component) > 1:
            cyclic.update(component)
    return cyclic


def _components(following: Mapping[int, list[int]]) -> list[list[int]]:
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
