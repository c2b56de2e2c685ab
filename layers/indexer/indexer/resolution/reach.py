"""How far a change of one file reaches: which other files may mean something else by it.

What a name in a file means is worked out from that file and from those that it leads to, directly
or through others: the files that answer its imports, those that describe a module which no file is,
and those that declare for everyone what it uses. A file that leads to none of the changed ones has
the rows that it had, but for the numbers of symbols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


class LinkedFile(NamedTuple):
    """What is kept of a linked file: how many symbols it has, and the files it leads to.

    `is_for_all`: it declares names or modules for every file.
    """

    symbols: int
    leads_to: list[int]
    is_for_all: bool


class LinkedCommit(NamedTuple):
    """The files of a linked commit by number, and what telling its packages' exports took.

    The last two are no smaller than that: what an earlier linking took may still be in them.
    """

    files: list[LinkedFile]
    looks: int
    package_exports: int


def leading_to(files: Sequence[LinkedFile], changed: Iterable[int]) -> set[int]:
    """The changed files and all that lead to them."""
    asking: list[list[int]] = [[] for _ in files]
    for number, one in enumerate(files):
        for target in one.leads_to:
            asking[target].append(number)
    return _reached(asking, changed)


def led_to(files: Sequence[LinkedFile], starts: Iterable[int]) -> set[int]:
    """These files and all that they lead to."""
    return _reached([one.leads_to for one in files], starts)


def are_numbers_of(files: Sequence[LinkedFile], count: int) -> bool:
    """Whether there are `count` files, which lead to none but these."""
    return len(files) == count and all(
        0 <= target < count for one in files for target in one.leads_to
    )


def _reached(edges: Sequence[Collection[int]], starts: Iterable[int]) -> set[int]:
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        fresh = set(edges[waiting.pop()]) - reached
        reached |= fresh
        waiting += fresh
    return reached
