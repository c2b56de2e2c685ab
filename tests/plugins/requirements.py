"""`pytest --requirements` lists what the tests prove: requirement, then its tests.

The marks are read from the source, so the list costs no collection and no import.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest


@cache
def proven_requirements(folder: Path) -> dict[str, list[str]]:
    """The tests below `folder` by the requirement that they name, in the order of the numbers."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(folder.rglob("test_*.py")):
        for requirement, test in _marks(ast.parse(file.read_text(encoding="utf-8"))):
            found[requirement].append(f"{file.relative_to(folder.parent).as_posix()}::{test}")
    return dict(sorted(found.items(), key=lambda entry: (entry[0][0], int(entry[0][1:]))))


def _marks(module: ast.Module) -> Iterator[tuple[str, str]]:
    of_the_file = [
        requirement
        for statement in module.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(to, ast.Name) and to.id == "pytestmark" for to in statement.targets)
        for requirement in _named(statement.value)
    ]
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from ((requirement, node.name) for requirement in of_the_file)
        for decorator in node.decorator_list:
            yield from ((requirement, node.name) for requirement in _named(decorator))


def _named(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "proves"
        ):
            yield from (one.value for one in call.args if isinstance(one, ast.Constant))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--requirements",
        action="store_true",
        help="list the requirements and the tests that prove them; run nothing",
    )


def pytest_cmdline_main(config: pytest.Config) -> pytest.ExitCode | None:
    if not config.getoption("--requirements"):
        return None
    for requirement, tests in proven_requirements(config.rootpath / "tests").items():
        sys.stdout.write(f"{requirement}\n" + "".join(f"    {test}\n" for test in tests))
    return pytest.ExitCode.OK
