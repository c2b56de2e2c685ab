"""Requests drawn from the description of the routes, and what no description foresees.

KOTADB_REQUEST_EXAMPLES sets how many are tried.
"""

import base64
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.functions.contents import contents_of
from tests.functions.gateway import Gateway, http_event
from tests.functions.questions import Question, questions
from tests.functions.world import PLAIN, Values, make_world, operators_world

from admin_function.application import application as admin_application
from api_function.application import application as api_application

EXAMPLES = int(os.environ.get("KOTADB_REQUEST_EXAMPLES", "60"))
SERVER_ERRORS = 500
# Nothing of the inside may be heard outside.
INSIDE = ("Traceback", "psycopg", "pg8000", "kotadb_", "SELECT ", "sqlstate", "/layers/", ".py")


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
    *("references", "callers", "callees", "files", "outline"),
    *("packages", "package-users", "unresolved", "folder"),
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
        cursor("callees", 2**31 - 1, 2**31 - 1),
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
ANYTHING = TEXTS | NUMBERS.map(str) | CURSORS | TIMES | IDS
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def asked(draw, service):
    """A request to one of the routes: each part left out, right, or anything."""
    question, known = draw(st.sampled_from(service.questions)), service.known
    filling = {place: {} for place in question.required}
    for place, required in question.required.items():
        for name in sorted(required | question.optional[place]):
            # Only a request that is right in most things reaches what lies behind them.
            if name in known and draw(st.booleans()):
                filling[place][name] = draw(st.sampled_from(known[name]))
            elif name in required or draw(st.booleans()):
                odd = CURSORS if name == "cursor" else ANYTHING
                filling[place][name] = draw(odd | JSON if place == "body" else odd)
    if draw(st.integers(0, 9)) == 0:
        filling["query"][draw(TEXTS)] = draw(ANYTHING)
    if draw(st.integers(0, 9)) == 0:
        filling["body"][draw(TEXTS)] = draw(JSON)
    return question, filling


def event_of(question, filling, key):
    """The event of a filled question. The gateway's own decoding keeps what urllib replaces."""
    path = question.path
    for name, value in filling["path"].items():
        path = path.replace(f"{{{name}}}", str(value))
    query = {name: str(value) for name, value in filling["query"].items()}
    event = http_event(
        question.method,
        path,
        query=urlencode(query, errors="surrogatepass"),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            **{name: str(value) for name, value in filling["header"].items()},
        },
        body=json.dumps(filling["body"]) if question.takes_body else None,
    )
    return {**event, "queryStringParameters": query}


@dataclass
class Service:
    """A function that serves HTTP, with a key that it knows and what there is to ask for."""

    client: Gateway
    questions: list[Question]
    known: Values

    @property
    def key(self):
        return self.client.key

    def send(self, event):
        """Send an event; the key that a rotation gives takes the place of the old one."""
        answer = self.client.send(event)
        if answer.status == 201 and "replaces" in answer.json:
            self.client = self.client.with_key(answer.json["api_key"])
        return answer


@pytest.fixture
def known(issue, migrated_database):
    """What Ada has, with enough in it for several pages, and how to ask for it."""
    return {**PLAIN, **make_world(migrated_database, issue().tenant_id, "ada")}


@pytest.fixture
def operators_known(known, migrated_database):
    """As `known`, with what only an operator may ask for."""
    return {**known, **operators_world(migrated_database)}


@pytest.fixture(params=["api over psycopg", "api over pg8000", "admin"])
def service(request, monkeypatch):
    """Each function that serves HTTP, the API's over each driver."""
    if request.param == "admin":
        operator = request.getfixturevalue("operator")
        known = request.getfixturevalue("operators_known")
        return Service(operator, questions(admin_application), known)
    monkeypatch.setenv("DATABASE_DRIVER", request.param.rpartition(" ")[2])
    monkeypatch.setenv("REQUESTS_PER_HOUR_TEAM", str(10**6))
    ada, known = (request.getfixturevalue(name) for name in ("ada", "known"))
    return Service(ada, questions(api_application), known)


def hold_to_the_contract(answer, before, scratch):
    """Whatever was sent: nothing fails, nothing inside is told, nothing refused is kept."""
    assert answer.status < SERVER_ERRORS, answer.text
    assert answer.headers["x-request-id"]
    assert answer.cpu_seconds < 5
    if answer.status >= 400:
        assert {"error", "code", "request_id"} <= set(answer.json)
        assert set(answer.json) <= {"error", "code", "request_id", "details"}
        assert not [word for word in INSIDE if word in answer.text]
        assert contents_of(scratch) == before


def test_no_request_makes_the_service_fail_and_no_refused_one_writes(service, migrated_database):
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(asked(service))
    def hold(sent):
        before = contents_of(migrated_database)
        answer = service.send(event_of(*sent, service.key))
        hold_to_the_contract(answer, before, migrated_database)

    hold()


@st.composite
def bodies(draw):
    """A body as the gateway hands it over, and whether it says that it is base64."""
    raw = draw(
        st.binary(max_size=40)
        | st.sampled_from(ODD_BODIES)
        | JSON.map(lambda one: json.dumps(one).encode())
    )
    if draw(st.booleans()):
        return base64.b64encode(raw).decode() + draw(st.sampled_from(["", "=", "!", "\n"])), True
    return raw.decode("utf-8", "replace"), draw(st.booleans())


