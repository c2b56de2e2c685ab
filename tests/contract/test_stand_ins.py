"""Nothing of our own is mocked: what a test replaces of it is a constant, or stands here.

A test may watch a function that goes on doing what it does, and plant a fault that no input and no
other machine brings about. Each place is listed with its reason, so that a new one is a decision.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.project import ROOT, SOURCES

OURS = frozenset(folder.name for folder in SOURCES)
STAND_INS = {
    "tests/chaos/test_crash_points.py::recorded: indexer.indexing.pipeline.store_indexed_data": (
        "watched: it stores, and what it was given is kept to be stored again by the next run"
    ),
    "tests/chaos/worker_process.py::main: worker_function.handler.open_database": (
        "watched: it opens the database, and the session says whose it is"
    ),
    "tests/functions/test_problems.py::test_an_answer_that_breaks_its_own_description_is_our_fault"
    ": indexer.search.repositories.page": (
        "a planted fault: a cursor that is a number, which no query gives"
    ),
    "tests/git/test_fetch.py::test_a_token_stands_in_no_file_log_line_argument_or_error: "
    "indexer.git.fetch.Child": "watched: what the machine shows of the child that is asked",
    "tests/git/test_fetch_faults.py::"
    "test_what_nobody_foresaw_is_told_by_its_class_and_without_its_words: "
    "indexer.git.fetch_child.Visit._commit": (
        "a planted fault: an error that nobody foresaw, so no input is known to bring it about"
    ),
    "tests/git/test_fetch_faults.py::test_a_child_that_is_killed_is_a_transient_crash: "
    "indexer.git.fetch.Child": "a planted fault: the child is killed right after it was asked",
    "tests/git/test_transport.py::test_trouble_of_this_machine_is_not_blamed_on_the_remote: "
    "indexer.git.pack.PackWriter.write": (
        "a planted fault: what a machine answers to a write that has no room, quota or device"
    ),
    "tests/git/test_transport.py::"
    "test_what_nobody_foresaw_is_the_remotes_misbehaviour_and_goes_to_the_log: "
    "indexer.git.pack.PackWriter.write": (
        "a planted fault: an error that nobody foresaw, so no input is known to bring it about"
    ),
    "tests/resolution/inference/test_bounds.py::counted: owner.name": (
        "watched: calls of a method that does what it does are counted"
    ),
    "tests/resolution/test_link_properties.py::expansions: "
    "indexer.resolution.exports.ExportGraph._expand": (
        "watched: calls of a method that does what it does are counted"
    ),
    "tests/resolution/test_resolver_cost.py::"
    "test_patterns_are_put_to_paths_only_so_often_for_one_commit: "
    "indexer.resolution.globs._matches": "watched: calls of a function are counted",
    "tests/search/test_code_search.py::test_windows_grow_where_nothing_is_found: "
    "indexer.search.walk.Walk._fetched": "watched: the sizes of the windows are noted",
    "tests/search/test_export_costs.py::sent: "
    "indexer.database.connection.Statements.fetch_all": "watched: the names of queries are noted",
    "tests/search/test_export_costs.py::"
    "test_too_many_names_are_told_in_part_and_that_is_said: "
    "indexer.search.exported_files.bound": "one bound or another, lowered so that little meets it",
    "tests/support/parsers.py::serve: indexer.indexing.parse_child.parse_text": (
        "planted faults: a parser that dies, hangs or swells where a path asks for it"
    ),
    "tests/support/parsers.py::serve: indexer.indexing.parse_child._answer": (
        "a planted fault: a child that answers for another file than it was asked for"
    ),
}
# Of pytest's MonkeyPatch and of unittest.mock's patch, and the function that is built in.
REPLACING = frozenset(("setattr", "delattr", "setitem", "delitem", "patch", "object", "multiple"))
CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*")


def imported(tree: ast.Module) -> dict[str, str]:
    """What each imported name of a file is, wherever in it the import stands."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                names[one.asname or one.name.partition(".")[0]] = (
                    one.name if one.asname else one.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                names[one.asname or one.name] = f"{node.module}.{one.name}"
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """What an expression names, in full; a name that is not imported is left as it is."""
    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Attribute(value=value, attr=attribute):
            of = dotted(value, names)
            return None if of is None else f"{of}.{attribute}"
        case ast.Constant(value=str(path)):
            return path
        case ast.Call(func=ast.Name(id="getattr" | "type" | "vars"), args=[first, *_]):
            return dotted(first, names)
    return None


