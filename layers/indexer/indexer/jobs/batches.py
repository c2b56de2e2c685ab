"""Many jobs at a time: enqueued together, leased together, completed together.

For who brings many requests at once, and for work that costs next to nothing. Every job keeps its
own lease and token, and each outcome is what the same calls one by one would give; only the
transactions are fewer. What a batch locks it holds to its end: a thousand jobs are plenty.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from indexer.database.failures import ConstraintViolated, TransactionConflict
from indexer.jobs.model import Enqueued, IndexRequest, Lease, success
from indexer.jobs.queue import BEGINNING_OF_THE_QUEUE, LEASE_TRIES
from indexer.jobs.statements import Statements
from indexer.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A run that is done: its lease, and what it indexed."""

    lease: Lease
    ref: str
    commit_sha: str
    stats: Mapping[str, Any]


class JobBatches:
    """Batches on one connection. Every method raises DatabaseError besides what it says."""

    def __init__(
        self,
        database: Statements,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def enqueue(self, requests: Sequence[IndexRequest]) -> list[Enqueued]:
        """Enqueue requests of one tenant in one transaction; the answers are in their order.

        Raises:
            ValueError: they are of several tenants.
        """
        tenants = {one.tenant_id for one in requests}
        if len(tenants) > 1:
            raise ValueError("a batch holds requests of one tenant only")
        if not requests:
            return []
        rows = self._database.fetch_all(
            "enqueue_jobs",
            tenant_id=tenants.pop(),
            # One document: of an array the driver would escape each text by itself.
            requests=json.dumps(
                {
                    "clone_urls": [one.clone_url for one in requests],
                    "full_names": [one.full_name for one in requests],
                    "refs": [one.ref or "" for one in requests],
                    "commits": [one.commit_sha for one in requests],
                    "forces": [one.force for one in requests],
                    "request_ids": [one.request_id for one in requests],
                }
            ),
            max_retries=self._settings.retry_limit,
            expire_hours=self._settings.expire_in_hours,
        )
        return [Enqueued(**row) for row in rows]

    def lease(self, limit: int, *, worker: str) -> list[Lease]:
        """Lease due jobs in their order, at most `limit` and as WORKER_TEAM_SIZE has room for.

        All leases run out together, after LEASE_SECONDS: renew them or complete them before.
        """
        for _ in range(LEASE_TRIES):
            asked_at = self._clock()
            try:
                rows = self._database.fetch_all(
                    "lease_jobs",
                    team_size=self._settings.worker_team_size,
                    lease_seconds=self._settings.lease_seconds,
                    worker=worker,
                    from_priority=BEGINNING_OF_THE_QUEUE[0],
                    from_run_at=BEGINNING_OF_THE_QUEUE[1],
                    batch_size=limit,
                )
            except (ConstraintViolated, TransactionConflict):
                continue
            return [Lease.from_row(row, asked_at=asked_at) for row in rows]
        return []

    def complete(self, runs: Sequence[Completion]) -> frozenset[UUID]:
        """End jobs as completed, in one transaction; the ids of those whose lease was held.

        Of the others nothing was changed: the lease was lost, and what they did must be discarded.
        """
        rows = self._database.fetch_all(
            "complete_jobs",
            runs=json.dumps(
                {
                    "queue_job_ids": [str(one.lease.queue_job_id) for one in runs],
                    "lease_tokens": [str(one.lease.lease_token) for one in runs],
                    "refs": [one.ref for one in runs],
                    "commit_shas": [one.commit_sha for one in runs],
                    "stats": [one.stats for one in runs],
                    "results": [success(one.stats) for one in runs],
                }
            ),
        )
        held = {row["queue_job_id"] for row in rows}
        return frozenset(one.lease.job_id for one in runs if one.lease.queue_job_id in held)
