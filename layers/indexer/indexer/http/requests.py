"""What a request must be before any route sees it: its id, its body, its parameters.

API Gateway hands bodies over as text or as base64, so they are decoded first and judged then.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from indexer.database.texts import storable
from indexer.errors import Refused

LARGEST_BODY_BYTES = 256 * 1024
# What Lambda takes for one invocation that is waited for. The body stands in it as text, in which a
# quotation mark takes two bytes, or as base64. API Gateway itself would take 10 MB.
LARGEST_EVENT_BYTES = 6 * 1024 * 1024
DEEPEST_JSON = 20

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_NOT_UTF_8 = "The body is not text in UTF-8."
_JSON_MEDIA_TYPE = re.compile(
    r"application/json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.ASCII | re.IGNORECASE
)


class BodyTooLarge(Refused):
    """The body is larger than the route takes: 256 kB, or of a webhook 6 MB of its event."""

    code = "body_too_large"
    status: ClassVar[int] = 413

    def __init__(self, largest: int = LARGEST_BODY_BYTES) -> None:
        super().__init__(f"A body holds at most {largest} bytes.")


class ContentTypeUnsupported(Refused):
    """The body is not declared as JSON in UTF-8."""

    code = "content_type_unsupported"
    status: ClassVar[int] = 415

    def __init__(self) -> None:
        super().__init__("Send the body as Content-Type: application/json, in UTF-8.")


class BodyMalformed(Refused):
    """The body cannot be read as one JSON object: its syntax, a duplicate key, its depth."""

    code = "body_malformed"
    status: ClassVar[int] = 400


class ParameterInvalid(Refused):
    """A query parameter is unknown to the route, or holds what no text may hold."""

    code = "parameter_invalid"
    status: ClassVar[int] = 422


def request_id_of(headers: Mapping[str, str], context: object) -> str:
    """The caller's X-Request-Id if it is sane, else the invocation's own id, else a new one."""
    for candidate in (headers.get("x-request-id"), getattr(context, "aws_request_id", None)):
        if isinstance(candidate, str) and _SANE_REQUEST_ID.fullmatch(candidate):
            return candidate
    return str(uuid4())


def with_plain_body(event: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """The event with its body as text, and its type as the resolver knows it.

    Raises:
        BodyTooLarge, BodyMalformed, ContentTypeUnsupported: its size, encoding or type.
    """
    body = _decoded(event.get("body") or "", encoded=bool(event.get("isBase64Encoded")))
    if body and not _JSON_MEDIA_TYPE.fullmatch(headers.get("content-type", "").strip()):
        raise ContentTypeUnsupported
    return {
        **event,
        "headers": {**headers, "content-type": "application/json"},
        "body": body,
        "isBase64Encoded": False,
    }


def raw_body_of(event: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    """The very bytes that were sent, for a route that takes them as they are.

    Raises:
        BodyTooLarge, BodyMalformed, ContentTypeUnsupported: its size, encoding or type.
    """
    body = event.get("body") or ""
    raw = _raw(body, encoded=bool(event.get("isBase64Encoded")), largest=LARGEST_EVENT_BYTES)
    if raw and not _JSON_MEDIA_TYPE.fullmatch(headers.get("content-type", "").strip()):
        raise ContentTypeUnsupported
    return raw


def strict_json(text: str) -> dict[str, Any]:
    """The one object that a body holds.

    Raises:
        BodyMalformed: not JSON, not an object, a duplicate key, too deep, or unstorable text.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BodyMalformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise BodyMalformed("The body must be a JSON object.")
    _refuse_unusable(value, depth=1)
    return value


def refuse_fields(body: str) -> None:
    """Refuse fields that a route would leave unread, as other routes refuse what they do not know.

    Raises:
        BodyMalformed: as `strict_json`.
        RequestValidationError: it has a field.
    """
    fields = strict_json(body) if body else {}
    if fields:
        raise RequestValidationError(
            [{"loc": ("body", name), "msg": "This route takes no fields"} for name in fields]
        )


def check_parameters(given: Mapping[str, str], known: Collection[str]) -> None:
    """Refuse what a route does not know: a misspelt filter would silently widen the answer.

    Raises:
        ParameterInvalid: a parameter is unknown, or its value holds what no text may hold.
    """
    for name, value in given.items():
        if name not in known:
            raise ParameterInvalid(f"This route takes: {', '.join(sorted(known)) or 'nothing'}.")
        if not storable(value):
            raise ParameterInvalid(f"The parameter {name} holds a character that no text holds.")


def _decoded(body: str, *, encoded: bool) -> str:
    try:
        return _raw(body, encoded=encoded, largest=LARGEST_BODY_BYTES).decode()
    except UnicodeDecodeError:
        raise BodyMalformed(_NOT_UTF_8) from None


def _raw(body: str, *, encoded: bool, largest: int) -> bytes:
    # Base64 takes four characters for three bytes.
    if len(body) > largest * (4 / 3 if encoded else 1) + 4:
        raise BodyTooLarge(largest)
    try:
        raw = base64.b64decode(body, validate=True) if encoded else body.encode()
    except (binascii.Error, ValueError):
        raise BodyMalformed(_NOT_UTF_8) from None
    if len(raw) > largest:
        raise BodyTooLarge(largest)
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BodyMalformed("The body names a key twice.")
    return found


def _no_constant(_name: str) -> None:
    raise BodyMalformed("The body is not JSON: NaN and Infinity are no numbers.")


def _refuse_unusable(value: Any, *, depth: int) -> None:  # noqa: ANN401 - whatever JSON holds
    if depth > DEEPEST_JSON:
        raise BodyMalformed(f"The body is nested more than {DEEPEST_JSON} deep.")
    if isinstance(value, str) and not storable(value):
        raise BodyMalformed("The body holds a character that no text holds.")
    if isinstance(value, dict):
        for name, member in value.items():
            _refuse_unusable(name, depth=depth)
            _refuse_unusable(member, depth=depth + 1)
    elif isinstance(value, list):
        for member in value:
            _refuse_unusable(member, depth=depth + 1)
