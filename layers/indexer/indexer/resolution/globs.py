"""Glob patterns of configuration files, matched in time linear in the path and the pattern."""

from __future__ import annotations

from typing import Final

MAX_PATTERN_LENGTH: Final = 1024
MAX_PATTERNS: Final = 4096
MAX_WILD_PATTERNS: Final = 128
MAX_WILD_SEGMENTS: Final = 12

_ANY_FOLDERS: Final = "**"


class Glob:
    """A pattern over repository paths; one that fits a folder fits all that lies below it.

    `*` is any run of characters of one segment, `?` is one character, `**` any number of folders.
    """

    __slots__ = ("_home", "_pattern", "_whole_home")

    def __init__(self, place: str) -> None:
        segments = place.split("/") if place else []
        literal = next((at for at, one in enumerate(segments) if _has_wildcard(one)), len(segments))
        self._pattern = tuple(segments[literal:])
        self._home = "/".join(segments[:literal])
        # Most patterns are a folder and everything in it: those need no matching.
        self._whole_home = self._pattern in {(), (_ANY_FOLDERS,), (_ANY_FOLDERS, "*")}

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
        return _matches(self._pattern, path.split("/"))


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


def segment_matches(pattern: str, segment: str) -> bool:
    """Whether one path segment fits `pattern`."""
    if pattern in {"*", segment}:
        return True
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


def _matches(pattern: tuple[str, ...], path: list[str]) -> bool:
    """Follow all readings of `pattern` at once: stepping back would cost exponential time."""
    if pattern[:-1] == (_ANY_FOLDERS,) and not _has_wildcard(pattern[-1]):
        return pattern[-1] in path
    states = _closed({0}, pattern)
    for segment in path:
        states = _closed(_advanced(states, pattern, segment), pattern)
        if not states:
            return False
        if len(pattern) in states:
            return True
    return False


def _advanced(states: set[int], pattern: tuple[str, ...], segment: str) -> set[int]:
    reached: set[int] = set()
    for state in states:
        if pattern[state] == _ANY_FOLDERS:
            reached.add(state)
        elif segment_matches(pattern[state], segment):
            reached.add(state + 1)
    return reached


def _closed(states: set[int], pattern: tuple[str, ...]) -> set[int]:
    """`states` with those reached by letting `**` stand for no folder."""
    closed = set(states)
    for state in states:
        following = state
        while following < len(pattern) and pattern[following] == _ANY_FOLDERS:
            following += 1
            closed.add(following)
    return closed
