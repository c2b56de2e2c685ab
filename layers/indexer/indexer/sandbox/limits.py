"""What a child may use, and how it takes the limits on itself before it touches any input."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from dataclasses import dataclass, fields
from pathlib import Path

from indexer.settings import MEBIBYTE

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVILEGES = 38
PARENT_CHECK_SECONDS = 0.5
HUNG_UP = 129  # the status shells give to a process ended by SIGHUP


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """Bounds of one child: address space, processor time, size of a file it writes, messages."""

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int = 0
    open_files: int = 64
    message_bytes: int = 64 * MEBIBYTE

    def to_arguments(self) -> list[str]:
        """The limits as command-line words, in the order `from_arguments` reads them."""
        return [str(getattr(self, one.name)) for one in fields(self)]

    @classmethod
    def from_arguments(cls, words: list[str]) -> ChildLimits:
        """Read back what `to_arguments` wrote."""
        names = [one.name for one in fields(cls)]
        return cls(**{name: int(word) for name, word in zip(names, words, strict=True)})

    def apply(self) -> None:
        """Bind this process, for good: hard limits are lowered too."""
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, self.file_bytes)
        _lower(resource.RLIMIT_NOFILE, self.open_files)
        # The soft limit's SIGXCPU tells "out of time" apart from every other death.
        _lower(resource.RLIMIT_CPU, max(1, self.cpu_seconds), spare=2)
        _lower(resource.RLIMIT_AS, self.memory_bytes)


def _lower(limit: int, wanted: int, *, spare: int = 0) -> None:
    """Lower a limit to `wanted` (hard: plus `spare`); one that is lower already stays."""
    _soft, hard = resource.getrlimit(limit)
    ceiling = wanted + spare if hard == resource.RLIM_INFINITY else min(hard, wanted + spare)
    try:
        resource.setrlimit(limit, (min(wanted, ceiling), ceiling))
    except (OSError, ValueError):
        # macOS knows RLIMIT_AS and refuses to lower it; there the other limits have to do.
        if sys.platform == "linux":
            raise


def die_with_parent(parent: int) -> None:
    """Have this process end when its parent, of process id `parent`, ends in whatever way.

    On Linux the kernel does it, even while native code holds the interpreter; there "parent" is
    the very thread that forked this process. Elsewhere a thread watches.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(PR_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # The parent may have gone before it could be watched.
    if os.getppid() != parent:
        os._exit(HUNG_UP)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(HUNG_UP)


def peak_memory_bytes() -> int:
    """The most memory this process has had resident so far.

    Linux's `ru_maxrss` starts at what the parent had when it forked, so it is not used there.
    """
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
