"""Sets of characters, and which characters differ by case alone.

Letters of ASCII pair with one another only: a small k is no Kelvin sign, a small s no long s.
Trigrams see case in the same way, so what is searched without regard to case is found by them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

LINE_FEED: Final = 0x0A
CARRIAGE_RETURN: Final = 0x0D
FIRST_SURROGATE: Final = 0xD800
LAST_SURROGATE: Final = 0xDFFF
LAST: Final = 0x10FFFF
_ASCII_END: Final = 0x80
# All letters that have a case stand in the first two planes.
_CASED_END: Final = 0x20000


@dataclass(frozen=True, slots=True)
class Characters:
    """A set of code points as inclusive ranges, in order, neither touching nor overlapping."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> Characters:
        """The set of what the ranges hold; they may overlap and come in any order."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __or__(self, other: Characters) -> Characters:
        return Characters.of(self.ranges + other.ranges)

    def without(self, other: Characters) -> Characters:
        """What the other set does not hold."""
        left: list[tuple[int, int]] = []
        gaps = _gaps(other.ranges)
        for first, last in self.ranges:
            at = max(bisect_right(gaps, (first, LAST)) - 1, 0)
            while at < len(gaps) and gaps[at][0] <= last:
                low, high = max(first, gaps[at][0]), min(last, gaps[at][1])
                if low <= high:
                    left.append((low, high))
                at += 1
        return Characters(tuple(left))

    def __contains__(self, code: int) -> bool:
        at = bisect_right(self.ranges, (code, LAST)) - 1
        return at >= 0 and self.ranges[at][1] >= code

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def ignoring_case(self) -> Characters:
        """The set with every character that differs from one of its own by case alone."""
        found = list(self.ranges)
        for first, last in self.ranges:
            found += _overlap_moved(first, last, "A", "Z", 32)
            found += _overlap_moved(first, last, "a", "z", -32)
        if self.ranges and self.ranges[-1][1] >= _ASCII_END:
            families = _families()
            # Whichever is fewer is gone through: the characters here, or all that have a case.
            cased = (
                (code for code in self if code in families)
                if len(self) < len(families)
                else (code for code in families if code in self)
            )
            found += [(other, other) for code in cased for other in families[code]]
        return Characters.of(found)


def _gaps(ranges: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    gaps: list[tuple[int, int]] = []
    following = 0
    for first, last in ranges:
        if following < first:
            gaps.append((following, first - 1))
        following = last + 1
    if following <= LAST:
        gaps.append((following, LAST))
    return gaps


def _overlap_moved(
    first: int, last: int, start: str, end: str, distance: int
) -> list[tuple[int, int]]:
    low, high = max(first, ord(start)), min(last, ord(end))
    return [(low + distance, high + distance)] if low <= high else []


@cache
def _families() -> dict[int, set[int]]:
    """Of each character beyond ASCII: those that small and capital ones lead to from it."""
    family_of: dict[int, set[int]] = {}
    for code in range(_ASCII_END, _CASED_END):
        letter = chr(code)
        for other in (letter.lower(), letter.upper()):
            if len(other) == 1 and other != letter and ord(other) >= _ASCII_END:
                joined = family_of.get(code, {code}) | family_of.get(ord(other), {ord(other)})
                family_of.update(dict.fromkeys(joined, joined))
    return family_of


def _chars(*ranges: str) -> Characters:
    return Characters.of((ord(one[0]), ord(one[-1])) for one in ranges)


EVERY: Final = Characters.of(
    [
        (1, LINE_FEED - 1),
        (LINE_FEED + 1, FIRST_SURROGATE - 1),
        (LAST_SURROGATE + 1, LAST),
    ]
)
"""What can stand in a line: no text holds U+0000, and a line feed ends its line."""

UNNAMED: Final = EVERY.without(Characters(((CARRIAGE_RETURN, CARRIAGE_RETURN),)))
"""What `.`, a named class or a negation may mean: a carriage return is matched by its name only."""

DIGIT: Final = _chars("09")
WORD: Final = _chars("09", "AZ", "__", "az")
SPACE: Final = _chars("\t", "\v\f", " ")

POSIX: Final = {
    "alnum": _chars("09", "AZ", "az"),
    "alpha": _chars("AZ", "az"),
    "ascii": _chars("\x01\x09", "\x0b\x0c", "\x0e\x7f"),
    "blank": _chars("\t", " "),
    "cntrl": _chars("\x01\x09", "\x0b\x0c", "\x0e\x1f", "\x7f"),
    "digit": DIGIT,
    "graph": _chars("!~"),
    "lower": _chars("az"),
    "print": _chars(" ~"),
    "punct": _chars("!/", ":@", "[`", "{~"),
    "space": SPACE,
    "upper": _chars("AZ"),
    "word": WORD,
    "xdigit": _chars("09", "AF", "af"),
}
"""The classes of POSIX by their names, in ASCII and without line ends."""


def all_but(characters: Characters) -> Characters:
    """What the negation of a class means within a line."""
    return UNNAMED.without(characters)
