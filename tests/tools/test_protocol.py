from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from indexer.errors import Refused
from indexer.settings import Settings
from indexer.tools import envelope, protocol
from indexer.tools.pages import LONGEST_ANSWER
from indexer.tools.registry import Arguments, Caller, Tool, Toolbox

LATEST = protocol.ENVELOPE_VERSIONS[-1]


class Greeting(Arguments):
    name: str
    times: int = 1


class NobodyThere(Refused):
    """There is nobody."""

    code = "not_indexed"
    status = 404


def greet(_caller: Caller, wanted: Greeting) -> str:
    if wanted.name == "nobody":
        raise NobodyThere("There is nobody.")
    return "\n".join([f"Hello {wanted.name}."] * wanted.times)


TOOLS = Toolbox(
    [Tool(name="greet", title="Greet", description="Greets.", arguments=Greeting, answer=greet)]
)
# Nothing that is said here asks the database.
CALLER = Caller(
    tenant_id=uuid4(),
    request_id="tests",
    settings=Settings(),
    database=None,  # type: ignore[arg-type]
    queue=None,  # type: ignore[arg-type]
    wake=lambda _: None,
)


def said(
    method: str, params: dict[str, Any] | None = None, *, of: object = 1, **headers: str
) -> protocol.Reply:
    message = {"jsonrpc": "2.0", "id": of, "method": method}
    if params is not None:
        message["params"] = params
    return protocol.answer(message, headers, caller=CALLER, tools=TOOLS)


def enveloped(
    method: str, params: dict[str, Any] | None = None, *, version: object = LATEST, **changed: str
) -> protocol.Reply:
    """As the later era sends it; `changed` are headers, by their names with underscores."""
    meta = {envelope.VERSION_KEY: version, envelope.CAPABILITIES_KEY: {}}
    headers = {"mcp-protocol-version": str(version), "mcp-method": method}
    if params and "name" in params:
        headers["mcp-name"] = params["name"]
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return said(method, {**(params or {}), "_meta": meta}, **headers)


def error_of(reply: protocol.Reply) -> tuple[int, int]:
    assert reply.message is not None
    return reply.status, reply.message["error"]["code"]


@pytest.mark.parametrize("version", protocol.HANDSHAKE_VERSIONS)
def test_a_handshake_agrees_on_the_version_of_the_client(version):
    reply = said("initialize", {"protocolVersion": version, "capabilities": {}})
    assert reply.status == 200
    result = reply.message["result"]
    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"] == "kotadb"
    assert set(result["capabilities"]) == {"tools"}


def test_a_handshake_for_an_unknown_version_offers_the_newest_of_its_era():
    reply = said("initialize", {"protocolVersion": "1999-01-01"})
    assert reply.message["result"]["protocolVersion"] == "2025-11-25"


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        # It wants arrays of messages, which are not taken; its clients know the one before.
        ("2025-03-26", "2024-11-05"),
        ("2025-09-01", "2025-06-18"),
        ("2099-01-01", "2025-11-25"),
        ("latest", "2025-11-25"),
        (7, "2025-11-25"),
        (None, "2025-11-25"),
    ],
)
def test_a_handshake_for_a_version_that_is_not_spoken_offers_the_one_before_it(wanted, spoken):
    reply = said("initialize", {"protocolVersion": wanted})
    assert reply.message["result"]["protocolVersion"] == spoken


def test_the_later_era_is_told_what_there_is_without_a_handshake():
    reply = enveloped("server/discover")
    assert reply.status == 200
    result = reply.message["result"]
    assert result["supportedVersions"] == [LATEST]
    assert (result["resultType"], result["cacheScope"], result["ttlMs"] > 0) == (
        *("complete", "public"),
        True,
    )


@pytest.mark.parametrize("ask", [said, enveloped])
def test_tools_are_listed_with_their_schemas(ask):
    (tool,) = ask("tools/list").message["result"]["tools"]
    assert tool["name"] == "greet"
    assert tool["annotations"]["readOnlyHint"] is True
    schema = tool["inputSchema"]
    assert (schema["type"], schema["required"], schema["additionalProperties"]) == (
        *("object", ["name"]),
        False,
    )


@pytest.mark.parametrize("ask", [said, enveloped])
def test_a_tool_answers_with_text(ask):
    reply = ask("tools/call", {"name": "greet", "arguments": {"name": "Ada"}})
    result = reply.message["result"]
    assert (reply.status, reply.message["id"]) == (200, 1)
    assert result["content"] == [{"type": "text", "text": "Hello Ada."}]
    assert result["isError"] is False
    assert ("resultType" in result) == (ask is enveloped)


