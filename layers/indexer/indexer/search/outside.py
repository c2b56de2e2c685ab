"""What a repository needs from outside, and what it asks for that is nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple
from uuid import UUID

from indexer.database.connection import Database, Row
from indexer.database.paging import (
    Page,
    how_many_fit,
    integer,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.errors import Refused
from indexer.parsing.facts import DependencyKind
from indexer.resolution.rows import Unresolved
from indexer.search import across
from indexer.search.files import numbers_below
from indexer.search.repositories import Snapshot, snapshot_of

EXTERNAL: Final = (Unresolved.EXTERNAL_PACKAGE, Unresolved.BUILTIN)
"""Why an import leads out of the repository, as it should."""

NO_FAULT: Final = (*EXTERNAL, Unresolved.NOT_CODE)
"""Why an import leads to no indexed file and shall not: all other reasons make it unresolved.

A file that is there and is no code is what the import means: nothing is missing.
"""

_PACKAGES, _USERS, _UNRESOLVED = "packages", "package-users", "unresolved"
_CODES: Final = [int(reason) for reason in EXTERNAL]


class PackageNotFound(Refused):
    """No file of the repository asks for a package of this name."""

    code = "package_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("No indexed file imports a package with this name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPackage:
    """A package, or with `builtin` a module of the runtime, and how often it is asked for.

    `repositories` are the names of those repositories of the tenant that offer it.
    """

    name: str
    builtin: bool
    files: int
    imports: int
    repositories: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """A page of packages, modules of the runtime last, those of most files first."""

    snapshot: Snapshot
    total_packages: int
    total_builtins: int
    page: Page[UsedPackage]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideImport:
    """An import that leads to no file of the repository, and why."""

    path: str
    line: int
    column: int
    kind: DependencyKind
    specifier: str
    reason: Unresolved

    @classmethod
    def from_row(cls, row: Row) -> OutsideImport:
        """An import from a row of `dependencies` with its file's path."""
        return cls(
            path=row["path"],
            line=row["line"],
            column=row["column_no"],
            kind=DependencyKind(row["kind"]),
            specifier=row["specifier"],
            reason=Unresolved(row["reason"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageUsers:
    """A page of the imports of one package, by file and line."""

    snapshot: Snapshot
    package: str
    page: Page[OutsideImport]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many imports lead nowhere for one reason, and in how many files."""

    reason: Unresolved
    imports: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedImports:
    """How many imports lead nowhere, by reason, the most first; and a page of them, by file."""

    snapshot: Snapshot
    reasons: Sequence[ReasonCount]
    page: Page[OutsideImport]


def packages(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Packages:
    """The packages that the files ask for, at most `limit` (1 to 100, else 50) of them.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, skipped = (None, 0) if cursor is None else read_cursor(cursor, _PACKAGES, integer, integer)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        rows = statements.fetch_all(
            "packages_of_snapshot",
            snapshot_id=snapshot.snapshot_id,
            builtin=int(Unresolved.BUILTIN),
            external=_CODES,
            skipped=skipped,
            page_size=size + 1,
        )
        offering = across.repositories_offering(
            statements, [row["package"] for row in rows[:size] if not row["builtin"]]
        )
    used = [
        UsedPackage(
            name=row["package"],
            builtin=row["builtin"],
            files=row["files"],
            imports=row["imports"],
            repositories=() if row["builtin"] else offering.get(row["package"], ()),
        )
        for row in rows[:size]
    ]
    shown = used[: how_many_fit(used)]
    return Packages(
        snapshot=snapshot,
        total_packages=rows[0]["total_packages"] if rows else 0,
        total_builtins=rows[0]["total_builtins"] if rows else 0,
        page=Page(
            items=tuple(shown),
            next_cursor=(
                write_cursor(_PACKAGES, snapshot.snapshot_id, skipped + len(shown))
                if len(rows) > len(shown)
                else None
            ),
        ),
    )


def users_of(
    database: Database,
    package: str,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> PackageUsers:
    """Where a package is imported, at most `limit` (1 to 100, else 50) places.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        PackageNotFound: no file asks for it.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, start = _read_start(cursor, _USERS)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        wanted = {
            "snapshot_id": snapshot.snapshot_id,
            "package": package,
            "external": _CODES,
        }
        rows = statements.fetch_all(
            "users_of_package", **wanted, **start._asdict(), page_size=size + 1
        )
        if not rows and statements.fetch_one("package_is_used", **wanted) is None:
            raise PackageNotFound
    return PackageUsers(
        snapshot=snapshot, package=package, page=_page(rows, size, start, _USERS, snapshot)
    )


def unresolved(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    path: str | None = None,
    reason: Unresolved | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> UnresolvedImports:
    """Imports that lead nowhere although they should, at most `limit` (1 to 100, else 50) of them.

    Of the files whose paths begin with `path`, and for one `reason`; the counts are of all reasons.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        CursorInvalid: the cursor is none of this list's.
        CursorExpired: the snapshot that the list was read from is no longer kept.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    at, start = _read_start(cursor, _UNRESOLVED)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref, at=at)
        first_file, last_file = numbers_below(statements, snapshot, path)
        wanted = {
            "snapshot_id": snapshot.snapshot_id,
            "first_file": first_file,
            "last_file": last_file,
            "no_fault": [int(one) for one in NO_FAULT],
        }
        counts = statements.fetch_all("reasons_of_unresolved", **wanted)
        rows = statements.fetch_all(
            "unresolved_page",
            **wanted,
            **start._asdict(),
            reason=None if reason is None else int(reason),
            page_size=size + 1,
        )
    return UnresolvedImports(
        snapshot=snapshot,
        reasons=[
            ReasonCount(
                reason=Unresolved(row["reason"]), imports=row["imports"], files=row["files"]
            )
            for row in counts
        ],
        page=_page(rows, size, start, _UNRESOLVED, snapshot),
    )


class _Start(NamedTuple):
    """Where a page begins: so many rows behind the first of a file."""

    from_file: int
    skipped: int


def _read_start(cursor: str | None, of: str) -> tuple[int | None, _Start]:
    if cursor is None:
        return None, _Start(0, 0)
    at, *start = read_cursor(cursor, of, integer, integer, integer)
    return at, _Start(*start)


def _page(
    rows: Sequence[Row], size: int, start: _Start, of: str, snapshot: Snapshot
) -> Page[OutsideImport]:
    shown, cursor = rows[: how_many_fit(rows[:size])], None
    if len(rows) > len(shown):
        last = shown[-1]["file_no"]
        before = start.skipped if last == start.from_file else 0
        here = sum(row["file_no"] == last for row in shown)
        cursor = write_cursor(of, snapshot.snapshot_id, last, before + here)
    return Page(items=tuple(map(OutsideImport.from_row, shown)), next_cursor=cursor)
