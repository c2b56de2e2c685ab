"""Reads assertions that a fixture of code carries in its own comments.

A line that holds only `// ^ …` speaks of the nearest line of code above it, at the caret's column;
`// <- …` speaks of the column where the comment itself begins. A line `//! …` speaks of the file.
In JSX the comment is `{/* ^ … */}`.
"""

import re
from typing import NamedTuple

ASSERTION = re.compile(r"^(\s*)(?://|\{/\*)\s*(\^|<-)\s*(.*?)\s*(?:\*/\})?$")


class Assertion(NamedTuple):
    """What is said on line `at` of a place; of the file where `line` is 0."""

    at: int
    line: int
    column: int
    words: list[str]
    text: str


def assertions_of(source: str) -> list[Assertion]:
    """Every assertion of a text, in order."""
    found, code_line = [], 0
    for number, text in enumerate(source.splitlines(), 1):
        match = ASSERTION.match(text)
        if match:
            column = match.start(2) if match[2] == "^" else len(match[1])
            found.append(Assertion(number, code_line, column, match[3].split(), match[3]))
        elif text.startswith("//!"):
            found.append(Assertion(number, 0, 0, text[3:].split(), text[3:].strip()))
        else:
            code_line = number
    return found


def pointing_at_nothing(source: str, assertions: list[Assertion]) -> list[Assertion]:
    """Those that point at a blank, or beyond the end of a line."""
    lines = ["", *source.splitlines()]
    return [
        one
        for one in assertions
        if one.line and not lines[one.line][one.column : one.column + 1].strip()
    ]
