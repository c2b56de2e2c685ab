"""The one operation of the Lambda service that deployed code calls: Invoke.

Whoever may invoke a function may do all that it can, and any page in a browser can post to a
loopback port. So the caller must sign with the access key of this run, which is random and known
to the functions only; its presence is checked, not the signature.
"""

from __future__ import annotations

import hmac
import json
import re
from typing import TYPE_CHECKING, Any

from kotadb_local.gateway import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kotadb_local.functions import Function

PREFIX = "/2015-03-31/functions/"
MAX_ASYNC_BYTES = 1024 * 1024
_PATH = re.compile(PREFIX + r"(?P<function>[^/]+)/invocations/?")
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/")
_ARN = re.compile(r"arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:([\w-]+)(:[\w$-]+)?")


class InvokeApi:
    """Answers Invoke for the functions of this run."""

    def __init__(self, functions: Mapping[str, Function], *, access_key_id: str) -> None:
        self._functions = functions
        self._access_key_id = access_key_id

    def answer(self, request: Request) -> Response:
        """Invoke the function that the path names, as its invocation type says."""
        if refusal := self._refusal(request):
            return refusal
        found = _PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            return _error(404, "UnknownOperationException", "No such operation")
        name = _name(found["function"])
        function = self._functions.get(name)
        if function is None:
            return _error(404, "ResourceNotFoundException", f"Function not found: {name}")
        try:
            event = json.loads(request.body or b"{}")
        except (ValueError, RecursionError):
            return _error(400, "InvalidRequestContentException", "Could not parse request body")
        return _invoke(function, event, request)

    def _refusal(self, request: Request) -> Response | None:
        found = _CREDENTIAL.match(request.header("authorization"))
        if found is None:
            return _error(
                403, "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        if not hmac.compare_digest(found[1].encode(), self._access_key_id.encode()):
            return _error(403, "UnrecognizedClientException", "The security token is invalid.")
        return None


def _invoke(function: Function, event: Any, request: Request) -> Response:  # noqa: ANN401 - any JSON value
    match request.header("x-amz-invocation-type") or "RequestResponse":
        case "DryRun":
            return Response(status=204, headers=(), body=b"")
        case "Event":
            if len(request.body) > MAX_ASYNC_BYTES:
                return _error(413, "RequestTooLargeException", "The event is too large")
            request_id = function.invoke_async(event)
            return Response(status=202, headers=(("x-amzn-requestid", request_id),), body=b"")
        case "RequestResponse":
            outcome = function.invoke(event).result()
            headers = [
                ("content-type", "application/json"),
                ("x-amz-executed-version", "$LATEST"),
                ("x-amzn-requestid", outcome.request_id),
            ]
            if outcome.failed:
                headers.append(("x-amz-function-error", "Unhandled"))
            return Response(status=200, headers=tuple(headers), body=outcome.payload)
        case other:
            return _error(400, "InvalidParameterValueException", f"No invocation type {other!r}")


def _name(function: str) -> str:
    arn = _ARN.fullmatch(function)
    return arn[1] if arn else function.partition(":")[0]


def _error(status: int, kind: str, message: str) -> Response:
    return Response.of_json(status, {"Type": "User", "message": message}, x_amzn_errortype=kind)
