"""The clocks that wake the worker, as EventBridge Scheduler does on AWS."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.settings import Settings
    from kotadb_local.functions import Function


RECONCILE_SECONDS = 3600.0


def reconcile_seconds(settings: Settings) -> float | None:
    """The pause between two reconciliations; None where nothing is set up that hears of pushes."""
    has_app = settings.github_app_id and settings.github_app_private_keys
    return RECONCILE_SECONDS if has_app or settings.github_webhook_secrets else None


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


def reconcile_event(*, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - it holds no time
    """The event that has the worker look for pushes that nobody told of."""
    return {"source": "reconcile"}


class Schedule:
    """Sends an event at once and then every `seconds`, until it is stopped.

    `event` makes it of the time.
    """

    def __init__(
        self,
        function: Function,
        *,
        seconds: float = 60.0,
        event: Callable[..., dict[str, Any]] = scheduled_event,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._function = function
        self._seconds = seconds
        self._event = event
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
            self._function.invoke_async(self._event(now=self._clock()))
            self._stopped.wait(self._seconds)
