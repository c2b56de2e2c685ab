"""Pieces of bytes, packed by who sends or keeps them; who takes them believes nothing of them."""

from __future__ import annotations

import zlib
from typing import Final

from indexer.sandbox.wire import MessageRefused

# Source code and what is made of it shrink to a quarter at the lowest level, and faster than a disk
# would take them.
_LEVEL: Final = 1


def packed_piece(content: bytes) -> bytes:
    """The content, packed."""
    return zlib.compress(content, _LEVEL)


def unpacked_piece(piece: bytes, *, most_bytes: int) -> bytes:
    """The content that `packed_piece` gave, of which no more than `most_bytes` are unpacked.

    Raises:
        MessageRefused: the piece is none, or its content does not end by then.
    """
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(piece, most_bytes)
    except zlib.error:
        raise MessageRefused("a piece that cannot be unpacked") from None
    if not unpacking.eof:
        raise MessageRefused("a piece without an end")
    return content
