"""Joins what single files say into one index: uses with definitions, imports with files.

Files are numbered in path order and their symbols in source order, so one commit always gives the
same rows. Rows are made file by file as they are asked for.
"""

from __future__ import annotations

from operator import add, ge
from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import (
    IN_A_COMMENT,
    FileFacts,
    ReferenceFact,
    ReferenceKind,
    SymbolKind,
    Target,
    TypeOp,
)
from indexer.resolution.across import (
    MOST_EXPORTS,
    MOST_LOOKS,
    ImportedNames,
    PackageExports,
    package_entries,
)
from indexer.resolution.ambient import (
    AmbientModules,
    Globals,
    global_names,
    globals_reached,
    is_global_script,
)
from indexer.resolution.answers import AnsweredRequest, Answers
from indexer.resolution.augmentations import Augmentations, augmenting_blocks
from indexer.resolution.exports import ExportGraph
from indexer.resolution.globs import MAX_LOOKS
from indexer.resolution.inference.evaluate import MAX_STEPS_OF_MANY, Inference
from indexer.resolution.modules import Resolver
from indexer.resolution.places import (
    Aim,
    Module,
    Place,
    PlaceKind,
    Places,
    UnreadModule,
    nothing,
)
from indexer.resolution.reach import LinkedCommit, LinkedFile, Taken
from indexer.resolution.relinking import NotRelinkable, Relinking
from indexer.resolution.rows import (
    DependencyRow,
    ImportedNameRow,
    PackageEntryRow,
    PackageExportRow,
    ReferenceRow,
    Resolution,
    SymbolRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.resolution.inference.found import Found

_TYPE_USES: Final = frozenset((ReferenceKind.TYPE, ReferenceKind.IMPLEMENTS))
_EITHER_USES: Final = frozenset((ReferenceKind.IMPORT, ReferenceKind.EXPORT, ReferenceKind.EXTENDS))
_TYPES_ONLY: Final = frozenset((SymbolKind.INTERFACE, SymbolKind.TYPE))
_NO_TYPES: Final = frozenset(
    (SymbolKind.FUNCTION, SymbolKind.VARIABLE, SymbolKind.CONSTANT, SymbolKind.METHOD)
)
_MOST_TAKEN: Final = Taken(MOST_LOOKS, MOST_EXPORTS, MAX_LOOKS, MAX_STEPS_OF_MANY)
_GLOBAL_OPS: Final = frozenset((TypeOp.GLOBAL_VALUE, TypeOp.GLOBAL_TYPE))

Ending: TypeAlias = tuple[int, int | None, int | None, int | None, int | None]

_Use: TypeAlias = tuple[int, int, int | str | tuple[str, ...] | None, int]

# Plain numbers: these are compared and stored a million times, and looking them up in their
# classes would be a third of the time of linking.
_EXACT: Final = int(Resolution.EXACT)
_HEURISTIC: Final = int(Resolution.HEURISTIC)
_SYMBOL: Final = int(Target.SYMBOL)
_LOCAL: Final = int(Target.LOCAL)
_UNKNOWN: Final = int(Target.UNKNOWN_RECEIVER)
_UNKNOWN_WHY: Final = int(Resolution.UNKNOWN_RECEIVER)
_NOT_HERE: Final = int(Target.UNDECLARED)

_UNDECLARED: Final[Ending] = (int(Resolution.UNDECLARED), None, None, None, None)
_UNKNOWN_RECEIVER: Final[Ending] = (int(Resolution.UNKNOWN_RECEIVER), None, None, None, None)
_NOT_EXPORTED: Final = nothing(Resolution.NOT_EXPORTED)
_AMBIGUOUS: Final[Ending] = (int(Resolution.AMBIGUOUS), None, None, None, None)


class Linker:
    """The index of one commit.

    `files` are its parsed files in any order, `paths` their paths in the same one. They are read
    once here and once by each of `symbols`, `references` and `dependencies`, so a sequence that
    loads facts when asked keeps the bulk of them out of memory.

    With `relinking` a part is linked, and the rows are those that are not taken from elsewhere.
    It and each method that makes rows then raise BeyondReach where a file is asked for that is not
    read.
    """

    def __init__(
        self,
        files: Sequence[tuple[str, FileFacts]],
        resolver: Resolver,
        *,
        paths: Sequence[str] | None = None,
        relinking: Relinking | None = None,
    ) -> None:
        self._files = files
        self._resolver = resolver
        self._relinking = relinking
        paths = [path for path, _facts in files] if paths is None else paths
        self._order = sorted(range(len(paths)), key=paths.__getitem__)
        self.paths: list[str] = [paths[at] for at in self._order]
        self._file_no = {path: file_no for file_no, path in enumerate(self.paths)}
        self._answers = Answers(resolver, self._file_no)
        self._answered: dict[int, list[AnsweredRequest]] = {}
        self._modules: list[Module] = []
        self.symbol_count: int = 0
        for file_no, path in enumerate(self.paths):
            self._modules.append(self._module(file_no, path))
        read = [module for module in self._modules if module.is_read]
        self._globals = global_names(read)
        self._ambient = AmbientModules(read, self._modules)
        for module in read:
            self._describe(module)
        self._augmentations = Augmentations(read, self._modules)
        self._exports = ExportGraph(self._modules, self._ambient, self._augmentations)
        self._augmentations.merge(self._exports.places, self._globals.values())
        self._inference = Inference(
            self._modules, self._exports, self._globals, self._augmentations
        )
        self._imported = ImportedNames(None if relinking is None else relinking.imported)
        self._package_exports = PackageExports(self._modules, self._exports)
        self._package_entries: Sequence[PackageEntryRow] | None = None

    def _module(self, file_no: int, path: str) -> Module:
        """What others see of a file, with its symbols counted."""
        first = self.symbol_count
        if self._relinking is None:
            facts = self._facts(file_no)
            self.symbol_count += len(facts.symbols)
            return self._resolved(Module(file_no, path, facts, first), facts)
        change, before = self._relinking.change, self._relinking.before
        self.symbol_count += change.files[file_no].symbols
        if file_no in change.reached or before.files[file_no].is_for_all:
            facts = self._facts(file_no)
            return self._resolved(Module(file_no, path, facts, first), facts)
        return UnreadModule(file_no, path, first, self._read if file_no in change.read else None)

    def _read(self, module: Module) -> None:
        """Fill in what others see of a file that was not read from the start."""
        facts = self._facts(module.file_no)
        Module.__init__(module, module.file_no, module.path, facts, module.first_symbol)
        self._describe(self._resolved(module, facts))

    def _resolved(self, module: Module, facts: FileFacts) -> Module:
        """The module with the answers to its requests."""
        module.is_global_script = is_global_script(module.path, facts)
        module.augmenting = augmenting_blocks(facts)
        for at, answered in enumerate(self._asked(module.file_no, facts)):
            module.targets.append(answered.target)
            if (outside := answered.outside) is not None:
                module.outside[at] = outside
        return module

    def _asked(self, file_no: int, facts: FileFacts) -> list[AnsweredRequest]:
        """The requests of a file, each answered."""
        answered = self._answered.get(file_no)
        if answered is None:
            path, answer = self.paths[file_no], self._answers.of
            answered = [answer(path, one.specifier, one.kind) for one in facts.requests]
            self._answered[file_no] = answered
        return answered

    def _changed(self) -> Sequence[int]:
        """The files whose own rows are made."""
        return range(len(self.paths)) if self._relinking is None else self._relinking.change.changed

    def symbols(self) -> Iterator[SymbolRow]:
        """Every symbol, by file and then in source order, numbered from 0."""
        for file_no in self._changed():
            first = self._modules[file_no].first_symbol
            for index, fact in enumerate(self._facts(file_no).symbols):
                yield SymbolRow(
                    symbol_no=first + index,
                    file_no=file_no,
                    container_no=first + fact.container if fact.container >= 0 else None,
                    kind=fact.kind,
                    flags=fact.flags,
                    name=fact.name,
                    line=fact.line,
                    column=fact.column,
                    start_line=fact.start_line,
                    start_column=fact.start_column,
                    end_line=fact.end_line,
                    end_column=fact.end_column,
                    signature=fact.signature,
                    documentation=fact.documentation,
                )

    def references(self) -> Iterator[ReferenceRow]:
        """Every use of a name, by file and then in source order, with what it leads to."""
        new = tuple.__new__  # There are a million of these, and this makes one in half the time.
        made = self._changed() if self._relinking is None else self._relinking.change.relinked
        for file_no in made:
            module = self._modules[file_no]
            first = module.first_symbol
            uses = _FileUses(
                module,
                self._modules,
                exports=self._exports,
                globals_=self._globals,
                inference=self._inference,
                imported=self._imported,
            )
            for fact in self._facts(file_no).references:
                name, kind, line, column, enclosing, target, a, _, sure = fact
                if target == _SYMBOL and sure:
                    ending: Ending = (_EXACT, first + a, None, None, None)
                elif target == _LOCAL and sure:
                    ending = (_EXACT, None, file_no, a, None)
                else:
                    ending = uses.ending(fact)
                enclosing_no = first + enclosing if enclosing >= 0 else None
                yield new(ReferenceRow, (file_no, line, column, kind, name, enclosing_no, *ending))

    def imported_names(self) -> Iterator[ImportedNameRow]:
        """What references mean of packages elsewhere; complete once `references` was read."""
        return self._imported.rows()

    def package_entries(self) -> Sequence[PackageEntryRow]:
        """The modules that the packages of this commit offer, numbered from 0.

        Where a part is linked anew, those of which the exports are told.
        """
        if self._package_entries is None:
            self._package_entries = (
                package_entries(self._resolver.package_modules(), self._file_no)
                if self._relinking is None
                else self._relinking.entries
            )
        return self._package_entries

    def package_exports(self) -> Iterator[PackageExportRow]:
        """What those modules export, by entry and name."""
        return self._package_exports.rows(self.package_entries())

    def dependencies(self) -> Iterator[DependencyRow]:
        """Every request for a module, by file and then in source order."""
        for file_no in self._changed():
            facts = self._facts(file_no)
            for request, asked in zip(facts.requests, self._asked(file_no, facts), strict=True):
                if request.kind != IN_A_COMMENT:
                    yield DependencyRow(
                        file_no=file_no,
                        line=request.line,
                        column=request.column,
                        kind=request.kind,
                        specifier=request.specifier,
                        to_file_no=asked.to_file_no,
                        package=asked.package,
                        reason=asked.reason,
                    )

    def linked(self) -> LinkedCommit | None:
        """What another linking needs to know of this one; complete once all rows were read.

        None: a bound was met, so what was linked depends on what was linked before it.

        Raises:
            NotRelinkable: so it is, and only a part was linked.
        """
        told = self._package_exports
        before = None if self._relinking is None else self._relinking.before
        taken = Taken(
            told.looks, told.told, self._resolver.glob_looks, self._inference.steps_of_many
        )
        if before is not None:
            taken = Taken(*map(add, taken, before.taken))
        if (
            self._inference.asking.bounds_met
            or self._exports.bounds_met
            or any(map(ge, taken, _MOST_TAKEN))
        ):
            if before is not None:
                raise NotRelinkable("a bound was met")
            return None
        files = [] if before is None else list(before.files)
        for_all = self._ambient.files | self._augmentations.files
        for_all |= {place.file_no for places in self._globals.values() for place in places}
        for file_no in self._changed():
            one = self._linked_file(file_no, is_for_all=file_no in for_all)
            files[file_no : file_no + 1] = [one]
        return LinkedCommit(files, taken)

    def _linked_file(self, file_no: int, *, is_for_all: bool) -> LinkedFile:
        module = self._modules[file_no]
        leads_to = {target for target in module.targets if target >= 0}
        leads_to.update(place.file_no for place in module.described.values())
        leads_to |= self._augmentations.adding_to(module)
        if self._globals:
            # A global by itself is a symbol of a file that does not change; its type leads on.
            for expression in module.expressions:
                if expression.op in _GLOBAL_OPS:
                    places = globals_reached(self._globals, expression.name)
                    leads_to.update(place.file_no for place in places)
        asked = list(dict.fromkeys(self._answered[file_no]))
        return LinkedFile(len(module.names), sorted(leads_to), is_for_all, asked)

    def _describe(self, module: Module) -> None:
        """Note for requests that no file answers where a declaration file describes the module."""
        if not self._ambient or all(target >= 0 for target in module.targets):
            return
        for at, request in enumerate(self._facts(module.file_no).requests):
            place = self._ambient.named(request.specifier) if module.targets[at] < 0 else None
            if place is not None:
                module.described[at] = place

    def _facts(self, file_no: int) -> FileFacts:
        return self._files[self._order[file_no]][1]


class _FileUses:
    """Ends the references of one file; uses that aim at the same thing are answered once."""

    def __init__(
        self,
        module: Module,
        modules: Sequence[Module],
        *,
        exports: ExportGraph,
        globals_: Globals,
        inference: Inference,
        imported: ImportedNames,
    ) -> None:
        self._module = module
        self._modules = modules
        self._exports = exports
        self._globals = globals_
        self._inference = inference
        self._imported = imported
        self._endings: dict[_Use, Ending] = {}
        self._members: dict[tuple[int, str, int], Ending] = {}

    def ending(self, fact: ReferenceFact) -> Ending:
        """How sure a reference is, its symbol, or else the file and the line that it leads to."""
        name, kind, _, _, _, target, a, b, sure = fact
        if target == _LOCAL:
            return _EXACT if sure else _HEURISTIC, None, self._module.file_no, a, None
        if target == _UNKNOWN:
            return _UNKNOWN_RECEIVER if a < 0 else self._member(a, name, kind)
        if target == _NOT_HERE:
            places = self._globals.get(name)
            return _UNDECLARED if places is None else self._global(places, kind)
        key = (target, a, b, kind)
        ending = self._endings.get(key)
        if ending is None:
            ending = self._chosen(self._exports.aimed(self._module, Aim(target, a, b)), kind)
            if ending[0] == _UNKNOWN_WHY:
                ending = self._inferred(target, a, b, kind)
            self._endings[key] = ending
        if ending[0] == _EXACT and not sure:
            return _HEURISTIC, *ending[1:]
        return ending

    def _member(self, receiver: int, name: str, use: int) -> Ending:
        """A member of something whose type must be worked out."""
        key = (receiver, name, use)
        ending = self._members.get(key)
        if ending is None:
            found = self._inference.member(self._module.file_no, receiver, name)
            ending = self._members[key] = self._of_types(found, use)
        return ending

    def _inferred(
        self, target: int, a: int, b: int | str | tuple[str, ...] | None, use: int
    ) -> Ending:
        """A member of an import, or of a class, that no declaration by itself leads to."""
        if target == Target.IMPORT_MEMBER and isinstance(b, tuple):
            found = self._inference.member_of_import(self._module.file_no, a, b)
            return self._of_types(found, use)
        if target == Target.INSTANCE_MEMBER:
            found = self._inference.member_of_instance(self._module.file_no, a, str(b))
            return self._of_types(found, use)
        return _UNKNOWN_RECEIVER

    def _of_types(self, found: list[Found], use: int) -> Ending:
        """Several declarations, as of a union's members: the first one, and not for sure."""
        if not found:
            return _UNKNOWN_RECEIVER
        first = found[0].place
        ending = self._chosen((first,), use)
        if ending[0] == _EXACT and len(found) > 1 and any(one.place != first for one in found):
            return _HEURISTIC, *ending[1:]
        return ending

    def _global(self, places: Places, use: int) -> Ending:
        """The first global declaration that fits: those of several files are one.

        Where none fits, the name has one in the language itself that merges with these.
        """
        for place in places:
            index = self._fitting(place, use)
            if index is not None:
                return self._symbol(place, index)
        return self._symbol(places[0], places[0].symbols[0])

    def _symbol(self, place: Place, index: int) -> Ending:
        return _EXACT, self._modules[place.file_no].first_symbol + index, None, None, None

    def _chosen(self, places: Places, use: int) -> Ending:
        sure = _EXACT
        there = [place for place in places if place.kind != PlaceKind.NOTHING]
        if len(there) > 1:
            # Two `export *` may give a type and a value of one name: the use tells them apart.
            there = [place for place in there if self._fitting(place, use) is not None]
            sure = _HEURISTIC
            if len(there) != 1:
                return _AMBIGUOUS
        if not there:
            why = places[0] if len(places) == 1 else min(places, key=_why, default=_NOT_EXPORTED)
            return why.why, None, None, None, self._imported.number(why.wanted)
        place = there[0]
        if place.kind != PlaceKind.SYMBOLS:
            return sure, None, place.file_no, place.line, None
        fitting = self._fitting(place, use)
        index = place.symbols[0] if fitting is None else fitting
        return sure, self._modules[place.file_no].first_symbol + index, None, None, None

    def _fitting(self, place: Place, use: int) -> int | None:
        """The first declaration at `place` that a use of this kind can mean."""
        if use in _EITHER_USES:
            return place.symbols[0] if place.symbols else None
        wrong = _NO_TYPES if use in _TYPE_USES else _TYPES_ONLY
        kinds = self._modules[place.file_no].kinds
        for one in place.symbols:
            if kinds[one] not in wrong:
                return one
        return None


def _why(place: Place) -> int:
    return place.why
