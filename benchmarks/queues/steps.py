"""One step of the queue's benchmark in a process of its own: arguments in, one JSON line out.

It stands on the standard library alone, because the rivals' drivers run it in a virtual environment
of their own.

A driver is called as `driver STEP ARGUMENTS` with the arguments as a JSON object. What it measured
is its last line. A step that has to be answered (`hold`, `watch`) says first that it is ready.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a step is told. A driver reads what its step needs."""

    url: str
    jobs: int = 0
    batch: int = 1_000
    finished: int = 0
    limit_seconds: float = 60.0
    lease_seconds: float = 5.0
    logins: Mapping[str, str] | None = None
    folder: str = ""


Result = Mapping[str, Any]
Step = Callable[[Arguments], Result]


def rate(jobs: int, seconds: float) -> Result:
    """What a step that moved `jobs` in `seconds` answers."""
    return {"jobs": jobs, "seconds": seconds}


def say(line: Mapping[str, Any]) -> None:
    """Write one line at once."""
    print(json.dumps(line), flush=True)


def wait_for_go() -> None:
    """Say that the step is ready, and wait until the other side says go."""
    say({"ready": True})
    sys.stdin.readline()


def run(steps: Mapping[str, Step]) -> None:
    """Run the step that the command line names."""
    name, text = sys.argv[1:]
    known = {one.name for one in fields(Arguments)}
    given = {key: value for key, value in json.loads(text).items() if key in known}
    say(steps[name](Arguments(**given)))
