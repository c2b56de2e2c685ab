"""The folder of one run: `<work directory>/kotadb-<job-id>/run-<attempt>`, always gone afterwards.

The folder is locked while its run lives. What a killed run left behind is unlocked, so whoever
comes next can tell it from the folder of a run that is only slow, and removes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from indexer.errors import TransientJobError
from indexer.observability import logger

PREFIX = "kotadb-"
_TRIES = 100
_PAUSE_SECONDS = 0.02


class WorkspaceUnusable(TransientJobError):
    """The run's folder cannot be made: a full disk, or somebody else's file in its place."""

    code = "workspace_unusable"

    def __init__(self) -> None:
        super().__init__("the worker has no room for its working folder")


@contextmanager
def workspace(root: Path, job_id: UUID, attempt: int) -> Iterator[Path]:
    """A fresh private folder for one run; removed at the end of the block, whatever happened.

    Raises:
        WorkspaceUnusable: it cannot be made.
    """
    outer = root / f"{PREFIX}{job_id}"
    inner = outer / f"run-{attempt}"
    try:
        lock = _make_locked(outer, inner)
    except OSError as error:
        logger.warning("a working folder could not be made", reason=error.strerror)
        raise WorkspaceUnusable from None
    try:
        yield inner
    finally:
        _remove(inner)
        os.close(lock)
        with suppress(OSError):  # another run of the same job may still be in it
            outer.rmdir()


def sweep_leftovers(root: Path) -> int:
    """Remove the folders of runs that no longer live; how many there were."""
    removed = 0
    for outer in root.glob(f"{PREFIX}*"):
        status = _status_of(outer)
        if status is None or not _is_own_folder(status):
            continue
        # Another sweep, or the end of the run, may be faster.
        with suppress(FileNotFoundError):
            removed += _remove_leftovers(outer)
        with suppress(OSError):
            outer.rmdir()
    if removed:
        logger.warning("removed what a killed run left behind", folders=removed)
    return removed


def _remove_leftovers(outer: Path) -> int:
    removed = 0
    for inner in outer.glob("run-*"):
        lock = _try_lock(inner)
        if lock is None:
            continue
        _remove(inner)
        os.close(lock)
        removed += 1
    return removed


def _make_locked(outer: Path, inner: Path) -> int:
    for _ in range(_TRIES):
        with suppress(FileExistsError):
            outer.mkdir(mode=0o700)
        status = _status_of(outer)
        if status is not None:
            if not _is_own_folder(status):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(outer))
            with suppress(FileExistsError, FileNotFoundError):
                inner.mkdir(mode=0o700)
            lock = _try_lock(inner)
            if lock is not None:
                _empty(inner)
                return lock
        # A sweep takes what is made and not yet locked for a leftover, and is about to remove it.
        time.sleep(_PAUSE_SECONDS)
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(inner))


def _try_lock(folder: Path) -> int | None:
    """A descriptor that holds the folder at this path; None: it is held, gone or none."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with suppress(OSError):  # it is held
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = _status_of(folder)
        # Between opening and locking, another may have removed the folder and a third made it anew.
        if status is not None and os.path.samestat(os.fstat(descriptor), status):
            return descriptor
    os.close(descriptor)
    return None


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _is_own_folder(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            _remove(entry)
        else:
            entry.unlink()


def _remove(folder: Path) -> None:
    def complain(_function: object, path: str, _error: object) -> None:
        if Path(path).exists():
            logger.error("a file of a finished run could not be removed")

    shutil.rmtree(folder, onerror=complain)
