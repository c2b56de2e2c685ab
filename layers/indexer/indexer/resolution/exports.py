"""Follows exported names through the modules of one commit to what they finally mean.

A name that a module does not declare itself is looked for behind its `export … from`. Those form a
graph that may be deep, wide and cyclic; what a name means is every declaration that can be reached
in it, where a module's own export hides what its `export *` would give. Answers are kept, whole
cycles are answered at once, and nothing recurses along a chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import Target
from indexer.resolution.members import Members
from indexer.resolution.places import (
    DEFAULT,
    EXPORT_EQUALS,
    WHOLE_MODULE,
    Aim,
    Module,
    Place,
    PlaceKind,
    Places,
    can_be_told,
    declared_here,
    module_place,
    nothing,
    symbols_place,
)
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.resolution.ambient import AmbientModules
    from indexer.resolution.augmentations import Augmentations

MAX_PLACES: Final = 8
MAX_NESTED_QUESTIONS: Final = 40

# Stands for every name that nobody exports: they all lead to the same places outside.
_UNHEARD: Final = ""
# What such a name is called in what they lead to, until somebody asks with the name. Code may use
# any other string for a name; U+0000 is in no name that parsing gives.
_ANY_NAME: Final = "\0"
_INTEROP: Final = frozenset((DEFAULT, EXPORT_EQUALS))

# Files whose `module.exports` a default import takes when nothing is called "default".
_COMMONJS_ENDINGS: Final = (".js", ".cjs", ".jsx", ".json", ".d.ts", ".d.cts")

_NOWHERE: Final = {
    Target.UNDECLARED: Resolution.UNDECLARED,
    Target.UNKNOWN_RECEIVER: Resolution.UNKNOWN_RECEIVER,
}

_Question: TypeAlias = tuple[int, str]


class ExportGraph:
    """Answers what a name exported by a module means. `modules` stand by file number."""

    def __init__(
        self, modules: Sequence[Module], ambient: AmbientModules, augmentations: Augmentations
    ) -> None:
        self._modules = modules
        self._ambient = ambient
        self._augmentations = augmentations
        self._members = Members(modules, self, augmentations)
        self._leaf_names: dict[int, dict[str, list[int]]] = {}
        self._stars_on: dict[int, list[int]] = {}
        self._heard = _heard_of(modules, augmentations)
        self._answers: dict[_Question, Places] = {}
        self._asked: set[_Question] = set()
        self._nested = 0
        self._bounds_met = 0

    @property
    def bounds_met(self) -> int:
        """How many answers were cut short at a place that depends on what was asked before."""
        return self._bounds_met + self._members.bounds_met

    def places(self, file_no: int, name: str) -> Places:
        """What the module `file_no` exports as `name`; empty when it exports no such thing."""
        question = (file_no, name if name in self._heard or name in _INTEROP else _UNHEARD)
        if question not in self._answers:
            if question in self._asked:
                self._bounds_met += 1
                return ()
            if self._nested >= MAX_NESTED_QUESTIONS:
                self._bounds_met += 1
                return (nothing(Resolution.UNKNOWN_RECEIVER),)
            self._nested += 1
            self._solve(question)
            self._nested -= 1
        places = self._answers[question]
        if question[1] == _UNHEARD:
            return tuple(_called(one, name) for one in places)
        return places

    def names(self, file_no: int) -> tuple[list[str], int]:
        """Every name that the module `file_no` exports, in order, those of its `export *` too.

        And in how many places each may have to be looked for, to learn what it means.
        """
        found = dict.fromkeys(self._modules[file_no].exports)
        if EXPORT_EQUALS in found:
            found.update(dict.fromkeys(self._names_of_whole(file_no)))
        seen = {file_no}
        waiting = [file_no]
        places = 1
        for one in waiting:
            module = self._modules[one]
            places += len(self._open_stars(module))
            targets = dict.fromkeys(module.targets[request] for request in module.stars)
            fresh = [target for target in targets if target >= 0 and target not in seen]
            seen.update(fresh)
            waiting += fresh
            for target in fresh:
                passed = self._modules[target].exports
                found.update((name, None) for name in passed if name not in _INTEROP)
        return sorted(found), places

    def _names_of_whole(self, file_no: int) -> Iterator[str]:
        """The members of what a module exports as one thing: they can be imported by name."""
        for place in self.places(file_no, EXPORT_EQUALS):
            if place.kind == PlaceKind.SYMBOLS:
                module = self._modules[place.file_no]
                holders = set(place.symbols)
                pairs = zip(module.containers, module.names, strict=True)
                yield from (name for container, name in pairs if container in holders)

    def listed(self, module: Module, symbol: int, name: str) -> Places:
        """What a namespace exports as `name` by a list, or as another name for something."""
        return self._members.listed(module, (symbol,), name)

    def aimed(self, module: Module, aim: Aim) -> Places:
        """Where something in `module` leads that aims as its file tells."""
        target, a, b = aim
        if target == Target.SYMBOL:
            return (symbols_place(module.file_no, (a,)),)
        if target in {Target.IMPORT, Target.MODULE}:
            take = self._bound if target == Target.IMPORT else self.imported
            return take(module, *_asked(module, aim))
        if target == Target.IMPORT_MEMBER:
            return self._member_of_import(module, a, b if isinstance(b, tuple) else ())
        if target == Target.INSTANCE_MEMBER:
            return self._inherited(module, a, str(b))
        if target == Target.LOCAL:
            return (Place(PlaceKind.LOCAL, module.file_no, (), a, Resolution.EXACT),)
        return (nothing(_NOWHERE[Target(target)]),)

    def _member_of_import(self, module: Module, number: int, names: tuple[str, ...]) -> Places:
        """What `.a.b` means after an import."""
        request, name = module.imports[number]
        places = self._bound(module, request, name)
        target = module.targets[request]
        if names and target >= 0 and self.is_passed_on(self._modules[target]):
            # The file may add to what it passes on, which knows nothing of that.
            whole = name == EXPORT_EQUALS or (
                name == DEFAULT and places == self.places(target, EXPORT_EQUALS)
            )
            if whole:
                places, names = self.places(target, names[0]), names[1:]
        for one in names:
            places = self._members.member(places, one)
        return places

    def _inherited(self, module: Module, holder: int, name: str) -> Places:
        """A member that a base declares; where none is known to, one that this class assigns."""
        places = self._members.inherited(module.file_no, holder, name, static=False)
        if all(one.kind == PlaceKind.NOTHING for one in places):
            own = [one for one in module.members(holder, name) if one in module.yielding]
            if own:
                return (symbols_place(module.file_no, own),)
        return places

    def _bound(self, module: Module, request: int, name: str) -> Places:
        """As `imported`, for a name: `import * as` gives what a module exports as one thing."""
        target = module.targets[request]
        if name == WHOLE_MODULE and target >= 0:
            there = self._modules[target]
            if EXPORT_EQUALS in there.exports and not self.is_passed_on(there):
                return self.places(target, EXPORT_EQUALS)
        return self.imported(module, request, name)

    def imported(self, module: Module, request: int, name: str) -> Places:
        """What `module` gets when it takes `name` from what its `request` asks for."""
        edge, place = self._edge(module, request, name)
        if place is not None:
            return (place,)
        return self.places(edge[0], name)

    def _edge(self, module: Module, request: int, name: str) -> tuple[_Question, Place | None]:
        """The question that taking `name` from a request comes down to, or its answer at once."""
        target = module.targets[request]
        if target < 0:
            described = module.described.get(request)
            place = described and self._described(described, name)
            wanted = module.imported_name(request, name)
            return (0, name), place or nothing(Resolution(-target), wanted)
        if name == WHOLE_MODULE:
            return (0, name), module_place(target)
        return (target, name if name in self._heard or name in _INTEROP else _UNHEARD), None

    def _described(self, place: Place, name: str) -> Place | None:
        """What the module that a declaration file describes at `place` exports as `name`."""
        module, index = self._modules[place.file_no], place.symbols[0]
        asked = (name, EXPORT_EQUALS) if name == DEFAULT else (name,)
        aims = [aim for one in asked for aim in module.inner_exports.get((index, one), ())]
        # It may export what another such module does, and so on.
        if aims and self._nested >= MAX_NESTED_QUESTIONS:
            self._bounds_met += 1
        elif aims:
            self._nested += 1
            places = self.aimed(module, aims[0])
            self._nested -= 1
            return places[0] if places else None
        return self._ambient.exported(place, name)

    def _solve(self, question: _Question) -> None:
        """Answer `question` and all that it leads to, each strongly connected part at once."""
        order: dict[_Question, int] = {}
        lowest: dict[_Question, int] = {}
        found: dict[_Question, dict[Place, None]] = {}
        pending: list[_Question] = []
        path: list[tuple[_Question, Iterator[_Question]]] = []

        def enter(one: _Question) -> None:
            order[one] = lowest[one] = len(order)
            pending.append(one)
            self._asked.add(one)
            places, edges = self._expand(one)
            found[one] = dict.fromkeys(places)
            path.append((one, iter(edges)))

        enter(question)
        while path:
            one, edges = path[-1]
            for following in edges:
                if following in self._answers:
                    found[one].update(dict.fromkeys(self._answers[following]))
                elif following in order:
                    lowest[one] = min(lowest[one], order[following])
                elif following not in self._asked:
                    enter(following)
                    break
            else:
                path.pop()
                if lowest[one] == order[one]:
                    self._settle(one, pending, found)
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[one])
                    found[above].update(dict.fromkeys(self._answers.get(one, ())))

    def _settle(
        self,
        root: _Question,
        pending: list[_Question],
        found: dict[_Question, dict[Place, None]],
    ) -> None:
        """Give every question of the strongly connected part that `root` opened its one answer."""
        part = [pending.pop()]
        while part[-1] != root:
            part.append(pending.pop())
        together: dict[Place, None] = {}
        for one in reversed(part):
            together.update(found.pop(one))
        # Where a cycle was entered must not show in the order of what it leads to.
        places = tuple(together) if len(part) == 1 else tuple(sorted(together, key=_order))
        answer = _of_one_package(places)[:MAX_PLACES]
        for one in part:
            self._answers[one] = answer
            self._asked.discard(one)

    def _expand(self, question: _Question) -> tuple[list[Place], list[_Question]]:
        """What a question has as places of its own, and which questions it leads on to."""
        file_no, name = question
        module = self._modules[file_no]
        if aims := module.exports.get(name):
            return self._explicit(module, aims)
        if name == EXPORT_EQUALS:
            return [module_place(file_no)], []
        if self._is_leaf(module) and (added := self._augmentations.exported(file_no).get(name)):
            return [added[0]], []
        if name == DEFAULT:
            if EXPORT_EQUALS in module.exports:
                return self._default_of_whole(file_no)
            return [module_place(file_no)] if _is_commonjs(module) else [], []
        places, edges = self._through_stars(module, name)
        if EXPORT_EQUALS in module.exports and not self.is_passed_on(module):
            whole = self.places(file_no, EXPORT_EQUALS)
            places += self._members.member(whole, name or _ANY_NAME)
        return places, edges

    def _default_of_whole(self, file_no: int) -> tuple[list[Place], list[_Question]]:
        """The default of a module that exports one thing: its member of that name, else it."""
        whole = self.places(file_no, EXPORT_EQUALS)
        members = self._members.member(whole, DEFAULT)
        if any(one.kind != PlaceKind.NOTHING for one in members):
            return list(members), []
        return list(whole), []

    def _explicit(self, module: Module, aims: list[Aim]) -> tuple[list[Place], list[_Question]]:
        places = declared_here(module, aims)
        edges: list[_Question] = []
        for aim in aims:
            if aim.target in {Target.IMPORT, Target.MODULE}:
                edge, place = self._edge(module, *_asked(module, aim))
                if place is None:
                    edges.append(edge)
                else:
                    places.append(place)
            elif aim.target != Target.SYMBOL:
                places += self.aimed(module, aim)
        return places, edges

    def _through_stars(self, module: Module, name: str) -> tuple[list[Place], list[_Question]]:
        places: list[Place] = []
        edges: list[_Question] = []
        for request in self._open_stars(module):
            target = module.targets[request]
            if target < 0:
                wanted = module.imported_name(request, name or _ANY_NAME)
                places.append(nothing(Resolution(-target), wanted))
            else:
                edges.append((target, name))
        edges += ((target, name) for target in self._leaves(module).get(name, ()))
        return places, edges

    @staticmethod
    def is_passed_on(module: Module) -> bool:
        """Whether all that a module exports as one thing is what files export that it passes on."""
        aims = module.exports.get(EXPORT_EQUALS, ())
        requests = [
            _asked(module, aim)[0] if aim.target in {Target.IMPORT, Target.MODULE} else -1
            for aim in aims
        ]
        return bool(requests) and all(
            one in module.stars and module.targets[one] >= 0 for one in requests
        )

    def _leaves(self, module: Module) -> dict[str, list[int]]:
        """Names given by those `export *` that end there, gathered once: barrels can be wide."""
        names = self._leaf_names.get(module.file_no)
        if names is None:
            names = self._leaf_names[module.file_no] = {}
            for target in dict.fromkeys(module.targets[request] for request in module.stars):
                if target >= 0 and self._is_leaf(self._modules[target]):
                    added = self._augmentations.exported(target)
                    for name in {**self._modules[target].exports, **added}:
                        names.setdefault(name, []).append(target)
        return names

    def _open_stars(self, module: Module) -> list[int]:
        """The requests of those `export *` that lead on, or to no file."""
        stars = self._stars_on.get(module.file_no)
        if stars is None:
            targets = {request: module.targets[request] for request in module.stars}
            stars = self._stars_on[module.file_no] = [
                request
                for request, target in targets.items()
                if target < 0 or not self._is_leaf(self._modules[target])
            ]
        return stars

    @staticmethod
    def _is_leaf(module: Module) -> bool:
        return not module.stars and EXPORT_EQUALS not in module.exports


def _asked(module: Module, aim: Aim) -> tuple[int, str]:
    """The request of an import, or of what is taken from a module in place, and the name."""
    return module.imports[aim.a] if aim.target == Target.IMPORT else (aim.a, str(aim.b))


class _EveryName(frozenset[str]):
    """Of which nothing is known that is not in it."""

    def __contains__(self, name: object) -> bool:
        return True


def _heard_of(modules: Sequence[Module], augmentations: Augmentations) -> frozenset[str]:
    """The names that somebody exports; where files are not read yet, any may be one."""
    if not all(module.is_read for module in modules):
        return _EveryName()
    heard = {name for module in modules for name in module.exports}
    heard.update(name for module in modules for _, name in module.inner_exports)
    heard.update(_passed_on(modules))
    heard |= augmentations.names
    if EXPORT_EQUALS in heard:
        # Members of what a module exports as a whole can be imported by name, too.
        heard.update(name for module in modules for name in module.names)
    return frozenset(heard)


def _passed_on(modules: Sequence[Module]) -> Iterator[str]:
    """The names under which `export … from` takes things, which they may then give others."""
    for module in modules:
        for aims in module.exports.values():
            for aim in aims:
                if aim.target in {Target.IMPORT, Target.MODULE}:
                    yield _asked(module, aim)[1]


def _order(place: Place) -> tuple[object, ...]:
    return (*place[:-1], place.wanted or ())


def _called(place: Place, name: str) -> Place:
    """What a name that nobody exports leads to, by the name that was asked for."""
    if place.wanted is None:
        return place
    before, dot, last = place.wanted.name.rpartition(".")
    if last != _ANY_NAME:
        return place
    wanted = place.wanted._replace(name=before + dot + name) if can_be_told(name) else None
    return place._replace(wanted=wanted)


def _of_one_package(places: Places) -> Places:
    """The same, where not more than one of several packages can be told to have it."""
    outside = [one for one in places if one.why == Resolution.EXTERNAL]
    if len(outside) < 2:  # noqa: PLR2004 - one is no choice
        return places
    return tuple(
        dict.fromkeys(one._replace(wanted=None) if one in outside else one for one in places)
    )


def _is_commonjs(module: Module) -> bool:
    return module.path.endswith(_COMMONJS_ENDINGS)
