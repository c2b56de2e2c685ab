"""GitHub's answers when it is failing, hostile, or somebody else."""

from __future__ import annotations

import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import github_faults as faults
from tests.support.github_faults import FORBIDDEN_WORD
from tests.support.github_server import GitHubServer

from indexer.errors import JobSnoozed
from indexer.github import answers
from indexer.github.exchange import Answer, GitHubLimits
from indexer.github.failures import (
    AccessDenied,
    GitHubMisbehaved,
    GitHubRateLimited,
    GitHubUnavailable,
    InstallationSuspended,
)
from indexer.settings import MEBIBYTE


@pytest.fixture
def hasty(github, api_of):
    """A client that waits for next to nothing."""
    limits = GitHubLimits(seconds=0.6, connect_seconds=0.4, read_seconds=0.4)
    return api_of(github, limits=limits)


@pytest.fixture
def elsewhere(app_keys):
    with GitHubServer([app_keys[0]]) as server:
        yield server


STATUSES = [
    (500, GitHubUnavailable),
    (502, GitHubUnavailable),
    (503, GitHubUnavailable),
    (403, AccessDenied),
    (451, AccessDenied),
    (429, GitHubRateLimited),
    (400, GitHubMisbehaved),
    (418, GitHubMisbehaved),
    (204, GitHubMisbehaved),
    (304, GitHubMisbehaved),
]


@pytest.mark.parametrize(("code", "expected"), STATUSES)
def test_each_status_has_its_error_and_is_not_asked_for_again(github, api, code, expected):
    github.fail(faults.status(code))
    with pytest.raises(expected) as failed:
        api.repository("ada/engine", "ghs_secret")
    assert type(failed.value) is expected
    assert len(github.log) == 1


@pytest.mark.proves("W10", "W18")
def test_no_word_of_githubs_and_no_credential_stands_in_an_error(github, api, elsewhere):
    token = api.installation_token(1001, "engine").token
    planted = [faults.status(code, Location=FORBIDDEN_WORD) for code, _ in STATUSES]
    planted += [
        faults.status(401),
        faults.status(422),
        faults.canned(FORBIDDEN_WORD.encode()),
        faults.told({"id": FORBIDDEN_WORD, "token": FORBIDDEN_WORD}),
        faults.redirect(f"{elsewhere.url}/{FORBIDDEN_WORD}"),
        faults.drop,
    ]
    for fault in planted:
        github.fail(fault)
        for ask in (
            lambda: api.repository("ada/engine", token),
            lambda: api.installation_token(1001, "engine"),
        ):
            with pytest.raises(Exception) as failed:  # noqa: PT011 - whichever it is
                ask()
            told = f"{failed.value!r} {failed.value} {vars(failed.value)}" + "".join(
                traceback.format_exception(failed.value)
            )
            sent = github.log[-1].credential
            assert FORBIDDEN_WORD not in told
            assert sent
            assert sent not in told


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"Retry-After": "17"}, "", 17),
        ({"Retry-After": "0"}, "", 1),
        ({"Retry-After": "999999"}, "", 3600),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in 90"}, "", 90),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in -90"}, "", 1),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, "", 60),
        ({"X-RateLimit-Remaining": "0"}, "", 60),
        ({}, "You have exceeded a secondary rate limit.", 60),
        ({"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}, "rate limit", 60),
    ],
)
def test_a_rate_limit_says_how_long_to_wait_by_githubs_clock_within_an_hour(
    github, api, code, headers, message, seconds
):
    github.ahead = 50_000
    reset = headers.get("X-RateLimit-Reset", "")
    if reset.startswith("in "):
        headers = {**headers, "X-RateLimit-Reset": str(int(github.now()) + int(reset[3:]))}
    github.fail(faults.status(code, message, **headers))
    with pytest.raises(GitHubRateLimited) as limited:
        api.repository("ada/engine", "ghs_secret")
    assert isinstance(limited.value, JobSnoozed)
    assert limited.value.seconds == pytest.approx(seconds, abs=2 if reset.startswith("in ") else 0)


