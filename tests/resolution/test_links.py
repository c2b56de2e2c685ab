from __future__ import annotations

import pytest
from tests.resolution.written import Index, Source

from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind, Target
from indexer.resolution.rows import DependencyRow, ReferenceRow, SymbolRow

pytestmark = pytest.mark.proves("W4")

CLASS, CONSTANT, ENUM = SymbolKind.CLASS, SymbolKind.CONSTANT, SymbolKind.ENUM
INTERFACE, NAMESPACE, TYPE = SymbolKind.INTERFACE, SymbolKind.NAMESPACE, SymbolKind.TYPE
METHOD, PROPERTY, MEMBER = SymbolKind.METHOD, SymbolKind.PROPERTY, SymbolKind.ENUM_MEMBER


def ends(importer: Source, **others: Source) -> list[str]:
    """Where the uses in `importer` (it is a.ts) end; the others are named without ".ts"."""
    return Index({"a.ts": importer, **{f"{name}.ts": one for name, one in others.items()}}).ends(
        "a.ts"
    )


def test_a_named_import_ends_at_the_declaration_over_there():
    lib = Source().export("other").export("total")
    assert ends(Source().bind("./lib", "total").use("total"), lib=lib) == ["lib.ts#total"]


def test_an_import_under_another_name_ends_at_the_declaration_over_there():
    lib = Source().export("total")
    assert ends(Source().bind("./lib", "total", "sum").use("sum"), lib=lib) == ["lib.ts#total"]


def test_an_export_under_another_name_is_imported_by_that_name():
    lib = Source().export("total", named="sum")
    importer = Source().bind("./lib", "sum").use("sum").bind("./lib", "total").use("total")
    assert ends(importer, lib=lib) == ["lib.ts#total", "not_exported"]


def test_a_default_import_ends_at_the_default_export():
    lib = Source().export("total", named="default")
    assert ends(Source().bind("./lib", "default", "x").use("x"), lib=lib) == ["lib.ts#total"]


def test_an_export_that_is_no_symbol_ends_at_its_line():
    lib = Source().declare("other").export_local("default")
    assert ends(Source().bind("./lib", "default", "x").use("x"), lib=lib) == ["lib.ts:2"]


def test_a_namespace_import_ends_at_the_module_and_its_members_at_their_declarations():
    lib = Source().export("total").export("rate", named="default")
    importer = Source().bind("./lib", "*", "ns").use("ns").use("ns", "total").use("ns", "default")
    importer.use("ns", "gone")
    assert ends(importer, lib=lib) == ["lib.ts:1", "lib.ts#total", "lib.ts#rate", "not_exported"]


def test_names_are_followed_through_named_re_exports():
    lib = Source().export("total")
    mid = Source().export_from("./lib", "total", "sum")
    top = Source().export_from("./mid", "sum", "default")
    importer = Source().bind("./top", "default", "x").use("x")
    assert ends(importer, lib=lib, mid=mid, top=top) == ["lib.ts#total"]


def test_names_are_followed_through_an_import_that_is_exported_again():
    lib = Source().export("total").export("rate")
    mid = Source().bind("./lib", "total").bind("./lib", "*", "all")
    mid.export_bound("total", named="sum").export_bound("all").export_bound(
        "all", "rate", named="r"
    )
    importer = Source().bind("./mid", "sum").use("sum").bind("./mid", "all").use("all", "rate")
    importer.bind("./mid", "r").use("r")
    assert ends(importer, lib=lib, mid=mid) == ["lib.ts#total", "lib.ts#rate", "lib.ts#rate"]


def test_a_star_gives_every_name_but_default():
    lib = Source().export("total").export("rate", named="default")
    top = Source().export_from("./lib", "*")
    importer = Source().bind("./top", "total").use("total").bind("./top", "default", "x").use("x")
    assert ends(importer, lib=lib, top=top) == ["lib.ts#total", "not_exported"]


