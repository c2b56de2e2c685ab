"""Repositories, and which snapshot of them answers a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import ClassVar, Final, NamedTuple
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.identifiers import parse_uuid
from indexer.database.paging import (
    CursorInvalid,
    Page,
    identifier,
    large_integer,
    page_of,
    page_size,
    read_cursor,
    text,
    write_cursor,
)
from indexer.errors import Refused

# One question over everything looks into at most this many repositories.
MOST_REPOSITORIES = 2_000


class RepositoryNotFound(Refused):
    """There is no such repository, or it is another tenant's: nobody is told which."""

    code = "repository_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no repository with this id or name.")


class RepositoryAmbiguous(Refused):
    """Several repositories share the name: of two hosts, or of two folders of one machine."""

    code = "repository_ambiguous"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("Several repositories have this name; name one by its id.")


class NotIndexed(Refused):
    """The repository is known, and nothing is indexed at the ref in question."""

    code = "not_indexed"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__(
            "Nothing is indexed for this repository and ref; index it first or name another ref."
        )


class CursorExpired(Refused):
    """A commit that the list was read from was replaced too long ago, or is deleted."""

    code = "cursor_expired"
    status: ClassVar[int] = 410

    def __init__(self) -> None:
        super().__init__(
            "The commit this list was read from is no longer kept; start again without a cursor."
        )


class AsOf(NamedTuple):
    """Which snapshots of all repositories a list is read from; part of its cursor.

    `publication` is the last one that its first page saw. `digest` is of the snapshots that
    answered, so that no other ones ever go on in their place.
    """

    publication: int
    digest: str


