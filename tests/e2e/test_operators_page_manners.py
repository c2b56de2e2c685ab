"""How the page behaves: by keyboard alone, with hostile texts, in each scheme, when cut off."""

import re

import pytest
from playwright.sync_api import expect
from tests.fixtures.operators_page import NEXT_LOOK_MS
from tests.fixtures.pages import ADMIN_KEY
from tests.support.pages import HOSTILE, NAMELESS, TOO_FAINT, WRITTEN_OUT

from indexer.errors import PermanentJobError
from indexer.jobs.model import Phase, Progress


class Hostile(PermanentJobError):
    code = "ref_not_found"


@pytest.fixture
def shown(operators_page):
    return operators_page


@pytest.fixture
def bench(operators_queue):
    return operators_queue


def failed(bench, name, message="There is no such branch.", **wishes):
    made = bench.enqueue(name, **wishes)
    bench.queue.fail(bench.lease(), Hostile(message))
    return made.job_id


@pytest.fixture
def busy(bench):
    """Something in every part of the page."""
    failed(bench, "ada/broken")
    bench.enqueue("ada/done")
    bench.complete(bench.lease())
    for name in ("ada/runs", "ada/starts"):
        bench.enqueue(name)
        lease = bench.lease()
    bench.queue.renew(lease, Progress(phase=Phase.PARSE, files_done=3, files_total=9))
    bench.enqueue("ada/waits")
    return bench


@pytest.mark.usefixtures("busy")
def test_a_round_by_keyboard_alone(shown):
    page, press = shown.page, shown.page.keyboard.press
    shown.visit()
    expect(page.get_by_label("Admin key")).to_be_focused()
    press("Shift+Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    press("Tab")
    page.keyboard.type(ADMIN_KEY)
    press("Enter")
    expect(page.locator("#freshness")).to_contain_text("Updated")
    press("?")
    expect(shown.dialog("Keyboard shortcuts")).to_be_visible()
    press("Escape")
    press("4")
    expect(page.get_by_role("heading", name="Failures")).to_be_focused()
    # From there to the button of the first group: the choice of the span, the latest job, retry.
    for _ in range(3):
        press("Tab")
    retry = shown.failure_row("ref_not_found").get_by_role("button", name="Retry the jobs")
    expect(retry).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    press("Enter")
    expect(shown.dialog("Queue 1 job again?")).to_be_visible()
    # The focus goes round inside the dialog.
    for _ in range(6):
        press("Tab")
        inside = page.evaluate("document.querySelector('#asking').contains(document.activeElement)")
        assert inside or page.evaluate("document.activeElement === document.body")
    press("Escape")
    expect(retry).to_be_focused()
    press("j")
    press("j")
    second = page.locator("#jobs tbody tr").nth(1).get_by_role("button")
    expect(second).to_be_focused()
    press("Enter")
    expect(page.locator("#job-title")).to_contain_text("ada/")
    press("Escape")
    expect(second).to_be_focused()
    press("s")
    expect(page.get_by_label("Status")).to_be_focused()
    # Whoever types into a field, or chooses, gives no order.
    press("r")
    assert shown.asked("jobs/retry", "POST")[0].post_data_json["dry_run"] is True


@pytest.mark.usefixtures("busy")
def test_single_keys_can_be_switched_off(shown):
    shown.open()
    shown.page.keyboard.press("?")
    shown.page.get_by_label("Single keys act").uncheck()
    shown.page.keyboard.press("Escape")
    shown.page.keyboard.press("5")
    expect(shown.page.get_by_role("heading", name="Jobs", exact=True)).not_to_be_focused()
    shown.page.keyboard.press("?")
    expect(shown.dialog("Keyboard shortcuts")).to_be_visible()


def test_markup_in_names_and_messages_is_shown_as_text(shown, bench):
    bench.scratch.sql(
        "UPDATE kotadb.users SET email = %s WHERE user_id = %s", HOSTILE[1], bench.tenant
    )
    for text in HOSTILE:
        failed(bench, text, text, ref=text)
    bench.enqueue(HOSTILE[0], ref=HOSTILE[1])
    bench.lease()
    # What a worker calls itself comes from outside too.
    bench.scratch.sql("UPDATE kotadb.job_attempts SET worker = %s", HOSTILE[2])
    bench.scratch.sql("UPDATE kotadb.index_jobs SET request_id = %s", HOSTILE[1])
    shown.open()
    page = shown.page
    for text in HOSTILE:
        rows = page.locator("#jobs tbody tr").filter(has_text=WRITTEN_OUT.get(text, text))
        expect(rows.first).to_be_visible()
    expect(page.locator("#running")).to_contain_text(HOSTILE[0])
    expect(page.locator("#failures tbody")).to_contain_text(WRITTEN_OUT[HOSTILE[-1]])
    page.locator("#failures").get_by_role("button", name="Retry the jobs").click()
    expect(page.locator("#asking-told")).to_contain_text(HOSTILE[4])
    page.keyboard.press("Escape")
    page.locator("#failures").get_by_role("button", name="latest job").click()
    expect(page.locator("#attempts")).to_contain_text(HOSTILE[2])
    expect(page.locator("#job-facts")).to_contain_text(HOSTILE[1])
    assert page.locator("img, iframe, main script, dialog script, [onload], [onerror]").count() == 0
    assert page.locator("main svg").count() == 1


def test_no_text_can_become_markup_even_by_a_mistake_of_the_page(shown):
    shown.visit()
    refused = shown.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false; }"
        " catch (error) { return error instanceof TypeError; } }"
    )
    assert refused
    assert len(shown.page.evaluate("breaches.splice(0)")) == 1
    shown.complaints.clear()


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 28)")]
)
def test_every_text_can_be_read_in_both_schemes(shown, scheme, background):
    page = shown.page
    page.emulate_media(color_scheme=scheme)
    shown.visit()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    assert page.evaluate(TOO_FAINT) == []
    shown.unlock()
    expect(page.locator("#freshness")).to_contain_text("Updated")
    assert page.evaluate(TOO_FAINT) == []
    shown.job_row("ada/broken").get_by_role("button").click()
    expect(page.locator("#attempts tbody tr")).to_have_count(1)
    assert page.evaluate(TOO_FAINT) == []


