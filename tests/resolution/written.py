"""Facts about files, written by hand: what a parser would say about small sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.resolution.commits import Commit

from indexer.parsing.facts import (
    DependencyKind,
    ExportFact,
    FileFacts,
    ImportBinding,
    ModuleRequest,
    ReferenceFact,
    ReferenceKind,
    SymbolFact,
    SymbolFlag,
    SymbolKind,
    SymbolType,
    Target,
    TypeFacts,
    TypeRole,
)
from indexer.resolution.link import Linker
from indexer.resolution.rows import Resolution, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping


class Source:
    """One file; each statement takes a line of its own, counted from 1."""

    def __init__(self) -> None:
        self.facts = FileFacts([], [], [], [], [], 0, 0, TypeFacts([], [], [], []))
        self.line = 0

    def _next_line(self) -> int:
        self.line += 1
        return self.line

    def _request(self, specifier: str, kind: int) -> int:
        self.facts.requests.append(ModuleRequest(specifier, int(kind), self._next_line(), 0))
        return len(self.facts.requests) - 1

    def declare(self, name: str, kind: int = SymbolKind.FUNCTION, *, within="", flags=0) -> Source:
        """A declaration that only this file sees."""
        names = [symbol.name for symbol in self.facts.symbols]
        container = len(names) - 1 - names[::-1].index(within) if within else -1
        line = self._next_line()
        others = [(one.name, one.container) for one in self.facts.symbols]
        if (name, container) in others:
            part = SymbolType(len(others), int(TypeRole.PART), others.index((name, container)))
            self.facts.types.symbols.append(part)
        self.facts.symbols.append(
            SymbolFact(
                name, int(kind), int(flags), container, line, 0, line, 0, line, 9, None, None
            )
        )
        return self

    def export(self, name: str, kind: int = SymbolKind.FUNCTION, *, named: str = "") -> Source:
        """A declaration that is exported, under the name `named` if one is given."""
        self.declare(name, kind, flags=SymbolFlag.EXPORTED)
        symbol = len(self.facts.symbols) - 1
        return self._export(named or name, Target.SYMBOL, symbol, None)

    def member(self, name: str, kind: int, flags: int = 0) -> Source:
        """A member of the declaration that was the last at top level."""
        holder = [one.name for one in self.facts.symbols if one.container < 0][-1]
        return self.declare(name, kind, within=holder, flags=flags)

    def export_local(self, name: str) -> Source:
        """The export of something that is no symbol, on this line."""
        line = self._next_line()
        return self._export(name, Target.LOCAL, line, 0)

    def bind(self, specifier: str, imported: str, name: str = "") -> Source:
        """`import { imported as name } from specifier`; other forms as `ImportBinding` says."""
        request = self._request(specifier, DependencyKind.IMPORT)
        self.facts.imports.append(
            ImportBinding(
                name=name or imported,
                request=request,
                imported=imported,
                type_only=False,
                line=self.line,
                column=0,
            )
        )
        return self

    def export_bound(self, binding: str, *members: str, named: str = "") -> Source:
        """`export { binding as named }` of an import, or of a member of one."""
        at = self._binding(binding)
        target = Target.IMPORT_MEMBER if members else Target.IMPORT
        return self._export(named or binding, target, at, members or None)

    def export_from(self, specifier: str, imported: str, named: str = "") -> Source:
        """`export { imported as named } from specifier`; `export * from` when both are "*"."""
        request = self._request(specifier, DependencyKind.EXPORT_FROM)
        return self._export(named or imported, Target.MODULE, request, imported)

    def use(self, name: str, *members: str, kind: int = ReferenceKind.READ) -> Source:
        """A use of an import or of a member of one, or else of a symbol of this file."""
        if name in [binding.name for binding in self.facts.imports]:
            at = self._binding(name)
            if members:
                return self._use(members[-1], kind, Target.IMPORT_MEMBER, at, members)
            return self._use(name, kind, Target.IMPORT, at, None)
        symbols = [symbol.name for symbol in self.facts.symbols]
        return self._use(name, kind, Target.SYMBOL, symbols.index(name), None)

    def use_target(self, name: str, target: int, a: int = 0, b=None, *, sure=True) -> Source:
        """A use with the target that the parser gave it."""
        return self._use(name, ReferenceKind.READ, target, a, b, sure=sure)

    def _use(self, name, kind, target, a, b, *, sure=True) -> Source:
        line = self._next_line()
        enclosing = len(self.facts.symbols) - 1
        self.facts.references.append(
            ReferenceFact(name, int(kind), line, 0, enclosing, int(target), a, b, sure)
        )
        return self

    def _binding(self, name: str) -> int:
        return [binding.name for binding in self.facts.imports].index(name)

    def _export(self, name: str, target: int, a: int, b) -> Source:
        self.facts.exports.append(
            ExportFact(
                name=name, type_only=False, line=self.line, column=0, target=int(target), a=a, b=b
            )
        )
        return self


class Index:
    """The joined index of hand-written files and of what else is in the commit."""

    def __init__(self, sources: Mapping[str, Source], others: Mapping[str, object] | None = None):
        commit = Commit({**dict.fromkeys(sources, ""), **(others or {})})
        files = [(path, source.facts) for path, source in sources.items()]
        self.linker = Linker(files, commit.resolver)
        self.symbols = list(self.linker.symbols())
        self.references = list(self.linker.references())
        self.dependencies = list(self.linker.dependencies())

    def ends(self, path: str) -> list[str]:
        """Where each use in `path` ends, in order.

        `file#name` for a symbol (`file#name:line` where a name stands twice), `file:line` for
        another place, a word for a reason; a guess ends in "?".
        """
        file_no = self.linker.paths.index(path)
        return [self._end(row) for row in self.references if row.file_no == file_no]

    def _end(self, row) -> str:
        guess = "?" if row.resolution == Resolution.HEURISTIC else ""
        if row.symbol_no is not None:
            assert (row.target_file_no, row.target_line) == (None, None)
            symbol = self.symbols[row.symbol_no]
            same = [
                one
                for one in self.symbols
                if (one.file_no, one.name) == (symbol.file_no, symbol.name)
            ]
            line = f":{symbol.line}" if len(same) > 1 else ""
            return f"{self.linker.paths[symbol.file_no]}#{symbol.name}{line}{guess}"
        if row.target_file_no is not None:
            return f"{self.linker.paths[row.target_file_no]}:{row.target_line}{guess}"
        return Resolution(row.resolution).name.lower()

    def asks(self, path: str) -> list[str]:
        """What each request of `path` leads to, in order."""
        file_no = self.linker.paths.index(path)
        answers = []
        for row in self.dependencies:
            if row.file_no == file_no:
                assert (row.to_file_no is None) != (row.reason is None)
                reason = "" if row.reason is None else Unresolved(row.reason).name.lower()
                to = self.linker.paths[row.to_file_no] if row.to_file_no is not None else reason
                answers.append(f"{to} {row.package}" if row.package else to)
        return answers