def test_a_star_under_a_name_is_a_namespace():
    lib = Source().export("total")
    top = Source().export_from("./lib", "*", "ns")
    importer = Source().bind("./top", "ns").use("ns").use("ns", "total")
    importer.bind("./top", "*", "all").use("all", "ns", "total")
    assert ends(importer, lib=lib, top=top) == ["lib.ts:1", "lib.ts#total", "lib.ts#total"]


def test_a_diamond_of_stars_is_no_conflict():
    lib = Source().export("total")
    left, right = (Source().export_from("./lib", "*") for _ in range(2))
    top = Source().export_from("./left", "*").export_from("./right", "*")
    importer = Source().bind("./top", "total").use("total")
    assert ends(importer, lib=lib, left=left, right=right, top=top) == ["lib.ts#total"]


def test_two_stars_with_different_things_of_one_name_are_ambiguous():
    top = Source().export_from("./left", "*").export_from("./right", "*")
    importer = Source().bind("./top", "total").use("total")
    left, right = Source().export("total"), Source().export("total")
    assert ends(importer, left=left, right=right, top=top) == ["ambiguous"]


def test_a_type_and_a_value_of_one_name_from_two_stars_are_told_apart_by_their_use():
    top = Source().export_from("./left", "*").export_from("./right", "*")
    importer = Source().bind("./top", "Cart").use("Cart").use("Cart", kind=ReferenceKind.TYPE)
    left, right = Source().export("Cart", INTERFACE), Source().export("Cart", CONSTANT)
    assert ends(importer, left=left, right=right, top=top) == ["right.ts#Cart?", "left.ts#Cart?"]


def test_a_modules_own_export_hides_what_its_stars_give():
    top = Source().export_from("./lib", "*").export("total")
    importer = Source().bind("./top", "total").use("total")
    assert ends(importer, lib=Source().export("total"), top=top) == ["top.ts#total"]


def test_stars_in_a_circle_give_what_any_of_them_declares():
    left = Source().export_from("./right", "*").export("total")
    right = Source().export_from("./left", "*").export("rate")
    importer = Source()
    for module in ("./left", "./right"):
        for name in ("total", "rate", "gone"):
            importer.bind(module, name, f"{module}{name}").use(f"{module}{name}")
    expected = ["left.ts#total", "right.ts#rate", "not_exported"]
    assert ends(importer, left=left, right=right) == expected * 2


def test_names_that_only_chase_each_other_are_not_exported():
    left = Source().export_from("./right", "total")
    right = Source().export_from("./left", "total")
    importer = Source().bind("./left", "total").use("total")
    assert ends(importer, left=left, right=right) == ["not_exported"]


@pytest.mark.parametrize("named", [False, True])
def test_a_chain_of_ten_thousand_re_exports_is_followed_to_its_end(named):
    links = {
        f"m{at}.ts": Source().export_from(f"./m{at + 1}", *(["total"] if named else ["*"]))
        for at in range(10_000)
    }
    importer = Source().bind("./m0", "total").use("total").bind("./m0", "gone").use("gone")
    index = Index({"a.ts": importer, **links, "m10000.ts": Source().export("total")})
    assert index.ends("a.ts") == ["m10000.ts#total", "not_exported"]


def test_ten_thousand_modules_in_a_circle_end():
    links = {
        f"m{at}.ts": Source().export_from(f"./m{(at + 1) % 10_000}", "*") for at in range(10_000)
    }
    links["m5000.ts"].export("total")
    importer = Source().bind("./m0", "total").use("total").bind("./m9", "gone").use("gone")
    assert Index({"a.ts": importer, **links}).ends("a.ts") == ["m5000.ts#total", "not_exported"]


