"""How numbers move from one commit to another one: of files, and of what is numbered by file."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Shifts(NamedTuple):
    """How far numbers move: those from `starts[n]` on by `shifts[n]`. The first start is 0."""

    starts: list[int]
    shifts: list[int]

    @classmethod
    def between(cls, pairs: Iterable[tuple[int, int]]) -> Self:
        """From numbers and what they become, both going up; what lies between moves along.

        Of two pairs for one number the second one counts.
        """
        found = cls([0], [0])
        for before, now in pairs:
            if now - before == found.shifts[-1]:
                continue
            if found.starts[-1] == before:
                found.shifts[-1] = now - before
            else:
                found.starts.append(before)
                found.shifts.append(now - before)
        return found

    def moved(self, number: int) -> int:
        """What a number becomes."""
        return number + self.shifts[bisect_right(self.starts, number) - 1]


class Renumbering(NamedTuple):
    """The files of a commit beside those of another one.

    `before` holds for each the number that it had, `now` for each of the others the number that it
    has; -1 where there is none.
    """

    before: list[int]
    now: list[int]

    @classmethod
    def of(cls, before: Sequence[str], now: Sequence[str]) -> Self:
        """By their paths, which both go up."""
        had = {path: number for number, path in enumerate(before)}
        has = {path: number for number, path in enumerate(now)}
        return cls([had.get(one, -1) for one in now], [has.get(one, -1) for one in before])

    @property
    def moves(self) -> bool:
        """Whether any file came, went or has another number."""
        return len(self.before) != len(self.now) or any(
            before != now for now, before in enumerate(self.before)
        )

    @property
    def gone(self) -> list[int]:
        """The numbers that files had which are no more."""
        return [before for before, now in enumerate(self.now) if now < 0]

    @property
    def kept(self) -> list[tuple[int, int]]:
        """The number that each of the other files had, and the one that it has."""
        return [(before, now) for before, now in enumerate(self.now) if now >= 0]

    def had(self, numbers: Iterable[int]) -> list[int]:
        """The numbers that these files had, as far as they were there."""
        return [before for before in (self.before[one] for one in numbers) if before >= 0]

    def have(self, numbers: Iterable[int]) -> list[int]:
        """The numbers that files have which had these, as far as they are there."""
        return [now for now in (self.now[one] for one in numbers) if now >= 0]
