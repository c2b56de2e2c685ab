"""How long jobs wait when many repositories are pushed to: discrete events, deterministic by seed.

    python benchmarks/simulate_scaling.py                  # the table of docs/scaling.md
    python benchmarks/simulate_scaling.py --repositories 5000 --workers 3 6 --pushes 12

Numbers of the deployed stack come from the template and the settings, durations of jobs from
`benchmarks/RESULTS.md`. `tests/scaling` holds the simulation against the formulas of queueing
theory, and its queue, move by move, against the real one; `bench_waiting.py` holds a whole run
against real workers.
"""

from __future__ import annotations

import argparse

from console import positive
from scaling.report import SIMULATION_HEAD, row, simulated, table_of_the_simulation
from scaling.workload import Workload, pushed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--repositories",
        type=positive,
        help="how many; without it the cases of docs/scaling.md are run",
    )
    parser.add_argument("--workers", type=positive, nargs="+", default=[3])
    parser.add_argument(
        "--pushes", type=_number, default=5.0, help="a day of a repository, on average"
    )
    parser.add_argument("--spread", type=_number, default=2.0, help="of the repositories' rates")
    parser.add_argument("--swing", type=_share, default=0.8, help="of the busiest moment, 0 to 1")
    parser.add_argument("--failing", type=_share, default=0.01, help="share of runs that fail")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.repositories is None:
        print(table_of_the_simulation(), end="")
        return
    workload = Workload(
        repositories=arguments.repositories,
        pushes_a_day=arguments.pushes,
        spread=arguments.spread,
        swing=arguments.swing,
        failing=arguments.failing,
        durations=pushed(arguments.seed),
    )
    print(SIMULATION_HEAD, end="")
    for workers in arguments.workers:
        told = simulated(workload, workers=workers, seed=arguments.seed)
        print(row(arguments.repositories, workers, told), end="", flush=True)


def _number(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("it takes a number, zero or more")
    return number


def _share(text: str) -> float:
    if (share := _number(text)) > 1:
        raise argparse.ArgumentTypeError("it takes a share, 0 to 1")
    return share


if __name__ == "__main__":
    main()
