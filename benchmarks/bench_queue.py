"""The queue beside its rivals, in one run on one server with durable settings.

    make bench-queue           (or: python benchmarks/bench_queue.py --rounds 5 --drain 20000)

pg-boss, graphile-worker, procrastinate and pgqueuer are installed at pinned versions into a folder
of their own. The reference is a hand-made minimal queue that makes the same writes as ours. Each
figure is the median of the rounds with its range; in each round the queues take turns, so that a
machine whose speed drifts treats all of them alike. On a shared machine only ratios mean something.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from console import commit, positive, tell
from queues.contenders import OURS, RIVALS, Contender, StepFailed, all_contenders
from queues.install import default_folder
from queues.report import table
from queues.servers import durable_server, new_database, our_logins, superuser_url

from indexer.database.target import Target
from kotadb_local.place import Place

STEPS = ("enqueue_one", "enqueue_many", "drain_one", "drain_batch", "drain_full")
ROWS = (*STEPS, "pick_up", "crash", "stale")
LEASE_SECONDS = 5.0
READY_SECONDS = 60.0
MUST_SHOW = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")


class Measurements:
    """What the rounds gave, and the words where there is no figure."""

    def __init__(self, contenders: list[Contender], arguments: argparse.Namespace) -> None:
        self._contenders = contenders
        self._arguments = arguments
        self.figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.words: dict[str, dict[str, str]] = defaultdict(dict)
        self.versions: dict[str, str] = {}

    def prepare(self) -> None:
        """Make every queue's tables, and beside them those that are full of finished jobs."""
        for contender in list(self._contenders):
            try:
                made = contender.measure("prepare", limit_seconds=60)
                if "drain_full" in self._arguments.rows:
                    tell(f"{contender.name}: {self._arguments.finished:,} finished jobs")
                    contender.measure(
                        "prepare", "full", finished=self._arguments.finished, limit_seconds=900
                    )
            except StepFailed as error:
                tell(f"{contender.name} is left out: {error}")
                self._contenders.remove(contender)
                continue
            self.versions[contender.name] = made["version"]

    def round(self, number: int) -> None:
        """Every row once for every queue, the queues in turn and in another order each time."""
        for row in (row for row in ROWS if row in self._arguments.rows):
            order = random.sample(self._contenders, len(self._contenders))
            for contender in order:
                started = time.monotonic()
                try:
                    told = self._one(row, contender)
                except StepFailed as error:
                    told = f"failed: {error}"
                    self.words[row].setdefault(contender.name, "failed")
                if told:
                    tell(
                        f"round {number} {row} {contender.name}: {told} "
                        f"[{time.monotonic() - started:.0f} s]"
                    )

    def _one(self, row: str, contender: Contender) -> str:
        if row in STEPS:
            return self._rate(row, contender)
        if row == "pick_up":
            contender.measure("empty")
            measured = contender.measure("pick_up", jobs=self._arguments.pick_ups)
            self.figures[row][contender.name] += measured["milliseconds"]
            return " ".join(f"{one:.0f}" for one in sorted(measured["milliseconds"])) + " ms"
        if contender.name in self.words[row]:
            return ""  # shown once already
        contender.measure("empty")
        if row == "stale":
            shown = contender.measure("stale")
            self.words[row][contender.name] = _accepted(shown)
            return self.words[row][contender.name]
        return self._crash(contender)

    def _rate(self, row: str, contender: Contender) -> str:
        arguments = self._arguments
        full = row == "drain_full"
        if not full:
            contender.measure("empty")
        measured = contender.measure(
            "drain_batch" if full else row,
            "full" if full else "empty",
            jobs={
                "enqueue_one": arguments.singles,
                "drain_one": arguments.singles,
                "enqueue_many": arguments.drain,
            }.get(row, arguments.drain),
            limit_seconds=arguments.limit,
        )
        if not measured["jobs"]:
            raise StepFailed("not one job was done")
        rate = measured["jobs"] / measured["seconds"]
        self.figures[row][contender.name].append(rate)
        return f"{rate:,.0f}/s ({measured['jobs']:,} jobs)"

    def _crash(self, contender: Contender) -> str:
        """A worker is killed with a job in its hands while another one waits for it."""
        patience = self._arguments.crash_limit
        with (
            contender.running("watch", limit_seconds=patience) as watching,
            contender.running("hold", limit_seconds=patience + 60) as holding,
        ):
            watching.answer(READY_SECONDS)
            holding.answer(READY_SECONDS)
            killed = holding.kill()
            watching.go()
            arrived = watching.answer(patience + READY_SECONDS)["arrived"]
        if arrived is None:
            self.words["crash"][contender.name] = f"not within {patience:g} s"
            self.figures["crash"].setdefault(contender.name, [])
            return self.words["crash"][contender.name]
        self.figures["crash"][contender.name].append(arrived - killed)
        return f"{arrived - killed:.1f} s"


