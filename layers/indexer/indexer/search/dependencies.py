"""What a file needs, and what needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import how_many_of_each_fit
from indexer.parsing.facts import DependencyKind
from indexer.resolution.rows import Unresolved
from indexer.search.cycles import on_cycles
from indexer.search.files import number_of
from indexer.search.outside import EXTERNAL, NO_FAULT
from indexer.search.repositories import Snapshot, snapshot_of

DEEPEST = 10
# Bounds of one answer. A step is a file at a depth.
MOST_STEPS = 50_000
MOST_FILES = 1_000
MOST_IMPORTS = 1_000


class Direction(StrEnum):
    """Which way to walk from a file."""

    DEPENDENCIES = "dependencies"
    DEPENDENTS = "dependents"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedFile:
    """A file and how many imports away it is. `in_cycle`: imports lead from it back to it."""

    path: str
    depth: int
    in_cycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The files reached, nearest first; `truncated` when there were too many to tell."""

    files: tuple[ReachedFile, ...]
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One request for a module: to a file (`path`), a package, or nowhere for a reason."""

    line: int
    column: int
    kind: DependencyKind
    specifier: str
    path: str | None
    package: str | None
    reason: Unresolved | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPackage:
    """A package from outside the repository, how near it is, and how many files ask for it."""

    name: str
    builtin: bool
    depth: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedImport:
    """A request that leads to no file of the repository although it should. Depth 0: the file's."""

    path: str
    line: int
    column: int
    kind: DependencyKind
    specifier: str
    reason: Unresolved
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDependencies:
    """The answer for one file. A walk that was not asked for is None.

    `truncated`: of the imports, the packages or what is unresolved there was more than is told.
    """

    snapshot: Snapshot
    path: str
    in_cycle: bool
    imports: tuple[Import, ...]
    dependencies: Walk | None
    dependents: Walk | None
    external_packages: tuple[ExternalPackage, ...]
    unresolved: tuple[UnresolvedImport, ...]
    truncated: bool


def of_file(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    ref: str | None = None,
    direction: Direction = Direction.DEPENDENCIES,
    depth: int = 1,
) -> FileDependencies:
    """Walk the imports of a file `depth` (1 to 10) steps far.

    The imports are the file's own, whichever way is walked. Packages and unresolved imports are
    those of the files whose imports the walk followed; walking to dependents alone follows none.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file.
        DatabaseError: the database did not answer.
    """
    deepest = min(max(depth, 1), DEEPEST)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        file_no = number_of(statements, snapshot, path)
        walker = _Walker(statements, snapshot, file_no=file_no, depth=deepest)
        return walker.answer(path, direction)


def reached(
    statements: Statements, snapshot: Snapshot, name: str, *, file_no: int, depth: int
) -> list[Row]:
    """The files that a walk reaches, the one that it begins at first, the nearest before others.

    `name` is that of the walk: files_it_needs or files_that_need_it. Two more than are told come,
    if there are as many: the one asked about, and the one that says that there are more.

    Raises:
        DatabaseError: the database did not answer.
    """
    return statements.fetch_all(
        name,
        snapshot_id=snapshot.snapshot_id,
        file_no=file_no,
        depth=depth,
        most_steps=MOST_STEPS,
        most_files=MOST_FILES + 2,
    )


