"""Discrete events: pushes, ticks and hints start workers, which run what is due in the queue."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from indexer.jobs.retry import retry_delay
from indexer.jobs.runner import SHORTEST_RUN_SECONDS
from indexer.settings import Settings

from . import deployed
from .queue_model import Job, QueueModel, State
from .workload import Workload

# AWS says nothing of how long it keeps an environment that rests; some minutes are seen.
KEPT_WARM_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What runs the jobs. Durations are in seconds.

    Attributes:
        workers: environments of the worker, and jobs at one time.
        event_age: an invocation that nobody has room for waits so long, and is dropped.
        invocation: an invocation is ended after this.
        warm, cold: what passes in an environment before it leases, and once before the first time.
        move: what passes between the end of a job and the beginning of the next.
        hint: what passes between an enqueue and the invocation that it asks for.
    """

    workers: int
    settings: Settings
    tick: float
    event_age: float
    invocation: float
    warm: float = 0.0
    cold: float = 0.0
    move: float = 0.0
    hint: float = 0.0


def deployed_stack(*, workers: int, warm: float, cold: float, hint: float) -> Stack:
    """The stack of the template, with another number of workers."""
    worker = deployed.function("WorkerFunction")
    return Stack(
        workers=workers,
        settings=deployed.settings(),
        tick=deployed.period_seconds("WorkerFunction", "Tick"),
        event_age=float(worker["EventInvokeConfig"]["MaximumEventAgeInSeconds"]),
        invocation=float(worker["Timeout"]),
        warm=warm,
        cold=cold,
        hint=hint,
    )


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of it. Times are in seconds.

    `waits` are from enqueue to lease, job by job, and `answers` from push to the end of the job
    that answers it, push by push.
    """

    horizon: float
    pushes: int = 0
    jobs: int = 0
    completed: int = 0
    failed: int = 0
    retries: int = 0
    waits: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    busy: float = 0.0
    billed: float = 0.0
    invocations: int = 0
    dropped: int = 0
    environments: int = 0
    depth_most: int = 0
    depth_time: float = 0.0

    def utilisation(self, workers: int) -> float:
        """The share of the workers' time within the horizon in which jobs ran."""
        return self.busy / (workers * self.horizon)

    @property
    def depth_mean(self) -> float:
        """Jobs that wait, averaged over the horizon."""
        return self.depth_time / self.horizon

    @property
    def coalesced(self) -> float:
        """The share of pushes that a job which was due already answered."""
        return 1 - self.jobs / self.pushes if self.pushes else 0.0


