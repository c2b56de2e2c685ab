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
            {
                "private": True,
                "main": "./index.js",
                "exports": {
                    "./package.json": "./package.json",
                    ".": {"types": "./index.d.ts", "default": "./index.js"},
                    "./*": {
                        "import": {"types": "./esm/*.d.mts", "default": "./esm/*.mjs"},
                        "default": {"types": "./*.d.ts", "default": "./*.js"},
                    },
                },
            },
            [
                "src/index.ts",
                "src/middleware.ts",
                "src/middleware/persist.ts",
                "rollup.config.mjs",
                "vitest.config.mts",
                "tests/basic.test.ts",
            ],
            {
                "p": "src/index.ts",
                "p/index": "src/index.ts",
                "p/middleware": "src/middleware.ts",
                "p/middleware/persist": "src/middleware/persist.ts",
            },
            id="of a private one that publishes what it builds, its patterns",
        ),
        pytest.param(
            {"private": True, "exports": {"./*": "./*.js"}},
            ["src/map.ts", "src/fp/keys.ts"],
            {"p/map": "src/map.ts", "p/fp/keys": "src/fp/keys.ts"},
            id="a pattern of the folder that is published, by the usual folder of sources",
        ),
        pytest.param(
            {"exports": {"./lib/*": "./src/*.ts"}},
            ["src/three.ts", "src/deep/four.ts", "lib/other.ts", "three.ts"],
            {"p/lib/three": "src/three.ts", "p/lib/deep/four": "src/deep/four.ts"},
            id="a pattern by its own names, not by those of its files",
        ),
        pytest.param(
            {"exports": {"./*.js": "./src/*.ts", "./types/*": {"types": "./src/*/types.d.ts"}}},
            ["src/map.ts", "src/map/types.d.ts"],
            {"p/map.js": "src/map.ts", "p/map/types.js": "src/map/types.d.ts"}
            | {"p/types/map": "src/map/types.d.ts"},
            id="what stands after the star is part of the name and of the file",
        ),
        pytest.param(
            {"exports": {"./*": "./parts/*/*.js"}},
            ["parts/menu/menu.js", "parts/menu/item.js", "parts/tab/tab.js"],
            {"p/menu": "parts/menu/menu.js", "p/tab": "parts/tab/tab.js"},
            id="a star that stands twice stands for the same",
        ),
        pytest.param(
            {"exports": {"./*": "./src/*.ts", "./in/*": "./inner/*.ts", "./in/no*": None}},
            ["src/map.ts", "src/in/map.ts", "src/in/note.ts", "inner/map.ts", "inner/note.ts"],
            {"p/map": "src/map.ts", "p/in/map": "inner/map.ts"},
            id="the pattern with the longest beginning decides, also one that closes",
        ),
        pytest.param(
            {"exports": {"./*": "./src/*.ts", "./*.css": None, "./*/*": "./src/*.ts"}},
            ["src/map.ts", "src/map.css.ts"],
            {"p/map": "src/map.ts"},
            id="of two with one beginning the longer decides, and two stars are no pattern",
        ),
        pytest.param(
            {"exports": {"./*": {"node": None, "source": "./source/*.ts", "default": "./*.mjs"}}},
            ["source/map.ts", "src/keys.ts"],
            {"p/map": "source/map.ts"},
            id="a condition that closes leaves the others",
        ),
        pytest.param(
            {"exports": {"./fp/": "./src/fp/"}},
            ["src/fp/map.ts", "src/fp/list/index.js", "src/keys.ts"],
            {
                "p/fp/map": "src/fp/map.ts",
                "p/fp/map.js": "src/fp/map.ts",
                "p/fp/list": "src/fp/list/index.js",
                "p/fp/list/index": "src/fp/list/index.js",
                "p/fp/list/index.js": "src/fp/list/index.js",
            },
            id="a folder by all of its files, with their endings and without",
        ),
        pytest.param(
            {"exports": {"./testing/*": "./src/tests/*.ts", "./*": "./src/*.ts"}},
            ["src/tests/clock.ts", "src/map.ts", "src/deep/tests/map.ts"],
            {"p/testing/clock": "src/tests/clock.ts", "p/map": "src/map.ts"},
            id="tests only where a pattern names their folder",
        ),
        pytest.param(
            {"exports": {"./*": "../other/*.js", "./one/*": "./map.js"}},
            ["map.js", "other/keys.js"],
            {},
            id="nothing outside of it, and nothing of a pattern that is open for any name",
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
    named = {"name": "p", **manifest} if manifest else manifest
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
