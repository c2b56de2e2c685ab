"""How long the built functions take to start, beside empty ones with the same libraries.

Run from the repository, on Linux, after `make build-here`:

    python benchmarks/bench_cold_start.py [--starts 10] [--beside NAME=BUILD ...]

Each start is a new emulator with a new process, in turns, so that what else the machine does falls
on all alike. Two times are told. The init is what Lambda calls so, as the emulator reports it: from
the start of the process until the handler is imported. The first answer is that of the emulator to
a first event, the init in it; the API is asked for a symbol, of a database that refuses at once, so
it imports what that takes.

The empty functions have the layer of the build, and what every such function has: Powertools'
Logger and Metrics, the database driver, and for the API a router, the plain or the validating one.
With `--beside` other builds take part, of another commit, say.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kotadb_local.built.artifacts import (
    BuiltFunction,
    build_folder,
    built_functions,
    own_architecture,
)
from kotadb_local.built.emulator import Emulator
from kotadb_local.built.trim import FUNCTION_AT, compile_modules
from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
from kotadb_local.state import project_directory

INIT = re.compile(rb"INIT REPORT\(durationMs: ([0-9.]+)\)")
SHARED = "from aws_lambda_powertools import Logger, Metrics\n"
ROUTER = "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver\n"
EMPTY = {
    "empty, psycopg": "import psycopg\n",
    "empty, pg8000": "import pg8000\n",
    "empty with a router, psycopg": f"import psycopg\n{ROUTER}app = APIGatewayHttpResolver()\n",
    "empty with a validating router, psycopg": f"import psycopg\n{ROUTER}"
    "app = APIGatewayHttpResolver(enable_validation=True)\n",
}
HANDLER = (
    "logger, metrics = Logger(), Metrics(namespace='empty')\n"
    "def lambda_handler(event, context):\n    return {}\n"
)
# What each is measured beside: what such a function has to have in any case.
BESIDE = {
    "ApiFunction": "empty with a router, psycopg",
    "WorkerFunction": "empty, psycopg",
    "AdminFunction": "empty, pg8000",
}
# Nobody listens there.
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/none?sslmode=disable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A function to be started, and the event that it is given first."""

    function: BuiltFunction
    event: Any
    driver: str


def main() -> None:
    """Start all in turns, and print the medians and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=10, help="of each function")
    parser.add_argument(
        "--beside", action="append", default=[], metavar="NAME=BUILD", help="another build"
    )
    wanted = parser.parse_args()
    project = project_directory()
    builds = {"": build_folder(project, own_architecture())}
    for one in wanted.beside:
        name, _, folder = one.partition("=")
        builds[name] = Path(folder)
    emulator = Emulator.of(builds[""], project=project)
    with tempfile.TemporaryDirectory() as folder:
        every = dict(_empty(emulator, Path(folder)))
        for name, build in builds.items():
            every |= dict(_built(project, name, build))
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in every}
        for turn in range(wanted.starts):
            print(f"turn {turn + 1} of {wanted.starts}", file=sys.stderr)
            for name, one in every.items():
                taken[name].append(_start(emulator, one))
    _print(taken, wanted.starts)


def _built(project: Path, name: str, build: Path) -> Iterator[tuple[str, Candidate]]:
    question = json.loads((project / "events" / "api-symbols.json").read_text())
    for one in built_functions(build):
        event = question if one.name == "ApiFunction" else {}
        deployed = "pg8000" if one.name == "AdminFunction" else "psycopg"
        # The API could have the other one as well.
        for driver in dict.fromkeys((deployed, "pg8000") if event else (deployed,)):
            kind = "" if driver == deployed else driver
            yield (
                " ".join(word for word in (one.name, name, kind) if word),
                Candidate(function=one, event=event, driver=driver),
            )


def _empty(emulator: Emulator, folder: Path) -> Iterator[tuple[str, Candidate]]:
    like = next(iter(emulator.functions.values()))
    for number, (name, lines) in enumerate(EMPTY.items()):
        code = folder / str(number)
        code.mkdir()
        (code / "empty.py").write_text(f"{SHARED}{lines}{HANDLER}")
        compile_modules(code, python=emulator.python, deployed_at=FUNCTION_AT)
        own = replace(like, name="Empty", handler="empty.lambda_handler", code=code)
        yield name, Candidate(function=own, event={}, driver="psycopg")


def _start(emulator: Emulator, one: Candidate) -> tuple[float, float]:
    """The init and the first answer, in milliseconds."""
    function = one.function
    definition = FunctionDefinition(
        name=function.name,
        handler=function.handler,
        environment={
            "DATABASE_URL": NOWHERE,
            "POWERTOOLS_SERVICE_NAME": "cold",
            "DATABASE_DRIVER": one.driver,
        },
        timeout=function.timeout,
        memory_mb=function.memory_mb,
        concurrency=1,
    )
    log = io.BytesIO()
    began = time.perf_counter()
    running = replace(emulator, functions={function.handler: function}).start(
        definition, EventLog(log)
    )
    try:
        running.invoke(one.event, request_id="cold")
        answered = (time.perf_counter() - began) * 1000
    finally:
        running.kill()
    reported = INIT.search(log.getvalue())
    if reported is None:
        raise SystemExit(f"{function.name} told no init:\n{log.getvalue().decode()}")
    return float(reported[1]), answered


def _print(taken: dict[str, list[tuple[float, float]]], starts: int) -> None:
    inits = {name: statistics.median(init for init, _ in times) for name, times in taken.items()}
    print(f"milliseconds, medians of {starts}\n")
    print("| function | init | least and most | first answer | beside |")
    print("|---|---|---|---|---|")
    for name, times in taken.items():
        first = statistics.median(answer for _, answer in times)
        low, high = min(init for init, _ in times), max(init for init, _ in times)
        basis = BESIDE.get(name.partition(" ")[0])
        beside = "" if basis is None else f"{inits[name] / inits[basis]:.2f} x {basis}"
        print(f"| {name} | {inits[name]:.0f} | {low:.0f}-{high:.0f} | {first:.0f} | {beside} |")


if __name__ == "__main__":
    main()
