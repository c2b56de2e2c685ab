"""The facts of a commit's files: so many in memory, the others in a file of the run's folder.

A large repository has more facts than a worker has memory. They are written once, while files are
parsed, and read in order a few times, while they are linked and stored.
"""

from __future__ import annotations

import zlib
from pathlib import Path

from indexer.indexing.spool import Spool
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
        self._spool = Spool(path)
        self._left = most_held
        self._held: dict[int, FileFacts] = {}

    def append(self, facts: FileFacts) -> int:
        """Keep the facts of one file; their number, from 0.

        Raises:
            DiskFull: they do not fit on the disk.
        """
        size = _count(facts)
        if size > self._left:
            self._left = 0
            return self._spool.append(zlib.compress(wire.encode(facts), COMPRESSION))
        self._left -= size
        number = self._spool.append(b"")
        self._held[number] = facts
        return number

    def __getitem__(self, number: int) -> FileFacts:
        """The facts with this number."""
        if number in self._held:
            return self._held[number]
        return wire.decode(zlib.decompress(self._spool[number]), [FileFacts])

    def close(self) -> None:
        """Close the file; it goes with the folder that it is in."""
        self._spool.close()


def _count(facts: FileFacts) -> int:
    lists = (facts.symbols, facts.references, facts.requests, facts.imports, facts.exports)
    return sum(len(one) for one in lists)
