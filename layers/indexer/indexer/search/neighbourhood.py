"""What stands around a file in the graph of imports, as much as can be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.drawing.model import Edge, Graph, Node
from indexer.parsing.facts import DependencyKind
from indexer.search.cycles import cyclic_components, followed_by
from indexer.search.dependencies import DEEPEST, MOST_FILES, Direction, reached
from indexer.search.files import number_of
from indexer.search.fitting import as_many_as_fit
from indexer.search.repositories import Snapshot, snapshot_of

MOST_NODES: Final = 100
DEFAULT_NODES: Final = 60
DEFAULT_DEPTH: Final = 2


class Side(StrEnum):
    """On which side of a file another one is."""

    SELF = "self"
    DEPENDENTS = "dependents"
    DEPENDENCIES = "dependencies"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A file and where it is seen from the one asked for.

    `layer` is how many imports away it is, below 0 where it is nearer as a dependent than as a
    dependency. `in_cycle`: imports lead from it back to it, by way of the files shown.
    """

    path: str
    layer: int
    side: Side
    in_cycle: bool

    @property
    def distance(self) -> int:
        """How many imports away it is."""
        return abs(self.layer)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourImport:
    """One file imports another one, or itself, in one way or several.

    `in_cycle`: imports lead from the imported file back to the one that imports.
    """

    from_path: str
    to_path: str
    kinds: tuple[DependencyKind, ...]
    in_cycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """A file with what is around it, the nearest first, and every import between these files.

    `truncated`: there is more within `depth` than is told.
    """

    snapshot: Snapshot
    path: str
    direction: Direction
    depth: int
    truncated: bool
    files: tuple[Neighbour, ...]
    imports: tuple[NeighbourImport, ...]

    def graph(self) -> Graph:
        """The same to be drawn: what imports the file to its left, what it imports to its right."""
        return Graph(
            nodes=tuple(
                Node(
                    name=one.path,
                    layer=one.layer,
                    central=one.side is Side.SELF,
                    in_cycle=one.in_cycle,
                )
                for one in self.files
            ),
            edges=tuple(
                Edge(
                    source=one.from_path,
                    target=one.to_path,
                    note=", ".join(kind.name.lower() for kind in one.kinds),
                    in_cycle=one.in_cycle,
                )
                for one in self.imports
            ),
        )


class _Found(NamedTuple):
    file_no: int
    path: str
    layer: int
    side: Side

    @property
    def nearness(self) -> tuple[int, str]:
        return abs(self.layer), self.path


def around_file(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    ref: str | None = None,
    direction: Direction = Direction.BOTH,
    depth: int = DEFAULT_DEPTH,
    limit: int | None = None,
) -> Neighbourhood:
    """The nearest `limit` (1 to 100, else 60) files around a file, itself the first of them.

    They are at most `depth` (1 to 10) imports away; of files as far away those come first whose
    paths do. There are fewer where the imports between them are more than an answer holds.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file.
        DatabaseError: the database did not answer.
    """
    deepest = min(max(depth, 1), DEEPEST)
    most = DEFAULT_NODES if limit is None else min(max(limit, 1), MOST_NODES)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        file_no = number_of(statements, snapshot, path)
        found, cut = _found(statements, snapshot, file_no, direction, deepest)
        nearest = found[:most]
        kinds = _kinds(statements, snapshot, nearest)
    shown = _fitting(nearest, kinds)
    return _told(
        snapshot=snapshot,
        path=path,
        direction=direction,
        depth=deepest,
        truncated=cut or len(shown) < len(found),
        shown=shown,
        kinds=kinds,
    )


Kinds = Mapping[tuple[int, int], Sequence[DependencyKind]]


def _found(
    statements: Statements, snapshot: Snapshot, file_no: int, direction: Direction, depth: int
) -> tuple[list[_Found], bool]:
    """All that the walks reach, nearest first, and whether they had to stop before the end."""
    rows: dict[Side, list[Row]] = {}
    if direction is not Direction.DEPENDENTS:
        rows[Side.DEPENDENCIES] = reached(
            statements, snapshot, "files_it_needs", file_no=file_no, depth=depth
        )
    if direction is not Direction.DEPENDENCIES:
        rows[Side.DEPENDENTS] = reached(
            statements, snapshot, "files_that_need_it", file_no=file_no, depth=depth
        )
    found: dict[int, _Found] = {}
    for side, walk in rows.items():
        sign = -1 if side is Side.DEPENDENTS else 1
        for row in walk:
            number, layer = row["file_no"], sign * row["depth"]
            if number == file_no:
                found[number] = _Found(number, row["path"], 0, Side.SELF)
            elif number not in found:
                found[number] = _Found(number, row["path"], layer, side)
            else:
                nearest = min(found[number].layer, layer, key=lambda one: (abs(one), -one))
                found[number] = found[number]._replace(layer=nearest, side=Side.BOTH)
    cut = any(walk[0]["cut"] or len(walk) > MOST_FILES + 1 for walk in rows.values())
    return sorted(found.values(), key=lambda one: one.nearness), cut


def _kinds(statements: Statements, snapshot: Snapshot, shown: Sequence[_Found]) -> Kinds:
    rows = statements.fetch_all(
        "imports_between",
        snapshot_id=snapshot.snapshot_id,
        file_nos=[one.file_no for one in shown],
    )
    kinds: dict[tuple[int, int], list[DependencyKind]] = {}
    for row in rows:
        link = (row["file_no"], row["to_file_no"])
        kinds.setdefault(link, []).append(DependencyKind(row["kind"]))
    return kinds


def _fitting(nearest: Sequence[_Found], kinds: Kinds) -> Sequence[_Found]:
    places = {one.file_no: place for place, one in enumerate(nearest)}
    count = as_many_as_fit(
        [one.path for one in nearest],
        [one.layer for one in nearest],
        [(places[source], places[target]) for source, target in kinds],
    )
    return nearest[:count]


def _told(
    *,
    snapshot: Snapshot,
    path: str,
    direction: Direction,
    depth: int,
    truncated: bool,
    shown: Sequence[_Found],
    kinds: Kinds,
) -> Neighbourhood:
    paths = {one.file_no: one.path for one in shown}
    links = [link for link in kinds if paths.keys() >= set(link)]
    cycle_of = {
        number: place
        for place, component in enumerate(cyclic_components(followed_by(links)))
        for number in component
    }
    imports = [
        NeighbourImport(
            from_path=paths[source],
            to_path=paths[target],
            kinds=tuple(kinds[source, target]),
            in_cycle=source in cycle_of and cycle_of[source] == cycle_of.get(target),
        )
        for source, target in links
    ]
    return Neighbourhood(
        snapshot=snapshot,
        path=path,
        direction=direction,
        depth=depth,
        truncated=truncated,
        files=tuple(
            Neighbour(
                path=one.path, layer=one.layer, side=one.side, in_cycle=one.file_no in cycle_of
            )
            for one in shown
        ),
        imports=tuple(sorted(imports, key=lambda one: (one.from_path, one.to_path))),
    )
