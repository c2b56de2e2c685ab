"""Ends TLS in front of a real Postgres, whatever that was built with. Plain text is not let in."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.functions.wire import SSL_REQUEST, server_of

from indexer.database.target import Target


@contextmanager
def tls_before(server: Target, certificate: Path) -> Iterator[int]:
    """The port on loopback where `server` is reached by TLS, with this key and certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(
                        target=_serve, args=(client, context, server), daemon=True
                    ).start()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        serving.join(10)


def _serve(client: socket.socket, context: ssl.SSLContext, server: Target) -> None:
    with client, suppress(OSError):
        if struct.unpack("!II", client.recv(8, socket.MSG_WAITALL)) != (8, SSL_REQUEST):
            return
        client.sendall(b"S")
        with context.wrap_socket(client, server_side=True) as told, server_of(server) as upstream:
            _relay(told, upstream)


def _relay(client: ssl.SSLSocket, upstream: socket.socket) -> None:
    while True:
        ready = [client] if client.pending() else select.select([client, upstream], [], [], 30)[0]
        for one in ready:
            data = one.recv(65_536)
            if not data:
                return
            (upstream if one is client else client).sendall(data)
