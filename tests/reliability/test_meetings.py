"""Two moves that meet on one row: one of them happens, whole, and never both."""

import threading
from contextlib import closing

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, small_commit
from tests.support.waiting import eventually, meanwhile

from indexer.database.connection import Database
from indexer.database.failures import ConstraintViolated
from indexer.errors import LeaseLost, TransientJobError
from indexer.indexing.copy_rows import FileRow
from indexer.indexing.store import SnapshotSuperseded, store_indexed_data
from indexer.jobs import records
from indexer.jobs.queue import JobQueue


class Passing(TransientJobError):
    code = "remote_unavailable"


FINISH = "SELECT kotadb_queue.finish(%s, %s, 'completed', 'main', %s, '{}', '{}', NULL, NULL)"
LOSE = (
    "SELECT kotadb_queue.end_run(%s, %s, 'lost', 'lease_expired', 'x', 'worker_crashed', 'x', "
    "false, 4, 0)"
)


def lease_run_out(bench):
    made, lease = bench.enqueue(), bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    return made, lease


def test_a_sweep_that_meets_a_completion_waits_for_it_and_moves_nothing(bench):
    made, lease = lease_run_out(bench)
    (stale,) = bench.worker.fetch_all("leases_run_out", batch_size=10)
    with bench.scratch.connection() as completing:
        completing.execute("BEGIN")
        completing.execute(FINISH, (lease.queue_job_id, lease.lease_token, SHA))
        lose = meanwhile(bench.scratch, bench.scratch.worker, lambda: bench.queue.lose(stale))
        with lose as lost:
            completing.execute("COMMIT")
    assert lost == [None]
    assert (bench.status(made.job_id), bench.attempts(made.job_id)) == ("completed", ["completed"])


def test_a_completion_that_meets_the_sweep_waits_for_it_and_is_refused(bench):
    made, lease = lease_run_out(bench)

    def complete():
        with pytest.raises(LeaseLost):
            bench.complete(lease)
        return "refused"

    with bench.scratch.connection() as sweeping:
        sweeping.execute("BEGIN")
        sweeping.execute(LOSE, (lease.queue_job_id, lease.lease_token))
        with meanwhile(bench.scratch, bench.scratch.worker, complete) as answers:
            sweeping.execute("COMMIT")
    assert answers == ["refused"]
    assert (bench.status(made.job_id), bench.attempts(made.job_id)) == ("pending", ["lost"])


def test_a_run_that_fails_while_its_ref_is_asked_for_again_gives_way(bench):
    older, lease = bench.enqueue(), bench.lease()
    with bench.scratch.connection() as asking:
        asking.execute("BEGIN")
        newer = asking.execute(
            "SELECT job_id FROM kotadb_queue.enqueue(%s, 'https://github.com/ada/engine.git', "
            "'ada/engine', '', NULL, false, 'req-2', 3, 24)",
            (bench.tenant,),
        ).fetchone()["job_id"]

        def fail():
            return bench.queue.fail(lease, Passing("the remote did not answer"))

        with meanwhile(bench.scratch, bench.scratch.worker, fail) as ended:
            asking.execute("COMMIT")
    assert ended == ["skipped"]
    assert bench.job(older.job_id)["error_code"] == "superseded"
    assert bench.lease().job_id == newer


def test_of_sweeps_and_completions_at_one_instant_one_wins_each_time(bench, driver):
    rounds = 40
    wins = {"completed": 0, "lost": 0}
    barrier = threading.Barrier(2)
    with closing(Database(bench.scratch.worker, driver=driver)) as other:
        sweeper = JobQueue(other, bench.settings)
        for number in range(rounds):
            made = bench.enqueue(f"ada/{number}")
            lease = bench.lease()
            bench.scratch.sql(
                "UPDATE kotadb_queue.live SET lease_expires_at = clock_timestamp() "
                "WHERE job_id = %s",
                made.job_id,
            )
            (stale,) = other.fetch_all("leases_run_out", batch_size=10)
            swept = []

            def sweep(stale=stale, swept=swept):
                barrier.wait(timeout=20)
                swept.append(sweeper.lose(stale))

            thread = threading.Thread(target=sweep)
            thread.start()
            barrier.wait(timeout=20)
            try:
                bench.complete(lease)
                completed = True
            except LeaseLost:
                completed = False
            thread.join(timeout=20)
            assert completed == (swept == [None])
            outcome = "completed" if completed else "lost"
            assert bench.attempts(made.job_id) == [outcome]
            assert bench.status(made.job_id) == ("completed" if completed else "pending")
            wins[outcome] += 1
            if not completed:
                bench.cancel(made.job_id)
    assert sum(wins.values()) == rounds


