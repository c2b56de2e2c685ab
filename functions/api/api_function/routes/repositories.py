"""Repositories and what is indexed of them."""

from __future__ import annotations

from uuid import UUID

from aws_lambda_powertools.event_handler.api_gateway import Response
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    Cursor,
    Limit,
    UtcTime,
    View,
    topic_router,
)
from indexer.search import repositories
from indexer.search.repositories import Repository, RepositoryNotFound

router = topic_router()


class SnapshotView(View):
    """What is indexed at one ref."""

    ref: str
    commit_sha: str
    indexed_at: UtcTime
    age_seconds: float


class RepositoryView(View):
    """A repository."""

    id: UUID
    repository: str
    url: str
    default_ref: str | None = Field(
        description="The remote's default branch; null until a job found it."
    )
    created_at: UtcTime
    snapshots: list[SnapshotView]

    @classmethod
    def from_repository(cls, one: Repository) -> RepositoryView:
        """The view of a repository."""
        return cls(
            id=one.repository_id,
            repository=one.full_name,
            url=one.clone_url,
            default_ref=one.default_ref,
            created_at=one.created_at,
            snapshots=[
                SnapshotView(
                    ref=ref.ref,
                    commit_sha=ref.commit_sha,
                    indexed_at=ref.indexed_at,
                    age_seconds=ref.age_seconds,
                )
                for ref in one.snapshots
            ],
        )


class RepositoriesPage(View):
    """Repositories by name."""

    repositories: list[RepositoryView]
    next_cursor: str | None


@router.get(
    "/repositories",
    summary="Repositories with what is indexed of them",
    tags=["repositories"],
    security=PROTECTED,
    responses=answers(200, "A page of repositories.", CursorInvalid, ValidationFailed),
)
def list_repositories(
    tenant: CurrentTenant,
    services: CurrentServices,
    limit: Limit = None,
    cursor: Cursor = None,
) -> RepositoriesPage:
    found = repositories.page(
        services.database, tenant_id=tenant.tenant_id, cursor=cursor, limit=limit
    )
    return RepositoriesPage(
        repositories=[RepositoryView.from_repository(one) for one in found.items],
        next_cursor=found.next_cursor,
    )


@router.get(
    "/repositories/<repository_id>",
    summary="One repository with what is indexed of it",
    tags=["repositories"],
    security=PROTECTED,
    responses=answers(200, "The repository.", RepositoryNotFound),
)
def show_repository(
    repository_id: str, tenant: CurrentTenant, services: CurrentServices
) -> RepositoryView:
    found = repositories.get(services.database, repository_id, tenant_id=tenant.tenant_id)
    return RepositoryView.from_repository(found)


@router.delete(
    "/repositories/<repository_id>",
    summary="Delete a repository",
    description="With all that is indexed of it; its jobs are cancelled, and neither is shown any "
    "more. Its URL may be indexed again at once, which makes a new repository.",
    tags=["repositories"],
    security=PROTECTED,
    status_code=204,
    responses=answers(204, "It is deleted.", RepositoryNotFound),
)
def delete_repository(
    repository_id: str, tenant: CurrentTenant, services: CurrentServices
) -> Response[None]:
    repositories.delete(services.database, repository_id, tenant_id=tenant.tenant_id)
    return Response(status_code=204)
