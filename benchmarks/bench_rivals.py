"""Indexing beside scip-typescript and universal-ctags: the same files, in one run, in turns.

    make bench-rivals REPO=/path/to/repository

The rivals run on copies, in which nothing is installed: scip-typescript once with the tsconfig.json
that the repository has (an empty one is inferred where it has none), and once with one that lists
the files that are indexed here. Figures are those of the whole process tree, its start included; of
the whole job without the database server's, which stand apart. What a rival fails at is said.
"""

from __future__ import annotations

import statistics
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from console import tell
from indexing.inputs import Input, check_out, prepared
from indexing.measured import MEGABYTE, Cost, RunFailed, run_measured
from indexing.options import parser_for
from indexing.report import conditions, header, median_and_range
from indexing.rivals import NotInstalled, Rival, ctags, default_folder, scip_typescript
from indexing.stage import IN_MEMORY, RAW_PARSE, WHOLE_JOB, run_stage

ROUNDS = 3
LIMIT_SECONDS = 900.0
OURS = {
    RAW_PARSE: "raw parse (tree-sitter)",
    IN_MEMORY: "KotaDB, parse + extract + resolve, one process",
    WHOLE_JOB: "KotaDB, whole job with fetch and store",
}


@dataclass(slots=True)
class Measured:
    """What one contender's rounds gave; `failed` says how one of them ended badly."""

    costs: list[Cost] = field(default_factory=list)
    covered: int = 0
    database_cpu: list[float] = field(default_factory=list)
    failed: str = ""


Turn = Callable[[Measured], None]


def main() -> None:
    parser = parser_for(__doc__, rounds=ROUNDS)
    parser.add_argument(
        "--limit", type=float, default=LIMIT_SECONDS, help="seconds after which a run is ended"
    )
    parser.add_argument(
        "--folder", type=Path, default=default_folder(), help="where scip-typescript is installed"
    )
    arguments = parser.parse_args()
    rivals = _rivals(arguments.folder)
    for repository in arguments.repositories:
        _measure(repository, rivals, arguments)
    versions = dict.fromkeys(rival.version for rival in rivals)
    print(f"\n{conditions(arguments.rounds)}; {', '.join(versions)}")


def _rivals(folder: Path) -> list[Rival]:
    finders: dict[str, Callable[[], list[Rival]]] = {
        "universal-ctags": lambda: [ctags()],
        "scip-typescript": lambda: scip_typescript(folder),
    }
    found: list[Rival] = []
    for name, find in finders.items():
        try:
            found += find()
        except NotInstalled as error:
            print(f"{name} is left out: {error}")
    return found


def _measure(repository: Path, rivals: list[Rival], arguments: Namespace) -> None:
    with prepared(repository) as given:
        turns: dict[str, Turn] = {
            name: _our_turn(stage, given, arguments.limit) for stage, name in OURS.items()
        }
        for number, rival in enumerate(rivals):
            # Each has a copy of its own: one that writes a configuration changes no other's.
            copy = given.folder / f"rival{number}"
            check_out(repository, copy)
            turns[rival.name] = _turn(rival, given, copy, arguments.limit)
        measured: dict[str, Measured] = defaultdict(Measured)
        for number in range(1, arguments.rounds + 1):
            for name, turn in turns.items():
                if measured[name].failed:
                    continue
                try:
                    turn(measured[name])
                    told = f"{measured[name].costs[-1].cpu:.2f} s of CPU"
                except RunFailed as error:
                    measured[name].failed = told = f"failed: {error}"
                tell(f"{given.name}, round {number}, {name}: {told}")
        _print(given, measured)


def _our_turn(stage: str, given: Input, seconds: float) -> Turn:
    def turn(measured: Measured) -> None:
        figures, ended = run_stage(stage, given, seconds=seconds)
        measured.costs.append(ended.cost)
        measured.covered = figures.get("files_indexed", len(given.files))
        if figures.get("database_cpu") is not None:
            measured.database_cpu.append(figures["database_cpu"])

    return turn


def _turn(rival: Rival, given: Input, copy: Path, seconds: float) -> Turn:
    def turn(measured: Measured) -> None:
        output = given.folder / "rival-output"
        output.unlink(missing_ok=True)
        ended = run_measured(rival.command(given, copy, output), seconds=seconds, folder=copy)
        if not output.exists():
            raise RunFailed("it ended well and wrote nothing")
        measured.costs.append(ended.cost)
        measured.covered = rival.covered(given, output, ended)

    return turn


def _print(given: Input, measured: dict[str, Measured]) -> None:
    files, megabytes = len(given.files), given.size / MEGABYTE
    print(f"\n## {given.name}: {files:,} files, {megabytes:.2f} MB\n")
    print(header("", "CPU s (min-max)", "wall s", "MB/s of CPU", "peak MB", "files covered"))
    for name, one in measured.items():
        if one.failed:
            print(f"| {name} | {one.failed} | | | | |")
            continue
        cpus, walls, peaks = zip(*one.costs, strict=True)
        beside = ""
        if one.database_cpu:
            beside = f" + {statistics.median(one.database_cpu):.2f} of the database"
        print(
            f"| {name} | {median_and_range(cpus)}{beside} | {statistics.median(walls):.2f} "
            f"| {megabytes / statistics.median(cpus):.2f} | {statistics.median(peaks):.0f} "
            f"| {one.covered:,} ({one.covered / max(1, files):.0%}) |"
        )


if __name__ == "__main__":
    main()
