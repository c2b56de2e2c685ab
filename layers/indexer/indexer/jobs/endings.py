"""Why a job, or a run of one, ended where no error was raised."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from indexer.jobs.model import JobStatus


class EndCode(StrEnum):
    """A stable `error_code` of jobs that is that of no JobError.

    `status` is what the job is then, `meaning` a sentence for its owner. Those that only the
    database gives stand in its functions as well.
    """

    status: JobStatus
    meaning: str

    def __new__(cls, code: str, status: JobStatus, meaning: str) -> Self:
        one = str.__new__(cls, code)
        one._value_ = code
        one.status, one.meaning = status, meaning
        return one

    ACCESS_REMOVED = (
        "access_removed",
        JobStatus.CANCELLED,
        "The GitHub App has no access to its repository any more.",
    )
    ALREADY_INDEXED = (
        "already_indexed",
        JobStatus.SKIPPED,
        "The index stands at this commit already.",
    )
    BRANCH_DELETED = "branch_deleted", JobStatus.CANCELLED, "Its branch was deleted."
    CANCELLED = "cancelled", JobStatus.CANCELLED, "It was cancelled."
    EXPIRED = (
        "expired",
        JobStatus.FAILED,
        "It was not finished within `EXPIRE_IN_HOURS` hours after it was last asked for.",
    )
    LEASE_EXPIRED = (
        "lease_expired",
        JobStatus.PENDING,
        "The worker stopped without a word; its lease ran out.",
    )
    REPOSITORY_DELETED = "repository_deleted", JobStatus.CANCELLED, "Its repository was deleted."
    REPOSITORY_GONE = (
        "repository_gone",
        JobStatus.CANCELLED,
        "Its repository was deleted at GitHub.",
    )
    SUPERSEDED = (
        "superseded",
        JobStatus.SKIPPED,
        "A newer request for this ref took its place, or was indexed first.",
    )
    WORKER_CRASHED = (
        "worker_crashed",
        JobStatus.FAILED,
        "In its last try its worker stopped without a word, and it has none left.",
    )


def how_it_crashed(*, lost: int, tries: int) -> str:
    """What the owner of a job reads whose last try was lost, as `lost` of its last `tries` were.

    Runs that gave their lease back are no tries. Why others failed stands in the job's attempts.
    """
    stopped = "its worker stopped without a word"
    if tries == 1:
        return f"In its last try {stopped}."
    if lost == tries:
        return f"In each of its last {tries} tries {stopped}."
    if lost == 1:
        return f"In its last try {stopped}; why it failed before stands in its attempts."
    return (
        f"In {lost} of its last {tries} tries, the last one among them, {stopped}; "
        "why the others failed stands in its attempts."
    )
