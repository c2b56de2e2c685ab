"""What an editor shows of the name at a place in a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.definitions import Column, DefinitionView, Line, NameView
from api_function.routes.files import FilePath
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import RefName, RepositoryName, topic_router
from indexer.search import hovers
from indexer.search.definitions import NameNotFound
from indexer.search.files import FileNotFound
from indexer.search.hovers import LONGEST_LINE, MOST_MEANINGS, Hover, Hovered, Meaning
from indexer.search.repositories import NotIndexed, RepositoryAmbiguous, RepositoryNotFound

router = topic_router()


class MeaningView(DefinitionView):
    """One thing that the name means, and where it is defined."""

    meaning: Meaning = Field(
        description="A symbol; a local or a parameter; or a module, which is line 1 of its file."
    )
    uses: int | None = Field(
        description="How many references of its repository lead to the symbol, imports among them; "
        "null: it is none, or its commit was indexed before they were counted."
    )
    text: str | None = Field(
        description="The line that declares a local, without its indentation, "
        f"{LONGEST_LINE} characters at the most; null: it is none, or its text is not stored."
    )

    @classmethod
    def from_hovered(cls, one: Hovered) -> MeaningView:
        """The view of a meaning."""
        return cls(
            **dict(DefinitionView.from_definition(one.definition)),
            meaning=one.meaning,
            uses=one.uses,
            text=one.text,
        )


class HoverView(NameView):
    """The name at a place, where it begins and ends, and what is to be shown of it."""

    meanings: list[MeaningView] = Field(description=f"At most {MOST_MEANINGS}.")

    @classmethod
    def from_hover(cls, one: Hover) -> HoverView:
        """The view of a hover."""
        return cls(
            **dict(NameView.of(one.name)),
            meanings=[MeaningView.from_hovered(each) for each in one.meanings],
        )


@router.get(
    "/hover",
    summary="What an editor shows of the name at a place in a file",
    description="The name over which the column lies, or that ends there: what it means with "
    "signature, documentation (Markdown as it was written) and the number of uses; of a local, the "
    "line that declares it.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200,
        "The name and what it means.",
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        NameNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    ),
)
def show_hover(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: FilePath,
    line: Line,
    column: Column,
    ref: Annotated[str | None, RefName] = None,
) -> HoverView:
    found = hovers.at(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        line=line,
        column=column,
        ref=ref,
    )
    return HoverView.from_hover(found)
