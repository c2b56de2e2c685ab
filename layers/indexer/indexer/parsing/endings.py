"""Which names are those of source files, and of which language. Loads no grammar."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """What a file is written in, by its name. JSX is either's."""

    TYPESCRIPT = "typescript"
    JAVASCRIPT = "javascript"


ENDINGS: Final[Mapping[str, Language]] = {
    **dict.fromkeys((".ts", ".tsx"), Language.TYPESCRIPT),
    **dict.fromkeys((".js", ".jsx"), Language.JAVASCRIPT),
    **dict.fromkeys((".mts", ".cts"), Language.TYPESCRIPT),
    **dict.fromkeys((".mjs", ".cjs"), Language.JAVASCRIPT),
}
"""The endings of the files that are indexed, each with its dot."""


def endings_of(language: Language) -> tuple[str, ...]:
    """The endings of the files of a language."""
    return tuple(ending for ending, one in ENDINGS.items() if one is language)


def language_of(path: str) -> Language | None:
    """The language of a file, None where the name tells none."""
    _, dot, ending = path.rpartition(".")
    return ENDINGS.get(dot + ending)
