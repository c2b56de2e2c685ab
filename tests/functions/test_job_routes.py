from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.fixtures.queue import SHA, STATS

from api_function.routes.jobs import polling_pace
from indexer.errors import LeaseLost, TransientJobError
from indexer.jobs.model import Job, JobStatus


class Passing(TransientJobError):
    code = "remote_unavailable"


def posted(client, repository="ada/engine", **more) -> str:
    return client.post("/index", {"repository": repository, **more}).json["jobId"]


@pytest.mark.proves("J15", "J11", "O8")
def test_a_job_is_told_with_every_field_of_the_contract(ada):
    job_id = posted(ada, ref="main")
    told = ada.get(f"/jobs/{job_id}").json
    assert set(told) == {
        "id",
        "repository_id",
        "repository",
        "ref",
        "commit_sha",
        "status",
        "phase",
        "progress",
        "retry_count",
        "max_retries",
        "next_attempt_at",
        "started_at",
        "completed_at",
        "error_code",
        "error_message",
        "stats",
        "created_at",
        "attempts",
    }
    assert told["attempts"] == []
    assert (told["id"], told["repository"], told["ref"]) == (job_id, "ada/engine", "main")
    assert (told["status"], told["retry_count"], told["max_retries"]) == ("pending", 0, 3)
    assert told["created_at"].endswith("Z")


@pytest.mark.proves("J1", "J3")
def test_a_job_is_told_from_its_row_as_it_goes_on(ada, queue, migrated_database):
    job_id = posted(ada)
    lease = queue.lease_next(worker="tests")
    running = ada.get(f"/jobs/{job_id}")
    assert (running.json["status"], running.json["phase"]) == ("processing", "clone")
    assert running.headers["retry-after"] == "2"
    queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)
    migrated_database.sql("DELETE FROM kotadb_queue.live")
    done = ada.get(f"/jobs/{job_id}")
    assert (done.json["status"], done.json["commit_sha"]) == ("completed", SHA)
    assert done.json["stats"] == STATS
    assert "retry-after" not in done.headers


@pytest.mark.proves("O8", "O7")
def test_a_job_in_backoff_says_why_and_when_it_is_tried_again(ada, queue, migrated_database):
    job_id = posted(ada)
    queue.fail(queue.lease_next(worker="tests"), Passing("the remote is away"))
    told = ada.get(f"/jobs/{job_id}")
    assert (told.json["status"], told.json["error_code"]) == ("pending", "remote_unavailable")
    assert told.json["error_message"] == "the remote is away"
    assert 50 <= int(told.headers["retry-after"]) <= 60
    migrated_database.pass_time(61)
    queue.fail(queue.lease_next(worker="tests"), Passing("the remote is away"))
    assert ada.get(f"/jobs/{job_id}").json["retry_count"] == 1
    assert "leases" in migrated_database.value(
        "SELECT col_description('kotadb.index_jobs'::regclass, attnum) "
        "FROM pg_attribute WHERE attrelid = 'kotadb.index_jobs'::regclass "
        "AND attname = 'retry_count'"
    )


@pytest.mark.proves("J8", "O9")
def test_a_job_shows_every_attempt_and_how_it_ended_and_no_worker(
    ada, eve, queue, migrated_database
):
    job_id = posted(ada)
    queue.fail(queue.lease_next(worker="worker-of-ours"), Passing("the remote is away"))
    migrated_database.pass_time(61)
    queue.release(queue.lease_next(worker="worker-of-ours"))
    queue.lease_next(worker="worker-of-ours")
    answer = ada.get(f"/jobs/{job_id}")
    first, second, third = answer.json["attempts"]
    assert set(first) == {
        *("attempt", "round", "leased_at", "ended_at", "outcome", "error_code", "error_message")
    }
    assert (first["attempt"], first["round"], first["outcome"]) == (1, 1, "failed")
    assert (first["error_code"], first["error_message"]) == (
        *("remote_unavailable", "the remote is away"),
    )
    assert first["leased_at"] <= first["ended_at"] <= second["leased_at"]
    assert (second["outcome"], second["error_code"]) == ("released", None)
    assert (third["attempt"], third["ended_at"], third["outcome"]) == (3, None, None)
    assert "worker-of-ours" not in answer.text
    assert eve.get(f"/jobs/{job_id}").status == 404


def test_of_very_many_attempts_the_newest_are_shown(ada, queue):
    job_id = posted(ada)
    for _ in range(102):
        queue.release(queue.lease_next(worker="tests"))
    attempts = ada.get(f"/jobs/{job_id}").json["attempts"]
    assert [one["attempt"] for one in attempts] == list(range(3, 103))


@pytest.mark.parametrize(
    ("wait", "pace"), [(None, 2), (-5, 2), (1, 2), (30.2, 31), (60, 60), (180, 60)]
)
def test_the_polling_pace_follows_the_backoff_within_bounds(wait, pace):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    job = Job(
        id=UUID(int=1),
        repository_id=UUID(int=2),
        repository="ada/engine",
        requested_ref="",
        ref=None,
        requested_commit=None,
        commit_sha=None,
        status=JobStatus.PENDING,
        phase=None,
        files_done=0,
        files_total=None,
        retry_count=0,
        max_retries=3,
        next_attempt_at=None if wait is None else now + timedelta(seconds=wait),
        started_at=None,
        completed_at=None,
        error_code=None,
        error_message=None,
        stats=None,
        created_at=now,
    )
    assert polling_pace(job, now=now) == pace


