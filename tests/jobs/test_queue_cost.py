"""What a move of the queue reads does not grow with the queue: buffers, rows and plans are counted.

Real lengths are KOTADB_COST_ROWS=1000000; the suite takes fewer, since what must not grow shows in
the difference between two lengths.
"""

import json
import os
import re
from contextlib import closing, contextmanager
from functools import partial
from itertools import count

import psycopg
import pytest
from tests.e2e.conftest import url_of
from tests.fixtures.queue import SHA, STATS
from tests.support.waiting import eventually

from indexer.database.queries import named_queries
from indexer.settings import Settings

pytestmark = pytest.mark.usefixtures("new_tables")

ROWS = int(os.environ.get("KOTADB_COST_ROWS", "10000"))
FINDING, LEASING, MOVING, HEALTH = 20, 60, 150, 40
BATCH = 20

# One tenant for each hundred rows: many are ready, and many wait behind their tenant's share.
JOBS = """
WITH tenants AS (
    INSERT INTO kotadb.tenants (kind, tier)
    SELECT 'user', 'team' FROM generate_series(1, greatest(1, %(rows)s / 100))
    RETURNING tenant_id
), places AS (
    INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name)
    SELECT tenant_id, 'https://github.com/a/' || tenant_id, 'a/b' FROM tenants
    RETURNING tenant_id, repository_id
)
INSERT INTO kotadb.index_jobs (
    tenant_id, repository_id, requested_ref, request_id, generation, queue_job_id, max_retries,
    status, error_code, error_message, completed_at, next_attempt_at
)
SELECT
    tenant_id, repository_id, %(prefix)s || n, 'req', 1, gen_random_uuid(), 3, %(status)s,
    CASE WHEN %(status)s = 'skipped' THEN 'superseded' END,
    CASE WHEN %(status)s = 'skipped' THEN 'superseded' END,
    CASE WHEN %(status)s = 'skipped' THEN clock_timestamp() - interval '2 days' END,
    CASE
        WHEN %(prefix)s = 'delayed' AND %(status)s = 'pending'
        THEN clock_timestamp() + interval '1 hour'
    END
FROM places, generate_series(1, 100) AS n
"""
LIVE = """
INSERT INTO kotadb_queue.live (
    queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot,
    run_at, expires_at
)
SELECT
    queue_job_id, id, tenant_id, repository_id, requested_ref, '{}', state,
    CASE WHEN state = 'ready' THEN place END,
    clock_timestamp() - place * interval '1 second'
    + CASE WHEN state = 'delayed' THEN interval '1 day' ELSE interval '0' END,
    clock_timestamp() + interval '20 hours'
FROM (
    SELECT
        jobs.*, row_number() OVER (PARTITION BY tenant_id) AS place,
        CASE
            WHEN requested_ref LIKE 'delayed%%' THEN 'delayed'
            WHEN row_number() OVER (PARTITION BY tenant_id) <= 3 THEN 'ready'
            ELSE 'waiting'
        END AS state
    FROM kotadb.index_jobs AS jobs
    WHERE status = 'pending'
) AS placed
"""
ARCHIVE = """
INSERT INTO kotadb_queue.archive (
    queue_job_id, queue_name, job_id, tenant_id, repository_id, payload, leases, enqueued_at,
    finished_at
)
SELECT
    queue_job_id, 'index-repo', id, tenant_id, repository_id, '{}', 1, created_at, completed_at
FROM kotadb.index_jobs WHERE status = 'skipped'
"""


def lengthen(scratch, rows, *, kind):
    """Put many rows into the queue and as many into its archive, or only rows in backoff."""
    with scratch.connection() as connection:
        connection.execute("SELECT kotadb_queue.rotate_archive(7)")
        statuses = {"queued": ("pending", "r"), "delayed": ("pending", "delayed")}
        status, prefix = statuses[kind]
        given = {"rows": rows, "status": status, "prefix": prefix}
        connection.execute(JOBS, given)
        connection.execute(JOBS, given | {"status": "skipped"})
        connection.execute(LIVE)
        connection.execute(ARCHIVE)
        connection.execute("SELECT kotadb_queue.add_up_depth(0)")


