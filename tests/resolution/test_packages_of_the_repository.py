from __future__ import annotations

import pytest
from tests.resolution.commits import Commit

from indexer.parsing.facts import DependencyKind

pytestmark = pytest.mark.proves("W4")


def package(manifest: dict[str, object], *paths: str) -> Commit:
    """A workspace with an importing package and `lib`, which holds `paths` and this manifest."""
    return Commit(
        {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/app/package.json": {"name": "app"},
            "packages/app/a.ts": "",
            "packages/lib/package.json": {"name": "@acme/lib", **manifest},
            **{f"packages/lib/{path}": "" for path in paths},
        }
    )


@pytest.mark.parametrize(
    ("manifest", "paths", "specifier", "meant"),
    [
        # what is there
        ({"main": "./start.js"}, ["start.js", "index.js"], "@acme/lib", "start.js"),
        ({"main": "start"}, ["start.js"], "@acme/lib", "start.js"),
        ({"types": "t.d.ts", "main": "m.js"}, ["t.d.ts", "m.js"], "@acme/lib", "t.d.ts"),
        ({"module": "m.mjs", "main": "m.js"}, ["m.mjs", "m.js"], "@acme/lib", "m.mjs"),
        ({}, ["index.js"], "@acme/lib", "index.js"),
        ({"exports": "./e.ts"}, ["e.ts", "index.ts"], "@acme/lib", "e.ts"),
        ({"exports": {".": "./e.ts"}}, ["e.ts"], "@acme/lib", "e.ts"),
        ({"exports": {"import": "./e.ts"}}, ["e.ts"], "@acme/lib", "e.ts"),
        ({"exports": {".": {"node": {"default": "./e.ts"}}}}, ["e.ts"], "@acme/lib", "e.ts"),
        ({"exports": {".": ["./gone.js", "./e.js"]}}, ["e.js"], "@acme/lib", "e.js"),
        (
            {"exports": {".": {"default": "./d.js", "types": "./t.d.ts", "source": "./s.ts"}}},
            ["d.js", "t.d.ts", "s.ts"],
            "@acme/lib",
            "s.ts",
        ),
        # what only a build for development asks for is no more than where else it may be
        (
            {"exports": {".": {"development": "./dev.ts", "default": "./index.ts"}}},
            ["dev.ts", "index.ts"],
            "@acme/lib",
            "index.ts",
        ),
        (
            {"exports": {".": {"development": "./src/index.ts", "default": "./dist/index.js"}}},
            ["src/index.ts"],
            "@acme/lib",
            "src/index.ts",
        ),
        ({"exports": {"./sub": "./src/sub.ts"}}, ["src/sub.ts"], "@acme/lib/sub", "src/sub.ts"),
        ({"exports": {"./*": "./src/*.ts"}}, ["src/x/y.ts"], "@acme/lib/x/y", "src/x/y.ts"),
        ({"exports": {"./*.js": "./src/*.ts"}}, ["src/x.ts"], "@acme/lib/x.js", "src/x.ts"),
        ({"exports": {"./f/": "./src/"}}, ["src/x.ts"], "@acme/lib/f/x.js", "src/x.ts"),
        (
            {"exports": {"./*": "./any/*.ts", "./ui/*": "./ui-src/*.ts"}},
            ["ui-src/x.ts", "any/ui/x.ts"],
            "@acme/lib/ui/x",
            "ui-src/x.ts",
        ),
        ({}, ["deep/x.ts"], "@acme/lib/deep/x", "deep/x.ts"),
        ({}, ["data.json"], "@acme/lib/data.json", "data.json"),
        # what is built, found in its source
        ({"main": "dist/index.js"}, ["src/index.ts"], "@acme/lib", "src/index.ts"),
        ({"main": "./lib/start.js"}, ["src/start.ts"], "@acme/lib", "src/start.ts"),
        ({"module": "dist/esm/start.mjs"}, ["src/start.mts"], "@acme/lib", "src/start.mts"),
        ({"types": "./build/types/start.d.ts"}, ["src/start.ts"], "@acme/lib", "src/start.ts"),
        ({"main": "dist/index.js"}, ["index.ts"], "@acme/lib", "index.ts"),
        ({"main": "out/x.js"}, ["src/main.ts"], "@acme/lib", "src/main.ts"),
        ({"exports": {"./a": "./dist/a.cjs"}}, ["src/a.ts"], "@acme/lib/a", "src/a.ts"),
        ({"exports": {"./*": "./dist/*.js"}}, ["src/b/index.ts"], "@acme/lib/b", "src/b/index.ts"),
        ({"exports": {".": "./dist/index.js"}}, ["src/q.ts"], "@acme/lib/q", "src/q.ts"),
        ({}, ["src/lib.ts"], "@acme/lib", "src/lib.ts"),
        (
            {"typesVersions": {"*": {"sub": ["./dist/sub.d.ts"]}}},
            ["src/sub.ts"],
            "@acme/lib/sub",
            "src/sub.ts",
        ),
        (
            {"typesVersions": {">=4": {"*": ["./types/*"]}}},
            ["types/deep.d.ts"],
            "@acme/lib/deep",
            "types/deep.d.ts",
        ),
        # what leads nowhere
        ({}, ["README.md"], "@acme/lib", "workspace_entry_missing @acme/lib"),
        ({"main": "../../../x.js"}, ["a"], "@acme/lib", "workspace_entry_missing @acme/lib"),
        ({}, ["style.css"], "@acme/lib/style.css", "not_code"),
        ({}, ["a"], "@acme/lib/../../../../x", "outside_repository"),
    ],
)
def test_a_package_of_the_workspace_gives_its_source(manifest, paths, specifier, meant):
    commit = package(manifest, *paths)
    expected = meant if "_" in meant or meant == "not_code" else f"packages/lib/{meant}"
    assert commit.means("packages/app/a.ts", specifier) == expected


