"""What stands in some lines of a file."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field, WithJsonSchema

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.files import FilePath
from api_function.routes.symbols import ResolutionName
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import RefName, RepositoryName, View, topic_router
from indexer.parsing.facts import ReferenceKind, SymbolKind
from indexer.search import occurrences
from indexer.search.files import FileNotFound
from indexer.search.occurrences import (
    MOST_LINES,
    MOST_OCCURRENCES,
    Occurrence,
    OccurrenceRole,
    Occurrences,
)
from indexer.search.repositories import NotIndexed, RepositoryAmbiguous, RepositoryNotFound
from indexer.search.texts import LinesBeyondEnd, LinesInvalid

router = topic_router()

_KINDS = list(dict.fromkeys(one.name.lower() for one in (*SymbolKind, *ReferenceKind)))


class OccurrenceTargetView(View):
    """The line that a name leads to."""

    path: str
    line: int


class OccurrenceView(View):
    """A name at a place."""

    line: int = Field(description="From 1.")
    column: int = Field(description="From 0, in UTF-16 code units.")
    end_column: int = Field(description="Exclusive.")
    role: OccurrenceRole = Field(description="import: a module specifier, its quotes among it.")
    kind: Annotated[str, WithJsonSchema({"type": "string", "enum": _KINDS})] | None = Field(
        description="What was declared, or what the use does; null: a module specifier."
    )
    name: str = Field(description="As it is written there.")
    symbol_id: str | None = Field(
        description="The symbol that it defines or means; null: a local, a module, or nothing."
    )
    resolution: ResolutionName | None = Field(
        description="How sure the target is, or why there is none; null: it is no reference."
    )
    target: OccurrenceTargetView | None = Field(
        description="Where it is defined; null: nowhere that is indexed."
    )
    meanings: int = Field(
        description="How many things it may mean, as where it is a type and a value; the "
        "likeliest is told here, and GET /definition tells all."
    )
    elsewhere: bool = Field(
        description="It is imported from a package that a repository of yours offers; GET "
        "/definition tells where it is defined, if it is there."
    )

    @classmethod
    def from_occurrence(cls, one: Occurrence) -> OccurrenceView:
        """The view of an occurrence."""
        return cls(
            line=one.line,
            column=one.column,
            end_column=one.end_column,
            role=one.role,
            kind=None if one.kind is None else one.kind.name.lower(),
            name=one.name,
            symbol_id=None if one.symbol is None else str(one.symbol),
            resolution=one.resolution,
            target=None
            if one.target is None
            else OccurrenceTargetView(path=one.target[0], line=one.target[1]),
            meanings=one.meanings,
            elsewhere=one.elsewhere,
        )


class OccurrencesView(CommitView):
    """What stands in lines of a file, in order."""

    path: str
    start_line: int
    end_line: int = Field(description="Up to this line all are told.")
    truncated: bool = Field(
        description="The only line has more than one answer holds; the first of them are told."
    )
    next_line: int | None = Field(description="Where to go on; null: these are all.")
    occurrences: list[OccurrenceView] = Field(description=f"At most {MOST_OCCURRENCES:,}.")

    @classmethod
    def from_occurrences(cls, one: Occurrences) -> OccurrencesView:
        """The view of the occurrences in lines."""
        return cls(
            **commit_of(one.snapshot),
            path=one.path,
            start_line=one.start_line,
            end_line=one.end_line,
            truncated=one.truncated,
            next_line=one.next_line,
            occurrences=[OccurrenceView.from_occurrence(each) for each in one.occurrences],
        )


@router.get(
    "/occurrences",
    summary="Every name in some lines of a file, and where it leads",
    description="Definitions, references and module specifiers, in the order of the source: what "
    "a reader needs to make a text clickable. One answer is about "
    f"{MOST_LINES:,} lines at the most.",
    tags=["files"],
    security=PROTECTED,
    responses=answers(
        200,
        "The names.",
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        RepositoryAmbiguous,
        LinesInvalid,
        LinesBeyondEnd,
        ValidationFailed,
    ),
)
def list_occurrences(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: FilePath,
    lines: Annotated[
        str | None,
        Query(description="10, 10-20 or 10-, counted from 1 and the last included."),
    ] = None,
    ref: Annotated[str | None, RefName] = None,
) -> OccurrencesView:
    found = occurrences.in_lines(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        ref=ref,
        lines=lines,
    )
    return OccurrencesView.from_occurrences(found)
