"""Programs that say in comments where their members lead, and the chain that answers.

A case is one text. It is a file of the case's own name, up to a line `// @file: PATH`, with which
the file of that path begins. Each file keeps the line numbers of the whole text, so that a line
number in an assertion is the one that an editor shows, and tells the file as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.resolution.commits import Commit
from tests.support.carets import Assertion, assertions_of, pointing_at_nothing

from indexer.parsing.languages import grammars_for
from indexer.parsing.parser import parse_file
from indexer.resolution.link import Linker
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.resolution.rows import ReferenceRow, SymbolRow

_FILE = re.compile(r"// @file: (\S+)")
_SURE = {"leads to": Resolution.EXACT, "heuristic": Resolution.HEURISTIC}
_REASONS = {
    "external": Resolution.EXTERNAL,
    "unknown": Resolution.UNKNOWN_RECEIVER,
    "unresolved module": Resolution.UNRESOLVED_MODULE,
}
_MARKERS = ("gap: ", "wrong: ")


class CaseRefused(Exception):
    """The case asserts nothing, or something that can never hold."""


def files_of(name: str, text: str) -> dict[str, str]:
    """The files of a case by path, each with the line numbers of the case."""
    files: dict[str, str] = {}
    path = name
    for number, line in enumerate(text.splitlines(keepends=True)):
        begins = _FILE.fullmatch(line.strip())
        if begins:
            path = begins[1]
            if path in files:
                raise CaseRefused(f"{path} begins twice")
            files[path] = "\n" * (number + 1)
        else:
            files[path] = files.get(path, "\n" * number) + line
    return files


def linked(files: Iterable[tuple[str, str]]) -> Linker:
    """The index of a commit of these files, in the order given, made as the worker makes it."""
    texts = dict(files)
    facts = [
        (path, parse_file(text.encode(), path))
        for path, text in texts.items()
        if grammars_for(path)
    ]
    return Linker(facts, Commit(texts).resolver)


class Destination(NamedTuple):
    """Where an assertion says that a use leads: to one of some symbols, or else to a line."""

    symbols: frozenset[int]
    line: int


class Program:
    """A linked case."""

    def __init__(self, name: str, text: str) -> None:
        self.files = files_of(name, text)
        self._lines = ["", *text.splitlines()]
        linker = linked(self.files.items())
        self._symbols = list(linker.symbols())
        self._uses: dict[tuple[int, int], list[ReferenceRow]] = {}
        for row in linker.references():
            self._uses.setdefault((row.line, row.column), []).append(row)

    def uses(self, one: Assertion) -> list[ReferenceRow]:
        """The references at the place of an assertion."""
        return self._uses.get((one.line, one.column), [])

    def qualified(self, symbol: SymbolRow) -> str:
        """The name of a symbol after those of all its containers."""
        if symbol.container_no is None:
            return symbol.name
        return f"{self.qualified(self._symbols[symbol.container_no])}.{symbol.name}"

    def destination(self, written: str) -> Destination:
        """What `[CONTAINER.]NAME[@LINE]` names, or `local NAME@LINE`, which is no symbol.

        Raises:
            CaseRefused: it names nothing, or several declarations that are not one.
        """
        name, _, line = written.partition("@")
        is_local = name.startswith("local ")
        name = name.removeprefix("local ")
        found = [
            one
            for one in self._symbols
            if not is_local
            and f".{self.qualified(one)}".endswith(f".{name}")
            and line in {"", str(one.line)}
        ]
        if len({(self.qualified(one), one.container_no) for one in found}) > 1:
            raise CaseRefused(f"{written} names several declarations")
        if found:
            return Destination(frozenset(one.symbol_no for one in found), 0)
        if not line or not re.search(
            rf"(?<![\w$]){re.escape(name)}(?![\w$])", self._lines[int(line)]
        ):
            raise CaseRefused(f"{written} names no declaration")
        return Destination(frozenset(), int(line))

    def said(self, row: ReferenceRow) -> str:
        """The answer in the words of an assertion."""
        for words, reason in _REASONS.items():
            if row.resolution == reason:
                return words
        for words, resolution in _SURE.items():
            if row.resolution == resolution and row.symbol_no is not None:
                symbol = self._symbols[row.symbol_no]
                return f"{words} {self.qualified(symbol)}@{symbol.line}"
            if row.resolution == resolution:
                return f"{words} {row.name}@{row.target_line}"
        return Resolution(row.resolution).name.lower()

    def holds(self, row: ReferenceRow, wanted: str) -> bool:
        """Whether a use leads where `wanted` says, as surely as it says.

        Raises:
            CaseRefused: it says nothing that can be true.
        """
        if wanted in _REASONS:
            return row.resolution == _REASONS[wanted]
        for words, resolution in _SURE.items():
            if wanted.startswith(f"{words} "):
                ends = [
                    self.destination(one) for one in wanted.removeprefix(f"{words} ").split(" or ")
                ]
                return row.resolution == resolution and any(_ends(row, one) for one in ends)
        raise CaseRefused(f"`{wanted}` says nothing of a use")

    def failure(self, one: Assertion) -> str | None:
        """Why an assertion does not hold; None: it does.

        Raises:
            CaseRefused: it can never hold.
        """
        rows = self.uses(one)
        if not rows:
            raise CaseRefused(f"line {one.at}: no use of a name stands there")
        marker = marker_of(one)
        wanted = one.text.removeprefix(marker)
        answers = [self.said(row) for row in rows]
        holds = all(self.holds(row, wanted) for row in rows)
        if not marker:
            return None if holds else f"it says {answers}"
        if holds:
            return "the gap is closed: take the marker away"
        leads_astray = any(row.resolution != Resolution.UNKNOWN_RECEIVER for row in rows)
        if leads_astray != (marker == "wrong: "):
            return f"that is the other kind of gap: it says {answers}"
        return None


def marker_of(one: Assertion) -> str:
    """`gap: ` before what should be said and is not, `wrong: ` where something else is said."""
    return next((marker for marker in _MARKERS if one.text.startswith(marker)), "")


def checked_assertions(text: str) -> list[Assertion]:
    """The assertions of a case.

    Raises:
        CaseRefused: there are none, or one points at nothing.
    """
    assertions = assertions_of(text)
    if not assertions:
        raise CaseRefused("it asserts nothing")
    astray = pointing_at_nothing(text, assertions)
    if astray:
        raise CaseRefused(f"line {astray[0].at} points at nothing")
    return assertions


def _ends(row: ReferenceRow, there: Destination) -> bool:
    if there.symbols:
        return row.symbol_no in there.symbols
    return row.symbol_no is None and row.target_line == there.line
