"""What files need, and what needs them."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    LONGEST_PATH,
    WRITE_NAME,
    RefName,
    RepositoryName,
    View,
    read_name,
    show_names,
    topic_router,
)
from indexer.parsing.facts import DependencyKind
from indexer.resolution.rows import Unresolved
from indexer.search import dependencies
from indexer.search.dependencies import (
    DEEPEST,
    MOST_IMPORTS,
    Direction,
    ExternalPackage,
    FileDependencies,
    Import,
    UnresolvedImport,
    Walk,
)
from indexer.search.files import FileNotFound
from indexer.search.repositories import NotIndexed, RepositoryAmbiguous, RepositoryNotFound

router = topic_router()

DependencyKindName = Annotated[
    DependencyKind, read_name(DependencyKind), WRITE_NAME, show_names(DependencyKind)
]
UnresolvedName = Annotated[Unresolved, read_name(Unresolved), WRITE_NAME, show_names(Unresolved)]


class ImportView(View):
    """One request for a module: it leads to a file, to a package, or nowhere for a reason."""

    line: int
    column: int
    kind: DependencyKindName
    specifier: str
    path: str | None
    package: str | None
    reason: UnresolvedName | None

    @classmethod
    def from_import(cls, one: Import) -> ImportView:
        """The view of an import."""
        return cls(
            line=one.line,
            column=one.column,
            kind=one.kind,
            specifier=one.specifier,
            path=one.path,
            package=one.package,
            reason=one.reason,
        )


class ReachedFileView(View):
    """A file of the walk."""

    path: str
    depth: int = Field(description="How many imports away it is.")
    in_cycle: bool = Field(
        description="Imports lead from it back to itself, by way of the files that were reached."
    )


class WalkView(View):
    """The files reached, nearest first."""

    files: list[ReachedFileView]
    truncated: bool = Field(description="There were too many to tell them all.")

    @classmethod
    def from_walk(cls, walk: Walk | None) -> WalkView | None:
        """The view of a walk, if it was asked for."""
        if walk is None:
            return None
        return cls(
            files=[
                ReachedFileView(path=one.path, depth=one.depth, in_cycle=one.in_cycle)
                for one in walk.files
            ],
            truncated=walk.truncated,
        )


class PackageView(View):
    """A package from outside the repository."""

    name: str
    builtin: bool = Field(description="It comes with the runtime.")
    depth: int
    files: int = Field(description="How many of the files whose imports were followed ask for it.")

    @classmethod
    def from_package(cls, one: ExternalPackage) -> PackageView:
        """The view of a package."""
        return cls(name=one.name, builtin=one.builtin, depth=one.depth, files=one.files)


class UnresolvedView(View):
    """An import that leads to no file of the repository although it should."""

    path: str
    line: int
    column: int
    kind: DependencyKindName
    specifier: str
    reason: UnresolvedName
    depth: int

    @classmethod
    def from_unresolved(cls, one: UnresolvedImport) -> UnresolvedView:
        """The view of an unresolved import."""
        return cls(
            path=one.path,
            line=one.line,
            column=one.column,
            kind=one.kind,
            specifier=one.specifier,
            reason=one.reason,
            depth=one.depth,
        )


class DependenciesView(CommitView):
    """What a file needs and what needs it. A direction that was not asked for is null."""

    path: str
    in_cycle: bool
    imports: list[ImportView] = Field(
        description="The file's own, line by line, whatever the direction."
    )
    dependencies: WalkView | None
    dependents: WalkView | None
    external_packages: list[PackageView] = Field(
        description="Of the file and the files whose imports were followed; of dependents none are."
    )
    unresolved: list[UnresolvedView] = Field(description="Of the same files.")
    truncated: bool = Field(
        description="There were more imports, external_packages or unresolved than are told: "
        f"{MOST_IMPORTS:,} of each, and fewer where they are long."
    )

    @classmethod
    def from_dependencies(cls, one: FileDependencies) -> DependenciesView:
        """The view of one file's dependencies."""
        return cls(
            **commit_of(one.snapshot),
            path=one.path,
            in_cycle=one.in_cycle,
            imports=[ImportView.from_import(each) for each in one.imports],
            dependencies=WalkView.from_walk(one.dependencies),
            dependents=WalkView.from_walk(one.dependents),
            external_packages=[PackageView.from_package(each) for each in one.external_packages],
            unresolved=[UnresolvedView.from_unresolved(each) for each in one.unresolved],
            truncated=one.truncated,
        )


@router.get(
    "/dependencies",
    summary="What a file needs, and what needs it",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        "The files reached, the packages they need, and the imports that lead nowhere.",
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    ),
)
def show_dependencies(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: Annotated[
        str, Query(description="The file's path.", min_length=1, max_length=LONGEST_PATH)
    ],
    direction: Annotated[
        Direction, Query(description="Which way to walk from the file.")
    ] = Direction.DEPENDENCIES,
    depth: Annotated[
        int, Query(description=f"How many imports far: 1 to {DEEPEST}.", ge=1, le=DEEPEST)
    ] = 1,
    ref: Annotated[str | None, RefName] = None,
) -> DependenciesView:
    found = dependencies.of_file(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        ref=ref,
        direction=direction,
        depth=depth,
    )
    return DependenciesView.from_dependencies(found)
