"""The page on which a person explores what is indexed."""

from __future__ import annotations

from typing import Final

from indexer.http.pages import OnePage

# In this order: a file uses what stands before it, and functions of any other.
EXPLORER_PAGE: Final = OnePage(
    __name__,
    scripts=(
        "places.js",
        "answers.js",
        "troubles.js",
        "texts.js",
        "dialects.js",
        "lexer.js",
        "lines.js",
        "sheet.js",
        "repositories.js",
        "indexing.js",
        "query.js",
        "results.js",
        "folders.js",
        "goto.js",
        "reader.js",
        "occurrences.js",
        "outline.js",
        "meaning.js",
        "usages.js",
        "relations.js",
        "dependencies.js",
        "graph.js",
        "deeds.js",
        "main.js",
    ),
)
