"""Sockets that speak the protocol of Postgres, as far as a program between two others needs it."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

from indexer.database.target import Target

LOOPBACK = "127.0.0.1"


def bound(port: int) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind((LOOPBACK, port))
    return one


def session_of(target: Target) -> socket.socket:
    if target.host.startswith("/"):
        one = socket.socket(socket.AF_UNIX)
        one.connect(os.path.join(target.host, f".s.PGSQL.{target.port}"))  # noqa: PTH118 - no file
        return one
    one = socket.create_connection((target.host, target.port), timeout=10)
    one.settimeout(None)
    at_once(one)
    return one


def at_once(one: socket.socket) -> None:
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def messages(source: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """The typed messages of one side until it ends, each with its head."""
    buffer = bytearray()
    while piece := source.recv(65_536):
        buffer += piece
        while len(buffer) >= 5 and len(buffer) > (size := struct.unpack_from("!I", buffer, 1)[0]):
            yield bytes(buffer[:1]), bytes(buffer[: size + 1])
            del buffer[: size + 1]


def exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            raise ConnectionAbortedError
        data += piece
    return data
