"""What the routes of the API answer when they give no success."""

from __future__ import annotations

from typing import ClassVar

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from indexer.access.tenants import RateLimited, Unauthenticated
from indexer.errors import KotaError, Refused
from indexer.http.requests import ParameterInvalid
from indexer.http.responses import DATABASE_AWAY, responses


class Unhealthy(Refused):
    """The database cannot be reached, so nothing can be served."""

    code = "database_unavailable"
    status: ClassVar[int] = 500

    def __init__(self) -> None:
        super().__init__("The database cannot be reached.")


def answers(
    status: int, meaning: str, *errors: type[KotaError], protected: bool = True
) -> dict[int, OpenAPIResponse]:
    """The answers of a route for its description: its success, and each error that it may give.

    A protected route also refuses strangers, who asks too often, and parameters that it does not
    know; and it needs the database.
    """
    shared = (Unauthenticated, RateLimited, ParameterInvalid, *DATABASE_AWAY) if protected else ()
    return responses(status, meaning, (*errors, *shared))
