"""What operators watch, against what the tables hold."""

import json
from collections import Counter
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from tests.fixtures.queue import OTHER_SHA, SHA

from indexer.database.connection import Database
from indexer.database.paging import CursorInvalid
from indexer.database.queries import named_queries
from indexer.errors import PermanentJobError, TransientJobError
from indexer.jobs import administration, monitoring
from indexer.jobs.model import JobStatus, Phase, Progress
from indexer.jobs.records import JobFinished, JobNotFound

pytestmark = pytest.mark.usefixtures("new_tables")

MANY = 20_000


class Lasting(PermanentJobError):
    code = "ref_not_found"


class TooLarge(PermanentJobError):
    code = "limit_exceeded"


class Passing(TransientJobError):
    code = "remote_unavailable"


def completed(bench, name="ada/engine", **wishes):
    made = bench.enqueue(name, **wishes)
    bench.complete(bench.lease())
    return made.job_id


def failed(bench, name="ada/engine", error=None, **wishes):
    made = bench.enqueue(name, **wishes)
    bench.queue.fail(bench.lease(), error or Lasting("there is no such branch"))
    return made.job_id


def throughput(bench):
    return monitoring.standing(bench.admin).throughput


def test_the_rows_of_each_state_are_counted_up_to_a_limit(bench, monkeypatch):
    failed(bench, "ada/failed")
    completed(bench, "ada/done")
    bench.enqueue("ada/backs-off")
    bench.queue.fail(bench.lease(), Passing("no answer"))
    for name in ("ada/runs", "ada/waits", "ada/waits-too"):
        bench.enqueue(name)
    lease = bench.lease()
    bench.enqueue(lease.full_name, commit_sha=OTHER_SHA)
    found = monitoring.standing(bench.admin)
    assert (found.depth, found.running, found.failed_24h) == (4, 1, 1)
    assert (found.ready, found.waiting, found.delayed) == (2, 1, 1)
    assert (found.finished, found.dead_letters) == (1, 1)
    assert (found.leasing.stopped_at, found.leasing.tenant_cap) == (None, 3)
    monkeypatch.setattr(monitoring, "MOST_ROWS", 1)
    assert monitoring.standing(bench.admin).ready == 1


def counted(ended):
    """How many ended in which span: by the span's beginning and the status."""
    return Counter(
        {
            (ended.began + timedelta(seconds=place * ended.seconds), status.value): jobs
            for status, spans in ended.jobs.items()
            for place, jobs in enumerate(spans)
            if jobs
        }
    )


def in_the_tables(bench, *, since, seconds):
    """The same, counted one by one."""
    rows = bench.scratch.sql(
        "SELECT completed_at, status FROM kotadb.index_jobs WHERE completed_at >= %s", since
    )
    return Counter(
        (
            since
            + (row["completed_at"] - since)
            // timedelta(seconds=seconds)
            * timedelta(seconds=seconds),
            row["status"],
        )
        for row in rows
    )


def test_what_ended_is_counted_by_minute_by_hour_and_by_how_it_ended(bench):
    completed(bench, "ada/first")
    bench.scratch.pass_time(2 * 86_400)
    completed(bench, "ada/yesterday")
    bench.scratch.pass_time(5 * 3_600)
    failed(bench, "ada/hours-ago")
    completed(bench, "ada/hours-ago-too")
    bench.scratch.pass_time(125)
    bench.cancel(bench.enqueue("ada/cancelled").job_id)
    completed(bench, "ada/now")
    bench.enqueue("ada/waits")
    found = throughput(bench)
    assert counted(found.minutes) == in_the_tables(bench, since=found.minutes.began, seconds=60)
    assert counted(found.hours) == in_the_tables(bench, since=found.hours.began, seconds=3_600)
    assert sum(counted(found.hours).values()) == 5
    assert sum(counted(found.minutes).values()) == 4
    assert {status for _, status in counted(found.hours)} == {"completed", "failed", "cancelled"}
    assert [len(spans) for spans in found.minutes.jobs.values()] == [60] * 4
    assert [len(spans) for spans in found.hours.jobs.values()] == [24] * 4
    assert found.counted_from == found.hours.began


def test_where_nothing_ended_every_span_is_empty(bench):
    found = throughput(bench)
    assert (counted(found.minutes), counted(found.hours)) == (Counter(), Counter())
    assert found.counted_from == found.hours.began


def test_only_the_newest_ends_are_counted_and_it_is_said_since_when(bench, monkeypatch):
    monkeypatch.setattr(monitoring, "MOST_ENDED", 3)
    for number in range(5):
        completed(bench, f"ada/r{number}")
        bench.scratch.pass_time(60)
    found = throughput(bench)
    assert sum(counted(found.hours).values()) == 3
    third = bench.scratch.value(
        "SELECT completed_at FROM kotadb.index_jobs ORDER BY completed_at DESC OFFSET 2 LIMIT 1"
    )
    assert found.counted_from == third


