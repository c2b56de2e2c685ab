"""The Model Context Protocol over stateless HTTP: JSON-RPC messages in, one answer each out.

Two eras of the protocol are spoken (https://modelcontextprotocol.io/specification): up to
2025-11-25 a client shakes hands by `initialize`, from 2026-07-28 on each request has its version
in `params._meta`, and repeats in its headers what intermediaries route by. Nothing is kept between
requests in either: there are no sessions, and no stream to listen to. Arrays of messages are not
taken, so 2025-03-26, the one revision that wants them, is not spoken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from indexer import __version__
from indexer.tools.envelope import (
    CAPABILITIES_KEY,
    METHOD_HEADER,
    NAME_HEADER,
    VERSION_HEADER,
    VERSION_KEY,
)
from indexer.tools.registry import Answered, Caller, Toolbox, ToolUnknown

HANDSHAKE_VERSIONS: Final = ("2024-11-05", "2025-06-18", "2025-11-25")
ENVELOPE_VERSIONS: Final = ("2026-07-28",)

METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022

_ACCEPTED, _OK, _BAD, _NOT_FOUND = 202, 200, 400, 404
_SERVER: Final = {"name": "kotadb", "title": "KotaDB", "version": __version__}
_CAPABILITIES: Final = {"tools": {"listChanged": False}}
# Tools change with a release, and a client may ask again as often as it likes.
_KEPT_MILLISECONDS: Final = 300_000
INSTRUCTIONS: Final = (
    "Code intelligence over the TypeScript and JavaScript of indexed Git repositories. Begin with "
    "list_repositories; repo_map shows what a repository consists of, search_code finds text and "
    "names in all of them, find_definition, find_references, find_callers, find_callees and "
    "type_hierarchy follow a name, "
    "analyze_change_impact tells what a change may break. Lines and columns count from 1."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status and the JSON-RPC message that goes with it, if any."""

    status: int
    message: Mapping[str, Any] | None = None


class _Rejected(Exception):
    def __init__(
        self, code: int, message: str, *, status: int = _OK, data: object | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data


def answer(
    message: Mapping[str, Any], headers: Mapping[str, str], *, caller: Caller, tools: Toolbox
) -> Reply:
    """The reply to one JSON-RPC message, whose params are an object where it has any.

    `headers` are by their names in small letters.

    Raises:
        DatabaseError: a tool needed the database, and it did not answer.
    """
    method = message.get("method")
    if not isinstance(method, str) or message.get("id") is None:
        # A response, though this server asks nothing, or a notification.
        return Reply(_ACCEPTED)
    params = message.get("params") or {}
    try:
        envelope = _is_of_envelope(method, params, headers)
        result = _result(method, params, caller, tools, envelope=envelope)
    except _Rejected as error:
        problem: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.data is not None:
            problem["data"] = error.data
        return Reply(error.status, {"jsonrpc": "2.0", "id": message["id"], "error": problem})
    return Reply(_OK, {"jsonrpc": "2.0", "id": message["id"], "result": result})


def _is_of_envelope(method: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether a request is of the later era, whose rules it then keeps."""
    meta = params.get("_meta")
    version = meta.get(VERSION_KEY) if isinstance(meta, Mapping) else None
    told = headers.get(VERSION_HEADER)
    if version is None and method != "server/discover":
        if told is not None and told not in HANDSHAKE_VERSIONS:
            raise _unsupported(told)
        return False
    if (
        not isinstance(meta, Mapping)
        or not isinstance(version, str)
        or CAPABILITIES_KEY not in meta
    ):
        raise _Rejected(
            INVALID_PARAMS, f"params._meta needs {VERSION_KEY} and {CAPABILITIES_KEY}.", status=_BAD
        )
    for header, expected in (
        (VERSION_HEADER, version),
        (METHOD_HEADER, method),
        (NAME_HEADER, params.get("name") if method == "tools/call" else None),
    ):
        if expected is not None and headers.get(header) != expected:
            raise _Rejected(
                HEADER_MISMATCH, f"The header {header} is not what the body says.", status=_BAD
            )
    if version not in ENVELOPE_VERSIONS:
        raise _unsupported(version)
    return True


def _unsupported(version: str) -> _Rejected:
    return _Rejected(
        UNSUPPORTED_VERSION,
        "Unsupported protocol version",
        status=_BAD,
        data={"supported": [*HANDSHAKE_VERSIONS, *ENVELOPE_VERSIONS], "requested": version},
    )


def _result(
    method: str, params: Mapping[str, Any], caller: Caller, tools: Toolbox, *, envelope: bool
) -> dict[str, Any]:
    match method:
        case "initialize" if not envelope:
            return {
                "protocolVersion": _agreed(params.get("protocolVersion")),
                "capabilities": _CAPABILITIES,
                "serverInfo": _SERVER,
                "instructions": INSTRUCTIONS,
            }
        case "ping" if not envelope:
            return {}
        case "server/discover":
            return _of_envelope(
                {
                    "supportedVersions": list(ENVELOPE_VERSIONS),
                    "capabilities": _CAPABILITIES,
                    "instructions": INSTRUCTIONS,
                    "_meta": {"io.modelcontextprotocol/serverInfo": _SERVER},
                },
                kept=True,
            )
        case "tools/list":
            listed = {"tools": tools.described()}
            return _of_envelope(listed, kept=True) if envelope else listed
        case "tools/call":
            called = _called(params, caller, tools)
            return _of_envelope(called, kept=False) if envelope else called
        case _:
            raise _Rejected(
                METHOD_NOT_FOUND,
                f"There is no method {method[:100]}; this server has tools alone.",
                status=_NOT_FOUND if envelope else _OK,
            )


def _agreed(wanted: object) -> str:
    """The version that a client asks for, else the last before it, else the newest one."""
    # A client asks for the newest one that it knows: a later one is of no use to it.
    known = [one for one in HANDSHAKE_VERSIONS if isinstance(wanted, str) and one <= wanted]
    return (known or HANDSHAKE_VERSIONS)[-1]


def _of_envelope(result: dict[str, Any], *, kept: bool) -> dict[str, Any]:
    told = {**result, "resultType": "complete"}
    return {**told, "ttlMs": _KEPT_MILLISECONDS, "cacheScope": "public"} if kept else told


def _called(params: Mapping[str, Any], caller: Caller, tools: Toolbox) -> dict[str, Any]:
    name, arguments = params.get("name"), params.get("arguments") or {}
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        raise _Rejected(INVALID_PARAMS, "tools/call takes a name and arguments, an object.")
    try:
        answered = tools.call(caller, name, arguments)
    except ToolUnknown as error:
        raise _Rejected(INVALID_PARAMS, str(error)) from None
    return _content(answered)


def _content(answered: Answered) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": answered.text}], "isError": answered.failed}
