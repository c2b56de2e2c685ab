"""The texts of files on their way from a parsing child into the store.

A child packs a text, so that the waiting pieces are small; who takes it believes nothing of it.
"""

from __future__ import annotations

import zlib

from indexer.sandbox.wire import MessageRefused

# Source code shrinks to a quarter at the lowest level.
COMPRESSION = 1
# Each broken byte of a file becomes U+FFFD, which takes three.
GROWTH = 3


def packed(text: bytes) -> bytes:
    """A text in UTF-8, packed."""
    return zlib.compress(text, COMPRESSION)


def unpacked(piece: bytes, *, file_bytes: int) -> bytes:
    """The text that `packed` gave for a file of at most `file_bytes` bytes.

    Raises:
        MessageRefused: it is none that Postgres can store, or larger.
    """
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(piece, file_bytes * GROWTH + 1)
        text.decode("utf-8")
    except (zlib.error, UnicodeDecodeError):
        raise MessageRefused("a text that is none") from None
    if not unpacking.eof or len(text) > file_bytes * GROWTH or b"\0" in text:
        raise MessageRefused("a text that cannot be stored")
    return text
