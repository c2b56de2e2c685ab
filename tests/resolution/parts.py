"""A commit linked as a whole, and the one after it of which a part is linked anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.resolution.commits import Commit

from indexer.parsing.languages import grammars_for
from indexer.parsing.parser import parse_file
from indexer.resolution.across import package_entries
from indexer.resolution.answers import Answers
from indexer.resolution.link import Linker
from indexer.resolution.numbering import Renumbering
from indexer.resolution.relinking import (
    NotRelinkable,
    Relinking,
    answered_otherwise,
    carried_over,
    change_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.parsing.facts import FileFacts
    from indexer.resolution.places import ImportedName
    from indexer.resolution.rows import DependencyRow

Texts = dict[str, str]
Rows = list[tuple]


class OnlyThese(Sequence):
    """Files by number, of which only some may be looked at."""

    def __init__(self, files: list[tuple[str, FileFacts]], read: frozenset[int]) -> None:
        self._files, self._read = files, read
        self.looked_at: set[int] = set()

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, at):
        assert at in self._read, f"{self._files[at][0]} is not to be read"
        self.looked_at.add(at)
        return self._files[at]


def _line_now(export: tuple, new: Mapping[str, FileFacts]) -> int:
    """The line of a package's export that is taken: that of its symbol, where its file changed."""
    _entry, _name, symbol, _file_no, line = export
    if symbol is None or symbol[0] not in new:
        return line
    return new[symbol[0]].symbols[symbol[1]].line


def _now(file_no: int | None, numbers: Renumbering) -> int | None:
    return None if file_no is None else numbers.now[file_no]


def _moved_references(references: Mapping[str, Rows], numbers: Renumbering) -> dict[str, Rows]:
    """The rows by path; of each the file that it leads to, its seventh field, moves on."""
    return {
        path: [(*one[:6], _now(one[6], numbers), *one[7:]) for one in rows]
        for path, rows in references.items()
    }


def _moved_dependencies(
    dependencies: list[DependencyRow], numbers: Renumbering
) -> list[DependencyRow]:
    """Those of the files that are still there."""
    return [
        one._replace(file_no=numbers.now[one.file_no], to_file_no=_now(one.to_file_no, numbers))
        for one in dependencies
        if numbers.now[one.file_no] >= 0
    ]


class Linked:
    """A linked commit: what is linked of it, by paths, names and places in the files."""

    def __init__(self, linker: Linker, firsts: list[int], symbols: list[tuple[str, int]]) -> None:
        self._linker, self._firsts, self._symbols = linker, firsts, symbols
        self.references: dict[str, Rows] = {}
        rows = list(linker.references())
        self.imported = list(linker.imported_names())
        names = {one.imported_no: one[1:] for one in self.imported}
        for row in rows:
            end = (row.resolution, row.target_file_no, row.target_line, names.get(row.imported_no))
            use = (row.line, row.column, row.kind, row.name, self._called(row.enclosing_no))
            path = linker.paths[row.file_no]
            self.references.setdefault(path, []).append((*use, *end, self._called(row.symbol_no)))
        self.entries = list(linker.package_entries())
        self.exports = [
            (one.entry_no, one.name, self._called(one.symbol_no), one.file_no, one.line)
            for one in linker.package_exports()
        ]
        self.dependencies = list(linker.dependencies())
        self.linked = linker.linked()

    def using_lines_of(self, files) -> set[int]:
        """The files with references that lead to lines of these."""
        return {
            self._linker.paths.index(path)
            for path, rows in self.references.items()
            if any(row[6] in files for row in rows)
        }

    def _called(self, symbol_no: int | None) -> tuple[str, int] | None:
        return None if symbol_no is None else self._symbols[symbol_no]


def facts_of(texts: Mapping[str, str]) -> list[tuple[str, FileFacts]]:
    return [
        (path, parse_file(text.encode(), path))
        for path, text in sorted(texts.items())
        if grammars_for(path)
    ]


