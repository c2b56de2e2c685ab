from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolution.commits import Commit

from indexer.parsing.facts import DependencyKind
from indexer.parsing.parser import parse_file
from indexer.resolution import globs
from indexer.resolution.globs import usable_globs
from indexer.resolution.link import Linker
from indexer.resolution.modules import (
    ModuleResolver,
    NotResolved,
    Resolved,
    is_configuration,
)
from indexer.resolution.paths import MAX_WRITTEN_LENGTH


class CountedPaths(frozenset[str]):
    """Paths that count how often they are asked, and for how long a path."""

    asked = 0
    longest = 0

    def __contains__(self, path: object) -> bool:
        CountedPaths.asked += 1
        CountedPaths.longest = max(CountedPaths.longest, len(str(path)))
        return super().__contains__(path)


def probes(commit: Commit, imports: list[tuple[str, str]]) -> int:
    """How many paths are looked at to answer `imports`."""
    commit.resolver._files.paths = CountedPaths(commit.resolver._files.paths)
    CountedPaths.asked = CountedPaths.longest = 0
    for importer, specifier in imports:
        commit.answer(importer, specifier)
    return CountedPaths.asked


def monorepo(packages: int) -> Commit:
    files: dict[str, object] = {"package.json": {"workspaces": ["packages/*"]}, "tsconfig.json": {}}
    for number in range(packages):
        home = f"packages/p{number}"
        files[f"{home}/package.json"] = {"name": f"p{number}", "main": "dist/index.js"}
        files[f"{home}/tsconfig.json"] = {"extends": "../../tsconfig.json"}
        files[f"{home}/src/index.ts"] = ""
        files[f"{home}/src/a.ts"] = ""
    return Commit(files)


def imports_of(packages: int) -> list[tuple[str, str]]:
    return [
        (f"packages/p{number}/src/index.ts", specifier)
        for number in range(packages)
        for specifier in ("./a", "./a.js", f"p{(number + 1) % packages}", "react", "node:fs")
    ]


def test_asking_again_looks_at_no_path():
    commit = monorepo(3)
    first = probes(commit, imports_of(3))
    assert first > 0
    assert probes(commit, imports_of(3)) == 0


def test_the_cost_of_an_import_does_not_grow_with_the_repository():
    small = probes(monorepo(10), imports_of(10))
    large = probes(monorepo(200), imports_of(200))
    assert large <= 20 * small * 1.05
    assert large / len(imports_of(200)) < 60


def test_each_configuration_is_read_once():
    commit = monorepo(30)
    for importer, specifier in imports_of(30) * 2:
        commit.answer(importer, specifier)
    assert sorted(commit.reads) == sorted(set(commit.reads))
    assert set(commit.reads) == {path for path in commit.files if is_configuration(path)}


def test_a_relative_import_reads_no_package():
    commit = monorepo(30)
    assert commit.means("packages/p1/src/index.ts", "./a") == "packages/p1/src/a.ts"
    assert set(commit.reads) == {"tsconfig.json", "packages/p1/tsconfig.json"}


def test_patterns_that_are_costly_to_match_are_passed_over():
    literal = [f"src/f{number}.ts" for number in range(1_000)]
    wild = [f"src/{number}/*" for number in range(1_000)]
    assert usable_globs(literal) == literal
    assert 0 < len(usable_globs(wild)) < 200
    assert usable_globs(["**/*/" * 40, "x" * 5_000]) == []


STARS = "./" + "*" * 2_000
LONG = "b" * 2_000


@pytest.mark.parametrize(
    ("files", "specifier"),
    [
        ({"package.json": {"name": "p", "imports": {"#*": STARS}}}, f"#{LONG}"),
        ({"package.json": {"name": "p", "imports": {"#x/": f"./{'c' * 9_000}/"}}}, f"#x/{LONG}"),
        ({"package.json": {"name": "p", "exports": {"./*": STARS}}}, f"p/{LONG}"),
        ({"package.json": {"name": "p", "typesVersions": {"*": {"*": [STARS]}}}}, f"p/{LONG}"),
        ({"tsconfig.json": {"compilerOptions": {"paths": {"x*": [STARS]}}}}, f"x{LONG}"),
    ],
    ids=["imports", "a folder of imports", "exports", "typesVersions", "paths"],
)
def test_what_a_star_stands_for_is_not_put_where_no_path_would_be_short_enough(files, specifier):
    commit = Commit({**files, "a.ts": ""})
    probes(commit, [("a.ts", specifier)])
    assert isinstance(commit.answer("a.ts", specifier), NotResolved)
    assert CountedPaths.longest < 2 * MAX_WRITTEN_LENGTH


def test_a_long_name_stands_for_a_star_as_often_as_makes_a_path():
    name = "b" * 300
    paths = {f"{name}/{name}/{name}.ts": "", "a.ts": ""}
    imports = {"package.json": {"imports": {"#*": "./*/*/*.ts"}}}
    aliases = {"tsconfig.json": {"compilerOptions": {"paths": {"#*": ["*/*/*"]}}}}
    for files in (imports, aliases):
        assert Commit({**paths, **files}).means("a.ts", f"#{name}") == next(iter(paths))


