import tracemalloc
from collections import Counter, defaultdict
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.export.scip_schema import (
    DEFINITION,
    IMPORT,
    READ,
    decode,
    descriptors,
    faults,
    is_local,
    span,
)
from tests.export.sources import ODD, SHOP
from tests.search.indexed import Commit, index

from indexer.database.connection import Database
from indexer.export.scip import export_scip
from indexer.export.scip_symbols import FileSymbols, of_file, package
from indexer.export.snapshots import Account
from indexer.parsing.facts import ReferenceKind, SymbolKind

OURS = f"scip-typescript npm ada/engine {'a' * 40} "
SHAPES = OURS + "src/`shapes.ts`/"
SQUARE = OURS + "src/`square.ts`/"
NODE = "scip-typescript . node . "
LODASH = "scip-typescript npm lodash . `lodash/fp`/"
SUFFIXES = {
    SymbolKind.CLASS: "type",
    SymbolKind.INTERFACE: "type",
    SymbolKind.TYPE: "type",
    SymbolKind.ENUM: "type",
    SymbolKind.NAMESPACE: "namespace",
    SymbolKind.MODULE: "namespace",
    SymbolKind.VARIABLE: "term",
    SymbolKind.CONSTANT: "term",
    SymbolKind.PROPERTY: "term",
    SymbolKind.ENUM_MEMBER: "term",
}


@pytest.fixture
def shop(scip):
    """The documents of the shop by path, and its account."""
    found, account = scip(Commit.of(SHOP))
    assert faults(found) == []
    return found, {one.relative_path: one for one in found.documents}, account


def occurrences(document):
    return [(list(one.range), one.symbol, one.symbol_roles) for one in document.occurrences]


def described(document):
    return {one.symbol: one for one in document.symbols}


def test_a_file_is_written_as_the_schema_says(shop):
    found, documents, account = shop
    assert found.metadata.project_root == "https://github.com/ada/engine.git"
    assert found.metadata.tool_info.name == "kotadb"
    assert found.metadata.text_document_encoding == 1
    assert [one.relative_path for one in found.documents] == sorted(SHOP)
    assert [one.language for one in found.documents] == ["TypeScript"] * 2 + ["JavaScript"] * 2
    assert occurrences(documents["src/shapes.ts"]) == [
        ([0, 0, 0], SHAPES, DEFINITION),
        ([1, 17, 22], SHAPES + "Shape#", DEFINITION),
        ([2, 2, 6], SHAPES + "Shape#area().", DEFINITION),
        ([4, 22, 26], SHAPES + "Base#", DEFINITION),
        ([4, 38, 43], SHAPES + "Shape#", 0),
        ([5, 2, 13], SHAPES + "Base#`<constructor>`().", DEFINITION),
        ([5, 33, 37], SHAPES + "Base#name.", DEFINITION),
        ([6, 11, 15], SHAPES + "Base#area().", DEFINITION),
        ([7, 9, 14], SHAPES + "Base#count.", DEFINITION),
        ([9, 9, 14], SHAPES + "twice().", DEFINITION),
        ([10, 9, 14], SHAPES + "twice(+1).", DEFINITION),
        ([11, 9, 14], SHAPES + "twice(+2).", DEFINITION),
        ([11, 15, 20], "local 12", DEFINITION),
        ([12, 8, 14], "local 10", DEFINITION),
        ([12, 23, 29], "scip-typescript . . . Number.", READ),
        ([12, 30, 35], "local 12", READ),
        ([13, 9, 15], "local 10", READ),
        ([15, 13, 20], SHAPES + "enlarge().", DEFINITION),
        ([15, 24, 26], "local 13", DEFINITION),
        ([15, 39, 44], SHAPES + "twice().", READ),
        ([15, 45, 47], "local 13", READ),
    ]
    assert account.written["documents"] == len(SHOP)
    assert account.written["symbols"] == 14


