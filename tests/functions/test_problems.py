from contextlib import closing
from dataclasses import replace

import pytest
from tests.functions.gateway import http_event

from api_function.application import application
from indexer.database.connection import Database
from indexer.observability import VERSION
from indexer.search import repositories

PROTECTED = [
    ("POST", "/index"),
    ("GET", "/jobs"),
    ("GET", "/jobs/x"),
    ("GET", "/repositories"),
    ("GET", "/symbols"),
    ("GET", "/symbols/1-1/references"),
    ("GET", "/dependencies"),
]


@pytest.mark.proves("J19")
@pytest.mark.parametrize("key", [None, "nonsense", "kota_free_AAAAAAAAAAAA_" + "s" * 32])
def test_without_a_valid_key_every_route_answers_401_before_anything_else(stranger, key):
    for method, path in PROTECTED:
        body = "{" if method == "POST" else None
        answer = stranger.with_key(key).request(method, path, body=body)
        assert (answer.status, answer.code) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert "x-ratelimit-limit" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/nowhere", "/jobs/", "/jobs/a/b", "/index/x", "/JOBS", ""])
def test_an_unknown_route_is_a_404_of_the_one_shape(ada, path):
    answer = ada.get(path)
    assert (answer.status, answer.code) == (404, "route_not_found")
    assert set(answer.json) == {"error", "code", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/index", "POST"), ("DELETE", "/jobs", "GET"), ("POST", "/jobs/x", "DELETE, GET")],
)
def test_a_method_that_a_route_lacks_is_a_405_that_names_those_it_has(ada, method, path, allowed):
    answer = ada.request(method, path)
    assert (answer.status, answer.code, answer.headers["allow"]) == (
        405,
        "method_not_allowed",
        allowed,
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/jobs", 200),
        ("GET", "/jobs/x", 404),
        ("GET", "/jobs?limit=x", 422),
        ("POST", "/index", 422),
        ("GET", "/jobs?cursor=x", 400),
    ],
)
def test_every_answer_to_a_known_key_has_its_quota_and_request_id(ada, method, path, status):
    route, _, query = path.partition("?")
    event = http_event(
        method,
        route,
        query=query,
        headers={"Authorization": f"Bearer {ada.key}", "X-Request-Id": "mine"},
    )
    answer = ada.send(event)
    assert answer.status == status
    assert answer.headers["x-request-id"] == "mine"
    assert answer.headers["x-ratelimit-limit"] == "10000"
    assert answer.headers["x-ratelimit-remaining"] == "9999"
    assert int(answer.headers["x-ratelimit-reset"]) % 3600 == 0


