"""From a leased job to a published index: fetch, discover, parse, resolve, store.

Everything hostile happens in children (fetch, listing, parsing); this process only joins what they
said and stores it. Between any two steps, and while it waits, it asks whether it shall go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count as count_up
from typing import Any, Self, TypeVar

from indexer.collector import collector_paused
from indexer.database.connection import Database
from indexer.database.failures import TransactionConflict
from indexer.errors import PermanentJobError, Refused
from indexer.git.fetch import CommitFetch, FetchedCommit, WantedCommit
from indexer.git.limits import FetchLimits
from indexer.git.remote import Remote
from indexer.github.access import RepositoryAccess
from indexer.indexing.copy_rows import FileRow, FileText, KnownText
from indexer.indexing.facts_spool import FactsSpool
from indexer.indexing.gather import Gathered, Gathering, NotPieceByPiece
from indexer.indexing.known import MOST_CONTENT_BYTES, BlobRow, KnownBlobs, packed_content
from indexer.indexing.names import Uses, not_counted
from indexer.indexing.parsed import ParsedCommit
from indexer.indexing.reading import CONFIG, linked_by, made_by, read_as
from indexer.indexing.spool import Spool
from indexer.indexing.standing import CountedRows, packed_links
from indexer.indexing.store import (
    IndexedCommit,
    SnapshotSuperseded,
    TakenSnapshotGone,
    skip_if_indexed,
    store_indexed_data,
)
from indexer.indexing.texts import unpacked
from indexer.indexing.trigrams import unpacked_trigrams
from indexer.jobs.model import Lease, Phase
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import Run
from indexer.observability import Metric, count, logger
from indexer.postings.blocks import Block, blocks_of
from indexer.postings.groups import grouped
from indexer.resolution.link import Linker
from indexer.resolution.places import BeyondReach
from indexer.resolution.relinking import NotRelinkable
from indexer.resolution.rows import DependencyRow, ReferenceRow, Resolution
from indexer.settings import Settings

# Rows between two questions whether the work shall go on: a fraction of a second.
ROWS_PER_CHECK = 5_000
TEXTS_PER_CHECK = 100
# A deadlock or a serialization failure is no reason to fetch and parse all of it again.
STORE_TRIES = 3
RESOLVED = (Resolution.EXACT, Resolution.HEURISTIC)
FACTS, TEXTS, TRIGRAMS = "facts", "texts", "trigrams"
# The folders of a commit that is fetched piece by piece, and of a whole one.
PIECES, WHOLE = "pieces", "repository"

Row = TypeVar("Row")


class RepositoryRefused(PermanentJobError):
    """The stored address of the repository is none that may be fetched."""

    code = "repository_refused"

    def __init__(self) -> None:
        super().__init__("the repository's address is not allowed here")


@dataclass(slots=True)
class Tally:
    """Counts rows while they stream into the store."""

    text_bytes: int = 0
    reused: int = 0
    references: Counter[int] = field(default_factory=Counter)
    """By `Resolution`."""
    dependencies: Counter[bool] = field(default_factory=Counter)
    """By whether they lead to a file of the commit."""

    @classmethod
    def of(cls, taken: CountedRows) -> Self:
        """With what is taken from another snapshot counted already."""
        return cls(references=taken.by_resolution, dependencies=taken.dependencies)


class Indexer:
    """Does the work of a job. One is enough for a process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._access = RepositoryAccess.from_settings(settings)
        self._fetches = count_up()

    def index_repository(self, run: Run, database: Database) -> Lease | None:
        """Index what the run's lease asks for, and end its job as completed or skipped.

        Gives the lease of the next job, where the run wants one and one was due.

        Raises:
            JobError: the run gave no index, and whether another may.
            LeaseLost, RunInterrupted: the run shall not go on.
            DatabaseError: the database failed.
        """
        mark = made_by(self._settings)
        known = KnownBlobs.read(database, run.lease.repository_id, mark)
        if run.lease.force:
            # Who insists gets an index that owes nothing to another.
            known = known.nothing()
        if len(known):
            try:
                return self._index_with(run, database, known, PIECES)
            except NotPieceByPiece as error:
                logger.info("the commit is fetched as a whole", reason=error.reason)
            except TakenSnapshotGone:
                logger.info("the commit is indexed anew: what was known is gone")
                known = known.nothing()
        return self._index_with(run, database, known, WHOLE)

    def _index_with(
        self, run: Run, database: Database, known: KnownBlobs, way: str
    ) -> Lease | None:
        try:
            return self._index(run, database, known, way, may_stand=len(known) > 0)
        except (NotRelinkable, BeyondReach) as error:
            # It showed only while the rows were made, and undid them.
            logger.warning("the commit is linked again, as a whole", reason=str(error))
            return self._index(run, database, known, way, may_stand=False)

    def _index(
        self, run: Run, database: Database, known: KnownBlobs, way: str, *, may_stand: bool
    ) -> Lease | None:
        with (
            closing(
                FactsSpool(run.directory / FACTS, most_held=self._settings.facts_in_memory)
            ) as facts,
            closing(Spool(run.directory / TEXTS)) as texts,
            closing(Spool(run.directory / TRIGRAMS)) as trigrams,
        ):
            parsed = ParsedCommit(spool=facts, texts=texts, trigrams=trigrams)
            links = self._gathered(run, database, known, way, parsed, may_stand=may_stand)
            return None if links is None else self._store_unless_superseded(run, database, links)

    def _gathered(
        self,
        run: Run,
        database: Database,
        known: KnownBlobs,
        way: str,
        parsed: ParsedCommit,
        *,
        may_stand: bool,
    ) -> _Links | None:
        """The commit with the facts of its files in `parsed`; None: the job ended as skipped."""
        lease = run.lease
        with ExitStack() as opened:
            fetch, commit = self._fetched(run, database, way, opened)
            ref = commit.ref or lease.requested_ref or "HEAD"
            if not lease.force and skip_if_indexed(
                database, self._settings, lease, ref=ref, commit_sha=commit.commit_sha
            ):
                return None
            gathering = Gathering(
                run,
                self._settings,
                fetch,
                commit=commit,
                known=known,
                parsed=parsed,
                ref=ref,
                database=database if may_stand else None,
            )
            gathered = gathering.gather()
        commit = commit._replace(received_bytes=gathering.received_bytes)
        return _Links(commit, ref, parsed, gathered, made_by=known.made_by, settings=self._settings)

    def _store_unless_superseded(self, run: Run, database: Database, links: _Links) -> Lease | None:
        try:
            # Linking builds up what lives until the rows are stored, and leaves next to no cycles.
            with collector_paused():
                return self._store(run, database, links)
        except SnapshotSuperseded as superseded:
            JobQueue(database, self._settings).skip(
                run.lease,
                code=superseded.code,
                message="A newer request for this ref was indexed first.",
                ref=links.ref,
                commit_sha=links.commit.commit_sha,
            )
            return None

    def _fetched(
        self, run: Run, database: Database, way: str, opened: ExitStack
    ) -> tuple[CommitFetch, FetchedCommit]:
        """The commit that the job asks for, and its fetch, which ends with `opened`."""
        lease = run.lease
        run.report(Phase.CLONE)
        limits = FetchLimits.from_settings(self._settings)
        wanted = WantedCommit(
            remote=self._remote(lease),
            ref=lease.requested_ref or None,
            commit_sha=lease.requested_commit,
        )

        def read(token: str | None) -> tuple[CommitFetch, FetchedCommit]:
            with ExitStack() as undone:
                fetch = undone.enter_context(
                    CommitFetch(
                        wanted,
                        # What an earlier fetch of the run left behind is in nobody's way.
                        directory=run.directory / way / str(next(self._fetches)),
                        limits=limits._replace(seconds=min(limits.seconds, run.remaining_seconds)),
                        token=token,
                        trees_only=way == PIECES,
                        check=run.check,
                    )
                )
                commit = fetch.commit()
                opened.push(undone.pop_all())
                return fetch, commit

        return self._access.read(database, lease.tenant_id, wanted.remote, read)

    def _remote(self, lease: Lease) -> Remote:
        # The row was checked when it was made; a row is not trusted all the same.
        try:
            return Remote.parse(
                lease.clone_url,
                allowed_hosts=self._settings.allowed_hosts,
                allow_local=self._settings.allow_local_repositories,
            )
        except Refused:
            raise RepositoryRefused from None

    def _store(self, run: Run, database: Database, links: _Links) -> Lease | None:
        total = len(links.parsed.files)
        run.report(Phase.RESOLVE, done=total, total=total)
        links.join()
        run.report(Phase.STORE, done=total, total=total)
        successor = self._store_rows(run, database, links)
        stats = links.stats()
        logger.info("commit indexed", commit_sha=links.commit.commit_sha, **stats)
        count(Metric.FILES_INDEXED, stats["files_indexed"])
        return successor

    def _store_rows(self, run: Run, database: Database, links: _Links) -> Lease | None:
        """Store them; a transaction that met another one was undone, and is repeated."""
        tries = 1
        while True:
            try:
                return store_indexed_data(
                    database, self._settings, run.lease, links.rows(run), next_for=run.next_for()
                )
            except TransactionConflict:
                if tries == STORE_TRIES:
                    raise
            tries += 1
            logger.warning("the store met another transaction and is repeated")
            run.check()


