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
    """Counts the references to each of `count` symbols, and what names they have."""

    def __init__(self, count: int) -> None:
        self._uses = array("I", bytes(4)) * count
        self._names: dict[str, tuple[int, int]] = {}

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
            for word in words_of(name):
                yield NameRow(word.rest, word.is_whole, name, kinds, uses)
