"""What operators order the queue to do: to stop leasing, to go on, and what to run sooner.

For the administration's role. Each belongs into a transaction, with whatever writes it down, and is
told whether it changed anything: the same order again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from indexer.errors import Refused
from indexer.jobs.commands import JobCommands
from indexer.jobs.model import PriorityOutcome
from indexer.jobs.records import JobNotFound, parse_job_id
from indexer.jobs.statements import Statements
from indexer.settings import Settings

# The lower, the sooner; every request gets 0.
MOST_URGENT = -100
LEAST_URGENT = 100


class JobNotDue(Refused):
    """The job runs or has ended, so its place in the queue is none."""

    code = "job_not_due"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("Only a job that waits has a place in the queue to change.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leasing:
    """Whether jobs are leased. `stopped_at` is None while they are.

    It is stopped while it is `paused`, by an operator, or `switched_off`, by the worker's settings.
    `tenant_cap` is how many jobs of one tenant may run at one time.
    """

    paused: bool
    switched_off: bool
    stopped_at: datetime | None
    tenant_cap: int


def leasing(statements: Statements) -> Leasing:
    """How leasing stands.

    Raises:
        DatabaseError: the database did not answer.
    """
    row = statements.fetch_one("leasing_control")
    if row is None:  # the table always has its one row
        raise AssertionError("kotadb_queue.control is empty")
    return Leasing(**row)


def pause(statements: Statements, settings: Settings) -> tuple[Leasing, bool]:
    """Stop leasing, in every worker; how it stands then, and whether that changed anything.

    Jobs that run go on, and accepted ones wait.

    Raises:
        DatabaseError: the database did not answer.
    """
    was_paused = _locked(statements)
    JobCommands(statements, settings).pause()
    return leasing(statements), not was_paused


def resume(statements: Statements, settings: Settings) -> tuple[Leasing, bool]:
    """Take the pause back; how leasing stands then, and whether that changed anything.

    Raises:
        DatabaseError: the database did not answer.
    """
    was_paused = _locked(statements)
    JobCommands(statements, settings).resume()
    return leasing(statements), was_paused


def prioritise(
    statements: Statements, settings: Settings, job_id: str, priority: int
) -> tuple[UUID, bool]:
    """Move a job that waits before or behind others; its id, and whether that changed anything.

    `priority` is -100 to 100: the lower, the sooner.

    Raises:
        JobNotFound: there is no such job, or the text is no UUID.
        JobNotDue: it runs or has ended.
        DatabaseError: the database did not answer.
    """
    wanted = parse_job_id(job_id)
    before = statements.fetch_one("job_origin", job_id=wanted)
    match JobCommands(statements, settings).prioritise(wanted, priority):
        case PriorityOutcome.NOT_FOUND:
            raise JobNotFound
        case PriorityOutcome.NOT_DUE:
            raise JobNotDue
        case PriorityOutcome.PRIORITISED:
            return wanted, before is None or before["priority"] != priority


def _locked(statements: Statements) -> bool:
    row = statements.fetch_one("lock_control")
    return bool(row and row["paused"])
