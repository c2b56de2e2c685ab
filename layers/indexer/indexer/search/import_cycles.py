"""The files of a repository that import each other in a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from indexer.database.connection import Database, Statements
from indexer.database.paging import Page, integer, page_of, page_size, read_cursor, write_cursor
from indexer.parsing.facts import DependencyKind
from indexer.search.cycles import Following, cyclic_components, followed_by, shortest_cycle
from indexer.search.repositories import Snapshot, snapshot_of

MOST_LINKS: Final = 300_000
"""So many imports between files are looked at; a repository of 50,000 files has as many."""

MOST_FILES: Final = 50
"""So many files of one cycle are told, and so long a way around it."""

_LIST = "cycles"
TYPES_ONLY: Final = frozenset(
    {
        DependencyKind.IMPORT_TYPE,
        DependencyKind.TYPE_QUERY,
        DependencyKind.REFERENCE_PATH,
        DependencyKind.REFERENCE_TYPES,
        DependencyKind.MODULE_AUGMENTATION,
    }
)
"""What is gone before the program runs."""


class Imports(StrEnum):
    """Which imports count."""

    ALL = "all"
    RUNTIME = "runtime"

    @property
    def left_out(self) -> list[int]:
        """The kinds that do not count, as they are stored."""
        return [] if self is Imports.ALL else sorted(map(int, TYPES_ONLY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Files each of which leads to every other of them by imports, `size` in number.

    `files` are the first of them by path, at most MOST_FILES; `shortest` is a shortest way of
    imports from the first one back to itself, empty where that is longer.
    """

    size: int
    first_file_no: int
    files: Sequence[str]
    shortest: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCycles:
    """The cycles of a snapshot, the largest first. `total` and `files_in_cycles` count them all.

    `truncated`: there were too many imports to look at them all.
    """

    snapshot: Snapshot
    total: int
    files_in_cycles: int
    truncated: bool
    page: Page[Cycle]


def find(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    imports: Imports = Imports.ALL,
    cursor: str | None = None,
    limit: int | None = None,
) -> ImportCycles:
    """The import cycles of a repository, at most `limit` (1 to 100, else 50) of them.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, *after = (
        (None,) if cursor is None else read_cursor(cursor, _LIST, integer, integer, integer)
    )
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        rows = statements.fetch_all(
            "links_of_snapshot",
            snapshot_id=snapshot.snapshot_id,
            kinds_left_out=imports.left_out,
            most=MOST_LINKS + 1,
        )
        following = followed_by((row["file_no"], row["to_file_no"]) for row in rows[:MOST_LINKS])
        # File numbers follow the order of paths.
        every = [sorted(component) for component in cyclic_components(following)]
        every.sort(key=_order)
        begun = [one for one in every if not after or _order(one) > (-after[0], after[1])]
        ways = {one[0]: _way_around(following, one[0]) for one in begun[:size]}
        paths = _paths(
            statements,
            snapshot,
            {file for one in begun[:size] for file in (*one[:MOST_FILES], *ways[one[0]])},
        )
    return ImportCycles(
        snapshot=snapshot,
        total=len(every),
        files_in_cycles=sum(map(len, every)),
        truncated=len(rows) > MOST_LINKS,
        page=page_of(
            [_cycle(one, ways, paths) for one in begun[: size + 1]],
            size=size,
            cursor=lambda one: write_cursor(
                _LIST, snapshot.snapshot_id, one.size, one.first_file_no
            ),
        ),
    )


def _way_around(following: Following, first: int) -> Sequence[int]:
    way = shortest_cycle(following, first)
    return way if len(way) <= MOST_FILES else ()


def _order(files: Sequence[int]) -> tuple[int, int]:
    return -len(files), files[0]


def _cycle(
    files: Sequence[int], ways: Mapping[int, Sequence[int]], paths: Mapping[int, str]
) -> Cycle:
    # The one behind the page is there to tell that there is one, and none of it is told.
    return Cycle(
        size=len(files),
        first_file_no=files[0],
        files=[paths[one] for one in files[:MOST_FILES] if one in paths],
        shortest=[paths[one] for one in ways.get(files[0], ())],
    )


def _paths(statements: Statements, snapshot: Snapshot, files: set[int]) -> Mapping[int, str]:
    if not files:
        return {}
    rows = statements.fetch_all(
        "paths_of_files", snapshot_id=snapshot.snapshot_id, file_nos=sorted(files)
    )
    return {row["file_no"]: row["path"] for row in rows}
