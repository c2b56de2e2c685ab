"""A proxy before Postgres that writes down what a client sends, and can fall silent or cut."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from indexer.database.target import Target

SSL_REQUEST = 80877103


@dataclass(frozen=True)
class Sent:
    """One statement with its parameters as they were sent: types by OID, formats, values."""

    text: str
    types: tuple[int, ...] = ()
    formats: tuple[int, ...] = ()
    values: tuple[bytes | None, ...] = ()


@dataclass
class Wire:
    """What went over the wire, in order: `statements` as text, `sent` with parameters."""

    port: int
    statements: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    parsed: Sent | None = None
    silent: threading.Event = field(default_factory=threading.Event)
    sockets: list[socket.socket] = field(default_factory=list)
    mute: set[socket.socket] = field(default_factory=set)

    def fall_silent(self) -> None:
        """From now on the server's answers are swallowed; connections stay open."""
        self.silent.set()

    def forget(self) -> None:
        """Begin anew with what was seen."""
        self.statements.clear()
        self.sent.clear()

    def take(self, kind: bytes, data: bytes) -> None:
        """Write down what a message of the client says."""
        if kind == b"Q":
            self.sent.append(Sent(data[5:-1].decode()))
        elif kind == b"P":
            self.parsed = _parsed(data[5:])
        elif kind == b"B" and self.parsed is not None:
            self.sent.append(_bound(self.parsed, data[5:]))
        if kind in {b"Q", b"P"}:
            text = data[5:-1].decode() if kind == b"Q" else data[5:].split(b"\0")[1].decode()
            self.statements.append(text)

    def cut(self) -> None:
        """End every connection that stands."""
        for one in list(self.sockets):
            _end(one)

    def cut_the_silent(self) -> None:
        """End every connection that stands, without an answer; later ones are answered."""
        standing = list(self.sockets)
        self.mute.update(standing)
        self.silent.clear()
        for one in standing:
            _end(one)


def _message(source: socket.socket, *, typed: bool) -> tuple[bytes, bytes] | None:
    head = _exactly(source, 5 if typed else 4)
    if head is None:
        return None
    (length,) = struct.unpack("!I", head[-4:])
    rest = _exactly(source, length - 4)
    return None if rest is None else (head[:1] if typed else b"", head + rest)


def _exactly(source: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return data


def _parsed(data: bytes) -> Sent:
    _name, text, rest = data.split(b"\0", 2)
    (count,) = struct.unpack_from("!h", rest)
    return Sent(text.decode(), struct.unpack_from(f"!{count}I", rest, 2))


def _bound(parsed: Sent, data: bytes) -> Sent:
    _portal, _name, rest = data.split(b"\0", 2)
    (count,) = struct.unpack_from("!h", rest)
    formats = struct.unpack_from(f"!{count}h", rest, 2)
    at = 2 + 2 * count
    (count,) = struct.unpack_from("!h", rest, at)
    at += 2
    values: list[bytes | None] = []
    for _ in range(count):
        (size,) = struct.unpack_from("!i", rest, at)
        at += 4
        values.append(None if size < 0 else rest[at : at + size])
        at += max(size, 0)
    # One format stands for all, and none for text.
    formats = formats * count if len(formats) == 1 else formats or (0,) * count
    return Sent(parsed.text, parsed.types or (0,) * count, formats, tuple(values))


def _upward(wire: Wire, client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        typed = False
        while (found := _message(client, typed=typed)) is not None:
            kind, data = found
            # After a request for TLS the client starts anew; everything later carries its type.
            typed = typed or struct.unpack("!I", data[4:8])[0] != SSL_REQUEST
            wire.take(kind, data)
            server.sendall(data)
    _end(server)


def _downward(wire: Wire, client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        while data := server.recv(65536):
            if not wire.silent.is_set() and client not in wire.mute:
                client.sendall(data)
    _end(client)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(target: Target) -> Iterator[Wire]:
    """A wire in front of the target's server."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire(port=listener.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    server = server_of(target)
                    for one in (client, server):
                        _at_once(one)
                    wire.sockets += [client, server]
                    for way in (_upward, _downward):
                        thread = threading.Thread(target=way, args=(wire, client, server))
                        threads.append(thread)
                        thread.start()

        accepting = threading.Thread(target=serve)
        accepting.start()
        try:
            yield wire
        finally:
            _end(listener)
            accepting.join(timeout=5)
            wire.cut()
            for thread in threads:
                thread.join(timeout=5)
            for one in wire.sockets:
                one.close()


def _at_once(one: socket.socket) -> None:
    if one.family != socket.AF_UNIX:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def server_of(target: Target) -> socket.socket:
    """A connection to the target's server on which nothing was said yet."""
    if target.host.startswith("/"):
        one = socket.socket(socket.AF_UNIX)
        one.connect(f"{target.host}/.s.PGSQL.{target.port}")
        return one
    return socket.create_connection((target.host, target.port))
