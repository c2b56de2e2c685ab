"""Reading what a fetch left: objects by their id, their size known before they are inflated.

The store is opened anew in every process that reads from it. Nothing is ever written, and the only
paths that are opened are those of the store itself.
"""

from __future__ import annotations

import errno
import mmap
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from dulwich.lru_cache import LRUSizeCache
from dulwich.object_format import SHA1
from dulwich.objects import RawObjectID
from dulwich.pack import PackIndex, load_pack_index

from indexer.errors import PermanentJobError
from indexer.git import pack
from indexer.git.pack import Entry, PackCorrupt

MAX_CHAIN: Final = 4096
BASE_CACHE_BYTES: Final = 16 * 1024 * 1024


class ObjectMissing(PermanentJobError):
    """The object was not fetched: too large for the filter, or not part of the commit."""

    code = "object_missing"

    def __init__(self) -> None:
        super().__init__("the object is not among those fetched")


class ObjectTooLarge(PermanentJobError):
    """The object is larger than the reader wants it; nothing was inflated to find that out."""

    code = "object_too_large"

    def __init__(self, *, size: int, limit: int) -> None:
        super().__init__(f"the object has {size} bytes, the limit is {limit}")
        self.size, self.limit = size, limit


class ObjectInfo(NamedTuple):
    """What an object's header says."""

    kind: str
    size: int


class _Pack(NamedTuple):
    """A pack that is open, with its index."""

    ids: PackIndex
    data: mmap.mmap

    def offset(self, sha: bytes) -> int | None:
        """Where an object starts, None when it is in another pack or in none."""
        try:
            return self.ids.object_offset(RawObjectID(sha))
        except KeyError:
            return None

    def entry(self, offset: int) -> Entry:
        """The header of the object at `offset`."""
        try:
            return pack.read_header(self.data, offset)
        except IndexError:
            raise PackCorrupt("an object that starts after the end") from None

    def chain(self, offset: int) -> list[Entry]:
        """The entry at `offset` and those it is a delta against, the whole object last."""
        chain = [self.entry(offset)]
        while (base := chain[-1].base) is not None:
            at = base if isinstance(base, int) else self.offset(base)
            if at is None or len(chain) >= MAX_CHAIN:
                raise PackCorrupt("a delta without its base")
            chain.append(self.entry(at))
        return chain

    def size(self, entry: Entry) -> int:
        """How large the object is that the entry makes."""
        if entry.base is None:
            return entry.size
        return pack.delta_sizes(pack.inflate_head(self.data, entry))[1]


class ObjectStore:
    """The objects of one fetched commit, in one pack or several. Not for several threads."""

    def __init__(self, directory: Path, *, base_bytes: int) -> None:
        """Open the packs that are under `directory` now; no object over `base_bytes` is inflated.

        Raises:
            FileNotFoundError: no fetch was completed there.
        """
        index_paths = sorted((directory / "objects" / "pack").glob("pack-*.idx"))
        if not index_paths:
            raise FileNotFoundError(errno.ENOENT, "no fetch was completed there")
        self._base_bytes = base_bytes
        self._cache = LRUSizeCache[tuple[int, int], bytes](BASE_CACHE_BYTES, compute_size=len)
        self._packs: list[_Pack] = []
        with ExitStack() as stack:
            for path in index_paths:
                index = load_pack_index(path, SHA1)
                stack.callback(index.close)
                file = stack.enter_context(path.with_suffix(".pack").open("rb"))
                data = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
                self._packs.append(_Pack(index, data))
            self._resources = stack.pop_all()

    def info(self, sha: str) -> ObjectInfo | None:
        """Kind and size of an object, None when it was not fetched. Next to nothing is inflated.

        Raises:
            PackCorrupt: the store is damaged.
        """
        place = self._place(sha)
        if place is None:
            return None
        number, offset = place
        holder = self._packs[number]
        chain = holder.chain(offset)
        return ObjectInfo(pack.KINDS[chain[-1].kind].decode(), holder.size(chain[0]))

    def read(self, sha: str, *, limit: int) -> bytes:
        """The content of an object of at most `limit` bytes.

        Raises:
            ObjectMissing: it was not fetched.
            ObjectTooLarge: it is larger.
            PackCorrupt: the store is damaged.
        """
        place = self._place(sha)
        if place is None:
            raise ObjectMissing
        number, offset = place
        holder = self._packs[number]
        chain = holder.chain(offset)
        if (size := holder.size(chain[0])) > limit:
            raise ObjectTooLarge(size=size, limit=limit)
        return self._make(number, chain)

    def _place(self, sha: str) -> tuple[int, int] | None:
        """The number of the pack that holds an object, and its offset there."""
        raw = bytes.fromhex(sha)
        for number, one in enumerate(self._packs):
            if (offset := one.offset(raw)) is not None:
                return number, offset
        return None

    def _make(self, number: int, chain: list[Entry]) -> bytes:
        """The content of the first entry, made from the nearest base that is at hand."""
        deltas: list[Entry] = []
        content: bytes | None = None
        for entry in chain:
            if (content := self._cache.get((number, entry.offset))) is not None:
                break
            deltas.append(entry)
        if content is None:
            whole = deltas.pop()
            content = self._keep(number, whole, self._inflate(number, whole))
        for entry in reversed(deltas):
            delta = self._inflate(number, entry)
            if max(pack.delta_sizes(delta)) > self._base_bytes:
                raise PackCorrupt("a delta that makes too much")
            content = self._keep(number, entry, pack.apply(content, delta))
        return content

    def _inflate(self, number: int, entry: Entry) -> bytes:
        if entry.size > self._base_bytes:
            raise PackCorrupt("an object that should not be indexed")
        return pack.inflate(self._packs[number].data, entry.data_offset, entry.size)[0]

    def _keep(self, number: int, entry: Entry, content: bytes) -> bytes:
        self._cache[number, entry.offset] = content
        return content

    def close(self) -> None:
        """Close the files. Objects that were read stay valid."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
