"""What a person sees and does on the explorer, in a real browser against the real API."""

import re

import pytest
from playwright.sync_api import expect
from tests.search.indexed import enqueue

from indexer.parsing.parser import parse_file

# Longer than the page waits for more to be typed.
TYPING_RESTS_MS = 600
# How many lines the text of an element takes.
LINES = (
    "(e) => { const r = new Range(); r.selectNodeContents(e); return r.getClientRects().length; }"
)


@pytest.mark.parametrize("key", ["wrong", "kota_team_aaaaaaaaaaaa_bbbb", "two words", "ключ"])
def test_a_wrong_key_opens_nothing_and_is_told(explorer, key):
    explorer.visit()
    explorer.unlock(key)
    expect(explorer.page.locator("#login-trouble")).not_to_be_empty()
    expect(explorer.page.locator("#home")).to_be_hidden()
    expect(explorer.page.get_by_label("API key")).to_be_focused()
    assert explorer.page.evaluate("sessionStorage.length") == 0


def test_the_key_stays_in_the_tab_until_it_is_locked_and_goes_nowhere_else(shop):
    shop.open()
    page, key = shop.page, shop.issued.api_key
    expect(page.get_by_role("link", name="ada/shop")).to_be_visible()
    assert {one.headers["authorization"] for one in shop.requests} == {f"Bearer {key}"}
    assert [one.url for one in shop.watch.requests if key in one.url] == []
    kept = (
        "[document.cookie, JSON.stringify({...localStorage}), document.documentElement.outerHTML]"
    )
    assert [one for one in page.evaluate(kept) if key in one] == []
    page.reload()
    expect(page.get_by_role("link", name="ada/shop")).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_label("API key")).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    assert "ada/shop" not in page.content()
    page.reload()
    expect(page.get_by_label("API key")).to_be_focused()


def test_a_key_that_is_let_in_no_more_locks_the_page(shop):
    shop.open()
    listed = shop.page.get_by_role("link", name="ada/shop")
    expect(listed).to_be_visible()
    shop.scratch.sql("UPDATE kotadb.api_keys SET revoked_at = clock_timestamp()")
    listed.click()
    expect(shop.page.get_by_label("API key")).to_be_focused()
    expect(shop.page.locator("#login-trouble")).not_to_be_empty()
    assert "ada/shop" not in shop.page.content()


def test_repositories_are_listed_with_their_commit_their_age_and_their_jobs(shop):
    shop.enqueue("ada/waits")
    shop.open()
    row = shop.page.locator("#repositories tbody tr").filter(has_text="ada/shop")
    for told in ("main", "a" * 7, "s ago"):
        expect(row).to_contain_text(told)
    # Files and symbols, as the job counted them.
    expect(row.locator("td").nth(3)).to_have_text("2")
    expect(row.locator("td").nth(4)).to_have_text("3")
    waits = shop.page.locator("#repositories tbody tr").filter(has_text="ada/waits")
    expect(waits).to_contain_text("pending")
    expect(waits).to_contain_text("not yet")


def test_another_ref_lends_a_repository_neither_its_counts_nor_its_failure(shop):
    shop.index({"a.ts": "export const a = 1;\n"}, ref="v1", default_ref=None, commit_sha="b" * 40)
    shop.scratch.sql(
        "UPDATE kotadb.index_jobs SET stats = stats || '{\"files_indexed\": 71}' WHERE ref = 'v1'"
    )
    enqueue(shop.database, shop.tenant, "ada/shop", ref="v2")
    shop.scratch.sql(
        "UPDATE kotadb.index_jobs SET error_code = 'ref_not_found', error_message = 'no such tag'"
        " WHERE requested_ref = 'v2'"
    )
    shop.open()
    row = shop.page.locator("#repositories tbody tr").filter(has_text="ada/shop")
    expect(row).to_contain_text("a" * 7)
    expect(row.locator("td").nth(3)).to_have_text("2")
    expect(row.locator("td").last).to_have_text("pending v2: no such tag")


