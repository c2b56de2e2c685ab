"""The page for operators, as the function gives it: who gets it, and what it may do."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from tests.functions.conftest import ADMIN_KEY
from tests.functions.gateway import http_event
from tests.functions.wire import wire_to

PATH = "/admin/ui"


class Parts(HTMLParser):
    """The elements of a page, the texts of its scripts and styles, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._within = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._within = tag
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        if tag == self._within:
            self._within = ""

    def handle_data(self, data):
        if self._within in self.texts:
            self.texts[self._within][-1] += data


def asked(admin, *, method="GET", address="192.0.2.1", headers=None):
    event = http_event(method, PATH, headers=headers or {})
    event["requestContext"]["http"]["sourceIp"] = address
    return admin.client.send(event)


def parts(admin):
    read = Parts()
    read.feed(asked(admin).text)
    read.close()
    return read


def policy(admin):
    told = asked(admin).headers["content-security-policy"]
    return dict(one.strip().partition(" ")[::2] for one in told.split(";"))


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


def test_its_policy_lets_its_own_style_and_script_work_and_nothing_else(admin):
    allowed, found = policy(admin), parts(admin)
    for kind, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = found.texts[kind]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed.pop(directive) == f"'sha256-{digest}'"
    assert allowed == {
        "default-src": "'none'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_it_names_nothing_outside_itself(admin):
    found = parts(admin)
    for _, attributes in found.elements:
        assert not {"src", "srcset", "style", "action", "formaction", "ping"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    (script,), (style,) = found.texts["script"], found.texts["style"]
    # The one address is the name of SVG's elements, which nobody asks.
    assert re.findall(r"https?://[^\"']+", script + style) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in style
    assert "@import" not in style


def test_its_script_makes_no_markup_of_a_text_and_keeps_nothing(admin):
    ((script,),) = (parts(admin).texts["script"],)
    for name in (
        *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser"),
        *("eval(", "new Function", "srcdoc", "javascript:"),
        *("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches."),
    ):
        assert name not in script


def test_every_element_that_its_script_asks_for_is_there_once(admin):
    found = parts(admin)
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    (script,) = found.texts["script"]
    named = set(re.findall(r'byId\("([\w-]+)"\)', script))
    named |= set(re.findall(r'onClick\("([\w-]+)"', script))
    assert named <= set(ids)
    for _, attributes in found.elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= set(ids)
