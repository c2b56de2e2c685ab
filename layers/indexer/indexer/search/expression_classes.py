"""Classes and escaped characters of an expression."""

from __future__ import annotations

import re
from typing import Final

from indexer.search.characters import (
    DIGIT,
    EVERY,
    FIRST_SURROGATE,
    LAST,
    LAST_SURROGATE,
    LINE_FEED,
    POSIX,
    SPACE,
    WORD,
    Characters,
    all_but,
)
from indexer.search.expression_cursor import WITHIN_A_LINE, Cursor

OF_LETTER: Final = {
    "d": DIGIT,
    "D": all_but(DIGIT),
    "s": SPACE,
    "S": all_but(SPACE),
    "w": WORD,
    "W": all_but(WORD),
}
"""The classes that a letter after a backslash means."""

_CONTROLS: Final = {"a": 0x07, "f": 0x0C, "n": LINE_FEED, "r": 0x0D, "t": 0x09, "v": 0x0B}
_HEX: Final = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})|\\u([0-9A-Fa-f]{4})")
_POSIX: Final = re.compile(r"\[:(\^?)([^]:\\[]*):\]")
_COLLATING: Final = re.compile(r"\[([.=])[^]]*\1\]")

_INSTEAD: Final = {
    "A": "Write ^ for the start of a line.",
    "z": "Write $ for the end of a line.",
    "Z": "Write $ for the end of a line.",
    "Q": "Quoting is not supported; put a backslash before each special character.",
    "E": "Quoting is not supported; put a backslash before each special character.",
    "p": "Unicode classes are not supported; write a range such as [\\x{E0}-\\x{FF}].",
    "P": "Unicode classes are not supported; write a range such as [^\\x{E0}-\\x{FF}].",
    "h": "Write [ \\t] for a space or a tab.",
    "H": "Write [^ \\t] for what is no space and no tab.",
    "N": "Write . for any character.",
    "R": WITHIN_A_LINE,
    "k": "Going back to a group is not supported; write it out.",
    "g": "Going back to a group is not supported; write it out.",
    "x": "Write \\x with two digits from 0 to F, or \\x{ } with the number of the character.",
    "u": "Write \\u with four digits from 0 to F, or \\x{ } with the number of the character.",
    "0": "No text holds U+0000. Write \\x with two digits for other characters.",
    "b": "Within [ ] there is no word boundary; write \\x08 for the backspace.",
    "B": "Within [ ] there is no word boundary.",
}


def escaped_at(cursor: Cursor) -> int:
    """Read a backslash and what it escapes: the code point that is meant by it."""
    start = cursor.at
    if found := cursor.matched(_HEX):
        cursor.at = found.end()
        digits = (found[1] or found[2] or found[3]).lstrip("0")
        code = int(digits or "0", 16) if len(digits) <= len(f"{LAST:x}") else LAST + 1
        if code > LAST or code == 0 or FIRST_SURROGATE <= code <= LAST_SURROGATE:
            raise cursor.refused("No text holds a character of this number.", start, cursor.at)
    else:
        cursor.take()
        letter = cursor.take()
        if not letter:
            raise cursor.refused(
                "Nothing stands after the backslash; write \\\\ for the character.",
                start,
                start + 1,
            )
        if letter in _CONTROLS:
            code = _CONTROLS[letter]
        elif letter.isascii() and not letter.isalnum():
            code = ord(letter)
        else:
            raise cursor.refused(_instead_of(letter), start, cursor.at)
    if code == LINE_FEED:
        raise cursor.refused(WITHIN_A_LINE, start, cursor.at)
    return code


def class_at(cursor: Cursor, *, ignore_case: bool) -> Characters:
    """Read a class from its opening bracket on."""
    start = cursor.at
    cursor.take()
    negated = cursor.takes("^")
    found: list[tuple[int, int]] = []
    first = True
    while first or cursor.next != "]":
        if cursor.ended:
            raise cursor.refused(
                "This [ is never closed; write \\[ for the character.", start, start + 1
            )
        found += _member(cursor, negated=negated)
        first = False
    cursor.take()
    characters = Characters.of(found)
    if ignore_case:
        characters = characters.ignoring_case()
    # A range may run over a line feed, which is meant by none.
    meant = all_but(characters) if negated else EVERY.without(EVERY.without(characters))
    if not meant.ranges:
        raise cursor.refused("No character of a line is in this class.", start, cursor.at)
    return meant


def _member(cursor: Cursor, *, negated: bool) -> tuple[tuple[int, int], ...]:
    """Read one class within the class, one range or one character."""
    start = cursor.at
    named = _named(cursor)
    if named is not None:
        return named.ranges
    low = _character(cursor, negated=negated)
    if cursor.next != "-" or cursor.after in {"]", ""}:
        return ((low, low),)
    cursor.take()
    if _named(cursor) is not None:
        raise cursor.refused(
            "A range ends with one character; write \\- for the hyphen.", start, cursor.at
        )
    high = _character(cursor, negated=negated)
    if high < low:
        raise cursor.refused("A range begins with its lower character.", start, cursor.at)
    return ((low, high),)


def _named(cursor: Cursor) -> Characters | None:
    start = cursor.at
    if cursor.next == "\\" and cursor.after in OF_LETTER:
        cursor.at += 2
        return OF_LETTER[cursor.written[start + 1]]
    if found := cursor.matched(_POSIX):
        cursor.at = found.end()
        named = POSIX.get(found[2])
        if named is None:
            raise cursor.refused(
                f"There is no such class; there are {', '.join(POSIX)}.", start, cursor.at
            )
        return all_but(named) if found[1] else named
    if found := cursor.matched(_COLLATING):
        raise cursor.refused(
            "Collating elements are not supported; write \\[ for the bracket.", start, found.end()
        )
    return None


def _character(cursor: Cursor, *, negated: bool) -> int:
    if cursor.next != "\\":
        return ord(cursor.take())
    # [^\n] is a way to write what every negation means here.
    if negated and cursor.takes("\\n"):
        return LINE_FEED
    return escaped_at(cursor)


def _instead_of(letter: str) -> str:
    if letter in _INSTEAD:
        return _INSTEAD[letter]
    if letter.isascii() and letter.isdigit():
        return "Going back to a group is not supported; write it out, or \\x with two digits."
    return f"\\{letter} means nothing; leave the backslash out for the character."
