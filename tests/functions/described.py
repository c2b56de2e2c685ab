"""Every answer that a test gets, held to the description of its route."""

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.contract.project import ROOT

DESCRIPTION = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
# Longer patterns last: a word that a path has for itself comes before the id beside it.
OPERATIONS = [
    (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path)), operation)
    for path, item in sorted(DESCRIPTION["paths"].items(), key=lambda one: "{" in one[0])
    for method, operation in item.items()
]
# What is said of an event that is no request, or leads past every route.
OF_NO_ROUTE = {"method_not_allowed", "not_an_api_request", "route_not_found"}
# HTTP's own, and what keeps browsers in check.
UNTOLD = {
    "cache-control",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
}


def operation_at(event: Any) -> Mapping[str, Any] | None:
    """What the description says of the route that an event is for; None: it is for none."""
    try:
        method, path = event["requestContext"]["http"]["method"].upper(), event["rawPath"]
        return next(
            operation
            for one, pattern, operation in OPERATIONS
            if one == method and pattern.fullmatch(path)
        )
    except (AttributeError, KeyError, StopIteration, TypeError):
        return None


def hold_to_description(
    operation: Mapping[str, Any], status: int, headers: Mapping[str, str], text: str
) -> None:
    """Fail where an answer is none of those that its route is said to give."""
    code = json.loads(text).get("code") if status >= 400 else None
    if code in OF_NO_ROUTE:
        return
    name = operation["operationId"]
    assert str(status) in operation["responses"], f"{name} gives a {status} that nobody told of"
    told = operation["responses"][str(status)]
    if code is not None:
        codes = told["content"]["application/json"]["schema"]["properties"]["code"]["enum"]
        assert code in codes, f"{name} gives a {status} with {code}"
    undescribed = set(headers) - {one.lower() for one in told["headers"]} - UNTOLD
    assert not undescribed, f"{name} gives a {status} with {sorted(undescribed)}"