def test_requests_that_are_left_make_a_403_no_rate_limit(github, api):
    github.fail(faults.status(403, "Repository access blocked", X_RateLimit_Remaining="4999"))
    with pytest.raises(AccessDenied):
        api.repository("ada/engine", "ghs_secret")
    github.fail(faults.status(403, "This installation has been suspended"))
    with pytest.raises(InstallationSuspended):
        api.repository("ada/engine", "ghs_secret")


@pytest.mark.parametrize("fault", [faults.hang, faults.stall, faults.drip])
def test_an_answer_that_does_not_come_is_not_waited_for(github, hasty, fault):
    github.fail(fault)
    with pytest.raises(GitHubUnavailable):
        hasty.repository("ada/engine", "ghs_secret")
    assert len(github.log) == 1


def test_an_answer_that_breaks_off_is_none(github, api):
    github.fail(faults.drop)
    with pytest.raises(GitHubUnavailable):
        api.repository("ada/engine", "ghs_secret")


def test_a_server_that_is_not_there_is_unavailable(github, api_of):
    gone = api_of(github, base_url="http://127.0.0.1:1")
    with pytest.raises(GitHubUnavailable):
        gone.repository("ada/engine", "ghs_secret")


def test_an_answer_without_an_end_is_left_at_its_limit(github, api_of):
    api = api_of(github, limits=GitHubLimits(answer_bytes=MEBIBYTE))
    github.fail(faults.endless)
    with pytest.raises(GitHubMisbehaved):
        api.repository("ada/engine", "ghs_secret")


@pytest.mark.proves("W10")
@pytest.mark.parametrize("code", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "where",
    [
        "{elsewhere}/repos/ada/engine",
        "//{elsewhere_host}/repos/ada/engine",
        "https://{host}/repos/ada/engine",
        "http://{host}@{elsewhere_host}/",
        "http://x@{host}/",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "http://[::1]/",
        "http://[",
        "file:///etc/passwd",
        "http://{host}\\@{elsewhere_host}/",
        "",
    ],
)
def test_a_redirect_away_is_not_followed(github, api, elsewhere, code, where):
    host, other = github.url.partition("//")[2], elsewhere.url.partition("//")[2]
    there = where.format(elsewhere=elsewhere.url, elsewhere_host=other, host=host)
    github.fail(faults.redirect(there, code))
    with pytest.raises(GitHubMisbehaved):
        api.repository("ada/engine", "ghs_secret")
    assert elsewhere.log == []
    assert len(github.log) == (1 if there else 2)


def test_a_redirect_is_followed_once(github, api):
    github.fail(faults.redirect("/repos/ada/engine"))
    with pytest.raises(GitHubMisbehaved):
        api.repository("ada/engine", "ghs_secret")
    assert len(github.log) == 2


def test_a_post_follows_only_a_redirect_that_keeps_it_one(github, api):
    target = "/app/installations/1001/access_tokens"
    github.fail(faults.redirect(target, 301), times=1)
    with pytest.raises(GitHubMisbehaved):
        api.installation_token(1001, "engine")
    assert len(github.log) == 1
    github.fail(faults.redirect(target, 307), times=1)
    assert api.installation_token(1001, "engine")
    first, second = github.log[1:]
    assert (second.method, second.body) == ("POST", first.body)


def test_a_next_page_elsewhere_is_not_asked_for(github, api, elsewhere):
    link = f'<{elsewhere.url}/app/installations?page=2>; rel="next"'
    github.fail(faults.told([], Link=link))
    with pytest.raises(GitHubMisbehaved):
        list(api.installations())
    assert elsewhere.log == []


NO_DOCUMENTS = [
    b"",
    b"not JSON",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'"text"',
    b"[" * 100_000,
    b'{"id": NaN}',
    b'{"id": ' + b"9" * 5000 + b"}",
    b"{}",
]


