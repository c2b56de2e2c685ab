"""Who is measured, and how a step of one of them is run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queues.install import Runtime, node_runtime, python_runtime

HERE = Path(__file__).parent
# What a step may take beyond its own limit: starting, filling, vacuuming, stopping.
GRACE_SECONDS = 240.0
STOP_SECONDS = 10.0
OURS = "KotaDB"
REFERENCE = "reference"


class StepFailed(Exception):
    """A driver ended without a result; the text is its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One queue: its driver, what runs it, and where its tables are."""

    name: str
    driver: str
    runtime: Runtime
    # By kind: "empty" starts every step empty, "full" keeps many finished jobs.
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def measure(self, step: str, kind: str = "empty", **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Run one step to its end and return what it measured.

        Raises:
            StepFailed: it ended without a result, or took too long.
        """
        limit = float(arguments.get("limit_seconds", 60.0)) + GRACE_SECONDS
        with self.running(step, kind, **arguments) as running:
            return running.result(limit)

    @contextmanager
    def running(self, step: str, kind: str = "empty", **arguments: Any) -> Iterator[RunningStep]:  # noqa: ANN401 - JSON
        """One step as a process that is over when the block ends, whatever it does."""
        with tempfile.TemporaryDirectory(prefix="bench-kotadb-") as folder:
            given = {"folder": folder, **self.arguments[kind], **arguments}
            process = subprocess.Popen(
                [*self.runtime.command, str(HERE / self.driver), step, json.dumps(given)],
                env={**os.environ, **self.runtime.environment, "PYTHONPATH": str(HERE.parent)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            running = RunningStep(process)
            try:
                yield running
            finally:
                running.end()


class RunningStep:
    """A driver at work in a session of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._errors: list[str] = []
        # Read at once, so that a driver that says much is never held up.
        self._reader = threading.Thread(target=self._read_errors, name="errors", daemon=True)
        self._reader.start()

    def answer(self, seconds: float) -> dict[str, Any]:
        """Its next line.

        Raises:
            StepFailed: there was none within `seconds`.
        """
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        timer = threading.Timer(seconds, self.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line.startswith("{"):
            self._reader.join(1.0)
            raise StepFailed((line + "".join(self._errors[-12:])).strip() or "it said nothing")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def result(self, seconds: float) -> dict[str, Any]:
        """Its last line, once it has ended by itself."""
        answer = self.answer(seconds)
        if self._process.wait(STOP_SECONDS) != 0:
            raise StepFailed("".join(self._errors[-12:]).strip())
        return answer

    def go(self) -> None:
        """Tell a step that waits to go on."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for above
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def kill(self) -> float:
        """SIGKILL to it and its children; when that was."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        return time.time()

    def end(self) -> None:
        """Make sure that it is over."""
        try:
            self._process.wait(STOP_SECONDS if self._process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _read_errors(self) -> None:
        if self._process.stderr is not None:
            with self._process.stderr as stream:
                self._errors.extend(stream)


def all_contenders(folder: Path, wanted: set[str], say: Callable[[str], None]) -> list[Contender]:
    """Those of `wanted` (all when empty) that can run here, ours and the reference first."""
    ours = Runtime(command=(sys.executable,), environment={})
    made: dict[str, Runtime] = {}
    found = []
    for name, (driver, make) in RIVALS.items():
        if wanted and name not in wanted:
            continue
        try:
            runtime = ours if make is None else made.setdefault(driver[-3:], make(folder))
        except Exception as error:  # noqa: BLE001 - whatever kept one from coming, the others go on
            say(f"{name} is left out, it could not be installed: {error}")
            continue
        found.append(Contender(name=name, driver=driver, runtime=runtime))
    return found


RIVALS: Mapping[str, tuple[str, Callable[[Path], Runtime] | None]] = {
    OURS: ("kotadb_driver.py", None),
    REFERENCE: ("reference_driver.py", None),
    "pg-boss": ("pgboss_driver.mjs", node_runtime),
    "graphile-worker": ("graphile_driver.mjs", node_runtime),
    "procrastinate": ("procrastinate_driver.py", python_runtime),
    "pgqueuer": ("pgqueuer_driver.py", python_runtime),
}