def test_a_condition_of_the_covering_configuration_comes_first():
    commit = Commit(
        {
            "tsconfig.json": {"compilerOptions": {"customConditions": ["@acme/live"]}},
            "package.json": {
                "name": "lib",
                "exports": {".": {"types": "./t.d.ts", "@acme/live": "./live.ts"}},
            },
            "t.d.ts": "",
            "live.ts": "",
        }
    )
    assert commit.means("a.ts", "lib") == "live.ts"


def test_a_package_json_in_a_subfolder_redirects_from_there():
    commit = Commit(
        {
            "lib/package.json": {"name": "lib"},
            "lib/jsx/package.json": {"main": "../dist/jsx.js"},
            "lib/src/jsx.ts": "",
        }
    )
    assert commit.means("a.ts", "lib/jsx") == "lib/src/jsx.ts"


@pytest.mark.parametrize(
    ("specifier", "meant"),
    [
        ("#internal", "src/internal.ts"),
        ("#lib/x", "src/lib/x.ts"),
        ("#dep", "external_package left-pad"),
        ("#self", "src/index.ts"),
        ("#gone", "alias_target_missing"),
        ("#", "alias_target_missing"),
    ],
)
def test_a_private_import_follows_the_imports_of_the_nearest_package(specifier, meant):
    commit = Commit(
        {
            "package.json": {
                "name": "self",
                "imports": {
                    "#internal": {"types": "./dist/internal.d.ts", "default": "./dist/internal.js"},
                    "#lib/*": "./src/lib/*.ts",
                    "#dep": "left-pad",
                    "#self": "self",
                },
            },
            "src/internal.ts": "",
            "src/index.ts": "",
            "src/lib/x.ts": "",
        }
    )
    assert commit.means("src/deep/a.ts", specifier) == meant


