"""How long ago a moment was, for a process that is frozen and a machine whose clock is set."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple


class Moment(NamedTuple):
    """The readings of both clocks at one moment, in seconds."""

    monotonic: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The two clocks of a machine, in seconds.

    Neither is right alone: `monotonic` may stand still while an execution environment is frozen
    between two invocations, and `wall` may be set.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time

    def now(self) -> Moment:
        """This moment, for `seconds_since`."""
        return Moment(self.monotonic(), self.wall())

    def seconds_since(self, moment: Moment) -> float:
        """What has passed since by either clock, the larger: nothing is kept for too long."""
        return max(self.monotonic() - moment.monotonic, self.wall() - moment.wall)


MACHINE: Final = Clocks()
