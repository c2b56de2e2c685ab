"""Which snapshot is exported, and its rows page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.database.connection import Row, Statements
from indexer.errors import Refused

PAGE_SIZE = 5_000


class NotIndexed(Refused):
    """No index stands for that repository and ref."""

    code = "nothing_to_export"
    status = 404

    def __init__(self) -> None:
        super().__init__("no index stands for that repository and ref")


class RepositoryAmbiguous(Refused):
    """Several repositories share the name, of one tenant or of several."""

    code = "export_ambiguous"
    status = 409

    def __init__(self) -> None:
        super().__init__("several repositories have that name; use the repository's id")


@dataclass(frozen=True, slots=True)
class Account:
    """How much an export wrote, and what it had to leave out; each by the words that say what."""

    written: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def snapshot_to_export(statements: Statements, repository: str, ref: str | None) -> Row:
    """The snapshot of a repository (id, name or URL) and ref.

    Without a ref it is the default branch, or the newest that is indexed where none is known.

    `statements` should be one read-only transaction, so that all that is read is of one snapshot.

    Raises:
        NotIndexed, RepositoryAmbiguous.
    """
    found = statements.fetch_all("snapshot_to_export", repository=repository, ref=ref)
    if not found:
        raise NotIndexed
    if len(found) > 1:
        raise RepositoryAmbiguous
    return found[0]


def pages(
    statements: Statements,
    query: str,
    snapshot_id: int,
    *,
    keys: dict[str, str],
    first: dict[str, object],
) -> Iterator[Row]:
    """The rows of a query that answers by pages, in its order.

    `keys`: the parameters that say what was read, each with the column that it is taken from;
    `first`: their values before the first page.
    """
    after = first
    while rows := statements.fetch_all(
        query, snapshot_id=snapshot_id, page_size=PAGE_SIZE, **after
    ):
        yield from rows
        after = {parameter: rows[-1][column] for parameter, column in keys.items()}


def files(statements: Statements, snapshot_id: int) -> Iterator[Row]:
    """The files of a snapshot in the order of their numbers."""
    return pages(
        statements,
        "export_files",
        snapshot_id,
        keys={"after_no": "file_no"},
        first={"after_no": -1},
    )
