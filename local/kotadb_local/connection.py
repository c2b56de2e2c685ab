"""One HTTP/1.1 connection: requests are read within limits, responses written in one piece."""

from __future__ import annotations

import http.client
import http.server
import re
import socket
import time
import uuid
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from indexer.errors import Refused
from kotadb_local.gateway import Request, Response

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Protocol

    class Answering(Protocol):
        """What a connection needs of the server that it belongs to."""

        @property
        def limits(self) -> Any: ...  # noqa: ANN401 - the server's own, which imports this module

        @property
        def port(self) -> int: ...

        @property
        def stopping(self) -> bool: ...

        def open_request(self) -> AbstractContextManager[None]: ...

        def answer(self, request: Request, *, request_id: str) -> Response: ...


MAX_LINE_BYTES = 65_536
MAX_TRAILERS = 100
# A client that is refused while it still sends should get to read why.
DRAIN_SECONDS = 2.0
_ABSOLUTE = re.compile(r"https?://[^/?]*", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_NO_BODY = frozenset({204, 304})


class MalformedRequest(Refused):
    """The body cannot be told from what follows it."""

    code = "malformed_request"
    status = 400


class BodyTooLarge(Refused):
    """The body is larger than the gateway takes."""

    code = "body_too_large"
    status = 413


def response_bytes(
    response: Response, *, request_id: str, keep_alive: bool, with_body: bool = True
) -> bytes:
    """A response as it is sent; without its body to who asked for the head."""
    if response.status in _NO_BODY:
        body, length = b"", []
    else:
        body, length = response.body, [("content-length", str(len(response.body)))]
    headers = [
        ("date", formatdate(usegmt=True)),
        *length,
        *response.headers,
        ("apigw-requestid", request_id),
        ("connection", "keep-alive" if keep_alive else "close"),
    ]
    reason = http.client.responses.get(response.status, HTTPStatus(200).phrase)
    head = f"HTTP/1.1 {response.status} {reason}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{head}\r\n".encode("latin-1") + (body if with_body else b"")


class Connection(http.server.BaseHTTPRequestHandler):
    """Serves the requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, request: Any, address: Any, listener: Any, owner: Answering) -> None:  # noqa: ANN401 - as its parent
        self._owner = owner
        super().__init__(request, address, listener)

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self._owner.limits.idle_seconds)

    def handle(self) -> None:
        # A client that went away is nobody to tell about it.
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its parent
        """Say nothing: the server logs each request that it answers."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that could not be read, and close: what follows it is unknown."""
        del message, explain  # in the gateway's errors the status says it all
        self.close_connection = True
        answer = {"message": http.client.responses.get(code, "Bad Request")}
        self._write(Response.of_json(code, answer), request_id=str(uuid.uuid4()))
        self._drain()

    def handle_expect_100(self) -> bool:
        try:
            self._declared_length()
        except Refused as refusal:
            self.send_error(refusal.status)
            return False
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def _serve(self) -> None:
        with self._owner.open_request():
            self._read_and_answer()

    def _read_and_answer(self) -> None:
        request_id = str(uuid.uuid4())
        try:
            body = self._read_body()
        except Refused as refusal:
            self.send_error(refusal.status)
            return
        request = Request(
            method=self.command,
            target=self._target(),
            protocol=self.request_version,
            headers=tuple(self.headers.items()),
            body=body,
            source_ip=str(self.client_address[0]),
            port=self._owner.port,
        )
        response = self._owner.answer(request, request_id=request_id)
        self.close_connection = self.close_connection or self._owner.stopping
        self._write(response, request_id=request_id)

    # The parent calls the method that is named after the request's.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815
    do_OPTIONS = do_TRACE = do_QUERY = _serve  # noqa: N815

    def _target(self) -> str:
        # The parent reads the request line as latin-1.
        target = self.path.encode("latin-1").decode("utf-8", "replace")
        if absolute := _ABSOLUTE.match(target):
            target = target[absolute.end() :]
        return target if target.startswith(("/", "*")) else f"/{target}"

    def _read_body(self) -> bytes:
        length = self._declared_length()
        if length is None:
            return self._read_chunks()
        return self._read_exactly(length)

    def _declared_length(self) -> int | None:
        """The length that the headers declare; None for a chunked body.

        Two lengths, or a length beside chunks, are how requests are smuggled past one another.
        """
        lengths = set(self.headers.get_all("content-length", []))
        encodings = [one.strip().lower() for one in self.headers.get_all("transfer-encoding", [])]
        if encodings:
            if encodings != ["chunked"] or lengths:
                raise MalformedRequest("Transfer-Encoding is not chunked alone")
            return None
        if not lengths:
            return 0
        text = lengths.pop()
        if lengths or not re.fullmatch(r"[0-9]{1,15}", text):
            raise MalformedRequest("Content-Length is no single number")
        if int(text) > self._owner.limits.body_bytes:
            raise BodyTooLarge("The body is too large")
        return int(text)

    def _read_exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionAbortedError
        return data

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > self._owner.limits.body_bytes:
                raise BodyTooLarge("The body is too large")
            body += self._read_exactly(size)
            if self.rfile.readline(3) not in {b"\r\n", b"\n"}:
                raise MalformedRequest("A chunk is not followed by a line end")
        for _ in range(MAX_TRAILERS):
            if self.rfile.readline(MAX_LINE_BYTES) in {b"\r\n", b"\n", b""}:
                return bytes(body)
        raise MalformedRequest("The chunks are followed by too many trailers")

    def _chunk_size(self) -> int:
        found = _CHUNK_SIZE.fullmatch(self.rfile.readline(MAX_LINE_BYTES))
        if found is None:
            raise MalformedRequest("A chunk has no size")
        return int(found[1], 16)

    def _write(self, response: Response, *, request_id: str) -> None:
        self.wfile.write(
            response_bytes(
                response,
                request_id=request_id,
                keep_alive=not self.close_connection,
                with_body=self.command != "HEAD",
            )
        )
        self.wfile.flush()

    def _drain(self) -> None:
        """Read and forget what the client still sends, for a moment: closing now would reset it."""
        deadline = time.monotonic() + DRAIN_SECONDS
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while (left := deadline - time.monotonic()) > 0:
                self.connection.settimeout(left)
                if not self.connection.recv(1 << 16):
                    return
