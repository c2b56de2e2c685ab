"""Jobs of all tenants: what failed, what becomes of one, its end, and queueing it again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from admin_function.actions.action import Action, Wish
from admin_function.actions.paging import LimitWish
from admin_function.administration import Administration
from indexer.access.audit import Origin
from indexer.http.shapes import UtcTime, View
from indexer.jobs import administration as operators
from indexer.jobs.administration import FailedFilter, FailedJob, TracedJob
from indexer.jobs.commands import JobCommands
from indexer.jobs.model import AttemptOutcome, JobStatus, Phase, RetryOutcome

LARGEST_OFFSET = 1_000_000
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
REQUEUED = "Job requeued for retry"


def _written_out(value: object) -> object:
    # A number would be taken for unix seconds, which the description does not offer.
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("it must be a time with its zone, for example 2026-11-22T12:00:00Z")
    return value


def _storable_moment(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is no time that the database knows") from None


Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_written_out),
    AfterValidator(_storable_moment),
]
AnyId = Annotated[UUID, Field(strict=False)]


class FailedJobsWish(LimitWish):
    """Which part of the list of failed jobs."""

    offset: int = Field(
        default=0, ge=0, le=LARGEST_OFFSET, description="Failed jobs to pass over first."
    )


class JobWish(Wish):
    """Which job."""

    job_id: str


class RetryWish(Wish):
    """Which failed jobs to queue again; what is left out restricts nothing."""

    repository_id: AnyId | None = Field(default=None, description="Of this repository only.")
    error_code: str | None = Field(
        default=None, min_length=1, max_length=100, description="That failed with this code only."
    )
    failed_after: Moment | None = Field(default=None, description="From this moment on.")
    failed_before: Moment | None = Field(default=None, description="Before this moment.")
    limit: int | None = Field(default=None, description="At most so many: 1 to 500, else 100.")
    dry_run: bool = Field(default=False, description="Only tell which jobs are meant.")


class FailedJobView(View):
    """A job that failed for good."""

    id: UUID
    repository_id: UUID
    repository: str
    commit_sha: str | None
    ref: str | None
    error: str
    error_code: str
    failed_at: UtcTime
    retry_count: int

    @classmethod
    def from_job(cls, job: FailedJob) -> FailedJobView:
        """The view of a failed job."""
        return cls(
            id=job.id,
            repository_id=job.repository_id,
            repository=job.repository,
            commit_sha=job.commit_sha,
            ref=job.ref,
            error=job.error,
            error_code=job.error_code,
            failed_at=job.failed_at,
            retry_count=job.retry_count,
        )


class FailedJobsView(View):
    """Failed jobs, newest first. `total` counts all there are."""

    jobs: list[FailedJobView]
    limit: int
    offset: int
    total: int


class AttemptView(View):
    """One lease of a job and how it ended; it runs while there is no outcome."""

    attempt: int
    round: int
    worker: str = Field(
        description="The invocation that it ran in: function_request_id in the worker's log."
    )
    leased_at: UtcTime
    ended_at: UtcTime | None
    outcome: AttemptOutcome | None
    error_code: str | None
    error_message: str | None


class TracedJobView(View):
    """A job of any tenant, with the attempts at it and what finds its lines in the log."""

    id: UUID
    tenant_id: UUID
    request_id: str = Field(
        description="The X-Request-Id of the request that asked for it: correlation_id in the log."
    )
    logs_query: str = Field(
        description="For CloudWatch Logs Insights, over the log groups of the three functions."
    )
    repository_id: UUID
    repository: str
    ref: str | None
    commit_sha: str | None
    status: JobStatus
    queue_state: str | None = Field(
        description="ready, waiting, delayed, leased or finished; null: its row is archived, or a "
        "dead letter."
    )
    priority: int | None = Field(description="The lower, the sooner; null: it has no row.")
    phase: Phase | None
    files_done: int
    files_total: int | None
    retry_count: int
    max_retries: int
    created_at: UtcTime
    started_at: UtcTime | None
    completed_at: UtcTime | None
    next_attempt_at: UtcTime | None
    error_code: str | None
    error_message: str | None
    stats: dict[str, Any] | None
    attempts: list[AttemptView] = Field(description="Oldest first, at most the newest 100.")

    @classmethod
    def from_traced(cls, traced: TracedJob) -> TracedJobView:
        """The view of a job with its attempts."""
        job = traced.job
        return cls(
            id=job.id,
            tenant_id=traced.tenant_id,
            request_id=traced.request_id,
            logs_query=traced.logs_query,
            repository_id=job.repository_id,
            repository=job.repository,
            ref=job.ref or job.requested_ref or None,
            commit_sha=job.commit_sha,
            status=job.status,
            queue_state=traced.queue_state,
            priority=traced.priority,
            phase=job.phase,
            files_done=job.files_done,
            files_total=job.files_total,
            retry_count=job.retry_count,
            max_retries=job.max_retries,
            created_at=job.created_at,
            started_at=job.started_at,
            completed_at=job.completed_at,
            next_attempt_at=job.next_attempt_at,
            error_code=job.error_code,
            error_message=job.error_message,
            stats=None if job.stats is None else dict(job.stats),
            attempts=[
                AttemptView.model_validate(one, from_attributes=True) for one in traced.attempts
            ],
        )


class RetriedJobView(View):
    """The job waits again."""

    message: str = REQUEUED
    job_id: UUID


class MeantJobView(View):
    """A failed job that the filter means."""

    id: UUID
    repository: str
    ref: str | None
    failed_at: UtcTime


class RetriedJobsView(View):
    """What became of the jobs that were meant."""

    meant: list[MeantJobView] = Field(description="The longest failed first.")
    requeued: list[UUID] = Field(description="Queued again; after a dry run: those that would be.")
    passed_over: dict[str, str] = Field(description="By job: why it was left as it was.")
    dry_run: bool


def failed_jobs(
    administration: Administration, wish: FailedJobsWish, _origin: Origin
) -> FailedJobsView:
    """Failed jobs of all tenants."""
    page = operators.failed_page(administration.database, limit=wish.limit, offset=wish.offset)
    return FailedJobsView(
        jobs=[FailedJobView.from_job(job) for job in page.jobs],
        limit=page.limit,
        offset=page.offset,
        total=page.total,
    )


def show_job(administration: Administration, wish: JobWish, _origin: Origin) -> TracedJobView:
    """A job of any tenant.

    Raises:
        JobNotFound: there is none with this id.
    """
    return TracedJobView.from_traced(operators.any_job(administration.database, wish.job_id))


def cancel_job(administration: Administration, wish: JobWish, origin: Origin) -> TracedJobView:
    """End a job that waits or runs, whosever it is.

    Raises:
        JobNotFound: there is none with this id.
        JobFinished: it had ended already.
    """
    with administration.writing(origin, "cancel_job") as change:
        traced = operators.cancel(change.statements, administration.settings, wish.job_id)
        change.record(traced.job.id)
    return TracedJobView.from_traced(traced)


def retry_job(administration: Administration, wish: JobWish, origin: Origin) -> RetriedJobView:
    """Queue a failed job again.

    Raises:
        JobNotRetryable, JobNotFailed, JobSuperseded: it cannot be.
    """
    with administration.writing(origin, "retry_job") as change:
        job_id = operators.retry(change.statements, administration.settings, wish.job_id)
        change.record(job_id)
    return RetriedJobView(job_id=job_id)


def retry_jobs(administration: Administration, wish: RetryWish, origin: Origin) -> RetriedJobsView:
    """Queue failed jobs again, each by itself."""

    def retry(job_id: UUID, priority: int) -> RetryOutcome:
        with administration.writing(origin, "retry_job") as change:
            commands = JobCommands(change.statements, administration.settings)
            outcome = commands.retry(job_id, priority=priority)
            if outcome is RetryOutcome.REQUEUED:
                change.record(job_id, one_of_many=True)
        return outcome

    done = operators.retry_failed(
        administration.database,
        administration.settings,
        FailedFilter(
            repository_id=wish.repository_id,
            error_code=wish.error_code,
            failed_after=wish.failed_after,
            failed_before=wish.failed_before,
        ),
        limit=wish.limit,
        dry_run=wish.dry_run,
        retry_one=retry,
    )
    return RetriedJobsView(
        meant=[MeantJobView.model_validate(one, from_attributes=True) for one in done.meant],
        requeued=list(done.requeued),
        passed_over={str(job_id): why for job_id, why in done.passed_over.items()},
        dry_run=wish.dry_run,
    )


ACTIONS = (
    Action(name="failed_jobs", wish=FailedJobsWish, perform=failed_jobs),
    Action(name="job", wish=JobWish, perform=show_job),
    Action(name="cancel_job", wish=JobWish, perform=cancel_job),
    Action(name="retry_job", wish=JobWish, perform=retry_job),
    Action(name="retry_jobs", wish=RetryWish, perform=retry_jobs),
)
