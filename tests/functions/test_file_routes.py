import json

import pytest
from tests.search.indexed import Commit, index

from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind

LAMBDA_ANSWER_BYTES = 6_000_000
TEXT = 'import "./a";\r\n\r\nexport class Äpfel {\n\tgrün = "\U0001d49c";\n}\n// no end'
PATHS = ("a.js", "b/big.ts", "b/bytes.ts", "b/c.ts", "b/empty.ts", "b/ä%20 c?&#.tsx")


def orchard() -> Commit:
    commit = Commit(
        PATHS,
        texts={
            "a.js": "eat();",
            "b/big.ts": "\x01" * 79 + "\n" + "\x01" * 1_000_000,
            "b/c.ts": TEXT,
            "b/empty.ts": "",
            PATHS[-1]: "odd",
        },
        failures={"b/bytes.ts": "not_text"},
    )
    fruit = commit.define(
        "b/c.ts", "Äpfel", kind=SymbolKind.CLASS, line=3, flags=SymbolFlag.EXPORTED
    )
    commit.define("b/c.ts", "grün", kind=SymbolKind.PROPERTY, line=4, container=fruit)
    commit.use("a.js", fruit, line=1, kind=ReferenceKind.NEW)
    return commit


@pytest.fixture
def indexed(issue, migrated_database):
    """Ada's repository, indexed."""
    return str(index(migrated_database, issue().tenant_id, orchard()))


def test_files_are_told_with_the_commit_that_they_are_of(ada, indexed):
    told = ada.get("/files", repository="ada/engine", path="b/c").json
    assert told == {
        "repository_id": indexed,
        "repository": "ada/engine",
        "ref": "main",
        "commit_sha": "a" * 40,
        "files": [
            {
                "path": "b/c.ts",
                "language": "typescript",
                "blob_id": "0" * 40,
                "byte_size": len(TEXT.encode()),
                "line_count": 3,
                "syntax_errors": 0,
                "failure": None,
            }
        ],
        "next_cursor": None,
    }
    scripts = ada.get("/files", repository=indexed, language="javascript").json["files"]
    assert [one["path"] for one in scripts] == ["a.js"]
    first = ada.get("/files", repository=indexed, limit=4).json
    second = ada.get("/files", repository=indexed, limit=4, cursor=first["next_cursor"]).json
    assert [one["path"] for one in first["files"] + second["files"]] == list(PATHS)
    assert second["next_cursor"] is None


