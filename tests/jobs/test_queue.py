import threading
from contextlib import closing
from dataclasses import replace

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, STATS

from indexer.database.connection import Database
from indexer.database.failures import ConstraintViolated
from indexer.errors import LeaseLost, PermanentJobError, TransientJobError
from indexer.jobs.model import JobStatus, Phase, Progress
from indexer.jobs.queue import DEAD_LETTER_QUEUE_NAME, QUEUE_NAME, JobQueue


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


@pytest.mark.proves("J5", "J2", "Q10", "Q17")
def test_an_enqueue_makes_repository_job_and_queue_row_that_name_each_other(bench):
    made = bench.enqueue(commit_sha=SHA)
    job, live = bench.job(made.job_id), bench.live(made.job_id)
    assert not made.deduplicated
    assert (job["status"], job["repository_id"]) == ("pending", made.repository_id)
    assert job["queue_job_id"] == live["queue_job_id"]
    assert (live["queue_name"], live["state"]) == (QUEUE_NAME, "ready")
    assert live["payload"] == {
        "indexJobId": str(made.job_id),
        "repositoryId": str(made.repository_id),
        "commitSha": SHA,
    }


def test_a_newer_job_is_as_urgent_as_the_run_that_gives_way_to_it(bench):
    bench.commands.prioritise(bench.enqueue().job_id, -50)
    lease = bench.lease()
    newer = bench.enqueue()
    bench.queue.fail(lease, Passing("no answer"))
    assert bench.live(newer.job_id)["priority"] == -50


@pytest.mark.proves("Q18")
def test_whatever_ends_a_job_without_an_index_says_so_in_one_form(bench):
    def told(code):
        return {"success": False, "filesProcessed": 0, "symbolsExtracted": 0, "error": code}

    superseded = bench.enqueue(commit_sha=SHA).job_id
    cancelled = bench.enqueue(commit_sha=OTHER_SHA).job_id
    bench.cancel(cancelled)
    deleted = bench.enqueue("ada/deleted")
    bench.delete(deleted.repository_id)
    dead = bench.enqueue("ada/dead").job_id
    bench.queue.fail(bench.lease(), Lasting("no such branch"))
    assert bench.live(superseded)["result"] == told("superseded")
    assert bench.live(cancelled)["result"] == told("cancelled")
    assert bench.live(deleted.job_id)["result"] == told("repository_deleted")
    letter = "SELECT result FROM kotadb_queue.dead_letters WHERE job_id = %s"
    assert bench.scratch.value(letter, dead) == told("ref_not_found")


def test_the_same_request_again_gets_the_first_job(bench):
    first, second = bench.enqueue(), bench.enqueue()
    assert (second.job_id, second.deduplicated) == (first.job_id, True)
    assert bench.enqueue(ref="main").job_id != first.job_id


def test_a_request_pinned_to_another_commit_takes_the_pending_jobs_place(bench):
    first = bench.enqueue(commit_sha=SHA)
    second = bench.enqueue(commit_sha=OTHER_SHA)
    assert bench.job(first.job_id)["error_code"] == "superseded"
    assert bench.status(first.job_id) == JobStatus.SKIPPED
    assert bench.lease().job_id == second.job_id
    assert bench.queue.lease_next(worker="tests") is None


def test_a_request_while_the_job_runs_waits_behind_it(bench):
    running = bench.enqueue()
    lease = bench.lease()
    behind = bench.enqueue()
    assert behind.job_id != running.job_id
    assert bench.queue.lease_next(worker="tests") is None
    bench.complete(lease)
    assert bench.lease().job_id == behind.job_id


def test_a_pinned_request_joins_the_running_job_of_its_commit(bench):
    running = bench.enqueue(commit_sha=SHA)
    bench.lease()
    assert bench.enqueue(commit_sha=SHA).job_id == running.job_id
    assert bench.enqueue(commit_sha=SHA, force=True).job_id != running.job_id


def test_the_last_request_for_a_ref_is_the_last_to_be_indexed(bench):
    running = bench.enqueue(commit_sha=SHA)
    lease = bench.lease()
    between = bench.enqueue(commit_sha=OTHER_SHA)
    last = bench.enqueue(commit_sha=SHA)
    assert last.job_id not in {running.job_id, between.job_id}
    assert bench.status(between.job_id) == "skipped"
    bench.complete(lease)
    assert bench.lease().job_id == last.job_id


