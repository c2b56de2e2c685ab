import base64
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.functions.gateway import http_event

from indexer.database.texts import storable
from indexer.http.requests import (
    LARGEST_BODY_BYTES,
    BodyMalformed,
    request_id_of,
    strict_json,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TYPE = {"Content-Type": "application/json"}


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)


@given(st.dictionaries(st.text(), JSON))
def test_an_object_is_read_as_it_was_written_unless_it_cannot_be_stored(value):
    written = json.dumps(value)
    if all(storable(one) for one in texts(value)):
        assert strict_json(written) == value
    else:
        with pytest.raises(BodyMalformed):
            strict_json(written)


@given(st.text(max_size=60) | st.text('[]{}":,truefalsn0123456789.eE+-\\ \n', max_size=60))
@example("")
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example('{"a": NaN}')
@example('{"a": -Infinity}')
@example('{"a": ' + "9" * 10_000 + "}")
@example('{"a": "\\ud800"}')
@example('{"\\u0000": 1}')
@example("\ufeff{}")
def test_any_text_is_read_or_refused_as_malformed(text):
    try:
        assert isinstance(strict_json(text), dict)
    except BodyMalformed as error:
        assert error.status == 400  # noqa: PT017 - either outcome is right; it must be one of them


def bodies(ada, body, *, headers=TYPE, encoded=False):
    sent = {"Authorization": f"Bearer {ada.key}", **headers}
    return ada.send(http_event("POST", "/index", headers=sent, body=body, encoded=encoded))


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "null",
        "[]",
        '[{"repository": "a/b"}]',
        '"a/b"',
        "7",
        '{"repository": "a/b", "repository": "c/d"}',
        '{"repository": "a/b", "x": {"y": 1, "y": 2}}',
        '{"repository": "a/b\\u0000"}',
        '{"repository": "a/b", "ref": "\\ud800"}',
        '{"repository": "a/b", "x": ' + "[" * 21 + "]" * 21 + "}",
        '{"repository": "a/b", "x": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"repository": NaN}',
        "{'repository': 'a/b'}",
        '{"repository": "a/b"} trailing',
        b"\xff\xfe{}",
        b'{"repository": "\xed\xa0\x80"}',
        " ",
    ],
)
def test_a_body_that_is_no_single_json_object_is_a_400_and_writes_nothing(
    ada, migrated_database, body
):
    for encoded in (False, True):
        answer = bodies(ada, body, encoded=encoded)
        assert (answer.status, answer.code) == (400, "body_malformed")
    assert migrated_database.value("SELECT count(*) FROM kotadb.repositories") == 0


@pytest.mark.parametrize("body", [None, ""])
def test_a_missing_body_is_told_as_a_missing_field(ada, body):
    answer = bodies(ada, body)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.json["details"][0]["field"].startswith("body")


def test_a_value_that_is_none_of_those_there_are_is_told_which_those_are(ada):
    answer = ada.get("/symbols", name="x", kind="clas")
    (told,) = answer.json["details"]
    assert told["field"] == "query.kind"
    assert told["problem"].startswith("it must be one of function, class, ")


def test_base64_that_is_none_is_refused(ada):
    event = http_event(
        "POST", "/index", headers={"Authorization": f"Bearer {ada.key}", **TYPE}, body="{}"
    )
    for written in ("!!!", "e30", "e30=e30=", "ü"):
        answer = ada.send({**event, "body": written, "isBase64Encoded": True})
        assert (answer.status, answer.code) == (400, "body_malformed")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "",
    ],
)
def test_a_body_of_another_type_is_a_415(ada, media_type):
    answer = bodies(ada, '{"repository": "a/b"}', headers={"Content-Type": media_type})
    assert (answer.status, answer.code) == (415, "content_type_unsupported")


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_json_is_known_by_its_type_however_it_is_written(ada, media_type):
    assert bodies(ada, '{"repository": "a/b"}', headers={"Content-Type": media_type}).status == 202


def sized(size: int) -> bytes:
    frame = b'{"repository": ""}'
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]


@pytest.mark.parametrize(
    ("size", "status"),
    [
        (LARGEST_BODY_BYTES, 422),
        (LARGEST_BODY_BYTES + 1, 413),
        (LARGEST_BODY_BYTES * 3, 413),
    ],
)
def test_the_size_of_a_body_is_bounded_after_decoding(ada, size, status):
    body = sized(size)
    assert len(body) == size
    assert [bodies(ada, one).status for one in (body, body.decode())] == [status, status]


