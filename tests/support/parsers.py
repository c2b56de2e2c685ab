"""Parsing children that misbehave at files whose names say how."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from indexer.indexing import parse_child
from indexer.parsing.facts import FileFacts
from indexer.parsing.parser import parse_text
from indexer.parsing.source import SourceText

if TYPE_CHECKING:
    from indexer.git.objects import ObjectStore
    from indexer.sandbox.channel import Channel


def serve(channel: Channel) -> None:
    """Parse as always, but die, hang, swell or lie where a path asks for it."""

    def parse(text: SourceText, path: str) -> FileFacts:
        if "crash" in path:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "hang" in path:
            time.sleep(600)
        if "swell" in path:
            bytearray(1 << 40)
        if "exit" in path:
            sys.exit(3)
        return parse_text(text, path)

    parse_child.parse_text = parse
    parse_child._answer = _lying(parse_child._answer)
    parse_child.serve(channel)


def serve_nothing(channel: Channel) -> None:
    """A machine on which no parser starts."""
    channel.receive(parse_child.Workplace)
    os.kill(os.getpid(), signal.SIGKILL)


def _lying(answer):
    def lie(
        store: ObjectStore, file: parse_child.FileToParse, place: parse_child.Workplace
    ) -> parse_child.ParseAnswer:
        told = answer(store, file, place)
        return told._replace(number=told.number + 1) if "lie" in file.path else told

    return lie
