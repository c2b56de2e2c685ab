"""The tables of docs/scaling.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from indexer.jobs.sweep import BATCH_SIZE, MOST_BATCHES

from . import deployed, footprint
from .formulas import offered, servers
from .simulation import Outcome, Simulation, deployed_stack, percentile
from .workload import DAY, Workload, measured, on_lambda, pushed

SEED = 1
# What an asynchronous invocation takes to arrive is AWS's affair; measured with none: 8 ms.
HINT_SECONDS = 0.1
CASES = ((100, (1, 3)), (1_000, (1, 3)), (10_000, (3, 5, 7, 12)))
SIZES = (100, 1_000, 10_000)
# What a person asks of the index; docs/cost.md takes as much.
REQUESTS_A_DAY = 100.0
# A queue of which each server is busy for more of the time has long waits.
BUSY_ENOUGH = 0.7
CHOSEN = ((5, 1, 1), (20, 3, 2), (20, 7, 2), (100, 12, 4))
SIMULATION_HEAD = (
    "| repositories | workers | pushes a day | coalesced | wait p50 / p95 / p99, s "
    "| push to index p50 / p95, s | waiting, mean / most | workers busy | worker s a day "
    "| connections |\n|---|---|---|---|---|---|---|---|---|---|\n"
)


def simulated(workload: Workload, *, workers: int, seed: int) -> Outcome:
    """A day of this workload on the stack that the template deploys."""
    tick = footprint.tick()
    stack = deployed_stack(
        workers=workers,
        warm=tick.seconds,
        cold=footprint.sweep().first,
        hint=HINT_SECONDS,
    )
    return Simulation(workload, stack, seed=seed).run()


def row(repositories: int, workers: int, told: Outcome) -> str:
    """One line of the table of the simulation."""
    waits = " / ".join(f"{percentile(told.waits, percent):,.1f}" for percent in (50, 95, 99))
    answers = " / ".join(f"{percentile(told.answers, percent):,.0f}" for percent in (50, 95))
    held = deployed.connections(api=0, worker=told.environments, admin=0).worker
    return (
        f"| {repositories:,} | {workers} | {told.pushes:,} | {told.coalesced:.1%} | {waits} "
        f"| {answers} | {told.depth_mean:,.2f} / {told.depth_most:,} "
        f"| {told.utilisation(workers):.0%} | {told.billed:,.0f} | {held} |\n"
    )


def table_of_the_simulation(cases: Iterable[tuple[int, Sequence[int]]] = CASES) -> str:
    """Every case, as one day of it goes."""
    rows = [
        row(
            repositories,
            workers,
            simulated(
                Workload(repositories=repositories, durations=pushed(SEED)),
                workers=workers,
                seed=SEED,
            ),
        )
        for repositories, numbers in cases
        for workers in numbers
    ]
    return SIMULATION_HEAD + "".join(rows)


def table_of_connections() -> str:
    """Connections of the template's defaults, and of others."""
    defaults = tuple(
        deployed.parameter(name)
        for name in ("ApiConcurrency", "WorkerConcurrency", "AdminConcurrency")
    )
    rows = []
    for chosen in dict.fromkeys((*CHOSEN, defaults)):
        held = deployed.connections(api=chosen[0], worker=chosen[1], admin=chosen[2])
        rows.append(
            f"| {chosen[0]}{' (default)' if chosen == defaults else ''} | {chosen[1]} "
            f"| {chosen[2]} | {held.api} + {held.worker} + {held.admin} | {held.total} |\n"
        )
    return (
        "| `ApiConcurrency` | `WorkerConcurrency` | `AdminConcurrency` "
        "| API + worker + admin | connections |\n|---|---|---|---|---|\n" + "".join(rows)
    )


def table_of_needs() -> str:
    """What so many repositories need, by the formulas of the page."""
    columns = [_needs(repositories) for repositories in SIZES]
    head = " | ".join(f"{repositories:,}" for repositories in SIZES)
    rows = "".join(
        f"| {name} | {' | '.join(column[name] for column in columns)} |\n" for name in columns[0]
    )
    return f"| repositories | {head} |\n|{'---|' * (1 + len(SIZES))}\n{rows}"


def sweeps_a_day() -> float:
    """Rows of one kind that the scheduled sweep moves in a day at most."""
    return MOST_BATCHES * BATCH_SIZE * DAY / deployed.period_seconds("AdminFunction", "Sweep")


def _needs(repositories: int) -> dict[str, str]:
    workload = Workload(repositories=repositories, durations=pushed(SEED))
    job, question, rows = footprint.job(), footprint.question(), footprint.row_bytes()
    jobs = repositories * workload.pushes_a_day
    busiest = (1 + workload.swing) / DAY
    load = offered(arrivals=jobs * busiest, seconds=job.seconds)
    asked = repositories * REQUESTS_A_DAY * busiest
    asking = servers(arrivals=asked, seconds=question.seconds, utilisation=BUSY_ENOUGH)
    working = servers(arrivals=jobs * busiest, seconds=job.seconds, utilisation=BUSY_ENOUGH)
    kept = jobs * deployed.settings().job_keep_days
    return {
        "jobs a day": f"{jobs:,.0f}",
        "workers at work in the busiest moment": f"{load:.2f}",
        "`WorkerConcurrency`, each busy for 70 % of it": f"{working}",
        "API environments likewise": f"{asking}",
        "index in the database, GB": f"{repositories * job.stored / 1e9:,.1f}",
        "write-ahead log a day, GB": f"{jobs * job.wal / 1e9:,.0f}",
        "the same in the busiest moment, MB/s": f"{jobs * busiest * job.wal / 1e6:.2f}",
        "jobs kept (`JOB_KEEP_DAYS`), millions": f"{kept / 1e6:.2f}",
        "`index_jobs` for it, MB": f"{kept * rows['index_jobs'] / 1e6:,.0f}",
        "of the rows that the sweep can archive a day": f"{jobs / sweeps_a_day():.0%}",
        "all of them indexed for the first time, h at `WorkerConcurrency`": (
            f"{_first_index_hours(repositories, working):.1f}"
        ),
    }


def _first_index_hours(repositories: int, workers: int) -> float:
    figures = measured().first
    return math.fsum(figures) / len(figures) * on_lambda() * repositories / workers / 3_600
