"""The page made of the description: whole, escaped, and dependent on nothing."""

import base64
import hashlib
import json
import re
import shlex
from html.parser import HTMLParser

import pytest

from indexer.http.description import description_text
from indexer.http.documentation import page, page_headers, render

DESCRIPTION = json.loads(description_text())
VOID = {"meta", "wbr"}
HOSTILE = '"><script>alert(1)</script>&amp;`code`'


class Page(HTMLParser):
    """The elements of a page, and whether each that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.style = ""
        self.texts: dict[str, str] = {}
        self.commands: dict[str, str] = {}
        self.inside: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "article":
            self.inside = attributes["id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "article":
            self.inside = None

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        elif self.inside:
            self.texts[self.inside] = self.texts.get(self.inside, "") + data
            if self.open[-2:] == ["pre", "code"] and data.startswith("curl "):
                assert self.commands.setdefault(self.inside, data) == data

    def values(self, name):
        return [one[name] for _, one in self.elements if name in one]


PAGE = Page(page())


def test_every_element_is_closed_and_every_id_is_one():
    assert PAGE.open == []
    ids = PAGE.values("id")
    assert len(ids) == len(set(ids))


def test_the_page_loads_nothing_and_runs_nothing():
    assert {"script", "link", "img", "iframe", "base", "form"} & {
        tag for tag, _ in PAGE.elements
    } == set()
    assert PAGE.values("src") == PAGE.values("style") == []
    assert [name for _, one in PAGE.elements for name in one if name.startswith("on")] == []
    assert "url(" not in PAGE.style
    assert "@import" not in PAGE.style


def test_every_link_leads_to_a_place_of_the_page():
    ids = set(PAGE.values("id"))
    for target in PAGE.values("href"):
        assert target == "openapi.json" or target.removeprefix("#") in ids


def test_the_policy_lets_the_style_of_the_page_in_and_nothing_else():
    policy = dict(
        part.strip().split(" ", 1) for part in page_headers()["Content-Security-Policy"].split(";")
    )
    digest = base64.b64encode(hashlib.sha256(PAGE.style.encode()).digest()).decode()
    assert policy.pop("style-src") == f"'sha256-{digest}'"
    assert set(policy) == {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert set(policy.values()) == {"'none'"}


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        pytest.param(method, path, operation, id=operation["operationId"])
        for path, item in DESCRIPTION["paths"].items()
        for method, operation in item.items()
    ],
)
def test_an_operation_is_told_with_all_that_belongs_to_it(method, path, operation):
    told = PAGE.texts[operation["operationId"]]
    assert path in told
    assert operation["summary"] in told
    for parameter in operation.get("parameters", ()):
        assert parameter["name"] in told
    for status, response in operation["responses"].items():
        assert status in told
        for code in response.get("content", {}).get("application/json", {}).get("examples", {}):
            assert code in told
    if path == "/webhooks/github":
        # Its sender signs the body.
        assert operation["operationId"] not in PAGE.commands
        return
    command = shlex.split(PAGE.commands[operation["operationId"]])
    assert ("-X" in command) == (method != "get")
    (url,) = [word for word in command if word.startswith("$KOTADB_URL/")]
    assert "{" not in url
    assert [word for word in command if word.startswith("Authorization")] == [
        f"Authorization: Bearer $KOTADB_{kind}_KEY"
        for kind in ("API", "ADMIN")
        if {f"{kind.lower()}Key": []} in operation["security"]
    ]
    if "requestBody" in operation:
        json.loads(command[command.index("-d") + 1])


def test_whatever_the_description_says_is_text():
    hostile = json.loads(
        json.dumps(DESCRIPTION).replace("Have a repository indexed", json.dumps(HOSTILE)[1:-1])
    )
    text = render(hostile)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in text


def test_both_schemes_and_narrow_screens_have_their_rules():
    assert "prefers-color-scheme: dark" in PAGE.style
    assert re.search(r"@media \(max-width: \d+rem\)", PAGE.style)
    assert ":focus-visible" in PAGE.style
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [
        one for _, one in PAGE.elements
    ]
