"""The stages that need a database: a whole job, a job that takes over, and the store alone."""

from __future__ import annotations

import logging
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from server_cpu import server_cpu

from indexing.inputs import commit_one_file
from indexing.stage import Figures, Known, sources_of, timed

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from indexer.database.connection import Database
    from indexer.indexing.store import IndexedCommit
    from indexer.jobs.model import Lease
    from indexer.settings import Settings

STATS = (
    *("symbols_extracted", "references_found", "references_resolved"),
    *("files_indexed", "files_reused", "files_linked", "bytes_not_transferred", "bytes_received"),
)
JOB_SECONDS = 3_600.0


def whole_job(known: Known) -> Figures:
    """A job that takes nothing over."""
    return _job(known, known["repository"], force=True)


def index_of_copy(known: Known) -> Figures:
    """The index of what the copy holds by now, as a push brings it about."""
    return _job(known, known["copy"], force=False)


def forced_index_of_copy(known: Known) -> Figures:
    """The same, taking nothing over."""
    return _job(known, known["copy"], force=True)


def reindex(known: Known) -> Figures:
    """The job after a commit that adds an export to one file."""
    return _after_a_commit(known, "export const benchmark{} = 1;")


def reindex_inside(known: Known) -> Figures:
    """The job after a commit that adds to one file what no other one sees."""
    return _after_a_commit(known, "{{ const benchmark{} = 1; }}")


def reindex_more(known: Known) -> Figures:
    """The job after a commit that adds a file."""
    return _after_a_commit(known, "export const benchmark{} = 1;", beside=True)


def _after_a_commit(known: Known, line: str, *, beside: bool = False) -> Figures:
    sizes = [(len(text), path) for path, text in sources_of(known)]
    commit_one_file(Path(known["copy"]), sizes, line, beside=beside)
    return _job(known, known["copy"], force=False)


def store(known: Known) -> Figures:
    """Only the store of a job that takes nothing over: its rows are made before the clock runs."""
    from indexer.indexing.store import store_indexed_data

    costs = []

    def measured_store(
        database: Database,
        settings: Settings,
        lease: Lease,
        commit: IndexedCommit,
        *,
        next_for: str | None,
    ) -> Lease | None:
        made = _with_rows_made(commit)
        leased = []

        def work() -> None:
            leased.append(store_indexed_data(database, settings, lease, made, next_for=next_for))

        costs.append(_timed_with_database(known, work))
        return leased[0]

    with patch("indexer.indexing.pipeline.store_indexed_data", measured_store):
        _job(known, known["repository"], force=True)
    # The largest process is one that holds all rows, which a job never does.
    return costs[-1] | {"peak": None}


def _with_rows_made(commit: IndexedCommit) -> IndexedCommit:
    """The same commit, its rows in lists, read in the order in which the store reads them."""
    return replace(
        commit,
        files=list(commit.files),
        texts=list(commit.texts),
        symbols=list(commit.symbols),
        references=list(commit.references),
        dependencies=list(commit.dependencies),
        known_texts=list(commit.known_texts),
        blobs=list(commit.blobs),
        known_blobs=list(commit.known_blobs),
    )


def _job(known: Known, repository: str, *, force: bool) -> Figures:
    """A job from its lease to its published snapshot, as the worker runs it."""
    from indexer.database.connection import Database
    from indexer.database.target import Target
    from indexer.indexing.pipeline import Indexer
    from indexer.jobs.model import IndexRequest
    from indexer.jobs.queue import JobQueue
    from indexer.jobs.run import StopSignal
    from indexer.jobs.runner import Runner
    from indexer.observability import logger
    from indexer.settings import Settings

    # Nothing but the result goes to standard output.
    if isinstance(logger.registered_handler, logging.StreamHandler):
        logger.registered_handler.setStream(sys.stderr)
    settings = replace(
        Settings.from_environment(),
        allow_local_repositories=True,
        work_directory=known["work"],
    )
    target = Target.parse(known["database_url"])
    database, heartbeats = Database(target), Database(target)
    tenant = _tenant(database)
    request = IndexRequest(
        tenant_id=tenant,
        clone_url=repository,
        full_name=f"benchmark/{Path(repository).name}",
        force=force,
        request_id="benchmark",
    )

    def work() -> Figures:
        with closing(database), closing(heartbeats):
            job_id = JobQueue(database, settings).enqueue(request).job_id
            Runner(
                database=database,
                heartbeats=heartbeats,
                settings=settings,
                work=Indexer(settings).index_repository,
                stop=StopSignal(drain_seconds=0),
            ).run(worker="benchmark", remaining_seconds=lambda: JOB_SECONDS, max_jobs=1)
            with database.transaction(principal=tenant) as statements:
                job = statements.fetch_one("job_by_id", job_id=job_id)
        if job is None or job["status"] != "completed":
            raise SystemExit(f"the job did not complete: {job and job['error_code']}")
        return {name: job["stats"][name] for name in STATS}

    return _timed_with_database(known, work)


def _timed_with_database(known: Known, work: Callable[[], Figures | None]) -> Figures:
    """As `timed`, with the CPU of the database server, which is no child of this process."""
    before = server_cpu(known["postmaster"])
    figures = timed(work)
    after = server_cpu(known["postmaster"])
    return figures | {"database_cpu": None if before is None or after is None else after - before}


def _tenant(database: Database) -> UUID:
    from indexer.access.provisioning import issue_key
    from indexer.settings import Settings

    return issue_key(database, Settings(), email="benchmark@example.com", tier="team").tenant_id
