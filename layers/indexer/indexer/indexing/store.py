"""`store_indexed_data`, the one door into the index: one transaction, one whole commit, or nothing.

Rows are loaded through temporary tables, inserted behind a new snapshot that no reader sees, and
the last statements publish it and end the job, both fenced by the lease. Whatever goes wrong before
the COMMIT leaves the previous snapshot as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from indexer.database.connection import Database, Statements
from indexer.errors import KotaError, LeaseLost
from indexer.indexing.known import BlobKey, BlobRow
from indexer.jobs.model import Lease
from indexer.jobs.queue import JobQueue
from indexer.resolution.rows import DependencyRow, ReferenceRow, SymbolRow
from indexer.settings import Settings

ROWS_PER_BLOCK = 2_000
# Columns of minified lines go beyond what the narrow column holds; they are clamped.
LAST_COLUMN = 32_767
# So large is a file that is left out at most said to be.
LAST_SIZE = 2**31 - 1

# Names of which the escaped form is held: most uses are of a few names.
NAMES_HELD = 16_384
_NULL = "\\N"

# The backslash first: the others bring one along.
_ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_ESCAPES = str.maketrans(dict(_ESCAPED))
_ESCAPED_BYTES = tuple((plain.encode(), written.encode()) for plain, written in _ESCAPED)


class FileRow(NamedTuple):
    """One file of the snapshot. `failure` is the reason why it could not be parsed, or None."""

    file_no: int
    path: str
    blob_id: str
    byte_size: int
    line_count: int
    syntax_errors: int
    failure: str | None


class FileText(NamedTuple):
    """The text of one file, in UTF-8 without U+0000."""

    file_no: int
    content: bytes


class KnownText(NamedTuple):
    """A file whose text is that of its blob in another snapshot of the repository."""

    file_no: int
    snapshot_id: int
    blob_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCommit:
    """The rows of one commit, each iterable read once and in this order, and their stats.

    `blobs` is what was learned of blobs for the next index, marked with `made_by`; `known_blobs`
    are those of which it was known and used.
    """

    ref: str
    default_ref: str | None
    commit_sha: str
    files: Iterable[FileRow]
    texts: Iterable[FileText]
    symbols: Iterable[SymbolRow]
    references: Iterable[ReferenceRow]
    dependencies: Iterable[DependencyRow]
    known_texts: Iterable[KnownText] = ()
    blobs: Iterable[BlobRow] = ()
    known_blobs: Iterable[BlobKey] = ()
    made_by: bytes = b""
    stats: Callable[[], Mapping[str, Any]]


class SnapshotSuperseded(KotaError):
    """A newer job for the same ref published its snapshot first; nothing of this one was kept."""

    code = "superseded"


class KnownTextsGone(KotaError):
    """The snapshot that texts were to be taken from was replaced meanwhile; nothing was kept."""

    code = "known_texts_gone"


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
        KnownTextsGone: texts were to be taken from a snapshot that is no more; nothing was kept.
        DatabaseError: nothing was kept, unless the answer to the COMMIT was lost: then
            `JobQueue.attempt_took_effect` tells.
    """
    with database.transaction() as statements:
        snapshot_id = _load(statements, lease, commit)
        stats = commit.stats()
        statements.execute("describe_snapshot", snapshot_id=snapshot_id, stats=json.dumps(stats))
        if commit.default_ref is not None:
            statements.execute(
                "note_default_ref",
                repository_id=lease.repository_id,
                default_ref=commit.default_ref,
            )
        published = statements.fetch_one("publish_snapshot", snapshot_id=snapshot_id)
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
        code="already_indexed",
        message="The index stands at this commit already.",
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
    for table, blocks in (
        ("files", copy_blocks(map(_file_columns, commit.files))),
        ("texts", map(_text_line, commit.texts)),
    ):
        _store(statements, snapshot_id, table, blocks)
    _take_texts_over(statements, snapshot_id, commit.known_texts)
    for table, blocks in (
        ("symbols", copy_blocks(map(_symbol_columns, commit.symbols))),
        ("references", _blocks(map(_reference_line, commit.references))),
        ("dependencies", copy_blocks(map(_dependency_columns, commit.dependencies))),
    ):
        _store(statements, snapshot_id, table, blocks)
    _keep_blobs(statements, snapshot_id, lease, commit)
    return snapshot_id


