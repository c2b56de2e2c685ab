"""The snapshot that stands: where a commit's rows are taken from that a change does not reach.

All of it is read from the database. It was made by this very program, and what cannot be read as
such counts as not there.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from indexer.database.connection import Database
from indexer.postings.blocks import Block
from indexer.resolution.places import ImportedName
from indexer.resolution.reach import LinkedCommit, are_numbers_of
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


class CountedRows(NamedTuple):
    """Rows of some files: references by resolution, dependencies by whether they lead to a file."""

    by_resolution: Counter[int]
    dependencies: Counter[bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """A current snapshot of the repository, linked by the same program; all numbers are its own."""

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

    def imported_names(self) -> dict[ImportedName, int]:
        """What it takes from packages, with the number of each."""
        rows = self.database.fetch_all("imported_names_of_snapshot", snapshot_id=self.snapshot_id)
        return {
            ImportedName(one["package"], one["subpath"], one["name"]): one["imported_no"]
            for one in rows
        }

    def entries(self) -> list[PackageEntryRow]:
        """The modules that its packages offer, in order."""
        rows = self.database.fetch_all("package_entries_of_snapshot", snapshot_id=self.snapshot_id)
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

    def uses(self) -> array[int]:
        """How often each of its symbols is used.

        Raises:
            NotRelinkable: it has not the symbols that it had.
        """
        row = self.database.fetch_one("uses_of_snapshot", snapshot_id=self.snapshot_id)
        counted = array("i", (row and row["uses"]) or ())
        if len(counted) != sum(one.symbols for one in self.linked.files):
            raise NotRelinkable("the snapshot that stands is being removed")
        return counted

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