def test_a_list_of_repositories_is_read_on_a_narrow_screen_and_on_a_wide_one(shop):
    shop.index(name="ada/a-name-of-some-length")
    for name in "bcdefghij":
        shop.enqueue(f"ada/{name}")
    shop.scratch.sql(
        "UPDATE kotadb.index_jobs SET stats = stats || '{\"files_indexed\": 31583}'"
        " WHERE stats IS NOT NULL"
    )
    shop.scratch.sql("UPDATE kotadb.index_jobs SET error_message = 'away' WHERE stats IS NULL")
    shop.page.set_viewport_size({"width": 1280, "height": 800})
    shop.open()
    page = shop.page
    rows = page.locator("#repositories tbody tr")
    figure = rows.filter(has_text="ada/shop").locator("td").nth(3)
    expect(figure).to_have_text("31,583")
    assert figure.evaluate(LINES) == 1
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.locator("#home-title").evaluate(LINES) == 1
    named = rows.filter(has_text="ada/a-name-of-some-length").locator("td").first
    link, ref = named.locator(".repository"), named.locator(".ref")
    assert ref.bounding_box()["y"] == pytest.approx(link.bounding_box()["y"], abs=8)
    badge, told = rows.filter(has_text="ada/b").locator("td").last.locator("span > span").all()
    assert told.bounding_box()["x"] > badge.bounding_box()["x"]
    assert told.bounding_box()["y"] == pytest.approx(badge.bounding_box()["y"], abs=8)


def test_who_has_nothing_is_told_how_to_begin_and_can_do_so(explorer):
    explorer.open()
    page = explorer.page
    expect(page.get_by_role("heading", name="Nothing is indexed yet")).to_be_visible()
    origin = explorer.url.removesuffix("/ui")
    expect(page.locator("#first-curl")).to_contain_text(f"curl {origin}/index")
    page.get_by_label("Repository", exact=True).fill("not a name")
    page.get_by_role("button", name="Index", exact=True).click()
    expect(page.locator("#index-trouble")).not_to_be_empty()
    page.get_by_label("Repository", exact=True).fill("ada/new")
    page.keyboard.press("Enter")
    row = page.locator("#repositories tbody tr").filter(has_text="ada/new")
    expect(row).to_contain_text("pending")
    assert explorer.scratch.value("SELECT count(*) FROM kotadb.index_jobs") == 1


def test_a_search_is_asked_when_typing_rests_and_never_twice(shop):
    shop.open()
    page = shop.page
    page.keyboard.press("/")
    expect(page.get_by_label("Search code")).to_be_focused()
    page.keyboard.type("tocents", delay=20)
    hits = page.locator("#hits a.hit")
    expect(hits.first).to_contain_text("export function toCents")
    assert [one["q"] for one in shop.asked("search")] == ["tocents"]
    marks = page.locator("#hits mark").all_text_contents()
    assert set(marks) == {"toCents"}
    # A blank more asks for the same.
    page.keyboard.type(" ")
    page.wait_for_timeout(TYPING_RESTS_MS)
    assert len(shop.asked("search")) == 1
    page.keyboard.type("-path:checkout")
    expect(page.locator("#hits").get_by_text("checkout.ts")).to_have_count(0)
    assert shop.address == "#/search?q=tocents+-path%3Acheckout"
    expect(page.locator("#facets")).to_contain_text("1 more file left out by path:")
    page.go_back()
    expect(page.get_by_role("heading", name="Repositories", exact=True)).to_be_visible()


def test_hits_are_by_file_with_definitions_marked_and_counts_that_narrow(shop):
    shop.open("#/search?q=total")
    page = shop.page
    groups = page.locator("#hits .file-group")
    expect(groups.filter(has_text="money.ts").locator("li.defines")).to_contain_text("total")
    expect(groups.filter(has_text="checkout.ts").locator("li")).to_have_count(1)
    page.locator("#facets").get_by_role("button", name="method").click()
    expect(page.get_by_label("Search code")).to_have_value("total kind:method")
    expect(groups.filter(has_text="checkout.ts")).to_have_count(0)
    page.locator("#facets").get_by_role("button", name="method").click()
    expect(groups.filter(has_text="checkout.ts")).to_have_count(1)


def test_a_query_that_cannot_be_read_is_told_with_the_place(shop):
    shop.open("#/search?q=cache%20%2Fget(%2F")
    trouble = shop.page.locator("#search-trouble")
    expect(trouble).to_contain_text("This ( is never closed")
    expect(trouble.locator("mark")).to_have_text("(")
    trouble.get_by_role("button", name="Mark it in the field").click()
    marked = "(({selectionStart: from, selectionEnd: to, value}) => value.slice(from, to))(q)"
    assert shop.page.evaluate(marked) == "("
    shop.page.keyboard.type("\\(")
    expect(trouble).to_be_empty()
    expect(shop.page.locator("#search-notes")).to_contain_text("cache")


def test_nothing_found_says_why(shop):
    shop.open("#/search?q=nowhere")
    expect(shop.page.locator("#search-notes")).to_contain_text("nowhere")
    expect(shop.page.locator("#count")).to_have_text("Nothing found")