@pytest.mark.proves("J22")
def test_parallel_requests_for_one_ref_make_one_job(bench, migrated_database):
    answers, barrier = [], threading.Barrier(8)

    def request():
        with closing(Database(migrated_database.api)) as database:
            barrier.wait(timeout=20)
            queue = JobQueue(database, bench.settings)
            answers.append(queue.enqueue(wish))

    wish = bench_request(bench)
    threads = [threading.Thread(target=request) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len({answer.job_id for answer in answers}) == 1
    assert [answer.deduplicated for answer in answers].count(False) == 1
    assert bench.scratch.value("SELECT count(*) FROM kotadb.repositories") == 1


def bench_request(bench):
    from indexer.jobs.model import IndexRequest

    return IndexRequest(
        tenant_id=bench.tenant,
        clone_url="https://github.com/ada/engine.git",
        full_name="ada/engine",
        request_id="req-1",
    )


@pytest.mark.proves("J6", "W1", "O7")
def test_the_lease_itself_counts_the_attempt_and_starts_the_job(bench):
    made = bench.enqueue()
    lease = bench.lease()
    job = bench.job(made.job_id)
    assert (job["status"], job["retry_count"]) == ("processing", 0)
    assert job["started_at"] is not None
    assert (lease.attempt, lease.clone_url) == (1, "https://github.com/ada/engine.git")
    assert bench.attempts(made.job_id) == [None]


@pytest.mark.proves("W2", "Q15")
def test_of_five_queued_jobs_three_are_processing(bench):
    for number in range(5):
        bench.enqueue(f"ada/engine-{number}")
    leases = [bench.queue.lease_next(worker="tests") for _ in range(5)]
    assert [lease is not None for lease in leases] == [True, True, True, False, False]
    counts = bench.scratch.sql(
        "SELECT status, count(*) AS jobs FROM kotadb.index_jobs GROUP BY 1 ORDER BY 1"
    )
    assert [(row["status"], row["jobs"]) for row in counts] == [("pending", 2), ("processing", 3)]
    bench.complete(leases[0])
    assert bench.queue.lease_next(worker="tests") is not None


@pytest.mark.proves("W2")
def test_the_database_itself_refuses_two_leases_in_one_slot(bench):
    for number in range(2):
        bench.enqueue(f"ada/engine-{number}")
    bench.lease()
    bench.lease()
    with pytest.raises(Exception, match="one_lease_per_slot"):
        bench.scratch.sql("UPDATE kotadb_queue.live SET slot = 1")


@pytest.mark.proves("W3", "J10")
def test_workers_at_one_barrier_lease_each_job_once(bench, migrated_database):
    jobs = {bench.enqueue(f"ada/engine-{number}").job_id for number in range(12)}
    leased, barrier = [], threading.Barrier(6)

    def work():
        with closing(Database(migrated_database.worker)) as database:
            queue = JobQueue(database, bench.settings)
            barrier.wait(timeout=20)
            for _ in range(200):
                lease = queue.lease_next(worker="tests")
                if lease is not None:
                    leased.append(lease.job_id)
                    queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)
                elif not queue.work_is_waiting():
                    return

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(leased) == sorted(jobs)
    assert bench.scratch.value("SELECT count(*) FROM kotadb.job_attempts") == 12


def test_the_oldest_due_job_comes_first(bench):
    late, early = bench.enqueue("ada/late"), bench.enqueue("ada/early")
    bench.scratch.sql(
        "UPDATE kotadb_queue.live SET run_at = run_at - interval '1 hour' WHERE job_id = %s",
        early.job_id,
    )
    assert [bench.lease().job_id, bench.lease().job_id] == [early.job_id, late.job_id]


@pytest.mark.proves("J7", "J8", "J3", "Q18")
def test_completing_stores_what_was_indexed(bench):
    made = bench.enqueue()
    bench.complete(bench.lease())
    job = bench.job(made.job_id)
    assert (job["status"], job["commit_sha"], job["ref"]) == ("completed", SHA, "main")
    assert job["stats"] == STATS
    assert job["completed_at"] >= job["started_at"]
    assert bench.live(made.job_id)["result"] == {
        "success": True,
        "filesProcessed": 2,
        "symbolsExtracted": 3,
        "error": None,
    }
    assert bench.attempts(made.job_id) == ["completed"]


