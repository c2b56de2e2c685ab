"""What may start the worker, read from the event of its invocation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from indexer.errors import Refused
from indexer.jobs.wake import LONGEST_CHAIN

MOST_JOBS = 1_000


class Trigger(StrEnum):
    """Who woke the worker."""

    SCHEDULE = "schedule"
    ENQUEUE = "enqueue"
    RECONCILE = "reconcile"
    MANUAL = "manual"


class EventUnknown(Refused):
    """The invocation's event is none that the worker knows."""

    code = "event_unknown"

    def __init__(self) -> None:
        super().__init__(
            'the worker takes a scheduled event, {"source": "enqueue", "job_id": …, '
            f'"chain": 0 to {LONGEST_CHAIN}}}, {{"source": "reconcile", "when_due": true or '
            f'false}} or {{"max_jobs": 1 to {MOST_JOBS}}}'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeUp:
    """One wake-up: every trigger but RECONCILE runs what is due, and none names the job to run.

    `chain` is how many workers had woken the next in a row when this one was woken. `when_due`: a
    reconciliation that finds a recent one before it does nothing.
    """

    trigger: Trigger
    max_jobs: int | None = None
    chain: int = 0
    when_due: bool = False


def read_event(event: Mapping[str, Any]) -> WakeUp:
    """The wake-up that an event means.

    Raises:
        EventUnknown: it means none.
    """
    if event.get("source") == "enqueue":
        return WakeUp(
            trigger=Trigger.ENQUEUE, chain=_number(event.get("chain", 0), 0, LONGEST_CHAIN)
        )
    if event.get("source") == "reconcile":
        return WakeUp(trigger=Trigger.RECONCILE, when_due=_switch(event.get("when_due", False)))
    if event.get("source") in {"aws.scheduler", "aws.events"}:
        return WakeUp(trigger=Trigger.SCHEDULE)
    return WakeUp(trigger=Trigger.MANUAL, max_jobs=_number(event.get("max_jobs"), 1, MOST_JOBS))


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise EventUnknown


def _number(value: object, least: int, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise EventUnknown
