"""The OpenAPI description of all functions, generated from their routes.

It is kept as `docs/openapi.json` and served from there; `python -m kotadb_local.description` prints
it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, SecurityScheme

from admin_function.application import application as admin
from api_function.application import application as api
from indexer import __version__
from indexer.http.application import Application
from kotadb_local.description_examples import ASKED_WITH, BODIES, LINKS, PARAMETERS

APPLICATIONS: tuple[Application[Any], ...] = (api, admin)

ABOUT = """\
Code intelligence on your own Postgres: index a Git repository, ask where things are defined, used
and imported.

Every error has the shape of `ProblemBody`, and programs go by its `code`. Every answer carries
`X-Request-Id`; one that you send (`[A-Za-z0-9._-]`, at most 128 characters) is kept. Answers to a
known key carry `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (unix seconds).

A route that does not exist is a 404 `route_not_found`, and a method that a route lacks a 405
`method_not_allowed` whose `Allow` names those it has.

What belongs to another tenant is answered exactly as what does not exist: the same 404.
"""
SERVERS = [
    {"url": "/", "description": "The deployment that gives this description"},
    {"url": "http://127.0.0.1:8787", "description": "A run on this machine: make up"},
]
TAGS = {
    "jobs": "Have a repository indexed, and see how far that is.",
    "repositories": "What is indexed, at which commit.",
    "files": "What is in the repository: files, their text, their outline, the names in them.",
    "search": "Words, texts, expressions and names in everything that is indexed.",
    "mcp": "Tools for coding agents.",
    "symbols": "Where things are defined, where they are used, and who calls them.",
    "dependencies": "What files import, and what imports them.",
    "keys": "Replace the key that you have.",
    "webhooks": "What GitHub tells of by itself: signed by it, and asked for by nobody else.",
    "administration": "For whoever runs the service: everybody's jobs, tenants, keys, upkeep.",
    "service": "Whether the service works, and what it can do.",
}
SECURITY: dict[str, SecurityScheme] = {
    "apiKey": HTTPBearer(
        description="An API key: `kota_<tier>_<key id>_<secret>`.",
        bearerFormat="kota_<tier>_<key id>_<secret>",
    ),
    "adminKey": HTTPBearer(description="The key of whoever runs the service.", bearerFormat="text"),
}
# What the generator adds for errors of a shape that no answer here has.
FOREIGN_SCHEMAS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
# What each says, its type, and whether it is always there.
HEADERS = {
    "RequestId": ("The id of this request; the worker's logs show it too.", "string", True),
    "Limit": ("Requests an hour.", "integer", True),
    "Remaining": ("Requests left in this hour.", "integer", True),
    "Reset": ("When the next hour begins, in unix seconds.", "integer", True),
    "KnownLimit": ("Requests an hour, once the key was known.", "integer", False),
    "KnownRemaining": ("Requests left in this hour, once the key was known.", "integer", False),
    "KnownReset": ("When the next hour begins, once the key was known.", "integer", False),
    "RetryAfter": ("Seconds to wait.", "integer", True),
    "Pace": ("Seconds after which to ask again, while the job is not finished.", "integer", False),
    "Challenge": ("How to authenticate.", "string", True),
    "Location": ("Where the job is shown.", "string", False),
    "Replayed": ("true where an Idempotency-Key got its first answer again.", "string", False),
}
QUOTA = {f"X-RateLimit-{name}": name for name in ("Limit", "Remaining", "Reset")}
OWN_HEADERS = {
    ("index_repository", "202"): {"Location": "Location", "Idempotent-Replayed": "Replayed"},
    ("show_job", "200"): {"Retry-After": "Pace"},
}
WITHOUT_BODY = "204"
# From here on an answer may come from before the caller was known.
FAULTS_BEGIN = 500
ERRORS_BEGIN = 400


class DescriptionsConflict(Exception):
    """Two functions describe one name differently."""


def describe(applications: Iterable[Application[Any]] = APPLICATIONS) -> dict[str, Any]:
    """One description of every route of these applications.

    Raises:
        DescriptionsConflict: a path or a schema of one stands for something else in another.
    """
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    security: dict[str, Any] = {}
    for application in applications:
        described = _described(application)
        _join(paths, described["paths"])
        _join(schemas, described["components"]["schemas"])
        _join(security, described["components"]["securitySchemes"])
    for name in FOREIGN_SCHEMAS:
        schemas.pop(name, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KotaDB",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": SERVERS,
        "tags": [{"name": name, "description": told} for name, told in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": {name: _header(*told) for name, told in HEADERS.items()},
            "securitySchemes": security,
        },
    }


def write_description() -> str:
    """The description as the text of a file."""
    return json.dumps(describe(), indent=1, sort_keys=True) + "\n"


def _described(application: Application[Any]) -> dict[str, Any]:
    routes = application.routes
    written: dict[str, Any] = json.loads(
        application.resolver.get_openapi_json_schema(
            title="KotaDB", version=__version__, security_schemes=SECURITY
        )
    )
    for route in routes:
        operation = written["paths"][route.openapi_path][route.method.lower()]
        # Tools name their functions after it, so it is the name of the route's own.
        operation["operationId"] = route.func.__name__
        _finish(operation)
    return written


def _finish(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _of_a_parameter(parameter["schema"])
        if parameter["name"] in PARAMETERS:
            parameter["example"] = PARAMETERS[parameter["name"]]
    if name in BODIES:
        (content,) = operation["requestBody"]["content"].values()
        content["examples"] = {
            told: {"summary": told, "value": value} for told, value in BODIES[name].items()
        }
    if name in ASKED_WITH:
        operation["x-asked-with"] = list(ASKED_WITH[name])
    operation["responses"] = _own_responses(operation)
    for status, links in LINKS.get(name, {}).items():
        operation["responses"][status]["links"] = links


def _of_a_parameter(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What can stand in a path or a query: no null, and nothing that the parameter says itself."""
    told = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    kinds = [kind for kind in told.pop("anyOf", ()) if kind != {"type": "null"}]
    if kinds:
        (kind,) = kinds
        told |= kind
    if told.get("default", 0) is None:
        del told["default"]
    return told


def _own_responses(operation: dict[str, Any]) -> dict[str, Any]:
    own = {}
    for status, response in operation["responses"].items():
        if any(name in json.dumps(response) for name in FOREIGN_SCHEMAS):
            continue
        own[status] = {**response, "headers": _headers(operation, status)}
        if status == WITHOUT_BODY:
            # The generator describes a body of null where there is none.
            del own[status]["content"]
        if int(status) >= ERRORS_BEGIN:
            _name_codes(response["content"]["application/json"])
    return own


def _name_codes(content: dict[str, Any]) -> None:
    # The examples are by code, so the codes need not be told twice by who writes a route.
    content["schema"] = {
        **content["schema"],
        "properties": {"code": {"enum": sorted(content["examples"])}},
    }


def _headers(operation: Mapping[str, Any], status: str) -> dict[str, Any]:
    names = {"X-Request-Id": "RequestId"}
    if status == "401":
        names["WWW-Authenticate"] = "Challenge"
    elif any("apiKey" in one for one in operation.get("security", ())):
        known = "Known" if int(status) >= FAULTS_BEGIN else ""
        names |= {header: known + name for header, name in QUOTA.items()}
    if status in {"429", "503"}:
        names["Retry-After"] = "RetryAfter"
    names |= OWN_HEADERS.get((operation["operationId"], status), {})
    return {name: {"$ref": f"#/components/headers/{told}"} for name, told in names.items()}


def _header(told: str, kind: str, always: bool) -> dict[str, Any]:  # noqa: FBT001 - a row of HEADERS
    return {"description": told, "required": always, "schema": {"type": kind}}


def _join(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, told in more.items():
        if into.setdefault(name, told) != told:
            raise DescriptionsConflict(f"{name} is described twice, and differently")


def main() -> None:
    """Print the description."""
    sys.stdout.write(write_description())


if __name__ == "__main__":
    main()
