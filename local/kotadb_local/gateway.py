"""What API Gateway's HTTP API does to a request and to an answer (payload format 2.0). Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from indexer.errors import KotaError

API_ID = "local"
ACCOUNT = "000000000000"
# A body of another kind reaches the function as base64, form posts included.
TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})
# These describe one connection, and a function's answer is not one.
CONNECTION_HEADERS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"}
)
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class BadIntegrationResponse(KotaError):
    """A function answered something that the gateway cannot make an HTTP response of."""

    code = "bad_integration_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as it came in. `target` is the request line's, still percent-encoded."""

    method: str
    target: str
    protocol: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    port: int

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.target.partition("?")[0])

    def header(self, name: str) -> str:
        """The values of a header joined by a comma; empty when it is absent."""
        return ",".join(value for key, value in self.headers if key.lower() == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP response without its connection's headers."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of_json(cls, status: int, value: object, **headers: str) -> Response:
        """A JSON answer; header names are given with underscores for dashes."""
        fields = {"content_type": "application/json"} | headers
        return cls(
            status=status,
            headers=tuple((name.replace("_", "-"), text) for name, text in fields.items()),
            body=json.dumps(value).encode(),
        )


def unavailable() -> Response:
    """What the gateway says where nothing answers in time."""
    return Response.of_json(503, {"message": "Service Unavailable"})


def event_from(request: Request, *, request_id: str, now: datetime) -> dict[str, Any]:
    """The event that a function gets for a request on the route `$default`."""
    raw_query = request.target.partition("?")[2]
    now = now.astimezone(UTC)
    host = request.header("host")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": raw_query,
        "headers": _headers(request),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent"),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := _cookies(request):
        event["cookies"] = cookies
    if raw_query:
        event["queryStringParameters"] = _joined(parse_qsl(raw_query, keep_blank_values=True))
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request)
    return event


def size_of(event: dict[str, Any]) -> int:
    """The bytes of the JSON that a function is invoked with."""
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode())


def _headers(request: Request) -> dict[str, str]:
    pairs = [(name.lower(), value) for name, value in request.headers]
    forwarded = [
        ("x-forwarded-for", request.source_ip),
        ("x-forwarded-port", str(request.port)),
        ("x-forwarded-proto", "http"),
    ]
    own = {"x-forwarded-port", "x-forwarded-proto", "cookie"}
    return _joined([pair for pair in pairs if pair[0] not in own] + forwarded)


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


def _cookies(request: Request) -> list[str]:
    lines = [value for name, value in request.headers if name.lower() == "cookie"]
    return [cookie.strip() for line in lines for cookie in line.split(";") if cookie.strip()]


def _body(request: Request) -> tuple[str, bool]:
    kind = request.header("content-type").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in TEXT_TYPES:
        try:
            return request.body.decode("utf-8"), False
        except UnicodeDecodeError:
            # Not the text that it claims to be: only base64 carries it unchanged.
            return base64.b64encode(request.body).decode("ascii"), True
    return base64.b64encode(request.body).decode("ascii"), True


def response_from(payload: bytes) -> Response:
    """The HTTP response for what a function returned.

    Raises:
        BadIntegrationResponse: the gateway would answer 500 to it.
    """
    answer = json.loads(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        text = answer if isinstance(answer, str) else payload.decode("utf-8", "replace")
        return Response(
            status=200,
            headers=(("content-type", "application/json"),),
            body=text.encode("utf-8", "replace"),
        )
    return Response(
        status=_status(answer["statusCode"]),
        headers=tuple(_answer_headers(answer)),
        body=_answer_body(answer),
    )


def _status(value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[1-5][0-9][0-9]", text, re.ASCII):
        raise BadIntegrationResponse("statusCode is no HTTP status")
    return int(text)


def _answer_headers(answer: dict[str, Any]) -> list[tuple[str, str]]:
    headers = {} if answer.get("headers") is None else answer["headers"]
    cookies = [] if answer.get("cookies") is None else answer["cookies"]
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise BadIntegrationResponse("headers is no object, or cookies is no list")
    pairs = [(name.lower(), _text(value)) for name, value in headers.items()]
    pairs = [pair for pair in pairs if pair[0] not in CONNECTION_HEADERS]
    if "content-type" not in dict(pairs):
        pairs.append(("content-type", "text/plain;charset=UTF-8"))
    pairs += [("set-cookie", _text(cookie)) for cookie in cookies]
    for name, value in pairs:
        # A line end in a header would let a function's data write the rest of the response.
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise BadIntegrationResponse("a header cannot be sent")
    return pairs


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _answer_body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    text = _text(body)
    if answer.get("isBase64Encoded") is not True:
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadIntegrationResponse("the body is not the base64 that it claims to be") from None
