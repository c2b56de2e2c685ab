"""What operators watch."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query

from admin_function.actions import monitoring
from admin_function.actions.action import NothingToSay
from admin_function.actions.monitoring import (
    FailuresView,
    FailuresWish,
    JobsView,
    JobsWish,
    QueueFiguresView,
    RunningJobsView,
)
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import answers
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, topic_router
from indexer.jobs.model import JobStatus
from indexer.jobs.monitoring import DEFAULT_FAILURE_HOURS, MOST_FAILURE_HOURS

router = topic_router()


@router.get(
    "/admin/queue",
    summary="The figures of the queue, and how many jobs ended of late",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The figures."),
)
def show_queue(administration: CurrentAdministration, origin: CurrentOrigin) -> QueueFiguresView:
    return monitoring.queue(administration, NothingToSay(), origin)


@router.get(
    "/admin/jobs/running",
    summary="The jobs that run, with how far they are and their leases",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "Those that hold a lease, or lost it and were not taken back yet."),
)
def list_running_jobs(
    administration: CurrentAdministration, origin: CurrentOrigin
) -> RunningJobsView:
    return monitoring.running_jobs(administration, NothingToSay(), origin)


@router.get(
    "/admin/jobs/failures",
    summary="Jobs of all tenants that failed for good, grouped by their error",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The groups, the largest first.", ValidationFailed),
)
def list_failures(
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    hours: Annotated[
        int | None,
        Query(
            description=f"How far to look back: 1 to {MOST_FAILURE_HOURS}, {DEFAULT_FAILURE_HOURS} "
            "unless asked for; what lies outside is moved to the nearer end."
        ),
    ] = None,
) -> FailuresView:
    return monitoring.failures(administration, FailuresWish(hours=hours), origin)


@router.get(
    "/admin/jobs",
    summary="Jobs of all tenants, newest first",
    description="With a status and nothing else: those that began to wait, began to run, or failed "
    "last come first. A page may hold fewer than asked for and yet have a next one.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "A page of jobs.", CursorInvalid, ValidationFailed),
)
def list_all_jobs(
    *,
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    status: Annotated[JobStatus | None, Query(description="In this state only.")] = None,
    repository_id: Annotated[UUID | None, Query(description="Of this repository only.")] = None,
    tenant_id: Annotated[UUID | None, Query(description="Of this tenant only.")] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> JobsView:
    wish = JobsWish(
        status=status,
        repository_id=repository_id,
        tenant_id=tenant_id,
        limit=limit,
        cursor=cursor,
    )
    return monitoring.list_jobs(administration, wish, origin)
