"""Manifests and export lists that somebody wrote to break, to slow down or to mislead the index."""

import json

import pytest
from tests.resolution.written import Index, Source

from indexer.indexing.copy_rows import copy_blocks
from indexer.parsing.parser import parse_file
from indexer.resolution import across, export_patterns, package_modules
from indexer.resolution.link import Linker
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.rows import Resolution


def linked(texts, manifest=None):
    """The linker of a commit with these sources, and a package.json at its root."""
    configs = {"package.json": json.dumps(manifest).encode()} if manifest else {}
    facts = [(path, parse_file(texts[path].encode(), path)) for path in sorted(texts)]
    return Linker(facts, ModuleResolver([*texts, *configs], configs.get))


def exported(linker):
    return [one.name for one in linker.package_exports()]


@pytest.mark.parametrize(
    "written",
    [
        'export { x as "*" };',
        'export { x as "" };',
        'export { y as "*" } from "./b";',
        'export { "*" as "*" } from "./b";',
        'export * as "*" from "./b";',
    ],
)
def test_a_string_that_means_all_of_a_module_or_nothing_is_no_name(written):
    texts = {
        "a.ts": f"const x = 1;\n{written}\nexport const ok = 1;\n",
        "b.ts": "export const y = 1;",
    }
    assert exported(linked(texts, {"name": "p", "exports": "./a.ts"})) == ["ok"]


def test_no_export_without_a_name_answers_for_what_nobody_exports():
    linker = linked(
        {
            "a.ts": 'const x = 1;\nexport { x as "", x as "ok" };\n',
            "b.ts": 'import { gone, "" as none, "ok" as y } from "./a";\ngone; none; y;\n',
        }
    )
    uses = [one for one in linker.references() if (one.file_no, one.line) == (1, 2)]
    assert [one.resolution for one in uses] == [
        Resolution.NOT_EXPORTED,
        Resolution.NOT_EXPORTED,
        Resolution.EXACT,
    ]


def test_a_string_star_asks_a_package_for_nothing():
    linker = linked({"a.ts": 'import { "*" as all } from "p";\nall.total();\n'})
    assert {one.imported_no for one in linker.references()} == {None}


def test_names_with_dots_are_not_taken_for_members():
    texts = {"a.ts": 'const x = 1;\nexport { x as "a.b" };\nexport const a = { b: 1 };\n'}
    assert exported(linked(texts, {"name": "p", "exports": "./a.ts"})) == ["a"]
    asked = linked({"a.ts": 'import { "a.b" as c } from "p";\nc();\n'})
    assert {one.imported_no for one in asked.references()} == {None}
    passed = linked(
        {
            "a.ts": 'import { "a.b" as c } from "./b";\nc();\n',
            "b.ts": 'export * from "p";\n',
        }
    )
    assert {one.imported_no for one in passed.references()} == {None}


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_paths_that_the_database_cannot_hold_are_not_offered(character):
    exports = {".": "./a.ts", f"./x{character}": "./a.ts", f"./{character}/*": "./*"}
    linker = linked({"a.ts": "export const x = 1;\n"}, {"name": "p", "exports": exports})
    entries = linker.package_entries()
    assert [one.subpath for one in entries] == [""]
    assert b"".join(copy_blocks(entries)) == b"0\tp\t\t0\n"


def test_the_work_is_bounded_where_nothing_comes_of_it(monkeypatch):
    """Every name of one module leads into another one, none of whose names leads anywhere."""
    monkeypatch.setattr(across, "MOST_LOOKS", 1_000)
    many = 200
    outer, inner = Source(), Source()
    for number in range(many):
        outer.export_from("./inner", "*", f"n{number}")
        inner.export_from("elsewhere", f"x{number}")
    index = Index(
        {"inner.ts": inner, "outer.ts": outer},
        {"package.json": {"name": "p", "exports": {".": "./outer.ts", "./again": "./outer.ts"}}},
    )
    asked = []
    places = index.linker._exports.places
    index.linker._exports.places = lambda *one: asked.append(one) or places(*one)
    found = list(index.linker.package_exports())
    assert 0 < len(found) < many
    assert len(asked) <= across.MOST_LOOKS


