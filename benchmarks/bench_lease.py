"""What a lease costs: buffers and milliseconds with long queues, stale statistics, old snapshots.

    python benchmarks/bench_lease.py           (a server of its own; --rows 100000 for a quick look)

Buffers are those that EXPLAIN (ANALYZE, BUFFERS) counts for kotadb_queue.lease and all that it
calls.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from typing import Any

import psycopg
from queues import kotadb_driver as ours
from queues import steps
from queues.servers import durable_server, our_logins, superuser_url

from indexer.database.target import Target
from kotadb_local.place import Place

LEASES = 50
CHURN = 5_000
Connection = psycopg.Connection[tuple[Any, ...]]
LEASE = (
    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) "
    "SELECT * FROM kotadb_queue.lease(3, 30, 'w', %(priority)s::smallint, %(run_at)s::timestamptz, "
    "%(own_slot)s::smallint)"
)
# The search of kotadb_queue.lease, with the planner bound as it is there.
FIND = """
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)
SELECT ctid FROM kotadb_queue.live
WHERE
    state = 'ready'
    AND (priority, run_at) >= (%(priority)s::smallint, %(run_at)s::timestamptz)
    AND run_at <= (SELECT clock_timestamp())
ORDER BY priority, run_at, queue_job_id
LIMIT 1
FOR UPDATE SKIP LOCKED
"""
BOUND = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
)
BEGINNING: dict[str, Any] = {"priority": -32_768, "run_at": "-infinity", "own_slot": None}
READY = """
SET session_replication_role = replica;
INSERT INTO kotadb.index_jobs (
    id, tenant_id, repository_id, requested_ref, request_id, generation, queue_job_id, max_retries
)
SELECT gen_random_uuid(), places.tenant_id, places.repository_id, 'ready-' || number, 'fill',
    number, gen_random_uuid(), 3
FROM generate_series(1, {rows} / {tenants}) AS series (number)
CROSS JOIN kotadb.repositories AS places WHERE places.full_name = 'benchmark';
INSERT INTO kotadb_queue.live (
    queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot,
    expires_at
)
SELECT queue_job_id, id, tenant_id, repository_id, requested_ref, '{{}}', 'ready', generation,
    clock_timestamp() + interval '1 day'
FROM kotadb.index_jobs WHERE status = 'pending';
SET session_replication_role = origin;
"""
FREE = """
UPDATE kotadb_queue.live SET
    state = 'finished', finished_at = clock_timestamp(), lease_expires_at = NULL, slot = NULL,
    tenant_slot = NULL
WHERE state = 'leased'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="ready, and as many archived")
    arguments = parser.parse_args()
    print("| a lease | finding the row, buffers | whole, buffers (max) | ms |")
    print("|---|---|---|---|")
    with durable_server() as (place, admin):
        _measure(place, admin, arguments.rows)


def _measure(place: Place, admin: Target, rows: int) -> None:
    logins = our_logins(place, admin)
    url = superuser_url(admin)
    given = steps.Arguments(url=url, logins=logins)
    ours.prepare(given)
    with psycopg.connect(url, autocommit=True) as superuser:
        _fill(superuser, READY.format(rows=ours.TENANTS, tenants=ours.TENANTS), analyze=True)
        _row("1,000 rows ready", logins, superuser)
        ours.empty(given)
        superuser.execute("ANALYZE")  # as autovacuum finds an idle queue
        _fill(superuser, ours.FILL.format(finished=rows, tenants=ours.TENANTS), analyze=False)
        _fill(superuser, READY.format(rows=rows, tenants=ours.TENANTS), analyze=False)
        long = f"{rows:,} ready, {rows:,} archived"
        _row(f"{long}, statistics of an empty queue", logins, superuser)
        superuser.execute("VACUUM (ANALYZE)")
        _row(long, logins, superuser)
        with psycopg.connect(url) as elsewhere:
            elsewhere.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            elsewhere.execute("SELECT count(*) FROM kotadb.tenants")
            reached = _churn(given, superuser)
            held = f"{CHURN:,} jobs later, a snapshot held since"
            _row(f"{held}, from the beginning", logins, superuser)
            _row(f"{held}, from the place of the last lease", logins, superuser, reached)
            in_the_loop = {**reached, "own_slot": 1}
            _row(f"{held}, with the end of the last job", logins, superuser, in_the_loop)


def _fill(superuser: Connection, script: str, *, analyze: bool) -> None:
    superuser.execute(script.encode())
    if analyze:
        superuser.execute("VACUUM (ANALYZE)")


def _churn(given: steps.Arguments, superuser: Connection) -> dict[str, Any]:
    """One worker's loop through many jobs; where the last of them stood in the queue."""
    with ours.open_queue(given, tenant_team_size=1_000) as queue:
        if queue.work_off(CHURN) < CHURN:
            raise SystemExit("too few rows are ready for this; give more --rows")
        superuser.execute(FREE)
    row = superuser.execute(
        "SELECT priority, run_at FROM kotadb_queue.live WHERE state = 'finished' "
        "ORDER BY priority DESC, run_at DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise SystemExit("nothing was leased")
    return {**BEGINNING, "priority": row[0], "run_at": row[1]}


def _row(
    title: str,
    logins: dict[str, str],
    superuser: Connection,
    beginning: dict[str, Any] = BEGINNING,
) -> None:
    with psycopg.connect(
        logins["kotadb-worker"], autocommit=True, prepare_threshold=None
    ) as worker:
        finding = [_explained(worker, FIND, beginning)[0] for _ in range(5)]
        leasing = []
        for _ in range(LEASES):
            leasing.append(_explained(worker, LEASE, beginning))
            superuser.execute(FREE)
    buffers = [one[0] for one in leasing[5:]]  # the first ones load the catalogue and the plans
    print(
        f"| {title} | {statistics.median(finding):,.0f} "
        f"| {statistics.median(buffers):,.0f} ({max(buffers):,}) "
        f"| {statistics.median(one[1] for one in leasing[5:]):.2f} |",
        flush=True,
    )


def _explained(worker: Connection, statement: str, place: dict[str, Any]) -> tuple[int, float]:
    """Buffers and milliseconds of a statement."""
    with worker.transaction():
        worker.execute(BOUND)
        started = time.perf_counter()
        rows = worker.execute(statement.encode(), place).fetchall()
        seconds = time.perf_counter() - started
        plan = "\n".join(row[0] for row in rows)
        found = re.search(r"Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?", plan)
        if found is None:
            raise SystemExit(plan)
        return sum(int(one or 0) for one in found.groups()), seconds * 1000


if __name__ == "__main__":
    main()