def test_uses_of_other_files_and_of_packages_are_told_apart(shop):
    found, documents, account = shop
    assert occurrences(documents["src/square.ts"]) == [
        ([0, 0, 0], SQUARE, DEFINITION),
        ([0, 9, 17], NODE + "fs/readFile.", IMPORT),
        ([2, 7, 13], LODASH, IMPORT),
        ([2, 17, 20], LODASH + "map.", IMPORT),
        ([3, 9, 13], SHAPES + "Base#", IMPORT),
        ([3, 15, 22], SHAPES + "enlarge().", IMPORT),
        ([4, 13, 19], SQUARE + "Square#", DEFINITION),
        ([4, 28, 32], SHAPES + "Base#", READ),
        ([5, 2, 6], SQUARE + "Square#area().", DEFINITION),
        ([6, 4, 7], LODASH + "map.", READ),
        ([6, 8, 12], NODE + "fs/readFile.", READ),
        ([6, 14, 18], NODE + "path/", READ),
        ([6, 19, 23], NODE + "path/join.", READ),
        ([6, 30, 36], LODASH, READ),
        ([7, 4, 11], "scip-typescript . . . console.", READ),
        # The rocket counts as two.
        ([7, 22, 29], SHAPES + "enlarge().", READ),
    ]
    names = {one.symbol: one.display_name for one in found.external_symbols}
    assert names == {
        NODE + "fs/readFile.": "readFile",
        NODE + "path/": "path",
        NODE + "path/join.": "join",
        LODASH: "lodash/fp",
        LODASH + "map.": "map",
        "scip-typescript npm debug . debug/": "debug",
        "scip-typescript . . . Number.": "Number",
        "scip-typescript . . . console.": "console",
        "scip-typescript . . . module.": "module",
        "scip-typescript . . . unknown.": "unknown",
    }
    # The members log and thing.
    assert account.left_out == {"references that lead nowhere known": 2}


def test_a_line_that_other_files_lead_to_is_a_symbol_of_its_own(shop):
    _, documents, _ = shop
    line = OURS + "`tool.js`/L2:"
    assert occurrences(documents["tool.js"])[:4] == [
        ([0, 0, 0], OURS + "`tool.js`/", DEFINITION),
        ([1, 0, 6], "scip-typescript . . . module.", READ),
        ([1, 0, 42], line, DEFINITION),
        ([1, 31, 36], "scip-typescript npm debug . debug/", READ),
    ]
    assert ([1, 0, 4], line, READ) in occurrences(documents["use.js"])


def test_what_is_known_of_a_symbol_is_written_with_it(shop):
    _, documents, _ = shop
    shapes, square = described(documents["src/shapes.ts"]), described(documents["src/square.ts"])
    shape = shapes[SHAPES + "Shape#"]
    assert (shape.display_name, shape.kind) == ("Shape", 21)
    assert list(shape.documentation) == ["Anything with an area."]
    assert shape.signature_documentation.text == "interface Shape"
    assert shape.signature_documentation.language == "TypeScript"
    assert shapes["local 10"].enclosing_symbol == SHAPES + "twice(+2)."
    (whole,) = [
        span(one.enclosing_range)
        for one in documents["src/shapes.ts"].occurrences
        if one.symbol == SHAPES + "Shape#" and one.symbol_roles == DEFINITION
    ]
    assert whole == (1, 0, 3, 1)

    def related(symbols, symbol):
        return [
            (one.symbol, one.is_implementation, one.is_reference)
            for one in symbols[symbol].relationships
        ]

    assert related(shapes, SHAPES + "Base#") == [(SHAPES + "Shape#", True, False)]
    assert related(shapes, SHAPES + "Base#area().") == [(SHAPES + "Shape#area().", True, True)]
    assert related(square, SQUARE + "Square#") == [(SHAPES + "Base#", True, False)]
    assert related(square, SQUARE + "Square#area().") == [(SHAPES + "Base#area().", True, True)]
    assert related(shapes, SHAPES + "Base#count.") == []


