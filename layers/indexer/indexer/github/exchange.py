"""One request to GitHub's REST API and its answer, each bounded in time, bytes and places."""

from __future__ import annotations

import contextlib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3 import exceptions as http

from indexer.git.failures import CertificateRefused
from indexer.git.pool import checked_pool
from indexer.github import answers
from indexer.github.failures import (
    AccessDenied,
    GitHubMisbehaved,
    GitHubRateLimited,
    GitHubUnavailable,
    InstallationSuspended,
    TokenRefused,
)
from indexer.settings import MEBIBYTE

PIECE_BYTES: Final = 64 * 1024
HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "kotadb",
}
MOVED: Final = frozenset({301, 302, 307, 308})
# These two let the method be changed on the way, so nothing but a question follows them.
MOVED_QUESTION: Final = frozenset({301, 302})
# What GitHub asks for where it says no time.
PAUSE_SECONDS: Final = 60.0
NEXT: Final = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel=\"?next\b")
PORTS: Final = {"https": 443, "http": 80}


class GitHubLimits(NamedTuple):
    """Bounds of one request, with the one redirect that is followed: seconds and bytes."""

    seconds: float = 20.0
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    answer_bytes: int = 4 * MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that was read whole. Neither headers nor body are ever shown."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer(status={self.status})"

    def moment(self) -> float | None:
        """When GitHub gave it, by GitHub's clock in Unix seconds; None where it does not say."""
        try:
            return parsedate_to_datetime(self.headers.get("Date", "")).timestamp()
        except (ValueError, OverflowError):
            return None


class Wire:
    """Connections to one origin: no proxies, no cookies, no retries, no other place."""

    def __init__(
        self,
        base_url: str,
        *,
        limits: GitHubLimits,
        public_only: bool,
        context: ssl.SSLContext | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url
        self._origin = _origin(urlsplit(base_url))
        self._limits = limits
        self._clock = clock
        self._pool = checked_pool(public_only=public_only, context=context)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def ask(
        self, method: str, target: str, *, credential: str | None, body: bytes | None = None
    ) -> Answer:
        """Send one request and read its answer, whatever its status.

        `target` is a path, or an address of the same origin as an answer named it. `credential` is
        sent in the Authorization header. A repository that has a new name is asked for once more,
        where its old address points within the origin.

        Raises:
            GitHubUnavailable: no whole answer came in time.
            GitHubMisbehaved: the answer is too large, or points elsewhere or on and on.
            CertificateRefused: the other side cannot prove who it is.
            AddressRefused: the host has no public address, and needs one.
        """
        deadline = self._clock() + self._limits.seconds
        address = self._base_url + target if target.startswith("/") else self.within(target)
        answer = self._exchange(method, address, credential, body, deadline)
        if answer.status not in MOVED:
            return answer
        if answer.status in MOVED_QUESTION and method != "GET":
            raise GitHubMisbehaved
        address = self.within(answer.headers.get("Location", ""), near=address)
        answer = self._exchange(method, address, credential, body, deadline)
        if answer.status in MOVED:
            raise GitHubMisbehaved
        return answer

    def within(self, address: str, *, near: str = "") -> str:
        """`address`, which lies within the origin, and may leave out what it shares with `near`.

        Raises:
            GitHubMisbehaved: it lies elsewhere.
        """
        if not address.isascii() or not address.isprintable() or {" ", "\\"} & set(address):
            raise GitHubMisbehaved
        try:
            whole = urljoin(near, address)
            same = _origin(urlsplit(whole)) == self._origin
        except ValueError:
            raise GitHubMisbehaved from None
        if not same:
            raise GitHubMisbehaved
        return whole

    def next_page(self, answer: Answer) -> str | None:
        """The address of the page after this one.

        Raises:
            GitHubMisbehaved: it lies elsewhere.
        """
        found = NEXT.search(answer.headers.get("Link", ""))
        return self.within(found[1]) if found else None

    def _exchange(
        self,
        method: str,
        address: str,
        credential: str | None,
        body: bytes | None,
        deadline: float,
    ) -> Answer:
        # Compression is not asked for, and so nothing can be a gzip bomb.
        headers = dict(HEADERS)
        if credential is not None:
            headers["Authorization"] = f"Bearer {credential}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        remaining = self._remaining(deadline)
        with _mapped_errors():
            response = self._pool.request(
                method,
                address,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(
                    connect=min(self._limits.connect_seconds, remaining),
                    read=min(self._limits.read_seconds, remaining),
                ),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                read = self._read(response, deadline)
            except BaseException:
                response.close()
                raise
        return Answer(status=response.status, headers=response.headers, body=read)

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        read = bytearray()
        while piece := response.read1(PIECE_BYTES):
            read += piece
            if len(read) > self._limits.answer_bytes:
                raise GitHubMisbehaved
            self._remaining(deadline)
        return bytes(read)

    def _remaining(self, deadline: float) -> float:
        remaining = deadline - self._clock()
        if remaining <= 0:
            raise GitHubUnavailable
        return remaining


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    if "@" in parts.netloc:
        raise ValueError("an address holds no credentials")
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


@contextlib.contextmanager
def _mapped_errors() -> Iterator[None]:
    try:
        yield
    except (http.SSLError, ssl.SSLError):
        raise CertificateRefused from None
    except (http.HTTPError, OSError):
        raise GitHubUnavailable from None


def succeeded(answer: Answer, *, now: float) -> Answer | None:
    """The answer if it is a success, None if nothing is there. `now` is in Unix seconds.

    Raises:
        TokenRefused: the credential is not taken.
        GitHubRateLimited: there were too many requests.
        InstallationSuspended: the installation may do nothing.
        AccessDenied: it may not do this.
        GitHubUnavailable: GitHub is failing.
        GitHubMisbehaved: it is any other status.
    """
    status = answer.status
    if status in {200, 201}:
        return answer
    if status in {404, 410}:
        return None
    if status == 401:  # noqa: PLR2004 - Unauthorized
        raise TokenRefused
    if status == 429 or (status == 403 and _says_too_many(answer)):  # noqa: PLR2004 - as above
        raise GitHubRateLimited(seconds=_pause(answer, now))
    if status in {403, 451}:
        suspended = "suspended" in answers.message(answer.body)
        raise InstallationSuspended if suspended else AccessDenied
    if status >= 500:  # noqa: PLR2004 - the class of server errors
        raise GitHubUnavailable
    raise GitHubMisbehaved


def _says_too_many(answer: Answer) -> bool:
    return (
        "Retry-After" in answer.headers
        or answer.headers.get("X-RateLimit-Remaining") == "0"
        or "rate limit" in answers.message(answer.body)
    )


def _pause(answer: Answer, now: float) -> float:
    """Seconds to wait; the end of the limit is by GitHub's clock."""
    asked = _whole(answer.headers.get("Retry-After"))
    if asked is not None:
        return float(asked)
    reset = _whole(answer.headers.get("X-RateLimit-Reset"))
    if reset is not None and answer.headers.get("X-RateLimit-Remaining") == "0":
        told = answer.moment()
        return reset - (now if told is None else told)
    return PAUSE_SECONDS


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,12}", text) else None
