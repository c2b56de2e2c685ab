"""What files export: from a real commit to the names that others can import."""

import pytest

from indexer.database.paging import CursorInvalid
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search import exports
from indexer.search.exported_files import MOST_FILES
from indexer.search.files import FileNotFound
from indexer.search.texts import TextNotStored

SOURCES = {
    "src/index.ts": """export * from "./money";
export * from './deep/index';
export type * from "./types";
export { default } from "./view";
export { default as View, helper as help } from "./view";
export * as money from "./money";
export * /* all */ as /* of */ "odd name" from "./money";
export * from "lodash";
export * from "./gone";
export { useState } from "react";
import own, { rate as renamed } from "./money";
export { renamed, own as mine };
export const rate = 3;
""",
    "src/money.ts": """export const rate = 2, other = 3;
export function total(all: number[]): number;
export function total(all: string[]): number;
export function total(all: unknown[]) { return all.length; }
const hidden = 1;
export interface Coin { value: number }
export const Coin = { value: 1 };
namespace Inner { export const inside = 1; export { hidden }; }
export default class Purse { size = 1 }
""",
    "src/deep/index.ts": """export * from "./deeper";
export * from "../money";
const secret = 1, both = 2;
export {
  secret as /* the public one */ open, // a comment
  type Shape,
  both,
  both as "of two", both as again
};
interface Shape { sides: number }
""",
    "src/deep/deeper.ts": """export * from "./index";
export const deepest = 1;
export const {a, b: [c]} = { a: 1, b: [2] };
export enum Level { One }
export default 1;
""",
    "src/types.ts": "export type Only = 1;\nexport interface Coin { other: string }\n",
    "src/view.tsx": """const view = () => <div/>;
/* \U0001f4b0 */ export { view as default }; export const helper = 1;
""",
    "src/expression.ts": "export default { a: 1 };\nexport let changing = 1;\n",
    "src/equals.ts": "class Whole {}\nexport = Whole;\n",
    "src/direct.ts": """export const direct = 1;
export { direct as alias };
export default direct;
""",
    "lib/whole.js": "function Whole() {}\nWhole.part = 1;\nmodule.exports = Whole;\n",
    "lib/named.js": "module.exports = class Named {};\n",
    "lib/list.js": "const a = 1;\nfunction b() {}\nmodule.exports = { a, b };\n",
    "lib/literal.js": "module.exports = { c: 1, d() {} };\n",
    "lib/single.cjs": "exports.one = 1;\nmodule.exports.two = function () {};\n",
    "cjs/lib/express.js": """exports = module.exports = createApplication; // all of it
function createApplication() {}
exports.application = {};
""",
    "cjs/index.js": "module.exports = require('./lib/express');\n",
    "cjs/twice.js": "const index = require('./index');\nmodule.exports = index;\n",
    "cjs/function.js": "module.exports = function () {};\n",
    "cjs/arrow.js": "module.exports = async () => 1;\n",
    "cjs/class.js": "module.exports = class { a() {} };\n",
    "cjs/made.js": "module.exports = make();\n",
    "cjs/new.js": "\nmodule.exports = new Foo();\n",
    "cjs/member.js": "module.exports = require('./lib/express').application;\n",
    "cjs/either.js": "module.exports = a ? require('./new') : require('./made');\n",
    "cjs/assigned.js": "module.exports = Object.assign({}, require('./single'));\n",
    "cjs/outside.js": "const lodash = require('lodash');\nmodule.exports = lodash;\n",
    "cjs/gone.js": "module.exports = require('./nowhere');\n",
    "cjs/alias.js": """const lib = module.exports;
lib.foo = function () {};
lib.foo.inner = function () {};
const bar = exports.bar = function () {};
exports.a = exports.b = () => 1;
exports['eps'] = 5;
Object.defineProperty(exports, '__esModule', { value: true });
Object.defineProperty(exports, 'gamma', { get() { return 1; } });
function local(exports) { exports[lib] = 1; exports.unseen = 1; }
Object.freeze(exports);
""",
    "cjs/spread.js": """const alias = require('./alias'), own = { a: 1 };
module.exports = { ...require('./lib/express'), ...alias, ...own, ...make(), other: 1,
  ...require('./nowhere'), ...lodash, ['a' + 1]: 2 };
const lodash = require('lodash');
""",
    "cjs/list.js": "const alias = require('./alias');\nmodule.exports = { alias, Buffer };\n",
    "cjs/open.js": """exports[name] = 1;
Object.assign(module.exports, require('./lib/express'));
__exportStar(require('./alias'), exports);
fill(exports);
function later() { exports.late = 1; }
""",
    "cjs/modern.js": "const module = 1, exports = 2;\nexport { module, exports };\n",
    "pack/src/index.ts": "export * from '../../src/types';\n",
}


@pytest.fixture
def exported(repository, indexing, ask, work_off):
    """What a file exports, on one page of a hundred."""
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()

    def find(path, **wishes):
        return exports.of_path(
            indexing.api,
            tenant_id=indexing.tenant,
            repository=str(made.repository_id),
            path=path,
            **{"limit": 100, **wishes},
        )

    return find