@pytest.mark.proves("J21")
def test_the_hundred_and_first_request_of_a_free_hour_is_refused(stranger, issue):
    free = stranger.with_key(issue(tier="free").api_key)
    statuses = [free.get("/repositories").status for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    refused = free.get("/jobs/x")
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert 1 <= int(refused.headers["retry-after"]) <= 3600


@pytest.mark.proves("J23")
@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_a_database_that_falls_silent_under_a_warm_connection_is_a_503_soon(
    environment, ada, wire, driver
):
    environment.set(DATABASE_DRIVER=driver)
    assert ada.get("/jobs").status == 200
    wire.fall_silent()
    answer = ada.get("/jobs")
    assert (answer.status, answer.code) == (503, "database_unavailable")
    assert answer.seconds < 3.5
    wire.silent.clear()
    assert ada.get("/jobs").status == 200


@pytest.mark.proves("J23")
def test_a_lock_that_is_not_given_back_is_a_503_soon(ada, migrated_database):
    ada.post("/index", {"repository": "ada/engine"})
    with migrated_database.connection() as blocking, blocking.transaction():
        blocking.execute("SELECT FROM kotadb.repositories FOR UPDATE")
        answer = ada.post("/index", {"repository": "ada/engine", "ref": "other"})
    assert (answer.status, answer.code) == (503, "database_timeout")
    assert answer.seconds < 3.5
    assert ada.post("/index", {"repository": "ada/engine", "ref": "other"}).status == 202


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_a_connection_that_was_cut_costs_at_most_one_request(environment, ada, wire, driver):
    environment.set(DATABASE_DRIVER=driver)
    assert ada.get("/jobs").status == 200
    wire.cut()
    statuses = [ada.get("/jobs").status for _ in range(2)]
    assert statuses in ([200, 200], [503, 200])


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_every_route_works_over_both_drivers(environment, ada, driver):
    environment.set(DATABASE_DRIVER=driver)
    job_id = ada.post("/index", {"repository": "ada/engine"}).json["jobId"]
    assert ada.get(f"/jobs/{job_id}").status == 200
    assert ada.get("/jobs", status="pending", repository="ada/engine").json["jobs"]
    assert ada.get("/repositories").json["repositories"]
    assert ada.get("/symbols", name="x").status == 200
    assert ada.get("/symbols/1-1/references").code == "symbol_not_found"
    assert ada.get("/dependencies", repository="ada/engine", path="x").code == "not_indexed"
    assert ada.get("/health").status == 200


def test_a_login_that_could_see_too_much_serves_nobody(
    environment, ada, migrated_database, log_lines
):
    environment.use(migrated_database.admin)
    answer = ada.get("/jobs")
    assert (answer.status, answer.code) == (500, "configuration_error")
    assert "superuser" not in answer.text
    assert any(line.get("error_code") == "login_too_powerful" for line in log_lines())


def test_a_missing_setting_is_told_to_the_log_and_not_to_the_caller(environment, ada, log_lines):
    environment.set(DATABASE_URL="")
    answer = ada.get("/jobs")
    assert (answer.status, answer.code) == (500, "configuration_error")
    assert "DATABASE_URL" not in answer.text
    assert "DATABASE_URL is not set" in str(log_lines())


def test_a_fault_of_ours_is_a_500_that_tells_nothing(ada, migrated_database, log_lines):
    migrated_database.sql("ALTER TABLE kotadb.repositories RENAME COLUMN full_name TO moved")
    try:
        answer = ada.get("/repositories")
    finally:
        migrated_database.sql("ALTER TABLE kotadb.repositories RENAME COLUMN moved TO full_name")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert answer.json["error"] == "Something went wrong on our side."
    assert answer.headers["x-ratelimit-remaining"] == "9999"
    (logged,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert "42703" in logged["exception"]
    assert logged["correlation_id"] == answer.headers["x-request-id"]


def test_an_answer_that_breaks_its_own_description_is_our_fault(ada, monkeypatch):
    page = repositories.page

    def broken(*args, **how):
        found = page(*args, **how)
        return replace(found, next_cursor=7)

    monkeypatch.setattr(repositories, "page", broken)
    answer = ada.get("/repositories")
    assert (answer.status, answer.code) == (500, "internal_error")


@pytest.mark.proves("Q24")
def test_logs_name_the_request_and_never_the_credential(ada, log_lines):
    answer = ada.get("/jobs/x")
    ada.with_key(ada.key[:-1]).get("/jobs")
    lines = log_lines()
    served = next(line for line in lines if line["message"] == "request answered")
    assert served["correlation_id"] == answer.headers["x-request-id"]
    assert (served["route"], served["status"]) == ("/jobs/<job_id>", 404)
    assert served["error_code"] == "job_not_found"
    assert ada.key.rpartition("_")[2][:-1] not in str(lines)


def test_one_environment_holds_one_connection(ada, migrated_database):
    for path in ("/jobs", "/repositories", "/health", "/symbols"):
        ada.get(path)
    count = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'kotadb-api'"
    )
    assert migrated_database.value(count) == 1


def test_the_login_is_judged_once(ada, wire):
    for _ in range(3):
        assert ada.get("/jobs").status == 200
    assert sum("rolbypassrls" in one for one in wire.statements) == 1


def test_no_route_is_left_open_by_mistake():
    registered = application.routes
    assert {route.path for route in registered if not route.security} == {
        "/docs",
        "/health",
        "/openapi.json",
        "/ui",
        "/webhooks/github",
    }


def test_a_statement_that_names_no_tenant_sees_nobodys_rows(ada, migrated_database):
    job_id = ada.post("/index", {"repository": "ada/engine"}).json["jobId"]
    after = dict.fromkeys(("after_created_at", "after_id", "after_name"))
    with closing(Database(migrated_database.api)) as database:
        assert database.fetch_all("job_by_id", job_id=job_id) == []
        assert (
            database.fetch_all("jobs_page", status=None, repository_id=None, page_size=9, **after)
            == []
        )
        assert (
            database.fetch_all("repositories_page", repository_id=None, page_size=9, **after) == []
        )


@pytest.mark.proves("D15")
def test_an_answer_of_500_is_counted_for_all_and_for_its_version_and_no_other_refusal_is(
    environment, ada, told_metrics
):
    assert ada.get("/nowhere").status == 404
    environment.set(DATABASE_URL="postgresql://a:b@127.0.0.1:1/c")
    assert ada.get("/jobs").status == 503
    assert told_metrics() == {}
    environment.set(LEASE_SECONDS="soon")
    assert ada.get("/jobs").status == 500
    assert told_metrics() == {
        "requests_failed_total": [1],
        ("requests_failed_total", VERSION): [1],
    }
