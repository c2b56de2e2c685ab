"""What the queue needs of a connection, and what it tells once its moves are committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from indexer.jobs.model import JobStatus
from indexer.observability import Metric, count, logger


class Statements(Protocol):
    """What the queue needs of a connection or of a transaction on it."""

    def fetch_all(self, name: str, /, **parameters: object) -> list[dict[str, Any]]:
        """All rows of a named query."""

    def fetch_one(self, name: str, /, **parameters: object) -> dict[str, Any] | None:
        """The first row of a named query."""

    def execute(self, name: str, /, **parameters: object) -> int:
        """Run a named query for its effect."""

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call `tell` once what was done is committed."""


def tell_once_committed(
    statements: Statements,
    status: JobStatus,
    message: str | None = None,
    job_id: object = None,
    *,
    attempt: int | None = None,
) -> None:
    """Count that a job came to stand so, and log `message` of it, once it is committed."""

    def tell() -> None:
        count(Metric.JOB_STATUS_TRANSITIONS, status=status.value)
        if message is not None:
            logger.info(message, job_id=str(job_id), attempt=attempt, status=status.value)

    statements.after_commit(tell)
