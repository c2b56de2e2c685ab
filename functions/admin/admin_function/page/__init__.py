"""The page for operators."""

from __future__ import annotations

from typing import Final

from indexer.http.pages import OnePage

# In this order: a file uses what stands before it, and functions of any other.
OPERATORS_PAGE: Final = OnePage(
    __name__,
    scripts=(
        "states.js",
        "figures.js",
        "running.js",
        "failures.js",
        "jobs.js",
        "job.js",
        "dialogs.js",
        "refresh.js",
        "deeds.js",
        "main.js",
    ),
)
