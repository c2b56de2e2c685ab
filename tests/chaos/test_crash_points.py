"""Every statement of a job, cut before the server sees it and after the server has done it.

The real indexer says which statements a job is made of, and what index must come out. Then each
statement of that list is cut in a run of its own, time passes, another worker comes by, and what is
there must be what the list says: which attempts were counted, how each ended, one whole index. For
these runs the rows of the first are kept, so that not all of them fetch and parse again.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import QueueBench
from tests.support.git_server import GitServer
from tests.support.proxy import Fault, Proxy, numbered, proxy_before
from tests.support.repositories import Repository
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.database.target import Target
from indexer.errors import JobError, PermanentJobError, TransientJobError
from indexer.indexing import pipeline
from indexer.indexing.pipeline import Indexer
from indexer.indexing.store import IndexedCommit, skip_if_indexed, store_indexed_data
from indexer.jobs.model import Lease, Phase
from indexer.jobs.run import Run, StopSignal
from indexer.jobs.runner import Runner, Work
from indexer.settings import Settings

SOURCES = {
    "src/a.ts": b'import { b } from "./b";\nexport const a = b(1);\n',
    "src/b.ts": b"/** Doubles. */\nexport function b(n: number) { return n * 2; }\n",
}
TABLES = (
    "kotadb.files",
    "kotadb.file_texts",
    "kotadb.symbols",
    "kotadb.symbol_references",
    "kotadb.dependencies",
)
WORK, HEARTBEAT = "kotadb-worker", "kotadb-heartbeat"
CUTS = (Fault.CUT_BEFORE, Fault.CUT_AFTER)
# Longer than a lease and than the wait after a failure, far shorter than a job may wait.
A_WHILE = 600


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


def raises(error: type[JobError]) -> Work:
    def work(_run: Run, _database: Database) -> None:
        raise error("as this story wants it")

    return work


@dataclass(frozen=True)
class CrashPoint:
    """A statement of the worker, by its number in the trace, and how it is cut."""

    number: int
    name: str
    fault: Fault

    def comes_after(self, statement: int) -> bool:
        """Whether the statement of that number has happened before the cut."""
        return self.number > statement or (
            self.number == statement and self.fault is Fault.CUT_AFTER
        )


@dataclass(frozen=True, kw_only=True)
class Story:
    """What becomes of a job, as the outcomes of its attempts.

    `decided_by` ends the run; `broken` is how a run ends that is cut on its way there. What the
    first worker may say of a run that was done is `told`. `fails` is what its work raises, if it
    does; the second worker's does not unless the failure is for good.
    """

    decided_by: str
    told: tuple[str, ...]
    broken: str
    done: tuple[str, ...]
    otherwise: tuple[str, ...]
    before: tuple[str, ...] = ()
    ends: str = "completed"
    fails: type[JobError] | None = None

    def was_done(self, names: list[str], at: CrashPoint) -> bool:
        """Whether the first worker ended the run, before it was cut or in spite of it."""
        # What a lost connection did is undone, so nobody minds whether ROLLBACK was heard.
        return at.name == "ROLLBACK" or at.comes_after(decides(names, self.decided_by))

    def attempts(self, names: list[str], at: CrashPoint) -> list[str]:
        """How every attempt ends."""
        leased = decides(names, "lease_next")
        if self.was_done(names, at):
            return [*self.before, *self.done]
        if not at.comes_after(leased):
            return [*self.before, *self.otherwise]
        # Of a lease that nobody heard of, nobody can say how its run went.
        return [*self.before, "lost" if at.number == leased else self.broken, *self.otherwise]


INDEXED = Story(
    before=("lost",),
    decided_by="publish_snapshot",
    told=("completed",),
    broken="failed",
    done=("completed",),
    otherwise=("completed",),
)
STANDS = Story(
    decided_by="confirm_snapshot",
    told=("completed",),
    broken="failed",
    done=("skipped",),
    otherwise=("skipped",),
    ends="skipped",
)
REFUSED = Story(
    fails=Lasting,
    decided_by="end_run",
    told=("failed: failed", "lost"),
    broken="lost",
    done=("failed",),
    otherwise=("failed",),
    ends="failed",
)
FAILED_ONCE = Story(
    fails=Passing,
    decided_by="end_run",
    told=("failed: pending", "lost"),
    broken="lost",
    done=("failed", "completed"),
    otherwise=("completed",),
)
STORIES = {
    "indexed": INDEXED,
    "stands already": STANDS,
    "refused": REFUSED,
    "failed once": FAILED_ONCE,
}


def decides(names: list[str], name: str) -> int:
    """The number of the statement that makes the first of that name last: itself, or its COMMIT."""
    at = names.index(name)
    opened = [one for one in names[:at] if one in {"BEGIN", "COMMIT", "ROLLBACK"}]
    return (names.index("COMMIT", at) if opened[-1:] == ["BEGIN"] else at) + 1


@dataclass
class Stage:
    """A queue, a git server, and a proxy that the first worker goes through."""

    bench: QueueBench
    git: GitServer
    proxy: Proxy
    work_directory: Path
    driver: str
    work: Work

    def enqueue(self) -> UUID:
        url = self.git.url("owner/sources")
        return self.bench.enqueue("owner/sources", clone_url=url).job_id

    def first_worker(self, work: Work | None = None) -> list[str] | None:
        return self._invoke(self.proxy.way_to(self.bench.scratch.worker), work or self.work)

    def second_worker(self, work: Work | None = None) -> list[str]:
        """Another worker, when enough time has gone by for whatever the job waits for."""
        ends = []
        # A lost lease is found at first, and the run after a second loss has to wait.
        for _ in range(2):
            self.bench.scratch.pass_time(A_WHILE)
            ended = self._invoke(self.bench.scratch.worker, work or self.work)
            assert ended is not None
            ends += ended
        return ends

    def _invoke(self, login: Target, work: Work) -> list[str] | None:
        """How the jobs of one invocation ended; None: it failed, for want of the database."""
        with (
            closing(Database(login, driver=self.driver, application=WORK)) as database,
            closing(Database(login, driver=self.driver, application=HEARTBEAT)) as heartbeats,
        ):
            runner = Runner(
                database=database,
                heartbeats=heartbeats,
                settings=self.bench.settings,
                work=work,
                stop=StopSignal(drain_seconds=0.0),
            )
            with suppress(DatabaseError):
                report = runner.run(worker="tests", remaining_seconds=lambda: 3_600.0)
                return list(report.outcomes.values())
        return None

    def names(self) -> list[str]:
        """What the worker said to the database, but for its heartbeat."""
        return [one.name for one in self.proxy.trace if one.application == WORK]

    def index(self) -> list[list[dict[str, Any]]]:
        """Every row of every snapshot, but for the snapshot's number."""
        return [
            self.bench.scratch.sql(
                f"SELECT to_jsonb(t) - 'snapshot_id' AS row FROM {table} AS t ORDER BY 1"
            )
            for table in TABLES
        ]

    def count(self, what: str) -> int:
        return self.bench.scratch.value(f"SELECT count(*) FROM {what}")


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
        yield Stage(bench, git, proxy, work, driver, Indexer(settings).index_repository)


