"""From a leased job to a published index: clone, discover, parse, resolve, store.

Everything hostile happens in children (fetch, listing, parsing); this process only joins what they
said and stores it. Between any two steps, and while it waits, it asks whether it shall go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from indexer.database.connection import Database
from indexer.database.failures import TransactionConflict
from indexer.errors import PermanentJobError, Refused
from indexer.git.fetch import FetchedCommit, WantedCommit, fetch_commit
from indexer.git.limits import FetchLimits
from indexer.git.remote import Remote
from indexer.indexing.facts_spool import FactsSpool
from indexer.indexing.parse_child import Failed, FileToParse, ParseAnswer, Parsed, Skipped
from indexer.indexing.parse_pool import ParsePool
from indexer.indexing.spool import Spool
from indexer.indexing.store import (
    FileRow,
    FileText,
    IndexedCommit,
    SnapshotSuperseded,
    skip_if_indexed,
    store_indexed_data,
)
from indexer.indexing.survey import FoundFile, Survey, survey_commit
from indexer.indexing.texts import unpacked
from indexer.jobs.model import Lease, Phase
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import Run
from indexer.observability import Metric, count, logger
from indexer.parsing.facts import FileFacts, TypeFacts
from indexer.resolution.link import Linker
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.rows import DependencyRow, ReferenceRow, Resolution, SymbolRow
from indexer.settings import Settings

# Rows between two questions whether the work shall go on: a fraction of a second.
ROWS_PER_CHECK = 5_000
TEXTS_PER_CHECK = 100
# A deadlock or a serialization failure is no reason to fetch and parse all of it again.
STORE_TRIES = 3
RESOLVED = (Resolution.EXACT, Resolution.HEURISTIC)
NO_FACTS = FileFacts([], [], [], [], [], 0, 0, TypeFacts([], [], [], []))
FACTS, TEXTS = "facts", "texts"

Row = TypeVar("Row")


class RepositoryRefused(PermanentJobError):
    """The stored address of the repository is none that may be fetched."""

    code = "repository_refused"

    def __init__(self) -> None:
        super().__init__("the repository's address is not allowed here")


@dataclass(slots=True, kw_only=True)
class ParsedFile:
    """A file of the snapshot: parsed, its facts in their spool, or failed.

    `text` is its number in the spool of texts; None: its bytes are no text.
    """

    found: FoundFile
    byte_size: int
    line_count: int = 0
    syntax_errors: int = 0
    spooled: int | None = None
    text: int | None = None
    failure: str | None = None


@dataclass(slots=True, kw_only=True)
class ParsedCommit(Sequence[tuple[str, FileFacts]]):
    """The files of the snapshot in path order, and what was left out or failed, by reason.

    As a sequence it gives the path and the facts of each file, which may be read from the disk.
    """

    files: list[ParsedFile]
    skipped: Counter[str]
    failed: Counter[str]
    spool: FactsSpool
    texts: Spool

    def __len__(self) -> int:
        return len(self.files)

    @overload
    def __getitem__(self, at: int) -> tuple[str, FileFacts]: ...

    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, FileFacts]]: ...

    def __getitem__(self, at: int | slice) -> tuple[str, FileFacts] | list[tuple[str, FileFacts]]:
        """One file, or those of a slice."""
        if isinstance(at, slice):
            return [self._facts_of(one) for one in self.files[at]]
        return self._facts_of(self.files[at])

    def _facts_of(self, one: ParsedFile) -> tuple[str, FileFacts]:
        return one.found.path, NO_FACTS if one.spooled is None else self.spool[one.spooled]


@dataclass(slots=True)
class Tally:
    """Counts rows while they stream into the store."""

    text_bytes: int = 0
    symbols: int = 0
    references: Counter[int] = field(default_factory=Counter)
    """By `Resolution`."""
    dependencies: Counter[bool] = field(default_factory=Counter)
    """By whether they lead to a file of the commit."""


class Indexer:
    """Does the work of a job. One is enough for a process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def index_repository(self, run: Run, database: Database) -> Lease | None:
        """Index what the run's lease asks for, and end its job as completed or skipped.

        Gives the lease of the next job, where the run wants one and one was due.

        Raises:
            JobError: the run gave no index, and whether another may.
            LeaseLost, RunInterrupted: the run shall not go on.
            DatabaseError: the database failed.
        """
        lease = run.lease
        commit = self._fetched(run)
        ref = commit.ref or lease.requested_ref or "HEAD"
        if not lease.force and skip_if_indexed(
            database, self._settings, lease, ref=ref, commit_sha=commit.commit_sha
        ):
            return None
        with (
            closing(
                FactsSpool(run.directory / FACTS, most_held=self._settings.facts_in_memory)
            ) as facts,
            closing(Spool(run.directory / TEXTS)) as texts,
        ):
            parsed = ParsedCommit(
                files=[], skipped=Counter(), failed=Counter(), spool=facts, texts=texts
            )
            survey = self._parse(run, commit, parsed)
            return self._store_unless_superseded(
                run, database, _Links(commit, ref, parsed, survey, self._settings)
            )

    def _store_unless_superseded(self, run: Run, database: Database, links: _Links) -> Lease | None:
        try:
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

    def _fetched(self, run: Run) -> FetchedCommit:
        lease = run.lease
        run.report(Phase.CLONE)
        limits = FetchLimits.from_settings(self._settings)
        return fetch_commit(
            WantedCommit(
                remote=self._remote(lease),
                ref=lease.requested_ref or None,
                commit_sha=lease.requested_commit,
            ),
            directory=run.directory / "repository",
            limits=limits._replace(seconds=min(limits.seconds, run.remaining_seconds)),
            check=run.check,
        )

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

    def _parse(self, run: Run, commit: FetchedCommit, parsed: ParsedCommit) -> Survey:
        """Fill `parsed` with what the children say of each file; what the commit holds."""
        run.report(Phase.DISCOVER)
        directory = run.directory / "repository"
        base_bytes = FetchLimits.from_settings(self._settings).object_bytes
        survey = survey_commit(
            directory,
            commit.commit_sha,
            self._settings,
            base_bytes=base_bytes,
            check=run.check,
        )
        total = len(survey.files)
        run.report(Phase.PARSE, total=total)
        todo = [
            FileToParse(number, file.path, file.blob_id) for number, file in enumerate(survey.files)
        ]
        files: dict[int, ParsedFile] = {}
        parsed.skipped.update(survey.skipped)
        pool = ParsePool(directory, self._settings, base_bytes=base_bytes)
        # Closed here and now: an error would keep the children alive as long as its traceback.
        with closing(pool.parse(todo, run.check)) as answers:
            for done, answer in enumerate(answers, start=1):
                one = _taken(answer, survey.files[answer.number], parsed)
                if one is not None:
                    files[answer.number] = one
                run.report(Phase.PARSE, done=done, total=total)
        parsed.files = [files[number] for number in sorted(files)]
        return survey

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


