"""What nothing uses: from a real commit to the definitions that are told."""

import re

import pytest

from indexer.database.paging import CursorInvalid
from indexer.parsing.facts import SymbolKind
from indexer.search import unused
from indexer.search.files import FileNotFound
from indexer.search.unused import UnusedQuery

SOURCES = {
    "src/main.ts": """import { used, Shape, onlyImported, Tree } from "./library";
import * as all from "./library";
import view from "./view";
import { passed } from "./index";
function start(one: Shape) { used(); all.byNamespace(); view(); new Tree(); passed(); }
function never() { never(); }
start({ sides: 1 });
const lazy = () => import("./lazy");
lazy();
""",
    "src/library.ts": """export function used(): number { return inFile(); }
export function onlyImported() {}
export function byNamespace() {}
export function inFile() { return 1; }
export function itself(): number { return itself(); }
export function nobody(one: string): void;
export function nobody(one: number): void;
export function nobody(one: unknown) {}
export function over(one: string): void;
export function over(one: unknown) {}
over("x");
export interface Shape { sides: number }
export interface Lonely { sides: number }
export interface Merged { one: 1 }
export interface Merged { two: 2 }
const held: Merged | null = null;
console.log(held);
export enum Level { One, Two }
export type Alias = string;
export class Tree {
  grow() { this.inner(); }
  inner() {}
  static make() { return new Tree(); }
}
export class Pine extends Tree { grow() {} tall() {} }
export class Sapling { static plant() { return new Sapling(); } }
export const one = 1, two = 2;
export const three = one;
declare const elsewhere: number;
export declare function described(): void;
""",
    "src/index.ts": """export { passed, listed as renamed } from "./deep";
export * from "./deep";
""",
    "src/deep.ts": """export const passed = () => 1;
export const listed = 1;
export const starred = 1;
function own() {}
""",
    "src/view.tsx": "export default function View() { return <div/>; }\n",
    "src/lazy.ts": "export default function Page() {}\nexport const data = 1;\nconst unseen = 1;\n",
    "src/values.ts": """const kept = { run: function run() {} };
export const made = [function first() {}, class Second {}, () => function third() {}];
function outer() { return class Inner {}; }
if (kept) function odd() {}
/* behind a comment */ function plain() {}
export * as inner from "./inner";
import * as other from "./inner2";
export { other };
""",
    "src/inner.ts": "export const inside = 1;\nexport * as again from './values';\n",
    "src/inner2.ts": "export const within = 1;\n",
    "next.config.js": "export default { a: 1 };\n",
    "types.d.ts": "export interface Global { a: 1 }\ndeclare function free(): void;\n",
    "lib/asked.js": "module.exports = function asked() {};\nfunction not() {}\n",
    "lib/asking.js": "register(require('./asked'));\n",
    "lib/common.js": "function a() {}\nfunction b() {}\nmodule.exports = { a };\nexports.c = 1;\n",
}


@pytest.fixture
def find(repository, indexing, ask, work_off):
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()

    def asked(*, limit=100, cursor=None, **wishes):
        return unused.find(
            indexing.api,
            UnusedQuery(repository=str(made.repository_id), **wishes),
            tenant_id=indexing.tenant,
            cursor=cursor,
            limit=limit,
        ).page

    return asked


def names(page):
    return [one.symbol.name for one in page.items]


IN_LIBRARY = [
    *("onlyImported", "itself", "nobody", "nobody", "nobody", "Lonely", "Level", "Alias"),
    *("Pine", "Sapling", "two", "three"),
]


def test_exports_that_nothing_uses_are_told_in_the_order_of_the_source(find):
    assert names(find(path="src/library.ts")) == IN_LIBRARY


def test_an_import_or_a_list_alone_is_no_use(find):
    found = {one.symbol.name: one for one in find().items}
    imported, listed = found["onlyImported"], found["listed"]
    assert (imported.imports, imported.exports, imported.own_uses) == (1, 0, 0)
    assert (listed.imports, listed.exports) == (0, 1)
    assert found["itself"].own_uses == 1
    assert found["Sapling"].own_uses == 1
    assert "passed" not in found
    assert "View" not in found


