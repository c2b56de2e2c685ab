"""What is printed: medians with their range, and under what they were measured."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from console import commit


def median_and_range(values: Sequence[float], digits: int = 2) -> str:
    """The median, and in brackets the least and the most where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def header(*columns: str) -> str:
    """The first two lines of a table in Markdown."""
    return f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def against_goal(name: str, figure: float, most: float) -> str:
    """A figure beside the goal that it shall not pass."""
    word = "met" if figure <= most else "MISSED"
    return f"- {name}: {figure:.2f}, goal at most {most:.3g}: {word}"


def conditions(rounds: int) -> str:
    """The command, the commit, the versions and the machine."""
    command = " ".join([Path(sys.argv[0]).name, *(_shown(word) for word in sys.argv[1:])])
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"`{command}` at commit {commit()}; Python {platform.python_version()}, "
        f"tree-sitter {version('tree-sitter')}, {platform.machine()}, {os.cpu_count()} processors, "
        f"load {load} at the end; rounds: {rounds}"
    )


def _shown(word: str) -> str:
    return Path(word).name if os.sep in word else word
