from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tests.contract.project import ROOT

from indexer.parsing.facts import FileFacts, SymbolFlag, SymbolKind
from indexer.parsing.parser import parse_file
from indexer.resolution.link import Linker
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.rows import Resolution, Unresolved

STOREFRONT = ROOT / "examples/storefront"
CODE = {".ts", ".tsx", ".cjs"}


@cache
def files() -> dict[str, bytes]:
    found = sorted(path for path in STOREFRONT.rglob("*") if path.is_file())
    return {path.relative_to(STOREFRONT).as_posix(): path.read_bytes() for path in found}


@cache
def parsed() -> list[tuple[str, FileFacts]]:
    return [
        (path, parse_file(content, path))
        for path, content in files().items()
        if Path(path).suffix in CODE
    ]


@cache
def linker() -> Linker:
    return Linker(parsed(), ModuleResolver(files(), files().get))


@cache
def imports() -> dict[tuple[str, str], str]:
    """Where each import leads, or why nowhere, by importing file and specifier."""
    paths = [path for path, _ in parsed()]
    return {
        (paths[row.file_no], row.specifier): (
            paths[row.to_file_no]
            if row.to_file_no is not None
            else f"{Unresolved(row.reason).name.lower()} {row.package or ''}".strip()
        )
        for row in linker().dependencies()
    }


def test_every_file_of_the_example_is_read_without_a_syntax_error():
    assert len(parsed()) == 21
    assert {path: facts.syntax_errors for path, facts in parsed() if facts.syntax_errors} == {}


@pytest.mark.parametrize(
    ("importing", "specifier", "leads_to"),
    [
        ("catalog/src/index.ts", "./pricing", "packages/catalog/src/pricing/index.ts"),
        ("catalog/src/inventory.ts", "./product.js", "packages/catalog/src/product.ts"),
        ("catalog/src/inventory.ts", "./seed.json", "not_code"),
        ("shop/src/main.tsx", "@storefront/catalog", "packages/catalog/src/index.ts"),
        ("shop/src/main.tsx", "@/components", "packages/shop/src/components/index.ts"),
        ("shop/src/main.tsx", "react-dom/client", "external_package react-dom"),
        ("shop/src/checkout/checkout.ts", "@/cart/cart", "packages/shop/src/cart/cart.ts"),
        ("shop/src/checkout/checkout.ts", "zod", "external_package zod"),
        ("shop/src/api/client.ts", "./report.js", "packages/shop/src/api/report.ts"),
        ("shop/src/api/client.ts", "./generated/schema", "file_not_found"),
    ],
)
def test_each_way_of_importing_is_in_the_example(importing, specifier, leads_to):
    assert imports()[f"packages/{importing}", specifier] == leads_to


def test_a_script_of_the_example_requires_another_and_the_runtime():
    script = "scripts/import-products.cjs"
    assert imports()[script, "./csv.cjs"] == "scripts/csv.cjs"
    assert imports()[script, "node:fs"].startswith("builtin")


def test_exactly_one_import_of_the_example_leads_nowhere():
    known = ("packages/", "scripts/", "external_package", "builtin", "not_code")
    lost = [place for place, answer in imports().items() if not answer.startswith(known)]
    assert lost == [("packages/shop/src/api/client.ts", "./generated/schema")]


def test_a_function_of_the_example_is_used_through_barrels_aliases_and_paths():
    symbols = list(linker().symbols())
    paths = [path for path, _ in parsed()]
    (total,) = [
        symbol
        for symbol in symbols
        if symbol.name == "total" and symbol.kind == SymbolKind.FUNCTION
    ]
    assert paths[total.file_no] == "packages/catalog/src/money.ts"
    assert total.documentation.startswith("The sum of any number of amounts.")
    users = Counter(
        paths[use.file_no] for use in linker().references() if use.symbol_no == total.symbol_no
    )
    assert set(users) == {
        "packages/catalog/src/index.ts",
        "packages/shop/src/cart/cart.ts",
        "packages/shop/src/checkout/checkout.ts",
    }


def test_most_exported_functions_of_the_example_are_documented():
    exported = [
        symbol
        for symbol in linker().symbols()
        if symbol.kind == SymbolKind.FUNCTION and symbol.flags & SymbolFlag.EXPORTED
    ]
    documented = [symbol for symbol in exported if symbol.documentation]
    assert len(exported) >= 15
    assert len(documented) / len(exported) > 0.8


def test_nothing_in_the_example_is_left_unresolved_by_accident():
    endings = Counter(Resolution(use.resolution) for use in linker().references())
    assert endings[Resolution.NOT_EXPORTED] == 0
    assert endings[Resolution.AMBIGUOUS] == 0
    assert endings[Resolution.EXACT] > 200