def percentile(values: list[float], percent: float) -> float:
    """The value that so many percent do not exceed; 0 of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(percent / 100 * len(ranked)))] if ranked else 0.0


@dataclass(slots=True)
class _Environment:
    """One environment of the worker, while it is kept; `ends` is when its invocation must end."""

    rested_since: float = 0.0
    began: float = 0.0
    ends: float = 0.0


class Simulation:
    """One run. Nothing in it is random that the seed does not decide."""

    def __init__(self, workload: Workload, stack: Stack, *, seed: int) -> None:
        self._workload, self._stack, self._seed = workload, stack, seed
        settings = stack.settings
        jitter = random.Random(f"{seed}/jitter").random  # noqa: S311 - a simulation

        def backoff(runs: int) -> float:
            return retry_delay(
                runs, base=settings.retry_delay, cap=settings.retry_delay_max, jitter=jitter()
            ).total_seconds()

        self._queue = QueueModel(
            slots=stack.workers,
            places=settings.tenant_team_size or stack.workers,
            max_runs=settings.max_runs,
            backoff=backoff,
        )
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._now = 0.0
        self._resting: list[_Environment] = []
        self._working = 0
        self._hints: deque[float] = deque()
        self._runs: dict[int, int] = {}
        self._looked_at = 0.0
        self._told = Outcome(horizon=workload.seconds)

    def run(self, pushes: Iterable[tuple[float, int]] | None = None) -> Outcome:
        """Run until all that was pushed within the workload's time has ended."""
        waiting = iter(self._workload.pushes(self._seed) if pushes is None else pushes)
        self._next_push(waiting)
        self._at(0.0, self._tick)
        while self._events:
            time, _, happen = heapq.heappop(self._events)
            self._look(time)
            self._now = time
            happen()
        return self._told

    def _at(self, time: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), happen))

    def _look(self, time: float) -> None:
        """Note how many waited since the last event, within the horizon."""
        until = min(time, self._told.horizon)
        if until > self._looked_at:
            self._told.depth_time += self._queue.depth * (until - self._looked_at)
            self._looked_at = until

    # What wakes a worker ----------------------------------------------------------------------

    def _next_push(self, pushes: Iterable[tuple[float, int]]) -> None:
        found = next(iter(pushes), None)
        if found is not None:
            self._at(found[0], lambda: self._push(found[1], pushes))

    def _push(self, repository: int, pushes: Iterable[tuple[float, int]]) -> None:
        self._next_push(pushes)
        told, queue = self._told, self._queue
        told.pushes += 1
        made = queue.enqueue(repository, self._workload.tenant(repository), self._now)
        if made is not None:
            told.jobs += 1
            told.depth_most = max(told.depth_most, queue.depth)
            self._at(self._now + self._stack.hint, self._invoke)

    def _tick(self) -> None:
        if self._now < self._told.horizon or self._queue.depth:
            self._at(self._now + self._stack.tick, self._tick)
        self._invoke()

    def _invoke(self) -> None:
        if self._working >= self._stack.workers:
            self._hints.append(self._now)
            return
        self._working += 1
        self._told.environments = max(self._told.environments, self._working)
        self._told.invocations += 1
        self._resting = [
            one for one in self._resting if self._now - one.rested_since < KEPT_WARM_SECONDS
        ]
        started = self._stack.warm
        if self._resting:
            environment = self._resting.pop()
        else:
            environment = _Environment()
            started += self._stack.cold
        environment.began = self._now
        environment.ends = self._now + self._stack.invocation
        self._at(self._now + started, lambda: self._lease(environment))

    # What a worker does -----------------------------------------------------------------------

    def _lease(self, environment: _Environment) -> None:
        settings = self._stack.settings
        usable = environment.ends - self._now - settings.invocation_reserve_seconds
        enough = usable >= min(SHORTEST_RUN_SECONDS, settings.job_seconds)
        job = self._queue.lease(self._now) if enough else None
        if job is None:
            self._end(environment)
            return
        if job.runs == 1:
            self._told.waits.append(self._now - job.enqueued_at)
        number = self._runs[job.ref] = self._runs.get(job.ref, 0) + 1
        seconds, fails = self._workload.run(self._seed, job.ref, number)
        seconds = min(seconds, usable, settings.job_seconds)
        self._told.busy += max(0.0, min(self._now + seconds, self._told.horizon) - self._now)
        self._at(self._now + seconds, lambda: self._ended(environment, job, fails=fails))

    def _ended(self, environment: _Environment, job: Job, *, fails: bool) -> None:
        if not fails:
            self._queue.complete(job)
            self._told.completed += 1
            self._told.answers += [self._now - asked for asked in job.requests]
        else:
            match self._queue.fail(job, self._now):
                case State.DELAYED:
                    self._told.retries += 1
                case State.FAILED:
                    self._told.failed += 1
                case _:
                    pass  # a newer job answers for it
        self._at(self._now + self._stack.move, lambda: self._lease(environment))

    def _end(self, environment: _Environment) -> None:
        self._told.billed += self._now - environment.began
        self._working -= 1
        environment.rested_since = self._now
        self._resting.append(environment)
        if self._queue.is_ready():
            self._at(self._now + self._stack.hint, self._invoke)
        while self._hints and self._working < self._stack.workers:
            if self._now - self._hints.popleft() <= self._stack.event_age:
                self._invoke()
            else:
                self._told.dropped += 1