AS_OF: Final = (large_integer, text)
"""Read an AsOf that was written to a cursor as two parts of its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One indexed commit of one repository: current for its ref, or replaced a while ago."""

    snapshot_id: int
    repository_id: UUID
    repository: str
    ref: str
    commit_sha: str
    indexed_at: datetime

    @classmethod
    def from_row(cls, row: Row) -> Snapshot:
        """A snapshot from a row that has its repository's columns too."""
        return cls(
            snapshot_id=row["snapshot_id"],
            repository_id=row["repository_id"],
            repository=row["full_name"],
            ref=row["ref"],
            commit_sha=row["commit_sha"],
            indexed_at=row["indexed_at"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRef:
    """What stands for one ref of a repository. The age is in seconds, by the database's clock."""

    ref: str
    commit_sha: str
    indexed_at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository of the tenant with what is indexed of it."""

    repository_id: UUID
    full_name: str
    clone_url: str
    default_ref: str | None
    created_at: datetime
    snapshots: tuple[IndexedRef, ...]


def repository_id_of(database: Database, name: str, *, tenant_id: UUID) -> UUID:
    """The id of the tenant's repository with this id or `owner/name`.

    A name that no repository is shown with means one of a forge that is shown in another case.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous: it names none, or several.
        DatabaseError: the database did not answer.
    """
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        found: UUID = _one(statements, name, ref=None)["repository_id"]
        return found


def snapshot_of(
    statements: Statements, name: str, *, ref: str | None, at: int | None = None
) -> Snapshot:
    """The snapshot that answers for a repository: that of `ref`, else of its default ref.

    With `at`, the number of the snapshot that a cursor is of, it is that one, be it replaced
    meanwhile; without a `ref` whatever ref it is of.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous: the name leads to none, or to several.
        NotIndexed: nothing is indexed at that ref.
        CursorExpired: the snapshot `at` is no longer kept.
        CursorInvalid: the snapshot `at` is of another repository, or not of `ref`.
    """
    if at is None:
        row = _one(statements, name, ref=ref)
        if row["snapshot_id"] is None:
            raise NotIndexed
        return Snapshot.from_row(row)
    row_at = statements.fetch_one("snapshot_by_number", snapshot_id=at, name=name)
    if (
        row_at is not None
        and (row_at["is_named"] or row_at["repository_id"] == parse_uuid(name))
        and (ref is None or row_at["ref"] == ref)
    ):
        return Snapshot.from_row(row_at)
    # Where not even a first page could be told, that comes first.
    snapshot_of(statements, name, ref=ref)
    raise CursorExpired if row_at is None else CursorInvalid


def snapshots_of_all(
    statements: Statements, *, ref: str | None, as_of: AsOf | None = None
) -> tuple[list[Snapshot], AsOf]:
    """The snapshots that answer for every repository of the tenant that has one, by its name.

    With them comes what the cursor to the next page carries; given as `as_of` there, it leads to
    the very same snapshots in the same order, whatever was indexed meanwhile.

    Raises:
        CursorExpired: one of those snapshots is no longer kept, or is deleted, another ref became
            the default, or a repository was renamed.
    """
    rows = statements.fetch_all(
        "repositories_wanted",
        repository_id=None,
        name=None,
        ref=ref,
        publication=None if as_of is None else as_of.publication,
        most=MOST_REPOSITORIES,
    )
    answering = [row for row in rows if row["snapshot_id"] is not None]
    snapshots = [Snapshot.from_row(row) for row in answering]
    seen = AsOf(
        publication=max((row["publication"] for row in answering), default=0),
        digest=_digest_of(snapshots),
    )
    if as_of is None:
        return snapshots, seen
    if as_of.digest != seen.digest:
        raise CursorExpired
    return snapshots, as_of


def answering(database: Database, *, tenant_id: UUID) -> Sequence[Snapshot]:
    """The snapshots that answer where nobody names a ref, the last indexed first.

    They are of the tenant's first MOST_REPOSITORIES repositories by name, those left out that have
    nothing at their default ref.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshots, _ = snapshots_of_all(statements, ref=None)
    return sorted(snapshots, key=lambda one: one.indexed_at, reverse=True)


def get(database: Database, repository_id: str, *, tenant_id: UUID) -> Repository:
    """The tenant's repository with this id, as text in a UUID's usual form.

    Raises:
        RepositoryNotFound: the tenant has none, or the text is no UUID.
        DatabaseError: the database did not answer.
    """
    wanted = _parse_id(repository_id)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        rows = statements.fetch_all(
            "repositories_page",
            repository_id=wanted,
            after_name=None,
            after_id=None,
            page_size=1,
        )
    if not rows:
        raise RepositoryNotFound
    return _grouped(rows)[0]


def delete(database: Database, repository_id: str, *, tenant_id: UUID) -> None:
    """Delete the tenant's repository with all that was indexed of it, and end its jobs.

    From then on nobody sees anything of it; a sweep removes the rows. Its URL may be indexed again
    at once, which makes a new repository.

    Raises:
        RepositoryNotFound: the tenant has none, or the text is no UUID.
        DatabaseError: the database did not answer; whether it was deleted is not known.
    """
    wanted = _parse_id(repository_id)
    with database.transaction(principal=tenant_id) as statements:
        row = statements.fetch_one("delete_repository", repository_id=wanted)
    if row is None or not row["deleted"]:
        raise RepositoryNotFound


def page(
    database: Database, *, tenant_id: UUID, cursor: str | None = None, limit: int | None = None
) -> Page[Repository]:
    """The tenant's repositories by name, at most `limit` (1 to 100, else 50) of them.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    after_name, after_id = (
        (None, None) if cursor is None else read_cursor(cursor, "repositories", text, identifier)
    )
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        rows = statements.fetch_all(
            "repositories_page",
            repository_id=None,
            after_name=after_name,
            after_id=after_id,
            page_size=size + 1,
        )
    return page_of(
        _grouped(rows),
        size=size,
        cursor=lambda one: write_cursor("repositories", one.full_name, one.repository_id),
    )


def _parse_id(text: str) -> UUID:
    found = parse_uuid(text)
    if found is None:
        raise RepositoryNotFound
    return found


def _one(statements: Statements, name: str, *, ref: str | None) -> Row:
    wanted_id = parse_uuid(name)
    rows = statements.fetch_all(
        "repositories_wanted",
        repository_id=wanted_id,
        name=name if wanted_id is None else None,
        ref=ref,
        publication=None,
        most=2,
    )
    if not rows:
        raise RepositoryNotFound
    if len(rows) > 1:
        raise RepositoryAmbiguous
    return rows[0]


def _digest_of(snapshots: Iterable[Snapshot]) -> str:
    # With the names, which are the order of the repositories and what some are chosen by.
    written = "\0".join(f"{one.snapshot_id} {one.repository}" for one in snapshots)
    return blake2b(written.encode(), digest_size=8).hexdigest()


def _grouped(rows: Iterable[Row]) -> Sequence[Repository]:
    found = []
    for _, members in groupby(rows, key=lambda row: row["repository_id"]):
        same = list(members)
        first = same[0]
        found.append(
            Repository(
                repository_id=first["repository_id"],
                full_name=first["full_name"],
                clone_url=first["clone_url"],
                default_ref=first["default_ref"],
                created_at=first["created_at"],
                snapshots=tuple(
                    IndexedRef(
                        ref=row["ref"],
                        commit_sha=row["commit_sha"],
                        indexed_at=row["indexed_at"],
                        age_seconds=max(row["age_seconds"], 0.0),
                    )
                    for row in same
                    if row["ref"] is not None
                ),
            )
        )
    return found
