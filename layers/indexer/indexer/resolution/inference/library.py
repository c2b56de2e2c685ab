"""The types of the runtime that pass values of the program on, as inference sees them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from indexer.parsing.facts import FileFacts
from indexer.parsing.parser import parse_file
from indexer.resolution.places import Module

_NAME: Final = "library.d.ts"

EVALUATED: Final = frozenset(
    (
        *("Awaited", "AwaitedEach", "ConstructorParameters", "Exclude", "Extract", "Flat"),
        *("InstanceType", "NoInfer", "NonNullable", "Omit", "OmitThisParameter", "Parameters"),
        *("Partial", "Pick", "Readonly", "Required", "ReturnType", "ThisType"),
    )
)
"""Aliases of the library that are worked out here; what they say there is not looked at."""


@cache
def _facts() -> FileFacts:
    text = resources.files(__package__).joinpath(_NAME).read_bytes()
    return parse_file(text, _NAME)


def library_module(file_no: int) -> Module:
    """The library as a file with a number."""
    return Module(file_no, _NAME, _facts(), 0)
