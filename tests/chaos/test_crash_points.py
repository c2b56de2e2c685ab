"""Every statement of a job, cut before the server sees it and after the server has done it.

The real indexer says which statements a job is made of, and what index must come out. Then each
statement of that list is cut in a run of its own, time passes, another worker comes by, and what is
there must be what the list says: which attempts were counted, how each ended, one whole index. For
these runs the rows of the first are kept, so that not all of them fetch and parse again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.chaos.crash_points import (
    FAILED_ONCE,
    HEARTBEAT,
    INDEXED,
    REFUSED,
    STANDS,
    STORIES,
    WORK,
    CrashPoint,
    Stage,
    Story,
    decides,
    raises,
)
from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import QueueBench
from tests.support.git_server import GitServer
from tests.support.processes import children_of_sandbox
from tests.support.proxy import Fault, Statement, numbered, proxy_before
from tests.support.repositories import Repository
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.indexing import pipeline
from indexer.indexing.known import KnownBlobs
from indexer.indexing.pipeline import Indexer
from indexer.indexing.store import IndexedCommit, skip_if_indexed, store_indexed_data
from indexer.jobs.model import Lease, Phase
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import Run
from indexer.jobs.runner import Work
from indexer.settings import Settings

SOURCES = {
    "src/a.ts": b'import { b } from "./b";\nexport const a = b(1);\n',
    "src/b.ts": b"/** Doubles. */\nexport function b(n: number) { return n * 2; }\n",
}
CUTS = (Fault.CUT_BEFORE, Fault.CUT_AFTER)


@pytest.fixture
def stage(
    migrated_database: ScratchDatabase,
    api_database: Database,
    worker_database: Database,
    make_tenant: Callable[..., UUID],
    tmp_path: Path,
    driver: str,
) -> Iterator[Stage]:
    Repository.create(tmp_path / "remotes" / "owner" / "sources").commit_files(SOURCES)
    work = tmp_path / "work"
    work.mkdir()
    settings = Settings(work_directory=str(work), allow_local_repositories=True, parse_processes=1)
    with GitServer(tmp_path / "remotes") as git, proxy_before(migrated_database.worker) as proxy:
        bench = QueueBench(
            migrated_database, api_database, worker_database, make_tenant(), settings
        )
        with migrated_database.connection() as looking:
            index = Indexer(settings).index_repository
            yield Stage(bench, git, proxy, work, driver, index, looking)


@pytest.fixture
def recorded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Work:
    """The indexer's work on this repository with the rows that it made, and no git or parser."""
    kept: list[IndexedCommit] = []

    def keeping(
        database: Database, settings: Settings, lease: Lease, commit: IndexedCommit, **more: Any
    ) -> Lease | None:
        rows = {
            name: list(getattr(commit, name))
            for name in (
                *("files", "texts", "known_texts", "symbols", "references", "dependencies"),
                *("blobs", "known_blobs"),
            )
        }
        stats = commit.stats()
        kept.append(replace(commit, **rows, stats=lambda: stats))
        return store_indexed_data(database, settings, lease, kept[0], **more)

    def work(run: Run, database: Database) -> Lease | None:
        (commit,) = kept
        settings, lease = stage.bench.settings, run.lease
        KnownBlobs.read(database, lease.repository_id, commit.made_by)
        if not lease.force and skip_if_indexed(
            database, settings, lease, ref=commit.ref, commit_sha=commit.commit_sha
        ):
            return None
        JobQueue(database, settings).note_commit(
            lease, ref=commit.ref, commit_sha=commit.commit_sha
        )
        return store_indexed_data(database, settings, lease, commit, next_for=run.next_for())

    traces = []
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "store_indexed_data", keeping)
        for how in (stage.work, work):
            arrange(stage, INDEXED)
            stage.first_worker(how)
            names = stage.names()
            traces.append(names[: decides(names, INDEXED.decided_by)])
    assert traces[0] == traces[1]
    return work


def arrange(stage: Stage, story: Story) -> UUID:
    """A job that waits for the first worker."""
    if story is STANDS and not stage.count("kotadb.snapshots"):
        stage.enqueue()
        stage.second_worker()
    elif story is not STANDS:
        stage.sql("DELETE FROM kotadb.repositories")
    job_id = stage.enqueue()
    if story is INDEXED:
        stage.bench.lease()  # by a worker that is no more
        stage.pass_a_while()
    stage.proxy.forget()
    return job_id


def workers(stage: Stage, story: Story) -> tuple[Work, Work]:
    """The work of the first and of the second worker."""
    first = stage.work if story.fails is None else raises(story.fails)
    return first, first if story is REFUSED else stage.work


