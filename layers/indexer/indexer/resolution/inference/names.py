"""What names stand for, as values and as types: of symbols, imports, modules and the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from indexer.parsing.facts import OWN_MODULE, SymbolKind, TypeExpression, TypeOp, TypeRole
from indexer.resolution.ambient import GLOBAL_SCOPES, globals_meant
from indexer.resolution.inference.types import (
    EXTERNAL,
    GLOBAL_SCOPE,
    NO_ENV,
    AllOf,
    Env,
    External,
    Instance,
    ModuleValue,
    Object,
    Type,
    Value,
)
from indexer.resolution.places import EXPORT_EQUALS, Module, Place, PlaceKind, Places
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.resolution.ambient import Globals
    from indexer.resolution.inference.evaluate import Inference

_TYPES: Final = frozenset((SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.TYPE))
_ONLY_TYPES: Final = frozenset((SymbolKind.INTERFACE, SymbolKind.TYPE))
# What the global scope has no member for: types, and what a block would have for itself.
_OF_NO_SCOPE: Final = _ONLY_TYPES | {SymbolKind.CLASS, SymbolKind.CONSTANT, SymbolKind.ENUM}
_ENUMS: Final = frozenset((SymbolKind.ENUM, SymbolKind.ENUM_MEMBER))
_FUNCTIONS: Final = frozenset((SymbolKind.CONSTRUCTOR, SymbolKind.FUNCTION, SymbolKind.METHOD))
_MAKERS: Final = frozenset((SymbolKind.CLASS, SymbolKind.FUNCTION))
_THEMSELVES: Final = frozenset(
    (
        *(SymbolKind.CLASS, SymbolKind.ENUM, SymbolKind.FUNCTION),
        *(SymbolKind.MODULE, SymbolKind.NAMESPACE),
    )
)


class Names:
    """The names of one commit."""

    def __init__(self, inference: Inference, globals_: Globals) -> None:
        self._inference = inference
        self._globals = globals_

    # Symbols

    def value(self, file_no: int, symbol: int, env: Env = NO_ENV) -> Type | None:
        """What a symbol is as a value."""
        module = self._inference.modules[file_no]
        if module.kinds[symbol] == SymbolKind.NAMESPACE:
            symbol = self._merged_with(module, symbol)
        if env.pairs and self._is_closure(module, symbol):
            return self.declared(file_no, symbol, env) or Value(file_no, symbol)
        if module.kinds[symbol] in _THEMSELVES or module.has_members(symbol):
            return Value(file_no, symbol)
        return self.declared(file_no, symbol, env)

    @staticmethod
    def _merged_with(module: Module, namespace: int) -> int:
        """The class or function that a namespace adds to, wherever that stands; else itself."""
        parts = module.parts(namespace)
        return next((one for one in parts if module.kinds[one] in _MAKERS), namespace)

    @staticmethod
    def _is_closure(module: Module, symbol: int) -> bool:
        """Whether it is a function in a function, whose type parameters it sees."""
        container = module.containers[symbol]
        return (
            module.kinds[symbol] == SymbolKind.FUNCTION
            and container >= 0
            and module.kinds[container] in _FUNCTIONS
            and len(module.parts(symbol)) == 1
        )

    def declared(self, file_no: int, symbol: int, env: Env) -> Type | None:
        """The type that a symbol was given, or that of what it begins with."""
        types = self._inference.modules[file_no].value_of(symbol)
        return self._inference.evaluate(file_no, types[0], env) if types else None

    def type_named(
        self, file_no: int, symbols: Sequence[int], arguments: list[Type | None]
    ) -> Type | None:
        """The type that some of these symbols declare."""
        inference = self._inference
        module = inference.modules[file_no]
        for symbol in symbols:
            kind = module.kinds[symbol]
            if kind in _TYPES:
                if file_no == inference.library_no and kind == SymbolKind.TYPE:
                    return inference.library.alias(symbol, arguments)
                return Instance(file_no, symbol, tuple(arguments))
            if kind in _ENUMS:
                return EXTERNAL
        return None

    def instance(self, file_no: int, symbol: int) -> Instance:
        """An instance of a class inside of it, where its type parameters are themselves."""
        parameters = self._inference.modules[file_no].types_of(symbol, TypeRole.PARAMETER)
        return Instance(file_no, symbol, (None,) * len(parameters))

    # Places

    def type_at(self, places: Places, arguments: list[Type | None]) -> Type | None:
        """The type that is declared at one of these places."""
        for place in places:
            if place.kind == PlaceKind.SYMBOLS:
                found = self.type_named(place.file_no, place.symbols, arguments)
                if found is not None:
                    return found
            elif place.kind == PlaceKind.NOTHING and place.why == Resolution.EXTERNAL:
                return External(place.wanted)
        return None

    def exported_type(self, file_no: int, name: str, arguments: list[Type | None]) -> Type | None:
        """The type that a module exports, or that a comment in it declares."""
        inference = self._inference
        found = self.type_at(inference.exports.places(file_no, name), arguments)
        if found is None:
            number = inference.modules[file_no].typedefs.get(name, -1)
            found = self.applied(file_no, number, arguments)
        return found

    def applied(self, file_no: int, number: int, arguments: Sequence[Type | None]) -> Type | None:
        """A type that a comment declares, with type arguments for its type parameters."""
        inference = self._inference
        of, parameters = self.generic(file_no, number)
        found = inference.stand_for(file_no, parameters, arguments, NO_ENV)
        return inference.evaluate(file_no, of, NO_ENV.besides(file_no, found))

    def typedef(self, file_no: int, named: TypeExpression) -> tuple[int, int] | None:
        """The type that a comment of a file declares, where an expression names one of those.

        Its file, and its expression there.
        """
        module = self._inference.modules[file_no]
        target, name = -1, ""
        if named.op == TypeOp.IMPORT_TYPE:
            request, name = module.imports[named.a]
            target = module.targets[request]
        elif named.op == TypeOp.TYPE_MEMBER:
            of = module.expressions[named.parts[0]]
            if of.op == TypeOp.MODULE and of.a != OWN_MODULE:
                target, name = module.targets[of.a], named.name
        if target < 0:
            return None
        number = self._inference.modules[target].typedefs.get(name)
        return None if number is None else (target, number)

    def generic(self, file_no: int, number: int) -> tuple[int, tuple[int, ...]]:
        """The expression of a type that a comment declares, and its type parameters."""
        module = self._inference.modules[file_no]
        number = module.behind(number)
        if number < 0 or module.expressions[number].op != TypeOp.GENERIC:
            return number, ()
        of, *parameters = module.expressions[number].parts
        return of, tuple(parameters)

    def module_type(self, target: int, name: str, arguments: list[Type | None]) -> Type | None:
        """The type that the module of a request exports, by its number or the negative reason."""
        if target < 0:
            return EXTERNAL if -target == Resolution.EXTERNAL else None
        return self.exported_type(target, name, arguments)

    def value_at(self, places: Places) -> Type | None:
        """The value that is declared at the first of these places that has one."""
        for place in places:
            found = self._value_at(place)
            if found is not None:
                return found
        return None

    def _value_at(self, place: Place) -> Type | None:
        if place.kind == PlaceKind.MODULE:
            return self.module(place.file_no)
        if place.kind == PlaceKind.SYMBOLS:
            kinds = self._inference.modules[place.file_no].kinds
            values = [one for one in place.symbols if kinds[one] not in _ONLY_TYPES]
            return self.value(place.file_no, values[0]) if values else None
        if place.kind == PlaceKind.LOCAL:
            exported = self._inference.modules[place.file_no].exported_expressions
            return self._inference.evaluate(place.file_no, exported.get(place.line, -1), NO_ENV)
        return External(place.wanted) if place.why == Resolution.EXTERNAL else None

    def imported(self, module: Module, number: int) -> Type | None:
        """The value of an import."""
        request, name = module.imports[number]
        if name == EXPORT_EQUALS and module.targets[request] >= 0:
            return self.module(module.targets[request])
        return self.value_at(self._inference.exports.imported(module, *module.imports[number]))

    def imported_type(
        self, module: Module, number: int, arguments: list[Type | None]
    ) -> Type | None:
        """The type that an import stands for."""
        request, name = module.imports[number]
        found = self.type_at(self._inference.exports.imported(module, request, name), arguments)
        if found is None and module.targets[request] >= 0:
            return self.exported_type(module.targets[request], name, arguments)
        return found

    def module(self, target: int) -> Type | None:
        """The namespace of a module, by its number or the negative reason why there is none."""
        if target < 0:
            return EXTERNAL if -target == Resolution.EXTERNAL else None
        inference = self._inference
        module = inference.modules[target]
        if EXPORT_EQUALS in module.exports:
            whole = self.value_at(inference.exports.places(target, EXPORT_EQUALS))
            if whole is not None and inference.exports.is_passed_on(module):
                # The file may add to what it passes on, which knows nothing of that.
                return AllOf((ModuleValue(target), whole))
            if isinstance(whole, Object | Value) and self._adds_to(module, whole):
                return AllOf((whole, ModuleValue(target)))
            if whole is not None:
                return whole
        return ModuleValue(target)

    @staticmethod
    def _adds_to(module: Module, whole: Object | Value) -> bool:
        """Whether a file exports more than what it exports as a whole has."""
        if whole.file_no != module.file_no:
            return False
        names = {EXPORT_EQUALS}
        if isinstance(whole, Object):
            parts = module.expressions[whole.expression].parts
            names.update(module.expressions[part].name for part in parts)
        return any(name not in names for name in module.exports)

    # What no file declares

    def global_value(self, name: str) -> Type | None:
        """A value that a file does not declare."""
        inference = self._inference
        library = inference.modules[inference.library_no]
        for symbol in library.members(-1, name):
            if library.kinds[symbol] not in _TYPES:
                return self.value(inference.library_no, symbol)
        places = self._globals.get(name)
        return self._global_object(name) if places is None else self.value_at(places)

    def _global_object(self, name: str) -> Type:
        """A value of the runtime, with the members that `declare global` adds to it."""
        added = [self.type_at((place,), []) for place in globals_meant(self._globals, name)]
        known = [one for one in added if one is not None]
        if name in GLOBAL_SCOPES:
            known.append(GLOBAL_SCOPE)
        return AllOf((*known, EXTERNAL)) if known else EXTERNAL

    def global_variable(self, name: str) -> Places:
        """Where a variable, a function or a namespace is declared for all."""
        places = self._globals.get(name, ())
        return tuple(place for place in places if self._is_of_the_scope(place))

    def _is_of_the_scope(self, place: Place) -> bool:
        kinds = self._inference.modules[place.file_no].kinds
        return any(kinds[one] not in _OF_NO_SCOPE for one in place.symbols)

    def global_type(self, name: str, arguments: list[Type | None]) -> Type | None:
        """A type that a file does not declare."""
        inference = self._inference
        library = inference.modules[inference.library_no]
        for symbol in library.members(-1, name):
            if library.kinds[symbol] in _TYPES:
                return self.type_named(inference.library_no, (symbol,), arguments)
        places = self._globals.get(name)
        return EXTERNAL if places is None else self.type_at(places, arguments)
