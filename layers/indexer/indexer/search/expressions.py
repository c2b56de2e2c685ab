"""Regular expressions over lines of code, run by RE2 in time that is linear in the text.

The dialect is our own (see `expression_parser`), so that what RE2 runs and what a text must hold
to be worth reading are written from one tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import re2

from indexer.search.expression_cursor import ExpressionInvalid
from indexer.search.expression_nodes import Node, matches_empty, rendered
from indexer.search.expression_parser import parsed, spelled
from indexer.search.expression_requirements import requirement_of
from indexer.search.requirements import Requirement

__all__ = ["Expression", "ExpressionInvalid", "Match", "Pattern", "literal", "parse"]

MOST_INSTRUCTIONS: Final = 4000
"""Instructions of a program of RE2. Where its states do not fit into memory, each byte of a text
may take a step through all of them."""

_MEMORY_BYTES: Final = 8 * 1024 * 1024


class Match(Protocol):
    """A place where an expression matches, in bytes of the text."""

    def start(self) -> int:
        """The offset of the first byte."""

    def end(self) -> int:
        """The offset after the last byte."""


class Pattern(Protocol):
    """A compiled expression of RE2, over UTF-8.

    `start` and `end` bound what is searched; what stands outside still counts for edges.
    """

    def search(self, text: bytes, pos: int = ..., endpos: int = ..., /) -> Match | None:
        """The first match."""

    @property
    def programsize(self) -> int:
        """The instructions of the program."""

    def finditer(self, text: bytes, pos: int = ..., endpos: int = ..., /) -> Iterator[Match]:
        """All matches that do not overlap, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    r"""What to search for in the lines of a text.

    `pattern` runs over the whole of a text in UTF-8 without U+0000; a match lies in one line, which
    ends at LF or CRLF. It may end with the carriage return of its line, where `$` or `\r` took it
    along; the caller trims that, and may be left with an empty match. Nothing but the end of a line
    comes after `$`, not even `\b`.

    `requirement` is satisfied by every text in which `pattern` matches.

    `matches_empty` says that the empty text may be a match (edges left aside): there is nothing to
    show of such a search, so callers refuse it.
    """

    pattern: Pattern
    requirement: Requirement
    matches_empty: bool


def parse(written: str, *, ignore_case: bool) -> Expression:
    """The expression that is written so; `(?i)` at its start ignores case too.

    Raises:
        ExpressionInvalid: it cannot be read, or is too large to be run.
    """
    return _expression(parsed(written, ignore_case=ignore_case), written)


def literal(text: str, *, ignore_case: bool) -> Expression:
    """The expression that matches this text as it stands.

    Raises:
        ExpressionInvalid: no line can hold the text, or it is too long.
    """
    return _expression(spelled(text, ignore_case=ignore_case), text)


def _expression(node: Node, written: str) -> Expression:
    return Expression(
        pattern=_compiled(node, written),
        requirement=requirement_of(node),
        matches_empty=matches_empty(node),
    )


def _compiled(node: Node, written: str) -> Pattern:
    options = re2.Options()
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    options.never_capture = True
    too_large = ExpressionInvalid(
        "The expression is too large; count less, or search for less at a time.", 0, len(written)
    )
    try:
        pattern: Pattern = re2.compile(rendered(node).encode("ascii"), options)
    except re2.error as error:
        raise too_large from error
    # It would keep the last 128, each with the states that its searches made.
    re2.purge()
    if pattern.programsize > MOST_INSTRUCTIONS:
        raise too_large
    return pattern