def test_a_text_is_told_as_it_is_stored_or_by_its_lines(ada, indexed):
    told = ada.get("/file", repository="ada/engine", path="b/c.ts").json
    assert told == {
        "repository_id": indexed,
        "repository": "ada/engine",
        "ref": "main",
        "commit_sha": "a" * 40,
        "path": "b/c.ts",
        "language": "typescript",
        "line_count": 6,
        "start_line": 1,
        "end_line": 6,
        "text": TEXT,
        "truncated": False,
        "next_line": None,
    }
    for lines, text, last in (
        ("2", "\r\n", 2),
        ("2-4", '\r\nexport class Äpfel {\n\tgrün = "\U0001d49c";\n', 4),
        ("5-", "}\n// no end", 6),
        ("6-99", "// no end", 6),
    ):
        part = ada.get("/file", repository=indexed, path="b/c.ts", lines=lines).json
        assert (part["text"], part["end_line"], part["line_count"]) == (text, last, 6)
    assert ada.get("/file", repository=indexed, path="b/empty.ts").json["text"] == ""
    assert ada.get("/file", repository=indexed, path=PATHS[-1]).json["text"] == "odd"


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
@pytest.mark.usefixtures("indexed")
def test_an_answer_with_a_large_text_fits_into_what_lambda_hands_on(ada, environment, driver):
    environment.set(DATABASE_DRIVER=driver)
    answer = ada.get("/file", repository="ada/engine", path="b/big.ts")
    told = answer.json
    assert (told["text"], told["truncated"], told["next_line"]) == ("\x01" * 79 + "\n", True, 2)
    rest = ada.get("/file", repository="ada/engine", path="b/big.ts", lines="2-")
    assert (rest.json["truncated"], rest.json["next_line"], rest.json["end_line"]) == (
        True,
        None,
        2,
    )
    assert set(rest.json["text"]) == {"\x01"}
    assert len(json.dumps({"body": rest.text})) < LAMBDA_ANSWER_BYTES


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"path": "b/c.ts", "lines": "0"}, 422, "lines_invalid"),
        ({"path": "b/c.ts", "lines": "5-2"}, 422, "lines_invalid"),
        ({"path": "b/c.ts", "lines": ""}, 422, "lines_invalid"),
        ({"path": "b/c.ts", "lines": "1-" + "9" * 5_000}, 422, "lines_invalid"),
        ({"path": "missing.ts", "lines": "x"}, 422, "lines_invalid"),
        ({"path": "b/c.ts", "lines": "7-"}, 422, "lines_beyond_end"),
        ({"path": "b/empty.ts", "lines": "2"}, 422, "lines_beyond_end"),
        ({"path": "b/bytes.ts"}, 404, "file_not_text"),
        ({"path": "b"}, 404, "file_not_found"),
        ({"path": "b/"}, 404, "file_not_found"),
        ({"path": "/b/c.ts"}, 404, "file_not_found"),
        ({"path": "b//c.ts"}, 404, "file_not_found"),
        ({"path": "b/../b/c.ts"}, 404, "file_not_found"),
        ({"path": "../../etc/passwd"}, 404, "file_not_found"),
        ({"path": "b/c.ts\n"}, 404, "file_not_found"),
        ({"path": "B/C.TS"}, 404, "file_not_found"),
        ({"path": "b/%"}, 404, "file_not_found"),
        ({"path": "b/c.ts\0"}, 422, "parameter_invalid"),
        ({"path": "\U0001d49c" * 4_096}, 404, "file_not_found"),
        ({"path": "x" * 4_097}, 422, "validation_failed"),
        ({"path": ""}, 422, "validation_failed"),
        ({}, 422, "validation_failed"),
        ({"path": "b/c.ts", "ref": "v9"}, 404, "not_indexed"),
        ({"path": "b/c.ts", "repository": "ada/none"}, 404, "repository_not_found"),
        ({"path": "b/c.ts", "line": "1"}, 422, "parameter_invalid"),
    ],
)
@pytest.mark.usefixtures("indexed")
def test_what_is_no_file_or_no_line_of_it_is_refused_with_its_code(ada, query, status, code):
    answer = ada.get("/file", **{"repository": "ada/engine", **query})
    assert (answer.status, answer.code) == (status, code)


def test_a_commit_indexed_by_a_release_without_texts_says_what_to_do(
    ada, indexed, migrated_database
):
    migrated_database.sql("UPDATE kotadb.snapshots SET has_texts = DEFAULT")
    migrated_database.sql("DELETE FROM kotadb.file_texts")
    answer = ada.get("/file", repository=indexed, path="b/c.ts")
    assert (answer.status, answer.code) == (409, "text_not_stored")
    assert "index it again" in answer.json["error"]
    assert ada.get("/files", repository=indexed).status == 200


def test_an_outline_tells_definitions_with_their_depth(ada, indexed):
    told = ada.get("/outline", repository=indexed, path="b/c.ts").json
    assert (told["path"], told["commit_sha"], told["next_cursor"]) == ("b/c.ts", "a" * 40, None)
    fruit, colour = told["symbols"]
    assert fruit == {
        "id": fruit["id"],
        "name": "Äpfel",
        "kind": "class",
        "depth": 0,
        "container": None,
        "line": 3,
        "column": 9,
        "range": {"start_line": 3, "start_column": 0, "end_line": 5, "end_column": 1},
        "exported": True,
        "signature": "function Äpfel()",
    }
    assert (colour["name"], colour["depth"]) == ("grün", 1)
    assert colour["container"] == {"id": fruit["id"], "name": "Äpfel", "kind": "class"}
    first = ada.get("/outline", repository=indexed, path="b/c.ts", limit=1).json
    assert first["symbols"] == [fruit]
    cursor = first["next_cursor"]
    second = ada.get("/outline", repository=indexed, path="b/c.ts", limit=1, cursor=cursor).json
    assert (second["symbols"], second["next_cursor"]) == ([colour], None)


