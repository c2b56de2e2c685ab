"""Worker processes that are killed, frozen and crash, and what the next one finds."""

import signal
from contextlib import closing
from dataclasses import replace
from uuid import UUID

import pytest
from tests.fixtures.queue import OTHER_SHA, STATS, small_commit
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.indexing.store import store_indexed_data
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner

LONG = 3_600.0
LEASE_SECONDS = 2.0
CURRENT = (
    "SELECT commit_sha, count(files.*) AS files FROM kotadb.snapshots AS snaps "
    "LEFT JOIN kotadb.files AS files USING (snapshot_id) WHERE state = 'current' GROUP BY 1"
)


def complete(run, database):
    with database.transaction() as statements:
        queue = JobQueue(statements, run._settings)
        queue.complete(run.lease, ref="main", commit_sha=OTHER_SHA, stats=STATS)


@pytest.mark.proves("Q22")
def test_the_first_poll_after_a_killed_workers_lease_takes_its_job(bench, start_worker, driver):
    """Polled once in two seconds, that is at most the lease and two seconds after the kill."""
    made = bench.enqueue()
    worker = start_worker("hold", driver=driver, lease_seconds=LEASE_SECONDS)
    worker.hears("holds")
    worker.kill()
    killed_at = bench.scratch.value("SELECT clock_timestamp()")
    (held,) = bench.scratch.sql("SELECT lease_token, lease_expires_at FROM kotadb_queue.live")
    # A killed worker renews nothing, so its lease ends when it would have ended anyway.
    assert (held["lease_expires_at"] - killed_at).total_seconds() <= LEASE_SECONDS

    polls = []
    runner = Runner(
        database=bench.worker,
        heartbeats=bench.worker,
        settings=replace(bench.settings, lease_seconds=LEASE_SECONDS),
        work=complete,
        stop=StopSignal(drain_seconds=0.0),
    )

    def polled():
        polls.append(bench.scratch.value("SELECT clock_timestamp()"))
        return runner.run(worker="next", remaining_seconds=lambda: LONG).outcomes

    assert eventually(polled) == {str(made.job_id): "completed"}
    too_late = [at for at in polls[:-1] if at > held["lease_expires_at"]]
    assert too_late == []
    assert bench.attempts(made.job_id) == ["lost", "completed"]
    assert bench.job(made.job_id)["retry_count"] == 1


@pytest.mark.proves("W12")
def test_a_worker_killed_right_after_its_commit_leaves_a_job_that_is_done(
    bench, start_worker, driver
):
    made = bench.enqueue()
    worker = start_worker("hold when stored", driver=driver)
    worker.hears("stored")
    worker.kill()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    assert bench.sweep.recover().leases_lost == 0
    assert bench.queue.lease_next(worker="tests") is None
    assert (bench.status(made.job_id), bench.attempts(made.job_id)) == ("completed", ["completed"])
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 1


@pytest.mark.proves("W13")
def test_a_worker_frozen_in_its_store_holds_nobody_up_and_changes_no_row_when_it_thaws(
    bench, start_worker, contents, driver
):
    bench.enqueue()
    frozen = start_worker("hold the store", driver=driver, heartbeat_seconds=LONG)
    frozen.hears("loaded")
    frozen.send(signal.SIGSTOP)
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    newer = bench.enqueue(commit_sha=OTHER_SHA)
    assert bench.sweep.recover().leases_lost == 1
    lease = bench.lease()
    assert lease.job_id == newer.job_id
    store_indexed_data(bench.worker, bench.settings, lease, small_commit(OTHER_SHA))

    before = contents()
    frozen.go_on()
    frozen.send(signal.SIGCONT)
    assert set(frozen.hears("over")["outcomes"].values()) == {"lost"}
    assert frozen.ends() == 0
    assert contents() == before
    assert bench.scratch.sql(CURRENT) == [{"commit_sha": OTHER_SHA, "files": 1}]


def test_a_worker_killed_in_its_store_leaves_the_commit_before(bench, start_worker, driver):
    bench.enqueue()
    store_indexed_data(bench.worker, bench.settings, bench.lease(), small_commit())
    stands = bench.scratch.sql(CURRENT)
    made = bench.enqueue(commit_sha=OTHER_SHA)
    worker = start_worker("hold the store", driver=driver)
    worker.hears("loaded")
    assert bench.scratch.sql(CURRENT) == stands
    worker.kill()
    # The server undoes what the dead process had open.
    eventually(lambda: open_transactions(bench) == 0)
    assert bench.scratch.sql(CURRENT) == stands
    assert bench.scratch.value("SELECT count(*) FROM kotadb.files") == 1
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    bench.sweep.recover()
    again = start_worker("store", driver=driver)
    assert again.hears("over")["outcomes"] == {str(made.job_id): "completed"}
    assert [row["commit_sha"] for row in bench.scratch.sql(CURRENT)] == [OTHER_SHA]
    assert bench.attempts(made.job_id) == ["lost", "completed"]


def open_transactions(bench):
    return bench.scratch.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = %s "
        "AND datname = current_database() AND xact_start IS NOT NULL",
        bench.scratch.worker.user,
    )


@pytest.mark.proves("O9", "Q23")
def test_a_job_that_takes_its_process_along_each_time_fails_after_four_runs(
    bench, start_worker, migrated_database
):
    poison = bench.enqueue("ada/poison")
    for death in ("SIGKILL", "SIGSEGV", "SIGABRT", "leave"):
        other = bench.enqueue(f"ada/{death}")
        worker = start_worker(death)
        assert worker.ends() == (0 if death == "leave" else -signal.Signals[death])
        # Nobody could say a word, and yet the attempt is counted.
        assert bench.live(poison.job_id)["state"] == "leased"
        assert bench.live(other.job_id)["state"] == "ready"
        bench.scratch.pass_time(bench.settings.lease_seconds + 1)
        bench.sweep.recover()
        with closing(Database(migrated_database.worker)) as database:
            others = JobQueue(database, bench.settings)
            lease = others.lease_next(worker="tests")
            assert lease.job_id == other.job_id
            others.complete(lease, ref="main", commit_sha=OTHER_SHA, stats=STATS)
        bench.scratch.pass_time(200)
    job = bench.job(poison.job_id)
    assert (job["status"], job["error_code"], job["retry_count"]) == ("failed", "worker_crashed", 3)
    assert bench.attempts(poison.job_id) == ["lost"] * 4
    assert bench.scratch.value("SELECT job_id FROM kotadb_queue.dead_letters") == poison.job_id


@pytest.mark.proves("Q19", "Q20")
@pytest.mark.parametrize("stage", ["hold", "hold the store"])
def test_a_worker_told_to_stop_gives_its_job_back_whole(bench, start_worker, stage):
    made = bench.enqueue()
    worker = start_worker(stage, drain_seconds=0.0)
    job_id = worker.hears("holds" if stage == "hold" else "loaded")["job"]
    assert UUID(job_id) == made.job_id
    worker.send(signal.SIGTERM)
    worker.go_on()
    assert worker.hears("over")["outcomes"] == {job_id: "released: pending"}
    assert worker.ends() == 0
    job = bench.job(made.job_id)
    assert (job["status"], job["retry_count"]) == ("pending", 0)
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 0
    assert bench.lease().round_attempt == 1
