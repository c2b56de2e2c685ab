"""What operators watch, over HTTP, and the end of anybody's job."""

from contextlib import closing
from uuid import UUID, uuid4

import pytest
from tests.fixtures.queue import QueueBench

from indexer.database.connection import Database
from indexer.errors import PermanentJobError
from indexer.jobs.model import Phase, Progress

UNKNOWN = str(UUID(int=7))


class Lasting(PermanentJobError):
    code = "ref_not_found"


@pytest.fixture
def bench(migrated_database, api_database, make_tenant):
    """A queue beside the function."""
    with closing(Database(migrated_database.worker)) as worker:
        yield QueueBench(migrated_database, api_database, worker, make_tenant())


def failed(bench, name="ada/engine", **wishes):
    made = bench.enqueue(name, **wishes)
    bench.queue.fail(bench.lease(), Lasting("there is no such branch"))
    return str(made.job_id)


def audited(bench):
    return bench.scratch.sql("SELECT * FROM kotadb.audit_log ORDER BY audit_id")


def test_the_figures_of_the_queue_are_those_of_its_tables(operator, bench):
    failed(bench, "ada/failed")
    bench.enqueue("ada/runs")
    lease = bench.lease()
    bench.enqueue("ada/runs", commit_sha="b" * 40)
    bench.enqueue("ada/waits")
    figures = operator.get("/admin/queue").json
    assert figures.pop("oldest_pending_age_seconds") >= 0
    ended = figures.pop("throughput")
    assert figures.pop("leasing") == {
        "paused": False,
        "switched_off": False,
        "stopped_at": None,
        "tenant_cap": 3,
    }
    assert figures == {
        "depth": 2,
        "workers": 3,
        "running": 1,
        "failed_24h": 1,
        "ready": 1,
        "waiting": 1,
        "delayed": 0,
        "finished": 0,
        "dead_letters": 1,
    }
    assert bench.live(lease.job_id)["state"] == "leased"
    for spans, seconds, length in (("minutes", 60, 60), ("hours", 3_600, 24)):
        told = ended[spans]
        assert (told["seconds"], sum(told["failed"])) == (seconds, 1)
        for outcome in ("completed", "failed", "cancelled", "skipped"):
            assert len(told[outcome]) == length


def test_what_runs_is_told_with_progress_and_lease(operator, bench):
    assert operator.get("/admin/jobs/running").json == {"jobs": []}
    made = bench.enqueue(ref="dev")
    lease = bench.lease()
    bench.queue.renew(lease, Progress(phase=Phase.PARSE, files_done=7, files_total=20))
    (told,) = operator.get("/admin/jobs/running").json["jobs"]
    assert (told["job_id"], told["ref"]) == (str(made.job_id), "dev")
    assert (told["tenant_id"], told["tenant"]) == (str(bench.tenant), "ada@example.com")
    assert (told["phase"], told["files_done"], told["files_total"]) == ("parse", 7, 20)
    assert (told["attempt"], told["max_retries"], told["worker"]) == (1, 3, "tests")
    assert 0 < told["lease_ends_in_seconds"] <= 30
    assert told["lease_age_seconds"] >= 0
    assert told["leased_at"] < told["lease_expires_at"]


def test_failures_are_told_by_their_error(operator, bench):
    assert operator.get("/admin/jobs/failures").json == {"groups": [], "complete": True}
    failed(bench, "ada/one")
    newest = failed(bench, "ada/two")
    (group,) = operator.get("/admin/jobs/failures", hours=24).json["groups"]
    assert (group["error_code"], group["jobs"], group["repositories"]) == ("ref_not_found", 2, 2)
    assert (group["last_message"], group["last_job_id"]) == ("there is no such branch", newest)
    bench.scratch.pass_time(25 * 3_600)
    assert operator.get("/admin/jobs/failures", hours="24").json["groups"] == []
    assert len(operator.get("/admin/jobs/failures").json["groups"]) == 1


@pytest.mark.parametrize(
    ("hours", "status"), [("0", 200), ("-1", 200), ("9" * 30, 200), ("x", 422)]
)
def test_a_window_outside_is_moved_to_the_nearer_end(operator, hours, status):
    assert operator.get("/admin/jobs/failures", hours=hours).status == status


def test_everybodys_jobs_are_listed_page_by_page_and_by_filter(operator, bench, make_tenant):
    first = failed(bench, "ada/one")
    bench.tenant = make_tenant("bob@example.com")
    second = str(bench.enqueue("bob/two", ref="dev").job_id)
    page = operator.get("/admin/jobs", limit=1).json
    assert [one["id"] for one in page["jobs"]] == [second]
    rest = operator.get("/admin/jobs", limit=1, cursor=page["next_cursor"]).json
    assert ([one["id"] for one in rest["jobs"]], rest["next_cursor"]) == ([first], None)
    (told,) = operator.get("/admin/jobs", status="pending").json["jobs"]
    assert (told["id"], told["tenant"], told["ref"]) == (second, "bob@example.com", "dev")
    (told,) = operator.get("/admin/jobs", tenant_id=str(bench.tenant)).json["jobs"]
    assert told["id"] == second
    place = str(bench.job(UUID(first))["repository_id"])
    (told,) = operator.get("/admin/jobs", repository_id=place, status="failed").json["jobs"]
    assert (told["id"], told["error_code"]) == (first, "ref_not_found")
    assert operator.get("/admin/jobs", repository_id=str(uuid4())).json["jobs"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"status": "done"}, 422),
        ({"status": ""}, 422),
        ({"repository_id": "x"}, 422),
        ({"tenant_id": "ada@example.com"}, 422),
        ({"cursor": "x"}, 400),
        ({"cursor": ""}, 422),
        ({"offset": "1"}, 422),
    ],
)
def test_a_part_of_the_jobs_that_cannot_be_is_refused(operator, query, status):
    assert operator.get("/admin/jobs", **query).status == status


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_a_job_of_any_tenant_is_cancelled_and_that_is_written_down(operator, bench, state):
    job_id = str(bench.enqueue().job_id)
    if state == "processing":
        bench.lease()
    answer = operator.request(
        "DELETE", f"/admin/jobs/{job_id}", headers={"X-Request-Id": "the-end"}
    )
    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert answer.json["attempts"] == operator.get(f"/admin/jobs/{job_id}").json["attempts"]
    (row,) = audited(bench)
    assert (row["action"], row["target"], row["request_id"]) == ("cancel_job", job_id, "the-end")


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
def test_a_job_that_ended_is_not_cancelled_and_nothing_is_written(operator, bench, state):
    if state == "failed":
        job_id = failed(bench)
    else:
        job_id = str(bench.enqueue().job_id)
        if state == "completed":
            bench.complete(bench.lease())
        else:
            bench.cancel(UUID(job_id))
    before = bench.job(UUID(job_id))
    answer = operator.request("DELETE", f"/admin/jobs/{job_id}")
    assert (answer.status, answer.code) == (409, "job_finished")
    assert (bench.job(UUID(job_id)), audited(bench)) == (before, [])


@pytest.mark.parametrize("job_id", [UNKNOWN, "not-a-uuid", "%00", "running%20"])
def test_the_end_of_what_is_not_there_is_a_404(operator, bench, job_id):
    answer = operator.request("DELETE", f"/admin/jobs/{job_id}")
    assert (answer.status, answer.code) == (404, "job_not_found")
    assert audited(bench) == []
