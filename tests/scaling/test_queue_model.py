"""The simulation's queue beside the real one: the same moves, and the same answers to each."""

import random
from contextlib import closing
from itertools import count

import pytest
from benchmarks.scaling.queue_model import QueueModel, State
from tests.fixtures.queue import QueueBench

from indexer.database.connection import Database
from indexer.errors import TransientJobError
from indexer.jobs.queue import JobQueue
from indexer.jobs.retry import retry_delay
from indexer.settings import Settings

# The backoff is so long that no real time which passes in the test counts.
SETTINGS = Settings(
    worker_team_size=3,
    tenant_team_size=2,
    retry_limit=1,
    retry_delay=10_000,
    retry_delay_max=10_000,
    lease_seconds=1e6,
)
REPOSITORIES, TENANTS, MOVES = 8, 2, 150


class Refused(TransientJobError):
    code = "remote_unavailable"


class Both:
    """The model and the real queue, moved together. Time stands still but for `pass_time`."""

    def __init__(self, scratch, api, worker, tenants):
        self.benches = [QueueBench(scratch, api, worker, one, SETTINGS) for one in tenants]
        self.scratch = scratch
        # By this clock seconds pass between two leases, so that each looks from the beginning.
        self.queue = JobQueue(
            worker, SETTINGS, jitter=lambda: 0.0, clock=lambda: 10.0 * next(self.moves)
        )
        self.moves = count()
        self.queue.obey_settings()
        self.model = QueueModel(
            slots=SETTINGS.worker_team_size,
            places=SETTINGS.tenant_cap,
            max_runs=SETTINGS.max_runs,
            backoff=lambda runs: retry_delay(
                runs, base=SETTINGS.retry_delay, cap=SETTINGS.retry_delay_max, jitter=0.0
            ).total_seconds(),
        )
        self.now = 0.0
        self.repository = {}
        self.running = []

    def move(self):
        """The model's clock: each move is later than the one before."""
        self.now += 1e-3
        return self.now

    def push(self, ref):
        tenant = ref % TENANTS
        made = self.model.enqueue(ref, tenant, self.move())
        told = self.benches[tenant].enqueue(f"ada/engine-{ref}")
        self.repository[ref] = told.repository_id
        assert told.deduplicated == (made is None)

    def lease(self):
        job, lease = self.model.lease(self.move()), self.queue.lease_next(worker="tests")
        assert (job is None) == (lease is None)
        if job is not None:
            assert lease.repository_id == self.repository[job.ref]
            assert lease.round_attempt == job.runs
            self.running.append((job, lease))

    def complete(self, which):
        job, lease = self.running.pop(which)
        self.model.complete(job)
        self.benches[job.tenant].complete(lease)

    def fail(self, which):
        job, lease = self.running.pop(which)
        status = self.queue.fail(lease, Refused("no answer"))
        state = self.model.fail(job, self.move())
        assert (
            status
            == {
                State.DELAYED: "pending",
                State.FAILED: "failed",
                State.SUPERSEDED: "skipped",
            }[state]
        )

    def pass_time(self):
        self.now += 20_000.0
        self.scratch.pass_time(20_000.0)

    def depth(self):
        rows = self.scratch.sql(
            "SELECT count(*) AS due FROM kotadb_queue.live "
            "WHERE state IN ('ready', 'waiting', 'delayed')"
        )
        return rows[0]["due"]


@pytest.fixture
def both(migrated_database, api_database, make_tenant):
    with closing(Database(migrated_database.worker)) as worker:
        tenants = [make_tenant(f"ada-{number}@example.com") for number in range(TENANTS)]
        yield Both(migrated_database, api_database, worker, tenants)


@pytest.mark.parametrize("seed", range(4))
def test_the_model_answers_every_move_as_the_real_queue_does(both, seed):
    chance = random.Random(seed)
    seen = set()
    for _ in range(MOVES):
        move = chance.choices(
            ["push", "lease", "complete", "fail", "pass_time"], weights=[45, 30, 12, 12, 3]
        )[0]
        if move in {"complete", "fail"}:
            if not both.running:
                continue
            getattr(both, move)(chance.randrange(len(both.running)))
        elif move == "push":
            both.push(chance.randrange(REPOSITORIES))
        else:
            getattr(both, move)()
        seen.add(move)
        assert both.model.depth == both.depth()
        assert both.model.running == len(both.running)
    assert seen == {"push", "lease", "complete", "fail", "pass_time"}
