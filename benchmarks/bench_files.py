"""The files that take longest among those of the given repositories, and the largest.

    python benchmarks/bench_files.py REPOSITORY…

CPU seconds of a file's parse and extraction, and of the resolution of its references beside all the
other files; the median of the rounds. No file may take two seconds.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from console import positive, tell
from indexing.inputs import prepared
from indexing.measured import MEGABYTE
from indexing.options import parser_for
from indexing.report import against_goal, conditions, header
from indexing.stage import EACH_FILE, run_stage

ROUNDS, SHOWN = 3, 5
GOAL_SECONDS = 2.0


class FileCost(NamedTuple):
    """What one file costs, in CPU seconds."""

    repository: str
    path: str
    size: int
    extract: float
    resolve: float

    @property
    def seconds(self) -> float:
        return self.extract + self.resolve


def main() -> None:
    parser = parser_for(__doc__, rounds=ROUNDS)
    parser.add_argument("--show", type=positive, default=SHOWN, help="files of each list")
    arguments = parser.parse_args()
    files: list[FileCost] = []
    for repository in arguments.repositories:
        found = _measure(repository, arguments.rounds)
        # Only these can be among the first of all.
        files += _slowest(found, arguments.show) + _largest(found, arguments.show)
    files = list(dict.fromkeys(files))
    _print("Slowest", _slowest(files, arguments.show))
    _print("Largest", _largest(files, arguments.show))
    slowest = max((one.seconds for one in files), default=0.0)
    print(f"\n{against_goal('seconds of the slowest file', slowest, GOAL_SECONDS)}")
    print(f"\n{conditions(arguments.rounds)}")


def _measure(repository: Path, rounds: int) -> list[FileCost]:
    extracts: dict[tuple[str, int], list[float]] = defaultdict(list)
    resolves: dict[tuple[str, int], list[float]] = defaultdict(list)
    with prepared(repository) as given:
        for _ in range(rounds):
            for path, size, extract, resolve in run_stage(EACH_FILE, given)[0]["files"]:
                extracts[path, size].append(extract)
                resolves[path, size].append(resolve)
        tell(f"{given.name}: {len(given.files):,} files")
    return [
        FileCost(
            given.name,
            path,
            size,
            statistics.median(times),
            statistics.median(resolves[path, size]),
        )
        for (path, size), times in extracts.items()
    ]


def _slowest(files: list[FileCost], count: int) -> list[FileCost]:
    return sorted(files, key=lambda one: one.seconds, reverse=True)[:count]


def _largest(files: list[FileCost], count: int) -> list[FileCost]:
    return sorted(files, key=lambda one: one.size, reverse=True)[:count]


def _print(title: str, files: list[FileCost]) -> None:
    print(f"\n{title}:\n\n{header('file', 'MB', 'extract s', 'resolve s', 'both s')}")
    for one in files:
        print(
            f"| {one.repository}: {one.path} | {one.size / MEGABYTE:.2f} | {one.extract:.2f} "
            f"| {one.resolve:.2f} | {one.seconds:.2f} |"
        )


if __name__ == "__main__":
    main()
