"""The rules of the queue that decide who waits how long, without a database.

One job of a ref is due at most, and one runs at most; a request like the one that waits is that
one. A tenant has so many places among the jobs that are ready or run; the others wait. What fails
comes back after its backoff, or gives way to a newer request. docs/queue.md has all the rules.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DELAYED = "delayed"
    COMPLETED = "completed"
    FAILED = "failed"
    SUPERSEDED = "superseded"


@dataclass(slots=True, order=True)
class Job:
    """A job. Jobs compare by their turn: the time from which they are due, then their number."""

    run_at: float
    number: int
    ref: int = field(compare=False)
    tenant: int = field(compare=False)
    enqueued_at: float = field(compare=False)
    state: State = field(compare=False, default=State.WAITING)
    runs: int = field(compare=False, default=0)
    # When each of the requests came that this job answers.
    requests: list[float] = field(compare=False, default_factory=list)


class QueueModel:
    """The queue. Times are in seconds from anywhere.

    `slots` jobs run at one time, of one tenant `places`; `max_runs` ends a job that fails, and
    `backoff` gives the wait after its nth run.
    """

    def __init__(
        self, *, slots: int, places: int, max_runs: int, backoff: Callable[[int], float]
    ) -> None:
        self._slots, self._places = slots, places
        self._max_runs, self._backoff = max_runs, backoff
        self._due: dict[int, Job] = {}
        self._running: dict[int, Job] = {}
        self._ready: list[Job] = []
        self._delayed: list[Job] = []
        # Of each tenant those that may be admitted; what waits behind its own ref is in _due only.
        self._waiting: defaultdict[int, list[Job]] = defaultdict(list)
        self._held: defaultdict[int, int] = defaultdict(int)
        self._made = 0

    @property
    def depth(self) -> int:
        """How many jobs are due and do not run."""
        return len(self._due)

    @property
    def running(self) -> int:
        """How many jobs run."""
        return len(self._running)

    def enqueue(self, ref: int, tenant: int, now: float) -> Job | None:
        """Ask for the head of a ref; the new job, or None where one is due that answers it."""
        if (twin := self._due.get(ref)) is not None:
            twin.requests.append(now)
            return None
        self._made += 1
        job = Job(now, self._made, ref, tenant, now, requests=[now])
        self._due[ref] = job
        self._let_wait(job)
        return job

    def lease(self, now: float) -> Job | None:
        """Lease what is next in order; None where nothing is ready or every slot is taken."""
        self._wake(now)
        if len(self._running) >= self._slots or not self._ready:
            return None
        job = heapq.heappop(self._ready)
        del self._due[job.ref]
        self._running[job.ref] = job
        job.state = State.RUNNING
        job.runs += 1
        return job

    def complete(self, job: Job) -> None:
        """End a job that runs, as done."""
        self._ended(job, State.COMPLETED)

    def fail(self, job: Job, now: float) -> State:
        """End a run with an error that waiting may cure; what becomes of the job."""
        if (newer := self._due.get(job.ref)) is not None:
            newer.requests[:0] = job.requests
            self._ended(job, State.SUPERSEDED)
        elif job.runs >= self._max_runs:
            self._ended(job, State.FAILED)
        else:
            job.run_at = now + self._backoff(job.runs)
            self._ended(job, State.DELAYED)
            self._due[job.ref] = job
            heapq.heappush(self._delayed, job)
        return job.state

    def is_ready(self) -> bool:
        """Whether a job could be leased now, slots aside."""
        return bool(self._ready)

    def _let_wait(self, job: Job) -> None:
        job.state = State.WAITING
        if job.ref not in self._running:
            heapq.heappush(self._waiting[job.tenant], job)
            self._admit(job.tenant)

    def _admit(self, tenant: int) -> None:
        waiting = self._waiting[tenant]
        while waiting and self._held[tenant] < self._places:
            job = heapq.heappop(waiting)
            job.state = State.READY
            self._held[tenant] += 1
            heapq.heappush(self._ready, job)

    def _wake(self, now: float) -> None:
        while self._delayed and self._delayed[0].run_at <= now:
            self._let_wait(heapq.heappop(self._delayed))

    def _ended(self, job: Job, state: State) -> None:
        del self._running[job.ref]
        self._held[job.tenant] -= 1
        job.state = state
        behind = self._due.get(job.ref)
        if behind is not None:
            heapq.heappush(self._waiting[job.tenant], behind)
        self._admit(job.tenant)
