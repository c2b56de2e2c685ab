"""What every benchmark says besides its figures, and the numbers that it is given."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def commit() -> str:
    """The commit that is measured, as `git describe` calls it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - the person's own git
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def tell(line: str) -> None:
    """Say how far it is; not part of the result."""
    print(line, file=sys.stderr, flush=True)


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("it takes at least 1")
    return number
