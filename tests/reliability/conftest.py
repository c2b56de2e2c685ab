"""Real worker processes on a real database, and ways to see all that it holds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import git_server, repository, start_stack
from tests.fixtures.database import ScratchDatabase
from tests.functions.conftest import ada, environment, issue, stranger
from tests.functions.gateway import url_of
from tests.support.waiting import PATIENCE

from indexer.database.target import Target

__all__ = [
    "ada",
    "contents",
    "environment",
    "git_server",
    "issue",
    "repository",
    "start_stack",
    "start_worker",
    "stranger",
]

PROGRAM = Path(__file__).with_name("worker_process.py")


class WorkerProcess:
    """A running worker. What it says is read in order; it never outlives its test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def hears(self, word: str) -> dict[str, Any]:
        """What it says next, which must be `word`."""
        line = self._process.stdout.readline()
        assert line, f"the worker ended with {self._process.wait(PATIENCE)} and never said {word!r}"
        said = json.loads(line)
        assert said["word"] == word, said
        return said

    def go_on(self) -> None:
        """Let it go on where it waits."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it outright; gone when this returns."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def ends(self) -> int:
        """How it ended by itself, as the shell counts: below zero by a signal."""
        return self._process.wait(PATIENCE)


StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(migrated_database: ScratchDatabase, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts worker processes that do `work` with each job."""
    with ExitStack() as running:

        def start(
            work: str,
            *,
            driver: str = "psycopg",
            target: Target = migrated_database.worker,
            skew: float = 0,
            barrier: bool = False,
            **settings: Any,
        ) -> WorkerProcess:
            given = {
                "url": url_of(target),
                "driver": driver,
                "work": work,
                "skew": skew,
                "barrier": barrier,
                "settings": {"work_directory": str(tmp_path), "heartbeat_seconds": 0.2} | settings,
            }
            process = running.enter_context(
                subprocess.Popen(
                    [sys.executable, PROGRAM, json.dumps(given)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
            )
            running.callback(process.kill)
            return WorkerProcess(process)

        yield start


@pytest.fixture
def contents(migrated_database: ScratchDatabase) -> Callable[[], dict[str, list[str]]]:
    """All that the database holds, row by row, by table."""

    tables = migrated_database.tables()

    def look() -> dict[str, list[str]]:
        with migrated_database.connection() as connection:
            return {
                table: [
                    row["row"]
                    for row in connection.execute(
                        f"SELECT t::text AS row FROM {table} AS t ORDER BY 1"
                    )
                ]
                for table in tables
            }

    return look
