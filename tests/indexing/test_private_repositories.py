"""Private repositories: whose installation opens them, and what the others learn."""

import json
from dataclasses import replace

import pytest
from tests.support import github_faults
from tests.support.git_server import GitServer
from tests.support.github_server import APP_ID
from tests.support.repositories import Repository

from indexer.indexing.pipeline import Indexer

FILES = {"a.ts": b"export const a = 1;\n", "b.ts": b"import { a } from './a';\n"}
REFUSED = ("failed", "authentication_required")


@pytest.fixture
def engine(tmp_path):
    made = Repository.create(tmp_path / "remotes" / "ada" / "engine")
    made.commit_files(FILES)
    return made


@pytest.fixture
def git_server(tmp_path, github, engine):
    """A host of repositories that takes the tokens of `github`, where ada/engine is private."""
    assert engine
    with GitServer(tmp_path / "remotes", authorised=github.authorises) as running:
        yield running


@pytest.fixture
def worker(indexing, github, app_keys, work_off):
    """Runs what is due with one indexer that has the App; each run's outcomes."""
    settings = replace(
        indexing.settings,
        github_app_id=APP_ID,
        github_app_private_keys=(app_keys[0].private,),
        github_api_url=github.url,
    )
    indexer = Indexer(settings)
    return lambda: work_off(indexer.index_repository)


@pytest.fixture
def link(indexing):
    """Gives installation 1001 to a tenant, under the name that its account has or had."""

    def make(tenant=None, *, login="ada", state="active"):
        indexing.scratch.sql(
            "INSERT INTO kotadb.github_installations AS known (installation_id, account_id, "
            "account_login, state, all_repositories, tenant_id, linked_at) "
            "VALUES (1001, 6001, %s, %s, false, %s, clock_timestamp()) "
            "ON CONFLICT (installation_id) DO UPDATE SET tenant_id = excluded.tenant_id",
            login,
            state,
            tenant or indexing.tenant,
        )

    return make


@pytest.fixture
def ended(indexing, git_server, worker):
    """Asks for a repository, has the worker run, and tells the job as it is then."""

    def run(name="ada/engine", *, url=None, **wishes):
        asked = indexing.enqueue(name, clone_url=url or git_server.url(name), **wishes)
        worker()
        return indexing.job(asked.job_id)

    return run


def outcome(job):
    return job["status"], job["error_code"]


def tokens_asked(github):
    return github.asked("access_tokens")


@pytest.mark.proves("W10")
def test_the_installation_of_a_tenant_opens_its_private_repository(ended, link, git_server, github):
    link()
    job = ended()
    assert outcome(job) == ("completed", None)
    assert (job["stats"]["files_indexed"], job["stats"]["dependencies_internal"]) == (2, 1)
    (asked,) = tokens_asked(github)
    assert json.loads(asked.body) == {
        "repositories": ["engine"],
        "permissions": {"contents": "read", "metadata": "read"},
    }
    assert all("Authorization" in headers for _, _, headers in git_server.log)
    assert not [path for _, path, _ in git_server.log if "ghs_" in path]


@pytest.mark.proves("J18", "W10")
def test_who_has_no_link_is_told_what_is_told_of_a_repository_that_is_not_there(
    ended, link, make_tenant, github, git_server
):
    link(make_tenant("eve@example.com"))
    github.host("ada/nothing", installation_id=None)
    hidden, absent = ended(), ended("ada/nothing")
    assert outcome(hidden) == outcome(absent) == REFUSED
    assert hidden["error_message"] == absent["error_message"]
    assert tokens_asked(github) == []
    assert not [headers for _, _, headers in git_server.log if "Authorization" in headers]


def test_an_installation_that_is_nobodys_opens_nothing_and_is_known_from_then_on(
    ended, github, indexing
):
    assert outcome(ended()) == REFUSED
    assert tokens_asked(github) == []
    (known,) = indexing.scratch.sql("SELECT * FROM kotadb.github_installations")
    assert (known["installation_id"], known["account_login"]) == (1001, "ada")
    assert known["tenant_id"] is None


def test_a_link_that_is_taken_back_opens_nothing_more_and_leaves_the_index(
    ended, link, indexing, make_tenant
):
    link()
    assert outcome(ended()) == ("completed", None)
    link(make_tenant("eve@example.com"))
    assert outcome(ended(force=True)) == REFUSED
    assert indexing.scratch.value("SELECT count(*) FROM kotadb.files") == 2


def test_a_token_is_kept_between_jobs_and_replaced_once_when_it_has_ended(
    ended, link, github, engine
):
    link()
    ended()
    engine.commit_files(FILES | {"c.ts": b"export const c = 3;\n"})
    again = ended()
    # What was known came from the database, and the rest piece by piece with the same token.
    assert (outcome(again), again["stats"]["files_reused"]) == (("completed", None), 2)
    assert len(tokens_asked(github)) == 1
    for token in github.valid_tokens():
        github.expire(token)
    assert outcome(ended(force=True)) == ("completed", None)
    assert len(tokens_asked(github)) == 2


