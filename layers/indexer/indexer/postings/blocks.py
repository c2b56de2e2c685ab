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
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def blocks_with(
    blocks: Iterable[Block],
    replaced: Mapping[int, Iterable[int]],
    before: Mapping[int, Iterable[int]] | None = None,
) -> Iterator[Block]:
    """The blocks that `blocks_of` gives when some files have other trigrams than in these.

    `blocks` are all of a snapshot in order, `replaced` the trigrams of those files by number, and
    `before` those that they have in the blocks: with it, most blocks are not looked into.

    Raises:
        BlockDamaged: one of them is no block.
    """
    changes: dict[int, _Changes] = {}
    for file_no in sorted(replaced):
        segment, number = divmod(file_no, SEGMENT_FILES)
        had = None if before is None else before[file_no]
        changes.setdefault(segment, _Changes()).add(number, replaced[file_no], had)
    standing = {segment: list(those) for segment, those in groupby(blocks, lambda one: one.segment)}
    for segment in sorted({*standing, *changes}):
        yield from _of_segment(segment, standing.get(segment, []), changes.get(segment, _Changes()))


def renumbered_blocks(blocks: Iterable[Block], numbers: Sequence[int]) -> Iterator[Block]:
    """The blocks that `blocks_of` gives when files have other numbers, in the same order.

    All are of the first segment. `numbers` has for each of its files the number that it has by now,
    or -1: it is in no list then.

    Raises:
        BlockDamaged: one of them is no block.
    """
    moved = _Moved(numbers)
    cut = _Cut(0)
    for block in blocks:
        for trigram, posting, as_bits in _lists(block.content):
            files = moved.files(posting, as_bits=as_bits)
            if files:
                yield from cut.take(trigram, *_written(files))
    yield from cut.end()


class _Moved:
    """Moves the files of posting lists to other numbers."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers
        self._runs: list[tuple[int, int, int]] = []
        for number, now in enumerate(numbers):
            if now < 0:
                continue
            if self._runs and self._runs[-1][1] == number and self._runs[-1][2] == now - number:
                self._runs[-1] = (self._runs[-1][0], number + 1, now - number)
            else:
                self._runs.append((number, number + 1, now - number))

    def files(self, posting: bytes, *, as_bits: bool) -> array[int]:
        """The numbers that the files of a list have by now."""
        if as_bits:
            return array("H", members_of(self._set(int.from_bytes(posting, "little"))))
        numbers = self._numbers
        try:
            return array("H", [now for one in _numbers(posting) if (now := numbers[one]) >= 0])
        except IndexError:
            raise BlockDamaged("a posting list with a file that is not there") from None

    def _set(self, files: int) -> int:
        if files >> len(self._numbers):
            raise BlockDamaged("a posting list with a file that is not there")
        moved = 0
        for start, end, by in self._runs:
            run = files >> start & (1 << end - start) - 1
            moved |= run << start + by
        return moved


class _Changes:
    """What changes in one segment: files that go, and the lists that they join, by trigram."""

    def __init__(self) -> None:
        self.gone: set[int] = set()
        self.added: dict[int, list[int]] = {}
        self._touched: set[int] = set()
        self._all_touched = False

    def add(self, number: int, now: Iterable[int], had: Iterable[int] | None) -> None:
        """Note a file; its number within the segment must go up."""
        self.gone.add(number)
        trigrams = set(now)
        for trigram in trigrams:
            self.added.setdefault(trigram, []).append(number)
        if had is None:
            self._all_touched = True
        else:
            self._touched |= trigrams.symmetric_difference(had)

    def touched(self, firsts: Sequence[int]) -> tuple[set[int], set[int]]:
        """Of blocks that begin with these trigrams, those with lists that change.

        By number: those in which one does, and those of which the first one may.
        """
        every = set(range(len(firsts)))
        if self._all_touched:
            return every, every
        inside = {max(0, bisect_right(firsts, one) - 1) for one in self._touched} & every
        return inside, {at for at, first in enumerate(firsts) if first in self._touched}


def _of_segment(segment: int, blocks: list[Block], changes: _Changes) -> Iterator[Block]:
    """The blocks of a segment. One that begins where it did and in which nothing changes stays."""
    firsts = [one.first_trigram for one in blocks]
    inside, at_first = changes.touched(firsts)
    joining = sorted(changes.added)
    starts = [0, *(bisect_left(joining, one) for one in firsts[1:]), len(joining)]
    cut = _Cut(segment)
    for at, block in enumerate(blocks):
        if at not in inside and at + 1 not in at_first and cut.is_full_for(block.content):
            yield from cut.end()
            yield block
            continue
        joins = {one: changes.added[one] for one in joining[starts[at] : starts[at + 1]]}
        for found in _changed(_lists(block.content), changes.gone, joins):
            yield from cut.take(*found)
    if not blocks:
        for found in _changed((), changes.gone, changes.added):
            yield from cut.take(*found)
    yield from cut.end()


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
        numbers = () if as_bits else _numbers(posting)
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
        posting = _posting(block, start, length)
        start += len(posting)
        yield trigram, posting, bool(length & _AS_BITS)


def _posting(block: bytes, start: int, length: int) -> bytes:
    """The list that begins at `start`, with its length as the heads have it."""
    posting = block[start : start + (length & _LENGTH)]
    if len(posting) != length & _LENGTH:
        raise BlockDamaged("a block of postings that is cut off")
    return posting


def _numbers(posting: bytes) -> tuple[int, ...]:
    """A list that is no bits."""
    return struct.unpack(f"<{len(posting) // _NUMBER_BYTES}H", posting)


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
    posting = _posting(block, start, lengths[at])
    as_bits = lengths[at] & _AS_BITS
    files = int.from_bytes(posting, "little") if as_bits else set_of(_numbers(posting))
    return files << segment * SEGMENT_FILES


def _blocks(segment: int, lists: dict[int, array[int]]) -> Iterator[Block]:
    cut = _Cut(segment)
    for trigram in sorted(lists):
        yield from cut.take(trigram, *_written(lists[trigram]))
    yield from cut.end()


class _Cut:
    """Cuts the lists of a segment, as they come, into blocks."""

    def __init__(self, segment: int) -> None:
        self._segment = segment
        self._heads: list[tuple[int, int]] = []
        self._postings: list[bytes] = []
        self._size = 0

    def is_full_for(self, block: bytes) -> bool:
        """Whether the first list of a block would begin one here, too."""
        return not self._heads or not self._fits(next(_lists(block))[1])

    def _fits(self, posting: bytes) -> bool:
        return self._size + _LIST_HEAD_BYTES + len(posting) <= BLOCK_BYTES

    def take(self, trigram: int, posting: bytes, as_bits: bool) -> Iterator[Block]:  # noqa: FBT001
        """Take one more list; the block before it, if it does not fit in."""
        if self._heads and not self._fits(posting):
            yield from self.end()
        self._heads.append((trigram, len(posting) | (_AS_BITS if as_bits else 0)))
        self._postings.append(posting)
        self._size += _LIST_HEAD_BYTES + len(posting)

    def end(self) -> Iterator[Block]:
        """The block of what waits, if anything does."""
        if self._heads:
            yield _block(self._segment, self._heads, self._postings)
            self._heads, self._postings, self._size = [], [], 0


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
