"""Cancelling: whatever a job does at that moment, it ends, once, and nothing else does."""

import pytest
from tests.fixtures.queue import SHA
from tests.support.waiting import meanwhile

from indexer.errors import LeaseLost, TransientJobError
from indexer.jobs.commands import JobCommands
from indexer.jobs.model import CancelOutcome, JobStatus
from indexer.jobs.records import JobFinished, JobNotFound


class Passing(TransientJobError):
    code = "remote_unavailable"


@pytest.mark.proves("J4", "J7")
def test_a_pending_job_ends_at_once_and_is_never_leased(bench):
    made = bench.enqueue()
    told = bench.cancel(made.job_id)
    assert (told.id, told.status, told.error_code) == (
        made.job_id,
        JobStatus.CANCELLED,
        "cancelled",
    )
    assert told.completed_at is not None
    assert bench.queue.lease_next(worker="tests") is None
    assert bench.live(made.job_id)["state"] == "finished"
    assert bench.attempts(made.job_id) == []


@pytest.mark.proves("J9", "W3")
def test_a_running_job_ends_at_once_and_every_later_write_of_its_worker_is_refused(bench):
    made = bench.enqueue()
    lease = bench.lease()
    bench.cancel(made.job_id)
    before = bench.job(made.job_id), bench.live(made.job_id)
    for move in (
        bench.renew,
        bench.complete,
        bench.queue.release,
        lambda held: bench.queue.fail(held, Passing("no answer")),
        lambda held: bench.queue.skip(held, code="x", message="x", ref=None, commit_sha=None),
    ):
        with pytest.raises(LeaseLost):
            move(lease)
    assert (bench.job(made.job_id), bench.live(made.job_id)) == before
    assert bench.attempts(made.job_id) == ["cancelled"]
    assert bench.queue.attempt_was_cancelled(lease)
    assert bench.live(made.job_id)["slot"] is None


def test_a_job_in_its_backoff_is_cancelled_with_its_retries_as_they_stand(bench):
    made = bench.enqueue()
    bench.queue.fail(bench.lease(), Passing("no answer"))
    bench.scratch.pass_time(61)
    bench.queue.fail(bench.lease(), Passing("no answer"))
    told = bench.cancel(made.job_id)
    assert (told.status, told.retry_count, told.next_attempt_at) == (JobStatus.CANCELLED, 1, None)
    assert bench.attempts(made.job_id) == ["failed", "failed"]


def test_the_job_that_waits_behind_a_cancelled_one_is_woken(bench):
    bench.enqueue()
    running = bench.lease()
    waiting = bench.enqueue()
    assert bench.live(waiting.job_id)["state"] == "waiting"
    bench.cancel(running.job_id)
    assert bench.lease().job_id == waiting.job_id


def test_cancelling_a_waiting_job_leaves_the_running_one_alone(bench):
    bench.enqueue()
    running = bench.lease()
    bench.cancel(bench.enqueue().job_id)
    bench.complete(running)
    assert bench.status(running.job_id) == "completed"
    assert bench.queue.lease_next(worker="tests") is None


@pytest.mark.proves("J9")
@pytest.mark.parametrize("end", ["completed", "failed", "skipped", "cancelled", "archived"])
def test_a_job_that_ended_is_left_as_it_ended(bench, end):
    made = bench.enqueue()
    if end == "cancelled":
        bench.cancel(made.job_id)
    elif end == "failed":
        bench.scratch.pass_time(25 * 3_600)
        bench.sweep.recover()
    else:
        lease = bench.lease()
        if end == "skipped":
            bench.queue.skip(lease, code="x", message="x", ref=None, commit_sha=None)
        else:
            bench.complete(lease)
    if end == "archived":
        bench.scratch.pass_time(3_601)
        bench.sweep.everything()
    before = bench.job(made.job_id)
    with pytest.raises(JobFinished):
        bench.cancel(made.job_id)
    assert bench.job(made.job_id) == before


@pytest.mark.proves("J18", "J17")
def test_a_job_of_another_tenant_is_cancelled_no_more_than_one_that_does_not_exist(
    bench, make_tenant
):
    made = bench.enqueue()
    lease = bench.lease()
    eve = make_tenant("eve@example.com")
    for unknown in (made.job_id, made.repository_id, "not-a-uuid"):
        with pytest.raises(JobNotFound):
            bench.cancel(unknown, tenant=eve)
    bench.complete(lease)
    assert bench.status(made.job_id) == "completed"


def test_the_policies_decide_which_jobs_may_be_cancelled(bench, make_tenant):
    foreign = bench.enqueue(tenant_id=make_tenant("eve@example.com"))
    # Without a tenant they show the function nothing at all.
    assert JobCommands(bench.api, bench.settings).cancel(foreign.job_id) is CancelOutcome.NOT_FOUND
    # The administration sees every tenant's.
    assert bench.commands.cancel(foreign.job_id) is CancelOutcome.CANCELLED


def test_a_job_that_is_just_being_leased_is_cancelled_with_its_attempt(bench):
    made = bench.enqueue()
    with bench.scratch.connection() as worker:
        worker.execute("BEGIN")
        worker.execute(
            "WITH row AS (UPDATE kotadb_queue.live SET state = 'leased', leases = 1, "
            "round_attempt = 1, lease_token = gen_random_uuid(), leased_at = clock_timestamp(), "
            "lease_expires_at = clock_timestamp() + interval '30 s', slot = 1 RETURNING job_id), "
            "job AS (UPDATE kotadb.index_jobs SET status = 'processing', "
            "started_at = clock_timestamp() FROM row WHERE id = row.job_id) "
            "INSERT INTO kotadb.job_attempts (job_id, attempt, round, worker, leased_at) "
            "SELECT job_id, 1, 1, 'tests', clock_timestamp() FROM row"
        )
        with meanwhile(bench.scratch, bench.scratch.api, lambda: bench.cancel(made.job_id)) as told:
            worker.execute("COMMIT")
    assert told[0].status is JobStatus.CANCELLED
    assert bench.attempts(made.job_id) == ["cancelled"]


@pytest.mark.proves("J10")
def test_of_a_cancel_and_a_completion_at_one_instant_one_wins(bench):
    made = bench.enqueue()
    lease = bench.lease()

    def cancel():
        try:
            return bench.cancel(made.job_id).status
        except JobFinished:
            return "too late"

    with bench.scratch.connection() as worker:
        worker.execute("BEGIN")
        worker.execute(
            "SELECT kotadb_queue.finish(%s, %s, 'completed', 'main', %s, '{}', '{}', NULL, NULL)",
            (lease.queue_job_id, lease.lease_token, SHA),
        )
        with meanwhile(bench.scratch, bench.scratch.api, cancel) as told:
            worker.execute("COMMIT")
    assert told == ["too late"]
    assert bench.status(made.job_id) == "completed"