def test_a_repository_that_was_made_anew_is_read_with_a_token_of_its_own(
    ended, link, github, git_server
):
    link()
    ended()
    # A token is of the repository that had the name then; to its bearer another one is not there.
    (of_the_first,) = github.valid_tokens()

    def hide(exchange):
        if exchange.token == of_the_first:
            exchange.answer(b"Repository not found.", 404)
        else:
            exchange.answer(exchange.real_answer())

    git_server.fault = hide
    assert outcome(ended(force=True)) == ("completed", None)


def test_of_two_installations_on_one_name_the_newer_one_is_asked(ended, link, indexing):
    # The App was taken off the account and installed again, and the first was never told of.
    link()
    indexing.scratch.sql(
        "UPDATE kotadb.github_installations SET installation_id = 900, account_id = 5900"
    )
    link()
    assert outcome(ended()) == ("completed", None)


def suspend(github):
    github.installations[1001].suspended = True


def uninstall(github):
    del github.installations[1001]


def take_away(github):
    github.named("ada/engine").installation_id = None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (suspend, "installation_suspended"),
        (uninstall, "installation_gone"),
        (take_away, "repository_not_installed"),
    ],
)
def test_an_installation_that_is_of_no_help_says_why_and_keeps_nobody_from_what_is_public(
    ended, link, github, tmp_path, change, code
):
    Repository.create(tmp_path / "remotes" / "ada" / "open").commit_files(FILES)
    github.host("ada/open", private=False)
    link()
    change(github)
    assert outcome(ended()) == ("failed", code)
    assert outcome(ended("ada/open")) == ("completed", None)


def test_an_installation_that_is_known_to_be_suspended_is_not_asked(ended, link, github):
    link(state="suspended")
    assert outcome(ended()) == ("failed", "installation_suspended")
    assert tokens_asked(github) == []


def test_while_github_is_away_private_repositories_wait_and_public_ones_do_not(
    ended, link, github, tmp_path
):
    Repository.create(tmp_path / "remotes" / "ada" / "open").commit_files(FILES)
    github.host("ada/open", private=False)
    link()
    github.fail(github_faults.status(503), only="access_tokens")
    assert outcome(ended()) == ("pending", "github_unavailable")
    assert outcome(ended("ada/open")) == ("completed", None)


def test_who_was_asked_too_often_is_asked_later_and_no_attempt_is_used_up(ended, link, github):
    link()
    github.fail(github_faults.status(429, Retry_After="30"), only="access_tokens")
    job = ended()
    assert (*outcome(job), job["retry_count"]) == ("pending", "github_rate_limited", 0)


def test_a_trouble_of_the_app_is_no_reason_to_try_an_unknown_name_again(ended, github):
    github.fail(github_faults.status(503), only="/installation")
    assert outcome(ended()) == REFUSED


def test_an_account_that_was_renamed_is_found_by_its_repository(ended, link, indexing):
    link(login="ada-as-she-was")
    assert outcome(ended()) == ("completed", None)
    renamed = indexing.scratch.value("SELECT account_login FROM kotadb.github_installations")
    assert renamed == "ada"


def test_a_renamed_account_that_suspended_the_app_is_told_what_anybody_is(ended, link, github):
    link(login="ada-as-she-was")
    suspend(github)
    assert outcome(ended()) == REFUSED


def test_while_the_key_of_the_app_cannot_sign_private_repositories_wait_and_public_ones_do_not(
    indexing, work_off, link, git_server, github, tmp_path
):
    Repository.create(tmp_path / "remotes" / "ada" / "open").commit_files(FILES)
    github.host("ada/open", private=False)
    link()
    unable = replace(
        indexing.settings,
        github_app_id=APP_ID,
        github_app_private_keys=("no key",),
        github_api_url=github.url,
    )
    names = ("ada/engine", "ada/open", "ada/nothing")
    asked = [indexing.enqueue(name, clone_url=git_server.url(name)) for name in names]
    work_off(Indexer(unable).index_repository)
    assert [outcome(indexing.job(one.job_id)) for one in asked] == [
        ("pending", "github_app_refused"),
        ("completed", None),
        ("pending", "github_app_refused"),
    ]
    assert github.log == []


def test_a_token_goes_to_no_other_host_than_githubs(ended, link, git_server, github):
    link()
    elsewhere = git_server.url("ada/engine").replace("127.0.0.1", "localhost")
    assert outcome(ended(url=elsewhere)) == REFUSED
    assert not [headers for _, _, headers in git_server.log if "Authorization" in headers]
    assert github.log == []


def test_without_an_app_everything_is_read_as_anybody_may(
    indexing, work_off, link, git_server, github
):
    link()
    asked = indexing.enqueue("ada/engine", clone_url=git_server.url("ada/engine"))
    work_off()
    assert outcome(indexing.job(asked.job_id)) == REFUSED
    assert github.log == []