def test_a_file_that_nobody_imports_may_be_an_entry(find):
    found = {one.symbol.name: one.file_is_imported for one in find().items}
    assert (found["default"], found["starred"], found["Lonely"]) == (False, True, True)


def test_what_an_entry_exports_counts_as_used(find):
    left = [name for name in names(find()) if name in {"listed", "starred", "nobody"}]
    assert left == ["listed", "starred", "nobody", "nobody", "nobody"]
    assert not {"listed", "starred"} & set(names(find(entries=["src/index.ts"])))
    assert names(find(entries=["src/library.ts"], path="src/library.ts")) == []
    assert not {"listed", "starred"} & set(names(find(entries=["src"])))
    with pytest.raises(FileNotFound, match=re.escape("src/none.ts")):
        find(entries=["src/index.ts", "src/none.ts"])


def test_of_several_entries_what_each_exports_counts_as_used(find):
    told = {"listed", "starred", "inside", "within"}
    assert told <= set(names(find()))
    assert not told & set(names(find(entries=["src/values.ts", "src/index.ts"])))
    twice = find(entries=["src/index.ts", "src", "src/index.ts"])
    assert names(twice) == names(find(entries=["src/index.ts"]))


def test_what_an_entry_exports_as_whole_modules_counts_as_used_too(find):
    inner = {"inside", "within"}
    assert inner <= set(names(find()))
    assert not inner & set(names(find(entries=["src/values.ts"])))


def test_functions_and_classes_that_are_values_where_they_stand_are_not_told(find, indexing):
    assert names(find(path="src/values.ts", exported_only=False)) == [
        "made",
        "outer",
        "odd",
        "plain",
    ]
    indexing.scratch.sql("DELETE FROM kotadb.file_texts")
    assert "first" in names(find(path="src/values.ts", exported_only=False))


def test_what_is_not_exported_is_told_where_it_is_asked_for(find):
    assert names(find(path="src/main.ts")) == []
    assert names(find(path="src/main.ts", exported_only=False)) == ["never"]
    assert names(find(path="src/deep.ts", exported_only=False)) == ["listed", "starred", "own"]


def test_what_an_import_call_gives_and_what_is_elsewhere_is_not_told(find):
    assert names(find(path="src/lazy.ts", exported_only=False)) == ["unseen"]
    assert names(find(path="lib/ask", exported_only=False)) == ["not"]
    assert names(find(path="types.d.ts", exported_only=False)) == []
    assert "described" not in names(find())
    assert "elsewhere" not in names(find(exported_only=False))


def test_commonjs_names_in_a_list_count_as_used(find):
    assert names(find(path="lib/common", exported_only=False)) == ["b", "c"]


def test_members_are_told_where_they_are_asked_for_and_no_base_may_call_them(find):
    assert names(find(path="src/library.ts", kind=SymbolKind.METHOD, exported_only=False)) == [
        *("grow", "make", "plant"),
    ]
    assert names(find(path="src/library.ts", kind=SymbolKind.ENUM_MEMBER, exported_only=False)) == [
        *("One", "Two"),
    ]
    assert names(find(kind=SymbolKind.CLASS)) == ["Pine", "Sapling"]
    assert names(find(kind=SymbolKind.CONSTRUCTOR, exported_only=False)) == []


def all_pages(find, **wishes):
    told, cursor, pages = [], None, 0
    while True:
        page = find(cursor=cursor, **wishes)
        told += names(page)
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            return told, pages
        assert pages < 1_000


def test_pages_tell_each_once_wherever_they_are_cut(find):
    whole, pages = all_pages(find, exported_only=False)
    assert pages == 1
    for limit in (1, 2, 3):
        cut, pages = all_pages(find, exported_only=False, limit=limit)
        assert cut == whole
        assert pages >= len(whole) // limit
    with pytest.raises(CursorInvalid):
        find(cursor="W10")


@pytest.mark.parametrize("examined", [1, 7])
def test_a_page_ends_early_and_at_the_end_of_a_file(find, examined, monkeypatch):
    whole, _ = all_pages(find, exported_only=False)
    monkeypatch.setattr(unused, "MOST_EXAMINED", examined)
    cut, pages = all_pages(find, exported_only=False)
    assert cut == whole
    # Files that are looked at to their ends: the overloads of one are judged together.
    assert 3 <= pages <= len(SOURCES)
