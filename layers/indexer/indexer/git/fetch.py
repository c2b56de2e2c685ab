"""Fetching exactly one commit into a bare repository, in a child process.

`fetch_commit` is the parent's side. `serve` is the child's: it talks to the remote, keeps the pack
and finds the ids of its objects. The token travels through the channel, so it stands in no
environment and no argument list.
"""

from __future__ import annotations

import errno
import math
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.errors import JobError
from indexer.git import failures, protocol, refs
from indexer.git.failures import (
    Bound,
    CommitNotFound,
    DiskFull,
    FetchCrashed,
    FetchTimedOut,
    LocalRepositoryDamaged,
    RefNotFound,
    RemoteMisbehaved,
    RepositoryEmpty,
    RepositoryTooLarge,
)
from indexer.git.limits import FetchLimits, FetchProgress, Meter
from indexer.git.protocol import Capabilities, Refs
from indexer.git.remote import Remote, Scheme
from indexer.sandbox.channel import Channel
from indexer.sandbox.child import (
    Child,
    ChildCrashed,
    ChildMisbehaved,
    ChildOutOfMemory,
    ChildTimedOut,
)
from indexer.sandbox.limits import ChildLimits, peak_memory_bytes
from indexer.traces import trace_of

if TYPE_CHECKING:
    from indexer.git.transport import Transport

# How much longer than the fetch's own deadline the parent waits for the child to say so itself.
GRACE_SECONDS: Final = 2.0
MESSAGE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCommit:
    """One commit of a remote: the pinned one, else that of a branch or tag, else the default one.

    The names are as `refs.parse_commit_sha` and `refs.parse_ref` give them.
    """

    remote: Remote
    ref: str | None = None
    commit_sha: str | None = None


class FetchRequest(NamedTuple):
    """A wanted commit and all that its fetch needs, as it is sent to the child."""

    scheme: str
    location: str
    host: str
    full_name: str
    ref: str | None
    commit_sha: str | None
    directory: str
    token: str | None
    limits: FetchLimits


class FetchedCommit(NamedTuple):
    """A commit that lies in the bare repository `directory`.

    `ref` is the branch or tag it was fetched for, by the shortest name that leads to it, None when
    only a commit was named and the remote has no default branch. `default_ref` is the remote's
    default branch. `filtered` tells that the remote left out blobs over the limit by itself.
    """

    commit_sha: str
    ref: str | None
    default_ref: str | None
    directory: str
    filtered: bool
    received_bytes: int
    inflated_bytes: int
    objects: int
    peak_memory_bytes: int


class FetchFailure(NamedTuple):
    """How a fetch failed: the code of the error, and of a bound its name."""

    code: str
    bound: str


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
    directory.mkdir(parents=True, exist_ok=True)
    request = request_for(wanted, directory=directory, limits=limits, token=token)
    try:
        with Child("indexer.git.fetch:serve", limits=_child_limits(limits)) as child:
            child.send(request)
            fetched = _await_result(child, limits, on_progress, check)
            # Its work is done and on disk: no need to watch it clean up after itself.
            child.kill()
            return fetched
    except RemoteMisbehaved:
        if wanted.remote.scheme is Scheme.LOCAL:
            # A file does not mend itself between two tries.
            raise LocalRepositoryDamaged from None
        raise
    except ChildOutOfMemory:
        raise RepositoryTooLarge(bound=Bound.MEMORY, limit=limits.memory_bytes) from None
    except ChildTimedOut:
        raise FetchTimedOut from None
    except (ChildCrashed, ChildMisbehaved):
        raise FetchCrashed from None


def request_for(
    wanted: WantedCommit, *, directory: Path, limits: FetchLimits, token: str | None
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
    )


def _child_limits(limits: FetchLimits) -> ChildLimits:
    return ChildLimits(
        memory_bytes=limits.memory_bytes,
        cpu_seconds=math.ceil(limits.seconds),
        # The pack and its index, and a little for what stands around them.
        file_bytes=max(limits.received_bytes, limits.objects * 64) + MESSAGE_BYTES,
        message_bytes=MESSAGE_BYTES,
    )


def _await_result(
    child: Child,
    limits: FetchLimits,
    on_progress: Callable[[FetchProgress], None],
    check: Callable[[], None],
) -> FetchedCommit:
    end = time.monotonic() + limits.seconds + GRACE_SECONDS
    while True:
        child.await_message(check, timeout=max(0.0, end - time.monotonic()))
        answer = child.receive(
            FetchProgress, FetchFailure, FetchedCommit, timeout=max(0.0, end - time.monotonic())
        )
        match answer:
            case FetchedCommit():
                return answer
            case FetchFailure():
                raise error_of(answer, limits)
            case FetchProgress():
                on_progress(answer)


def error_of(failure: FetchFailure, limits: FetchLimits) -> JobError:
    """The error that a failure told by a child stands for."""
    if failure.code == RepositoryTooLarge.code and failure.bound in set(Bound):
        bound = Bound(failure.bound)
        return RepositoryTooLarge(bound=bound, limit=limits.of(bound))
    return failures.by_code(failure.code)


