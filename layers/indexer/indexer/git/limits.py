"""What one fetch may take, and the meter that holds it to that while bytes arrive."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from indexer.git.failures import (
    FetchTimedOut,
    RepositoryTooLarge,
    TooManyBytes,
    TooManyBytesInflated,
    TooManyObjects,
    TooMuchMemory,
)
from indexer.settings import MEBIBYTE, Settings

REPORT_SECONDS: Final = 0.25
# A delta's base may be larger than the file made from it, by a factor git itself keeps to.
BASE_FACTOR: Final = 32


class FetchLimits(NamedTuple):
    """Bounds of one fetch: seconds, bytes and counts. A NamedTuple, for it is sent to the child.

    `public_only` refuses hosts that lead to private addresses.
    """

    seconds: float = 300.0
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    received_bytes: int = 512 * MEBIBYTE
    inflated_bytes: int = 2048 * MEBIBYTE
    objects: int = 500_000
    memory_bytes: int = 1536 * MEBIBYTE
    file_bytes: int = MEBIBYTE
    public_only: bool = True

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that this process is configured with."""
        return cls(
            seconds=settings.fetch_seconds,
            received_bytes=settings.fetch_max_bytes,
            inflated_bytes=settings.fetch_max_inflated_bytes,
            objects=settings.fetch_max_objects,
            memory_bytes=settings.fetch_memory_bytes,
            file_bytes=settings.max_file_bytes,
            public_only=not settings.allow_local_repositories,
        )

    @property
    def object_bytes(self) -> int:
        """The largest object that is unpacked at all."""
        return BASE_FACTOR * self.file_bytes

    def exceeded(self, code: str) -> RepositoryTooLarge | None:
        """The error with this code, if it is that of one of these limits."""
        bounds: dict[type[RepositoryTooLarge], int] = {
            TooManyBytes: self.received_bytes,
            TooManyBytesInflated: self.inflated_bytes,
            TooManyObjects: self.objects,
            TooMuchMemory: self.memory_bytes,
        }
        for bound, limit in bounds.items():
            if code == bound.code:
                return bound(limit=limit)
        return None


class FetchProgress(NamedTuple):
    """How far a fetch is: bytes received, objects unpacked, and how many there are (0: unknown)."""

    received_bytes: int
    objects_done: int
    objects_total: int


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts what a fetch takes, ends it at its limits, and reports now and then."""

    limits: FetchLimits
    report: Callable[[FetchProgress], None]
    clock: Callable[[], float] = time.monotonic
    received: int = 0
    inflated: int = 0
    objects_done: int = 0
    objects_total: int = 0
    _deadline: float = 0.0
    _most_received: int = 0
    _next_report: float = 0.0

    def __post_init__(self) -> None:
        self._deadline = self.clock() + self.limits.seconds
        self._most_received = self.limits.received_bytes

    def allow(self, size: int) -> None:
        """From now on no more than so many bytes are to come, within the limit on all of them."""
        self._most_received = min(self.limits.received_bytes, self.received + size)

    def count_received(self, size: int) -> None:
        """So many bytes came from the remote."""
        self.received += size
        if self.received > self._most_received:
            raise TooManyBytes(limit=self.limits.received_bytes)
        self._tick()

    def expect_objects(self, count: int) -> None:
        """The remote announced so many objects more."""
        total = self.objects_done + count
        if total > self.limits.objects:
            raise TooManyObjects(limit=self.limits.objects)
        self.objects_total = total

    def count_inflated(self, size: int) -> None:
        """So many bytes were made from the pack."""
        self.inflated += size
        if self.inflated > self.limits.inflated_bytes:
            raise TooManyBytesInflated(limit=self.limits.inflated_bytes)

    def count_object(self) -> None:
        """One more object has its id."""
        self.objects_done += 1
        if not self.objects_done % 256:
            self._tick()

    def remaining_seconds(self) -> float:
        """Time left of the fetch.

        Raises:
            FetchTimedOut: none is left.
        """
        remaining = self._deadline - self.clock()
        if remaining <= 0:
            raise FetchTimedOut
        return remaining

    def _tick(self) -> None:
        self.remaining_seconds()
        if (now := self.clock()) >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self.report(FetchProgress(self.received, self.objects_done, self.objects_total))
