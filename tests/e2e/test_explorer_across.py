"""The explorer where a name leads from one repository into another one."""

import pytest
from playwright.sync_api import expect
from tests.search.indexed import Commit, index

MONEY = {
    "src/index.ts": 'export * from "./total";\n',
    "src/total.ts": (
        "/** Adds up. */\n"
        "export function total(coins: number[]): number {\n"
        "  return coins.length;\n"
        "}\n"
        "export const nothing = total([]);\n"
    ),
}
SHOP = {
    "src/till.ts": (
        'import { total } from "@ada/money";\n'
        "\n"
        "export function pay(): number {\n"
        "  return total([1]);\n"
        "}\n"
    ),
}
MANIFEST = {"name": "@ada/money", "exports": "./dist/index.js"}


@pytest.fixture
def two(explorer):
    """The page, and two repositories on branches of different names; one imports the other."""
    money = Commit.of(MONEY, manifests={"package.json": MANIFEST})
    index(
        explorer.scratch, explorer.tenant, money, name="ada/money", ref="trunk", default_ref="trunk"
    )
    explorer.index(SHOP)
    return explorer


def usages(two):
    """Each file of the panel's usages: its repository where told, its name, and lines of it."""
    groups = two.panel.locator(".usages details")
    return [
        (
            *group.locator(":is(.repository, .name, .count)").all_inner_texts(),
            *group.locator("li .what").all_inner_texts(),
        )
        for group in groups.all()
    ]


def test_an_imported_name_leads_to_the_other_repository_and_back_by_its_usages(two):
    two.read("src/till.ts")
    page = two.page
    two.name(4, "total").click()
    expect(two.panel.locator(".signature")).to_have_text("function total(coins: number[]): number")
    expect(two.panel.locator(".documentation")).to_contain_text("Adds up.")
    expect(two.panel.locator(".facts")).to_contain_text("ada/money")
    expect(two.panel.locator(".usages mark")).to_have_text(["total", "total", "total"])
    assert usages(two) == [
        ("ada/money", "total.ts", "1", "export const nothing = total([]);"),
        ("till.ts", "2", 'import { total } from "@ada/money";', "return total([1]);"),
    ]

    two.panel.locator("a.where").click()
    expect(two.line(2)).to_have_class("line chosen")
    assert two.address == "#/r/ada/money/-/src/total.ts?line=2"
    two.name(2, "total").click()
    expect(two.panel.locator(".usages mark")).to_have_count(3)
    assert [group[:-1] for group in usages(two)] == [
        ("total.ts", "1"),
        ("ada/shop", "till.ts", "2", 'import { total } from "@ada/money";'),
    ]
    two.panel.locator(".usages details").last.locator("a.hit").last.click()
    expect(two.line(4)).to_have_class("line chosen")
    assert two.address == "#/r/ada/shop/-/src/till.ts?line=4"
    expect(page).to_have_title("till.ts · ada/shop · KotaDB")


def test_the_ref_that_is_read_goes_to_no_other_repository(two):
    two.index({**SHOP, "src/more.ts": ""}, ref="topic", commit_sha="7" * 40)
    two.read("src/till.ts", "?ref=topic")
    two.name(4, "total").click()
    expect(two.panel.locator(".usages mark").first).to_be_visible()
    links = two.panel.locator(".usages a.hit")
    expect(links.first).to_have_attribute("href", "#/r/ada/money/-/src/total.ts?line=5")
    two.panel.get_by_role("button", name="Callers").click()
    expect(two.panel.locator(".callers a.hit").first).to_have_attribute(
        "href", "#/r/ada/money/-/src/total.ts?line=5"
    )
