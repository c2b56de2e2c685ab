"""The description as a page to read: plain HTML, nothing loaded from anywhere, no script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from indexer.http.description import description_text

Described = Mapping[str, Any]

_KEYS = {
    "apiKey": ("Needs an API key.", "$KOTADB_API_KEY"),
    "adminKey": ("Needs the admin key.", "$KOTADB_ADMIN_KEY"),
}
_ERRORS_BEGIN = 400


@cache
def page() -> str:
    """The page, as HTML."""
    return render(json.loads(description_text()))


@cache
def page_headers() -> Mapping[str, str]:
    """What a browser is told of the page: its own style may be used, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def render(description: Described) -> str:
    """A page for a description: its operations by topic, then the shapes that they speak of."""
    topics = [(tag, list(_operations(description, tag["name"]))) for tag in description["tags"]]
    info = description["info"]
    title = f"{_text(info['title'])} {_text(info['version'])}"
    sections = "".join(
        f'<section aria-labelledby="topic-{_text(tag["name"])}">'
        f'<h2 id="topic-{_text(tag["name"])}">{_text(tag["name"].capitalize())}</h2>'
        f"{_prose(tag['description'])}"
        f"{''.join(_operation(*one) for one in operations)}</section>"
        for tag, operations in topics
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_style()}</style></head><body>"
        '<a class="skip" href="#content">Skip the list of routes</a><div class="layout">'
        f'{_navigation(topics)}<main id="content"><h1>{title}</h1>{_prose(info["description"])}'
        "<p>The commands take the address of the service and your keys from variables: "
        "<code>KOTADB_URL</code>, <code>KOTADB_API_KEY</code> and, for operators, "
        "<code>KOTADB_ADMIN_KEY</code>. A run on one machine writes them into "
        "<code>.env</code>.</p>"
        '<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
        f'{sections}<section aria-labelledby="shapes"><h2 id="shapes">Shapes</h2>'
        f"{''.join(_shape(*one) for one in sorted(description['components']['schemas'].items()))}"
        "</section></main></div></body></html>\n"
    )


