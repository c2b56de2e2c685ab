"""The trigrams of files on their way from a parsing child into the posting lists.

A child packs them; who takes them believes nothing of them. They are also kept with what is known
of a blob, so that an unchanged file is not read again to be found.
"""

from __future__ import annotations

import struct
from itertools import islice
from operator import lt
from typing import Final

from indexer.postings.trigrams import LARGEST, trigrams_of
from indexer.sandbox.packing import packed_piece, unpacked_piece
from indexer.sandbox.wire import MessageRefused

_BYTES: Final = 4


def packed_trigrams(text: bytes) -> bytes:
    """The trigrams of a text, packed."""
    found = sorted(trigrams_of(text))
    return packed_piece(struct.pack(f"<{len(found)}I", *found))


def unpacked_trigrams(piece: bytes) -> tuple[int, ...]:
    """The trigrams that `packed_trigrams` gave, distinct and in order.

    Raises:
        MessageRefused: they are none.
    """
    written = unpacked_piece(piece, most_bytes=_BYTES * (LARGEST + 1))
    if len(written) % _BYTES:
        raise MessageRefused("trigrams without an end")
    found = struct.unpack(f"<{len(written) // _BYTES}I", written)
    if (found and found[-1] > LARGEST) or not all(map(lt, found, islice(found, 1, None))):
        raise MessageRefused("trigrams that are none")
    return found
