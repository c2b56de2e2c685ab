"""What the routes of the administration answer when they give no success."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from indexer.access.operators import Forbidden, NetworkNotAllowed
from indexer.access.tenants import Unauthenticated
from indexer.errors import KotaError
from indexer.http.problems import ValidationFailed
from indexer.http.requests import (
    BodyMalformed,
    BodyTooLarge,
    ContentTypeUnsupported,
    ParameterInvalid,
)
from indexer.http.responses import DATABASE_AWAY, responses

# What a route that reads a body may say of it.
BODY_ERRORS: tuple[type[KotaError], ...] = (
    BodyMalformed,
    BodyTooLarge,
    ContentTypeUnsupported,
    ValidationFailed,
)


def answers(status: int, meaning: str, *errors: type[KotaError]) -> dict[int, OpenAPIResponse]:
    """The answers of a route for its description: its success, and each error that it may give."""
    shared = (Unauthenticated, Forbidden, NetworkNotAllowed, ParameterInvalid, *DATABASE_AWAY)
    return responses(status, meaning, (*errors, *shared))


def page_answers() -> dict[int, OpenAPIResponse]:
    """The same for the page, which asks no database and takes nothing."""
    return responses(200, "The page.", (Unauthenticated, Forbidden, NetworkNotAllowed))
