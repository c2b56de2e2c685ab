"""Jobs of all tenants."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from admin_function.actions import jobs
from admin_function.actions.jobs import (
    LARGEST_OFFSET,
    FailedJobsView,
    FailedJobsWish,
    JobWish,
    RetriedJobsView,
    RetriedJobView,
    RetryWish,
    TracedJobView,
)
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import BODY_ERRORS, answers
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Limit, topic_router
from indexer.jobs.administration import JobNotFailed, JobNotRetryable, JobSuperseded
from indexer.jobs.records import JobFinished, JobNotFound

router = topic_router()


@router.get(
    "/admin/jobs/failed",
    summary="Jobs of all tenants that failed for good, newest first",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "A part of the list.", ValidationFailed),
)
def list_failed_jobs(
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    limit: Limit = None,
    offset: Annotated[
        int, Query(ge=0, le=LARGEST_OFFSET, description="Failed jobs to pass over first.")
    ] = 0,
) -> FailedJobsView:
    return jobs.failed_jobs(administration, FailedJobsWish(limit=limit, offset=offset), origin)


@router.get(
    "/admin/jobs/<job_id>",
    summary="A job of any tenant with every attempt at it",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The job.", JobNotFound),
)
def show_any_job(
    job_id: str, administration: CurrentAdministration, origin: CurrentOrigin
) -> TracedJobView:
    return jobs.show_job(administration, JobWish(job_id=job_id), origin)


@router.delete(
    "/admin/jobs/<job_id>",
    summary="Cancel a job of any tenant",
    description="A job that waits or runs ends at once; what its run did is discarded.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The job, cancelled.", JobNotFound, JobFinished),
)
def cancel_any_job(
    job_id: str, administration: CurrentAdministration, origin: CurrentOrigin
) -> TracedJobView:
    return jobs.cancel_job(administration, JobWish(job_id=job_id), origin)


@router.post(
    "/admin/jobs/<job_id>/retry",
    summary="Queue a failed job again",
    description="It gets as many runs as a new one; retry_count goes on counting.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(
        200,
        "The job waits again.",
        JobNotRetryable,
        JobNotFailed,
        JobSuperseded,
        *BODY_ERRORS,
    ),
)
def retry_job(
    job_id: str, administration: CurrentAdministration, origin: CurrentOrigin
) -> RetriedJobView:
    return jobs.retry_job(administration, JobWish(job_id=job_id), origin)


@router.post(
    "/admin/jobs/retry",
    summary="Queue many failed jobs again",
    description="The longest failed first; one that cannot be queued stops no other.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "What became of them.", *BODY_ERRORS),
)
def retry_many_jobs(
    wish: Annotated[RetryWish, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> RetriedJobsView:
    return jobs.retry_jobs(administration, wish, origin)