def _store(
    statements: Statements, snapshot_id: int, table: str, blocks: Iterable[bytes], **more: object
) -> None:
    statements.copy(f"copy_{table}", blocks)
    statements.execute(f"store_{table}", snapshot_id=snapshot_id, **more)


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
        raise KnownTextsGone("the texts of unchanged files are no longer stored")


def _keep_blobs(
    statements: Statements, snapshot_id: int, lease: Lease, commit: IndexedCommit
) -> None:
    """Keep what was learned for the next index. Last: other refs of the repository wait for it."""
    rows = copy_blocks(map(_blob_columns, commit.blobs))
    _store(statements, snapshot_id, "blobs", rows, made_by=commit.made_by)
    keys = [(f"\\x{blob_id}", reading) for blob_id, reading in commit.known_blobs]
    if keys:
        statements.copy("copy_known_blobs", copy_blocks(keys))
        statements.execute(
            "keep_known_blobs",
            snapshot_id=snapshot_id,
            repository_id=lease.repository_id,
            made_by=commit.made_by,
        )


def copy_blocks(rows: Iterable[tuple[object, ...]]) -> Iterator[bytes]:
    r"""Rows of integers, texts and None as blocks of Postgres's COPY text format.

    Fields are separated by a tab and rows by a newline; None is ``\N``, and backslash, tab, newline
    and carriage return within a text are escaped with a backslash.
    """
    return _blocks(map(_line, rows))


def _blocks(lines: Iterator[str]) -> Iterator[bytes]:
    while block := "".join(islice(lines, ROWS_PER_BLOCK)):
        yield block.encode()


def _line(row: tuple[object, ...]) -> str:
    return "\t".join(map(_field, row)) + "\n"


def _field(value: object) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return str(value)


def _text_line(row: FileText) -> bytes:
    # A block by itself, of bytes: a text may be large, and replacing is faster than translating.
    content = row.content
    for plain, written in _ESCAPED_BYTES:
        content = content.replace(plain, written)
    return b"%d\t%b\n" % (row.file_no, content)


def _file_columns(row: FileRow) -> tuple[object, ...]:
    return (
        row.file_no,
        row.path,
        f"\\x{row.blob_id}",
        row.byte_size,
        row.line_count,
        row.syntax_errors,
        row.failure,
    )


def _blob_columns(row: BlobRow) -> tuple[object, ...]:
    blob_id, reading = row.key
    return (
        f"\\x{blob_id}",
        reading,
        min(row.byte_size, LAST_SIZE),
        row.text_bytes,
        row.skip_reason,
        None if row.content is None else f"\\x{row.content.hex()}",
    )


def _symbol_columns(row: SymbolRow) -> tuple[object, ...]:
    return (
        row.symbol_no,
        row.file_no,
        row.container_no,
        row.line,
        row.start_line,
        row.end_line,
        int(row.flags),
        int(row.kind),
        min(row.column, LAST_COLUMN),
        min(row.start_column, LAST_COLUMN),
        min(row.end_column, LAST_COLUMN),
        row.name,
        row.signature,
        row.documentation,
    )


def _reference_line(row: ReferenceRow) -> str:
    # By itself: of these there are a million, and the general way takes twice as long.
    file_no, line, column, kind, name, enclosing, resolution, symbol, target, at = row
    column = column if column < LAST_COLUMN else LAST_COLUMN  # noqa: FURB136 - a call costs more
    return (
        f"{file_no}\t{line}\t{_NULL if symbol is None else symbol}\t"
        f"{_NULL if enclosing is None else enclosing}\t{_NULL if target is None else target}\t"
        f"{_NULL if at is None else at}\t{column}\t"
        f"{kind:d}\t{resolution:d}\t{_escaped(name)}\n"
    )


@lru_cache(maxsize=NAMES_HELD)
def _escaped(name: str) -> str:
    return name.translate(_ESCAPES)


def _dependency_columns(row: DependencyRow) -> tuple[object, ...]:
    return (
        row.file_no,
        row.line,
        row.to_file_no,
        min(row.column, LAST_COLUMN),
        int(row.kind),
        None if row.reason is None else int(row.reason),
        row.specifier,
        row.package,
    )