@pytest.mark.usefixtures("busy")
def test_every_control_has_a_name(shown):
    shown.open()
    assert shown.page.evaluate(NAMELESS) == []
    shown.job_row("ada/broken").get_by_role("button").click()
    expect(shown.page.locator("#attempts tbody tr")).to_have_count(1)
    assert shown.page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("width", [320, 700, 1024])
def test_nothing_is_wider_than_the_window(shown, bench, width):
    failed(bench, "a" * 300, "b" * 300, ref="c" * 300)
    bench.enqueue("d" * 300)
    bench.lease()
    shown.page.set_viewport_size({"width": width, "height": 700})
    shown.open()
    wide = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert shown.page.evaluate(wide) == 0
    shown.job_row("aaa").get_by_role("button").click()
    expect(shown.page.locator("#attempts tbody tr")).to_have_count(1)
    inside = (
        "document.querySelector('#job').scrollWidth - document.querySelector('#job').clientWidth"
    )
    assert shown.page.evaluate(inside) == 0


@pytest.mark.usefixtures("busy")
def test_nothing_moves_for_whoever_wants_no_motion(shown):
    shown.page.emulate_media(reduced_motion="reduce")
    shown.open()
    moving = (
        "() => [...document.querySelectorAll('*')].filter((node) => {"
        " const style = getComputedStyle(node);"
        " return style.transitionDuration !== '0s' || style.animationName !== 'none'; }).length"
    )
    assert shown.page.evaluate(moving) == 0


