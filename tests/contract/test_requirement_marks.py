import subprocess
import sys

import pytest
from tests.contract.project import ROOT
from tests.plugins.requirements import proven_requirements


def numbered(letter: str, *spans: tuple[int, int]) -> list[str]:
    return [f"{letter}{number}" for first, last in spans for number in range(first, last + 1)]


PROVEN = [
    *numbered("Q", (1, 27)),
    *numbered("J", (1, 25)),
    *numbered("W", (1, 22)),
    *numbered("O", (1, 21)),
    *numbered("D", (1, 15)),
]


@pytest.mark.parametrize("requirement", PROVEN)
def test_a_requirement_is_proven_by_a_test(requirement):
    assert proven_requirements(ROOT / "tests").get(requirement)


def test_a_mark_is_found_wherever_it_stands(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_marks.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.proves('Q1')\n"
        "@pytest.mark.proves('Q10', 'Q2')\n"
        "def test_one(): ...\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.proves('W3'))])\n"
        "def test_two(x): ...\n"
        "def arrange(): ...\n",
        encoding="utf-8",
    )
    file = "tests/test_marks.py"
    assert proven_requirements(folder) == {
        "Q1": [f"{file}::test_one", f"{file}::test_two"],
        "Q2": [f"{file}::test_one"],
        "Q10": [f"{file}::test_one"],
        "W3": [f"{file}::test_two"],
    }
    assert list(proven_requirements(folder)) == ["Q1", "Q2", "Q10", "W3"]


def test_pytest_lists_the_requirements():
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--requirements"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "\nD10\n    tests/contract/" in listed.stdout
