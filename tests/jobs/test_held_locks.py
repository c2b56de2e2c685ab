"""Somebody holds what the queue wants, as a worker does that froze amid a transaction."""

from contextlib import ExitStack, closing, contextmanager
from itertools import count

import pytest
from tests.fixtures.queue import SHA, STATS, small_commit

from indexer.database.connection import Database
from indexer.database.logins import ROLE_LIMITS
from indexer.indexing.store import store_indexed_data
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner
from indexer.settings import Settings

LONG = 3_600.0
# A lease that is over when it is looked at.
MOMENT = Settings(lease_seconds=0.001)

pytestmark = pytest.mark.parametrize("driver", ["psycopg"], indirect=True)


@contextmanager
def frozen_amid_the_end_of(lease, bench):
    """A transaction that ended a job and is not committed."""
    with (
        closing(Database(bench.scratch.worker)) as database,
        database.transaction() as statements,
    ):
        JobQueue(statements, bench.settings).complete(
            lease, ref="main", commit_sha=SHA, stats=STATS
        )
        yield statements


@contextmanager
def admission_held_of(tenant, bench):
    """A transaction that holds what decides which of the tenant's jobs are ready."""
    with bench.scratch.connection() as connection, connection.transaction():
        connection.execute("SELECT kotadb_queue.lock_admission(%s)", [tenant])
        yield connection


def delayed_and_due(bench, job_id, *, seconds):
    bench.scratch.sql(
        "UPDATE kotadb_queue.live SET state = 'delayed', tenant_slot = NULL, "
        "run_at = clock_timestamp() - %s * interval '1 second' WHERE job_id = %s",
        seconds,
        job_id,
    )


def woken(bench, *, most=200):
    """How many rows a worker wakes; it waits for no lock longer than its login may."""
    return bench.worker.fetch_one("wake_delayed", batch_size=most, most_changes=200)["woken"]


@pytest.fixture
def others(bench, make_tenant):
    """Another tenant's queue."""
    stranger = make_tenant("grace@example.com")
    return lambda name: bench.enqueue(name, tenant_id=stranger)


def run_all(bench, tmp_path):
    """The worker's loop; which jobs it ended."""

    def work(run, database):
        JobQueue(database, bench.settings).complete(
            run.lease, ref="main", commit_sha=SHA, stats=STATS
        )

    return worked_off(bench, tmp_path, work)


def worked_off(bench, tmp_path, work, *, max_jobs=None, **more):
    """How a worker's loop ended each job that it took."""
    with closing(Database(bench.scratch.worker)) as heartbeats:
        runner = Runner(
            database=bench.worker,
            heartbeats=heartbeats,
            settings=Settings(work_directory=str(tmp_path)),
            work=work,
            stop=StopSignal(drain_seconds=0),
            **more,
        )
        report = runner.run(worker="next", remaining_seconds=lambda: LONG, max_jobs=max_jobs)
    return report.outcomes


def test_a_worker_that_froze_amid_the_end_of_its_job_holds_up_no_other_job(bench, others, tmp_path):
    bench.settings = MOMENT
    stuck = bench.enqueue("ada/stuck").job_id
    lease = bench.lease()
    waiting = [others(f"grace/{number}").job_id for number in range(2)]
    with frozen_amid_the_end_of(lease, bench):
        assert bench.sweep.recover().leases_lost == 0
        assert run_all(bench, tmp_path) == {str(one): "completed" for one in waiting}
    assert bench.status(stuck) == "completed"


def test_who_holds_what_others_want_may_be_silent_for_seconds_only(bench):
    """The server then ends the transaction of a worker that froze, and its locks with it."""
    bench.enqueue()
    lease = bench.lease()
    asked = "SELECT current_setting('idle_in_transaction_session_timeout') AS patience"
    with bench.scratch.connection() as connection, connection.transaction():
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
        connection.execute(
            "SELECT kotadb_queue.lock_lease(%s, %s)", [lease.queue_job_id, lease.lease_token]
        )
        assert connection.execute(asked).fetchone() == {"patience": "10s"}


def test_rows_of_a_tenant_whose_admission_is_held_are_woken_later_and_those_of_others_now(
    bench, others
):
    own, theirs = bench.enqueue("ada/one").job_id, others("grace/one").job_id
    delayed_and_due(bench, own, seconds=20)
    delayed_and_due(bench, theirs, seconds=10)
    with admission_held_of(bench.tenant, bench):
        assert bench.lease().job_id == theirs
        assert bench.queue.lease_next(worker="tests") is None
        assert bench.live(own)["state"] == "delayed"
    assert bench.lease().job_id == own


