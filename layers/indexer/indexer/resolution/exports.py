"""Follows exported names through the modules of one commit to what they finally mean.

A name that a module does not declare itself is looked for behind its `export … from`. Those form a
graph that may be deep, wide and cyclic; what a name means is every declaration that can be reached
in it, where a module's own export hides what its `export *` would give. Answers are kept, whole
cycles are answered at once, and nothing recurses along a chain.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from indexer.parsing.facts import SymbolFlag, SymbolKind, Target
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WHOLE_MODULE: Final = "*"
DEFAULT: Final = "default"
EXPORT_EQUALS: Final = "export="

MAX_PLACES: Final = 8
MAX_NESTED_QUESTIONS: Final = 40

# Stands for every name that nobody exports: they all lead to the same places outside.
_UNHEARD: Final = ""

# Files whose `module.exports` a default import takes when nothing is called "default".
_COMMONJS_ENDINGS: Final = (".js", ".cjs", ".jsx", ".json", ".d.ts", ".d.cts")


class PlaceKind(IntEnum):
    """What is at a place."""

    NOTHING = 0
    SYMBOLS = 1
    LOCAL = 2
    MODULE = 3


class Place(NamedTuple):
    """Where a name leads.

    `symbols` are the declarations of one name in one file, by index into that file's symbols;
    `line` is set where there is no symbol. `why` says why there is nothing.
    """

    kind: int
    file_no: int
    symbols: tuple[int, ...]
    line: int
    why: int


Places: TypeAlias = tuple[Place, ...]


def nothing(why: Resolution) -> Place:
    """The place of a name that leads nowhere."""
    return Place(PlaceKind.NOTHING, -1, (), 0, why)


def module_place(file_no: int) -> Place:
    """A whole module."""
    return Place(PlaceKind.MODULE, file_no, (), 1, Resolution.EXACT)


class ExportTarget(NamedTuple):
    """One export of a name: `target`, `a` and `b` as in `parsing.facts.Target`."""

    target: int
    a: int
    b: int | str | tuple[str, ...] | None


class Module:
    """What other files can see of one file, and what it asks of them.

    `targets` holds for each of its requests the file that answers it, or the negative of the
    `Resolution` that says why none does. `members` are looked up by container and name.
    """

    __slots__ = (
        "_members",
        "containers",
        "exports",
        "first_symbol",
        "flags",
        "imports",
        "kinds",
        "leaf_names",
        "names",
        "path",
        "stars",
        "targets",
    )

    def __init__(self, path: str) -> None:
        self.path = path
        self.first_symbol = 0
        self.kinds: bytes = b""
        self.flags: Sequence[int] = ()
        self.containers: Sequence[int] = ()
        self.names: Sequence[str] = ()
        self.exports: dict[str, list[ExportTarget]] = {}
        self.stars: list[int] = []
        self.imports: list[tuple[int, str]] = []
        self.targets: list[int] = []
        self.leaf_names: dict[str, list[int]] | None = None
        self._members: dict[tuple[int, str], list[int]] | None = None

    def members(self, container: int, name: str) -> list[int]:
        """The symbols called `name` that stand directly in the symbol `container`."""
        if self._members is None:
            self._members = {}
            for index, (holder, own) in enumerate(zip(self.containers, self.names, strict=True)):
                if holder >= 0:
                    self._members.setdefault((holder, own), []).append(index)
        return self._members.get((container, name), [])


_Question: TypeAlias = tuple[int, str]


class ExportGraph:
    """Answers what a name exported by a module means. `modules` stand by file number."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._modules = modules
        self._heard = {name for module in modules for name in module.exports}
        if EXPORT_EQUALS in self._heard:
            # Members of what a module exports as a whole can be imported by name, too.
            self._heard.update(name for module in modules for name in module.names)
        self._answers: dict[_Question, Places] = {}
        self._asked: set[_Question] = set()
        self._nested = 0

    def places(self, file_no: int, name: str) -> Places:
        """What the module `file_no` exports as `name`; empty when it exports no such thing."""
        question = (file_no, name if name in self._heard or name in _INTEROP else _UNHEARD)
        if question not in self._answers:
            if question in self._asked:
                return ()
            if self._nested >= MAX_NESTED_QUESTIONS:
                return (nothing(Resolution.UNKNOWN_RECEIVER),)
            self._nested += 1
            self._solve(question)
            self._nested -= 1
        return self._answers[question]

    def imported(self, module: Module, request: int, name: str) -> Places:
        """What `module` gets when it takes `name` from what its `request` asks for."""
        edge, place = self._edge(module, request, name)
        return (place,) if place is not None else self.places(*edge)

    def member(self, places: Places, name: str) -> Places:
        """What `.name` means after something that is at `places`."""
        found: dict[Place, None] = {}
        for place in places:
            found.update(dict.fromkeys(self._member(place, name)))
        return tuple(found)

    def member_chain(self, places: Places, names: Iterable[str]) -> Places:
        """What `.a.b` means after something that is at `places`."""
        for name in names:
            places = self.member(places, name)
        return places

    def _member(self, place: Place, name: str) -> Places:
        if place.kind == PlaceKind.MODULE:
            return self.places(place.file_no, name)
        if place.kind == PlaceKind.NOTHING:
            return (place,)
        if place.kind == PlaceKind.LOCAL:
            return (nothing(Resolution.UNKNOWN_RECEIVER),)
        module = self._modules[place.file_no]
        members = [
            one
            for container in place.symbols
            for one in module.members(container, name)
            if _is_reached_by_name(module, container, one)
        ]
        if members:
            return (Place(PlaceKind.SYMBOLS, place.file_no, tuple(members), 0, Resolution.EXACT),)
        closed = all(module.kinds[one] in _CLOSED for one in place.symbols)
        why = Resolution.NOT_EXPORTED if closed else Resolution.UNKNOWN_RECEIVER
        return (nothing(why),)

    def _edge(self, module: Module, request: int, name: str) -> tuple[_Question, Place | None]:
        """The question that taking `name` from a request comes down to, or its answer at once."""
        target = module.targets[request]
        if target < 0:
            return (0, name), nothing(Resolution(-target))
        if name == WHOLE_MODULE:
            return (0, name), module_place(target)
        return (target, name if name in self._heard or name in _INTEROP else _UNHEARD), None

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
        answer = tuple(together)[:MAX_PLACES]
        for one in part:
            self._answers[one] = answer
            self._asked.discard(one)

    def _expand(self, question: _Question) -> tuple[list[Place], list[_Question]]:
        """What a question has as places of its own, and which questions it leads on to."""
        file_no, name = question
        module = self._modules[file_no]
        if targets := module.exports.get(name):
            return self._explicit(file_no, targets)
        if name == EXPORT_EQUALS:
            return [module_place(file_no)], []
        if name == DEFAULT:
            if EXPORT_EQUALS in module.exports:
                return [], [(file_no, EXPORT_EQUALS)]
            return [module_place(file_no)] if _is_commonjs(module) else [], []
        places, edges = self._through_stars(module, name)
        if EXPORT_EQUALS in module.exports:
            places += self.member(self.places(file_no, EXPORT_EQUALS), name)
        return places, edges

    def _explicit(
        self, file_no: int, targets: list[ExportTarget]
    ) -> tuple[list[Place], list[_Question]]:
        module = self._modules[file_no]
        symbols = tuple(one.a for one in targets if one.target == Target.SYMBOL)
        places: list[Place] = []
        edges: list[_Question] = []
        if symbols:
            places.append(Place(PlaceKind.SYMBOLS, file_no, symbols, 0, Resolution.EXACT))
        for target, a, b in targets:
            if target == Target.LOCAL:
                places.append(Place(PlaceKind.LOCAL, file_no, (), a, Resolution.EXACT))
            elif target == Target.IMPORT_MEMBER:
                names = b if isinstance(b, tuple) else ()
                places += self.member_chain(self.imported(module, *module.imports[a]), names)
            elif target in {Target.IMPORT, Target.MODULE}:
                asked = module.imports[a] if target == Target.IMPORT else (a, str(b))
                edge, place = self._edge(module, *asked)
                if place is None:
                    edges.append(edge)
                else:
                    places.append(place)
            elif target == Target.UNDECLARED:
                places.append(nothing(Resolution.UNDECLARED))
            elif target == Target.UNKNOWN_RECEIVER:
                places.append(nothing(Resolution.UNKNOWN_RECEIVER))
        return places, edges

    def _through_stars(self, module: Module, name: str) -> tuple[list[Place], list[_Question]]:
        places: list[Place] = []
        edges: list[_Question] = []
        for request in module.stars:
            target = module.targets[request]
            if target < 0:
                places.append(nothing(Resolution(-target)))
            elif not self._is_leaf(self._modules[target]):
                edges.append((target, name))
        edges += ((target, name) for target in self._leaves(module).get(name, ()))
        return places, edges

    def _leaves(self, module: Module) -> dict[str, list[int]]:
        """Names given by those `export *` that end there, gathered once: barrels can be wide."""
        if module.leaf_names is None:
            module.leaf_names = {}
            for target in dict.fromkeys(module.targets[request] for request in module.stars):
                if target >= 0 and self._is_leaf(self._modules[target]):
                    for name in self._modules[target].exports:
                        module.leaf_names.setdefault(name, []).append(target)
        return module.leaf_names

    @staticmethod
    def _is_leaf(module: Module) -> bool:
        return not module.stars and EXPORT_EQUALS not in module.exports


_INTEROP: Final = frozenset((DEFAULT, EXPORT_EQUALS))
_CLOSED: Final = frozenset((SymbolKind.ENUM, SymbolKind.NAMESPACE, SymbolKind.MODULE))


def _is_commonjs(module: Module) -> bool:
    return module.path.endswith(_COMMONJS_ENDINGS)


def _is_reached_by_name(module: Module, container: int, member: int) -> bool:
    """Whether `container.member` can be written: not so for instance members and for locals."""
    holder = module.kinds[container]
    if holder == SymbolKind.CLASS:
        return bool(module.flags[member] & SymbolFlag.STATIC)
    if holder in _CLOSED:
        return True
    return bool(module.flags[member] & SymbolFlag.OBJECT_MEMBER)
