"""The files of the project, as the contract tests read them."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.decode import decode

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    ROOT / folder
    for folder in (
        "layers/indexer/indexer",
        "functions/api/api_function",
        "functions/worker/worker_function",
        "functions/admin/admin_function",
        "local/kotadb_local",
    )
]
# Variables that are read elsewhere than in the settings; docs/operations.md explains each.
OTHER_VARIABLES = "Other variables"


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def tool(name: str) -> str:
    """The program of that name that belongs to the running Python."""
    return str(Path(sys.executable).with_name(name))


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))


def modules() -> Iterator[Path]:
    for folder in SOURCES:
        yield from sorted(folder.rglob("*.py"))


@cache
def known_tests() -> frozenset[str]:
    """Every test as `tests/…/test_file.py::test_name`, also those that a file takes over."""
    return frozenset(
        f"{file.relative_to(ROOT).as_posix()}::{node.name}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def template() -> dict[str, Any]:
    """The template with the Globals merged into each function, as the transform does it."""
    loaded, problems = decode(str(ROOT / "template.yaml"))
    assert problems == []
    shared = loaded.get("Globals", {}).get("Function", {})
    for resource in loaded["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"] = merged(shared, resource["Properties"])
    return loaded


def merged(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {
            key: merged(base[key], over[key])
            if key in base and key in over
            else over.get(key, base.get(key))
            for key in {**base, **over}
        }
    return over


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the template's resources of one type, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }


def functions() -> dict[str, dict[str, Any]]:
    return resources("AWS::Serverless::Function")


def section(document: str, heading: str) -> str:
    """The text below a heading of a Markdown page, up to the next heading of any level."""
    found = re.search(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text(document), re.DOTALL | re.MULTILINE
    )
    assert found, f"{document} has no section {heading!r}"
    return found[1]


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    lines = [line for line in section(document, heading).splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert len(rows) > 2, f"{document} has no table below {heading!r}"
    return rows[2:]
