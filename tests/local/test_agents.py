"""Coding agents, by the protocol's own client, over both of its ways."""

import asyncio
import json
import subprocess
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from tests.local.person import KOTADB

TOOLS = {
    *("search_code", "find_definition", "find_references", "get_outline", "read_file"),
    *("search_dependencies", "list_repositories", "index_repository", "get_index_job_status"),
    *("list_recent_files", "repo_map", "analyze_change_impact"),
    *("find_callers", "find_callees", "type_hierarchy", "list_files"),
    *("find_cycles", "find_unused"),
}
# Of the later era by itself, and the handshake of the former one.
MODES = ["auto", "legacy"]


def over_stdio(person):
    @asynccontextmanager
    async def connect(mode):
        program, *words = [*KOTADB, "mcp"]
        server = StdioServerParameters(command=program, args=words, env=person.environment)
        async with Client(server, mode=mode) as client:
            yield client

    return connect


def over_http(person):
    @asynccontextmanager
    async def connect(mode):
        values = person.env()
        headers = {"Authorization": f"Bearer {values['KOTADB_API_KEY']}"}
        async with httpx2.AsyncClient(headers=headers, trust_env=False) as http:
            transport = streamable_http_client(f"{values['KOTADB_URL']}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                yield client

    return connect


async def work(client):
    """What an agent does that follows a name through a repository it has not seen."""
    assert {one.name for one in (await client.list_tools()).tools} >= TOOLS

    async def told(tool, *, failed=False, **arguments):
        result = await client.call_tool(tool, arguments)
        assert result.is_error is failed, result
        return result.content[0].text

    assert (await told("list_repositories")).startswith("local/shop  main at ")
    assert "total(all: number[])" in await told("repo_map", repository="local/shop")
    found = await told("search_code", query="symbol:total")
    symbol = found.partition("symbol ")[2].partition("]")[0]
    uses = await told("find_references", symbol=symbol)
    assert "src/cart.ts:2:20  call in sum" in uses
    wrong = await told("search_code", failed=True, query="cache /get(/")
    assert wrong.endswith("cache /get(/\n          ^")
    with pytest.raises(MCPError, match="There is no such tool"):
        await client.call_tool("nobody", {})


@pytest.mark.parametrize("way", [over_stdio, over_http])
def test_the_protocols_own_client_finds_its_way(person, shop, way):
    person.up()
    person.answer("index", shop)
    connect = way(person)

    async def both():
        for mode in MODES:
            async with connect(mode) as client:
                await work(client)

    asyncio.run(both())


def test_an_agent_that_finds_no_service_starts_one_for_its_length(person, shop):
    person.answer("index", shop)
    asked = [
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
         "params": {"name": "list_repositories", "arguments": {}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "nobody/knows"},
    ]  # fmt: skip
    lines = [*map(json.dumps, asked), "no JSON", "[]", json.dumps(asked), "1", ""]
    done = subprocess.run(
        [*KOTADB, "mcp"],
        env=person.environment,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    listed, unknown, *broken = [json.loads(line) for line in done.stdout.splitlines()]
    assert listed["id"] == 1
    assert "local/shop" in listed["result"]["content"][0]["text"]
    assert (unknown["id"], unknown["error"]["code"]) == (2, -32601)
    assert [one["id"] for one in broken] == [None] * 4
    assert [one["error"]["code"] for one in broken] == [-32700, -32600, -32600, -32600]


HOSTILE = [
    (r'"method": "ping", "params": {"query": "smile \ud83d"}', (7, -32603)),
    (r'"method": "\ud83d"', (7, -32603)),
    ('"method": "ping", "params": {"limit": 1e999}', (7, -32600)),
    ('"method": "ping", "params": {"limit": NaN}', (None, -32700)),
    ('"method": "ping", "params": {"limit": -Infinity}', (None, -32700)),
    (f'"method": "ping", "params": {{"deep": {"[" * 100}{"]" * 100}}}', (7, -32603)),
    (f'"method": "ping", "params": {{"deep": {"[" * 900_000}', (None, -32700)),
    (f'"method": "ping", "params": {{"limit": {"9" * 9_000}}}', (None, -32700)),
    (f'"method": "ping", "params": {{"query": "{"x" * 300_000}"}}', (7, -32603)),
]


def test_no_line_keeps_the_next_one_from_its_answer(person):
    person.up()
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    lines = [b"\xff\xfe\x00", b"\x00", rb'{"id": "\ud83d"}', b'{"id": 1e999}']
    lines += [f'{{"jsonrpc": "2.0", "id": 7, {said}}}'.encode() for said, _ in HOSTILE]
    done = subprocess.run(
        [*KOTADB, "mcp"],
        env=person.environment,
        input=b"\n".join([*lines, json.dumps(ping).encode()]),
        capture_output=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second, strange, endless, *told, last = [
        json.loads(line) for line in done.stdout.splitlines()
    ]
    assert [(one["id"], one["error"]["code"]) for one in (first, second)] == [(None, -32700)] * 2
    assert (strange["id"], strange["error"]["code"]) == ("\ud83d", -32603)
    assert (endless["id"], endless["error"]["code"]) == (None, -32600)
    assert [(one["id"], one["error"]["code"]) for one in told] == [error for _, error in HOSTILE]
    assert last == {"jsonrpc": "2.0", "id": 1, "result": {}}


def test_a_deployed_service_is_asked_with_a_key(person, shop):
    person.up()
    person.answer("index", shop)
    values = person.env()
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})

    def ask(url, **variables):
        return subprocess.run(
            [*KOTADB, "mcp", "--url", url],
            env={**person.environment, **variables},
            input=ping,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    done = ask(values["KOTADB_URL"], KOTADB_API_KEY=values["KOTADB_API_KEY"])
    assert json.loads(done.stdout) == {"jsonrpc": "2.0", "id": 1, "result": {}}
    stranger = json.loads(ask(values["KOTADB_URL"], KOTADB_API_KEY="kota_team_none").stdout)
    assert "unauthenticated" in stranger["error"]["message"]
    away = json.loads(ask("http://127.0.0.1:9", KOTADB_API_KEY="kota_team_none").stdout)
    assert "nothing answers at http://127.0.0.1:9" in away["error"]["message"]
    keyless = ask(values["KOTADB_URL"])
    assert keyless.returncode == 2
    assert "KOTADB_API_KEY is not set" in keyless.stderr
