"""What each move of a job costs, and what of it goes to the guards of the queue's tables.

    python benchmarks/bench_moves.py           (--without checks policies: these alone)

Each variant is the product's own queue in a database that lacks something, all on one server with
durable settings and in turn in random order. The figures are microseconds for one job: the wall
time, in brackets the CPU of the server's processes.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from console import commit, tell
from queues import kotadb_driver as ours
from queues import steps
from queues.servers import durable_server, new_database, our_logins, superuser_url

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
# What `utime` and `stime` of /proc/PID/stat are counted in; both stand behind the process's name.
TICKS = os.sysconf("SC_CLK_TCK")
UTIME, STIME = 11, 12
BATCH = 1_000

Done = TypeVar("Done")
Figures = dict[str, list[tuple[float, float]]]


class Clock:
    """Wall time and the server's CPU of what is called, summed up for each move."""

    def __init__(self, superuser: psycopg.Connection[Any]) -> None:
        self._superuser = superuser
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
        rows = self._superuser.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return sum(_cpu_seconds(pid) for (pid,) in rows)


def _cpu_seconds(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[UTIME]) + int(told[STIME])) / TICKS


def _one_by_one(queue: ours.OurQueue, jobs: int, clock: Clock) -> None:
    def enqueue() -> None:
        for number in range(jobs):
            queue.enqueue(number)

    def drain() -> None:
        done, lease = 0, queue.worker.lease_next(worker="w")
        while lease is not None:
            lease = queue.worker.complete(
                lease, ref="main", commit_sha=ours.COMMIT, stats=ours.STATS, next_for="w"
            )
            done += 1
        _demand(done, jobs)

    clock.of("enqueue one", enqueue)
    ours.settle(queue)
    clock.of("end one, lease the next", drain)


def _in_batches(queue: ours.OurQueue, arguments: steps.Arguments, clock: Clock) -> None:
    clock.of("enqueue", lambda: ours.fill(queue, arguments))
    ours.settle(queue)
    for _ in range(arguments.jobs // arguments.batch):
        leases: list[Lease] = clock.of(
            "lease", lambda: queue.outgoing.lease(arguments.batch, worker="w")
        )
        _demand(len(leases), arguments.batch)
        runs = [ours.completion(one) for one in leases]
        held = clock.of("complete", partial(queue.outgoing.complete, runs))
        _demand(len(held), arguments.batch)
        clock.of("archive", lambda: queue.archive(arguments.batch))


def _demand(done: int, wanted: int) -> None:
    if done != wanted:
        raise SystemExit(f"{done} of {wanted} jobs were moved")


def _measure(figures: Figures, arguments: steps.Arguments, singles: int) -> None:
    for settings, jobs, in_batches in (
        (ours.SINGLES, singles, False),
        (ours.BATCHES, arguments.jobs, True),
    ):
        ours.empty(arguments)
        with ours.open_queue(arguments, **settings) as queue:
            clock = Clock(queue.superuser)
            queue.enqueue(singles)  # each connection has its plans before the clock runs
            for lease in queue.outgoing.lease(1, worker="w"):
                queue.outgoing.complete([ours.completion(lease)])
            if in_batches:
                _in_batches(queue, arguments, clock)
            else:
                _one_by_one(queue, jobs, clock)
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
                url=superuser_url(target),
                logins=our_logins(place, target),
                jobs=arguments.batches * BATCH,
                batch=BATCH,
            )
            ours.prepare(databases[name])
            with psycopg.connect(databases[name].url, autocommit=True) as superuser:
                superuser.execute(VARIANTS[name].encode())
        for number in range(1, arguments.rounds + 1):
            for name in random.sample(names, len(names)):
                tell(f"round {number} without {name}")
                _measure(figures[name], databases[name], arguments.singles)
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
    parser.add_argument("--rounds", type=int, default=3, help="each variant's turns")
    parser.add_argument("--singles", type=int, default=1_500, help="jobs that are moved one by one")
    parser.add_argument("--batches", type=int, default=20, help="of a thousand jobs each")
    parser.add_argument("--without", nargs="+", choices=[*GUARDS, ALL], metavar="GUARD")
    return parser.parse_args()


if __name__ == "__main__":
    logger.setLevel("CRITICAL")
    main()