def test_a_folder_tells_what_lies_directly_in_it(ada, indexed):
    told = ada.get("/folder", repository="ada/engine").json
    assert (told["folder"], told["commit_sha"], told["next_cursor"]) == ("", "a" * 40, None)
    assert told["entries"] == [
        {"path": "a.js", "type": "file", "files": 1},
        {"path": "b", "type": "folder", "files": 5},
    ]
    below = ada.get("/folder", repository=indexed, folder="b/", limit=2).json
    assert below["folder"] == "b"
    assert [one["path"] for one in below["entries"]] == ["b/big.ts", "b/bytes.ts"]
    rest = ada.get("/folder", repository=indexed, folder="b", cursor=below["next_cursor"]).json
    assert [one["path"] for one in rest["entries"]] == list(PATHS[3:])
    answer = ada.get("/folder", repository=indexed, folder="a.js")
    assert (answer.status, answer.code) == (404, "folder_not_found")


def test_occurrences_tell_names_with_where_they_lead(ada, indexed):
    told = ada.get("/occurrences", repository=indexed, path="a.js").json
    assert (told["start_line"], told["end_line"], told["next_line"]) == (1, 3, None)
    (fruit, _) = ada.get("/outline", repository=indexed, path="b/c.ts").json["symbols"]
    assert told["occurrences"] == [
        {
            "line": 1,
            "column": 4,
            "end_column": 9,
            "role": "reference",
            "kind": "new",
            "name": "Äpfel",
            "symbol_id": fruit["id"],
            "resolution": "exact",
            "target": {"path": "b/c.ts", "line": 3},
            "meanings": 1,
            "elsewhere": False,
        }
    ]
    one = ada.get("/occurrences", repository=indexed, path="b/c.ts", lines="3").json
    assert [(each["role"], each["kind"], each["name"]) for each in one["occurrences"]] == [
        ("definition", "class", "Äpfel")
    ]
    for lines, code in (("0", "lines_invalid"), ("7-", "lines_beyond_end")):
        answer = ada.get("/occurrences", repository=indexed, path="a.js", lines=lines)
        assert (answer.status, answer.code) == (422, code)


def test_one_definition_and_its_callers_are_told_by_its_id(ada, indexed):
    (found,) = ada.get("/symbols", name="Äpfel", repository=indexed).json["symbols"]
    assert ada.get(f"/symbols/{found['id']}").json == found
    assert ada.get(f"/symbols/{found['id']}/callers").json == {
        "symbol": found,
        "callers": [
            {
                "path": "a.js",
                "symbol": None,
                "line": None,
                "calls": 1,
                "sites": [{"line": 1, "column": 4, "kind": "new", "resolution": "exact"}],
            }
        ],
        "next_cursor": None,
    }


