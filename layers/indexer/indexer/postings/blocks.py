"""Posting lists: which files of a snapshot hold a trigram, packed into blocks of a few kilobytes.

Files are taken by segments of 65,536, so that a number within one has two bytes. Within a segment
the lists stand in the order of their trigrams and are cut into blocks, each named by its first
trigram: the block that may hold a trigram is the last one that begins no later. A list is written
as its numbers or as one bit for each file, whichever is shorter.

A block is: how many lists it has (2 bytes), their trigrams (4 bytes each), the length of each list
in bytes (2 each, the highest bit set where it is bits), and the lists. All numbers are
little-endian.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from indexer.postings.bits import set_of

SEGMENT_FILES: Final = 1 << 16
# Two of them lie in one page of the database, with the heads of their rows.
BLOCK_BYTES: Final = 3_900

_NUMBER_BYTES: Final = 2
_LIST_HEAD_BYTES: Final = 6
_AS_BITS: Final = 1 << 15
_LENGTH: Final = _AS_BITS - 1


class Block(NamedTuple):
    """Some posting lists of one segment of a snapshot, in the order of their trigrams."""

    segment: int
    first_trigram: int
    content: bytes


class BlockDamaged(ValueError):
    """The bytes are no block."""


def blocks_of(files: Iterable[tuple[int, Iterable[int]]]) -> Iterator[Block]:
    """The blocks of all posting lists, from each file's number and distinct trigrams.

    The numbers must go up. No more than one segment's lists are held at a time.
    """
    lists: dict[int, array[int]] = {}
    segment = 0
    for file_no, trigrams in files:
        if file_no // SEGMENT_FILES != segment:
            yield from _blocks(segment, lists)
            lists, segment = {}, file_no // SEGMENT_FILES
        number = file_no % SEGMENT_FILES
        for trigram in trigrams:
            # Asking for forgiveness: a trigram is new once and known a hundred times.
            try:
                lists[trigram].append(number)
            except KeyError:
                lists[trigram] = array("H", (number,))
    yield from _blocks(segment, lists)


def files_holding(block: bytes, trigram: int, *, segment: int) -> int:
    """The files that hold a trigram as a set of bits, bit n for file n; 0: the block has no list.

    Raises:
        BlockDamaged: it is no block.
    """
    try:
        (count,) = struct.unpack_from("<H", block)
        trigrams = struct.unpack_from(f"<{count}I", block, 2)
        at = bisect_left(trigrams, trigram)
        if at == count or trigrams[at] != trigram:
            return 0
        lengths = struct.unpack_from(f"<{count}H", block, 2 + 4 * count)
    except struct.error:
        raise BlockDamaged("a block of postings without its heads") from None
    start = 2 + _LIST_HEAD_BYTES * count + sum(one & _LENGTH for one in lengths[:at])
    posting = block[start : start + (lengths[at] & _LENGTH)]
    if len(posting) != lengths[at] & _LENGTH:
        raise BlockDamaged("a block of postings that is cut off")
    if lengths[at] & _AS_BITS:
        files = int.from_bytes(posting, "little")
    else:
        files = set_of(struct.unpack(f"<{len(posting) // _NUMBER_BYTES}H", posting))
    return files << segment * SEGMENT_FILES


def _blocks(segment: int, lists: dict[int, array[int]]) -> Iterator[Block]:
    heads: list[tuple[int, int]] = []
    postings: list[bytes] = []
    size = 0
    for trigram in sorted(lists):
        posting, as_bits = _written(lists[trigram])
        if heads and size + _LIST_HEAD_BYTES + len(posting) > BLOCK_BYTES:
            yield _block(segment, heads, postings)
            heads, postings, size = [], [], 0
        heads.append((trigram, len(posting) | (_AS_BITS if as_bits else 0)))
        postings.append(posting)
        size += _LIST_HEAD_BYTES + len(posting)
    if heads:
        yield _block(segment, heads, postings)


def _block(segment: int, heads: list[tuple[int, int]], postings: list[bytes]) -> Block:
    trigrams, lengths = zip(*heads, strict=True)
    count = len(heads)
    written = struct.pack(f"<H{count}I{count}H", count, *trigrams, *lengths)
    return Block(segment, trigrams[0], written + b"".join(postings))


def _written(numbers: array[int]) -> tuple[bytes, bool]:
    """A list, and whether it is bits. Numbers go up, so the last one tells how many bits."""
    width = numbers[-1] // 8 + 1
    if len(numbers) * _NUMBER_BYTES <= width:
        return struct.pack(f"<{len(numbers)}H", *numbers), False
    return set_of(numbers).to_bytes(width, "little"), True
