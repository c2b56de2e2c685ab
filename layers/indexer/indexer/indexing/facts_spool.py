"""The facts of a commit's files: so many in memory, all of them in a file of the run's folder.

A large repository has more facts than a worker has memory. They are written once, packed as they
came, while files are parsed, read in order a few times, while they are linked and stored, and kept
with the index as they are.
"""

from __future__ import annotations

from pathlib import Path

from indexer.indexing.spool import Spool
from indexer.parsing.facts import FileFacts
from indexer.sandbox import wire
from indexer.sandbox.packing import packed_piece, unpacked_piece
from indexer.settings import MEBIBYTE

MOST_BYTES = 64 * MEBIBYTE


def packed_facts(facts: FileFacts) -> bytes:
    """The facts of one file, packed."""
    return packed_piece(wire.encode(facts))


def unpacked_facts(piece: bytes) -> FileFacts:
    """The facts that `packed_facts` gave. Nothing of the bytes is believed.

    Raises:
        MessageRefused: they are none.
    """
    message = unpacked_piece(piece, most_bytes=MOST_BYTES)
    return wire.decode(message, [FileFacts])


class FactsSpool:
    """Facts by number, in the order of their arrival. Not for several threads.

    All of them lie in the file `path`, and the first `most_held` (symbols, references and the like)
    stay in memory too.
    """

    def __init__(self, path: Path, *, most_held: int) -> None:
        self._spool = Spool(path)
        self._left = most_held
        self._held: dict[int, FileFacts] = {}

    def append(self, piece: bytes, facts: FileFacts) -> int:
        """Keep the facts of one file, `piece` being them packed; their number, from 0.

        Raises:
            DiskFull: they do not fit on the disk.
        """
        number = self._spool.append(piece)
        self._hold(number, facts)
        return number

    def append_packed(self, piece: bytes) -> int:
        """Keep the facts of one file, which may never be asked for; their number, from 0.

        Raises:
            DiskFull: they do not fit on the disk.
        """
        return self._spool.append(piece)

    def __getitem__(self, number: int) -> FileFacts:
        """The facts with this number.

        Raises:
            MessageRefused: what was kept packed is none.
        """
        facts = self._held.get(number)
        if facts is None:
            facts = unpacked_facts(self._spool[number])
            self._hold(number, facts)
        return facts

    def _hold(self, number: int, facts: FileFacts) -> None:
        size = _count(facts)
        if size > self._left:
            self._left = 0
        else:
            self._left -= size
            self._held[number] = facts

    def packed(self, number: int) -> bytes:
        """The facts with this number, as they were given."""
        return self._spool[number]

    def close(self) -> None:
        """Close the file; it goes with the folder that it is in."""
        self._spool.close()


def _count(facts: FileFacts) -> int:
    lists = (facts.symbols, facts.references, facts.requests, facts.imports, facts.exports)
    return sum(len(one) for one in lists)