def analyze(scratch):
    for table in ("kotadb_queue.live", "kotadb_queue.archive", "kotadb.index_jobs"):
        scratch.sql(f"VACUUM ANALYZE {table}")


OWN_TABLES = """
SELECT oid::regclass::text AS name
FROM pg_class
WHERE relkind = 'r' AND relnamespace IN ('kotadb'::regnamespace, 'kotadb_queue'::regnamespace)
"""


def nobody_makes_statistics(scratch):
    """Whether nobody does just now, also of the tables of Postgres itself."""
    return not scratch.sql(
        "SELECT pid FROM pg_stat_activity "
        "WHERE backend_type = 'autovacuum worker' AND datname = current_database()"
    )


@contextmanager
def unvacuumed(scratch):
    """Meanwhile no statistics are made by themselves, and nothing dead is cleared.

    Whoever makes statistics, of whichever table, has a snapshot: what died since stays to be read.
    """
    scratch.sql("SELECT kotadb_queue.rotate_archive(7)")
    tables = [row["name"] for row in scratch.sql(OWN_TABLES)]
    with scratch.connection() as connection:
        for table in tables:
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    try:
        eventually(lambda: nobody_makes_statistics(scratch))
        yield
    finally:
        with scratch.connection() as connection:
            for table in tables:
                connection.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")


@pytest.fixture(params=["fresh", "stale"])
def long_queue(request, migrated_database):
    """Many rows wait and as many are archived; statistics are of now, or of an empty queue."""
    scratch = migrated_database
    with unvacuumed(scratch):
        analyze(scratch)
        lengthen(scratch, ROWS, kind="queued")
        if request.param == "fresh":
            analyze(scratch)
        yield scratch


FETCHED = """
SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(relations.oid)), 0)
FROM pg_class AS relations
WHERE relations.relnamespace IN ('kotadb'::regnamespace, 'kotadb_queue'::regnamespace)
"""


class Asking:
    """One warm connection of a role, whose statements are counted or explained."""

    def __init__(self, target):
        self.connection = psycopg.connect(url_of(target), autocommit=True)

    def plan(self, text, parameters=None):
        ((plan,),) = self.connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", parameters
        ).fetchall()
        return plan[0]["Plan"]

    def buffers(self, name, parameters, times=4):
        """The least blocks of our tables and indexes that a named query reads in several times.

        Its parameters are made anew for each. The first five are planned anew, which reads the ends
        of indexes where statistics are old. The catalogue does not count: a session reads it again
        whenever others change a schema, in whichever database of the server.
        """
        text = named_queries()[name].text
        return min(self._read_by(text, parameters()) for _ in range(times))

    def _read_by(self, text, parameters):
        with self.connection.transaction():
            ((before,),) = self.connection.execute(FETCHED).fetchall()
            self.connection.execute(text, parameters).fetchall()
            ((after,),) = self.connection.execute(FETCHED).fetchall()
        return int(after - before)

    def close(self):
        self.connection.close()


def read_by(plan):
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


LEASE = {
    "team_size": 5,
    "lease_seconds": 30.0,
    "worker": "tests",
    "from_priority": -32_768,
    "from_run_at": "-infinity",
}


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def finding(scratch):
    """The statement that finds the row to lease, as the schema has it, and what it may do."""
    (row,) = scratch.sql(
        "SELECT prosrc, proconfig FROM pg_proc WHERE proname = 'lease' "
        "AND pronamespace = 'kotadb_queue'::regnamespace"
    )
    found = re.search(r"chosen := ARRAY\((.*?)\n    \);", row["prosrc"], re.DOTALL)
    text = found[1]
    for name, value in (
        ("p_from_priority", "(-32768)::smallint"),
        ("p_from_run_at", "'-infinity'::timestamptz"),
        ("cardinality(slots)", "1"),
    ):
        assert name in text
        text = text.replace(name, value)
    pinned = [one for one in row["proconfig"] if one.startswith("enable_")]
    assert "enable_sort=off" in pinned
    return text, "; ".join(f"SET {one.replace('=', ' = ')}" for one in pinned)


