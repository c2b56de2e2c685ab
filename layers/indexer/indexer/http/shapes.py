"""What answers and parameters of several routes have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from indexer.database.paging import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE

LONGEST_PATH = 4_096
LONGEST_NAME = 2_048
LONGEST_REF = 1_024


def topic_router() -> Router:
    """A router for the routes of one topic."""
    return Router()  # type: ignore[no-untyped-call]  # it declares no types


class View(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


def read_name(kind: type[IntEnum]) -> PlainValidator:
    """Reads a member of `kind` from its name in lower case; the numbers are for storage alone."""
    members = {member.name.lower(): member for member in kind}

    def read(value: object) -> IntEnum:
        if isinstance(value, kind):
            return value
        if isinstance(value, str) and value in members:
            return members[value]
        raise ValueError(f"it must be one of {', '.join(members)}")

    return PlainValidator(read)


def show_names(kind: type[IntEnum]) -> WithJsonSchema:
    """Describes a member of `kind` as one of the names."""
    return WithJsonSchema({"type": "string", "enum": [member.name.lower() for member in kind]})


def _name(member: IntEnum) -> str:
    return member.name.lower()


WRITE_NAME = PlainSerializer(_name, return_type=str)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcTime = Annotated[datetime, AfterValidator(_in_utc)]

Limit = Annotated[
    int | None,
    Query(
        description=f"Entries of a page: 1 to {LARGEST_PAGE_SIZE}, {DEFAULT_PAGE_SIZE} unless "
        "asked for; what lies outside is moved to the nearer end. Long ones may be fewer."
    ),
]
Cursor = Annotated[
    str | None,
    Query(description="next_cursor of the page before, as it is.", min_length=1),
]
RepositoryName = Query(description="Its id, or owner/name.", min_length=1, max_length=LONGEST_NAME)
RefName = Query(
    description="A ref that was indexed; the default branch unless named.",
    min_length=1,
    max_length=LONGEST_REF,
)
