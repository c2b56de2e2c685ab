"""One run of a leased job: its heartbeat, its deadline, and how it may be told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from indexer.database.failures import DatabaseError
from indexer.errors import KotaError, LeaseLost, TransientJobError
from indexer.jobs.model import Lease, Phase, Progress
from indexer.observability import logger
from indexer.settings import Settings

# Progress is written at most this often between two heartbeats.
PROGRESS_SECONDS = 0.5
# Work that was told to stop and does not hear waits for a server that is gone without a word, or
# for something else that does not end. Its connection is cut, and its lease is renewed no more.
STOP_SECONDS = 5.0


class RunInterrupted(KotaError):
    """The worker is stopping, or its invocation ends: the lease is released, the attempt unused."""

    code = "run_interrupted"


class JobTimedOut(TransientJobError):
    """The run used up the time that one run of a job has."""

    code = "job_timed_out"

    def __init__(self, *, seconds: float) -> None:
        super().__init__(f"the run was not finished within {seconds:.0f} s")


class StopSignal:
    """Tells the worker to stop: no new lease, and `drain_seconds` for the job that runs."""

    def __init__(
        self, *, drain_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._drain_seconds = drain_seconds
        self._clock = clock
        self._ends_at: float | None = None

    def request(self) -> None:
        """Ask the worker to stop; asking again changes nothing. Safe in a signal handler."""
        if self._ends_at is None:
            self._ends_at = self._clock() + self._drain_seconds

    @property
    def requested(self) -> bool:
        """Whether the worker shall take no new job."""
        return self._ends_at is not None

    @property
    def drained(self) -> bool:
        """Whether the time for the running job is over too."""
        return self._ends_at is not None and self._clock() >= self._ends_at


class Renewer(Protocol):
    """What renews a lease: a queue on a connection of its own."""

    def renew(self, lease: Lease, progress: Progress) -> None:
        """Renew the lease; raises LeaseLost or DatabaseError."""


class Run:
    """What the work of a job is given: where to work, how long, and whom to tell.

    As a context manager it keeps the lease alive from a thread of its own. When the lease is lost,
    the time is over or the worker stops, that thread calls `stop_work`, so that a statement that
    takes long ends. `next_for` names the worker for which the transaction that completes the job
    shall lease the next one; None when it shall lease none.
    """

    def __init__(
        self,
        lease: Lease,
        *,
        directory: Path,
        seconds: float,
        interruptible: bool,
        renewer: Renewer,
        settings: Settings,
        stop: StopSignal,
        stop_work: Callable[[], None],
        abandon_work: Callable[[], None],
        next_for: Callable[[], str | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lease = lease
        self.next_for = next_for
        self.directory = directory
        self._seconds = seconds
        self._interruptible = interruptible
        self._deadline = clock() + seconds
        self._renewer = renewer
        self._settings = settings
        self._stop = stop
        self._stop_work = stop_work
        self._abandon_work = abandon_work
        self._stopped_at: float | None = None
        self._clock = clock
        self._progress = Progress()
        self._told = self._progress
        self._lost = threading.Event()
        self._over = threading.Event()
        self._held_until = lease.asked_at + settings.lease_seconds
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    @property
    def remaining_seconds(self) -> float:
        """What is left of the time for this run, never negative."""
        return max(0.0, self._deadline - self._clock())

    def report(self, phase: Phase, *, done: int = 0, total: int | None = None) -> None:
        """Say how far the work has come, and hear whether it shall go on, as `check`."""
        new_phase = phase is not self._progress.phase
        self._progress = Progress(phase=phase, files_done=done, files_total=total)
        if new_phase:
            logger.info("phase started", phase=phase.value)
        self.check()

    def check(self) -> None:
        """Return when the work shall go on.

        Raises:
            LeaseLost: another worker may have the job.
            RunInterrupted: the worker stops, or the invocation ends before a run's full time.
            JobTimedOut: the run's full time is used up.
        """
        if self._lease_is_lost:
            raise LeaseLost("the lease ran out while the job was running")
        if self._stop.drained:
            raise RunInterrupted("the worker is stopping")
        if self.remaining_seconds <= 0:
            if self._interruptible:
                raise RunInterrupted("the invocation ends")
            raise JobTimedOut(seconds=self._seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(timeout=self._settings.lease_seconds)

    @property
    def _lease_is_lost(self) -> bool:
        # A renewal that hangs tells nothing, so the time since the last good one decides too.
        return self._lost.is_set() or self._clock() >= self._held_until

    def _beat(self) -> None:
        last_beat = self._clock()
        while not self._over.wait(timeout=PROGRESS_SECONDS):
            now = self._clock()
            if self._lost.is_set() or self.remaining_seconds <= 0 or self._stop.drained:
                self._end_work()  # it may hang in a statement that nothing else would end
            due = now - last_beat >= self._settings.heartbeat_seconds
            if self._lost.is_set() or self._hangs or not (due or self._progress != self._told):
                continue
            last_beat = now
            if self._renewed():
                self._held_until = now + self._settings.lease_seconds
            elif self._lease_is_lost and not self._ended_by_itself():
                self._give_up()

    @property
    def _hangs(self) -> bool:
        since = self._stopped_at
        return since is not None and self._clock() - since >= STOP_SECONDS

    def _renewed(self) -> bool:
        progress = self._progress
        try:
            self._renewer.renew(self.lease, progress)
        except LeaseLost:
            self._lost.set()
            return False
        except DatabaseError as error:
            logger.warning("the lease could not be renewed", error_code=error.code)
            return False
        self._told = progress
        return True

    def _ended_by_itself(self) -> bool:
        """Whether the lease is gone because the run just ended it: then it is over in a moment.

        A statement that is cancelled then would be one of the next run.
        """
        return self._lost.is_set() and self._over.wait(timeout=PROGRESS_SECONDS)

    def _give_up(self) -> None:
        self._lost.set()
        logger.warning("the lease was lost; the run stops")
        self._end_work()

    def _end_work(self) -> None:
        if self._stopped_at is None:
            self._stopped_at = self._clock()
        try:
            if self._hangs:
                self._abandon_work()
            else:
                self._stop_work()
        except Exception:  # noqa: BLE001 - whatever it was, the work hears at its next check
            logger.exception("the work could not be told to stop")
