"""Pushes whose deliveries were lost: who finds them, for whom, and what is left alone meanwhile."""

import pytest
from tests.fixtures.github import HEAD
from tests.fixtures.queue import SHA
from tests.webhooks.conftest import payload_of, url_of

from indexer.webhooks.reconciliation import reconcile

NEWER = "d" * 40
PUBLIC = {"private": False}


# Pushes -------------------------------------------------------------------------------------------


@pytest.mark.proves("W10")
def test_a_push_that_nobody_told_of_is_found_and_only_once(
    github, run, track, link, jobs, worker_database, settings
):
    tenant = track()
    link(tenant)
    report = reconcile(worker_database, settings, request_id="req-7", go_on=lambda: True)
    assert (report.repositories, report.refs, report.jobs) == (1, 1, 1)
    assert (report.failures, report.work_left) == ({}, False)
    (job,) = jobs()
    assert (job["tenant_id"], job["full_name"]) == (tenant, "ada/engine")
    # The branch as it stands when the job runs.
    assert (job["requested_ref"], job["requested_commit"]) == ("", None)
    assert job["request_id"] == "req-7"
    again = run()
    assert (again.refs, again.jobs, len(jobs())) == (1, 0, 1)
    # A push after it is another one.
    github.repositories[0].branches["main"] = NEWER
    run()
    assert len(jobs()) == 1  # one that waits takes the branch as it stands


def test_nothing_is_made_of_what_is_indexed(github, run, track, link, jobs):
    github.repositories[0].branches["main"] = SHA
    link(track())
    assert run().jobs == 0
    assert jobs() == []


def test_a_push_that_was_told_of_is_not_lost_whatever_became_of_its_job(
    github, run, track, link, jobs, deliver, migrated_database
):
    link(track())
    assert len(deliver(of=payload_of(github.repositories[0]), after=HEAD).job_ids) == 1
    assert run().jobs == 0
    migrated_database.sql("DELETE FROM kotadb_queue.live WHERE state <> 'finished'")
    migrated_database.sql(
        "UPDATE kotadb.index_jobs SET status = 'failed', completed_at = clock_timestamp(), "
        "error_code = 'too_many_files', error_message = 'x' WHERE status = 'pending'"
    )
    assert run().jobs == 0
    assert jobs() == []


def test_a_job_that_waits_for_the_branch_already_is_no_new_one(run, track, link, jobs, ask_for):
    tenant = track()
    link(tenant)
    waiting = ask_for(tenant)
    assert run().jobs == 0
    assert [job["id"] for job in jobs()] == [waiting]


def test_each_branch_that_is_tracked_is_compared(github, run, track, link, jobs, ask_for):
    github.repositories[0].branches.update(release=NEWER, next=NEWER, nobodys=NEWER)
    tenant = track()
    track(ref="release")
    link(tenant)
    ask_for(tenant, ref="next")
    report = run()
    assert (report.refs, report.jobs) == (3, 2)
    assert sorted(job["requested_ref"] for job in jobs()) == ["", "next", "release"]
    assert not github.asked("nobodys")


def test_a_public_repository_is_asked_about_once_for_all_its_tenants(github, run, track, jobs):
    hosted = github.host("bob/tool", branches={"main": HEAD}, **PUBLIC)
    tenants = {
        track("ada@example.com", "bob/tool", github_id=hosted.id),
        track("eve@example.com", "Bob/Tool", github_id=hosted.id),
        # GitHub never spoke of it to this one.
        track("new@example.com", "bob/tool"),
    }
    report = run()
    assert (report.repositories, report.refs, report.jobs) == (1, 1, 3)
    assert {job["tenant_id"] for job in jobs()} == tenants
    # Each goes on with the name that it knows.
    assert {job["full_name"] for job in jobs()} == {"bob/tool", "Bob/Tool"}
    assert [one.credential for one in github.asked("/repos/")] == ["", ""]


def test_a_private_repository_is_told_of_to_whoever_may_read_it_alone(
    github, run, track, link, jobs, migrated_database
):
    hosted = github.repositories[0]
    hosted.default_branch = "next"
    hosted.branches = {"next": HEAD}
    link(track(github_id=hosted.id))
    mallory = track("mallory@example.com", github_id=hosted.id)
    github.rename("ada/engine", "ada/secret")
    run()
    run()
    assert [job["full_name"] for job in jobs()] == ["ada/secret"]
    (place,) = migrated_database.sql(
        "SELECT full_name, default_ref, is_private FROM kotadb.repositories WHERE tenant_id = %s",
        mallory,
    )
    assert place == {"full_name": "ada/engine", "default_ref": "main", "is_private": True}


def test_without_a_link_no_token_is_asked_for(github, run, track, jobs):
    track(github_id=github.repositories[0].id)
    report = run()
    assert (report.repositories, report.refs, report.failures) == (1, 0, {})
    assert not github.asked("access_tokens")
    assert jobs() == []


def test_a_token_is_for_the_one_repository_that_is_asked_about(github, run, track, link):
    link(track())
    run()
    assert [issued.repositories for issued in github.tokens.values()] == [["engine"]]


def test_another_host_with_such_a_name_is_nobody_that_github_knows(github, run, track, link):
    link(track(url="https://gitlab.com/ada/engine.git"))
    assert run().repositories == 0
    assert not github.asked("/repos/")


