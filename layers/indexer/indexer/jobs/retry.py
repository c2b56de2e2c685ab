"""How long a failed run waits before the next."""

from __future__ import annotations

from datetime import timedelta

JITTER_SHARE = 0.1


def retry_delay(retry: int, *, base: float, cap: float, jitter: float) -> timedelta:
    """The wait before the nth retry (from 1): `base` doubled each time up to `cap`, in seconds.

    With 60 and 180 that is 60, 120, 180 s. `jitter` in [0, 1) adds at most a tenth, so that jobs
    that failed together do not come back together.
    """
    # The exponent is bounded so that no number of retries overflows.
    doubled = base * 2 ** min(retry - 1, 32)
    return timedelta(seconds=min(cap, doubled) * (1 + JITTER_SHARE * jitter))
