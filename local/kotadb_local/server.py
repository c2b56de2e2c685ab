"""The HTTP side of a local run: a socket on loopback in front of the functions.

Requests become the events of an HTTP API and answers become responses (`gateway`); this module
owns the listening socket and what of the gateway lies around an event: routes, limits, time-outs.
"""

from __future__ import annotations

import errno
import http.server
import socket
import sys
import threading
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from indexer.errors import ConfigurationError
from indexer.http.requests import LARGEST_EVENT_BYTES
from kotadb_local.connection import Connection
from kotadb_local.functions import FunctionStopped
from kotadb_local.gateway import (
    BadIntegrationResponse,
    Request,
    Response,
    event_from,
    response_from,
    size_of,
    unavailable,
)
from kotadb_local.invoke_api import PREFIX as INVOKE_PREFIX
from kotadb_local.refusals import Refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kotadb_local.event_log import EventLog
    from kotadb_local.functions import Function
    from kotadb_local.invoke_api import InvokeApi


BACKLOG = 128


class PortTaken(ConfigurationError):
    """Another program listens where this one should."""

    code = "port_taken"

    def __init__(self, *, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} of {host} is in use by another program; choose another port, "
            "or 0 for any that is free"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Those of an HTTP API and of Lambda, and what one machine should hold open.

    Seconds and bytes.
    """

    body_bytes: int = 10 * 1024 * 1024
    event_bytes: int = LARGEST_EVENT_BYTES
    integration_seconds: float = 30.0
    idle_seconds: float = 60.0
    connections: int = 128
    refusal_seconds: float = 2.0


def bind(host: str, port: int) -> socket.socket:
    """A socket that connections queue up at; port 0 means any that is free.

    Raises:
        PortTaken: the port is in use.
    """
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host=host, port=port) from None
        raise


def address_of(listening: socket.socket) -> str:
    """The URL that a bound socket answers at, without a slash at its end."""
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"


class LocalServer:
    """Serves `/admin/*` with the admin function and everything else with the API function.

    Owns the socket that it is given; requests are answered after `start`.
    """

    def __init__(
        self,
        *,
        listening: socket.socket,
        api: Function,
        admin: Function,
        invoke_api: InvokeApi,
        log: EventLog,
        limits: Limits | None = None,
    ) -> None:
        self._api = api
        self._admin = admin
        self._invoke_api = invoke_api
        self._log = log
        self.limits = limits or Limits()
        self.stopping = False
        self._open_requests = 0
        self._changed = threading.Condition()
        self.url = address_of(listening)
        self.port = int(listening.getsockname()[1])
        self._listener = _Listener(listening, self, log)
        self._thread = threading.Thread(target=self._serve, name="http-server")

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self, *, grace_seconds: float = 5.0) -> None:
        """Take no more connections, let open requests end for a while, then close all.

        A request is open until its response is written, and is the last one of its connection.
        """
        self.stopping = True
        if self._thread.is_alive():
            self._listener.shutdown()
            self._thread.join()
        self._listener.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._open_requests == 0, grace_seconds)
        self._listener.close_connections()

    @contextmanager
    def open_request(self) -> Iterator[None]:
        """Have `stop` wait, until its grace is over, for what the block reads and writes."""
        with self._changed:
            self._open_requests += 1
        try:
            yield
        finally:
            with self._changed:
                self._open_requests -= 1
                self._changed.notify_all()

    def answer(self, request: Request, *, request_id: str) -> Response:
        """The response to a request; never raises."""
        started = time.monotonic()
        try:
            response = self._answered(request, request_id)
        except FunctionStopped:
            response = unavailable()
        except Exception as error:  # noqa: BLE001 - one request's fault must not end the server
            self._log.error("request failed", request_id=request_id, error=repr(error))
            response = _internal_error()
        self._log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status,
            duration_ms=round((time.monotonic() - started) * 1000, 1),
            request_id=request_id,
        )
        return response

    def _answered(self, request: Request, request_id: str) -> Response:
        if request.path.startswith(INVOKE_PREFIX):
            return self._invoke_api.answer(request)
        is_admin = request.path == "/admin" or request.path.startswith("/admin/")
        function = self._admin if is_admin else self._api
        event = event_from(request, request_id=request_id, now=datetime.now(UTC))
        if size_of(event) > self.limits.event_bytes:
            return _too_large(self.limits.event_bytes)
        future = function.invoke(event)
        try:
            outcome = future.result(self.limits.integration_seconds)
        except (TimeoutError, CancelledError):
            # One that has not begun need not begin: nobody waits for it any more.
            future.cancel()
            return unavailable()
        if outcome.failed:
            return _internal_error()
        try:
            return response_from(outcome.payload)
        except BadIntegrationResponse as error:
            self._log.error("response refused", request_id=request_id, reason=str(error))
            return _internal_error()

    def _serve(self) -> None:
        self._listener.serve_forever(poll_interval=0.05)

    def connection_failed(self, error: BaseException | None) -> None:
        """Log what ended a connection."""
        self._log.warning("connection failed", error=repr(error))


class _Listener(http.server.ThreadingHTTPServer):
    """One thread for each connection, and no more connections than the limit."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, owner: LocalServer, log: EventLog) -> None:
        self._owner = owner
        self._free = threading.BoundedSemaphore(owner.limits.connections)
        self._refusals = Refusals(
            log, seconds=owner.limits.refusal_seconds, limit=owner.limits.connections
        )
        self._connections: set[socket.socket] = set()
        handler = http.server.BaseHTTPRequestHandler  # `finish_request` says which one it really is
        super().__init__(listening.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent
        Connection(request, client_address, self, self._owner)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent
        if not self._free.acquire(blocking=False):
            self._refusals.add(request)
            return
        self._connections.add(request)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        self._refusals.go_on()

    def server_close(self) -> None:
        super().server_close()
        self._refusals.close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.discard(request)
            self._free.release()

    def handle_error(self, _request: Any, _client_address: Any) -> None:  # noqa: ANN401 - as its parent
        self._owner.connection_failed(sys.exception())

    def close_connections(self) -> None:
        """Wake the threads that wait for a next request, so that they end."""
        for connection in list(self._connections):
            with suppress(OSError):  # its thread closed it meanwhile
                connection.shutdown(socket.SHUT_RDWR)


def _too_large(limit: int) -> Response:
    text = f"The event of this request, its body escaped or in base64, has more than {limit} bytes"
    return Response.of_json(413, {"message": text})


def _internal_error() -> Response:
    return Response.of_json(500, {"message": "Internal Server Error"})