@pytest.mark.proves("W5", "J10")
def test_progress_is_seen_while_the_job_runs_and_only_from_its_holder(bench):
    made = bench.enqueue()
    lease = bench.lease()
    bench.queue.renew(lease, Progress(phase=Phase.PARSE, files_done=7, files_total=20))
    job = bench.job(made.job_id)
    assert (job["phase"], job["files_done"], job["files_total"]) == ("parse", 7, 20)
    bench.scratch.sql("UPDATE kotadb_queue.live SET lease_token = gen_random_uuid()")
    with pytest.raises(LeaseLost):
        bench.queue.renew(lease, Progress(phase=Phase.STORE, files_done=20, files_total=20))
    assert bench.job(made.job_id)["phase"] == "parse"


@pytest.mark.proves("Q12", "O9", "W16")
def test_a_transient_failure_waits_60_120_180_seconds_and_may_then_succeed(bench):
    made = bench.enqueue()
    waits = []
    for _ in range(3):
        status = bench.queue.fail(bench.lease(), Passing("the remote did not answer"))
        assert status is JobStatus.PENDING
        waits.append(round(bench.waits(made.job_id)))
        bench.scratch.pass_time(waits[-1])
    assert waits == [60, 120, 180]
    bench.complete(bench.lease())
    job = bench.job(made.job_id)
    assert (job["status"], job["retry_count"], job["error_code"]) == ("completed", 3, None)


def test_between_attempts_a_job_says_when_it_goes_on_and_what_went_wrong(bench):
    made = bench.enqueue()
    bench.queue.fail(bench.lease(), Passing("the remote did not answer"))
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"]) == ("pending", "remote_unavailable")
    assert job["error_message"] == "the remote did not answer"
    assert job["next_attempt_at"] == bench.live(made.job_id)["run_at"]


@pytest.mark.proves("W17", "Q11", "Q23", "Q10")
def test_after_three_retries_the_job_fails_and_lies_in_the_dead_letters(bench):
    made = bench.enqueue()
    for _ in range(4):
        status = bench.queue.fail(bench.lease(), Passing("the remote did not answer"))
        bench.scratch.pass_time(200)
    assert status is JobStatus.FAILED
    job = bench.job(made.job_id)
    assert (job["status"], job["retry_count"]) == ("failed", 3)
    assert job["error_code"] == "remote_unavailable"
    (letter,) = bench.scratch.sql("SELECT * FROM kotadb_queue.dead_letters")
    assert (letter["job_id"], letter["queue_name"]) == (made.job_id, DEAD_LETTER_QUEUE_NAME)
    assert letter["result"]["success"] is False
    assert bench.scratch.sql("SELECT job_id FROM kotadb_queue.live") == []
    assert bench.attempts(made.job_id) == ["failed"] * 4


@pytest.mark.proves("W15")
def test_a_permanent_failure_goes_to_the_dead_letters_at_once(bench):
    made = bench.enqueue()
    assert bench.queue.fail(bench.lease(), Lasting("no such branch")) is JobStatus.FAILED
    assert bench.job(made.job_id)["retry_count"] == 0
    assert bench.scratch.value("SELECT count(*) FROM kotadb_queue.dead_letters") == 1


@pytest.mark.proves("Q19", "O9")
def test_a_released_lease_uses_up_no_attempt_and_keeps_its_place(bench):
    made = bench.enqueue()
    place = bench.live(made.job_id)["run_at"]
    for _ in range(6):
        assert bench.queue.release(bench.lease()) is JobStatus.PENDING
    assert bench.live(made.job_id)["run_at"] == place
    assert bench.job(made.job_id)["retry_count"] == 0
    for _ in range(3):
        bench.queue.fail(bench.lease(), Passing("no answer"))
        bench.scratch.pass_time(200)
    assert bench.queue.fail(bench.lease(), Passing("no answer")) is JobStatus.FAILED
    assert bench.job(made.job_id)["retry_count"] == 3


@pytest.mark.proves("O9")
def test_a_released_run_that_gives_way_to_a_newer_job_does_not_count_as_a_retry(bench):
    made = bench.enqueue()
    bench.queue.fail(bench.lease(), Passing("no answer"))
    bench.scratch.pass_time(100)
    lease = bench.lease()
    bench.enqueue()
    assert bench.queue.release(lease) is JobStatus.SKIPPED
    assert bench.job(made.job_id)["retry_count"] == 0


