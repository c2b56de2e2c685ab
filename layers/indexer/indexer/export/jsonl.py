"""An index as JSON lines, one object a line, for programs that compare or convert indexes.

Lines count from 1 and columns from 0 in UTF-16 code units; paths use `/`. A `symbol` line has path,
name, kind, line, end_line, exported, container; a `reference` line path, line, col, name, kind and,
where its definition is known, def_path and def_line, or `external` for a name of another package;
a `dependency` line path, line, specifier, kind, `to` (a path or null), `package` and `reason`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from indexer.database.connection import Row, Statements
from indexer.errors import Refused
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind
from indexer.resolution.rows import Resolution, Unresolved

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


def export_lines(statements: Statements, repository: str, ref: str | None) -> Iterator[str]:
    """The index of a repository (id, name or URL) and ref as JSON lines.

    Without a ref it is the default branch, or the newest that is indexed where none is known.

    `statements` should be one read-only transaction, so that all lines are of one snapshot.

    Raises:
        NotIndexed, RepositoryAmbiguous: before the first line.
    """
    found = statements.fetch_all("snapshot_to_export", repository=repository, ref=ref)
    if not found:
        raise NotIndexed
    if len(found) > 1:
        raise RepositoryAmbiguous
    return _lines(statements, found[0]["snapshot_id"])


def _lines(statements: Statements, snapshot_id: int) -> Iterator[str]:
    files = list(_pages(statements, "export_files", "file_no", snapshot_id))
    for file in files:
        yield _line(t="file", path=file["path"], failure=file["failure"])
    for row in _pages(statements, "export_symbols", "symbol_no", snapshot_id):
        yield _symbol(row)
    for file in files:
        place = {"snapshot_id": snapshot_id, "file_no": file["file_no"]}
        for row in statements.fetch_all("export_references_of_file", **place):
            yield _reference(file["path"], row)
        for row in statements.fetch_all("export_dependencies_of_file", **place):
            yield _dependency(file["path"], row)


def _pages(statements: Statements, query: str, number: str, snapshot_id: int) -> Iterator[Row]:
    after_no = -1
    while rows := statements.fetch_all(
        query, snapshot_id=snapshot_id, after_no=after_no, page_size=PAGE_SIZE
    ):
        yield from rows
        after_no = rows[-1][number]


def _symbol(row: Row) -> str:
    return _line(
        t="symbol",
        path=row["path"],
        name=row["name"],
        kind=SymbolKind(row["kind"]).name.lower(),
        line=row["line"],
        end_line=row["end_line"],
        exported=bool(row["flags"] & SymbolFlag.EXPORTED),
        container=row["container"],
    )


def _reference(path: str, row: Row) -> str:
    fields: dict[str, Any] = {
        "path": path,
        "line": row["line"],
        "col": row["col"],
        "name": row["name"],
        "kind": ReferenceKind(row["kind"]).name.lower(),
    }
    if row["def_path"] is not None:
        fields["def_path"] = row["def_path"]
        fields["def_line"] = row["def_line"]
    resolution = Resolution(row["resolution"])
    fields["resolution"] = resolution.name.lower()
    if resolution is Resolution.EXTERNAL:
        fields["external"] = True
    return _line(t="reference", **fields)


def _dependency(path: str, row: Row) -> str:
    reason = row["reason"]
    return _line(
        t="dependency",
        path=path,
        line=row["line"],
        specifier=row["specifier"],
        kind=DependencyKind(row["kind"]).name.lower(),
        to=row["to_path"],
        package=row["package"],
        reason=None if reason is None else Unresolved(reason).name.lower(),
    )


def _line(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
