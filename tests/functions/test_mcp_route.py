import json

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, STATS
from tests.functions.agents import pages, without_ids
from tests.search.indexed import Commit, index

from indexer.errors import PermanentJobError
from indexer.jobs.model import Phase, Progress

SOURCES = {
    "src/cart.ts": 'import { total } from "./money";\n'
    "/** Keeps things. */\n"
    "export class Cart {\n"
    "  sum(all: number[]) { return total(all); }\n"
    "}\n",
    "src/money.ts": 'import zod from "zod";\nimport "./gone";\n'
    "export function total(all: number[]) { return all.length; }\n",
    "test/cart.test.ts": 'import { Cart } from "../src/cart";\nnew Cart().sum([1]);\n',
}


@pytest.fixture
def indexed(issue, migrated_database):
    """Ada's repository, indexed."""
    return str(index(migrated_database, issue().tenant_id, Commit.of(SOURCES)))


@pytest.mark.usefixtures("indexed")
def test_code_is_searched(call):
    assert without_ids(call("search_code", query="total")) == [
        "src/money.ts  ada/engine at main (aaaaaaaaaa)",
        "  3:17: export function total(all: number[]) { return all.length; }  [function",
        "src/cart.ts  ada/engine at main (aaaaaaaaaa)",
        '  1:10: import { total } from "./money";',
        "  4:31: sum(all: number[]) { return total(all); }",
    ]
    *_, more = call("search_code", query="total", limit=1)
    cursor = more.removeprefix("There is more; call again with cursor: ")
    assert "1:10: import" in call("search_code", query="total", limit=1, cursor=cursor)[1]
    assert call("search_code", query="zebra") == ["Nothing was found. No file holds zebra."]


@pytest.mark.usefixtures("indexed")
def test_a_definition_is_found_by_its_name_and_from_a_use(call):
    expected = ["function total  src/money.ts:3:17", "    function total(all: number[])"]
    assert without_ids(call("find_definition", symbol="total", repository="ada/engine")) == expected
    at = {"repository": "ada/engine", "path": "src/cart.ts", "line": 4}
    assert without_ids(call("find_definition", column=31, **at)) == expected
    cart = call("find_definition", symbol="Cart")
    assert "ada/engine at main" in cart[0]
    assert cart[2] == "    /** Keeps things. */"
    # The parameter that is named there is a local.
    local = call("find_definition", repository="ada/engine", path="src/cart.ts", line=4, column=37)
    assert local == ["src/cart.ts:4  (a local, a parameter or a module)"]
    assert call("find_definition", failed=True, column=1, **at)[0] == (
        "No name stands at src/cart.ts:4:1; lines and columns count from 1. (nothing_at_place)"
    )
    assert "symbol:nobody" in call("find_definition", symbol="nobody")[0]
    member = call("find_definition", symbol="Cart.sum", repository="ada/engine")
    assert member[0].startswith("method Cart.sum  src/cart.ts:4:3")
    assert "symbol:total find" in call("find_definition", symbol="Cart.total")[0]
    assert "Give a symbol" in call("find_definition", failed=True)[0]
    assert (
        "A place needs a repository"
        in call("find_definition", failed=True, path="a.ts", line=1, column=1)[0]
    )


@pytest.mark.usefixtures("indexed")
def test_uses_are_found_by_name_and_by_id(call):
    by_name = call("find_references", symbol="total")
    assert without_ids(by_name)[2:] == [
        "  src/cart.ts:1:10  import",
        "  src/cart.ts:4:31  call in sum",
    ]
    symbol = by_name[0].partition("[symbol ")[2].partition("]")[0]
    assert call("find_references", symbol=symbol) == by_name
    (_, _, member) = without_ids(call("find_references", symbol="Cart.sum"))
    assert member == "  test/cart.test.ts:2:12  call"
    *_, more = call("find_references", symbol=symbol, limit=1)
    cursor = more.removeprefix("There is more; call again with cursor: ")
    rest = call("find_references", symbol=symbol, limit=1, cursor=cursor)
    assert rest[-1] == "  src/cart.ts:4:31  call in sum"
    gone = call("find_references", symbol="99999-1", failed=True)
    assert gone[1].startswith("The id is of a commit that is gone")


def test_a_name_of_several_definitions_is_told_with_their_ids(call, issue, migrated_database):
    texts = {"a.ts": "export function run() {}\n", "b.ts": "export function run() {}\n"}
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    hint, *found = call("find_references", symbol="run")
    assert "call again with one of the ids" in hint
    assert sum("[symbol " in line for line in found) == 2


