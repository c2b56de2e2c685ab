"""What operators watch: how fast jobs end, what runs, what fails, and everybody's jobs.

For the administration's role, whose policies show every tenant's rows. Reading changes no row, and
each question reads a bounded number of them, whatever has piled up. Every age and every moment is
by the database's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from indexer.database.connection import Database, Statements
from indexer.database.paging import (
    Page,
    identifier,
    moment,
    page_of,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.jobs import control
from indexer.jobs.control import Leasing
from indexer.jobs.model import JobStatus, Phase

# What one look counts at the most: rows of a state, jobs that ended of late, that failed, that run.
MOST_ROWS: Final = 10_000
MOST_ENDED: Final = 10_000
MOST_FAILURES: Final = 5_000
MOST_RUNNING: Final = 100
# So many jobs are looked at for one page of those that have no rows in the queue.
MOST_LOOKED_AT: Final = 5_000

DEFAULT_FAILURE_HOURS: Final = 168
MOST_FAILURE_HOURS: Final = 2_160

MINUTES: Final = 60
HOURS: Final = 24
OUTCOMES: Final = tuple(one for one in JobStatus if one.finished)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Jobs that ended, by status, in spans of `seconds` from `began` on, oldest first."""

    began: datetime
    seconds: int
    jobs: Mapping[JobStatus, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """The last 60 minutes and the last 24 hours; the span that has begun is the last of each.

    Only the newest 10,000 ends are counted. `counted_from` is the moment since when those are all.
    """

    counted_from: datetime
    minutes: Ended
    hours: Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStanding:
    """The queue of the whole deployment at one moment. Ages are in seconds; None: nothing is due.

    `depth` is exact. The rows of a state (`ready` to `dead_letters`) are counted up to 10,000.
    `stopped_at` is None while jobs are leased; `paused` and `switched_off` are the reasons why not.
    """

    depth: int
    running: int
    failed_24h: int
    oldest_pending_age_seconds: float | None
    ready: int
    waiting: int
    delayed: int
    finished: int
    dead_letters: int
    leasing: Leasing
    throughput: Throughput


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    """A job whose lease is held, or was lost and not taken back yet: then it ends in the past."""

    job_id: UUID
    repository_id: UUID
    repository: str
    tenant_id: UUID
    tenant: str | None
    ref: str | None
    commit_sha: str | None
    phase: Phase | None
    files_done: int
    files_total: int | None
    attempt: int
    round_attempt: int
    max_retries: int
    worker: str | None
    leased_at: datetime
    lease_expires_at: datetime
    lease_age_seconds: float
    lease_ends_in_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Jobs that failed for good with one error, and the newest of them."""

    error_code: str
    jobs: int
    repositories: int
    first_failed_at: datetime
    last_failed_at: datetime
    last_message: str
    last_job_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The groups, largest first. `complete` is False when older failures were not looked at."""

    groups: tuple[FailureGroup, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedJob:
    """A job of any tenant as a list shows it. `tenant` is an e-mail address or a name."""

    id: UUID
    tenant_id: UUID
    tenant: str | None
    repository_id: UUID
    repository: str
    ref: str | None
    commit_sha: str | None
    status: JobStatus
    phase: Phase | None
    files_done: int
    files_total: int | None
    retry_count: int
    next_attempt_at: datetime | None
    error_code: str | None
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


def standing(database: Database) -> QueueStanding:
    """How the queue stands, all of it at one moment.

    Raises:
        DatabaseError: the database did not answer.
    """
    with _look(database) as statements:
        figures = statements.fetch_one("queue_figures")
        rows = statements.fetch_one("queue_rows", most=MOST_ROWS)
        leasing = control.leasing(statements)
        ended = _throughput(statements)
    if figures is None or rows is None:  # both always give one row
        raise AssertionError("the queue has no figures")
    figures.pop("stopped")
    return QueueStanding(**figures, **rows, leasing=leasing, throughput=ended)


def running(database: Database) -> tuple[RunningJob, ...]:
    """The jobs that run, of all tenants, the longest running first; at most 100.

    Raises:
        DatabaseError: the database did not answer.
    """
    with _look(database) as statements:
        rows = statements.fetch_all("running_jobs", most=MOST_RUNNING)
    return tuple(RunningJob(**{**row, "phase": _phase(row["phase"])}) for row in rows)


def failures(database: Database, *, hours: int | None = None) -> Failures:
    """What failed for good in the last `hours` (1 to 2160, else a week), by error code.

    The newest 5,000 failures are looked at.

    Raises:
        DatabaseError: the database did not answer.
    """
    window = DEFAULT_FAILURE_HOURS if hours is None else min(max(hours, 1), MOST_FAILURE_HOURS)
    with _look(database) as statements:
        rows = statements.fetch_all("failures_by_code", hours=window, most=MOST_FAILURES)
    looked_at = [row.pop("looked_at") for row in rows]
    return Failures(
        groups=tuple(FailureGroup(**row) for row in rows if row["error_code"] is not None),
        complete=looked_at[0] < MOST_FAILURES,
    )


def jobs_page(
    database: Database,
    *,
    status: JobStatus | None = None,
    tenant_id: UUID | None = None,
    repository_id: UUID | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[ListedJob]:
    """Everybody's jobs, newest first, at most `limit` (1 to 100, else 50) of them.

    What is new depends on the status, where nothing else is asked for: a wait that began, a run
    that began, a failure; else the request for the job. A page may hold fewer and yet have a next
    one: at most 5,000 jobs are looked at, and those of deleted repositories are left out.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size, walk = page_size(limit), _walk(status, tenant_id, repository_id)
    name = f"all_jobs {walk}"
    after_at, after_id = (
        (None, None) if cursor is None else read_cursor(cursor, name, moment, identifier)
    )
    with _look(database) as statements:
        rows = statements.fetch_all(
            "all_jobs_page",
            walk=walk,
            status=None if status is None else status.value,
            tenant_id=tenant_id,
            repository_id=repository_id,
            after_at=after_at,
            after_id=after_id,
            page_size=size + 1,
            most=MOST_LOOKED_AT,
        )
    ends = rows[0]
    found = page_of(
        [row for row in rows if row["id"] is not None],
        size=size,
        cursor=lambda row: write_cursor(name, row["at"], row["id"]),
    )
    next_cursor = found.next_cursor
    if next_cursor is None and ends["looked_at"] >= MOST_LOOKED_AT:
        next_cursor = write_cursor(name, ends["end_at"], ends["end_id"])
    return Page(
        items=tuple(_listed(row) for row in found.items if not row["deleted"]),
        next_cursor=next_cursor,
    )


def _walk(status: JobStatus | None, tenant_id: UUID | None, repository_id: UUID | None) -> str:
    """Along what the query `all_jobs_page` finds the jobs."""
    in_the_queue = (JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.FAILED)
    if status in in_the_queue and tenant_id is None and repository_id is None:
        return status.value
    return "age"


@contextmanager
def _look(database: Database) -> Iterator[Statements]:
    """A transaction that reads, and finds its rows by their indexes."""
    with database.transaction(read_only=True) as statements:
        statements.script("plan_by_index")
        yield statements


def _throughput(statements: Statements) -> Throughput:
    rows = statements.fetch_all("finished_of_late", most=MOST_ENDED)
    first = rows[0]
    return Throughput(
        counted_from=first["counted_from"],
        minutes=_ended(rows, first["first_minute"], seconds=60, spans=MINUTES),
        hours=_ended(rows, first["first_hour"], seconds=3_600, spans=HOURS),
    )


def _ended(
    rows: Iterable[Mapping[str, Any]], began: datetime, *, seconds: int, spans: int
) -> Ended:
    jobs = {outcome: [0] * spans for outcome in OUTCOMES}
    for row in rows:
        if row["seconds"] == seconds:
            place = (row["began"] - began) // timedelta(seconds=seconds)
            # A clock that was set back leaves ends that lie ahead.
            jobs[JobStatus(row["status"])][min(place, spans - 1)] += row["jobs"]
    return Ended(began=began, seconds=seconds, jobs=jobs)


def _phase(name: str | None) -> Phase | None:
    return None if name is None else Phase(name)


def _listed(row: Mapping[str, Any]) -> ListedJob:
    told = {one.name: row[one.name] for one in fields(ListedJob)}
    return ListedJob(**{**told, "status": JobStatus(row["status"]), "phase": _phase(row["phase"])})
