"""Connections beyond the limit: each is told so, and none is waited for.

Answering at once and closing would lose the answer: what a client sends to a closed socket resets
the connection. So a refused one stays open for a moment, in which it is read and forgotten.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from kotadb_local.connection import response_bytes
from kotadb_local.gateway import unavailable

if TYPE_CHECKING:
    from kotadb_local.event_log import EventLog

# Of refused connections that are still open; the oldest makes room for one more.
MAX_OPEN = 128
READ_BYTES = 16_384
LOG_SECONDS = 1.0


class Refusals:
    """Answers 503 and closes. Used by one thread, which is never held up by a client.

    A connection is answered once it has sent something, or at its end: after `seconds`, or when
    its client has hung up.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        seconds: float,
        limit: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._seconds = seconds
        self._limit = limit
        self._clock = clock
        self._unanswered: set[socket.socket] = set()
        self._deadlines: OrderedDict[socket.socket, float] = OrderedDict()
        self._untold = 0
        self._quiet_until = clock()

    def add(self, connection: socket.socket) -> None:
        """Refuse this connection."""
        if len(self._deadlines) >= MAX_OPEN:
            self._end(next(iter(self._deadlines)))
        connection.setblocking(False)  # noqa: FBT003 - it has no name there
        self._unanswered.add(connection)
        self._deadlines[connection] = self._clock() + self._seconds
        self._untold += 1

    def go_on(self) -> None:
        """Read, answer and close as far as that is possible now; log at most once a second."""
        now = self._clock()
        for connection, deadline in list(self._deadlines.items()):
            if now >= deadline or not self._is_open(connection):
                self._end(connection)
        if self._untold and now >= self._quiet_until:
            self._quiet_until = now + LOG_SECONDS
            self._tell()

    def close(self) -> None:
        """End all of them now."""
        for connection in list(self._deadlines):
            self._end(connection)
        if self._untold:
            self._tell()

    def _is_open(self, connection: socket.socket) -> bool:
        """Whether the client may still send; what it has sent is forgotten."""
        try:
            received = connection.recv(READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if received:
            self._answer(connection)
        return bool(received)

    def _answer(self, connection: socket.socket) -> None:
        if connection not in self._unanswered:
            return
        self._unanswered.discard(connection)
        answer = response_bytes(unavailable(), request_id=str(uuid.uuid4()), keep_alive=False)
        # Into a buffer that is empty; a client that made it too small for that gets a part.
        with suppress(OSError):
            connection.send(answer)
            connection.shutdown(socket.SHUT_WR)

    def _end(self, connection: socket.socket) -> None:
        self._answer(connection)
        del self._deadlines[connection]
        connection.close()

    def _tell(self) -> None:
        self._log.warning(
            "connections refused", refused=self._untold, limit=self._limit, status=503
        )
        self._untold = 0
