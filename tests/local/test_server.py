"""The local server over real sockets, in front of functions in real processes."""

import itertools
import json
import os
import socket
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.support.waiting import PATIENCE, eventually

from kotadb_local.invoke_api import InvokeApi
from kotadb_local.refusals import MAX_OPEN
from kotadb_local.server import Limits, LocalServer, PortTaken, bind

MEBIBYTE = 1024 * 1024

KEY = "LOCALKEY"


@pytest.fixture
def serve(function, log):
    """Starts servers over the stub functions, and stops them at the end."""
    started = []

    def serve(*, timeout=20.0, **limits):
        functions = {
            "kotadb-api": function("api", name="kotadb-api", timeout=timeout),
            "kotadb-admin": function("admin", name="kotadb-admin", concurrency=1),
            "kotadb-act": function("act", name="kotadb-act"),
        }
        server = LocalServer(
            listening=bind("127.0.0.1", 0),
            api=functions["kotadb-api"],
            admin=functions["kotadb-admin"],
            invoke_api=InvokeApi(functions, access_key_id=KEY),
            log=log,
            limits=Limits(**limits),
        )
        server.start()
        started.append(server)
        return server

    yield serve
    for server in started:
        server.stop()


@pytest.fixture
def client(serve):
    with httpx.Client(base_url=serve().url, timeout=PATIENCE) as client:
        yield client


def answer(client, value):
    return client.post("/answer", json=value)


