"""What is declared for everyone: global names, and modules that a declaration file describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import DependencyKind, FileFacts, SymbolFlag, SymbolKind
from indexer.resolution.augmentations import augments
from indexer.resolution.places import (
    DEFAULT,
    EXPORT_EQUALS,
    WHOLE_MODULE,
    Module,
    Place,
    Places,
    symbols_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Globals: TypeAlias = dict[str, Places]

MAX_PATTERNS: Final = 256

GLOBAL_OBJECTS: Final = {
    "document": "Document",
    "history": "History",
    "location": "Location",
    "navigator": "Navigator",
    "self": "Window",
    "window": "Window",
}
"""Values of the runtime, and the interfaces that a repository adds to their members with."""

GLOBAL_SCOPES: Final = frozenset({"global", "globalThis", "self", "window"})
"""Values of the runtime whose members are the variables that are declared for all."""

_GLOBAL_SCOPE: Final = "global"
_DECLARATION_ENDINGS: Final = (".d.ts", ".d.mts", ".d.cts")
_TYPES_ONLY: Final = frozenset((SymbolKind.INTERFACE, SymbolKind.TYPE))
# Asking for a module in these ways does not make the asking file one.
_LEAVES_A_SCRIPT: Final = frozenset(
    (
        DependencyKind.REFERENCE_PATH,
        DependencyKind.REFERENCE_TYPES,
        DependencyKind.MODULE_AUGMENTATION,
        DependencyKind.TYPE_QUERY,
        DependencyKind.DYNAMIC_IMPORT,
    )
)


def is_global_script(path: str, facts: FileFacts) -> bool:
    """Whether the file only declares, and for everyone: it is no module itself."""
    if not path.endswith(_DECLARATION_ENDINGS) or any(one.within < 0 for one in facts.exports):
        return False
    inner = [
        (symbol.start_line, symbol.end_line)
        for symbol in facts.symbols
        if symbol.kind == SymbolKind.MODULE
    ]
    asking = (one for one in facts.requests if one.kind not in _LEAVES_A_SCRIPT)
    return all(any(first <= one.line <= last for first, last in inner) for one in asking)


def global_names(modules: Iterable[Module]) -> Globals:
    """What `declare global` and global scripts declare, by name; of several files all."""
    found: dict[str, list[Place]] = {}
    for module in modules:
        by_name: dict[str, list[int]] = {}
        for index in _declared_for_all(module):
            by_name.setdefault(module.names[index], []).append(index)
        for name, symbols in by_name.items():
            found.setdefault(name, []).append(symbols_place(module.file_no, symbols))
    return {name: tuple(places) for name, places in found.items()}


def globals_meant(globals_: Globals, name: str) -> Places:
    """What is declared for all by a name, and of what the runtime has by it the interface."""
    return globals_.get(name, ()) or globals_.get(GLOBAL_OBJECTS.get(name, ""), ())


def globals_reached(globals_: Globals, name: str) -> Places:
    """What is declared for all that a global name leads to: all of it from a global scope."""
    if name in GLOBAL_SCOPES:
        return tuple(place for places in globals_.values() for place in places)
    return globals_meant(globals_, name)


def _declared_for_all(module: Module) -> list[int]:
    scopes = {
        index
        for index, name in enumerate(module.names)
        if name == _GLOBAL_SCOPE and module.kinds[index] == SymbolKind.MODULE
    }
    if module.is_global_script:
        scopes.add(-1)
    holders = enumerate(module.containers) if scopes else ()
    return [one for one, holder in holders if holder in scopes and not _is_module(module, one)]


def _is_module(module: Module, index: int) -> bool:
    return module.kinds[index] == SymbolKind.MODULE


def declares_for_all(path: str, facts: FileFacts) -> bool:
    """Whether a file declares names or modules for every other one, or adds to such."""
    if augments(facts):
        return True
    module = Module(0, path, facts, 0)
    module.is_global_script = is_global_script(path, facts)
    return bool(_declared_for_all(module)) or any(True for _ in _described(module))


class AmbientModules:
    """The modules that global scripts describe: `declare module "x"`, `declare module "*.svg"`.

    `read` are those that may describe some, of `modules`, which stand by file number.
    """

    def __init__(self, read: Iterable[Module], modules: Sequence[Module]) -> None:
        self._modules = modules
        self._exact: dict[str, Place] = {}
        self._patterns: list[tuple[str, str, Place]] = []
        for module in read:
            for index in _described(module):
                name = module.names[index]
                place = symbols_place(module.file_no, (index,))
                prefix, star, suffix = name.partition("*")
                if not star:
                    self._exact.setdefault(name, place)
                elif len(self._patterns) < MAX_PATTERNS:
                    self._patterns.append((prefix, suffix, place))
        self._patterns.sort(key=lambda one: (-len(one[0]), -len(one[1])))

    def __bool__(self) -> bool:
        return bool(self._exact or self._patterns)

    @property
    def files(self) -> set[int]:
        """The files that describe them."""
        return {one.file_no for one in self._exact.values()} | {
            one.file_no for _, _, one in self._patterns
        }

    def named(self, specifier: str) -> Place | None:
        """Where the module that `specifier` asks for is described."""
        place = self._exact.get(specifier)
        if place is not None:
            return place
        for prefix, suffix, described in self._patterns:
            if specifier.startswith(prefix) and specifier.endswith(suffix):
                return described
        return None

    def exported(self, place: Place, name: str) -> Place | None:
        """What the module described at `place` exports as `name`."""
        if name == WHOLE_MODULE:
            return place
        module = self._modules[place.file_no]
        index = place.symbols[0]
        if name in {DEFAULT, EXPORT_EQUALS}:
            only = self._exported_as_a_whole(module, index)
            return place if only is None else symbols_place(place.file_no, (only,))
        members = module.members(index, name)
        return symbols_place(place.file_no, members) if members else None

    @staticmethod
    def _exported_as_a_whole(module: Module, index: int) -> int | None:
        """What is marked as the default, or the one value where nothing is exported by name."""
        values = [
            one
            for one, holder in enumerate(module.containers)
            if holder == index and module.kinds[one] not in _TYPES_ONLY
        ]
        marked = [one for one in values if module.flags[one] & SymbolFlag.DEFAULT]
        if marked:
            return marked[0]
        by_name = any(module.flags[one] & SymbolFlag.EXPORTED for one in values)
        names = {module.names[one] for one in values}
        return values[0] if len(names) == 1 and not by_name else None


def _described(module: Module) -> Iterator[int]:
    if not module.is_global_script:
        return
    for index, holder in enumerate(module.containers):
        if holder < 0 and _is_module(module, index) and module.names[index] != _GLOBAL_SCOPE:
            yield index