def told(found):
    """Each name with the definitions it leads to: path and line."""
    return {
        one.name: [f"{symbol.path.removeprefix('src/')}:{symbol.line}" for symbol in one.symbols]
        for one in found.page.items
    }


def named(found, name):
    (one,) = [each for each in found.page.items if each.name == name]
    return one


def test_a_file_exports_what_it_declares(exported):
    assert told(exported("src/money.ts")) == {
        "rate": ["money.ts:1"],
        "other": ["money.ts:1"],
        "total": ["money.ts:2", "money.ts:3", "money.ts:4"],
        "Coin": ["money.ts:6", "money.ts:7"],
        "default": ["money.ts:9"],
    }


def test_a_list_exports_under_the_names_that_it_gives(exported):
    found = exported("src/deep/index.ts")
    assert told(found) == {
        "open": ["deep/index.ts:3"],
        "Shape": ["deep/index.ts:10"],
        **{name: ["deep/index.ts:3"] for name in ("both", "of two", "again")},
        "deepest": ["deep/deeper.ts:2"],
        "a": ["deep/deeper.ts:3"],
        "c": ["deep/deeper.ts:3"],
        "Level": ["deep/deeper.ts:4"],
        "rate": ["money.ts:1"],
        "other": ["money.ts:1"],
        "total": ["money.ts:2", "money.ts:3", "money.ts:4"],
        "Coin": ["money.ts:6", "money.ts:7"],
    }
    assert (named(found, "open").line, named(found, "open").column) == (5, 2)


def test_an_index_passes_on_what_lies_behind_it(exported):
    found = exported("src/index.ts")
    names = told(found)
    assert sorted(names) == [
        *("Coin", "Level", "Only", "Shape", "View", "a", "again", "both", "c", "deepest"),
        *("default", "help", "mine", "money", "odd name", "of two", "open", "other", "rate"),
        *("renamed", "total", "useState"),
    ]
    assert found.total == len(names)
    # What it exports itself hides what it passes on; its default is its own.
    assert (names["rate"], names["default"]) == (["index.ts:13"], ["view.tsx:1"])
    assert (names["View"], names["help"]) == (["view.tsx:1"], ["view.tsx:2"])
    assert (names["renamed"], names["mine"]) == (["money.ts:1"], ["money.ts:9"])
    deepest = named(found, "deepest")
    assert (deepest.path, deepest.line, list(deepest.via)) == (
        *("src/deep/deeper.ts", 2, ["src/deep/index.ts"]),
    )
    assert list(named(found, "total").via) == []


def test_a_name_that_files_passed_on_disagree_about_is_marked(exported):
    found = exported("src/index.ts")
    # src/money.ts by two ways, which is one thing; src/types.ts is another.
    assert [one.name for one in found.page.items if one.ambiguous] == ["Coin"]


def test_a_module_as_a_whole_is_its_file(exported):
    found = exported("src/index.ts")
    for name in ("money", "odd name"):
        one = named(found, name)
        assert (one.symbols, one.target_path, one.target_line) == ([], "src/money.ts", 1)


def test_what_comes_from_outside_is_told_with_the_reason(exported):
    found = exported("src/index.ts")
    state = named(found, "useState")
    assert (state.symbols, state.target_path, state.resolution) == ([], None, Resolution.EXTERNAL)
    assert [(one.line, one.specifier, one.package, one.reason) for one in found.unknown] == [
        (8, "lodash", "lodash", Unresolved.EXTERNAL_PACKAGE),
        (9, "./gone", None, Unresolved.FILE_NOT_FOUND),
    ]


def test_defaults_lists_and_assignments_have_their_names(exported):
    assert told(exported("src/view.tsx")) == {"default": ["view.tsx:1"], "helper": ["view.tsx:2"]}
    assert told(exported("src/expression.ts")) == {
        "default": ["expression.ts:1"],
        "changing": ["expression.ts:2"],
    }
    assert told(exported("src/equals.ts")) == {"export=": ["equals.ts:1"]}
    assert told(exported("src/direct.ts")) == {
        name: ["direct.ts:1"] for name in ("direct", "alias", "default")
    }


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("lib/whole.js", {"export=": ["lib/whole.js:1"]}),
        ("lib/named.js", {"export=": ["lib/named.js:1"]}),
        ("lib/list.js", {"a": ["lib/list.js:1"], "b": ["lib/list.js:2"]}),
        ("lib/literal.js", {"c": ["lib/literal.js:1"], "d": ["lib/literal.js:1"]}),
        ("lib/single.cjs", {"one": ["lib/single.cjs:1"], "two": ["lib/single.cjs:2"]}),
    ],
)
def test_commonjs_modules_export_what_they_assign(exported, path, names):
    assert told(exported(path)) == names


def ends(found):
    """Each name that is no symbol with its line, and why not if it is none."""
    return {
        one.name: f"{one.target_path}:{one.target_line}" if one.target_path else one.resolution
        for one in found.page.items
        if not one.symbols
    }