def serve(channel: Channel) -> None:
    """The child: fetch what the one request asks for, and tell how it went."""
    channel.send(answer_to(channel.receive(FetchRequest), report=channel.send))


def answer_to(
    request: FetchRequest, *, report: Callable[[FetchProgress], None]
) -> FetchedCommit | FetchFailure:
    """Do what the request asks for in this process.

    Raises:
        MemoryError, OSError: this machine is in trouble; everything else is a `FetchFailure`.
    """
    meter = Meter(limits=request.limits, report=report)
    try:
        return _fetch(request, meter)
    except RepositoryTooLarge as error:
        return FetchFailure(error.code, error.bound.value)
    except JobError as error:
        return FetchFailure(error.code, "")
    except OSError as error:
        return _system_failure(error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - bad input shows in too many ways to name them all
        # The trace goes to the log of the parent; it holds our lines, not the remote's words.
        sys.stderr.write(f"{trace_of(error)}\n")
        return FetchFailure(RemoteMisbehaved.code, "")


def _system_failure(error: OSError) -> FetchFailure:
    """What trouble of this machine means; that of the network has its class already."""
    if error.errno == errno.ENOMEM:
        raise MemoryError from None
    if error.errno == errno.EFBIG:
        return FetchFailure(RepositoryTooLarge.code, Bound.BYTES.value)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FetchFailure(DiskFull.code, "")
    raise error


def _fetch(request: FetchRequest, meter: Meter) -> FetchedCommit:
    # urllib3 and dulwich are the child's alone: the parent neither waits for nor holds them.
    from indexer.git import transport

    remote = Remote(
        scheme=Scheme(request.scheme),
        location=request.location,
        host=request.host,
        full_name=request.full_name,
    )
    with closing(transport.to(remote, meter=meter, token=request.token)) as way:
        with way.advertise() as stream:
            capabilities = protocol.read_capabilities(stream)
        resolved = _resolve(way, capabilities, request)
        try:
            _receive(way, capabilities, resolved.commit_sha, Path(request.directory), meter)
        except CommitNotFound:
            # A ref that leads to a commit the remote does not have: it moved in between.
            raise (CommitNotFound if request.commit_sha else RemoteMisbehaved) from None
    return FetchedCommit(
        commit_sha=resolved.commit_sha,
        ref=resolved.ref,
        default_ref=resolved.default_ref,
        directory=request.directory,
        filtered=capabilities.filters,
        received_bytes=meter.received,
        inflated_bytes=meter.inflated,
        objects=meter.objects_done,
        peak_memory_bytes=peak_memory_bytes(),
    )


class Resolved(NamedTuple):
    """The commit to fetch and the names it goes by."""

    commit_sha: str
    ref: str | None
    default_ref: str | None


def _resolve(way: Transport, capabilities: Capabilities, request: FetchRequest) -> Resolved:
    """Find out on the remote which commit is meant."""
    name = None if request.ref == refs.HEAD else request.ref
    found = _ask_refs(way, capabilities, [refs.HEAD, *(refs.prefixes(name) if name else ())])
    default = refs.shown(found.head_target, found.ids) if found.head_target else None
    ref = refs.find(name or refs.HEAD, found.ids)
    shown = (ref.name if ref else refs.shown(name, {})) if name else default
    if request.commit_sha:
        return Resolved(request.commit_sha, shown, default)
    if ref is None:
        # Nothing by this name: because there is nothing at all?
        raise RefNotFound if _ask_refs(way, capabilities, ["refs/"]).ids else RepositoryEmpty
    return Resolved(found.peeled.get(ref.full_name, ref.sha), shown, default)


def _ask_refs(way: Transport, capabilities: Capabilities, prefixes: list[str]) -> Refs:
    with way.ask(protocol.refs_request(capabilities, prefixes)) as stream:
        return protocol.read_refs(stream)


def _receive(
    way: Transport, capabilities: Capabilities, commit_sha: str, directory: Path, meter: Meter
) -> None:
    """Receive the commit's pack into a new bare repository, and make sure that it holds it."""
    from indexer.git import objects, pack

    packs = directory / "objects" / "pack"
    packs.mkdir(parents=True)
    incoming = packs / "incoming.pack"
    below_bytes = meter.limits.file_bytes + 1
    with incoming.open("wb") as file:
        writer = pack.PackWriter(file, meter)
        with way.ask(
            protocol.fetch_request(capabilities, commit_sha, below_bytes=below_bytes)
        ) as stream:
            protocol.read_pack(stream, writer.write)
        checksum = writer.finish()
    complete = incoming.rename(packs / f"pack-{checksum}.pack")
    pack.write_index(complete, checksum, meter)
    _make_bare_repository(directory, commit_sha)
    with objects.ObjectStore(directory, base_bytes=meter.limits.object_bytes) as store:
        info = store.info(commit_sha)
    if info is None or info.kind != "commit":
        raise CommitNotFound


def _make_bare_repository(directory: Path, commit_sha: str) -> None:
    """What makes the folder a repository that git programs read, with nothing to check out."""
    (directory / "refs").mkdir()
    (directory / "HEAD").write_text(f"{commit_sha}\n", "ascii")
    (directory / "shallow").write_text(f"{commit_sha}\n", "ascii")
    (directory / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
