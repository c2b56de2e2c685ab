"""Secrets are compared in constant time: how long it takes does not tell how near one came."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.project import ROOT, modules

IN_CONSTANT_TIME = {
    "layers/indexer/indexer/access/operators.py::_opens": "the admin key",
    "layers/indexer/indexer/webhooks/signature.py::check_signature": "a webhook's signature",
    "local/kotadb_local/invoke_api.py::InvokeApi._refusal": "the local stack's access key",
}
OTHERWISE = {
    "layers/indexer/indexer/git/pack.py: self._hash.digest() != self._tail": (
        "a checksum that the sender wrote beside what it sums up; nobody keeps it secret"
    ),
    "layers/indexer/indexer/github/tokens.py: place.token == token": (
        "both are tokens that this process was given; no caller chooses one"
    ),
    "layers/indexer/indexer/resolution/relinking.py: now.digest != was.digest": (
        "digests of what two commits of one repository export"
    ),
    "layers/indexer/indexer/search/repositories.py: as_of.digest != seen.digest": (
        "a digest of snapshots' numbers, which whoever asks has read in the cursor"
    ),
    "local/kotadb_local/checkup/database.py: "
    "written.get('KOTADB_ADMIN_KEY', in_force) != in_force": (
        "a person's own key in two files of the same person"
    ),
    "local/kotadb_local/checkup/database.py: written.get('KOTADB_API_KEY') == api_key": (
        "a person's own key in two files of the same person"
    ),
}
SECRET = re.compile(
    r"(?:^|_)(secrets?|tokens?|passwords?|signatures?|credentials?|digest|peppers?|hash|hmac|"
    r"(?:api|admin|access|service|private)_keys?|access_key_id)(?:_|$)",
    re.IGNORECASE,
)
EQUALITY = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def names_of(operand: ast.expr) -> Iterator[str]:
    """What an operand is called: by itself, and by what a method is called on or a key names."""
    match operand:
        case ast.Name(id=name) | ast.Constant(value=str(name)):
            yield name
        case ast.Attribute(attr=name):
            yield name
        case ast.Subscript(value=value, slice=key):
            yield from (*names_of(value), *names_of(key))
        case ast.Call(func=called, args=given):
            yield from (*names_of(called), *(name for one in given for name in names_of(one)))
            if isinstance(called, ast.Attribute):
                yield from names_of(called.value)


def compares_secrets(node: ast.AST) -> bool:
    """Whether it asks if a secret, by its name, equals something that is no constant."""
    if not isinstance(node, ast.Compare):
        return False
    operands = [node.left, *node.comparators]
    return (
        any(isinstance(one, EQUALITY) for one in node.ops)
        and not any(isinstance(one, ast.Constant) for one in operands)
        and any(SECRET.search(name) for one in operands for name in names_of(one))
    )


def calls_compare_digest(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and "compare_digest" in names_of(node.func)


def functions_of(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every function with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{outer}{node.name}"
            if not isinstance(node, ast.ClassDef):
                yield name, node
            yield from functions_of(node, f"{name}.")


def read(file: Path) -> tuple[str, ast.Module]:
    return file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def test_secrets_are_compared_in_constant_time_where_they_are_compared():
    found = {
        f"{path}::{name}"
        for path, tree in map(read, modules())
        for name, function in functions_of(tree)
        if any(map(calls_compare_digest, ast.walk(function)))
    }
    assert found == set(IN_CONSTANT_TIME)


def test_nothing_else_asks_whether_a_secret_equals_something():
    found = {
        f"{path}: {ast.unparse(node)}"
        for path, tree in map(read, modules())
        for node in ast.walk(tree)
        if compares_secrets(node)
    }
    assert found == set(OTHERWISE)


@pytest.mark.parametrize(
    "comparison",
    [
        "given == settings.admin_api_keys[0]",
        "token.encode() != given",
        "given in settings.webhook_secrets",
        "headers.get('signature') == made",
        "hmac.digest(key, body, 'sha256') == given",
    ],
)
def test_a_new_comparison_of_a_secret_is_found(comparison):
    assert any(map(compares_secrets, ast.walk(ast.parse(comparison))))


@pytest.mark.parametrize("comparison", ["'static' in tokens", "token is None", "kind == other"])
def test_what_compares_no_secret_with_another_is_left_alone(comparison):
    assert not any(map(compares_secrets, ast.walk(ast.parse(comparison))))
