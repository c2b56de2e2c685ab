"""From a use in one repository to the definition in another, and back."""

import pytest
from tests.search.indexed import Commit

from indexer.database.paging import integer, read_cursor, write_cursor
from indexer.parsing.facts import SymbolKind
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search import (
    across,
    callees,
    definitions,
    exports,
    occurrences,
    outside,
    references,
    repositories,
    symbols,
)
from indexer.search.definitions import NameNotFound
from indexer.search.files import FileNotFound
from indexer.search.repositories import CursorExpired
from indexer.search.symbols import SymbolQuery

MONEY = {
    "src/index.ts": """export * from "./purse";
export { default as round } from "./round";
export * as rates from "./rates";
export enum Unit { Cent, Euro }
export default function money() {}
""",
    "src/purse.ts": """export class Purse {
  static empty() { return new Purse(); }
  coins = 0;
  count(): number { return this.coins; }
}
export interface Coin { worth: number; }
export function open(purse: Purse) { return purse.count(); }
""",
    "src/rates.ts": "export const euro = 2;\n",
    "src/round.ts": "export default function (x: number) { return x; }\n",
    "src/extra/tax.ts": "export const tax = 1;\n",
}
MONEY_MANIFEST = {
    "name": "@ada/money",
    "main": "./dist/index.js",
    "exports": {".": "./dist/index.js", "./extra/*": "./dist/extra/*.js"},
}
SHOP = {
    "till.ts": """import money, { Purse, Coin, open, round, rates, Unit } from "@ada/money";
import * as all from "@ada/money";
import { tax } from "@ada/money/extra/tax";
import { useState } from "react";
export { open as unlock } from "@ada/money";
export function pay(coin: Coin) {
  const purse = new Purse();
  open(Purse.empty()) + purse.count() + coin.worth;
  return round(rates.euro * tax + all.rates.euro) + Unit.Euro + all.open(purse) + useState();
}
class Wallet extends Purse { pay() { return this.count(); } }
money();
""",
    "late.ts": """import { unlock } from "./till";
unlock(null);
""",
}


@pytest.fixture
def shop(ada):
    """A repository that imports from another one; both are indexed."""
    ada.index(Commit.of(MONEY, manifests={"package.json": MONEY_MANIFEST}), name="ada/money")
    ada.index(Commit.of(SHOP), name="ada/shop")
    return ada


def named(reader, line, piece, *, path="till.ts", into=0, repository="ada/shop"):
    """What the name means that stands so many columns into the last such piece of a line."""
    return definitions.at(
        reader.database,
        tenant_id=reader.tenant_id,
        repository=repository,
        path=path,
        line=line,
        column=SHOP[path].splitlines()[line - 1].rindex(piece) + into,
    )


def told(found):
    """The definitions as repository:path:line, with the symbol's name."""
    return [
        f"{one.snapshot.repository}:{one.path}:{one.line}"
        f"{'' if one.symbol is None else f' {one.symbol.name}'}"
        for one in found.definitions
    ]


@pytest.mark.parametrize(
    ("line", "piece", "leads"),
    [
        (1, "Purse", "src/purse.ts:1 Purse"),
        (1, "money,", "src/index.ts:5 money"),
        (7, "Purse", "src/purse.ts:1 Purse"),
        (6, "Coin", "src/purse.ts:6 Coin"),
        (8, "open", "src/purse.ts:7 open"),
        (9, "round", "src/round.ts:1 default"),
        (9, "rates.euro *", "src/rates.ts:1"),
        (9, "euro *", "src/rates.ts:1 euro"),
        (9, "euro)", "src/rates.ts:1 euro"),
        (9, "Unit", "src/index.ts:4 Unit"),
        (9, "tax", "src/extra/tax.ts:1 tax"),
        (9, "open", "src/purse.ts:7 open"),
        (12, "money", "src/index.ts:5 money"),
        (9, "all.rates", "src/index.ts:1"),
    ],
)
def test_what_is_imported_leads_to_its_definition_in_the_other_repository(shop, line, piece, leads):
    found = named(shop, line, piece)
    assert told(found) == [f"ada/money:{leads}"]
    assert found.resolution is Resolution.EXTERNAL
    assert found.snapshot.repository == "ada/shop"


