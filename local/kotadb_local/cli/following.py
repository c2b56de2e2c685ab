"""To follow a job to its end, and what is told of one that waits or is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kotadb_local.cli.client import ApiClient, ApiRefused
from kotadb_local.cli.display import JobProgress, messages

# Between two looks at the queue while a job waits; most are leased before the first one.
LOOK_SECONDS = 2.0
NONE_IS_LEASED = (
    "jobs wait: leasing is stopped, or the queue does not answer in time; kotadb queue tells "
    "which, kotadb queue resume ends a pause"
)


def follow(api: ApiClient, job_id: str) -> dict[str, Any]:
    """Follow a job to its end with a progress display. An interrupt leaves it, and says so.

    Raises:
        JobStalled, ApiRefused, ApiUnreachable.
    """
    with _said_when_left(job_id), JobProgress(messages) as progress:
        watch = _QueueWatch(api, progress.tell)

        def show(job: Mapping[str, Any]) -> None:
            progress.show(job)
            watch.look(job)

        return api.follow(job_id, show=show)


@contextmanager
def _said_when_left(job_id: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        messages.print(
            f"job {job_id} goes on while a service runs: kotadb jobs show {job_id} tells how it "
            f"stands, kotadb jobs cancel {job_id} ends it",
            markup=False,
        )
        raise


class _QueueWatch:
    """Says once that a job waits because none is leased."""

    def __init__(self, api: ApiClient, tell: Callable[[str], None]) -> None:
        self._api, self._tell = api, tell
        self._told = False
        self._next_look = time.monotonic() + LOOK_SECONDS

    def look(self, job: Mapping[str, Any]) -> None:
        """Look at the queue, if the job waits for the worker and the last look is a while ago."""
        waits = job["status"] == "pending" and job["next_attempt_at"] is None
        if self._told or not waits or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        if self._leases():
            return
        self._told = True
        self._tell(NONE_IS_LEASED)

    def _leases(self) -> bool:
        try:
            return self._api.get("/health")["queue"] is not None
        except ApiRefused:  # whoever asks for the job hears it too
            return True
