"""Which modules a repository's packages offer to others."""

import json

import pytest
from tests.resolution.commits import Commit

CODE = ""


def offered(files):
    """Each module of the packages as its specifier, and the file it leads to."""
    written = {
        path: one if isinstance(one, str) else json.dumps(one) for path, one in files.items()
    }
    return {
        f"{one.package}/{one.subpath}".rstrip("/"): one.path
        for one in Commit(written).resolver.package_modules()
    }


@pytest.mark.parametrize(
    ("manifest", "files", "entries"),
    [
        pytest.param({}, ["index.ts"], {}, id="a package without a name offers nothing"),
        pytest.param(
            {"private": True, "main": "lib/main.js"},
            ["src/main.ts", "src/other.ts"],
            {"p": "src/main.ts"},
            id="of a private one its entry, as its sources make it",
        ),
        pytest.param(
            {"exports": {".": "./dist/index.js", "./lists": {"import": "./dist/lists.mjs"}}},
            ["src/index.ts", "src/lists.ts", "src/inner.ts"],
            {"p": "src/index.ts", "p/lists": "src/lists.ts"},
            id="what its manifest exports and nothing else",
        ),
        pytest.param(
            {"exports": {"./*": "./dist/*.js", "./inner/*": None}},
            ["src/map.ts", "src/deep/keys.ts", "src/inner/secret.ts"],
            {"p/map": "src/map.ts", "p/deep/keys": "src/deep/keys.ts"},
            id="a pattern by the files that fit it, without what is closed",
        ),
        pytest.param(
            {"exports": {".": "./index.js", "./closed": None}},
            ["index.js", "closed.js"],
            {"p": "index.js"},
            id="an entry that is closed is none",
        ),
        pytest.param(
            {"main": "index.js"},
            ["index.js", "map.js", "fp/keys.js", "fp/index.js", "test/keys.js"],
            {
                "p": "index.js",
                "p/index": "index.js",
                "p/map": "map.js",
                "p/fp/keys": "fp/keys.js",
                "p/fp/index": "fp/index.js",
                "p/fp": "fp/index.js",
            },
            id="every file where the manifest exports nothing, but no tests",
        ),
    ],
)
def test_a_package_offers(manifest, files, entries):
    named = {"name": "p", **manifest} if entries else manifest
    assert offered({"package.json": named, **dict.fromkeys(files, CODE)}) == entries


def test_packages_of_a_workspace_are_offered_and_no_others():
    found = offered(
        {
            "package.json": {"private": True, "workspaces": ["packages/*"]},
            "packages/core/package.json": {"name": "@a/core", "exports": "./src/index.ts"},
            "packages/core/src/index.ts": CODE,
            "fixtures/react/package.json": {"name": "react", "exports": "./index.js"},
            "fixtures/react/index.js": CODE,
        }
    )
    assert found == {"@a/core": "packages/core/src/index.ts"}


def test_without_workspaces_those_of_tests_and_examples_are_not_offered():
    entry = {"exports": "./index.js"}
    found = offered(
        {
            "kit/package.json": {"name": "kit", **entry},
            "kit/index.js": CODE,
            "kit/test/fixtures/react/package.json": {"name": "react", **entry},
            "kit/test/fixtures/react/index.js": CODE,
            "examples/app/package.json": {"name": "vue", **entry},
            "examples/app/index.js": CODE,
        }
    )
    assert found == {"kit": "kit/index.js"}


@pytest.mark.parametrize("name", ["../up", "a b", "@a", "a\0b", "", "a/b/c", 7])
def test_a_name_that_no_import_can_write_is_not_offered(name):
    assert offered({"package.json": {"name": name}, "index.js": CODE}) == {}
