"""The two clocks of a machine, each moved by hand."""

from dataclasses import dataclass

from indexer.clocks import Clocks


@dataclass
class ClocksByHand:
    """`monotonic` and `wall` are what the clocks show."""

    monotonic: float = 0.0
    wall: float = 1_800_000_000.0

    @property
    def clocks(self) -> Clocks:
        return Clocks(monotonic=lambda: self.monotonic, wall=lambda: self.wall)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, which both show."""
        self.monotonic += seconds
        self.wall += seconds

    def freeze(self, seconds: float) -> None:
        """Let time pass that only the wall clock shows, as in a frozen environment."""
        self.wall += seconds
