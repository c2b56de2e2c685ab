"""Parts of the documentation that follow from the code: compared, or written by `--update-docs`.

Such a part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-docs",
        action="store_true",
        help="write the generated parts of docs/ anew instead of comparing them",
    )


@pytest.fixture
def documented(pytestconfig: pytest.Config) -> Callable[[str, str], str]:
    """Gives the part NAME of a page; under `--update-docs` first writes what it shall be."""

    def part(page: str, name: str, *, shall_be: str) -> str:
        file = pytestconfig.rootpath / page
        if pytestconfig.getoption("--update-docs"):
            _write(file, name, shall_be)
        return _read(file, name)

    return part


def _pattern(name: str) -> re.Pattern[str]:
    begin, end = (re.escape(f"<!-- {mark} {name} -->\n") for mark in ("generated:", "end of"))
    return re.compile(f"({begin})(.*?)({end})", re.DOTALL)


def _read(file: Path, name: str) -> str:
    found = _pattern(name).search(file.read_text(encoding="utf-8"))
    assert found, f"{file.name} has no generated part {name!r}"
    return found[2]


def _write(file: Path, name: str, content: str) -> None:
    page = file.read_text(encoding="utf-8")
    anew = _pattern(name).sub(lambda found: found[1] + content + found[3], page)
    file.write_text(anew, encoding="utf-8")
