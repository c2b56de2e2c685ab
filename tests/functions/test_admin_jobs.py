"""Jobs of all tenants, over HTTP."""

import threading
from contextlib import closing
from uuid import UUID

import pytest
from tests.fixtures.queue import QueueBench
from tests.functions.contents import contents_of
from tests.functions.gateway import http_event

from indexer.database.connection import Database
from indexer.errors import PermanentJobError

UNKNOWN = str(UUID(int=7))


class Lasting(PermanentJobError):
    code = "ref_not_found"


@pytest.fixture
def bench(migrated_database, api_database, make_tenant):
    """A queue with which to let jobs fail, beside the function."""
    with closing(Database(migrated_database.worker)) as worker:
        yield QueueBench(migrated_database, api_database, worker, make_tenant())


def failed(bench, name="ada/engine", **wishes):
    made = bench.enqueue(name, **wishes)
    bench.queue.fail(bench.lease(), Lasting("there is no such branch"))
    return str(made.job_id)


def audited(bench):
    return bench.scratch.sql("SELECT * FROM kotadb.audit_log ORDER BY audit_id")


@pytest.mark.proves("O12")
def test_where_nothing_failed_the_list_is_empty(operator):
    assert operator.get("/admin/jobs/failed").json == {
        "jobs": [],
        "limit": 50,
        "offset": 0,
        "total": 0,
    }


@pytest.mark.proves("O10", "O11")
def test_failed_jobs_of_all_tenants_are_listed_newest_first(operator, bench, make_tenant):
    first = failed(bench, ref="dev")
    bench.tenant = make_tenant("bob@example.com")
    second = failed(bench, commit_sha="a" * 40)
    bench.enqueue("ada/waits")
    answer = operator.get("/admin/jobs/failed")
    assert [one["id"] for one in answer.json["jobs"]] == [second, first]
    assert answer.json["total"] == 2
    told = answer.json["jobs"][1]
    assert {
        "id",
        "repository_id",
        "commit_sha",
        "ref",
        "error",
        "failed_at",
        "retry_count",
    } <= set(told)
    assert (told["ref"], told["error"]) == ("dev", "there is no such branch")
    assert (told["error_code"], told["retry_count"]) == ("ref_not_found", 0)
    page = operator.get("/admin/jobs/failed", limit=1, offset=1).json
    assert ([one["id"] for one in page["jobs"]], page["total"]) == ([first], 2)
    assert (page["limit"], page["offset"]) == (1, 1)


@pytest.mark.proves("O10")
@pytest.mark.parametrize(
    ("asked", "limit"), [("0", 1), ("-5", 1), ("100", 100), ("101", 100), ("9" * 30, 100)]
)
def test_a_limit_outside_is_moved_to_the_nearer_end(operator, asked, limit):
    answer = operator.get("/admin/jobs/failed", limit=asked)
    assert (answer.status, answer.json["limit"]) == (200, limit)


@pytest.mark.parametrize(
    "query",
    [
        {"offset": "-1"},
        {"offset": "1000001"},
        {"offset": "9" * 40},
        {"offset": "x"},
        {"offset": ""},
        {"limit": "x"},
        {"limit": "1.5"},
        {"page": "1"},
    ],
)
def test_a_part_of_the_list_that_cannot_be_is_refused(operator, query):
    assert operator.get("/admin/jobs/failed", **query).status == 422


@pytest.mark.proves("J24")
def test_the_job_of_any_tenant_is_shown_with_its_attempts_and_its_request(operator, bench):
    job_id = failed(bench, request_id="req-of-ada")
    told = operator.get(f"/admin/jobs/{job_id}").json
    assert (told["id"], told["tenant_id"]) == (job_id, str(bench.tenant))
    assert (told["request_id"], told["status"]) == ("req-of-ada", "failed")
    (attempt,) = told["attempts"]
    assert (attempt["attempt"], attempt["outcome"]) == (1, "failed")
    assert attempt["error_code"] == "ref_not_found"
    assert attempt["worker"] == "tests"


@pytest.mark.proves("W20")
def test_a_job_is_shown_with_the_query_that_finds_its_lines_in_the_log(operator, bench):
    job_id = failed(bench, request_id="req-of-ada")
    told = operator.get(f"/admin/jobs/{job_id}").json
    assert told["logs_query"].splitlines() == [
        "fields @timestamp, service, level, message, attempt, error_code",
        f'| filter job_id = "{job_id}" or correlation_id = "req-of-ada"',
        "| sort @timestamp asc",
        "| limit 10000",
    ]


