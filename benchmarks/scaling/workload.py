"""What many repositories ask for: how often each is pushed to, and how long its jobs take."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from statistics import NormalDist, fmean

from . import deployed
from .pages import RESULTS, figure, table

DAY = 86_400.0

Durations = Callable[[int, float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Repositories and the pushes to the one ref of each that is indexed.

    Attributes:
        pushes_a_day: of a repository, on average.
        spread: the standard deviation of the logarithm of a repository's rate. With 2 a hundredth
            of the repositories makes 37 % of the pushes; with 0 all are alike.
        swing: how much busier the busiest moment of a day is than the average, which the quietest
            falls short of by as much; 0.8 is 1.8 times.
        seconds: how long they push.
        failing: the share of runs that fail and are tried again.
        a_tenant: repositories of one tenant.
        durations: gives the seconds of a run of a repository, by a uniform number in [0, 1).
    """

    repositories: int
    pushes_a_day: float = 5.0
    spread: float = 2.0
    swing: float = 0.8
    seconds: float = DAY
    failing: float = 0.01
    a_tenant: int = 50
    durations: Durations

    def tenant(self, repository: int) -> int:
        """Whose a repository is."""
        return repository // self.a_tenant

    def pushes(self, seed: int) -> Iterator[tuple[float, int]]:
        """When which repository is pushed to, in the order of time: a Poisson process."""
        chance = random.Random(f"{seed}/pushes")  # noqa: S311 - a simulation
        weights = list(accumulate(_rates(self.repositories, self.spread)))
        everybody = range(self.repositories)
        average = self.repositories * self.pushes_a_day / DAY
        most = average * (1 + self.swing)
        if most <= 0:
            return
        now = 0.0
        while (now := now + chance.expovariate(most)) < self.seconds:
            rate = average * (1 - self.swing * math.cos(2 * math.pi * now / DAY))
            if chance.random() * most < rate:
                yield now, chance.choices(everybody, cum_weights=weights)[0]

    def run(self, seed: int, repository: int, number: int) -> tuple[float, bool]:
        """Seconds of the nth run of a repository, and whether it fails."""
        how_long, how_well = _uniform(seed, repository, number)
        return self.durations(repository, how_long), how_well < self.failing


def _uniform(*numbers: int) -> tuple[float, float]:
    """Two uniform numbers in [0, 1) that these numbers decide; cheaper than to seed a generator."""
    drawn = blake2b(struct.pack(f"<{len(numbers)}q", *numbers), digest_size=16).digest()
    first, second = struct.unpack("<QQ", drawn)
    return first / 2**64, second / 2**64


def _rates(repositories: int, spread: float) -> list[float]:
    """Relative rates: the quantiles of a log-normal distribution, the most active first."""
    normal = NormalDist()
    return [
        math.exp(spread * normal.inv_cdf(1 - (rank + 0.5) / repositories))
        for rank in range(repositories)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Durations of jobs as benchmarks/RESULTS.md has them, in seconds on the measuring machine.

    `first` are those of whole jobs, one for each repository; `again` the shares of them that the
    job after a commit of one file takes.
    """

    first: tuple[float, ...]
    again: tuple[float, ...]

    @property
    def mean_again(self) -> float:
        """The mean of the job after a commit, on the measuring machine."""
        return fmean(self.first) * fmean(self.again)


def measured() -> Measured:
    """What the published tables say."""
    return Measured(
        first=tuple(figure(row["s"]) for row in table(RESULTS, "Repositories")),
        again=tuple(figure(row["of wall time"]) for row in table(RESULTS, "Indexing again")),
    )


def on_lambda() -> float:
    """How much longer a job takes in the worker than measured: it has fewer processors."""
    return deployed.MEASURED_PROCESSORS / deployed.processors("WorkerFunction")


def pushed(seed: int) -> Durations:
    """Runs after a push: every repository is as large as one of those measured, for good."""
    figures, slower = measured(), on_lambda()

    def seconds(repository: int, uniform: float) -> float:
        whole = figures.first[int(_uniform(seed, repository)[0] * len(figures.first))]
        return whole * figures.again[int(uniform * len(figures.again))] * slower

    return seconds


def exponential(mean: float) -> Durations:
    """Runs as the formulas of the M/M/c queue assume them."""
    return lambda _repository, uniform: -mean * math.log(1 - uniform)


def constant(seconds: float) -> Durations:
    """Runs as the formulas of the M/D/c queue assume them."""
    return lambda _repository, _uniform: seconds