def raw(server, *parts, until_closed=True):
    """What the server says to bytes as they are."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        for part in parts:
            connection.sendall(part)
        if until_closed:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def test_a_request_reaches_the_api_function_and_its_answer_comes_back(client):
    got = client.get("/jobs/7", params={"a": "1"}, headers={"X-One": "1"})
    event = got.json()
    assert got.status_code == 200
    assert (event["rawPath"], event["rawQueryString"]) == ("/jobs/7", "a=1")
    assert event["headers"]["x-one"] == "1"
    assert event["requestContext"]["requestId"] == got.headers["apigw-requestid"]


@pytest.mark.parametrize(
    ("path", "admin"),
    [
        ("/admin", True),
        ("/admin/jobs/failed", True),
        ("/administrator", False),
        ("/x/admin", False),
    ],
)
def test_admin_paths_go_to_the_admin_function_and_only_they(client, path, admin):
    assert ("admin" in client.get(path).json()) is admin


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
)
def test_every_method_passes(client, method):
    made = client.request(method, "/x").json()
    assert made["requestContext"]["http"]["method"] == method


def test_head_has_the_headers_of_an_answer_and_no_body(client):
    got = client.head("/x")
    assert got.status_code == 200
    assert int(got.headers["content-length"]) > 0
    assert got.content == b""


def test_an_answer_without_content_has_none(client):
    got = answer(client, {"statusCode": 204, "body": "ignored"})
    assert (got.status_code, got.content) == (204, b"")
    assert client.get("/x").status_code == 200


def test_a_binary_answer_and_cookies_arrive_as_they_were(client):
    got = answer(
        client,
        {
            "statusCode": 200,
            "headers": {"content-type": "image/png"},
            "cookies": ["a=1", "b=2"],
            "body": "AP8=",
            "isBase64Encoded": True,
        },
    )
    assert got.content == b"\x00\xff"
    assert got.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_one_connection_carries_many_requests(serve):
    request = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
    assert raw(serve(), request, request, request).count(b"HTTP/1.1 200 OK\r\n") == 3


def test_a_chunked_body_is_put_together(client):
    event = client.post(
        "/x", content=iter([b'{"a":', b"1}"]), headers={"content-type": "application/json"}
    ).json()
    assert event["body"] == '{"a":1}'


def test_requests_at_one_time_are_answered_at_one_time(serve, tmp_path):
    server = serve()
    go = tmp_path / "go"

    def wait(number):
        event = {"do": "wait_for", "mark": str(tmp_path / f"busy-{number}"), "until": str(go)}
        return httpx.post(f"{server.url}/slow", json=event, timeout=PATIENCE).status_code

    with ThreadPoolExecutor(3) as threads:
        answers = [threads.submit(wait, number) for number in range(3)]
        eventually(lambda: len(list(tmp_path.glob("busy-*"))) == 2)
        go.touch()
        assert [one.result(PATIENCE) for one in answers] == [200, 200, 200]


@pytest.mark.parametrize(
    "deed", [{"do": "raise"}, {"do": "exit"}, {"do": "kill"}, {"do": "unserialisable"}]
)
def test_a_function_that_fails_is_a_500_and_the_next_request_works(client, deed):
    got = client.post("/slow", json=deed)
    assert (got.status_code, got.json()) == (500, {"message": "Internal Server Error"})
    assert client.get("/x").status_code == 200


def test_a_function_that_is_killed_for_its_time_is_a_500(serve, tmp_path):
    server = serve(timeout=0.3)
    got = httpx.post(f"{server.url}/slow", json={"do": "hang", "mark": str(tmp_path / "m")})
    assert got.status_code == 500


def test_a_function_slower_than_the_gateway_is_a_503(serve, tmp_path):
    server = serve(integration_seconds=0.3)
    event = {"do": "wait_for", "mark": str(tmp_path / "m"), "until": str(tmp_path / "go")}
    got = httpx.post(f"{server.url}/slow", json=event, timeout=PATIENCE)
    assert (got.status_code, got.json()) == (503, {"message": "Service Unavailable"})
    (tmp_path / "go").touch()


@pytest.mark.parametrize("answered", [{"statusCode": "x"}, {"statusCode": 200, "headers": 1}])
def test_an_answer_that_is_no_response_is_a_500(client, answered):
    assert answer(client, answered).status_code == 500


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"NONSENSE / HTTP/1.1\r\n\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (
            b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
    ],
)
def test_malformed_http_is_refused_as_json_and_the_server_lives_on(serve, request_bytes, status):
    server = serve()
    said = raw(server, request_bytes)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert "message" in json.loads(body)
    assert httpx.get(f"{server.url}/x").status_code == 200


def test_a_client_that_leaves_in_the_middle_harms_nobody(serve):
    server = serve()
    assert raw(server, b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc") == b""
    assert httpx.get(f"{server.url}/x").status_code == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 10485761\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 10485761\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA00001\r\n",
    ],
)
def test_a_body_over_10_mb_is_a_413_before_it_is_read(serve, request_bytes):
    assert raw(serve(), request_bytes).startswith(b"HTTP/1.1 413 ")


def test_a_large_body_below_the_limit_passes_whole(client):
    body = os.urandom(1024) * 4096
    event = client.post("/x", content=body).json()
    assert len(event["body"]) == 4 * -(-len(body) // 3)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'"' * (3 * MEBIBYTE)),
        ("application/json", b"\xff" + b"x" * (5 * MEBIBYTE)),
        ("application/octet-stream", b"x" * (5 * MEBIBYTE)),
        ("text/plain", b"x" * (6 * MEBIBYTE)),
    ],
    ids=["escaped", "no text", "base64", "large"],
)
def test_a_body_that_lambda_would_not_take_in_its_event_is_a_413(client, kind, body):
    answer = client.post("/x", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 413
    assert "6291456 bytes" in answer.json()["message"]
    # The connection is good for the next request.
    assert client.post("/x", content=b"{}").status_code == 200


def test_a_text_just_below_the_limit_of_the_event_passes_whole(client):
    body = "x" * (6 * MEBIBYTE - 16_384)
    event = client.post("/x", content=body.encode(), headers={"Content-Type": "text/plain"}).json()
    assert event["body"] == body


def test_a_client_that_asks_first_is_told_to_go_on(serve):
    said = raw(
        serve(),
        b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n"
        b"Expect: 100-continue\r\nConnection: close\r\n\r\n",
        b"ok",
    )
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert b'"body": "ok"' in said


def test_the_absolute_form_of_a_target_is_understood(serve):
    said = raw(serve(), b"GET http://elsewhere/x?a=1 HTTP/1.1\r\nConnection: close\r\n\r\n")
    event = json.loads(said.partition(b"\r\n\r\n")[2])
    assert (event["rawPath"], event["rawQueryString"]) == ("/x", "a=1")


def refused(log):
    return [one["refused"] for one in log.events("connections refused")]


def test_connections_over_the_limit_are_answered_with_503_and_the_others_served(serve, log):
    server = serve(connections=1)
    with httpx.Client(base_url=server.url) as first:
        assert first.get("/x").status_code == 200
        answered = httpx.post(f"{server.url}/x", content=b"x" * MEBIBYTE)
        assert answered.status_code == 503
        assert answered.json() == {"message": "Service Unavailable"}
        assert answered.headers["connection"] == "close"
        assert answered.headers["apigw-requestid"]
        assert first.get("/x").status_code == 200
    eventually(lambda: refused(log) == [1])
    assert log.events("connections refused")[0]["level"] == "WARNING"
    assert log.events("connections refused")[0]["limit"] == 1


def test_a_crowd_over_the_limit_is_told_and_logged_in_a_few_lines(serve, log):
    server, crowd = serve(connections=1), 40
    with httpx.Client(base_url=server.url) as first, ThreadPoolExecutor(crowd) as threads:
        assert first.get("/x").status_code == 200
        started = time.monotonic()
        answers = [threads.submit(httpx.get, f"{server.url}/x") for _ in range(crowd)]
        assert {one.result(PATIENCE).status_code for one in answers} == {503}
        eventually(lambda: sum(refused(log)) == crowd)
        assert len(refused(log)) <= 2 + (time.monotonic() - started)


def test_clients_over_the_limit_that_say_nothing_hold_nobody_up(serve):
    server = serve(connections=1, refusal_seconds=PATIENCE)
    with httpx.Client(base_url=server.url) as first, ExitStack() as silent:
        assert first.get("/x").status_code == 200
        lines = [
            silent.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            for _ in range(MAX_OPEN + 1)
        ]
        assert httpx.get(f"{server.url}/x", timeout=PATIENCE).status_code == 503
        assert first.get("/x").status_code == 200
        assert lines[0].recv(65536).startswith(b"HTTP/1.1 503 ")
        assert lines[0].recv(1) == b""


@pytest.mark.parametrize("sent", [b"", b"GET /x HTTP/1.1\r\n"])
def test_a_client_over_the_limit_is_answered_and_closed_whatever_it_sends(serve, sent):
    server = serve(connections=1, refusal_seconds=0.1)
    with httpx.Client(base_url=server.url) as first:
        assert first.get("/x").status_code == 200
        answered = raw(server, sent, until_closed=False)
        assert answered.startswith(b"HTTP/1.1 503 ")
        assert answered.endswith(b'{"message": "Service Unavailable"}')


def test_a_client_over_the_limit_that_never_ends_is_closed(serve):
    server = serve(connections=1, refusal_seconds=0.1)
    with httpx.Client(base_url=server.url) as first:
        assert first.get("/x").status_code == 200
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as endless:
            pieces = itertools.repeat(b"x" * MEBIBYTE)
            with pytest.raises(ConnectionError):
                deque(map(endless.sendall, pieces), maxlen=0)


def test_an_idle_connection_is_closed_after_a_while(serve):
    assert raw(serve(idle_seconds=0.1), b"GET /x HTTP/1.1\r\n", until_closed=False) == b""


def test_stopping_lets_an_open_request_end_and_closes_idle_connections(serve, tmp_path):
    server = serve()
    mark, go = tmp_path / "busy", tmp_path / "go"
    with ThreadPoolExecutor(1) as threads, httpx.Client(base_url=server.url) as idle:
        assert idle.get("/x").status_code == 200
        event = {"do": "wait_for", "mark": str(mark), "until": str(go)}
        answered = threads.submit(httpx.post, f"{server.url}/slow", json=event, timeout=PATIENCE)
        eventually(mark.exists)
        stopping = threading.Thread(target=server.stop, kwargs={"grace_seconds": PATIENCE})
        stopping.start()
        go.touch()
        assert answered.result(PATIENCE).status_code == 200
        stopping.join(PATIENCE)
        with pytest.raises(httpx.TransportError):
            idle.get("/x")


def refuses(port):
    """Whether nothing listens there any more."""
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except ConnectionError:  # refused, or reset while the socket was being closed
        return True
    return False


def test_stopping_lets_a_response_be_written_to_its_end_and_says_that_it_is_the_last(
    serve, tmp_path
):
    server = serve()
    mark, go = tmp_path / "busy", tmp_path / "go"
    # More than the sockets of both ends hold: the last of it is written as the client reads.
    size = 5 * MEBIBYTE
    body = json.dumps(
        {"do": "wait_for", "mark": str(mark), "until": str(go), "size": size}
    ).encode()
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(PATIENCE)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(b"POST /slow HTTP/1.1\r\ncontent-type: application/json\r\n")
        slow.sendall(b"content-length: %d\r\n\r\n%b" % (len(body), body))
        eventually(mark.exists)
        stopping = threading.Thread(target=server.stop, kwargs={"grace_seconds": PATIENCE})
        stopping.start()
        eventually(lambda: refuses(server.port))
        go.touch()
        received = bytearray(slow.recv(1))
        stopping.join(0.2)
        assert stopping.is_alive()
        while part := slow.recv(65536):
            received += part
        stopping.join(PATIENCE)
    head, _, content = bytes(received).partition(b"\r\n\r\n")
    assert b"\r\nconnection: close" in head
    assert len(content) == size


def test_a_port_in_use_is_named():
    with bind("127.0.0.1", 0) as taken, pytest.raises(PortTaken, match="in use"):
        bind("127.0.0.1", taken.getsockname()[1])


def lambda_client(server, *, key=KEY):
    return boto3.client(
        "lambda",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_boto3_invokes_a_function_and_reads_its_answer(serve):
    answered = lambda_client(serve()).invoke(
        FunctionName="kotadb-admin", Payload=json.dumps({"rawPath": "/p"})
    )
    assert answered["StatusCode"] == 200
    assert "FunctionError" not in answered
    assert json.loads(answered["Payload"].read())["body"] == '{"admin": "/p"}'


def test_boto3_sees_that_a_function_failed(serve):
    arn = "arn:aws:lambda:us-east-1:000000000000:function:kotadb-act"
    answered = lambda_client(serve()).invoke(FunctionName=arn, Payload='{"do": "raise"}')
    assert answered["FunctionError"] == "Unhandled"
    assert json.loads(answered["Payload"].read())["errorType"] == "ValueError"


def test_boto3_invokes_a_function_without_waiting_for_it(serve, tmp_path):
    mark, go = tmp_path / "busy", tmp_path / "go"
    event = {"do": "wait_for", "mark": str(mark), "until": str(go)}
    answered = lambda_client(serve()).invoke(
        FunctionName="kotadb-act", InvocationType="Event", Payload=json.dumps(event)
    )
    assert answered["StatusCode"] == 202
    eventually(mark.exists)
    go.touch()


def test_a_dry_run_invokes_nothing(serve, tmp_path):
    event = {"do": "wait_for", "mark": str(tmp_path / "ran"), "until": str(tmp_path)}
    answered = lambda_client(serve()).invoke(
        FunctionName="kotadb-act", InvocationType="DryRun", Payload=json.dumps(event)
    )
    assert answered["StatusCode"] == 204
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"FunctionName": "no-such-function"}, "ResourceNotFoundException"),
        ({"FunctionName": "kotadb-act", "Payload": "{"}, "InvalidRequestContentException"),
        (
            {
                "FunctionName": "kotadb-act",
                "InvocationType": "Event",
                "Payload": json.dumps("x" * 1_100_000),
            },
            "RequestTooLargeException",
        ),
    ],
)
def test_boto3_gets_the_errors_that_lambda_would_give(serve, call, code):
    with pytest.raises(ClientError) as raised:
        lambda_client(serve()).invoke(**call)
    assert raised.value.response["Error"]["Code"] == code


def test_nobody_invokes_without_the_key_of_this_run(serve):
    server = serve()
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        lambda_client(server, key="GUESSED").invoke(FunctionName="kotadb-admin")
    unsigned = httpx.post(f"{server.url}/2015-03-31/functions/kotadb-admin/invocations")
    assert unsigned.status_code == 403
