"""The command that a coding agent starts: the Model Context Protocol over stdin and stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, BinaryIO

import typer

from indexer.tools.envelope import METHOD_HEADER, NAME_HEADER, VERSION_HEADER, VERSION_KEY
from kotadb_local.cli.client import ApiClient, ApiRefused, ApiUnreachable
from kotadb_local.cli.session import connected, find_place

PARSE_ERROR, INVALID_REQUEST, INTERNAL_ERROR = -32700, -32600, -32603
KEY_VARIABLE = "KOTADB_API_KEY"


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(mcp)


def mcp(
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help=f"A deployed service, asked with the key in {KEY_VARIABLE}; else the local one.",
        ),
    ] = None,
) -> None:
    """Serve the tools of coding agents over stdin and stdout, until the input ends.

    An agent starts it by itself; in its configuration it is: kotadb mcp
    """
    with _service(url) as api:
        relay(sys.stdin.buffer, sys.stdout.buffer, api)


@contextmanager
def _service(url: str | None) -> Iterator[ApiClient]:
    if url is None:
        with connected(find_place()) as api:
            yield api
        return
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise typer.BadParameter(f"{KEY_VARIABLE} is not set", param_hint="--url")
    with ApiClient(url, key) as api:
        yield api


def relay(messages: Iterable[bytes], out: BinaryIO, api: ApiClient) -> None:
    """Hand each line to POST /mcp, and write what it answers as a line."""
    for line in messages:
        if line.strip() and (answer := _answer(line, api)) is not None:
            # An id comes back as it was, be it half of a surrogate pair: it is escaped.
            out.write(json.dumps(answer).encode() + b"\n")
            out.flush()


def _answer(line: bytes, api: ApiClient) -> Mapping[str, Any] | None:
    """The answer to a message, where it wants one: whatever fails is an answer too."""
    try:
        message = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _error(None, PARSE_ERROR, "This line is not JSON.")
    if not isinstance(message, dict):
        said = "This line is no JSON-RPC message, which is an object; batches are not taken."
        return _error(None, INVALID_REQUEST, said)
    wanted = message.get("id")
    if not isinstance(wanted, str | int):
        # Such an id cannot be told: it may be a number without an end, or nested without one.
        wanted = None
    try:
        # Infinity is no constant alone: 1e999 is read as it too.
        body = json.dumps(message, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return _error(wanted, INVALID_REQUEST, "This message holds a number that is too large.")
    try:
        return api.relay("/mcp", body, headers=_headers(message))
    except (ApiRefused, ApiUnreachable) as error:
        unasked = message.get("id") is None
        return None if unasked else _error(wanted, INTERNAL_ERROR, str(error))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """What the later era of the protocol repeats in the headers of HTTP; there are none here."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    version = meta.get(VERSION_KEY) if isinstance(meta, dict) else None
    told = {
        VERSION_HEADER: version,
        METHOD_HEADER: None if version is None else message.get("method"),
        NAME_HEADER: params.get("name") if isinstance(params, dict) and version else None,
    }
    return {
        name: value
        for name, value in told.items()
        if isinstance(value, str) and value.isascii() and value.isprintable()
    }


def _error(wanted: object, code: int, said: str) -> Mapping[str, Any]:
    return {"jsonrpc": "2.0", "id": wanted, "error": {"code": code, "message": said}}
