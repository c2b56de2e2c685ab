"""What earlier indexes learned of the blobs of a repository, read from the database.

All of it was made from hostile input, by a child: what cannot be read counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Self, TypeAlias
from uuid import UUID

from indexer.database.connection import Database
from indexer.sandbox.packing import packed_piece, unpacked_piece
from indexer.sandbox.wire import MessageRefused

MOST_CONTENT_BYTES: Final = 1024 * 1024
"""What is larger, packed, is not kept."""

KEYS_PER_BATCH: Final = 64

BlobKey: TypeAlias = tuple[str, str]
"""A blob and how it is read, as `reading.read_as` tells."""


class KnownBlob(NamedTuple):
    """What is known without its content. `snapshot_id` is where its text is stored, if it has one.

    `skip_reason` tells why a source file is left out. Without one a source file has its facts as
    content, and a configuration file itself, unless it is too large.
    """

    byte_size: int
    text_bytes: int
    skip_reason: str | None
    snapshot_id: int
    has_content: bool


class BlobContent(NamedTuple):
    """What is kept of a blob, packed; `trigrams` of a source file."""

    content: bytes
    trigrams: bytes | None


class BlobRow(NamedTuple):
    """What was learned of a blob, to be kept: as `KnownBlob`, with what `BlobContent` holds."""

    key: BlobKey
    byte_size: int
    text_bytes: int = 0
    skip_reason: str | None = None
    content: bytes | None = None
    trigrams: bytes | None = None


class KnownBlobs:
    """The known blobs of one repository, as far as the program and the settings are the same."""

    def __init__(
        self,
        database: Database,
        repository_id: UUID,
        made_by: bytes,
        rows: dict[BlobKey, KnownBlob],
    ) -> None:
        self._database, self._repository_id = database, repository_id
        self.made_by = made_by
        self._rows = rows

    @classmethod
    def read(cls, database: Database, repository_id: UUID, made_by: bytes) -> Self:
        """What is known now.

        Raises:
            DatabaseError: the database failed.
        """
        found = database.fetch_all("known_blobs", repository_id=repository_id, made_by=made_by)
        rows = {
            (row["blob_id"], row["read_as"]): KnownBlob(
                *(row["byte_size"], row["text_bytes"], row["skip_reason"]),
                *(row["snapshot_id"], row["has_content"]),
            )
            for row in found
        }
        return cls(database, repository_id, made_by, rows)

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: BlobKey) -> KnownBlob | None:
        """What is known of a blob that is read in this way."""
        return self._rows.get(key)

    def nothing(self) -> Self:
        """As if nothing were known."""
        return type(self)(self._database, self._repository_id, self.made_by, {})

    def contents(self, keys: Sequence[BlobKey]) -> Iterator[tuple[BlobKey, BlobContent]]:
        """The contents of those of `keys` that have one, in no order.

        Raises:
            DatabaseError: the database failed.
        """
        for at in range(0, len(keys), KEYS_PER_BATCH):
            batch = keys[at : at + KEYS_PER_BATCH]
            for row in self._database.fetch_all(
                "contents_of_blobs",
                repository_id=self._repository_id,
                made_by=self.made_by,
                blob_ids=[blob_id for blob_id, _ in batch],
                readings=[reading for _, reading in batch],
            ):
                yield (
                    (row["blob_id"], row["read_as"]),
                    BlobContent(row["content"], row["trigrams"]),
                )


def packed_content(content: bytes) -> bytes:
    """The content of a configuration file, packed."""
    return packed_piece(content)


def unpacked_content(piece: bytes, *, byte_size: int) -> bytes | None:
    """The content that `packed_content` gave for a file of this size; None: it is none."""
    try:
        content = unpacked_piece(piece, most_bytes=byte_size + 1)
    except MessageRefused:
        return None
    return content if len(content) == byte_size else None
