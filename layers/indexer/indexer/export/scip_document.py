"""One file of an index as a document of SCIP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from indexer.database.connection import Row
from indexer.export import protobuf, scip_symbols
from indexer.export.scip_externals import Externals
from indexer.export.scip_symbols import FileSymbols, SymbolNames
from indexer.export.snapshots import Account
from indexer.export.text_lines import TextLines
from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind

_PATH, _OCCURRENCES, _SYMBOLS, _LANGUAGE, _TEXT, _POSITION_ENCODING = 1, 2, 3, 4, 5, 6
_RANGE, _OCCURRENCE_SYMBOL, _ROLES, _ENCLOSING_RANGE = 1, 2, 3, 7
_SYMBOL, _DOCUMENTATION, _RELATIONSHIPS, _KIND, _DISPLAY_NAME, _SIGNATURE, _ENCLOSING = (
    *(1, 3, 4, 5, 6, 7, 8),
)
_RELATED, _IS_REFERENCE, _IS_IMPLEMENTATION = 1, 2, 3
_UTF16: Final = 2
_DEFINITION, _IMPORT, _WRITE, _READ = 1, 2, 4, 8
_FILE_KIND: Final = 16
_LAST_COLUMN: Final = 32_767

LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys((".ts", ".mts", ".cts"), "TypeScript"),
    **dict.fromkeys((".js", ".mjs", ".cjs"), "JavaScript"),
    ".tsx": "TypeScriptReact",
    ".jsx": "JavaScriptReact",
}
"""What the language of a file is called, by its ending."""

_KINDS: Final[Mapping[int, int]] = {
    SymbolKind.FUNCTION: 17,
    SymbolKind.CLASS: 7,
    SymbolKind.INTERFACE: 21,
    SymbolKind.TYPE: 55,
    SymbolKind.ENUM: 11,
    SymbolKind.ENUM_MEMBER: 12,
    SymbolKind.VARIABLE: 61,
    SymbolKind.CONSTANT: 8,
    SymbolKind.METHOD: 26,
    SymbolKind.PROPERTY: 41,
    SymbolKind.GETTER: 18,
    SymbolKind.SETTER: 45,
    SymbolKind.CONSTRUCTOR: 9,
    SymbolKind.NAMESPACE: 30,
    SymbolKind.MODULE: 29,
}
_USES: Final[Mapping[int, int]] = {
    ReferenceKind.IMPORT: _IMPORT,
    ReferenceKind.WRITE: _WRITE,
    **dict.fromkeys(
        (
            ReferenceKind.READ,
            ReferenceKind.CALL,
            ReferenceKind.NEW,
            ReferenceKind.EXTENDS,
            ReferenceKind.JSX,
            ReferenceKind.DECORATOR,
        ),
        _READ,
    ),
}
_HERITAGE = (ReferenceKind.EXTENDS, ReferenceKind.IMPLEMENTS)
_HEIRS = (SymbolKind.CLASS, SymbolKind.INTERFACE)


class _Range(NamedTuple):
    line: int
    column: int
    end_line: int
    end_column: int

    def encoded(self) -> tuple[int, ...]:
        if self.line == self.end_line:
            return (self.line, self.column, self.end_column)
        return self

    def holds(self, other: _Range) -> bool:
        return self[:2] <= other[:2] and other[2:] <= self[2:]


@dataclass(slots=True)
class _Occurrence:
    roles: int = 0
    enclosing: _Range | None = None


class _Base(NamedTuple):
    """What a class or interface extends or implements; its number if it is of the repository."""

    symbol: str
    symbol_no: int | None
    file: FileSymbols | None


def information(
    symbol: str,
    *,
    shown: str,
    kind: int = 0,
    documentation: str | None = None,
    signature: bytes = b"",
    relationships: Iterable[bytes] = (),
    enclosing: str | None = None,
) -> bytes:
    """What is known of a symbol, as a `SymbolInformation`."""
    return b"".join(
        (
            protobuf.text(_SYMBOL, symbol),
            protobuf.text(_DOCUMENTATION, documentation),
            *(protobuf.message(_RELATIONSHIPS, one) for one in relationships),
            protobuf.number(_KIND, kind),
            protobuf.text(_DISPLAY_NAME, shown),
            protobuf.message(_SIGNATURE, signature) if signature else b"",
            protobuf.text(_ENCLOSING, enclosing),
        )
    )


@dataclass(kw_only=True)
class Document:
    """A file with its rows, each list in its order. `snapshot` names the symbols of other files."""

    path: str
    file_no: int
    language: str
    lines: TextLines
    symbols: list[Row]
    references: list[Row]
    dependencies: list[Row]
    snapshot: SymbolNames
    external_symbols: dict[str, str] = field(default_factory=dict)
    """The symbols of other packages that it uses, with their names; known once it is encoded."""

    def __post_init__(self) -> None:
        self._file = scip_symbols.of_file(self.snapshot.beginning, self.path)
        self._own = FileSymbols.of(self._file, self.symbols)
        self._local = scip_symbols.local_symbols(self.symbols)
        self._externals = Externals(self.lines, self.references, self.dependencies)
        self._occurrences: dict[tuple[_Range, str], _Occurrence] = defaultdict(_Occurrence)
        self._informations: list[bytes] = []
        self._locals: dict[tuple[int, str], str] = {}
        self._bases: dict[int, list[_Base]] = defaultdict(list)
        self._rows = {row["symbol_no"]: row for row in self.symbols}

    def add_lines(self, lines: Iterable[int]) -> None:
        """Define the lines that other files lead to though no symbol is declared there."""
        for line in lines:
            symbol = scip_symbols.of_line(self._file, line)
            text = self.lines.line(line)
            start = len(text) - len(text.lstrip())
            place = _Range(line - 1, start, line - 1, max(start, self.lines.length(line)))
            self._occurrences[place, symbol].roles |= _DEFINITION
            self._informations.append(information(symbol, shown=f"line {line}"))

    def encoded(self, account: Account) -> bytes:
        """The document. Counts in `account` what stands in it, and what was left out."""
        self._occurrences[_Range(0, 0, 0, 0), self._file].roles |= _DEFINITION
        name = self.path.rpartition("/")[2]
        self._informations.append(information(self._file, shown=name, kind=_FILE_KIND))
        for row in self.references:
            self._refer(row, account)
        self._define_locals()
        for row in self.symbols:
            self._define(row, account)
        return b"".join(
            (
                protobuf.text(_PATH, self.path),
                *(protobuf.message(_OCCURRENCES, one) for one in self._written()),
                *(protobuf.message(_SYMBOLS, one) for one in self._informations),
                protobuf.text(_LANGUAGE, self.language),
                protobuf.number(_POSITION_ENCODING, _UTF16),
            )
        )

    def _written(self) -> Iterator[bytes]:
        for (place, symbol), one in sorted(self._occurrences.items(), key=lambda item: item[0]):
            yield b"".join(
                (
                    protobuf.numbers(_RANGE, place.encoded()),
                    protobuf.text(_OCCURRENCE_SYMBOL, symbol),
                    protobuf.number(_ROLES, one.roles),
                    protobuf.numbers(_ENCLOSING_RANGE, one.enclosing.encoded())
                    if one.enclosing
                    else b"",
                )
            )

    def _define(self, row: Row, account: Account) -> None:
        symbol = self._named(row["symbol_no"])
        account.written["symbols"] += 1
        place = self._place(row)
        if place is None:
            account.left_out["places beyond column 32,767"] += 1
        else:
            occurrence = self._occurrences[place, symbol]
            occurrence.roles |= _DEFINITION
            whole = _Range(
                row["start_line"] - 1, row["start_col"], row["end_line"] - 1, row["end_col"]
            )
            if whole.holds(place) and _LAST_COLUMN not in {whole.column, whole.end_column}:
                occurrence.enclosing = whole
        container = row["container_no"]
        self._informations.append(
            information(
                symbol,
                shown=row["name"],
                kind=_KINDS[row["kind"]],
                documentation=row["documentation"],
                signature=self._signature(row["signature"]),
                relationships=self._relationships(row),
                enclosing=self._named(container)
                if container is not None and row["symbol_no"] in self._local
                else None,
            )
        )

    def _signature(self, signature: str | None) -> bytes:
        if not signature:
            return b""
        return protobuf.text(_LANGUAGE, self.language) + protobuf.text(_TEXT, signature)

    def _relationships(self, row: Row) -> Iterator[bytes]:
        """What a class or interface is made of, and what its members stand for in that."""
        number, container = row["symbol_no"], row["container_no"]
        found = {base.symbol: False for base in self._bases.get(number, ())}
        hidden = row["flags"] & SymbolFlag.PRIVATE or row["name"].startswith("#")
        if row["kind"] != SymbolKind.CONSTRUCTOR and not hidden:
            static = bool(row["flags"] & SymbolFlag.STATIC)
            for base in self._bases.get(container, ()):
                if base.symbol_no is None:
                    continue
                members = (base.file or self._own).members
                member = members.get((base.symbol_no, row["name"], static))
                if member is not None:
                    found[base.file.names[member] if base.file else self._named(member)] = True
        for symbol, is_member in found.items():
            if symbol != self._named(number):
                yield (
                    protobuf.text(_RELATED, symbol)
                    + protobuf.number(_IS_REFERENCE, int(is_member))
                    + protobuf.number(_IS_IMPLEMENTATION, 1)
                )

    def _refer(self, row: Row, account: Account) -> None:
        if self._exports_its_line(row):
            return
        symbol = self._meant(row)
        if symbol is None:
            account.left_out["references that lead nowhere known"] += 1
            return
        enclosing = self._rows.get(row["enclosing_no"])
        if row["kind"] in _HERITAGE and enclosing is not None and enclosing["kind"] in _HEIRS:
            elsewhere = row["symbol_file_no"] not in {None, self.file_no}
            file = self._other(row) if elsewhere else None
            self._bases[row["enclosing_no"]].append(_Base(symbol, row["symbol_no"], file))
        place = self._place(row)
        if place is None:
            account.left_out["places beyond column 32,767"] += 1
            return
        account.written["references"] += 1
        self._occurrences[place, symbol].roles |= _USES.get(row["kind"], 0)

    def _exports_its_line(self, row: Row) -> bool:
        """Whether this is `exports` in `module.exports = …`, which has nothing else to lead to."""
        here = row["target_file_no"] == self.file_no and row["target_line"] == row["line"]
        return bool(row["kind"] == ReferenceKind.EXPORT and here)

    def _meant(self, row: Row) -> str | None:
        if row["symbol_no"] is not None:
            if row["symbol_file_no"] == self.file_no:
                return self._named(row["symbol_no"])
            return self._other(row).names[row["symbol_no"]]
        if row["target_file_no"] is None:
            external = self._externals.found(row)
            if external is None:
                return None
            self.external_symbols[external.symbol] = external.shown
            return external.symbol
        if row["target_file_no"] == self.file_no:
            number = len(self.symbols) + len(self._locals)
            return self._locals.setdefault((row["target_line"], row["name"]), f"local {number}")
        file = scip_symbols.of_file(self.snapshot.beginning, row["def_path"])
        return file if row["target_line"] <= 1 else scip_symbols.of_line(file, row["target_line"])

    def _define_locals(self) -> None:
        # The index has only the line of a local. Where its name stands there once, and is no use of
        # anything and no symbol, that is where it is declared.
        taken = {(row["line"], row["col"]) for row in (*self.symbols, *self.references)}
        for (line, name), symbol in self._locals.items():
            free = [one for one in self.lines.words(line, name) if (line, one) not in taken]
            if len(free) == 1:
                end = free[0] + self.lines.end_of_name(line, free[0], name) - free[0]
                place = _Range(line - 1, free[0], line - 1, end)
                self._occurrences[place, symbol].roles |= _DEFINITION
            self._informations.append(information(symbol, shown=name))

    def _place(self, row: Row) -> _Range | None:
        line, column = row["line"], row["col"]
        if column >= _LAST_COLUMN:
            return None
        end = self.lines.end_of_name(line, column, row["name"])
        return _Range(line - 1, column, line - 1, end)

    def _named(self, number: int) -> str:
        if number in self._local:
            return f"local {number - self.symbols[0]['symbol_no']}"
        return self._own.names[number]

    def _other(self, row: Row) -> FileSymbols:
        return self.snapshot.of_file(row["symbol_file_no"], row["def_path"])