@pytest.fixture
def recorded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Work:
    """The indexer's work on this repository with the rows that it made, and no git or parser."""
    kept: list[IndexedCommit] = []

    def keeping(
        database: Database, settings: Settings, lease: Lease, commit: IndexedCommit
    ) -> None:
        rows = {
            name: list(getattr(commit, name))
            for name in ("files", "texts", "symbols", "references", "dependencies")
        }
        stats = commit.stats()
        kept.append(replace(commit, **rows, stats=lambda: stats))
        store_indexed_data(database, settings, lease, kept[0])

    def work(run: Run, database: Database) -> None:
        (commit,) = kept
        if not skip_if_indexed(
            database,
            stage.bench.settings,
            run.lease,
            ref=commit.ref,
            commit_sha=commit.commit_sha,
        ):
            store_indexed_data(database, stage.bench.settings, run.lease, commit)

    traces = []
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "store_indexed_data", keeping)
        for how in (stage.work, work):
            arrange(stage, INDEXED)
            stage.first_worker(how)
            traces.append(stage.names())
    assert traces[0] == traces[1]
    return work


def arrange(stage: Stage, story: Story) -> UUID:
    """A job that waits for the first worker."""
    scratch = stage.bench.scratch
    if story is STANDS and not stage.count("kotadb.snapshots"):
        stage.enqueue()
        stage.second_worker()
    elif story is not STANDS:
        # What a snapshot's rows belong to is kept by a trigger, which TRUNCATE does not fire.
        scratch.sql(f"TRUNCATE kotadb.repositories, {', '.join(TABLES)} CASCADE")
    job_id = stage.enqueue()
    if story is INDEXED:
        stage.bench.lease()  # by a worker that is no more
        scratch.pass_time(A_WHILE)
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
    (row,) = stage.bench.scratch.sql(
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
    assert not children_of_ours()


def open_transactions(stage: Stage) -> int:
    return stage.bench.scratch.value(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = %s AND xact_start IS NOT NULL",
        stage.bench.scratch.worker.user,
    )


def children_of_ours() -> list[psutil.Process]:
    return [
        one
        for one in psutil.Process().children(recursive=True)
        if "indexer.sandbox.entry" in one.cmdline()
    ]


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


@pytest.mark.parametrize("driver", ["psycopg"])
def test_an_indexer_that_is_cut_where_a_job_begins_and_ends_indexes_it_once_and_whole(stage):
    sweep_through(stage, INDEXED, only={"lease_next", "COMMIT"})


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
