import pytest
from tests.search.indexed import Commit, index

from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind
from indexer.resolution.rows import Unresolved

# API Gateway joins the values of one parameter by commas.
ENTRIES = ["src/a.ts", "src/b,c.ts", "src/d+e f.ts", "src/é&g.ts"]


def engine() -> Commit:
    commit = Commit(("src/engine.ts", "src/main.ts", "src/wheel.ts"))
    engine = commit.define(
        "src/engine.ts",
        "Engine",
        kind=SymbolKind.CLASS,
        flags=SymbolFlag.EXPORTED | SymbolFlag.ABSTRACT,
        documentation="Turns.",
    )
    commit.define("src/engine.ts", "turn", kind=SymbolKind.METHOD, line=4, container=engine)
    main = commit.define("src/main.ts", "main")
    commit.use("src/main.ts", engine, line=3, kind=ReferenceKind.NEW, enclosing=main)
    commit.use("src/wheel.ts", engine, line=9, kind=ReferenceKind.TYPE)
    commit.depend("src/main.ts", "./engine", to="src/engine.ts")
    commit.depend("src/main.ts", "left-pad", package="left-pad", reason=Unresolved.EXTERNAL_PACKAGE)
    commit.depend("src/engine.ts", "./wheel.js", to="src/wheel.ts")
    commit.depend("src/wheel.ts", "./engine", to="src/engine.ts")
    commit.depend("src/wheel.ts", "./lost", reason=Unresolved.FILE_NOT_FOUND, line=2)
    return commit


@pytest.fixture
def indexed(issue, migrated_database):
    """Ada's repository, indexed."""
    return str(index(migrated_database, issue().tenant_id, engine()))


def test_a_definition_is_told_whole(ada, indexed):
    (told,) = ada.get("/symbols", name="Engine").json["symbols"]
    symbol_id = told.pop("id")
    assert symbol_id.endswith("-0")
    assert told == {
        "name": "Engine",
        "kind": "class",
        "repository_id": indexed,
        "repository": "ada/engine",
        "ref": "main",
        "commit_sha": "a" * 40,
        "path": "src/engine.ts",
        "line": 1,
        "column": 9,
        "range": {"start_line": 1, "start_column": 0, "end_line": 3, "end_column": 1},
        "container": None,
        "exported": True,
        "modifiers": ["abstract"],
        "signature": "function Engine()",
        "documentation": "Turns.",
    }
    (method,) = ada.get("/symbols", prefix="tu", kind="method").json["symbols"]
    assert ada.get("/symbols", name="Engine.turn").json["symbols"] == [method]
    assert ada.get("/symbols", name="Wheel.turn").json["symbols"] == []
    assert method["container"] == {"id": symbol_id, "name": "Engine", "kind": "class"}


def test_uses_are_told_with_the_definition_around_them(ada, indexed):
    (engine_symbol,) = ada.get("/symbols", name="Engine", repository=indexed).json["symbols"]
    told = ada.get(f"/symbols/{engine_symbol['id']}/references").json
    assert told["symbol"] == engine_symbol
    assert [(one["path"], one["line"], one["kind"]) for one in told["references"]] == [
        ("src/main.ts", 3, "new"),
        ("src/wheel.ts", 9, "type"),
    ]
    assert told["references"][0]["enclosing"]["name"] == "main"
    assert told["references"][0]["resolution"] == "exact"
    assert told["next_cursor"] is None
    assert (
        len(ada.get(f"/symbols/{engine_symbol['id']}/references", kind="type").json["references"])
        == 1
    )


def test_dependencies_are_told_in_both_directions(ada, indexed):
    told = ada.get(
        "/dependencies", repository=indexed, path="src/main.ts", direction="both", depth=10
    ).json
    assert told["dependencies"] == {
        "files": [
            {"path": "src/engine.ts", "depth": 1, "in_cycle": True},
            {"path": "src/wheel.ts", "depth": 2, "in_cycle": True},
        ],
        "truncated": False,
    }
    assert told["dependents"] == {"files": [], "truncated": False}
    assert told["external_packages"] == [
        {"name": "left-pad", "builtin": False, "depth": 0, "files": 1}
    ]
    assert [(one["path"], one["reason"]) for one in told["unresolved"]] == [
        ("src/wheel.ts", "file_not_found")
    ]
    assert {one["specifier"]: one["path"] for one in told["imports"]} == {
        "./engine": "src/engine.ts",
        "left-pad": None,
    }


