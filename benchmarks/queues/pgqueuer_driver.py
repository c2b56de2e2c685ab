"""PgQueuer over asyncpg, its faster driver; completed jobs go to its log, as it does by default."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from importlib.metadata import version
from uuid import uuid4

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import QueueExecutionMode
from pgqueuer.queries import EntrypointExecutionParameter, Queries

from queues import steps

FILL = """
INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, aggregated)
SELECT number, 'successful', 0, 'nothing', true FROM generate_series(1, $1::int) AS series (number)
"""
BATCH = 500
ARRIVAL_SECONDS = 10.0


@asynccontextmanager
async def _queries(arguments: steps.Arguments) -> AsyncIterator[tuple[Queries, asyncpg.Connection]]:
    connection = await asyncpg.connect(arguments.url.partition("?")[0])
    try:
        yield Queries(AsyncpgDriver(connection)), connection
    finally:
        await connection.close()


async def prepare(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (queries, connection):
        await queries.install()
        if arguments.finished:
            await connection.execute(FILL, arguments.finished)
    return {"version": version("pgqueuer")}


async def empty(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (_, connection):
        await connection.execute("TRUNCATE pgqueuer, pgqueuer_log")
    return {}


async def enqueue_one(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (queries, _):
        started = time.perf_counter()
        for number in range(arguments.jobs):
            await queries.enqueue("nothing", str(number).encode())
        return steps.rate(arguments.jobs, time.perf_counter() - started)


async def _enqueue(queries: Queries, jobs: int, batch: int) -> None:
    for first in range(0, jobs, batch):
        size = min(batch, jobs - first)
        payloads: list[bytes | None] = [str(first + number).encode() for number in range(size)]
        await queries.enqueue(["nothing"] * size, payloads, [0] * size)


async def enqueue_many(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (queries, _):
        started = time.perf_counter()
        await _enqueue(queries, arguments.jobs, arguments.batch)
        return steps.rate(arguments.jobs, time.perf_counter() - started)


def _manager(
    queries: Queries, arrivals: asyncio.Queue[float], *, hang: float | None = None
) -> QueueManager:
    manager = QueueManager(queries)

    @manager.entrypoint("nothing")
    async def nothing(_job: Job) -> None:
        arrivals.put_nowait(time.perf_counter())
        if hang is not None:
            steps.say({"ready": True})
            await asyncio.sleep(hang)

    return manager


async def _drain(arguments: steps.Arguments, *, batch: int) -> steps.Result:
    async with _queries(arguments) as (queries, connection):
        await _enqueue(queries, arguments.jobs, arguments.batch)
        await connection.execute("VACUUM (ANALYZE) pgqueuer")
        await connection.execute("CHECKPOINT")
        arrivals = asyncio.Queue[float]()
        manager = _manager(queries, arrivals)
        started = time.perf_counter()
        worker = asyncio.create_task(manager.run(batch_size=batch, mode=QueueExecutionMode.drain))
        await asyncio.wait({worker}, timeout=arguments.limit_seconds)
        done, seconds = arrivals.qsize(), time.perf_counter() - started
        manager.shutdown.set()
        await worker
        return steps.rate(done, seconds)


async def drain_one(arguments: steps.Arguments) -> steps.Result:
    return await _drain(arguments, batch=1)


async def drain_batch(arguments: steps.Arguments) -> steps.Result:
    return await _drain(arguments, batch=BATCH)


async def pick_up(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (own, _), _queries(arguments) as (queries, _):
        arrivals = asyncio.Queue[float]()
        manager = _manager(queries, arrivals)
        worker = asyncio.create_task(manager.run())
        await asyncio.sleep(1)
        milliseconds = []
        for number in range(arguments.jobs + 1):
            await asyncio.sleep(0.2)
            started = time.perf_counter()
            await own.enqueue("nothing", str(number).encode())
            arrived = await asyncio.wait_for(arrivals.get(), ARRIVAL_SECONDS)
            milliseconds.append((arrived - started) * 1000)
        manager.shutdown.set()
        await worker
        return {"milliseconds": milliseconds[1:]}


async def hold(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (queries, _):
        await queries.enqueue("nothing", None)
        manager = _manager(queries, asyncio.Queue(), hang=arguments.limit_seconds)
        await manager.run(heartbeat_timeout=timedelta(seconds=arguments.lease_seconds))
    return {}


async def watch(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (queries, _):
        arrivals = asyncio.Queue[float]()
        manager = _manager(queries, arrivals)
        await asyncio.to_thread(steps.wait_for_go)
        worker = asyncio.create_task(
            manager.run(
                dequeue_timeout=timedelta(seconds=0.25),
                heartbeat_timeout=timedelta(seconds=arguments.lease_seconds),
            )
        )
        arrived: float | None = None
        with suppress(TimeoutError):
            await asyncio.wait_for(arrivals.get(), arguments.limit_seconds)
            arrived = time.time()
        manager.shutdown.set()
        await worker
        return {"arrived": arrived}


async def stale(arguments: steps.Arguments) -> steps.Result:
    async with _queries(arguments) as (queries, _):
        await queries.enqueue("nothing", None)

        async def lease(heartbeat: float) -> Job:
            jobs = await queries.dequeue(
                batch_size=1,
                entrypoints={"nothing": EntrypointExecutionParameter(concurrency_limit=0)},
                queue_manager_id=uuid4(),
                global_concurrency_limit=None,
                heartbeat_timeout=timedelta(seconds=heartbeat),
            )
            if not jobs:
                raise SystemExit("the job was not there")
            return jobs[0]

        first = await lease(0.5)
        await asyncio.sleep(1)  # no heartbeat: the first one lapses
        second = await lease(0.5)
        if second.id != first.id:
            raise SystemExit("the job was not leased again")
        await queries.log_jobs([(first, "successful", None)])
        return {"accepted": await queries.queue_job_by_id(first.id) is None}


def _step(work: Callable[[steps.Arguments], Awaitable[steps.Result]]) -> steps.Step:
    async def awaited(arguments: steps.Arguments) -> steps.Result:
        return await work(arguments)

    return lambda arguments: asyncio.run(awaited(arguments))


if __name__ == "__main__":
    steps.run(
        {
            work.__name__: _step(work)
            for work in (
                *(prepare, empty, enqueue_one, enqueue_many, drain_one, drain_batch),
                *(pick_up, hold, watch, stale),
            )
        }
    )
