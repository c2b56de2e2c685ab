"""procrastinate, as its documentation has it: psycopg, LISTEN, jobs kept when they are done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import procrastinate
import psycopg
from procrastinate.jobs import Status

from queues import steps

FILL = """
ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER;
INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)
SELECT 'default', 'nothing', '{}', 'succeeded', 1 FROM generate_series(1, %(finished)s);
INSERT INTO procrastinate_events (job_id, type)
SELECT jobs.id, kinds.kind
FROM procrastinate_jobs AS jobs
CROSS JOIN unnest(
    ARRAY['deferred', 'started', 'succeeded']::procrastinate_job_event_type[]
) AS kinds (kind);
ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER;
"""
# Batches overtake each other when one worker runs many at a time; more did not help.
CONCURRENCY = 20
ARRIVAL_SECONDS = 10.0


class Arrivals:
    """When the task was called, and how often."""

    def __init__(self) -> None:
        self.count = 0
        self.at = asyncio.Queue[float]()

    def note(self) -> None:
        self.count += 1
        self.at.put_nowait(time.perf_counter())


@asynccontextmanager
async def _app(
    arguments: steps.Arguments, work: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[tuple[procrastinate.App, procrastinate.tasks.Task, Arrivals]]:
    connector = procrastinate.PsycopgConnector(conninfo=arguments.url, min_size=2, max_size=4)
    app = procrastinate.App(connector=connector)
    arrivals = Arrivals()

    @app.task(name="nothing", retry=True)
    async def nothing(**_anything: int) -> None:
        arrivals.note()
        if work is not None:
            await work()

    async with app.open_async():
        yield app, nothing, arrivals


async def prepare(arguments: steps.Arguments) -> steps.Result:
    async with _app(arguments) as (app, _, _):
        await app.schema_manager.apply_schema_async()
    if arguments.finished:
        with psycopg.connect(arguments.url) as connection:
            connection.execute(FILL.replace("%(finished)s", str(int(arguments.finished))).encode())
    return {"version": procrastinate.metadata.extract_metadata()["version"]}


async def enqueue_one(arguments: steps.Arguments) -> steps.Result:
    async with _app(arguments) as (_, nothing, _):
        started = time.perf_counter()
        for number in range(arguments.jobs):
            await nothing.defer_async(number=number)
        return steps.rate(arguments.jobs, time.perf_counter() - started)


async def enqueue_many(arguments: steps.Arguments) -> steps.Result:
    async with _app(arguments) as (_, nothing, _):
        started = time.perf_counter()
        for first in range(0, arguments.jobs, arguments.batch):
            await nothing.batch_defer_async(
                *({"number": first + number} for number in range(arguments.batch))
            )
        return steps.rate(arguments.jobs, time.perf_counter() - started)


async def _drain(arguments: steps.Arguments, *, concurrency: int) -> steps.Result:
    async with _app(arguments) as (app, nothing, arrivals):
        for first in range(0, arguments.jobs, arguments.batch):
            await nothing.batch_defer_async(
                *({} for _ in range(min(arguments.batch, arguments.jobs - first)))
            )
        with psycopg.connect(arguments.url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) procrastinate_jobs")
            connection.execute("CHECKPOINT")
        started = time.perf_counter()
        worker = asyncio.create_task(
            app.run_worker_async(wait=False, concurrency=concurrency, install_signal_handlers=False)
        )
        await asyncio.wait({worker}, timeout=arguments.limit_seconds)
        done, seconds = arrivals.count, time.perf_counter() - started
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        return steps.rate(done, seconds)


async def drain_one(arguments: steps.Arguments) -> steps.Result:
    return await _drain(arguments, concurrency=1)


async def drain_batch(arguments: steps.Arguments) -> steps.Result:
    return await _drain(arguments, concurrency=CONCURRENCY)


async def pick_up(arguments: steps.Arguments) -> steps.Result:
    async with _app(arguments) as (app, nothing, arrivals):
        worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False))
        milliseconds = []
        for number in range(arguments.jobs + 1):
            await asyncio.sleep(0.2)
            started = time.perf_counter()
            await nothing.defer_async(number=number)
            arrived = await asyncio.wait_for(arrivals.at.get(), ARRIVAL_SECONDS)
            milliseconds.append((arrived - started) * 1000)
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        return {"milliseconds": milliseconds[1:]}


async def hold(arguments: steps.Arguments) -> steps.Result:
    async def hang() -> None:
        steps.say({"ready": True})
        await asyncio.sleep(arguments.limit_seconds)

    async with _app(arguments, hang) as (app, nothing, _):
        await nothing.defer_async()
        await app.run_worker_async(
            install_signal_handlers=False,
            update_heartbeat_interval=1,
            stalled_worker_timeout=arguments.lease_seconds,
        )
    return {}


async def watch(arguments: steps.Arguments) -> steps.Result:
    async with _app(arguments) as (app, _, arrivals):
        await asyncio.to_thread(steps.wait_for_go)
        worker = asyncio.create_task(
            app.run_worker_async(
                install_signal_handlers=False,
                fetch_job_polling_interval=0.25,
                update_heartbeat_interval=1,
                stalled_worker_timeout=arguments.lease_seconds,
            )
        )
        arrived: float | None = None
        with suppress(TimeoutError):
            await asyncio.wait_for(arrivals.at.get(), arguments.limit_seconds)
            arrived = time.time()
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        return {"arrived": arrived}


async def stale(arguments: steps.Arguments) -> steps.Result:
    async with _app(arguments) as (app, nothing, _):
        job_id = await nothing.defer_async()
        jobs = app.job_manager
        first = await jobs.fetch_job(None, await jobs.register_worker())
        if first is None:
            raise SystemExit("the job was not there")
        await jobs.retry_job(first)  # what its documentation has a stalled job's finder do
        second = await jobs.fetch_job(None, await jobs.register_worker())
        if second is None or second.id != first.id:
            raise SystemExit("the job was not leased again")
        await jobs.finish_job(first, Status.SUCCEEDED, delete_job=False)
        return {"accepted": await jobs.get_job_status_async(job_id) is Status.SUCCEEDED}


async def empty(arguments: steps.Arguments) -> steps.Result:
    with psycopg.connect(arguments.url, autocommit=True) as connection:
        connection.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return {}


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
