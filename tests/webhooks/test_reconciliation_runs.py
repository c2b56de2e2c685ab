"""Runs of the reconciliation: what they note of installations, what ends them, whose turn it is."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fixtures.github import HEAD
from tests.support import github_faults
from tests.support.waiting import eventually

from indexer.github.failures import GitHubUnavailable
from indexer.webhooks.reconciliation import MOST_TIMES_AWAY, MOST_UNLISTED

PUBLIC = {"private": False}


# Installations ------------------------------------------------------------------------------------


def test_installations_are_noted_and_those_that_are_gone_are_nobodys(
    github, run, track, link, installations
):
    tenant = track()
    link(tenant)
    link(tenant, 1002, login="bob")
    github.install("eve", number=1003, suspended=True)
    report = run()
    assert (report.installations, report.installations_gone) == (2, 1)
    assert installations() == {
        1001: ("active", tenant),
        1002: ("deleted", None),
        1003: ("suspended", None),
    }


def test_a_list_that_breaks_off_takes_nobodys_installation(github, run, track, link, installations):
    tenant = track()
    link(tenant)
    link(tenant, 1002, login="bob")
    github.install("eve", number=1003)
    github.page_size = 1
    github.fail(github_faults.status(502), only="page=2")
    report = run()
    assert (report.installations, report.installations_gone) == (1, 0)
    assert report.failures == {"github_unavailable": 1}
    assert installations()[1002] == ("active", tenant)
    assert report.jobs == 1


def test_a_list_that_time_ends_takes_nobodys_installation(run, track, link, installations):
    tenant = track()
    link(tenant, 1002, login="bob")
    assert run(go_on=lambda: False).work_left
    assert installations() == {1002: ("active", tenant)}


def test_an_installation_that_is_heard_of_while_all_are_listed_stays(
    github, run, track, link, installations, migrated_database
):
    tenant = track()
    link(tenant)
    link(tenant, 1002, login="bob")

    def meanwhile(exchange):
        migrated_database.sql(
            "SELECT kotadb.note_installation(1001, 6001, 'ada', 'suspended', false), "
            "kotadb.note_installation(1002, 6002, 'bob', 'active', true)"
        )
        exchange.decent()

    github.fail(meanwhile, only="/app/installations?", times=1)
    run()
    assert installations() == {1001: ("suspended", tenant), 1002: ("active", tenant)}


def test_an_uninstall_between_two_pages_takes_nobody_elses_installation(
    github, run, track, link, installations
):
    tenant = track()
    link(tenant)
    for number, login in ((1002, "bob"), (1003, "eve")):
        github.install(login, number=number)
        link(tenant, number, login=login)
    github.page_size = 2

    def uninstalled_before(exchange):
        # The third moves to the first page, which was read already.
        github.installations.pop(1001, None)
        exchange.decent()

    github.fail(uninstalled_before, only="page=2", times=1)
    report = run()
    assert (report.installations, report.installations_gone) == (2, 0)
    assert installations()[1003] == ("active", tenant)
    # The next run finds the one that went.
    assert run().installations_gone == 1
    assert installations() == {
        1001: ("deleted", None),
        1002: ("active", tenant),
        1003: ("active", tenant),
    }


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (github_faults.status(502), "github_unavailable"),
        (github_faults.status(403, X_RateLimit_Remaining="0"), "github_rate_limited"),
        (github_faults.status(200), "github_misbehaved"),
    ],
    ids=["away", "limited", "odd"],
)
def test_an_installation_that_is_not_listed_and_not_said_to_be_gone_stays(
    github, run, track, link, installations, fault, code
):
    tenant = track()
    link(tenant)
    link(tenant, 1002, login="bob")
    github.fail(fault, only="/app/installations/1002")
    report = run()
    assert installations()[1002] == ("active", tenant)
    assert (report.installations_gone, report.failures) == (0, {code: 1})
    github.fail(None)
    assert run().installations_gone == 1


def test_of_many_that_are_gone_each_run_asks_about_some_until_all_are_noted(
    github, run, track, link, installations
):
    tenant = track()
    link(tenant)
    for number in range(2000, 2000 + MOST_UNLISTED + 5):
        link(tenant, number, login=f"gone-{number}")
    first = run()
    assert (first.installations_gone, first.work_left) == (MOST_UNLISTED, True)
    assert len(github.asked("/app/installations/2")) == MOST_UNLISTED
    second = run()
    assert (second.installations_gone, second.work_left) == (5, False)
    states = set(installations().values())
    assert states == {("active", tenant), ("deleted", None)}


def test_questions_about_installations_end_with_the_time_of_the_run(
    github, run, track, link, installations
):
    tenant = track()
    link(tenant)
    link(tenant, 1002, login="bob")
    link(tenant, 1003, login="eve")
    report = run(go_on=lambda: not github.asked("/app/installations/"))
    assert (report.installations_gone, report.work_left) == (1, True)
    assert {installations()[number] for number in (1002, 1003)} == {
        ("active", tenant),
        ("deleted", None),
    }


# Failures -----------------------------------------------------------------------------------------

LIMITED = github_faults.status(403, X_RateLimit_Remaining="0")


def test_a_limit_for_anybody_ends_no_work_with_tokens(github, run, track, link, jobs):
    for name in ("bob/a", "bob/b", "bob/c"):
        hosted = github.host(name, branches={"main": HEAD}, **PUBLIC)
        tenant = track(name=name, github_id=hosted.id)
    track()
    link(tenant)
    github.fail(LIMITED, only="/repos/bob/")
    report = run()
    assert report.failures == {"github_rate_limited": 1}
    assert len(github.asked("/repos/bob/")) == 1
    assert [job["full_name"] for job in jobs()] == ["ada/engine"]
    assert report.work_left


def test_a_limit_of_one_installation_ends_its_own_work_alone(github, run, track, link, jobs):
    github.install("bob", number=1002)
    tenant = track()
    for name in ("bob/a", "bob/b"):
        github.host(name, installation_id=1002, branches={"main": HEAD})
        track(name=name)
    link(tenant)
    link(tenant, 1002, login="bob")
    github.fail(LIMITED, only="/repos/bob/")
    report = run()
    assert report.failures == {"github_rate_limited": 1}
    assert [job["full_name"] for job in jobs()] == ["ada/engine"]


def test_one_repositorys_failure_is_its_own(github, run, track, link, jobs):
    tenant = track()
    for name in ("ada/a", "ada/b"):
        github.host(name, installation_id=1001, branches={"main": HEAD})
        track(name=name)
    link(tenant)
    github.fail(github_faults.canned(b"[]"), only="/repos/ada/a")
    report = run()
    assert report.failures == {"github_misbehaved": 1}
    assert (report.repositories, report.jobs) == (3, 2)
    assert {job["full_name"] for job in jobs()} == {"ada/engine", "ada/b"}


def test_an_app_that_github_refuses_keeps_public_repositories_from_nothing(
    github, run, track, link, jobs
):
    hosted = github.host("bob/tool", branches={"main": HEAD}, **PUBLIC)
    link(track(name="bob/tool", github_id=hosted.id))
    track()
    report = run(github_app_id="999")
    assert report.failures == {"github_app_refused": 1}
    assert [job["full_name"] for job in jobs()] == ["bob/tool"]
    assert not github.asked("access_tokens")


def test_a_run_ends_where_github_is_away_and_keeps_what_it_did(github, run, track, link, jobs):
    names = [f"ada/r{number}" for number in range(6)]
    for name in names:
        github.host(name, installation_id=1001, branches={"main": HEAD})
        tenant = track(name=name)
    link(tenant)

    def away_after_two(exchange):
        if len(github.asked("/branches/")) < 2:
            exchange.decent()
        else:
            github_faults.drop(exchange)

    github.fail(away_after_two, only="/repos/")
    with pytest.raises(GitHubUnavailable):
        run()
    made = len(jobs())
    assert 1 <= made <= 2
    assert len(github.asked("access_tokens")) == made + MOST_TIMES_AWAY
    github.fail(None)
    run()
    assert {job["full_name"] for job in jobs()} == set(names)


# Turns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["ada", "anybody"])
def test_all_come_round_in_runs_that_each_look_at_a_few(github, run, track, link, jobs, owner):
    names = {f"{owner}/r{number}" for number in range(5)}
    for name in sorted(names):
        hosted = github.host(name, installation_id=1001, branches={"main": HEAD}, **PUBLIC)
        tenant = track(name=name, github_id=hosted.id)
    link(tenant)
    reports = [run(reconcile_repositories=2) for _ in range(3)]
    assert [one.repositories for one in reports] == [2, 2, 2]
    assert [one.jobs for one in reports] == [2, 2, 1]
    assert [one.work_left for one in reports] == [True, True, True]
    assert {job["full_name"] for job in jobs()} == names
    whole = run(reconcile_repositories=5)
    assert (whole.repositories, whole.work_left) == (5, False)


def test_a_run_whose_time_is_over_looks_at_no_other(github, run, track, link):
    for name in ("ada/a", "ada/b", "ada/c"):
        github.host(name, installation_id=1001, branches={"main": HEAD})
        tenant = track(name=name)
    link(tenant)
    report = run(go_on=lambda: not github.asked("/branches/"))
    assert (report.repositories, report.jobs, report.work_left) == (1, 1, True)
    assert run().jobs == 2


def test_a_run_whose_time_is_over_compares_no_other_branch(github, run, track, link):
    github.repositories[0].branches["release"] = HEAD
    tenant = track()
    track(ref="release")
    link(tenant)
    report = run(go_on=lambda: not github.asked("/branches/"))
    # The default branch comes first.
    assert [one.path for one in github.asked("/branches/")] == ["/repos/ada/engine/branches/main"]
    assert (report.refs, report.jobs, report.work_left) == (1, 1, True)
    assert run().jobs == 1


def test_two_runs_at_once_make_one_job(github, run, track, link, jobs):
    link(track())
    together = threading.Barrier(2)

    def both(exchange):
        together.wait(20)
        exchange.decent()

    github.fail(both, only="/branches/")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run)
        eventually(lambda: github.asked("/branches/"))
        second = pool.submit(run)
        made = first.result(30).jobs + second.result(30).jobs
    assert (made, len(jobs())) == (1, 1)
    assert len(github.asked("/branches/")) == 2


def test_two_runs_at_one_instant_share_the_repositories(github, run, track, link, jobs):
    names = {f"ada/r{number}" for number in range(4)}
    for name in sorted(names):
        github.host(name, installation_id=1001, branches={"main": HEAD})
        tenant = track(name=name)
    link(tenant)
    together = threading.Barrier(2)
    listed = threading.local()

    def go_on():
        # Once each has its list, so that both have the same.
        if not getattr(listed, "seen", False) and github.asked("/app/installations"):
            listed.seen = True
            together.wait(20)
        return True

    with ThreadPoolExecutor(2) as pool:
        reports = [one.result(30) for one in [pool.submit(run, go_on=go_on) for _ in range(2)]]
    assert sum(one.jobs for one in reports) == 4
    assert {job["full_name"] for job in jobs()} == names