def test_a_request_id_cannot_break_out_of_the_query(operator, bench):
    job_id = failed(bench, request_id='x" or 1 = 1 or "')
    told = operator.get(f"/admin/jobs/{job_id}").json
    assert told["logs_query"].splitlines()[1] == (
        f'| filter job_id = "{job_id}" or correlation_id = "x\\" or 1 = 1 or \\""'
    )


@pytest.mark.proves("J24")
@pytest.mark.parametrize("job_id", [UNKNOWN, "not-a-uuid", "x" * 3_000, "%00", "failed%20"])
def test_an_unknown_job_is_a_404(operator, job_id):
    answer = operator.get(f"/admin/jobs/{job_id}")
    assert (answer.status, answer.code) == (404, "job_not_found")


@pytest.mark.proves("O13")
def test_a_failed_job_is_queued_again_and_really_runs(operator, bench):
    job_id = failed(bench)
    answer = operator.post(f"/admin/jobs/{job_id}/retry")
    assert answer.status == 200
    assert answer.json == {"message": "Job requeued for retry", "job_id": job_id}
    lease = bench.lease()
    assert str(lease.job_id) == job_id
    bench.complete(lease)
    assert bench.status(UUID(job_id)) == "completed"
    assert operator.get("/admin/jobs/failed").json["total"] == 0
    assert [one["outcome"] for one in operator.get(f"/admin/jobs/{job_id}").json["attempts"]] == [
        "failed",
        "completed",
    ]


@pytest.mark.proves("O14")
@pytest.mark.parametrize("job_id", [UNKNOWN, "not-a-uuid", "%00", "'; DROP TABLE x; --"])
def test_a_retry_of_what_is_not_there_is_a_404(operator, bench, job_id):
    answer = operator.post(f"/admin/jobs/{job_id}/retry")
    assert (answer.status, answer.code) == (404, "job_not_retryable")
    assert answer.json["error"] == "Job not found or not eligible for retry"
    assert audited(bench) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"dry_run": true}', 422, "validation_failed"),
        ('{"dry_run": true, "dry_run": true}', 400, "body_malformed"),
        ("[]", 400, "body_malformed"),
        ("nonsense", 400, "body_malformed"),
    ],
)
@pytest.mark.parametrize("path", ["jobs/{job}/retry", "seed", "sweep", "migrate"])
def test_a_body_that_the_route_would_not_heed_is_refused_and_nothing_happens(
    operator, bench, path, body, status, code
):
    path = f"/admin/{path.format(job=failed(bench))}"
    before = contents_of(bench.scratch)
    answer = operator.request("POST", path, body=body)
    assert (answer.status, answer.code) == (status, code)
    if code == "validation_failed":
        assert [one["field"] for one in answer.json["details"]] == ["body.dry_run"]
    assert contents_of(bench.scratch) == before
    assert operator.request("POST", path, body="{}").status == 200


@pytest.mark.proves("O14")
@pytest.mark.parametrize("state", ["pending", "processing", "completed", "retried"])
def test_a_retry_of_what_has_not_failed_is_a_409_and_changes_nothing(operator, bench, state):
    if state == "retried":
        job_id = failed(bench)
        operator.post(f"/admin/jobs/{job_id}/retry")
    else:
        job_id = str(bench.enqueue().job_id)
    if state in {"processing", "completed"}:
        lease = bench.lease()
    if state == "completed":
        bench.complete(lease)
    before, written = bench.job(UUID(job_id)), audited(bench)
    answer = operator.post(f"/admin/jobs/{job_id}/retry")
    assert (answer.status, answer.code) == (409, "job_not_failed")
    assert (bench.job(UUID(job_id)), audited(bench)) == (before, written)


def test_a_retry_where_a_newer_job_waits_is_a_409(operator, bench):
    job_id = failed(bench)
    bench.enqueue()
    answer = operator.post(f"/admin/jobs/{job_id}/retry")
    assert (answer.status, answer.code) == (409, "job_superseded")
    assert audited(bench) == []


@pytest.mark.proves("O13")
def test_two_admins_at_once_give_one_new_attempt_and_one_row_in_the_log(admin, bench):
    from admin_function.actions.jobs import JobWish, retry_job
    from admin_function.administration import Administration
    from indexer.access.audit import Origin
    from indexer.jobs.administration import JobNotFailed

    job_id = failed(bench)
    settings = bench.settings
    together = threading.Barrier(2)
    outcomes = []

    def ask(number: int) -> None:
        mine = Administration(settings, bench.scratch.admin_role)
        mine.database.fetch_one("database_answers")
        together.wait()
        try:
            retry_job(mine, JobWish(job_id=job_id), Origin(request_id=f"r{number}", caller="x"))
            outcomes.append(200)
        except JobNotFailed:
            outcomes.append(409)
        finally:
            mine.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [200, 409]
    assert len(audited(bench)) == 1
    assert bench.live(UUID(job_id))["state"] == "ready"
    assert admin is not None


