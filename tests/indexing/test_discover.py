"""Which files are chosen, and the reason that each of the others is counted under."""

from __future__ import annotations

import time

import pytest

from indexer.git.failures import TooManyFiles
from indexer.git.tree import TreeEntry
from indexer.indexing.discover import DiscoveryRules, SkipReason, content_reason, discover
from indexer.settings import Settings

RULES = DiscoveryRules(max_file_bytes=1000, max_files=100)


def entry(path: str, size: int | None = 10) -> TreeEntry:
    return TreeEntry(path, "ab" * 20, False, size)  # noqa: FBT003 - a row


def choose(*paths: str, rules: DiscoveryRules = RULES, **contents: str):
    """Discover among `paths` and files with contents; dots and slashes in names are _ and __."""
    files = {name.replace("__", "/").replace("_", "."): text for name, text in contents.items()}
    entries = [entry(path) for path in (*paths, *files)]
    return discover(entries, lambda path: files[path].encode() if path in files else None, rules)


def chosen(*paths: str, **contents: str) -> list[str]:
    return [one.path for one in choose(*paths, **contents).files]


def reason_for(path: str, *others: str, **contents: str) -> SkipReason | None:
    found = choose(path, *others, **contents)
    if any(one.path == path for one in found.files):
        return None
    (reason,) = found.skipped
    return reason


@pytest.mark.proves("W6")
def test_the_eight_endings_are_indexed_and_nothing_else_is_even_counted():
    code = ["a.cjs", "a.cts", "a.d.ts", "a.js", "a.jsx", "a.mjs", "a.mts", "a.ts", "a.tsx"]
    others = ["a.json", "a.css", "a.vue", "a.png", "ts", "a.ts.bak", "a.TS", "a.map", "README.md"]
    found = choose(*code, *others)
    assert [one.path for one in found.files] == code
    assert not found.skipped


def test_the_files_come_in_path_order():
    assert chosen("b.ts", "a/z.ts", "a.ts") == ["a.ts", "a/z.ts", "b.ts"]


@pytest.mark.proves("W19")
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("node_modules/a/index.js", SkipReason.NODE_MODULES),
        ("packages/a/node_modules/b/src/index.ts", SkipReason.NODE_MODULES),
        ("web/bower_components/a.js", SkipReason.NODE_MODULES),
        (".yarn/releases/yarn.cjs", SkipReason.VENDORED),
        ("vendor/a.js", SkipReason.VENDORED),
        ("public/vendor/a.js", SkipReason.VENDORED),
        ("third_party/a.ts", SkipReason.VENDORED),
        ("app/.next/server/a.js", SkipReason.BUILD_OUTPUT),
        ("dist/a.js", SkipReason.BUILD_OUTPUT),
        ("src/jquery.min.js", SkipReason.MINIFIED),
        ("src/jquery-min.mjs", SkipReason.MINIFIED),
        ("src/node_modules.ts", None),
        ("src/vendor/page.ts", None),
        ("app/vendor/page.tsx", None),
        ("src/dist/a.ts", None),
        ("build/webpack.config.js", None),
        ("lib/express.js", None),
        ("out/a.ts", None),
        ("es/a.ts", None),
        ("src/coverage/report.ts", None),
        ("src/admin.js", None),
    ],
)
def test_a_folder_or_name_is_judged_by_what_it_can_only_mean(path, reason):
    assert reason_for(path) == reason


def test_a_dist_folder_is_output_where_a_project_begins():
    assert reason_for("packages/a/dist/index.js", "packages/a/package.json") == "build_output"
    assert reason_for("packages/a/dist/index.js") is None


@pytest.mark.parametrize("name", ["build", "lib", "out", "es"])
def test_a_folder_that_the_compiler_writes_to_is_output(name):
    tsconfig = f'{{ // comments are fine\n "compilerOptions": {{ "outDir": "./{name}/", }} }}'
    assert reason_for(f"{name}/a.js", tsconfig_json=tsconfig) == "build_output"
    assert reason_for(f"src/{name}/a.js", tsconfig_json=tsconfig) is None


def test_a_folder_that_the_package_is_served_from_is_output_if_its_sources_stand_beside_it():
    manifest = '{"exports": {".": {"import": "./lib/index.js"}}}'
    assert reason_for("lib/index.js", package_json=manifest) is None
    assert reason_for("lib/index.js", "src/index.ts", package_json=manifest) == "build_output"


def test_a_folder_that_the_package_is_served_from_is_no_output_if_its_sources_have_other_names():
    manifest = '{"exports": {".": {"default": "./lib/index.js"}}}'
    grammar = ("src/grammar.yy", "src/parser-suffix.js")
    assert reason_for("lib/index.js", "lib/visitor.js", *grammar, package_json=manifest) is None


@pytest.mark.parametrize(
    "manifest", ["[]", "{", '{"main": 7}', '{"main": "../../lib"}', "[" * 9999]
)
def test_a_package_file_that_says_nonsense_changes_nothing(manifest):
    assert reason_for("lib/index.js", "src/index.ts", package_json=manifest) is None


