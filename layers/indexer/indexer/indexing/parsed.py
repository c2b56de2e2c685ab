"""The files of a commit on their way into the index: parsed, taken over, left out or failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

from indexer.indexing.facts_spool import FactsSpool
from indexer.indexing.known import BlobKey
from indexer.indexing.spool import Spool
from indexer.indexing.survey import FoundFile
from indexer.parsing.facts import FileFacts, TypeFacts
from indexer.resolution.places import BeyondReach
from indexer.resolution.relinking import NotRelinkable
from indexer.sandbox.wire import MessageRefused

NO_FACTS = FileFacts([], [], [], [], [], 0, 0, TypeFacts([], [], [], []))


@dataclass(slots=True, kw_only=True)
class ParsedFile:
    """A file of the snapshot: parsed, its facts in their spool, or failed.

    `text` is its number in the spool of texts. One that was taken over has its text in the snapshot
    `known_text` instead. With neither, its bytes are no text. `text_bytes` of a new one is known
    once its text was read. `trigrams` is the number of its text's in their spool. One that `stands`
    has its rows in an earlier snapshot; its trigrams are not read, nor its facts until it is asked.
    """

    found: FoundFile
    byte_size: int
    line_count: int = 0
    syntax_errors: int = 0
    spooled: int | None = None
    text: int | None = None
    text_bytes: int = 0
    known_text: int | None = None
    trigrams: int | None = None
    failure: str | None = None
    stands: bool = False

    @property
    def has_text(self) -> bool:
        """Whether its bytes are text that a search can look through."""
        return self.stands or self.trigrams is not None


@dataclass(slots=True, kw_only=True)
class ParsedCommit(Sequence[tuple[str, FileFacts]]):
    """The files of the snapshot in path order, and what was left out or failed, by reason.

    As a sequence it gives the path and the facts of each file, which may be read from the disk.
    """

    spool: FactsSpool
    texts: Spool
    trigrams: Spool
    files: list[ParsedFile] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    left_out: dict[BlobKey, tuple[int, str]] = field(default_factory=dict)
    """The size and the reason of each blob that was read and left out."""
    taken_over: set[BlobKey] = field(default_factory=set)
    """The known blobs that were used."""
    bytes_not_transferred: int = 0

    def __len__(self) -> int:
        return len(self.files)

    @overload
    def __getitem__(self, at: int) -> tuple[str, FileFacts]: ...

    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, FileFacts]]: ...

    def __getitem__(self, at: int | slice) -> tuple[str, FileFacts] | list[tuple[str, FileFacts]]:
        """One file, or those of a slice."""
        if isinstance(at, slice):
            return [self._facts_of(one) for one in self.files[at]]
        return self._facts_of(self.files[at])

    def _facts_of(self, one: ParsedFile) -> tuple[str, FileFacts]:
        if one.spooled is None:
            if one.stands:
                raise BeyondReach(f"the facts of {one.found.path}")
            return one.found.path, NO_FACTS
        try:
            return one.found.path, self.spool[one.spooled]
        except MessageRefused:
            # What was parsed or taken over was read before.
            raise NotRelinkable("what is known of a file cannot be read") from None