class _Links:
    """The joined index of one commit, as rows that are made while they are stored."""

    def __init__(
        self,
        commit: FetchedCommit,
        ref: str,
        parsed: ParsedCommit,
        gathered: Gathered,
        *,
        made_by: bytes,
        settings: Settings,
    ) -> None:
        self.commit, self.ref, self.parsed = commit, ref, parsed
        self._gathered, self._part = gathered, gathered.part
        self._changed = None if self._part is None else frozenset(self._part.change.changed)
        self._made_by, self._settings = made_by, settings
        self._tally = Tally()
        self._linker: Linker | None = None

    def join(self) -> None:
        """Resolve every import of every file that is linked."""
        self._linker = Linker(
            self.parsed,
            self._gathered.resolver,
            paths=[one.found.path for one in self.parsed.files],
            relinking=None if self._part is None else self._part.relinking,
        )

    def rows(self, run: Run) -> IndexedCommit:
        """The rows, each kind to be read once; asked for again they are made and counted anew."""
        if self._linker is None:
            raise AssertionError("rows are made after join")
        part, linker = self._part, self._linker
        self._tally = Tally() if part is None else Tally.of(part.taken())
        uses = Uses(not_counted(linker.symbol_count) if part is None else part.uses())
        return IndexedCommit(
            ref=self.ref,
            default_ref=self.commit.default_ref,
            commit_sha=self.commit.commit_sha,
            files=self._files(linker.paths),
            texts=_checked(self._texts(), run, every=TEXTS_PER_CHECK),
            references=self._references(uses.of_references(_checked(linker.references(), run))),
            symbols=uses.of_symbols(_checked(linker.symbols(), run)),
            names=_checked(uses.names(), run),
            postings=self._postings(run),
            file_groups=grouped((one.found.path, one.has_text) for one in self.parsed.files),
            dependencies=self._dependencies(_checked(linker.dependencies(), run)),
            imported_names=linker.imported_names(),
            package_entries=linker.package_entries() if part is None else part.entries.rows,
            package_exports=_checked(linker.package_exports(), run),
            known_texts=self._known_texts(),
            blobs=_checked(self._blobs(), run, every=TEXTS_PER_CHECK),
            known_blobs=self.parsed.taken_over,
            made_by=self._made_by,
            linked_by=linked_by(self._settings),
            links=lambda: self._links(linker),
            taken=None if part is None else part.taken_rows(uses),
            stats=self.stats,
        )

    def stats(self) -> Mapping[str, Any]:
        """What the index holds; complete once the rows were read."""
        tally, part = self._tally, self._part
        failed = sum(self.parsed.failed.values())
        return {
            "files_indexed": len(self.parsed.files) - failed,
            "symbols_extracted": 0 if self._linker is None else self._linker.symbol_count,
            "references_found": tally.references.total(),
            "references_resolved": sum(tally.references[one] for one in RESOLVED),
            "dependencies_extracted": tally.dependencies.total(),
            "dependencies_internal": tally.dependencies[True],
            "files_skipped": dict(sorted(self.parsed.skipped.items())),
            "files_failed": dict(sorted(self.parsed.failed.items())),
            "bytes_indexed": sum(one.byte_size for one in self.parsed.files),
            "bytes_of_text": tally.text_bytes,
            "bytes_received": self.commit.received_bytes,
            "files_reused": tally.reused,
            "files_linked": len(self.parsed.files if part is None else part.change.relinked),
            "bytes_not_transferred": self.parsed.bytes_not_transferred,
            "references_by_resolution": {
                Resolution(one).name.lower(): number
                for one, number in sorted(tally.references.items())
            },
        }

    def _files(self, paths: Sequence[str]) -> Iterator[FileRow]:
        for file_no, (path, one) in enumerate(zip(paths, self.parsed.files, strict=True)):
            if path != one.found.path:
                raise AssertionError("the linker numbers files in another order")
            yield FileRow(
                file_no=file_no,
                path=path,
                blob_id=one.found.blob_id,
                byte_size=one.byte_size,
                line_count=one.line_count,
                syntax_errors=one.syntax_errors,
                failure=one.failure,
            )

    def _texts(self) -> Iterator[FileText]:
        most = self._settings.max_file_bytes
        for file_no, one in enumerate(self.parsed.files):
            if one.text is not None:
                content = unpacked(self.parsed.texts[one.text], file_bytes=most)
                one.text_bytes = len(content)
                self._tally.text_bytes += one.text_bytes
                if self._is_stored_anew(file_no):
                    yield FileText(file_no, content)

    def _known_texts(self) -> Iterator[KnownText]:
        for file_no, one in enumerate(self.parsed.files):
            if one.known_text is not None:
                self._tally.reused += 1
                self._tally.text_bytes += one.text_bytes
                if self._is_stored_anew(file_no):
                    yield KnownText(file_no, one.known_text, one.found.blob_id)

    def _is_stored_anew(self, file_no: int) -> bool:
        """Whether nothing of a file is taken from the snapshot that stands."""
        return self._changed is None or file_no in self._changed

    def _links(self, linker: Linker) -> bytes | None:
        linked = linker.linked()
        if linked is None:
            return None
        return packed_links(linked._replace(answered_by=self._gathered.answered_by))

    def _postings(self, run: Run) -> Iterable[Block]:
        """Where a part is linked anew, made at once: rows cannot be read while others are sent."""
        if self._part is None:
            return blocks_of(_checked(self._trigrams(), run, every=TEXTS_PER_CHECK))
        changed = {one: self._trigrams_of(one) for one in self._part.change.changed}
        return self._part.postings(changed)

    def _trigrams(self) -> Iterator[tuple[int, Sequence[int]]]:
        for file_no, one in enumerate(self.parsed.files):
            if one.trigrams is not None:
                yield file_no, self._trigrams_of(file_no)

    def _trigrams_of(self, file_no: int) -> Sequence[int]:
        number = self.parsed.files[file_no].trigrams
        return () if number is None else unpacked_trigrams(self.parsed.trigrams[number])

    def _blobs(self) -> Iterator[BlobRow]:
        """What was learned of blobs that were not known; each blob and reading once."""
        parsed, seen = self.parsed, set(self.parsed.taken_over)
        for blob_id, config in self._gathered.survey.read.items():
            key = (blob_id, CONFIG)
            content = None if config.content is None else packed_content(config.content)
            if key not in seen and len(content or b"") <= MOST_CONTENT_BYTES:
                yield BlobRow(key, config.byte_size, content=content)
        for key, (size, reason) in parsed.left_out.items():
            yield BlobRow(key, size, skip_reason=reason)
        for one in parsed.files:
            key = (one.found.blob_id, read_as(one.found.path))
            if one.spooled is None or key in seen:
                continue
            seen.add(key)
            content = parsed.spool.packed(one.spooled)
            trigrams = None if one.trigrams is None else parsed.trigrams[one.trigrams]
            if len(content) <= MOST_CONTENT_BYTES:
                yield BlobRow(
                    key, one.byte_size, one.text_bytes, content=content, trigrams=trigrams
                )

    def _references(self, rows: Iterator[ReferenceRow]) -> Iterator[ReferenceRow]:
        endings = self._tally.references
        for row in rows:
            endings[row.resolution] += 1
            yield row

    def _dependencies(self, rows: Iterator[DependencyRow]) -> Iterator[DependencyRow]:
        for row in rows:
            self._tally.dependencies[row.to_file_no is not None] += 1
            yield row


def _checked(rows: Iterator[Row], run: Run, *, every: int = ROWS_PER_CHECK) -> Iterator[Row]:
    """The same rows; now and then the run is asked whether it shall go on."""
    for number, row in enumerate(rows):
        if not number % every:
            run.check()
        yield row
