"""From a use in one repository to the definition in another, and back, by the names of packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from indexer.database.connection import Row, Statements
from indexer.resolution.packages import subpath_of
from indexer.resolution.places import DEFAULT, EXPORT_EQUALS, ImportedName
from indexer.resolution.rows import Unresolved
from indexer.search.repositories import MOST_REPOSITORIES, Snapshot
from indexer.search.symbols import Definition, Symbol

MOST_OFFERS: Final = 20
"""Repositories that offer the same module of a package, each of which is told; forks, say."""

_MOST_NAMES: Final = 500
_IMPORTERS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A repository that takes something from a package: under these numbers, each of one name."""

    snapshot: Snapshot
    imported_nos: Sequence[int]


def imported_by(
    statements: Statements, snapshot: Snapshot, references: Iterable[Row]
) -> dict[int, ImportedName]:
    """What references of a snapshot mean of packages that its repository does not have.

    By their `imported_no`, where they have one.
    """
    wanted = list(
        dict.fromkeys(number for row in references if (number := row["imported_no"]) is not None)
    )
    if not wanted:
        return {}
    rows = statements.fetch_all(
        "imported_names_by_number", snapshot_id=snapshot.snapshot_id, imported_nos=wanted
    )
    return {
        row["imported_no"]: ImportedName(row["package"], row["subpath"], row["name"])
        for row in rows
    }


def module_asked(row: Row) -> tuple[str, str] | None:
    """The package, and the path in it, that an import asks for outside of the repository."""
    if row["reason"] != Unresolved.EXTERNAL_PACKAGE:
        return None
    subpath = subpath_of(row["package"], row["specifier"])
    return None if subpath is None else (row["package"], subpath)


