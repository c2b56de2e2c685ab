"""The seeded nemesis: one fault after the other, each undone after a while.

Faults overlap: a worker stays frozen while another is killed and a COMMIT is cut. What is counted
are faults that happened, so a planned cut counts when its statement came by.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.history import OK, History
from tests.chaos.stack import LEASE_SECONDS, Chaos, WorkerProcess, end_worker
from tests.support.git_server import drop, status
from tests.support.proxy import Fault, Plan, Statement

HOUR = 3_600.0
# Statements without a transaction of their own, where an answer that is lost matters most.
STATEMENTS = (
    *("lease_next", "end_run", "renew_lease", "finish_job", "add_snapshot", "publish_snapshot"),
    *("leases_run_out", "attempt_outcome", "enqueue_job", "enqueue_job_once", "cancel_job"),
)


@dataclass
class Nemesis:
    """Does harm until it is stopped; `heal` undoes all of it."""

    chaos: Chaos
    history: History
    chance: random.Random
    pause_seconds: float
    stopping: threading.Event
    done: Counter[str] = field(default_factory=Counter)
    _plans: list[tuple[str, Plan]] = field(default_factory=list)
    _undo: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def rage(self, tick: Callable[[], None]) -> None:
        """One fault after the other; `tick` is called before each.

        For the main thread: the kernel ends a worker with the very thread that started it.
        """
        kinds = {
            self.kill: 10,
            self.freeze: 9,
            self.cut_commit_before: 9,
            self.cut_commit_after: 9,
            self.cut_statement: 12,
            self.cut_connections: 4,
            self.blackhole: 4,
            self.wrong_clock: 6,
            self.git_trouble: 4,
            self.refuse: 2,
            self.slow_database: 2,
            self.restart_fast: 1.5,
            self.restart_immediate: 1.5,
        }
        while not self.stopping.wait(self.chance.uniform(0.3, 2 * self.pause_seconds)):
            tick()
            self._tidy()
            fault = self.chance.choices(list(kinds), list(kinds.values()))[0]
            begun = self.history.invoke("nemesis", fault.__name__)
            if fault():
                self.done[fault.__name__] += 1
            self.history.end(begun, OK)

    def heal(self) -> None:
        """End every fault; every place has a worker again."""
        for _, undo in self._undo:
            undo()
        self._undo.clear()
        self._count_plans()
        self.chaos.git.fault = None
        self.chaos.proxy.heal()
        for worker in self.chaos.workers:
            self._thaw(worker)
            if not worker.alive:
                end_worker(worker)
                self.chaos.start_worker(worker)

    def kill(self) -> bool:
        worker = self._worker()
        end_worker(worker)
        self.chaos.start_worker(worker)
        return True

    def wrong_clock(self) -> bool:
        """A worker whose clock is an hour wrong takes the place of another."""
        worker = self._worker()
        end_worker(worker)
        self.chaos.start_worker(worker, clock_shift=self.chance.choice((-HOUR, HOUR)))
        return True

    def freeze(self) -> bool:
        """Stop a worker, mostly past its lease, and let it go on then."""
        worker = self._worker()
        process = worker.process
        if worker.frozen or process is None or not worker.alive:
            return False
        os.kill(process.pid, signal.SIGSTOP)
        worker.frozen = True
        self._later(
            LEASE_SECONDS + self.chance.uniform(-1, 3),
            lambda: self._thaw(worker) if worker.process is process else None,
        )
        return True

    def cut_commit_before(self) -> bool:
        return self._cut_commit(Fault.CUT_BEFORE)

    def cut_commit_after(self) -> bool:
        return self._cut_commit(Fault.CUT_AFTER)

    def cut_statement(self) -> bool:
        """Cut, or lose, a statement of some name, or its answer."""
        name = self.chance.choice(STATEMENTS)
        fault = self.chance.choice(
            (Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.LOSE_BEFORE, Fault.LOSE_AFTER)
        )
        self._planned("cut_statement", fault, lambda one: one.name == name)
        if fault in {Fault.LOSE_BEFORE, Fault.LOSE_AFTER}:
            self._later(self.chance.uniform(1, 6), self.chaos.proxy.heal)
        return False

    def cut_connections(self) -> bool:
        return self.chaos.proxy.cut() > 0

    def blackhole(self) -> bool:
        """Nothing passes for a while, for one worker or for everybody."""
        worker = self._worker().name
        kind = self.chance.choice((None, f"kotadb-worker {worker}", f"kotadb-heartbeat {worker}"))
        self._later(self.chance.uniform(1, LEASE_SECONDS + 3), self.chaos.proxy.heal)
        return self.chaos.proxy.blackhole(kind) > 0

    def refuse(self) -> bool:
        self.chaos.proxy.refuse()
        self._later(self.chance.uniform(0.5, 4), self.chaos.proxy.heal)
        return self.chaos.proxy.cut() >= 0

    def slow_database(self) -> bool:
        self.chaos.proxy.delay(self.chance.uniform(0.1, 0.6))
        self._later(self.chance.uniform(1, 4), self.chaos.proxy.heal)
        return True

    def restart_fast(self) -> bool:
        self.chaos.restart_database(signal.SIGINT)
        return True

    def restart_immediate(self) -> bool:
        self.chaos.restart_database(signal.SIGQUIT)
        return True

    def git_trouble(self) -> bool:
        """The git server has no answer for a while, or breaks off."""
        self.chaos.git.fault = self.chance.choice((status(503), drop))
        self._later(self.chance.uniform(0.5, 3), lambda: setattr(self.chaos.git, "fault", None))
        return True

    def _cut_commit(self, fault: Fault) -> bool:
        def chosen(one: Statement) -> bool:
            return one.text == "COMMIT" and one.application.startswith("kotadb-worker")

        self._planned(f"cut_commit_{fault.name.removeprefix('CUT_').lower()}", fault, chosen)
        return False

    def _planned(self, kind: str, fault: Fault, chosen: Callable[[Statement], bool]) -> None:
        self._plans.append((kind, self.chaos.proxy.plan(fault, chosen)))

    def _count_plans(self) -> None:
        self.done.update(kind for kind, plan in self._plans if plan.met.is_set())
        self._plans = [(kind, plan) for kind, plan in self._plans if not plan.met.is_set()]

    def _worker(self) -> WorkerProcess:
        return self.chance.choice(self.chaos.workers)

    def _thaw(self, worker: WorkerProcess) -> None:
        if worker.frozen and worker.alive and worker.process is not None:
            os.kill(worker.process.pid, signal.SIGCONT)
        worker.frozen = False

    def _later(self, seconds: float, undo: Callable[[], None]) -> None:
        self._undo.append((time.monotonic() + seconds, undo))

    def _tidy(self) -> None:
        """Undo what has lasted long enough, and put a worker where one has ended by itself."""
        now = time.monotonic()
        for due, undo in [one for one in self._undo if one[0] <= now]:
            self._undo.remove((due, undo))
            undo()
        self._count_plans()
        for worker in self.chaos.workers:
            if not worker.alive:
                end_worker(worker)
                self.chaos.start_worker(worker)
