"""`store_indexed_data`, the one door into the index: one transaction, one whole commit, or nothing.

Rows are loaded through temporary tables, inserted behind a new snapshot that no reader sees, and
the last statements publish it and end the job, both fenced by the lease. Whatever goes wrong before
the COMMIT leaves the previous snapshot as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indexer.database.connection import Database, Statements
from indexer.errors import KotaError, LeaseLost
from indexer.indexing.copy_rows import (
    FileRow,
    FileText,
    KnownText,
    blob_line,
    copy_blocks,
    dependency_columns,
    file_columns,
    line_blocks,
    name_columns,
    posting_line,
    reference_line,
    symbol_columns,
    text_line,
)
from indexer.indexing.known import BlobKey, BlobRow
from indexer.indexing.names import NameRow, by_words
from indexer.jobs.endings import EndCode
from indexer.jobs.model import Lease
from indexer.jobs.queue import JobQueue
from indexer.postings.blocks import Block
from indexer.postings.groups import NO_FILES, FileGroups
from indexer.resolution.numbering import Shifts
from indexer.resolution.rows import (
    DependencyRow,
    ImportedNameRow,
    PackageEntryRow,
    PackageExportRow,
    ReferenceRow,
    SymbolRow,
)
from indexer.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRows:
    """The rows that are taken from another snapshot of the repository.

    In its numbers: those of the files `relinked_before` are not, as far as they depend on other
    files, those of the files `changed_before` not at all, nor the exports of the package entries
    `told_before`. What is taken has moved on: its files, symbols and entries by these shifts.

    In the numbers of the commit: `changed` are the files of which nothing is taken. `uses` counts
    those of each symbol, `recounted` are those of which that is another number than it was; both
    are asked for when all references were read. `lines` has where each symbol of a changed file
    stands, and 0 for others.
    """

    from_snapshot: int
    changed: Sequence[int]
    relinked_before: Sequence[int]
    changed_before: Sequence[int]
    told_before: Sequence[int]
    files: Shifts
    symbols: Shifts
    entries: Shifts
    uses: Callable[[], Sequence[int]]
    recounted: Callable[[], Sequence[int]]
    lines: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCommit:
    """The rows of one commit, each iterable read once and in this order, and their stats.

    `names`, `postings` and `file_groups` are what a search reads of them. `blobs` is what was
    learned of blobs for the next index, marked with `made_by`; `known_blobs` are those of which it
    was known and used. `links` is what a later linking needs to know of this one, marked with
    `linked_by`, or None; it is asked for when all rows were read.

    With `taken` the other rows come from the snapshot that it names.
    """

    ref: str
    default_ref: str | None
    commit_sha: str
    files: Iterable[FileRow]
    texts: Iterable[FileText]
    known_texts: Iterable[KnownText] = ()
    references: Iterable[ReferenceRow]
    symbols: Iterable[SymbolRow]
    names: Iterable[NameRow] = ()
    postings: Iterable[Block] = ()
    file_groups: FileGroups = NO_FILES
    dependencies: Iterable[DependencyRow]
    imported_names: Iterable[ImportedNameRow] = ()
    package_entries: Iterable[PackageEntryRow] = ()
    package_exports: Iterable[PackageExportRow] = ()
    blobs: Iterable[BlobRow] = ()
    known_blobs: Iterable[BlobKey] = ()
    made_by: bytes = b""
    linked_by: bytes = b""
    links: Callable[[], bytes | None] = lambda: None
    taken: TakenRows | None = None
    stats: Callable[[], Mapping[str, Any]]


class SnapshotSuperseded(KotaError):
    """A newer job for the same ref published its snapshot first; nothing of this one was kept."""

    code = "superseded"


class TakenSnapshotGone(KotaError):
    """The snapshot that rows were to be taken from was replaced meanwhile; nothing was kept."""

    code = "taken_snapshot_gone"


class _StandsElsewhere(KotaError):
    """The index stands at another commit; undoes the transaction that found it out."""


def store_indexed_data(
    database: Database,
    settings: Settings,
    lease: Lease,
    commit: IndexedCommit,
    *,
    next_for: str | None = None,
) -> Lease | None:
    """Store one commit, make it the current snapshot of its ref and complete the job, atomically.

    With `next_for`, the name of a worker, the same transaction leases the next due job for it.

    Raises:
        LeaseLost: the lease is no longer held; nothing was kept.
        SnapshotSuperseded: a newer generation is current; nothing was kept.
        TakenSnapshotGone: rows were to be taken from a snapshot that is no more; nothing was kept.
        NotRelinkable, BeyondReach: all of the commit is to be linked; nothing was kept.
        DatabaseError: nothing was kept, unless the answer to the COMMIT was lost: then
            `JobQueue.attempt_took_effect` tells.
    """
    with database.transaction() as statements:
        snapshot_id = _load(statements, lease, commit)
        stats, links = commit.stats(), commit.links()
        statements.execute(
            "describe_snapshot",
            snapshot_id=snapshot_id,
            stats=json.dumps(stats),
            file_groups=commit.file_groups.packed(),
            linked_by=None if links is None else commit.linked_by,
            links=links,
        )
        if commit.default_ref is not None:
            statements.execute(
                "note_default_ref",
                repository_id=lease.repository_id,
                default_ref=commit.default_ref,
            )
        published = statements.fetch_one(
            "publish_snapshot",
            snapshot_id=snapshot_id,
            keep_seconds=settings.retired_keep_seconds,
        )
        if published is None or not published["published"]:
            raise SnapshotSuperseded("a newer request for this ref was indexed first")
        return JobQueue(statements, settings).complete(
            lease, ref=commit.ref, commit_sha=commit.commit_sha, stats=stats, next_for=next_for
        )


def skip_if_indexed(
    database: Database, settings: Settings, lease: Lease, *, ref: str, commit_sha: str
) -> bool:
    """End the job as skipped if the index of `ref` stands at `commit_sha`; whether it does.

    The snapshot then answers for this request too, so an older one that finishes later replaces
    nothing.

    Raises:
        LeaseLost: the lease is no longer held; nothing was changed.
    """
    try:
        with database.transaction() as statements:
            _skip_as_indexed(statements, settings, lease, ref=ref, commit_sha=commit_sha)
    except _StandsElsewhere:
        return False
    return True


def _skip_as_indexed(
    statements: Statements, settings: Settings, lease: Lease, *, ref: str, commit_sha: str
) -> None:
    # First of all the repository's lock, under which every snapshot is published.
    JobQueue(statements, settings).skip(
        lease,
        code=EndCode.ALREADY_INDEXED,
        message=EndCode.ALREADY_INDEXED.meaning,
        ref=ref,
        commit_sha=commit_sha,
    )
    confirmed = statements.fetch_one(
        "confirm_snapshot",
        repository_id=lease.repository_id,
        ref=ref,
        commit_sha=commit_sha,
        generation=lease.generation,
    )
    if confirmed is None:
        raise _StandsElsewhere


def _load(statements: Statements, lease: Lease, commit: IndexedCommit) -> int:
    snapshot = statements.fetch_one(
        "add_snapshot",
        repository_id=lease.repository_id,
        ref=commit.ref,
        commit_sha=commit.commit_sha,
        generation=lease.generation,
        job_id=lease.job_id,
    )
    if snapshot is None:
        raise LeaseLost("the repository was deleted while its job ran")
    snapshot_id: int = snapshot["snapshot_id"]
    statements.script("make_staging")
    taking = None if commit.taken is None else _Taking(statements, snapshot_id, commit.taken)
    for table, blocks in (
        ("files", copy_blocks(map(file_columns, commit.files))),
        ("texts", map(text_line, commit.texts)),
    ):
        _store(statements, snapshot_id, table, blocks, taking=taking)
    _take_texts_over(statements, snapshot_id, commit.known_texts)
    for table, blocks in (
        # Before the symbols, each of which is stored with the number of its uses.
        ("references", line_blocks(map(reference_line, commit.references))),
        ("symbols", copy_blocks(map(symbol_columns, commit.symbols))),
    ):
        _store(statements, snapshot_id, table, blocks, taking=taking)
    names = commit.names if taking is None else taking.changed_names()
    for table, blocks in (
        ("names", copy_blocks(map(name_columns, names))),
        ("postings", map(posting_line, commit.postings)),
        ("dependencies", copy_blocks(map(dependency_columns, commit.dependencies))),
        ("imported_names", copy_blocks(commit.imported_names)),
        ("package_entries", copy_blocks(commit.package_entries)),
        ("package_exports", copy_blocks(commit.package_exports)),
    ):
        _store(statements, snapshot_id, table, blocks, taking=taking)
    if taking is not None:
        statements.execute("drop_unused_imported_names", snapshot_id=snapshot_id)
    _keep_blobs(statements, snapshot_id, lease, commit)
    return snapshot_id


class _Taking:
    """Takes rows from the snapshot that stands, which is held until the transaction ends."""

    TABLES: Final = frozenset(
        ("texts", "references", "symbols", "names", "dependencies", "package_exports")
    )

    def __init__(self, statements: Statements, snapshot_id: int, taken: TakenRows) -> None:
        self._statements, self._snapshot_id, self._taken = statements, snapshot_id, taken
        self._changed_names: list[str] = []
        if statements.fetch_one("hold_snapshot", snapshot_id=taken.from_snapshot) is None:
            raise TakenSnapshotGone("the rows of unchanged files are no longer stored")

    def take(self, table: str) -> None:
        """Take those rows of a table that are not stored anew."""
        taken = self._taken
        self._statements.execute(
            f"take_{table}",
            snapshot_id=self._snapshot_id,
            from_snapshot=taken.from_snapshot,
            relinked=taken.relinked_before,
            changed=taken.changed_before,
            told=taken.told_before,
            from_files=taken.files.starts,
            file_shifts=taken.files.shifts,
            from_symbols=taken.symbols.starts,
            symbol_shifts=taken.symbols.shifts,
            from_entries=taken.entries.starts,
            entry_shifts=taken.entries.shifts,
            uses=taken.uses() if table == "symbols" else (),
            lines=taken.lines if table == "package_exports" else (),
            changed_names=self._changed_names,
        )

    def changed_names(self) -> list[NameRow]:
        """The names that are not taken, by their words; all symbols must be stored."""
        taken = self._taken
        changed = self._statements.fetch_all(
            "changed_names",
            snapshot_id=self._snapshot_id,
            from_snapshot=taken.from_snapshot,
            changed=taken.changed,
            changed_before=taken.changed_before,
            recounted=taken.recounted(),
        )
        self._changed_names = [row["name"] for row in changed]
        found = self._statements.fetch_all(
            "uses_of_names", snapshot_id=self._snapshot_id, names=self._changed_names
        )
        return [word for row in found for word in by_words(row["name"], row["kinds"], row["uses"])]


def _store(
    statements: Statements,
    snapshot_id: int,
    table: str,
    blocks: Iterable[bytes],
    *,
    taking: _Taking | None = None,
    **more: object,
) -> None:
    statements.copy(f"copy_{table}", blocks)
    statements.execute(f"store_{table}", snapshot_id=snapshot_id, **more)
    if taking is not None and table in taking.TABLES:
        taking.take(table)


def _take_texts_over(
    statements: Statements, snapshot_id: int, known_texts: Iterable[KnownText]
) -> None:
    known = list(known_texts)
    if not known:
        return
    rows = ((one.file_no, one.snapshot_id, f"\\x{one.blob_id}") for one in known)
    statements.copy("copy_known_texts", copy_blocks(rows))
    held = {row["snapshot_id"] for row in statements.fetch_all("hold_snapshots_of_texts")}
    if held != {one.snapshot_id for one in known} or len(known) != statements.execute(
        "store_known_texts", snapshot_id=snapshot_id
    ):
        raise TakenSnapshotGone("the texts of unchanged files are no longer stored")


def _keep_blobs(
    statements: Statements, snapshot_id: int, lease: Lease, commit: IndexedCommit
) -> None:
    """Keep what was learned for the next index. Last: other refs of the repository wait for it."""
    lines = map(blob_line, commit.blobs)
    _store(statements, snapshot_id, "blobs", lines, made_by=commit.made_by)
    keys = [(f"\\x{blob_id}", reading) for blob_id, reading in commit.known_blobs]
    if keys:
        statements.copy("copy_known_blobs", copy_blocks(keys))
        statements.execute(
            "keep_known_blobs",
            snapshot_id=snapshot_id,
            repository_id=lease.repository_id,
            made_by=commit.made_by,
        )
