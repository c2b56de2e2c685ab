"""A transaction pooler: each transaction of a client gets a server session of its own.

What a session holds beyond its transaction (settings, prepared statements, advisory locks, LISTEN)
is gone with the next statement, at once and always, where a real pooler loses it now and then.
"""

import os
import select
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import pq
from tests.support.waiting import eventually

from indexer.database.target import Target

SSL_REQUEST = 80877103
CANCEL_REQUEST = 80877102
TOLD_AT_START = (
    *("server_version", "server_encoding", "client_encoding", "DateStyle", "TimeZone"),
    *("integer_datetimes", "standard_conforming_strings"),
)
# A client asks for the end of its turn with one of these, and gets it with a ReadyForQuery.
TURN_ENDS = frozenset(b"QSF")


@dataclass
class Pooler:
    """Listens on loopback; `sessions` counts what was opened on the server."""

    targets: Mapping[str, Target]
    port: int = 0
    sessions: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    def serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, psycopg.Error):
            user = self._greeted(client)
            if user is not None:
                self._relay(client, self.targets[user])

    def _greeted(self, client: socket.socket) -> str | None:
        """Let the client in without asking for its password; its user, or None."""
        while True:
            (size,) = struct.unpack("!I", exactly(client, 4))
            body = exactly(client, size - 4)
            (code,) = struct.unpack_from("!I", body)
            if code == CANCEL_REQUEST:
                return None
            if code != SSL_REQUEST:
                break
            client.sendall(b"N")
        pairs = body[4:].rstrip(b"\0").split(b"\0")
        user = dict(zip(pairs[::2], pairs[1::2], strict=True))[b"user"].decode()
        with self._session(self.targets[user]) as (connection, _):
            told = [(name, connection.parameter_status(name.encode())) for name in TOLD_AT_START]
        client.sendall(message(b"R", struct.pack("!I", 0)))
        for name, value in told:
            client.sendall(message(b"S", name.encode() + b"\0" + (value or b"") + b"\0"))
        client.sendall(message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I"))
        return user

    def _relay(self, client: socket.socket, target: Target) -> None:
        while True:
            first = typed(client)
            if first is None or first[:1] == b"X":
                return
            with self._session(target) as (_, server):
                if not self._turn(client, server, first):
                    return

    def _turn(self, client: socket.socket, server: socket.socket, first: bytes) -> bool:
        """One transaction, from its first message on; whether the client is still there."""
        server.sendall(first)
        waiting = int(first[0] in TURN_ENDS)
        while True:
            ready, _, _ = select.select([server, client], [], [])
            if server in ready:
                answer = typed(server)
                if answer is None:
                    return False
                client.sendall(answer)
                if answer[:1] == b"Z":
                    waiting -= 1
                    if waiting == 0 and answer[5:] == b"I":
                        return True
            else:
                asked = typed(client)
                if asked is None or asked[:1] == b"X":
                    return False
                server.sendall(asked)
                waiting += asked[0] in TURN_ENDS

    @contextmanager
    def _session(self, target: Target) -> Iterator[tuple[pq.PGconn, socket.socket]]:
        """A fresh session: libpq logs in, then its socket is ours."""
        self.sessions += 1
        with psycopg.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password or "",
            dbname=target.dbname,
            sslmode=target.sslmode,
        ) as connection:
            family = socket.AF_UNIX if target.host.startswith("/") else socket.AF_INET
            raw = socket.socket(family, socket.SOCK_STREAM, fileno=os.dup(connection.fileno()))
            with raw:
                raw.settimeout(None)
                self.sockets.append(raw)
                yield connection.pgconn, raw
                connection.pgconn.finish()


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def typed(source: socket.socket) -> bytes | None:
    """The next message whole; None at the end."""
    try:
        head = exactly(source, 5)
    except ConnectionAbortedError:
        return None
    return head + exactly(source, struct.unpack("!I", head[1:])[0] - 4)


def exactly(source: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            raise ConnectionAbortedError
        data += piece
    return bytes(data)


PGBOUNCER = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pgbouncer_before(*targets: Target) -> Iterator[int]:
    """PgBouncer before the server of these logins; the port that it listens at."""
    with tempfile.TemporaryDirectory() as made, socket.create_server(("127.0.0.1", 0)) as probe:
        folder, port = Path(made), probe.getsockname()[1]
        probe.close()
        users, config = folder / "users.txt", folder / "pgbouncer.ini"
        users.write_text("".join(f'"{one.user}" "{one.password}"\n' for one in targets))
        config.write_text(
            PGBOUNCER.format(
                host=targets[0].host, port=targets[0].port, listen_port=port, users=users
            )
        )
        folder.chmod(0o755)  # as root it goes on as nobody
        command = ["pgbouncer", *(("-u", "nobody") if os.geteuid() == 0 else ()), str(config)]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: _listens(port))
            yield port
        finally:
            running.terminate()
            running.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pooler_before(*targets: Target) -> Iterator[Pooler]:
    """A pooler before the server of these logins."""
    pooler = Pooler({target.user: target for target in targets})
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        pooler.port = listener.getsockname()[1]

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    pooler.sockets.append(client)
                    threads.append(threading.Thread(target=pooler.serve, args=(client,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield pooler
        finally:
            for one in (listener, *pooler.sockets):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(5)
