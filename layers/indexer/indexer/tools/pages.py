"""Answers that are pages: as many entries as one answer holds, whole, and how to go on behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from indexer.database.paging import how_many_within

LONGEST_ANSWER: Final = 40_000
"""Characters of one answer."""

_LONGER: Final = "... the answer is longer; ask for less of it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page as it is written: what stands above it, its entries, each some lines, its cursor."""

    head: Sequence[str] = ()
    entries: Sequence[Sequence[str]]
    next_cursor: str | None

    @property
    def lines(self) -> list[str]:
        """All of it; the line with the cursor is the last."""
        return [*self.head, *chain.from_iterable(self.entries), *self._end]

    @property
    def fitting(self) -> int:
        """How many of the first entries one answer holds: 1 at the least, if there is one."""
        room = LONGEST_ANSWER - written_length([*self.head, *self._end])
        return how_many_within(room, map(written_length, self.entries))

    @property
    def _end(self) -> list[str]:
        if self.next_cursor is None:
            return []
        return [f"There is more; call again with cursor: {self.next_cursor}"]


def page_that_fits(limit: int, ask: Callable[[int], Listing]) -> str:
    """The page of at most `limit` entries that `ask` gives, or of as many as one answer holds.

    A list tells only the cursor behind its last entry, so one that is too long is asked for anew.
    """
    listing = ask(limit)
    while (fitting := listing.fitting) < len(listing.entries):
        listing = ask(fitting)
    return "\n".join(listing.lines)


def written_length(lines: Iterable[str]) -> int:
    """Characters of lines, each with its end."""
    return sum(len(line) + 1 for line in lines)


def cut(text: str) -> str:
    """The first lines that one answer holds, and that there is more; of a single line a part."""
    if len(text) <= LONGEST_ANSWER:
        return text
    room = LONGEST_ANSWER - len(_LONGER) - 1
    end = text.rfind("\n", 0, room + 1)
    return f"{text[: end if end > 0 else room]}\n{_LONGER}"
