"""Questions about processes that are not ours to wait for."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import psutil

FORK_SERVER = "indexer.sandbox.fork_server"


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_gone_within(pid: int, seconds: float) -> bool:
    """Whether the process ends by then, as seen by polling: it may be nobody's child we know."""
    deadline = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
        time.sleep(0.01)
    return True


def children_of_sandbox(of: int | None = None) -> list[psutil.Process]:
    """The sandbox's children below a process, or below this one; what forks them stays."""
    return [one for one in psutil.Process(of).children(recursive=True) if is_forked(one)]


def is_forked(process: psutil.Process) -> bool:
    """Whether a server of the sandbox forked it, which is there still."""
    try:
        parent = process.parent()
        return parent is not None and FORK_SERVER in parent.cmdline()
    except psutil.Error:
        return False


def open_descriptors() -> set[str]:
    """The descriptors of this process, by number and what they lead to."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(f"{one.name} {one.readlink()}")
    return found
