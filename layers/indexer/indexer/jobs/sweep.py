"""What time does to the queue: lost leases, expired jobs, the archive, and what is forgotten.

Every worker sweeps before it leases, and a schedule sweeps as a back-stop. Each row is moved by a
statement of its own that looks again at what it expects, so a row that was renewed meanwhile stays
and a row that cannot be moved, or that somebody holds, stops no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexer.database.connection import Row
from indexer.database.failures import DatabaseError, DatabaseTimeout
from indexer.jobs.queue import JobQueue
from indexer.jobs.statements import Statements
from indexer.observability import Metric, count, logger
from indexer.settings import Settings

BATCH_SIZE = 200
# Of each kind one sweep moves at most so many batches, each in a transaction of its own.
MOST_BATCHES = 20
# So many kept changes of the depth are read by /health before a sweep adds them up.
MOST_DEPTH_CHANGES = 200
# What tells in a log which row is meant.
_NAMING = ("queue_job_id", "job_id", "snapshot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many rows one sweep moved. What is purged was of a deleted repository."""

    leases_lost: int = 0
    expired: int = 0
    woken: int = 0
    admitted: int = 0
    archived: int = 0
    snapshots_dropped: int = 0
    jobs_forgotten: int = 0
    audit_forgotten: int = 0
    jobs_purged: int = 0
    repositories_purged: int = 0
    keys_forgotten: int = 0
    deliveries_forgotten: int = 0


class Sweep:
    """One sweeper on one connection."""

    def __init__(self, database: Statements, queue: JobQueue, settings: Settings) -> None:
        self._database = database
        self._queue = queue
        self._settings = settings

    def recover(self) -> Swept:
        """Take back lost leases, end what expired and wake what is due: what must not wait."""
        swept = Swept(leases_lost=self._lost_leases(), expired=self._expired(), woken=self._woken())
        if swept.leases_lost:
            count(Metric.LEASES_LOST, swept.leases_lost)
        return swept

    def everything(self) -> Swept:
        """`recover`, and then the archive, what was deleted, and what is old."""
        recovered = self.recover()
        self._database.fetch_one("rotate_archive", keep_days=self._settings.archive_keep_days)
        return Swept(
            leases_lost=recovered.leases_lost,
            expired=recovered.expired,
            woken=recovered.woken,
            admitted=self._admitted(),
            archived=self._in_batches(
                "archive_finished", after_seconds=self._settings.archive_completed_after
            ),
            snapshots_dropped=_repeated(self.drop_retired_snapshots),
            jobs_purged=self._in_batches("purge_jobs"),
            # Last of the three: a repository goes when nothing of it is left.
            repositories_purged=self._in_batches("purge_repositories"),
            keys_forgotten=self._in_batches("forget_idempotency_keys"),
            jobs_forgotten=self._in_batches(
                "forget_old_jobs", keep_days=self._settings.job_keep_days
            ),
            audit_forgotten=_repeated(self._forget_audit),
            deliveries_forgotten=self._in_batches(
                "forget_deliveries", keep_days=self._settings.webhook_keep_days
            ),
        )

    def _in_batches(self, query: str, **wanted: int) -> int:
        return _repeated(lambda: self._database.execute(query, batch_size=BATCH_SIZE, **wanted))

    def drop_retired_snapshots(self) -> int:
        """Remove the rows of snapshots that no reader sees any more; how many snapshots."""
        retired = self._database.fetch_all("retired_snapshots", batch_size=BATCH_SIZE)
        return sum(_moved(self._drop_snapshot, row) for row in retired)

    def _drop_snapshot(self, row: Row) -> bool:
        return self._database.execute("drop_snapshot", snapshot_id=row["snapshot_id"]) > 0

    def _forget_audit(self) -> int:
        row = self._database.fetch_one(
            "forget_audit", keep_days=self._settings.audit_keep_days, batch_size=BATCH_SIZE
        )
        return row["forgotten"] if row else 0

    def _woken(self) -> int:
        row = self._database.fetch_one(
            "wake_delayed", batch_size=BATCH_SIZE, most_changes=MOST_DEPTH_CHANGES
        )
        return row["woken"] if row else 0

    def _admitted(self) -> int:
        row = self._database.fetch_one("admit_everywhere")
        return row["admitted"] if row else 0

    def _lost_leases(self) -> int:
        rows = self._database.fetch_all("leases_run_out", batch_size=BATCH_SIZE)
        return sum(_moved(self._lose, row) for row in rows)

    def _expired(self) -> int:
        rows = self._database.fetch_all("due_rows_expired", batch_size=BATCH_SIZE)
        return sum(_moved(self._queue.expire, row) for row in rows)

    def _lose(self, row: Row) -> bool:
        return self._queue.lose(row) is not None


def _moved(move: Callable[[Row], bool], row: Row) -> bool:
    """Whether a row was moved. What cannot be moved now is left to the next sweep."""
    try:
        return move(row)
    except DatabaseError as error:
        if error.is_outage:
            raise
        named = {name: str(row[name]) for name in _NAMING if name in row}
        with logger.append_context_keys(**named):
            if isinstance(error, DatabaseTimeout):
                logger.warning("a row is held by somebody, and not swept")
            else:
                logger.exception("a row could not be swept")
        return False


def _repeated(move: Callable[[], int]) -> int:
    """How many rows were moved: by one batch, or by more as long as they are full."""
    moved = 0
    for _ in range(MOST_BATCHES):
        batch = move()
        moved += batch
        if batch < BATCH_SIZE:
            break
    return moved