def test_an_end_that_lies_ahead_of_the_clock_is_counted_in_the_last_span(bench):
    completed(bench)
    bench.scratch.pass_time(-7_200)
    found = throughput(bench)
    assert found.minutes.jobs[JobStatus.COMPLETED][-1] == 1
    assert found.hours.jobs[JobStatus.COMPLETED][-1] == 1


def test_a_running_job_is_shown_with_its_progress_its_attempt_and_its_lease(bench):
    made = bench.enqueue("ada/engine", ref="dev", commit_sha=SHA)
    bench.queue.fail(bench.lease(), Passing("no answer"))
    bench.scratch.pass_time(200)
    lease = bench.lease()
    bench.queue.renew(lease, Progress(phase=Phase.PARSE, files_done=7, files_total=20))
    (job,) = monitoring.running(bench.admin)
    assert (job.job_id, job.repository, job.ref) == (made.job_id, "ada/engine", "dev")
    assert (job.tenant_id, job.tenant) == (bench.tenant, "ada@example.com")
    assert (job.phase, job.files_done, job.files_total) == (Phase.PARSE, 7, 20)
    assert (job.attempt, job.round_attempt, job.worker) == (2, 2, "tests")
    assert job.commit_sha == SHA
    row = bench.live(made.job_id)
    assert (job.leased_at, job.lease_expires_at) == (row["leased_at"], row["lease_expires_at"])
    assert 0 <= job.lease_age_seconds < 30
    assert 0 < job.lease_ends_in_seconds <= bench.settings.lease_seconds


def test_a_lost_lease_is_shown_until_it_is_taken_back(bench):
    bench.enqueue()
    bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 10)
    (job,) = monitoring.running(bench.admin)
    assert -30 < job.lease_ends_in_seconds <= -10
    bench.sweep.everything()
    assert monitoring.running(bench.admin) == ()


def test_the_longest_running_comes_first_and_what_waits_not_at_all(bench):
    assert monitoring.running(bench.admin) == ()
    names = [f"ada/r{number}" for number in range(3)]
    for name in names:
        bench.enqueue(name)
        bench.lease()
    bench.enqueue("ada/waits")
    completed_one = monitoring.running(bench.admin)
    assert [job.repository for job in completed_one] == names


def test_failures_are_grouped_by_their_error_the_largest_group_first(bench):
    failed(bench, "ada/one", Lasting("no branch dev"))
    first = bench.scratch.value("SELECT completed_at FROM kotadb.index_jobs")
    bench.scratch.pass_time(60)
    failed(bench, "ada/large", TooLarge("too many files"))
    failed(bench, "ada/one", Lasting("no branch next"), ref="next")
    newest = failed(bench, "ada/two", Lasting("no branch at all"))
    completed(bench, "ada/three")
    found = monitoring.failures(bench.admin)
    assert [(one.error_code, one.jobs, one.repositories) for one in found.groups] == [
        ("ref_not_found", 3, 2),
        ("limit_exceeded", 1, 1),
    ]
    group = found.groups[0]
    assert (group.last_message, group.last_job_id) == ("no branch at all", newest)
    assert group.first_failed_at == first - timedelta(seconds=60)
    assert group.last_failed_at == bench.job(newest)["completed_at"]
    assert found.complete


def test_failures_out_of_the_window_or_of_deleted_repositories_are_not_grouped(bench):
    failed(bench, "ada/old")
    bench.scratch.pass_time(3 * 3_600)
    gone = bench.enqueue("ada/gone")
    bench.queue.fail(bench.lease(), TooLarge("too many files"))
    bench.delete(gone.repository_id)
    failed(bench, "ada/new")
    assert [one.jobs for one in monitoring.failures(bench.admin, hours=2).groups] == [1]
    assert [one.jobs for one in monitoring.failures(bench.admin, hours=4).groups] == [2]
    assert [one.jobs for one in monitoring.failures(bench.admin, hours=0).groups] == [1]
    assert [one.jobs for one in monitoring.failures(bench.admin, hours=10**9).groups] == [2]


def test_failures_beyond_the_newest_are_not_looked_at_and_that_is_said(bench, monkeypatch):
    monkeypatch.setattr(monitoring, "MOST_FAILURES", 2)
    failed(bench, "ada/large", TooLarge("too many files"))
    failed(bench, "ada/one")
    assert not monitoring.failures(bench.admin).complete
    failed(bench, "ada/two")
    found = monitoring.failures(bench.admin)
    assert [(one.error_code, one.jobs) for one in found.groups] == [("ref_not_found", 2)]
    assert not found.complete


