"""What people order of jobs that are in the queue: cancel, retry, prioritise, pause, resume."""

from __future__ import annotations

from uuid import UUID

from indexer.jobs.model import CancelOutcome, JobStatus, PriorityOutcome, RetryOutcome
from indexer.jobs.statements import Statements, tell_once_committed
from indexer.settings import Settings


class JobCommands:
    """Orders on one connection. Every method raises DatabaseError and nothing else."""

    def __init__(self, database: Statements, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def cancel(self, job_id: UUID) -> CancelOutcome:
        """End a job that has not ended, whether it waits or runs; a worker stops by itself.

        Under the policies of the transaction: a job that it may not see is not found.
        """
        row = self._database.fetch_one("cancel_job", job_id=job_id)
        outcome = CancelOutcome(row["outcome"]) if row else CancelOutcome.NOT_FOUND
        if outcome is CancelOutcome.CANCELLED:
            tell_once_committed(self._database, JobStatus.CANCELLED, "job cancelled", job_id)
        return outcome

    def retry(self, job_id: UUID, *, priority: int = 0) -> RetryOutcome:
        """Queue a failed job again for a new round of runs; its `retry_count` goes on.

        For the administration's role. A job that is not requeued is left as it was.
        """
        row = self._database.fetch_one(
            "retry_job",
            job_id=job_id,
            expire_hours=self._settings.expire_in_hours,
            priority=priority,
        )
        outcome = RetryOutcome(row["outcome"]) if row else RetryOutcome.NOT_FOUND
        if outcome is RetryOutcome.REQUEUED:
            tell_once_committed(self._database, JobStatus.PENDING, "job requeued", job_id)
        return outcome

    def prioritise(self, job_id: UUID, priority: int) -> PriorityOutcome:
        """Move a job that waits before or behind others; the lower its priority, the sooner.

        For the administration's role. 0 is what every request gets.
        """
        row = self._database.fetch_one("prioritise_job", job_id=job_id, priority=priority)
        return PriorityOutcome(row["outcome"]) if row else PriorityOutcome.NOT_FOUND

    def pause(self) -> None:
        """Stop leasing until `resume`, in every worker. Running jobs go on, accepted ones wait."""
        self._database.fetch_one("pause_leasing", paused=True)

    def resume(self) -> None:
        """Lease again. The time of the pause does not count towards the time that a job has."""
        self._database.fetch_one("pause_leasing", paused=False)