def lease_one(scratch, *, team_size=1_000):
    """Leases one more job, and gives the parameters that name its lease."""
    (row,) = scratch.sql(
        "SELECT queue_job_id, lease_token FROM kotadb_queue.lease(%s::integer, 600, 'tests')",
        team_size,
    )
    return row


@pytest.fixture
def held(long_queue):
    """Leases one more job each time."""
    return partial(lease_one, long_queue, team_size=5)


def test_the_row_to_lease_is_found_by_its_own_index_alone(long_queue):
    text, pinned = finding(long_queue)
    with closing(Asking(long_queue.worker)) as worker:
        worker.connection.execute(pinned)
        worker.plan(text)
        plan = worker.plan(text)
    assert read_by(plan) <= FINDING
    kinds = {node["Node Type"] for node in nodes(plan)}
    assert not kinds & {"Seq Scan", "Sort", "Incremental Sort", "Bitmap Heap Scan"}
    (scan,) = (node for node in nodes(plan) if node.get("Relation Name") == "live")
    assert scan["Index Name"] == "live_ready"


def test_what_a_lease_changes_of_a_job_stands_in_no_index(migrated_database):
    rows = migrated_database.sql(
        "SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index "
        "WHERE indrelid = 'kotadb.index_jobs'::regclass"
    )
    changed = r"\b(status|phase|started_at|next_attempt_at|retry_count|files_done|files_total)\b"
    assert rows
    assert [row["text"] for row in rows if re.search(changed, row["text"])] == []


def test_a_lease_reads_no_more_in_a_long_queue(long_queue):
    with closing(Asking(long_queue.worker)) as worker:
        assert worker.buffers("lease_next", lambda: LEASE) <= LEASING


@pytest.mark.parametrize(
    ("name", "more", "most"),
    [
        ("finish_job", lambda: FINISH, MOVING),
        ("finish_and_lease", lambda: FINISH | LEASE, MOVING + LEASING),
        ("end_run", lambda: END | AGAIN, MOVING),
        ("end_run", lambda: END | {"delay_seconds": 60.0, "final": False}, MOVING),
        ("end_run", lambda: END | {"delay_seconds": 0.0, "final": True}, MOVING),
    ],
)
def test_the_end_of_a_run_reads_no_more_in_a_long_queue(long_queue, held, name, more, most):
    with closing(Asking(long_queue.worker)) as worker:
        assert worker.buffers(name, lambda: held() | more()) <= most


def test_sweeps_that_find_nothing_read_next_to_nothing_in_a_long_queue(long_queue):
    batch = {"batch_size": 200}
    with closing(Asking(long_queue.worker)) as worker:
        for name, parameters in (
            ("leases_run_out", batch),
            ("due_rows_expired", batch),
            ("wake_delayed", batch | {"most_changes": 200}),
            ("ready_rows", {}),
        ):
            assert worker.buffers(name, lambda given=parameters: given) <= FINDING, name


def test_an_enqueue_and_the_figures_read_no_more_in_a_long_queue(long_queue):
    tenant = long_queue.value("SELECT min(tenant_id::text) FROM kotadb.tenants")
    names = (f"https://github.com/new/{number}.git" for number in count())
    with closing(Asking(long_queue.api)) as api:
        wish = WISH | {"tenant_id": tenant}
        enqueued = api.buffers("enqueue_job", lambda: wish | {"clone_url": next(names)}, times=12)
        assert enqueued <= MOVING
        assert api.buffers("queue_figures", dict, times=12) <= HEALTH


def test_the_figures_that_alarms_stand_on_read_no_more_in_a_long_queue(long_queue, held):
    held()
    with closing(Asking(long_queue.admin_role)) as admin:
        admin.connection.execute("SET enable_seqscan = off")
        assert admin.buffers("gauges", dict, times=8) <= HEALTH


