"""What a text must hold to be worth reading: a condition over trigrams.

A condition is necessary and never sufficient: every text that matches satisfies it, and one that
satisfies it may still not match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from indexer.postings.trigrams import trigrams_of


@dataclass(frozen=True, slots=True)
class Requirement:
    """Texts hold all of `trigrams`, and of each of `choices` satisfy one alternative at least."""

    trigrams: frozenset[int] = frozenset()
    choices: tuple[tuple[Requirement, ...], ...] = ()

    def all_trigrams(self) -> set[int]:
        """Every trigram that `satisfied` may ask for."""
        found = set(self.trigrams)
        for choice in self.choices:
            for alternative in choice:
                found |= alternative.all_trigrams()
        return found

    def satisfied(self, holding: Callable[[int], int], everything: int) -> int:
        """The files that satisfy it, as a set of bits, among those of `everything`.

        `holding` gives the files that hold a trigram.
        """
        found = everything
        for trigram in self.trigrams:
            found &= holding(trigram)
        for choice in self.choices:
            if not found:
                break
            among = 0
            for alternative in choice:
                among |= alternative.satisfied(holding, found)
            found = among
        return found


ANYTHING = Requirement()
"""The condition that every text satisfies."""


def holding(literal: bytes) -> Requirement:
    """The condition that a text satisfies which holds these bytes in whatever case of ASCII."""
    return Requirement(frozenset(trigrams_of(literal)))


def all_of(parts: Iterable[Requirement]) -> Requirement:
    """The condition of the texts that satisfy every part."""
    trigrams: set[int] = set()
    choices: list[tuple[Requirement, ...]] = []
    for part in parts:
        trigrams |= part.trigrams
        choices += part.choices
    return Requirement(frozenset(trigrams), tuple(dict.fromkeys(choices)))


def one_of(parts: Iterable[Requirement]) -> Requirement:
    """The condition of the texts that satisfy at least one part."""
    alternatives = tuple(dict.fromkeys(parts))
    if len(alternatives) == 1:
        return alternatives[0]
    if not alternatives or ANYTHING in alternatives:
        return ANYTHING
    return Requirement(choices=(alternatives,))
