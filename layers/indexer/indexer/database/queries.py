"""The named queries of `sql/queries`, loaded once.

A file holds `-- name: some_query` headings; the text up to the next heading is that query.
Parameters are written `%(name)s`, and no other `%` may stand in a query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_HEADING = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One statement. `numbered` is the same text with $1, $2, … in the order of `parameters`."""

    name: str
    text: str
    numbered: str
    parameters: tuple[str, ...]

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The given parameters in numbered order; a missing one is a KeyError."""
        return tuple(given[name] for name in self.parameters)


def _query(name: str, text: str) -> Query:
    parameters = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    numbered = _PARAMETER.sub(lambda found: f"${parameters.index(found[1]) + 1}", text)
    if "%" in numbered:
        raise ValueError(f"query {name} holds a % that is no parameter")
    return Query(name=name, text=text, numbered=numbered, parameters=parameters)


def read_queries(text: str) -> dict[str, Query]:
    """The queries of one file's text, by name.

    Raises:
        ValueError: a name stands twice, or a `%` is no parameter.
    """
    found: dict[str, Query] = {}
    pieces = _HEADING.split(text)[1:]
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        if name in found:
            raise ValueError(f"query {name} stands twice")
        found[name] = _query(name, body.strip().removesuffix(";"))
    return found


@cache
def named_queries() -> Mapping[str, Query]:
    """Every query of the product, by name."""
    everything: dict[str, Query] = {}
    for file in sorted(files("indexer.sql").joinpath("queries").iterdir(), key=lambda f: f.name):
        for name, query in read_queries(file.read_text(encoding="utf-8")).items():
            if name in everything:
                raise ValueError(f"query {name} stands in two files")
            everything[name] = query
    return everything
