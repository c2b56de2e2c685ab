"""A git server on the loopback that speaks smart HTTP, and misbehaves as it is told.

Decent answers come from `git upload-pack --stateless-rpc`. A fault is a function that gets the
request and answers it in its own way; `only` restricts it to the request for refs or for the pack.
`authorised` says by a repository's name and the token that came along, or None, who may read it.
"""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

REQUEST = re.compile(r"/(?P<name>[^?]+?)(?:\.git)?/(?P<service>info/refs|git-upload-pack)(\?.*)?")
CONFIGURATION = ("-c", "uploadpack.allowAnySHA1InWant=true", "-c", "safe.directory=*")

Fault = Callable[["Exchange"], None]
Authorised = Callable[[str, str | None], bool]


def packet(line: bytes) -> bytes:
    return b"%04x%s" % (len(line) + 4, line)


CAPABILITIES = [b"version 2\n", b"ls-refs\n", b"fetch=shallow filter\n"]


@dataclass
class Exchange:
    """One request, and the ways to answer it."""

    handler: Handler
    name: str
    body: bytes
    server: GitServer

    @property
    def asks(self) -> str:
        """What is asked for: capabilities, refs or pack."""
        if self.handler.command == "GET":
            return "capabilities"
        return "pack" if b"command=fetch" in self.body else "refs"

    @property
    def token(self) -> str | None:
        """The token that a client brings as the password of x-access-token."""
        scheme, _, credentials = self.handler.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = b64decode(credentials, validate=True).decode().partition(":")
        except ValueError:
            return None
        return password if (scheme, user) == ("Basic", "x-access-token") else None

    def content_type(self) -> str:
        ending = "advertisement" if self.asks == "capabilities" else "result"
        return f"application/x-git-upload-pack-{ending}"

    def start(self, status: int = 200, **headers: str) -> None:
        self.handler.send_response(status)
        decent = {"Content-Type": self.content_type(), "Connection": "close"}
        for name, value in {**decent, **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.start(status, **{"Content-Length": str(len(body)), **named})
        self.send(body)

    def send(self, piece: bytes) -> None:
        self.handler.wfile.write(piece)
        self.handler.wfile.flush()

    def real_answer(self) -> bytes:
        """What git itself says."""
        mode = "--http-backend-info-refs" if self.asks == "capabilities" else "--stateless-rpc"
        configuration = [*CONFIGURATION, "-c", f"uploadpack.allowFilter={self.server.filters}"]
        done = subprocess.run(
            ["git", *configuration, "upload-pack", mode, str(self.server.root / self.name)],
            input=self.body,
            env={
                **os.environ,
                "GIT_PROTOCOL": self.handler.headers.get("Git-Protocol", ""),
                "GIT_CONFIG_GLOBAL": os.devnull,
            },
            capture_output=True,
            check=False,
        )
        head = packet(b"# service=git-upload-pack\n") + b"0000"
        return (head if self.asks == "capabilities" else b"") + done.stdout

    def until_stopped(self) -> Iterator[None]:
        """Go on for as long as the server lives and the client listens."""
        while not self.server.stopping.is_set():
            yield


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, owner: GitServer, *rest: Any) -> None:
        self.owner = owner
        super().__init__(*rest)

    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def serve(self) -> None:
        self.owner.log.append((self.command, self.path, dict(self.headers)))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = REQUEST.fullmatch(self.path)
        exchange = Exchange(self, found["name"] if found else "", body, self.owner)
        self.close_connection = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if self.owner.fault and self.owner.only in {None, exchange.asks}:
                self.owner.fault(exchange)
            elif not self.owner.authorised(exchange.name, exchange.token):
                exchange.answer(b"not for you", 401, WWW_Authenticate='Basic realm="GitHub"')
            elif found and (self.owner.root / found["name"] / "HEAD").exists():
                exchange.answer(exchange.real_answer())
            else:
                exchange.answer(b"not here", 404)


class Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves amid an answer is what these tests are about."""


@dataclass
class GitServer:
    """Serves the bare repositories under `root`, with a `certificate` by TLS. A `with` block."""

    root: Path
    fault: Fault | None = None
    only: str | None = None
    filters: str = "true"
    certificate: Path | None = None
    authorised: Authorised = lambda _name, _token: True
    log: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._http = Listener(("127.0.0.1", 0), partial(Handler, self))
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            # The handshake belongs to the connection's own thread, for it may fail.
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=partial(self._http.serve_forever, poll_interval=0.02)
        )
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def port(self) -> int:
        return self._http.server_port

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}.git"


def status(code: int, **headers: str) -> Fault:
    """Answer with an HTTP status and words that must not reach anybody."""
    return lambda exchange: exchange.answer(b"<h1>secret of the remote</h1>", code, **headers)


def redirect(to: str, code: int = 302) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.answer(b"", code, Location=to + exchange.handler.path)

    return fault


def login_page(exchange: Exchange) -> None:
    exchange.answer(b"<html>log in</html>", Content_Type="text/html")


def stall(exchange: Exchange) -> None:
    """Promise an answer and never give it."""
    exchange.start(Content_Length="1000000")
    exchange.server.stopping.wait()


def hang(exchange: Exchange) -> None:
    """Do not even answer with a status."""
    exchange.server.stopping.wait()


def drip(exchange: Exchange) -> None:
    """Send the real answer so slowly that no single wait is long and all of them are."""
    body = exchange.real_answer()
    exchange.start(Content_Length=str(len(body) + 1_000_000))
    for at in range(len(body)):
        exchange.send(body[at : at + 1])
        if exchange.server.stopping.wait(0.05):
            return


def drop(exchange: Exchange) -> None:
    """Break off in the middle."""
    body = exchange.real_answer()
    exchange.start(Content_Length=str(len(body)))
    exchange.send(body[: len(body) // 2])


def cut_short(exchange: Exchange) -> None:
    """Break off in the middle, and call it the end."""
    body = exchange.real_answer()
    exchange.answer(body[: len(body) // 2])


def flip_a_bit(exchange: Exchange) -> None:
    """Change one bit near the end of the pack."""
    body = bytearray(exchange.real_answer())
    body[-60] ^= 1
    exchange.answer(bytes(body))


def canned(body: bytes) -> Fault:
    """Answer with these bytes."""
    return lambda exchange: exchange.answer(body)


def canned_pack(pack: bytes, commit_sha: str) -> Fault:
    """Be a whole server that has one commit, in this pack."""

    def fault(exchange: Exchange) -> None:
        if exchange.asks == "capabilities":
            exchange.answer(b"".join(map(packet, CAPABILITIES)) + b"0000")
        elif exchange.asks == "refs":
            head = f"{commit_sha} HEAD symref-target:refs/heads/main\n".encode()
            branch = f"{commit_sha} refs/heads/main\n".encode()
            exchange.answer(packet(head) + packet(branch) + b"0000")
        else:
            pieces = [pack[at : at + 60_000] for at in range(0, len(pack), 60_000)]
            lines = b"".join(packet(b"\x01" + piece) for piece in pieces)
            exchange.answer(packet(b"packfile\n") + lines + b"0000")

    return fault


def endless_pack(exchange: Exchange) -> None:
    """Send pack data for as long as anybody takes it."""
    exchange.start()
    exchange.send(packet(b"packfile\n") + packet(b"\x01PACK\0\0\0\2\0\0\0\5"))
    piece = packet(b"\x01" + b"x" * 60_000)
    for _ in exchange.until_stopped():
        exchange.send(piece)


def endless_progress(exchange: Exchange) -> None:
    """Send words about progress for as long as anybody takes them."""
    exchange.start()
    exchange.send(packet(b"packfile\n"))
    piece = packet(b"\x02" + b"Counting objects\r" * 1000)
    for _ in exchange.until_stopped():
        exchange.send(piece)


def endless_refs(exchange: Exchange) -> None:
    """Send one ref after another."""
    exchange.start()
    number = 0
    for _ in exchange.until_stopped():
        lines = [b"%040x refs/heads/%d\n" % (one, one) for one in range(number, number + 500)]
        number += 500
        exchange.send(b"".join(map(packet, lines)))
