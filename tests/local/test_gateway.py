"""What the gateway makes of requests and of answers, case by case."""

import json
from datetime import UTC, datetime

import pytest

from kotadb_local.gateway import (
    BadIntegrationResponse,
    Request,
    event_from,
    response_from,
)

NOW = datetime(2026, 3, 12, 19, 3, 58, 390_000, tzinfo=UTC)


def event(target="/", *, method="GET", headers=(), body=b""):
    request = Request(
        method=method,
        target=target,
        protocol="HTTP/1.1",
        headers=(("Host", "127.0.0.1:8080"), *headers),
        body=body,
        source_ip="127.0.0.1",
        port=8080,
    )
    return event_from(request, request_id="id-1", now=NOW)


def response(value):
    return response_from(json.dumps(value).encode())


def test_a_request_becomes_a_payload_of_format_2():
    made = event("/jobs/7?a=1", headers=(("User-Agent", "curl/8"), ("Accept", "*/*")))
    assert made == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/jobs/7",
        "rawQueryString": "a=1",
        "headers": {
            "host": "127.0.0.1:8080",
            "user-agent": "curl/8",
            "accept": "*/*",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"a": "1"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1:8080",
            "domainPrefix": "127",
            "http": {
                "method": "GET",
                "path": "/jobs/7",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "id-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1773342238390,
        },
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("target", "path", "raw_query", "parameters"),
    [
        ("/a%20b/%C3%A4", "/a b/ä", "", None),
        ("/s?q=a+b&q=c%2Cd", "/s", "q=a+b&q=c%2Cd", {"q": "a b,c,d"}),
        ("/s?flag&empty=", "/s", "flag&empty=", {"flag": "", "empty": ""}),
        ("/s?q=%3F", "/s", "q=%3F", {"q": "?"}),
        ("/s?", "/s", "", None),
        ("/%ff", "/\ufffd", "", None),
    ],
)
def test_the_path_is_decoded_and_the_query_is_given_raw_and_decoded(
    target, path, raw_query, parameters
):
    made = event(target)
    assert made["rawPath"] == made["requestContext"]["http"]["path"] == path
    assert made["rawQueryString"] == raw_query
    assert made.get("queryStringParameters") == parameters


def test_headers_are_lower_case_and_joined_and_cookies_stand_apart():
    made = event(
        headers=(
            ("X-Several", "1"),
            ("x-several", "2"),
            ("Cookie", "a=1; b=2"),
            ("Cookie", "c=3"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-Proto", "https"),
        )
    )
    assert made["headers"]["x-several"] == "1,2"
    assert made["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in made["headers"]
    assert made["headers"]["x-forwarded-for"] == "203.0.113.9,127.0.0.1"
    assert made["headers"]["x-forwarded-proto"] == "http"


@pytest.mark.parametrize(
    ("content_type", "body", "carried", "encoded"),
    [
        ("application/json", b'{"a":1}', '{"a":1}', False),
        ("application/json; charset=utf-8", "ä".encode(), "ä", False),
        ("text/plain", b"x", "x", False),
        ("application/xml", b"<x/>", "<x/>", False),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x", True),
        ("application/octet-stream", b"\x00\xff", "AP8=", True),
        ("application/json", b"\xff", "/w==", True),
        ("", b"x", "eA==", True),
    ],
)
def test_the_content_type_decides_how_a_body_is_carried(content_type, body, carried, encoded):
    made = event(method="POST", headers=(("Content-Type", content_type),), body=body)
    assert (made["body"], made["isBase64Encoded"]) == (carried, encoded)


def test_a_request_without_a_body_has_none_in_its_event():
    assert "body" not in event()


@pytest.mark.parametrize(
    ("answer", "body"),
    [("hello", b"hello"), ({"a": 1}, b'{"a": 1}'), ([1], b"[1]"), (None, b"null"), (7, b"7")],
)
def test_an_answer_without_a_status_is_the_body_of_a_200(answer, body):
    made = response(answer)
    assert (made.status, made.headers, made.body) == (
        200,
        (("content-type", "application/json"),),
        body,
    )


def test_an_answer_with_a_status_is_sent_as_it_says():
    made = response(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "text/html", "X-Count": 3, "Connection": "close"},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": "<p>ä",
        }
    )
    assert made.status == 201
    assert made.headers == (
        ("content-type", "text/html"),
        ("x-count", "3"),
        ("set-cookie", "a=1; HttpOnly"),
        ("set-cookie", "b=2"),
    )
    assert made.body == "<p>ä".encode()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}, b"\x00\xff"),
        ({"statusCode": "200", "body": "AP8="}, b"AP8="),
        ({"statusCode": 200}, b""),
        ({"statusCode": 200, "headers": None, "cookies": None, "body": None}, b""),
        ({"statusCode": 200, "body": {"a": 1}}, b'{"a": 1}'),
    ],
)
def test_a_body_is_decoded_when_the_answer_says_so(answer, body):
    made = response(answer)
    assert (made.status, made.body) == (200, body)
    assert dict(made.headers)["content-type"] == "text/plain;charset=UTF-8"


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "ok"},
        {"statusCode": True},
        {"statusCode": 99},
        {"statusCode": 1000},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: evil=1"}},
        {"statusCode": 200, "headers": {"x y": "a"}},
        {"statusCode": 200, "headers": {"x": "\u20ac"}},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
    ],
)
def test_an_answer_that_is_no_response_is_refused(answer):
    with pytest.raises(BadIntegrationResponse):
        response(answer)
