"""Keeping the pack of a fetch: received within bounds, each object checked, indexed by its id.

The pack is untrusted in every byte. Sizes are claims: an object is inflated no further than its
header says, and a header that says too much ends the fetch or leaves the object out. The index is
git's own, version 2, so the result is a repository that any git program reads.
"""

from __future__ import annotations

import hashlib
import mmap
import zlib
from collections import defaultdict
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from dulwich.errors import ApplyDeltaError
from dulwich.pack import apply_delta, write_pack_index_v2

from indexer.git.limits import Meter

HEADER_BYTES: Final = 12
CHECKSUM_BYTES: Final = 20
PIECE_BYTES: Final = 64 * 1024
VARINT_BYTES: Final = 10
# What zlib may add to data that does not compress, and then some.
ZLIB_SPARE: Final = 64

OFFSET_DELTA, ID_DELTA = 6, 7
KINDS: Final = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}


class PackCorrupt(ValueError):
    """The bytes are no pack, or no object of a pack."""


class Entry(NamedTuple):
    """Where an object's data starts in the pack, and what its header claims.

    For a delta `size` is the delta's own, and `base` is the offset or the id of what it changes.
    """

    offset: int
    kind: int
    size: int
    data_offset: int
    base: int | bytes | None


class PackWriter:
    """Takes a pack as it arrives and writes it to `file`, which it does not own."""

    def __init__(self, file: BinaryIO, meter: Meter) -> None:
        self._file = file
        self._meter = meter
        self._hash = hashlib.sha1(usedforsecurity=False)
        self._tail = b""
        self._header = b""

    def write(self, piece: bytes) -> None:
        """Take the next bytes of the pack."""
        if len(self._header) < HEADER_BYTES:
            self._read_header(piece)
        self._file.write(piece)
        # The last twenty bytes are the checksum, and which are the last is known at the end.
        data = self._tail + piece
        self._hash.update(data[:-CHECKSUM_BYTES])
        self._tail = data[-CHECKSUM_BYTES:]

    def _read_header(self, piece: bytes) -> None:
        self._header += piece[: HEADER_BYTES - len(self._header)]
        if len(self._header) < HEADER_BYTES:
            return
        if self._header[:4] != b"PACK" or self._header[4:8] not in {b"\0\0\0\2", b"\0\0\0\3"}:
            raise PackCorrupt("not a pack")
        self._meter.expect_objects(int.from_bytes(self._header[8:], "big"))

    def finish(self) -> str:
        """The pack's checksum, which is right.

        Raises:
            PackCorrupt: it is wrong, or bytes are missing.
        """
        self._file.flush()
        if len(self._header) < HEADER_BYTES or self._hash.digest() != self._tail:
            raise PackCorrupt("the checksum of the pack is wrong")
        return self._tail.hex()


def read_header(data: mmap.mmap | bytes, offset: int) -> Entry:
    """The header of the object at `offset`."""
    position = offset
    byte = data[position]
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80:
        position += 1
        byte = data[position]
        size |= (byte & 0x7F) << shift
        shift += 7
        if shift > 7 * VARINT_BYTES:
            raise PackCorrupt("a size without an end")
    position += 1
    if kind == OFFSET_DELTA:
        distance, position = _read_distance(data, position)
        return Entry(offset, kind, size, position, offset - distance)
    if kind == ID_DELTA:
        end = position + CHECKSUM_BYTES
        return Entry(offset, kind, size, end, bytes(data[position:end]))
    if kind not in KINDS:
        raise PackCorrupt("an object of no known kind")
    return Entry(offset, kind, size, position, None)


def _read_distance(data: mmap.mmap | bytes, position: int) -> tuple[int, int]:
    byte = data[position]
    distance = byte & 0x7F
    for _ in range(VARINT_BYTES):
        position += 1
        if not byte & 0x80:
            return distance, position
        byte = data[position]
        distance = ((distance + 1) << 7) | (byte & 0x7F)
    raise PackCorrupt("a distance without an end")


