import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.contract.project import ROOT, SOURCES, modules, pyproject, tool

# An import against each contract: the file it is planted in, by the contract's place.
FAULTS = [
    ("layers/indexer/indexer/errors.py", "import api_function"),
    ("layers/indexer/indexer/database/target.py", "import indexer.jobs.queue"),
    ("layers/indexer/indexer/parsing/facts.py", "import psycopg"),
    ("layers/indexer/indexer/drawing/model.py", "import boto3"),
    ("functions/api/api_function/__init__.py", "import tree_sitter"),
]


def contracts() -> list[str]:
    return [one["name"] for one in pyproject()["tool"]["importlinter"]["contracts"]]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(root / folder.parent.relative_to(ROOT)) for folder in SOURCES)
    return subprocess.run(
        [tool("lint-imports"), "--no-cache", "--config", "pyproject.toml"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def verdict(output: str, contract: str) -> str | None:
    # Long names are wrapped in the report.
    pattern = r"\s+".join(map(re.escape, contract.split())) + r"\s+(KEPT|BROKEN)"
    found = re.search(pattern, output)
    return found and found[1]


def test_imports_go_one_way():
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout
    assert {verdict(linted.stdout, one) for one in contracts()} == {"KEPT"}


def test_an_import_that_goes_the_other_way_is_found(tmp_path):
    for source in SOURCES:
        shutil.copytree(
            source,
            tmp_path / source.relative_to(ROOT),
            ignore=shutil.ignore_patterns("sql", "__pycache__"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, fault in FAULTS:
        planted = tmp_path / file
        planted.write_text(planted.read_text(encoding="utf-8") + f"\n{fault}\n", encoding="utf-8")
    linted = lint_imports(tmp_path)
    assert linted.returncode != 0
    assert {one: verdict(linted.stdout, one) for one in contracts()} == dict.fromkeys(
        contracts(), "BROKEN"
    )


def test_functions_never_import_one_another():
    names = {"api_function", "worker_function", "admin_function"}
    for file in modules():
        own = file.relative_to(ROOT).parts[2]
        others = names - {own} if own in names else set()
        assert imported(file).isdisjoint(others), file


def imported(file: Path) -> set[str]:
    """The top-level packages that a file imports, at its head or within a function."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.proves("J25")
def test_every_module_says_what_it_is_for():
    silent = [
        file.relative_to(ROOT).as_posix()
        for file in modules()
        if (tree := ast.parse(file.read_text(encoding="utf-8"))).body
        and not ast.get_docstring(tree)
    ]
    assert silent == []


@pytest.mark.proves("J25")
def test_every_public_function_of_the_layer_states_its_contract():
    unstated = [
        f"{file.relative_to(ROOT).as_posix()}:{node.lineno} {node.name}"
        for file in modules()
        if "layers" in file.parts
        for node in public_definitions(ast.parse(file.read_text(encoding="utf-8")))
        if not ast.get_docstring(node)
    ]
    assert unstated == []


def public_definitions(module: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Functions and classes of a module that its neighbours may use."""
    return [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
