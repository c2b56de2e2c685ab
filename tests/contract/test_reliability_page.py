"""The page of faults has all its rows, and names tests that there are."""

import re

import pytest
from tests.contract.project import ROOT, known_tests, table

PAGE = "docs/reliability.md"
PARTS = (
    *("Workers, leases and the queue", "The database"),
    *("Untrusted repositories", "API, webhooks, secrets"),
)
FAULTS = [row for part in PARTS for row in table(PAGE, part)]
PROMISES = table(PAGE, "Promises with a number")
NAMED = re.compile(r"`((?:[a-z0-9_]+/)?test_[a-z0-9_]+\.py)::(\w+)`")


def named_in(row):
    return NAMED.findall(row[-1])


def test_no_fault_is_left_out():
    assert [int(row[0]) for row in FAULTS] == list(range(1, 75))
    assert [row[0] for row in FAULTS if not (row[1] and row[2])] == []


def test_a_fault_has_a_test_or_the_reason_why_not():
    assert [row[0] for row in FAULTS if not named_in(row) and "No test: " not in row[2]] == []
    assert [row[0] for row in PROMISES if not named_in(row)] == []


@pytest.mark.parametrize("row", [*FAULTS, *PROMISES], ids=lambda row: row[0][:30])
def test_the_tests_that_a_row_names_exist(row):
    # Nothing stands in the last column but names of tests.
    assert NAMED.sub("", row[-1]).strip() == ""
    for file, name in named_in(row):
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        taken_over = f"\n{name} = (\n" in text
        assert taken_over or f"tests/{file}::{name}" in known_tests()


def test_every_test_of_the_folder_stands_in_a_row():
    named = {
        f"tests/{file}::{name}" for row in [*FAULTS, *PROMISES] for file, name in named_in(row)
    }
    of_the_folder = {one for one in known_tests() if one.startswith("tests/reliability/")}
    assert of_the_folder - named == set()