@pytest.fixture
def setups(issue, migrated_database):
    """A repository with 31 files that define the same name, and use it."""
    texts = {f"src/m{no:02}.ts": "export function setup() {}\nsetup();\n" for no in range(31)}
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    return sorted(texts)


def test_definitions_of_a_name_are_all_told_page_by_page(call, setups):
    first, second = pages(call, "find_definition", symbol="setup", repository="ada/engine")
    told = [line.split()[2] for line in [*first, *second] if line.startswith("function")]
    assert told == [f"{path}:1:17" for path in setups]
    assert sum(line.startswith("function") for line in first) == 20


@pytest.mark.usefixtures("setups")
@pytest.mark.parametrize("tool", ["find_definition", "find_references"])
def test_a_name_is_narrowed_by_the_path_of_its_file(call, tool):
    found = call(tool, symbol="setup", path="src/m29.ts")
    assert [line.split()[2] for line in found if line.startswith("function")] == ["src/m29.ts:1:17"]
    none = call(tool, symbol="setup", path="lib/")
    assert none[0].startswith(
        "No definition is named setup in a file whose path begins with lib/. "
    )


@pytest.mark.usefixtures("setups")
def test_that_a_name_is_that_of_more_definitions_is_told_with_how_to_narrow_it(call):
    hint, *found = call("find_references", symbol="setup")
    assert hint.endswith(
        "There are more than these 20: repository, path or Container.member narrow them, and "
        "find_definition tells them all."
    )
    assert sum("[symbol " in line for line in found) == 20
    few, *_ = call("find_references", symbol="setup", path="src/m0")
    assert few.endswith("call again with one of the ids.")


@pytest.mark.usefixtures("indexed")
def test_part_of_a_place_is_refused_and_not_passed_over(call):
    of_cart = {"repository": "ada/engine", "path": "src/cart.ts", "symbol": "total"}
    (said,) = call("find_definition", failed=True, line=4, **of_cart)
    assert said == "A place needs a line and a column. (arguments_invalid)"


@pytest.mark.usefixtures("indexed")
def test_a_file_is_outlined_and_read(call):
    outline = call("get_outline", repository="ada/engine", path="src/cart.ts")
    assert without_ids(outline)[1:] == ["  3-5 class Cart", "    4-4 method sum"]
    assert call("read_file", repository="ada/engine", path="src/cart.ts", lines="2-3") == [
        "src/cart.ts  ada/engine at main (aaaaaaaaaa)  lines 2-3 of 6",
        "2\t/** Keeps things. */",
        "3\texport class Cart {",
        "There is more; read lines 4-.",
    ]
    missing = call("read_file", repository="ada/engine", path="src/nope.ts", failed=True)
    assert missing[1].startswith("search_code tells the path")


@pytest.mark.usefixtures("indexed")
def test_files_are_listed_by_path_and_folder_by_folder(call):
    of = {"repository": "ada/engine"}
    head = "ada/engine at main (aaaaaaaaaa)"
    everything = [
        "  src/cart.ts  6 lines",
        "  src/money.ts  4 lines",
        "  test/cart.test.ts  3 lines",
    ]
    assert call("list_files", **of) == [head, *everything]
    assert call("list_files", path="src/", **of) == [head, *everything[:2]]
    assert call("list_files", contains="CART", language="typescript", **of) == [
        head,
        everything[0],
        everything[2],
    ]
    assert call("list_files", language="javascript", **of)[1:] == ["  No such file is indexed."]
    assert call("list_files", folder="/", **of) == [
        f"/  {head}",
        "  src/  2 files",
        "  test/  1 files",
    ]
    assert call("list_files", folder="src/", **of) == [
        f"src/  {head}",
        "  src/cart.ts",
        "  src/money.ts",
    ]
    for more in ({}, {"folder": "src"}):
        told = [line.split()[0] for page in pages(call, "list_files", limit=1, **of, **more)
                for line in page[1:]]  # fmt: skip
        assert told == [line.split()[0] for line in everything][: 2 if more else 3]
    gone = call("list_files", folder="lib", failed=True, **of)
    assert gone[1] == "list_files with folder / tells those there are."
    both = call("list_files", folder="src", contains="cart", failed=True, **of)
    assert both == ["Give a folder, or path, contains and language; not both. (arguments_invalid)"]


