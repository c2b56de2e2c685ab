"""The texts of files on their way from a parsing child into the store.

A child packs a text, so that the waiting pieces are small; who takes it believes nothing of it.
"""

from __future__ import annotations

from indexer.sandbox.packing import packed_piece, unpacked_piece
from indexer.sandbox.wire import MessageRefused

# Each broken byte of a file becomes U+FFFD, which takes three.
GROWTH = 3


def packed(text: bytes) -> bytes:
    """A text in UTF-8, packed."""
    return packed_piece(text)


def unpacked(piece: bytes, *, file_bytes: int) -> bytes:
    """The text that `packed` gave for a file of at most `file_bytes` bytes.

    Raises:
        MessageRefused: it is none that Postgres can store, or larger.
    """
    text = unpacked_piece(piece, most_bytes=file_bytes * GROWTH + 1)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise MessageRefused("a text that is none") from None
    if len(text) > file_bytes * GROWTH or b"\0" in text:
        raise MessageRefused("a text that cannot be stored")
    return text