def _taken(answer: ParseAnswer, found: FoundFile, parsed: ParsedCommit) -> ParsedFile | None:
    """The file that an answer is about, its facts spooled; None: it is not to be indexed."""
    match answer:
        case Parsed(byte_size=size, text=text, facts=facts):
            return ParsedFile(
                found=found,
                byte_size=size,
                line_count=facts.line_count,
                syntax_errors=facts.syntax_errors,
                spooled=parsed.spool.append(facts),
                text=parsed.texts.append(text),
            )
        case Failed(byte_size=size, reason=reason, line_count=lines, text=kept):
            parsed.failed[reason] += 1
            return ParsedFile(
                found=found,
                byte_size=size,
                line_count=lines,
                text=None if kept is None else parsed.texts.append(kept),
                failure=reason,
            )
        case Skipped(reason=reason):
            parsed.skipped[reason] += 1
            return None


class _Links:
    """The joined index of one commit, as rows that are made while they are stored."""

    def __init__(
        self,
        commit: FetchedCommit,
        ref: str,
        parsed: ParsedCommit,
        survey: Survey,
        settings: Settings,
    ) -> None:
        self.commit, self.ref, self.parsed = commit, ref, parsed
        self._survey, self._settings = survey, settings
        self._tally = Tally()
        self._linker: Linker | None = None

    def join(self) -> None:
        """Resolve every import of every file."""
        resolver = ModuleResolver(self._survey.paths, self._survey.configs.get)
        self._linker = Linker(self.parsed, resolver)

    def rows(self, run: Run) -> IndexedCommit:
        """The rows, each kind to be read once; asked for again they are made and counted anew."""
        if self._linker is None:
            raise AssertionError("rows are made after join")
        self._tally = Tally()
        return IndexedCommit(
            ref=self.ref,
            default_ref=self.commit.default_ref,
            commit_sha=self.commit.commit_sha,
            files=self._files(self._linker.paths),
            texts=_checked(self._texts(), run, every=TEXTS_PER_CHECK),
            symbols=self._symbols(_checked(self._linker.symbols(), run)),
            references=self._references(_checked(self._linker.references(), run)),
            dependencies=self._dependencies(_checked(self._linker.dependencies(), run)),
            stats=self.stats,
        )

    def stats(self) -> Mapping[str, Any]:
        """What the index holds; complete once the rows were read."""
        tally = self._tally
        failed = sum(self.parsed.failed.values())
        return {
            "files_indexed": len(self.parsed.files) - failed,
            "symbols_extracted": tally.symbols,
            "references_found": tally.references.total(),
            "references_resolved": sum(tally.references[one] for one in RESOLVED),
            "dependencies_extracted": tally.dependencies.total(),
            "dependencies_internal": tally.dependencies[True],
            "files_skipped": dict(sorted(self.parsed.skipped.items())),
            "files_failed": dict(sorted(self.parsed.failed.items())),
            "bytes_indexed": sum(one.byte_size for one in self.parsed.files),
            "bytes_of_text": tally.text_bytes,
            "bytes_received": self.commit.received_bytes,
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
                self._tally.text_bytes += len(content)
                yield FileText(file_no, content)

    def _symbols(self, rows: Iterator[SymbolRow]) -> Iterator[SymbolRow]:
        for row in rows:
            self._tally.symbols += 1
            yield row

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
