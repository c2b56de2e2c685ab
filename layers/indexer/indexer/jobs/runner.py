"""The worker's loop: sweep, lease, run, and say how it ended, while the invocation has time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.errors import JobError, LeaseLost, TransientJobError
from indexer.jobs.model import JobStatus, Lease
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import Run, RunInterrupted, StopSignal
from indexer.jobs.sweep import Sweep
from indexer.jobs.workspace import sweep_leftovers, workspace
from indexer.observability import (
    Metric,
    count,
    flush_metrics,
    logger,
    observe,
    peak_memory_mebibytes,
)
from indexer.settings import Settings

# A run that could not have this long is left to the next invocation.
SHORTEST_RUN_SECONDS = 120.0


class UnexpectedFailure(TransientJobError):
    """Something that no error class foresees; it counts as transient, and the log has its trace."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("the indexer failed in a way that it does not know")


class DatabaseFailed(TransientJobError):
    """The database was away or refused something while the job ran."""

    code = "database_failed"

    def __init__(self) -> None:
        super().__init__("the database failed while the job was running")


Work = Callable[[Run, Database], None]
"""Does a job and ends it as completed or skipped, or raises a JobError."""


@dataclass(slots=True, kw_only=True)
class WorkerReport:
    """What one invocation of the worker did. `outcomes` is by job id, in order of leasing."""

    outcomes: dict[str, str] = field(default_factory=dict)
    leases_lost: int = 0
    leftovers_removed: int = 0
    work_left: bool = False


class Runner:
    """One worker: `database` for the work, `heartbeats` so that no renewal waits for it."""

    def __init__(
        self,
        *,
        database: Database,
        heartbeats: Database,
        settings: Settings,
        work: Work,
        stop: StopSignal,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._heartbeats = heartbeats
        self._settings = settings
        self._work = work
        self._stop = stop
        self._clock = clock
        self._queue = JobQueue(database, settings)
        self._sweep = Sweep(database, self._queue, settings)
        self._root = Path(settings.work_directory)

    def run(
        self, *, worker: str, remaining_seconds: Callable[[], float], max_jobs: int | None = None
    ) -> WorkerReport:
        """Run due jobs, one after the other, until none is due or the time is too short.

        `remaining_seconds` is what is left of the invocation. Raises DatabaseError when the
        database is away; nothing is leased then.
        """
        report = WorkerReport(leftovers_removed=sweep_leftovers(self._root))
        if not self._settings.worker_enabled:
            logger.info("leasing is off; accepted jobs wait")
            return report
        while max_jobs is None or len(report.outcomes) < max_jobs:
            if self._stop.requested or self._time_for_a_run(remaining_seconds) is None:
                break
            report.leases_lost += self._sweep.recover().leases_lost
            lease = self._queue.lease_next(worker=worker)
            if lease is None:
                break
            report.outcomes[str(lease.job_id)] = self._run_one(lease, remaining_seconds)
        report.work_left = self._queue.work_is_waiting()
        self._tidy()
        return report

    def _tidy(self) -> None:
        try:
            self._sweep.drop_retired_snapshots()
        except DatabaseError as error:
            # The jobs are done all the same, and the scheduled sweep drops them too.
            logger.warning("retired snapshots stay for the next sweep", error_code=error.code)

    def _time_for_a_run(self, remaining_seconds: Callable[[], float]) -> float | None:
        usable = remaining_seconds() - self._settings.invocation_reserve_seconds
        if usable < min(SHORTEST_RUN_SECONDS, self._settings.job_seconds):
            return None
        return min(usable, self._settings.job_seconds)

    def _run_one(self, lease: Lease, remaining_seconds: Callable[[], float]) -> str:
        # The lease itself took a moment; what is left now is what the run gets.
        time_left = self._time_for_a_run(remaining_seconds) or 0.0
        started = self._clock()
        with logger.append_context_keys(
            job_id=str(lease.job_id),
            repository_id=str(lease.repository_id),
            attempt=lease.attempt,
            correlation_id=lease.request_id,
        ):
            logger.info("job started")
            outcome = self._settled(lease, time_left)
            duration = self._clock() - started
            connections = self._database.connections + self._heartbeats.connections
            logger.info(
                "job finished",
                outcome=outcome,
                duration_seconds=round(duration, 3),
                peak_memory_mebibytes=peak_memory_mebibytes(),
                database_connections=connections,
            )
            observe(Metric.JOB_DURATION, duration)
            observe(Metric.WORKER_CONNECTIONS, connections)
            flush_metrics()
        return outcome

    def _settled(self, lease: Lease, time_left: float) -> str:
        """Run the job and end its lease; how it ended, for the report."""
        try:
            return self._worked(lease, time_left)
        except LeaseLost:
            # A statement of the run may still be on its way.
            self._database.close()
            return self._discarded(lease)
        except DatabaseError as error:
            # The lease runs out by itself, and the sweep counts the attempt as lost.
            logger.warning("the run could not be ended in the database", error_code=error.code)
        self._database.close()
        return "lost"

    def _discarded(self, lease: Lease) -> str:
        """Tell why the lease was lost; what that is called in the report."""
        try:
            cancelled = self._queue.attempt_was_cancelled(lease)
        except DatabaseError as error:
            logger.warning("why the lease was lost cannot be read", error_code=error.code)
            cancelled = False
        if cancelled:
            logger.info("the job was cancelled; what the run did is discarded")
            return "cancelled"
        logger.warning("the lease was lost; what the run did is discarded")
        return "lost"

    def _worked(self, lease: Lease, time_left: float) -> str:
        try:
            with (
                workspace(self._root, lease.job_id, lease.attempt) as directory,
                Run(
                    lease,
                    directory=directory,
                    seconds=time_left,
                    interruptible=time_left < self._settings.job_seconds,
                    renewer=JobQueue(self._heartbeats, self._settings),
                    settings=self._settings,
                    stop=self._stop,
                    stop_work=self._database.cancel,
                ) as run,
            ):
                try:
                    self._work(run, self._database)
                except DatabaseError:
                    run.check()  # a statement that was stopped because the run is over says so
                    raise
        except LeaseLost:
            raise
        except RunInterrupted as interruption:
            logger.info("the run was interrupted; its lease is released", reason=str(interruption))
            return f"released: {self._queue.release(lease)}"
        except JobError as error:
            return self._failed(lease, error)
        except DatabaseError as error:
            if self._queue.attempt_took_effect(lease):
                count(Metric.JOB_STATUS_TRANSITIONS, status=JobStatus.COMPLETED.value)
                return "completed"
            logger.warning("the database failed during the run", error_code=error.code)
            return self._failed(lease, DatabaseFailed())
        except Exception:  # noqa: BLE001 - an unknown error fails this run, not the worker
            logger.exception("the run failed unexpectedly")
            return self._failed(lease, UnexpectedFailure())
        return "completed"

    def _failed(self, lease: Lease, error: JobError) -> str:
        status = self._queue.fail(lease, error)
        logger.warning(
            "the run failed",
            error_code=error.code,
            error_message=str(error),
            transient=error.transient,
            status=status.value,
        )
        return f"failed: {status}"
