"""The facts of a commit's files: so many in memory, the others in a file of the run's folder.

A large repository has more facts than a worker has memory. They are written once, while files are
parsed, and read in order a few times, while they are linked and stored.
"""

from __future__ import annotations

import errno
import os
import zlib
from array import array
from pathlib import Path
from types import TracebackType
from typing import Self

from indexer.git.failures import DiskFull
from indexer.parsing.facts import FileFacts
from indexer.sandbox import wire

# Facts shrink to a tenth at the lowest level, and faster than a disk would take them.
COMPRESSION = 1


class FactsSpool:
    """Facts by number, in the order of their arrival. Not for several threads.

    The first `most_held` facts (symbols, references and the like) stay in memory; whatever comes
    after them lies in the file `path`.
    """

    def __init__(self, path: Path, *, most_held: int) -> None:
        self._file = path.open("w+b", buffering=0)
        self._left = most_held
        self._held: dict[int, FileFacts] = {}
        self._starts = array("Q", [0])

    def append(self, facts: FileFacts) -> int:
        """Keep the facts of one file; their number, from 0.

        Raises:
            DiskFull: they do not fit on the disk.
        """
        number = len(self._starts) - 1
        end = self._starts[-1]
        size = _count(facts)
        if size <= self._left:
            self._left -= size
            self._held[number] = facts
        else:
            self._left = 0
            end += self._write(zlib.compress(wire.encode(facts), COMPRESSION))
        self._starts.append(end)
        return number

    def __getitem__(self, number: int) -> FileFacts:
        """The facts with this number."""
        if number in self._held:
            return self._held[number]
        start, end = self._starts[number], self._starts[number + 1]
        written = os.pread(self._file.fileno(), end - start, start)
        return wire.decode(zlib.decompress(written), [FileFacts])

    def _write(self, data: bytes) -> int:
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull from None
            raise
        return len(data)

    def close(self) -> None:
        """Close the file; it goes with the folder that it is in."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _count(facts: FileFacts) -> int:
    lists = (facts.symbols, facts.references, facts.requests, facts.imports, facts.exports)
    return sum(len(one) for one in lists)