def test_each_definition_and_each_use_stands_in_it_once(scip):
    commit = Commit.of(ODD)
    found, account = scip(commit)
    assert faults(found) == []
    documents = {one.relative_path: one for one in found.documents}
    defined = {}
    at = defaultdict(Counter)
    for path, document in documents.items():
        for one in document.occurrences:
            key = (path, one.symbol) if is_local(one.symbol) else one.symbol
            line, column = one.range[:2]
            at[path, line + 1, column][key] += 1
            if one.symbol_roles & DEFINITION:
                assert key not in defined
                defined[key] = (path, line + 1, column)
    files = {of_file(OURS, path) for path in commit.paths}
    places = {
        row.symbol_no: (commit.paths[row.file_no], row.line, row.column) for row in commit.symbols
    }
    assert len(set(places.values())) == len(commit.symbols)
    assert set(places.values()) <= set(defined.values())
    for row in commit.symbols:
        place = places[row.symbol_no]
        names = [key for key in at[place] if defined[key] == place and key not in files]
        assert len(names) == 1, row
        if not is_local(names[0][1]):
            assert descriptors(names[0])[-1].suffix == SUFFIXES.get(row.kind, "method")
    lead_somewhere = 0
    for row in commit.references:
        here = at[commit.paths[row.file_no], row.line, row.column]
        if row.symbol_no is not None:
            lead_somewhere += 1
            place = places[row.symbol_no]
            meant = [key for key in here if defined.get(key) == place and key not in files]
            assert len(meant) == 1, row
            assert here[meant[0]] == 1
        elif row.target_file_no is not None:
            lead_somewhere += 1
            assert here, row
            if row.target_file_no != row.file_no:
                path = commit.paths[row.target_file_no]
                assert (path, row.target_line) in {defined[key][:2] for key in here}
    left = account.left_out["references that lead nowhere known"]
    assert account.written["references"] + left == len(commit.references)
    assert account.written["references"] >= lead_somewhere


def test_a_name_of_outside_is_described_once_however_many_files_use_it(scip):
    found, _ = scip(Commit.of({"a.ts": "console;\n", "b.ts": "console;\n"}))
    assert [one.symbol for one in found.external_symbols] == ["scip-typescript . . . console."]
    assert faults(found) == []


def test_only_what_no_other_file_uses_is_local(scip):
    found, _ = scip(Commit.of(ODD))
    (use,) = [one for one in found.documents if one.relative_path == "use.mts"]
    shown = {one.display_name: one.symbol for one in use.symbols}
    assert is_local(shown["Inner"])
    assert is_local(shown["n"])
    assert shown["m"] == OURS + "`use.mts`/make().Inner#m()."


def test_a_local_is_defined_only_where_its_line_leaves_no_doubt(scip):
    source = "export function f(a: number) { return a }\n((b) => b); ((b) => b);\n(c) => c; // c\n"
    found, _ = scip(Commit.of({"a.ts": source}))
    (document,) = found.documents
    locals_ = {one.display_name: one.symbol for one in document.symbols if is_local(one.symbol)}
    assert sorted(locals_) == ["a", "b", "c"]
    defined = [
        (one.symbol, list(one.range))
        for one in document.occurrences
        if is_local(one.symbol) and one.symbol_roles & DEFINITION
    ]
    assert defined == [(locals_["a"], [0, 18, 19])]


def test_without_texts_names_are_as_long_as_they_are(scip):
    commit = Commit(("a.ts", "b.ts"))
    total = commit.define("a.ts", "total", flags=1)
    commit.use("b.ts", total, line=3)
    found, _ = scip(commit)
    assert faults(found) == []
    assert [occurrences(one)[-1] for one in found.documents] == [
        ([0, 9, 14], OURS + "`a.ts`/total().", DEFINITION),
        ([2, 4, 9], OURS + "`a.ts`/total().", READ),
    ]


def test_a_place_that_the_index_does_not_know_is_left_out_and_told(scip):
    commit = Commit(("a.ts",))
    total = commit.define("a.ts", "total", column=32_767)
    commit.use("a.ts", total, line=3, column=32_767)
    commit.use("a.ts", total, line=3, column=32_766)
    found, account = scip(commit)
    assert faults(found) == []
    (document,) = found.documents
    assert [one[0] for one in occurrences(document)] == [[0, 0, 0], [2, 32_766, 32_771]]
    assert account.left_out == {"places beyond column 32,767": 2}