def test_files_that_were_not_parsed_are_listed_with_why(call, issue, migrated_database):
    texts = Commit.of({"a.ts": "a();\n", "b.ts": "b();\n"})
    texts.failures["b.ts"] = "binary"
    index(migrated_database, issue().tenant_id, texts)
    assert call("list_files", repository="ada/engine")[1:] == [
        "  a.ts  2 lines",
        "  b.ts  2 lines  not parsed: binary",
    ]


def test_lines_are_numbered_as_they_are_elsewhere(call, issue, migrated_database):
    """As the compiler ends them: not by a form feed, but by Unicode's separator of lines."""
    text = "const a = 1;\n\ffunction b() {}\u2028const c = 3;\x85\nb();\r\n"
    index(migrated_database, issue().tenant_id, Commit.of({"a.ts": text}))
    head, *lines = call("read_file", repository="ada/engine", path="a.ts")
    assert head.endswith("lines 1-5 of 5")
    assert lines == [
        "1\tconst a = 1;",
        "2\t\ffunction b() {}",
        "3\tconst c = 3;\x85",
        "4\tb();",
        "5\t",
    ]
    (_, _, used) = without_ids(call("find_references", symbol="b"))
    assert used == "  a.ts:4:1  call"


@pytest.mark.usefixtures("indexed")
def test_dependencies_are_followed(call):
    assert call("search_dependencies", repository="ada/engine", path="src/money.ts", depth=3) == [
        "src/money.ts  ada/engine at main (aaaaaaaaaa)",
        "needs (0 files):",
        "is needed by (2 files):",
        "  src/cart.ts  depth 1",
        "  test/cart.test.ts  depth 2",
        "packages: zod",
        "unresolved: src/money.ts:2 ./gone (file_not_found)",
    ]


@pytest.mark.usefixtures("indexed")
def test_what_a_change_affects_is_told_with_its_way(call):
    total = "3 files, 1 of them tests, and 0 definitions within 3 steps"
    assert call("analyze_change_impact", repository="ada/engine", files=["src/money.ts"]) == [
        f"ada/engine at main (aaaaaaaaaa): {total}",
        "  src/money.ts  depth 0",
        "  src/cart.ts  depth 1",
        "  test/cart.test.ts  depth 2  test  by src/cart.ts",
    ]
    tests = call(
        "analyze_change_impact", repository="ada/engine", files=["src/money.ts"], tests_only=True
    )
    assert tests[1:] == ["  test/cart.test.ts  depth 2  test  by src/cart.ts"]
    gone = call("analyze_change_impact", repository="ada/engine", files=["nope.ts"], failed=True)
    assert "nope.ts" in gone[0]


@pytest.mark.usefixtures("indexed")
def test_a_map_has_the_most_used_definitions_within_its_budget(call):
    head, *lines = call("repo_map", repository="ada/engine")
    assert head == "ada/engine at main (aaaaaaaaaa): its most used definitions, by file"
    assert lines[:4] == [
        "src/cart.ts:",
        "  3: class Cart  (2 uses)",
        "  4: sum(all: number[])  (1 uses)",
        "src/money.ts:",
    ]
    assert call("repo_map", repository="ada/engine", path="src/money")[1] == "src/money.ts:"


def test_a_map_keeps_to_its_budget(call, issue, migrated_database):
    text = "".join(f"export function step{no}() {{}}\n" for no in range(300))
    index(migrated_database, issue().tenant_id, Commit.of({"a.ts": text}))
    short, long = (
        "\n".join(call("repo_map", repository="ada/engine", tokens=tokens)) for tokens in (100, 500)
    )
    assert 300 < len(short) <= 400
    assert 1_600 < len(long) <= 2_000


def test_repositories_are_listed_with_what_is_indexed(call, issue, migrated_database):
    assert call("list_repositories") == ["Nothing is indexed. index_repository adds a repository."]
    assert call("list_recent_files")[0].startswith("No default branch is indexed. ")
    tenant = issue().tenant_id
    first = index(migrated_database, tenant, Commit.of(SOURCES))
    index(
        migrated_database, tenant, Commit.of({"z.ts": "z();\n"}), name="ada/z", commit_sha=OTHER_SHA
    )
    listed = call("list_repositories")
    assert listed[0] == f"ada/engine  main at aaaaaaaaaa, indexed just now  id {first}"
    recent = call("list_recent_files", limit=2)
    assert recent[0].startswith("ada/z at main")
    assert recent[1:2] == ["  z.ts  2 lines"]
    assert recent[3:] == ["  src/cart.ts  6 lines"]
    assert call("list_recent_files", repository="ada/engine")[1] == "  src/cart.ts  6 lines"


