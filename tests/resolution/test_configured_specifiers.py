from __future__ import annotations

import json

import pytest
from tests.resolution.commits import Commit

pytestmark = pytest.mark.proves("W4")

ALIASED = {"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}


def commit(*paths: str, **configs: object) -> Commit:
    """A commit with `paths`; `configs` by path with `__` for "/" and `_` for "."."""
    named = {
        key.replace("__", "/").replace("_", ".") + ".json": one for key, one in configs.items()
    }
    return Commit({**dict.fromkeys(paths, ""), **named})


@pytest.mark.parametrize(
    ("target", "specifier", "meant"),
    [
        ("./lib/index.js", "lib", "lib/index.js"),
        ("./lib/index", "lib", "lib/index.d.ts"),
        ("./lib/gone.js", "lib", "alias_target_missing"),
        ("./lib/*", "lib/index.js", "lib/index.d.ts"),
        ("./lib/*.js", "lib/index", "lib/index.js"),
    ],
)
def test_an_alias_with_an_ending_names_that_very_file(target, specifier, meant):
    alias = "lib/*" if "*" in target else "lib"
    one = commit(
        *("src/a.ts", "lib/index.js", "lib/index.d.ts"),
        tsconfig={"compilerOptions": {"paths": {alias: [target]}}},
    )
    assert one.means("src/a.ts", specifier) == meant


@pytest.mark.parametrize(
    ("options", "specifier", "meant"),
    [
        ({"paths": {"@/*": ["./src/*"]}}, "@/b", "src/b.ts"),
        ({"paths": {"@/*": ["./src/*"]}}, "@/b.js", "src/b.ts"),
        ({"paths": {"@/*": ["./src/*"]}}, "@/ui", "src/ui/index.tsx"),
        ({"paths": {"@b": ["./src/b"]}}, "@b", "src/b.ts"),
        ({"paths": {"@b": ["./src/b.ts"]}}, "@b", "src/b.ts"),
        ({"paths": {"*/lib": ["./src/*"]}}, "b/lib", "src/b.ts"),
        ({"paths": {"@/*": ["./gone/*", "./src/*"]}}, "@/b", "src/b.ts"),
        ({"paths": {"@/*": ["./src/*"], "@/ui/*": ["./other/*"]}}, "@/ui/c", "other/c.ts"),
        ({"paths": {"@/*": ["./other/*"], "@/b": ["./src/b"]}}, "@/b", "src/b.ts"),
        ({"paths": {"*": ["./src/*"]}}, "b", "src/b.ts"),
        ({"baseUrl": "."}, "src/b", "src/b.ts"),
        ({"baseUrl": "./src"}, "b", "src/b.ts"),
        ({"baseUrl": "src", "paths": {"~/*": ["./*"]}}, "~/b", "src/b.ts"),
        ({"baseUrl": "src", "paths": {"~/*": ["../other/*"]}}, "~/c", "other/c.ts"),
        ({"paths": {"@/*": ["${configDir}/src/*"]}}, "@/b", "src/b.ts"),
        ({"rootDirs": ["src", "generated"]}, "./made", "generated/made.ts"),
        ({"rootDirs": ["src", "generated"]}, "./b", "src/b.ts"),
        ({"moduleSuffixes": [".ios", ""]}, "./native", "src/native.ios.ts"),
        ({"moduleSuffixes": [".ios", ""]}, "./b", "src/b.ts"),
        ({"paths": {"@/*": ["./src/*"]}}, "@/style.css", "not_code"),
        ({"paths": {"@/*": ["./src/*"]}}, "@/gone", "alias_target_missing"),
        ({"paths": {"app/*": ["./src/*"]}}, "app/gone", "alias_target_missing"),
        ({"paths": {"*": ["./types/*"]}}, "react", "external_package react"),
        ({"paths": {"@/*": ["../../*"]}}, "@/b", "alias_target_missing"),
        ({"paths": {"@/*": ["/src/*"]}}, "@/b", "alias_target_missing"),
        ({"paths": {"@/*": ["./src/*"]}}, "@/../../../etc/passwd", "alias_target_missing"),
    ],
)
def test_paths_and_base_url_lead_where_the_configuration_says(options, specifier, meant):
    one = commit(
        "src/a.ts",
        "src/b.ts",
        "src/ui/index.tsx",
        "src/native.ios.ts",
        "src/native.ts",
        "src/style.css",
        "other/c.ts",
        "generated/made.ts",
        tsconfig={"compilerOptions": options},
    )
    assert one.means("src/a.ts", specifier) == meant


def test_an_alias_of_a_declared_dependency_whose_stub_is_missing_is_that_dependency():
    one = commit(
        "src/a.ts",
        tsconfig={"compilerOptions": {"paths": {"lodash": ["./stubs/lodash"]}}},
        package={"devDependencies": {"lodash": "4"}},
    )
    assert one.means("src/a.ts", "lodash") == "external_package lodash"


def test_comments_and_trailing_commas_are_read():
    text = """{
      // aliases
      "compilerOptions": { /* "baseUrl": "nowhere", */
        "paths": { "@/*": ["./src/*", ], }, // "//" in a string is no comment: "http://x"
      },
    }"""
    one = Commit({"tsconfig.json": "\ufeff" + text, "src/b.ts": ""})
    assert one.means("src/a.ts", "@/b") == "src/b.ts"


def test_the_nearest_configuration_wins_and_those_around_it_come_next():
    one = commit(
        "app/src/a.ts",
        "app/src/near.ts",
        "src/near.ts",
        "src/far.ts",
        tsconfig=ALIASED,
        app__tsconfig=ALIASED,
    )
    assert one.means("app/src/a.ts", "@/near") == "app/src/near.ts"
    assert one.means("app/src/a.ts", "@/far") == "src/far.ts"


def test_the_configuration_that_covers_a_file_comes_before_its_neighbours():
    one = commit(
        "src/a.ts",
        "test/a.ts",
        "one/b.ts",
        "two/b.ts",
        tsconfig_app={
            "include": ["src/**/*.ts"],
            "compilerOptions": {"paths": {"#b": ["./one/b"]}},
        },
        tsconfig_test={"include": ["test"], "compilerOptions": {"paths": {"#b": ["./two/b"]}}},
    )
    assert one.means("src/a.ts", "#b") == "one/b.ts"
    assert one.means("test/a.ts", "#b") == "two/b.ts"


def test_a_configuration_that_covers_a_file_comes_before_a_standard_one_that_does_not():
    one = commit(
        "src/a.ts",
        "one/b.ts",
        "two/b.ts",
        tsconfig={"include": ["bin"], "compilerOptions": {"paths": {"#b": ["./one/b"]}}},
        tsconfig_app={"include": ["src"], "compilerOptions": {"paths": {"#b": ["./two/b"]}}},
    )
    assert one.means("src/a.ts", "#b") == "two/b.ts"
    assert one.means("other/a.ts", "#b") == "one/b.ts"


@pytest.mark.parametrize(
    ("selection", "covered"),
    [
        ({}, {"src/a.ts", "src/a.test.ts", "src/gen/a.ts"}),
        ({"include": ["src"]}, {"src/a.ts", "src/a.test.ts", "src/gen/a.ts"}),
        ({"include": ["src/*"]}, {"src/a.ts", "src/a.test.ts", "src/gen/a.ts"}),
        ({"include": ["src/*.ts"]}, {"src/a.ts", "src/a.test.ts"}),
        ({"include": ["**/*.test.ts"]}, {"src/a.test.ts"}),
        ({"include": ["src/**/a.ts"]}, {"src/a.ts", "src/gen/a.ts"}),
        ({"include": ["src/**/**"]}, {"src/a.ts", "src/a.test.ts", "src/gen/a.ts"}),
        ({"exclude": ["**/*.test.ts", "src/gen"]}, {"src/a.ts"}),
        ({"files": ["src/a.ts"]}, {"src/a.ts"}),
        ({"files": ["src/a.ts"], "include": ["src/gen"]}, {"src/a.ts", "src/gen/a.ts"}),
        ({"include": ["src/?.ts"]}, {"src/a.ts"}),
        ({"include": []}, set()),
    ],
)
def test_files_include_and_exclude_choose_what_a_configuration_covers(selection, covered):
    candidates = ("src/a.ts", "src/a.test.ts", "src/gen/a.ts")
    options = {"compilerOptions": {"paths": {"covered": ["./yes"]}}}
    # Only a configuration of a name of its own counts for nothing but the files that it covers.
    one = commit(*candidates, "yes.ts", tsconfig_own={**options, **selection})
    assert {path for path in candidates if one.means(path, "covered") == "yes.ts"} == covered


def test_javascript_is_covered_when_the_configuration_allows_it():
    options = {"paths": {"b": ["./b"]}}
    one = commit("x/a.js", "x/b.ts", x__tsconfig_own={"compilerOptions": options})
    two = commit(
        "x/a.js", "x/b.ts", x__tsconfig_own={"compilerOptions": {**options, "allowJs": True}}
    )
    three = commit("x/a.js", "x/b.ts", x__jsconfig={"compilerOptions": options})
    assert one.means("x/a.js", "b") == "external_package b"
    assert two.means("x/a.js", "b") == "x/b.ts"
    assert three.means("x/a.js", "b") == "x/b.ts"


@pytest.mark.parametrize("extends", ["./base", "./base.json", ["./other.json", "./base.json"]])
def test_a_configuration_takes_over_what_it_extends_relative_to_where_it_was_written(extends):
    one = commit(
        "config/src/b.ts",
        "app/a.ts",
        config__base={"compilerOptions": {"paths": {"@/*": ["./src/*"]}}},
        config__other={"compilerOptions": {"paths": {"@/*": ["./nowhere/*"]}}},
        config__tsconfig={"extends": extends},
        app__tsconfig={"extends": "../config/tsconfig.json"},
    )
    assert one.means("app/a.ts", "@/b") == "config/src/b.ts"


def test_what_a_configuration_says_itself_hides_what_it_extends():
    one = commit(
        "app/mine/b.ts",
        "base/b.ts",
        base__tsconfig={"compilerOptions": {"paths": {"@/*": ["./*"]}}},
        app__tsconfig={
            "extends": "../base/tsconfig.json",
            "compilerOptions": {"paths": {"@/*": ["./mine/*"]}},
        },
    )
    assert one.means("app/a.ts", "@/b") == "app/mine/b.ts"


@pytest.mark.parametrize(
    "extends", ["@acme/config", "@acme/config/strict.json", "@acme/config/strict"]
)
def test_a_configuration_may_extend_a_package_of_the_repository(extends):
    options = {"compilerOptions": {"paths": {"@/*": ["${configDir}/src/*"]}}}
    one = commit(
        "app/src/b.ts",
        tools__config__package={"name": "@acme/config"},
        tools__config__tsconfig=options,
        tools__config__strict=options,
        app__tsconfig={"extends": extends},
    )
    assert one.means("app/src/a.ts", "@/b") == "app/src/b.ts"


def test_the_project_referred_to_that_covers_a_file_configures_it():
    one = commit(
        "src/a.ts",
        "src/lib/b.ts",
        tsconfig={"files": [], "references": [{"path": "./build"}, {"path": "./absent"}, 7]},
        build__tsconfig={
            "include": ["../src"],
            "compilerOptions": {"paths": {"lib/*": ["../src/lib/*"]}},
        },
    )
    assert one.means("src/a.ts", "lib/b") == "src/lib/b.ts"


def test_extending_in_circles_ends_and_keeps_what_was_said():
    one = commit(
        "b.ts",
        tsconfig={"extends": "./x.json", "compilerOptions": {"paths": {"@/*": ["./*"]}}},
        x={"extends": ["./tsconfig.json", "./x.json", "./y.json"]},
        y={"extends": "./x.json", "references": [{"path": "."}]},
    )
    assert one.means("a.ts", "@/b") == "b.ts"


def test_a_web_of_bases_is_followed_for_a_bounded_while():
    configs = {f"c{level}.json": {"extends": [f"./c{level + 1}.json"] * 40} for level in range(20)}
    one = Commit({"tsconfig.json": {"extends": "./c0.json"}, "b.ts": "", **configs})
    assert one.means("a.ts", "./b") == "b.ts"
    assert one.means("a.ts", "c") == "external_package c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '"',
        '{"compilerOptions": 7}',
        '{"compilerOptions": {"paths": []}}',
        '{"compilerOptions": {"paths": {"@/*": "./*"}}}',
        '{"compilerOptions": {"paths": {"@/*": [7, null, {}]}, "baseUrl": {}}}',
        '{"compilerOptions": {"baseUrl": "../../..", "rootDirs": "x", "moduleSuffixes": [1]}}',
        '{"compilerOptions": {"baseUrl": "/etc"}, "files": {}, "include": 3, "exclude": [[]]}',
        '{"extends": 7, "references": {"path": ".."}}',
        '{"extends": ["", ".", "..", "/etc/passwd", "@", "@/", "a/b/c"]}',
        '{"a":' * 100_000,
        "[" * 200_000,
        '{"a": "' + '\\"' * 200_000,
        "/*" * 100_000,
        '{"include": ["' + "**/*" * 200 + '"]}',
        '{"include": ["' + "*a" * 400 + 'b"]}',
        json.dumps({"include": ["**/" * 80 + "b"] * 2000}),
        '{"compilerOptions": {"paths": {"' + "*" * 1000 + '": ["./*"]}}}',
        '{"n": ' + "9" * 10_000 + "}",
        "\ud800".encode("utf-8", "surrogatepass"),
        '{"a": "\\ud800"}',
        b"\xff\xfe{\x00}\x00",
        b"\x00" * 1000,
    ],
)
def test_a_hostile_configuration_amounts_to_none(text):
    one = Commit({"tsconfig.json": text, "package.json": text, "src/b.ts": ""})
    assert one.means("src/" + "a/" * 30 + "a.ts", "../" * 30 + "b") == "src/b.ts"
    assert one.means("src/a.ts", "pkg") == "external_package pkg"


@pytest.mark.parametrize(("depth", "meant"), [(50, "src/b.ts"), (70, "alias_target_missing")])
def test_a_configuration_that_nests_too_deeply_is_not_parsed(depth, meant):
    nested = json.dumps(ALIASED)[:-1] + ', "x": ' + "[" * depth + "]" * depth + "}"
    assert Commit({"tsconfig.json": nested, "src/b.ts": ""}).means("src/a.ts", "@/b") == meant


def test_a_configuration_that_is_too_large_is_not_parsed():
    aliased = json.dumps({**ALIASED, "padding": "x" * 2_000_000})
    one = Commit({"tsconfig.json": aliased, "src/b.ts": ""})
    assert one.means("src/a.ts", "@/b") == "alias_target_missing"
