"""The page for operators, as the function gives it: who gets it, and what it may do."""

import pytest
from tests.functions.conftest import ADMIN_KEY
from tests.functions.gateway import http_event
from tests.functions.wire import wire_to
from tests.support.pages import assert_closed

PATH = "/admin/ui"


def asked(admin, *, method="GET", address="192.0.2.1", headers=None):
    event = http_event(method, PATH, headers=headers or {})
    event["requestContext"]["http"]["sourceIp"] = address
    return admin.client.send(event)


def test_the_page_is_given_without_a_key_and_kept_by_nobody(admin):
    answer = asked(admin)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert asked(admin, headers={"Authorization": "Bearer wrong"}).status == 200


@pytest.mark.parametrize("unset", [None, "", "  "])
@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer x", f"Bearer {ADMIN_KEY}"])
def test_without_an_admin_key_it_is_closed_as_the_other_routes_are(admin, unset, header):
    admin.variables.delenv("ADMIN_API_KEY")
    admin.set(**({} if unset is None else {"ADMIN_API_KEY": unset}))
    headers = {} if header is None else {"Authorization": header}
    answer = asked(admin, headers=headers)
    event = http_event("GET", "/admin/queue", headers=headers)
    other = admin.client.send(event)
    assert answer.status in {401, 403}
    assert (answer.status, answer.code) == (other.status, other.code)
    assert "<html" not in answer.text


def test_only_the_networks_that_are_named_get_it(admin):
    admin.set(ADMIN_ALLOWED_NETWORKS="10.0.0.0/8")
    assert asked(admin, address="10.1.2.3").status == 200
    answer = asked(admin, address="192.0.2.1", headers={"X-Forwarded-For": "10.1.2.3"})
    assert (answer.status, answer.code) == (403, "network_not_allowed")


def test_it_takes_no_other_method(admin):
    for method in ("POST", "PUT", "DELETE"):
        assert asked(admin, method=method).status == 405


def test_it_holds_no_data_and_asks_no_database(admin, migrated_database):
    with wire_to(migrated_database.admin_role) as wire:
        assert asked(admin).status == 200
        assert (wire.statements, wire.sockets) == ([], [])
    assert ADMIN_KEY not in asked(admin).text


def test_it_is_whole_and_its_policy_lets_nothing_else_work(admin):
    answer = asked(admin)
    assert_closed(answer.text, answer.headers["content-security-policy"])


def test_its_script_keeps_nothing(admin):
    for name in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches."):
        assert name not in asked(admin).text
