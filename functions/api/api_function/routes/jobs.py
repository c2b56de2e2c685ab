"""Jobs: how far they are and how they ended."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentScope, CurrentServices, CurrentTenant
from api_function.problems import answers
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    Cursor,
    Limit,
    RepositoryName,
    UtcTime,
    View,
    topic_router,
)
from indexer.jobs import records
from indexer.jobs.model import Attempt, AttemptOutcome, Job, JobStatus, Phase
from indexer.jobs.records import JobFinished, JobNotFound
from indexer.search import repositories
from indexer.search.repositories import RepositoryAmbiguous, RepositoryNotFound

router = topic_router()

# How soon asking again makes sense: jobs take seconds, and a backoff at most three minutes.
RUNNING_PACE_SECONDS = 2
LONGEST_PACE_SECONDS = 60


class ProgressView(View):
    """Files parsed so far, and how many there are once that is known."""

    files_done: int
    files_total: int | None


class JobView(View):
    """A job."""

    id: UUID
    repository_id: UUID
    repository: str
    ref: str | None = Field(description="The ref indexed or asked for; null: not yet known.")
    commit_sha: str | None = Field(
        description="The commit that its last run worked on, once its ref was looked up; of a "
        "completed job the one that was indexed."
    )
    status: JobStatus
    phase: Phase | None = Field(description="What a running job is doing.")
    progress: ProgressView
    retry_count: int = Field(description="Runs after the first, so far.")
    max_retries: int
    next_attempt_at: UtcTime | None
    started_at: UtcTime | None
    completed_at: UtcTime | None
    error_code: str | None = Field(
        description="Why it gave no index; on a pending job, why its last run did not."
    )
    error_message: str | None
    stats: dict[str, Any] | None = Field(description="Counts of a completed job.")
    created_at: UtcTime

    @classmethod
    def from_job(cls, job: Job) -> JobView:
        """The view of a job."""
        return cls(
            id=job.id,
            repository_id=job.repository_id,
            repository=job.repository,
            ref=job.ref or job.requested_ref or None,
            commit_sha=job.commit_sha,
            status=job.status,
            phase=job.phase,
            progress=ProgressView(files_done=job.files_done, files_total=job.files_total),
            retry_count=job.retry_count,
            max_retries=job.max_retries,
            next_attempt_at=job.next_attempt_at,
            started_at=job.started_at,
            completed_at=job.completed_at,
            error_code=job.error_code,
            error_message=job.error_message,
            stats=None if job.stats is None else dict(job.stats),
            created_at=job.created_at,
        )


class JobAttemptView(View):
    """One run of a job and how it ended; it runs while there is no outcome."""

    attempt: int
    round: int = Field(description="A retry by an operator begins a new round of runs.")
    leased_at: UtcTime = Field(description="When a worker took the job.")
    ended_at: UtcTime | None
    outcome: AttemptOutcome | None
    error_code: str | None
    error_message: str | None


class JobWithAttemptsView(JobView):
    """A job with the attempts at it, oldest first; the newest 100 where there are more."""

    attempts: list[JobAttemptView]

    @classmethod
    def from_attempts(cls, job: Job, attempts: Sequence[Attempt]) -> JobWithAttemptsView:
        """The view of a job and its attempts."""
        return cls(
            **JobView.from_job(job).model_dump(),
            attempts=[JobAttemptView.model_validate(one, from_attributes=True) for one in attempts],
        )


class JobsPage(View):
    """Jobs, newest first."""

    jobs: list[JobView]
    next_cursor: str | None


@router.get(
    "/jobs/<job_id>",
    summary="One job with its progress and the attempts at it",
    description="While it is not finished, Retry-After says in seconds when to ask again.",
    tags=["jobs"],
    security=PROTECTED,
    responses=answers(200, "The job.", JobNotFound),
)
def show_job(
    job_id: str, tenant: CurrentTenant, services: CurrentServices, scope: CurrentScope
) -> JobWithAttemptsView:
    job, attempts = records.get(services.database, job_id, tenant_id=tenant.tenant_id)
    if not job.status.finished:
        scope.headers["Retry-After"] = str(polling_pace(job, now=datetime.now(UTC)))
    return JobWithAttemptsView.from_attempts(job, attempts)


@router.delete(
    "/jobs/<job_id>",
    summary="Cancel a job",
    description="A job that waits or runs ends at once; what its run did is discarded.",
    tags=["jobs"],
    security=PROTECTED,
    responses=answers(200, "The job, cancelled.", JobNotFound, JobFinished),
)
def cancel_job(job_id: str, tenant: CurrentTenant, services: CurrentServices) -> JobView:
    job = records.cancel(services.database, services.settings, job_id, tenant_id=tenant.tenant_id)
    return JobView.from_job(job)


@router.get(
    "/jobs",
    summary="Jobs, newest first",
    tags=["jobs"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of jobs.",
        CursorInvalid,
        RepositoryNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    ),
)
def list_jobs(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    status: Annotated[JobStatus | None, Query(description="Jobs in this state only.")] = None,
    repository: Annotated[str | None, RepositoryName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> JobsPage:
    database, tenant_id = services.database, tenant.tenant_id
    found = records.page(
        database,
        tenant_id=tenant_id,
        status=status,
        repository_id=None
        if repository is None
        else repositories.repository_id_of(database, repository, tenant_id=tenant_id),
        cursor=cursor,
        limit=limit,
    )
    return JobsPage(
        jobs=[JobView.from_job(job) for job in found.items], next_cursor=found.next_cursor
    )


def polling_pace(job: Job, *, now: datetime) -> int:
    """Seconds after which asking for an unfinished job again makes sense."""
    if job.next_attempt_at is None:
        return RUNNING_PACE_SECONDS
    wait = math.ceil((job.next_attempt_at - now).total_seconds())
    return min(max(wait, RUNNING_PACE_SECONDS), LONGEST_PACE_SECONDS)