@pytest.mark.parametrize(
    "listing",
    [
        {"package.json": {"workspaces": ["packages/*"]}},
        {"package.json": {"workspaces": {"packages": ["packages/**"]}}},
        {"pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n"},
        {"pnpm-workspace.yaml": '# all\npackages:\n- "packages/*" # here\n\ncatalog:\n  a: 1\n'},
        {"pnpm-workspace.yaml": "catalog:\n  - other/*\npackages: [packages/*, '!x']\n"},
    ],
)
def test_a_listed_package_comes_before_a_stranger_of_its_name(listing):
    commit = Commit(
        {
            **listing,
            "other/package.json": {"name": "lib"},
            "other/index.ts": "",
            "packages/lib/package.json": {"name": "lib"},
            "packages/lib/index.ts": "",
        }
    )
    assert commit.means("app/a.ts", "lib") == "packages/lib/index.ts"


def test_a_package_that_no_workspace_lists_is_found_all_the_same():
    commit = Commit({"tools/lib/package.json": {"name": "lib"}, "tools/lib/index.ts": ""})
    assert commit.means("app/a.ts", "lib") == "tools/lib/index.ts"


def test_of_strangers_with_one_name_the_least_deep_is_taken_and_inside_one_itself():
    commit = Commit(
        {
            "examples/basic/package.json": {"name": "lib"},
            "examples/basic/index.ts": "",
            "lib/package.json": {"name": "lib"},
            "lib/index.ts": "",
        }
    )
    assert commit.means("a.ts", "lib") == "lib/index.ts"
    assert commit.means("examples/basic/b.ts", "lib") == "examples/basic/index.ts"


def test_any_name_will_do_for_a_package_of_the_repository():
    commit = Commit({"tools/package.json": {"name": "$tools"}, "tools/index.ts": ""})
    assert commit.means("a.ts", "$tools") == "tools/index.ts"
    assert commit.means("a.ts", "$other") == "alias_target_missing"


def test_a_packages_own_name_means_its_exports_before_aliases_of_configurations_around_it():
    commit = Commit(
        {
            "lib/package.json": {"name": "lib", "exports": {".": "./types.d.ts"}},
            "lib/types.d.ts": "",
            "lib/src.ts": "",
            "lib/tsconfig.json": {
                "include": ["src.ts"],
                "compilerOptions": {"paths": {"lib": ["./src"]}},
            },
            "lib/test/tsconfig.json": {},
        }
    )
    assert commit.means("lib/test/a.ts", "lib") == "lib/types.d.ts"
    assert commit.means("lib/src.ts", "lib") == "lib/src.ts"


def test_what_is_installed_is_not_of_the_repository():
    commit = Commit({"node_modules/lib/package.json": {"name": "lib"}, "node_modules/lib/i.ts": ""})
    assert commit.means("a.ts", "lib") == "external_package lib"


@pytest.mark.parametrize(
    ("specifier", "meant"),
    [
        ("react", "external_package react"),
        ("react/jsx-runtime", "external_package react"),
        ("@scope/name", "external_package @scope/name"),
        ("@scope/name/deep/file.js", "external_package @scope/name"),
        ("lodash.debounce", "external_package lodash.debounce"),
        ("JSONStream", "external_package JSONStream"),
        ("fs", "builtin fs"),
        ("node:fs", "builtin fs"),
        ("fs/promises", "builtin fs"),
        ("node:fs/promises", "builtin fs"),
        ("node:test", "builtin test"),
        ("bun:sqlite", "builtin bun:sqlite"),
        ("virtual:pages", "alias_target_missing"),
        ("@/gone", "alias_target_missing"),
        ("~/gone", "alias_target_missing"),
        ("raw-loader!./a", "malformed"),
        ("a b", "malformed"),
        ("@", "malformed"),
        ("//cdn.example.org/x.js", "outside_repository"),
    ],
)
def test_what_is_not_of_the_repository_is_named_as_its_registry_names_it(specifier, meant):
    assert Commit("src/a.ts").means("src/a.ts", specifier) == meant


def test_a_types_reference_names_a_package():
    commit = Commit("src/a.ts")
    means = commit.means("src/a.ts", "vite/client", DependencyKind.REFERENCE_TYPES)
    assert means == "external_package vite"
