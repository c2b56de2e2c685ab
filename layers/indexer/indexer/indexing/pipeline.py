"""From a leased job to a published index: fetch, discover, parse, resolve, store.

Everything hostile happens in children (fetch, listing, parsing); this process only joins what they
said and stores it. Between any two steps, and while it waits, it asks whether it shall go on.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from itertools import count as count_up

from indexer.collector import collector_paused
from indexer.database.connection import Database
from indexer.database.failures import TransactionConflict
from indexer.errors import PermanentJobError, Refused
from indexer.git.fetch import CommitFetch, FetchedCommit, WantedCommit
from indexer.git.limits import FetchLimits
from indexer.git.remote import Remote
from indexer.github.access import RepositoryAccess
from indexer.indexing.facts_spool import FactsSpool
from indexer.indexing.gather import Gathering, NotPieceByPiece
from indexer.indexing.joined import JoinedCommit
from indexer.indexing.known import KnownBlobs
from indexer.indexing.parsed import ParsedCommit
from indexer.indexing.reading import made_by
from indexer.indexing.spool import Spool
from indexer.indexing.store import (
    SnapshotSuperseded,
    TakenSnapshotGone,
    skip_if_indexed,
    store_indexed_data,
)
from indexer.jobs.endings import EndCode
from indexer.jobs.model import Lease, Phase
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import Run
from indexer.observability import Metric, count, logger
from indexer.resolution.places import BeyondReach
from indexer.resolution.relinking import NotRelinkable
from indexer.settings import Settings

# A deadlock or a serialization failure is no reason to fetch and parse all of it again.
STORE_TRIES = 3
FACTS, TEXTS, TRIGRAMS = "facts", "texts", "trigrams"
# The folders of a commit that is fetched piece by piece, and of a whole one.
PIECES, WHOLE = "pieces", "repository"


class RepositoryRefused(PermanentJobError):
    """The stored address of the repository is none that may be fetched."""

    code = "repository_refused"

    def __init__(self) -> None:
        super().__init__("the repository's address is not allowed here")


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

    # Facts and what links them live until the rows are stored, and leave next to no cycles.
    @collector_paused()
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
            joined = self._gathered(run, database, known, way, parsed, may_stand=may_stand)
            return None if joined is None else self._store_unless_superseded(run, database, joined)

    def _gathered(
        self,
        run: Run,
        database: Database,
        known: KnownBlobs,
        way: str,
        parsed: ParsedCommit,
        *,
        may_stand: bool,
    ) -> JoinedCommit | None:
        """The commit with the facts of its files in `parsed`; None: the job ended as skipped."""
        lease = run.lease
        with ExitStack() as opened:
            fetch, commit = self._fetched(run, database, way, opened)
            ref = commit.ref or lease.requested_ref or "HEAD"
            if not lease.force and skip_if_indexed(
                database, self._settings, lease, ref=ref, commit_sha=commit.commit_sha
            ):
                return None
            JobQueue(database, self._settings).note_commit(
                lease, ref=ref, commit_sha=commit.commit_sha
            )
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
        return JoinedCommit(
            commit, ref, parsed, gathered, made_by=known.made_by, settings=self._settings
        )

    def _store_unless_superseded(
        self, run: Run, database: Database, joined: JoinedCommit
    ) -> Lease | None:
        try:
            return self._store(run, database, joined)
        except SnapshotSuperseded:
            JobQueue(database, self._settings).skip(
                run.lease,
                code=EndCode.SUPERSEDED,
                message="A newer request for this ref was indexed first.",
                ref=joined.ref,
                commit_sha=joined.commit.commit_sha,
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

    def _store(self, run: Run, database: Database, joined: JoinedCommit) -> Lease | None:
        total = len(joined.parsed.files)
        run.report(Phase.RESOLVE, done=total, total=total)
        joined.join()
        run.report(Phase.STORE, done=total, total=total)
        successor = self._store_rows(run, database, joined)
        stats = joined.stats()
        logger.info("commit indexed", commit_sha=joined.commit.commit_sha, **stats)
        count(Metric.FILES_INDEXED, stats["files_indexed"])
        return successor

    def _store_rows(self, run: Run, database: Database, joined: JoinedCommit) -> Lease | None:
        """Store them; a transaction that met another one was undone, and is repeated."""
        tries = 1
        while True:
            try:
                return store_indexed_data(
                    database, self._settings, run.lease, joined.rows(run), next_for=run.next_for()
                )
            except TransactionConflict:
                if tries == STORE_TRIES:
                    raise
            tries += 1
            logger.warning("the store met another transaction and is repeated")
            run.check()