@pytest.mark.proves("Q22", "O9")
def test_a_worker_that_lost_its_lease_can_change_nothing(bench):
    made = bench.enqueue()
    first = bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    assert bench.sweep.recover().leases_lost == 1
    second = bench.lease()
    for late in (
        lambda: bench.complete(first),
        lambda: bench.renew(first),
        lambda: bench.queue.fail(first, Passing("late")),
        lambda: bench.queue.release(first),
        lambda: bench.queue.skip(first, code="x", message="x", ref=None, commit_sha=None),
    ):
        with pytest.raises(LeaseLost):
            late()
    assert bench.status(made.job_id) == "processing"
    bench.complete(second)
    assert bench.attempts(made.job_id) == ["lost", "completed"]
    assert bench.job(made.job_id)["retry_count"] == 1


def test_the_first_lost_lease_is_ready_at_once_and_later_ones_wait(bench):
    made = bench.enqueue()
    waits = []
    for _ in range(3):
        bench.lease()
        bench.scratch.pass_time(bench.settings.lease_seconds + 1)
        bench.sweep.recover()
        waits.append(max(0, round(bench.waits(made.job_id))))
        bench.scratch.pass_time(200)
    assert waits == [0, 120, 180]


@pytest.mark.proves("O9", "Q23")
def test_a_job_that_kills_every_worker_ends_after_four_runs_without_any_handler(bench):
    made = bench.enqueue()
    for _ in range(4):
        bench.lease()
        bench.scratch.pass_time(bench.settings.lease_seconds + 1)
        bench.sweep.recover()
        bench.scratch.pass_time(200)
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"], job["retry_count"]) == ("failed", "worker_crashed", 3)
    assert job["error_message"] == "In each of its last 4 tries its worker stopped without a word."
    assert bench.attempts(made.job_id) == ["lost"] * 4
    assert bench.queue.lease_next(worker="tests") is None


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (
            ["failed", "failed", "failed", "lost"],
            (
                "In its last try its worker stopped without a word; why it failed before stands "
                "in its attempts."
            ),
        ),
        (
            ["failed", "lost", "released", "failed", "lost"],
            (
                "In 2 of its last 4 tries, the last one among them, its worker stopped without a "
                "word; why the others failed stands in its attempts."
            ),
        ),
    ],
)
def test_a_job_whose_last_run_is_lost_tells_how_many_were_and_where_the_other_reasons_stand(
    bench, runs, told
):
    made = bench.enqueue()
    for ending in runs:
        lease = bench.lease()
        if ending == "failed":
            bench.queue.fail(lease, Passing("no answer"))
        elif ending == "released":
            bench.queue.release(lease)
        else:
            bench.scratch.pass_time(bench.settings.lease_seconds + 1)
            bench.sweep.recover()
        bench.scratch.pass_time(200)
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"]) == ("failed", "worker_crashed")
    assert job["error_message"] == told
    assert bench.attempts(made.job_id) == runs


def test_a_job_that_is_tried_once_tells_that_its_try_was_lost(bench):
    bench.settings = replace(bench.settings, retry_limit=0)
    made = bench.enqueue()
    bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    bench.sweep.recover()
    job = bench.job(made.job_id)
    assert job["error_message"] == "In its last try its worker stopped without a word."


def test_a_lease_that_was_renewed_is_not_swept(bench):
    bench.enqueue()
    lease = bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    (stale,) = bench.worker.fetch_all("leases_run_out", batch_size=10)
    bench.renew(lease)
    assert bench.queue.lose(stale) is None
    bench.complete(lease)


def test_a_failed_run_gives_way_to_the_newer_job_that_waits(bench):
    older = bench.enqueue()
    lease = bench.lease()
    newer = bench.enqueue()
    assert bench.queue.fail(lease, Passing("no answer")) is JobStatus.SKIPPED
    assert bench.job(older.job_id)["error_code"] == "superseded"
    assert bench.lease().job_id == newer.job_id


def test_an_expired_lease_gives_way_to_the_newer_job_and_the_sweep_goes_on(bench):
    older, other = bench.enqueue(), bench.enqueue("ada/other")
    bench.lease()
    bench.lease()
    newer = bench.enqueue()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    assert bench.sweep.recover().leases_lost == 2
    assert bench.status(older.job_id) == "skipped"
    assert bench.status(other.job_id) == "pending"
    assert {bench.lease().job_id, bench.lease().job_id} == {newer.job_id, other.job_id}


