"""Ours: the product's own queue, with the roles, policies and settings that it is deployed with.

Every job is of a ref of its own, in the repository of one of many tenants whose share is large, so
that neither the rule of one run per ref nor the share of a tenant holds anything up.
"""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from indexer.database.connection import Database
from indexer.database.target import Target
from indexer.jobs.batches import Completion, JobBatches
from indexer.jobs.model import IndexRequest, JobStatus, Lease
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.jobs.wake import WorkerWaker
from indexer.observability import logger
from indexer.settings import Settings
from kotadb_local.event_log import EventLog
from kotadb_local.service import API, WORKER, Service, ServiceOptions, deployed_stack
from queues import steps

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TENANTS = 1_000
SINGLES = {"tenant_team_size": 20}
# Where jobs come and go in batches a tenant brings a whole batch.
BATCHES = {"worker_team_size": 1_000, "tenant_team_size": 1_000}
COMMIT = "0" * 40
STATS = {"files_indexed": 1, "symbols_extracted": 1}
NEVER = 1_000_000.0
PAUSE_SECONDS = 0.25
ARRIVAL_SECONDS = 60.0
REPOSITORIES = """
INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name)
SELECT tenant_id, 'https://localhost/' || tenant_id, 'benchmark' FROM kotadb.tenants
"""
TABLES = "kotadb_queue.live, kotadb.index_jobs, kotadb.job_attempts, kotadb.repositories"

FILL = """
SET session_replication_role = replica;
INSERT INTO kotadb.repositories (repository_id, tenant_id, clone_url, full_name)
SELECT gen_random_uuid(), tenant_id, 'https://localhost/done/' || tenant_id, 'done'
FROM kotadb.tenants;
INSERT INTO kotadb.index_jobs (
    tenant_id, repository_id, requested_ref, request_id, generation, queue_job_id, status, ref,
    commit_sha, max_retries, stats, started_at, completed_at
)
SELECT places.tenant_id, places.repository_id, 'done-' || number, 'fill', number,
    gen_random_uuid(), 'completed', 'done-' || number, repeat('0', 40), 3,
    '{{"files_indexed": 1}}', clock_timestamp(), clock_timestamp()
FROM generate_series(1, {finished} / {tenants}) AS series (number)
CROSS JOIN kotadb.repositories AS places WHERE places.full_name = 'done';
INSERT INTO kotadb.job_attempts (job_id, attempt, round, worker, leased_at, ended_at, outcome)
SELECT id, 1, 1, 'w', started_at, completed_at, 'completed' FROM kotadb.index_jobs;
INSERT INTO kotadb_queue.archive (
    queue_job_id, queue_name, job_id, tenant_id, repository_id, payload, result, leases,
    enqueued_at, finished_at
)
SELECT queue_job_id, 'index-repo', id, tenant_id, repository_id,
    jsonb_build_object('indexJobId', id), '{{"success": true}}', 1, created_at, completed_at
FROM kotadb.index_jobs;
SET session_replication_role = origin;
"""


class OurQueue:
    """The queue as the API and the worker hold it, and a superuser beside them."""

    def __init__(self, arguments: steps.Arguments, **settings: float) -> None:
        if arguments.logins is None:
            raise SystemExit("the logins of the product are missing")
        self.settings = Settings(**settings)  # type: ignore[arg-type]
        self.superuser = psycopg.connect(arguments.url, autocommit=True)
        self._api = Database(Target.parse(arguments.logins[API]))
        self._worker = Database(Target.parse(arguments.logins[WORKER]))
        self.api = JobQueue(self._api, self.settings)
        self.worker = JobQueue(self._worker, self.settings)
        self.incoming = JobBatches(self._api, self.settings)
        self.outgoing = JobBatches(self._worker, self.settings)
        self.sweep = Sweep(self._worker, self.worker, self.settings)
        self.worker.obey_settings()

    def close(self) -> None:
        self._api.close()
        self._worker.close()
        self.superuser.close()

    def archive(self, most: int) -> None:
        """What a sweep does once ARCHIVE_COMPLETED_AFTER has passed."""
        self._worker.execute("archive_finished", after_seconds=0, batch_size=most)

    def enqueue(self, number: int) -> None:
        self.api.enqueue(request(number, tenant(number)))

    def fill_one_by_one(self, jobs: int) -> None:
        for number in range(jobs):
            self.enqueue(number)

    def fill_in_batches(self, jobs: int, batch: int) -> None:
        """Each batch comes from a tenant of its own."""
        for turn, first in enumerate(range(0, jobs, batch)):
            numbers = range(first, min(first + batch, jobs))
            self.incoming.enqueue([request(number, tenant(turn)) for number in numbers])

    def settle(self) -> None:
        """Leave nothing to be done of what is not measured."""
        self.superuser.execute(f"VACUUM (ANALYZE) {TABLES}".encode())
        self.superuser.execute("CHECKPOINT")

    def work_off(self, jobs: int, *, limit_seconds: float = math.inf) -> int:
        """The worker's loop without the work: how many of `jobs` were done when it ended."""
        ends = time.perf_counter() + limit_seconds
        done, lease = 0, self.worker.lease_next(worker="w")
        while lease is not None and done < jobs and time.perf_counter() < ends:
            lease = self.worker.complete(
                lease, ref="main", commit_sha=COMMIT, stats=STATS, next_for="w"
            )
            done += 1
        return done