@pytest.mark.parametrize(
    ("line", "piece", "leads"),
    [
        (8, "empty", "src/purse.ts:2 empty"),
        (8, "count", "src/purse.ts:4 count"),
        (8, "worth", "src/purse.ts:6 worth"),
        (9, "Euro", "src/index.ts:4 Euro"),
        (11, "count", "src/purse.ts:4 count"),
    ],
)
def test_members_lead_there_too_by_the_type_they_are_members_of(shop, line, piece, leads):
    assert told(named(shop, line, piece)) == [f"ada/money:{leads}"]


def test_a_name_that_is_passed_on_leads_through_its_own_repository(shop):
    found = named(shop, 2, "unlock", path="late.ts")
    assert told(found) == ["ada/money:src/purse.ts:7 open"]


def test_a_module_specifier_leads_to_the_entry_of_the_package(shop):
    found = named(shop, 3, "@ada/money/extra/tax", into=3)
    assert told(found) == ["ada/money:src/extra/tax.ts:1"]
    assert found.unresolved is Unresolved.EXTERNAL_PACKAGE
    assert told(named(shop, 1, "@ada/money", into=3)) == ["ada/money:src/index.ts:1"]


def test_a_package_that_nobody_offers_leads_nowhere(shop):
    assert told(named(shop, 9, "useState")) == []
    assert told(named(shop, 4, "react")) == []


def test_every_repository_that_offers_the_package_is_told_by_its_name(shop):
    fork = {"index.ts": "export function open() {}\n"}
    shop.index(Commit.of(fork, manifests={"package.json": {"name": "@ada/money"}}), name="ada/fork")
    assert told(named(shop, 8, "open")) == [
        "ada/fork:index.ts:1 open",
        "ada/money:src/purse.ts:7 open",
    ]


def test_no_more_meanings_are_told_of_a_name_than_of_any_other(shop, monkeypatch):
    monkeypatch.setattr(definitions, "MOST_DEFINITIONS", 3)
    fork = {"index.ts": "export function open(): 1;\n" * 4}
    for name in ("ada/fork", "ada/spoon"):
        shop.index(Commit.of(fork, manifests={"package.json": {"name": "@ada/money"}}), name=name)
    assert told(named(shop, 8, "open")) == [f"ada/fork:index.ts:{line} open" for line in (1, 2, 3)]


def test_so_many_names_of_one_place_are_looked_for_elsewhere(ada, monkeypatch):
    kit = {"index.ts": "export class A { go() {} }\nexport class B { go() {} }\n"}
    ada.index(Commit.of(kit, manifests={"package.json": {"name": "kit"}}), name="ada/kit")
    user = Commit.of({"use.ts": 'import { A, B } from "kit";\nA; B;\n'})
    first, second = (one for one in user.references if one.line == 2)
    user.references.append(second._replace(column=first.column))
    ada.index(user, name="ada/user")
    place = {"repository": "ada/user", "path": "use.ts", "line": 2, "column": 0}

    def meant():
        return told(definitions.at(ada.database, tenant_id=ada.tenant_id, **place))

    assert meant() == ["ada/kit:index.ts:1 A", "ada/kit:index.ts:2 B"]
    monkeypatch.setattr(definitions, "_MOST_ELSEWHERE", 1)
    assert meant() == ["ada/kit:index.ts:1 A"]


def test_what_another_tenant_offers_is_never_told(ada, eve):
    eve.index(Commit.of(MONEY, manifests={"package.json": MONEY_MANIFEST}), name="eve/money")
    ada.index(Commit.of(SHOP), name="ada/shop")
    assert told(named(ada, 8, "open")) == []
    assert used(eve, "open", repository="eve/money") == []


