"""The queue `index-repo`: enqueue, lease, renew, finish, fail, release, lose, expire.

At-least-once execution, exactly-once effect: a job may run more than once, but every write after
the lease names the lease's token, so only the run that holds it changes anything.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from indexer.database.failures import ConstraintViolated, TransactionConflict
from indexer.errors import JobError, LeaseLost
from indexer.jobs.endings import EndCode, how_it_crashed
from indexer.jobs.idempotency import IdempotencyKeyReused, fingerprint
from indexer.jobs.model import Enqueued, IndexRequest, JobStatus, Lease, Progress, success
from indexer.jobs.retry import retry_delay
from indexer.jobs.statements import Statements, tell_once_committed
from indexer.settings import Settings

QUEUE_NAME = "index-repo"
DEAD_LETTER_QUEUE_NAME = "index-repo_dlq"

# Two leases at one instant may pick the same slot; each collision frees one of the contenders.
LEASE_TRIES = 8
# A lease looks on from the place of the one before, but only for so long: what became due before
# that place, or is more urgent, is found with the next look from the beginning.
_LOOK_ON_SECONDS = 1.0
BEGINNING_OF_THE_QUEUE = (-32_768, "-infinity")


class JobQueue:
    """The queue on one connection. Every method raises DatabaseError besides what it says."""

    def __init__(
        self,
        database: Statements,
        settings: Settings,
        *,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._settings = settings
        self._jitter = jitter
        self._clock = clock
        self._place: tuple[int, Any] = BEGINNING_OF_THE_QUEUE
        self._looked_at = 0.0

    def enqueue(self, request: IndexRequest) -> Enqueued:
        """Repository, job and queue row in one transaction, or the job that already answers it."""
        row = self._database.fetch_one("enqueue_job", **self._wanted(request))
        if row is None:  # the function always gives one row
            raise AssertionError("kotadb_queue.enqueue gave no row")
        return self._enqueued(row)

    def enqueue_once(self, request: IndexRequest, *, key: str) -> Enqueued:
        """As `enqueue`; the same request under the same key gets the first answer again.

        A key, as `parse_idempotency_key` gives it, is remembered for IDEMPOTENCY_HOURS, by the
        database's clock and for its tenant alone.

        Raises:
            IdempotencyKeyReused: the key stands for another request; nothing was written.
        """
        row = self._database.fetch_one(
            "enqueue_job_once",
            idempotency_key=key,
            fingerprint=fingerprint(request),
            valid_hours=self._settings.idempotency_hours,
            **self._wanted(request),
        )
        if row is None:  # the function always gives one row
            raise AssertionError("kotadb_queue.enqueue_once gave no row")
        if row["job_id"] is None:
            raise IdempotencyKeyReused
        return self._enqueued(row)

    def obey_settings(self) -> bool:
        """Tell the queue what this worker's settings say; whether leasing is stopped.

        WORKER_ENABLED=false stops it for all workers, so that jobs do not expire meanwhile.
        """
        row = self._database.fetch_one(
            "obey_settings",
            switched_off=not self._settings.worker_enabled,
            tenant_cap=self._settings.tenant_cap,
        )
        return bool(row and row["stopped"])

    def lease_next(self, *, worker: str) -> Lease | None:
        """Lease the next due job and count the attempt; None when none is due or all slots run."""
        for _ in range(LEASE_TRIES):
            place = self._place_to_look_from()
            asked_at = self._clock()
            try:
                row = self._database.fetch_one("lease_next", **self._lease_wish(worker, place))
            except (ConstraintViolated, TransactionConflict):
                continue
            lease = self._leased(row, asked_at)
            if lease is not None or place is BEGINNING_OF_THE_QUEUE:
                return lease
            self._place = BEGINNING_OF_THE_QUEUE
        return None

    def renew(self, lease: Lease, progress: Progress) -> None:
        """Lengthen the lease by LEASE_SECONDS from now and say how far the run has come.

        Raises:
            LeaseLost: the lease is no longer held.
        """
        row = self._database.fetch_one(
            "renew_lease",
            queue_job_id=lease.queue_job_id,
            lease_token=lease.lease_token,
            lease_seconds=self._settings.lease_seconds,
            phase=progress.phase.value,
            files_done=progress.files_done,
            files_total=progress.files_total,
        )
        if row is None:
            raise LeaseLost("the lease ran out while the job was running")

    def note_commit(self, lease: Lease, *, ref: str, commit_sha: str) -> None:
        """Tell which commit the run works on, so that it is known of a job that fails, too.

        Raises:
            LeaseLost: the lease is no longer held.
        """
        if not self._database.execute(
            "note_commit",
            queue_job_id=lease.queue_job_id,
            lease_token=lease.lease_token,
            ref=ref,
            commit_sha=commit_sha,
        ):
            raise LeaseLost("the lease ran out before its commit was noted")

    def complete(
        self,
        lease: Lease,
        *,
        ref: str,
        commit_sha: str,
        stats: Mapping[str, Any],
        next_for: str | None = None,
    ) -> Lease | None:
        """End the job as completed; belongs into the transaction that publishes the snapshot.

        With `next_for`, the name of a worker, the next due job is leased for it in the same
        statement, so that one commit does both; None when none is due.

        Raises:
            LeaseLost: the lease is no longer held; the caller's transaction must be undone.
        """
        return self._finish(
            lease,
            JobStatus.COMPLETED,
            success(stats),
            ref=ref,
            commit_sha=commit_sha,
            stats=stats,
            next_for=next_for,
        )

    def skip(
        self, lease: Lease, *, code: EndCode, message: str, ref: str | None, commit_sha: str | None
    ) -> None:
        """End the job as skipped: there is nothing to do that is not done already.

        Raises:
            LeaseLost: the lease is no longer held.
        """
        result = {"success": False, "filesProcessed": 0, "symbolsExtracted": 0, "error": str(code)}
        self._finish(
            lease,
            JobStatus.SKIPPED,
            result,
            ref=ref,
            commit_sha=commit_sha,
            error=(str(code), message),
        )

    def fail(self, lease: Lease, error: JobError) -> JobStatus:
        """End this run with its error: pending again with a backoff, or failed for good.

        Raises:
            LeaseLost: the lease is no longer held.
        """
        return self._end_run(
            lease,
            "failed",
            code=error.code,
            message=str(error),
            final=not error.transient,
            delay_seconds=self._backoff(lease.round_attempt),
        )

    def release(
        self, lease: Lease, *, after_seconds: float = 0, reason: JobError | None = None
    ) -> JobStatus:
        """Give the lease back without using up its attempt.

        Without `after_seconds` the job keeps its place in the queue; with it the job is snoozed and
        due again only then. `reason` is what its owner reads meanwhile.

        Raises:
            LeaseLost: the lease is no longer held.
        """
        return self._end_run(
            lease,
            "released",
            code=None if reason is None else reason.code,
            message=None if reason is None else str(reason),
            delay_seconds=after_seconds,
        )

    def lose(self, row: Mapping[str, Any]) -> JobStatus | None:
        """End a run whose lease ran out; `row` as `leases_run_out` gives it.

        The first loss of a round is ready again at once, later ones wait as failures do. None: the
        lease was renewed or ended meanwhile, and nothing changed.
        """
        retry_at_once = row["round_losses"] == 0
        status = self._call_end_run(
            row["queue_job_id"],
            row["lease_token"],
            outcome="lost",
            error_code=str(EndCode.LEASE_EXPIRED),
            error_message=EndCode.LEASE_EXPIRED.meaning,
            final_code=str(EndCode.WORKER_CRASHED),
            final_message=how_it_crashed(lost=row["round_losses"] + 1, tries=row["round_attempt"]),
            final=False,
            delay_seconds=0 if retry_at_once else self._backoff(row["round_attempt"]),
        )
        if status is None:
            return None
        said = "a lease ran out; its run is lost"
        tell_once_committed(
            self._database, JobStatus(status), said, row["job_id"], attempt=row["attempt"]
        )
        return JobStatus(status)

    def expire(self, row: Mapping[str, Any]) -> bool:
        """End a job that nobody finished in time; `row` as `due_rows_expired` gives it.

        False: it ran or ended meanwhile, and nothing changed.
        """
        answer = self._database.fetch_one(
            "expire_row",
            queue_job_id=row["queue_job_id"],
            error_message=f"It was not finished within {self._settings.expire_in_hours} hours.",
        )
        if answer is None or not answer["expired"]:
            return False
        tell_once_committed(self._database, JobStatus.FAILED, "job expired", row["job_id"])
        return True

    def attempt_took_effect(self, lease: Lease) -> bool:
        """Whether this very attempt ended its job as done; for a COMMIT whose answer was lost."""
        row = self._attempt(lease)
        return row is not None and row["outcome"] in {JobStatus.COMPLETED, JobStatus.SKIPPED}

    def attempt_was_cancelled(self, lease: Lease) -> bool:
        """Whether somebody ended the job while it ran, or deleted its repository."""
        row = self._attempt(lease)
        # Attempts go only with their job, and that of a run only with a deleted repository.
        return row is None or row["outcome"] == "cancelled"

    def lease_held_by(self, worker: str) -> Lease | None:
        """The lease that this worker holds; for a COMMIT whose answer was lost."""
        now = self._clock()
        row = self._database.fetch_one("lease_of_worker", worker=worker)
        return None if row is None else Lease.from_row(row, asked_at=now - row["held_seconds"])

    def work_is_waiting(self) -> bool:
        """Whether a job could be leased now, slots aside."""
        row = self._database.fetch_one("ready_rows")
        return bool(row and row["waiting"])

    def _enqueued(self, row: Mapping[str, Any]) -> Enqueued:
        made = Enqueued(**row)
        if not made.deduplicated and not made.replayed:
            tell_once_committed(self._database, JobStatus.PENDING)
        return made

    def _wanted(self, request: IndexRequest) -> dict[str, object]:
        return {
            "tenant_id": request.tenant_id,
            "clone_url": request.clone_url,
            "full_name": request.full_name,
            "requested_ref": request.ref or "",
            "requested_commit": request.commit_sha,
            "force": request.force,
            "request_id": request.request_id,
            "max_retries": self._settings.retry_limit,
            "expire_hours": self._settings.expire_in_hours,
        }

    def _attempt(self, lease: Lease) -> dict[str, Any] | None:
        return self._database.fetch_one(
            "attempt_outcome", job_id=lease.job_id, attempt=lease.attempt
        )

    def _backoff(self, retry: int) -> float:
        return retry_delay(
            retry,
            base=self._settings.retry_delay,
            cap=self._settings.retry_delay_max,
            jitter=self._jitter(),
        ).total_seconds()

    def _place_to_look_from(self) -> tuple[int, Any]:
        now = self._clock()
        if now - self._looked_at >= _LOOK_ON_SECONDS:
            self._place = BEGINNING_OF_THE_QUEUE
        if self._place is BEGINNING_OF_THE_QUEUE:
            self._looked_at = now
        return self._place

    def _lease_wish(self, worker: str, place: tuple[int, Any]) -> dict[str, object]:
        return {
            "team_size": self._settings.worker_team_size,
            "lease_seconds": self._settings.lease_seconds,
            "worker": worker,
            "from_priority": place[0],
            "from_run_at": place[1],
        }

    def _leased(self, row: Mapping[str, Any] | None, asked_at: float) -> Lease | None:
        if row is None or row["queue_job_id"] is None:
            return None
        self._place = (row["priority"], row["run_at"])
        tell_once_committed(self._database, JobStatus.PROCESSING)
        return Lease.from_row(row, asked_at=asked_at)

    def _finish(
        self,
        lease: Lease,
        status: JobStatus,
        result: Mapping[str, Any],
        *,
        ref: str | None,
        commit_sha: str | None,
        stats: Mapping[str, Any] | None = None,
        error: tuple[str | None, str | None] = (None, None),
        next_for: str | None = None,
    ) -> Lease | None:
        done = {
            "queue_job_id": lease.queue_job_id,
            "lease_token": lease.lease_token,
            "status": status.value,
            "ref": ref,
            "commit_sha": commit_sha,
            "stats": None if stats is None else json.dumps(stats),
            "result": json.dumps(result),
            "error_code": error[0],
            "error_message": error[1],
        }
        asked_at = self._clock()
        if next_for is None:
            row = self._database.fetch_one("finish_job", **done)
        else:
            wish = self._lease_wish(next_for, self._place_to_look_from())
            row = self._database.fetch_one("finish_and_lease", **done, **wish)
        if row is None or not row["held"]:
            raise LeaseLost("the lease ran out before the job was finished")
        tell_once_committed(self._database, status)
        return None if next_for is None else self._leased(row, asked_at)

    def _end_run(
        self,
        lease: Lease,
        outcome: str,
        *,
        code: str | None = None,
        message: str | None = None,
        final: bool = False,
        delay_seconds: float,
    ) -> JobStatus:
        status = self._call_end_run(
            lease.queue_job_id,
            lease.lease_token,
            outcome=outcome,
            error_code=code,
            error_message=message,
            final_code=code,
            final_message=message,
            final=final,
            delay_seconds=delay_seconds,
        )
        if status is None:
            raise LeaseLost("the lease ran out before the run was ended")
        tell_once_committed(self._database, JobStatus(status))
        return JobStatus(status)

    def _call_end_run(
        self, queue_job_id: object, lease_token: object, **ending: object
    ) -> str | None:
        row = self._database.fetch_one(
            "end_run",
            queue_job_id=queue_job_id,
            lease_token=lease_token,
            max_runs=self._settings.max_runs,
            **ending,
        )
        return None if row is None else row["status"]
