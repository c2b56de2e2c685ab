"""Becomes another program, one that ends with the process that started it, however that ends."""

from __future__ import annotations

import os
import sys

from indexer.sandbox.limits import die_with_parent


def main() -> None:
    """The parent's id, then the program and its arguments."""
    die_with_parent(int(sys.argv[1]))
    # It led to this module, and is none of the other program's business.
    os.environ.pop("PYTHONPATH", None)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - what the parent named


if __name__ == "__main__":
    main()
