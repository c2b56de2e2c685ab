"""How the explorer behaves: by keyboard, with hostile sources, in each scheme, when cut off."""

import pytest
from playwright.sync_api import expect
from tests.support.pages import HOSTILE, NAMELESS, TOO_FAINT, WRITTEN_OUT

WIDE = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
PLACES = {
    "home": "#/",
    "search": "#/search?q=total",
    "wrong": "#/search?q=%2F(%2F",
    "file": "#/r/ada/shop/-/src/checkout.ts?line=7&column=24",
    "folder": "#/r/ada/shop/-/src/",
    "graph": "#/g/ada/shop/-/src/money.ts",
}
SHOWN = {
    "home": "#repositories tbody tr",
    "search": "#hits a.hit",
    "wrong": "#search-trouble mark",
    "file": "#panel-symbol .usages mark",
    "folder": "#listing li",
    "graph": "#picture .node",
}


def go(shown, place):
    shown.page.evaluate("(fragment) => { location.hash = fragment; }", PLACES[place])
    expect(shown.page.locator(SHOWN[place]).first).to_be_visible()


def test_a_round_by_keyboard_alone(shop):
    page, press, write = shop.page, shop.page.keyboard.press, shop.page.keyboard.type
    shop.visit()
    expect(page.get_by_label("API key")).to_be_focused()
    write(shop.issued.api_key)
    press("Enter")
    expect(page.get_by_role("link", name="ada/shop")).to_be_visible()
    press("/")
    write("toCents")
    hits = page.locator("#hits a.hit")
    expect(hits.first).to_be_visible()
    press("ArrowDown")
    expect(hits.first).to_be_focused()
    press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    press("ArrowUp")
    press("Enter")
    expect(shop.line(8)).to_have_class("line chosen")
    expect(page.locator("#code .o").first).to_be_visible()
    expect(page.locator("#code")).to_be_focused()
    press("ArrowRight")
    focused = "document.activeElement.textContent"
    assert page.evaluate(focused) == "toCents"
    press("ArrowDown")
    # The nearest on the next line that has any.
    assert page.evaluate(focused) == "rate"
    press("ArrowLeft")
    assert page.evaluate(focused) == "amount"
    press("ArrowRight")
    press("Control+Enter")
    expect(shop.line(2)).to_have_class("line chosen")
    press("ArrowRight")
    press("Enter")
    expect(shop.panel.locator(".signature")).to_contain_text("rate = 7")
    press("o")
    expect(page.get_by_label("Filter the outline")).to_be_focused()
    expect(page.locator("#outline a").first).to_be_visible()
    press("ArrowDown")
    expect(page.locator("#outline a").first).to_be_focused()
    press("g")
    expect(page.locator("#picture .node.self")).to_be_visible()
    press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('class')").startswith("node")
    press("g")
    expect(page.locator("#crumbs")).to_contain_text("money.ts")
    press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press("Escape")
    press("h")
    expect(page.get_by_role("heading", name="Repositories", exact=True)).to_be_focused()


def test_the_graph_shows_both_ways_and_leads_on(shop):
    shop.open(PLACES["graph"])
    page = shop.page
    nodes = page.locator("#picture .node")
    expect(nodes).to_have_count(3)
    expect(page.locator("#graph-told")).to_have_text("3 files, 3 imports")
    page.get_by_label("Show").select_option("dependencies")
    expect(nodes).to_have_count(1)
    page.go_back()
    expect(nodes).to_have_count(3)
    before = page.locator("#picture svg").bounding_box()["width"]
    page.get_by_role("button", name="Larger").click()
    assert page.locator("#picture svg").bounding_box()["width"] > before
    nodes.filter(has_text="cart.ts").click()
    expect(page.locator("#picture .node.self")).to_contain_text("cart.ts")
    assert shop.address.startswith("#/g/ada/shop/-/src/cart.ts")
    page.locator("#picture .node.self").click()
    expect(shop.line(3)).to_contain_text("class Cart")


