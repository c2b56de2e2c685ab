"""The places where something is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from indexer.database.connection import Row
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Resolution

CALLS: Final = (
    ReferenceKind.CALL,
    ReferenceKind.NEW,
    ReferenceKind.JSX,
    ReferenceKind.DECORATOR,
)
"""The uses that run what they name."""

MOST_SITES = 5
"""Of each caller or callee, so many places are told; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """One call. Lines count from 1, columns from 0 in UTF-16 code units."""

    line: int
    column: int
    kind: ReferenceKind
    resolution: Resolution


def sites_of(row: Row) -> tuple[CallSite, ...]:
    """The first calls that a row of `callers_of_symbol` or `callees_of_symbols` tells."""
    told = zip(row["lines"], row["columns"], row["kinds"], row["resolutions"], strict=True)
    return tuple(
        CallSite(
            line=line,
            column=column,
            kind=ReferenceKind(kind),
            resolution=Resolution(resolution),
        )
        for line, column, kind, resolution in told
    )
