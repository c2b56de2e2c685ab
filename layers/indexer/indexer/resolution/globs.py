"""Glob patterns of configuration files, matched in time linear in the path and the pattern."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

MAX_PATTERN_LENGTH: Final = 1024
MAX_PATTERNS: Final = 4096
MAX_WILD_PATTERNS: Final = 128
MAX_WILD_SEGMENTS: Final = 12

MAX_LOOKS: Final = 100_000_000
"""So often a segment of a pattern is put to one of a path, for one commit: half a minute's work."""

LOOKS_PER_CHECK: Final = 500_000
"""Between two questions whether the work shall go on: a fraction of a second."""

_ANY_FOLDERS: Final = "**"

# What each segment of a path must fit; None stands for any number of folders.
_Pattern = tuple[Callable[[str], bool] | None, ...]


class Looks:
    """What putting patterns to paths has taken for one commit, in looks of one segment at another.

    Once it is more than `MAX_LOOKS`, no pattern fits any more. `check` is called now and then.
    """

    __slots__ = ("_check", "_checked", "taken")

    def __init__(self, check: Callable[[], None]) -> None:
        self.taken = 0
        self._checked = 0
        self._check = check

    def take(self, looks: int) -> bool:
        """Whether so many more may be taken.

        Raises:
            whatever `check` raises: the work shall not go on.
        """
        self.taken += looks
        if self.taken - self._checked >= LOOKS_PER_CHECK:
            self._checked = self.taken
            self._check()
        return self.taken <= MAX_LOOKS


class Glob:
    """A pattern over repository paths; one that fits a folder fits all that lies below it.

    `*` is any run of characters of one segment, `?` is one character, `**` any number of folders.
    """

    __slots__ = ("_home", "_home_itself", "_segments", "_slow", "_somewhere", "_whole_home")

    def __init__(self, place: str) -> None:
        segments = place.split("/") if place else []
        literal = next((at for at, one in enumerate(segments) if _has_wildcard(one)), len(segments))
        pattern = tuple(segments[literal:])
        self._home = "/".join(segments[:literal])
        # Most patterns are a folder and everything in it: those need no matching.
        self._whole_home = pattern in {(), (_ANY_FOLDERS,), (_ANY_FOLDERS, "*")}
        self._home_itself = all(one == _ANY_FOLDERS for one in pattern)
        # Most others are one segment in any folder: those need no following of several readings.
        self._somewhere = _matcher(pattern[1]) if _is_anywhere(pattern) else None
        self._segments = tuple(None if one == _ANY_FOLDERS else _matcher(one) for one in pattern)
        # So many characters of it are followed one by one.
        self._slow = sum(len(one) for one in pattern if one != _ANY_FOLDERS and _is_slow(one))

    def fits(self, path: str, looks: Looks | None = None) -> bool:
        """Whether the pattern fits `path` or a folder around it, as far as `looks` may be taken."""
        if self._home:
            if path == self._home:
                return self._home_itself
            if not path.startswith(self._home) or path[len(self._home)] != "/":
                return False
            path = path[len(self._home) + 1 :]
        if self._whole_home:
            return True
        segments = path.split("/")
        if looks is not None and not looks.take(self._cost(path, len(segments))):
            return False
        if self._somewhere is not None:
            return any(map(self._somewhere, segments))
        return _matches(self._segments, segments)

    def _cost(self, path: str, segments: int) -> int:
        """The looks that a path of so many segments takes at most.

        Eight of them cost one where the pattern is one segment without much in it, and where a
        character of the pattern is put to one of the path, that is a quarter of one.
        """
        if self._somewhere is not None and not self._slow:
            return 1 + segments // 8
        return len(self._segments) * segments + self._slow * len(path) // 4


def usable_globs(patterns: list[str]) -> list[str]:
    """The patterns worth trying: bounded in number, in length and in what matching them costs."""
    usable: list[str] = []
    wild = 0
    for pattern in patterns[:MAX_PATTERNS]:
        wild_segments = sum(map(_has_wildcard, pattern.split("/")))
        wild += wild_segments > 0
        cheap = wild_segments <= MAX_WILD_SEGMENTS and wild <= MAX_WILD_PATTERNS
        if len(pattern) <= MAX_PATTERN_LENGTH and (cheap or not wild_segments):
            usable.append(pattern)
    return usable


def _is_anywhere(pattern: tuple[str, ...]) -> bool:
    return pattern[:-1] == (_ANY_FOLDERS,) and pattern[-1] != _ANY_FOLDERS


def _matcher(pattern: str) -> Callable[[str], bool]:
    """What tells whether one path segment fits `pattern`."""
    if not _has_wildcard(pattern):
        return pattern.__eq__
    if _is_slow(pattern):
        return partial(_segment_matches, pattern)
    before, after = pattern.split("*")
    least = len(before) + len(after)
    return lambda one: len(one) >= least and one.startswith(before) and one.endswith(after)


def _is_slow(pattern: str) -> bool:
    return "?" in pattern or pattern.count("*") > 1


def _segment_matches(pattern: str, segment: str) -> bool:
    at = start = mark = 0
    star = -1
    while at < len(segment):
        if start < len(pattern) and pattern[start] == "*":
            star, mark = start, at
            start += 1
        elif start < len(pattern) and pattern[start] in {"?", segment[at]}:
            start += 1
            at += 1
        elif star >= 0:
            mark += 1
            at, start = mark, star + 1
        else:
            return False
    return all(character == "*" for character in pattern[start:])


def _has_wildcard(segment: str) -> bool:
    return "*" in segment or "?" in segment


def _matches(pattern: _Pattern, path: list[str]) -> bool:
    """Follow all readings of `pattern` at once: stepping back would cost exponential time."""
    states = _closed({0}, pattern)
    for segment in path:
        if len(pattern) in states or not states:
            break
        states = _closed(_advanced(states, pattern, segment), pattern)
    return len(pattern) in states


def _advanced(states: set[int], pattern: _Pattern, segment: str) -> set[int]:
    reached: set[int] = set()
    for state in states:
        fits = pattern[state]
        if fits is None:
            reached.add(state)
        elif fits(segment):
            reached.add(state + 1)
    return reached


def _closed(states: set[int], pattern: _Pattern) -> set[int]:
    """`states` with those reached by letting `**` stand for no folder."""
    closed = set(states)
    for state in states:
        following = state
        while following < len(pattern) and pattern[following] is None:
            following += 1
            closed.add(following)
    return closed