def offered(statements: Statements, modules: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some modules, by package and path in it, that a repository of the tenant offers."""
    wanted = list(dict.fromkeys(modules))
    if not wanted:
        return set()
    rows = statements.fetch_all(
        "offered_modules",
        packages=[package for package, _ in wanted],
        subpaths=[subpath for _, subpath in wanted],
    )
    return {(row["package"], row["subpath"]) for row in rows}


def exported_as(statements: Statements, wanted: ImportedName) -> list[Definition]:
    """What an import means in those repositories of the tenant that offer it, by their names."""
    readings = list(_readings(wanted.name))
    rows = statements.fetch_all(
        "modules_of_package",
        package=wanted.package,
        subpath=wanted.subpath,
        names=list({name for name, _ in readings}),
        most=MOST_OFFERS,
    )
    found: list[Definition] = []
    for _, members in groupby(rows, key=lambda row: row["snapshot_id"]):
        of_module = list(members)
        snapshot = Snapshot.from_row(of_module[0])
        found += _exported(statements, snapshot, of_module, readings, wanted)
    return found


def repositories_offering(
    statements: Statements, packages: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """The first names of the tenant's repositories that offer each of these packages, if any do."""
    rows = statements.fetch_all("repositories_offering", packages=list(packages), most=MOST_OFFERS)
    return {
        package: [row["full_name"] for row in same]
        for package, same in groupby(rows, key=lambda row: row["package"])
    }


def _exported(
    statements: Statements,
    snapshot: Snapshot,
    rows: Sequence[Row],
    readings: Sequence[tuple[str, Sequence[str]]],
    wanted: ImportedName,
) -> Iterator[Definition]:
    for name, members in readings:
        named = [row for row in rows if row["name"] == name]
        numbers = [row["symbol_no"] for row in named if row["symbol_no"] is not None]
        for member in members:
            numbers = _members(statements, snapshot, numbers, member)
        if numbers:
            yield from _symbols(statements, snapshot, numbers)
            return
        if named and not members:
            for row in named:
                yield _line(snapshot, row["target_path"], row["target_line"])
            return
        if named and name == DEFAULT:
            return
    if wanted.is_whole or wanted.name == DEFAULT:
        yield _line(snapshot, rows[0]["path"], 1)


def _readings(name: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The names that an export may have for an import, likeliest first, and the members after it.

    A module without a default stands for its own, or is what it exports as a whole: transpilers
    make it so.
    """
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length]), parts[length:]
    if parts == [DEFAULT]:
        yield EXPORT_EQUALS, []
    elif parts[0] == DEFAULT:
        yield from _readings(".".join(parts[1:]))


def _members(
    statements: Statements, snapshot: Snapshot, containers: Sequence[int], name: str
) -> list[int]:
    if not containers:
        return []
    rows = statements.fetch_all(
        "members_of_symbols",
        snapshot_id=snapshot.snapshot_id,
        containers=list(containers),
        name=name,
        most=MOST_OFFERS,
    )
    return [row["symbol_no"] for row in rows]


def _symbols(
    statements: Statements, snapshot: Snapshot, numbers: Sequence[int]
) -> Iterator[Definition]:
    rows = statements.fetch_all(
        "symbols_by_number",
        snapshot_id=snapshot.snapshot_id,
        symbol_nos=list(dict.fromkeys(numbers)),
    )
    for row in rows:
        yield Definition.of(Symbol.from_row(row, snapshot))


def _line(snapshot: Snapshot, path: str, line: int) -> Definition:
    return Definition(snapshot=snapshot, path=path, line=line, symbol=None)


def importers_of(
    statements: Statements, symbol: Symbol, *, at: Snapshot | None = None
) -> list[Importer]:
    """The other repositories that take a symbol from a package, by their names.

    With `at`, for a list that goes on in the middle of one: from that on, and it with the snapshot
    `at`.
    """
    names = list(dict.fromkeys(_names_of(statements, symbol)))
    if not names:
        return []
    rows = statements.fetch_all(
        "importers_of_names",
        packages=[one.package for one in names],
        subpaths=[one.subpath for one in names],
        names=[one.name for one in names],
        repository_id=symbol.snapshot.repository_id,
        at_repository=None if at is None else at.repository_id,
        at_name=None if at is None else at.repository,
        at_snapshot=None if at is None else at.snapshot_id,
        most=MOST_REPOSITORIES,
    )
    return [
        Importer(
            snapshot=Snapshot.from_row(same[0]),
            imported_nos=[row["imported_no"] for row in same],
        )
        for same in (list(rows) for _, rows in groupby(rows, key=lambda row: row["snapshot_id"]))
    ]


def _names_of(statements: Statements, symbol: Symbol) -> Iterator[ImportedName]:
    """What an import may write to get a symbol: the names of it, and of what it is a member of."""
    around = symbol.container
    own = symbol.id.symbol_no
    rows = statements.fetch_all(
        "exported_names_of_symbols",
        snapshot_id=symbol.id.snapshot_id,
        symbol_nos=[own] if around is None else [own, around.id.symbol_no],
        most=_MOST_NAMES,
    )
    for row in rows:
        name = row["name"] if row["symbol_no"] == own else f"{row['name']}.{symbol.name}"
        yield ImportedName(row["package"], row["subpath"], name)
        if row["is_its_own_default"]:
            as_default = DEFAULT if name == EXPORT_EQUALS else f"{DEFAULT}.{name}"
            yield ImportedName(row["package"], row["subpath"], as_default)


def uses_by(
    statements: Statements,
    importers: Sequence[Importer],
    *,
    kind: int | None,
    start: Sequence[int],
    most: int,
) -> list[tuple[Snapshot, Row]]:
    """At most so many uses by importers, as rows of `references_of_symbol`, in their order.

    `start` is the file, line, column and kind in the first importer where they begin, and how many
    of those at that very place are passed over.
    """
    found: list[tuple[Snapshot, Row]] = []
    for first in range(0, len(importers), _IMPORTERS_AT_ONCE):
        batch = importers[first : first + _IMPORTERS_AT_ONCE]
        pairs = [(rank, number) for rank, one in enumerate(batch) for number in one.imported_nos]
        from_file, from_line, from_column, from_kind, skipped = (
            start if not first else (0, 0, 0, 0, 0)
        )
        rows = statements.fetch_all(
            "references_of_imported_names",
            snapshot_ids=[batch[rank].snapshot.snapshot_id for rank, _ in pairs],
            imported_nos=[number for _, number in pairs],
            ranks=[rank for rank, _ in pairs],
            kind=kind,
            from_file=from_file,
            from_line=from_line,
            from_column=from_column,
            from_kind=from_kind,
            skipped=skipped,
            page_size=most - len(found),
        )
        snapshots = {one.snapshot.snapshot_id: one.snapshot for one in batch}
        found += [(snapshots[row["snapshot_id"]], row) for row in rows]
        if len(found) >= most:
            break
    return found
