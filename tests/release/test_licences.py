import subprocess
import sys

import pytest
from tests.release.licences import ROOT, Licensed, Policy, installed, objections, table

POLICY = Policy(
    allowed=frozenset({"MIT", "Apache-2.0", "BSD-3-Clause"}),
    spelled={"MIT License": "MIT", "Apache Software License": "Apache-2.0"},
)


def package(licence):
    return Licensed(name="pack", version="1.0", licence=licence, url="https://example.com")


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "MIT License",
        "MIT License; Apache Software License",
        "MIT AND BSD-3-Clause",
        "Apache-2.0 OR GPL-2.0-or-later",
        "(GPL-3.0-only OR MIT) AND Apache-2.0",
    ],
)
def test_a_licence_is_allowed_when_every_part_that_must_hold_is(licence):
    assert objections([package(licence)], POLICY) == []


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT License; GPL-3.0-only",
        "GPL-2.0-only OR AGPL-3.0-only",
        "Apache-2.0 WITH LLVM-exception",
    ],
)
def test_a_licence_that_is_not_allowed_is_told_with_its_package(licence):
    (line,) = objections([package(licence)], POLICY)
    assert line == f"pack 1.0: its licence is not allowed: {licence}"


@pytest.mark.parametrize("licence", ["UNKNOWN", "", "Public Domain, more or less", "MIT OR"])
def test_words_that_are_no_known_licence_are_refused(licence):
    (line,) = objections([package(licence)], POLICY)
    assert line.startswith("pack 1.0: its licence is not known")


def test_the_report_tells_licences_by_their_identifiers():
    rows = table([package("MIT License; Apache Software License"), package("Odd")], POLICY)
    assert [row.split(" | ")[2] for row in rows.splitlines()[2:]] == ["Apache-2.0 AND MIT", "Odd"]


def test_the_project_allows_no_licence_that_its_spelling_cannot_reach():
    """Each entry of pyproject.toml is an identifier that the SPDX list has."""
    policy = Policy.of_the_project()
    assert [one for one in policy.allowed if policy.expression(one) != one] == []
    assert [one for one in policy.spelled.values() if one not in policy.allowed] == []
    assert not policy.allows("GPL-3.0-only")
    assert not policy.allows("AGPL-3.0-only")


def test_what_is_installed_here_is_allowed_and_reported(tmp_path):
    report = tmp_path / "made" / "licences.md"
    run = subprocess.run(
        [sys.executable, "-m", "tests.release.licences", "--output", report],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr.endswith(" 0 licences not allowed\n")
    deployed, others = report.read_text(encoding="utf-8").split("\n## ")[1:]
    assert "| dulwich | " in deployed
    assert "| psycopg | " in deployed
    assert "| pytest | " not in deployed
    assert "| pytest | " in others


def test_an_installed_package_is_told_in_its_own_words():
    found = installed()
    assert found["dulwich"].licence == "Apache-2.0 OR GPL-2.0-or-later"
    assert found["pip-licenses"].name
