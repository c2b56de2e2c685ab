"""How far a change of one file reaches: which other files may mean something else by it.

What a name in a file means is worked out from that file and from those that it leads to, directly
or through others: the files that answer its imports, those that describe a module which no file is,
and those that declare for everyone what it uses. A file that leads to none of the changed ones has
the rows that it had, but for the numbers of symbols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.resolution.answers import AnsweredRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from indexer.resolution.numbering import Renumbering


class LinkedFile(NamedTuple):
    """What is kept of a linked file: how many symbols it has, and the files it leads to.

    `is_for_all`: it declares names or modules for every file. `requests` are what it asks for, each
    once.
    """

    symbols: int
    leads_to: list[int]
    is_for_all: bool
    requests: list[AnsweredRequest]


class Taken(NamedTuple):
    """What linking a commit took of what a whole commit may take.

    `looks` and `package_exports` are for telling its packages' exports, `glob_looks` for putting
    patterns to paths, `steps_of_many` for questions of types that took many.
    """

    looks: int
    package_exports: int
    glob_looks: int
    steps_of_many: int


class LinkedCommit(NamedTuple):
    """The files of a linked commit by number, and what linking it took.

    That is no less than it was: what an earlier linking took may still be in it. `answered_by`
    marks what requests were answered by: the paths and configuration of the commit.
    """

    files: list[LinkedFile]
    taken: Taken
    answered_by: bytes = b""


NOTHING_KNOWN = LinkedFile(0, [], is_for_all=False, requests=[])
"""A file of which nothing is known yet."""


def renumbered(commit: LinkedCommit, numbers: Renumbering) -> LinkedCommit:
    """The commit in the numbers that its files have in another one, which may have more of them.

    What led to a file that is no more leads nowhere; a request that one answered has -1.
    """
    if not numbers.moves:
        return commit
    now = numbers.now

    def moved(file: LinkedFile) -> LinkedFile:
        return file._replace(
            leads_to=numbers.have(file.leads_to),
            requests=[
                one if one.to_file_no is None else one._replace(to_file_no=now[one.to_file_no])
                for one in file.requests
            ],
        )

    files = [NOTHING_KNOWN if one < 0 else moved(commit.files[one]) for one in numbers.before]
    return commit._replace(files=files)


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
        0 <= target < count
        for one in files
        for target in (*one.leads_to, *(asked.to_file_no or 0 for asked in one.requests))
    )


def _reached(edges: Sequence[Collection[int]], starts: Iterable[int]) -> set[int]:
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        fresh = set(edges[waiting.pop()]) - reached
        reached |= fresh
        waiting += fresh
    return reached
