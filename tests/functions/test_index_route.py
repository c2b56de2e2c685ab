import json
import socket
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest
from tests.functions.gateway import http_event

from indexer.database.connection import Database
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings

SHA = "a" * 40


@pytest.mark.proves("J5", "J11", "J13", "J14", "Q17")
def test_a_wish_becomes_a_pending_job_that_its_repository_and_queue_row_know(
    ada, migrated_database
):
    answer = ada.post("/index", {"repository": "ada/engine"})
    told = answer.json
    assert (answer.status, told["status"], told["deduplicated"]) == (202, "pending", False)
    assert told["runId"] == told["jobId"]
    assert answer.headers["location"] == f"/jobs/{told['jobId']}"
    (job,) = migrated_database.sql("SELECT * FROM kotadb.index_jobs")
    (place,) = migrated_database.sql("SELECT * FROM kotadb.repositories")
    (queued,) = migrated_database.sql("SELECT * FROM kotadb_queue.live")
    assert (str(job["id"]), job["status"]) == (told["jobId"], "pending")
    assert job["repository_id"] == place["repository_id"]
    assert place["clone_url"] == "https://github.com/ada/engine.git"
    assert queued["payload"] == {
        "indexJobId": told["jobId"],
        "repositoryId": str(place["repository_id"]),
        "commitSha": None,
    }


def test_ref_commit_and_request_id_reach_the_job(ada, migrated_database):
    answer = ada.post(
        "/index",
        {"repository": "https://github.com/ada/engine", "ref": "v1.0", "commit_sha": SHA.upper()},
        headers={"X-Request-Id": "from-the-caller"},
    )
    assert (answer.status, answer.headers["x-request-id"]) == (202, "from-the-caller")
    (job,) = migrated_database.sql("SELECT * FROM kotadb.index_jobs")
    assert (job["requested_ref"], job["requested_commit"]) == ("v1.0", SHA)
    assert job["request_id"] == "from-the-caller"


@pytest.mark.proves("J22")
def test_the_same_wish_twice_is_one_job_of_one_repository(ada, migrated_database):
    first, second = (ada.post("/index", {"repository": "ada/engine"}).json for _ in range(2))
    assert (second["jobId"], second["deduplicated"]) == (first["jobId"], True)
    assert ada.post("/index", {"repository": "https://github.com/ada/engine.git"}).json[
        "deduplicated"
    ]
    assert migrated_database.value("SELECT count(*) FROM kotadb.repositories") == 1


def test_a_name_in_another_case_is_the_same_repository(ada):
    key = {"Idempotency-Key": "key-1"}
    first = ada.post("/index", {"repository": "Sindresorhus/KY"}, headers=key)
    again = ada.post("/index", {"repository": "sindresorhus/ky"}, headers=key)
    assert (again.status, again.text) == (202, first.text)
    assert again.headers["idempotent-replayed"] == "true"
    url = "https://github.com/SINDRESORHUS/ky"
    job_id = first.json["jobId"]
    assert ada.post("/index", {"repository": url}).json["jobId"] == job_id
    (place,) = ada.get("/repositories").json["repositories"]
    assert place["repository"] == "Sindresorhus/KY"
    for name in ("Sindresorhus/KY", "sindresorhus/ky"):
        (job,) = ada.get("/jobs", repository=name).json["jobs"]
        assert (job["id"], job["repository"]) == (job_id, "Sindresorhus/KY")


@pytest.mark.proves("J12")
def test_a_wish_on_a_warm_environment_is_two_statements(ada, wire):
    ada.post("/index", {"repository": "ada/engine"})
    wire.statements.clear()
    assert ada.post("/index", {"repository": "ada/other"}).status == 202
    admitted, enqueued = wire.statements
    assert "kotadb.admit_request" in admitted
    assert "kotadb_queue.enqueue" in enqueued


@pytest.mark.proves("J12")
def test_a_wish_under_a_key_is_two_statements_too_and_so_is_its_repetition(ada, wire):
    def posted():
        wire.statements.clear()
        wish = {"repository": "ada/other"}
        assert ada.post("/index", wish, headers={"Idempotency-Key": "key-1"}).status == 202
        return wire.statements[-2:], len(wire.statements)

    ada.post("/index", {"repository": "ada/engine"})
    for _ in range(2):
        (admitted, enqueued), number = posted()
        assert number == 2
        assert "kotadb.admit_request" in admitted
        assert "kotadb_queue.enqueue_once" in enqueued