@pytest.mark.parametrize("depth", ["0", "11", "-1", "x"])
def test_a_depth_out_of_bounds_is_refused(ada, indexed, depth):
    answer = ada.get("/dependencies", repository=indexed, path="src/main.ts", depth=depth)
    assert (answer.status, answer.code) == (422, "validation_failed")


def test_repositories_are_told_with_their_snapshots(ada, indexed):
    (told,) = ada.get("/repositories").json["repositories"]
    assert (told["id"], told["repository"], told["default_ref"]) == (indexed, "ada/engine", "main")
    (snapshot,) = told["snapshots"]
    assert (snapshot["ref"], snapshot["commit_sha"]) == ("main", "a" * 40)
    assert snapshot["age_seconds"] < 60


@pytest.mark.proves("J18")
def test_nothing_of_one_tenant_is_told_to_another(ada, eve, indexed):
    (symbol,) = ada.get("/symbols", name="Engine").json["symbols"]
    missing = {
        "/symbols": {"name": "Engine", "repository": indexed},
        f"/symbols/{symbol['id']}/references": {},
        "/dependencies": {"repository": "ada/engine", "path": "src/main.ts"},
        "/jobs": {"repository": indexed},
    }
    for path, query in missing.items():
        assert ada.get(path, **query).status == 200
        answer = eve.get(path, **query)
        assert answer.status == 404
        assert "ngine" not in answer.text.replace(answer.json["error"], "")
    assert eve.get("/symbols", name="Engine").json == {"symbols": [], "next_cursor": None}
    assert eve.get("/repositories").json == {"repositories": [], "next_cursor": None}
    assert eve.get("/jobs").json == {"jobs": [], "next_cursor": None}
    nobodys = eve.get("/symbols/2147483647-0/references")
    hidden = eve.get(f"/symbols/{symbol['id']}/references")
    assert {**nobodys.json, "request_id": ""} == {**hidden.json, "request_id": ""}


@pytest.mark.usefixtures("indexed")
def test_two_tenants_interleaved_on_one_connection_stay_apart(ada, eve, issue, migrated_database):
    index(
        migrated_database,
        issue("eve@example.com").tenant_id,
        engine(),
        name="eve/engine",
    )
    for client, own in ((ada, "ada/engine"), (eve, "eve/engine")) * 3:
        told = client.get("/symbols", prefix="E").json["symbols"]
        assert {one["repository"] for one in told} == {own}
        assert [one["repository"] for one in client.get("/repositories").json["repositories"]] == [
            own
        ]


def test_the_same_repository_of_two_tenants_is_two(ada, eve):
    first = ada.post("/index", {"repository": "shared/code"}).json
    second = eve.post("/index", {"repository": "shared/code"}).json
    assert not second["deduplicated"]
    assert first["jobId"] != second["jobId"]


@pytest.mark.usefixtures("indexed")
def test_the_next_page_is_of_the_commit_that_the_first_was_of(ada, issue, migrated_database):
    first = ada.get("/files", repository="ada/engine", limit=1).json
    (symbol,) = ada.get("/symbols", name="Engine").json["symbols"]
    index(migrated_database, issue().tenant_id, Commit(("other.ts",)), commit_sha="b" * 40)
    asked = {"repository": "ada/engine", "cursor": first["next_cursor"]}
    told = ada.get("/files", **asked).json
    assert [one["path"] for one in told["files"]] == ["src/main.ts", "src/wheel.ts"]
    assert told["commit_sha"] == "a" * 40
    older = ada.get(f"/symbols/{symbol['id']}")
    assert (older.status, older.json["commit_sha"]) == (200, "a" * 40)
    assert ada.get("/symbols", name="Engine").json["symbols"] == []

    migrated_database.pass_time(901)
    gone = ada.get("/files", **asked)
    assert (gone.status, gone.json["code"]) == (410, "cursor_expired")
    assert gone.json["error"] == (
        "The commit this list was read from is no longer kept; start again without a cursor."
    )
    assert ada.get(f"/symbols/{symbol['id']}").status == 404