@pytest.mark.proves("Q13")
def test_a_job_not_finished_after_24_hours_fails_as_expired(bench):
    made = bench.enqueue()
    bench.scratch.pass_time(24 * 3600 - 60)
    assert bench.sweep.recover().expired == 0
    bench.scratch.pass_time(120)
    assert bench.sweep.recover().expired == 1
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"]) == ("failed", "expired")
    assert bench.scratch.value("SELECT count(*) FROM kotadb_queue.dead_letters") == 1


@pytest.mark.proves("Q13")
@pytest.mark.parametrize("state", ["ready", "waiting", "delayed", "leased"])
def test_a_job_that_is_asked_for_again_expires_24_hours_after_that(bench, state):
    other = bench.enqueue(commit_sha=OTHER_SHA)
    if state == "waiting":
        bench.lease()
    made = bench.enqueue(commit_sha=SHA)
    if state == "delayed":
        bench.queue.fail(bench.lease(), Passing("try again"))
        bench.scratch.sql("UPDATE kotadb_queue.live SET run_at = run_at + interval '30 days'")
    if state == "leased":
        bench.lease()
    assert bench.status(other.job_id) == ("processing" if state == "waiting" else "skipped")
    assert bench.live(made.job_id)["state"] == state
    bench.scratch.pass_time(24 * 3600 - 60)
    assert bench.enqueue(commit_sha=SHA).job_id == made.job_id
    bench.scratch.pass_time(24 * 3600 - 60)
    assert bench.sweep.recover().expired == 0
    bench.scratch.pass_time(120)
    assert bench.sweep.recover().expired == 1
    assert bench.job(made.job_id)["error_code"] == "expired"


def test_a_request_that_is_joined_brings_no_end_nearer(bench):
    made = bench.enqueue()
    before = bench.live(made.job_id)["expires_at"]
    bench.settings = replace(bench.settings, expire_in_hours=1)
    assert bench.enqueue().job_id == made.job_id
    assert bench.live(made.job_id)["expires_at"] == before


def test_a_sweep_moves_batch_after_batch_up_to_a_bound(bench, monkeypatch):
    monkeypatch.setattr("indexer.jobs.sweep.BATCH_SIZE", 2)
    monkeypatch.setattr("indexer.jobs.sweep.MOST_BATCHES", 3)
    for number in range(7):
        bench.enqueue(f"ada/engine{number}")
        bench.complete(bench.lease())
    bench.scratch.pass_time(3601)
    assert [bench.sweep.everything().archived for _ in range(3)] == [6, 1, 0]


@pytest.mark.proves("Q14")
def test_a_finished_row_is_archived_after_an_hour_and_the_archive_is_kept_a_week(bench):
    made = bench.enqueue()
    bench.complete(bench.lease())
    assert bench.sweep.everything().archived == 0
    bench.scratch.pass_time(3601)
    assert bench.sweep.everything().archived == 1
    assert bench.scratch.sql("SELECT job_id FROM kotadb_queue.live") == []
    (kept,) = bench.scratch.sql("SELECT * FROM kotadb_queue.archive")
    assert (kept["job_id"], kept["result"]["success"]) == (made.job_id, True)
    bench.scratch.sql(
        "CREATE TABLE kotadb_queue.archive_20200101 PARTITION OF kotadb_queue.archive "
        "FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    bench.scratch.sql("ALTER TABLE kotadb_queue.archive_20200101 OWNER TO kotadb_owner")
    bench.sweep.everything()
    assert bench.scratch.value("SELECT to_regclass('kotadb_queue.archive_20200101')::text") is None
    assert bench.scratch.value("SELECT count(*) FROM kotadb_queue.archive") == 1


def test_jobs_are_forgotten_after_ninety_days_with_all_that_hangs_on_them(bench):
    bench.enqueue()
    bench.queue.fail(bench.lease(), Lasting("no such branch"))
    bench.scratch.pass_time(91 * 86_400)
    assert bench.sweep.everything().jobs_forgotten == 1
    for table in ("kotadb.index_jobs", "kotadb.job_attempts", "kotadb_queue.dead_letters"):
        assert bench.scratch.value(f"SELECT count(*) FROM {table}") == 0


def test_a_row_that_cannot_be_swept_stops_no_other(bench):
    first, second = bench.enqueue("ada/first"), bench.enqueue("ada/second")
    bench.lease()
    bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    bench.scratch.sql(
        "ALTER TABLE kotadb.index_jobs ADD CONSTRAINT planted "
        f"CHECK (id <> '{first.job_id}' OR status <> 'pending') NOT VALID"
    )
    try:
        assert bench.sweep.recover().leases_lost == 1
    finally:
        bench.scratch.sql("ALTER TABLE kotadb.index_jobs DROP CONSTRAINT planted")
    assert bench.status(first.job_id) == "processing"
    assert bench.status(second.job_id) == "pending"


@pytest.mark.proves("J4", "J9")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("completed", "pending"),
        ("completed", "failed"),
        ("cancelled", "processing"),
        ("skipped", "pending"),
        ("failed", "completed"),
        ("pending", "completed"),
    ],
)
def test_the_database_refuses_transitions_that_are_none(bench, before, after):
    made = bench.enqueue()
    steps = {
        "pending": [],
        "failed": ["failed"],
        "cancelled": ["cancelled"],
        "skipped": ["skipped"],
        "completed": ["processing", "completed"],
    }
    fill = (
        "started_at = now(), "
        "error_code = CASE WHEN %(status)s = 'completed' THEN NULL ELSE 'x' END, "
        "error_message = 'x', stats = '{}', commit_sha = repeat('a', 40), ref = 'main', "
        "completed_at = CASE WHEN %(status)s IN ('pending', 'processing') THEN NULL ELSE now() END"
    )
    with bench.scratch.connection() as connection:

        def become(status):
            connection.execute(
                f"UPDATE kotadb.index_jobs SET status = %(status)s, {fill} WHERE id = %(id)s",
                {"status": status, "id": made.job_id},
            )

        for status in steps[before]:
            become(status)
        with pytest.raises(Exception, match=f"a {before} job cannot become {after}"):
            become(after)