def delta_sizes(delta: bytes) -> tuple[int, int]:
    """What a delta's head says: the size of its base, and of what it makes of it."""
    base_size, position = _read_varint(delta, 0)
    result_size, _ = _read_varint(delta, position)
    return base_size, result_size


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for count, byte in enumerate(data[position : position + VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * count)
        if not byte & 0x80:
            return value, position + count + 1
    raise PackCorrupt("a size without an end")


def inflate(data: mmap.mmap | bytes, offset: int, size: int) -> tuple[bytes, int]:
    """The `size` bytes deflated at `offset`, and where their deflated form ends."""
    inflater = zlib.decompressobj()
    pieces = []
    made = 0
    feed = min(size + (size >> 8) + ZLIB_SPARE, PIECE_BYTES)
    try:
        while not inflater.eof:
            fed = data[offset : offset + feed]
            if not fed:
                raise PackCorrupt("an object without an end")
            offset += len(fed)
            # One byte more than claimed, so that a lie shows.
            piece = inflater.decompress(fed, size - made + 1)
            made += len(piece)
            if made > size or inflater.unconsumed_tail:
                raise PackCorrupt("an object larger than it says")
            pieces.append(piece)
    except zlib.error:
        raise PackCorrupt("an object that does not inflate") from None
    if made != size:
        raise PackCorrupt("an object smaller than it says")
    return (pieces[0] if len(pieces) == 1 else b"".join(pieces)), offset - len(inflater.unused_data)


def inflate_head(data: mmap.mmap | bytes, entry: Entry) -> bytes:
    """The first bytes of an entry's content, enough for the sizes at the head of a delta."""
    fed = data[entry.data_offset : entry.data_offset + PIECE_BYTES]
    try:
        return zlib.decompressobj().decompress(fed, 2 * VARINT_BYTES)
    except zlib.error:
        raise PackCorrupt("an object that does not inflate") from None


def skip(data: mmap.mmap | bytes, entry: Entry) -> int:
    """Where the object ends, found without keeping what it inflates to."""
    inflater = zlib.decompressobj()
    offset, made = entry.data_offset, 0
    fed: bytes = b""
    try:
        while not inflater.eof:
            if not fed:
                fed = data[offset : offset + PIECE_BYTES]
                offset += len(fed)
            if not fed:
                raise PackCorrupt("an object without an end")
            made += len(inflater.decompress(fed, PIECE_BYTES * 16))
            fed = inflater.unconsumed_tail
            if made > entry.size:
                raise PackCorrupt("an object larger than it says")
    except zlib.error:
        raise PackCorrupt("an object that does not inflate") from None
    return offset - len(inflater.unused_data)


def apply(base: bytes, delta: bytes) -> bytes:
    """What the delta makes of its base; its sizes were checked before."""
    try:
        return b"".join(apply_delta(base, delta))
    except (ApplyDeltaError, AssertionError, IndexError, ValueError):
        raise PackCorrupt("a delta that does not fit its base") from None


class PackIndexer:
    """Finds the id of every object of a pack, in one pass and then along the deltas."""

    def __init__(self, data: mmap.mmap | bytes, meter: Meter) -> None:
        self._data = data
        self._meter = meter
        self._object_bytes = meter.limits.object_bytes
        self._found: dict[bytes, tuple[int, int]] = {}
        self._whole: list[tuple[Entry, bytes]] = []
        self._pending: dict[int | bytes, list[tuple[Entry, int]]] = defaultdict(list)
        self._left_out: list[int] = []

    def entries(self) -> list[tuple[bytes, int, int]]:
        """Every object's id, offset and CRC, ordered by id. Those too large are left out.

        Raises:
            PackCorrupt: the pack does not hold what it says.
            TooManyBytesInflated: it inflates to more than the limit.
        """
        try:
            self._pass_through()
            for entry, sha in self._whole:
                if entry.offset in self._pending or sha in self._pending:
                    self._resolve(entry, sha)
        except IndexError:
            raise PackCorrupt("an object that starts after the end") from None
        self._leave_out()
        return sorted((sha, offset, check) for sha, (offset, check) in self._found.items())

    def _pass_through(self) -> None:
        offset = HEADER_BYTES
        for _ in range(int.from_bytes(self._data[8:HEADER_BYTES], "big")):
            entry = read_header(self._data, offset)
            self._meter.count_inflated(entry.size)
            if entry.size > self._object_bytes:
                self._left_out.append(offset)
                offset = skip(self._data, entry)
                continue
            content, end = inflate(self._data, entry.data_offset, entry.size)
            self._take(entry, content, zlib.crc32(self._data[offset:end]))
            offset = end
        if offset != len(self._data) - CHECKSUM_BYTES:
            raise PackCorrupt("bytes after the last object")

    def _take(self, entry: Entry, content: bytes, check: int) -> None:
        if entry.base is None:
            self._whole.append((entry, self._record(entry.kind, content, entry.offset, check)))
        elif max(delta_sizes(content)) > self._object_bytes:
            self._left_out.append(entry.offset)
        else:
            self._pending[entry.base].append((entry, check))

    def _record(self, kind: int, content: bytes, offset: int, check: int) -> bytes:
        head = b"%s %d\0" % (KINDS[kind], len(content))
        sha = hashlib.sha1(head + content, usedforsecurity=False).digest()
        self._found.setdefault(sha, (offset, check))
        self._meter.count_object()
        return sha

    def _resolve(self, whole: Entry, sha: bytes) -> None:
        """Make everything that is, directly or not, a delta against a whole object."""
        content, _ = inflate(self._data, whole.data_offset, whole.size)
        # The base is kept beside each waiting delta, not the result: a thousand deltas against
        # one object hold that one object.
        waiting = [(one, content) for one in self._against(whole.offset, sha)]
        while waiting:
            (entry, check), base = waiting.pop()
            made = self._make(entry, base)
            made_sha = self._record(whole.kind, made, entry.offset, check)
            waiting += [(one, made) for one in self._against(entry.offset, made_sha)]

    def _against(self, offset: int, sha: bytes) -> list[tuple[Entry, int]]:
        return self._pending.pop(offset, []) + self._pending.pop(sha, [])

    def _make(self, entry: Entry, base: bytes) -> bytes:
        delta, _ = inflate(self._data, entry.data_offset, entry.size)
        self._meter.count_inflated(delta_sizes(delta)[1])
        return apply(base, delta)

    def _leave_out(self) -> None:
        """Give up the deltas against what was left out; any other is without its base."""
        left_out = bool(self._left_out)
        while self._left_out:
            waiting = self._pending.pop(self._left_out.pop(), [])
            self._left_out += [entry.offset for entry, _ in waiting]
        # What was left out has no id that a delta by id could be matched with.
        if any(not left_out or isinstance(base, int) for base in self._pending):
            raise PackCorrupt("a delta without its base")


def write_index(pack: Path, checksum: str, meter: Meter) -> None:
    """Write the index of a complete pack beside it.

    Raises:
        PackCorrupt: the pack does not hold what it says.
        TooManyBytesInflated: it inflates to more than the limit.
    """
    with pack.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        entries = PackIndexer(data, meter).entries()
    with pack.with_suffix(".idx").open("wb") as index:
        write_pack_index_v2(index, entries, bytes.fromhex(checksum))
