"""No answer is larger than 1 MB, whatever a repository holds, and nothing is lost for it."""

import pytest
from tests.search.indexed import Commit, index

LARGEST_ANSWER = 1_000_000
HERE = {"repository": "ada/engine"}
CHARACTERS = ["漢", "\U0001d49c", '"', "\\", "\x01"]
NAMES = [f"f{number:03}" for number in range(120)]


@pytest.fixture(params=CHARACTERS, ids=ascii)
def character(request):
    return request.param


def asked(ada, route, /, **parameters):
    answer = ada.get(route, **parameters)
    assert answer.status == 200
    assert len(answer.text.encode()) < LARGEST_ANSWER
    return answer.json


def pages(ada, route, of, /, **parameters):
    """All pages of a list, and how many there were."""
    found, cursor, number = [], {}, 0
    while cursor is not None and number < len(NAMES):
        told = asked(ada, route, limit=100, **parameters, **cursor)
        found += told[of]
        number += 1
        cursor = None if told["next_cursor"] is None else {"cursor": told["next_cursor"]}
    assert cursor is None
    return found, number


def test_symbols_with_long_documentation_come_in_more_pages(
    ada, issue, migrated_database, character
):
    text = "".join(f"/** {character * 3_000} */\nexport function {one}() {{}}\n" for one in NAMES)
    index(migrated_database, issue().tenant_id, Commit.of({"src/docs.ts": text}))
    symbols, number = pages(ada, "/symbols", "symbols", path="src/docs.ts", **HERE)
    assert sorted(one["name"] for one in symbols) == NAMES
    assert number >= 2
    outline, _ = pages(ada, "/outline", "symbols", path="src/docs.ts", **HERE)
    assert [one["name"] for one in outline] == NAMES


def test_files_with_long_paths_come_in_more_pages(ada, issue, migrated_database, character):
    folders = "/".join([character * 15] * 60)
    paths = [f"{folders}/{name}.ts" for name in NAMES]
    commit = Commit(paths)
    symbol = commit.define(paths[0], "used")
    for path in paths:
        commit.use(path, symbol, line=1)
    index(migrated_database, issue().tenant_id, commit)
    files, _ = pages(ada, "/files", "files", **HERE)
    assert [one["path"] for one in files] == paths
    (used,) = asked(ada, "/symbols", name="used", **HERE)["symbols"]
    uses, _ = pages(ada, f"/symbols/{used['id']}/references", "references")
    assert [one["path"] for one in uses] == paths


def test_callees_with_long_names_come_in_more_pages_and_none_is_lost(
    ada, issue, migrated_database, character
):
    folder = "/".join([character * 15] * 60)
    names = [f"{one}{character * 600}" for one in NAMES]
    commit = Commit(["a.ts", f"{folder}/b.ts"])
    user = commit.define("a.ts", "user", end_line=len(names) + 1)
    for line, name in enumerate(names, start=2):
        commit.use("a.ts", commit.define(commit.paths[1], name), line=line, enclosing=user)
    index(migrated_database, issue().tenant_id, commit)
    (asking,) = asked(ada, "/symbols", name="user", **HERE)["symbols"]
    called, number = pages(ada, f"/symbols/{asking['id']}/callees", "callees")
    assert [one["name"] for one in called] == names
    assert number >= 2


def test_a_text_that_grows_when_it_is_written_comes_in_more_parts(
    ada, issue, migrated_database, character
):
    text = f"// {character * 100}\n" * (1_000_000 // len(f"// {character * 100}\n".encode()))
    index(migrated_database, issue().tenant_id, Commit(["a.ts"], texts={"a.ts": text}))
    read, lines = "", "1-"
    for _ in range(20):
        told = asked(ada, "/file", path="a.ts", lines=lines, **HERE)
        read += told["text"]
        lines = f"{told['next_line']}-"
        if not told["truncated"]:
            break
    assert read == text