def _symbols(files: list[tuple[str, FileFacts]]) -> tuple[list[int], list[tuple[str, int]]]:
    firsts, symbols = [], []
    for path, facts in files:
        firsts.append(len(symbols))
        symbols += [(path, index) for index in range(len(facts.symbols))]
    return firsts, symbols


def whole(texts: Texts) -> Linked:
    files = facts_of(texts)
    return Linked(Linker(files, Commit(texts).resolver), *_symbols(files))


class Again:
    """The commit `after`, linked where the change from `before` reaches; the rest is as before.

    `relinked` are the paths of what was linked anew.
    """

    def __init__(self, before: Texts, after: Texts) -> None:
        old, stands = dict(facts_of(before)), whole(before)
        files = facts_of(after)
        paths = [path for path, _ in files]
        if stands.linked is None:
            raise NotRelinkable("a bound was met before")
        numbers = Renumbering.of(list(old), paths)
        resolver = Commit(after).resolver
        answers = Answers(resolver, {path: at for at, path in enumerate(paths)})
        linked = carried_over(stands.linked, numbers)
        edited = {at for at, path in enumerate(paths) if before.get(path) != after[path]}
        self.readdressed = answered_otherwise(linked, paths, answers)
        new = {at: files[at][1] for at in sorted({*edited, *self.readdressed})}
        known: dict[ImportedName, int] = {}
        for one in stands.imported:
            known[one[1:]] = one.imported_no
        offered = package_entries(
            resolver.package_modules(), {one: at for at, one in enumerate(paths)}
        )
        had = {one[1:3]: numbers.now[one.file_no] for one in stands.entries}
        new_ones = {one.entry_no: one for one in offered if had.get(one[1:3]) != one.file_no}
        change = change_of(
            linked,
            {at: old[paths[at]] for at in new if paths[at] in old},
            new,
            paths=paths,
            answers=answers,
            readdressed=self.readdressed,
            offered=[one.file_no for one in new_ones.values()],
            using_lines_of=lambda these: numbers.have(stands.using_lines_of(numbers.had(these))),
        )
        self.entries = offered
        relinking = Relinking(
            before=linked,
            change=change,
            imported=known,
            entries=[
                one for one in offered if one.entry_no in new_ones or one.file_no in change.reached
            ],
        )
        self.files = OnlyThese(files, change.read)
        part = Linked(
            Linker(self.files, resolver, paths=paths, relinking=relinking), *_symbols(files)
        )
        self.relinked = [paths[at] for at in change.relinked]
        made = {path: part.references.get(path, []) for path in self.relinked}
        taken_over = {
            path: rows
            for path, rows in _moved_references(stands.references, numbers).items()
            if path in paths
        }
        self.references = {path: rows for path, rows in {**taken_over, **made}.items() if rows}
        told = {one[1:3] for one in relinking.entries}
        kept = {one[1:3]: one.entry_no for one in offered if one[1:3] not in told}
        entries = {one.entry_no: kept.get(one[1:3]) for one in stands.entries}
        taken = [
            (
                *(entries[one[0]], one[1], one[2], numbers.now[one[3]]),
                _line_now(one, {paths[at]: facts for at, facts in new.items()}),
            )
            for one in stands.exports
            if entries[one[0]] is not None
        ]
        self.exports = sorted(taken + part.exports, key=str)
        dependencies = _moved_dependencies(stands.dependencies, numbers)
        self.dependencies = sorted(
            [one for one in dependencies if one.file_no not in new] + part.dependencies
        )
        self.linked = part.linked

    def assert_is(self, all_of_it: Linked) -> None:
        """It is what linking all of it gives."""
        assert self.references == all_of_it.references
        assert self.entries == all_of_it.entries
        assert self.exports == sorted(all_of_it.exports, key=str)
        assert self.dependencies == sorted(all_of_it.dependencies)
        assert all_of_it.linked is not None
        assert self.linked is not None
        assert self.linked.files == all_of_it.linked.files
