"""Errors as HTTP: the one place where an answer that is no success gets its shape.

Every error that leaves a function passes through here, so this is where it is decided that what is
no business of the caller's stays inside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Protocol, runtime_checkable

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from indexer.database.failures import TransactionConflict
from indexer.errors import ConfigurationError, KotaError, Refused, ServiceUnavailable
from indexer.observability import logger

_CONFLICT_PAUSE = 1
_MOST_DETAILS = 20
_LONGEST_FIELD = 100
# Stands before the text of each ValueError that a check of ours raises.
_PYDANTIC_PREFIX = "Value error, "


class RouteNotFound(Refused):
    """There is no such route."""

    code = "route_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no such route; GET /openapi.json describes those there are.")


class MethodNotAllowed(Refused):
    """The route exists, but not for this method; Allow names those it has."""

    code = "method_not_allowed"
    status: ClassVar[int] = 405

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("The route does not have this method.")
        self.headers = {"Allow": ", ".join(allowed)}


class ValidationFailed(Refused):
    """A field or parameter is missing, unknown, or not of its type; details name it."""

    code = "validation_failed"
    status: ClassVar[int] = 422


class InternalError(KotaError):
    """Something went wrong on our side; the log has the cause under the request id."""


@runtime_checkable
class TellsHeaders(Protocol):
    """An error whose answer has headers of its own."""

    headers: Mapping[str, str]


@runtime_checkable
class TellsDetails(Protocol):
    """An error that shows what of the request is at fault."""

    details: Sequence[Mapping[str, str | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as the caller is told of it. `details` names the fields at fault, if any."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Sequence[Mapping[str, str | int]] = ()

    def body(self, request_id: str) -> dict[str, Any]:
        """The one shape of every error."""
        told: dict[str, Any] = {
            "error": self.message,
            "code": self.code,
            "request_id": request_id,
        }
        return {**told, "details": list(self.details)} if self.details else told

    def answer(self, request_id: str) -> dict[str, Any]:
        """The problem as API Gateway takes it."""
        return {
            "statusCode": self.status,
            "headers": {"Content-Type": "application/json", **self.headers},
            "body": json.dumps(self.body(request_id)),
            "isBase64Encoded": False,
            "cookies": [],
        }


def status_of(kind: type[BaseException]) -> int:
    """The HTTP status of a class of errors."""
    if issubclass(kind, Refused):
        return kind.status
    return 503 if issubclass(kind, ServiceUnavailable | TransactionConflict) else 500


def told_code(kind: type[KotaError]) -> str:
    """The code by which a caller is told of a class of errors: of our settings none hears more."""
    return (ConfigurationError if issubclass(kind, ConfigurationError) else kind).code


def problem_of(error: BaseException) -> Problem:
    """What the caller is told of an error. Only a Refused speaks for itself."""
    if isinstance(error, RequestValidationError) and not _is_of_an_answer(error):
        return Problem(
            status=ValidationFailed.status,
            code=ValidationFailed.code,
            message="The request does not have the form that this route takes.",
            details=_details(error.errors()),
        )
    status = status_of(type(error))
    if isinstance(error, Refused):
        return Problem(
            status=status,
            code=error.code,
            message=str(error),
            headers=error.headers if isinstance(error, TellsHeaders) else {},
            details=error.details if isinstance(error, TellsDetails) else (),
        )
    pause = error.retry_after if isinstance(error, ServiceUnavailable) else _CONFLICT_PAUSE
    headers = {"Retry-After": str(pause)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if isinstance(error, ConfigurationError):
        code, message = told_code(type(error)), "The service is not configured correctly."
    elif isinstance(error, ServiceUnavailable | TransactionConflict):
        code, message = error.code, _sentence(error)
    else:
        code, message = KotaError.code, "Something went wrong on our side."
    return Problem(status=status, code=code, message=message, headers=headers)


def fault_told(fault: Mapping[str, Any]) -> str:
    """What one of pydantic's errors says of a value, without the class of the exception it was."""
    return str(fault["msg"]).removeprefix(_PYDANTIC_PREFIX)


def reported(error: BaseException) -> Problem:
    """As `problem_of`; what is our fault goes to the log with its cause."""
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        code = error.code if isinstance(error, KotaError) else problem.code
        logger.error("request failed", exc_info=error, error_code=code)
    return problem


def _sentence(error: Exception) -> str:
    # The database's errors have fixed texts that name nothing of this deployment.
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}; try again later."


def _is_of_an_answer(error: RequestValidationError) -> bool:
    # The resolver raises the same when an answer of ours breaks its own description.
    return any(one["loc"][:1] == ("response",) for one in error.errors())


def _details(errors: Sequence[dict[str, Any]]) -> list[Mapping[str, str | int]]:
    return [
        {
            "field": ".".join(str(part) for part in one["loc"])[:_LONGEST_FIELD],
            "problem": fault_told(one),
        }
        for one in errors[:_MOST_DETAILS]
    ]
