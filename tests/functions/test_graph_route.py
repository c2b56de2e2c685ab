import itertools
from xml.etree import ElementTree as ET

import pytest
from tests.drawing.digraph import read
from tests.search.indexed import Commit, index

SVG = "{http://www.w3.org/2000/svg}"
PATHS = ("src/engine.ts", "src/main.ts", "src/wheel.ts", "src/<b>.ts")


@pytest.fixture
def indexed(issue, migrated_database):
    """main -> engine -> wheel -> engine, and a file with markup for a name that main imports."""
    commit = Commit(PATHS)
    for source, target in (("main", "engine"), ("engine", "wheel"), ("wheel", "engine")):
        commit.depend(f"src/{source}.ts", f"./{target}", to=f"src/{target}.ts")
    commit.depend("src/main.ts", "./<b>", to="src/<b>.ts", line=2)
    return str(index(migrated_database, issue().tenant_id, commit))


@pytest.fixture
def ask(ada, indexed):
    return lambda **how: ada.get(
        "/graph", **{"repository": indexed, "path": "src/engine.ts", **how}
    )


def test_a_graph_is_told_with_the_places_of_its_picture(ask, indexed):
    answer = ask()
    assert answer.headers["content-type"] == "application/json"
    told = answer.json
    assert {name: told[name] for name in ("repository_id", "repository", "ref", "commit_sha")} == {
        "repository_id": indexed,
        "repository": "ada/engine",
        "ref": "main",
        "commit_sha": "a" * 40,
    }
    assert (told["path"], told["direction"], told["depth"]) == ("src/engine.ts", "both", 2)
    assert told["truncated"] is False
    assert [
        (one["path"], one["distance"], one["side"], one["label"], one["in_cycle"])
        for one in told["nodes"]
    ] == [
        ("src/engine.ts", 0, "self", "engine.ts", True),
        ("src/main.ts", 1, "dependents", "main.ts", False),
        ("src/wheel.ts", 1, "both", "wheel.ts", True),
    ]
    assert [
        (one["from_path"], one["to_path"], one["kinds"], one["in_cycle"]) for one in told["edges"]
    ] == [
        ("src/engine.ts", "src/wheel.ts", ["import"], True),
        ("src/main.ts", "src/engine.ts", ["import"], False),
        ("src/wheel.ts", "src/engine.ts", ["import"], True),
    ]
    middle, left, right = told["nodes"]
    assert left["x"] + left["width"] < middle["x"]
    assert middle["x"] + middle["width"] < right["x"]
    assert right["x"] + right["width"] < told["width"]
    forth, straight, back = (one["points"] for one in told["edges"])
    assert straight[0] == [left["x"] + left["width"], left["y"] + left["height"] / 2]
    assert straight[-1][0] == middle["x"]
    assert forth[-1][0] == back[0][0] == right["x"]
    assert len(straight) % 3 == 1


def test_a_picture_is_a_document_that_a_browser_runs_nothing_of(ask):
    answer = ask(path="src/main.ts", format="svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    root = ET.fromstring(answer.text)
    told = [one.find(f"{SVG}title").text for one in root.iter(f"{SVG}g")]
    assert sorted(told) == sorted(PATHS)


def test_graphviz_gets_its_own_language(ask):
    answer = ask(path="src/main.ts", format="dot")
    assert answer.headers["content-type"] == "text/vnd.graphviz; charset=utf-8"
    name, nodes, edges = read(answer.text)
    assert name == "The imports around src/main.ts"
    assert set(nodes) == set(PATHS)
    assert set(edges) == {
        ("src/main.ts", "src/engine.ts"),
        ("src/main.ts", "src/<b>.ts"),
        ("src/engine.ts", "src/wheel.ts"),
        ("src/wheel.ts", "src/engine.ts"),
    }


@pytest.mark.parametrize("character", ["\U0001f98a", '"', "'", "&", "\u0301"])
def test_an_answer_stays_below_a_megabyte(ada, issue, migrated_database, character):
    """Every file imports every other one, and each name is long in another way."""
    paths = [f"{number:02}{character * 60}" for number in range(100)]
    commit = Commit(paths)
    for source, target in itertools.product(paths, paths):
        commit.depend(source, "./x", to=target)
    index(migrated_database, issue().tenant_id, commit)
    for form in ("json", "svg", "dot"):
        asked = {"repository": "ada/engine", "path": paths[0], "limit": 100, "format": form}
        size = len(ada.get("/graph", **asked).text.encode())
        assert 100_000 < size < 1_000_000, form


@pytest.mark.parametrize("form", ["json", "svg", "dot"])
def test_all_forms_are_of_one_graph(ask, form):
    asked = {"path": "src/main.ts", "depth": 1, "limit": 2}
    answer = ask(**asked, format=form)
    assert answer.status == 200
    assert "engine.ts" not in answer.text
    assert "b&gt;.ts" in answer.text or "<b>.ts" in answer.text


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"depth": 0}, "depth"),
        ({"depth": 11}, "depth"),
        ({"direction": "up"}, "direction"),
        ({"format": "png"}, "format"),
        ({"limit": "many"}, "limit"),
        ({"path": ""}, "path"),
    ],
)
def test_what_cannot_be_drawn_is_refused(ask, asked, wrong):
    answer = ask(**asked)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert [one["field"] for one in answer.json["details"]] == [f"query.{wrong}"]


def test_without_a_file_the_folders_are_told(ada, issue, migrated_database):
    commit = Commit(("lib/a.ts", "lib/b.ts", "main.ts"))
    for target in ("lib/a.ts", "lib/b.ts"):
        commit.depend("main.ts", f"./{target}", to=target)
    index(migrated_database, issue().tenant_id, commit)
    answer = ada.get("/graph", repository="ada/engine")
    told = answer.json
    assert (told["path"], told["direction"], told["depth"]) == (None, None, 1)
    assert [
        (one["path"], one["files"], one["distance"], one["side"], one["label"])
        for one in told["nodes"]
    ] == [(".", 1, None, None, "."), ("lib", 2, None, None, "lib")]
    (edge,) = told["edges"]
    assert (edge["from_path"], edge["to_path"], edge["imports"], edge["kinds"]) == (
        *(".", "lib"),
        *(2, []),
    )
    top, lib = told["nodes"]
    assert edge["points"][0][0] == top["x"] + top["width"] < edge["points"][-1][0] == lib["x"]
    picture = ada.get("/graph", repository="ada/engine", format="svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "The imports between the folders of ada/engine" in picture.text
    _, nodes, edges = read(ada.get("/graph", repository="ada/engine", format="dot").text)
    assert (set(nodes), set(edges)) == ({".", "lib"}, {(".", "lib")})


def test_a_direction_without_a_file_is_refused(ada, indexed):
    answer = ada.get("/graph", repository=indexed, direction="both")
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.json["details"] == [{"field": "query.direction", "problem": "it goes with path"}]


@pytest.mark.parametrize("form", ["json", "svg", "dot"])
def test_a_file_that_is_not_there_is_told_as_every_error(ask, form):
    answer = ask(path="src/none.ts", format=form)
    assert (answer.status, answer.code) == (404, "file_not_found")
    assert answer.headers["content-type"] == "application/json"


def test_a_limit_out_of_bounds_is_moved_to_the_nearer_end(ask):
    assert len(ask(limit=-3).json["nodes"]) == 1
    assert len(ask(limit=10_000).json["nodes"]) == 3
