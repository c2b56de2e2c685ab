"""Commands, routes, codes and metrics: what a page names exists, and what exists is on a page."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
import typer
from tests.contract.project import ROOT, modules, section, table, text

import admin_function
import api_function
import indexer
import worker_function
from indexer.errors import JobError, KotaError, Refused
from indexer.http.problems import status_of
from indexer.jobs.endings import EndCode
from indexer.observability import Metric
from kotadb_local.cli.main import COMMANDS as MODULES
from kotadb_local.cli.main import app

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "requests/tour.http"]
)


def commands(group: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every command by its words, with the first line of its help."""
    if words and (not hasattr(group, "commands") or group.callback):
        yield " ".join(words), (group.help or "").strip().partition("\n")[0]
    for name, inner in sorted(getattr(group, "commands", {}).items()):
        yield from commands(inner, (*words, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_every_command_is_on_the_page_of_the_commands(documented):
    assert all(COMMANDS.values()), "a command has no help"
    rows = [f"| `kotadb {words}` | {told} |\n" for words, told in COMMANDS.items()]
    shall_be = "| command | does |\n|---|---|\n" + "".join(rows)
    assert documented("docs/commands.md", "commands", shall_be=shall_be) == shall_be


@pytest.mark.parametrize("module", MODULES)
def test_a_module_adds_the_commands_that_are_said_to_be_there(module):
    adding = typer.Typer()
    importlib.import_module(f"kotadb_local.cli.{module}").add_to(adding)
    added = typer.main.get_group(adding).commands
    assert set(added) == set(MODULES[module])


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_a_page_names_exist(page):
    group = typer.main.get_command(app)
    for line in re.findall(r"(?:^|`|bin/)kotadb ([^`\n]+)", text(page), re.MULTILINE):
        words = line.partition("#")[0].split()
        if words[:1] == ["COMMAND"]:
            continue
        found: click.Command = group
        for word in words:
            if word.startswith("-") or not hasattr(found, "commands"):
                break
            if word not in found.commands:
                # Below the first word it may be an argument.
                assert found is not group, f"{page}: kotadb {line}"
                break
            found = found.commands[word]
        options = {name for one in found.params for name in one.opts} | {"--help"}
        used = re.findall(r"(?<=\s)(--[a-z][a-z-]*)", f" {line}".partition(" #")[0])
        assert [name for name in used if name not in options] == [], f"{page}: kotadb {line}"


def test_routes_that_a_page_names_exist():
    described = json.loads(text("docs/openapi.json"))["paths"]
    patterns = {
        (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path)))
        for path, item in described.items()
        for method in item
    }
    for page in PAGES:
        named = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (?:{{url}})?(/[\w/{}.-]*)", text(page))
        for method, path in named:
            whole = path.rstrip(".")
            assert any(
                method == one and pattern.fullmatch(re.sub(r"{+\w+}+", "x", whole))
                for one, pattern in patterns
            ), f"{page}: {method} {path}"


def errors() -> dict[str, list[type[KotaError]]]:
    """The errors of the deployed code by their stable code; those that inherit one left out."""
    packages = (indexer, api_function, worker_function, admin_function)
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: dict[str, list[type[KotaError]]] = {}
    waiting = [KotaError]
    while waiting:
        kind = waiting.pop()
        waiting += [one for one in kind.__subclasses__() if one.__bases__[0] is kind]
        room = kind.__module__.partition(".")[0]
        if room in {one.__name__ for one in packages} and "code" in vars(kind):
            found.setdefault(kind.code, []).append(kind)
    return found


def part_of(kind: type[KotaError]) -> str:
    """The part of the page that an error is told in: a job may fail by the code of a request."""
    return next(
        (
            part
            for part, root in (("jobs", JobError), ("answers", Refused))
            if issubclass(kind, root)
        ),
        "others",
    )


def test_every_code_stands_for_one_error():
    told = [(part_of(kind), code) for code, kinds in errors().items() for kind in kinds]
    assert sorted(told) == sorted(set(told))


def meaning(kind: type[KotaError]) -> str:
    return inspect.getdoc(kind).partition("\n")[0].replace("|", "\\|")


def test_every_code_is_on_the_page_of_the_errors(documented):
    every = [(code, kind) for code, kinds in errors().items() for kind in kinds]
    told = {"answers": "", "jobs": "", "others": ""}
    for code, kind in sorted(every, key=lambda one: (one[0], one[1].__name__)):
        part = part_of(kind)
        if part == "jobs":
            again = "yes" if kind.transient else "no"
            told["jobs"] += f"| `{code}` | {again} | {meaning(kind)} |\n"
        elif part == "answers":
            told["answers"] += f"| {status_of(kind)} | `{code}` | {meaning(kind)} |\n"
        else:
            told["others"] += f"| `{code}` | {meaning(kind)} |\n"
    heads = {
        "answers": "| status | code | meaning |\n|---|---|---|\n",
        "jobs": "| code | tried again | meaning |\n|---|---|---|\n",
        "others": "| code | meaning |\n|---|---|\n",
    }
    for part, rows in told.items():
        shall_be = heads[part] + rows
        assert documented("docs/errors.md", part, shall_be=shall_be) == shall_be


