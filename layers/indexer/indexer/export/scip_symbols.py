"""What symbols are called in SCIP.

The grammar of a symbol stands in SCIP's schema; which descriptor a declaration gets is that of
scip-typescript: folders and the file as namespaces, then what the declaration stands in. Where a
name stands several times in one place, each is a symbol of its own: the later ones are numbered, by
the disambiguator that methods have, or else by a meta descriptor before the name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from indexer.database.connection import Row, Statements
from indexer.parsing.facts import SymbolFlag, SymbolKind

_SIMPLE = re.compile(r"[A-Za-z0-9_+$-]+")
_TYPES: Final = frozenset(
    {SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.TYPE, SymbolKind.ENUM}
)
_NAMESPACES: Final = frozenset({SymbolKind.NAMESPACE, SymbolKind.MODULE})
_CALLED: Final = {
    SymbolKind.FUNCTION: "{}",
    SymbolKind.METHOD: "{}",
    SymbolKind.CONSTRUCTOR: "<{}>",
    SymbolKind.GETTER: "<get>{}",
    SymbolKind.SETTER: "<set>{}",
}
# Members stay reachable from outside of what they stand in; of the rest, what stands in one of
# `_CALLED` is seen there alone.
_MEMBERS: Final = frozenset(
    {
        SymbolKind.METHOD,
        SymbolKind.PROPERTY,
        SymbolKind.GETTER,
        SymbolKind.SETTER,
        SymbolKind.CONSTRUCTOR,
        SymbolKind.ENUM_MEMBER,
    }
)
# What stands deeper counts as standing there: names that repeat all around them would make a file
# of nested objects grow by the square.
_DEEPEST: Final = 64
_KEPT_SYMBOLS: Final = 50_000
_SCHEME: Final = "scip-typescript"


def name(written: str) -> str:
    """A name as a descriptor has it: in backticks unless it is plain ASCII; never empty."""
    if _SIMPLE.fullmatch(written):
        return written
    return "`" + (written or " ").replace("`", "``") + "`"


def package(manager: str, called: str, version: str) -> str:
    """The beginning of the symbols of a package; what is empty is not known."""
    parts = (part.replace(" ", "  ") or "." for part in (manager, called, version))
    return " ".join((_SCHEME, *parts, ""))


def of_file(beginning: str, path: str) -> str:
    """The symbol of a file itself, with which those of its declarations begin."""
    return beginning + "".join(name(part) + "/" for part in path.split("/"))


def of_line(file: str, line: int) -> str:
    """The symbol of a line that is used though no symbol is declared on it."""
    return f"{file}L{line}:"


def of_runtime(called: str) -> str:
    """The symbol of a global that no file declares."""
    return package("", "", "") + name(called) + "."


def of_module(called: str, specifier: str, *, builtin: bool) -> str:
    """The symbol of a module of another package, or of one that comes with Node."""
    beginning = package("", "node", "") if builtin else package("npm", called, "")
    return beginning + name(called if builtin else specifier) + "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSymbols:
    """The symbols of one file.

    `names`: by number, under what other files know them. `members`: of what stands in something
    else, the numbers by container, name and whether they are static.
    """

    names: Mapping[int, str]
    members: Mapping[tuple[int, str, bool], int]

    @classmethod
    def of(cls, file: str, rows: Iterable[Row]) -> FileSymbols:
        """Name the symbols of a file, which are in source order."""
        names: dict[int, str] = {}
        around: dict[int, tuple[str, int]] = {}
        members: dict[tuple[int, str, bool], int] = {}
        seen: Counter[str] = Counter()
        for row in rows:
            number, container = row["symbol_no"], row["container_no"]
            before, depth = around.get(container, (file, 0))
            plain = before + _descriptor(row["name"], row["kind"], 0)
            nth = seen[plain]
            seen[plain] += 1
            names[number] = before + _descriptor(row["name"], row["kind"], nth) if nth else plain
            around[number] = (names[number], depth + 1) if depth < _DEEPEST else (before, depth)
            if container is not None:
                static = bool(row["flags"] & SymbolFlag.STATIC)
                members.setdefault((container, row["name"], static), number)
        return cls(names=names, members=members)


def _descriptor(written: str, kind: int, nth: int) -> str:
    if kind in _CALLED:
        return f"{name(_CALLED[SymbolKind(kind)].format(written))}({f'+{nth}' if nth else ''})."
    suffix = "#" if kind in _TYPES else "/" if kind in _NAMESPACES else "."
    return f"{f'+{nth}:' if nth else ''}{name(written)}{suffix}"


def local_symbols(rows: Iterable[Row]) -> set[int]:
    """Which of a file's symbols only that file sees: declared in a function, used nowhere else."""
    kinds: dict[int, int] = {}
    inside: set[int] = set()
    local: set[int] = set()
    for row in rows:
        number, container = row["symbol_no"], row["container_no"]
        kinds[number] = row["kind"]
        if container is None:
            continue
        if container in inside or (kinds.get(container) in _CALLED and row["kind"] not in _MEMBERS):
            inside.add(number)
            if not row["used_elsewhere"] and not row["flags"] & SymbolFlag.EXPORTED:
                local.add(number)
    return local


@dataclass(slots=True, kw_only=True)
class SymbolNames:
    """The names of the symbols of a snapshot, of a bounded number of files at a time.

    Raises whatever the database raises.
    """

    statements: Statements
    snapshot_id: int
    beginning: str
    _files: dict[int, FileSymbols] = field(default_factory=dict)
    _kept: int = 0

    def of_file(self, file_no: int, path: str) -> FileSymbols:
        """The symbols of a file."""
        found = self._files.pop(file_no, None)
        if found is None:
            rows = self.statements.fetch_all(
                "export_symbol_names_of_file", snapshot_id=self.snapshot_id, file_no=file_no
            )
            found = FileSymbols.of(of_file(self.beginning, path), rows)
            self._kept += len(found.names)
        # What was asked for last stands last, and the first go.
        self._files[file_no] = found
        while self._kept > _KEPT_SYMBOLS and len(self._files) > 1:
            oldest = next(iter(self._files))
            self._kept -= len(self._files.pop(oldest).names)
        return found
