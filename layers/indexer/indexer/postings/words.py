"""Where the words of identifiers begin: `getUserById` has get, User, By and Id.

A word begins where letters, digits, `_` or `$` do, after `_` or `$`, at a capital after a small
letter or a digit, at the last capital of a run that a small letter follows (`HTMLParser`), and
between letters and digits. Letters outside of ASCII are small ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

LONGEST_WORD: Final = 64
"""Characters by which the rest of a name is found; names that differ later are told apart later."""
MOST_WORDS: Final = 16
"""Words of one name by which it is found."""

_NONE, _JOINT, _SMALL, _CAPITAL, _DIGIT = range(5)


def _class_of(byte: int) -> int:
    character = chr(byte)
    if byte >= 0x80 or "a" <= character <= "z":  # noqa: PLR2004 - where ASCII ends
        return _SMALL
    if "A" <= character <= "Z":
        return _CAPITAL
    if "0" <= character <= "9":
        return _DIGIT
    return _JOINT if character in "_$" else _NONE


_CLASSES: Final = bytes(map(_class_of, range(256)))


def is_boundary(text: bytes, at: int) -> bool:
    """Whether a word of an identifier may begin or end at an offset of a text in UTF-8."""
    if not 0 < at < len(text):
        return True
    before, after = _CLASSES[text[at - 1]], _CLASSES[text[at]]
    if before <= _JOINT or after <= _JOINT:
        return True
    if before == _CAPITAL and after == _CAPITAL:
        return at + 1 < len(text) and _CLASSES[text[at + 1]] == _SMALL
    if before == _CAPITAL and after == _SMALL:
        return False
    return before != after


class NameWord(NamedTuple):
    """The rest of a name from one of its words on, by which the name is found.

    `rest` is in small letters and cut; `is_whole`: it is the name from its beginning.
    """

    rest: str
    is_whole: bool


def words_of(name: str) -> Iterator[NameWord]:
    """What a name is found by: all of it, and what is left of it from each further word on."""
    written = name.encode()
    small = written.lower()
    yield NameWord(found_by(name), is_whole=True)
    words = (
        at
        for at in range(1, len(written))
        if _CLASSES[written[at]] > _JOINT and is_boundary(written, at)
    )
    for at in islice(words, MOST_WORDS - 1):
        yield NameWord(small[at:].decode()[:LONGEST_WORD], is_whole=False)


def found_by(word: str) -> str:
    """How a word is written where names are found by it: with small letters of ASCII, and cut."""
    return word.encode().lower().decode()[:LONGEST_WORD]
