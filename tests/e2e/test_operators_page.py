"""What an operator sees and does on the page, in a real browser against the real service."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect
from tests.fixtures.pages import ADMIN_KEY

from indexer.errors import PermanentJobError, TransientJobError
from indexer.jobs.model import Phase, Progress


class Lasting(PermanentJobError):
    code = "ref_not_found"


class TooLarge(PermanentJobError):
    code = "limit_exceeded"


class Passing(TransientJobError):
    code = "remote_unavailable"


@pytest.fixture
def shown(operators_page):
    return operators_page


@pytest.fixture
def bench(operators_queue):
    return operators_queue


def failed(bench, name, error=None, **wishes):
    made = bench.enqueue(name, **wishes)
    bench.queue.fail(bench.lease(), error or Lasting("There is no such branch."))
    return made.job_id


def completed(bench, name, **wishes):
    made = bench.enqueue(name, **wishes)
    bench.complete(bench.lease())
    return made.job_id


def audited(bench):
    rows = bench.scratch.sql("SELECT action, target FROM kotadb.audit_log ORDER BY audit_id")
    return [(row["action"], row["target"]) for row in rows]


@pytest.mark.parametrize("key", ["wrong", f"{ADMIN_KEY}x", "two words", "ключ"])
def test_a_wrong_key_opens_nothing_and_is_told(shown, key):
    shown.visit()
    shown.unlock(key)
    expect(shown.page.locator("#login-trouble")).not_to_be_empty()
    expect(shown.page.locator("#board")).to_be_hidden()
    expect(shown.page.get_by_label("Admin key")).to_be_focused()
    assert shown.asked("jobs") == []


def test_the_key_is_sent_in_its_header_and_is_nowhere_else(shown, bench):
    bench.enqueue()
    shown.open()
    page = shown.page
    asked = [one for one in shown.requests if "/admin/ui" not in one.url]
    assert {one.headers["authorization"] for one in asked} == {f"Bearer {ADMIN_KEY}"}
    assert [one.url for one in shown.requests if ADMIN_KEY in one.url] == []
    kept = page.evaluate(
        "[document.cookie, JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}),"
        " location.href, document.documentElement.outerHTML]"
    )
    assert [one for one in kept if ADMIN_KEY in one] == []
    assert page.get_by_label("Admin key").input_value() == ""
    page.reload()
    expect(page.get_by_label("Admin key")).to_be_focused()
    expect(page.locator("#board")).to_be_hidden()


def test_locking_forgets_what_was_shown(shown, bench):
    bench.enqueue("ada/secret-name")
    shown.open()
    expect(shown.job_row("ada/secret-name")).to_be_visible()
    shown.page.get_by_role("button", name="Lock").click()
    expect(shown.page.get_by_label("Admin key")).to_be_focused()
    assert "ada/secret-name" not in shown.page.content()
    assert shown.asked_within(60_000) == []


@pytest.mark.parametrize("late", ["queue$", "jobs/running$", r"jobs\?"])
def test_locking_while_an_answer_is_on_its_way_shows_and_asks_nothing_more(shown, bench, late):
    shown.open()
    page = shown.page
    bench.enqueue("ada/secret-name")
    bench.lease()
    address = re.compile(f"/admin/{late}")
    routes = []

    def hold(route):
        routes.append((route, route.fetch()))

    page.route(address, hold)
    page.keyboard.press("r")
    shown.wait_until(lambda: routes)
    page.get_by_role("button", name="Lock").click()
    asked = len(shown.requests)
    for route, answer in routes:
        route.fulfill(response=answer)
    shown.asked_within(60_000)
    assert [one.url for one in shown.requests[asked:] if not one.url.endswith("?last")] == []
    expect(page.get_by_label("Admin key")).to_be_focused()
    assert "ada/secret-name" not in page.content()
    expect(page.locator("#trouble")).to_be_hidden()
    # The look that was given up holds up no other.
    page.unroute(address)
    shown.unlock()
    expect(shown.running("ada/secret-name")).to_be_visible()


def test_a_new_job_appears_by_itself_and_the_focus_stays(shown, bench):
    bench.enqueue("ada/first")
    shown.open()
    expect(shown.figure("Waiting")).to_contain_text("1 ready")
    link = shown.job_row("ada/first").get_by_role("button")
    link.focus()
    bench.enqueue("ada/second")
    shown.look_again()
    expect(shown.job_row("ada/second")).to_contain_text("pending")
    expect(shown.figure("Waiting").locator("dd").first).to_have_text("2")
    expect(link).to_be_focused()
    expect(shown.page.locator("#jobs tbody tr").first).to_contain_text("ada/second")


def test_a_running_job_shows_how_far_it_is(shown, bench):
    bench.enqueue("ada/engine", ref="dev")
    lease = bench.lease()
    shown.open()
    card = shown.running("ada/engine")
    expect(card).to_contain_text("fetching the commit")
    expect(card).to_contain_text("lease ends in")
    expect(card.get_by_role("progressbar")).not_to_have_attribute("value", "0")
    bench.queue.renew(lease, Progress(phase=Phase.PARSE, files_done=150, files_total=1_200))
    shown.look_again()
    expect(card).to_contain_text("parsing, 150 of 1,200 files")
    bar = card.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", "150")
    expect(bar).to_have_attribute("max", "1200")
    bench.complete(lease)
    shown.look_again()
    expect(card).to_have_count(0)
    expect(shown.page.get_by_text("No job runs.")).to_be_visible()
    expect(shown.job_row("ada/engine")).to_contain_text("completed")


def test_what_ended_is_drawn_and_told_in_words(shown, bench):
    completed(bench, "ada/one")
    completed(bench, "ada/two")
    failed(bench, "ada/three")
    shown.open()
    chart = shown.page.locator("#chart svg")
    told = chart.get_attribute("aria-label")
    assert "2 completed, 1 failed, 0 cancelled, 0 skipped" in told
    assert "by minute" in told
    expect(shown.page.locator("#legend")).to_contain_text("2 completed")
    assert chart.locator("rect.failed").count() == 1
    shown.page.get_by_role("button", name="Last day").click()
    assert "by hour" in chart.get_attribute("aria-label")
    assert chart.locator("rect.completed").count() == 1
    shown.page.get_by_text("The same as a table").click()
    expect(shown.page.locator("#chart-table tbody tr")).to_have_count(1)


def test_failures_are_grouped_and_a_group_is_queued_again_after_a_look_at_it(shown, bench):
    jobs = [failed(bench, f"ada/r{number}") for number in range(3)]
    failed(bench, "ada/large", TooLarge("Too many files."))
    shown.open()
    row = shown.failure_row("ref_not_found")
    expect(row).to_contain_text("3 in 3 repositories")
    expect(row).to_contain_text("There is no such branch.")
    expect(shown.failure_row("limit_exceeded")).to_contain_text("1 in 1 repository")
    row.get_by_role("button", name="Retry the jobs").click()
    dialog = shown.dialog("Queue 3 jobs again?")
    for number in range(3):
        expect(dialog).to_contain_text(f"ada/r{number}")
    (dry,) = shown.asked("jobs/retry", "POST")
    assert dry.post_data_json["dry_run"] is True
    assert {bench.status(job) for job in jobs} == {"failed"}
    assert audited(bench) == []
    # What fails while the person looks was not shown, so it is not queued.
    late = failed(bench, "ada/late")
    dialog.get_by_role("button", name="Queue 3 again").click()
    expect(shown.page.locator("#notice")).to_contain_text("3 jobs queued again.")
    assert {bench.status(job) for job in jobs} == {"pending"}
    assert bench.status(late) == "failed"
    assert audited(bench) == [("retry_job", str(job)) for job in jobs]
    assert {bench.lease().job_id for _ in jobs} == set(jobs)
    expect(row).to_contain_text("1 in 1 repository")


def test_a_group_is_left_alone_when_the_person_thinks_better_of_it(shown, bench):
    job = failed(bench, "ada/engine")
    shown.open()
    button = shown.failure_row("ref_not_found").get_by_role("button", name="Retry the jobs")
    button.click()
    # The safe answer has the focus, so that a hasty Enter does nothing.
    leave = shown.dialog("Queue 1 job again?").get_by_role("button", name="Leave it")
    expect(leave).to_be_focused()
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator("#asking")).to_be_hidden()
    expect(button).to_be_focused()
    assert (bench.status(job), audited(bench)) == ("failed", [])


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_a_job_is_cancelled_after_a_question(shown, bench, state):
    job = bench.enqueue("ada/engine").job_id
    if state == "processing":
        bench.lease()
    shown.open()
    shown.job_row("ada/engine").get_by_role("button").click()
    detail = shown.page.locator("#job")
    detail.get_by_role("button", name="Cancel the job").click()
    asking = shown.dialog("Cancel the job?")
    assert bench.status(job) == state
    asking.get_by_role("button", name="Cancel the job").click()
    expect(detail.locator("#job-facts")).to_contain_text("cancelled")
    assert bench.status(job) == "cancelled"
    assert audited(bench) == [("cancel_job", str(job))]
    expect(detail.get_by_role("button", name="Cancel the job")).to_have_count(0)


def test_a_job_that_ends_while_the_person_thinks_is_told_and_not_cancelled(shown, bench):
    job = bench.enqueue("ada/engine").job_id
    lease = bench.lease()
    shown.open()
    shown.running("ada/engine").get_by_role("button", name="Cancel the job of").click()
    bench.complete(lease)
    asking = shown.dialog("Cancel the job?")
    asking.get_by_role("button", name="Cancel the job").click()
    expect(asking.get_by_role("alert")).to_contain_text("has ended already")
    shown.page.keyboard.press("Escape")
    expect(shown.job_row("ada/engine")).to_contain_text("completed")
    assert (bench.status(job), audited(bench)) == ("completed", [])


def test_a_job_is_shown_with_its_attempts_and_retried(shown, bench):
    job = bench.enqueue("ada/engine", ref="dev", request_id="req-of-ada").job_id
    for _ in range(4):
        bench.queue.fail(bench.lease(), Passing("The remote did not answer."))
        bench.scratch.pass_time(200)
    shown.open(f"#job={job}")
    detail = shown.dialog("ada/engine, dev")
    expect(detail.locator("#attempts tbody tr")).to_have_count(4)
    first = detail.locator("#attempts tbody tr").last
    for told in ("1", "failed", "remote_unavailable: The remote did not answer.", "tests"):
        expect(first).to_contain_text(told)
    expect(detail.locator("#job-facts")).to_contain_text("req-of-ada")
    expect(detail.locator("#job-facts")).to_contain_text(str(bench.tenant))
    detail.get_by_role("button", name="Retry").click()
    expect(detail.locator("#job-facts")).to_contain_text("pending")
    assert (bench.status(job), audited(bench)) == ("pending", [("retry_job", str(job))])
    bench.lease()
    shown.look_again()
    running = detail.locator("#attempts tbody tr").first
    expect(running).to_contain_text("5 (round 2)")
    expect(running).to_contain_text("running")
    shown.page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    expect(shown.page).to_have_url(shown.url)


def test_an_address_of_a_job_that_is_not_there_says_so(shown):
    shown.open(f"#job={UUID(int=7)}")
    expect(shown.page.locator("#job-trouble")).to_have_text("There is no job with this id.")


def test_the_list_of_jobs_has_filters_and_pages(shown, bench, make_tenant):
    for number in range(26):
        completed(bench, f"ada/r{number:02d}")
    failed(bench, "ada/broken")
    bench.tenant = make_tenant("bob@example.com")
    completed(bench, "bob/engine")
    shown.open()
    rows = shown.page.locator("#jobs tbody tr")
    expect(rows).to_have_count(25)
    shown.page.get_by_role("button", name="Older").click()
    expect(rows).to_have_count(3)
    expect(shown.page.get_by_role("button", name="Older")).to_be_disabled()
    shown.page.get_by_role("button", name="Newer").click()
    expect(rows).to_have_count(25)
    shown.page.get_by_label("Status").select_option("failed")
    expect(rows).to_have_count(1)
    rows.get_by_role("button").click()
    shown.page.get_by_role("button", name="Jobs of this tenant").click()
    expect(shown.page.get_by_role("heading", name="Jobs", exact=True)).to_be_focused()
    shown.page.get_by_label("Status").select_option("")
    expect(rows).to_have_count(25)
    expect(shown.job_row("bob/engine")).to_have_count(0)
    shown.page.get_by_role("button", name="Show other jobs than those of ada@example.com").click()
    expect(shown.job_row("bob/engine")).to_be_visible()


def test_leasing_is_paused_after_a_question_and_resumed(shown, bench):
    job = bench.enqueue("ada/engine").job_id
    shown.open()
    page = shown.page
    expect(page.locator("#stopped")).to_be_hidden()
    page.get_by_role("button", name="Pause leasing").click()
    shown.dialog("Pause leasing?").get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#stopped")).to_contain_text("Leasing is stopped by an operator since")
    expect(page.locator("#announcer")).to_have_text("Leasing is stopped.")
    assert bench.queue.lease_next(worker="tests") is None
    page.get_by_role("button", name="Resume leasing").click()
    expect(page.locator("#stopped")).to_be_hidden()
    expect(page.get_by_role("button", name="Pause leasing")).to_be_visible()
    assert bench.lease().job_id == job
    assert audited(bench) == [("pause_leasing", None), ("resume_leasing", None)]


def test_a_job_that_waits_is_moved_before_the_others(shown, bench):
    bench.enqueue("ada/first")
    job = bench.enqueue("ada/urgent").job_id
    shown.open()
    shown.job_row("ada/urgent").get_by_role("button").click()
    field = shown.page.get_by_label("Priority")
    expect(field).to_have_value("0")
    field.fill("-20")
    # A look of the page meanwhile leaves alone what is being written.
    shown.look_again()
    expect(field).to_have_value("-20")
    shown.page.get_by_role("button", name="Set").click()
    expect(shown.page.locator("#announcer")).to_have_text("The priority is -20.")
    assert audited(bench) == [("prioritise_job", str(job))]
    assert bench.lease().job_id == job
    shown.look_again()
    expect(field).to_be_hidden()
    expect(shown.page.locator("#job-title")).to_contain_text("ada/urgent")