def every_page(bench, limit, **wanted):
    cursor, found = None, []
    for _ in range(50):
        page = monitoring.jobs_page(bench.admin, cursor=cursor, limit=limit, **wanted)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_every_page_of_everybodys_jobs_holds_those_after_the_page_before(bench, make_tenant, limit):
    mine, other = bench.tenant, make_tenant("bob@example.com")
    done = [completed(bench, "ada/one"), failed(bench, "ada/two")]
    bench.tenant = other
    done += [failed(bench, "bob/one"), completed(bench, "bob/two")]
    done.append(bench.enqueue("bob/waits").job_id)
    newest_first = done[::-1]
    assert [job.id for job in every_page(bench, limit)] == newest_first
    failures = every_page(bench, limit, status=JobStatus.FAILED)
    assert [job.id for job in failures] == [done[2], done[1]]
    assert [job.tenant for job in failures] == ["bob@example.com", "ada@example.com"]
    assert [job.id for job in every_page(bench, limit, tenant_id=mine)] == [done[1], done[0]]
    place = bench.job(done[2])["repository_id"]
    (found,) = every_page(bench, limit, repository_id=place)
    assert (found.id, found.error_code) == (done[2], "ref_not_found")
    assert every_page(bench, limit, status=JobStatus.FAILED, repository_id=place) == [found]
    assert every_page(bench, limit, status=JobStatus.SKIPPED) == []


def test_a_status_that_few_have_is_found_behind_any_number_of_others(bench, monkeypatch):
    monkeypatch.setattr(monitoring, "MOST_LOOKED_AT", 4)
    bench.cancel(bench.enqueue("ada/rare").job_id)
    for number in range(9):
        completed(bench, f"ada/r{number}")
    first = monitoring.jobs_page(bench.admin, status=JobStatus.CANCELLED, limit=3)
    assert (first.items, first.next_cursor is None) == ((), False)
    (found,) = every_page(bench, 3, status=JobStatus.CANCELLED)
    assert found.repository == "ada/rare"
    assert len(every_page(bench, 3)) == 10


def test_jobs_that_wait_run_and_failed_are_listed_each(bench):
    old = failed(bench, "ada/failed")
    newer = failed(bench, "ada/failed-too")
    bench.enqueue("ada/done")
    bench.complete(bench.lease())
    running = bench.enqueue("ada/runs").job_id
    bench.lease()
    waits = [bench.enqueue(f"ada/waits{number}").job_id for number in range(4)]
    for status, jobs in (
        (JobStatus.FAILED, [newer, old]),
        (JobStatus.PROCESSING, [running]),
        (JobStatus.PENDING, waits[::-1]),
    ):
        assert [job.id for job in every_page(bench, 2, status=status)] == jobs
        mine = every_page(bench, 2, status=status, tenant_id=bench.tenant)
        assert [job.id for job in mine] == jobs


def test_jobs_of_deleted_repositories_are_left_out_and_the_pages_go_on(bench):
    kept = [completed(bench, "ada/kept")]
    gone = bench.enqueue("ada/gone")
    bench.complete(bench.lease())
    kept.append(completed(bench, "ada/kept-too"))
    bench.delete(gone.repository_id)
    assert [job.id for job in every_page(bench, 1)] == kept[::-1]


@pytest.mark.parametrize("cursor", ["x", "WyJqb2JzIl0", "WyJhbGxfam9icyIsMSwyXQ"])
def test_a_cursor_of_another_list_is_refused(bench, cursor):
    with pytest.raises(CursorInvalid):
        monitoring.jobs_page(bench.admin, cursor=cursor)


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_an_operator_cancels_the_job_of_any_tenant(bench, state):
    made = bench.enqueue()
    if state == "processing":
        bench.lease()
    with bench.admin.transaction() as statements:
        told = administration.cancel(statements, bench.settings, str(made.job_id))
    assert (told.job.id, told.job.status) == (made.job_id, JobStatus.CANCELLED)
    assert bench.status(made.job_id) == "cancelled"
    assert bench.live(made.job_id)["state"] == "finished"
    assert bench.attempts(made.job_id) == ([] if state == "pending" else ["cancelled"])


def test_what_ended_or_is_not_there_is_not_cancelled(bench):
    done = completed(bench)
    with pytest.raises(JobFinished):
        administration.cancel(bench.admin, bench.settings, str(done))
    with pytest.raises(JobNotFound):
        administration.cancel(bench.admin, bench.settings, "not-a-uuid")
    assert bench.status(done) == "completed"