def cut(stage: Stage, story: Story, names: list[str], at: CrashPoint) -> None:
    """Cut there, recover, and look at everything that is left."""
    job_id = arrange(stage, story)
    work, later_work = workers(stage, story)
    plan = stage.proxy.plan(at.fault, numbered(WORK, at.number))
    first = stage.first_worker(work)
    # How often a worker looks for more when a job is done depends on the time; so does the rest.
    if at.number <= decides(names, story.decided_by):
        assert plan.met.is_set(), at
        assert plan.statement is not None
        assert plan.statement.name == at.name
    second = stage.second_worker(later_work)
    expected = story.attempts(names, at)
    assert found(stage, job_id) == {
        "status": story.ends,
        "retry_count": len(expected) - 1,
        "attempts": expected,
        "live": int(story.ends != "failed"),
        "leases": None if story.ends == "failed" else len(expected),
        "dead": int(story.ends == "failed"),
    }, at
    assert stage.count("kotadb.snapshots") == int(story is not REFUSED), at
    assert not list(stage.work_directory.iterdir())
    if story.was_done(names, at):
        # It was done, whatever became of the answer; nobody does it again.
        assert len(second) == len(story.done) - 1, at
        assert first is None or (len(first) == 1 and first[0] in story.told), at


def found(stage: Stage, job_id: UUID) -> dict[str, Any]:
    (row,) = stage.sql(
        "SELECT status, retry_count, array(SELECT outcome FROM kotadb.job_attempts AS one "
        "WHERE one.job_id = id ORDER BY attempt) AS attempts, "
        "(SELECT count(*) FROM kotadb_queue.live WHERE job_id = id) AS live, "
        "(SELECT leases FROM kotadb_queue.live WHERE job_id = id) AS leases, "
        "(SELECT count(*) FROM kotadb_queue.dead_letters WHERE job_id = id) AS dead "
        "FROM kotadb.index_jobs WHERE id = %s",
        job_id,
    )
    return row


def sweep_through(stage: Stage, story: Story, *, only: set[str] | None = None) -> None:
    """Cut at every statement of a story, or at those of some names."""
    arrange(stage, story)
    work, later_work = workers(stage, story)
    stage.first_worker(work)
    names = stage.names()
    stage.second_worker(later_work)
    index = stage.index()
    points = [
        CrashPoint(number, name, fault)
        for number, name in enumerate(names, start=1)
        for fault in CUTS
        if only is None or name in only
    ]
    assert len(points) >= 4
    for point in points:
        cut(stage, story, names, point)
        assert stage.index() == index, point
    eventually(lambda: not open_transactions(stage))
    assert not children_of_sandbox()


def open_transactions(stage: Stage) -> int:
    return stage.count(
        "pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL "
        f"AND usename = '{stage.bench.scratch.worker.user}'"
    )


@pytest.mark.proves("W11", "W12", "W13", "W16", "W17", "O9", "Q23")
@pytest.mark.parametrize("driver", ["psycopg"])
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_job_that_is_cut_at_any_statement_ends_once_and_as_it_should(stage, recorded, story):
    stage.work = recorded
    sweep_through(stage, story)


# Over pg8000 every statement stands between BEGIN and COMMIT: its commits are what differs.
@pytest.mark.parametrize("driver", ["pg8000"])
@pytest.mark.parametrize("story", [INDEXED, STANDS], ids=["indexed", "stands already"])
def test_a_job_that_is_cut_at_any_commit_ends_once_and_as_it_should(stage, recorded, story):
    stage.work = recorded
    sweep_through(stage, story, only={"COMMIT"})


def test_the_lease_that_was_taken_with_the_end_of_a_job_is_found_when_the_answer_is_lost(
    stage, recorded
):
    stage.work = recorded
    arrange(stage, STANDS)
    jobs = [stage.enqueue(force=True), stage.enqueue(ref="main", force=True)]
    stage.proxy.forget()

    def ends_the_first(one: Statement) -> bool:
        return one.name == "COMMIT" and "publish_snapshot" in stage.names()

    plan = stage.proxy.plan(Fault.CUT_AFTER, ends_the_first)
    assert stage.first_worker() == ["completed", "completed"]
    assert plan.met.is_set()
    assert [found(stage, job_id)["attempts"] for job_id in jobs] == [["completed"], ["completed"]]


@pytest.mark.parametrize("driver", ["psycopg"])
def test_an_indexer_that_is_cut_where_its_store_begins_and_ends_indexes_it_once_and_whole(stage):
    sweep_through(stage, INDEXED, only={"add_snapshot", "COMMIT"})


@pytest.mark.proves("Q22")
@pytest.mark.parametrize("fault", CUTS)
# pg8000 renews in five turns, from BEGIN to COMMIT.
@pytest.mark.parametrize(("driver", "number"), [("psycopg", 1), ("pg8000", 1), ("pg8000", 5)])
def test_a_renewal_that_is_cut_is_made_up_for_and_costs_the_run_nothing(stage, fault, number):
    job_id = arrange(stage, FAILED_ONCE)
    plan = stage.proxy.plan(fault, numbered(HEARTBEAT, number))

    def renewed_again() -> bool:
        return plan.statement is not None and any(
            one.name == "renew_lease"
            and one.answered
            and one.connection > plan.statement.connection
            for one in stage.proxy.trace
            if one.application == HEARTBEAT
        )

    def index_after_renewals(run: Run, database: Database) -> None:
        run.report(Phase.CLONE, total=1)  # news, which the next beat tells
        assert plan.met.wait(20)
        eventually(renewed_again)
        Indexer(stage.bench.settings).index_repository(run, database)

    assert stage.first_worker(index_after_renewals) == ["completed"]
    assert found(stage, job_id)["attempts"] == ["completed"]