HOSTILE = "**/a*b*/" + "**/a*c/" * 5
DEEP = "/".join(["a"] * 40)


def hostile_patterns(configs: int) -> Commit:
    """Deep files that ask for a package, below configurations of many patterns."""
    patterns = [f"{HOSTILE}z{number}" for number in range(100)]
    files: dict[str, object] = {
        f"tsconfig.{number}.json": {"include": patterns} for number in range(configs)
    }
    return Commit({**files, **{f"{DEEP}/f{number}.ts": "" for number in range(10)}})


def test_patterns_are_put_to_paths_only_so_often_for_one_commit(monkeypatch):
    followed = []
    follow = globs._matches
    monkeypatch.setattr(globs, "_matches", lambda *of: followed.append(of) or follow(*of))
    monkeypatch.setattr(globs, "MAX_LOOKS", 100_000)
    commit = hostile_patterns(4)
    for number in range(10):
        assert commit.means(f"{DEEP}/f{number}.ts", "react") == "external_package react"
    assert commit.resolver.glob_looks >= 100_000
    assert 0 < len(followed) < 250


def test_members_of_workspaces_are_found_only_with_so_many_looks(monkeypatch):
    workspace = {
        "package.json": {"workspaces": ["packages/*/x"]},
        "b/package.json": {"name": "same"},
        "packages/a/x/package.json": {"name": "same"},
        "b/index.ts": "",
        "packages/a/x/index.ts": "",
    }
    assert Commit(workspace).means("a.ts", "same") == "packages/a/x/index.ts"
    monkeypatch.setattr(globs, "MAX_LOOKS", 2)
    assert Commit(workspace).means("a.ts", "same") == "b/index.ts"


class TimeIsUp(Exception):
    """What a check raises."""


@pytest.mark.parametrize("most", [1, 5])
def test_while_imports_are_answered_it_is_asked_whether_to_go_on(most):
    asked = []

    def check():
        asked.append(len(asked))
        if len(asked) == most:
            raise TimeIsUp

    paths = [f"f{number}.ts" for number in range(200)]
    resolver = ModuleResolver(paths, lambda _: None, check=check)
    source = "".join(f'import "./{path}";\n' for path in paths)
    with pytest.raises(TimeIsUp):
        Linker([("f0.ts", parse_file(source.encode(), "f0.ts"))], resolver)


def test_while_patterns_are_put_to_one_path_it_is_asked_whether_to_go_on():
    asked = []
    files = hostile_patterns(32).files
    contents = {path: json.dumps(content).encode() for path, content in files.items()}
    resolver = ModuleResolver(files, contents.get, check=lambda: asked.append(1))
    resolver.resolve(f"{DEEP}/f0.ts", "react", DependencyKind.IMPORT)
    assert len(asked) > 1


SEGMENTS = st.sampled_from(
    ["a", "b", "src", "dist", "index", "..", ".", "", "*", "**", "*.ts", "?", "@s", "#x", "a.js"]
)
PATHS = st.lists(SEGMENTS, max_size=5).map("/".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | PATHS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PATHS, inner, max_size=3),
    max_leaves=8,
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("baseUrl", "paths", "rootDirs", "moduleSuffixes", "customConditions", "outDir"), VALUES
    ),
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "compilerOptions": OPTIONS | VALUES,
        **dict.fromkeys(("extends", "references", "files", "include", "exclude"), VALUES),
    },
)
MANIFESTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("name", "exports", "imports", "main", "types", "workspaces", "typesVersions"), VALUES
    ),
)


@settings(max_examples=200)
@given(
    config=CONFIGS,
    base=CONFIGS,
    manifest=MANIFESTS,
    inner=MANIFESTS,
    specifiers=st.lists(PATHS, min_size=1, max_size=6),
)
def test_whatever_configurations_say_an_answer_is_a_file_of_the_commit_or_a_reason(
    config, base, manifest, inner, specifiers
):
    paths = ["a.ts", "b.js", "src/a.ts", "src/b/index.ts", "a/src/index.ts", "dist/a.d.ts"]
    commit = Commit(
        {
            **dict.fromkeys(paths, ""),
            "tsconfig.json": config,
            "a/tsconfig.json": base,
            "package.json": manifest,
            "a/package.json": inner,
        }
    )
    for specifier in specifiers:
        for importer in ("a.ts", "a/src/index.ts"):
            answer = commit.answer(importer, specifier)
            again = Commit(commit.files).answer(importer, specifier)
            assert answer == again
            if isinstance(answer, Resolved):
                assert answer.path in commit.files
            else:
                assert isinstance(answer, NotResolved)


@settings(max_examples=200)
@given(text=st.text(alphabet='{}[]",:/*\\ab1 \n', max_size=60) | st.binary(max_size=60))
def test_no_bytes_of_a_configuration_raise(text):
    data = text if isinstance(text, bytes) else text.encode()
    commit = Commit({"tsconfig.json": data, "package.json": data, "pnpm-workspace.yaml": data})
    assert isinstance(commit.answer("a.ts", "b"), NotResolved)