def test_coverage_is_output_when_it_holds_a_report():
    assert reason_for("coverage/sorter.js", "coverage/lcov.info") == "build_output"
    assert reason_for("coverage/plan.ts") is None


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("generated/a.ts", True),
        ("deep/generated/a.ts", True),
        ("a.local.ts", True),
        ("kept.local.ts", False),
        ("packages/top.ts", False),
        ("top.ts", True),
        ("packages/nested.ts", True),
        ("nested.ts", False),
        ("packages/a.local.ts", False),
        ("generated/kept.local.ts", True),
    ],
)
def test_gitignore_files_are_heeded_as_git_does_nested_and_in_order(path, ignored):
    reason = reason_for(
        path,
        _gitignore="generated/\n*.local.ts\n!kept.local.ts\n/top.ts\n# comment\n",
        packages___gitignore="/nested.ts\n!a.local.ts\n",
    )
    assert reason == ("gitignored" if ignored else None)


def test_patterns_that_would_take_forever_are_unheeded():
    started = time.monotonic()
    assert reason_for("a" * 60 + ".ts", _gitignore="*a" * 20 + "b\n[z-a]\n!\n\\\n") is None
    assert time.monotonic() - started < 5


def test_linguist_attributes_are_heeded_and_can_take_back():
    attributes = (
        "gen/** linguist-generated\n"
        "gen/kept.ts -linguist-generated\n"
        "theirs/*.ts linguist-vendored=true\n"
        "vendor/ours.ts linguist-vendored=false\n"
        "other.ts text eol=lf\n"
    )
    for path, reason in (
        ("gen/a.ts", "generated"),
        ("gen/kept.ts", None),
        ("theirs/a.ts", "vendored"),
        ("vendor/ours.ts", None),
        ("vendor/theirs.ts", "vendored"),
        ("other.ts", None),
    ):
        assert reason_for(path, _gitattributes=attributes) == reason


def test_attributes_nearer_to_the_file_win():
    reason = reason_for(
        "a/b.ts",
        _gitattributes="*.ts linguist-generated\n",
        a___gitattributes="b.ts linguist-generated=false\n",
    )
    assert reason is None


def test_what_is_marked_as_generated_is_indexed_when_that_is_wanted():
    rules = RULES._replace(index_generated=True)
    found = choose("a.ts", rules=rules, _gitattributes="*.ts linguist-generated\n")
    assert [one.path for one in found.files] == ["a.ts"]
    assert content_reason("a.ts", b"// @generated\n", index_generated=True) is None


@pytest.mark.proves("W21")
def test_a_file_over_the_limit_is_left_out_before_it_is_read():
    found = discover(
        [entry("a.ts", 1000), entry("b.ts", 1001), entry("c.ts", None)], lambda _path: None, RULES
    )
    assert [one.path for one in found.files] == ["a.ts"]
    assert found.skipped == {SkipReason.TOO_LARGE: 2}


def test_more_files_than_allowed_end_the_job():
    with pytest.raises(TooManyFiles):
        choose(*(f"{one}.ts" for one in range(101)))


def test_each_source_file_is_either_chosen_or_counted_once():
    paths = [f"{folder}{one}.ts" for folder in ("", "dist/", "vendor/", "node_modules/")
             for one in range(9)]  # fmt: skip
    found = choose(*paths)
    assert len(found.files) + sum(found.skipped.values()) == len(paths)


def test_the_rules_come_from_the_settings():
    settings = Settings.from_environment({"MAX_FILES": "7", "INDEX_GENERATED_FILES": "on"})
    rules = DiscoveryRules.from_settings(settings)
    assert (rules.max_files, rules.max_file_bytes, rules.index_generated) == (7, 1 << 20, True)


@pytest.mark.proves("W14")
@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("a.ts", b"", None),
        ("a.ts", b"export const a = 1\n", None),
        ("a.ts", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "lfs_pointer"),
        ("video.ts", b"G@\0\x10" * 500, "binary"),
        ("a.ts", b"const nul = '\0'\n" * 3, None),
        ("a.ts", "const utf16 = 1\n".encode("utf-16") * 50, None),
        ("qt.ts", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!DOCTYPE TS><TS>", "not_code"),
        ("a.tsx", b"<App />\n", None),
        ("bundle.js", b"var a=1;" * 1000, "minified"),
        ("a.js", b"var a=1;" * 100, None),
        ("data.ts", b"const a = 1;\n" * 1000 + b"x" * 5000, None),
        ("a.ts", b"/* eslint-disable */\n// Code generated by protoc. DO NOT EDIT.\n", "generated"),
        ("a.ts", b"/**\n * @generated by a tool\n */\n", "generated"),
        ("a.ts", b"export const mark = '@generated'\n", None),
        ("a.js", b"var a = 1\n//# sourceMappingURL=a.js.map\n", "build_output"),
        ("a.ts", b"var a = 1\n//# sourceMappingURL=a.js.map\n", None),
        ("a.js", b"// writes '//# sourceMappingURL=' at the end\nvar a = 1\n", None),
    ],
)
def test_the_content_of_a_file_may_tell_that_it_is_no_source(path, data, reason):
    assert content_reason(path, data) == reason
