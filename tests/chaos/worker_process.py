"""A worker of the chaos run: the deployed handler, invoked again and again in a process of its own.

Its environment holds CHAOS_WORKER, a name, and CHAOS_CLOCK_SHIFT, by how many seconds its clock is
wrong. It ends after an invocation when its standard input ends, and at once with its parent.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PAUSE_SECONDS = 0.15
INVOCATION_SECONDS = 180.0


def shift_clock(seconds: float) -> None:
    """Let every clock that tells the time of day be wrong from now on."""
    time_of, time_ns_of, here = time.time, time.time_ns, dt.datetime
    delta = dt.timedelta(seconds=seconds)

    class WrongDatetime(here):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return here.now(tz) + delta

        @classmethod
        def utcnow(cls) -> Any:
            return here.now(dt.UTC).replace(tzinfo=None) + delta

    time.time = lambda: time_of() + seconds
    time.time_ns = lambda: time_ns_of() + int(seconds * 1_000_000_000)
    dt.datetime = WrongDatetime


class Context:
    """As much of Lambda's context as the handler sees."""

    function_name = "worker"
    memory_limit_in_mb = 3008
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:worker"

    def __init__(self, request_id: str) -> None:
        self.aws_request_id = request_id
        self._ends_at = time.monotonic() + INVOCATION_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._ends_at - time.monotonic()) * 1000))


def main() -> int:
    """Work until the standard input ends."""
    name, shift = os.environ["CHAOS_WORKER"], float(os.environ["CHAOS_CLOCK_SHIFT"])
    if shift:
        shift_clock(shift)
    # Only now, so that no module keeps the right clock.
    from indexer.database.failures import DatabaseError
    from indexer.sandbox.limits import die_with_parent
    from worker_function import handler

    die_with_parent(int(os.environ["CHAOS_PARENT"]))
    handler.open_database = _signed(handler.open_database, name)
    stopping = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopping.set()), daemon=True).start()
    number = 0
    while not stopping.is_set():
        number += 1
        try:
            handler.lambda_handler({"source": "aws.scheduler"}, Context(f"{name}/{number}"))
        except DatabaseError as error:
            sys.stdout.write(f'{{"message":"invocation failed","error_code":"{error.code}"}}\n')
        sys.stdout.flush()
        stopping.wait(PAUSE_SECONDS)
    return 0


def _signed(open_database: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Let the database know which process a session is of; the fencing's witness reads it."""

    def signed(*words: Any, application: str, **options: Any) -> Any:
        return open_database(*words, application=f"{application} {name}", **options)

    return signed


if __name__ == "__main__":
    sys.exit(main())
