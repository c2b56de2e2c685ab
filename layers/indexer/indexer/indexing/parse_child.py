"""What runs in a parsing child: read blobs from the job's object store, parse, send the facts."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from indexer.git.objects import ObjectMissing, ObjectStore, ObjectTooLarge
from indexer.git.pack import PackCorrupt
from indexer.indexing.discover import SkipReason, content_reason
from indexer.indexing.facts_spool import packed_facts
from indexer.indexing.texts import packed
from indexer.indexing.trigrams import packed_trigrams
from indexer.parsing.parser import parse_file, parse_text
from indexer.parsing.source import FileNotParsed, SourceText
from indexer.sandbox.channel import Channel

TRIAL = b"export const trial = 1;\n"


class Workplace(NamedTuple):
    """The first message to a child: where the objects are and how large they may be."""

    directory: str
    base_bytes: int
    max_file_bytes: int
    index_generated: bool


class Ready(NamedTuple):
    """The first answer of a child: it parsed a file that is beyond suspicion."""

    symbols: int


class FileToParse(NamedTuple):
    """One file by its place in the order of paths, its blob, and a path.

    Of the path nothing but its end may matter: see `reading`. `failure` is why a child before this
    one failed at it: then only its text is read.
    """

    number: int
    path: str
    blob_id: str
    failure: str | None = None


class Batch(NamedTuple):
    """Files for one child; it answers for each of them, in this order."""

    files: list[FileToParse]


class Text(NamedTuple):
    """The text of a file and the trigrams in it, both packed."""

    content: bytes
    trigrams: bytes


class Parsed(NamedTuple):
    """A file's size in bytes, its text, and its facts, packed."""

    number: int
    byte_size: int
    text: Text
    facts: bytes


class Skipped(NamedTuple):
    """A file that shall not be indexed, by the reason seen in its content or its size."""

    number: int
    reason: str
    byte_size: int = 0


class Failed(NamedTuple):
    """A file that should have been parsed and could not be; its text, where it has one."""

    number: int
    byte_size: int
    reason: str
    line_count: int = 0
    text: Text | None = None


ParseAnswer = Parsed | Skipped | Failed


def serve(channel: Channel) -> None:
    """Answer batches until the parent closes the channel."""
    place = channel.receive(Workplace)
    with ObjectStore(Path(place.directory), base_bytes=place.base_bytes) as store:
        channel.send(Ready(len(parse_file(TRIAL, "trial.ts").symbols)))
        while True:
            for file in channel.receive(Batch).files:
                channel.send(_answer(store, file, place))


def _answer(store: ObjectStore, file: FileToParse, place: Workplace) -> ParseAnswer:
    try:
        source = store.read(file.blob_id, limit=place.max_file_bytes)
    except ObjectTooLarge as error:
        return Skipped(file.number, SkipReason.TOO_LARGE.value, error.size)
    except ObjectMissing:
        return Skipped(file.number, SkipReason.TOO_LARGE.value)
    except PackCorrupt:
        return Failed(file.number, 0, "damaged_object")
    if unwanted := content_reason(file.path, source, index_generated=place.index_generated):
        return Skipped(file.number, unwanted.value, len(source))
    return _read(file, source)


def _read(file: FileToParse, source: bytes) -> ParseAnswer:
    try:
        text = SourceText(source)
    except FileNotParsed as error:
        return Failed(file.number, len(source), error.reason)
    kept = Text(packed(text.text), packed_trigrams(text.text))
    reason = file.failure
    if reason is None:
        try:
            facts = packed_facts(parse_text(text, file.path))
        except FileNotParsed as error:
            reason = error.reason
        else:
            return Parsed(file.number, len(source), kept, facts)
    return Failed(file.number, len(source), reason, len(text.line_starts), kept)
