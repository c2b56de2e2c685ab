"""Prefixes as ranges, which an index serves under the policies; LIKE it does not."""

from __future__ import annotations

from typing import NamedTuple

_LAST = 0x10FFFF
_BEFORE_SURROGATES = 0xD7FF
_AFTER_SURROGATES = 0xE000


class TextRange(NamedTuple):
    """Texts from `start` up to but without `below`, by code point; None: there is no upper end."""

    start: str
    below: str | None


def exactly(text: str) -> TextRange:
    """The range of this text alone. U+0000 cannot stand in a text, so U+0001 is the next."""
    return TextRange(text, text + "\x01")


def starting_with(prefix: str) -> TextRange:
    """The range of the texts that begin with `prefix`."""
    return TextRange(prefix, _successor(prefix))


def _successor(prefix: str) -> str | None:
    head = prefix.rstrip(chr(_LAST))
    if not head:
        return None
    following = ord(head[-1]) + 1
    if _BEFORE_SURROGATES < following < _AFTER_SURROGATES:
        following = _AFTER_SURROGATES
    return head[:-1] + chr(following)