ODD_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"[" * 5_000,
    b'{"repository": ' * 3_000,
    b'{"repository": "ada/engine", "repository": "ada/engine"}',
    b'{"repository": NaN}',
    b'{"repository": 1e999}',
    b'{"repository": ' + b"9" * 5_000 + b"}",
    b'{"repository": "\\ud800"}',
    b'{"repository": "a\\u0000b"}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"repository": "' + b"a" * 300_000 + b'"}',
]
HEADERS = st.dictionaries(
    st.sampled_from(
        ["authorization", "content-type", "x-request-id", "idempotency-key", "accept", "cookie"]
    ),
    TEXTS
    | st.sampled_from(
        [
            "Bearer",
            "Bearer  ",
            "bearer kota_free_AAAAAAAAAAAA_" + "s" * 32,
            "Basic YTpi",
            "Bearer \u0661",
            "application/json; charset=utf-16",
            "application/json, application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
        ]
    ),
)


def test_no_body_and_no_header_makes_the_service_fail(service, migrated_database):
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(service.questions), bodies(), HEADERS)
    def hold(question, body, headers):
        before = contents_of(migrated_database)
        right = {"authorization": f"Bearer {service.key}", "content-type": "application/json"}
        event = http_event(question.method, question.path, headers=right | headers)
        event["body"], event["isBase64Encoded"] = body
        hold_to_the_contract(service.send(event), before, migrated_database)

    hold()


def places_of(event, place=()):
    """Every place of an event, from the outside in."""
    yield place
    for name, value in event.items():
        if isinstance(value, dict):
            yield from places_of(value, (*place, name))
        else:
            yield (*place, name)


def changed(event, place, value):
    """The event with something else at one place; an Ellipsis stands for nothing at all."""
    if not place:
        return {} if value is ... else value
    name, *rest = place
    inner = changed(event[name], tuple(rest), value) if rest else value
    if inner is ...:
        return {key: one for key, one in event.items() if key != name}
    return {**event, name: inner}


def test_an_event_that_is_none_of_the_gateways_is_refused_and_writes_nothing(
    service, migrated_database
):
    posted = next(one for one in service.questions if one.takes_body and one.required["body"])
    whole = http_event(
        "POST",
        posted.path,
        query="a=1",
        headers={"Authorization": f"Bearer {service.key}", "Content-Type": "application/json"},
        body='{"unknown": 1}',
    )
    # At the top a hole would make it another invocation, and no request at all.
    places = [one for one in places_of(whole) if one not in {(), ("requestContext",)}]
    odd = st.sampled_from(
        [..., None, "", "x", 0, -1, 1.5, True, [], ["x"], {}, {"x": None}, {"x": 1}]
    )

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(places), odd), min_size=1, max_size=2))
    def hold(changes):
        event = whole
        for place, value in changes:
            with suppress(KeyError, TypeError, AttributeError):  # the change before took it away
                event = changed(event, place, value)
        before = contents_of(migrated_database)
        answer = service.send(event)
        assert answer.status >= 400
        hold_to_the_contract(answer, before, migrated_database)

    hold()


@pytest.mark.parametrize("context", [None, "x", 0, [], {}, {"http": None}, {"http": {}}])
def test_a_request_without_its_context_is_refused(ada, context):
    answer = ada.send({**http_event("GET", "/jobs"), "requestContext": context})
    assert (answer.status, answer.code) == (400, "not_an_api_request")


@pytest.mark.parametrize("moment", [0, 1.5, "0", "1795348800", "2026-11-22", "2026-11-22T12:00:00"])
def test_a_time_is_written_out_with_its_zone(operator, moment):
    answer = operator.post("/admin/jobs/retry", {"failed_before": moment, "dry_run": True})
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert "2026-11-22T12:00:00Z" in answer.text


def test_a_word_of_a_path_is_no_id_to_the_route_beside_it(operator):
    answer = operator.get("/admin/jobs/retry")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert operator.get("/admin/jobs/retries").code == "job_not_found"


@pytest.fixture
def indexed(known):
    """Ada's repository."""
    return known["repository_id"][0]


@pytest.mark.usefixtures("indexed")
@pytest.mark.proves("J18")
def test_a_cursor_of_another_tenant_leads_to_nothing_of_theirs(ada, eve):
    for number in range(3):
        ada.post("/index", {"repository": f"ada/engine-{number}"})
    for path, query, entries in (
        ("/jobs", {}, "jobs"),
        ("/repositories", {}, "repositories"),
    ):
        adas = ada.get(path, limit=1, **query).json
        assert adas["next_cursor"]
        answer = eve.get(path, limit=1, cursor=adas["next_cursor"], **query)
        assert (answer.status, answer.json[entries]) == (200, [])
    # A list that is of commits is read on from the very same ones, and of them eve sees none.
    adas = ada.get("/symbols", limit=1, prefix="ada").json
    assert adas["next_cursor"]
    answer = eve.get("/symbols", limit=1, prefix="ada", cursor=adas["next_cursor"])
    assert (answer.status, answer.code) == (410, "cursor_expired")


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
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
def test_a_cursor_at_the_end_of_time_is_read_or_refused(environment, ada, driver, moment):
    environment.set(DATABASE_DRIVER=driver)
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