def test_where_there_is_nothing_of_github_nothing_is_asked(github, run, track):
    track()
    report = run(github_app_id="", github_app_private_keys=())
    assert (report.repositories, report.work_left, github.log) == (0, False, [])


def test_without_an_app_public_repositories_are_compared(github, run, track, link):
    hosted = github.host("bob/tool", branches={"main": HEAD}, **PUBLIC)
    link(track("ada@example.com", "bob/tool", github_id=hosted.id), login="bob")
    assert run(github_app_id="", github_app_private_keys=()).jobs == 1
    assert {one.credential for one in github.log} == {""}


# Branches and repositories that changed -----------------------------------------------------------


def test_a_branch_that_is_gone_takes_its_index_and_its_job_along(
    run, track, link, jobs, states, ask_for
):
    tenant = track()
    track(ref="release")
    link(tenant)
    ask_for(tenant, ref="release")
    run()
    assert states() == {"main": "current", "release": "retired"}
    (job,) = jobs("cancelled")
    assert job["error_code"] == "branch_deleted"


def test_what_is_no_branch_and_the_default_branch_stay(github, run, track, link, states):
    github.repositories[0].branches = {}
    github.repositories[0].tags = {"v1.0"}
    for ref in ("main", "v1.0", "refs/pull/7/head", "HEAD"):
        link_once = track(ref=ref)
    link(link_once)
    report = run()
    assert (report.refs, report.failures) == (2, {})
    assert set(states().values()) == {"current"}


def test_a_repository_that_vanishes_meanwhile_has_not_lost_its_branches(
    github, run, track, link, states
):
    tenant = track()
    track(ref="release")
    link(tenant)

    def vanish(exchange):
        github.repositories[0].installation_id = None
        exchange.decent()

    github.fail(vanish, only="/branches/release")
    run()
    assert states() == {"main": "current", "release": "current"}


def test_what_is_told_or_asked_for_while_github_answers_counts_more(
    github, run, track, link, jobs, states, deliver, ask_for
):
    tenant = track()
    track(ref="release")
    track(ref="asked")
    link(tenant)
    hosted = github.repositories[0]

    def late(exchange):
        """What is answered is older than the push, and the request, that come meanwhile."""
        deliver(of=payload_of(hosted), ref="refs/heads/release", after=NEWER)
        ask_for(tenant, ref="asked")
        exchange.decent()

    github.fail(late, only="/git/ref/tags/")
    run()
    assert jobs("cancelled") == []
    assert set(states().values()) == {"current"}
    assert {"release", "asked"} <= {job["requested_ref"] for job in jobs()}


def test_an_answer_that_is_older_than_what_was_told_changes_nothing(
    github, run, track, link, jobs, deliver, migrated_database
):
    link(track())

    def late(exchange):
        deliver(of=payload_of(github.repositories[0]), after=NEWER)
        exchange.decent()

    github.fail(late, only="/branches/main", times=1)
    assert run().jobs == 0
    assert len(jobs()) == 1
    assert migrated_database.value("SELECT commit_sha FROM kotadb_queue.branch_heads") == NEWER


@pytest.mark.parametrize("private", [True, False])
def test_a_rename_that_nobody_told_of_is_followed(
    github, run, track, link, jobs, migrated_database, private
):
    hosted = github.repositories[0]
    hosted.private = private
    link(track(github_id=hosted.id))
    github.rename("ada/engine", "ada/motor")
    assert run().failures == {}
    (place,) = migrated_database.sql("SELECT full_name, clone_url FROM kotadb.repositories")
    assert place == {"full_name": "ada/motor", "clone_url": url_of("ada/motor")}
    assert [job["full_name"] for job in jobs()] == ["ada/motor"]
    assert run().jobs == 0


def test_a_repository_is_shown_as_github_spells_it_once_it_was_asked(
    run, track, link, migrated_database
):
    link(track(name="ADA/Engine", url="https://127.0.0.1/ADA/Engine.git"))
    assert run(allowed_hosts=("127.0.0.1",)).failures == {}
    (place,) = migrated_database.sql("SELECT full_name, clone_url FROM kotadb.repositories")
    assert place == {"full_name": "ada/engine", "clone_url": "https://127.0.0.1/ada/engine.git"}


def test_a_changed_default_branch_is_followed(github, run, track, link, jobs, migrated_database):
    github.repositories[0].default_branch = "trunk"
    github.repositories[0].branches = {"main": SHA, "trunk": NEWER}
    link(track())
    run()
    assert migrated_database.value("SELECT default_ref FROM kotadb.repositories") == "trunk"
    assert [job["requested_ref"] for job in jobs()] == [""]


def test_a_repository_that_cannot_be_seen_stays_as_it_is(
    github, run, track, link, states, migrated_database
):
    link(track(github_id=github.repositories[0].id))
    github.repositories.clear()
    report = run()
    assert (report.repositories, report.refs, report.failures) == (1, 0, {})
    assert states() == {"main": "current"}
    assert migrated_database.value("SELECT gone_at FROM kotadb.repositories") is None


def test_another_repository_that_took_the_name_is_followed_as_a_request_for_it_would(
    github, run, track, link, jobs, migrated_database
):
    link(track(github_id=4711))
    report = run()
    assert (report.repositories, report.jobs, len(jobs())) == (1, 1, 1)
    known_as = migrated_database.value("SELECT github_id FROM kotadb.repositories")
    assert known_as == github.repositories[0].id
