"""The names of a commit's symbols by their words, as the search finds them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from indexer.postings.words import words_of
from indexer.resolution.rows import ReferenceRow, SymbolRow


class NameRow(NamedTuple):
    """A name by one of its words: the kinds of its symbols as bits, and the sum of their uses."""

    rest: str
    is_whole: bool
    name: str
    kinds: int
    uses: int


class Uses:
    """Counts the references to each symbol, and what names they have; from `counted` on."""

    def __init__(self, counted: array[int]) -> None:
        self._uses = counted
        self._names: dict[str, tuple[int, int]] = {}

    @property
    def counts(self) -> array[int]:
        """By symbol; all references must have passed."""
        return self._uses

    def of_references(self, rows: Iterable[ReferenceRow]) -> Iterator[ReferenceRow]:
        """The same rows; what they lead to is counted while they pass."""
        uses = self._uses
        for row in rows:
            if row.symbol_no is not None:
                uses[row.symbol_no] += 1
            yield row

    def of_symbols(self, rows: Iterable[SymbolRow]) -> Iterator[SymbolRow]:
        """The rows with their uses; all references must have passed."""
        names = self._names
        for row in rows:
            uses = self._uses[row.symbol_no]
            kinds, of_name = names.get(row.name, (0, 0))
            names[row.name] = kinds | 1 << row.kind, of_name + uses
            yield row._replace(uses=uses)

    def names(self) -> Iterator[NameRow]:
        """Each name by each of its words; all symbols must have passed."""
        for name, (kinds, uses) in self._names.items():
            yield from by_words(name, kinds, uses)


def not_counted(count: int) -> array[int]:
    """No use of any of so many symbols."""
    return array("i", bytes(4)) * count


def by_words(name: str, kinds: int, uses: int) -> Iterator[NameRow]:
    """A name by each of its words."""
    for word in words_of(name):
        yield NameRow(word.rest, word.is_whole, name, kinds, uses)
