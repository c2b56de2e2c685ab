"""A job, its lease and its states, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class JobStatus(StrEnum):
    """What a job's owner is told. The database enforces which may follow which."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def finished(self) -> bool:
        """Whether a client may stop asking."""
        return self not in {JobStatus.PENDING, JobStatus.PROCESSING}


class Phase(StrEnum):
    """What a running job is doing."""

    CLONE = "clone"
    DISCOVER = "discover"
    PARSE = "parse"
    RESOLVE = "resolve"
    STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRequest:
    """A wish to have a repository indexed. `ref` None: the remote's default branch."""

    tenant_id: UUID
    clone_url: str
    full_name: str
    ref: str | None = None
    commit_sha: str | None = None
    force: bool = False
    request_id: str

    @property
    def identity(self) -> str:
        """What requests for one repository share, however its address is spelled.

        Forges ignore the case of names, file systems do not; `kotadb.repository_identity` is the
        same rule, where it is kept.
        """
        is_of_forge = self.clone_url.startswith("https://")
        return self.clone_url.lower() if is_of_forge else self.clone_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueued:
    """The job that answers a request; `deduplicated` when one that does so was there already.

    `replayed` when this is what the same request under the same idempotency key was told before.
    """

    job_id: UUID
    repository_id: UUID
    deduplicated: bool
    replayed: bool = False


class CancelOutcome(StrEnum):
    """What came of the wish to cancel a job."""

    CANCELLED = "cancelled"
    FINISHED = "finished"
    NOT_FOUND = "not_found"


class PriorityOutcome(StrEnum):
    """What came of the wish to move a job before or behind others."""

    PRIORITISED = "prioritised"
    NOT_DUE = "not_due"
    NOT_FOUND = "not_found"


class RetryOutcome(StrEnum):
    """What came of the wish to run a failed job again."""

    REQUEUED = "requeued"
    NOT_FAILED = "not_failed"
    SUPERSEDED = "superseded"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to run a job for a while, and all that is needed to do so.

    `asked_at` is a moment of this process's monotonic clock before it was given, so that counted
    from it the lease ends no later than by the database's clock.
    """

    queue_job_id: UUID
    lease_token: UUID = field(repr=False)
    job_id: UUID
    tenant_id: UUID
    repository_id: UUID
    requested_ref: str
    requested_commit: str | None
    force: bool
    attempt: int
    round_attempt: int
    clone_url: str
    full_name: str
    request_id: str
    generation: int
    asked_at: float = field(compare=False)

    @classmethod
    def from_row(cls, row: Mapping[str, Any], *, asked_at: float) -> Lease:
        """A lease from a row of `lease_next`."""
        return cls(asked_at=asked_at, **{name: row[name] for name in _LEASE_COLUMNS})


_LEASE_COLUMNS = tuple(one.name for one in fields(Lease) if one.name != "asked_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come."""

    phase: Phase = Phase.CLONE
    files_done: int = 0
    files_total: int | None = None


def success(stats: Mapping[str, Any]) -> dict[str, Any]:
    """What the queue row of a completed job says of its run."""
    return {
        "success": True,
        "filesProcessed": stats["files_indexed"],
        "symbolsExtracted": stats["symbols_extracted"],
        "error": None,
    }


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    LOST = "lost"
    RELEASED = "released"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One lease of a job. It runs as long as `outcome` is None.

    `worker` is the invocation that it ran in, which is nobody's business but the operators'.
    """

    attempt: int
    round: int
    worker: str
    leased_at: datetime
    ended_at: datetime | None
    outcome: AttemptOutcome | None
    error_code: str | None
    error_message: str | None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Attempt:
        """An attempt from a row of `attempts_of_job`."""
        outcome = row["outcome"]
        return cls(**{**row, "outcome": None if outcome is None else AttemptOutcome(outcome)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as its owner sees it."""

    id: UUID
    repository_id: UUID
    repository: str
    requested_ref: str
    ref: str | None
    requested_commit: str | None
    commit_sha: str | None
    status: JobStatus
    phase: Phase | None
    files_done: int
    files_total: int | None
    retry_count: int
    max_retries: int
    next_attempt_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    error_code: str | None
    error_message: str | None
    stats: Mapping[str, Any] | None
    created_at: datetime

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Job:
        """A job from a row of `job_by_id` or `jobs_page`."""
        phase = row["phase"]
        return cls(
            **{
                **row,
                "status": JobStatus(row["status"]),
                "phase": None if phase is None else Phase(phase),
            }
        )