class Wishes:
    """The parameters of moves, made of what is there when they are asked for."""

    def __init__(self, scratch):
        self._scratch = scratch
        self._tenant = scratch.value("SELECT min(tenant_id::text) FROM kotadb.tenants")
        self._names = (f"https://github.com/new/{number}.git" for number in count())

    def request(self):
        return WISH | {"tenant_id": self._tenant, "clone_url": next(self._names)}

    def requests(self):
        lists = {
            "clone_urls": [next(self._names) for _ in range(BATCH)],
            "full_names": ["new/one"] * BATCH,
            "refs": [""] * BATCH,
            "commits": [None] * BATCH,
            "forces": [False] * BATCH,
            "request_ids": ["req-1"] * BATCH,
        }
        return WISH | {"tenant_id": self._tenant, "requests": json.dumps(lists)}

    def leases(self):
        return LEASE | {"team_size": 1_000, "batch_size": BATCH}

    def runs(self):
        held = self._scratch.sql(
            "SELECT queue_job_id::text, lease_token::text "
            "FROM kotadb_queue.lease(1000, 600, 'tests', p_limit => %s::integer)",
            BATCH,
        )
        lists = {
            "queue_job_ids": [row["queue_job_id"] for row in held],
            "lease_tokens": [row["lease_token"] for row in held],
            "refs": ["main"] * BATCH,
            "commit_shas": [SHA] * BATCH,
            "stats": [STATS] * BATCH,
            "results": [{}] * BATCH,
        }
        return {"runs": json.dumps(lists)}


def test_a_batch_reads_no_more_for_each_job_in_a_long_queue(long_queue):
    wishes = Wishes(long_queue)
    with closing(Asking(long_queue.api)) as api, closing(Asking(long_queue.worker)) as worker:
        enqueued = api.buffers("enqueue_jobs", wishes.requests, times=12)
        assert enqueued <= BATCH * LEASING + MOVING
        assert worker.buffers("complete_jobs", wishes.runs) <= BATCH * (MOVING + LEASING)
        assert worker.buffers("lease_jobs", wishes.leases) <= BATCH * LEASING


def test_an_enqueue_passes_over_no_ready_rows_of_others_that_are_less_urgent(long_queue):
    wishes = Wishes(long_queue)
    long_queue.sql("UPDATE kotadb_queue.live SET priority = 5 WHERE state = 'ready'")
    assert long_queue.value("SELECT count(*) FROM kotadb_queue.live WHERE state = 'ready'") > MOVING
    with closing(Asking(long_queue.api)) as api:
        assert api.buffers("enqueue_job", wishes.request, times=12) <= MOVING


MORE_REPOSITORIES = """
INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name)
SELECT min(tenant_id::text)::uuid, 'https://github.com/more/' || n, 'more/' || n
FROM kotadb.tenants, generate_series(1, %s) AS n
GROUP BY n
"""