@pytest.fixture
def crowded(bench):
    """Many jobs that were done, with few that failed among the oldest."""
    bench.enqueue("ada/engine")
    bench.scratch.sql(
        "INSERT INTO kotadb.index_jobs (tenant_id, repository_id, request_id, generation, status,"
        " ref, commit_sha, max_retries, error_code, error_message, stats, created_at, started_at,"
        " completed_at)"
        " SELECT tenant_id, repository_id, 'many', 1,"
        " CASE WHEN n > %s THEN 'failed' ELSE 'completed' END, 'main', repeat('a', 40), 3,"
        " CASE WHEN n > %s THEN 'ref_not_found' END, CASE WHEN n > %s THEN 'none' END, '{}',"
        " clock_timestamp() - n * interval '3 seconds',"
        " clock_timestamp() - n * interval '3 seconds',"
        " clock_timestamp() - n * interval '3 seconds' + interval '1 second'"
        f" FROM kotadb.index_jobs, generate_series(1, {MANY}) AS n",
        *[MANY - 50] * 3,
    )
    bench.scratch.sql(
        "INSERT INTO kotadb_queue.dead_letters"
        " (queue_job_id, job_id, tenant_id, repository_id, payload, result, leases, enqueued_at,"
        " died_at) SELECT gen_random_uuid(), id, tenant_id, repository_id, '{}', '{}', 1,"
        " created_at, completed_at FROM kotadb.index_jobs WHERE status = 'failed'"
    )
    bench.scratch.sql("ANALYZE kotadb.index_jobs")
    return bench


def rows_read(bench, name, **parameters):
    """The rows that all scans of a query's plan gave or threw away, as the admin's role."""
    target = bench.scratch.admin_role
    with closing(
        psycopg.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password or "",
            dbname=target.dbname,
            sslmode=target.sslmode,
        )
    ) as connection:
        connection.execute(named_queries()["plan_by_index"].text)
        text = f"EXPLAIN (ANALYZE, FORMAT JSON) {named_queries()[name].text}"
        (plan,) = connection.execute(text, parameters).fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return sum(_scanned(plan[0]["Plan"]))


def _scanned(node):
    if "Relation Name" in node:
        thrown = node.get("Rows Removed by Filter", 0) + node.get(
            "Rows Removed by Index Recheck", 0
        )
        yield (node["Actual Rows"] + thrown) * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from _scanned(child)


@pytest.mark.parametrize("driver", ["psycopg"], indirect=True)
def test_a_look_costs_what_it_shows_and_not_what_piled_up(crowded):
    nowhere = {"after_at": None, "after_id": None, "tenant_id": None, "repository_id": None}

    def page(walk, status=None, **more):
        asked = {**nowhere, "walk": walk, "status": status, "page_size": 26, "most": 500, **more}
        return rows_read(crowded, "all_jobs_page", **asked)

    # Each row of a page is read again with its repository and its tenant.
    assert page("age") <= 500 + 26 * 4
    assert page("age", "cancelled") <= 500
    assert page("failed", "failed") <= 26 * 5
    assert page("pending", "pending") <= 26 * 5
    assert page("processing", "processing") == 0
    deep = crowded.scratch.sql(
        "SELECT created_at, id FROM kotadb.index_jobs ORDER BY created_at DESC OFFSET 15000 LIMIT 1"
    )[0]
    assert page("age", after_at=deep["created_at"], after_id=deep["id"]) <= 500 + 26 * 4
    assert rows_read(crowded, "finished_of_late", most=100) <= 100
    assert rows_read(crowded, "failures_by_code", hours=2_160, most=20) <= 20 * 3
    # A walk over what is pending passes no row that is done or runs.
    crowded.scratch.sql(
        "INSERT INTO kotadb_queue.live (job_id, tenant_id, repository_id, requested_ref, payload,"
        " state, expires_at) SELECT id, tenant_id, repository_id, id::text, '{}', 'waiting',"
        " clock_timestamp() + interval '1 day' FROM kotadb.index_jobs WHERE status = 'completed'"
        " LIMIT 500"
    )
    crowded.scratch.sql("ANALYZE kotadb_queue.live")
    assert page("pending", "pending") <= 26 * 5
    crowded.scratch.sql("DELETE FROM kotadb_queue.live WHERE state = 'waiting'")
    # Each row is found by its index, whatever the statistics of an empty queue say.
    crowded.scratch.sql("ANALYZE kotadb_queue.live")
    crowded.lease()
    crowded.scratch.sql(
        "INSERT INTO kotadb_queue.live (job_id, tenant_id, repository_id, requested_ref, payload,"
        " state, expires_at, finished_at)"
        " SELECT id, tenant_id, repository_id, 'r', '{}', 'finished', clock_timestamp(),"
        " clock_timestamp() FROM kotadb.index_jobs WHERE status = 'completed' LIMIT 5000"
    )
    assert rows_read(crowded, "running_jobs", most=100) <= 6
    assert rows_read(crowded, "queue_rows", most=100) <= 100 + 50 + 1
    with closing(Database(crowded.scratch.admin_role)) as database:
        assert monitoring.failures(database, hours=2_160).groups[0].jobs == 50
