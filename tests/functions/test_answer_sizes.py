"""No answer is larger than 1 MB, whatever a repository holds, and nothing is lost for it."""

import pytest
from tests.search.indexed import Commit, index

from indexer.parsing.facts import ReferenceKind, SymbolKind
from indexer.resolution.rows import Unresolved

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


@pytest.mark.parametrize("letter", ["漢", "\U00020000"], ids=ascii)
def test_exports_and_what_is_unknown_of_them_fit_into_one_answer(
    ada, issue, migrated_database, letter
):
    path = f"{'/'.join([letter * 15] * 60)}/index.ts"
    packages = [f"{letter * 300}{number}" for number in range(100)]
    text = "".join(f'export * from "{one}";\n' for one in packages)
    text += "".join(f"export const {one}{letter * 100} = 1;\n" for one in NAMES)
    index(migrated_database, issue().tenant_id, Commit.of({path: text}))
    assert len(asked(ada, "/exports", path=path, **HERE)["unknown"]) > 50
    exports, number = pages(ada, "/exports", "exports", path=path, **HERE)
    assert [one["name"] for one in exports] == [f"{one}{letter * 100}" for one in NAMES]
    assert number >= 2


def test_a_hierarchy_of_long_names_is_told_in_part_and_says_so(
    ada, issue, migrated_database, character
):
    commit = Commit(["a.ts"])
    base = commit.define("a.ts", "Base", kind=SymbolKind.CLASS)
    for line in range(2, 462):
        name = f"S{line}{character * 500}"
        kind = commit.define("a.ts", name, kind=SymbolKind.CLASS, line=line, end_line=line)
        commit.use("a.ts", base, line=line, kind=ReferenceKind.EXTENDS, enclosing=kind)
    index(migrated_database, issue().tenant_id, commit)
    (found,) = asked(ada, "/symbols", name="Base", **HERE)["symbols"]
    told = asked(ada, "/hierarchy", symbol_id=found["id"])
    shown = [one["type"]["line"] for one in told["subtypes"]["relations"]]
    assert 100 < len(shown) < 460
    assert shown == list(range(2, 2 + len(shown)))
    assert (told["subtypes"]["truncated"], told["supertypes"]["truncated"]) == (True, False)


def test_long_definitions_of_one_name_are_told_in_part_and_that_is_said(
    ada, issue, migrated_database, character
):
    commit = Commit(["a.ts"])
    words = {"documentation": character * 7_000, "signature": character * 2_000}
    for line in range(1, 101):
        commit.use("a.ts", commit.define("a.ts", "it", line=line, **words), line=200)
    index(migrated_database, issue().tenant_id, commit)
    place = {"path": "a.ts", "line": 200, "column": 5, **HERE}
    told = asked(ada, "/definition", **place)
    assert 10 <= len(told["definitions"]) < 100
    assert told["truncated"]
    assert asked(ada, "/hover", **place)["meanings"]
    one = asked(ada, "/definition", **place | {"line": 1, "column": 9})
    assert (len(one["definitions"]), one["truncated"]) == (1, False)


def test_dependencies_with_long_names_are_told_in_part_and_that_is_said(
    ada, issue, migrated_database, character
):
    folders = "/".join([character * 15] * 60)
    paths = ["a.ts", *(f"{folders}/f{number}.ts" for number in range(900))]
    commit = Commit(sorted(paths))
    for line, path in enumerate(paths[1:], start=1):
        commit.depend("a.ts", f"./{path}", to=path, line=line)
        commit.depend(path, "./a", to="a.ts")
    for line in range(1_000, 1_090):
        gone = f"{character * 900}{line}"
        commit.depend("a.ts", gone, reason=Unresolved.FILE_NOT_FOUND, line=line)
    index(migrated_database, issue().tenant_id, commit)
    told = asked(ada, "/dependencies", path="a.ts", direction="both", **HERE)
    walks = told["dependencies"], told["dependents"]
    for some in (told["imports"], told["unresolved"], *(one["files"] for one in walks)):
        assert len(some) > 10
    assert (told["truncated"], *(one["truncated"] for one in walks)) == (True, True, True)
    short = asked(ada, "/dependencies", path=paths[1], **HERE)
    assert (len(short["imports"]), short["truncated"]) == (1, False)


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
