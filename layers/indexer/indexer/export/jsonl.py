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
from indexer.export.snapshots import Account, files, pages, snapshot_to_export
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind
from indexer.resolution.rows import Resolution, Unresolved


def export_lines(
    statements: Statements, repository: str, ref: str | None, *, account: Account | None = None
) -> Iterator[str]:
    """The index of a repository and ref, chosen by `snapshot_to_export`, as JSON lines.

    Raises:
        NotIndexed, RepositoryAmbiguous: before the first line.
    """
    snapshot = snapshot_to_export(statements, repository, ref)
    return _counted(_lines(statements, snapshot["snapshot_id"]), account or Account())


def _counted(lines: Iterator[str], account: Account) -> Iterator[str]:
    for line in lines:
        account.written["lines"] += 1
        yield line


def _lines(statements: Statements, snapshot_id: int) -> Iterator[str]:
    every = list(files(statements, snapshot_id))
    for file in every:
        yield _line(t="file", path=file["path"], failure=file["failure"])
    for row in pages(
        statements,
        "export_symbols",
        snapshot_id,
        keys={"after_no": "symbol_no"},
        first={"after_no": -1},
    ):
        yield _symbol(row)
    for file in every:
        place = {"snapshot_id": snapshot_id, "file_no": file["file_no"]}
        for row in statements.fetch_all("export_references_of_file", **place):
            yield _reference(file["path"], row)
        for row in statements.fetch_all("export_dependencies_of_file", **place):
            yield _dependency(file["path"], row)


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
