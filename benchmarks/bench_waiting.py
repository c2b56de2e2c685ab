"""How long jobs wait in the real queue, beside what the simulation says of the same pushes.

    python benchmarks/bench_waiting.py --minutes 3

The pushes and the length of each job are the same in both. The queue, the database and the loop of
the workers are real; the jobs only wait, and time runs ten times as fast. What a move of the queue
takes is not faster, so the simulation is told how long it is, in the time of the workload.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
from contextlib import ExitStack, redirect_stdout
from dataclasses import replace
from pathlib import Path

from console import commit, tell
from scaling.real_queue import RealRun
from scaling.simulation import Outcome, Simulation, deployed_stack, percentile
from scaling.workload import DAY, Workload, pushed

from indexer.database.target import Target
from indexer.observability import logger
from indexer.settings import Settings
from kotadb_local.launch import database_server, prepare
from kotadb_local.place import Place
from kotadb_local.postgres import EmbeddedPostgres
from kotadb_local.service import API, WORKER

REPOSITORIES, WORKERS, FASTER = 40, 3, 10.0
# From the end of a job to the beginning of the next, and from an enqueue to the first lease, as
# this machine takes them.
MOVE_SECONDS, START_SECONDS = 0.02, 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="of real time")
    parser.add_argument("--load", type=float, default=0.8, help="pushes' work for each worker")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    workload = _workload(arguments.load, arguments.minutes * 60 * FASTER, arguments.seed)
    stack = replace(
        deployed_stack(workers=WORKERS, warm=0.0, cold=0.0, hint=0.0),
        move=MOVE_SECONDS * FASTER,
        warm=START_SECONDS * FASTER,
    )
    pushes = list(workload.pushes(arguments.seed))
    simulated = Simulation(workload, stack, seed=arguments.seed).run(pushes)
    tell(f"{len(pushes)} pushes in {arguments.minutes:g} minutes")
    with ExitStack() as ending:
        folder = ending.enter_context(tempfile.TemporaryDirectory(prefix="kotadb-waiting-"))
        place = Place(state=Path(folder) / "state", dotenv=Path(folder) / ".env")
        ending.callback(EmbeddedPostgres(place.state).forget)
        with database_server(place, {}) as admin:
            logins = prepare(place, admin, Settings(), lambda _text: None).urls
            running = RealRun(
                workload=workload,
                stack=stack,
                seed=arguments.seed,
                faster=FASTER,
                admin=admin,
                api=Target.parse(logins[API]),
                worker=Target.parse(logins[WORKER]),
                folder=Path(folder),
            )
            # What the workers log and count would stand among the results.
            logger.setLevel("CRITICAL")
            with redirect_stdout(io.StringIO()):
                real = running.run(pushes)
            jobs, attempts, live = running.held()
    print("| | pushes | jobs | not completed | work | mean wait, s | p50 | p95 | p99 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, told in (("simulated", simulated), ("real", real)):
        print(_row(name, told))
    print(f"\nBytes of a job: {jobs:,} as job, {attempts:,} as attempt, {live:,} in the queue.")
    print(f"Commit {commit()}")


def _workload(load: float, seconds: float, seed: int) -> Workload:
    """Few repositories and many pushes, so that much of it coalesces."""
    durations = pushed(seed)
    mean = statistics.fmean(
        durations(repository, (draw + 0.5) / 30)
        for repository in range(REPOSITORIES)
        for draw in range(30)
    )
    return Workload(
        repositories=REPOSITORIES,
        pushes_a_day=load * WORKERS * DAY / mean / REPOSITORIES,
        spread=1.0,
        swing=0.0,
        seconds=seconds,
        failing=0.02,
        a_tenant=10,
        durations=durations,
    )


def _row(name: str, told: Outcome) -> str:
    waits = [f"{percentile(told.waits, percent):.1f}" for percent in (50, 95, 99)]
    return (
        f"| {name} | {told.pushes} | {told.jobs} | {told.jobs - told.completed} "
        f"| {told.busy / WORKERS / told.horizon:.0%} | {statistics.fmean(told.waits):.2f} "
        f"| {' | '.join(waits)} |"
    )


if __name__ == "__main__":
    main()