def test_the_folders_of_a_repository_are_drawn_too(explorer):
    explorer.index(
        {
            "app/main.ts": 'import { tool } from "../lib/tool";\ntool();\n',
            "lib/tool.ts": "export const tool = () => 1;\n",
        }
    )
    explorer.open("#/r/ada/shop/-/")
    page = explorer.page
    expect(page.locator("#listing")).to_contain_text("app/")
    page.keyboard.press("g")
    expect(page.locator("#picture .node")).to_contain_text(["app", "lib"])
    expect(page.locator("#graph-told")).to_have_text("2 folders, 1 import")
    expect(page.get_by_label("Show")).to_be_hidden()
    page.locator("#picture .node").filter(has_text="lib").click()
    expect(page.locator("#listing")).to_contain_text("tool.ts")


def test_markup_in_names_paths_and_sources_is_shown_as_text(explorer):
    texts = {}
    for number, text in enumerate(HOSTILE):
        quoted = text.replace("\\", "").replace("`", "")
        texts[f"src/{number}{text}.ts"] = (
            f"/** {quoted.replace('*/', '')} */\nexport const c{number} = `{quoted}`;\n"
        )
    repository = HOSTILE[1]
    explorer.index(texts, name=f"ada/{repository}", ref=HOSTILE[0], default_ref=HOSTILE[0])
    explorer.open()
    page = explorer.page
    page.get_by_role("link", name=f"ada/{repository}").click()
    # A slash within a name is a folder's.
    expect(page.locator("#listing")).to_contain_text("src/")
    for number, text in enumerate(HOSTILE):
        page.evaluate("(q) => { location.hash = '#/search?q=' + q; }", f"symbol:c{number}")
        hit = page.locator("#hits a.hit").filter(has_text=f"c{number} =")
        # Of a turning character the text shows the number, and names show it as an escape.
        expect(hit).to_contain_text("U+202E" if text in WRITTEN_OUT else text[:6])
        hit.click()
        expect(page.locator("#code .line").nth(1)).to_contain_text(f"c{number}")
        page.locator("#code .o").first.click()
        expect(explorer.panel.locator(".documentation")).to_be_visible()
    assert page.locator("img, iframe, main script, dialog script, [onload], [onerror]").count() == 0


def test_what_is_not_seen_or_turns_the_text_is_written_out(explorer):
    family = "\U0001f468\u200d\U0001f469"
    tricky = f"const access\u200b = 'user\u202e \u2066// admin\u2069 \u2066';\u0007 // {family}"
    explorer.index({"a.ts": tricky + "\nexport const plain = 1;\n"})
    explorer.read("a.ts")
    odd = explorer.line(1).locator(".odd")
    expect(odd).to_have_text(["U+200B", "U+202E", "U+2066", "U+2069", "U+2066", "U+0007"])
    expect(odd.nth(1)).to_have_attribute("title", "U+202E, right-to-left override")
    expect(explorer.page.locator("#odd-told")).to_be_visible()
    assert explorer.line(2).locator(".odd").count() == 0


def test_no_text_can_become_markup_even_by_a_mistake_of_the_page(explorer):
    explorer.visit()
    refused = explorer.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false; }"
        " catch (error) { return error instanceof TypeError; } }"
    )
    assert refused
    assert len(explorer.page.evaluate("breaches.splice(0)")) == 1
    explorer.watch.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_and_every_control_has_a_name(shop, scheme):
    page = shop.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    shop.visit()
    assert page.evaluate(TOO_FAINT) == []
    shop.unlock()
    for place in PLACES:
        go(shop, place)
        assert page.evaluate(TOO_FAINT) == [], place
        assert page.evaluate(NAMELESS) == [], place


@pytest.mark.parametrize("width", [360, 700])
def test_nothing_is_wider_than_the_window(shop, width):
    shop.index({f"{'d' * 100}/{'e' * 100}.ts": f"export const {'x' * 300} = 1;\n"}, name="ada/wide")
    page = shop.page
    page.set_viewport_size({"width": width, "height": 640})
    shop.open()
    for place in PLACES:
        go(shop, place)
        assert page.evaluate(WIDE) == 0, place
    page.evaluate("(f) => { location.hash = f; }", f"#/r/ada/wide/-/{'d' * 100}/{'e' * 100}.ts")
    expect(page.locator("#code .o")).to_be_visible()
    assert page.evaluate(WIDE) == 0


