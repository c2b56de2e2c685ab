"""The snapshot that stands: where a commit's rows are taken from that a change does not reach.

All of it is read from the database. It was made by this very program, and what cannot be read as
such counts as not there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from indexer.database.connection import Database
from indexer.postings.blocks import Block
from indexer.resolution.places import ImportedName
from indexer.resolution.reach import LinkedCommit, LinkedFile, are_numbers_of
from indexer.resolution.relinking import NotRelinkable
from indexer.resolution.rows import PackageEntryRow, Resolution
from indexer.sandbox import wire
from indexer.sandbox.packing import packed_piece, unpacked_piece
from indexer.sandbox.wire import MessageRefused
from indexer.settings import MEBIBYTE

MOST_LINK_BYTES: Final = 64 * MEBIBYTE


class StandingFile(NamedTuple):
    """A file of the snapshot that stands."""

    path: str
    blob_id: str
    line_count: int
    syntax_errors: int
    failure: str | None


class SymbolShifts(NamedTuple):
    """How far the numbers of symbols move: those from `starts[n]` on by `shifts[n]`."""

    starts: list[int]
    shifts: list[int]

    def moved(self, symbol: int) -> int:
        """The number that a symbol moves to."""
        return symbol + self.shifts[bisect_right(self.starts, symbol) - 1]


class CountedRows(NamedTuple):
    """Rows of some files: references by resolution, dependencies by whether they lead to a file."""

    by_resolution: Counter[int]
    dependencies: Counter[bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """A current snapshot of the repository that has the same paths and configuration."""

    database: Database
    snapshot_id: int
    linked: LinkedCommit
    files: Sequence[StandingFile]
    stats: Mapping[str, Any]

    @classmethod
    def find(
        cls, database: Database, repository_id: UUID, *, ref: str, linked_by: bytes
    ) -> Self | None:
        """The one of `ref`, else that of another ref; None: there is none.

        Raises:
            DatabaseError: the database failed.
        """
        row = database.fetch_one(
            "linked_snapshot", repository_id=repository_id, ref=ref, linked_by=linked_by
        )
        if row is None:
            return None
        found = database.fetch_all("files_of_snapshot", snapshot_id=row["snapshot_id"])
        files = [
            StandingFile(
                *(one["path"], one["blob_id"], one["line_count"]),
                *(one["syntax_errors"], one["failure"]),
            )
            for one in found
        ]
        try:
            linked = unpacked_links(row["links"])
        except MessageRefused:
            return None
        if not are_numbers_of(linked.files, len(files)):
            return None
        return cls(database, row["snapshot_id"], linked, files, row["stats"])

    def shifts(self, files: Sequence[LinkedFile]) -> SymbolShifts:
        """Where symbols stand when the files are these."""
        starts, shifts, before, now = [0], [0], 0, 0
        for old, new in zip(self.linked.files, files, strict=True):
            if now - before != shifts[-1]:
                if starts[-1] == before:
                    shifts[-1] = now - before
                else:
                    starts.append(before)
                    shifts.append(now - before)
            before += old.symbols
            now += new.symbols
        return SymbolShifts(starts, shifts)

    def imported_names(self) -> dict[ImportedName, int]:
        """What it takes from packages, with the number of each."""
        rows = self.database.fetch_all("imported_names_of_snapshot", snapshot_id=self.snapshot_id)
        return {
            ImportedName(one["package"], one["subpath"], one["name"]): one["imported_no"]
            for one in rows
        }

    def entries_of(self, files: Collection[int]) -> list[PackageEntryRow]:
        """The entries of packages that are one of these files."""
        rows = self.database.fetch_all(
            "package_entries_of_files", snapshot_id=self.snapshot_id, files=list(files)
        )
        return [
            PackageEntryRow(one["entry_no"], one["package"], one["subpath"], one["file_no"])
            for one in rows
        ]

    def postings(self) -> Iterator[Block]:
        """Its posting lists, in order."""
        rows = self.database.fetch_all("postings_of_snapshot", snapshot_id=self.snapshot_id)
        for one in rows:
            yield Block(one["segment"], one["first_trigram"], one["content"])

    def using_lines_of(self, files: Collection[int]) -> list[int]:
        """The files with references that lead to lines of these."""
        rows = self.database.fetch_all(
            "files_leading_to_lines", snapshot_id=self.snapshot_id, files=list(files)
        )
        return [one["file_no"] for one in rows]

    def moved_uses(self, files: Sequence[LinkedFile], seen: Collection[int]) -> array[int]:
        """How often each symbol is used, when the files are these; 0 for those of `seen`.

        Raises:
            NotRelinkable: the snapshot has not the symbols that it had.
        """
        row = self.database.fetch_one("uses_of_snapshot", snapshot_id=self.snapshot_id)
        counted = array("i", (row and row["uses"]) or ())
        if len(counted) != sum(one.symbols for one in self.linked.files):
            raise NotRelinkable("the snapshot that stands is being removed")
        found, first = array("i"), 0
        for number, (old, new) in enumerate(zip(self.linked.files, files, strict=True)):
            kept = counted[first : first + old.symbols]
            found.extend([0] * new.symbols if number in seen else kept)
            first += old.symbols
        return found

    def counted(
        self, *, relinked: Collection[int], changed: Collection[int]
    ) -> tuple[CountedRows, Counter[int]]:
        """The references of the files `relinked`, and the dependencies of the files `changed`.

        And the same references by the symbol that they lead to.
        """
        by_resolution: Counter[int] = Counter()
        by_symbol: Counter[int] = Counter()
        for one in self.database.fetch_all(
            "counted_references_of_files", snapshot_id=self.snapshot_id, files=list(relinked)
        ):
            by_resolution[one["resolution"]] += one["count"]
            if one["symbol_no"] is not None:
                by_symbol[one["symbol_no"]] += one["count"]
        dependencies = {
            one["is_internal"]: one["count"]
            for one in self.database.fetch_all(
                "counted_dependencies_of_files", snapshot_id=self.snapshot_id, files=list(changed)
            )
        }
        return CountedRows(by_resolution, Counter(dependencies)), by_symbol

    def totals(self) -> CountedRows:
        """What all of its files have: as its stats tell."""
        by_name = self.stats["references_by_resolution"]
        internal = self.stats["dependencies_internal"]
        return CountedRows(
            Counter({int(Resolution[name.upper()]): count for name, count in by_name.items()}),
            Counter({True: internal, False: self.stats["dependencies_extracted"] - internal}),
        )


def packed_links(linked: LinkedCommit) -> bytes:
    """What is kept of how a commit was linked, packed."""
    return packed_piece(wire.encode(linked))


def unpacked_links(piece: bytes) -> LinkedCommit:
    """What `packed_links` gave.

    Raises:
        MessageRefused: the bytes are nothing of that kind.
    """
    return wire.decode(unpacked_piece(piece, most_bytes=MOST_LINK_BYTES), [LinkedCommit])
