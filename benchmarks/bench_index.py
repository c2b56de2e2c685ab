"""What indexing a repository costs, stage by stage, beside the raw parse of the same files.

    make bench REPO=/path/to/repository          (a Git repository; its HEAD is indexed)

Each stage runs in a process of its own, the stages in turn, several times over, so that a machine
whose speed drifts treats all of them alike. CPU seconds say more than wall seconds; of the job they
are those of the worker and its children, and the database's stand beside them. The whole job is
forced, so that it takes nothing over; "store" is that job's store alone, its rows being made before
the clock runs; "re-index" is the job after a commit that changes one file, of middling size first,
of another size in each round: once by an export more, once where no other file sees it, once by a
file that comes beside it.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from console import tell
from indexing.inputs import Input, prepared
from indexing.measured import MEGABYTE
from indexing.options import parser_for
from indexing.report import against_goal, conditions, header, median_and_range
from indexing.stage import (
    EXTRACT,
    FIRST_INDEX,
    RAW_PARSE,
    RE_INDEX,
    RE_INDEX_INSIDE,
    RE_INDEX_MORE,
    RESOLVE,
    STORE,
    WHOLE_JOB,
    Figures,
    run_stage,
)

ROUNDS = 3
RE_INDEXES = (RE_INDEX, RE_INDEX_INSIDE, RE_INDEX_MORE)
STAGES = (RAW_PARSE, EXTRACT, RESOLVE, STORE, WHOLE_JOB, *RE_INDEXES)
PARSE_TO_RESOLVE_GOAL, JOB_GOAL = 3.0, 8.0
STORE_GOAL, RE_INDEX_GOAL, PEAK_GOAL = 1 / 3, 0.1, 400.0

Runs = dict[str, list[Figures]]


def main() -> None:
    arguments = parser_for(__doc__, rounds=ROUNDS).parse_args()
    for repository in arguments.repositories:
        _measure(repository, arguments.rounds)
    print(f"\n{conditions(arguments.rounds)}")


def _measure(repository: Path, rounds: int) -> None:
    with prepared(repository) as given:
        run_stage(FIRST_INDEX, given)
        runs: Runs = {stage: [] for stage in STAGES}
        for number in range(1, rounds + 1):
            for stage in STAGES:
                runs[stage].append(run_stage(stage, given)[0])
                tell(
                    f"{given.name}, round {number}, {stage}: {runs[stage][-1]['cpu']:.2f} s of CPU"
                )
        _print(given, runs)


def _median(runs: Runs, stage: str, what: str) -> float:
    return float(statistics.median(run[what] for run in runs[stage]))


def _print(given: Input, runs: Runs) -> None:
    files, megabytes = len(given.files), given.size / MEGABYTE
    job = runs[WHOLE_JOB][0]
    resolved = job["references_resolved"] / max(1, job["references_found"])
    print(f"\n## {given.name}: {files:,} files, {megabytes:.2f} MB")
    print(
        f"{job['symbols_extracted']:,.0f} symbols, {job['references_found']:,.0f} references, "
        f"{resolved:.1%} resolved\n"
    )
    print(
        header(
            *("stage", "CPU s (min-max)", "x raw parse", "database's CPU s", "wall s"),
            *("files/s", "MB/s", "peak MB", "most MB on disk"),
        )
    )
    raw = _median(runs, RAW_PARSE, "cpu")
    for stage in STAGES:
        wall = _median(runs, stage, "wall")
        peak, disk = (
            runs[stage][0][what] and f"{_median(runs, stage, what):.{digits}f}"
            for what, digits in (("peak", 0), ("disk", 1))
        )
        known = runs[stage][0].get("database_cpu") is not None
        database = f"{_median(runs, stage, 'database_cpu'):.2f}" if known else ""
        print(
            f"| {stage} | {median_and_range([run['cpu'] for run in runs[stage]])} "
            f"| {_median(runs, stage, 'cpu') / raw:.2f} "
            f"| {database} | {wall:.2f} | {files / wall:,.0f} | {megabytes / wall:.2f} "
            f"| {peak or ''} | {disk or ''} |"
        )
    print()
    for stage in RE_INDEXES:
        linked = [run["files_linked"] for run in runs[stage]]
        again = runs[stage][0]
        print(
            f"A {stage} takes {again['files_reused']:,.0f} files over, links "
            f"{', '.join(f'{one:,.0f}' for one in linked)} again and receives "
            f"{again['bytes_received']:,.0f} bytes instead of {job['bytes_received']:,.0f}.\n"
        )
    _print_goals(runs, raw)


def _print_goals(runs: Runs, raw: float) -> None:
    job_cpu, job_wall = (_median(runs, WHOLE_JOB, what) for what in ("cpu", "wall"))
    in_memory = _median(runs, EXTRACT, "cpu") + _median(runs, RESOLVE, "cpu")
    for name, figure, most in (
        ("extract and resolve, x raw parse", in_memory / raw, PARSE_TO_RESOLVE_GOAL),
        ("whole job, x raw parse", job_cpu / raw, JOB_GOAL),
        ("store, of the job's CPU", _median(runs, STORE, "cpu") / job_cpu, STORE_GOAL),
        ("store, of the job's wall time", _median(runs, STORE, "wall") / job_wall, STORE_GOAL),
        *(
            (f"{stage}, of the job's {name}", _median(runs, stage, what) / whole, RE_INDEX_GOAL)
            for stage in RE_INDEXES
            for name, what, whole in (("CPU", "cpu", job_cpu), ("wall time", "wall", job_wall))
        ),
        ("peak MB of the job", _median(runs, WHOLE_JOB, "peak"), PEAK_GOAL),
    ):
        print(against_goal(name, figure, most))


if __name__ == "__main__":
    main()