def test_every_code_of_a_job_that_ends_without_an_error_is_on_the_page_of_the_errors(documented):
    rows = [f"| `{one}` | `{one.status}` | {one.meaning} |\n" for one in sorted(EndCode)]
    shall_be = "| code | status | meaning |\n|---|---|---|\n" + "".join(rows)
    assert documented("docs/errors.md", "endings", shall_be=shall_be) == shall_be


def codes_of_the_schema() -> Iterator[str]:
    """The literals that functions of the database give a job, or a run of it, as its code."""
    schema = text("sql/schema.sql")
    declared = re.findall(r"\nCREATE FUNCTION (kotadb_queue\.\w+)\((.*?)\) RETURNS", schema)
    places = {
        name: [one.split()[0] for one in parameters.split(", ")].index("p_error_code")
        for name, parameters in declared
        if "p_error_code " in parameters
    }
    assert {"kotadb_queue.bury", "kotadb_queue.cancel_row", "kotadb_queue.failure"} <= set(places)
    bodies = "\n".join(re.findall(r"AS \$\$\n(.*?)\n\$\$;", schema, re.DOTALL))
    for name, place in places.items():
        for call in re.finditer(rf"{re.escape(name)}\(", bodies):
            yield given_at(bodies[call.end() :], place)
    # By name alone it is compared, or passed on.
    yield from re.findall(r"^\s+error_code = ([^,\n]+),", bodies, re.MULTILINE)


def given_at(call: str, place: int) -> str:
    """The argument at a place, of a call that begins behind its bracket."""
    depth, arguments = 0, [""]
    for sign in call:
        depth += (sign in "([") - (sign in ")]")
        if depth < 0:
            break
        if sign == "," and not depth:
            arguments.append("")
        else:
            arguments[-1] += sign
    return arguments[place].strip()


def test_every_code_that_the_database_gives_a_job_is_known():
    given = set(codes_of_the_schema())
    literals = {one.strip("'") for one in given if one.startswith("'")}
    passed_on = {"p_error_code", "p_final_code", "NULL", "coalesce(p_error_code"}
    assert {one for one in given if not one.startswith("'")} <= passed_on
    assert {"access_removed", "branch_deleted", "cancelled", "expired", "superseded"} <= literals
    assert literals <= set(EndCode)


def test_no_code_of_a_job_is_a_literal_of_the_code():
    """So each is that of an error class or of EndCode, both of which the page is made of."""
    named = {"code", "error_code", "final_code"}
    literals = [
        f"{path.relative_to(ROOT)}:{node.value.lineno}"
        for path in modules()
        if path.parent.name in {"jobs", "indexing"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg in named
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    assert literals == []


def test_codes_that_the_guide_of_the_api_names_exist():
    known = set(errors())
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", section("docs/api.md", "Errors")))
    assert named
    assert named - known <= {"next_cursor", "request_id"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every route of the description: its method and path, and what is described of it."""
    for path, item in json.loads(text("docs/openapi.json"))["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_every_code_that_a_route_answers_is_in_the_guide_of_the_api():
    answered = {
        (status, example["value"]["code"])
        for _, operation in operations()
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        for example in content.get("examples", {}).values()
        if status >= "400"
    }
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", section("docs/api.md", "Errors"), re.MULTILINE)
    told = {(status, code) for status, codes in rows for code in re.findall("`([a-z_]+)`", codes)}
    assert ("410", "cursor_expired") in answered
    assert answered - told == set()


def test_the_guide_of_the_api_names_the_routes_that_want_no_key():
    keyless = {name for name, one in operations() if not one.get("security")}
    told = section("docs/api.md", "Keys, quotas, request ids").partition(":\n")[0]
    # The operators' page is told of with their routes.
    assert set(re.findall("`([A-Z]+ /[^`]*)`", told)) == keyless - {"GET /admin/ui"}


def metrics_told() -> set[str]:
    """The members of Metric that the code names where it tells one."""
    return {
        node.attr
        for file in modules()
        if file.name != "observability.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Metric"
    }


def test_every_metric_is_told_somewhere():
    assert metrics_told() == set(Metric.__members__)


def test_lines_of_the_log_that_operations_explains_are_written():
    written = {
        node.value
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    rows = table("docs/operations.md", "Logs")
    explained = {line for row in rows for line in re.findall(r"`([^`]+)`", row[0])}
    assert len(explained) >= len(rows)
    assert explained <= written