def _operations(description: Described, topic: str) -> Iterator[tuple[str, str, Described]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if topic in operation["tags"]:
                yield method, path, operation


def _navigation(
    topics: Iterable[tuple[Described, list[tuple[str, str, Described]]]],
) -> str:
    groups = "".join(
        f'<strong><a href="#topic-{_text(tag["name"])}">{_text(tag["name"].capitalize())}</a>'
        "</strong><ul>"
        + "".join(
            f'<li><a href="#{_text(operation["operationId"])}">{_method(method)}'
            f"<span>{_breakable(path)}</span></a></li>"
            for method, path, operation in operations
        )
        + "</ul>"
        for tag, operations in topics
    )
    return (
        '<nav aria-label="Routes"><details open><summary>Routes</summary>'
        f'{groups}<strong><a href="#shapes">Shapes</a></strong></details></nav>'
    )


def _operation(method: str, path: str, operation: Described) -> str:
    name = _text(operation["operationId"])
    told, _ = _key_of(operation) or ("Needs no key.", "")
    return (
        f'<article id="{name}"><h3 class="route">{_method(method)}'
        f'<code class="path">{_text(path)}</code>'
        f'<a class="here" href="#{name}" aria-label="Link to {name}">#</a></h3>'
        f"<p>{_text(operation['summary'])}. <span class=quiet>{told}</span></p>"
        f"{_prose(operation.get('description', ''))}"
        f"{_command(method, path, operation)}"
        f"{_parameters(operation)}{_body(operation)}{_answers(operation)}</article>"
    )


def _parameters(operation: Described) -> str:
    if not operation.get("parameters"):
        return ""
    return f"<h4>Parameters</h4>{_list(map(_parameter, operation['parameters']))}"


def _parameter(one: Described) -> tuple[str, str]:
    kind = f"{_text(one['in'])}, {_kind(one['schema'])}{', required' if one['required'] else ''}"
    example = ""
    if "example" in one:
        shown = one["example"] if isinstance(one["example"], list) else [one["example"]]
        example = f" For example {', '.join(f'<code>{_text(value)}</code>' for value in shown)}."
    return _term(one["name"], kind), _inline(one.get("description", "")) + example


def _body(operation: Described) -> str:
    if "requestBody" not in operation:
        return ""
    content = operation["requestBody"]["content"]["application/json"]
    examples = "".join(
        f"<p class=quiet>{_text(told)}:</p>"
        f'<pre tabindex="0"><code>{_text(json.dumps(one["value"], indent=2))}</code></pre>'
        for told, one in content.get("examples", {}).items()
    )
    return f"<h4>Body</h4><p>{_kind(content['schema'])}, as JSON.</p>{examples}"


def _answers(operation: Described) -> str:
    answers, errors = [], []
    for status, response in operation["responses"].items():
        content: Described = next(iter(response.get("content", {}).values()), {})
        if int(status) < _ERRORS_BEGIN:
            shape = f" {_kind(content['schema'])}" if content.get("schema") else ""
            answers.append((f"<code>{status}</code>", _inline(response["description"]) + shape))
            continue
        errors += [
            (
                f"<code>{status}</code> <code>{_text(code)}</code>",
                _inline(example["value"]["error"]),
            )
            for code, example in content["examples"].items()
        ]
    # Most errors are those of every route: folded, they do not hide what a route is about.
    folded = f"<details><summary>Errors ({len(errors)})</summary>{_list(errors)}</details>"
    return f"<h4>Answers</h4>{_list(answers)}{folded}"


def _shape(name: str, schema: Described) -> str:
    needed = schema.get("required", ())
    entries = (
        (
            _term(field, _kind(one) + ("" if field in needed else ", optional")),
            _inline(one.get("description", "")),
        )
        for field, one in schema.get("properties", {}).items()
    )
    inside = _list(entries) if schema.get("properties") else f"<p>{_kind(schema)}</p>"
    return (
        f'<article id="shape-{_text(name)}"><h3 class="route"><code class="path">{_text(name)}'
        f'</code><a class="here" href="#shape-{_text(name)}" aria-label="Link to {_text(name)}">#'
        f"</a></h3>{_prose(schema.get('description', ''))}{inside}</article>"
    )


def _kind(schema: Described) -> str:
    """The type of a value, in a few words."""
    if "$ref" in schema:
        name = _text(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{_text(one)}</code>" for one in schema["enum"])
    if "const" in schema:
        return f"<code>{_text(schema['const'])}</code>"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    written = schema.get("format") or schema.get("type") or "anything"
    low, high = schema.get("minimum"), schema.get("maximum")
    return _text(f"{written} {low:g} to {high:g}" if None not in {low, high} else written)


def _command(method: str, path: str, operation: Described) -> str:
    # What is signed as it stands is sent by whoever holds the secret, and not by hand.
    if operation.get("x-raw-body"):
        return ""
    return f'<pre tabindex="0"><code>{_text(_curl(method, path, operation))}</code></pre>'


def _curl(method: str, path: str, operation: Described) -> str:
    """A command that sends the request, with examples for what it must have."""
    parameters, asked_with = operation.get("parameters", ()), operation.get("x-asked-with", ())
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one["example"]))
    query = "&".join(
        f"{one['name']}={one['example']}"
        for one in parameters
        if one["in"] == "query" and (one["required"] or one["name"] in asked_with)
    )
    verb = "" if method == "get" else f"-X {method.upper()} "
    lines = [f'curl {verb}"$KOTADB_URL{path}{"?" if query else ""}{query}"']
    if key := _key_of(operation):
        lines.append(f'-H "Authorization: Bearer {key[1]}"')
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        example = next(iter(content["examples"].values()))["value"]
        quoted = json.dumps(example).replace("'", "'\\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{quoted}'"]
    return " \\\n     ".join(lines)


def _key_of(operation: Described) -> tuple[str, str] | None:
    names = [name for one in operation.get("security", ()) for name in one]
    return _KEYS[names[0]] if names else None


def _method(method: str) -> str:
    return f'<span class="method {_text(method)}">{_text(method.upper())}</span>'


def _term(name: str, kind: str) -> str:
    return f"<code>{_text(name)}</code><span class=quiet>{kind}</span>"


def _list(entries: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{term}</dt><dd>{told}</dd>' for term, told in entries)}</dl>"


def _breakable(path: str) -> str:
    """A path that a narrow column folds between its parts, not within one."""
    return _text(path).replace("/", "<wbr>/").removeprefix("<wbr>")


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(one)}</p>" for one in text.strip().split("\n\n") if one)


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _text(text))


def _text(value: object) -> str:
    return escape(str(value), quote=True)


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("documentation.css").read_text(encoding="utf-8")
