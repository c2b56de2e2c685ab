"""Framed messages over a socket between a parent and its child.

A frame is its length in four bytes and then that many bytes. Neither side trusts the other to
finish a frame it began: a receive that has a time limit has it for the whole message.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from indexer.errors import KotaError
from indexer.sandbox import wire

Message = TypeVar("Message", bound=tuple[Any, ...])

HEADER: Final = struct.Struct("!I")
READ_BYTES: Final = 256 * 1024


class ChannelClosed(KotaError):
    """The other side closed the channel or is gone."""

    code = "channel_closed"


class Channel:
    """One end. It owns its socket. Not for several threads."""

    def __init__(self, connection: socket.socket, *, message_bytes: int) -> None:
        self._connection = connection
        self._message_bytes = message_bytes

    def send(self, message: tuple[Any, ...], *, timeout: float | None = None) -> None:
        """Send a NamedTuple.

        Raises:
            ChannelClosed: nobody is there to receive it.
            TimeoutError: it was not taken within `timeout` seconds; the channel is then useless.
        """
        body = wire.encode(message)
        self._connection.settimeout(timeout)
        try:
            self._connection.sendall(HEADER.pack(len(body)) + body)
        except (BrokenPipeError, ConnectionResetError):
            raise ChannelClosed("the other side is gone") from None

    def receive(self, *kinds: type[Message], timeout: float | None = None) -> Message:
        """The next message, which must be one of `kinds`.

        Raises:
            ChannelClosed: the other side ended the channel, perhaps amid a message.
            MessageRefused: the message is too long or is none of `kinds`.
            TimeoutError: no whole message came within `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        (length,) = HEADER.unpack(self._receive_bytes(HEADER.size, deadline))
        if length > self._message_bytes:
            raise wire.MessageRefused("too long")
        return wire.decode(self._receive_bytes(length, deadline), kinds)

    def readable(self, *, within: float) -> bool:
        """Whether something arrives, or the other side closes, within so many seconds."""
        return bool(select.select([self._connection], [], [], within)[0])

    def _receive_bytes(self, length: int, deadline: float | None) -> bytes:
        # Grown as bytes arrive: a length is only a claim.
        received = bytearray()
        while len(received) < length:
            self._connection.settimeout(_remaining(deadline))
            try:
                piece = self._connection.recv(min(length - len(received), READ_BYTES))
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise ChannelClosed("the other side closed the channel")
            received += piece
        return bytes(received)

    def close(self) -> None:
        """Close this end; the other end sees it."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining
