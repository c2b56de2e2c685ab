"""What a repository needs from outside, and what it asks for that is nowhere."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.dependencies import DependencyKindName, UnresolvedName
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    LONGEST_NAME,
    LONGEST_PATH,
    Cursor,
    Limit,
    RefName,
    RepositoryName,
    View,
    topic_router,
)
from indexer.search import outside
from indexer.search.outside import OutsideImport, PackageNotFound, ReasonCount, UsedPackage
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)

router = topic_router()


class UsedPackageView(View):
    """A package that files of the repository import."""

    name: str
    builtin: bool = Field(description="It comes with the runtime.")
    files: int = Field(description="How many files import it.")
    imports: int
    repositories: list[str] = Field(
        description="Your repositories that offer it: definitions are found there, too."
    )

    @classmethod
    def from_package(cls, one: UsedPackage) -> UsedPackageView:
        """The view of a package."""
        return cls(
            name=one.name,
            builtin=one.builtin,
            files=one.files,
            imports=one.imports,
            repositories=list(one.repositories),
        )


class PackagesPage(CommitView):
    """Packages, those of most files first; modules of the runtime behind all of them."""

    total_packages: int
    total_builtins: int
    packages: list[UsedPackageView]
    next_cursor: str | None


class OutsideImportView(View):
    """An import that leads to no file of the repository."""

    path: str
    line: int
    column: int
    kind: DependencyKindName
    specifier: str = Field(description="As it is written; empty where it is no literal.")
    reason: UnresolvedName

    @classmethod
    def from_import(cls, one: OutsideImport) -> OutsideImportView:
        """The view of an import."""
        return cls(
            path=one.path,
            line=one.line,
            column=one.column,
            kind=one.kind,
            specifier=one.specifier,
            reason=one.reason,
        )


class PackageUsersPage(CommitView):
    """The imports of one package, by file and line."""

    package: str
    imports: list[OutsideImportView]
    next_cursor: str | None


class ReasonCountView(View):
    """How many imports lead nowhere for one reason."""

    reason: UnresolvedName
    imports: int
    files: int

    @classmethod
    def from_count(cls, one: ReasonCount) -> ReasonCountView:
        """The view of a count."""
        return cls(reason=one.reason, imports=one.imports, files=one.files)


class UnresolvedPage(CommitView):
    """Imports that lead nowhere although they should, by file and line."""

    reasons: list[ReasonCountView] = Field(
        description="Of all reasons, the most frequent first; path counts, and reason does not."
    )
    unresolved: list[OutsideImportView]
    next_cursor: str | None


@router.get(
    "/packages",
    summary="The packages that a repository imports, and how many files do",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of packages.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        RepositoryAmbiguous,
        NotIndexed,
        ValidationFailed,
    ),
)
def list_packages(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> PackagesPage:
    found = outside.packages(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        ref=ref,
        cursor=cursor,
        limit=limit,
    )
    return PackagesPage(
        **commit_of(found.snapshot),
        total_packages=found.total_packages,
        total_builtins=found.total_builtins,
        packages=[UsedPackageView.from_package(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )


@router.get(
    "/packages/users",
    summary="Where a repository imports a package",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of imports.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        NotIndexed,
        PackageNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    ),
)
def list_package_users(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    package: Annotated[
        str,
        Query(
            description="Its name as GET /packages tells it: react, @scope/name, fs.",
            min_length=1,
            max_length=LONGEST_NAME,
        ),
    ],
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> PackageUsersPage:
    found = outside.users_of(
        services.database,
        package,
        tenant_id=tenant.tenant_id,
        repository=repository,
        ref=ref,
        cursor=cursor,
        limit=limit,
    )
    return PackageUsersPage(
        **commit_of(found.snapshot),
        package=found.package,
        imports=[OutsideImportView.from_import(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )


@router.get(
    "/unresolved",
    summary="The imports of a repository that lead nowhere although they should, and why",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        "How many there are by reason, and a page of them.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        RepositoryAmbiguous,
        NotIndexed,
        ValidationFailed,
    ),
)
def list_unresolved(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: Annotated[
        str | None,
        Query(
            description="How the path begins, for example src/.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ] = None,
    reason: Annotated[
        UnresolvedName | None, Query(description="Those with this reason only.")
    ] = None,
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> UnresolvedPage:
    found = outside.unresolved(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        ref=ref,
        path=path,
        reason=reason,
        cursor=cursor,
        limit=limit,
    )
    return UnresolvedPage(
        **commit_of(found.snapshot),
        reasons=[ReasonCountView.from_count(one) for one in found.reasons],
        unresolved=[OutsideImportView.from_import(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
