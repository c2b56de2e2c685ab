"""Arguments that no tool expects: each is answered, and shortly."""

import pytest
from tests.search.indexed import Commit, index

from indexer.tools.pages import LONGEST_ANSWER
from indexer.tools.toolbox import TOOLBOX

TOOLS = {one["name"]: one["inputSchema"] for one in TOOLBOX.described()}
USUAL = {
    "query": "total",
    "symbol": "total",
    "repository": "ada/engine",
    "path": "a.ts",
    "job_id": "nope",
}
HOSTILE = [
    *("", " ", "/", "..", ".", "-", "%", "_", "\\", "'; --", "0-0", "4294967296-1", "9" * 99),
    *("x" * 200_000, "a.b.c.d", ".a", "a.", "\u2028", "\U0001f600", "[]", "W10", "bnVsbA"),
    *(0, -1, 1.5, 2**31, 2**63, 10**40, True, None, [], {}, [""], ["x" * 100_000], [[]]),
    *({"a": {"b": []}}, ["a.ts"] * 500),
]


@pytest.mark.parametrize("tool", TOOLS)
def test_no_argument_of_a_tool_is_a_fault_of_ours(ada, issue, migrated_database, tool):
    texts = {"a.ts": "export function total() {}\ntotal();\n"}
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    properties = TOOLS[tool]["properties"]
    usual = {name: value for name, value in USUAL.items() if name in properties}
    for name in properties:
        for value in HOSTILE:
            arguments = {**usual, name: value}
            answer = ada.request(
                "POST",
                "/mcp",
                json_body={
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "tools/call",
                    "params": {"name": tool, "arguments": arguments},
                },
            )
            assert answer.status == 200, (name, value, answer.text)
            (content,) = answer.json["result"]["content"]
            assert len(content["text"]) <= LONGEST_ANSWER, (name, value)
