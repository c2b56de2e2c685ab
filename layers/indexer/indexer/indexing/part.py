"""A commit of which only a part is linked and stored anew; the rest is taken from what stands."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Self

from indexer.indexing.beside import Beside, Entries
from indexer.indexing.names import Uses
from indexer.indexing.standing import CountedRows
from indexer.indexing.store import TakenRows
from indexer.parsing.facts import FileFacts
from indexer.postings.blocks import Block, BlockDamaged, blocks_with
from indexer.resolution.numbering import Shifts
from indexer.resolution.relinking import Change, NotRelinkable, Relinking, change_of


class HeldBefore(NamedTuple):
    """What a changed file held in the snapshot that stands."""

    facts: FileFacts
    trigrams: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is linked anew, and how the rows that are taken fit to it.

    `counted` are the rows that are not taken, as they stand, and `counted_uses` these references by
    the symbol that they lead to. `lines` has where each symbol of a changed file stands by now, and
    0 for others. `trigrams` are those that the changed files had, where they are known of all.
    """

    beside: Beside
    relinking: Relinking
    shifts: Shifts
    entries: Entries
    counted: CountedRows
    counted_uses: Counter[int]
    moved_uses: array[int]
    lines: list[int]
    trigrams: Mapping[int, Sequence[int]] | None

    @classmethod
    def of(
        cls,
        beside: Beside,
        old: Mapping[int, HeldBefore],
        new: Mapping[int, FileFacts],
        *,
        readdressed: Collection[int],
    ) -> Self:
        """The part that follows from what files hold by now, and held, by their numbers.

        Files that were not there held nothing. `readdressed` are those of `new` with requests that
        are answered otherwise.

        Raises:
            NotRelinkable: all is to be linked.
            DatabaseError: the database failed.
        """
        entries = beside.entries()
        change = change_of(
            beside.before,
            {number: held.facts for number, held in old.items()},
            new,
            paths=beside.paths,
            answers=beside.answers,
            readdressed=readdressed,
            offered=[one.file_no for one in entries.new()],
            using_lines_of=beside.using_lines_of,
        )
        entries = entries.but_for(change.reached)
        counted, counted_uses = beside.counted(relinked=change.relinked, changed=change.changed)
        came: dict[int, Sequence[int]] = {
            number: () for number in new if beside.numbers.before[number] < 0
        }
        had = came | {number: held.trigrams for number, held in old.items()}
        return cls(
            beside=beside,
            relinking=Relinking(
                before=beside.before,
                change=change,
                imported=beside.standing.imported_names(),
                entries=entries.new(),
            ),
            shifts=beside.symbol_shifts(change.files),
            entries=entries,
            counted=counted,
            counted_uses=counted_uses,
            moved_uses=beside.uses(change.files, change.seen),
            lines=[
                line
                for number, one in enumerate(change.files)
                for line in (
                    (symbol.line for symbol in new[number].symbols)
                    if number in new
                    else repeat(0, one.symbols)
                )
            ],
            trigrams=had if len(had) == len(new) else None,
        )

    @property
    def change(self) -> Change:
        """How far what changed reaches."""
        return self.relinking.change

    def uses(self) -> array[int]:
        """How often each symbol is used by the references that are taken."""
        found = self.moved_uses[:]
        for symbol, count in self.counted_uses.items():
            file_no = self.beside.file_of(symbol)
            if file_no >= 0 and file_no not in self.change.seen:
                found[self.shifts.moved(symbol)] -= count
        return found

    def _recounted(self, uses: array[int]) -> list[int]:
        """The symbols that are used more or less often than before, if that is how often."""
        pairs = enumerate(zip(self.moved_uses, uses, strict=True))
        return [number for number, (before, now) in pairs if before != now]

    def postings(self, trigrams: Mapping[int, Iterable[int]]) -> list[Block]:
        """The posting lists, when these are the trigrams of the changed files.

        Raises:
            NotRelinkable: those that stand cannot be used.
        """
        try:
            return list(blocks_with(self.beside.postings(), trigrams, self.trigrams))
        except BlockDamaged:
            raise NotRelinkable("the posting lists that stand cannot be read") from None

    def taken(self) -> CountedRows:
        """The rows that are taken."""
        every, left = self.beside.standing.totals(), self.counted
        return CountedRows(
            every.by_resolution - left.by_resolution,
            every.dependencies - left.dependencies,
        )

    def taken_rows(self, uses: Uses) -> TakenRows:
        """Which they are, and how they fit; `uses` are counted while the other ones are stored."""
        beside, change = self.beside, self.change
        return TakenRows(
            from_snapshot=beside.standing.snapshot_id,
            changed=change.changed,
            relinked_before=beside.not_taken(change.relinked),
            changed_before=beside.not_taken(change.changed),
            told_before=self.entries.left(),
            files=Shifts.between(beside.numbers.kept),
            symbols=self.shifts,
            entries=Shifts.between(self.entries.kept),
            uses=lambda: list(uses.counts),
            recounted=lambda: self._recounted(uses.counts),
            lines=self.lines,
        )
