"""API Gateway for the tests: requests become events of payload version 2.0, answers are checked."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from uuid import uuid4

from tests.functions.described import hold_to_description, operation_at

from indexer.database.target import Target


@dataclass(frozen=True)
class Invocation:
    """As much of Lambda's context as a function sees."""

    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    function_name: str = "api"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:api"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


@dataclass(frozen=True)
class Answer:
    """An answer as a client gets it; header names are in lower case.

    `seconds` are those on the clock, `cpu_seconds` those of the thread that answered.
    """

    status: int
    headers: dict[str, str]
    text: str
    seconds: float
    cpu_seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return self.json["code"]


def http_event(
    method: str,
    path: str,
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    encoded: bool = False,
) -> dict[str, Any]:
    """The event that API Gateway makes of a request. Bytes, and `encoded`, go as base64."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "abc.execute-api.eu-central-1.amazonaws.com",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000",
            "timeEpoch": 1583348638390,
        },
        "isBase64Encoded": False,
    }
    if parameters:
        event["queryStringParameters"] = parameters
    if body is not None:
        raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        as_bytes = encoded or isinstance(body, bytes)
        event["body"] = base64.b64encode(raw).decode() if as_bytes else body
        event["isBase64Encoded"] = as_bytes
    return event


@dataclass(frozen=True)
class Gateway:
    """A client of one function, with the key that it sends."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    key: str | None = None

    def with_key(self, key: str | None) -> "Gateway":
        return Gateway(self.handler, key)

    def send(self, event: dict[str, Any]) -> Answer:
        began, worked = time.perf_counter(), time.thread_time()
        raw = self.handler(event, Invocation())
        seconds, cpu_seconds = time.perf_counter() - began, time.thread_time() - worked
        raw = json.loads(json.dumps(raw))
        text = raw.get("body") or ""
        if raw.get("isBase64Encoded"):
            text = base64.b64decode(text).decode()
        headers = {name.lower(): value for name, value in raw["headers"].items()}
        answer = Answer(raw["statusCode"], headers, text, seconds, cpu_seconds)
        if operation := operation_at(event):
            hold_to_description(operation, answer.status, answer.headers, answer.text)
        return answer

    def request(
        self,
        method: str,
        path: str,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: Any = None,
        body: str | bytes | None = None,
        **query: object,
    ) -> Answer:
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if json_body is not None:
            body = json.dumps(json_body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        written = urlencode(
            {name: value for name, value in query.items() if value is not None}, doseq=True
        )
        return self.send(http_event(method, path, query=written, headers=sent, body=body))

    def get(self, path: str, /, **query: object) -> Answer:
        return self.request("GET", path, **query)

    def post(self, path: str, /, json_body: Any = None, **more: Any) -> Answer:
        return self.request("POST", path, json_body=json_body, **more)


def url_of(target: Target) -> str:
    """The connection string of a target."""
    user, password = quote(target.user, safe=""), quote(target.password or "", safe="")
    host = "" if target.host.startswith("/") else f"{target.host}:{target.port}"
    folder = f"&host={quote(target.host, safe='')}" if target.host.startswith("/") else ""
    return (
        f"postgresql://{user}:{password}@{host or 'localhost'}/{target.dbname}"
        f"?sslmode={target.sslmode}{folder}"
    )
