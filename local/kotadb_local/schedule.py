"""The clock that wakes the worker, as EventBridge Scheduler does on AWS."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kotadb_local.functions import Function


def scheduled_event(*, now: datetime) -> dict[str, Any]:
    """The event of one tick."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": ["arn:aws:scheduler:us-east-1:000000000000:schedule/default/local"],
        "detail": "{}",
    }


class Schedule:
    """Sends a tick at once and then every `seconds`, until it is stopped."""

    def __init__(
        self,
        function: Function,
        *,
        seconds: float = 60.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._function = function
        self._seconds = seconds
        self._clock = clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="schedule")

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    def stop(self) -> None:
        """End, after a tick that is being sent."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _tick(self) -> None:
        while not self._stopped.is_set():
            self._function.invoke_async(scheduled_event(now=self._clock()))
            self._stopped.wait(self._seconds)