def replaced(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    """The attributes that a statement or a call puts something else in the place of."""
    match node:
        case ast.Assign(targets=targets):
            assigned = targets
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            assigned = [target]
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[first, second, *_]):
            yield from attribute_of(first, second, names)
            return
        case ast.Call(func=ast.Attribute(attr=method), args=[first, *rest]) if method in REPLACING:
            yield from attribute_of(first, rest[0] if rest else None, names, by_method=True)
            return
        case _:
            return
    for target in assigned:
        if isinstance(target, ast.Attribute):
            told = dotted(target, names)
            yield from () if told is None else (told,)


def attribute_of(
    first: ast.expr, second: ast.expr | None, names: dict[str, str], *, by_method: bool = False
) -> Iterator[str]:
    owner = dotted(first, names)
    if owner is None:
        return
    if isinstance(first, ast.Constant):
        yield owner
        return
    attribute = dotted(second, {}) if second is not None else ""
    # An owner that nobody imported may be anything of ours that was handed on.
    (root, *_) = (node.id for node in ast.walk(first) if isinstance(node, ast.Name))
    unknown = by_method and root not in names
    yield f"{'?' if unknown else ''}{owner}.{attribute}"


def is_stand_in(target: str) -> bool:
    """Whether it is something of ours, or of nobody known, and no constant."""
    package, attribute = target.partition(".")[0], target.rpartition(".")[2]
    return (package in OURS or package.startswith("?")) and not CONSTANT.fullmatch(attribute)


def stand_ins(source: str) -> Iterator[str]:
    """`function: target` of every replacement in a file."""
    tree = ast.parse(source)
    names = imported(tree)

    def within(node: ast.AST, function: str) -> Iterator[str]:
        for inner in ast.iter_child_nodes(node):
            name = function
            if isinstance(inner, ast.FunctionDef) and not function:
                name = inner.name
            for target in replaced(inner, names):
                if is_stand_in(target):
                    yield f"{name}: {target.removeprefix('?')}"
            yield from within(inner, name)

    yield from within(tree, "")


def uses_mocks(source: str) -> bool:
    tree = ast.parse(source)
    return any(
        told.startswith(("unittest.mock", "pytest_mock")) for told in imported(tree).values()
    ) or any(isinstance(node, ast.arg) and node.arg == "mocker" for node in ast.walk(tree))


def files() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.proves("D9")
def test_nothing_of_our_own_is_mocked():
    found = {
        f"{file.relative_to(ROOT).as_posix()}::{place}"
        for file in files()
        for place in stand_ins(file.read_text(encoding="utf-8"))
    }
    assert found == set(STAND_INS)


def test_no_test_uses_a_library_of_mocks():
    assert [file for file in files() if uses_mocks(file.read_text(encoding="utf-8"))] == []


HEAD = "from indexer.git import pack as p\nfrom indexer.git.fetch import Child\nimport platform\n"


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("m.setattr(p, 'write_index', f)", "indexer.git.pack.write_index"),
        ("m.setattr(p.PackWriter, 'write', f)", "indexer.git.pack.PackWriter.write"),
        ("m.setattr('indexer.git.pack.write_index', f)", "indexer.git.pack.write_index"),
        ("m.delattr(Child, 'send')", "indexer.git.fetch.Child.send"),
        ("setattr(Child, 'send', f)", "indexer.git.fetch.Child.send"),
        ("m.patch.object(Child, 'send', f)", "indexer.git.fetch.Child.send"),
        ("Child.send = f", "indexer.git.fetch.Child.send"),
        ("m.setattr(handed_on, 'send', f)", "handed_on.send"),
        ("m.setattr(p, 'MOST', 3)", None),
        ("m.setattr(p, '_MOST', 3)", None),
        ("m.setattr(platform, 'machine', f)", None),
        ("thing.send = f", None),
        ("m.patch('/jobs')", None),
    ],
)
def test_whatever_replaces_something_of_ours_is_found(line, target):
    expected = [] if target is None else [f"test: {target}"]
    assert list(stand_ins(f"{HEAD}def test(m, f):\n    {line}\n")) == expected


@pytest.mark.parametrize(
    "line", ["from unittest import mock", "import unittest.mock as x", "def test(mocker): ..."]
)
def test_a_library_of_mocks_is_found(line):
    assert uses_mocks(line)
