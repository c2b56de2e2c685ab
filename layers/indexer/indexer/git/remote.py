"""Where a repository lives: what a caller may name, in one canonical form.

The API refuses with these rules, and the worker applies them again: a stored row is not trusted.
Nothing is looked up or opened here; the address that a host name leads to is checked when the
connection is made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import ClassVar, Final
from urllib.parse import SplitResult, urlsplit

from indexer.errors import Refused

MAX_LENGTH: Final = 2048
MAX_SEGMENT_LENGTH: Final = 100
HTTPS_PORT: Final = 443
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1"})

SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
HOST_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
# How SSH is written, as a URL and as scp takes it. A URL with a user name has // behind its colon.
OVER_SSH: Final = re.compile(r"(git\+)?ssh://|[^/@:]+@[^/@:]+:(?!//)", re.ASCII | re.IGNORECASE)
# Control characters, white space of any script, and what browsers and URL parsers read apart.
UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\s\\^`{|}<>\"\u200b-\u200f\u2028-\u202e\ufeff]")


class RepositoryInvalid(Refused):
    """What was named cannot be the address of a repository."""

    code = "repository_invalid"
    status: ClassVar[int] = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"the repository is not usable: {reason}")


class HostNotAllowed(Refused):
    """The address is well formed, and leads to a host that nothing is fetched from."""

    code = "host_not_allowed"
    status: ClassVar[int] = 422

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"repositories are fetched from these hosts only: {', '.join(allowed)}")


class Scheme(StrEnum):
    """How a repository is reached."""

    HTTPS = "https"
    HTTP = "http"
    LOCAL = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A repository's canonical address.

    `location` is the URL to fetch from, or for a local repository its absolute path; `full_name`
    is what people call it, "owner/name", in the case in which it was written. No part ever holds a
    credential.
    """

    scheme: Scheme
    location: str
    host: str
    full_name: str

    @property
    def is_local(self) -> bool:
        """Whether only the local run may fetch it."""
        return self.scheme is not Scheme.HTTPS

    @classmethod
    def parse(cls, text: str, *, allowed_hosts: Sequence[str], allow_local: bool = False) -> Remote:
        """The remote that `text` names: `owner/name` on the first allowed host, or an https URL.

        With `allow_local` also an absolute path, a file:// URL, and http:// on the loopback.

        Raises:
            RepositoryInvalid: it is no such text.
            HostNotAllowed: its host is not one of `allowed_hosts`.
        """
        if len(text) > MAX_LENGTH:
            raise RepositoryInvalid(f"longer than {MAX_LENGTH} characters")
        if allow_local and text.startswith("/"):
            return _local(text)
        if UNSAFE.search(text):
            raise RepositoryInvalid("it holds white space or a character no address has")
        if OVER_SSH.match(text):
            raise RepositoryInvalid(
                "nothing is fetched over SSH; write owner/name, or the address with https://"
            )
        if "://" not in text:
            return _by_name(text, allowed_hosts)
        return _by_url(_split(text), allowed_hosts, allow_local=allow_local)


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # parsed late: this is what refuses ":99999"
    except ValueError:
        raise RepositoryInvalid("it cannot be read as a URL") from None
    if "@" in parts.netloc:
        raise RepositoryInvalid("it holds a user name or password; use an access token instead")
    if "?" in text or "#" in text:
        raise RepositoryInvalid("it has a query or a fragment")
    return parts


def _by_name(text: str, allowed_hosts: Sequence[str]) -> Remote:
    if not allowed_hosts:
        raise HostNotAllowed(allowed_hosts)
    host = _host(allowed_hosts[0])
    segments = _segments(text)
    if len(segments) != 2:  # noqa: PLR2004 - the owner and the name
        raise RepositoryInvalid("a name has the form owner/name")
    return _https(host, segments)


def _by_url(parts: SplitResult, allowed_hosts: Sequence[str], *, allow_local: bool) -> Remote:
    if parts.scheme == "file" and allow_local:
        if parts.netloc not in {"", "localhost"}:
            raise RepositoryInvalid("a file:// URL names no host")
        return _local(parts.path)
    host = _host(parts.hostname or "")
    if parts.scheme == "http" and allow_local and host in LOOPBACK_HOSTS:
        return _loopback(host, parts)
    if parts.scheme != "https":
        raise RepositoryInvalid("only https:// URLs are fetched")
    if host not in {_host(one) for one in allowed_hosts}:
        raise HostNotAllowed(allowed_hosts)
    if parts.port not in {None, HTTPS_PORT}:
        raise RepositoryInvalid("only the port 443 is fetched from")
    return _https(host, _segments(parts.path.removeprefix("/")))


def _https(host: str, segments: list[str]) -> Remote:
    path = "/".join(segments)
    return Remote(
        scheme=Scheme.HTTPS, location=f"https://{host}/{path}.git", host=host, full_name=path
    )


def _loopback(host: str, parts: SplitResult) -> Remote:
    segments = _segments(parts.path.removeprefix("/"), at_least=1)
    port = f":{parts.port}" if parts.port is not None else ""
    path = "/".join(segments)
    return Remote(
        scheme=Scheme.HTTP,
        location=f"http://{host}{port}/{path}.git",
        host=host,
        full_name=path if "/" in path else f"local/{path}",
    )


def _local(path: str) -> Remote:
    if "\0" in path or any(ord(one) < ord(" ") for one in path):
        raise RepositoryInvalid("the path holds a control character")
    place = PurePosixPath(path)
    if not place.is_absolute() or ".." in place.parts:
        raise RepositoryInvalid("a local repository is named by its absolute path, without ..")
    # POSIX leaves a leading // to the system; here it is one root like any other.
    named = [part for part in place.parts[1:] if part not in {".git", "/"}]
    if not named:
        raise RepositoryInvalid("the root of the file system is no repository")
    return Remote(
        scheme=Scheme.LOCAL,
        location="/" + "/".join(place.parts[1:]),
        host="",
        full_name=f"local/{named[-1].removesuffix('.git')}",
    )


def _host(text: str) -> str:
    """A host name as DNS compares it: lower case, punycode, no trailing dot."""
    host = text.lower().removesuffix(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise RepositoryInvalid("its host name cannot be read") from None
    labels = host.split(".")
    if not host or not all(HOST_LABEL.fullmatch(label) for label in labels):
        raise RepositoryInvalid("its host name cannot be read")
    return host


def _segments(path: str, *, at_least: int = 2) -> list[str]:
    """The parts of a repository's path, each of them harmless, without a final slash or .git."""
    segments = path.removesuffix("/").removesuffix(".git").split("/")
    if len(segments) < at_least:
        raise RepositoryInvalid("its path has the form owner/name")
    for segment in segments:
        if not SEGMENT.fullmatch(segment) or len(segment) > MAX_SEGMENT_LENGTH:
            raise RepositoryInvalid("a part of its path is empty, too long or has odd characters")
        if segment in {".", ".."} or segment.lower().endswith(".git"):
            raise RepositoryInvalid("a part of its path is a dot or ends with .git")
    return segments
