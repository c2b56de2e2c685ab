"""The worker's loop: sweep, lease, run, and say how it ended, while the invocation has time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.errors import JobError, JobSnoozed, LeaseLost, TransientJobError
from indexer.jobs.model import JobStatus, Lease
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import Run, RunInterrupted, StopSignal
from indexer.jobs.sweep import Sweep
from indexer.jobs.workspace import sweep_leftovers, workspace
from indexer.observability import Metric, count, flush_metrics, logger, observe
from indexer.sandbox.forking import peak_memory_mebibytes
from indexer.settings import Settings

# A run that could not have this long is left to the next invocation.
SHORTEST_RUN_SECONDS = 120.0
# While one job leads to the next, the worker sweeps this often.
SWEEP_SECONDS = 2.0


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


Work = Callable[[Run, Database], Lease | None]
"""Does a job and ends it as completed or skipped, or raises a JobError.

Gives the lease of the next job where the run asked for one and it was taken with the end of this.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended, for the report, and the lease that was taken with its end."""

    outcome: str
    successor: Lease | None = None


@dataclass(slots=True, kw_only=True)
class WorkerReport:
    """What one invocation of the worker did. `outcomes` is by job id, in order of leasing.

    `work_left`: it stopped while there was something to lease, so that another should be woken.
    """

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
        self._swept_at = 0.0

    def run(
        self, *, worker: str, remaining_seconds: Callable[[], float], max_jobs: int | None = None
    ) -> WorkerReport:
        """Run due jobs, one after the other, until none is due or the time is too short.

        `remaining_seconds` is what is left of the invocation. Raises DatabaseError when the
        database is away; nothing is leased then.
        """
        report = WorkerReport(leftovers_removed=sweep_leftovers(self._root))
        if self._queue.obey_settings():
            logger.info(
                "leasing is off; accepted jobs wait",
                worker_enabled=self._settings.worker_enabled,
            )
            return report

        def wanted() -> bool:
            return (
                (max_jobs is None or len(report.outcomes) < max_jobs)
                and not self._stop.requested
                and self._time_for_a_run(remaining_seconds) is not None
            )

        def next_for() -> str | None:
            # The job that asks this counts too.
            enough = max_jobs is not None and len(report.outcomes) + 1 >= max_jobs
            return worker if wanted() and not enough else None

        lease: Lease | None = None
        while wanted():
            self._recover(report, holding=lease)
            lease = lease or self._queue.lease_next(worker=worker)
            if lease is None:
                # Nothing is due, or others run as many as may run and go on with what is.
                break
            ended = self._run_one(lease, remaining_seconds, next_for)
            report.outcomes[str(lease.job_id)] = ended.outcome
            lease = ended.successor
        else:
            if lease is not None:
                self._give_back(lease)
            report.work_left = self._queue.work_is_waiting()
        self._tidy()
        return report

    def _recover(self, report: WorkerReport, *, holding: Lease | None) -> None:
        if holding is not None and self._clock() - self._swept_at < SWEEP_SECONDS:
            return
        try:
            report.leases_lost += self._sweep.recover().leases_lost
        except DatabaseError as error:
            if holding is None:
                raise
            # The job that is leased comes first; whether the database is away its run will see.
            logger.warning("the queue could not be swept", error_code=error.code)
        self._swept_at = self._clock()

    def _give_back(self, lease: Lease) -> None:
        # It was taken with the end of the job before, and then the time was over.
        try:
            self._queue.release(lease)
        except LeaseLost:
            logger.info("a lease ended before it was given back", job_id=str(lease.job_id))

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

    def _run_one(
        self,
        lease: Lease,
        remaining_seconds: Callable[[], float],
        next_for: Callable[[], str | None],
    ) -> Ended:
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
            ended = self._settled(lease, time_left, next_for)
            duration = self._clock() - started
            connections = self._database.connections + self._heartbeats.connections
            logger.info(
                "job finished",
                outcome=ended.outcome,
                duration_seconds=round(duration, 3),
                peak_memory_mebibytes=peak_memory_mebibytes(),
                database_connections=connections,
            )
            observe(Metric.JOB_DURATION, duration)
            observe(Metric.WORKER_CONNECTIONS, connections)
            flush_metrics()
        return ended

    def _settled(self, lease: Lease, time_left: float, next_for: Callable[[], str | None]) -> Ended:
        """Run the job and end its lease."""
        try:
            return self._worked(lease, time_left, next_for)
        except DatabaseError as error:
            # The lease runs out by itself, and the sweep counts the attempt as lost.
            logger.warning("the run could not be ended in the database", error_code=error.code)
        self._database.close()
        return Ended(outcome="lost")

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

    def _worked(self, lease: Lease, time_left: float, next_for: Callable[[], str | None]) -> Ended:
        asked: list[str] = []

        def ask_next() -> str | None:
            worker = next_for()
            asked.extend([worker] if worker else [])
            return worker

        try:
            return Ended(
                outcome="completed", successor=self._worked_in_time(lease, time_left, ask_next)
            )
        except LeaseLost:
            return self._after_lease_lost(lease, asked)
        except DatabaseError as error:
            # The run itself may have given up the lease, with a COMMIT whose answer was lost.
            if ended := self._as_it_took_effect(lease, asked):
                return ended
            logger.warning("the database failed during the run", error_code=error.code)
            reason: RunInterrupted | JobError = DatabaseFailed()
        except (RunInterrupted, JobError) as told:
            reason = told
        except Exception:  # noqa: BLE001 - an unknown error fails this run, not the worker
            logger.exception("the run failed unexpectedly")
            reason = UnexpectedFailure()
        try:
            return Ended(outcome=self._without_an_index(lease, reason))
        except LeaseLost:
            # The time may have ended while that answer was lost.
            return self._after_lease_lost(lease, asked)

    def _after_lease_lost(self, lease: Lease, asked: list[str]) -> Ended:
        self._database.close()  # a statement of the run may still be on its way
        return self._as_it_took_effect(lease, asked) or Ended(outcome=self._discarded(lease))

    def _as_it_took_effect(self, lease: Lease, asked: list[str]) -> Ended | None:
        """How the run ended if it completed its job; None: it did not.

        `asked` names the worker for which it wanted the next lease, if it wanted one.
        """
        if not self._queue.attempt_took_effect(lease):
            return None
        # With the answer to its COMMIT the next lease was lost, if one was taken.
        taken = self._queue.lease_held_by(asked[-1]) if asked else None
        for status in (JobStatus.COMPLETED, *([JobStatus.PROCESSING] if taken else [])):
            count(Metric.JOB_STATUS_TRANSITIONS, status=status.value)
        return Ended(outcome="completed", successor=taken)

    def _worked_in_time(
        self, lease: Lease, time_left: float, next_for: Callable[[], str | None]
    ) -> Lease | None:
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
                abandon_work=self._database.abort,
                next_for=next_for,
            ) as run,
        ):
            try:
                return self._work(run, self._database)
            except DatabaseError:
                run.check()  # a statement that was stopped because the run is over says so
                raise

    def _without_an_index(self, lease: Lease, reason: RunInterrupted | JobError) -> str:
        match reason:
            case RunInterrupted():
                logger.info("the run was interrupted; its lease is released", reason=str(reason))
                return f"released: {self._queue.release(lease)}"
            case JobSnoozed():
                return self._snoozed(lease, reason)
            case _:
                return self._failed(lease, reason)

    def _snoozed(self, lease: Lease, snoozed: JobSnoozed) -> str:
        status = self._queue.release(lease, after_seconds=snoozed.seconds, reason=snoozed)
        logger.info(
            "the job is snoozed; its attempt is not used up",
            error_code=snoozed.code,
            error_message=str(snoozed),
            seconds=snoozed.seconds,
        )
        return f"snoozed: {status}"

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
