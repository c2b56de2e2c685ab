"""Glob patterns of configuration files, matched in time linear in the path and the pattern."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

MAX_PATTERN_LENGTH: Final = 1024
MAX_PATTERNS: Final = 4096
MAX_WILD_PATTERNS: Final = 128
MAX_WILD_SEGMENTS: Final = 12

_ANY_FOLDERS: Final = "**"

# What each segment of a path must fit; None stands for any number of folders.
_Pattern = tuple[Callable[[str], bool] | None, ...]


class Glob:
    """A pattern over repository paths; one that fits a folder fits all that lies below it.

    `*` is any run of characters of one segment, `?` is one character, `**` any number of folders.
    """

    __slots__ = ("_home", "_segments", "_somewhere", "_whole_home")

    def __init__(self, place: str) -> None:
        segments = place.split("/") if place else []
        literal = next((at for at, one in enumerate(segments) if _has_wildcard(one)), len(segments))
        pattern = tuple(segments[literal:])
        self._home = "/".join(segments[:literal])
        # Most patterns are a folder and everything in it: those need no matching.
        self._whole_home = pattern in {(), (_ANY_FOLDERS,), (_ANY_FOLDERS, "*")}
        # Most others are one segment in any folder: those need no following of several readings.
        self._somewhere = _matcher(pattern[1]) if _is_anywhere(pattern) else None
        self._segments = tuple(None if one == _ANY_FOLDERS else _matcher(one) for one in pattern)

    def fits(self, path: str) -> bool:
        """Whether the pattern fits `path` or a folder around it."""
        if self._home:
            if not path.startswith(self._home):
                return False
            rest = path[len(self._home) :]
            if rest and rest[0] != "/":
                return False
            path = rest[1:]
        if self._whole_home:
            return True
        segments = path.split("/")
        if self._somewhere is not None:
            return any(map(self._somewhere, segments))
        return _matches(self._segments, segments)


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
    if "?" in pattern or pattern.count("*") > 1:
        return partial(_segment_matches, pattern)
    before, after = pattern.split("*")
    least = len(before) + len(after)
    return lambda one: len(one) >= least and one.startswith(before) and one.endswith(after)


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
