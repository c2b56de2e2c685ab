"""The answers of a route as its description tells them."""

from __future__ import annotations

from collections.abc import Iterable

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel, Field

from indexer.database.failures import DatabaseTimeout, DatabaseUnavailable, TransactionConflict
from indexer.errors import ConfigurationError, KotaError
from indexer.http.problems import InternalError, status_of, told_code
from indexer.secrets import SecretUnreadable

# What a route that asks the database may answer besides its own errors.
DATABASE_AWAY: tuple[type[KotaError], ...] = (
    DatabaseUnavailable,
    DatabaseTimeout,
    TransactionConflict,
)
_EVERY_ROUTE: tuple[type[KotaError], ...] = (
    InternalError,
    ConfigurationError,
    SecretUnreadable,
)


class FieldProblem(BaseModel):
    """One field at fault."""

    field: str = Field(description="Where it stands, for example body.repository.")
    problem: str = Field(description="What is wrong with it.")
    position: int | None = Field(
        default=None, description="Of a query: the first character at fault, from 0."
    )
    length: int | None = Field(default=None, description="How many characters are at fault.")
    excerpt: str | None = Field(default=None, description="The query around the fault.")
    marker: str | None = Field(
        default=None, description="Stands below the excerpt, with a ^ for each character at fault."
    )


class ProblemBody(BaseModel):
    """The one shape of every error."""

    error: str = Field(description="A sentence for a person.")
    code: str = Field(description="A stable code for a program.")
    request_id: str = Field(description="The X-Request-Id of this answer.")
    details: list[FieldProblem] | None = Field(
        default=None, description="The fields at fault, where there are such."
    )


def responses(
    status: int, meaning: str, errors: Iterable[type[KotaError]]
) -> dict[int, OpenAPIResponse]:
    """A route's success and each of its errors, by status; those of every route are added here."""
    by_status: dict[int, list[type[KotaError]]] = {}
    for error in (*errors, *_EVERY_ROUTE):
        by_status.setdefault(status_of(error), []).append(error)
    described: dict[int, OpenAPIResponse] = {status: {"description": meaning}}
    for number, kinds in sorted(by_status.items()):
        described[number] = {
            "description": "\n\n".join(f"`{told_code(kind)}`: {_told(kind)}" for kind in kinds),
            "content": {
                "application/json": {
                    "model": ProblemBody,
                    "examples": {told_code(kind): _example(kind) for kind in kinds},
                }
            },
        }
    return described


def _example(error: type[KotaError]) -> dict[str, object]:
    return {"value": {"error": _told(error), "code": told_code(error), "request_id": "9b1d0c1e"}}


def _told(error: type[KotaError]) -> str:
    return (error.__doc__ or "").partition("\n")[0]