@pytest.mark.parametrize("body", NO_DOCUMENTS, ids=lambda body: repr(body[:12]))
def test_what_is_no_document_is_refused(github, api, body):
    github.fail(faults.canned(body))
    for ask in (
        lambda: api.repository("ada/engine", "ghs_secret"),
        lambda: api.installation_of("ada/engine"),
        lambda: api.branch_head("ada/engine", "main", "ghs_secret"),
        lambda: list(api.installation_repositories("ghs_secret")),
        lambda: api.installation_token(1001, "engine"),
    ):
        with pytest.raises(GitHubMisbehaved):
            ask()


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"[null]", b"[{}]", b"[[]]"])
def test_what_is_no_list_of_installations_is_refused(github, api, body):
    github.fail(faults.canned(body))
    with pytest.raises(GitHubMisbehaved):
        list(api.installations())


ODD = [None, ..., [], {}, "", "x" * 5000, "a\nb", "a\0b", "\ud800", 1.5, -1, 0, 2**63]
ODD_TEXT = [*ODD, True, 7]
ODD_ID = [*ODD, True, "7"]
MEMBERS = {
    "repository": {
        "id": ODD_ID,
        "full_name": [*ODD_TEXT, "engine", "a/b/c", "ada/en gine", "../.."],
        "private": [*ODD, "false", 1],
        "default_branch": ODD_TEXT,
        "owner": [*ODD, 7, "ada", {"id": "1"}, {"id": 0}],
    },
    "installation": {
        "id": ODD_ID,
        "account": [one for one in ODD if one is not None] + [7, {"login": "ada"}],
        "suspended_at": [False, 7, [], {}],
        "repository_selection": [*ODD_TEXT, "some"],
    },
    "branch": {
        "name": ODD_TEXT,
        "commit": [*ODD, 7, {"sha": 7}, {"sha": "g" * 40}, {"sha": "A1" * 20}, {"sha": "a1" * 32}],
    },
    "token": {
        "token": [*ODD_TEXT, "ghs_a b", "ghs_ä", "a:b", "ghs_x\r\nX-Other: y"],
        "expires_at": [*ODD_TEXT, "soon", "2026-01-01", "2026-01-01T00:00:00", "9999-99-99"],
        "repositories": [[], [7], [{"name": "other"}], [{"name": "engine"}, {"name": "b"}], "x"],
    },
}


@pytest.mark.parametrize(
    ("kind", "member"), [(kind, one) for kind, members in MEMBERS.items() for one in members]
)
def test_a_member_of_another_shape_is_refused(github, api, kind, member):
    token = api.installation_token(1001, "engine").token
    asks = {
        "repository": lambda: api.repository("ada/engine", token),
        "installation": lambda: api.installation_of("ada/engine"),
        "branch": lambda: api.branch_head("ada/engine", "main", token),
        "token": lambda: api.installation_token(1001, "engine"),
    }
    assert asks[kind]()
    for value in MEMBERS[kind][member]:
        github.fail(faults.changed(**{member: value}))
        with pytest.raises(GitHubMisbehaved):
            asks[kind]()


WORDS = (
    "id account login type suspended_at repository_selection target_type full_name private "
    "default_branch name commit sha token expires_at repositories message"
)
NAMES = st.sampled_from(WORDS.split())
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)
READERS = [
    answers.installation,
    answers.repository,
    answers.branch_head,
    lambda found: answers.installation_token(found, now=0.0, repository="engine"),
]


@given(found=st.dictionaries(NAMES, ANY, max_size=8))
def test_whatever_an_answer_holds_is_a_value_or_misbehaviour(found):
    body = json.dumps(found).encode()
    for read in READERS:
        try:
            read(answers.document(body))
        except GitHubMisbehaved:
            continue
    assert isinstance(answers.message(body), str)


@given(
    text=st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ [\d:]+ \S+")
)
def test_whatever_a_date_says_is_a_moment_or_none(text):
    moment = Answer(status=200, headers={"Date": text}, body=b"").moment()
    assert moment is None or isinstance(moment, float)
