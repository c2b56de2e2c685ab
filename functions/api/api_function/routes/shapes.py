"""What answers and parameters of several routes have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

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


class ByName:
    """An enumeration whose members go by their names in lower case; their numbers are storage."""

    def __get_pydantic_core_schema__(
        self, source: type[IntEnum], _handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        """Reads a name or a member, writes a name."""
        members = {member.name.lower(): member for member in source}

        def read(value: object) -> IntEnum:
            if isinstance(value, source):
                return value
            if isinstance(value, str) and value in members:
                return members[value]
            raise PydanticCustomError("enum", "Input should be one of the names of the enumeration")

        return core_schema.no_info_plain_validator_function(
            read,
            metadata={"names": list(members)},
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda member: member.name.lower()
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A string that is one of the names."""
        return {"type": "string", "enum": schema.get("metadata", {})["names"]}


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcTime = Annotated[datetime, AfterValidator(_in_utc)]

Limit = Annotated[
    int | None,
    Query(
        description=f"Entries of a page: 1 to {LARGEST_PAGE_SIZE}, {DEFAULT_PAGE_SIZE} unless "
        "asked for; what lies outside is moved to the nearer end."
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