def test_a_retry_is_written_down_with_its_request_and_its_address(operator, bench):
    job_id = failed(bench)
    operator.request("POST", f"/admin/jobs/{job_id}/retry", headers={"X-Request-Id": "mine"})
    (row,) = audited(bench)
    assert (row["action"], row["target"]) == ("retry_job", job_id)
    assert (row["request_id"], row["caller"]) == ("mine", "192.0.2.1")


def test_many_are_queued_again_by_a_filter_and_a_dry_run_changes_nothing(operator, bench):
    jobs = [failed(bench, f"ada/r{number}") for number in range(3)]
    other = bench.job(UUID(jobs[0]))["repository_id"]
    dry = operator.post("/admin/jobs/retry", {"error_code": "ref_not_found", "dry_run": True})
    assert dry.status == 200
    meant = dry.json["meant"]
    assert dry.json == {"meant": meant, "requeued": jobs, "passed_over": {}, "dry_run": True}
    assert [(one["id"], one["repository"], one["ref"]) for one in meant] == [
        (job, f"ada/r{number}", None) for number, job in enumerate(jobs)
    ]
    assert audited(bench) == []
    assert operator.get("/admin/jobs/failed").json["total"] == 3
    none = operator.post("/admin/jobs/retry", {"error_code": "disk_full"})
    assert none.json["requeued"] == []
    one = operator.post("/admin/jobs/retry", {"repository_id": str(other)})
    assert one.json["requeued"] == [jobs[0]]
    rest = operator.post("/admin/jobs/retry", {"failed_after": "2020-01-01T00:00:00+02:00"})
    assert rest.json["requeued"] == [one["id"] for one in rest.json["meant"]] == jobs[1:]
    assert (rest.json["passed_over"], rest.json["dry_run"]) == ({}, False)
    assert [row["target"] for row in audited(bench)] == jobs
    assert {row["request_id"] for row in audited(bench)[1:]} == {rest.headers["x-request-id"]}


def test_one_that_cannot_be_queued_again_stops_no_other(operator, bench):
    first, second = failed(bench, "ada/one"), failed(bench, "ada/two")
    bench.enqueue("ada/one", force=True)
    done = operator.post("/admin/jobs/retry", {}).json
    assert done["requeued"] == [second]
    assert first not in done["requeued"]
    assert [row["target"] for row in audited(bench)] == [second]


@pytest.mark.parametrize(
    "body",
    [
        {"repository_id": "x"},
        {"repository_id": 7},
        {"failed_after": "yesterday"},
        {"failed_after": "2026-01-01T00:00:00"},
        {"failed_after": "0001-01-01T00:00:00+14:00"},
        {"failed_after": 10**400},
        {"error_code": ""},
        {"error_code": "x" * 101},
        {"limit": "5"},
        {"dry_run": "yes"},
        {"dry_run": 1},
        {"status": "failed"},
        None,
    ],
)
def test_a_filter_that_cannot_be_used_is_refused_and_retries_nothing(operator, bench, body):
    failed(bench)
    answer = operator.post("/admin/jobs/retry", body)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert operator.get("/admin/jobs/failed").json["total"] == 1


def test_reading_changes_no_row(operator, bench):
    """GET /admin/jobs/failed and its like lease nothing and write nothing."""
    job_id = failed(bench)
    bench.enqueue("ada/waits")
    tables = ("kotadb_queue.live", "kotadb.index_jobs", "kotadb.audit_log", "kotadb.job_attempts")

    def contents():
        return [bench.scratch.sql(f"SELECT *, xmin::text FROM {table}") for table in tables]

    before = contents()
    watched = ("queue", "jobs", "jobs/running", "jobs/failures", "jobs/failed", f"jobs/{job_id}")
    for path in (*watched, "audit", "users", "keys"):
        assert operator.get(f"/admin/{path}").status == 200
    assert contents() == before


def test_a_method_and_a_path_that_are_not_there_are_told_as_everywhere(operator):
    assert operator.request("DELETE", "/admin/jobs/failed").status == 405
    assert operator.get("/admin/nothing").code == "route_not_found"
    assert operator.send(http_event("GET", "/admin")).code == "route_not_found"
