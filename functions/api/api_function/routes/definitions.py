"""From a place in a file to what the name there means."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.dependencies import UnresolvedName
from api_function.routes.files import FilePath
from api_function.routes.symbols import ReferenceKindName, ResolutionName, SymbolView
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import RefName, RepositoryName, topic_router
from indexer.search import definitions
from indexer.search.definitions import MOST_DEFINITIONS, NameAt, NameNotFound
from indexer.search.files import LARGEST_NUMBER, FileNotFound
from indexer.search.repositories import NotIndexed, RepositoryAmbiguous, RepositoryNotFound
from indexer.search.symbols import Definition

router = topic_router()

Line = Annotated[int, Query(description="From 1.", ge=1, le=LARGEST_NUMBER)]
Column = Annotated[int, Query(description="From 0, in UTF-16 code units.", ge=0, le=LARGEST_NUMBER)]


class DefinitionView(CommitView):
    """A place that a name means, in its repository or in another one that has its package."""

    path: str
    line: int
    symbol: SymbolView | None = Field(
        description="Null: a local or a parameter, or a module, which is line 1 of its file."
    )

    @classmethod
    def from_definition(cls, one: Definition) -> DefinitionView:
        """The view of a definition."""
        return cls(
            **commit_of(one.snapshot),
            path=one.path,
            line=one.line,
            symbol=None if one.symbol is None else SymbolView.from_symbol(one.symbol),
        )


class NameView(CommitView):
    """The name at a place: where it begins and ends, and how sure its meaning is."""

    path: str
    line: int
    name: str = Field(description="As it is written there; of an import, its module specifier.")
    start_column: int
    end_column: int = Field(description="Exclusive.")
    kind: ReferenceKindName | None = Field(
        description="What the use does; null: the definition itself, or a module specifier."
    )
    resolution: ResolutionName | None = Field(
        description="How sure its meaning is, or why none is known in the repository; null: a "
        "specifier. What is external may be defined in another repository that is indexed."
    )
    unresolved: UnresolvedName | None = Field(
        description="Why a module specifier leads to no file of the repository."
    )

    @classmethod
    def of(cls, one: NameAt) -> NameView:
        """The view of the name by itself."""
        return NameView(
            **commit_of(one.snapshot),
            path=one.path,
            line=one.line,
            name=one.name,
            start_column=one.start_column,
            end_column=one.end_column,
            kind=one.kind,
            resolution=one.resolution,
            unresolved=one.unresolved,
        )


class NameAtView(NameView):
    """The name at a place, and what it means."""

    definitions: list[DefinitionView] = Field(
        description="What it may mean; several, say, where it is a type and a value."
    )
    truncated: bool = Field(
        description=f"It may mean more: {MOST_DEFINITIONS} are told, and fewer where they are long."
    )

    @classmethod
    def from_name(cls, one: NameAt) -> NameAtView:
        """The view of a name."""
        return cls(
            **dict(NameView.of(one)),
            definitions=[DefinitionView.from_definition(each) for each in one.definitions],
            truncated=one.truncated,
        )


@router.get(
    "/definition",
    summary="What the name at a place in a file means",
    description="The name over which the column lies, or that ends there: its definitions, with "
    "their signatures and documentation. What is imported from a package leads to those of your "
    "repositories that offer it under this name.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200,
        "The name and its definitions.",
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        NameNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    ),
)
def show_definition(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: FilePath,
    line: Line,
    column: Column,
    ref: Annotated[str | None, RefName] = None,
) -> NameAtView:
    found = definitions.at(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        line=line,
        column=column,
        ref=ref,
    )
    return NameAtView.from_name(found)
