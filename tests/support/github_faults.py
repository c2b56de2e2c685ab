"""Ways in which GitHub's REST API misbehaves, for `GitHubServer.fail`."""

from __future__ import annotations

import json
from typing import Any

from tests.support.github_server import Exchange, Fault

FORBIDDEN_WORD = "words-of-github"


def status(code: int, message: str = FORBIDDEN_WORD, **headers: str) -> Fault:
    """Answer with an HTTP status and words that must not reach anybody."""
    return lambda exchange: exchange.document({"message": message}, code, **headers)


def canned(body: bytes, code: int = 200, **headers: str) -> Fault:
    """Answer with these bytes."""
    return lambda exchange: exchange.answer(body, code, **headers)


def told(document: object, code: int = 200, **headers: str) -> Fault:
    """Answer with this JSON."""
    return canned(json.dumps(document).encode(), code, **headers)


def changed(**members: object) -> Fault:
    """The decent answer with members changed, or left out where they are `...`."""

    def fault(exchange: Exchange) -> None:
        decent_document = exchange.document

        def planted(found: Any, code: int = 200, **headers: str) -> None:
            mixed = {**found, **members}
            decent_document(
                {name: one for name, one in mixed.items() if one is not ...}, code, **headers
            )

        exchange.document = planted  # type: ignore[method-assign]
        exchange.decent()

    return fault


def redirect(to: str, code: int = 301) -> Fault:
    return lambda exchange: exchange.answer(b"", code, Location=to)


def stall(exchange: Exchange) -> None:
    """Promise an answer and never give it."""
    exchange.start(Content_Length="1000")
    exchange.server.stopping.wait()


def hang(exchange: Exchange) -> None:
    """Do not even answer with a status."""
    exchange.server.stopping.wait()


def drip(exchange: Exchange) -> None:
    """Send spaces so slowly that no single wait is long and all of them are."""
    exchange.start(Content_Length="100000")
    while not exchange.server.stopping.wait(0.02):
        exchange.send(b" ")


def endless(exchange: Exchange) -> None:
    """Send JSON for as long as anybody takes it."""
    exchange.start(Connection="close")
    exchange.send(b"[")
    while not exchange.server.stopping.is_set():
        exchange.send(b'"x",' * 16_384)


def drop(exchange: Exchange) -> None:
    """Break off in the middle."""
    exchange.start(Content_Length="1000")
    exchange.send(b'{"id": 1')
