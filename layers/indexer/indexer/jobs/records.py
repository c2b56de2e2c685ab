"""Jobs as their tenant may read and cancel them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from indexer.database.connection import Database
from indexer.database.identifiers import parse_uuid
from indexer.database.paging import (
    Page,
    identifier,
    moment,
    page_of,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.errors import Refused
from indexer.jobs.commands import JobCommands
from indexer.jobs.model import Attempt, CancelOutcome, Job, JobStatus
from indexer.jobs.statements import Statements
from indexer.settings import Settings

# A job that is given back again and again may have many more.
MOST_ATTEMPTS = 100


class JobNotFound(Refused):
    """There is no such job, or it is another tenant's: nobody is told which."""

    code = "job_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no job with this id.")


class JobFinished(Refused):
    """The job has ended, so there is nothing to cancel."""

    code = "job_finished"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("The job has ended already; only one that waits or runs is cancelled.")


def parse_job_id(text: str) -> UUID:
    """The id that a text names, in a UUID's usual form.

    Raises:
        JobNotFound: no job has an id of this form.
    """
    found = parse_uuid(text)
    if found is None:
        raise JobNotFound
    return found


def get(database: Database, job_id: str, *, tenant_id: UUID) -> tuple[Job, tuple[Attempt, ...]]:
    """The tenant's job with this id, as text in a UUID's usual form, and the attempts at it.

    Raises:
        JobNotFound: the tenant has no such job, or the text is no UUID.
        DatabaseError: the database did not answer.
    """
    wanted = parse_job_id(job_id)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        return read(statements, wanted), read_attempts(statements, wanted)


def cancel(database: Database, settings: Settings, job_id: str, *, tenant_id: UUID) -> Job:
    """End the tenant's job, which waits or runs; the job as it stands then.

    Raises:
        JobNotFound: the tenant has no such job, or the text is no UUID.
        JobFinished: it had ended already.
        DatabaseError: the database did not answer; whether the job was cancelled is not known.
    """
    wanted = parse_job_id(job_id)
    with database.transaction(principal=tenant_id) as statements:
        match JobCommands(statements, settings).cancel(wanted):
            case CancelOutcome.NOT_FOUND:
                raise JobNotFound
            case CancelOutcome.FINISHED:
                raise JobFinished
            case CancelOutcome.CANCELLED:
                return read(statements, wanted)


def read(statements: Statements, job_id: UUID) -> Job:
    """The job with this id, of those that the transaction may see.

    Raises:
        JobNotFound: there is none.
    """
    row = statements.fetch_one("job_by_id", job_id=job_id)
    if row is None:
        raise JobNotFound
    return Job.from_row(row)


def read_attempts(statements: Statements, job_id: UUID) -> tuple[Attempt, ...]:
    """The newest MOST_ATTEMPTS attempts at a job, oldest first, if the transaction may see them."""
    rows = statements.fetch_all("attempts_of_job", job_id=job_id, most=MOST_ATTEMPTS)
    return tuple(Attempt.from_row(row) for row in reversed(rows))


def page(
    database: Database,
    *,
    tenant_id: UUID,
    status: JobStatus | None = None,
    repository_id: UUID | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Job]:
    """The tenant's jobs, newest first, at most `limit` (1 to 100, else 50) of them.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    after_created_at, after_id = (
        (None, None) if cursor is None else read_cursor(cursor, "jobs", moment, identifier)
    )
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        rows = statements.fetch_all(
            "jobs_page",
            status=None if status is None else status.value,
            repository_id=repository_id,
            after_created_at=after_created_at,
            after_id=after_id,
            page_size=size + 1,
        )
    return page_of(
        [Job.from_row(row) for row in rows],
        size=size,
        cursor=lambda job: write_cursor("jobs", job.created_at, job.id),
    )
