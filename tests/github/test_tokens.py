"""Tokens are kept while they live, refreshed once when refused, and asked for once by many."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from tests.support import github_faults as faults
from tests.support.clocks_by_hand import ClocksByHand

from indexer.github.answers import InstallationToken
from indexer.github.failures import GitHubUnavailable, InstallationSuspended, TokenRefused
from indexer.github.tokens import InstallationTokens

ISSUES = "/access_tokens"


@pytest.fixture
def clocks():
    return ClocksByHand()


@pytest.fixture
def tokens(api, clocks):
    return InstallationTokens(api, clocks=clocks.clocks)


def test_a_token_is_kept_for_its_repository_and_no_other(github, tokens):
    github.host("ada/other", installation_id=1001)
    first = tokens.token(1001, "engine")
    assert tokens.token(1001, "engine") == tokens.token(1001, "Engine") == first
    other = tokens.token(1001, "other")
    assert other != first
    assert not github.authorises("ada/engine", other)
    assert len(github.asked(ISSUES)) == 2


@pytest.mark.parametrize("clock", ["monotonic", "wall"])
def test_a_token_is_replaced_ten_minutes_before_its_end_by_either_clock(tokens, clocks, clock):
    first = tokens.token(1001, "engine")
    setattr(clocks, clock, getattr(clocks, clock) + 2990)
    assert tokens.token(1001, "engine") == first
    setattr(clocks, clock, getattr(clocks, clock) + 20)
    assert tokens.token(1001, "engine") != first


@pytest.mark.parametrize("ahead", [-7200, -3600, 3600, 7200])
def test_a_clock_that_is_hours_wrong_keeps_no_dead_token_and_drops_no_good_one(
    github, tokens, clocks, ahead
):
    github.ahead = ahead
    first = tokens.token(1001, "engine")
    asked = len(github.asked(ISSUES))
    clocks.monotonic += 2990
    assert tokens.token(1001, "engine") == first
    assert len(github.asked(ISSUES)) == asked
    clocks.monotonic += 20
    assert tokens.token(1001, "engine") != first


def test_a_clock_that_is_set_back_keeps_no_token_longer(tokens, clocks):
    first = tokens.token(1001, "engine")
    clocks.wall -= 86_400
    clocks.monotonic += 3010
    assert tokens.token(1001, "engine") != first


def test_an_end_in_the_far_future_is_not_believed(github, tokens, clocks):
    github.token_seconds = 86_400 * 365
    first = tokens.token(1001, "engine")
    clocks.monotonic += 3010
    assert tokens.token(1001, "engine") != first


def test_a_token_that_is_about_to_end_is_used_once_and_not_kept(github, tokens):
    github.token_seconds = 300
    assert tokens.token(1001, "engine") != tokens.token(1001, "engine")


@pytest.mark.proves("W10")
def test_a_refused_token_is_refreshed_exactly_once(github, api, tokens):
    first = tokens.token(1001, "engine")
    github.expire(first)
    seen = []

    def read(token: str):
        seen.append(token)
        return api.repository("ada/engine", token)

    assert tokens.used(1001, "engine", read).full_name == "ada/engine"
    assert seen[0] == first
    assert len(seen) == len(github.asked(ISSUES)) == 2
    github.fail(faults.status(401), only="/repos/")
    with pytest.raises(TokenRefused):
        tokens.used(1001, "engine", read)
    assert len(seen) == 4
    assert len(github.asked(ISSUES)) == 3


def test_another_failure_costs_no_new_token(github, api, tokens):
    github.fail(faults.status(503), only="/repos/")
    with pytest.raises(GitHubUnavailable):
        tokens.used(1001, "engine", lambda token: api.repository("ada/engine", token))
    assert len(github.asked(ISSUES)) == 1


def test_which_error_is_a_refusal_is_the_callers_to_say(tokens):
    seen = []

    def use(token: str) -> str:
        seen.append(token)
        if len(seen) == 1:
            raise PermissionError
        return token

    assert tokens.used(1001, "engine", use, refusals=(PermissionError,)) == seen[1]
    assert seen[0] != seen[1]


def test_forgetting_an_old_token_leaves_the_one_that_took_its_place(tokens):
    first = tokens.token(1001, "engine")
    tokens.forget(1001, "engine", first)
    second = tokens.token(1001, "engine")
    tokens.forget(1001, "engine", first)
    assert tokens.token(1001, "engine") == second


def test_after_a_failure_the_next_one_asks_again(github, tokens):
    github.installations[1001].suspended = True
    with pytest.raises(InstallationSuspended):
        tokens.token(1001, "engine")
    github.installations[1001].suspended = False
    assert github.authorises("ada/engine", tokens.token(1001, "engine"))


def together(count, run):
    """What `run` gave in each of so many threads that began at one moment."""
    barrier, found = threading.Barrier(count), []

    def go() -> None:
        barrier.wait(10)
        found.append(run())

    threads = [threading.Thread(target=go) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert len(found) == count
    return found


def test_of_many_at_once_one_asks(github, tokens):
    assert len(set(together(8, lambda: tokens.token(1001, "engine")))) == 1
    assert len(github.asked(ISSUES)) == 1


def test_of_many_that_are_refused_at_once_one_asks(github, api, tokens):
    github.expire(tokens.token(1001, "engine"))

    def read():
        return tokens.used(1001, "engine", lambda token: api.repository("ada/engine", token))

    assert len(set(together(8, read))) == 1
    assert len(github.asked(ISSUES)) == 2


class Counting:
    """A source of tokens that counts what it gave."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def installation_token(self, installation_id: int, repository: str | None = None):
        self.asked.append(repository)
        name = f"ghs_{installation_id}_{repository}_{len(self.asked)}"
        return InstallationToken(
            token=name, expires_at=datetime(2026, 1, 1, tzinfo=UTC), lifetime_seconds=3600
        )


def test_the_number_of_tokens_is_bounded_and_the_latest_stay():
    source = Counting()
    tokens = InstallationTokens(source, most=3)
    for name in ("a", "b", "c", "a", "d"):
        tokens.token(1, name)
    assert source.asked == ["a", "b", "c", "d"]
    for name in ("a", "c", "d"):
        tokens.token(1, name)
    assert source.asked == ["a", "b", "c", "d"]
    tokens.token(1, "b")
    assert source.asked == ["a", "b", "c", "d", "b"]
    assert len(tokens._places) == 3
    assert "ghs_" not in f"{tokens!r} {list(tokens._places.values())!r}"
