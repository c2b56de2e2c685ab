"""The garbage collector of Python, and when it had better wait."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cycle collector from walking again and again what is only being built up.

    For bounded work that makes many objects and drops few: a tenth to a half of its time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def imports_that_last() -> Iterator[None]:
    """Import without the cycle collector, and leave it out of all that it walks from then on.

    For what stays as long as the process. Its end is quicker too: the interpreter walks all that
    there is before it goes.
    """
    with collector_paused():
        yield
    gc.freeze()
