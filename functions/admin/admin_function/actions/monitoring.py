"""What operators watch: the queue and its throughput, what runs, what fails, everybody's jobs."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated
from uuid import UUID

from pydantic import Field

from admin_function.actions.action import Action, NothingToSay, Wish
from admin_function.actions.jobs import AnyId
from admin_function.actions.paging import PageWish
from admin_function.administration import Administration
from indexer.access.audit import Origin
from indexer.http.shapes import UtcTime, View
from indexer.jobs import monitoring
from indexer.jobs.model import JobStatus, Phase
from indexer.jobs.monitoring import DEFAULT_FAILURE_HOURS, MOST_FAILURE_HOURS, Ended

Count = Annotated[int, Field(ge=0)]
_COUNTED = f"counted up to {monitoring.MOST_ROWS}."


class FailuresWish(Wish):
    """How far to look back."""

    hours: int | None = Field(
        default=None,
        description=f"1 to {MOST_FAILURE_HOURS}, {DEFAULT_FAILURE_HOURS} unless asked for; what "
        "lies outside is moved to the nearer end.",
    )


class JobsWish(PageWish):
    """Which part of everybody's jobs; what is left out restricts nothing."""

    status: Annotated[JobStatus, Field(strict=False)] | None = Field(
        default=None, description="In this state only."
    )
    repository_id: AnyId | None = Field(default=None, description="Of this repository only.")
    tenant_id: AnyId | None = Field(default=None, description="Of this tenant only.")


class EndedView(View):
    """Jobs that ended, by how, in equal spans of time, oldest first; the last one is not over."""

    began: UtcTime = Field(description="When the first span began.")
    seconds: int = Field(description="How long each is.")
    completed: list[Count]
    failed: list[Count]
    cancelled: list[Count]
    skipped: list[Count]

    @classmethod
    def from_ended(cls, ended: Ended) -> EndedView:
        """The view of the spans."""
        return cls(
            began=ended.began,
            seconds=ended.seconds,
            **{status.value: list(counts) for status, counts in ended.jobs.items()},
        )


class ThroughputView(View):
    """How many jobs ended of late."""

    counted_from: UtcTime = Field(
        description="From here on every end is counted; what lies before is beyond the newest "
        f"{monitoring.MOST_ENDED} and was left out."
    )
    minutes: EndedView = Field(description="The last 60 minutes.")
    hours: EndedView = Field(description="The last 24 hours.")


class LeasingView(View):
    """Whether jobs are leased."""

    paused: bool = Field(description="An operator stopped it.")
    switched_off: bool = Field(description="The worker's settings stopped it.")
    stopped_at: UtcTime | None = Field(description="Since when; null: jobs are leased.")
    tenant_cap: int = Field(description="Jobs of one tenant that may run at one time.")


class QueueFiguresView(View):
    """The queue of the whole deployment."""

    depth: int = Field(description="Jobs that wait: ready, waiting or delayed.")
    workers: int = Field(description="Jobs that may run at one time.")
    running: int
    failed_24h: int = Field(description="Jobs that failed for good within 24 hours.")
    oldest_pending_age_seconds: float | None
    ready: int = Field(description=f"Rows that may be leased; {_COUNTED}")
    waiting: int = Field(
        description=f"Rows whose ref runs, or whose tenant has its share; {_COUNTED}"
    )
    delayed: int = Field(description=f"Rows whose time has not come; {_COUNTED}")
    finished: int = Field(description=f"Rows that wait for the archive; {_COUNTED}")
    dead_letters: int = Field(description=f"Jobs that failed for good; {_COUNTED}")
    leasing: LeasingView
    throughput: ThroughputView