def test_a_long_chain_of_members_of_modules_ends_without_an_answer():
    links = {}
    for at in range(2_000):
        one = Source().bind(f"./m{at + 1}", "*", "next")
        links[f"m{at}.ts"] = one.export_bound("next", "x", named="x")
    importer = Source().bind("./m0", "x").use("x")
    index = Index({"a.ts": importer, **links, "m2000.ts": Source().export("x")})
    assert index.ends("a.ts") == ["unknown_receiver"]


def test_members_of_modules_that_need_each_other_end():
    left = Source().bind("./right", "*", "r").export_bound("r", "x", named="x")
    right = Source().bind("./left", "*", "l").export_bound("l", "x", named="x")
    importer = Source().bind("./left", "x").use("x")
    assert ends(importer, left=left, right=right) == ["not_exported"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ReferenceKind.TYPE, "lib.ts#Cart:1"),
        (ReferenceKind.IMPLEMENTS, "lib.ts#Cart:1"),
        (ReferenceKind.READ, "lib.ts#Cart:2"),
        (ReferenceKind.CALL, "lib.ts#Cart:2"),
        (ReferenceKind.NEW, "lib.ts#Cart:2"),
        (ReferenceKind.IMPORT, "lib.ts#Cart:1"),
    ],
)
def test_of_a_type_and_a_value_of_one_name_the_use_picks(kind, expected):
    lib = Source().export("Cart", INTERFACE).export("Cart", CONSTANT)
    assert ends(Source().bind("./lib", "Cart").use("Cart", kind=kind), lib=lib) == [expected]


def test_of_merged_declarations_the_first_that_fits_is_taken():
    lib = Source().export("Cart", INTERFACE).export("Cart", INTERFACE).export("Cart", NAMESPACE)
    importer = Source().bind("./lib", "Cart").use("Cart").use("Cart", kind=ReferenceKind.TYPE)
    assert ends(importer, lib=lib) == ["lib.ts#Cart:3", "lib.ts#Cart:1"]


def test_a_value_used_as_a_type_is_still_where_the_name_leads():
    lib = Source().export("cart", CONSTANT)
    importer = Source().bind("./lib", "cart").use("cart", kind=ReferenceKind.TYPE)
    assert ends(importer, lib=lib) == ["lib.ts#cart"]


def test_members_are_reached_through_what_holds_them():
    lib = Source().export("Color", ENUM).member("Red", MEMBER)
    lib.export("Cart", CLASS).member("empty", METHOD, SymbolFlag.STATIC).member("total", METHOD)
    lib.export("Shop", NAMESPACE).member("open", SymbolKind.FUNCTION)
    lib.export("rates", CONSTANT).member("vat", PROPERTY, SymbolFlag.OBJECT_MEMBER)
    lib.export("run", SymbolKind.FUNCTION).member("local", SymbolKind.FUNCTION)
    importer = Source()
    chains = {
        "Color Red": "lib.ts#Red",
        "Color Blue": "not_exported",
        "Cart empty": "lib.ts#empty",
        "Cart total": "unknown_receiver",
        "Shop open": "lib.ts#open",
        "Shop shut": "not_exported",
        "rates vat": "lib.ts#vat",
        "rates tax": "unknown_receiver",
        "run local": "unknown_receiver",
        "Color Red length": "unknown_receiver",
    }
    for name in ("Color", "Cart", "Shop", "rates", "run"):
        importer.bind("./lib", name)
    for chain in chains:
        importer.use(*chain.split())
    assert ends(importer, lib=lib) == list(chains.values())


def test_members_are_reached_through_a_namespace_import_and_nested_containers():
    lib = Source().export("Shop", NAMESPACE).member("Color", ENUM)
    lib.declare("Red", MEMBER, within="Color")
    importer = Source().bind("./lib", "*", "ns").use("ns", "Shop", "Color", "Red")
    assert ends(importer, lib=lib) == ["lib.ts#Red"]


