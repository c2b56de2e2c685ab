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
from dulwich.pack import load_pack_index

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


class ObjectStore:
    """The objects of one fetched commit. Not for several threads."""

    def __init__(self, directory: Path, *, base_bytes: int) -> None:
        """Open the store under `directory`; no object over `base_bytes` is ever inflated.

        Raises:
            FileNotFoundError: no fetch was completed there.
        """
        index_path = next((directory / "objects" / "pack").glob("pack-*.idx"), None)
        if index_path is None:
            raise FileNotFoundError(errno.ENOENT, "no fetch was completed there")
        self._base_bytes = base_bytes
        self._cache = LRUSizeCache[int, bytes](BASE_CACHE_BYTES, compute_size=len)
        with ExitStack() as stack:
            self._index = load_pack_index(index_path, SHA1)
            stack.callback(self._index.close)
            file = stack.enter_context(index_path.with_suffix(".pack").open("rb"))
            self._data = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            self._resources = stack.pop_all()

    def info(self, sha: str) -> ObjectInfo | None:
        """Kind and size of an object, None when it was not fetched. Next to nothing is inflated.

        Raises:
            PackCorrupt: the store is damaged.
        """
        offset = self._offset(sha)
        if offset is None:
            return None
        chain = self._chain(offset)
        return ObjectInfo(pack.KINDS[chain[-1].kind].decode(), self._size(chain[0]))

    def read(self, sha: str, *, limit: int) -> bytes:
        """The content of an object of at most `limit` bytes.

        Raises:
            ObjectMissing: it was not fetched.
            ObjectTooLarge: it is larger.
            PackCorrupt: the store is damaged.
        """
        offset = self._offset(sha)
        if offset is None:
            raise ObjectMissing
        chain = self._chain(offset)
        if (size := self._size(chain[0])) > limit:
            raise ObjectTooLarge(size=size, limit=limit)
        return self._make(chain)

    def _offset(self, sha: str) -> int | None:
        return self._raw_offset(bytes.fromhex(sha))

    def _raw_offset(self, sha: bytes) -> int | None:
        try:
            return self._index.object_offset(RawObjectID(sha))
        except KeyError:
            return None

    def _chain(self, offset: int) -> list[Entry]:
        """The entry at `offset` and those it is a delta against, the whole object last."""
        chain = [self._entry(offset)]
        while (base := chain[-1].base) is not None:
            at = base if isinstance(base, int) else self._raw_offset(base)
            if at is None or len(chain) >= MAX_CHAIN:
                raise PackCorrupt("a delta without its base")
            chain.append(self._entry(at))
        return chain

    def _entry(self, offset: int) -> Entry:
        try:
            return pack.read_header(self._data, offset)
        except IndexError:
            raise PackCorrupt("an object that starts after the end") from None

    def _size(self, entry: Entry) -> int:
        if entry.base is None:
            return entry.size
        return pack.delta_sizes(pack.inflate_head(self._data, entry))[1]

    def _make(self, chain: list[Entry]) -> bytes:
        """The content of the first entry, made from the nearest base that is at hand."""
        deltas: list[Entry] = []
        content: bytes | None = None
        for entry in chain:
            if (content := self._cache.get(entry.offset)) is not None:
                break
            deltas.append(entry)
        if content is None:
            whole = deltas.pop()
            content = self._keep(whole, self._inflate(whole))
        for entry in reversed(deltas):
            delta = self._inflate(entry)
            if max(pack.delta_sizes(delta)) > self._base_bytes:
                raise PackCorrupt("a delta that makes too much")
            content = self._keep(entry, pack.apply(content, delta))
        return content

    def _inflate(self, entry: Entry) -> bytes:
        if entry.size > self._base_bytes:
            raise PackCorrupt("an object that should not be indexed")
        return pack.inflate(self._data, entry.data_offset, entry.size)[0]

    def _keep(self, entry: Entry, content: bytes) -> bytes:
        self._cache[entry.offset] = content
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
