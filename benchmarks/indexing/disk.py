"""How much a job writes to its folder, looked at from outside while it runs."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from indexing.measured import MEGABYTE
from kotadb_local.built.limits import bytes_on_disk

LOOK_EVERY_SECONDS = 0.02


class WatchedDisk:
    """Meanwhile looks at the folders of jobs in a work directory, every 20 ms.

    `most` is what they held at most, in MB; 0.0: there was none. What comes and goes between two
    looks is not seen.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        self._most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watched-disk")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def most(self) -> float:
        return self._most / MEGABYTE

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_SECONDS):
            self._most = max(self._most, sum(map(bytes_on_disk, self._work.glob("kotadb-*"))))
