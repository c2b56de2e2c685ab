"""Which package a name of a file comes from.

An index says that a use leads out of the repository, and which packages the file asks for; the
import between them is read in the file's text. What cannot be told belongs to no package.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from indexer.database.connection import Row
from indexer.export.scip_symbols import name, of_module, of_runtime
from indexer.export.text_lines import TextLines
from indexer.parsing.facts import DependencyKind, ReferenceKind
from indexer.resolution.rows import Resolution, Unresolved

_MAY_BIND_ALL = (
    DependencyKind.IMPORT,
    DependencyKind.IMPORT_TYPE,
    DependencyKind.IMPORT_EQUALS,
    DependencyKind.REQUIRE,
    DependencyKind.DYNAMIC_IMPORT,
)
_BINDS = (ReferenceKind.IMPORT, ReferenceKind.EXPORT)


class External(NamedTuple):
    """A symbol outside of the repository, the name that is shown for it; whether it is a module."""

    symbol: str
    shown: str
    is_module: bool = False

    def member(self, called: str) -> External:
        """What that module exports by a name."""
        return External(f"{self.symbol}{name(called)}.", called)


class Externals:
    """The symbols, in other packages and in the runtime, of the references of one file.

    `references` and `dependencies` are all of the file, in their order.
    """

    def __init__(
        self, lines: TextLines, references: Sequence[Row], dependencies: Sequence[Row]
    ) -> None:
        self._lines = lines
        self._dependencies = dependencies
        self._places = [(row["line"], row["col"]) for row in dependencies]
        self._names: dict[str, External] = {}
        # Where the uses of modules end, behind which their members follow.
        self._modules: dict[tuple[int, int], External] = {}
        for row in dependencies:
            if row["kind"] in _MAY_BIND_ALL and (module := _module(row)):
                whole = lines.whole_module(row["line"], row["col"])
                if whole is not None:
                    self._names[whole] = module
        for row in references:
            if row["kind"] == ReferenceKind.IMPORT and (found := self._imported(row)):
                self._names[self._bound_as(row)] = found

    def found(self, reference: Row) -> External | None:
        """What a use means that leads out of the repository; None where it is not known.

        To be asked in the order of the references, as a member follows its module.
        """
        if reference["resolution"] == Resolution.UNDECLARED:
            return External(of_runtime(reference["name"]), reference["name"])
        if reference["resolution"] != Resolution.EXTERNAL:
            return None
        if reference["kind"] in _BINDS and (found := self._imported(reference)):
            return found
        line, column = reference["line"], reference["col"]
        if self._lines.follows_a_dot(line, column):
            module = self._modules.get((line, column - 1))
            return module and module.member(reference["name"])
        found = self._names.get(reference["name"])
        if found is not None and found.is_module:
            self._modules[line, self._end(reference)] = found
        return found

    def _imported(self, row: Row) -> External | None:
        if row["resolution"] != Resolution.EXTERNAL:
            return None
        at = bisect_right(self._places, (row["line"], row["col"]))
        if at == len(self._places):
            return None
        module = _module(self._dependencies[at])
        if module is None:
            return None
        named = self._lines.taken_from((row["line"], self._end(row)), self._places[at])
        if named is None:
            return None
        return module.member(row["name"]) if named else module

    def _bound_as(self, row: Row) -> str:
        return self._lines.alias(row["line"], self._end(row)) or str(row["name"])

    def _end(self, row: Row) -> int:
        return self._lines.end_of_name(row["line"], row["col"], row["name"])


def _module(row: Row) -> External | None:
    if row["package"] is None or row["to_path"] is not None:
        return None
    builtin = row["reason"] == Unresolved.BUILTIN
    symbol = of_module(row["package"], row["specifier"], builtin=builtin)
    shown = row["package"] if builtin else row["specifier"]
    return External(symbol, shown, is_module=True)
