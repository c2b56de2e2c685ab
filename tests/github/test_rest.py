"""What the client asks GitHub, and what it makes of decent answers."""

from __future__ import annotations

import json
import ssl

import pytest
from tests.fixtures.github import HEAD
from tests.support import github_faults as faults
from tests.support.certificates import write_certificate
from tests.support.github_server import GitHubServer

from indexer.git.failures import AddressRefused, CertificateRefused
from indexer.github import rest
from indexer.github.answers import Installation, Repository
from indexer.github.failures import (
    AccessDenied,
    AppRefused,
    GitHubMisbehaved,
    InstallationGone,
    InstallationSuspended,
    RepositoryNotInstalled,
    TokenRefused,
)
from indexer.github.rest import GitHubApi
from indexer.settings import Settings, SettingUnusable


@pytest.fixture
def token(api):
    return api.installation_token(1001, "engine").token


def test_the_installation_of_a_repository_is_found_by_its_name(github, api):
    found = Installation(
        id=1001,
        account_login="ada",
        account_id=6001,
        account_type="Organization",
        suspended=False,
        repository_selection="selected",
    )
    assert api.installation_of("ada/engine") == found
    assert api.installation_of("Ada/Engine") == found
    github.installations[1001].suspended = True
    assert api.installation_of("ada/engine") == found._replace(suspended=True)


def test_a_repository_that_no_installation_reaches_has_none(github, api):
    github.host("ada/other")
    assert api.installation_of("ada/other") is None
    assert api.installation_of("ada/nowhere") is None


def test_an_installation_is_there_until_github_knows_it_no_more(github, api):
    assert api.has_installation(1001)
    github.installations[1001].suspended = True
    assert api.has_installation(1001)
    del github.installations[1001]
    assert not api.has_installation(1001)


@pytest.mark.parametrize("answer", [{}, {"id": 1002}, {"id": "1001"}, {"id": None}])
def test_an_answer_about_another_installation_is_not_understood(github, api, answer):
    github.fail(faults.told(answer))
    with pytest.raises(GitHubMisbehaved):
        api.has_installation(1001)


def test_to_an_app_that_github_does_not_know_no_installation_is_gone(github, api):
    github.app_id = "another"
    with pytest.raises(AppRefused):
        api.has_installation(1001)


@pytest.mark.parametrize(
    "name", ["engine", "ada/engine/x", "ada/..", "./engine", "ada/eng ine", "ada/e?x=1", "a" * 201]
)
def test_what_no_repository_is_called_is_not_even_asked_for(github, api, name):
    assert api.installation_of(name) is None
    assert api.repository(name, None) is None
    assert api.branch_head(name, "main", None) is None
    assert github.log == []


def test_every_request_names_the_version_of_the_api_and_brings_its_credential_in_a_header(
    github, api, token
):
    github.host("ada/open", private=False)
    api.installation_of("ada/engine")
    list(api.installations())
    list(api.installation_repositories(token))
    api.repository("ada/engine", token)
    api.branch_head("ada/engine", "main", token)
    api.repository("ada/open", None)
    assert len(github.log) == 7
    for request in github.log:
        assert request.headers["Accept"] == "application/vnd.github+json"
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
        assert request.headers["User-Agent"] == "kotadb"
        assert request.headers["Accept-Encoding"] == "identity"
        assert "ghs_" not in request.target
        assert "eyJ" not in request.target
    credentials = [one.headers.get("Authorization") for one in github.log]
    assert credentials[3:] == [f"Bearer {token}"] * 3 + [None]


def test_all_installations_are_told_over_all_pages(github, api):
    github.page_size = 2
    for number in range(2001, 2005):
        github.install(f"account-{number}", number=number, account_type="User", selection="all")
    github.installations[2002].suspended = True
    found = list(api.installations())
    assert [one.id for one in found] == [1001, 2001, 2002, 2003, 2004]
    assert [one.id for one in found if one.suspended] == [2002]
    assert (found[1].account_type, found[1].repository_selection) == ("User", "all")
    assert len(github.log) == 3


