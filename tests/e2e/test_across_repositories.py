"""Two repositories of one tenant, one of which imports the other's package, over HTTP."""

import pytest
from tests.support.repositories import Repository

MONEY = {
    "package.json": b'{"name": "@ada/money", "exports": "./dist/index.js"}',
    "src/index.ts": b'export * from "./total";\n',
    "src/total.ts": b"/** Adds up. */\nexport function total(coins: number[]) { return 0; }\n",
}
SHOP = {
    "package.json": b'{"name": "shop", "private": true, "dependencies": {"@ada/money": "1"}}',
    "src/till.ts": b'import { total } from "@ada/money";\nexport const paid = total([1]);\n',
}


@pytest.fixture
def money(tmp_path):
    return Repository.create(tmp_path / "remotes" / "ada" / "money")


@pytest.fixture
def stack(start_stack, tmp_path, git_server, money):
    stack = start_stack()
    money.commit_files(MONEY)
    Repository.create(tmp_path / "remotes" / "ada" / "shop").commit_files(SHOP)
    for name in ("ada/money", "ada/shop"):
        stack.index(git_server.url(name))
    return stack


def test_a_use_leads_to_the_other_repository_and_is_listed_there(stack):
    here = {"repository": "ada/shop", "path": "src/till.ts", "line": 2, "column": 20}
    found = stack.get("/definition", **here)
    assert (found["repository"], found["resolution"]) == ("ada/shop", "external")
    (one,) = found["definitions"]
    assert (one["repository"], one["path"], one["line"]) == ("ada/money", "src/total.ts", 2)
    assert one["commit_sha"] == one["symbol"]["commit_sha"] != found["commit_sha"]
    (meaning,) = stack.get("/hover", **here)["meanings"]
    assert (meaning["meaning"], meaning["symbol"]["documentation"]) == ("symbol", "Adds up.")
    uses = stack.get(f"/symbols/{one['symbol']['id']}/references")["references"]
    assert [(use["repository"], use["path"], use["line"], use["kind"]) for use in uses] == [
        ("ada/shop", "src/till.ts", 1, "import"),
        ("ada/shop", "src/till.ts", 2, "call"),
    ]
    (package,) = stack.get("/packages", repository="ada/shop")["packages"]
    assert (package["name"], package["repositories"]) == ("@ada/money", ["ada/money"])


def tool(stack, name, **arguments):
    """The lines that a tool answers an agent with."""
    call = {"name": name, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    answer = stack.http.post("/mcp", json=body).json()["result"]
    assert not answer["isError"], answer
    return answer["content"][0]["text"].splitlines()


def test_agents_are_told_of_which_repository_a_place_is(stack):
    here = {"repository": "ada/shop", "path": "src/till.ts", "line": 2, "column": 21}
    definition, *_ = tool(stack, "find_definition", **here)
    assert definition.startswith("function total  src/total.ts:2:17  [symbol ")
    assert "  ada/money at main (" in definition
    _, *uses = tool(stack, "find_references", symbol="total", repository="ada/money")
    told = [one.strip().partition(" at main")[0] for one in uses if "till.ts" in one]
    assert told == [
        "src/till.ts:1:10  import  ada/shop",
        "src/till.ts:2:21  call in paid  ada/shop",
    ]


def test_what_is_indexed_anew_is_met_at_once(stack, money, git_server):
    moved = {"src/total.ts": b"", "src/index.ts": b"export const total = () => 1;\n"}
    money.commit_files(MONEY | moved)
    stack.index(git_server.url("ada/money"))
    here = {"repository": "ada/shop", "path": "src/till.ts", "line": 1, "column": 9}
    (one,) = stack.get("/definition", **here)["definitions"]
    assert (one["path"], one["line"]) == ("src/index.ts", 1)
    url = f"/repositories/{one['repository_id']}"
    assert stack.http.delete(url).is_success
    assert stack.get("/definition", **here)["definitions"] == []