def used(reader, name, *, repository="ada/money", limit=100, kind=None):
    """The uses of the only symbol of this name, page by page."""
    query = SymbolQuery(name=name, repository=repository)
    (symbol,) = symbols.find(reader.database, query, tenant_id=reader.tenant_id).items
    found, cursor = [], None
    while True:
        page = references.of_symbol(
            reader.database,
            str(symbol.id),
            tenant_id=reader.tenant_id,
            limit=limit,
            cursor=cursor,
            kind=kind,
        ).page
        assert 0 < len(page.items) <= limit or cursor is None
        found += [f"{one.snapshot.repository}:{one.path}:{one.line}" for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_a_module_without_a_default_stands_for_its_own(ada):
    plain = {"index.ts": "export function go() {}\n"}
    ada.index(Commit.of(plain, manifests={"package.json": {"name": "plain"}}), name="ada/plain")
    user = {"till.ts": 'import plain from "plain";\nplain.go();\n'}
    ada.index(Commit.of(user), name="ada/user")
    found = definitions.at(
        ada.database,
        tenant_id=ada.tenant_id,
        repository="ada/user",
        path="till.ts",
        line=2,
        column=7,
    )
    assert told(found) == ["ada/plain:index.ts:1 go"]
    assert used(ada, "go", repository="ada/plain") == ["ada/user:till.ts:2"]


def test_other_refs_than_the_default_define_nothing_for_others(shop):
    moved = MONEY | {"src/purse.ts": "\n\nexport function open() {}\n"}
    commit = Commit.of(moved, manifests={"package.json": MONEY_MANIFEST})
    shop.index(commit, name="ada/money", ref="topic", commit_sha="4" * 40)
    assert told(named(shop, 8, "open")) == ["ada/money:src/purse.ts:7 open"]


def test_a_repository_is_no_importer_of_its_own(ada):
    ada.index(Commit.of(SHOP), name="ada/one")
    commit = Commit.of(MONEY, manifests={"package.json": MONEY_MANIFEST})
    ada.index(commit, name="ada/one", ref="topic", commit_sha="5" * 40)
    query = SymbolQuery(name="open", repository="ada/one", ref="topic")
    (symbol,) = symbols.find(ada.database, query, tenant_id=ada.tenant_id).items
    page = references.of_symbol(ada.database, str(symbol.id), tenant_id=ada.tenant_id).page
    assert page.items == ()


OPEN = [
    "ada/shop:late.ts:1",
    "ada/shop:late.ts:2",
    "ada/shop:till.ts:1",
    "ada/shop:till.ts:5",
    "ada/shop:till.ts:8",
    "ada/shop:till.ts:9",
]


def test_uses_are_those_of_the_repository_and_then_those_of_others(shop):
    assert used(shop, "open") == OPEN
    assert used(shop, "Purse")[:2] == ["ada/money:src/purse.ts:2", "ada/money:src/purse.ts:7"]
    assert used(shop, "Purse")[2:] == [
        "ada/shop:till.ts:1",
        "ada/shop:till.ts:7",
        "ada/shop:till.ts:8",
        "ada/shop:till.ts:11",
    ]


def test_uses_of_members_are_told_across_repositories(shop):
    assert used(shop, "count") == [
        "ada/money:src/purse.ts:7",
        "ada/shop:till.ts:8",
        "ada/shop:till.ts:11",
    ]
    assert used(shop, "Euro") == ["ada/shop:till.ts:9"]


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("at_once", [1, 100])
def test_pages_go_through_all_repositories(shop, limit, at_once, monkeypatch):
    monkeypatch.setattr(across, "_IMPORTERS_AT_ONCE", at_once)
    shop.index(Commit.of(SHOP), name="ada/annex")
    expected = [one.replace("/shop:", "/annex:") for one in OPEN] + OPEN
    assert used(shop, "open", limit=limit) == expected


def test_a_page_goes_on_in_the_commit_in_which_the_one_before_ended(shop):
    def page(cursor=None):
        query = SymbolQuery(name="open", repository="ada/money")
        (symbol,) = symbols.find(shop.database, query, tenant_id=shop.tenant_id).items
        return references.of_symbol(
            shop.database, str(symbol.id), tenant_id=shop.tenant_id, limit=3, cursor=cursor
        ).page

    first = page()
    shop.index(Commit.of({"till.ts": "export {};\n"}), name="ada/shop", commit_sha="2" * 40)
    assert [one.line for one in page(first.next_cursor).items] == [5, 8, 9]
    assert page().items == ()
    gone = repositories.page(shop.database, tenant_id=shop.tenant_id).items[-1]
    assert gone.full_name == "ada/shop"
    repositories.delete(shop.database, str(gone.repository_id), tenant_id=shop.tenant_id)
    with pytest.raises(CursorExpired):
        page(first.next_cursor)


def test_uses_at_other_refs_than_the_default_are_not_told(shop):
    shop.index(Commit.of(SHOP), name="ada/shop", ref="topic", commit_sha="3" * 40)
    assert used(shop, "open") == OPEN


def test_refs_that_do_not_answer_crowd_out_none_that_do(ada, monkeypatch):
    money = Commit.of(MONEY, manifests={"package.json": MONEY_MANIFEST})
    for number, ref in enumerate(("one", "two", "main")):
        ada.index(money, name="ada/money", ref=ref, commit_sha=str(number) * 40)
        ada.index(Commit.of(SHOP), name="ada/shop", ref=ref, commit_sha=str(number) * 40)
    monkeypatch.setattr(across, "MOST_REPOSITORIES", 1)
    assert used(ada, "open") == OPEN
    found = outside.packages(ada.database, tenant_id=ada.tenant_id, repository="ada/shop")
    assert list(found.page.items[0].repositories) == ["ada/money"]


def test_so_many_repositories_that_offer_a_package_are_told_by_their_names(shop, monkeypatch):
    for name in ("ada/fork", "ada/spoon"):
        shop.index(Commit.of(MONEY, manifests={"package.json": MONEY_MANIFEST}), name=name)
    monkeypatch.setattr(across, "MOST_OFFERS", 2)
    found = outside.packages(shop.database, tenant_id=shop.tenant_id, repository="ada/shop")
    assert list(found.page.items[0].repositories) == ["ada/fork", "ada/money"]


def test_the_packages_of_a_repository_tell_who_offers_them(shop, eve):
    named_react = Commit.of(MONEY, manifests={"package.json": {"name": "react"}})
    eve.index(named_react, name="eve/react")
    # What another ref than the default has answers for nobody.
    shop.index(named_react, name="ada/money", ref="topic", commit_sha="6" * 40)
    found = outside.packages(shop.database, tenant_id=shop.tenant_id, repository="ada/shop")
    assert {one.name: list(one.repositories) for one in found.page.items} == {
        "@ada/money": ["ada/money"],
        "react": [],
    }


@pytest.mark.parametrize(
    ("path", "entry", "names"),
    [
        ("@ada/money", "src/index.ts", "Coin Purse Unit default open rates round"),
        ("@ada/money/extra/tax", "src/extra/tax.ts", "tax"),
    ],
)
def test_the_exported_api_of_a_package_is_told_by_its_name(shop, path, entry, names):
    found = exports.of_path(
        shop.database, tenant_id=shop.tenant_id, repository="ada/money", path=path
    )
    assert found.path == entry
    assert [one.name for one in found.page.items] == names.split()


@pytest.mark.parametrize("path", ["@ada/gone", "@ada/money/gone", "@ada"])
def test_a_package_that_is_not_in_the_repository_exports_nothing(shop, path):
    with pytest.raises(FileNotFound):
        exports.of_path(shop.database, tenant_id=shop.tenant_id, repository="ada/money", path=path)


def test_nothing_stands_where_no_name_is(shop):
    with pytest.raises(NameNotFound):
        named(shop, 12, ";")


def leads(reader, user, line, column):
    """What a name of a small repository (`use.ts`) means."""
    reader.index(Commit.of({"use.ts": user}), name="ada/user")
    found = definitions.at(
        reader.database,
        tenant_id=reader.tenant_id,
        repository="ada/user",
        path="use.ts",
        line=line,
        column=column,
    )
    return told(found)


def test_what_a_default_does_not_have_is_not_looked_for_beside_it(ada):
    both = {"index.ts": "export default { go() {} };\nexport function stay() {}\n"}
    ada.index(Commit.of(both, manifests={"package.json": {"name": "both"}}), name="ada/both")
    user = 'import both from "both";\nboth.stay();\nboth.go();\n'
    assert leads(ada, user, 2, 5) == []
    assert leads(ada, user, 3, 5) == ["ada/both:index.ts:1 go"]


def test_a_default_import_of_what_a_module_exports_as_a_whole_is_that(ada):
    whole = {"index.js": "/** One. */\n\nfunction go() {}\ngo.far = 1;\nmodule.exports = go;\n"}
    ada.index(Commit.of(whole, manifests={"package.json": {"name": "whole"}}), name="ada/whole")
    user = 'import go from "whole";\ngo.far;\ngo();\n'
    assert leads(ada, user, 3, 1) == ["ada/whole:index.js:3 go"]
    assert leads(ada, user, 2, 4) == ["ada/whole:index.js:4 far"]
    assert used(ada, "go", repository="ada/whole")[-3:] == [
        f"ada/user:use.ts:{line}" for line in (1, 2, 3)
    ]


def test_a_cursor_that_passes_over_more_than_there_can_be_ends_the_list(shop):
    query = SymbolQuery(name="open", repository="ada/money")
    (symbol,) = symbols.find(shop.database, query, tenant_id=shop.tenant_id).items
    shown = references.of_symbol(
        shop.database, str(symbol.id), tenant_id=shop.tenant_id, limit=1
    ).page
    *start, _ = read_cursor(shown.next_cursor, "references", *(integer,) * 7)
    cursor = write_cursor("references", *start, 2**31 - 1)
    page = references.of_symbol(
        shop.database, str(symbol.id), tenant_id=shop.tenant_id, cursor=cursor
    ).page
    assert (page.items, page.next_cursor) == ((), None)


def test_names_that_may_be_defined_elsewhere_are_told_in_a_text(shop, eve):
    eve.index(Commit.of(MONEY, manifests={"package.json": {"name": "react"}}), name="eve/react")
    found = occurrences.in_lines(
        shop.database, tenant_id=shop.tenant_id, repository="ada/shop", path="till.ts", lines="3-8"
    )
    named = {(one.line, one.name): one.elsewhere for one in found.occurrences}
    elsewhere = {"@ada/money/extra/tax", "@ada/money", "tax", "open", "Coin", "Purse", "empty"}
    for (_, name), is_elsewhere in named.items():
        assert is_elsewhere == (name in elsewhere | {"count", "worth"}), name
    assert {name for _, name in named} > elsewhere | {"react", "useState", "pay", "purse"}


def names_elsewhere(reader):
    """What is said to be defined elsewhere in a function, and of what it calls."""
    here = {"tenant_id": reader.tenant_id, "repository": "ada/shop"}
    found = occurrences.in_lines(reader.database, path="till.ts", lines="6-10", **here)
    query = SymbolQuery(name="pay", repository="ada/shop", kind=SymbolKind.FUNCTION)
    (symbol,) = symbols.find(reader.database, query, tenant_id=reader.tenant_id).items
    called = callees.of_symbol(reader.database, str(symbol.id), tenant_id=reader.tenant_id)
    return (
        {one.name for one in found.occurrences if one.elsewhere},
        {one.name for one in called.page.items if one.elsewhere},
    )


def test_nothing_is_elsewhere_that_only_another_ref_or_an_older_commit_offers(shop):
    assert all({"open", "Purse"} <= some for some in names_elsewhere(shop))
    offering = Commit.of(MONEY, manifests={"package.json": MONEY_MANIFEST})
    shop.index(offering, name="ada/money", ref="topic", commit_sha="7" * 40)
    renamed = Commit.of(MONEY, manifests={"package.json": {"name": "@ada/coins"}})
    shop.index(renamed, name="ada/money", commit_sha="8" * 40)
    assert told(named(shop, 8, "open")) == []
    assert names_elsewhere(shop) == (set(), set())