def test_rows_of_a_tenant_whose_admission_is_held_do_not_stand_before_all_others(bench, others):
    for number in range(3):
        delayed_and_due(bench, bench.enqueue(f"ada/{number}").job_id, seconds=20)
    theirs = others("grace/one").job_id
    delayed_and_due(bench, theirs, seconds=10)
    with admission_held_of(bench.tenant, bench):
        assert woken(bench, most=2) == 1
        assert bench.live(theirs)["state"] == "ready"


def test_waking_rows_waits_for_nobody_who_waits_for_one_of_them(bench, others):
    """As a push does that goes on to the repositories of other tenants."""
    own, theirs = bench.enqueue("ada/one").job_id, others("grace/one").job_id
    delayed_and_due(bench, own, seconds=20)
    delayed_and_due(bench, theirs, seconds=10)
    with admission_held_of(bench.tenant, bench) as push:
        push.execute("SELECT FROM kotadb_queue.live WHERE job_id = %s FOR UPDATE", [theirs])
        assert woken(bench) == 0
        push.execute("SELECT FROM kotadb_queue.live WHERE job_id = %s FOR UPDATE", [own])
    assert woken(bench) == 2


def test_what_waits_is_admitted_everywhere_but_where_somebody_is_at_it(bench, others):
    own, theirs = bench.enqueue("ada/one").job_id, others("grace/one").job_id
    bench.scratch.sql("UPDATE kotadb_queue.live SET state = 'waiting', tenant_slot = NULL")
    with admission_held_of(bench.tenant, bench):
        assert bench.sweep.everything().admitted == 1
        assert (bench.live(own)["state"], bench.live(theirs)["state"]) == ("waiting", "ready")


def test_a_snapshot_that_somebody_reads_from_keeps_no_other_from_being_dropped(bench):
    bench.settings = Settings(retired_keep_seconds=0)
    for name in ("ada/one", "ada/two"):
        for sha in (SHA, "b" * 40):
            bench.enqueue(name, commit_sha=sha)
            store_indexed_data(bench.worker, bench.settings, bench.lease(), small_commit(sha))
    first, _second = (
        row["snapshot_id"]
        for row in bench.scratch.sql(
            "SELECT snapshot_id FROM kotadb.snapshots WHERE state = 'retired' ORDER BY snapshot_id"
        )
    )
    with bench.scratch.connection() as connection, connection.transaction():
        connection.execute(
            "SELECT FROM kotadb.snapshots WHERE snapshot_id = %s FOR KEY SHARE", [first]
        )
        assert bench.sweep.drop_retired_snapshots() == 1
    left = bench.scratch.sql("SELECT snapshot_id FROM kotadb.snapshots WHERE state = 'retired'")
    assert [row["snapshot_id"] for row in left] == [first]
    assert bench.sweep.drop_retired_snapshots() == 1


def test_a_sweep_that_fails_takes_no_lease_from_the_job_that_is_next(bench, tmp_path):
    """Between two jobs a worker sweeps, when it has the lease of the second already."""
    jobs = [bench.enqueue(f"ada/{number}").job_id for number in range(3)]

    def work(run, database):
        bench.scratch.sql(f"REVOKE {waking} FROM kotadb_worker")
        return JobQueue(database, bench.settings).complete(
            run.lease, ref="main", commit_sha=SHA, stats=STATS, next_for=run.next_for()
        )

    waking = "EXECUTE ON FUNCTION kotadb_queue.wake_delayed(integer)"
    minutes = count(step=60)
    with ExitStack() as undone:
        undone.callback(bench.scratch.sql, f"GRANT {waking} TO kotadb_worker")
        outcomes = worked_off(
            bench, tmp_path, work, max_jobs=len(jobs), clock=lambda: float(next(minutes))
        )
    assert outcomes == {str(one): "completed" for one in jobs}
    assert [bench.attempts(one) for one in jobs] == [["completed"]] * 3


@pytest.mark.parametrize("role", ["kotadb_api", "kotadb_admin"])
def test_who_answers_people_gives_up_a_lock_before_the_connection(role, bench):
    """Else one row that is held would look like a database that is away."""
    seconds = float(ROLE_LIMITS[role].lock_timeout.removesuffix("s"))
    assert seconds < bench.settings.database_answer_seconds