def test_uses_of_one_thing_at_one_place_are_one_occurrence(scip):
    commit = Commit(("a.ts",))
    total = commit.define("a.ts", "total", line=1)
    commit.use("a.ts", total, line=3, kind=ReferenceKind.READ)
    commit.use("a.ts", total, line=3, kind=ReferenceKind.WRITE)
    found, _ = scip(commit)
    assert occurrences(found.documents[0])[-1] == ([2, 4, 9], OURS + "`a.ts`/total().", 12)
    assert faults(found) == []


@pytest.mark.parametrize("depth", [64, 3_000])
def test_the_names_of_what_is_nested_deeply_stay_short(depth):
    rows = [
        {
            "symbol_no": no,
            "container_no": no - 1 if no else None,
            "name": "x",
            "kind": SymbolKind.PROPERTY,
            "flags": 0,
        }
        for no in range(depth)
    ]
    names = FileSymbols.of(of_file(OURS, "a.ts"), rows).names
    assert len(set(names.values())) == depth
    assert max(map(len, names.values())) < 300


HOSTILE = st.text(
    st.sampled_from("aZ09_$+-`` .#/()[]:!'\"\\\t\n\u2028é🚀<>") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=6,
)


@given(
    path=st.lists(HOSTILE.filter(lambda part: "/" not in part), min_size=1, max_size=3),
    called=HOSTILE,
    symbols=st.lists(
        st.tuples(st.sampled_from(SymbolKind), HOSTILE, st.integers(0, 3)), max_size=8
    ),
)
def test_hostile_names_are_told_apart_and_read_back(path, called, symbols):
    rows = [
        {
            "symbol_no": no,
            "container_no": no - back if 0 < back <= no else None,
            "name": name,
            "kind": kind,
            "flags": 0,
        }
        for no, (kind, name, back) in enumerate(symbols)
    ]
    file = of_file(package("npm", called, ""), "/".join(path))
    assert [one.name for one in descriptors(file)] == path
    names = FileSymbols.of(file, rows).names
    assert len({file, *names.values()}) == len(rows) + 1
    for row in rows:
        *around, last = descriptors(names[row["symbol_no"]])
        assert row["name"] in last.name
        assert last.suffix == SUFFIXES.get(row["kind"], "method")
        container = row["container_no"]
        before = descriptors(file if container is None else names[container])
        assert around[: len(before)] == before
        assert [one.suffix for one in around[len(before) :]] in ([], ["meta"])


def test_each_part_is_one_document_or_one_symbol_of_another_package(export, schema_folder):
    parts, _ = export(export_scip, Commit.of(SHOP))
    read = [decode(part, schema_folder) for part in parts]
    assert read[0].HasField("metadata")
    held = [(len(one.documents), len(one.external_symbols)) for one in read[1:]]
    assert set(held) == {(1, 0), (0, 1)}
    assert sum(one.HasField("metadata") for one in read) == 1


def test_an_export_takes_memory_for_one_file_and_not_for_all(migrated_database, ada):
    def peak(files):
        paths = [f"{no:04}.ts" for no in range(files)]
        source = "export function f(a: number) { return a + unknownName }\n" * 40
        index(
            migrated_database,
            ada,
            Commit.of({path: source.replace("N", f"N{path[:4]}") for path in paths}),
            name=f"ada/engine{files}",
        )
        with (
            closing(Database(migrated_database.admin)) as database,
            database.transaction(read_only=True) as statements,
        ):
            parts = export_scip(statements, f"ada/engine{files}", None, account=Account())
            next(parts)
            tracemalloc.start()
            try:
                size = sum(map(len, parts))
                return tracemalloc.get_traced_memory()[1], size
            finally:
                tracemalloc.stop()

    few, small = peak(8)
    many, large = peak(80)
    assert large > 9 * small
    assert many < 1.5 * few
