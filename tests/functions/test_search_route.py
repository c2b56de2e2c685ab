import pytest
from tests.search.indexed import Commit, index

SOURCES = {
    "src/cache.ts": "export class Cache {\n"
    "  get(key: string) { return key; } // \U0001d49c cache\n}\n",
    "test/cache.test.ts": 'import { Cache } from "../src/cache";\n',
}
LARGEST_ANSWER = 1_000_000


@pytest.fixture
def indexed(issue, migrated_database):
    """Ada's repository, indexed."""
    return str(index(migrated_database, issue().tenant_id, Commit.of(SOURCES)))


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_an_answer_has_definitions_then_lines_and_what_may_answer(
    ada, indexed, environment, driver
):
    environment.set(DATABASE_DRIVER=driver)
    told = ada.get("/search", q="cache lang:ts", limit=2).json
    of_commit = {
        "repository_id": indexed,
        "repository": "ada/engine",
        "ref": "main",
        "commit_sha": "a" * 40,
    }
    first, second = told["results"]
    symbol = first["symbol"]
    assert ada.get(f"/symbols/{symbol['id']}").json["name"] == "Cache"
    assert first == {
        **of_commit,
        "path": "src/cache.ts",
        "line": 1,
        "column": 13,
        "end_column": 18,
        "snippet": "export class Cache {",
        "snippet_column": 0,
        "highlights": [{"start": 13, "end": 18}],
        "symbol": {"id": symbol["id"], "name": "Cache", "kind": "class"},
    }
    assert second == {
        **of_commit,
        "path": "src/cache.ts",
        "line": 2,
        "column": 41,
        "end_column": 46,
        "snippet": "  get(key: string) { return key; } // \U0001d49c cache",
        "snippet_column": 0,
        "highlights": [{"start": 41, "end": 46}],
        "symbol": None,
    }
    rest = ada.get("/search", q="cache lang:ts", limit=2, cursor=told["next_cursor"]).json
    assert [(one["path"], one["line"]) for one in rest["results"]] == [("test/cache.test.ts", 1)]
    assert rest["next_cursor"] is None
    del told["results"], told["next_cursor"]
    assert told == {
        "complete": True,
        "repositories": 1,
        "files": 2,
        "definitions_truncated": False,
        "facets": {
            "repositories": [{"repository": "ada/engine", "files": 2}],
            "languages": [{"language": "typescript", "files": 2}],
            "kinds": [{"kind": "class", "definitions": 1}],
            "left_out": {"lang": 0},
        },
        "not_searchable": [],
        "empty": None,
    }


@pytest.mark.usefixtures("indexed")
def test_an_empty_answer_says_why(ada):
    told = ada.get("/search", q="zebra").json
    assert (told["results"], told["next_cursor"]) == ([], None)
    assert told["empty"] == {"reason": "term_not_found", "message": "No file holds zebra."}


def test_a_query_that_cannot_be_read_is_shown_with_its_place(ada):
    answer = ada.get("/search", q="cache /get(/")
    assert answer.status == 422
    assert answer.json["code"] == "query_invalid"
    assert answer.json["details"] == [
        {
            "field": "q",
            "problem": answer.json["error"],
            "position": 10,
            "length": 1,
            "excerpt": "cache /get(/",
            "marker": "          ^",
        }
    ]


@pytest.mark.parametrize("q", [None, "", "x" * 2_001])
def test_a_query_must_be_there_and_bounded(ada, q):
    answer = ada.get("/search", **({} if q is None else {"q": q}))
    assert answer.status == 422
    assert answer.json["code"] == ("query_invalid" if q == "" else "validation_failed")


def test_however_wide_the_paths_and_lines_an_answer_stays_small(ada, issue, migrated_database):
    wide = "\U0001d49c"
    # A path of 4,096 bytes, and lines of which every character takes two escapes.
    folder = "/".join([wide * 60] * 16)
    texts = {f"{folder}/{no:03}.ts": f"// {wide * 400} x\n" * 3 for no in range(60)}
    index(migrated_database, issue().tenant_id, Commit(paths=sorted(texts), texts=texts))
    seen, cursor = [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        answer = ada.get("/search", q="/x$/", limit=100, **more)
        assert len(answer.text.encode()) < LARGEST_ANSWER
        seen += [(one["path"], one["line"]) for one in answer.json["results"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 180