def test_from_a_use_to_its_definition_in_another_file_and_back(shop):
    shop.read("src/checkout.ts")
    page = shop.page
    shop.name(7, "toCents").click()
    expect(shop.panel.locator(".signature")).to_have_text(
        "function toCents(amount: number): number"
    )
    expect(shop.panel.locator(".documentation")).to_contain_text("Turns an amount into cents.")
    expect(shop.panel.locator(".documentation code")).to_have_text("cents")
    # What means the same is marked, the import too.
    expect(page.locator("#code .o.same")).to_have_text(["toCents", "toCents"])
    shop.panel.locator("a.where").click()
    expect(shop.line(8)).to_have_class("line chosen")
    assert shop.address == "#/r/ada/shop/-/src/money.ts?line=8"
    expect(page).to_have_title("money.ts · ada/shop · KotaDB")
    page.go_back()
    expect(shop.line(7)).to_have_class("line chosen")
    assert shop.address == "#/r/ada/shop/-/src/checkout.ts?line=7&column=24"
    expect(shop.panel.locator(".signature")).to_be_visible()


def test_ctrl_and_a_click_goes_to_the_definition_at_once(shop):
    shop.read("src/checkout.ts")
    shop.name(6, "Cart").click(modifiers=["Control"])
    expect(shop.line(3)).to_have_class("line chosen")
    assert shop.address == "#/r/ada/shop/-/src/cart.ts?line=3"
    assert shop.asked("hover") == []
    # A module specifier leads to its file.
    shop.page.go_back()
    shop.line(2).locator(".o").last.click(modifiers=["Control"])
    expect(shop.page.locator("#crumbs")).to_contain_text("money.ts")


def test_usages_are_by_file_with_their_lines_and_lead_there(shop):
    shop.read("src/money.ts")
    shop.name(8, "toCents").click()
    groups = shop.panel.locator(".usages details")
    expect(groups).to_have_count(2)
    cart = groups.filter(has_text="cart.ts")
    expect(cart.locator("a.hit").nth(1)).to_contain_text("return toCents(3);")
    expect(cart.locator("mark").nth(1)).to_have_text("toCents")
    shop.panel.get_by_role("button", name="Callers").click()
    expect(shop.panel.locator(".callers li")).to_contain_text(["total", "checkout"])
    cart_total = shop.panel.locator(".callers a.hit").filter(has_text="total")
    cart_total.click()
    expect(shop.line(4)).to_have_class("line chosen")
    assert "src/cart.ts?line=4" in shop.address
    # Whoever goes along the usages keeps them, and sees them marked.
    expect(cart_total).to_be_visible()
    expect(shop.page.locator("#code .o.same")).to_have_count(2)
    shop.page.locator("#tree").get_by_text("checkout.ts").click()
    expect(shop.page.get_by_role("tab", name="Outline")).to_have_attribute("aria-selected", "true")


def test_what_a_definition_calls_leads_to_its_definition_and_to_the_calls(shop):
    shop.read("src/checkout.ts")
    shop.name(5, "checkout").click()
    shop.panel.get_by_role("button", name="Calls", exact=True).click()
    rows = shop.panel.locator(".callees li")
    expect(rows.locator("a.hit")).to_contain_text(
        ["class Cart", "method total", "function toCents"]
    )
    expect(rows.locator(".sites")).to_have_text(
        ["line 6 → src/cart.ts", "line 7 → src/cart.ts", "line 7 → src/money.ts"]
    )
    rows.nth(1).locator("a.site").click()
    expect(shop.line(7)).to_have_class("line chosen")
    rows.nth(2).locator("a.hit").click()
    expect(shop.line(8)).to_have_class("line chosen")
    assert "src/money.ts?line=8" in shop.address
    shop.page.go_back()


def test_a_class_tells_what_it_extends_and_what_extends_it(shop):
    shop.read("src/money.ts")
    shop.name(12, "Purse").click()
    shop.panel.get_by_role("button", name="Hierarchy").click()
    expect(shop.panel.locator(".nested")).to_contain_text("Cart implements")


def test_what_leads_nowhere_is_no_link_and_a_package_says_so(shop):
    shop.read("src/checkout.ts")
    assert shop.line(3).locator(".o").count() == 0
    shop.page.get_by_role("tab", name="Imports").click()
    imports = shop.page.locator("#dependencies")
    expect(imports).to_contain_text("part of the runtime")
    imports.get_by_role("link", name="./money").click()
    expect(imports.locator("ul").last).to_contain_text("src/cart.ts")
    expect(imports.locator("ul").last).to_contain_text("src/checkout.ts")


