"""The same pushes on the real queue: a real database, real workers, and jobs that only wait.

Time runs faster by a factor, so the settings that are times are shortened by it; what the database
and the workers take is not, and counts for so much more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from indexer.database.connection import Database
from indexer.database.target import Target
from indexer.errors import TransientJobError
from indexer.jobs.model import IndexRequest, Lease
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner
from indexer.settings import Settings

from .simulation import Outcome, Stack
from .workload import Workload

if TYPE_CHECKING:
    from indexer.jobs.run import Run

SHA = "0" * 40
STATS = {"files_indexed": 1, "symbols_extracted": 1}
DRAIN_SECONDS = 120.0
ENDED = """
SELECT
    extract(epoch FROM jobs.started_at - jobs.created_at)::double precision,
    jobs.status
FROM kotadb.index_jobs AS jobs
"""
HELD = """
SELECT
    (pg_total_relation_size('kotadb.index_jobs') / count(*))::bigint,
    (pg_total_relation_size('kotadb.job_attempts') / count(*))::bigint,
    (pg_total_relation_size('kotadb_queue.live') / count(*))::bigint
FROM kotadb.index_jobs
"""


class Failed(TransientJobError):
    """The run fails because the workload says so."""

    code = "remote_unavailable"


@dataclass
class RealRun:
    """Pushes in real time, `faster` times as fast as the workload has them."""

    workload: Workload
    stack: Stack
    seed: int
    faster: float
    admin: Target
    api: Target
    worker: Target
    folder: Path
    _hints: Queue[float] = field(default_factory=Queue)
    _over: threading.Event = field(default_factory=threading.Event)
    _runs: dict[UUID, int] = field(default_factory=dict)
    _worked: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, pushes: Iterable[tuple[float, int]]) -> Outcome:
        """Push, and wait until all of it has ended; times are those of the workload."""
        told = Outcome(horizon=self.workload.seconds)
        with ExitStack() as stack:
            workers = [
                threading.Thread(target=self._work, args=(number,))
                for number in range(self.stack.workers)
            ]
            ticking = threading.Thread(target=self._tick)
            for thread in (*workers, ticking):
                thread.start()
                stack.callback(thread.join)
            stack.callback(self._over.set)
            api = stack.enter_context(closing(Database(self.api)))
            self._push(JobQueue(api, self._settings()), pushes, told)
            self._drained(stack.enter_context(closing(self._looking())))
        self._read(told)
        told.busy = self._worked
        return told

    def _settings(self) -> Settings:
        given = self.stack.settings
        return replace(
            given,
            worker_team_size=self.stack.workers,
            retry_delay=max(1, round(given.retry_delay / self.faster)),
            retry_delay_max=max(1, round(given.retry_delay_max / self.faster)),
            work_directory=str(self.folder),
        )

    def _looking(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=self.admin.host,
            port=self.admin.port,
            user=self.admin.user,
            password=self.admin.password or "",
            dbname=self.admin.dbname,
            autocommit=True,
        )

    def _push(self, queue: JobQueue, pushes: Iterable[tuple[float, int]], told: Outcome) -> None:
        tenants = self._tenants()
        began = time.monotonic()
        for moment, repository in pushes:
            time.sleep(max(0.0, began + moment / self.faster - time.monotonic()))
            made = queue.enqueue(
                IndexRequest(
                    tenant_id=tenants[self.workload.tenant(repository)],
                    clone_url=f"https://localhost/{repository}",
                    full_name=f"benchmark/{repository}",
                    request_id="benchmark",
                )
            )
            told.pushes += 1
            if not made.deduplicated:
                self._hints.put(time.monotonic())

    def _tenants(self) -> list[UUID]:
        owners = [
            UUID(int=number + 1, version=4)
            for number in range(self.workload.tenant(self.workload.repositories - 1) + 1)
        ]
        with closing(self._looking()) as connection:
            for owner in owners:
                connection.execute(
                    "INSERT INTO kotadb.tenants (tenant_id, kind) VALUES (%s, 'user')", [owner]
                )
        return owners

    def _tick(self) -> None:
        while not self._over.wait(self.stack.tick / self.faster):
            self._hints.put(time.monotonic())

    def _work(self, number: int) -> None:
        settings = self._settings()
        with (
            closing(Database(self.worker)) as database,
            closing(Database(self.worker)) as heartbeats,
        ):
            runner = Runner(
                database=database,
                heartbeats=heartbeats,
                settings=settings,
                work=self._job,
                stop=StopSignal(drain_seconds=0.0),
            )
            for turn, asked in enumerate(self._woken()):
                if time.monotonic() - asked > self.stack.event_age / self.faster:
                    continue
                ends = time.monotonic() + self.stack.invocation / self.faster
                report = runner.run(
                    worker=f"worker-{number}-{turn}",
                    # The runner's own limits are in real seconds.
                    remaining_seconds=partial(self._remaining, ends),
                )
                if report.work_left:
                    self._hints.put(time.monotonic())

    def _remaining(self, ends: float) -> float:
        return (ends - time.monotonic()) * self.faster

    def _woken(self) -> Iterator[float]:
        while not self._over.is_set():
            try:
                yield self._hints.get(timeout=0.1)
            except Empty:
                continue

    def _job(self, run: Run, database: Database) -> Lease | None:
        with self._lock:
            repository = int(run.lease.full_name.rpartition("/")[2])
            number = self._runs[run.lease.repository_id] = (
                self._runs.get(run.lease.repository_id, 0) + 1
            )
        seconds, fails = self.workload.run(self.seed, repository, number)
        time.sleep(seconds / self.faster)
        with self._lock:
            self._worked += seconds
        if fails:
            raise Failed("no answer")
        with database.transaction() as statements:
            return JobQueue(statements, self._settings()).complete(
                run.lease, ref="main", commit_sha=SHA, stats=STATS, next_for=run.next_for()
            )

    def _drained(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        ends = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < ends:
            row = connection.execute(
                "SELECT count(*) FROM kotadb.index_jobs WHERE status IN ('pending', 'processing')"
            ).fetchone()
            if row == (0,):
                return
            time.sleep(0.1)
        raise SystemExit("jobs are left that did not end in time")

    def held(self) -> tuple[int, int, int]:
        """Bytes that a job takes in `index_jobs`, `job_attempts` and the queue."""
        with closing(self._looking()) as connection:
            for jobs, attempts, live in connection.execute(HELD):
                return int(str(jobs)), int(str(attempts)), int(str(live))
        raise AssertionError("an aggregate always gives one row")

    def _read(self, told: Outcome) -> None:
        with closing(self._looking()) as connection:
            for waited, status in connection.execute(ENDED):
                told.jobs += 1
                told.completed += status == "completed"
                told.failed += status == "failed"
                told.waits.append(float(str(waited)) * self.faster)
