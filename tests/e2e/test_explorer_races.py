"""What the explorer makes of hostile addresses, of answers that come late, and of being locked."""

import pytest
from playwright.sync_api import expect

# Longer than the page waits for more to be typed.
TYPING_RESTS_MS = 600
FILTERS = "repo:" * 60


def hold(page, pattern, ending=""):
    """Keeps the questions back whose address fits and ends so."""
    held = []

    def keep(route):
        if route.request.url.endswith(ending):
            held.append(route)
        else:
            route.continue_()

    page.route(pattern, keep)
    return held


def until_held(page, held, count=1):
    for _ in range(100):
        if len(held) >= count:
            return held
        page.wait_for_timeout(20)
    raise AssertionError("nothing was asked")


def test_repositories_can_be_filtered_while_they_are_looked_at_again(shop):
    for number in range(8):
        shop.enqueue(f"ada/other-{number}")
    shop.open()
    page = shop.page
    rows = page.locator("#repositories tbody tr:visible")
    expect(rows).to_have_count(9)
    held = hold(page, "**/repositories?**")
    page.get_by_role("button", name="Look again").click()
    (request,) = until_held(page, held)
    page.get_by_label("Filter repositories").fill("Other-3")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("ada/other-3")
    request.continue_()
    page.unroute("**/repositories?**")
    page.get_by_role("button", name="Look again").click()
    expect(rows).to_have_count(1)


@pytest.mark.parametrize(
    "fragment",
    [
        "#/__proto__/ada/shop/-/src/money.ts",
        "#/constructor/ada/shop/-/src/money.ts",
        "#/toString/a/-/b",
        "#/r/-/x",
        "#/%",
        "#//-/-/-",
    ],
)
def test_an_address_that_is_no_place_leads_home(shop, fragment):
    shop.open(fragment)
    expect(shop.page.get_by_role("link", name="ada/shop")).to_be_visible()


@pytest.mark.parametrize(
    "fragment",
    [
        "#/r/ada/shop/-/src/%zz%.ts?line=999999999&column=1e308&ref=%ff",
        "#/r/../../-",
        "#/r/__proto__/constructor/-/toString?line=3",
        "#/g/ada/shop/-/..%2F..%2Fetc?depth=99&direction=__proto__",
        "#/r/ada/shop/-/src/money.ts?line=99999999999999999999&column=-1&ref=nope",
    ],
)
def test_a_place_that_is_not_there_is_told(shop, fragment):
    shop.open(fragment)
    expect(shop.page.locator(".trouble").locator("visible=true").first).to_be_visible()


def test_a_query_of_many_filters_is_read_at_once(shop):
    shop.open(f"#/search?q={FILTERS}%20x")
    shop.page.set_default_timeout(5_000)
    expect(shop.page.locator("#count")).to_have_text("Nothing found")


def test_a_search_that_is_given_up_leaves_nothing_busy(shop):
    shop.open("#/search?q=total")
    page = shop.page
    expect(page.locator("#hits a.hit").first).to_be_visible()
    held = hold(page, "**/search?**")
    page.get_by_label("Search code").fill("cart")
    until_held(page, held)
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    page.get_by_label("Search code").fill("")
    expect(page.locator("#search-notes")).to_contain_text("Write a word")
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")


def test_what_is_found_by_a_path_goes_with_its_repository(shop):
    shop.index({"other/cart.ts": "export const other = 1;\n"}, name="ada/other")
    shop.read("src/cart.ts")
    page = shop.page
    page.keyboard.press("t")
    page.keyboard.type("art")
    expect(page.locator("#goto-found li")).to_have_count(1)
    page.evaluate("() => { location.hash = '#/r/ada/other/-/other/cart.ts'; }")
    expect(shop.line(1)).to_contain_text("other")
    expect(page.locator("#goto-found")).to_be_hidden()
    expect(page.locator("#goto")).to_have_value("")
    page.keyboard.press("t")
    page.keyboard.type("art")
    expect(page.locator("#goto-found a")).to_have_attribute("href", "#/r/ada/other/-/other/cart.ts")