def test_a_name_costs_as_many_looks_as_modules_may_have_it(monkeypatch):
    chain = 30
    sources = {
        f"m{number}.ts": Source().export_from(f"./m{number + 1}", "*").export(f"x{number}")
        for number in range(chain)
    }
    sources[f"m{chain}.ts"] = Source().export("end")
    manifest = {"package.json": {"name": "p", "exports": "./m0.ts"}}
    assert len(list(Index(sources, manifest).linker.package_exports())) == chain + 1
    monkeypatch.setattr(across, "MOST_LOOKS", chain * 10)
    assert 0 < len(list(Index(sources, manifest).linker.package_exports())) < 10


def test_a_manifest_lists_no_more_modules_than_are_looked_at(monkeypatch):
    monkeypatch.setattr(package_modules, "MAX_LISTED", 5)
    exports = {f"./{number}": "./a.ts" for number in range(9)}
    linker = linked({"a.ts": "export const x = 1;\n"}, {"name": "p", "exports": exports})
    assert [one.subpath for one in linker.package_entries()] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("looks", [0, 5, 40])
def test_files_are_put_to_no_more_patterns_than_are_looked_at(monkeypatch, looks):
    monkeypatch.setattr(export_patterns, "MAX_LOOKS", looks)
    exports = {f"./{number}/*": "./*.ts" for number in range(9)}
    texts = {f"{name}.ts": "export const x = 1;\n" for name in "abc"}
    entries = linked(texts, {"name": "p", "exports": exports}).package_entries()
    assert len(entries) <= looks // len(exports)


def test_stars_that_stand_for_nothing_or_for_different_things_fit_no_file():
    exports = {"./*": "./in/a*.ts", "./two/*": "./in/*b*.ts", "./x/*": f"./in/{'*' * 99}.ts"}
    texts = {"in/a.ts": "export const x = 1;\n", "in/cbd.ts": "export const y = 1;\n"}
    assert linked(texts, {"name": "p", "exports": exports}).package_entries() == []


@pytest.mark.parametrize("name", ["*", "", "export="])
@pytest.mark.parametrize(
    "written",
    [
        "module.exports = {{ {}: function () {{}}, a: 1 }};",
        "exports[{}] = function () {{}};\nexports.a = 1;",
        "const f = 1;\nexports[{}] = f;\nexports.a = 1;",
        "Object.defineProperty(exports, {}, {{}});\nexports.a = 1;",
        "const f = 1;\nexport {{ f as {}, f as a }};",
    ],
)
def test_a_string_that_stands_for_more_than_a_name_is_exported_as_none(written, name):
    linker = linked(
        {
            "m.js": written.format(json.dumps(name)) + "\n",
            "z.js": 'import { a, nothere } from "./m";\na;\nnothere;\n',
        }
    )
    ends = {one.name: one for one in linker.references() if one.file_no and one.line > 1}
    assert ends["a"].resolution == Resolution.EXACT
    assert ends["nothere"].symbol_no is None


@pytest.mark.parametrize("written", ["?", "*", r"\0", r"\u0000", r"\x00"])
def test_a_member_of_an_odd_name_answers_for_no_name_that_nobody_exports(written):
    linker = linked(
        {
            "m.js": f'module.exports = {{ "{written}": function () {{}}, a: 1 }};\n',
            "z.js": 'const { nothere } = require("./m");\nnothere();\n',
        }
    )
    [use] = [one for one in linker.references() if (one.file_no, one.line) == (1, 2)]
    assert use.symbol_no is None
    assert use.resolution == Resolution.UNKNOWN_RECEIVER