def test_the_same_wish_under_a_key_gets_the_first_answer_to_the_letter(ada, migrated_database):
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = ada.post("/index", {"repository": "ada/engine"}, headers=key)
    # Other words for the same wish.
    wish = {"repository": "https://github.com/ada/engine.git", "force": False, "ref": None}
    again = ada.post("/index", wish, headers=key)
    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert migrated_database.value("SELECT count(*) FROM kotadb.index_jobs") == 1
    assert ada.post("/index", {"repository": "ada/engine"}).json["deduplicated"]


def test_another_wish_under_a_key_is_refused_and_writes_nothing(ada, migrated_database):
    key = {"Idempotency-Key": "key-1"}
    ada.post("/index", {"repository": "ada/engine"}, headers=key)
    answer = ada.post("/index", {"repository": "ada/other"}, headers=key)
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert migrated_database.value("SELECT count(*) FROM kotadb.repositories") == 1


def test_a_comma_belongs_to_a_key(ada):
    told = set()
    for number, key in enumerate(("a,b", "a,c", "a", "b", ",", "a, b")):
        wish = {"repository": f"ada/engine-{number}"}
        answer = ada.post("/index", wish, headers={"Idempotency-Key": key})
        assert (answer.status, answer.headers.get("idempotent-replayed")) == (202, None)
        told.add(answer.json["jobId"])
    assert len(told) == 6


def test_a_key_says_nothing_to_another_tenant(ada, eve):
    key, wish = {"Idempotency-Key": "key-1"}, {"repository": "ada/engine"}
    first = ada.post("/index", wish, headers=key)
    answer = eve.post("/index", wish, headers=key)
    assert answer.json["jobId"] != first.json["jobId"]
    assert "idempotent-replayed" not in answer.headers


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "schlüssel", "\x00", "\U0001f511"])
def test_a_key_that_is_none_is_refused_and_writes_nothing(ada, migrated_database, key):
    answer = ada.post("/index", {"repository": "ada/engine"}, headers={"Idempotency-Key": key})
    assert (answer.status, answer.code) == (400, "idempotency_key_invalid")
    for table in ("kotadb.repositories", "kotadb_queue.idempotency_keys"):
        assert migrated_database.value(f"SELECT count(*) FROM {table}") == 0


def test_a_refused_wish_does_not_use_its_key_up(ada):
    key = {"Idempotency-Key": "key-1"}
    assert ada.post("/index", {"repository": "no-owner"}, headers=key).status == 422
    answer = ada.post("/index", {"repository": "ada/engine"}, headers=key)
    assert (answer.status, "idempotent-replayed" in answer.headers) == (202, False)


@pytest.mark.proves("W22")
def test_a_wish_is_answered_while_nobody_works_and_nothing_is_fetched(ada, migrated_database):
    """The host does not exist: whoever tried to reach it would fail."""
    answer = ada.post("/index", {"repository": "nobody/there-is-no-such-repository"})
    assert answer.status == 202
    assert migrated_database.value("SELECT count(*) FROM kotadb.job_attempts") == 0


@pytest.mark.proves("D12", "Q27")
def test_with_leasing_switched_off_accepted_jobs_wait(environment, ada, migrated_database):
    environment.set(WORKER_ENABLED="false")
    assert ada.post("/index", {"repository": "ada/engine"}).status == 202
    assert migrated_database.value("SELECT state FROM kotadb_queue.live") == "ready"


