"""Answers of the agents' tools that are longer than an agent reads at once."""

from itertools import chain

import pytest
from tests.functions.agents import pages
from tests.search.indexed import Commit, index

from indexer.tools.pages import LONGEST_ANSWER

LONG = "x" * 240


def written(lines):
    return len("\n".join(lines))


@pytest.fixture
def many_files(issue, migrated_database):
    """A repository whose paths are so long that no answer holds a page of them."""
    folders = "/".join([LONG] * 4)
    texts = {
        f"{folders}/m{no:03}.ts": 'import { total } from "../../../../a"; total();\n'
        for no in range(100)
    }
    texts["a.ts"] = "export function total() {}\n"
    index(migrated_database, issue().tenant_id, Commit.of(texts))
    return sorted(texts)


def test_repositories_are_all_listed_however_long_their_lines_are(call, issue, migrated_database):
    names = [f"ada/{LONG}{no:02}" for no in range(12)]
    tenant = issue().tenant_id
    for name in names:
        index(migrated_database, tenant, Commit.of({"a.ts": "a();\n"}), name=name)
    # Twenty branches more of each, with names of 220 characters.
    columns = "repository_id, tenant_id, commit_sha, generation, state, publication, indexed_at"
    columns += ", job_id, stats"
    migrated_database.sql(
        f"INSERT INTO kotadb.snapshots ({columns}, ref) SELECT {columns}, repeat('b', 218) || no"
        " FROM kotadb.snapshots, generate_series(10, 29) AS no"
    )
    told = list(pages(call, "list_repositories"))
    assert len(told) > 1
    assert all(written(page) <= LONGEST_ANSWER for page in told)
    lines = list(chain.from_iterable(told))
    assert [line.partition("  ")[0] for line in lines] == names
    assert all("  main at aaaaaaaaaa, indexed just now; bbb" in line for line in lines)
    assert all("; and 1 more refs  id " in line for line in lines)


@pytest.mark.usefixtures("many_files")
def test_results_of_a_search_are_all_told(call, many_files):
    told = list(pages(call, "search_code", query="total", limit=100))
    assert len(told) > 1
    assert all(written(page) <= LONGEST_ANSWER for page in told)
    found = [line for line in chain.from_iterable(told) if not line.startswith("  ")]
    assert sorted({line.partition("  ")[0] for line in found}) == many_files
    of_lines = [line for line in chain.from_iterable(told) if line.startswith("  ")]
    assert len(of_lines) == 101


@pytest.mark.usefixtures("many_files")
def test_uses_are_all_told(call):
    told = list(pages(call, "find_references", symbol="total", limit=100))
    assert len(told) > 2
    assert all(written(page) <= LONGEST_ANSWER for page in told)
    uses = [line for line in chain.from_iterable(told) if line.startswith("  x")]
    assert len(set(uses)) == len(uses) == 200


def test_a_long_outline_is_told_page_by_page(call, issue, migrated_database):
    names = [f"{LONG}{LONG}{no:02}" for no in range(100)]
    text = "".join(f"export function {name}() {{}}\n" for name in names)
    index(migrated_database, issue().tenant_id, Commit.of({"a.ts": text}))
    of_a = {"repository": "ada/engine", "path": "a.ts"}
    told = list(pages(call, "get_outline", **of_a))
    assert len(told) > 1
    assert all(written(page) <= LONGEST_ANSWER for page in told)
    lines = [line for page in told for line in page[1:]]
    assert [line.split()[2] for line in lines] == names
    short = next(pages(call, "get_outline", limit=3, **of_a))
    assert len(short) == 4


def test_a_long_file_is_read_to_its_end(call, issue, migrated_database):
    lines = [f"f({no}, '{LONG}');" for no in range(1_000)]
    index(migrated_database, issue().tenant_id, Commit.of({"a.ts": "\n".join(lines)}))
    read, wanted = [], "1-"
    while wanted:
        head, *numbered = call("read_file", repository="ada/engine", path="a.ts", lines=wanted)
        assert written([head, *numbered]) <= LONGEST_ANSWER
        wanted = ""
        if numbered[-1].startswith("There is more; read lines "):
            wanted = numbered.pop().removeprefix("There is more; read lines ").rstrip(".")
        first, last = (numbered[at].partition("\t")[0] for at in (0, -1))
        assert head.endswith(f"lines {first}-{last} of 1000")
        read += numbered
    assert read == [f"{no}\t{line}" for no, line in enumerate(lines, start=1)]


def test_a_line_that_is_longer_than_an_answer_is_cut_and_the_next_one_can_be_read(
    call, issue, migrated_database
):
    text = f"f('{'x' * 90_000}');\nlast();"
    index(migrated_database, issue().tenant_id, Commit.of({"a.ts": text}))
    of_a = {"repository": "ada/engine", "path": "a.ts"}
    head, line, cut, more = call("read_file", **of_a)
    assert head.endswith("lines 1-1 of 2")
    assert line.startswith("1\tf('xxx")
    assert cut == "Line 1 is longer than an answer."
    assert more == "There is more; read lines 2-."
    assert call("read_file", lines="2-", **of_a)[1:] == ["2\tlast();"]
