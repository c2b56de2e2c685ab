"""Fetching exactly one commit into a bare repository, in a child process: the parent's side.

`fetch_commit` fetches all of it at once. `CommitFetch` can leave the blobs out and fetch some of
them afterwards, when the trees have told which are needed. What the child does is in `fetch_child`.
The token travels through the channel, so it stands in no environment and no argument list.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, TypeVar

from indexer.errors import JobError
from indexer.git import failures
from indexer.git.failures import (
    FetchCrashed,
    FetchTimedOut,
    LocalRepositoryDamaged,
    RemoteMisbehaved,
    RepositoryDamaged,
    TooManyObjects,
    TooMuchMemory,
)
from indexer.git.limits import FetchLimits, FetchProgress
from indexer.git.remote import Remote, Scheme
from indexer.sandbox.child import (
    Child,
    ChildCrashed,
    ChildMisbehaved,
    ChildOutOfMemory,
    ChildTimedOut,
)
from indexer.sandbox.limits import ChildLimits

TARGET: Final = "indexer.git.fetch_child:serve"

# How much longer than the fetch's own deadline the parent waits for the child to say so itself.
GRACE_SECONDS: Final = 2.0
MESSAGE_BYTES: Final = 64 * 1024
# So many ids fit into a message, and into the pipe to a program that serves a local repository.
MOST_BLOBS: Final = 1_000

Answer = TypeVar("Answer", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCommit:
    """One commit of a remote: the pinned one, else that of a branch or tag, else the default one.

    The names are as `refs.parse_commit_sha` and `refs.parse_ref` give them.
    """

    remote: Remote
    ref: str | None = None
    commit_sha: str | None = None


class FetchRequest(NamedTuple):
    """A wanted commit and all that its fetch needs, as it is sent to the child.

    With `trees_only` blobs are left out if the remote can do that.
    """

    scheme: str
    location: str
    host: str
    full_name: str
    ref: str | None
    commit_sha: str | None
    directory: str
    token: str | None
    limits: FetchLimits
    trees_only: bool


class WantedBlobs(NamedTuple):
    """Blobs that were left out of the commit and are wanted after all, at most `MOST_BLOBS`."""

    ids: list[str]


class FetchedBlobs(NamedTuple):
    """They lie beside the commit; what all of the fetch has taken so far."""

    received_bytes: int
    inflated_bytes: int
    objects: int


class FetchedCommit(NamedTuple):
    """A commit that lies in the bare repository `directory`.

    `ref` is the branch or tag it was fetched for, by the shortest name that leads to it, None when
    only a commit was named and the remote has no default branch. `default_ref` is the remote's
    default branch. `filtered` tells that the remote left out blobs over the limit by itself, and
    `trees_only` that it left out all of them.
    """

    commit_sha: str
    ref: str | None
    default_ref: str | None
    directory: str
    filtered: bool
    trees_only: bool
    received_bytes: int
    inflated_bytes: int
    objects: int
    peak_memory_bytes: int


class FetchFailure(NamedTuple):
    """How a fetch failed: the code of the error."""

    code: str


def fetch_commit(
    wanted: WantedCommit,
    *,
    directory: Path,
    limits: FetchLimits,
    token: str | None = None,
    on_progress: Callable[[FetchProgress], None] = lambda _progress: None,
    check: Callable[[], None] = lambda: None,
) -> FetchedCommit:
    """Fetch one commit, depth 1, into the empty or absent folder `directory`, without a work tree.

    `check` is called while the remote is waited for; what it raises ends the fetch.

    Raises:
        TransientJobError, PermanentJobError: one of `failures`.
    """
    with CommitFetch(
        wanted,
        directory=directory,
        limits=limits,
        token=token,
        on_progress=on_progress,
        check=check,
    ) as fetch:
        return fetch.commit()


class CommitFetch:
    """A fetch in steps: one commit, and then blobs that were left out of it. A `with` block.

    All of it together is held to `limits`. `check` is called while the remote is waited for; what
    it raises ends the fetch.
    """

    def __init__(
        self,
        wanted: WantedCommit,
        *,
        directory: Path,
        limits: FetchLimits,
        token: str | None = None,
        trees_only: bool = False,
        on_progress: Callable[[FetchProgress], None] = lambda _progress: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._wanted, self._limits = wanted, limits
        self._request = request_for(
            wanted, directory=directory, limits=limits, token=token, trees_only=trees_only
        )
        self._on_progress, self._check = on_progress, check
        self._end = 0.0
        self._child: Child | None = None

    def __enter__(self) -> Self:
        Path(self._request.directory).mkdir(parents=True, exist_ok=True)
        self._end = time.monotonic() + self._limits.seconds + GRACE_SECONDS
        self._child = Child(TARGET, limits=_child_limits(self._limits))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Its work is done and on disk, or not wanted: no need to watch it clean up after itself.
        if self._child is not None:
            self._child.kill()

    def commit(self) -> FetchedCommit:
        """Fetch the commit, depth 1, without a work tree; to be called first, and once.

        Raises:
            TransientJobError, PermanentJobError: one of `failures`.
        """
        return self._asked(self._request, FetchedCommit)

    def blobs(self, ids: Sequence[str]) -> FetchedBlobs:
        """Fetch blobs that `trees_only` left out of the commit, each within the limit on files.

        Raises:
            TooManyBytes: one of them is larger than that, or all are together.
            TooManyObjects: they are too many.
            CommitNotFound, RemoteMisbehaved, RepositoryDamaged: the remote does not hand out single
                blobs.
            TransientJobError, PermanentJobError: another one of `failures`.
        """
        if len(ids) > MOST_BLOBS:
            raise TooManyObjects(limit=MOST_BLOBS)
        return self._asked(WantedBlobs(list(ids)), FetchedBlobs)

    def _asked(self, request: FetchRequest | WantedBlobs, kind: type[Answer]) -> Answer:
        if self._child is None:
            raise AssertionError("a fetch is asked within its block")
        with _mapped_errors(self._wanted.remote, self._limits):
            self._child.send(request)
            return self._await_result(self._child, kind)

    def _await_result(self, child: Child, kind: type[Answer]) -> Answer:
        while True:
            child.await_message(self._check, timeout=self._left)
            kinds: tuple[type[FetchProgress | FetchFailure | Answer], ...]
            kinds = (FetchProgress, FetchFailure, kind)
            answer = child.receive(*kinds, timeout=self._left)
            if isinstance(answer, FetchFailure):
                raise error_of(answer, self._limits)
            if isinstance(answer, kind):
                return answer
            if isinstance(answer, FetchProgress):
                self._on_progress(answer)

    @property
    def _left(self) -> float:
        return max(0.0, self._end - time.monotonic())


@contextmanager
def _mapped_errors(remote: Remote, limits: FetchLimits) -> Iterator[None]:
    """What trouble with the child means for the fetch."""
    try:
        yield
    except (RemoteMisbehaved, RepositoryDamaged):
        if remote.scheme is Scheme.LOCAL:
            # A file does not mend itself between two tries.
            raise LocalRepositoryDamaged from None
        raise
    except ChildOutOfMemory:
        raise TooMuchMemory(limit=limits.memory_bytes) from None
    except ChildTimedOut:
        raise FetchTimedOut from None
    except (ChildCrashed, ChildMisbehaved):
        raise FetchCrashed from None


def request_for(
    wanted: WantedCommit,
    *,
    directory: Path,
    limits: FetchLimits,
    token: str | None,
    trees_only: bool = False,
) -> FetchRequest:
    """What a child is told."""
    remote = wanted.remote
    return FetchRequest(
        *(remote.scheme.value, remote.location, remote.host, remote.full_name),
        ref=wanted.ref,
        commit_sha=wanted.commit_sha,
        directory=str(directory),
        token=token,
        limits=limits._replace(public_only=limits.public_only and not remote.is_local),
        trees_only=trees_only,
    )


def _child_limits(limits: FetchLimits) -> ChildLimits:
    return ChildLimits(
        memory_bytes=limits.memory_bytes,
        cpu_seconds=math.ceil(limits.seconds),
        # The pack and its index, and a little for what stands around them.
        file_bytes=max(limits.received_bytes, limits.objects * 64) + MESSAGE_BYTES,
        message_bytes=MESSAGE_BYTES,
    )


def error_of(failure: FetchFailure, limits: FetchLimits) -> JobError:
    """The error that a failure told by a child stands for."""
    return limits.exceeded(failure.code) or failures.by_code(failure.code)
