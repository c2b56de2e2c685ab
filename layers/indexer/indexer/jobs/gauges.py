"""The figures of the whole deployment that alarms and the dashboard stand on.

They are read from the database, so a worker that was killed before it told anything is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.database.connection import Statements
from indexer.observability import Metric, observe

# Every state that a queue row may have: one that no row has is told as none.
ROW_STATES = ("ready", "waiting", "delayed", "leased", "finished")


def observe_gauges(statements: Statements) -> None:
    """Read and tell the figures; for the administration's role, in a transaction that only reads.

    Ages are 0 and rates too when there is nothing that could be old or fail: a figure that is
    missing says that nobody looked. Raises DatabaseError; nothing is told then.
    """
    # Each row of the queue is counted, which no index helps with.
    states = {one["state"]: one["number"] for one in statements.fetch_all("rows_by_state")}
    statements.script("plan_by_index")
    row = statements.fetch_one("gauges")
    if row is None:  # the statement always gives one row
        raise AssertionError("the figures of the deployment gave no row")
    for metric, value in _values(row).items():
        observe(metric, value)
    for state in ROW_STATES:
        observe(Metric.QUEUE_ROWS, states.get(state, 0), state=state)


def _values(row: Mapping[str, Any]) -> dict[Metric, float]:
    ended = row["jobs_ended"]
    return {
        Metric.QUEUE_DEPTH: row["depth"],
        Metric.OLDEST_PENDING_AGE: row["oldest_pending_age_seconds"],
        Metric.OLDEST_PROCESSING_AGE: row["oldest_processing_age_seconds"],
        Metric.DEAD_LETTERS: row["dead_letters"],
        Metric.JOBS_ENDED: ended,
        Metric.JOBS_FAILED: row["jobs_failed"],
        Metric.JOB_RETRIES: row["job_retries"],
        Metric.JOB_FAILURE_RATE: _percentage(row["jobs_failed"], ended),
        Metric.JOB_RETRY_RATE: _percentage(row["jobs_retried_twice"], ended),
        Metric.INDEX_JOBS_SIZE: row["index_jobs_bytes"],
        Metric.DATABASE_CONNECTIONS: row["database_connections"],
        Metric.LEASING_STOPPED: int(row["stopped"]),
    }


def _percentage(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