def test_the_outline_is_nested_filtered_and_follows_the_scroll(explorer):
    many = "".join(f"export function f{n}() {{\n  return {n};\n}}\n\n" for n in range(80))
    explorer.index({"many.ts": "export class Deep {\n  inner() {}\n}\n" + many})
    explorer.read("many.ts")
    outline = explorer.page.locator("#outline")
    expect(outline.locator("li")).to_have_count(82)
    inner = outline.locator("li").filter(has_text="inner")
    assert inner.evaluate("node => node.style.getPropertyValue('--depth')") == "1"
    expect(outline.locator("a[aria-current]")).to_contain_text("Deep")
    explorer.page.locator("#code").evaluate("node => node.scrollTop = 203 * 20")
    expect(outline.locator("a[aria-current]")).to_contain_text("f50")
    explorer.page.keyboard.press("o")
    explorer.page.keyboard.type("f77")
    expect(outline.locator("li:visible")).to_have_count(1)
    explorer.page.keyboard.press("Enter")
    expect(explorer.line(312)).to_have_class("line chosen")


def test_a_file_is_found_by_a_part_of_its_path(shop):
    shop.read("src/cart.ts")
    page = shop.page
    page.keyboard.press("t")
    page.keyboard.type("OUT", delay=20)
    expect(page.locator("#goto-found li")).to_contain_text(["checkout.ts"])
    assert [one["contains"] for one in shop.asked("files")] == ["OUT"]
    # All that fits is known, so what fits more is asked for no more.
    page.keyboard.type(".t")
    expect(page.locator("#goto-found mark")).to_have_text("out.t")
    page.keyboard.press("Enter")
    expect(page.locator("#crumbs")).to_contain_text("checkout.ts")
    assert len(shop.asked("files")) == 1
    current = page.locator("#tree a[aria-current=page]")
    expect(current).to_have_text("checkout.ts")


def test_folders_open_and_their_files_too(shop):
    shop.open()
    page = shop.page
    page.get_by_role("link", name="ada/shop").click()
    expect(page.locator("#listing")).to_contain_text("3 files")
    page.locator("#listing").get_by_role("link", name="src/").click()
    expect(page.locator("#listing li")).to_have_text(["..", "cart.ts", "checkout.ts", "money.ts"])
    page.locator("#tree").get_by_text("cart.ts").click()
    expect(shop.line(3)).to_contain_text("class Cart")


def test_lines_are_linked_chosen_with_shift_and_kept_by_a_reload(shop):
    shop.read("src/money.ts")
    shop.line(8).locator(".no").click()
    shop.line(10).locator(".no").click(modifiers=["Shift"])
    assert shop.address == "#/r/ada/shop/-/src/money.ts?line=8-10"
    shop.page.reload()
    for number, chosen in ((7, False), (8, True), (9, True), (10, True), (11, False)):
        wanted = "line chosen" if chosen else "line"
        expect(shop.line(number)).to_have_class(wanted)


def test_another_ref_is_shown_when_it_is_chosen(shop):
    shop.index({"src/money.ts": "export const older = 1;\n"}, ref="v1", default_ref=None)
    shop.read("src/money.ts")
    shop.page.get_by_label("Branch or tag", exact=True).locator("visible=true").select_option("v1")
    expect(shop.line(1)).to_have_text("1export const older = 1;")
    assert shop.address == "#/r/ada/shop/-/src/money.ts?ref=v1"


def test_of_a_long_file_only_what_is_near_is_made_and_asked_for(explorer):
    lines = 12_000
    text = "".join(f"export const v{n} = {n};\n" for n in range(1, lines))
    explorer.index({"long.ts": text})
    assert len(parse_file(text.encode(), "long.ts").symbols) == lines - 1
    explorer.read("long.ts", "?line=11000")
    expect(explorer.name(11_000, "v11000")).to_be_visible()
    assert explorer.page.locator("#code .line").count() < 2_500
    assert [int(one["lines"].rstrip("-")) > 10_000 for one in explorer.asked("occurrences")] == [
        True
    ]
    assert len(explorer.asked("file")) == 1
    explorer.page.locator("#code").evaluate("node => node.scrollTop = 0")
    expect(explorer.name(1, "v1")).to_be_visible()
    assert len(explorer.asked("occurrences")) == 2


def test_of_a_long_line_the_rest_is_shown_when_it_is_asked_for(explorer):
    explorer.index({"min.js": f"let a = '{'x' * 9_000}';\nlet b = 1;\n"})
    explorer.read("min.js")
    shown = explorer.line(1).locator(".text")
    assert len(shown.text_content()) < 2_100
    explorer.page.get_by_role("button", name=re.compile("more characters")).click()
    expect(explorer.page.get_by_role("button", name=re.compile("more char"))).to_have_count(0)
    assert len(shown.text_content()) == 9_000 + len("let a = '';")
