"""Jobs as operators see them, whosever they are, their retry and their end.

For the administration's role, whose policies show every tenant's rows. What belongs to a deleted
repository is nobody's any more and counts as unknown.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.database.paging import page_size
from indexer.errors import Refused
from indexer.jobs.commands import JobCommands
from indexer.jobs.model import Attempt, CancelOutcome, Job, RetryOutcome
from indexer.jobs.records import JobFinished, JobNotFound, parse_job_id, read, read_attempts
from indexer.jobs.statements import Statements
from indexer.observability import logger
from indexer.settings import Settings

DEFAULT_RETRIES = 100
MOST_RETRIES = 500
# Of two jobs the one with the lower priority runs first; what people ask for has 0.
BEHIND_THE_WORK_OF_THE_DAY = 10
_LARGEST_OFFSET = 2**63 - 1


class JobNotRetryable(Refused):
    """There is no such job, or its repository was deleted."""

    code = "job_not_retryable"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("Job not found or not eligible for retry")


class JobNotFailed(Refused):
    """The job has not failed."""

    code = "job_not_failed"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("Only a job that failed can be retried.")


class JobSuperseded(Refused):
    """A newer job for the same repository and ref stands: it waits, runs or was done."""

    code = "job_superseded"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("A newer job for this repository and ref has taken its place.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A job that failed for good. `commit_sha` and `ref` as worked on, else as asked for."""

    id: UUID
    repository_id: UUID
    repository: str
    commit_sha: str | None
    ref: str | None
    error_code: str
    error: str
    failed_at: datetime
    retry_count: int

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> FailedJob:
        """A failed job from a row of `failed_page`."""
        return cls(
            id=row["id"],
            repository_id=row["repository_id"],
            repository=row["repository"],
            commit_sha=row["commit_sha"],
            ref=row["ref"],
            error_code=row["error_code"],
            error=row["error_message"],
            failed_at=row["completed_at"],
            retry_count=row["retry_count"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPage:
    """Failed jobs, the newest first, from `offset` on; `total` counts all there are."""

    jobs: tuple[FailedJob, ...]
    limit: int
    offset: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedJob:
    """A job with its tenant, the request that asked for it, and the attempts at it.

    `queue_state` and `priority` are those of its row in the queue, None when it has none any more.
    """

    job: Job
    tenant_id: UUID
    request_id: str
    queue_state: str | None
    priority: int | None
    attempts: tuple[Attempt, ...]

    @property
    def logs_query(self) -> str:
        """A query for CloudWatch Logs Insights that finds every line of the job, oldest first.

        The request's own lines, which may not know the job yet, are found by its id.
        """
        request_id = json.dumps(self.request_id)
        return (
            "fields @timestamp, service, level, message, attempt, error_code\n"
            f'| filter job_id = "{self.job.id}" or correlation_id = {request_id}\n'
            "| sort @timestamp asc\n"
            "| limit 10000"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedFilter:
    """Which failed jobs are meant; None: whichever. The first moment counts, the last does not."""

    repository_id: UUID | None = None
    error_code: str | None = None
    failed_after: datetime | None = None
    failed_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantJob:
    """A failed job that a filter means."""

    id: UUID
    repository: str
    ref: str | None
    failed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRetry:
    """What became of the jobs that a filter meant. `passed_over` says of each why, by its id."""

    meant: tuple[MeantJob, ...]
    requeued: tuple[UUID, ...]
    passed_over: Mapping[UUID, str]


def failed_page(
    database: Statements, *, limit: int | None = None, offset: int | None = None
) -> FailedPage:
    """Failed jobs of all tenants, at most `limit` (1 to 100, else 50) of them.

    Raises:
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    start = min(max(offset or 0, 0), _LARGEST_OFFSET)
    rows = database.fetch_all("failed_page", page_size=size, page_offset=start)
    return FailedPage(
        jobs=tuple(FailedJob.from_row(row) for row in rows if row["id"] is not None),
        limit=size,
        offset=start,
        total=rows[0]["total"],
    )


def any_job(database: Database, job_id: str) -> TracedJob:
    """The job with this id, whosever it is.

    Raises:
        JobNotFound: there is none, or the text is no UUID.
        DatabaseError: the database did not answer.
    """
    wanted = parse_job_id(job_id)
    with database.transaction(read_only=True) as statements:
        return _traced(statements, wanted)


def cancel(database: Statements, settings: Settings, job_id: str) -> TracedJob:
    """End a job of any tenant, which waits or runs; the job as it stands then.

    Belongs into a transaction, with whatever writes the change down.

    Raises:
        JobNotFound: there is none, or the text is no UUID.
        JobFinished: it had ended already.
        DatabaseError: the database did not answer.
    """
    wanted = parse_job_id(job_id)
    match JobCommands(database, settings).cancel(wanted):
        case CancelOutcome.NOT_FOUND:
            raise JobNotFound
        case CancelOutcome.FINISHED:
            raise JobFinished
        case CancelOutcome.CANCELLED:
            return _traced(database, wanted)


def retry(database: Statements, settings: Settings, job_id: str) -> UUID:
    """Queue a failed job again, for a new round of runs; its id.

    Raises:
        JobNotRetryable: there is no such job, or the text is no UUID.
        JobNotFailed: it waits, runs, or ended otherwise.
        JobSuperseded: a newer job for the same repository and ref waits, runs or was done.
        DatabaseError: the database did not answer.
    """
    try:
        wanted = parse_job_id(job_id)
    except JobNotFound:
        raise JobNotRetryable from None
    match JobCommands(database, settings).retry(wanted):
        case RetryOutcome.NOT_FOUND:
            raise JobNotRetryable
        case RetryOutcome.NOT_FAILED:
            raise JobNotFailed
        case RetryOutcome.SUPERSEDED:
            raise JobSuperseded
        case RetryOutcome.REQUEUED:
            return wanted


def retry_failed(
    database: Database,
    settings: Settings,
    meant: FailedFilter,
    *,
    limit: int | None = None,
    dry_run: bool = False,
    seconds: float = 20.0,
    clock: Callable[[], float] = time.monotonic,
    retry_one: Callable[[UUID, int], RetryOutcome] | None = None,
) -> BulkRetry:
    """Queue failed jobs again, the longest failed first, at most `limit` (1 to 500, else 100).

    They come after what people ask for: an outage leaves many, and nobody waits for most of them.
    Of each ref only the newest job is taken, unless that one was cancelled. Each job is a
    transaction of its own, so one that cannot be requeued stops no other. With `dry_run` nothing
    changes, and `requeued` are those that would be. After `seconds` the rest is passed over.
    `retry_one` queues one job again with a priority, for who does more in that transaction.

    Raises:
        DatabaseUnavailable: the database went away; what was requeued till then stays so.
        DatabaseError: the jobs could not be read.
    """
    most = DEFAULT_RETRIES if limit is None else min(max(limit, 1), MOST_RETRIES)
    rows = database.fetch_all(
        "failed_to_retry",
        repository_id=meant.repository_id,
        error_code=meant.error_code,
        failed_after=meant.failed_after,
        failed_before=meant.failed_before,
        most=most,
    )
    found = tuple(MeantJob(**row) for row in rows)
    if dry_run:
        return BulkRetry(meant=found, requeued=tuple(one.id for one in found), passed_over={})
    commands, ends_at = JobCommands(database, settings), clock() + seconds
    retry_one = retry_one or (lambda job_id, priority: commands.retry(job_id, priority=priority))
    outcomes = {
        one.id: _tried(retry_one, one.id) if clock() < ends_at else "not_tried" for one in found
    }
    return BulkRetry(
        meant=found,
        requeued=tuple(one for one, said in outcomes.items() if said == RetryOutcome.REQUEUED),
        passed_over={one: said for one, said in outcomes.items() if said != RetryOutcome.REQUEUED},
    )


def _traced(statements: Statements, job_id: UUID) -> TracedJob:
    job = read(statements, job_id)
    origin = statements.fetch_one("job_origin", job_id=job_id)
    attempts = read_attempts(statements, job_id)
    if origin is None:
        raise AssertionError("one snapshot shows a job and does not")
    return TracedJob(job=job, attempts=attempts, **origin)


def _tried(retry_one: Callable[[UUID, int], RetryOutcome], job_id: UUID) -> str:
    try:
        return retry_one(job_id, BEHIND_THE_WORK_OF_THE_DAY).value
    except DatabaseError as error:
        # A row that somebody holds is no reason to leave the others.
        if error.is_outage:
            raise
        logger.exception("a failed job could not be requeued", job_id=str(job_id))
        return error.code