@pytest.mark.proves("J16", "J17", "J18", "J19")
def test_what_is_unknown_no_id_or_anothers_is_one_and_the_same_404(ada, eve, stranger):
    job_id = posted(ada)
    answers = [
        eve.get(f"/jobs/{asked}")
        for asked in (job_id, "not-a-uuid", "00000000-0000-4000-8000-000000000000", "1" * 500)
    ]
    for answer in answers:
        assert (answer.status, answer.code) == (404, "job_not_found")
    assert len({_without_what_may_differ(answer) for answer in answers}) == 1
    assert ada.get(f"/jobs/{job_id}").status == 200
    assert stranger.get(f"/jobs/{job_id}").status == 401


def _without_what_may_differ(answer) -> str:
    body = {**answer.json, "request_id": ""}
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name != "x-request-id" and not name.startswith("x-ratelimit")
    }
    return f"{answer.status} {sorted(headers.items())} {sorted(body.items())}"


@pytest.mark.proves("J4", "J7")
@pytest.mark.parametrize("running", [False, True])
def test_a_job_that_waits_or_runs_is_cancelled_at_once(ada, queue, running):
    job_id = posted(ada)
    if running:
        lease = queue.lease_next(worker="tests")
    answer = ada.request("DELETE", f"/jobs/{job_id}")
    assert (answer.status, answer.json["id"], answer.json["status"]) == (200, job_id, "cancelled")
    assert answer.json["error_code"] == "cancelled"
    assert answer.json["completed_at"].endswith("Z")
    told = ada.get(f"/jobs/{job_id}").json
    assert [one["outcome"] for one in told.pop("attempts")] == ["cancelled"] * running
    assert answer.json == told
    if running:
        with pytest.raises(LeaseLost):
            queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)
    again = ada.request("DELETE", f"/jobs/{job_id}")
    assert (again.status, again.code) == (409, "job_finished")


@pytest.mark.proves("J16", "J17", "J18", "J19")
def test_a_job_that_is_not_the_callers_is_not_there_to_be_cancelled(ada, eve, stranger):
    job_id = posted(ada)
    answers = [
        eve.request(method, f"/jobs/{asked}")
        for method in ("DELETE", "GET")
        for asked in (job_id, "not-a-uuid", "00000000-0000-4000-8000-000000000000")
    ]
    assert len({_without_what_may_differ(answer) for answer in answers}) == 1
    assert (answers[0].status, answers[0].code) == (404, "job_not_found")
    assert stranger.request("DELETE", f"/jobs/{job_id}").status == 401
    assert ada.get(f"/jobs/{job_id}").json["status"] == "pending"


@pytest.mark.proves("J20")
def test_polling_uses_the_quota(ada):
    job_id = posted(ada)
    left = [int(ada.get(f"/jobs/{job_id}").headers["x-ratelimit-remaining"]) for _ in range(3)]
    assert left == [left[0], left[0] - 1, left[0] - 2]


def test_jobs_are_listed_newest_first_in_pages(ada, eve):
    ids = [posted(ada, f"ada/{name}") for name in "abcde"]
    posted(eve, "eve/own")
    first = ada.get("/jobs", limit=3).json
    rest = ada.get("/jobs", limit=3, cursor=first["next_cursor"]).json
    assert [job["id"] for job in (*first["jobs"], *rest["jobs"])] == ids[::-1]
    assert rest["next_cursor"] is None


def test_jobs_are_listed_by_status_and_repository(ada, eve, queue):
    running, waiting = posted(ada, "ada/a"), posted(ada, "ada/b")
    queue.lease_next(worker="tests")

    def listed(**how) -> list[str]:
        return [job["id"] for job in ada.get("/jobs", **how).json["jobs"]]

    assert listed(status="processing") == [running]
    assert listed(status="pending") == [waiting]
    assert listed(repository="ada/b") == [waiting]
    repository_id = ada.get(f"/jobs/{running}").json["repository_id"]
    assert listed(repository=repository_id, status="processing") == [running]
    assert ada.get("/jobs", repository="ada/none").code == "repository_not_found"
    assert eve.get("/jobs", repository=repository_id).code == "repository_not_found"
    assert ada.get("/jobs", status="running").status == 422


@pytest.mark.parametrize(
    ("limit", "shown"), [("0", 1), ("-7", 1), ("2", 2), ("1000000000000000000000", 3)]
)
def test_a_limit_is_moved_into_its_bounds(ada, limit, shown):
    for name in "abc":
        posted(ada, f"ada/{name}")
    assert len(ada.get("/jobs", limit=limit).json["jobs"]) == shown


@pytest.mark.parametrize("limit", ["x", "", "1.5", "1,2"])
def test_a_limit_that_is_no_number_is_refused(ada, limit):
    assert ada.get("/jobs", limit=limit).status == 422