def test_a_list_of_files_that_is_left_does_not_come_back(shop):
    shop.read("src/cart.ts")
    page = shop.page
    page.keyboard.press("t")
    page.keyboard.type("mon")
    page.keyboard.press("Escape")
    page.wait_for_timeout(TYPING_RESTS_MS)
    expect(page.locator("#goto-found")).to_be_hidden()
    assert shop.asked("files") == []


def test_a_folder_that_is_left_tells_nothing_of_itself(shop):
    other = shop.index(
        {"a.ts": "export const a = 1;\n"}, name="ada/other", ref="trunk", default_ref="trunk"
    )
    shop.open()
    page = shop.page
    held = hold(page, "**/repositories/*", str(other))
    page.evaluate("() => { location.hash = '#/r/ada/other/-/'; }")
    until_held(page, held)
    page.evaluate("() => { location.hash = '#/r/ada/shop/-/src/money.ts'; }")
    refs = page.locator("#ref")
    expect(refs).to_have_value("main")
    for route in held:
        route.continue_()
    page.wait_for_timeout(TYPING_RESTS_MS)
    expect(refs).to_have_value("main")
    expect(page.locator("#commit time")).to_have_count(1)


def test_usages_in_a_file_show_their_lines_when_it_is_opened(explorer):
    users = {f"u{n:02}.ts": 'import { one } from "./one";\none();\n' for n in range(16)}
    explorer.index({"one.ts": "export function one() {}\n", **users})
    explorer.read("one.ts")
    explorer.name(1, "one").click()
    groups = explorer.panel.locator(".usages details")
    expect(groups).to_have_count(16)
    expect(groups.first.locator("mark").first).to_have_text("one")
    last = groups.nth(14)
    assert last.locator("mark").count() == 0
    last.locator("summary").click()
    expect(last.locator("mark").first).to_have_text("one")


def test_what_comes_after_a_line_longer_than_an_answer_is_shown(explorer):
    explorer.index({"min.js": f"let a;\n'{'x' * 600_000}';\nlet last;\n"})
    explorer.open("#/r/ada/shop/-/min.js")
    expect(explorer.line(3)).to_contain_text("let last;")
    assert [one.get("lines") for one in explorer.asked("file")] == [None, "2-", "3-"]


def test_locking_forgets_what_was_said_and_written(shop):
    shop.read("src/checkout.ts")
    page = shop.page
    shop.name(7, "toCents").click()
    expect(page.locator("#announcer")).to_contain_text("toCents")
    page.keyboard.press("h")
    page.locator("#index-form-details summary").click()
    page.get_by_label("Repository", exact=True).fill("ada/secret")
    page.get_by_role("button", name="Lock").click()
    for told in ("toCents", "checkout.ts", "ada/shop"):
        assert told not in page.content()
    assert page.locator("#index-repository").input_value() == ""


def test_what_was_chosen_before_does_not_take_the_place_of_what_is_chosen(shop):
    held = hold(shop.page, "**/references?**")
    shop.read("src/checkout.ts")
    shop.name(5, "checkout").click()
    until_held(shop.page, held)
    shop.panel.get_by_role("button", name="Calls", exact=True).click()
    calls = shop.panel.locator(".callees li")
    expect(calls).to_have_count(3)
    with shop.page.expect_response("**/references?**"):
        held[0].continue_()
    shop.page.wait_for_timeout(TYPING_RESTS_MS)
    expect(calls).to_have_count(3)


def test_a_place_that_is_not_there_is_told_no_commit_of_the_place_before(shop):
    shop.read("src/money.ts")
    page = shop.page
    expect(page.locator("#commit")).to_contain_text("a" * 7)
    page.evaluate("(f) => { location.hash = f; }", "#/r/ada/other/-/none.ts")
    expect(page.locator("#code .trouble")).to_be_visible()
    expect(page.locator("#commit")).to_be_empty()
    expect(page.locator("#ref")).to_be_hidden()
