"""Locks that the kernel frees when their holder dies, so that no crash leaves one behind."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from indexer.errors import KotaError

POLL_SECONDS = 0.02


class LockBusy(KotaError):
    """Somebody else held the lock for the whole time that was allowed."""

    code = "lock_busy"

    def __init__(self, *, path: Path, seconds: float) -> None:
        super().__init__(f"{path} was held by another process for {seconds:g} s")


class HeldLock:
    """A lock on a file. Processes that inherit `descriptor` hold it too, until the last ends."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.descriptor = descriptor
        self._path = path

    def release(self) -> None:
        """Free the lock, also for those that inherited it."""
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        os.close(self.descriptor)

    def take_alone(self, *, within: float) -> None:
        """Wait until nobody else shares the lock, then hold it exclusively.

        It is not held while this waits, nor when it gives up.

        Raises:
            LockBusy: others shared it for all of `within` seconds.
        """
        deadline = time.monotonic() + within
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LockBusy(path=self._path, seconds=within) from None
                time.sleep(POLL_SECONDS)
            else:
                return

    def leave_to_heirs(self) -> None:
        """Stop holding the lock without freeing it for the processes that inherited it."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def try_lock(path: Path, *, shared: bool = False) -> HeldLock | None:
    """The lock if it is free this moment. A file replaced meanwhile counts as not free.

    Raises:
        FileNotFoundError: the directory is gone.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        # A holder may have removed the file between our open and our lock: that lock locks nothing.
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            return HeldLock(descriptor, path)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_locked(path: Path) -> bool:
    """Whether anybody holds the lock this moment."""
    lock = try_lock(path)
    if lock is None:
        return True
    lock.release()
    return False


def lock(path: Path, *, shared: bool = False, within: float) -> HeldLock:
    """Wait for the lock, at most `within` seconds.

    Raises:
        LockBusy: it did not become free.
        FileNotFoundError: the directory is gone.
    """
    deadline = time.monotonic() + within
    while (held := try_lock(path, shared=shared)) is None:
        if time.monotonic() >= deadline:
            raise LockBusy(path=path, seconds=within)
        time.sleep(POLL_SECONDS)
    return held