def test_what_commonjs_exports_as_a_whole_is_told(exported):
    for path in ("cjs/index.js", "cjs/twice.js", "cjs/lib/express.js"):
        assert told(exported(path)) == {
            "application": ["cjs/lib/express.js:3"],
            "export=": ["cjs/lib/express.js:2"],
        }
        assert exported(path).unknown == []
    assert list(named(exported("cjs/twice.js"), "application").via) == ["cjs/index.js"]
    for name in ("function", "arrow", "class"):
        found = exported(f"cjs/{name}.js")
        assert (ends(found), found.unknown) == ({"export=": f"cjs/{name}.js:1"}, [])


def test_what_an_expression_exports_is_told_as_unknown(exported):
    for name, line in (("made", 1), ("new", 2), ("member", 1), ("either", 1), ("assigned", 1)):
        found = exported(f"cjs/{name}.js")
        assert ends(found) == {"export=": f"cjs/{name}.js:{line}"}
        assert [(one.line, one.specifier, one.reason) for one in found.unknown] == [
            (line, "", Unresolved.NOT_STATIC)
        ]


def test_a_module_that_is_not_there_is_told_with_the_reason(exported):
    outside, gone = exported("cjs/outside.js"), exported("cjs/gone.js")
    assert ends(outside) == {"export=": Resolution.EXTERNAL}
    assert ends(gone) == {"export=": Resolution.UNRESOLVED_MODULE}
    assert [(one.specifier, one.package, one.reason) for one in outside.unknown] == [
        ("lodash", "lodash", Unresolved.EXTERNAL_PACKAGE)
    ]
    assert [(one.specifier, one.package, one.reason) for one in gone.unknown] == [
        ("./nowhere", None, Unresolved.FILE_NOT_FOUND)
    ]


def test_names_are_exported_in_every_way_of_commonjs(exported):
    found = exported("cjs/alias.js")
    assert told(found) == {
        name: [f"cjs/alias.js:{line}"]
        for name, line in {"foo": 2, "bar": 4, "a": 5, "b": 5, "eps": 6, "gamma": 8}.items()
    }
    assert found.unknown == []
    listed = exported("cjs/list.js")
    assert ends(listed) == {"alias": "cjs/alias.js:1", "Buffer": Resolution.UNDECLARED}
    assert sorted(told(exported("cjs/modern.js"))) == ["exports", "module"]
    assert exported("cjs/modern.js").unknown == []


def test_what_is_spread_into_exports_is_passed_on_or_unknown(exported):
    found = exported("cjs/spread.js")
    assert sorted(told(found)) == ["a", "application", "b", "bar", "eps", "foo", "gamma", "other"]
    assert [(one.line, one.specifier, one.reason) for one in found.unknown] == [
        (2, "", Unresolved.NOT_STATIC),
        (2, "", Unresolved.NOT_STATIC),
        (2, "", Unresolved.NOT_STATIC),
        (3, "./nowhere", Unresolved.FILE_NOT_FOUND),
        (3, "lodash", Unresolved.EXTERNAL_PACKAGE),
    ]


def test_whatever_else_gets_the_exports_makes_them_unknown(exported):
    found = exported("cjs/open.js")
    assert sorted(told(found)) == ["a", "application", "b", "bar", "eps", "foo", "gamma"]
    assert [(one.line, one.specifier) for one in found.unknown] == [(1, ""), (4, ""), (5, "")]


def test_a_folder_is_its_index_file(exported):
    for folder, index in (("src", "src"), ("src/deep/", "src/deep"), ("pack", "pack/src")):
        assert exported(folder).path == f"{index}/index.ts"
    assert exported(".").path == "src/index.ts"
    for path in ("lib", "src/none.ts", "sr"):
        with pytest.raises(FileNotFound):
            exported(path)


def test_pages_tell_every_name_once(exported):
    told_once, cursor = [], None
    while True:
        page = exported("src/index.ts", limit=4, cursor=cursor).page
        told_once += [one.name for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.items) == 4
    assert told_once == [one.name for one in exported("src/index.ts").page.items]
    with pytest.raises(CursorInvalid):
        exported("src/index.ts", cursor="W10")


def test_without_texts_only_files_that_need_none_are_told(exported, indexing):
    indexing.scratch.sql("DELETE FROM kotadb.file_texts")
    assert len(exported("src/money.ts").page.items) == 5
    with pytest.raises(TextNotStored):
        exported("src/index.ts")


def test_an_index_of_too_many_files_says_so(repository, indexing, ask, work_off):
    names = [f"f{number:03}" for number in range(MOST_FILES + 1)]
    repository.commit_files(
        {
            "index.ts": "".join(f"export * from './{name}';\n" for name in names).encode(),
            **{f"{name}.ts": f"export const {name} = 1;\n".encode() for name in names},
        }
    )
    made = ask()
    work_off()
    found = exports.of_path(
        indexing.api,
        tenant_id=indexing.tenant,
        repository=str(made.repository_id),
        path="index.ts",
    )
    # The index is one of them.
    assert (found.total, found.truncated) == (MOST_FILES - 1, True)