def test_a_static_member_of_a_merged_class_and_namespace_is_found_in_either():
    lib = Source().export("Cart", CLASS).member("empty", METHOD, SymbolFlag.STATIC)
    lib.export("Cart", NAMESPACE).declare("Item", INTERFACE, within="Cart")
    importer = Source().bind("./lib", "Cart").use("Cart", "empty").use("Cart", "Item")
    assert ends(importer, lib=lib) == ["lib.ts#empty", "lib.ts#Item"]


def test_export_equals_is_what_require_and_a_default_import_give():
    lib = Source().export("start", named="export=")
    importer = (
        Source().bind("./lib", "export=", "x").use("x").bind("./lib", "default", "y").use("y")
    )
    assert ends(importer, lib=lib) == ["lib.ts#start", "lib.ts#start"]


def test_named_imports_reach_into_what_export_equals_gives():
    lib = Source().export("all", NAMESPACE, named="export=").member("start", SymbolKind.FUNCTION)
    importer = Source().bind("./lib", "start").use("start").bind("./lib", "*", "ns")
    importer.use("ns", "start").bind("./lib", "gone").use("gone")
    assert ends(importer, lib=lib) == ["lib.ts#start", "lib.ts#start", "not_exported"]


def test_require_of_a_module_with_names_gives_the_module():
    lib = Source().export("start")
    importer = Source().bind("./lib", "export=", "all").use("all").use("all", "start")
    assert ends(importer, lib=lib) == ["lib.ts:1", "lib.ts#start"]


def test_require_may_be_exported_again_as_a_whole():
    lib = Source().export("start")
    top = Source().bind("./lib", "export=", "all").export_bound("all", named="export=")
    importer = Source().bind("./top", "export=", "x").use("x").use("x", "start")
    importer.bind("./top", "start").use("start")
    assert ends(importer, lib=lib, top=top) == ["lib.ts:1", "lib.ts#start", "lib.ts#start"]


def test_a_default_import_of_commonjs_names_gives_the_module():
    lib = Source().export("start")
    importer = Source().bind("./lib", "default", "x").use("x").use("x", "start")
    assert Index({"a.js": importer, "lib.js": lib}).ends("a.js") == ["lib.js:1", "lib.js#start"]
    importer = Source().bind("./lib", "default", "x").use("x")
    assert Index({"a.ts": importer, "lib.ts": lib}).ends("a.ts") == ["not_exported"]


def test_a_module_that_is_asked_for_in_place_is_followed_like_an_import():
    lib = Source().export("total")
    importer = Source().bind("./lib", "total").use_target("total", Target.MODULE, 0, "total")
    importer.use_target("lib", Target.MODULE, 0, "*")
    assert ends(importer, lib=lib) == ["lib.ts#total", "lib.ts:1"]


def test_what_a_file_knows_by_itself_stays_as_it_is():
    source = Source().declare("total").use("total").use_target("x", Target.LOCAL, 7, 4)
    source.use_target("window", Target.UNDECLARED)
    source.use_target("map", Target.UNKNOWN_RECEIVER, -1)
    source.use_target("total", Target.SYMBOL, 0, sure=False)
    expected = ["a.ts#total", "a.ts:7", "undeclared", "unknown_receiver", "a.ts#total?"]
    assert ends(source) == expected


def test_what_comes_from_outside_is_external_however_it_is_reached():
    top = Source().export_from("react", "useState").export_from("node:fs", "*", "fs")
    wide = Source().export_from("react", "*").export("mine")
    importer = Source().bind("react", "useMemo").use("useMemo").bind("react", "*", "R")
    importer.use("R", "useMemo").bind("./top", "useState").use("useState")
    importer.bind("./top", "fs").use("fs", "read").bind("./wide", "useRef").use("useRef")
    importer.bind("./wide", "mine").use("mine")
    assert ends(importer, top=top, wide=wide) == ["external"] * 5 + ["wide.ts#mine"]


def test_what_a_missing_module_would_give_is_unresolved():
    top = Source().export_from("./gone", "*")
    importer = Source().bind("./gone", "x").use("x").bind("./top", "y").use("y")
    assert ends(importer, top=top) == ["unresolved_module", "unresolved_module"]