def test_recent_files_are_those_of_the_refs_that_answer(call, issue, migrated_database):
    """A repository that has only another ref than its default answers nothing, and hides nobody."""
    tenant = issue().tenant_id
    texts = Commit.of({"a.ts": "a();\n"})
    for name in ("ada/early", "ada/late"):
        index(migrated_database, tenant, texts, name=name)
    # The last of all, and not at the ref that answers.
    for name in ("ada/elsewhere", "ada/early"):
        index(migrated_database, tenant, texts, name=name, ref="dev")
    heads = [line.partition(",")[0] for line in call("list_recent_files") if "indexed" in line]
    assert heads == ["ada/late at main (aaaaaaaaaa)", "ada/early at main (aaaaaaaaaa)"]
    assert "(not_indexed)" in call("list_recent_files", repository="ada/elsewhere", failed=True)[0]


def test_recent_files_are_of_more_repositories_than_a_page_lists(call, issue, migrated_database):
    tenant = issue().tenant_id
    for no in range(101):
        index(migrated_database, tenant, Commit.of({"a.ts": "a();\n"}), name=f"ada/r{no:03}")
    (head, *_) = call("list_recent_files", limit=1)
    assert head.startswith("ada/r100 at main")


def test_a_repository_is_indexed_and_its_job_followed(call):
    (said,) = call("index_repository", repository="ada/fresh")
    job_id = said.split()[1]
    assert "is queued" in said
    assert "was there already" in call("index_repository", repository="ada/fresh")[0]
    assert call("get_index_job_status", job_id=job_id) == ["ada/fresh: pending"]
    assert "(job_not_found)" in call("get_index_job_status", job_id="nope", failed=True)[0]
    assert (
        "(host_not_allowed)"
        in call("index_repository", repository="https://evil.example/a/b", failed=True)[0]
    )


