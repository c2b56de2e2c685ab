"""How the cost of indexing grows with the source, from 1 to 100 MB: CPU seconds for each MB.

    python benchmarks/bench_scale.py REPOSITORY… --sizes 1 3 10 30 100

The inputs are the repositories, copied side by side in turn until there is enough; see
indexing/copies.py for what a copy keeps. The job goes by the settings of the environment
(MAX_FILES, FETCH_MAX_BYTES, JOB_SECONDS …), which are the service's limits. A linear cost has the
same CPU for each MB in each row, where the mixture is the same: few and small repositories give
that.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from console import tell
from indexing.copies import repository_of
from indexing.inputs import prepared
from indexing.measured import MEGABYTE, RunFailed
from indexing.options import parser_for
from indexing.report import conditions, header
from indexing.stage import IN_MEMORY, RAW_PARSE, WHOLE_JOB, Figures, run_stage

ROUNDS = 1
SIZES = (1.0, 3.0, 10.0, 30.0, 100.0)
COLUMNS = (
    *("MB", "copies", "files", "raw parse, CPU s/MB", "extract, CPU s/MB", "resolve, CPU s/MB"),
    *("extract and resolve, peak MB", "whole job, CPU s", "CPU s/MB", "wall s"),
    *("the database's CPU s/MB", "peak MB", "of the worker", "most MB on disk"),
)


def main() -> None:
    parser = parser_for(__doc__, rounds=ROUNDS)
    parser.add_argument("--sizes", nargs="+", type=float, default=SIZES, help="MB of source")
    arguments = parser.parse_args()
    rows = []
    for size in sorted(arguments.sizes):
        rows.append(_measure(arguments.repositories, size, arguments.rounds))
        tell(rows[-1])
    print(header(*COLUMNS), *rows, f"\n{conditions(arguments.rounds)}", sep="\n")


def _measure(repositories: Sequence[Path], size: float, rounds: int) -> str:
    with TemporaryDirectory(prefix="bench-index-") as folder:
        repository = Path(folder) / "copies"
        copies = repository_of(repositories, size, repository)
        with prepared(repository) as given:
            megabytes = given.size / MEGABYTE
            runs: dict[str, list[Figures]] = {RAW_PARSE: [], IN_MEMORY: [], WHOLE_JOB: []}
            failed = {}
            for _ in range(rounds):
                for stage, figures in runs.items():
                    try:
                        figures.append(run_stage(stage, given)[0])
                    except RunFailed as error:
                        failed[stage] = str(error)
            for stage, why in failed.items():
                print(f"{megabytes:.1f} MB, {stage}: {why}")

    def cell(stage: str, what: str, digits: int, divisor: float = 1.0) -> str:
        values = [one[what] for one in runs[stage] if one[what] is not None]
        return f"{statistics.median(values) / divisor:.{digits}f}" if values else "-"

    cells = (
        *(f"{megabytes:.1f}", str(copies), f"{len(given.files):,}"),
        cell(RAW_PARSE, "cpu", 3, megabytes),
        cell(IN_MEMORY, "extract_cpu", 3, megabytes),
        cell(IN_MEMORY, "resolve_cpu", 3, megabytes),
        cell(IN_MEMORY, "peak", 0),
        cell(WHOLE_JOB, "cpu", 1),
        cell(WHOLE_JOB, "cpu", 3, megabytes),
        cell(WHOLE_JOB, "wall", 1),
        cell(WHOLE_JOB, "database_cpu", 3, megabytes),
        cell(WHOLE_JOB, "peak", 0),
        cell(WHOLE_JOB, "peak_of_itself", 0),
        cell(WHOLE_JOB, "disk", 1),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
