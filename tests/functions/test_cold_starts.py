"""What a function imports before it is asked, and for what it is asked."""

import json
import subprocess
import sys
from collections.abc import Iterable

import pytest

from admin_function.application import application as admin_application
from api_function.application import application as api_application
from indexer.http.application import Application, Scope
from indexer.http.problems import RouteNotFound

# What is large and only some requests, or none, have a need for.
LARGE = ("dulwich", "tree_sitter", "re2", "psycopg", "pg8000", "boto3", "jwt", "pathspec")
IMPORTED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""


def imported_by(module: str) -> set[str]:
    """All that a process has imported once it has imported a module."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, module],
        env={
            "PYTHONPATH": ":".join(path for path in sys.path if path),
            "POWERTOOLS_SERVICE_NAME": "cold",
        },
        check=True,
        capture_output=True,
        text=True,
    )
    return set(json.loads(done.stdout))


def below(names: Iterable[str], package: str) -> list[str]:
    return sorted(one for one in names if one == package or one.startswith(f"{package}."))


def test_the_api_starts_without_what_only_some_requests_need():
    imported = imported_by("api_function.handler")
    assert below(imported, "api_function.routes") == []
    assert below(imported, "indexer.search") == []
    for package in LARGE:
        assert below(imported, package) == [], package


def test_the_administration_starts_without_its_routes():
    imported = imported_by("admin_function.handler")
    assert [one for one in imported if one.startswith("admin_function.routes.")] == []
    for package in ("dulwich", "tree_sitter", "re2", "psycopg", "pg8000", "boto3"):
        assert below(imported, package) == [], package


def test_the_worker_starts_without_the_routes_and_what_searches():
    imported = imported_by("worker_function.handler")
    assert below(imported, "indexer.http") == []
    assert below(imported, "indexer.search") == []
    assert below(imported, "pydantic") == []


def asked(application: Application, method: str, path: str) -> tuple[dict, list, Application]:
    """The first request to the same routes in a new process: its answer, and what it entered."""
    entered = []
    fresh = Application(
        application._package,
        application._topics_below,
        open_scope=lambda request_id: Scope(request_id=request_id),
        admit=lambda _request, route, _scope: entered.append((route.method, route.path)),
    )
    event = {
        "version": "2.0",
        "rawPath": path,
        "requestContext": {"stage": "$default", "http": {"method": method, "path": path}},
        "headers": {},
    }
    return fresh.answer(event, None), entered, fresh


@pytest.mark.parametrize(
    ("application", "method", "path"),
    [
        (application, route.method, route.path)
        for application in (api_application, admin_application)
        for route in application.routes
    ],
)
def test_each_route_is_found_by_the_first_who_asks(application, method, path):
    _, entered, _ = asked(application, method, path.replace("<", "").replace(">", ""))
    assert entered == [(method, path)]


def test_a_path_that_nobody_has_imports_nothing():
    answer, entered, application = asked(api_application, "GET", "/nowhere")
    assert (answer["statusCode"], entered) == (RouteNotFound.status, [])
    assert application._imported == set()