@pytest.mark.parametrize("analyzed", ["never", "without a row", "with a row"])
def test_a_session_that_saw_a_short_queue_reads_no_more_in_a_long_one(lone_database, analyzed):
    scratch = lone_database
    jobs = ("index_jobs", "job_attempts", "repositories", "tenants")
    tables = ("kotadb_queue.live", *(f"kotadb.{name}" for name in jobs))
    scratch.sql("INSERT INTO kotadb.tenants (kind, tier) VALUES ('user', 'team')")
    wishes = Wishes(scratch)
    if analyzed == "with a row":
        with closing(Asking(scratch.api)) as api:
            api.buffers("enqueue_job", wishes.request, times=1)
        lease_one(scratch)
    if analyzed != "never":
        for table in tables:
            scratch.sql(f"VACUUM ANALYZE {table}")
    scratch.sql("DELETE FROM kotadb.index_jobs")

    lease = partial(lease_one, scratch)
    with (
        unvacuumed(scratch),
        closing(Asking(scratch.api)) as api,
        closing(Asking(scratch.worker)) as worker,
    ):
        moves = (
            (api, "enqueue_jobs", wishes.requests, BATCH * LEASING + MOVING),
            (worker, "complete_jobs", wishes.runs, BATCH * (MOVING + LEASING)),
            (api, "enqueue_jobs", wishes.requests, BATCH * LEASING + MOVING),
            *((api, "enqueue_job", wishes.request, MOVING) for _ in range(6)),
            (worker, "lease_next", lambda: LEASE, LEASING),
            (worker, "finish_job", lambda: lease() | FINISH, MOVING),
            (worker, "finish_and_lease", lambda: lease() | FINISH | LEASE, MOVING + LEASING),
            (worker, "end_run", lambda: lease() | END | AGAIN, MOVING),
            (api, "queue_figures", dict, HEALTH),
            (worker, "lease_jobs", wishes.leases, BATCH * LEASING),
        )
        for asking, name, parameters, _ in moves:
            asking.buffers(name, parameters, times=1)
        scratch.sql("DELETE FROM kotadb.index_jobs")
        lengthen(scratch, ROWS, kind="queued")
        scratch.sql(MORE_REPOSITORIES, ROWS // 10)
        read = []
        for asking, name, parameters, _ in moves:
            eventually(lambda: nobody_makes_statistics(scratch))
            read.append(asking.buffers(name, parameters))
    beyond = [(one[1], blocks) for one, blocks in zip(moves, read, strict=True) if blocks > one[3]]
    assert beyond == []


FINISH = {
    "status": "completed",
    "ref": "main",
    "commit_sha": SHA,
    "stats": json.dumps(STATS),
    "result": "{}",
    "error_code": None,
    "error_message": None,
}
AGAIN = {"delay_seconds": 0.0, "final": False}
END = {
    "outcome": "failed",
    "error_code": "x",
    "error_message": "x",
    "final_code": "x",
    "final_message": "x",
    "max_runs": 4,
}
WISH = {
    "full_name": "new/one",
    "requested_ref": "",
    "requested_commit": None,
    "force": False,
    "request_id": "req-1",
    "max_retries": Settings().retry_limit,
    "expire_hours": 24,
}


def test_nothing_is_found_at_no_cost_while_everything_waits_for_its_next_try(migrated_database):
    lengthen(migrated_database, ROWS, kind="delayed")
    with closing(Asking(migrated_database.worker)) as worker:
        assert worker.buffers("lease_next", lambda: LEASE) <= FINDING


def test_dead_rows_that_an_old_snapshot_keeps_are_passed_over_from_the_last_place(
    migrated_database,
):
    scratch, dead = migrated_database, 3_000
    lengthen(scratch, 10_000, kind="queued")
    with unvacuumed(scratch), scratch.connection() as elsewhere:
        elsewhere.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        elsewhere.execute("SELECT count(*) FROM kotadb_queue.live")
        # What is leased and cancelled one after the other lies dead before the first ready row.
        place = scratch.sql(
            f"WITH gone AS (SELECT queue_job_id FROM kotadb_queue.live WHERE state = 'ready' "
            f"ORDER BY priority, run_at, queue_job_id LIMIT {dead // 10}) "
            "UPDATE kotadb_queue.live SET state = 'finished', tenant_slot = NULL, "
            "finished_at = clock_timestamp() WHERE queue_job_id IN (SELECT * FROM gone) "
            "RETURNING priority, run_at"
        )
        last = max(place, key=lambda row: row["run_at"])
        with closing(Asking(scratch.worker)) as worker:
            from_the_beginning = worker.buffers("lease_next", lambda: LEASE)
            place = {"from_priority": last["priority"], "from_run_at": last["run_at"]}
            looked_on = worker.buffers("lease_next", lambda: LEASE | place)
        elsewhere.execute("ROLLBACK")
    assert from_the_beginning > LEASING
    assert looked_on <= LEASING
