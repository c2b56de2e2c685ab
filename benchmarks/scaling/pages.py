"""Figures of the project's own pages, read from the tables that stand there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = "benchmarks/RESULTS.md"

Rows = list[dict[str, str]]


@cache
def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table(page: str, heading: str, *, number: int = 1) -> Rows:
    """The rows of the `number`th table below a heading, each cell by the head of its column.

    Raises:
        LookupError: there is no such heading, or no such table below it.
    """
    found = re.search(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", _page(page), re.DOTALL | re.MULTILINE
    )
    if found is None:
        raise LookupError(f"{page} has no section {heading!r}")
    tables = re.findall(r"(?:^\|.*\n)+", found[1], re.MULTILINE)
    if len(tables) < number:
        raise LookupError(f"{page} has no table {number} below {heading!r}")
    head, _, *rows = [_cells(line) for line in tables[number - 1].splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def figure(cell: str) -> float:
    """The number that a cell begins with: `1,234 KB` is 1234.

    Raises:
        ValueError: it begins with none.
    """
    found = re.match(r"-?[\d,]*\.?\d+", cell)
    if found is None:
        raise ValueError(f"no number: {cell!r}")
    return float(found[0].replace(",", ""))