@pytest.mark.proves("D11")
def test_with_tracking_switched_off_the_old_answer_is_given_and_the_rows_are_written(
    environment, ada, migrated_database
):
    environment.set(JOB_STATUS_TRACKING_ENABLED="false")
    told = ada.post("/index", {"repository": "ada/engine"}).json
    assert list(told) == ["runId"]
    assert migrated_database.value("SELECT id FROM kotadb.index_jobs") == UUID(told["runId"])


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"repository": "no-owner"}, "repository_invalid"),
        ({"repository": "https://user:secret@github.com/a/b"}, "repository_invalid"),
        ({"repository": "https://evil.example.com/a/b"}, "host_not_allowed"),
        ({"repository": "file:///etc"}, "repository_invalid"),
        ({"repository": "/etc"}, "repository_invalid"),
        ({"repository": "a/b", "ref": ""}, "ref_invalid"),
        ({"repository": "a/b", "ref": "a..b"}, "ref_invalid"),
        ({"repository": "a/b", "commit_sha": "abc"}, "commit_invalid"),
        ({}, "validation_failed"),
        ({"repository": None}, "validation_failed"),
        ({"repository": ["a/b"]}, "validation_failed"),
        ({"repository": "a/b", "force": "yes"}, "validation_failed"),
        ({"repository": "a/b", "force": 1}, "validation_failed"),
        ({"repository": "a/b", "branch": "main"}, "validation_failed"),
        ({"repository": "a/b" * 2_000}, "validation_failed"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_writes_nothing(ada, migrated_database, wish, code):
    answer = ada.post("/index", wish)
    assert (answer.status, answer.code) == (422, code)
    assert "secret" not in answer.text
    assert migrated_database.value("SELECT count(*) FROM kotadb.repositories") == 0


def test_where_local_repositories_are_allowed_a_path_is_taken(environment, ada):
    environment.set(ALLOW_LOCAL_REPOSITORIES="true")
    assert ada.post("/index", {"repository": "/srv/git/engine"}).status == 202


def test_another_job_is_enqueued_behind_the_one_that_runs(ada, migrated_database):
    first = ada.post("/index", {"repository": "ada/engine"}).json
    with closing(Database(migrated_database.worker)) as worker:
        assert JobQueue(worker, Settings()).lease_next(worker="tests")
    second = ada.post("/index", {"repository": "ada/engine"}).json
    assert second["jobId"] != first["jobId"]


@contextmanager
def lambda_endpoint(status: int):
    """The invoke API of Lambda, as far as a wake-up needs it."""
    calls = []

    class Invoke(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append((self.path, self.headers["X-Amz-Invocation-Type"], json.loads(body)))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Invoke) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", calls
        finally:
            server.shutdown()
            serving.join()


@pytest.fixture
def aws(environment):
    """Credentials that lead nowhere."""

    def point(endpoint: str) -> None:
        environment.set(
            AWS_ENDPOINT_URL_LAMBDA=endpoint,
            AWS_ACCESS_KEY_ID="none",
            AWS_SECRET_ACCESS_KEY="none",
            AWS_DEFAULT_REGION="eu-central-1",
            WORKER_FUNCTION_NAME="kota-worker",
        )

    return point


def test_the_worker_is_woken_once_for_a_new_job(ada, aws):
    with lambda_endpoint(202) as (endpoint, calls):
        aws(endpoint)
        made = ada.post("/index", {"repository": "ada/engine"}).json
        assert ada.post("/index", {"repository": "ada/engine"}).json["deduplicated"]
        assert calls == [
            (
                "/2015-03-31/functions/kota-worker/invocations",
                "Event",
                {"source": "enqueue", "job_id": made["jobId"]},
            )
        ]


@pytest.mark.parametrize("status", [429, 500])
def test_a_worker_that_cannot_be_woken_fails_no_request(ada, aws, status, log_lines):
    with lambda_endpoint(status) as (endpoint, calls):
        aws(endpoint)
        assert ada.post("/index", {"repository": "ada/engine"}).status == 202
        assert len(calls) == 1
    assert "the worker could not be woken; the schedule will wake it" in [
        line["message"] for line in log_lines()
    ]


def test_a_wake_up_that_hangs_is_given_up_soon(ada, aws):
    with socket.create_server(("127.0.0.1", 0)) as nobody_answers:
        aws(f"http://127.0.0.1:{nobody_answers.getsockname()[1]}")
        answer = ada.post("/index", {"repository": "ada/engine"})
    assert answer.status == 202
    assert answer.seconds < 4


def test_a_gateway_that_sends_base64_is_understood(ada, migrated_database):
    event = http_event(
        "POST",
        "/index",
        headers={"Authorization": f"Bearer {ada.key}", "Content-Type": "application/json"},
        body=b'{"repository": "ada/engine"}',
    )
    assert event["isBase64Encoded"]
    assert ada.send(event).status == 202
    assert migrated_database.value("SELECT full_name FROM kotadb.repositories") == "ada/engine"
