"""Holds an execution environment to its memory and its /tmp, which the emulator does not."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.settings import MEBIBYTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOK_SECONDS: Final = 0.2
_PROC: Final = Path("/proc")
_STATE, _SESSION = 0, 3
"""Where they stand in `/proc/<pid>/stat`, behind the name of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an environment may use, in mebibytes."""

    memory_mb: int
    tmp_mb: int


class Watch:
    """Looks at the processes of a session and at a folder, until it is stopped or they are over.

    Memory is what the processes hold together, what they share counted once. `over` hears, once,
    which limit was passed; that is later by up to LOOK_SECONDS.
    """

    def __init__(
        self, session: int, tmp: Path, limits: Limits, *, over: Callable[[str], None]
    ) -> None:
        self._session, self._tmp, self._limits, self._over = session, tmp, limits, over
        self._done = threading.Event()
        self.peak_memory_bytes = 0
        self.peak_tmp_bytes = 0
        self._thread = threading.Thread(target=self._run, name=f"watch-{session}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()

    def _run(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            memory = sum(map(memory_bytes, processes_of(self._session)))
            tmp = bytes_on_disk(self._tmp)
            self.peak_memory_bytes = max(self.peak_memory_bytes, memory)
            self.peak_tmp_bytes = max(self.peak_tmp_bytes, tmp)
            for used, limit, what in (
                (memory, self._limits.memory_mb, "memory"),
                (tmp, self._limits.tmp_mb, "temporary files"),
            ):
                if used > limit * MEBIBYTE:
                    self._over(f"{used // MEBIBYTE} MB of {what}, {limit} MB are allowed")
                    return


def processes_of(session: int) -> Iterator[int]:
    """The living processes of a session, also those that left its process group."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[_SESSION]) == session and fields[_STATE] != "Z":
                    yield int(entry.name)


def memory_bytes(pid: int) -> int:
    """What a process holds, its share of what it shares with others; 0: it has ended."""
    with suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def bytes_on_disk(folder: Path) -> int:
    """What the files below a folder take on the disk; one that is gone meanwhile takes nothing."""
    found = 0
    for at, _, files in os.walk(folder):
        for file in files:
            with suppress(OSError):
                found += os.lstat(os.path.join(at, file)).st_blocks * 512  # noqa: PTH118 - in a loop
    return found
