"""Where in a text the terms of a search stand, line by line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple

from indexer.parsing.source import SourceText, line_starts
from indexer.postings.words import is_boundary
from indexer.search.query import Term, TermKind

LONGEST_SNIPPET: Final = 240
"""Characters of a line that an answer shows."""
MOST_HIGHLIGHTS: Final = 20

_BEFORE_MATCH: Final = 60
_LINE_ENDS: Final = b"\r\n"


class Text:
    """A text in UTF-8, and where its lines begin."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        return line_starts(self.content)

    def line_at(self, offset: int) -> int:
        """The line of an offset, counted from 1."""
        return bisect_right(self.starts, offset)

    def bounds(self, line: int) -> tuple[int, int]:
        """Where a line begins and ends, with what ends it."""
        end = self.starts[line] if line < len(self.starts) else len(self.content)
        return self.starts[line - 1], end


class Found(NamedTuple):
    """A term in a text, in bytes. `whole`: it is no mere part of a word."""

    start: int
    end: int
    whole: bool


class MatchingLine(NamedTuple):
    """A line on which at least one term stands, the first of which is at `start`, in bytes.

    `terms` is how many different ones, `whole` whether one of them is no mere part of a word.
    """

    line: int
    start: int
    end: int
    terms: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """What a line says around the first place at which something stands.

    Columns are UTF-16 code units from 0: `column` and `end_column` of the match within the line,
    `first_column` where `text` begins. `highlights` are further matches within `text` and this one.
    """

    text: str
    first_column: int
    column: int
    end_column: int
    highlights: Sequence[tuple[int, int]]


def first_place(term: Term, text: bytes, start: int = 0) -> Found | None:
    """The first place at or after an offset where a term stands; of a word, where a word begins."""
    while match := term.expression.pattern.search(text, start):
        at, end = match.start(), match.end()
        while end > at and text[end - 1] in _LINE_ENDS:
            end -= 1
        begins = is_boundary(text, at)
        if end > at and (begins or term.kind is not TermKind.WORD):
            return Found(at, end, begins and is_boundary(text, end))
        start = at + 1
    return None


def holds(text: bytes, sought: Sequence[Term], avoided: Sequence[Term]) -> bool:
    """Whether all of `sought` stand in a text, and none of `avoided`."""
    return all(first_place(term, text) for term in sought) and not any(
        first_place(term, text) for term in avoided
    )


def matching_lines(text: Text, sought: Sequence[Term]) -> list[MatchingLine]:
    """The lines on which a term stands, from the first to the last."""
    lines: dict[int, MatchingLine] = {}
    for term in sought:
        for line, found in _lines_of(term, text):
            known = lines.get(line)
            if known is None:
                lines[line] = MatchingLine(line, found.start, found.end, 1, found.whole)
            else:
                first = min((known.start, known.end), (found.start, found.end))
                lines[line] = MatchingLine(
                    line, *first, known.terms + 1, known.whole or found.whole
                )
    return [lines[line] for line in sorted(lines)]


def _lines_of(term: Term, text: Text) -> Iterator[tuple[int, Found]]:
    """Each line on which a term stands, counted from 1, and a place: whole ones are preferred."""
    found = first_place(term, text.content)
    while found is not None:
        line = text.line_at(found.start)
        _, end = text.bounds(line)
        best = found
        if not found.whole:
            others = (one for one in _places(term, text.content, found.end, end) if one.whole)
            best = next(others, found)
        yield line, best
        if line == len(text.starts):
            return
        found = first_place(term, text.content, end)


def _places(term: Term, text: bytes, start: int, end: int) -> Iterator[Found]:
    found = first_place(term, text, start)
    while found is not None and found.start < end:
        yield found
        found = first_place(term, text, found.end)


def snippet_of(text: Text, line: int, start: int, end: int, sought: Sequence[Term]) -> Snippet:
    """What an answer shows of a line, counted from 1, for a match in it, in bytes of the text."""
    line_start, line_end = text.bounds(line)
    source = SourceText(text.content[line_start:line_end].rstrip(_LINE_ENDS))
    shown = source.text.decode()
    first = 0
    if len(shown) > LONGEST_SNIPPET:
        before = text.content[line_start:start].decode("utf-8", "replace")
        first = max(0, len(before) - _BEFORE_MATCH)
    cut = shown[first : first + LONGEST_SNIPPET]
    first_byte = len(shown[:first].encode())
    last_byte = first_byte + len(cut.encode())
    places = sorted(
        {
            (one.start - line_start, min(one.end - line_start, last_byte))
            for term in sought
            for one in islice(
                _places(term, text.content, line_start + first_byte, line_start + last_byte),
                MOST_HIGHLIGHTS,
            )
        }
    )

    def column(offset: int) -> int:
        return source.position(min(offset, len(source.text)))[1]

    return Snippet(
        text=cut,
        first_column=column(first_byte),
        column=column(start - line_start),
        end_column=column(end - line_start),
        highlights=[(column(one), column(other)) for one, other in places[:MOST_HIGHLIGHTS]],
    )
