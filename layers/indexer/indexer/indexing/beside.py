"""A commit beside the snapshot that stands: which file is which, in the numbers of the commit."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Self

from indexer.indexing.standing import CountedRows, Standing
from indexer.postings.blocks import SEGMENT_FILES, Block, renumbered_blocks
from indexer.resolution.across import package_entries
from indexer.resolution.answers import Answers
from indexer.resolution.modules import Resolver
from indexer.resolution.numbering import Renumbering, Shifts
from indexer.resolution.reach import LinkedCommit, LinkedFile
from indexer.resolution.relinking import NotRelinkable, answered_otherwise, carried_over
from indexer.resolution.rows import PackageEntryRow


class Entries(NamedTuple):
    """The modules that the packages of a commit offer.

    `had` are the numbers of those that stand, and `kept` the number before and now of each that
    leads to the file that it led to.
    """

    rows: list[PackageEntryRow]
    had: list[int]
    kept: list[tuple[int, int]]

    def new(self) -> list[PackageEntryRow]:
        """Those that lead where none has led."""
        kept = {now for _, now in self.kept}
        return [one for one in self.rows if one.entry_no not in kept]

    def but_for(self, files: Collection[int]) -> Self:
        """The same, where nothing that leads to some files is kept."""
        kept = [pair for pair in self.kept if self.rows[pair[1]].file_no not in files]
        return self._replace(kept=kept)

    def left(self) -> list[int]:
        """Of those that stand, the numbers of those that are not kept."""
        kept = {before for before, _ in self.kept}
        return [one for one in self.had if one not in kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The files of a commit, by path and in order, beside those of the snapshot that stands.

    `before` is what stands in the numbers of the commit, `firsts` the first symbols of the files
    that stand, in their own numbers.
    """

    standing: Standing
    paths: Sequence[str]
    numbers: Renumbering
    before: LinkedCommit
    firsts: Sequence[int]
    resolver: Resolver
    file_no: Mapping[str, int]
    answers: Answers
    is_answered_as_before: bool

    @classmethod
    def of(
        cls, standing: Standing, paths: Sequence[str], resolver: Resolver, *, answered_by: bytes
    ) -> Self:
        """The files of `paths` beside those that stand.

        Where `answered_by` marks what answered requests before, and the same files are indexed,
        they are answered as before.

        Raises:
            NotRelinkable: one that declared for all others is gone.
        """
        numbers = Renumbering.of([one.path for one in standing.files], paths)
        file_no = {path: number for number, path in enumerate(paths)}
        return cls(
            standing=standing,
            paths=paths,
            numbers=numbers,
            before=carried_over(standing.linked, numbers),
            firsts=_firsts(standing.linked.files),
            resolver=resolver,
            file_no=file_no,
            answers=Answers(resolver, file_no),
            is_answered_as_before=(
                standing.linked.answered_by == answered_by and not numbers.moves
            ),
        )

    def readdressed(self) -> list[int]:
        """The files, edited or not, with requests that are answered otherwise than before."""
        if self.is_answered_as_before:
            return []
        return answered_otherwise(self.before, self.paths, self.answers)

    def entries(self) -> Entries:
        """What the packages offer."""
        standing = self.standing.entries()
        rows = (
            standing
            if self.is_answered_as_before
            else package_entries(self.resolver.package_modules(), self.file_no)
        )
        now = {(one.package, one.subpath, one.file_no): one.entry_no for one in rows}
        kept = []
        for one in standing:
            entry = now.get((one.package, one.subpath, self.numbers.now[one.file_no]))
            if entry is not None:
                kept.append((one.entry_no, entry))
        return Entries(rows, [one.entry_no for one in standing], kept)

    def symbol_shifts(self, files: Sequence[LinkedFile]) -> Shifts:
        """How far the symbols that stand move when the files are these."""
        firsts = _firsts(files)
        return Shifts.between((self.firsts[was], firsts[now]) for was, now in self.numbers.kept)

    def file_of(self, symbol: int) -> int:
        """The file of a symbol of the snapshot; -1: it is gone."""
        return self.numbers.now[bisect_right(self.firsts, symbol) - 1]

    def using_lines_of(self, files: Collection[int]) -> list[int]:
        """The files with references that lead to lines of these."""
        return self.numbers.have(self.standing.using_lines_of(self.numbers.had(files)))

    def uses(self, files: Sequence[LinkedFile], but_for: Collection[int]) -> array[int]:
        """How often each symbol is used, when the files are these; 0 for those of some files.

        Raises:
            NotRelinkable: the snapshot has not the symbols that it had.
        """
        counted = self.standing.uses()
        firsts, found = self.firsts, array("i")
        for number, (one, before) in enumerate(zip(files, self.numbers.before, strict=True)):
            if before < 0 or number in but_for:
                found.extend([0] * one.symbols)
            else:
                found.extend(counted[firsts[before] : firsts[before] + one.symbols])
        return found

    def not_taken(self, files: Collection[int]) -> list[int]:
        """The numbers that these files, and those that are gone, have in the snapshot."""
        return sorted([*self.numbers.had(files), *self.numbers.gone])

    def counted(
        self, *, relinked: Collection[int], changed: Collection[int]
    ) -> tuple[CountedRows, Counter[int]]:
        """The rows that stand and are not taken, when these files are linked anew.

        And the references among them by the symbol, as it is numbered there, that they lead to.
        """
        return self.standing.counted(
            relinked=self.not_taken(relinked), changed=self.not_taken(changed)
        )

    def postings(self) -> Iterable[Block]:
        """The posting lists that stand, without the files that are gone.

        Raises:
            NotRelinkable: they stand in several segments, and would have to move between these.
            BlockDamaged: they cannot be read.
        """
        blocks = self.standing.postings()
        if not self.numbers.moves:
            return blocks
        if max(map(len, self.numbers)) > SEGMENT_FILES:
            raise NotRelinkable("files move from one segment of posting lists to another")
        return renumbered_blocks(blocks, self.numbers.now)


def _firsts(files: Sequence[LinkedFile]) -> list[int]:
    """The number of the first symbol of each file."""
    return list(accumulate((one.symbols for one in files), initial=0))