def test_a_job_that_is_just_being_archived_is_always_there_and_never_twice(
    bench, migrated_database, driver
):
    jobs = [bench.enqueue(f"ada/{number}").job_id for number in range(30)]
    for _ in jobs:
        bench.complete(bench.lease())
    bench.scratch.pass_time(bench.settings.archive_completed_after + 1)
    bench.worker.fetch_one("rotate_archive", keep_days=7)
    over, seen, trouble = threading.Event(), [], []

    def look():
        with (
            closing(Database(migrated_database.api, driver=driver)) as api,
            migrated_database.connection() as connection,
        ):
            while not over.is_set() or not seen:
                places = connection.execute(
                    "SELECT count(*) AS rows, count(DISTINCT job_id) AS jobs FROM ("
                    "SELECT job_id FROM kotadb_queue.live UNION ALL "
                    "SELECT job_id FROM kotadb_queue.archive) AS both_places"
                ).fetchone()
                seen.append(tuple(places.values()))
                try:
                    job_id = str(jobs[len(seen) % len(jobs)])
                    job, _attempts = records.get(api, job_id, tenant_id=bench.tenant)
                    assert job.status == "completed"
                except Exception as error:  # noqa: BLE001 - whatever it is, the test fails by it
                    trouble.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    moved = 0
    while moved < len(jobs):
        # Somebody looks between any two moves, and during them.
        looked = len(seen)
        eventually(lambda looked=looked: len(seen) > looked or trouble)
        moved += bench.worker.execute("archive_finished", after_seconds=3_600, batch_size=1)
    over.set()
    thread.join(timeout=20)
    assert trouble == []
    assert set(seen) == {(len(jobs), len(jobs))}
    assert bench.scratch.sql("SELECT job_id FROM kotadb_queue.live") == []


@pytest.mark.parametrize("table", ["kotadb.index_jobs", "kotadb_queue.live"])
def test_an_enqueue_that_breaks_off_anywhere_leaves_nothing(bench, contents, table):
    before = contents()
    bench.scratch.sql(f"ALTER TABLE {table} ADD CONSTRAINT planted CHECK (false) NOT VALID")
    try:
        with pytest.raises(ConstraintViolated):
            bench.enqueue()
    finally:
        bench.scratch.sql(f"ALTER TABLE {table} DROP CONSTRAINT planted")
    assert contents() == before
    made = bench.enqueue()
    assert bench.live(made.job_id)["queue_job_id"] == bench.job(made.job_id)["queue_job_id"]


def test_two_stores_of_one_repository_in_opposite_order_lock_nothing_up(bench, driver):
    """Each loads its rows behind a snapshot of its own, and they take turns to publish it."""
    files = [FileRow(number, f"{number}.ts", "0" * 40, 1, 1, 0, None) for number in range(200)]
    bench.enqueue(ref="main")
    older = bench.lease()
    bench.enqueue()
    newer = bench.lease()
    barrier, outcomes = threading.Barrier(2), {}

    def at_one_instant(rows):
        yield rows[0]
        barrier.wait(timeout=20)
        yield from rows[1:]

    def store(lease, sha, rows):
        with closing(Database(bench.scratch.worker, driver=driver)) as database:
            try:
                commit = small_commit(sha, files=at_one_instant(rows))
                store_indexed_data(database, bench.settings, lease, commit)
                outcomes[sha] = "stored"
            except SnapshotSuperseded:
                outcomes[sha] = "superseded"

    threads = [
        threading.Thread(target=store, args=(older, SHA, files)),
        threading.Thread(target=store, args=(newer, OTHER_SHA, files[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert outcomes[OTHER_SHA] == "stored"
    assert outcomes[SHA] in {"stored", "superseded"}
    current = "SELECT commit_sha FROM kotadb.snapshots WHERE state = 'current'"
    assert bench.scratch.value(current) == OTHER_SHA