def seconds_until_the_next_try(banner):
    """What the banner says once a try has failed; before that it counts down its last seconds."""
    told = re.compile(r"Trying again in (?:(1) min ?)?(?:(\d+) s)?\.")
    # No wait is below four seconds.
    expect(banner).to_contain_text(re.compile(r"Trying again in (?:1 min|[4-9] s|\d\d s)"))
    minutes, seconds = told.search(banner.text_content()).groups(default="0")
    return int(minutes) * 60 + int(seconds)


@pytest.mark.usefixtures("busy")
def test_a_service_that_is_away_is_told_with_the_age_of_the_figures_and_asked_less(shown):
    page = shown.page
    shown.open()
    shown.hold_time()
    page.route("**/admin/queue", lambda route: route.abort("connectionrefused"))
    banner = page.locator("#trouble")
    page.clock.fast_forward(NEXT_LOOK_MS)
    expect(banner).to_contain_text("The service cannot be reached.")
    expect(banner).to_contain_text("What is shown is 5 s old.")
    page.mouse.wheel(0, 5_000)
    expect(banner).to_be_in_viewport()
    expect(shown.job_row("ada/waits")).to_be_visible()
    # After the first failure it waits about 5 s, then about 10, 20, 40, and never over 72.
    for least, most in ((4, 6), (8, 12), (16, 24), (32, 48), (48, 72)):
        waits = seconds_until_the_next_try(banner)
        assert least <= waits <= most
        # The figure is rounded.
        assert shown.asked_within((waits - 1) * 1_000) == []
        (tried,) = shown.asked_within(2_000)
        assert tried.endswith("/admin/queue")
    expect(page.locator("#freshness")).to_have_class("quiet wrong")
    page.unroute("**/admin/queue")
    page.get_by_role("button", name="Try now").click()
    expect(banner).to_be_hidden()
    expect(page.locator("#freshness")).to_have_text("Updated 0 s ago")
    # What is announced is said with the next frame.
    page.clock.run_for(100)
    expect(page.locator("#announcer")).to_have_text("The service answers again.")


@pytest.mark.usefixtures("busy")
def test_an_answer_that_asks_for_patience_gets_it(shown):
    page = shown.page
    shown.open()
    shown.hold_time()
    busy_answer = {
        "status": 503,
        "headers": {"Retry-After": "40", "Content-Type": "application/json"},
        "body": '{"message": "Service Unavailable"}',
    }
    page.route("**/admin/queue", lambda route: route.fulfill(**busy_answer))
    page.clock.fast_forward(NEXT_LOOK_MS)
    expect(page.locator("#trouble")).to_contain_text("Service Unavailable")
    assert shown.asked_within(39_000) == []


@pytest.mark.usefixtures("busy")
def test_a_key_that_is_accepted_no_more_closes_the_page(shown):
    shown.open()
    shown.page.route(
        "**/admin/queue",
        lambda route: route.continue_(
            headers={**route.request.headers, "authorization": "Bearer the-key-was-changed"}
        ),
    )
    shown.page.clock.fast_forward(NEXT_LOOK_MS)
    expect(shown.page.get_by_label("Admin key")).to_be_focused()
    expect(shown.page.locator("#login-trouble")).to_contain_text("does not open")
    assert "ada/waits" not in shown.page.content()


def test_a_hidden_page_asks_nothing_and_looks_again_when_it_is_shown(shown, busy):
    page = shown.page
    shown.open()
    shown.hold_time()
    turn = (
        "([hidden]) => { Object.defineProperty(document, 'hidden', { get: () => hidden,"
        " configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.evaluate(turn, [True])
    assert shown.asked_within(600_000) == []
    # Nor after a look that was on its way, or asked for.
    busy.enqueue("ada/late")
    page.keyboard.press("r")
    expect(shown.job_row("ada/late")).to_be_visible()
    assert shown.asked_within(600_000) == []
    with page.expect_response("**/admin/queue"):
        page.evaluate(turn, [False])


def test_news_are_told_to_those_who_do_not_look(shown, busy):
    shown.open()
    failed(busy, "ada/another")
    shown.look_again()
    expect(shown.page.locator("#announcer")).to_have_text("1 more job failed.")
