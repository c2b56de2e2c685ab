"""The OpenAPI description, generated from the routes."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from indexer import __version__

# What the generator adds for errors of a shape that no answer here has.
_FOREIGN_SCHEMAS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")

_ABOUT = """\
Code intelligence on your own Postgres: index a Git repository, ask where things are defined, used
and imported.

Every error has the shape of `ProblemBody`. Every answer carries `X-Request-Id`; one that you send
(`[A-Za-z0-9._-]`, at most 128 characters) is kept. Answers to a known key carry
`X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (unix seconds).

What belongs to another tenant is answered exactly as what does not exist: the same 404.
"""
_REQUEST_ID = {
    "description": "The id of this request; the worker's logs show it too.",
    "schema": {"type": "string"},
}
_QUOTA = {
    "X-RateLimit-Limit": "Requests an hour.",
    "X-RateLimit-Remaining": "Requests left in this hour.",
    "X-RateLimit-Reset": "When the next hour begins, in unix seconds.",
}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
_WAITING_STATUSES = {"429", "503"}
_STRANGERS_STATUS = "401"
_STATUS_WITHOUT_BODY = "204"


@cache
def describe(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """The description of every route of `app`."""
    written: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title="KotaDB",
            version=__version__,
            description=_ABOUT,
            security_schemes={
                "apiKey": HTTPBearer(
                    description="An API key: kota_<tier>_<key id>_<secret>.",
                    bearerFormat="kota_<tier>_<key id>_<secret>",
                )
            },
        )
    )
    for operations in written["paths"].values():
        for operation in operations.values():
            operation["responses"] = _own_responses(operation)
    for name in _FOREIGN_SCHEMAS:
        written["components"]["schemas"].pop(name, None)
    return written


def write_description(app: APIGatewayHttpResolver) -> str:
    """The description as the text of a file."""
    return json.dumps(describe(app), indent=2, sort_keys=True) + "\n"


def _own_responses(operation: dict[str, Any]) -> dict[str, Any]:
    protected = bool(operation.get("security"))
    return {
        status: {**_answered(status, response), "headers": _headers(status, protected=protected)}
        for status, response in operation["responses"].items()
        if not _is_foreign(response)
    }


def _answered(status: str, response: dict[str, Any]) -> dict[str, Any]:
    # The generator describes a body of null where there is none.
    if status == _STATUS_WITHOUT_BODY:
        return {name: told for name, told in response.items() if name != "content"}
    return response


def _is_foreign(response: dict[str, Any]) -> bool:
    return any(name in json.dumps(response) for name in _FOREIGN_SCHEMAS)


def _headers(status: str, *, protected: bool) -> dict[str, Any]:
    headers: dict[str, Any] = {"X-Request-Id": _REQUEST_ID}
    if protected and status != _STRANGERS_STATUS:
        headers |= {
            name: {"description": told, "schema": {"type": "integer"}}
            for name, told in _QUOTA.items()
        }
    if status in _WAITING_STATUSES:
        headers["Retry-After"] = _RETRY_AFTER
    return headers
