"""What the fetching child does: talk to the remote, keep its packs, find the ids of objects."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from indexer.errors import JobError
from indexer.git import protocol, refs
from indexer.git.failures import (
    CommitNotFound,
    DiskFull,
    RefNotFound,
    RemoteMisbehaved,
    RepositoryDamaged,
    RepositoryEmpty,
    TooManyBytes,
)
from indexer.git.fetch import (
    FetchedBlobs,
    FetchedCommit,
    FetchFailure,
    FetchRequest,
    WantedBlobs,
)
from indexer.git.limits import FetchProgress, Meter
from indexer.git.protocol import Capabilities, Refs
from indexer.git.remote import Remote, Scheme
from indexer.sandbox.channel import Channel
from indexer.sandbox.limits import peak_memory_bytes
from indexer.traces import trace_of

if TYPE_CHECKING:
    from indexer.git.transport import Transport

# What a pack holds beside its objects' data, and what deflating adds to data that does not shrink.
PACK_SPARE = 4_096
BLOB_SPARE = 1_024

Answer = TypeVar("Answer", FetchedCommit, FetchedBlobs)


def serve(channel: Channel) -> None:
    """Fetch the commit that is asked for, then blobs for as long as any are; tell how it went."""
    request = channel.receive(FetchRequest)
    visit = Visit(request, report=channel.send)
    try:
        channel.send(visit.commit())
        while request.trees_only:
            channel.send(visit.blobs(channel.receive(WantedBlobs)))
    finally:
        visit.close()


class Visit:
    """What is done at one remote, metered from its beginning to its end."""

    def __init__(self, request: FetchRequest, *, report: Callable[[FetchProgress], None]) -> None:
        self._request = request
        self._meter = Meter(limits=request.limits, report=report)
        self._directory = Path(request.directory)
        self._capabilities = Capabilities({})
        self._way: Transport | None = None

    def commit(self) -> FetchedCommit | FetchFailure:
        """Fetch the commit in this process.

        Raises:
            MemoryError, OSError: this machine is in trouble; everything else is a `FetchFailure`.
        """
        return _told(self._commit)

    def blobs(self, wanted: WantedBlobs) -> FetchedBlobs | FetchFailure:
        """Fetch blobs of the commit in this process; raises as `commit` does."""
        return _told(lambda: self._blobs(wanted.ids))

    def close(self) -> None:
        """Give up what is held open."""
        if self._way is not None:
            self._way.close()

    def _commit(self) -> FetchedCommit:
        way = self._way = self._transport()
        with way.advertise() as stream:
            self._capabilities = protocol.read_capabilities(stream)
        resolved = _resolve(way, self._capabilities, self._request)
        trees_only = self._request.trees_only and self._capabilities.filters
        sha = resolved.commit_sha
        try:
            self._receive(way, self._commit_request(sha, trees_only=trees_only))
            _make_bare_repository(self._directory, sha)
            self._make_sure([sha], "commit", CommitNotFound)
        except CommitNotFound:
            # A ref that leads to a commit the remote does not have: it moved in between.
            raise (CommitNotFound if self._request.commit_sha else RemoteMisbehaved) from None
        return FetchedCommit(
            commit_sha=sha,
            ref=resolved.ref,
            default_ref=resolved.default_ref,
            directory=self._request.directory,
            filtered=self._capabilities.filters,
            trees_only=trees_only,
            received_bytes=self._meter.received,
            inflated_bytes=self._meter.inflated,
            objects=self._meter.objects_done,
            peak_memory_bytes=peak_memory_bytes(),
        )

    def _transport(self) -> Transport:
        # urllib3 and dulwich are the child's alone: the parent neither waits for nor holds them.
        from indexer.git import transport

        request = self._request
        remote = Remote(
            scheme=Scheme(request.scheme),
            location=request.location,
            host=request.host,
            full_name=request.full_name,
        )
        return transport.to(remote, meter=self._meter, token=request.token)

    def _commit_request(self, sha: str, *, trees_only: bool) -> bytes:
        if trees_only:
            return protocol.trees_request(self._capabilities, sha)
        return protocol.fetch_request(
            self._capabilities, sha, below_bytes=self._meter.limits.file_bytes + 1
        )

    def _blobs(self, ids: list[str]) -> FetchedBlobs:
        if self._way is None:
            raise AssertionError("blobs are fetched after their commit")
        # The remote sends them whatever their size. More than all of them may have says that one is
        # too large, and only a fetch of the whole commit leaves that one out.
        self._meter.allow(len(ids) * (self._meter.limits.file_bytes + BLOB_SPARE) + PACK_SPARE)
        self._receive(self._way, protocol.blobs_request(self._capabilities, ids))
        self._make_sure(ids, "blob", RemoteMisbehaved)
        return FetchedBlobs(self._meter.received, self._meter.inflated, self._meter.objects_done)

    def _receive(self, way: Transport, request: bytes) -> None:
        """Receive a pack and index it."""
        from indexer.git import pack

        packs = self._directory / "objects" / "pack"
        packs.mkdir(parents=True, exist_ok=True)
        incoming = packs / "incoming.pack"
        with incoming.open("wb") as file:
            writer = pack.PackWriter(file, self._meter)
            with way.ask(request) as stream:
                protocol.read_pack(stream, writer.write)
            checksum = writer.finish()
        complete = incoming.rename(packs / f"pack-{checksum}.pack")
        try:
            pack.write_index(complete, checksum, self._meter)
        except pack.PackCorrupt:
            # Its checksum is right, so nothing broke on the way: it would come again as it is.
            raise RepositoryDamaged from None

    def _make_sure(self, ids: list[str], kind: str, missing: type[JobError]) -> None:
        """Raise `missing` unless all of `ids` were received and are of the kind."""
        from indexer.git import objects

        with objects.ObjectStore(
            self._directory, base_bytes=self._meter.limits.object_bytes
        ) as store:
            for one in ids:
                info = store.info(one)
                if info is None or info.kind != kind:
                    raise missing


def _told(work: Callable[[], Answer]) -> Answer | FetchFailure:
    """What the work gives, or how it failed."""
    try:
        return work()
    except JobError as error:
        return FetchFailure(error.code)
    except OSError as error:
        return _system_failure(error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - bad input shows in too many ways to name them all
        # The trace goes to the log of the parent; it holds our lines, not the remote's words.
        sys.stderr.write(f"{trace_of(error)}\n")
        return FetchFailure(RemoteMisbehaved.code)


def _system_failure(error: OSError) -> FetchFailure:
    """What trouble of this machine means; that of the network has its class already."""
    if error.errno == errno.ENOMEM:
        raise MemoryError from None
    if error.errno == errno.EFBIG:
        return FetchFailure(TooManyBytes.code)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FetchFailure(DiskFull.code)
    raise error


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


def _make_bare_repository(directory: Path, commit_sha: str) -> None:
    """What makes the folder a repository that git programs read, with nothing to check out."""
    (directory / "refs").mkdir()
    (directory / "HEAD").write_text(f"{commit_sha}\n", "ascii")
    (directory / "shallow").write_text(f"{commit_sha}\n", "ascii")
    (directory / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
