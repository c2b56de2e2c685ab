"""A commit of which only a part is linked and stored anew; the rest is taken from what stands."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from typing import NamedTuple, Self

from indexer.indexing.names import Uses
from indexer.indexing.standing import CountedRows, Standing, SymbolShifts
from indexer.indexing.store import TakenRows
from indexer.parsing.facts import FileFacts
from indexer.postings.blocks import Block, BlockDamaged, blocks_with
from indexer.resolution.modules import Resolver
from indexer.resolution.relinking import Change, NotRelinkable, Relinking, change_of


class HeldBefore(NamedTuple):
    """What a changed file held in the snapshot that stands."""

    facts: FileFacts
    trigrams: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is linked anew, and how the rows that are taken fit to it.

    `counted` are the rows that are not taken, as they stand, and `counted_uses` these references by
    the symbol that they lead to. `lines` has where each symbol of a
    changed file stands by now, and 0 for others. `before` are the trigrams that the changed files
    had, where they are known of all.
    """

    standing: Standing
    relinking: Relinking
    shifts: SymbolShifts
    counted: CountedRows
    counted_uses: Counter[int]
    moved_uses: array[int]
    lines: list[int]
    before: Mapping[int, Sequence[int]] | None

    @classmethod
    def of(
        cls,
        standing: Standing,
        old: Mapping[int, HeldBefore],
        new: Mapping[int, FileFacts],
        resolver: Resolver,
    ) -> Self:
        """The part that follows from what files hold by now, and held, by their numbers.

        Raises:
            NotRelinkable: all is to be linked.
            DatabaseError: the database failed.
        """
        change = change_of(
            standing.linked,
            {number: held.facts for number, held in old.items()},
            new,
            paths=[one.path for one in standing.files],
            resolver=resolver,
            using_lines_of=standing.using_lines_of,
        )
        counted, counted_uses = standing.counted(relinked=change.relinked, changed=change.changed)
        return cls(
            standing=standing,
            relinking=Relinking(
                before=standing.linked,
                change=change,
                imported=standing.imported_names(),
                entries=standing.entries_of(change.reached),
            ),
            shifts=standing.shifts(change.files),
            counted=counted,
            counted_uses=counted_uses,
            moved_uses=standing.moved_uses(change.files, change.seen),
            lines=[
                line
                for number, one in enumerate(change.files)
                for line in (
                    (symbol.line for symbol in new[number].symbols)
                    if number in new
                    else repeat(0, one.symbols)
                )
            ],
            before=(
                {number: held.trigrams for number, held in old.items()}
                if len(old) == len(new)
                else None
            ),
        )

    @property
    def change(self) -> Change:
        """How far what changed reaches."""
        return self.relinking.change

    def uses(self) -> array[int]:
        """How often each symbol is used by the references that are taken."""
        found = self.moved_uses[:]
        before = list(accumulate((one.symbols for one in self.standing.linked.files), initial=0))
        for symbol, count in self.counted_uses.items():
            if bisect_right(before, symbol) - 1 not in self.change.seen:
                found[self.shifts.moved(symbol)] -= count
        return found

    def _recounted(self, uses: array[int]) -> list[int]:
        """The symbols that are used more or less often than before, if that is how often."""
        pairs = enumerate(zip(self.moved_uses, uses, strict=True))
        return [number for number, (before, now) in pairs if before != now]

    def postings(self, trigrams: Mapping[int, Iterable[int]]) -> list[Block]:
        """The posting lists, when these are the trigrams of the changed files.

        Raises:
            NotRelinkable: those that stand cannot be read.
        """
        try:
            return list(blocks_with(self.standing.postings(), trigrams, self.before))
        except BlockDamaged:
            raise NotRelinkable("the posting lists that stand cannot be read") from None

    def taken(self) -> CountedRows:
        """The rows that are taken."""
        every, left = self.standing.totals(), self.counted
        return CountedRows(
            every.by_resolution - left.by_resolution,
            every.dependencies - left.dependencies,
        )

    def taken_rows(self, uses: Uses) -> TakenRows:
        """Which they are, and how they fit; `uses` are counted while the other ones are stored."""
        return TakenRows(
            from_snapshot=self.standing.snapshot_id,
            relinked=self.change.relinked,
            changed=self.change.changed,
            entries=[one.entry_no for one in self.relinking.entries],
            from_symbols=self.shifts.starts,
            shifts=self.shifts.shifts,
            uses=lambda: list(uses.counts),
            recounted=lambda: self._recounted(uses.counts),
            lines=self.lines,
        )
