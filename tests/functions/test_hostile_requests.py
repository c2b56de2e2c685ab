"""Requests drawn from the description of the routes, and what no description foresees.

KOTADB_REQUEST_EXAMPLES sets how many are tried.
"""

import base64
import json
import os
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.functions.gateway import http_event
from tests.search.indexed import Commit, index

from indexer.parsing.facts import ReferenceKind

DESCRIPTION = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
EXAMPLES = int(os.environ.get("KOTADB_REQUEST_EXAMPLES", "100"))
SERVER_ERRORS = 500
# Nothing of the inside may be heard outside.
INSIDE = ("Traceback", "psycopg", "pg8000", "kotadb_", "SELECT ", "sqlstate", "/layers/", ".py")


def operations():
    return [
        (method.upper(), path, operation)
        for path, item in DESCRIPTION["paths"].items()
        for method, operation in item.items()
    ]


def cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


NUMBERS = st.sampled_from(
    [0, 1, -1, 32_767, 32_768, 2**31 - 1, 2**31, -(2**31) - 1, 2**63, 2**64, 10**400, 1e308, 1.5]
)
TIMES = st.sampled_from(
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:00:00",
        "2026-W01-1",
    ]
)
IDS = st.sampled_from(
    [
        "00000000-0000-0000-0000-000000000000",
        "{0}",
        "not-a-uuid",
        "00000000000000000000000000000000",
    ]
)
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\ud800",
        "%00",
        "%s %(x)s",
        "'; DROP TABLE kotadb.symbols; --",
        "\U0010ffff",
        "\U0010fffe" * 500,
        "\ufffd",
        "a" * 5_000,
        "ä" * 2_000,
        "../../etc/passwd",
        "\u0661\u0662",
        "ada/engine",
        "main",
        "Engine",
        "src/",
        "null",
        "[]",
    ]
)
LISTS = (
    *("jobs", "repositories", "symbols", "symbols-by-name"),
    *("references", "callers", "files", "outline"),
)
CURSORS = st.builds(
    lambda of, values: cursor(of, *values),
    st.sampled_from(LISTS),
    st.lists(NUMBERS | TIMES | IDS | TEXTS | st.none() | st.booleans() | st.just([]), max_size=5),
) | st.sampled_from(
    [
        cursor("references", 0, 0, 40_000, 40_000, 2**31 - 1),
        cursor("references", 2**31 - 1, 2**31 - 1, 0, 0, 0),
        cursor("symbols", 2**31 - 1, 2**31 - 1),
        cursor("callers", 2**31 - 1, 2**31 - 1),
        cursor("files", 2**31 - 1),
        cursor("outline", 2**31 - 1),
        cursor("symbols-by-name", "\U0010ffff" * 400, 2**31 - 1, 2**31 - 1),
        cursor("repositories", "\U0010ffff", "00000000-0000-0000-0000-000000000000"),
        cursor("jobs", "0001-01-01T00:00:00+23:59", "00000000-0000-0000-0000-000000000000"),
        cursor("jobs", "9999-12-31T23:59:59-23:59", "00000000-0000-0000-0000-000000000000"),
        "A" * 10_000,
        base64.urlsafe_b64encode(b"[" * 6_000).decode(),
    ]
)
# What the routes know: only a request that is right in most things reaches what lies behind them.
RIGHT = {
    "repository": "ada/engine",
    "path": "src/main.ts",
    "ref": "main",
    "symbol_id": "{symbol}",
    "prefix": "Eng",
    "name": "Engine0",
    "kind": "call",
    "direction": "both",
    "depth": "10",
    "limit": "1",
    "status": "pending",
    "lines": "1-2",
    "language": "typescript",
}
ANYTHING = TEXTS | NUMBERS.map(str) | CURSORS | TIMES | IDS


@st.composite
def asked(draw):
    """A request to one of the routes: each parameter left out, as described, or anything."""
    method, path, operation = draw(st.sampled_from(operations()))
    query = {}

    def chosen(name):
        if name in RIGHT and draw(st.booleans()):
            return RIGHT[name]
        return draw(CURSORS if name == "cursor" else ANYTHING)

    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            value = quote(chosen(name), safe="{}", errors="replace")
            path = path.replace("{" + name + "}", value)
        elif draw(st.booleans()):
            query[name] = chosen(name)
    if draw(st.integers(0, 9)) == 0:
        query[draw(TEXTS)] = draw(ANYTHING)
    body = draw(
        st.dictionaries(
            st.sampled_from(["repository", "ref", "commit_sha", "force", "more"]),
            ANYTHING | NUMBERS | st.booleans() | st.none() | st.lists(TEXTS, max_size=2),
        )
        if "requestBody" in operation
        else st.none()
    )
    return method, path, query, body


@pytest.fixture(params=["psycopg", "pg8000"])
def driven(environment, request):
    """The environment over each driver."""
    environment.set(DATABASE_DRIVER=request.param)


@pytest.mark.usefixtures("driven")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=asked())
def test_no_request_makes_the_service_fail(ada, symbol, sent):
    method, path, query, body = sent
    event = http_event(
        method,
        path.replace("{symbol}", symbol),
        query=urlencode(query, errors="surrogatepass"),
        headers={"Authorization": f"Bearer {ada.key}", "Content-Type": "application/json"},
        body=None if body is None else json.dumps(body),
    )
    # The gateway's own decoding keeps what urllib replaces.
    event["queryStringParameters"] = {name: str(value) for name, value in query.items()}
    answer = ada.send(event)
    assert answer.status < SERVER_ERRORS, answer.text
    if answer.status >= 400:
        assert set(answer.json) <= {"error", "code", "request_id", "details"}
        assert not [word for word in INSIDE if word in answer.text]
    assert answer.headers["x-request-id"]
    assert answer.seconds < 5


