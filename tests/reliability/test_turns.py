"""Who is next: one lease at a time, poison behind the others, and no crowd after an outage."""

from contextlib import closing
from dataclasses import replace

import pytest
from tests.fixtures.queue import SHA, STATS

from indexer.database.connection import Database
from indexer.errors import TransientJobError
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner

LONG = 3_600.0


class Passing(TransientJobError):
    code = "remote_unavailable"


@pytest.fixture
def work_off(bench, migrated_database, driver, tmp_path):
    """Runs the worker's loop once with the given work; how each job ended, in order."""
    settings = replace(bench.settings, work_directory=str(tmp_path))
    with closing(Database(migrated_database.worker, driver=driver)) as heartbeats:

        def run(work):
            runner = Runner(
                database=bench.worker,
                heartbeats=heartbeats,
                settings=settings,
                work=work,
                stop=StopSignal(drain_seconds=0.0),
            )
            return runner.run(worker="tests", remaining_seconds=lambda: LONG).outcomes

        yield run


def completes(run, database):
    with database.transaction() as statements:
        queue = JobQueue(statements, run._settings)
        queue.complete(run.lease, ref="main", commit_sha=SHA, stats=STATS)


def test_a_worker_leases_its_next_job_when_it_is_done_with_the_one_before(bench, work_off):
    jobs = [bench.enqueue(f"ada/{number}").job_id for number in range(4)]
    leased = []

    def work(run, database):
        leased.append(
            bench.scratch.value("SELECT count(*) FROM kotadb_queue.live WHERE state = 'leased'")
        )
        completes(run, database)

    assert list(work_off(work)) == list(map(str, jobs))
    assert leased == [1] * 4


@pytest.mark.parametrize("how", ["fails", "is lost"])
def test_a_poison_job_is_tried_again_only_behind_all_the_others(bench, work_off, how):
    poison = bench.enqueue("ada/poison")
    good = [bench.enqueue(f"ada/{number}").job_id for number in range(30)]
    if how == "is lost":
        bench.lease()
        bench.scratch.pass_time(bench.settings.lease_seconds + 1)

    def work(run, database):
        if run.lease.job_id == poison.job_id:
            raise Passing("no answer")
        completes(run, database)

    outcomes = work_off(work)
    if how == "is lost":
        # The first loss is tried again at once, and at once means behind whoever waits already.
        assert list(outcomes) == [*map(str, good), str(poison.job_id)]
        assert bench.attempts(poison.job_id) == ["lost", "failed"]
    else:
        assert list(outcomes) == [str(poison.job_id), *map(str, good)]
        assert bench.attempts(poison.job_id) == ["failed"]
        assert bench.waits(poison.job_id) > 0
    assert {outcomes[str(job_id)] for job_id in good} == {"completed"}


def test_jobs_that_failed_together_do_not_come_back_together(bench):
    jobs = [bench.enqueue(f"ada/{number}").job_id for number in range(40)]
    queue = JobQueue(bench.worker, bench.settings)  # with its own jitter
    waits_before = dict.fromkeys(jobs, 0.0)
    for base in (60, 120, 180):
        for _ in jobs:
            queue.fail(queue.lease_next(worker="tests"), Passing("the remote is away"))
        waited = dict.fromkeys(jobs, 0.0)
        for row in bench.scratch.sql(
            "SELECT job_id, extract(epoch FROM run_at - ended_at) AS waits "
            "FROM kotadb_queue.live INNER JOIN kotadb.job_attempts USING (job_id) "
            "WHERE attempt = leases"
        ):
            waited[row["job_id"]] = float(row["waits"])
        assert all(base - 1 <= one <= base * 1.1 for one in waited.values())
        # Spread over the whole tenth: forty draws leave no half of it empty.
        assert min(waited.values()) < base * 1.05 < max(waited.values())
        assert all(waited[job_id] > waits_before[job_id] for job_id in jobs)
        waits_before = waited
        bench.scratch.pass_time(base * 1.2)