def test_on_a_narrow_screen_files_and_panel_are_opened_and_closed(shop):
    page = shop.page
    page.set_viewport_size({"width": 360, "height": 640})
    shop.read("src/checkout.ts")
    assert shop.asked("folder") == []
    shop.name(7, "toCents").click()
    expect(shop.panel).to_be_visible()
    # The line that was asked about stays in sight.
    expect(shop.line(7)).to_be_in_viewport()
    page.get_by_role("button", name="Close the panel").click()
    expect(shop.panel).to_be_hidden()
    page.get_by_role("button", name="Files").click()
    page.locator("#tree").get_by_text("money.ts").click()
    expect(shop.line(8)).to_contain_text("toCents")
    expect(page.locator("#tree")).to_be_hidden()


@pytest.fixture
def explorer_tier(request):
    return getattr(request, "param", "team")


@pytest.mark.parametrize("explorer_tier", ["free"], indirect=True)
def test_requests_that_run_out_are_told_with_when_it_goes_on(shop):
    shop.open()
    page = shop.page
    repository = page.get_by_role("link", name="ada/shop")
    # What is asked at first must be answered before the counter is set.
    expect(repository).to_be_visible()
    expect(page.locator("#quota")).to_be_hidden()
    shop.scratch.sql("UPDATE kotadb.rate_limit_counters SET used = 90")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#quota")).to_contain_text("requests left until")
    shop.scratch.sql("UPDATE kotadb.rate_limit_counters SET used = 100")
    repository.click()
    trouble = page.locator("#listing .trouble")
    expect(trouble).to_contain_text("This hour's 100 requests are used up. It goes on at")
    expect(trouble.get_by_role("button", name="Try again in")).to_be_disabled()


def test_a_service_that_is_away_is_told_where_it_is_missed_and_asked_again(shop):
    shop.read("src/checkout.ts")
    page = shop.page
    busy = {
        "status": 503,
        "headers": {"Retry-After": "1", "Content-Type": "application/json"},
        "body": '{"error": "The database is away.", "code": "database_unavailable"}',
    }
    page.route("**/hover?**", lambda route: route.fulfill(**busy))
    shop.name(7, "toCents").click()
    expect(shop.panel).to_contain_text("The service cannot answer just now")
    expect(shop.line(7)).to_be_visible()
    page.unroute("**/hover?**")
    shop.panel.get_by_role("button", name="Try again", exact=True).click()
    expect(shop.panel.locator(".signature")).to_be_visible()
    page.route("**/search?**", lambda route: route.abort("connectionrefused"))
    page.keyboard.press("/")
    page.keyboard.type("total")
    expect(page.locator("#search-trouble")).to_contain_text("The service cannot be reached.")
    page.unroute("**/search?**")
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.locator("#hits a.hit").first).to_be_visible()


def test_a_list_of_a_commit_that_is_gone_is_loaded_anew(explorer):
    lines = "".join(f"export const item{n} = {n};\n" for n in range(150))
    explorer.index({"a.ts": lines})
    explorer.open("#/search?q=item")
    hits = explorer.page.locator("#hits a.hit")
    expect(hits).to_have_count(100)
    explorer.scratch.sql("DELETE FROM kotadb.snapshots")
    explorer.index({"a.ts": lines})
    explorer.page.get_by_role("button", name="More results").click()
    trouble = explorer.page.locator("#hits-more")
    expect(trouble).to_contain_text("a commit that is no longer kept")
    trouble.get_by_role("button", name="Load it anew").click()
    expect(trouble.get_by_role("button", name="More results")).to_be_visible()
    trouble.get_by_role("button", name="More results").click()
    expect(hits).to_have_count(150)


@pytest.mark.parametrize(
    ("fragment", "code", "way"),
    [
        ("#/r/ada/shop/-/src/none.ts", "no indexed file", "The files of the repository"),
        ("#/r/ada/none/-/a.ts", "repository", "All repositories"),
        ("#/r/ada/shop/-/src/cart.ts?ref=v9", "Nothing is indexed", "All repositories"),
    ],
)
def test_what_is_not_there_is_told_with_a_way_to_go_on(shop, fragment, code, way):
    shop.open(fragment)
    trouble = shop.page.locator("#code .trouble")
    expect(trouble).to_contain_text(code)
    trouble.get_by_role("link", name=way).click()
    expect(trouble).to_be_hidden()
    there = "3 files" if "none.ts" in fragment else "ada/shop"
    expect(shop.page.get_by_text(there).locator("visible=true").first).to_be_visible()