@pytest.mark.proves("J4")
def test_an_unknown_status_is_refused(bench):
    made = bench.enqueue()
    with pytest.raises(Exception, match="cannot become done"):
        bench.scratch.sql("UPDATE kotadb.index_jobs SET status = 'done' WHERE id = %s", made.job_id)


@pytest.mark.proves("J7", "J8")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("completed_at = now()", "a_finished_job_has_an_end"),
        ("status = 'failed', completed_at = now()", "a_failed_job_says_why"),
        ("status = 'processing'", "a_running_job_has_a_start"),
    ],
)
def test_the_schema_refuses_half_told_jobs(bench, change, constraint):
    bench.enqueue()
    with pytest.raises(Exception, match=constraint):
        bench.scratch.sql(f"UPDATE kotadb.index_jobs SET {change}")


def test_deleting_the_repository_ends_the_lease(bench):
    bench.enqueue()
    lease = bench.lease()
    bench.scratch.sql("DELETE FROM kotadb.repositories")
    with pytest.raises(LeaseLost):
        bench.complete(lease)
    assert bench.scratch.value("SELECT count(*) FROM kotadb.index_jobs") == 0


@pytest.mark.proves("O7")
def test_the_retry_count_is_described_in_the_schema(bench):
    (column,) = bench.scratch.sql(
        "SELECT format_type(atttypid, atttypmod) AS type, attnotnull AS filled, "
        "col_description(attrelid, attnum) AS meaning, "
        "pg_get_expr(adbin, adrelid) AS standard FROM pg_attribute "
        "JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
        "WHERE attrelid = 'kotadb.index_jobs'::regclass AND attname = 'retry_count'"
    )
    assert (column["type"], column["filled"], column["standard"]) == ("integer", True, "0")
    assert "Runs after the first" in column["meaning"]


@pytest.mark.proves("J2")
def test_the_queue_job_id_is_an_indexed_nullable_uuid(bench):
    (column,) = bench.scratch.sql(
        "SELECT format_type(atttypid, atttypmod) AS type, attnotnull AS filled FROM pg_attribute "
        "WHERE attrelid = 'kotadb.index_jobs'::regclass AND attname = 'queue_job_id'"
    )
    assert (column["type"], column["filled"]) == ("uuid", False)
    definition = bench.scratch.value(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'index_jobs_of_queue_job'"
    )
    assert "(queue_job_id)" in definition


def test_a_constraint_that_refuses_is_named_but_not_its_values(bench):
    with pytest.raises(ConstraintViolated) as refused:
        bench.enqueue(commit_sha="not-a-commit")
    assert refused.value.constraint == "index_jobs_requested_commit_check"
    assert "not-a-commit" not in str(refused.value)
