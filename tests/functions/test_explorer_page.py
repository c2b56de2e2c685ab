"""The explorer, as the function gives it: to anybody, with nothing in it, and closed."""

import pytest
from tests.support.pages import assert_closed


def test_it_is_given_without_a_key_and_kept_by_nobody(stranger):
    answer = stranger.get("/ui")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert stranger.with_key("wrong").get("/ui").text == answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_takes_no_other_method(stranger, method):
    assert stranger.request(method, "/ui").status == 405


def test_it_asks_no_database(stranger, wire):
    assert stranger.get("/ui").status == 200
    assert (wire.statements, wire.sockets) == ([], [])


def test_it_is_whole_and_its_policy_lets_nothing_else_work(stranger):
    answer = stranger.get("/ui")
    assert_closed(answer.text, answer.headers["content-security-policy"])


def test_its_script_keeps_the_key_in_the_tab_and_nowhere_else(stranger):
    text = stranger.get("/ui").text
    for name in ("localStorage", "indexedDB", "document.cookie", "caches."):
        assert name not in text