def test_tools_are_listed_and_notifications_have_no_answer(ada):
    listed = ada.request(
        "POST", "/mcp", json_body={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    )
    names = {one["name"] for one in listed.json["result"]["tools"]}
    assert {"search_code", "find_definition", "repo_map", "index_repository"} <= names
    assert all(one["description"] for one in listed.json["result"]["tools"])
    told = ada.request(
        "POST", "/mcp", json_body={"jsonrpc": "2.0", "method": "notifications/initialized"}
    )
    assert (told.status, told.text) == (202, "")


@pytest.mark.parametrize(
    "body", [{}, {"jsonrpc": "1.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "params": [1]}]
)
def test_what_is_no_message_is_refused_as_every_route_does(ada, body):
    answer = ada.request("POST", "/mcp", json_body=body)
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")


def test_a_stranger_is_turned_away(stranger):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = stranger.request("POST", "/mcp", json_body=body)
    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")
    assert "tools" not in json.dumps(answer.json)


def test_how_far_a_job_is_and_how_it_ended_is_told(call, queue):
    (said,) = call("index_repository", repository="ada/fresh")
    lease = queue.lease_next(worker="w")
    status = {"job_id": said.split()[1]}
    assert call("get_index_job_status", **status) == ["ada/fresh: processing", "phase clone"]
    queue.renew(lease, Progress(phase=Phase.PARSE, files_done=1_200, files_total=3_000))
    assert call("get_index_job_status", **status) == [
        "ada/fresh: processing",
        "phase parse, 1200 of 3000 files",
    ]
    queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)
    assert call("get_index_job_status", **status) == [
        "ada/fresh: completed",
        f"commit {SHA} at main",
        "2 files_indexed, 3 symbols_extracted, 5 references_found",
    ]


def test_why_a_job_failed_is_told(call, queue):
    (said,) = call("index_repository", repository="ada/fresh")
    queue.fail(queue.lease_next(worker="w"), PermanentJobError("nothing is there"))
    assert call("get_index_job_status", job_id=said.split()[1]) == [
        "ada/fresh: failed",
        f"nothing is there ({PermanentJobError.code})",
    ]


AGES = [(30, "just now"), (119, "just now"), (120, "2 minutes"), (7_300, "2 hours")]


@pytest.mark.parametrize(("seconds", "ago"), [*AGES, (1_000_000, "11 days")])
@pytest.mark.usefixtures("indexed")
def test_how_old_an_index_is_is_told(call, migrated_database, seconds, ago):
    migrated_database.sql(
        "UPDATE kotadb.snapshots SET indexed_at = clock_timestamp() - %s * interval '1 second'",
        seconds,
    )
    assert f"indexed {ago}" in call("list_repositories")[0]


def test_what_is_not_there_is_told(call, issue, migrated_database):
    texts = {"src/a.ts": "gone();\nexport const unused = 1;\n", "src/b.ts": "a;\n"}
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    call("index_repository", repository="ada/fresh")
    assert any(
        line.startswith("ada/fresh  (nothing indexed yet)  id ")
        for line in call("list_repositories")
    )
    of_a = {"repository": "ada/engine", "path": "src/a.ts"}
    assert call("find_definition", **of_a, line=1, column=1) == [
        "gone leads to nothing that is indexed: undeclared."
    ]
    assert call("find_references", symbol="nobody") == [
        "No definition is named nobody. find_definition takes places too."
    ]
    assert call("find_references", symbol="unused")[-1] == "  No use of it was found."
    assert call("get_outline", repository="ada/engine", path="src/b.ts")[1:] == [
        "  It defines nothing."
    ]


@pytest.mark.usefixtures("indexed")
def test_what_a_changed_definition_affects_is_told_by_definitions(call):
    affected = call("analyze_change_impact", repository="ada/engine", symbols=["total"])
    assert "  method sum  src/cart.ts:4  depth 1" in affected
    assert [line for line in affected if line.endswith("  test  by sum")] != []


def test_circles_of_imports_are_told_with_a_way_around(call, issue, migrated_database):
    ring = [f"r{no:02}.ts" for no in range(12)]
    texts = {
        path: f'import "./{after[:-3]}";\n'
        for path, after in zip(ring, [*ring[1:], ring[0]], strict=True)
    }
    texts |= {"a.ts": 'import "./b";\n', "b.ts": 'import type { A } from "./a";\n'}
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    of = {"repository": "ada/engine"}
    head, *cycles = call("find_cycles", **of)
    assert head == "ada/engine at main (aaaaaaaaaa): 2 cycles of imports, 14 files in them"
    assert cycles == [
        f"  12 files: {' > '.join(ring[:7])} > (5 more) > r00.ts",
        "  2 files: a.ts > b.ts > a.ts",
    ]
    told = [line for page in pages(call, "find_cycles", limit=1, **of) for line in page[1:]]
    assert told == cycles
    assert call("find_cycles", runtime=True, **of)[1:] == cycles[:1]


def test_a_repository_without_circles_has_none(call, indexed):
    assert call("find_cycles", repository=indexed) == [
        "ada/engine at main (aaaaaaaaaa): 0 cycles of imports, 0 files in them"
    ]


def test_unused_definitions_are_told_with_what_there_is_of_them(call, issue, migrated_database):
    texts = {
        "src/a.ts": "export const alone = 1;\nexport class Used { gone() {} }\nfunction own() {}\n",
        "src/b.ts": 'import { alone, Used } from "./a";\nnew Used();\nexport const entry = 1;\n',
    }
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    of = {"repository": "ada/engine"}
    alone = "  constant alone  src/a.ts:1:14"
    entry = "  constant entry  src/b.ts:3:14"
    told = call("find_unused", **of)
    assert without_ids(told) == ["ada/engine at main (aaaaaaaaaa)", alone, entry]
    assert [line.rpartition("]")[2] for line in told[1:]] == [
        "  1 imports",
        "  nothing imports its file",
    ]
    assert without_ids(call("find_unused", entries=["src/b.ts"], **of))[1:] == [alone]
    assert without_ids(call("find_unused", path="src/b", **of))[1:] == [entry]
    assert "  function own  src/a.ts:3:10" in without_ids(
        call("find_unused", exported_only=False, **of)
    )
    gone = "  method Used.gone  src/a.ts:2:21"
    assert without_ids(call("find_unused", kind="method", **of))[1:] == [gone]
    assert call("find_unused", kind="class", **of)[1:] == ["  Nothing is known to be unused."]
    paged = [line for page in pages(call, "find_unused", limit=1, **of) for line in page[1:]]
    assert without_ids(paged) == [alone, entry]
    (said,) = call("find_unused", kind="klass", failed=True, **of)
    assert said.startswith("kind: it must be one of ")
