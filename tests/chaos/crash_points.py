"""A stage with a worker to be cut, and the stories of what must become of its job."""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from tests.fixtures.database import TIMES
from tests.fixtures.queue import QueueBench
from tests.support.git_server import GitServer
from tests.support.proxy import Fault, Proxy

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.database.target import Target
from indexer.errors import JobError, PermanentJobError, TransientJobError
from indexer.jobs.run import Run, StopSignal
from indexer.jobs.runner import Runner, Work

TABLES = (
    "kotadb.files",
    "kotadb.file_texts",
    "kotadb.symbols",
    "kotadb.symbol_references",
    "kotadb.dependencies",
)
WORK, HEARTBEAT = "kotadb-worker", "kotadb-heartbeat"
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
    looking: psycopg.Connection[dict[str, Any]]

    def sql(self, text: str, *parameters: object) -> list[dict[str, Any]]:
        """As ScratchDatabase.sql, on one connection: this is said some thousand times."""
        cursor = self.looking.execute(text, parameters or None)
        return cursor.fetchall() if cursor.description else []

    def pass_a_while(self) -> None:
        """As ScratchDatabase.pass_time."""
        for table, columns in TIMES.items():
            moved = ", ".join(f"{name} = {name} - interval '{A_WHILE} s'" for name in columns)
            self.sql(f"UPDATE {table} SET {moved}")

    def enqueue(self, **wishes: Any) -> UUID:
        url = self.git.url("owner/sources")
        return self.bench.enqueue("owner/sources", clone_url=url, **wishes).job_id

    def first_worker(self, work: Work | None = None) -> list[str] | None:
        return self._invoke(self.proxy.way_to(self.bench.scratch.worker), work or self.work)

    def second_worker(self, work: Work | None = None) -> list[str]:
        """Another worker, when enough time has gone by for whatever the job waits for."""
        ends = []
        # A lost lease is found at first, and the run after a second loss has to wait.
        for _ in range(2):
            self.pass_a_while()
            ended = self._invoke(self.bench.scratch.worker, work or self.work)
            assert ended is not None
            ends += ended
            if not self.sql("SELECT 1 FROM kotadb_queue.live WHERE state <> 'finished'"):
                break
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
            self.sql(f"SELECT to_jsonb(t) - 'snapshot_id' AS row FROM {table} AS t ORDER BY 1")
            for table in TABLES
        ]

    def count(self, what: str) -> int:
        (row,) = self.sql(f"SELECT count(*) FROM {what}")
        return row["count"]
