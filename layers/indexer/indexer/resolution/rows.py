"""The joined index of one commit, as it is stored: narrow rows that point at each other by number.

`file_no` counts the files of the snapshot from 0 in path order, `symbol_no` its symbols from 0 in
file and source order, so the same commit always gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple


class Resolution(IntEnum):
    """How sure a reference's definition is, or why there is none. The numbers are stored."""

    EXACT = 1
    HEURISTIC = 2
    EXTERNAL = 3
    UNDECLARED = 4
    UNKNOWN_RECEIVER = 5
    UNRESOLVED_MODULE = 6
    NOT_EXPORTED = 7
    AMBIGUOUS = 8
    NOT_CODE = 9


class Unresolved(IntEnum):
    """Why a module specifier leads to no file of the repository. The numbers are stored."""

    EXTERNAL_PACKAGE = 1
    BUILTIN = 2
    FILE_NOT_FOUND = 3
    ALIAS_TARGET_MISSING = 4
    WORKSPACE_ENTRY_MISSING = 5
    NOT_CODE = 6
    NOT_STATIC = 7
    OUTSIDE_REPOSITORY = 8
    MALFORMED = 9
    NOT_INDEXED = 10


_OF_NAMES: Final[Mapping[int | None, Resolution]] = {
    None: Resolution.EXACT,
    Unresolved.EXTERNAL_PACKAGE: Resolution.EXTERNAL,
    Unresolved.BUILTIN: Resolution.EXTERNAL,
    Unresolved.NOT_CODE: Resolution.NOT_CODE,
}


def names_of_module(reason: int | None) -> Resolution:
    """What is said of the names that a module was to give which leads to no file for `reason`.

    None: it leads to one.
    """
    return _OF_NAMES.get(reason, Resolution.UNRESOLVED_MODULE)


class SymbolRow(NamedTuple):
    """A `SymbolFact` with its place in the snapshot. `uses`: how many references lead to it."""

    symbol_no: int
    file_no: int
    container_no: int | None
    kind: int
    flags: int
    name: str
    line: int
    column: int
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    signature: str | None
    documentation: str | None
    uses: int = 0


class ReferenceRow(NamedTuple):
    """A use and what it leads to.

    To a symbol: `symbol_no`. To a declaration that is no symbol (a parameter, a local): only
    `target_file_no` and `target_line`. To a whole module: `target_file_no` and line 1. To something
    of a package that is not in this repository: `imported_no`, where it is known what that is.
    """

    file_no: int
    line: int
    column: int
    kind: int
    name: str
    enclosing_no: int | None
    resolution: int
    symbol_no: int | None
    target_file_no: int | None
    target_line: int | None
    imported_no: int | None = None


class ImportedNameRow(NamedTuple):
    """What uses of the snapshot mean of a package that is in another repository, if anywhere."""

    imported_no: int
    package: str
    subpath: str
    name: str


class PackageEntryRow(NamedTuple):
    """A module that a package of the snapshot offers, and the file that it is made of."""

    entry_no: int
    package: str
    subpath: str
    file_no: int


class PackageExportRow(NamedTuple):
    """A name that such a module exports, and what it means.

    A symbol, or else a line of a file. A name that means several things has several rows.
    """

    entry_no: int
    name: str
    symbol_no: int | None
    file_no: int
    line: int


class DependencyRow(NamedTuple):
    """One request for a module: exactly one of `to_file_no` and `reason` is set."""

    file_no: int
    line: int
    column: int
    kind: int
    specifier: str
    to_file_no: int | None
    package: str | None
    reason: int | None
