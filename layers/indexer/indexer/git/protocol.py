"""Git's wire protocol, version 2, as far as fetching one commit needs it.

Requests are built as bytes and answers are read from a stream; which transport carries them is
not known here. Only what was asked for is understood: everything else is misbehaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple, Protocol

from indexer.git.failures import (
    CommitNotFound,
    RemoteMisbehaved,
    RemoteUnavailable,
    RemoteUnsupported,
)
from indexer.git.refs import COMMIT_SHA

AGENT: Final = b"agent=kotadb"
NO_BLOBS: Final = b"filter blob:none"
LENGTH_DIGITS: Final = 4
MAX_LINES: Final = 100_000
PACK_CHANNEL, PROGRESS_CHANNEL = 1, 2
HEX_DIGITS: Final = frozenset(b"0123456789abcdefABCDEF")


class Stream(Protocol):
    """An answer as it arrives."""

    def read_exactly(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end."""


class Marker(Enum):
    """The packets that hold no line."""

    FLUSH = 0
    DELIMITER = 1
    RESPONSE_END = 2


class Capabilities(NamedTuple):
    """What the server offers for each of its commands."""

    features: Mapping[str, frozenset[str]]

    @property
    def filters(self) -> bool:
        """Whether it can leave out blobs, large ones or all."""
        return "filter" in self.features["fetch"]


class Refs(NamedTuple):
    """The refs that were asked for: full name to id, tags to the commit they name, and HEAD's."""

    ids: dict[str, str]
    peeled: dict[str, str]
    head_target: str | None


def packet(line: bytes) -> bytes:
    """A line with its length before it."""
    return b"%04x%s" % (len(line) + 4, line)


def read_packet(stream: Stream) -> bytes | Marker:
    """The next packet.

    Raises:
        CommitNotFound: the server says that it lacks what was wanted.
        RemoteMisbehaved: it says something else is wrong, or what it sends is no packet.
        RemoteUnavailable: the answer breaks off.
    """
    digits = _whole(stream, LENGTH_DIGITS)
    if not HEX_DIGITS.issuperset(digits):
        raise RemoteMisbehaved
    length = int(digits, 16)
    if length <= Marker.RESPONSE_END.value:
        return Marker(length)
    if length < LENGTH_DIGITS:
        raise RemoteMisbehaved
    line = _whole(stream, length - LENGTH_DIGITS)
    if line.startswith(b"ERR "):
        raise _refusal(line)
    return line


def _whole(stream: Stream, size: int) -> bytes:
    piece = stream.read_exactly(size)
    if len(piece) != size:
        raise RemoteUnavailable
    return piece


def _refusal(text: bytes) -> Exception:
    return CommitNotFound() if b"not our ref" in text else RemoteMisbehaved()


def _lines(stream: Stream) -> Iterator[bytes]:
    """The lines up to the flush packet."""
    for _ in range(MAX_LINES):
        line = read_packet(stream)
        if line is Marker.FLUSH:
            return
        if isinstance(line, Marker):
            raise RemoteMisbehaved
        yield line.rstrip(b"\n")
    raise RemoteMisbehaved


def read_capabilities(stream: Stream) -> Capabilities:
    """What the server says of itself at first.

    Raises:
        RemoteUnsupported: it speaks an older protocol, or cannot do what is needed.
    """
    first = read_packet(stream)
    if isinstance(first, bytes) and first.startswith(b"# service="):
        if read_packet(stream) is not Marker.FLUSH:
            raise RemoteMisbehaved
        first = read_packet(stream)
    if isinstance(first, Marker) and first is not Marker.FLUSH:
        raise RemoteMisbehaved
    if not isinstance(first, bytes) or first.rstrip() != b"version 2":
        raise RemoteUnsupported
    features: dict[str, frozenset[str]] = {}
    for line in _lines(stream):
        name, _, values = line.decode("utf-8", "replace").partition("=")
        features[name] = frozenset(values.split())
    if "ls-refs" not in features or "shallow" not in features.get("fetch", frozenset()):
        raise RemoteUnsupported
    if features.get("object-format", frozenset({"sha1"})) != {"sha1"}:
        raise RemoteUnsupported
    return Capabilities(features)


