"""The event that API Gateway makes of a request (payload version 2.0), read once and strictly.

A function may also be invoked by hand, so nothing is taken for granted of what an event holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from indexer.database.texts import UNSTORABLE
from indexer.errors import Refused


class NotAnApiRequest(Refused):
    """The event is none that API Gateway sends (payload version 2.0)."""

    code = "not_an_api_request"
    status: ClassVar[int] = 400

    def __init__(self) -> None:
        super().__init__("This function answers HTTP requests only.")


class ApiRequest(APIGatewayProxyEventV2):
    """A request whose parameters are as they were sent: a comma in a value divides nothing."""

    @property
    def resolved_query_string_parameters(self) -> dict[str, list[str]]:
        """The values of each parameter.

        The gateway joins those of one name by commas, and tells the query as it was sent beside.
        """
        joined = self.query_string_parameters
        sent = parse_qs(self.raw_query_string, keep_blank_values=True)
        return {
            name: sent[name] if name in sent and ",".join(sent[name]) == value else value.split(",")
            for name, value in joined.items()
        }


def readable(event: object) -> dict[str, Any]:
    """The event with every part that a request has: what the gateway left out is there, empty.

    What no text may hold is in no id either, so a path with such a character may be looked up, and
    leads nowhere.

    Raises:
        NotAnApiRequest: a part is missing that every request has, or is of another type.
    """
    whole = _mapping(event)
    context = _mapping(whole.get("requestContext"))
    http = _mapping(context.get("http"))
    path = UNSTORABLE.sub("\ufffd", _text(whole.get("rawPath")))
    return {
        **whole,
        "rawPath": path,
        "rawQueryString": _text(whole.get("rawQueryString") or ""),
        "requestContext": {
            **context,
            "stage": _text(context.get("stage", "$default")),
            "http": {**http, "method": _text(http.get("method")), "path": path},
        },
        "headers": _texts(whole.get("headers")),
        "queryStringParameters": _texts(whole.get("queryStringParameters")),
        "body": _text(whole.get("body") or ""),
        "isBase64Encoded": _switch(whole.get("isBase64Encoded")),
    }


def headers_of(event: object) -> Mapping[str, str]:
    """The headers of an event, its names in lower case; none where it has no such."""
    try:
        given = _texts(_mapping(event).get("headers"))
    except NotAnApiRequest:
        return {}
    return {name.lower(): value for name, value in given.items()}


def source_address_of(event: Mapping[str, Any]) -> object:
    """The network address that the gateway saw the caller at, as it told it; None: it told none."""
    context = event.get("requestContext")
    http = context.get("http") if isinstance(context, Mapping) else None
    return http.get("sourceIp") if isinstance(http, Mapping) else None


def _mapping(value: object) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise NotAnApiRequest


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise NotAnApiRequest


def _texts(value: object) -> dict[str, str]:
    given = _mapping({} if value is None else value)
    return {_text(name): _text(one) for name, one in given.items()}


def _switch(value: object) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise NotAnApiRequest
