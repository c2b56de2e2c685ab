"""Where lines begin, as the TypeScript compiler ends them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.source import line_starts, lines_of

# ECMA-262, LineTerminatorSequence.
LINE_END = re.compile(r"\r\n|[\n\r\u2028\u2029]")
# With what shares its first bytes with the separators in UTF-8: dashes and quotes.
PIECES = st.sampled_from(
    ["\n", "\r", "\u2028", "\u2029", "\u2014", "\u201c", "a", "é", "\U0001d49c"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_lines_begin_behind_every_line_end(text):
    ends = [match.end() for match in LINE_END.finditer(text)]
    assert line_starts(text.encode()) == [0, *(len(text[:end].encode()) for end in ends)]


@given(st.lists(PIECES | st.sampled_from(["\f", "\v", "\x85", "\x1c"]), max_size=12).map("".join))
def test_lines_are_what_stands_between_line_ends(text):
    assert lines_of(text.encode()) == LINE_END.split(text)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", [0]),
        ("a", [0]),
        ("a\n", [0, 2]),
        ("\r\u2028\n", [0, 1, 4, 5]),
        ("\u2014\n\u2014", [0, 4]),
    ],
)
def test_lines_begin(text, starts):
    assert line_starts(text.encode()) == starts