@pytest.fixture
def indexed(issue, migrated_database):
    """Ada's repository, indexed, with enough in it for several pages."""
    commit = Commit(("src/engine.ts", "src/main.ts"), texts={"src/main.ts": "one\ntwo\n"})
    for number in range(3):
        commit.define("src/engine.ts", f"Engine{number}", line=number + 1)
    for line in range(3):
        commit.use("src/main.ts", 0, line=line + 1, kind=ReferenceKind.CALL)
    commit.depend("src/main.ts", "./engine", to="src/engine.ts")
    return str(index(migrated_database, issue().tenant_id, commit))


@pytest.fixture
def symbol(ada, indexed):
    """The id of a definition that is used three times."""
    (found,) = ada.get("/symbols", name="Engine0", repository=indexed).json["symbols"]
    return found["id"]


@pytest.mark.usefixtures("indexed")
@pytest.mark.proves("J18")
def test_a_cursor_of_another_tenant_leads_to_nothing_of_theirs(ada, eve):
    for number in range(3):
        ada.post("/index", {"repository": f"ada/engine-{number}"})
    for path, query, entries in (
        ("/jobs", {}, "jobs"),
        ("/repositories", {}, "repositories"),
        ("/symbols", {"prefix": "Engine"}, "symbols"),
    ):
        adas = ada.get(path, limit=1, **query).json
        assert adas["next_cursor"]
        answer = eve.get(path, limit=1, cursor=adas["next_cursor"], **query)
        assert (answer.status, answer.json[entries]) == (200, [])


@pytest.mark.usefixtures("driven")
@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+00:00",
        "2026-01-01T00:00:00",
        "yesterday",
    ],
)
def test_a_cursor_at_the_end_of_time_is_read_or_refused(ada, moment):
    place = cursor("jobs", moment, "00000000-0000-0000-0000-000000000000")
    assert ada.get("/jobs", cursor=place).status in {200, 400}


def test_a_cursor_of_one_list_is_refused_by_another(ada, indexed):
    ada.post("/index", {"repository": "ada/other"})
    given_out = ada.get("/jobs", limit=1).json["next_cursor"]
    for path, query in (("/repositories", {}), ("/symbols", {"repository": indexed})):
        answer = ada.get(path, cursor=given_out, **query)
        assert (answer.status, answer.code) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "get", ""]
)
@pytest.mark.parametrize("path", ["/jobs", "/index", "/nowhere"])
def test_an_odd_method_is_answered_in_the_one_shape(ada, method, path):
    answer = ada.request(method, path, body="{}")
    assert answer.status in ({200} if (method, path) == ("get", "/jobs") else {404, 405})
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//jobs",
        "/jobs/",
        "/jobs//",
        "/jobs/%00",
        "/jobs/\0",
        "/jobs/\ud800",
        "/jobs/%2e%2e/admin",
        "/../jobs",
        "/jobs/..%2f..%2fhealth",
        "/jobs/" + "a" * 10_000,
        "/symbols/1-1/references/",
        "/symbols/1-1%00/references",
        "/symbols/99999999999-0/references",
        "/symbols/99999999999-0",
        "/symbols/1",
        "/symbols/1-1/",
        "/symbols/1-1/callers/more",
        "/symbols/\u0661-\u0661/callers",
        "/file/src/main.ts",
        "/symbols/\u0661-\u0661/references",
        "/$default/jobs",
    ],
)
def test_an_odd_path_leads_nowhere(ada, path):
    answer = ada.get(path)
    assert answer.status == 404
    assert set(answer.json) == {"error", "code", "request_id"}


@pytest.mark.proves("J17")
@pytest.mark.parametrize("odd", ["\U0007c27c", "a\0b", "\ud800", "a\n", "?", "a b", '"', "#"])
def test_whatever_stands_between_the_slashes_is_an_id(ada, odd):
    answer = ada.get(f"/jobs/{odd}")
    assert (answer.status, answer.code) == (404, "job_not_found")
    answer = ada.get(f"/symbols/{odd}/references")
    assert (answer.status, answer.code) == (404, "symbol_not_found")


def test_a_body_where_none_belongs_is_not_read(ada):
    assert ada.request("GET", "/jobs", body="{" * 1_000).status == 200


def test_ids_that_differ_only_in_case_or_form_are_one_or_none(ada):
    job_id = ada.post("/index", {"repository": "ada/engine"}).json["jobId"]
    assert ada.get(f"/jobs/{job_id.upper()}").json["id"] == job_id
    for other in (job_id.replace("-", ""), "{" + job_id + "}", "urn:uuid:" + job_id, job_id + " "):
        assert ada.get(f"/jobs/{other}").status == 404


@pytest.mark.parametrize(
    "ref", ["\U0001f680" * 63, "\U0001f680" * 1_024, "a" * 255, "ä/" * 80 + "b", "refs/heads/x"]
)
def test_a_long_ref_is_taken_or_refused_and_never_fails(ada, ref):
    assert ada.post("/index", {"repository": "ada/engine", "ref": ref}).status in {202, 422}


@pytest.mark.parametrize("name", ["a" * 2_040, "ä" * 2_000, "a/" + "\U0001f680" * 1_000])
def test_a_long_repository_is_taken_or_refused_and_never_fails(ada, environment, name):
    environment.set(ALLOW_LOCAL_REPOSITORIES="true")
    for repository in (f"owner/{name}", f"https://github.com/owner/{name}", f"/srv/{name}"):
        assert ada.post("/index", {"repository": repository}).status in {202, 422}