@contextmanager
def open_queue(arguments: steps.Arguments, **settings: float) -> Iterator[OurQueue]:
    with closing(OurQueue(arguments, **settings)) as queue:
        yield queue


def tenant(number: int) -> UUID:
    return UUID(int=(number % TENANTS) + 1, version=4)


def request(number: int, owner: UUID) -> IndexRequest:
    return IndexRequest(
        tenant_id=owner,
        clone_url=f"https://localhost/{owner}",
        full_name="benchmark",
        ref=f"branch-{number}",
        request_id="benchmark",
    )


def prepare(arguments: steps.Arguments) -> steps.Result:
    with psycopg.connect(arguments.url, autocommit=True) as connection:
        for number in range(TENANTS):
            connection.execute(
                "INSERT INTO kotadb.tenants (tenant_id, kind) VALUES (%s, 'user')",
                [tenant(number)],
            )
        if arguments.finished:
            fill = FILL.format(finished=int(arguments.finished), tenants=TENANTS)
            connection.execute(fill.encode())
        connection.execute(REPOSITORIES)
    return {"version": "this commit"}


def empty(arguments: steps.Arguments) -> steps.Result:
    with psycopg.connect(arguments.url, autocommit=True) as connection:
        connection.execute("TRUNCATE kotadb.repositories, kotadb_queue.archive CASCADE")
        connection.execute(REPOSITORIES)
    return {}


def enqueue_one(arguments: steps.Arguments) -> steps.Result:
    with open_queue(arguments, **SINGLES) as queue:
        started = time.perf_counter()
        queue.fill_one_by_one(arguments.jobs)
        return steps.rate(arguments.jobs, time.perf_counter() - started)


def drain_one(arguments: steps.Arguments) -> steps.Result:
    with open_queue(arguments, **SINGLES) as queue:
        queue.fill_one_by_one(arguments.jobs)
        queue.settle()
        started = time.perf_counter()
        done = queue.work_off(arguments.jobs, limit_seconds=arguments.limit_seconds)
        return steps.rate(done, time.perf_counter() - started)


def enqueue_many(arguments: steps.Arguments) -> steps.Result:
    with open_queue(arguments, **BATCHES) as queue:
        started = time.perf_counter()
        queue.fill_in_batches(arguments.jobs, arguments.batch)
        return steps.rate(arguments.jobs, time.perf_counter() - started)


def drain_batch(arguments: steps.Arguments) -> steps.Result:
    """Leased, completed and archived in batches."""
    with open_queue(arguments, **BATCHES) as queue:
        queue.fill_in_batches(arguments.jobs, arguments.batch)
        queue.settle()
        started = time.perf_counter()
        done = 0
        while time.perf_counter() - started < arguments.limit_seconds and (
            leases := queue.outgoing.lease(arguments.batch, worker="w")
        ):
            done += len(queue.outgoing.complete([completion(one) for one in leases]))
            queue.archive(arguments.batch)
        return steps.rate(done, time.perf_counter() - started)


def completion(lease: Lease) -> Completion:
    return Completion(lease=lease, ref="main", commit_sha=COMMIT, stats=STATS)


