from __future__ import annotations

import pytest
from tests.resolution.commits import Commit

from indexer.parsing.facts import DependencyKind

pytestmark = pytest.mark.proves("W4")


@pytest.mark.parametrize(
    ("files", "importer", "specifier", "meant"),
    [
        # every ending that may be left out
        ("src/b.ts", "src/a.ts", "./b", "src/b.ts"),
        ("src/b.tsx", "src/a.ts", "./b", "src/b.tsx"),
        ("src/b.d.ts", "src/a.ts", "./b", "src/b.d.ts"),
        ("src/b.js", "src/a.ts", "./b", "src/b.js"),
        ("src/b.jsx", "src/a.ts", "./b", "src/b.jsx"),
        ("src/b.mts", "src/a.ts", "./b", "src/b.mts"),
        ("src/b.cts", "src/a.ts", "./b", "src/b.cts"),
        ("src/b.mjs", "src/a.ts", "./b", "src/b.mjs"),
        ("src/b.cjs", "src/a.ts", "./b", "src/b.cjs"),
        ("src/b.json", "src/a.ts", "./b", "src/b.json"),
        # sources are imported by the name of their output
        ("src/b.ts", "src/a.ts", "./b.js", "src/b.ts"),
        ("src/b.tsx", "src/a.ts", "./b.js", "src/b.tsx"),
        ("src/b.d.ts", "src/a.ts", "./b.js", "src/b.d.ts"),
        ("src/b.tsx", "src/a.ts", "./b.jsx", "src/b.tsx"),
        ("src/b.mts", "src/a.ts", "./b.mjs", "src/b.mts"),
        ("src/b.d.mts", "src/a.ts", "./b.mjs", "src/b.d.mts"),
        ("src/b.cts", "src/a.ts", "./b.cjs", "src/b.cts"),
        # a written ending is taken at its word when that file is there
        ("src/b.ts", "src/a.ts", "./b.ts", "src/b.ts"),
        ("src/b.js", "src/a.ts", "./b.js", "src/b.js"),
        ("src/b.mjs", "src/a.ts", "./b.mjs", "src/b.mjs"),
        ("src/data.json", "src/a.ts", "./data.json", "src/data.json"),
        ("src/b.js.ts", "src/a.ts", "./b.js", "src/b.js.ts"),
        ("src/b.config.ts", "src/a.ts", "./b.config", "src/b.config.ts"),
        ("src/view.vue.d.ts src/view.vue", "src/a.ts", "./view.vue", "src/view.vue.d.ts"),
        # which one of several
        ("src/b.ts src/b.tsx src/b.js", "src/a.ts", "./b", "src/b.ts"),
        ("src/b.js src/b.d.ts", "src/a.ts", "./b", "src/b.d.ts"),
        ("src/b.js src/b.ts", "src/a.ts", "./b.js", "src/b.ts"),
        ("src/b.js src/b/index.ts", "src/a.ts", "./b", "src/b/index.ts"),
        ("src/b.ts src/b/index.ts", "src/a.ts", "./b", "src/b.ts"),
        ("src/b.ts src/b/index.ts", "src/a.ts", "./b/", "src/b/index.ts"),
        # folders
        ("src/b/index.ts", "src/a.ts", "./b", "src/b/index.ts"),
        ("src/b/index.jsx", "src/a.ts", "./b", "src/b/index.jsx"),
        ("src/b/index.mjs", "src/a.ts", "./b", "src/b/index.mjs"),
        ("src/index.ts src.ts", "src/a.ts", ".", "src/index.ts"),
        ("index.ts", "src/a.ts", "..", "index.ts"),
        ("index.ts", "src/a.ts", "../", "index.ts"),
        ("index.ts", "src/deep/a.ts", "../..", "index.ts"),
        ("lib/b.ts", "src/deep/a.ts", "../../lib/./b", "lib/b.ts"),
        # what is no module
        ("src/a.css", "src/a.ts", "./a.css", "not_code"),
        ("src/a.svg", "src/a.ts", "./a.svg?react", "not_code"),
        ("src/b.ts", "src/a.ts", "./b?worker", "src/b.ts"),
        ("src/b.ts", "src/a.ts", "./c", "file_not_found"),
        ("src/b.ts", "src/a.ts", "./B", "file_not_found"),
        ("src/b.ts", "src/a.ts", "../../b", "outside_repository"),
        ("b.ts", "a.ts", "..", "outside_repository"),
        ("src/b.ts", "src/a.ts", "/src/b", "outside_repository"),
        ("b.ts", "a.ts", "https://example.org/b.ts", "outside_repository"),
        ("b.ts", "a.ts", "", "not_static"),
        ("b.ts", "a.ts", "./b\0", "malformed"),
        ("b.ts", "a.ts", "./" + "b" * 5000, "malformed"),
    ],
)
def test_a_relative_specifier_means_the_file_that_typescript_takes(
    files, importer, specifier, meant
):
    assert Commit(files).means(importer, specifier) == meant


def test_a_folder_with_a_package_json_gives_the_file_that_it_names():
    commit = Commit(
        {
            "b/package.json": {"main": "./lib/start.js"},
            "b/lib/start.js": "",
            "b/index.js": "",
            "c/package.json": {"types": "types", "main": "missing.js"},
            "c/types/index.d.ts": "",
            "d/package.json": {"main": "."},
            "d/index.js": "",
        }
    )
    assert commit.means("a.js", "./b") == "b/lib/start.js"
    assert commit.means("a.js", "./c") == "c/types/index.d.ts"
    assert commit.means("a.js", "./d") == "d/index.js"


def test_a_triple_slash_path_is_relative_without_saying_so():
    commit = Commit("src/globals.d.ts")
    means = commit.means("src/a.ts", "globals.d.ts", DependencyKind.REFERENCE_PATH)
    assert means == "src/globals.d.ts"
    assert commit.means("src/a.ts", "globals.d.ts") == "external_package globals.d.ts"
