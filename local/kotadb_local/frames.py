"""How the local run talks to its execution environments: JSON objects, their length in front."""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

_LENGTH = struct.Struct("!Q")


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message.

    Raises:
        OSError: the other side is gone.
    """
    body = json.dumps(message).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket, *, within: float | None = None) -> dict[str, Any] | None:
    """The next message, or None when the other side closed or died.

    Args:
        connection: a stream socket.
        within: seconds for the whole message; None waits for ever.

    Raises:
        TimeoutError: the message was not complete in time.
    """
    deadline = None if within is None else time.monotonic() + within
    head = _read(connection, _LENGTH.size, deadline)
    body = None if head is None else _read(connection, _LENGTH.unpack(head)[0], deadline)
    if body is None:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _read(connection: socket.socket, size: int, deadline: float | None) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        if deadline is not None and (left := deadline - time.monotonic()) <= 0:
            raise TimeoutError
        connection.settimeout(None if deadline is None else left)
        try:
            part = connection.recv(min(size - len(received), 1 << 20))
        except ConnectionResetError:
            return None
        if not part:
            return None
        received += part
    return bytes(received)
