from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.postings.trigrams import LARGEST, trigrams_of

# Few different characters, so that their neighbourhoods repeat; one of two bytes, one of three.
TEXTS = st.text(alphabet="aBc_ \n\u00e9\u4e2d", max_size=60).map(str.encode)


def number(three: bytes) -> int:
    return three[0] + three[1] * 256 + three[2] * 65_536


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"ab", []),
        (b"abc", [b"abc"]),
        (b"abcd", [b"abc", b"bcd"]),
        (b"ABC", [b"abc"]),
        (b"getUserById", [b"get", b"etu", b"tus", b"use", b"ser", b"erb", b"rby", b"byi", b"yid"]),
        (b"abc\nxyz", [b"abc", b"xyz"]),
        (b"ab\ncd", []),
        (b"abc\r\nx", [b"abc", b"bc\r"]),
        ("\u4e2d".encode(), [b"\xe4\xb8\xad"]),
        ("\u00c9a".encode(), [b"\xc3\x89a"]),
    ],
)
def test_trigrams_are_the_neighbours_within_a_line(text, expected):
    assert trigrams_of(text) == {number(three) for three in expected}


@given(TEXTS)
def test_every_place_of_every_line_gives_its_trigram_and_nothing_else_does(text):
    expected = {
        number(line[at : at + 3])
        for line in text.lower().split(b"\n")
        for at in range(len(line) - 2)
    }
    assert trigrams_of(text) == expected
    assert all(0 <= one <= LARGEST for one in expected)


@given(TEXTS, st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_a_text_has_the_trigrams_of_each_of_its_parts_in_any_case(text, start, end, upper):
    part = text[start:end]
    assert trigrams_of(part.upper() if upper else part) <= trigrams_of(text)
