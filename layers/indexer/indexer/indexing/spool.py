"""Pieces of bytes that wait on the disk, in a file of the run's folder, until they are stored."""

from __future__ import annotations

import errno
import os
from array import array
from pathlib import Path

from indexer.git.failures import DiskFull


class Spool:
    """Pieces by number, in the order of their arrival. Not for several threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b", buffering=0)
        self._starts = array("Q", [0])

    def append(self, piece: bytes) -> int:
        """Keep a piece; its number, from 0.

        Raises:
            DiskFull: it does not fit on the disk.
        """
        left = memoryview(piece)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull from None
            raise
        self._starts.append(self._starts[-1] + len(piece))
        return len(self._starts) - 2

    def __getitem__(self, number: int) -> bytes:
        """The piece with this number."""
        start, end = self._starts[number], self._starts[number + 1]
        return os.pread(self._file.fileno(), end - start, start)

    def close(self) -> None:
        """Close the file; it goes with the folder that it is in."""
        self._file.close()