class _Walker:
    """The statements of one answer, about one file."""

    def __init__(
        self, statements: Statements, snapshot: Snapshot, *, file_no: int, depth: int
    ) -> None:
        self._statements = statements
        self._snapshot = snapshot
        self._file_no = file_no
        self._depth = depth

    def answer(self, path: str, direction: Direction) -> FileDependencies:
        down = self._reach("files_it_needs", wanted=direction is not Direction.DEPENDENTS)
        up = self._reach("files_that_need_it", wanted=direction is not Direction.DEPENDENCIES)
        cyclic = self._cyclic(down, up)
        followed = {row["file_no"]: row["depth"] for row in down if row["depth"] < self._depth}
        imports = self._imports()
        packages = self._packages(followed) if followed else []
        unresolved = self._unresolved(followed) if followed else []
        needs, needed = self._files(down, cyclic), self._files(up, cyclic)
        told = how_many_of_each_fit(
            imports[:MOST_IMPORTS],
            packages[:MOST_IMPORTS],
            unresolved[:MOST_IMPORTS],
            needs[:MOST_FILES],
            needed[:MOST_FILES],
        )
        return FileDependencies(
            snapshot=self._snapshot,
            path=path,
            in_cycle=self._file_no in cyclic,
            imports=tuple(imports[: told[0]]),
            external_packages=tuple(packages[: told[1]]),
            unresolved=tuple(unresolved[: told[2]]),
            dependencies=_walk(down, needs, told[3]),
            dependents=_walk(up, needed, told[4]),
            truncated=[len(imports), len(packages), len(unresolved)] != told[:3],
        )

    def _reach(self, name: str, *, wanted: bool) -> list[Row]:
        """The files reached, the one asked about first; empty only where none was asked for."""
        if not wanted:
            return []
        return reached(
            self._statements, self._snapshot, name, file_no=self._file_no, depth=self._depth
        )

    def _files(self, rows: list[Row], cyclic: set[int]) -> list[ReachedFile]:
        return [
            ReachedFile(path=row["path"], depth=row["depth"], in_cycle=row["file_no"] in cyclic)
            for row in rows
            if row["file_no"] != self._file_no
        ]

    def _cyclic(self, *walks: list[Row]) -> set[int]:
        numbers = {row["file_no"] for rows in walks for row in rows}
        links = self._statements.fetch_all(
            "links_between",
            snapshot_id=self._snapshot.snapshot_id,
            file_nos=sorted(numbers),
        )
        return on_cycles((link["file_no"], link["to_file_no"]) for link in links)

    def _imports(self) -> list[Import]:
        rows = self._statements.fetch_all(
            "imports_of_file",
            snapshot_id=self._snapshot.snapshot_id,
            file_no=self._file_no,
            most=MOST_IMPORTS + 1,
        )
        return [
            Import(
                line=row["line"],
                column=row["column_no"],
                kind=DependencyKind(row["kind"]),
                specifier=row["specifier"],
                path=row["path"],
                package=row["package"],
                reason=None if row["reason"] is None else Unresolved(row["reason"]),
            )
            for row in rows
        ]

    def _packages(self, followed: dict[int, int]) -> list[ExternalPackage]:
        rows = self._beyond("packages_they_need", followed, external=EXTERNAL)
        return [
            ExternalPackage(
                name=row["package"],
                builtin=row["reason"] == Unresolved.BUILTIN,
                depth=row["depth"],
                files=row["files"],
            )
            for row in rows
        ]

    def _unresolved(self, followed: dict[int, int]) -> list[UnresolvedImport]:
        rows = self._beyond("imports_unresolved", followed, no_fault=NO_FAULT)
        return [
            UnresolvedImport(
                path=row["path"],
                line=row["line"],
                column=row["column_no"],
                kind=DependencyKind(row["kind"]),
                specifier=row["specifier"],
                reason=Unresolved(row["reason"]),
                depth=row["depth"],
            )
            for row in rows
        ]

    def _beyond(
        self, name: str, followed: dict[int, int], **reasons: Sequence[Unresolved]
    ) -> list[Row]:
        return self._statements.fetch_all(
            name,
            snapshot_id=self._snapshot.snapshot_id,
            file_nos=list(followed),
            depths=list(followed.values()),
            most=MOST_IMPORTS + 1,
            **{which: [int(one) for one in them] for which, them in reasons.items()},
        )


def _walk(rows: list[Row], files: list[ReachedFile], told: int) -> Walk | None:
    """The first files of a walk, if it was asked for."""
    if not rows:
        return None
    return Walk(files=tuple(files[:told]), truncated=len(files) > told or rows[0]["cut"])