def test_what_a_definition_calls_is_told_with_where_it_comes_from(ada, issue, migrated_database):
    texts = {
        "a.ts": 'import { pay as buy } from "@ada/till/cash";\n'
        "export class Shop {\n  open(log: () => void) { this.close(); log(); buy(); gone(); }\n"
        "  close() {}\n}\n"
    }
    repository = str(index(migrated_database, issue().tenant_id, Commit.of(texts)))
    (shop, opened, closed) = ada.get("/outline", repository=repository, path="a.ts").json["symbols"]
    told = ada.get(f"/symbols/{opened['id']}/callees").json
    assert told["symbol"]["id"] == opened["id"]
    site = {"line": 3, "kind": "call"}
    nowhere = {"symbol": None, "path": None, "line": None, "imported": None, "calls": 1}
    assert told["callees"] == [
        {
            **nowhere,
            "name": "close",
            "symbol": {"id": closed["id"], "name": "close", "kind": "method"},
            "path": "a.ts",
            "line": 4,
            "sites": [site | {"column": 31, "resolution": "exact"}],
        },
        {
            **nowhere,
            "name": "log",
            "path": "a.ts",
            "line": 3,
            "sites": [site | {"column": 40, "resolution": "exact"}],
        },
        {
            **nowhere,
            "name": "buy",
            "imported": {
                "package": "@ada/till",
                "subpath": "cash",
                "name": "pay",
                "elsewhere": False,
            },
            "sites": [site | {"column": 47, "resolution": "external"}],
        },
        {
            **nowhere,
            "name": "gone",
            "sites": [site | {"column": 54, "resolution": "undeclared"}],
        },
    ]
    callees = f"/symbols/{shop['id']}/callees"
    assert ada.get(callees).json["callees"] == []
    assert ada.get(callees, nested="true").json["callees"] == told["callees"]
    defined = ada.get(callees, nested="true", defined="true").json["callees"]
    assert [one["name"] for one in defined] == ["close"]
    wrong = ada.get(callees, nested="perhaps")
    assert (wrong.status, wrong.code) == (422, "validation_failed")


@pytest.mark.proves("J18")
def test_files_of_another_tenant_are_those_that_do_not_exist(ada, eve, indexed):
    (symbol, _) = ada.get("/outline", repository=indexed, path="b/c.ts").json["symbols"]
    snapshot = symbol["id"].partition("-")[0]
    for path, query, nothing in (
        ("/files", {"repository": indexed}, {"repository": indexed[::-1]}),
        ("/files", {"repository": "ada/engine"}, {"repository": "ada/none"}),
        (
            "/file",
            {"repository": indexed, "path": "b/c.ts"},
            {"repository": "no/ne", "path": "b/c.ts"},
        ),
        (
            "/outline",
            {"repository": "ada/engine", "path": "b/c.ts"},
            {"repository": "no/ne", "path": "b"},
        ),
        (f"/symbols/{symbol['id']}", {}, f"/symbols/{int(snapshot) + 9}-0"),
        (f"/symbols/{symbol['id']}/callers", {}, f"/symbols/{int(snapshot) + 9}-0/callers"),
        (f"/symbols/{symbol['id']}/callees", {}, f"/symbols/{int(snapshot) + 9}-0/callees"),
    ):
        assert ada.get(path, **query).status == 200
        hidden = eve.get(path, **query)
        absent = eve.get(nothing) if isinstance(nothing, str) else eve.get(path, **nothing)
        assert (hidden.status, absent.status) == (404, 404)
        assert {**hidden.json, "request_id": ""} == {**absent.json, "request_id": ""}
        assert set(hidden.headers) == set(absent.headers)


QUESTIONS = {
    # Besides the key: BEGIN, what is asked, COMMIT.
    "/files?repository=ada/engine": 2,
    "/files?repository=ada/engine&path=b/": 3,
    "/file?repository=ada/engine&path=b/c.ts": 2,
    "/outline?repository=ada/engine&path=b/c.ts": 4,
    "/folder?repository=ada/engine": 3,
    "/folder?repository=ada/engine&folder=b": 3,
    # The file, what stands there, and the paths of what it leads to.
    "/occurrences?repository=ada/engine&path=a.js": 7,
    "/symbols/{symbol}": 1,
    # Which of its declarations the calls lead to.
    "/symbols/{symbol}/callers": 3,
    # Without what is imported from packages, which takes two more.
    "/symbols/{symbol}/callees": 2,
    # What stands inside it.
    "/symbols/{symbol}/callees?nested=true": 3,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_files_takes_few_statements(ada, indexed, wire, question):
    (symbol,) = ada.get("/symbols", name="Äpfel", repository=indexed).json["symbols"]
    path, _, query = question.replace("{symbol}", symbol["id"]).partition("?")
    asked = dict(pair.split("=") for pair in query.split("&")) if query else {}
    wire.statements.clear()
    assert ada.get(path, **asked).status == 200
    assert len(wire.statements) == 1 + 1 + QUESTIONS[question] + 1, wire.statements
