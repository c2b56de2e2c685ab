"""Errors as HTTP: the one place where an answer that is no success gets its shape."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel, Field

from indexer.access.problems import Problem, problem_of, status_of
from indexer.access.tenants import RateLimited, Unauthenticated
from indexer.database.failures import DatabaseTimeout, DatabaseUnavailable, TransactionConflict
from indexer.errors import ConfigurationError, KotaError, Refused
from indexer.observability import logger

_MOST_DETAILS = 20
_LONGEST_FIELD = 100


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


class Unhealthy(Refused):
    """The database cannot be reached, so nothing can be served."""

    code = "database_unavailable"
    status: ClassVar[int] = 500

    def __init__(self) -> None:
        super().__init__("The database cannot be reached.")


class FieldProblem(BaseModel):
    """One field at fault."""

    field: str = Field(description="Where it stands, for example body.repository.")
    problem: str = Field(description="What is wrong with it.")


class ProblemBody(BaseModel):
    """The one shape of every error."""

    error: str = Field(description="A sentence for a person.")
    code: str = Field(description="A stable code for a program.")
    request_id: str = Field(description="The X-Request-Id of this answer.")
    details: list[FieldProblem] | None = Field(
        default=None, description="The fields at fault, where there are such."
    )


def problem_for(error: BaseException) -> Problem:
    """What the caller is told of an error of the function or of the layer below it."""
    if isinstance(error, RequestValidationError) and not _is_of_an_answer(error):
        return Problem(
            status=ValidationFailed.status,
            code=ValidationFailed.code,
            message="The request does not have the form that this route takes.",
            details=_details(error.errors()),
        )
    return problem_of(error)


def reported(error: BaseException) -> Problem:
    """As `problem_for`; what is our fault goes to the log with its cause."""
    problem = problem_for(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        code = error.code if isinstance(error, KotaError) else problem.code
        logger.error("request failed", exc_info=error, error_code=code)
    return problem


def gateway_answer(problem: Problem, request_id: str) -> dict[str, Any]:
    """The problem as API Gateway takes it."""
    return {
        "statusCode": problem.status,
        "headers": {"Content-Type": "application/json", **problem.headers},
        "body": json.dumps(problem.body(request_id)),
        "isBase64Encoded": False,
        "cookies": [],
    }


def answers(
    status: int, meaning: str, *errors: type[KotaError], protected: bool = True
) -> dict[int, OpenAPIResponse]:
    """The answers of a route for its description: its success, and each error that it may give.

    The errors that every route shares are added here; a protected route also refuses strangers.
    """
    shared: list[type[KotaError]] = [InternalError, ConfigurationError]
    if protected:
        shared += [
            Unauthenticated,
            RateLimited,
            DatabaseUnavailable,
            DatabaseTimeout,
            TransactionConflict,
        ]
    by_status: dict[int, list[type[KotaError]]] = {}
    for error in (*errors, *shared):
        by_status.setdefault(status_of(error), []).append(error)
    described: dict[int, OpenAPIResponse] = {status: {"description": meaning}}
    for number, kinds in sorted(by_status.items()):
        described[number] = {
            "description": "\n\n".join(f"`{kind.code}`: {_told(kind)}" for kind in kinds),
            "content": {"application/json": {"model": ProblemBody}},
        }
    return described


def _is_of_an_answer(error: RequestValidationError) -> bool:
    # The resolver raises the same when an answer of ours breaks its own description.
    return any(one["loc"][:1] == ("response",) for one in error.errors())


def _told(error: type[KotaError]) -> str:
    return (error.__doc__ or "").partition("\n")[0]


def _details(errors: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "field": ".".join(str(part) for part in one["loc"])[:_LONGEST_FIELD],
            "problem": str(one["msg"]),
        }
        for one in errors[:_MOST_DETAILS]
    ]
