"""The trigrams of a text: every three bytes that stand next to each other in one of its lines.

A trigram is a number, its first byte the lowest. Letters of ASCII count as small ones, all other
bytes as they are, so a text that holds a phrase in whatever case holds the phrase's trigrams.
"""

from __future__ import annotations

import sys
from array import array
from typing import Final

WIDTH: Final = 3
LARGEST: Final = 2**24 - 1

# A trigram as one number, where a loop over bytes would make three objects of it.
_CELL: Final = 4
_FIRST, _SECOND, _THIRD = 0xFF, 0xFF00, 0xFF0000
_FIRST_ENDS, _SECOND_ENDS, _THIRD_ENDS = 0x0A, 0x0A00, 0x0A0000


def folded(text: bytes) -> bytes:
    """The text as trigrams see it: its ASCII letters small."""
    return text.lower()


def trigrams_of(text: bytes) -> set[int]:
    """The distinct trigrams of a text in UTF-8; none holds a line feed, as no match does."""
    small = folded(text)
    count = len(small) - WIDTH + 1
    if count < 1:
        return set()
    cells = bytearray(_CELL * count)
    for byte in range(WIDTH):
        cells[byte::_CELL] = small[byte : byte + count]
    numbers = array("I", cells)
    if sys.byteorder == "big":
        numbers.byteswap()
    return {
        one
        for one in set(numbers)
        if one & _FIRST != _FIRST_ENDS
        and one & _SECOND != _SECOND_ENDS
        and one & _THIRD != _THIRD_ENDS
    }
