"""A TCP relay on the loopback that counts what passes, in each direction."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress

BLOCK = 1 << 16


class CountingRelay:
    """Leads connections to the server that a connection string names. Ends with its process."""

    def __init__(self, url: str) -> None:
        found = re.search(r"@([\w.-]+):(\d+)/", url)
        if found is None:
            raise ValueError("the connection string names no host and port")
        self._server = (found[1], int(found[2]))
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = url.replace(found[0], f"@127.0.0.1:{port}/")
        self._lock = threading.Lock()
        self.sent = 0
        self.received = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listening.accept()
            server = socket.create_connection(self._server)
            for ends in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, outwards: bool) -> None:  # noqa: FBT001 - the direction
        with suppress(OSError):
            while block := source.recv(BLOCK):
                with self._lock:
                    if outwards:
                        self.sent += len(block)
                    else:
                        self.received += len(block)
                target.sendall(block)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
