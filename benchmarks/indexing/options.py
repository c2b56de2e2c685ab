"""The options that the benchmarks of indexing share."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from console import positive

from indexing.inputs import git


def parser_for(documentation: str | None, *, rounds: int | None = None) -> argparse.ArgumentParser:
    """A parser that takes repositories; the text is the module's own.

    With `rounds` it takes another number of these, too.
    """
    parser = argparse.ArgumentParser(
        description=(documentation or "").partition("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "repositories",
        nargs="+",
        type=a_repository,
        metavar="REPOSITORY",
        help="path of a Git repository, whose HEAD is indexed; nothing is written into it",
    )
    if rounds is not None:
        parser.add_argument("--rounds", type=positive, default=rounds, help="turns of each step")
    return parser


def a_repository(text: str) -> Path:
    """The path of a repository that has a commit."""
    path = Path(text).resolve()
    try:
        git(path, "rev-parse", "--verify", "--quiet", "HEAD")
    except subprocess.CalledProcessError:
        raise argparse.ArgumentTypeError(f"{text} is no Git repository with a commit") from None
    return path
