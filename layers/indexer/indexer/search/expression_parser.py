r"""Expressions as they are written, read into their tree.

    x y        one after the other            x|y         one of them
    (x) (?:x)  a group                        .           any character of a line
    x* x+ x?   repeated, as often as possible x*? x+? x??  as rarely as possible
    x{3} x{3,} x{3,5}                         ^ $         start and end of a line
    [a-f] [^a-f] [[:alpha:]]                  \d \w \s    a class; capital: its negation
    \b \B      (no) word boundary             \t \r \xHH \x{H} \uHHHH   a character
    (?i)       at the very start: in whatever case

Nothing matches a line feed, and nothing but its name or its code a carriage return.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.search.characters import (
    FIRST_SURROGATE,
    LAST_SURROGATE,
    LINE_FEED,
    UNNAMED,
    Characters,
)
from indexer.search.expression_classes import OF_LETTER, class_at, escaped_at
from indexer.search.expression_cursor import WITHIN_A_LINE, Cursor
from indexer.search.expression_nodes import Choice, Edge, Node, Repetition, Sequence

MOST_LENGTH: Final = 1000
"""Code points of an expression."""

MOST_DEPTH: Final = 50
"""Groups within one another."""

MOST_TIMES: Final = 1000
"""Times that something may be counted, those of its own repetitions multiplied in."""

_EDGES: Final = {"^": Edge.LINE_START, "$": Edge.LINE_END}
_EDGES_OF_ESCAPES: Final = {"b": Edge.WORD, "B": Edge.NO_WORD}
_SIMPLE_COUNTS: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_COUNT: Final = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")

_LOOKING: Final = "Looking ahead or behind is not supported; leave it out."
_NAMED: Final = "Groups have no names here; write ( ) or (?: )."
_NOT_SUPPORTED: Final = (
    (re.compile(r"\(\?(?:<?[=!])"), _LOOKING),
    (re.compile(r"\(\?(?:P?<|')[^>')]*[>']?"), _NAMED),
    (re.compile(r"\(\?P[=>]"), "Going back to a group is not supported; write it out."),
    (re.compile(r"\(\?>"), "Groups that keep what they took are not supported; write (?: )."),
    (re.compile(r"\(\?#"), "Comments are not supported; leave it out."),
    (
        re.compile(r"\(\?[-^a-zA-Z]*[:)]"),
        "Flags are not supported, but (?i) at the very start; a group is written (?: ).",
    ),
    (
        re.compile(r"\(\?"),
        "After ( a ? can only begin (?: ); write \\( and \\? for the characters.",
    ),
)
_IGNORE_CASE: Final = "(?i)"


def parsed(written: str, *, ignore_case: bool) -> Node:
    """The tree of an expression. Raises ExpressionInvalid for what it cannot be."""
    _refuse_unsearchable(written)
    begins = len(_IGNORE_CASE) if written.startswith(_IGNORE_CASE) else 0
    return _Parser(Cursor(written, begins), ignore_case=ignore_case or begins > 0).expression()


def spelled(text: str, *, ignore_case: bool) -> Node:
    """The tree of a text that is searched as it stands. Raises ExpressionInvalid."""
    _refuse_unsearchable(text)
    return Sequence(tuple(_one(ord(letter), ignore_case=ignore_case) for letter in text))


def _refuse_unsearchable(written: str) -> None:
    """Raise ExpressionInvalid for what is too long, or holds what stands in no line."""
    cursor = Cursor(written)
    if len(written) > MOST_LENGTH:
        raise cursor.refused(
            f"It has {len(written)} characters, {MOST_LENGTH} are allowed.",
            MOST_LENGTH,
            len(written),
        )
    for at, letter in enumerate(written):
        code = ord(letter)
        if code == LINE_FEED:
            raise cursor.refused(WITHIN_A_LINE, at, at + 1)
        if code == 0 or FIRST_SURROGATE <= code <= LAST_SURROGATE:
            raise cursor.refused(f"No text holds U+{code:04X}.", at, at + 1)


def _one(code: int, *, ignore_case: bool) -> Characters:
    characters = Characters(((code, code),))
    return characters.ignoring_case() if ignore_case else characters


class _Parser:
    """Reads one expression, each method a piece of it from where the cursor stands."""

    def __init__(self, cursor: Cursor, *, ignore_case: bool) -> None:
        self._cursor = cursor
        self._ignore_case = ignore_case
        self._depth = 0

    def expression(self) -> Node:
        node, _ = self._choice()
        if not self._cursor.ended:
            at = self._cursor.at
            raise self._cursor.refused(
                "This ) closes nothing; write \\) for the character.", at, at + 1
            )
        return node

    def _choice(self) -> tuple[Node, int]:
        """Alternatives up to a closing bracket, and the most times that one part is counted."""
        alternatives: list[Node] = []
        times = 1
        while True:
            node, counted = self._sequence()
            alternatives.append(node)
            times = max(times, counted)
            if not self._cursor.takes("|"):
                break
        if len(alternatives) == 1:
            return alternatives[0], times
        return Choice(tuple(alternatives)), times

    def _sequence(self) -> tuple[Node, int]:
        parts: list[Node] = []
        times = 1
        while not self._cursor.ended and self._cursor.next not in "|)":
            part, counted = self._repeated()
            parts.append(part)
            times = max(times, counted)
        return (parts[0] if len(parts) == 1 else Sequence(tuple(parts))), times

    def _repeated(self) -> tuple[Node, int]:
        part, times = self._atom()
        start = self._cursor.at
        count = self._count()
        if count is None:
            return part, times
        if isinstance(part, Edge) and self._cursor.written[start - 1] != ")":
            raise self._cursor.refused(
                "A place such as ^, $ or \\b cannot be repeated.", start, self._cursor.at
            )
        least, most = count
        times *= max(least, most or 0, 1)
        if times > MOST_TIMES:
            raise self._cursor.refused(
                f"Counts within counts come to {times} times, {MOST_TIMES} are allowed.",
                start,
                self._cursor.at,
            )
        lazy = self._cursor.takes("?")
        again = self._cursor.at
        if self._count() is not None:
            raise self._cursor.refused(
                "What is repeated cannot be repeated again; put it into ( ).",
                again,
                self._cursor.at,
            )
        return Repetition(part, least, most, lazy), times

    def _count(self) -> tuple[int, int | None] | None:
        """How often what stands before is repeated; None if no repetition stands here."""
        cursor = self._cursor
        if not cursor.ended and cursor.next in _SIMPLE_COUNTS:
            return _SIMPLE_COUNTS[cursor.take()]
        found = cursor.matched(_COUNT)
        if found is None or not (found[1] or found[3]):
            return None
        start, cursor.at = found.span()
        if not found[1]:
            raise cursor.refused(f"Write {{0,{found[3]}}}.", start, cursor.at)
        for written in (found[1], found[3]):
            if len(written.lstrip("0")) > len(str(MOST_TIMES)) or int(written or 0) > MOST_TIMES:
                raise cursor.refused(f"A count can be at most {MOST_TIMES}.", start, cursor.at)
        least = int(found[1])
        if not found[2]:
            return least, least
        most = int(found[3]) if found[3] else None
        if most is not None and most < least:
            raise cursor.refused(
                f"The lower count stands first: {{{most},{least}}}.", start, cursor.at
            )
        return least, most

    def _atom(self) -> tuple[Node, int]:
        cursor = self._cursor
        start = cursor.at
        if self._count() is not None:
            raise cursor.refused(
                f"Nothing stands before it that could be repeated; write \\{cursor.written[start]}"
                " for the character.",
                start,
                cursor.at,
            )
        if cursor.next == "(":
            return self._group()
        return self._single(), 1

    def _group(self) -> tuple[Node, int]:
        cursor = self._cursor
        start = cursor.at
        if self._depth == MOST_DEPTH:
            raise cursor.refused(
                f"More than {MOST_DEPTH} groups stand within one another.", start, start + 1
            )
        if not cursor.takes("(?:"):
            for pattern, message in _NOT_SUPPORTED:
                if found := cursor.matched(pattern):
                    raise cursor.refused(message, start, found.end())
            cursor.take()
        self._depth += 1
        node = self._choice()
        self._depth -= 1
        if not cursor.takes(")"):
            raise cursor.refused(
                "This ( is never closed; write \\( for the character.", start, start + 1
            )
        return node

    def _single(self) -> Node:
        cursor = self._cursor
        if cursor.next == "[":
            return class_at(cursor, ignore_case=self._ignore_case)
        if cursor.next == "\\":
            return self._escape()
        letter = cursor.take()
        if letter in _EDGES:
            return _EDGES[letter]
        if letter == ".":
            return UNNAMED
        return _one(ord(letter), ignore_case=self._ignore_case)

    def _escape(self) -> Node:
        cursor = self._cursor
        letter = cursor.after
        if letter in _EDGES_OF_ESCAPES:
            cursor.at += 2
            return _EDGES_OF_ESCAPES[letter]
        if letter in OF_LETTER:
            cursor.at += 2
            return OF_LETTER[letter]
        return _one(escaped_at(cursor), ignore_case=self._ignore_case)