def pick_up(arguments: steps.Arguments) -> steps.Result:
    """Through the hint, on the local stack: the schedule is off, so only it wakes the worker.

    As with the others, a job is picked up when the worker has it in its hands: when it says so.
    """
    folder = Path(arguments.folder)
    repository = _repository(folder / "repository")
    log = _Starts()
    with open_queue(arguments) as queue, _service(arguments, folder, log) as waker:
        milliseconds = []
        for number in range(arguments.jobs + 2):
            time.sleep(0.2)
            started = time.perf_counter()
            enqueued = queue.api.enqueue(
                IndexRequest(
                    tenant_id=tenant(number),
                    clone_url=str(repository),
                    full_name="repository",
                    request_id="benchmark",
                )
            )
            if not waker.wake(enqueued.job_id):
                raise SystemExit("the hint was not taken")
            _wait_for_the_end(queue, enqueued.job_id)
            milliseconds.append((log.begun[str(enqueued.job_id)] - started) * 1000)
        return {"milliseconds": milliseconds[2:]}


class _Starts(io.BytesIO):
    """The log of the stack, which keeps nothing but when the start of a job was heard of."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: dict[str, float] = {}

    def write(self, line: ReadableBuffer) -> int:
        told = bytes(line)
        if b"job started" in told:
            self.begun[json.loads(told)["job_id"]] = time.perf_counter()
        return len(told)


@contextmanager
def _service(arguments: steps.Arguments, folder: Path, log: io.BytesIO) -> Iterator[WorkerWaker]:
    service = Service(
        stack=deployed_stack(
            database_urls=arguments.logins or {},
            settings=Settings(),
            environment={"ALLOW_LOCAL_REPOSITORIES": "true", "WORK_DIRECTORY": str(folder)},
        ),
        options=ServiceOptions(tick_seconds=NEVER),
        log=EventLog(log),
        check=lambda: None,
    )
    service.start()
    os.environ |= {
        "AWS_ENDPOINT_URL_LAMBDA": service.url,
        "AWS_ACCESS_KEY_ID": service.access_key_id,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        yield WorkerWaker(Settings(worker_function_name=WORKER))
    finally:
        service.stop()


def _wait_for_the_end(queue: OurQueue, job_id: UUID) -> None:
    ends = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < ends:
        row = queue.superuser.execute(
            "SELECT completed_at IS NOT NULL FROM kotadb.index_jobs WHERE id = %s", [job_id]
        ).fetchone()
        if row and row[0]:
            return
        time.sleep(0.05)
    raise SystemExit("a job was not finished in time")


def _repository(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "one.ts").write_text("export const one = 1;\n")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "--quiet", "-m", "one"),
    ):
        subprocess.run(["git", *words], cwd=path, check=True)  # noqa: S607 - the person's own git
    return path


def hold(arguments: steps.Arguments) -> steps.Result:
    with open_queue(arguments, lease_seconds=arguments.lease_seconds) as queue:
        queue.enqueue(0)
        queue.worker.lease_next(worker="held")
        steps.say({"ready": True})
        time.sleep(arguments.limit_seconds)
    return {}


def watch(arguments: steps.Arguments) -> steps.Result:
    """A worker that polls: it sweeps before each lease, as every worker does."""
    with open_queue(arguments, lease_seconds=arguments.lease_seconds) as queue:
        steps.wait_for_go()
        ends = time.monotonic() + arguments.limit_seconds
        while time.monotonic() < ends:
            queue.sweep.recover()
            if lease := queue.worker.lease_next(worker="watch"):
                arrived = time.time()
                queue.worker.complete(lease, ref="main", commit_sha=COMMIT, stats=STATS)
                return {"arrived": arrived}
            time.sleep(PAUSE_SECONDS)
    return {"arrived": None}


def stale(arguments: steps.Arguments) -> steps.Result:
    from indexer.errors import LeaseLost

    with open_queue(arguments, lease_seconds=0.5) as queue:
        queue.enqueue(0)
        first = queue.worker.lease_next(worker="first")
        time.sleep(1)
        queue.sweep.recover()
        second = queue.worker.lease_next(worker="second")
        if first is None or second is None or first.job_id != second.job_id:
            raise SystemExit("the job was not leased again")
        try:
            queue.worker.complete(first, ref="main", commit_sha=COMMIT, stats=STATS)
        except LeaseLost:
            told = False
        else:
            told = True
        row = queue.superuser.execute(
            "SELECT status FROM kotadb.index_jobs WHERE id = %s", [first.job_id]
        ).fetchone()
        return {"accepted": told or row is None or row[0] != JobStatus.PROCESSING}


if __name__ == "__main__":
    # The last line is the result's; what the product logs goes the same way.
    logger.setLevel("CRITICAL")
    steps.run(
        {
            work.__name__: work
            for work in (
                *(prepare, empty, enqueue_one, enqueue_many, drain_one, drain_batch),
                *(pick_up, hold, watch, stale),
            )
        }
    )