def main() -> None:
    arguments = _arguments()
    contenders = all_contenders(arguments.folder, set(arguments.only), tell)
    with durable_server() as (place, admin):
        for contender in contenders:
            for kind in ("empty", "full"):
                contender.arguments[kind] = _database(place, admin, contender, kind)
        measurements = Measurements(contenders, arguments)
        measurements.prepare()
        for number in range(1, arguments.rounds + 1):
            measurements.round(number)
        settings = _shown(admin)
    names = [one.name for one in contenders]
    print(table(measurements.figures, measurements.words, names))
    print(
        f"\n`{' '.join(['bench_queue.py', *sys.argv[1:]])}` at commit {commit()}; "
        + ", ".join(f"{name} {version}" for name, version in measurements.versions.items())
        + f"; {settings}; Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} processors, {arguments.rounds} rounds"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--rounds", type=positive, default=3, help="each queue's turns a row")
    parser.add_argument("--singles", type=positive, default=1_000, help="jobs taken one by one")
    parser.add_argument("--drain", type=positive, default=20_000, help="jobs of a drain")
    parser.add_argument(
        "--finished", type=positive, default=1_000_000, help="finished jobs of drain_full"
    )
    parser.add_argument("--pick-ups", type=positive, default=100, help="of each round")
    parser.add_argument(
        "--limit", type=float, default=20.0, help="seconds after which a drain stops"
    )
    parser.add_argument("--crash-limit", type=float, default=15.0, help="seconds to wait for a job")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW")
    parser.add_argument(
        "--only", nargs="+", choices=list(RIVALS), default=[], metavar="QUEUE", help="of all"
    )
    parser.add_argument(
        "--folder", type=Path, default=default_folder(), help="where the rivals are installed"
    )
    return parser.parse_args()


def _database(place: Place, admin: Target, contender: Contender, kind: str) -> dict[str, Any]:
    """A database of the contender's own; what its driver has to be told."""
    target = new_database(admin, f"{contender.name.lower().replace('-', '_')}_{kind}")
    arguments: dict[str, Any] = {"url": superuser_url(target), "lease_seconds": LEASE_SECONDS}
    if contender.name == OURS:
        arguments["logins"] = our_logins(place, target)
    return arguments


def _shown(admin: Target) -> str:
    with psycopg.connect(superuser_url(admin)) as connection:
        version = connection.execute("SHOW server_version").fetchone()
        shown = [
            f"{name} {row[0]}"
            for name in MUST_SHOW
            if (row := connection.execute(f"SHOW {name}".encode()).fetchone())
        ]
    return f"Postgres {version[0] if version else '?'} ({', '.join(shown)})"


def _accepted(shown: Mapping[str, Any]) -> str:
    if shown.get("accepted_by_attempt") is False:
        return "by id yes, by attempt no"
    return "yes" if shown["accepted"] else "no"


if __name__ == "__main__":
    main()
