"""HTTP connections that go to checked addresses, and nowhere else."""

from __future__ import annotations

import socket
import ssl
from typing import Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from indexer.git import address

CONNECT_SECONDS: Final = 10.0


def checked_pool(*, public_only: bool, context: ssl.SSLContext | None) -> urllib3.PoolManager:
    """A manager that repeats nothing, knows no proxy, and connects to the address it checked.

    With `public_only` a request raises AddressRefused where the host has no public address.
    """

    def connect(connection: HTTPConnection) -> socket.socket:
        return address.connect(
            connection.host,
            connection.port,
            timeout=connection.timeout or CONNECT_SECONDS,
            public_only=public_only,
        )

    class Connection(HTTPConnection):
        _new_conn = connect

    class TlsConnection(HTTPSConnection):
        _new_conn = connect

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    manager = urllib3.PoolManager(retries=False, ssl_context=context)
    manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}
    return manager
