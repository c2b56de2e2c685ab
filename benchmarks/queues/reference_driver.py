"""The yardstick: a hand-made minimal queue that makes the same writes as ours, and nothing else.

A job row, a queue row that the open jobs of one key share, an attempt for each lease, an archive:
fenced by a token, due rows found over one partial index. No policies, no tenants, no retries. As
ours it holds to what a transaction pooler allows (no prepared statements), but for the pick-up:
there it uses LISTEN/NOTIFY.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg

from queues import steps

SCHEMA = """
CREATE TABLE jobs (
    id uuid PRIMARY KEY, key text NOT NULL, status text NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz, completed_at timestamptz
);
CREATE TABLE queue (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), job_id uuid NOT NULL REFERENCES jobs,
    key text NOT NULL, payload jsonb NOT NULL, state text NOT NULL DEFAULT 'ready',
    priority smallint NOT NULL DEFAULT 0, run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempt integer NOT NULL DEFAULT 0, token uuid, lease_expires_at timestamptz
);
CREATE INDEX queue_ready ON queue (priority, run_at, id) WHERE state = 'ready';
CREATE UNIQUE INDEX queue_due_key ON queue (key) WHERE state = 'ready';
CREATE INDEX queue_leases ON queue (lease_expires_at) WHERE state = 'leased';
CREATE TABLE attempts (
    job_id uuid NOT NULL REFERENCES jobs, attempt integer NOT NULL, worker text NOT NULL,
    leased_at timestamptz NOT NULL, ended_at timestamptz, outcome text,
    PRIMARY KEY (job_id, attempt)
);
CREATE TABLE archive (
    id uuid NOT NULL, job_id uuid NOT NULL, key text NOT NULL, payload jsonb NOT NULL,
    attempt integer NOT NULL, archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (id, archived_at)
);
ALTER TABLE queue SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000);
"""

FILL = """
INSERT INTO jobs (id, key, status, started_at, completed_at)
SELECT gen_random_uuid(), 'done-' || number, 'completed', clock_timestamp(), clock_timestamp()
FROM generate_series(1, {finished}) AS series (number);
INSERT INTO attempts SELECT id, 1, 'w', clock_timestamp(), clock_timestamp(), 'completed' FROM jobs;
INSERT INTO archive (id, job_id, key, payload, attempt)
SELECT gen_random_uuid(), id, key, '{{}}', 1 FROM jobs;
"""

ENQUEUE = """
WITH fresh AS (
    INSERT INTO queue (job_id, key, payload)
    SELECT wanted.id, wanted.key, jsonb_build_object('job', wanted.id)
    FROM unnest(%(ids)s::uuid[], %(keys)s::text[]) AS wanted (id, key)
    ON CONFLICT (key) WHERE state = 'ready' DO NOTHING
    RETURNING job_id, key
)
INSERT INTO jobs (id, key) SELECT job_id, key FROM fresh
"""

# The jobs of the batch before are finished and archived, and the next batch is leased.
TURN = """
WITH done AS (
    DELETE FROM queue
    USING unnest(%(ids)s::uuid[], %(tokens)s::uuid[]) AS mine (id, token)
    WHERE queue.id = mine.id AND queue.token = mine.token AND state = 'leased'
    RETURNING queue.id, job_id, key, payload, attempt
), archived AS (
    INSERT INTO archive (id, job_id, key, payload, attempt) SELECT * FROM done
), ended AS (
    UPDATE attempts SET ended_at = clock_timestamp(), outcome = 'completed'
    FROM done WHERE attempts.job_id = done.job_id AND attempts.attempt = done.attempt
), completed AS (
    UPDATE jobs SET status = 'completed', completed_at = clock_timestamp()
    FROM done WHERE jobs.id = done.job_id
), next AS MATERIALIZED (
    SELECT id FROM queue
    WHERE state = 'ready' AND run_at <= (SELECT clock_timestamp())
    ORDER BY priority, run_at, id LIMIT %(size)s FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE queue SET state = 'leased', attempt = queue.attempt + 1, token = gen_random_uuid(),
        lease_expires_at = clock_timestamp() + %(lease)s * interval '1 second'
    WHERE id = ANY(ARRAY(SELECT next.id FROM next))
    RETURNING id, job_id, token, queue.attempt
), begun AS (
    UPDATE jobs SET status = 'processing', started_at = clock_timestamp()
    FROM leased WHERE jobs.id = leased.job_id
), noted AS (
    INSERT INTO attempts (job_id, attempt, worker, leased_at)
    SELECT job_id, leased.attempt, 'w', clock_timestamp() FROM leased
)
SELECT leased.id, leased.token, (SELECT count(*) FROM done) AS finished FROM leased
UNION ALL SELECT NULL, NULL, (SELECT count(*) FROM done)
"""

RESCUE = """
WITH lost AS (
    UPDATE queue SET state = 'ready', token = NULL, lease_expires_at = NULL
    WHERE state = 'leased' AND lease_expires_at <= (SELECT clock_timestamp())
    RETURNING job_id, attempt
)
UPDATE attempts SET ended_at = clock_timestamp(), outcome = 'lost' FROM lost
WHERE attempts.job_id = lost.job_id AND attempts.attempt = lost.attempt
"""
PAUSE_SECONDS = 0.25
ARRIVAL_SECONDS = 10.0

Held = list[tuple[UUID, UUID]]


def _connect(arguments: steps.Arguments) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(arguments.url, autocommit=True, prepare_threshold=None)


def _enqueue(connection: psycopg.Connection[Any], numbers: Iterable[int]) -> None:
    wanted = list(numbers)
    ids = [UUID(int=time.time_ns() << 32 | number) for number in wanted]
    connection.execute(ENQUEUE, {"ids": ids, "keys": [str(one) for one in wanted]})


def _turn(
    connection: psycopg.Connection[Any], held: Held, *, size: int = 1, lease: float = 30.0
) -> tuple[Held, int]:
    """Finish what is held and lease the next; what is held now, and how many were finished."""
    rows = connection.execute(
        TURN,
        {
            "ids": [one[0] for one in held],
            "tokens": [one[1] for one in held],
            "size": size,
            "lease": lease,
        },
    ).fetchall()
    return [(row[0], row[1]) for row in rows if row[0] is not None], rows[-1][2]


def prepare(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        connection.execute(SCHEMA)
        if arguments.finished:
            connection.execute(FILL.format(finished=int(arguments.finished)).encode())
    return {"version": psycopg.__version__}


def empty(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        connection.execute("TRUNCATE jobs, queue, attempts, archive")
    return {}


def enqueue_one(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        started = time.perf_counter()
        for number in range(arguments.jobs):
            _enqueue(connection, [number])
        return steps.rate(arguments.jobs, time.perf_counter() - started)


def _fill(connection: psycopg.Connection[Any], jobs: int, batch: int) -> None:
    for first in range(0, jobs, batch):
        _enqueue(connection, range(first, min(first + batch, jobs)))


def enqueue_many(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        started = time.perf_counter()
        _fill(connection, arguments.jobs, arguments.batch)
        return steps.rate(arguments.jobs, time.perf_counter() - started)


def _drain(arguments: steps.Arguments, *, size: int) -> steps.Result:
    with _connect(arguments) as connection:
        _fill(connection, arguments.jobs, arguments.batch)
        connection.execute("VACUUM (ANALYZE) queue, jobs, attempts")
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        held, done = _turn(connection, [], size=size)
        while held and time.perf_counter() - started < arguments.limit_seconds:
            held, finished = _turn(connection, held, size=size)
            done += finished
        return steps.rate(done, time.perf_counter() - started)


def drain_one(arguments: steps.Arguments) -> steps.Result:
    return _drain(arguments, size=1)


def drain_batch(arguments: steps.Arguments) -> steps.Result:
    return _drain(arguments, size=arguments.batch)


def pick_up(arguments: steps.Arguments) -> steps.Result:
    arrived = [0.0]
    milliseconds = []
    ready, seen, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        with _connect(arguments) as listening, _connect(arguments) as working:
            listening.execute("LISTEN enqueued")
            ready.set()
            while not ended.is_set():
                for _ in listening.notifies(timeout=0.5, stop_after=1):
                    held, _finished = _turn(working, [])
                    arrived[0] = time.perf_counter()
                    _turn(working, held)
                    seen.set()

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    try:
        ready.wait(ARRIVAL_SECONDS)
        with _connect(arguments) as connection:
            for number in range(arguments.jobs + 1):
                time.sleep(0.2)
                seen.clear()
                started = time.perf_counter()
                with connection.transaction():
                    _enqueue(connection, [number])
                    connection.execute("NOTIFY enqueued")
                if not seen.wait(ARRIVAL_SECONDS):
                    raise SystemExit("a job was not picked up")
                milliseconds.append((arrived[0] - started) * 1000)
    finally:
        ended.set()
        worker.join()
    return {"milliseconds": milliseconds[1:]}


def hold(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        _enqueue(connection, [0])
        _turn(connection, [], lease=arguments.lease_seconds)
        steps.say({"ready": True})
        time.sleep(arguments.limit_seconds)
    return {}


def watch(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        steps.wait_for_go()
        ends = time.monotonic() + arguments.limit_seconds
        while time.monotonic() < ends:
            connection.execute(RESCUE)
            held, _ = _turn(connection, [], lease=arguments.lease_seconds)
            if held:
                arrived = time.time()
                _turn(connection, held)
                return {"arrived": arrived}
            time.sleep(PAUSE_SECONDS)
    return {"arrived": None}


def stale(arguments: steps.Arguments) -> steps.Result:
    with _connect(arguments) as connection:
        _enqueue(connection, [0])
        first, _ = _turn(connection, [], lease=0)
        connection.execute(RESCUE)
        second, _ = _turn(connection, [])
        if first[0][0] != second[0][0]:
            raise SystemExit("the job was not leased again")
        _, finished = _turn(connection, first)
        return {"accepted": finished == 1}


if __name__ == "__main__":
    steps.run(
        {
            work.__name__: work
            for work in (
                *(prepare, empty, enqueue_one, enqueue_many, drain_one, drain_batch),
                *(pick_up, hold, watch, stale),
            )
        }
    )
