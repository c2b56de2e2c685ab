"""The two ways to a remote: smart HTTP, and for the local run the git program on a path."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final, Protocol

import urllib3
from urllib3 import exceptions as http

from indexer.git.failures import (
    AuthenticationRequired,
    CertificateRefused,
    GitMissing,
    RateLimited,
    RedirectRefused,
    RemoteMisbehaved,
    RemoteUnavailable,
    RepositoryNotFound,
)
from indexer.git.limits import Meter
from indexer.git.pool import checked_pool
from indexer.git.remote import Remote, Scheme
from indexer.sandbox.limits import die_with_parent

PIECE_BYTES: Final = 64 * 1024
END_SECONDS: Final = 5.0
OK: Final = 200
ADVERTISEMENT: Final = "application/x-git-upload-pack-advertisement"
RESULT: Final = "application/x-git-upload-pack-result"
# What the git program may use of its own accord while it serves a local repository.
LOCAL_CONFIGURATION: Final = (
    "safe.directory=*",
    "uploadpack.allowFilter=true",
    "uploadpack.allowAnySHA1InWant=true",
    "core.packedGitWindowSize=32m",
    "core.packedGitLimit=256m",
    "pack.threads=1",
)


class MeteredStream:
    """An answer of the remote, each byte of it counted."""

    def __init__(self, read_some: Callable[[int], bytes], meter: Meter) -> None:
        self._read_some = read_some
        self._meter = meter
        self._buffer = b""
        self._at = 0

    def read_exactly(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end."""
        if len(self._buffer) - self._at < size:
            self._fill(size)
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def _fill(self, size: int) -> None:
        pieces = [self._buffer[self._at :]]
        held = len(pieces[0])
        while held < size and (piece := self._read_some(PIECE_BYTES)):
            self._meter.count_received(len(piece))
            pieces.append(piece)
            held += len(piece)
        self._buffer, self._at = b"".join(pieces), 0


class Transport(Protocol):
    """Carries requests of git's protocol 2 to one repository."""

    def advertise(self) -> AbstractContextManager[MeteredStream]:
        """What the server says of itself."""

    def ask(self, request: bytes) -> AbstractContextManager[MeteredStream]:
        """Its answer to one request."""

    def close(self) -> None:
        """Give up what is held open between requests."""


def to(remote: Remote, *, meter: Meter, token: str | None) -> Transport:
    """The way to `remote`. A token goes over TLS: plain http leaves no machine."""
    if remote.scheme is Scheme.LOCAL:
        return LocalTransport(remote.location, meter=meter)
    return HttpTransport(remote.location, meter=meter, token=token)


class HttpTransport:
    """Smart HTTP: no redirects, no retries, no proxies, no cookies, every wait bounded."""

    def __init__(
        self,
        location: str,
        *,
        meter: Meter,
        token: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._location = location
        self._meter = meter
        if context is None and location.startswith("https:"):
            context = ssl.create_default_context()
        self._pool = checked_pool(public_only=meter.limits.public_only, context=context)
        # Compression is not asked for: packs are compressed, and so nothing can be a gzip bomb.
        self._headers = {"User-Agent": "git/kotadb", "Git-Protocol": "version=2", "Accept": "*/*"}
        if token:
            credentials = b64encode(f"x-access-token:{token}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {credentials}"

    def advertise(self) -> AbstractContextManager[MeteredStream]:
        """What the server says of itself."""
        return self._exchange("GET", "/info/refs?service=git-upload-pack", ADVERTISEMENT)

    def ask(self, request: bytes) -> AbstractContextManager[MeteredStream]:
        """Its answer to one request."""
        return self._exchange("POST", "/git-upload-pack", RESULT, request)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    @contextlib.contextmanager
    def _exchange(
        self, method: str, path: str, expected: str, body: bytes | None = None
    ) -> Iterator[MeteredStream]:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/x-git-upload-pack-request"
        with _mapped_errors():
            response = self._pool.request(
                method,
                self._location + path,
                body=body,
                headers=headers,
                timeout=self._timeout(),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        try:
            _check_status(response.status)
            if response.headers.get("Content-Type", "").partition(";")[0].strip() != expected:
                raise RemoteMisbehaved
            yield MeteredStream(_mapped(response.read1), self._meter)
        finally:
            # Never read on for the sake of the connection: the rest may be endless.
            response.close()

    def _timeout(self) -> urllib3.Timeout:
        limits, remaining = self._meter.limits, self._meter.remaining_seconds()
        return urllib3.Timeout(
            connect=min(limits.connect_seconds, remaining),
            read=min(limits.read_seconds, remaining),
        )


def _check_status(status: int) -> None:
    """Raise what the HTTP status means, unless it is 200."""
    if status == OK:
        return
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
        raise RedirectRefused
    if status in {401, 403}:
        raise AuthenticationRequired
    if status in {404, 410}:
        raise RepositoryNotFound
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        raise RateLimited
    if status >= 500:  # noqa: PLR2004 - the class of server errors
        raise RemoteUnavailable
    raise RemoteMisbehaved


@contextlib.contextmanager
def _mapped_errors() -> Iterator[None]:
    try:
        yield
    except (http.SSLError, ssl.SSLError):
        raise CertificateRefused from None
    except (http.HTTPError, OSError):
        raise RemoteUnavailable from None


def _mapped(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def read_some(size: int) -> bytes:
        with _mapped_errors():
            return read(size)

    return read_some


class LocalTransport:
    """The git program, serving a repository of this machine. For the local run only."""

    def __init__(self, path: str, *, meter: Meter) -> None:
        self._path = path
        self._meter = meter

    def advertise(self) -> AbstractContextManager[MeteredStream]:
        """What the program says of itself."""
        return self._run("--http-backend-info-refs", b"")

    def ask(self, request: bytes) -> AbstractContextManager[MeteredStream]:
        """Its answer to one request."""
        return self._run("--stateless-rpc", request)

    def close(self) -> None:
        """Nothing is held open: each request has a program of its own."""

    @contextlib.contextmanager
    def _run(self, mode: str, request: bytes) -> Iterator[MeteredStream]:
        options = [word for one in LOCAL_CONFIGURATION for word in ("-c", one)]
        try:
            program = subprocess.Popen(
                ["git", *options, "upload-pack", mode, "--timeout=60", self._path],  # noqa: S607 - the person's own git
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "GIT_PROTOCOL": "version=2", "GIT_NO_LAZY_FETCH": "1"},
                preexec_fn=functools.partial(die_with_parent, os.getpid()),  # noqa: PLW1509 - a child has one thread
            )
        except FileNotFoundError:
            raise GitMissing from None
        with program:
            try:
                yield MeteredStream(_answer_of(program, request), self._meter)
            finally:
                program.kill()


def _answer_of(program: subprocess.Popen[bytes], request: bytes) -> Callable[[int], bytes]:
    """Send the request, small enough for a pipe, and give the way to read the answer."""
    if program.stdin is None or program.stdout is None:
        raise TypeError("the program was started without pipes")
    with contextlib.suppress(BrokenPipeError), program.stdin as stdin:
        stdin.write(request)
    descriptor = program.stdout.fileno()
    answered = False

    def read_some(size: int) -> bytes:
        nonlocal answered
        piece = os.read(descriptor, size)
        # It ends without a word when the path is no repository.
        if not piece and not answered and program.wait(END_SECONDS) != 0:
            raise RepositoryNotFound
        answered = True
        return piece

    return read_some
