"""A repository as the graph of its folders, with how much each imports from which."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypedDict
from uuid import UUID

from indexer.database.connection import Database
from indexer.drawing.layers import layers_of
from indexer.drawing.model import Edge, Graph, Node
from indexer.search.cycles import cyclic_components, followed_by
from indexer.search.fitting import as_many_as_fit
from indexer.search.import_cycles import MOST_LINKS
from indexer.search.repositories import Snapshot, snapshot_of

MOST_SHOWN: Final = 100
DEFAULT_SHOWN: Final = 30
MOST_FOLDERS: Final = 20_000
"""So many folders are looked at."""
DEEPEST: Final = 10
"""Folders within folders are told apart so deep."""
TOP: Final = "."
"""The folder of the files that lie in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder with how many files lie in it and in what is counted as it.

    `layer` is its column, from 0. `in_cycle`: imports lead from its files to those of other
    folders and back to its own.
    """

    path: str
    files: int
    layer: int
    in_cycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderImport:
    """Files of one folder import files of another one: so many pairs of files.

    `in_cycle`: imports lead from the imported folder back to the one that imports.
    """

    from_path: str
    to_path: str
    imports: int
    in_cycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The folders of a repository, told apart `depth` deep, and all imports between them.

    `truncated`: there are more folders, or more imports, than were looked at.
    """

    snapshot: Snapshot
    depth: int
    truncated: bool
    folders: tuple[Folder, ...]
    imports: tuple[FolderImport, ...]

    def graph(self) -> Graph:
        """The same to be drawn: what is imported stands to the right of what imports it."""
        return Graph(
            whole_names=True,
            nodes=tuple(
                Node(name=one.path, layer=one.layer, in_cycle=one.in_cycle) for one in self.folders
            ),
            edges=tuple(
                Edge(
                    source=one.from_path,
                    target=one.to_path,
                    note=f"{one.imports:,} {'import' if one.imports == 1 else 'imports'}",
                    weight=one.imports,
                    in_cycle=one.in_cycle,
                )
                for one in self.imports
            ),
        )


def of_repository(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    depth: int | None = None,
    limit: int | None = None,
) -> Overview:
    """The folders of a repository, as deep as at most `limit` (1 to 100, else 30) of them allow.

    They are told apart no deeper than `depth` (1 to 10). Where the uppermost folders alone are more
    than `limit`, those with most files are told.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        DatabaseError: the database did not answer.
    """
    most = DEFAULT_SHOWN if limit is None else min(max(limit, 1), MOST_SHOWN)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        rows = statements.fetch_all(
            "folders_of_snapshot", snapshot_id=snapshot.snapshot_id, most=MOST_FOLDERS
        )
        deepest = DEEPEST if depth is None else min(max(depth, 1), DEEPEST)
        homes = {row["folder"]: row["files"] for row in rows}
        told_apart, every = _collapsed(homes, deepest=deepest, most=most)
        largest = sorted(every, key=lambda folder: (-every[folder], folder))[:most]
        imports = statements.fetch_all(
            "imports_between_folders",
            snapshot_id=snapshot.snapshot_id,
            depth=told_apart,
            folders=largest,
            most=MOST_LINKS,
        )
    names = [folder or TOP for folder in largest]
    weights = {
        (row["from_folder"] or TOP, row["to_folder"] or TOP): row["imports"] for row in imports
    }
    layers = layers_of(names, weights, _cycles(names, weights))
    places = {name: place for place, name in enumerate(names)}
    fitting = as_many_as_fit(
        names,
        [layers[name] for name in names],
        [(places[source], places[target]) for source, target in weights],
    )
    cut = len(rows) == MOST_FOLDERS or any(row["cut"] for row in imports[:1])
    shown = {name: layers[name] for name in names[:fitting]}
    return Overview(
        snapshot=snapshot,
        depth=told_apart,
        truncated=cut or len(every) > len(shown),
        **_told(shown, {name: every["" if name == TOP else name] for name in shown}, weights),
    )


class _Told(TypedDict):
    folders: tuple[Folder, ...]
    imports: tuple[FolderImport, ...]


def _collapsed(
    folders: Mapping[str, int], *, deepest: int, most: int
) -> tuple[int, dict[str, int]]:
    """How deep at most so many folders are told apart, and these with their files; 1 at least."""
    chosen = 1, _at_depth(folders, 1)
    for depth in range(2, deepest + 1):
        deeper = _at_depth(folders, depth)
        if len(deeper) > most:
            break
        if len(deeper) > len(chosen[1]):
            chosen = depth, deeper
    return chosen


def _at_depth(folders: Mapping[str, int], depth: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for folder, files in folders.items():
        ancestor = "/".join(folder.split("/")[:depth])
        counts[ancestor] = counts.get(ancestor, 0) + files
    return counts


def _told(
    layers: Mapping[str, int], files: Mapping[str, int], weights: Mapping[tuple[str, str], int]
) -> _Told:
    links = sorted(link for link in weights if layers.keys() >= set(link))
    cycles = _cycles(layers, links)
    return _Told(
        folders=tuple(
            Folder(path=name, files=files[name], layer=layers[name], in_cycle=name in cycles)
            for name in sorted(layers)
        ),
        imports=tuple(
            FolderImport(
                from_path=source,
                to_path=target,
                imports=weights[source, target],
                in_cycle=source in cycles and cycles[source] == cycles.get(target),
            )
            for source, target in links
        ),
    )


def _cycles(names: Collection[str], links: Collection[tuple[str, str]]) -> dict[str, int]:
    """For each folder on a cycle a number that the folders of its cycle share."""
    numbers = {name: number for number, name in enumerate(names)}
    known = list(names)
    components = cyclic_components(
        followed_by((numbers[source], numbers[target]) for source, target in links)
    )
    return {
        known[number]: place for place, component in enumerate(components) for number in component
    }
