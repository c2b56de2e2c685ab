"""The one way in which a cost is measured: a process of its own, and what the kernel says of it.

The memory of the process that makes another one counts towards the peak of the new one. So the
command is started by a small process, this file run as a program, that imports next to nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MEGABYTE = 1_000_000
LAST_WORDS = 200
NOT_FOUND = 127


class Cost(NamedTuple):
    """CPU and wall seconds of a process with all that it started and waited for.

    `peak` is the resident memory, in MB, of the largest process among them.
    """

    cpu: float
    wall: float
    peak: float


class Ended(NamedTuple):
    """A command that ended well: its cost and what it printed to each of its two outputs."""

    cost: Cost
    output: str
    errors: str


class RunFailed(Exception):
    """The command did not end well; the text says how, with its last words."""


def run_measured(
    command: Sequence[str],
    *,
    seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command to its end.

    Raises:
        RunFailed: it ended with another status than 0, or not within `seconds`.
    """
    with tempfile.TemporaryDirectory(prefix="bench-index-") as notes:
        cost, output, errors = (Path(notes) / name for name in ("cost", "output", "errors"))
        places = [str(cost), str(output), str(errors)]
        subprocess.run(
            [sys.executable, "-I", "-S", __file__, str(seconds), *places, *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            check=True,
        )
        told = json.loads(cost.read_text())
        ended = Ended(
            Cost(told["cpu"], told["wall"], told["peak"]),
            output.read_text(errors="replace"),
            errors.read_text(errors="replace"),
        )
    if told["status"] == -signal.SIGKILL and ended.cost.wall >= seconds:
        raise RunFailed(f"not within {seconds:g} s")
    if told["status"]:
        raise RunFailed(f"status {told['status']}: {_last_words(ended)}")
    return ended


def peak_megabytes(maxrss: int) -> float:
    """The kernel's figure, which has another unit on each kernel, in MB."""
    return maxrss * (1 if sys.platform == "darwin" else 1024) / MEGABYTE


def _last_words(ended: Ended) -> str:
    said = [line.strip() for line in f"{ended.output}\n{ended.errors}".splitlines() if line.strip()]
    return said[-1][:LAST_WORDS] if said else "it said nothing"


def _start_and_wait() -> None:
    seconds, cost, output, errors, *command = sys.argv[1:]
    with Path(output).open("wb") as to_output, Path(errors).open("wb") as to_errors:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=to_output,
                stderr=to_errors,
                start_new_session=True,
            )
        except OSError as error:
            to_errors.write(str(error).encode())
            _tell(cost, status=NOT_FOUND, cpu=0.0, wall=0.0, peak=0.0)
            return
        clock = threading.Timer(float(seconds), os.killpg, (process.pid, signal.SIGKILL))
        clock.daemon = True
        clock.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
        finally:
            clock.cancel()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    _tell(
        cost,
        status=os.waitstatus_to_exitcode(status),
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        peak=peak_megabytes(used.ru_maxrss),
    )


def _tell(cost: str, *, status: int, cpu: float, wall: float, peak: float) -> None:
    Path(cost).write_text(json.dumps({"status": status, "cpu": cpu, "wall": wall, "peak": peak}))


if __name__ == "__main__":
    _start_and_wait()
