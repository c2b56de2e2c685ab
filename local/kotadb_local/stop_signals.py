"""The signals that stop a service, waited for so that none can be missed.

Python runs a handler between two steps of the main thread. If that thread holds an event's lock
just then, a handler that sets the event waits for it for ever; if it is about to sleep, the handler
has to wait until something else wakes it. The byte that the interpreter's own part of the handler
writes needs neither.
"""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import FrameType, TracebackType


class StopSignals:
    """Hears `numbers` within its block, which is to be in the main thread.

    `again` is called for each signal after the first. It is called between two steps of the
    main thread, so it may wait for nothing that this thread holds.
    """

    def __init__(self, numbers: Collection[int], *, again: Callable[[], None]) -> None:
        self._numbers = frozenset(numbers)
        self._again = again
        self._came = False
        self._bytes, self._wake = socket.socketpair()
        self._wake.settimeout(0)
        self._before: dict[int, Any] = {}
        self._wake_before = -1

    def wait(self) -> None:
        """Return once one of the signals came; at once if that was before."""
        while self._bytes.recv(1)[0] not in self._numbers:
            pass

    def __enter__(self) -> Self:
        self._wake_before = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._before = {one: signal.signal(one, self._take) for one in self._numbers}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wake_before)
        self._bytes.close()
        self._wake.close()

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self._came:
            self._again()
        self._came = True
