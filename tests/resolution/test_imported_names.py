"""What references mean of packages that are not in the repository, and what packages export."""

from tests.resolution.written import Index, Source

from indexer.parsing.facts import SymbolKind
from indexer.resolution.across import LONGEST
from indexer.resolution.places import EXPORT_EQUALS


def wanted(importer: Source, **others: Source) -> list[str | None]:
    """What each use in `importer` (a.ts) means of a package, as `specifier#name`."""
    index = Index({"a.ts": importer, **{f"{name}.ts": one for name, one in others.items()}})
    names = {
        one.imported_no: f"{one.package}{one.subpath and '/'}{one.subpath}#{one.name}"
        for one in index.linker.imported_names()
    }
    assert list(names) == list(range(len(names)))
    file_no = index.linker.paths.index("a.ts")
    return [
        None if one.imported_no is None else names[one.imported_no]
        for one in index.references
        if one.file_no == file_no
    ]


def exported(sources: dict[str, Source], manifest: dict[str, object]) -> list[str]:
    """What the packages export, as `specifier#name path:line`, with the symbol's name."""
    index = Index(sources, {"package.json": manifest})
    entries = {one.entry_no: one for one in index.linker.package_entries()}
    paths = index.linker.paths
    return [
        f"{entries[one.entry_no].package}/{entries[one.entry_no].subpath}#{one.name} "
        f"{paths[one.file_no]}:{one.line}"
        f"{'' if one.symbol_no is None else ' ' + index.symbols[one.symbol_no].name}"
        for one in index.linker.package_exports()
    ]


def test_an_import_is_told_by_the_name_that_the_package_gives_it():
    importer = Source().bind("pkg", "total", "sum").use("sum").bind("@a/b/c/d", "default", "x")
    importer.use("x").use("x")
    assert wanted(importer) == ["pkg#total", "@a/b/c/d#default", "@a/b/c/d#default"]


def test_members_of_a_namespace_are_exports_and_others_members_of_exports():
    importer = Source().bind("pkg", "*", "ns").use("ns").use("ns", "total").bind("pkg", "Unit")
    importer.use("Unit", "Euro").bind("pkg", EXPORT_EQUALS, "cjs").use("cjs", "f")
    assert wanted(importer) == ["pkg#*", "pkg#total", "pkg#Unit.Euro", "pkg#f"]


def test_members_too_deep_are_not_told():
    importer = Source().bind("pkg", "a").use("a", "b", "c").use("a", "b", "c", "d")
    assert wanted(importer) == ["pkg#a.b.c", None]


def test_names_are_followed_through_what_the_repository_passes_on():
    mid = Source().export_from("pkg", "total", "sum")
    top = Source().export_from("./mid", "sum", "default")
    importer = Source().bind("./top", "default", "x").use("x")
    assert wanted(importer, mid=mid, top=top) == ["pkg#total"]


def test_a_star_of_one_package_gives_it_every_name_that_is_asked_for():
    star = Source().export("own").export_from("pkg", "*")
    top = Source().export_from("./star", "foo", "bar")
    importer = Source().bind("./star", "foo").use("foo").bind("./star", "own").use("own")
    importer.bind("./top", "bar").use("bar").bind("./star", "*", "all").use("all", "free")
    assert wanted(importer, star=star, top=top) == ["pkg#foo", None, "pkg#foo", "pkg#free"]


def test_of_several_stars_none_is_told():
    star = Source().export_from("one", "*").export_from("two", "*")
    assert wanted(Source().bind("./star", "foo").use("foo"), star=star) == [None]


def test_modules_of_the_runtime_are_no_package():
    importer = Source().bind("node:fs", "readFile").use("readFile").bind("path", "join")
    assert wanted(importer.use("join")) == [None, None]


def test_what_is_too_long_is_not_told():
    long = "x" * LONGEST
    assert wanted(Source().bind("pkg", long).use(long).bind(long, "a").use("a")) == [None, None]


def test_a_package_exports_what_its_entry_does_from_wherever():
    lib = Source().export("total").export("rate", SymbolKind.CONSTANT)
    index = Source().export_from("./lib", "*").export_from("./lib", "rate", "tax")
    index.export("go", named="default").export_from("./lib", "*", "lib")
    found = exported({"index.ts": index, "lib.ts": lib}, {"name": "p", "exports": "./index.ts"})
    assert found == [
        "p/#default index.ts:3 go",
        "p/#lib lib.ts:1",
        "p/#lib.rate lib.ts:2 rate",
        "p/#lib.total lib.ts:1 total",
        "p/#rate lib.ts:2 rate",
        "p/#tax lib.ts:2 rate",
        "p/#total lib.ts:1 total",
    ]


def test_every_declaration_of_a_name_is_exported():
    index = Source().export("Coin", SymbolKind.INTERFACE).export("Coin", SymbolKind.CONSTANT)
    found = exported({"index.ts": index}, {"name": "p", "exports": "./index.ts"})
    assert found == ["p/#Coin index.ts:1 Coin", "p/#Coin index.ts:2 Coin"]


def test_modules_that_export_each_other_are_told_once():
    one = Source().export("a").export_from("./two", "*").export_from("./two", "*", "two")
    two = Source().export("b").export_from("./one", "*").export_from("./one", "*", "one")
    found = exported({"one.ts": one, "two.ts": two}, {"name": "p", "exports": "./one.ts"})
    assert "p/#b two.ts:1 b" in found
    assert "p/#two.one.a one.ts:1 a" in found
    assert len(found) == len(set(found)) < 40
