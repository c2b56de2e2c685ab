"""What theory says, where it says something exactly."""

from __future__ import annotations

import math


def offered(*, arrivals: float, seconds: float) -> float:
    """Little's law: how many are at work on average, of `arrivals` a second that take `seconds`."""
    return arrivals * seconds


def servers(*, arrivals: float, seconds: float, utilisation: float) -> int:
    """As many servers as keep each busy for no more than this share of the time."""
    return max(1, math.ceil(offered(arrivals=arrivals, seconds=seconds) / utilisation))


def chance_to_wait(*, offered_load: float, servers: int) -> float:
    """Erlang C: the share of arrivals of an M/M/c queue that find every server busy."""
    if offered_load >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):  # Erlang B, one server after the other
        blocked = offered_load * blocked / (number + offered_load * blocked)
    return blocked / (1 - offered_load / servers * (1 - blocked))


def mean_wait_exponential(*, arrivals: float, seconds: float, servers: int) -> float:
    """The mean wait of an M/M/c queue; infinite where it never catches up."""
    load = offered(arrivals=arrivals, seconds=seconds)
    if load >= servers:
        return math.inf
    return chance_to_wait(offered_load=load, servers=servers) * seconds / (servers - load)


def mean_wait_constant(*, arrivals: float, seconds: float) -> float:
    """The mean wait of an M/D/1 queue: half of what it is in an M/M/1 queue."""
    return mean_wait_exponential(arrivals=arrivals, seconds=seconds, servers=1) / 2
