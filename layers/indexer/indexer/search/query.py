"""A query of a search that was read: what it looks for, and what it is narrowed to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final
from uuid import UUID

from indexer.database.identifiers import parse_uuid
from indexer.parsing.endings import Language
from indexer.parsing.facts import SymbolKind
from indexer.search.expressions import Expression

IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_$\u0080-\U0010ffff]+")
"""What may be a name, or the beginning of a word of one."""


class Filter(StrEnum):
    """What a search can be narrowed by."""

    REPO = "repo"
    PATH = "path"
    LANG = "lang"
    KIND = "kind"
    SYMBOL = "symbol"


class TermKind(Enum):
    """How a text is looked for."""

    WORD = "word"
    PHRASE = "phrase"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a file must hold, or must not. `written` is as the caller gave it.

    `name`: what it says is, by itself, the name or the beginning of a word of a symbol.
    """

    kind: TermKind
    text: str
    written: str
    expression: Expression
    negated: bool

    @property
    def name(self) -> str | None:
        """The text, where it may be looked for among the names of symbols."""
        if self.kind is TermKind.EXPRESSION or IDENTIFIER.fullmatch(self.text) is None:
            return None
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWanted:
    """A name of a symbol: as it stands, or by the beginning of one of its words in any case."""

    text: str
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The values of the filters of one sign; an empty one filters nothing."""

    repositories: Sequence[str] = ()
    paths: Sequence[str] = ()
    languages: Sequence[Language] = ()
    kinds: Sequence[SymbolKind] = ()
    symbols: Sequence[NameWanted] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A query that was read: what is looked for, what it is narrowed to, and what is left out."""

    terms: Sequence[Term]
    only: Wanted = field(default_factory=Wanted)
    without: Wanted = field(default_factory=Wanted)

    @property
    def sought(self) -> list[Term]:
        """The terms that a file must hold."""
        return [one for one in self.terms if not one.negated]

    @property
    def avoided(self) -> list[Term]:
        """The terms that a file must not hold."""
        return [one for one in self.terms if one.negated]

    def wants_repository(self, repository_id: UUID, full_name: str) -> bool:
        """Whether the filters of repositories admit this one."""
        only, without = self.only.repositories, self.without.repositories
        return (not only or any(_names(one, repository_id, full_name) for one in only)) and not any(
            _names(one, repository_id, full_name) for one in without
        )

    @property
    def definitions_only(self) -> bool:
        """Whether nothing but definitions of symbols answers it."""
        return bool(self.only.kinds or self.only.symbols)


def _names(value: str, repository_id: UUID, full_name: str) -> bool:
    wanted_id = parse_uuid(value)
    return value.lower() in full_name.lower() if wanted_id is None else repository_id == wanted_id