def test_what_a_tool_refuses_is_its_answer_with_what_to_do_next():
    reply = said("tools/call", {"name": "greet", "arguments": {"name": "nobody"}})
    result = reply.message["result"]
    assert result["isError"] is True
    assert result["content"][0]["text"].splitlines() == [
        "There is nobody. (not_indexed)",
        "index_repository adds it; get_index_job_status tells when it is done.",
    ]


def test_wrong_arguments_are_told_with_those_that_are_taken():
    reply = said("tools/call", {"name": "greet", "arguments": {"nam": "Ada", "times": "x"}})
    result = reply.message["result"]
    assert result["isError"] is True
    text = result["content"][0]["text"]
    assert "name: Field required" in text
    assert "nam: Extra inputs are not permitted" in text
    assert "times: Input should be a valid integer" in text
    assert text.endswith("greet takes: name, times. (arguments_invalid)")


def text_of(reply: protocol.Reply) -> str:
    assert reply.message is not None
    (content,) = reply.message["result"]["content"]
    return content["text"]


def test_a_long_answer_ends_with_a_whole_line_and_says_so():
    wanted = {"name": "Ada", "times": 10_000}
    text = text_of(said("tools/call", {"name": "greet", "arguments": wanted}))
    assert LONGEST_ANSWER - 100 < len(text) <= LONGEST_ANSWER
    *greetings, end = text.split("\n")
    assert set(greetings) == {"Hello Ada."}
    assert end == "... the answer is longer; ask for less of it."


def test_a_long_line_is_cut():
    text = text_of(said("tools/call", {"name": "greet", "arguments": {"name": "A" * 90_000}}))
    assert len(text) == LONGEST_ANSWER
    assert text.startswith("Hello AAA")
    assert text.endswith("A\n... the answer is longer; ask for less of it.")


@pytest.mark.parametrize("name", ["nobody", "n" * 200_000])
def test_many_faults_are_told_in_few_words(name):
    wanted = {f"{name}{no}": no for no in range(18_000 if name == "nobody" else 30)}
    text = text_of(said("tools/call", {"name": "greet", "arguments": wanted}))
    assert len(text) < 5_000
    assert "name: Field required" in text
    assert f"and {len(wanted) - 19} more faults" in text
    assert text.endswith("greet takes: name, times. (arguments_invalid)")


@pytest.mark.parametrize("message", [
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
    {"jsonrpc": "2.0", "method": "nobody/knows", "id": None},
    {"jsonrpc": "2.0", "id": 1, "result": {}},
])  # fmt: skip
def test_a_notification_and_a_response_have_no_answer(message):
    reply = protocol.answer(message, {}, caller=CALLER, tools=TOOLS)
    assert (reply.status, reply.message) == (202, None)


def test_an_id_comes_back_as_it_was():
    assert said("ping", of="one").message == {"jsonrpc": "2.0", "id": "one", "result": {}}


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (lambda: said("resources/list"), 200, -32601),
        (lambda: enveloped("resources/list"), 404, -32601),
        (lambda: enveloped("initialize"), 404, -32601),
        (lambda: said("tools/call", {"name": "nobody"}), 200, -32602),
        (lambda: said("tools/call", {"name": 1}), 200, -32602),
        (lambda: said("tools/call", {"name": "greet", "arguments": [1]}), 200, -32602),
        (lambda: enveloped("tools/list", version="2099-01-01"), 400, -32022),
        (lambda: said("tools/list", **{"mcp-protocol-version": "2099-01-01"}), 400, -32022),
        (lambda: said("tools/list", **{"mcp-protocol-version": "2025-03-26"}), 400, -32022),
        (lambda: enveloped("tools/list", mcp_method="tools/call"), 400, -32020),
        (lambda: enveloped("tools/list", mcp_protocol_version="2025-11-25"), 400, -32020),
        (lambda: enveloped("tools/call", {"name": "greet"}, mcp_name="other"), 400, -32020),
        (lambda: enveloped("tools/list", version=7), 400, -32602),
        (lambda: said("server/discover"), 400, -32602),
        (lambda: said("server/discover", {"_meta": {envelope.VERSION_KEY: LATEST}}), 400, -32602),
    ],
)
def test_what_is_wrong_with_a_message_has_its_code(reply, status, code):
    assert error_of(reply()) == (status, code)


def test_an_unsupported_version_is_told_with_those_that_are_supported():
    reply = enveloped("tools/list", version="2099-01-01")
    assert reply.message["error"]["data"] == {
        "supported": [*protocol.HANDSHAKE_VERSIONS, *protocol.ENVELOPE_VERSIONS],
        "requested": "2099-01-01",
    }