def test_an_installation_that_nobody_has_hides_no_other(github, api):
    decent = github.installations[1001].document()
    nobody = {**decent, "id": 5, "account": None}
    enterprise = {**decent, "id": 6, "target_type": "Enterprise", "account": {"slug": "x", "id": 1}}
    github.fail(faults.told([nobody, decent, enterprise]))
    assert [one.id for one in api.installations()] == [1001]


@pytest.mark.proves("W10")
def test_a_token_is_asked_for_one_repository_to_read_and_nothing_else(github, api):
    github.host("ada/other", installation_id=1001)
    made = api.installation_token(1001, "engine")
    (request,) = github.log
    assert (request.method, request.path) == ("POST", "/app/installations/1001/access_tokens")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "repositories": ["engine"],
        "permissions": {"contents": "read", "metadata": "read"},
    }
    assert abs(made.lifetime_seconds - 3600) <= 2
    assert abs(made.expires_at.timestamp() - github.now() - 3600) <= 2
    assert github.authorises("ada/engine", made.token)
    assert not github.authorises("ada/other", made.token)
    assert [one.full_name for one in api.installation_repositories(made.token)] == ["ada/engine"]


def test_a_token_for_listing_reaches_all_repositories_and_no_contents(github, api):
    github.page_size = 2
    for name in ("analyst", "notes"):
        github.host(f"ada/{name}", installation_id=1001, private=name == "notes")
    github.host("ada/elsewhere")
    token = api.installation_token(1001).token
    found = list(api.installation_repositories(token))
    assert [(one.full_name, one.private) for one in found] == [
        ("ada/engine", True),
        ("ada/analyst", False),
        ("ada/notes", True),
    ]
    assert len(github.asked("/installation/repositories")) == 2
    assert not github.authorises("ada/engine", token)
    with pytest.raises(AccessDenied):
        api.branch_head("ada/engine", "main", token)


def test_a_token_is_shown_nowhere(api):
    made = api.installation_token(1001, "engine")
    assert made.token.startswith("ghs_")
    assert made.token not in f"{made!r} {made}"
    assert "PRIVATE" not in repr(api)


def test_no_token_is_made_for_what_is_suspended_gone_or_out_of_reach(github, api):
    github.host("ada/other")
    with pytest.raises(RepositoryNotInstalled):
        api.installation_token(1001, "other")
    with pytest.raises(InstallationGone):
        api.installation_token(4711, "engine")
    github.installations[1001].suspended = True
    with pytest.raises(InstallationSuspended):
        api.installation_token(1001, "engine")


def test_a_repository_is_told_with_its_id_and_its_visibility(github, api, token):
    hosted = github.repositories[0]
    expected = Repository(
        github_id=hosted.id,
        owner_id=hosted.owner_id,
        full_name="ada/engine",
        private=True,
        default_branch="main",
    )
    assert api.repository("ada/engine", token) == expected
    assert api.repository("ada/engine", None) is None
    assert api.repository("ada/nowhere", token) is None
    hosted.private, hosted.default_branch = False, "trunk"
    changed = expected._replace(private=False, default_branch="trunk")
    assert api.repository("ada/engine", None) == changed


def test_a_repository_of_another_installation_is_out_of_a_tokens_reach(github, api, token):
    github.install("grace", number=1002)
    github.host("grace/engine", installation_id=1002, branches={"main": HEAD})
    assert api.repository("grace/engine", token) is None
    assert api.branch_head("grace/engine", "main", token) is None


@pytest.mark.parametrize("branch", ["main", "feature/über-100%#x", "a&b=c"])
def test_the_head_of_a_branch_is_found_whatever_its_name(github, api, token, branch):
    github.repositories[0].branches = {"other": "b2" * 20, branch: HEAD}
    assert api.branch_head("ada/engine", branch, token) == HEAD


@pytest.mark.parametrize("branch", ["", "..", "a/../b", "a b", "-x", "a\nb", "x" * 300])
def test_what_no_branch_is_called_is_not_even_asked_for(github, api, token, branch):
    asked = len(github.log)
    assert api.branch_head("ada/engine", branch, token) is None
    assert len(github.log) == asked


