"""What each move of a job costs, and what of it goes to the guards of the queue's tables.

    python benchmarks/bench_moves.py           (--without checks policies: these alone)

Each variant is the product's own queue in a database that lacks something, all on one server with
durable settings and in turn in random order. The figures are microseconds for one job: the wall
time, in brackets the CPU of the server's processes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import psycopg
from console import commit, positive, tell
from queues import kotadb_driver as ours
from queues import steps
from queues.servers import durable_server, new_database, our_logins, superuser_url
from server_cpu import postmaster_of, server_cpu

from indexer.jobs.model import Lease
from indexer.observability import logger

TABLES = "'kotadb_queue.live', 'kotadb.index_jobs', 'kotadb.job_attempts', 'kotadb.repositories'"
# All constraints of a kind ("c": checks, "f": foreign keys) of the tables that a move writes.
DROP_CONSTRAINTS = """
DO $$ DECLARE made record; BEGIN
    FOR made IN
        SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype = '{kind}' AND conrelid = ANY(ARRAY[{tables}]::regclass[])
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', made.place, made.conname);
    END LOOP;
END $$;
"""
TRIGGERS = """
DROP TRIGGER rows_came ON kotadb_queue.live;
DROP TRIGGER rows_moved ON kotadb_queue.live;
DROP TRIGGER rows_went ON kotadb_queue.live;
DROP TRIGGER job_transition ON kotadb.index_jobs;
"""
POLICIES = """
ALTER TABLE kotadb_queue.live DISABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.index_jobs DISABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.job_attempts DISABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.repositories DISABLE ROW LEVEL SECURITY;
"""
# With them gone the end of a job stands in no index: its new version may lie beside the old one.
INDEXES = """
DROP INDEX kotadb.index_jobs_by_age;
DROP INDEX kotadb.index_jobs_finished;
DROP INDEX kotadb.index_jobs_of_queue_job;
DROP INDEX kotadb.one_open_attempt_per_job;
DROP INDEX kotadb_queue.live_leases_by_end;
ALTER TABLE kotadb.index_jobs SET (fillfactor = 50);
ALTER TABLE kotadb.job_attempts SET (fillfactor = 50);
"""


def _without(kind: str) -> str:
    return DROP_CONSTRAINTS.format(kind=kind, tables=TABLES)


GUARDS: Mapping[str, str] = {
    "foreign keys": _without("f"),
    "triggers": TRIGGERS,
    "policies": POLICIES,
    "checks": _without("c"),
    "five indexes": INDEXES,
}
NOTHING, ALL = "nothing", "all of these"
VARIANTS = {NOTHING: "", **GUARDS, ALL: "".join(GUARDS.values())}
MOVES = (
    *("enqueue one", "end one, lease the next"),
    *("enqueue", "lease", "complete", "archive"),
)
BATCH = 1_000

Done = TypeVar("Done")
Figures = dict[str, list[tuple[float, float]]]


class Clock:
    """Wall time and the server's CPU of what is called, summed up for each move."""

    def __init__(self, url: str) -> None:
        self._postmaster = postmaster_of(url)
        self.wall: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)

    def of(self, move: str, work: Callable[[], Done]) -> Done:
        """Do it once and note what it took."""
        before, started = self._server(), time.perf_counter()
        done = work()
        self.wall[move] += time.perf_counter() - started
        self.cpu[move] += self._server() - before
        return done

    def _server(self) -> float:
        if (seconds := server_cpu(self._postmaster)) is None:
            raise SystemExit("this system does not tell what CPU the server took")
        return seconds


def _one_by_one(queue: ours.OurQueue, jobs: int, clock: Clock) -> None:
    clock.of("enqueue one", lambda: queue.fill_one_by_one(jobs))
    queue.settle()
    _demand(clock.of("end one, lease the next", lambda: queue.work_off(jobs)), jobs)


def _in_batches(queue: ours.OurQueue, jobs: int, clock: Clock) -> None:
    clock.of("enqueue", lambda: queue.fill_in_batches(jobs, BATCH))
    queue.settle()
    for _ in range(jobs // BATCH):
        leases: list[Lease] = clock.of("lease", lambda: queue.outgoing.lease(BATCH, worker="w"))
        _demand(len(leases), BATCH)
        runs = [ours.completion(one) for one in leases]
        held = clock.of("complete", partial(queue.outgoing.complete, runs))
        _demand(len(held), BATCH)
        clock.of("archive", lambda: queue.archive(BATCH))


def _demand(done: int, wanted: int) -> None:
    if done != wanted:
        raise SystemExit(f"{done} of {wanted} jobs were moved")


def _measure(figures: Figures, place: steps.Arguments, singles: int, batches: int) -> None:
    for moves, settings, jobs in (
        (_one_by_one, ours.SINGLES, singles),
        (_in_batches, ours.BATCHES, batches * BATCH),
    ):
        ours.empty(place)
        with ours.open_queue(place, **settings) as queue:
            queue.enqueue(jobs)  # each connection has its plans before the clock runs
            queue.work_off(1)
            clock = Clock(place.url)
            moves(queue, jobs, clock)
            for move, seconds in clock.wall.items():
                figures[move].append((seconds / jobs * 1e6, clock.cpu[move] / jobs * 1e6))


def main() -> None:
    arguments = _arguments()
    names = [NOTHING, *(arguments.without or [*GUARDS, ALL])]
    databases: dict[str, steps.Arguments] = {}
    figures: dict[str, Figures] = {name: defaultdict(list) for name in names}
    with durable_server() as (place, admin):
        for number, name in enumerate(names):
            target = new_database(admin, f"variant_{number}")
            databases[name] = steps.Arguments(
                url=superuser_url(target), logins=our_logins(place, target)
            )
            ours.prepare(databases[name])
            with psycopg.connect(databases[name].url, autocommit=True) as superuser:
                superuser.execute(VARIANTS[name].encode())
        for number in range(1, arguments.rounds + 1):
            for name in random.sample(names, len(names)):
                tell(f"round {number} without {name}")
                _measure(figures[name], databases[name], arguments.singles, arguments.batches)
    print(f"| without | {' | '.join(MOVES)} |")
    print("|---" * (len(MOVES) + 1) + "|")
    for name in names:
        print(f"| {name} | {' | '.join(_figure(figures[name][move]) for move in MOVES)} |")
    print(f"\nat commit {commit()}, {arguments.rounds} rounds")


def _figure(measured: list[tuple[float, float]]) -> str:
    wall, cpu = (statistics.median(one) for one in zip(*measured, strict=True))
    return f"{wall:,.0f} ({cpu:,.0f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--rounds", type=positive, default=3, help="each variant's turns")
    parser.add_argument("--singles", type=positive, default=1_500, help="jobs moved one by one")
    parser.add_argument("--batches", type=positive, default=20, help="of a thousand jobs each")
    parser.add_argument("--without", nargs="+", choices=[*GUARDS, ALL], metavar="GUARD")
    return parser.parse_args()


if __name__ == "__main__":
    logger.setLevel("CRITICAL")
    main()
