"""What operators see of everybody's jobs, and the retry of what failed."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, small_commit
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.errors import PermanentJobError, TransientJobError
from indexer.indexing.store import (
    SnapshotSuperseded,
    store_indexed_data,
)
from indexer.jobs import administration
from indexer.jobs.administration import (
    FailedFilter,
    JobNotFailed,
    JobNotRetryable,
    JobSuperseded,
    retry_failed,
)
from indexer.jobs.commands import JobCommands
from indexer.jobs.model import JobStatus, RetryOutcome
from indexer.jobs.records import JobNotFound


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


def failed(bench, name="ada/engine", error=None, **wishes):
    """A job that failed at its first run."""
    made = bench.enqueue(name, **wishes)
    lease = bench.lease()
    assert lease.job_id == made.job_id
    bench.queue.fail(lease, error or Lasting("no such branch"))
    return made


def retried(bench, job_id):
    return administration.retry(bench.admin, bench.settings, str(job_id))


def refusal(bench, job_id):
    """The error that a retry raises; the job is as it was."""
    before = bench.job(job_id)
    with pytest.raises((JobNotRetryable, JobNotFailed, JobSuperseded)) as refused:
        retried(bench, job_id)
    assert bench.job(job_id) == before
    return refused.type


@pytest.mark.proves("O13", "O9")
def test_a_retried_job_really_runs_again_for_a_whole_new_round(bench):
    made = bench.enqueue()
    for _ in range(4):
        bench.queue.fail(bench.lease(), Passing("no answer"))
        bench.scratch.pass_time(200)
    assert bench.job(made.job_id)["retry_count"] == 3
    assert retried(bench, made.job_id) == made.job_id
    row = bench.live(made.job_id)
    assert (row["round"], row["round_attempt"], row["leases"]) == (2, 0, 4)
    assert bench.scratch.value("SELECT count(*) FROM kotadb_queue.dead_letters") == 0
    for run in range(5, 9):
        lease = bench.lease()
        assert (lease.attempt, lease.round_attempt) == (run, run - 4)
        assert bench.job(made.job_id)["retry_count"] == run - 1
        bench.queue.fail(lease, Passing("no answer"))
        bench.scratch.pass_time(200)
    assert bench.status(made.job_id) == "failed"
    assert bench.attempts(made.job_id) == ["failed"] * 8


@pytest.mark.proves("O13")
def test_a_retried_job_can_complete(bench):
    made = failed(bench)
    retried(bench, made.job_id)
    waiting = bench.job(made.job_id)
    assert (waiting["status"], waiting["completed_at"]) == ("pending", None)
    assert waiting["queue_job_id"] == bench.live(made.job_id)["queue_job_id"]
    bench.complete(bench.lease())
    done = bench.job(made.job_id)
    assert (done["status"], done["retry_count"], done["error_code"]) == ("completed", 1, None)


def test_leases_given_back_count_for_nothing_in_later_rounds_either(bench):
    made = bench.enqueue()
    bench.queue.release(bench.lease())
    bench.queue.fail(bench.lease(), Lasting("no such branch"))
    retried(bench, made.job_id)
    bench.complete(bench.lease())
    assert bench.attempts(made.job_id) == ["released", "failed", "completed"]
    assert bench.job(made.job_id)["retry_count"] == 1


def test_a_retry_starts_the_time_of_the_job_anew(bench):
    made = bench.enqueue()
    bench.scratch.pass_time(25 * 3_600)
    bench.sweep.recover()
    assert bench.job(made.job_id)["error_code"] == "expired"
    retried(bench, made.job_id)
    assert bench.sweep.recover().expired == 0
    bench.scratch.pass_time(24 * 3_600 + 1)
    assert bench.sweep.recover().expired == 1


@pytest.mark.proves("O13")
def test_a_job_is_retried_long_after_its_queue_row_is_gone(bench):
    made = failed(bench)
    bench.scratch.pass_time(30 * 86_400)
    bench.sweep.everything()
    bench.scratch.sql("DELETE FROM kotadb_queue.dead_letters")
    retried(bench, made.job_id)
    assert bench.lease().job_id == made.job_id


@pytest.mark.proves("O14")
def test_only_a_failed_job_is_retried(bench):
    made = bench.enqueue()
    assert refusal(bench, made.job_id) is JobNotFailed
    lease = bench.lease()
    assert refusal(bench, made.job_id) is JobNotFailed
    bench.complete(lease)
    assert refusal(bench, made.job_id) is JobNotFailed
    other = bench.enqueue()
    bench.cancel(other.job_id)
    assert refusal(bench, other.job_id) is JobNotFailed


@pytest.mark.proves("O14")
def test_what_does_not_exist_or_was_deleted_is_not_retried(bench):
    made = failed(bench)
    bench.delete(made.repository_id)
    for unknown in (made.job_id, made.repository_id, "not-a-uuid", ""):
        with pytest.raises(
            JobNotRetryable, match=r"^Job not found or not eligible for retry$"
        ) as refused:
            retried(bench, unknown)
        assert refused.value.status == 404
    assert bench.status(made.job_id) == "failed"


@pytest.mark.parametrize("state", ["pending", "processing", "completed"])
def test_a_newer_job_of_the_ref_stands_against_a_retry(bench, state):
    made = failed(bench)
    newer = bench.enqueue()
    if state != "pending":
        lease = bench.lease()
    if state == "completed":
        bench.complete(lease)
    assert bench.status(newer.job_id) == state
    assert refusal(bench, made.job_id) is JobSuperseded


def test_a_newer_job_that_was_cancelled_does_not_stand_against_a_retry(bench):
    made = failed(bench)
    bench.cancel(bench.enqueue().job_id)
    assert retried(bench, made.job_id)


def test_a_newer_job_that_gave_way_to_one_that_was_cancelled_does_not_stand_against_a_retry(bench):
    made = failed(bench)
    bench.enqueue(commit_sha=SHA)
    bench.cancel(bench.enqueue(commit_sha=OTHER_SHA).job_id)
    assert retried(bench, made.job_id)


def test_a_retried_job_is_as_urgent_as_the_one_that_gives_way_to_it(bench):
    older, newer = failed(bench), failed(bench)
    assert bench.retry(older.job_id) is RetryOutcome.REQUEUED
    bench.commands.prioritise(older.job_id, -50)
    assert bench.retry(newer.job_id) is RetryOutcome.REQUEUED
    assert bench.live(newer.job_id)["priority"] == -50


def test_jobs_of_another_ref_do_not_stand_against_a_retry(bench):
    made = failed(bench)
    bench.enqueue(ref="next")
    assert retried(bench, made.job_id)


def test_of_two_retried_jobs_of_a_ref_the_newer_goes_first_and_the_older_gives_way(bench):
    older, newer = failed(bench), failed(bench)
    retried(bench, older.job_id)
    retried(bench, newer.job_id)
    assert bench.status(older.job_id) == "skipped"
    assert bench.lease().job_id == newer.job_id


def test_a_retried_job_waits_behind_an_older_one_that_runs(bench):
    older, newer = failed(bench), failed(bench)
    retried(bench, older.job_id)
    lease = bench.lease()
    retried(bench, newer.job_id)
    assert bench.live(newer.job_id)["state"] == "waiting"
    bench.complete(lease)
    assert bench.lease().job_id == newer.job_id


def test_a_retried_job_does_not_bring_back_an_older_commit(bench):
    old = failed(bench, ref="main", commit_sha=OTHER_SHA)
    retried(bench, old.job_id)
    lease = bench.lease()
    # Asked for by no name, the newer job finds the same branch.
    bench.enqueue(commit_sha=SHA)
    store(bench, bench.lease(), SHA)
    with pytest.raises(SnapshotSuperseded):
        store(bench, lease, OTHER_SHA)
    assert (
        bench.scratch.value("SELECT commit_sha FROM kotadb.snapshots WHERE state = 'current'")
        == SHA
    )


def store(bench, lease, sha):
    store_indexed_data(
        bench.worker,
        bench.settings,
        lease,
        small_commit(sha, default_ref=None),
    )


@pytest.mark.proves("J10", "O13")
def test_operators_who_retry_at_one_instant_make_one_new_attempt(bench):
    made = failed(bench)

    def retry(_number):
        with closing(Database(bench.scratch.admin_role, connect_seconds=10)) as database:
            return JobCommands(database, bench.settings).retry(made.job_id)

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(retry, range(6)))
    assert sorted(outcomes) == [RetryOutcome.NOT_FAILED] * 5 + [RetryOutcome.REQUEUED]
    bench.complete(bench.lease())
    assert bench.attempts(made.job_id) == ["failed", "completed"]
    assert bench.queue.lease_next(worker="tests") is None


def test_a_job_that_is_just_being_forgotten_is_not_retried(bench):
    made = failed(bench)
    with bench.scratch.connection() as sweep:
        sweep.execute("BEGIN")
        sweep.execute("DELETE FROM kotadb.index_jobs WHERE id = %s", (made.job_id,))
        with meanwhile(
            bench.scratch, bench.scratch.admin_role, lambda: bench.retry(made.job_id)
        ) as outcomes:
            sweep.execute("COMMIT")
    assert outcomes == [RetryOutcome.NOT_FOUND]


@pytest.mark.parametrize("role", ["api", "worker"])
def test_only_the_administration_may_retry(bench, role):
    made = failed(bench)
    with pytest.raises(Exception, match="42501"):
        JobCommands(getattr(bench, role), bench.settings).retry(made.job_id)


@pytest.mark.proves("O10", "O11")
def test_failed_jobs_of_all_tenants_are_told_the_newest_first_with_a_true_total(bench, make_tenant):
    made = [
        failed(bench, f"ada/engine-{number}", ref="main", commit_sha=SHA) for number in range(3)
    ]
    made.append(failed(bench, "eve/other", tenant_id=make_tenant("eve@example.com")))
    bench.enqueue("ada/waits")
    deleted = failed_behind(bench, "ada/deleted")
    bench.delete(deleted.repository_id)
    page = administration.failed_page(bench.admin, limit=3, offset=1)
    assert [job.id for job in page.jobs] == [one.job_id for one in made[2::-1]]
    assert (page.limit, page.offset, page.total) == (3, 1, 4)
    told = page.jobs[0]
    assert (told.repository_id, told.repository) == (made[2].repository_id, "ada/engine-2")
    assert (told.commit_sha, told.ref) == (SHA, "main")
    assert (told.error, told.error_code, told.retry_count) == ("no such branch", "ref_not_found", 0)
    assert told.failed_at == bench.job(told.id)["completed_at"]
    assert administration.failed_page(bench.admin).jobs[0].ref is None


def failed_behind(bench, name):
    """As `failed`, with other jobs in the queue before it."""
    made = bench.enqueue(name)
    lease = bench.lease()
    while lease.job_id != made.job_id:
        lease = bench.lease()
    bench.queue.fail(lease, Lasting("no such branch"))
    return made


@pytest.mark.proves("O10", "O12")
def test_a_page_beyond_the_end_is_empty_and_still_counts(bench):
    assert administration.failed_page(bench.admin) == administration.FailedPage(
        jobs=(), limit=50, offset=0, total=0
    )
    failed(bench)
    beyond = administration.failed_page(bench.admin, limit=1_000, offset=2**80)
    assert (beyond.jobs, beyond.limit, beyond.total) == ((), 100, 1)
    nearest = administration.failed_page(bench.admin, limit=-5, offset=-5)
    assert (len(nearest.jobs), nearest.limit, nearest.offset) == (1, 1, 0)


@pytest.mark.proves("J24")
def test_any_job_is_told_with_its_tenant_its_request_and_its_attempts(bench):
    made = bench.enqueue(request_id="req-42")
    bench.queue.release(bench.lease())
    bench.queue.fail(bench.lease(), Lasting("no such branch"))
    told = administration.any_job(bench.admin, str(made.job_id))
    assert (told.job.id, told.job.status) == (made.job_id, JobStatus.FAILED)
    assert (told.tenant_id, told.request_id) == (bench.tenant, "req-42")
    assert [(one.attempt, one.round, one.outcome, one.worker) for one in told.attempts] == [
        (1, 1, "released", "tests"),
        (2, 1, "failed", "tests"),
    ]
    assert told.attempts[1].error_code == "ref_not_found"
    bench.delete(made.repository_id)
    for unknown in (made.job_id, made.repository_id, "not-a-uuid"):
        with pytest.raises(JobNotFound):
            administration.any_job(bench.admin, str(unknown))


def ids(made):
    return {one.job_id for one in made}


def test_many_are_retried_and_of_each_ref_the_newest(bench):
    older, newer = failed(bench), failed(bench)
    other = failed(bench, "ada/other")
    covered = failed(bench, ref="next")
    bench.enqueue(ref="next")
    bench.complete(bench.lease())
    answer = retry_failed(bench.admin, bench.settings, FailedFilter())
    assert answer.requeued == (newer.job_id, other.job_id)
    assert answer.passed_over == {}
    assert bench.status(older.job_id) == bench.status(covered.job_id) == "failed"
    assert bench.status(newer.job_id) == bench.status(other.job_id) == "pending"


def test_what_is_retried_by_a_filter_comes_after_what_people_ask_for(bench):
    old = [failed(bench, f"ada/engine-{number}") for number in range(3)]
    retry_failed(bench.admin, bench.settings, FailedFilter())
    asked = bench.enqueue("ada/asked")
    assert bench.lease().job_id == asked.job_id
    assert bench.lease().job_id == old[0].job_id


def test_a_dry_run_tells_the_same_and_changes_nothing(bench):
    made = [failed(bench, f"ada/engine-{number}") for number in range(3)]
    dry = retry_failed(bench.admin, bench.settings, FailedFilter(), dry_run=True)
    assert {bench.status(one.job_id) for one in made} == {"failed"}
    assert bench.scratch.value("SELECT count(*) FROM kotadb_queue.live") == 0
    assert retry_failed(bench.admin, bench.settings, FailedFilter()) == dry
    assert set(dry.requeued) == ids(made)


def test_many_are_chosen_by_repository_error_and_time(bench):
    old = failed(bench, "ada/old")
    bench.scratch.pass_time(7_200)
    now = datetime.now(UTC)
    branch = failed(bench, "ada/branch")
    away = failed(bench, "ada/away", error=Lasting("x"))
    bench.scratch.sql(
        "UPDATE kotadb.index_jobs SET error_code = 'remote_unavailable' WHERE id = %s", away.job_id
    )

    def chosen(**filters):
        answer = retry_failed(bench.admin, bench.settings, FailedFilter(**filters), dry_run=True)
        return set(answer.requeued)

    assert chosen(repository_id=branch.repository_id) == {branch.job_id}
    assert chosen(error_code="remote_unavailable") == {away.job_id}
    assert chosen(failed_before=now - timedelta(hours=1)) == {old.job_id}
    assert chosen(failed_after=now - timedelta(hours=1)) == {branch.job_id, away.job_id}
    assert chosen(error_code="ref_not_found", failed_after=now - timedelta(hours=1)) == {
        branch.job_id
    }


def test_the_moment_at_which_a_job_is_said_to_have_failed_finds_it(bench):
    """The first moment of a span counts, the last one does not."""
    made = failed(bench)
    (told,) = administration.failed_page(bench.admin).jobs

    def chosen(**filters):
        return retry_failed(
            bench.admin, bench.settings, FailedFilter(**filters), dry_run=True
        ).requeued

    assert chosen(failed_after=told.failed_at) == (made.job_id,)
    assert chosen(failed_before=told.failed_at) == ()


def test_as_many_as_asked_for_are_retried_the_longest_failed_first(bench):
    made = [failed(bench, f"ada/engine-{number}") for number in range(3)]
    answer = retry_failed(bench.admin, bench.settings, FailedFilter(), limit=2)
    assert answer.requeued == tuple(one.job_id for one in made[:2])


def test_one_that_cannot_be_requeued_stops_no_other(bench):
    made = [failed(bench, f"ada/engine-{number}") for number in range(3)]
    bench.scratch.sql(
        "ALTER TABLE kotadb.index_jobs ADD CONSTRAINT planted "
        f"CHECK (id <> '{made[1].job_id}' OR status <> 'pending') NOT VALID"
    )
    try:
        answer = retry_failed(bench.admin, bench.settings, FailedFilter())
    finally:
        bench.scratch.sql("ALTER TABLE kotadb.index_jobs DROP CONSTRAINT planted")
    assert answer.requeued == (made[0].job_id, made[2].job_id)
    assert answer.passed_over == {made[1].job_id: "constraint_violated"}
    assert bench.status(made[1].job_id) == "failed"


@pytest.mark.parametrize("driver", ["pg8000"], indirect=True)
def test_one_whose_repository_somebody_holds_stops_no_other(bench):
    made = [failed(bench, f"ada/engine-{number}") for number in range(3)]
    with (
        closing(
            Database(
                bench.scratch.admin_role,
                driver="pg8000",
                answer_seconds=bench.settings.database_answer_seconds,
            )
        ) as admin,
        bench.scratch.connection() as holding,
        holding.transaction(),
    ):
        holding.execute(
            "SELECT FROM kotadb.repositories WHERE repository_id = %s FOR UPDATE",
            [made[1].repository_id],
        )
        answer = retry_failed(admin, bench.settings, FailedFilter())
    assert answer.requeued == (made[0].job_id, made[2].job_id)
    assert answer.passed_over == {made[1].job_id: "database_timeout"}


def test_what_there_is_no_time_for_is_left_and_said(bench):
    made = [failed(bench, f"ada/engine-{number}") for number in range(3)]
    ticks = iter([0.0, 1.0, 2.0, 3.0])
    answer = retry_failed(
        bench.admin, bench.settings, FailedFilter(), seconds=2.0, clock=lambda: next(ticks)
    )
    assert answer.requeued == (made[0].job_id,)
    assert answer.passed_over == dict.fromkeys((one.job_id for one in made[1:]), "not_tried")
