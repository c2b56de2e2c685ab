"""What a change affects."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.symbols import SymbolNameView
from indexer.http.problems import ValidationFailed
from indexer.http.requests import BodyMalformed, BodyTooLarge, ContentTypeUnsupported
from indexer.http.shapes import LONGEST_NAME, LONGEST_PATH, LONGEST_REF, View, topic_router
from indexer.search import impact
from indexer.search.changes import (
    MOST_FILES,
    MOST_SYMBOLS,
    Change,
    ChangeAmbiguous,
    ChangeMissing,
    ChangeNotFound,
)
from indexer.search.impact import DEEPEST, MOST_TOLD, AffectedFile, AffectedSymbol, Impact, Step
from indexer.search.import_cycles import Imports
from indexer.search.reach import Link
from indexer.search.repositories import NotIndexed, RepositoryAmbiguous, RepositoryNotFound

router = topic_router()

_Path = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATH)]
# A member's name, a dot, and that of its container.
_Symbol = Annotated[str, StringConstraints(min_length=1, max_length=2 * LONGEST_NAME)]


class ChangeWish(BaseModel):
    """What is changed, and how far to follow it; at least one file or symbol."""

    model_config = ConfigDict(extra="forbid", strict=True, title="ChangeWish")

    repository: str = Field(
        description="Its id, or owner/name.",
        min_length=1,
        max_length=LONGEST_NAME,
        examples=["sindresorhus/ky"],
    )
    ref: str | None = Field(
        default=None,
        description="A ref that was indexed; the default branch unless named.",
        min_length=1,
        max_length=LONGEST_REF,
    )
    files: list[_Path] = Field(
        default_factory=list, description="Paths of changed files.", max_length=MOST_FILES
    )
    symbols: list[_Symbol] = Field(
        default_factory=list,
        description="Changed definitions: their ids, names, or Container.member. A name stands for "
        f"every definition that has it, {MOST_SYMBOLS} at the most.",
        max_length=MOST_SYMBOLS,
    )
    depth: int = Field(default=3, description="How many steps far.", ge=1, le=DEEPEST)
    imports: Imports = Field(
        default=Imports.ALL,
        strict=False,
        description="runtime leaves out what is gone before the program runs: types.",
    )
    tests_only: bool = Field(default=False, description="Tell what lies in tests alone.")
    skip_unknown: bool = Field(
        default=False, description="Pass over what is not indexed, instead of an error."
    )
    limit: int = Field(
        default=200,
        description="So many files and so many definitions are told.",
        ge=1,
        le=MOST_TOLD,
    )


class StepView(View):
    """A file or a definition on the way from the change."""

    path: str
    line: int | None = Field(
        description="Where it imports or uses the step before; null: it is changed, or made of it."
    )
    link: Link = Field(
        description="How it follows on the step before: it is the change itself, imports or uses "
        "it, or is a part of it or made of it."
    )
    symbol: SymbolNameView | None = Field(description="Null: the file itself.")

    @classmethod
    def from_step(cls, one: Step) -> StepView:
        """The view of a step."""
        return cls(
            path=one.path,
            line=one.line,
            link=one.link,
            symbol=SymbolNameView.from_name(one.symbol),
        )


class AffectedFileView(View):
    """A file that the change affects."""

    path: str
    depth: int = Field(description="How many steps away it is; 0: it is changed.")
    test: bool = Field(description="By its path it is a test, or belongs to tests.")
    way: list[StepView] = Field(description="A shortest one, from the change to what is in it.")

    @classmethod
    def from_file(cls, one: AffectedFile) -> AffectedFileView:
        """The view of a file."""
        return cls(
            path=one.path,
            depth=one.depth,
            test=one.test,
            way=[StepView.from_step(step) for step in one.way],
        )


class AffectedSymbolView(View):
    """A definition that the change affects."""

    symbol: SymbolNameView
    path: str
    line: int
    depth: int
    test: bool
    way: list[StepView]

    @classmethod
    def from_symbol(cls, one: AffectedSymbol) -> AffectedSymbolView:
        """The view of a definition."""
        return cls(
            symbol=SymbolNameView(
                id=str(one.symbol.id), name=one.symbol.name, kind=one.symbol.kind
            ),
            path=one.path,
            line=one.line,
            depth=one.depth,
            test=one.test,
            way=[StepView.from_step(step) for step in one.way],
        )


class ImpactView(CommitView):
    """What a change affects, the nearest first."""

    total_files: int = Field(description="Of all that was reached, the changed ones too.")
    total_tests: int = Field(description="How many of these files are tests.")
    total_symbols: int
    truncated: bool = Field(description="There was more to follow or to tell.")
    unknown: list[str] = Field(description="What was named and is not indexed.")
    files: list[AffectedFileView]
    symbols: list[AffectedSymbolView]

    @classmethod
    def from_impact(cls, one: Impact) -> ImpactView:
        """The view of what a change affects."""
        return cls(
            **commit_of(one.snapshot),
            total_files=one.total_files,
            total_tests=one.total_tests,
            total_symbols=one.total_symbols,
            truncated=one.truncated,
            unknown=list(one.unknown),
            files=[AffectedFileView.from_file(each) for each in one.files],
            symbols=[AffectedSymbolView.from_symbol(each) for each in one.symbols],
        )


@router.post(
    "/impact",
    summary="What a change of files or definitions affects, and which tests are among it",
    description="Files are followed by what imports them; definitions by the definitions that use "
    "them and, where a use stands outside of all definitions, by its file. Nothing is stored.",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        "What is affected, each with a shortest way to it.",
        BodyMalformed,
        RepositoryNotFound,
        NotIndexed,
        ChangeNotFound,
        RepositoryAmbiguous,
        ChangeAmbiguous,
        BodyTooLarge,
        ContentTypeUnsupported,
        ValidationFailed,
        ChangeMissing,
    ),
)
def show_impact(
    wish: Annotated[ChangeWish, Body()],
    tenant: CurrentTenant,
    services: CurrentServices,
) -> ImpactView:
    found = impact.of_change(
        services.database,
        Change(files=wish.files, symbols=wish.symbols),
        tenant_id=tenant.tenant_id,
        repository=wish.repository,
        ref=wish.ref,
        depth=wish.depth,
        imports=wish.imports,
        tests_only=wish.tests_only,
        skip_unknown=wish.skip_unknown,
        limit=wish.limit,
    )
    return ImpactView.from_impact(found)