@pytest.mark.parametrize("tag", ["v1.0", "feature/über-100%#x"])
def test_a_tag_is_told_from_what_is_none(github, api, token, tag):
    github.repositories[0].tags = {tag}
    assert api.has_tag("ada/engine", tag, token)
    for name in ("main", "v2", "..", tag[:2]):
        assert not api.has_tag("ada/engine", name, token)


def test_a_branch_that_is_not_there_has_no_head(github, api, token):
    assert api.branch_head("ada/engine", "gone", token) is None
    github.renamed_branches[github.repositories[0].id, "master"] = "main"
    assert api.branch_head("ada/engine", "master", token) is None
    assert github.log[-1].path.endswith("/branches/main")


def test_a_renamed_repository_is_found_by_its_old_name(github, api):
    number = github.repositories[0].id
    github.rename("ada/engine", "ada/motor")
    fresh = api.installation_token(1001, "motor").token
    assert api.repository("ada/engine", fresh).full_name == "ada/motor"
    assert api.installation_of("ada/engine").id == 1001
    assert api.branch_head("ada/engine", "main", fresh) == HEAD
    followed = [one for one in github.log if one.path.startswith(f"/repositories/{number}")]
    assert [bool(one.credential) for one in followed] == [True] * 3


def test_a_token_that_ended_is_refused_as_such(github, api, token):
    github.expire(token)
    for ask in (
        lambda: api.repository("ada/engine", token),
        lambda: api.branch_head("ada/engine", "main", token),
        lambda: list(api.installation_repositories(token)),
    ):
        with pytest.raises(TokenRefused):
            ask()


def test_a_suspended_installations_token_says_so(github, api, token):
    github.installations[1001].suspended = True
    with pytest.raises(InstallationSuspended):
        api.repository("ada/engine", token)


def test_pages_that_never_end_are_left(github, api, monkeypatch):
    monkeypatch.setattr(rest, "MOST_PAGES", 3)
    link = f'<{github.url}/app/installations?page=2>; rel="next"'
    github.fail(faults.told([], Link=link))
    with pytest.raises(GitHubMisbehaved):
        list(api.installations())
    assert len(github.log) == 3


@pytest.mark.proves("W10")
def test_over_tls_only_a_trusted_certificate_sees_a_credential(api_of, app_keys, tmp_path):
    certificate = write_certificate(tmp_path / "certificate.pem")
    with GitHubServer([app_keys[0]], certificate=certificate) as github:
        with pytest.raises(CertificateRefused):
            api_of(github).installation_of("ada/engine")
        assert github.log == []
        trusting = ssl.create_default_context(cafile=certificate)
        assert api_of(github, context=trusting).installation_of("ada/engine") is None
        with pytest.raises(AddressRefused):
            api_of(github, context=trusting, public_only=True).installation_of("ada/engine")
        assert len(github.log) == 1


def test_without_an_app_what_is_public_is_found_and_nothing_is_asked_as_the_app(github):
    api = GitHubApi.without_app(Settings(github_api_url=github.url, allow_local_repositories=True))
    github.repositories[0].private = False
    assert api.branch_head("ada/engine", "main", None) == HEAD
    with pytest.raises(AppRefused):
        list(api.installations())
    assert [one.credential for one in github.log] == [""]


def settings_of(app_keys, **more):
    return Settings(github_app_id="123456", github_app_private_keys=(app_keys[0].private,), **more)


def test_the_api_of_the_settings_is_githubs_own_or_a_loopback_of_the_local_run(github, app_keys):
    plain = settings_of(app_keys, github_api_url=github.url)
    with pytest.raises(SettingUnusable, match="GITHUB_API_URL"):
        GitHubApi.from_settings(plain)
    local = settings_of(app_keys, github_api_url=f"{github.url}/", allow_local_repositories=True)
    assert GitHubApi.from_settings(local).installation_of("ada/engine").id == 1001
    assert GitHubApi.from_settings(settings_of(app_keys))._base_url == "https://api.github.com"
    inside = settings_of(app_keys, github_api_url="https://localhost")
    with pytest.raises(AddressRefused):
        GitHubApi.from_settings(inside).installation_of("ada/engine")


def test_an_app_that_github_refuses_lists_nothing(github, api):
    github.fail(faults.status(401))
    with pytest.raises(AppRefused):
        list(api.installations())