def test_what_several_entries_export_is_not_unused(ada, issue, migrated_database):
    texts = {one: f"export const x{number} = 1;\n" for number, one in enumerate(ENTRIES)}
    index(migrated_database, issue().tenant_id, Commit.of(texts))

    def unused(*entries):
        answer = ada.get("/unused", repository="ada/engine", entry=list(entries))
        return [one["symbol"]["path"] for one in answer.json["unused"]]

    assert unused() == sorted(ENTRIES)
    for number, one in enumerate(ENTRIES):
        assert unused(*ENTRIES[:number], *ENTRIES[number + 1 :]) == [one]
        assert one not in unused(one)
    assert unused(*ENTRIES * 5) == []


def test_members_that_nothing_uses_are_told_where_their_kind_is_named(
    ada, issue, migrated_database
):
    texts = {
        "src/cart.ts": (
            "export class Cart {\n"
            "  limit = 1;\n"
            "  add() { this.check(); }\n"
            "  clear() {}\n"
            "  private check() {}\n"
            "  private forgotten() {}\n"
            "  get total() { return 1; }\n"
            "  set total(value) {}\n"
            "}\n"
            "class Till { open() {} }\n"
            "export enum Level { One, Two }\n"
            "export const prices = { whole() {}, parts: { half() {} } };\n"
            "new Till();\n"
        ),
        "src/main.ts": (
            'import { Cart, Level, prices } from "./cart";\n'
            "new Cart().add();\n"
            "Level.One;\n"
            "prices.parts;\n"
        ),
    }
    index(migrated_database, issue().tenant_id, Commit.of(texts))

    def unused(kind, **wishes):
        answer = ada.get("/unused", repository="ada/engine", kind=kind, **wishes)
        return [one["symbol"]["name"] for one in answer.json["unused"]]

    # No file exports a member by itself, so what its file exports is not asked of it.
    methods = ["clear", "forgotten", "open", "whole", "half"]
    assert unused("method") == methods
    assert unused("method", exported_only="false") == methods
    assert unused("property") == ["limit"]
    assert unused("getter") == ["total"]
    assert unused("setter") == ["total"]
    assert unused("enum_member") == ["Two"]
    assert unused("class") == []
    # Whoever uses the library may use the members of what it exports.
    assert unused("method", entry="src/cart.ts") == ["forgotten", "open", "half"]
    assert unused("enum_member", entry="src/cart.ts") == []


def test_uses_are_of_the_member_that_the_receiver_declares_and_keys_are_none(
    ada, issue, migrated_database
):
    texts = {
        "src/store.ts": (
            "export interface Store { get(): number }\n"
            "export class Memory implements Store { get() { return 1; } }\n"
            "export interface Options { enabled: boolean }\n"
            "export function start(store: Store, options: Options) {\n"
            "  return options.enabled && store.get();\n"
            "}\n"
            "start(new Memory(), { enabled: true });\n"
            'export type Enabled = Options["enabled"];\n'
        )
    }
    index(migrated_database, issue().tenant_id, Commit.of(texts))

    def uses(name):
        (symbol,) = ada.get("/symbols", repository="ada/engine", name=name).json["symbols"]
        answer = ada.get(f"/symbols/{symbol['id']}/references")
        return [(one["line"], one["kind"]) for one in answer.json["references"]]

    assert uses("Store.get") == [(5, "call")]
    assert uses("Memory.get") == []
    assert uses("Options.enabled") == [(5, "read")]


@pytest.mark.usefixtures("indexed")
def test_entries_that_are_not_there_or_too_many_are_refused(ada):
    def refused(*entries):
        answer = ada.get("/unused", repository="ada/engine", entry=list(entries))
        return answer.status, answer.code, answer.json["error"]

    assert refused("src/main.ts", "src/gone.ts") == (
        404,
        "file_not_found",
        "There is no indexed file with the path src/gone.ts.",
    )
    assert refused(*["src/main.ts"] * 21)[:2] == (422, "validation_failed")
    assert refused("src/main.ts", "")[:2] == (422, "validation_failed")
    twice = ada.get("/unused", repository="ada/engine", path=["src/", "lib/"])
    assert (twice.status, twice.code) == (422, "validation_failed")
