"""The tours that a person takes, taken: each request is sent, and answers what its page says."""

import json
import re
import shutil
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from tests.contract.project import ROOT, section
from tests.e2e.conftest import ADMIN_KEY
from tests.e2e.shell import carried_out

# The pages speak of a real repository; this one has the files that they name.
FILES = {
    "source/index.ts": b"/*! A licence */\n\n"
    b"import {Ky} from './core/Ky.js';\nexport const ky = Ky.create();\n",
    "source/core/Ky.ts": b"export class Ky {\n  static create() {\n    return new Ky();\n  }\n}\n",
}


@dataclass
class Step:
    """One request of a .http file."""

    title: str
    name: str | None
    expected: int
    again_until: str | None
    variables: dict[str, str]
    method: str
    url: str
    headers: dict[str, str]
    body: str


@dataclass
class Tour:
    """A .http file and what was answered so far."""

    variables: dict[str, str]
    steps: list[Step]
    answers: dict[str, Any] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        while found := re.search(r"{{([\w.\[\]]+)}}", text):
            text = text.replace(found[0], self.value(found[1]))
        return text

    def value(self, name: str) -> str:
        if name in self.variables:
            return self.variables[name]
        request, *path = re.findall(r"\w+", name.replace(".response.body", ""))
        value = self.answers[request]
        for part in path:
            value = value[int(part)] if part.isdigit() else value[part]
        return str(value)


VARIABLE = re.compile(r"^@(\w+) = (.+)$", re.MULTILINE)


def tour_of(text: str) -> Tour:
    head, *sections = re.split(r"^### ", text, flags=re.MULTILINE)
    return Tour(variables=dict(VARIABLE.findall(head)), steps=[step_of(one) for one in sections])


def step_of(text: str) -> Step:
    def said(mark: str) -> str | None:
        found = re.search(rf"^# {mark} ?(.+)$", text, re.MULTILINE)
        return found[1] if found else None

    lines = [line for line in text.splitlines()[1:] if not line.startswith(("#", "@"))]
    head, _, body = "\n".join(lines).strip().partition("\n\n")
    request, *headers = head.splitlines()
    method, url = request.split(" ", 1)
    expected = said("expect:")
    assert expected, text
    return Step(
        title=text.splitlines()[0],
        name=said("@name"),
        expected=int(expected),
        again_until=said("again until:"),
        variables=dict(VARIABLE.findall(text)),
        method=method,
        url=url,
        headers=dict(line.split(": ", 1) for line in headers),
        body=body,
    )


@pytest.fixture
def stack(start_stack, repository):
    repository.commit_files(FILES)
    return start_stack()


def test_every_request_of_the_tour_answers_what_it_says(stack, git_server):
    tour = tour_of((ROOT / "requests/tour.http").read_text(encoding="utf-8"))
    assert set(tour.variables) == {"url", "key", "adminKey", "repository"}
    tour.variables |= {
        "url": stack.service.url,
        "key": stack.key,
        "adminKey": ADMIN_KEY,
        "repository": git_server.url("owner/sources"),
    }
    for step in tour.steps:
        tour.variables |= step.variables

        def send(step=step) -> httpx.Response:
            return httpx.request(
                step.method,
                tour.filled(step.url),
                headers={name: tour.filled(value) for name, value in step.headers.items()},
                content=tour.filled(step.body),
                timeout=35,
            )

        answer = send()
        if step.again_until:
            stack.wait_until(lambda: send().json()["status"] == step.again_until)  # noqa: B023 - called at once
            answer = send()
        assert answer.status_code == step.expected, f"{step.title}: {answer.text}"
        if step.name:
            tour.answers[step.name] = answer.json()
    assert tour.answers["again"] == tour.answers["index"]


def test_the_tour_visits_every_topic():
    description = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    tour = tour_of((ROOT / "requests/tour.http").read_text(encoding="utf-8"))
    asked = [
        (step.method, step.url.removeprefix("{{url}}").partition("?")[0]) for step in tour.steps
    ]
    visited, left = set(), set()
    for path, item in description["paths"].items():
        pattern = re.compile(re.sub(r"{\w+}", "[^/]+", path))
        for method, operation in item.items():
            here = any(one == method.upper() and pattern.fullmatch(to) for one, to in asked)
            if here:
                visited |= set(operation["tags"])
            elif "administration" not in operation["tags"]:
                left.add(f"{method.upper()} {path}")
    # A page to read is no request to send, and a delivery is signed by GitHub alone.
    assert left == {"GET /docs", "GET /ui", "POST /webhooks/github"}
    assert visited == {tag["name"] for tag in description["tags"]} - {"webhooks"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_tour_of_the_readme_can_be_taken_as_it_stands(stack, git_server, tmp_path):
    (script,) = re.findall(r"```sh\n(.*?)```", section("README.md", "A tour"), re.DOTALL)
    (tmp_path / ".env").write_text(f"KOTADB_URL={stack.service.url}\nKOTADB_API_KEY={stack.key}\n")
    script = script.replace("sindresorhus/ky", git_server.url("owner/sources"))

    def known(name, value):
        if name == "JOB":
            stack.finished(value)

    answers = carried_out(script, folder=tmp_path, known=known)
    assert len(answers) == script.count("\nask ")
    assert [one for one in answers if "error" in one] == []
    assert stack.get("/repositories")["repositories"] == []
