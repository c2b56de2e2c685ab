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
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final, NamedTuple

from indexer.postings.bits import members_of, set_of

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


def blocks_with(blocks: Iterable[Block], replaced: Mapping[int, Iterable[int]]) -> Iterator[Block]:
    """The blocks that `blocks_of` gives when some files have other trigrams than in these.

    `blocks` are all of a snapshot in order, `replaced` the trigrams of those files by number.

    Raises:
        BlockDamaged: one of them is no block.
    """
    added: dict[int, dict[int, list[int]]] = {}
    gone: dict[int, set[int]] = {}
    for file_no in sorted(replaced):
        segment, number = divmod(file_no, SEGMENT_FILES)
        gone.setdefault(segment, set()).add(number)
        lists = added.setdefault(segment, {})
        for trigram in replaced[file_no]:
            lists.setdefault(trigram, []).append(number)
    standing = {segment: list(those) for segment, those in groupby(blocks, lambda one: one.segment)}
    for segment in sorted({*standing, *added}):
        lists_of = (found for one in standing.get(segment, ()) for found in _lists(one.content))
        changed = _changed(lists_of, gone.get(segment, set()), added.get(segment, {}))
        yield from _cut(segment, changed)


def _changed(
    lists: Iterable[tuple[int, bytes, bool]], gone: set[int], added: dict[int, list[int]]
) -> Iterator[tuple[int, bytes, bool]]:
    """The lists without the files `gone`, and with those `added`, in the order of trigrams."""
    mask = set_of(gone)
    new = iter(sorted(added))
    following = next(new, None)
    for trigram, posting, as_bits in lists:
        while following is not None and following < trigram:
            yield following, *_written(array("H", added[following]))
            following = next(new, None)
        joins = added[trigram] if following == trigram else []
        if joins:
            following = next(new, None)
        files = int.from_bytes(posting, "little") if as_bits else 0
        numbers = () if as_bits else struct.unpack(f"<{len(posting) // _NUMBER_BYTES}H", posting)
        touched = bool(files & mask) if as_bits else not gone.isdisjoint(numbers)
        if not touched and not joins:
            yield trigram, posting, as_bits
            continue
        left = (files if as_bits else set_of(numbers)) & ~mask | set_of(joins)
        if left:
            yield trigram, *_written(array("H", members_of(left)))
    while following is not None:
        yield following, *_written(array("H", added[following]))
        following = next(new, None)


def _lists(block: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """The lists of a block: each with its trigram, and whether it is bits."""
    try:
        (count,) = struct.unpack_from("<H", block)
        heads = struct.unpack_from(f"<{count}I{count}H", block, 2)
    except struct.error:
        raise BlockDamaged("a block of postings without its heads") from None
    start = 2 + _LIST_HEAD_BYTES * count
    for trigram, length in zip(heads[:count], heads[count:], strict=True):
        posting = block[start : start + (length & _LENGTH)]
        start += len(posting)
        if len(posting) != length & _LENGTH:
            raise BlockDamaged("a block of postings that is cut off")
        yield trigram, posting, bool(length & _AS_BITS)


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
    return _cut(segment, ((trigram, *_written(lists[trigram])) for trigram in sorted(lists)))


def _cut(segment: int, lists: Iterable[tuple[int, bytes, bool]]) -> Iterator[Block]:
    heads: list[tuple[int, int]] = []
    postings: list[bytes] = []
    size = 0
    for trigram, posting, as_bits in lists:
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