def test_json_is_no_code_unless_it_is_indexed():
    importer = Source().bind("./data.json", "default", "x").use("x")
    index = Index({"a.ts": importer}, {"data.json": {}})
    assert (index.ends("a.ts"), index.asks("a.ts")) == (["not_code"], ["not_code"])
    index = Index({"a.ts": importer, "data.json": Source()})
    assert (index.ends("a.ts"), index.asks("a.ts")) == (["data.json:1"], ["data.json"])


def test_names_of_files_that_are_no_code_are_told_from_names_of_files_that_are_not_there():
    importer = Source().bind("./style.css", "card").use("card")
    importer.bind("./logo.svg", "default", "logo").use("logo").bind("./top", "all").use("all")
    importer.bind("./gone.css", "x").use("x")
    top = Source().export_from("./data.json", "*", "all")
    index = Index({"a.ts": importer, "top.ts": top}, dict.fromkeys(("style.css", "logo.svg"), ""))
    assert index.ends("a.ts") == ["not_code", "not_code", "unresolved_module", "unresolved_module"]
    there = dict.fromkeys(("style.css", "logo.svg", "data.json"), "")
    index = Index({"a.ts": importer, "top.ts": top}, there)
    assert index.ends("a.ts") == [*["not_code"] * 3, "unresolved_module"]


def test_each_request_says_where_it_leads_or_why_not():
    importer = Source().bind("./b", "x").bind("react/jsx", "y").bind("node:fs", "z")
    importer.bind("./made.min.js", "m").bind("./gone", "g").bind("", "d")
    index = Index({"a.ts": importer, "b.ts": Source()}, {"made.min.js": ""})
    assert index.asks("a.ts") == [
        "b.ts",
        "external_package react",
        "builtin fs",
        "not_indexed",
        "file_not_found",
        "not_static",
    ]


def test_files_are_numbered_in_path_order_and_symbols_in_source_order():
    late = Source().declare("z").declare("y", CLASS).member("m", METHOD).use("m")
    index = Index({"b.ts": late, "a.ts": Source().declare("x"), "a-b.ts": Source()})
    assert index.linker.paths == ["a-b.ts", "a.ts", "b.ts"]
    rows = [(row.symbol_no, row.file_no, row.container_no, row.name) for row in index.symbols]
    assert rows == [(0, 1, None, "x"), (1, 2, None, "z"), (2, 2, None, "y"), (3, 2, 2, "m")]
    (reference,) = index.references
    assert (reference.file_no, reference.enclosing_no, reference.symbol_no) == (2, 3, 3)
    assert index.linker.symbol_count == 4


def test_a_symbol_row_carries_all_that_its_file_says():
    source = Source()
    source.facts.symbols.append(
        Source()
        .declare("x")
        .facts.symbols[0]
        ._replace(
            flags=5,
            line=3,
            column=4,
            start_line=2,
            start_column=1,
            end_line=8,
            end_column=6,
            signature="x(): void",
            documentation="Why.",
        )
    )
    (row,) = Index({"a.ts": source}).symbols
    assert row[3:] == (1, 5, "x", 3, 4, 2, 1, 8, 6, "x(): void", "Why.", 0)


def test_rows_hold_plain_values_only():
    importer = Source().bind("./b", "x").use("x").bind("react", "y").use("y").bind("./c", "z")
    importer.use("z").use_target("w", Target.UNDECLARED).export_local("default")
    index = Index({"a.ts": importer, "b.ts": Source().export("x")}, {"c.svg": ""})
    rows = [*index.symbols, *index.references, *index.dependencies]
    kinds = {type(value) for row in rows for value in row}
    assert {type(row) for row in rows} == {SymbolRow, ReferenceRow, DependencyRow}
    assert kinds == {int, str, type(None)}
