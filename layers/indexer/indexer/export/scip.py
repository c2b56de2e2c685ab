"""An index in SCIP, the format of Sourcegraph's code intelligence.

The numbers of fields and enums are those of the published schema, `scip.proto`. It is written one
document at a time: the largest file is what it takes memory for. Every symbol of the index has one
definition, and every reference that leads somewhere one occurrence; uses of parameters and plain
locals are `local` symbols, told apart by line and name, as the index has no more of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import PurePosixPath
from typing import Final

from indexer import __version__
from indexer.database.connection import Row, Statements
from indexer.export import protobuf, scip_symbols
from indexer.export.scip_document import LANGUAGES, Document, information
from indexer.export.scip_symbols import SymbolNames
from indexer.export.snapshots import Account, files, pages, snapshot_to_export
from indexer.export.text_lines import TextLines

_METADATA, _DOCUMENTS, _EXTERNAL_SYMBOLS = 1, 2, 3
_TOOL_INFO, _PROJECT_ROOT, _TEXT_ENCODING = 2, 3, 4
_TOOL_NAME, _TOOL_VERSION = 1, 2
_UTF8: Final = 1


def export_scip(
    statements: Statements, repository: str, ref: str | None, *, account: Account
) -> Iterator[bytes]:
    """The index of a repository and ref, chosen by `snapshot_to_export`, as parts of a SCIP index.

    Written one after the other they are one `Index` message. What was written and what was left out
    is counted in `account`.

    Raises:
        NotIndexed, RepositoryAmbiguous: before the first part.
    """
    return _index(statements, snapshot_to_export(statements, repository, ref), account)


def _index(statements: Statements, snapshot: Row, account: Account) -> Iterator[bytes]:
    yield protobuf.message(_METADATA, _metadata(snapshot))
    snapshot_id = snapshot["snapshot_id"]
    beginning = scip_symbols.package("npm", snapshot["full_name"], snapshot["commit_sha"])
    names = SymbolNames(statements=statements, snapshot_id=snapshot_id, beginning=beginning)
    lines_without_symbol = _LinesWithoutSymbol(statements, snapshot_id)
    # A set that lies on disk: how many names there are outside does not count in memory.
    with closing(sqlite3.connect("", isolation_level=None)) as disk:
        disk.execute("PRAGMA journal_mode = OFF")
        disk.execute("CREATE TABLE written (symbol TEXT PRIMARY KEY) WITHOUT ROWID")
        for file in files(statements, snapshot_id):
            document = _document(statements, snapshot_id, names, file)
            document.add_lines(lines_without_symbol.of_file(file["file_no"]))
            yield protobuf.message(_DOCUMENTS, document.encoded(account))
            account.written["documents"] += 1
            for symbol, shown in document.external_symbols.items():
                if disk.execute("INSERT OR IGNORE INTO written VALUES (?)", (symbol,)).rowcount:
                    found = information(symbol, shown=shown)
                    yield protobuf.message(_EXTERNAL_SYMBOLS, found)


def _metadata(snapshot: Row) -> bytes:
    url = snapshot["clone_url"]
    tool = protobuf.text(_TOOL_NAME, "kotadb") + protobuf.text(_TOOL_VERSION, __version__)
    return (
        protobuf.message(_TOOL_INFO, tool)
        + protobuf.text(_PROJECT_ROOT, PurePosixPath(url).as_uri() if url[:1] == "/" else url)
        + protobuf.number(_TEXT_ENCODING, _UTF8)
    )


def _document(statements: Statements, snapshot_id: int, names: SymbolNames, file: Row) -> Document:
    place = {"snapshot_id": snapshot_id, "file_no": file["file_no"]}
    text = statements.fetch_one("export_text_of_file", **place)
    return Document(
        path=file["path"],
        file_no=file["file_no"],
        language=LANGUAGES.get(PurePosixPath(file["path"]).suffix, ""),
        lines=TextLines("" if text is None else text["content"]),
        symbols=statements.fetch_all("export_symbols_of_file", **place),
        references=statements.fetch_all("export_references_of_file", **place),
        dependencies=statements.fetch_all("export_dependencies_of_file", **place),
        snapshot=names,
    )


class _LinesWithoutSymbol:
    """The lines that other files lead to, for files that are asked for in their order."""

    def __init__(self, statements: Statements, snapshot_id: int) -> None:
        rows = pages(
            statements,
            "export_lines_without_symbol",
            snapshot_id,
            keys={"after_file_no": "file_no", "after_line": "line"},
            first={"after_file_no": -1, "after_line": -1},
        )
        self._files = groupby(rows, key=lambda row: int(row["file_no"]))
        self._next = self._read()

    def of_file(self, file_no: int) -> list[int]:
        """The lines of that file, in their order."""
        while self._next is not None and self._next[0] < file_no:
            self._next = self._read()
        if self._next is None or self._next[0] != file_no:
            return []
        return self._next[1]

    def _read(self) -> tuple[int, list[int]] | None:
        for file_no, rows in self._files:
            return file_no, [row["line"] for row in rows]
        return None