def test_size_counts_bytes_and_not_characters(ada):
    body = '{"repository": "' + "ü" * (LARGEST_BODY_BYTES // 2) + '"}'
    assert len(body) < LARGEST_BODY_BYTES
    assert bodies(ada, body).status == 413


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("abc-123_4.5", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("", False),
        ("two words", False),
        ("semi;colon", False),
        ("line\nbreak", False),
        ("\u0661", False),
    ],
)
def test_a_sane_request_id_is_kept_and_any_other_replaced(stranger, sent, kept):
    answer = stranger.request("GET", "/nowhere", headers={"X-Request-Id": sent})
    told = answer.headers["x-request-id"]
    assert (told == sent) is kept
    assert answer.json["request_id"] == told


def test_without_any_id_a_request_gets_a_new_one():
    assert request_id_of({}, None) != request_id_of({}, None)


@pytest.mark.parametrize("event", [{}, {"requestContext": {}}, {"action": "migrate"}, None, []])
def test_an_event_that_is_no_request_is_told_so(stranger, event):
    answer = stranger.send(event)
    assert (answer.status, answer.code) == (400, "not_an_api_request")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/jobs", {"stauts": "failed"}),
        ("/jobs/x", {"verbose": "1"}),
        ("/symbols", {"name": "a\0b"}),
        ("/symbols", {"name": "a", "path": "\0"}),
        ("/repositories", {"offset": "1"}),
        ("/dependencies", {"repository": "a/b", "path": "x", "deep": "1"}),
    ],
)
def test_a_parameter_that_a_route_does_not_know_or_no_text_may_hold_is_refused(ada, path, query):
    answer = ada.get(path, **query)
    assert (answer.status, answer.code) == (422, "parameter_invalid")


def test_a_comma_belongs_to_a_parameter_and_two_of_one_name_are_refused(ada, environment):
    """The gateway joins what comes twice by a comma, so only the raw query tells the two apart."""
    environment.set(ALLOW_LOCAL_REPOSITORIES="true")
    ada.post("/index", {"repository": "/srv/a,b"})
    (found,) = ada.get("/repositories").json["repositories"]
    assert "," in found["repository"]
    assert len(ada.get("/jobs", repository=found["repository"]).json["jobs"]) == 1
    for query in ("repository=a/b&repository=a/b", "limit=1&limit=1", "status=failed&status="):
        authorized = {"Authorization": f"Bearer {ada.key}"}
        answer = ada.send(http_event("GET", "/jobs", query=query, headers=authorized))
        assert (answer.status, answer.code) == (422, "validation_failed")


QUERIES = st.dictionaries(
    st.sampled_from(
        [
            "name",
            "prefix",
            "kind",
            "path",
            "repository",
            "ref",
            "limit",
            "cursor",
            "status",
            "depth",
            "direction",
            "x",
        ]
    ),
    st.text(max_size=30) | st.sampled_from(["ada/engine", "function", "both", "1", "-1", "MQ"]),
    max_size=5,
)
PATHS = st.sampled_from(["/jobs", "/symbols", "/repositories", "/dependencies"]) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["/jobs/", "/symbols/", "/"]),
    st.text(max_size=20),
    st.sampled_from(["", "/references", "\n"]),
)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(PATHS, QUERIES)
def test_no_question_however_malformed_is_our_fault(ada, path, query):
    answer = ada.send(
        {
            **http_event("GET", path, headers={"Authorization": f"Bearer {ada.key}"}),
            "queryStringParameters": query,
        }
    )
    assert answer.status < 500
    if answer.status >= 400:
        assert {"error", "code", "request_id"} <= set(answer.json)


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()), st.booleans())
def test_no_body_however_malformed_is_our_fault(ada, body, encoded):
    event = http_event("POST", "/index", headers={"Authorization": f"Bearer {ada.key}", **TYPE})
    written = base64.b64encode(body).decode() if encoded else body.decode("latin-1")
    answer = ada.send({**event, "body": written, "isBase64Encoded": encoded})
    assert 400 <= answer.status < 500
    assert {"error", "code", "request_id"} <= set(answer.json)