class RunningJobView(View):
    """A job that runs."""

    job_id: UUID
    repository_id: UUID
    repository: str
    tenant_id: UUID
    tenant: str | None = Field(description="The tenant's e-mail address or name.")
    ref: str | None = Field(description="The ref asked for; null: the default branch.")
    commit_sha: str | None
    phase: Phase | None
    files_done: int
    files_total: int | None = Field(description="Null: not known yet.")
    attempt: int = Field(description="Runs so far, this one included.")
    round_attempt: int = Field(description="Runs of this round that count against the limit.")
    max_retries: int
    worker: str | None = Field(description="The id of the invocation that runs it.")
    leased_at: UtcTime
    lease_expires_at: UtcTime
    lease_age_seconds: float
    lease_ends_in_seconds: float = Field(
        description="Below zero: the lease is lost, and the next sweep takes the job back."
    )


class RunningJobsView(View):
    """The jobs that run, the longest running first; at most 100."""

    jobs: list[RunningJobView]


class FailureGroupView(View):
    """Jobs that failed for good with one error."""

    error_code: str
    jobs: int
    repositories: int = Field(description="How many different ones they are of.")
    first_failed_at: UtcTime
    last_failed_at: UtcTime
    last_message: str
    last_job_id: UUID


class FailuresView(View):
    """What failed, by error, the largest group first."""

    groups: list[FailureGroupView]
    complete: bool = Field(
        description=f"False: only the newest {monitoring.MOST_FAILURES} were looked at."
    )


class ListedJobView(View):
    """A job of any tenant."""

    id: UUID
    tenant_id: UUID
    tenant: str | None = Field(description="The tenant's e-mail address or name.")
    repository_id: UUID
    repository: str
    ref: str | None
    commit_sha: str | None
    status: JobStatus
    phase: Phase | None
    files_done: int
    files_total: int | None
    retry_count: int
    next_attempt_at: UtcTime | None
    error_code: str | None
    error_message: str | None
    created_at: UtcTime
    started_at: UtcTime | None
    completed_at: UtcTime | None


class JobsView(View):
    """Everybody's jobs, newest first. A page may hold fewer than asked for."""

    jobs: list[ListedJobView]
    next_cursor: str | None


def queue(administration: Administration, _wish: NothingToSay, _origin: Origin) -> QueueFiguresView:
    """The figures of the queue, whether it leases, and how many jobs ended of late."""
    found = monitoring.standing(administration.database)
    told = {one.name: getattr(found, one.name) for one in fields(found)}
    ended = found.throughput
    return QueueFiguresView(
        **{
            **told,
            "workers": administration.settings.worker_team_size,
            "leasing": LeasingView.model_validate(found.leasing, from_attributes=True),
            "throughput": ThroughputView(
                counted_from=ended.counted_from,
                minutes=EndedView.from_ended(ended.minutes),
                hours=EndedView.from_ended(ended.hours),
            ),
        }
    )


def running_jobs(
    administration: Administration, _wish: NothingToSay, _origin: Origin
) -> RunningJobsView:
    """The jobs that run, with how far they are and how long their leases last."""
    return RunningJobsView(
        jobs=[
            RunningJobView.model_validate(one, from_attributes=True)
            for one in monitoring.running(administration.database)
        ]
    )


def failures(administration: Administration, wish: FailuresWish, _origin: Origin) -> FailuresView:
    """Failed jobs of all tenants, grouped by their error."""
    found = monitoring.failures(administration.database, hours=wish.hours)
    return FailuresView.model_validate(found, from_attributes=True)


def list_jobs(administration: Administration, wish: JobsWish, _origin: Origin) -> JobsView:
    """Jobs of all tenants, in any state or one.

    Raises:
        CursorInvalid: the cursor is none of this list's.
    """
    page = monitoring.jobs_page(
        administration.database,
        status=wish.status,
        tenant_id=wish.tenant_id,
        repository_id=wish.repository_id,
        cursor=wish.cursor,
        limit=wish.limit,
    )
    return JobsView(
        jobs=[ListedJobView.model_validate(one, from_attributes=True) for one in page.items],
        next_cursor=page.next_cursor,
    )


ACTIONS = (
    Action(name="queue", wish=NothingToSay, perform=queue),
    Action(name="running_jobs", wish=NothingToSay, perform=running_jobs),
    Action(name="failures", wish=FailuresWish, perform=failures),
    Action(name="jobs", wish=JobsWish, perform=list_jobs),
)
