"""What runs in a parsing child: read blobs from the job's object store, parse, send the facts."""

from __future__ import annotations

from typing import NamedTuple

from indexer.git.tree import BlobReader, BlobTooLarge, BlobUnreadable
from indexer.indexing.discover import content_reason
from indexer.parsing.facts import FileFacts
from indexer.parsing.parser import parse_file
from indexer.parsing.source import FileNotParsed
from indexer.sandbox.channel import Channel


class Workplace(NamedTuple):
    """The first message to a child: where the objects are and how large a blob may be."""

    directory: str
    max_file_bytes: int


class FileToParse(NamedTuple):
    """One file by its place in the order of paths, its path and its blob."""

    number: int
    path: str
    blob_id: str


class Batch(NamedTuple):
    """Files for one child; it answers for each of them, in this order."""

    files: list[FileToParse]


class Parsed(NamedTuple):
    """The facts of a file, and its size in bytes."""

    number: int
    byte_size: int
    facts: FileFacts


class Skipped(NamedTuple):
    """A file that shall not be indexed, by the reason seen in its content."""

    number: int
    reason: str


class Failed(NamedTuple):
    """A file that should have been parsed and could not be."""

    number: int
    byte_size: int
    reason: str


ParseAnswer = Parsed | Skipped | Failed


def serve(channel: Channel) -> None:
    """Answer batches until the parent closes the channel."""
    place = channel.receive(Workplace)
    with BlobReader(place.directory, max_bytes=place.max_file_bytes) as blobs:
        while True:
            for file in channel.receive(Batch).files:
                channel.send(_answer(blobs, file))


def _answer(blobs: BlobReader, file: FileToParse) -> ParseAnswer:
    try:
        source = blobs.read(file.blob_id)
    except BlobTooLarge:
        return Skipped(file.number, "too_large")
    except BlobUnreadable as error:
        return Failed(file.number, 0, error.code)
    if reason := content_reason(file.path, source):
        return Skipped(file.number, reason)
    try:
        facts = parse_file(source, file.path)
    except FileNotParsed as error:
        return Failed(file.number, len(source), error.code)
    return Parsed(file.number, len(source), facts)