def _request(command: bytes, capabilities: Capabilities, arguments: list[bytes]) -> bytes:
    head = [b"command=" + command, AGENT]
    if "object-format" in capabilities.features:
        head.append(b"object-format=sha1")
    lines = [*map(packet, head), b"0001", *map(packet, arguments), b"0000"]
    return b"".join(lines)


def refs_request(capabilities: Capabilities, prefixes: list[str]) -> bytes:
    """Ask for the refs whose full names begin with one of `prefixes`."""
    arguments = [b"peel", b"symrefs"]
    if "unborn" in capabilities.features["ls-refs"]:
        arguments.append(b"unborn")
    arguments += [b"ref-prefix " + one.encode("utf-8", "surrogatepass") for one in prefixes]
    return _request(b"ls-refs", capabilities, arguments)


def read_refs(stream: Stream) -> Refs:
    """The answer to `refs_request`."""
    ids: dict[str, str] = {}
    peeled: dict[str, str] = {}
    head_target = None
    for line in _lines(stream):
        sha, name, *attributes = [*line.decode("utf-8", "replace").split(" "), ""][:5]
        if sha != "unborn":
            ids[name] = _sha(sha)
        for attribute in attributes:
            key, _, value = attribute.partition(":")
            if key == "peeled":
                peeled[name] = _sha(value)
            elif key == "symref-target" and name == "HEAD":
                head_target = value
    return Refs(ids, peeled, head_target)


def _sha(text: str) -> str:
    if not COMMIT_SHA.fullmatch(text):
        raise RemoteMisbehaved
    return text


def fetch_request(capabilities: Capabilities, want: str, *, below_bytes: int) -> bytes:
    """Ask for the commit `want` without its history, and without blobs of `below_bytes` or more."""
    arguments = [b"want " + want.encode("ascii"), b"deepen 1"]
    if capabilities.filters:
        arguments.append(b"filter blob:limit=%d" % below_bytes)
    return _pack_request(capabilities, arguments)


def trees_request(capabilities: Capabilities, want: str) -> bytes:
    """Ask for the commit `want` and its trees, without its history and without any blob."""
    return _pack_request(capabilities, [b"want " + want.encode("ascii"), b"deepen 1", NO_BLOBS])


def blobs_request(capabilities: Capabilities, ids: Sequence[str]) -> bytes:
    """Ask for these blobs, as a partial clone asks for what it left out before."""
    return _pack_request(capabilities, [*(b"want " + one.encode("ascii") for one in ids), NO_BLOBS])


def _pack_request(capabilities: Capabilities, arguments: list[bytes]) -> bytes:
    return _request(b"fetch", capabilities, [b"ofs-delta", b"no-progress", *arguments, b"done"])


def read_pack(stream: Stream, write: Callable[[bytes], None]) -> None:
    """Hand the pack of the answer to `fetch_request` on, piece by piece."""
    _skip_to_pack(stream)
    while (line := read_packet(stream)) is not Marker.FLUSH:
        if isinstance(line, Marker) or not line:
            raise RemoteMisbehaved
        if line[0] == PACK_CHANNEL:
            write(line[1:])
        elif line[0] != PROGRESS_CHANNEL:
            raise _refusal(line)


def _skip_to_pack(stream: Stream) -> None:
    """Read over the sections before the pack: they tell what is already known, depth 1."""
    for _ in range(MAX_LINES):
        line = read_packet(stream)
        if isinstance(line, bytes) and line.rstrip(b"\n") == b"packfile":
            return
        if line in {Marker.FLUSH, Marker.RESPONSE_END}:
            break
    raise RemoteMisbehaved
