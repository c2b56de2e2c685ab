"""Works out what expressions are: over all files, as far as somebody asks, and never by guessing.

Nothing here knows the whole of TypeScript. What it does not know has no type, and a member of what
has no type is not resolved. Each answer is kept; a question that leads back to itself, nests too
deep, or costs too much has no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import SymbolKind, TypeExpression, TypeOp, TypeRole
from indexer.resolution.inference.calls import Calls
from indexer.resolution.inference.library import EVALUATED, library_module
from indexer.resolution.inference.members import Found, TypeMembers
from indexer.resolution.inference.types import (
    EXTERNAL,
    NOTHING,
    SELF,
    AllOf,
    AnyOf,
    Env,
    External,
    Function,
    Instance,
    ModuleValue,
    Object,
    Sequence,
    Type,
    Value,
    any_of,
)
from indexer.resolution.places import Aim, Module, PlaceKind, Places
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    import collections.abc as abc

    from indexer.resolution.ambient import Globals
    from indexer.resolution.exports import ExportGraph

MAX_DEPTH: Final = 48
MAX_STEPS: Final = 4_000

_MADE_OF_INSTANCES: Final = frozenset((SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.TYPE))
_VALUES: Final = frozenset(
    (
        SymbolKind.CLASS,
        SymbolKind.ENUM,
        SymbolKind.NAMESPACE,
        SymbolKind.MODULE,
        SymbolKind.FUNCTION,
    )
)

_Key: TypeAlias = tuple[int, int, Env]


class Inference:
    """The types of one commit."""

    def __init__(
        self, modules: abc.Sequence[Module], exports: ExportGraph, globals_: Globals
    ) -> None:
        self.library_no = len(modules)
        self.modules = [*modules, library_module(self.library_no)]
        self.exports = exports
        self._globals = globals_
        self._answers: dict[_Key, Type | None] = {}
        self._asked: set[_Key] = set()
        self._depth = 0
        self._steps = 0
        self._cut = 0
        self.members = TypeMembers(self)
        self.calls = Calls(self)

    def member(self, file_no: int, expression: int, name: str) -> list[Found]:
        """What `.name` of the value of an expression can be."""
        self._steps = 0
        receiver = self.evaluate(file_no, expression, ())
        return [] if receiver is None else self.members.member(receiver, name)

    def member_of_import(self, file_no: int, number: int, names: tuple[str, ...]) -> list[Found]:
        """What the last of `names` is, each a member of the one before, the first of an import."""
        self._steps = 0
        module = self.modules[file_no]
        receiver = self._imported(module, number)
        return self._path(receiver, names)

    def member_of_instance(self, file_no: int, symbol: int, name: str) -> list[Found]:
        """What `this.name` is in a class."""
        self._steps = 0
        return self.members.member(self.instance(file_no, symbol), name)

    def _path(self, receiver: Type | None, names: tuple[str, ...]) -> list[Found]:
        found: list[Found] = []
        for name in names:
            if receiver is None:
                return []
            found = self.members.member(receiver, name)
            receiver = any_of([one.type() for one in found])
        return found

    def instance(self, file_no: int, symbol: int) -> Instance:
        """An instance of a class inside of it, where its type parameters are themselves."""
        parameters = self.modules[file_no].types_of(symbol, TypeRole.PARAMETER)
        return Instance(file_no, symbol, (None,) * len(parameters))

    # Expressions

    def evaluate(self, file_no: int, number: int, env: Env) -> Type | None:
        """The type of an expression of a file, type parameters being what `env` says."""
        if number < 0:
            return None
        key = (file_no, number, env)
        if key in self._answers:
            return self._answers[key]
        if key in self._asked or self._depth >= MAX_DEPTH or self._steps >= MAX_STEPS:
            self._cut += 1
            return None
        self._asked.add(key)
        self._depth += 1
        self._steps += 1
        cut = self._cut
        answer = self._evaluated(file_no, self.modules[file_no].expressions[number], number, env)
        self._depth -= 1
        self._asked.discard(key)
        # An answer that some question further up cut short is not the answer for good.
        if cut == self._cut or not self._asked:
            self._answers[key] = answer
        return answer

    def _evaluated(
        self, file_no: int, expression: TypeExpression, number: int, env: Env
    ) -> Type | None:
        op, a, name, parts = expression
        match op:
            case TypeOp.SYMBOL_VALUE:
                return self.value(file_no, a, env)
            case TypeOp.SYMBOL_TYPE:
                return self.type_named(file_no, (a,), self._all(file_no, parts, env))
            case TypeOp.IMPORT_VALUE:
                return self._imported(self.modules[file_no], a)
            case TypeOp.IMPORT_TYPE:
                module = self.modules[file_no]
                places = self.exports.imported(module, *module.imports[a])
                return self.type_at(places, self._all(file_no, parts, env))
            case TypeOp.GLOBAL_VALUE:
                return self._global_value(name)
            case TypeOp.GLOBAL_TYPE:
                return self._global_type(name, self._all(file_no, parts, env))
            case TypeOp.MODULE:
                target = self.modules[file_no].targets[a]
                return self._module(target)
            case TypeOp.MEMBER:
                return self._member_type(file_no, parts[0], name, env)
            case TypeOp.TYPE_MEMBER:
                return self._type_member(file_no, parts, name, env)
            case TypeOp.PRIMITIVE:
                return NOTHING if name == "null" else EXTERNAL
            case TypeOp.UNION:
                return any_of(self._all(file_no, parts, env))
            case TypeOp.INTERSECTION:
                known = [one for one in self._all(file_no, parts, env) if one is not None]
                return known[0] if len(known) == 1 else AllOf(tuple(known)) if known else None
            case TypeOp.OBJECT:
                return Object(file_no, number, env)
            case TypeOp.FUNCTION | TypeOp.CONSTRUCTOR:
                return Function(file_no, number, env)
            case TypeOp.SAME:
                return self.evaluate(file_no, parts[0], env)
            case TypeOp.INSTANCE:
                return self._self(file_no, a, env)
            case TypeOp.TYPE_PARAMETER:
                return self._parameter(file_no, number, parts, env)
            case _:
                return self._derived(file_no, expression, env)

    def _derived(self, file_no: int, expression: TypeExpression, env: Env) -> Type | None:
        op, a, _, parts = expression
        match op:
            case TypeOp.CALL:
                return self.calls.result(file_no, expression, env)
            case TypeOp.NEW:
                return self.calls.constructed(file_no, expression, env)
            case TypeOp.ARGUMENT:
                return self.calls.argument(file_no, parts[0], a, env)
            case TypeOp.ARRAY:
                return self.array(self.evaluate(file_no, parts[0], env))
            case TypeOp.TUPLE:
                return Sequence(tuple(self._all(file_no, parts, env)))
            case TypeOp.REST | TypeOp.SPREAD | TypeOp.PROPERTY:
                return self.evaluate(file_no, parts[0], env)
        of = self.evaluate(file_no, parts[0], env)
        if of is None:
            return None
        match op:
            case TypeOp.ELEMENT:
                return self.members.element(of, a)
            case TypeOp.AWAIT:
                return self.awaited(of)
            case TypeOp.PARAMETER:
                return self.calls.parameter(of, a)
            case TypeOp.RESULT:
                return self.calls.result_of(of)
            case TypeOp.MAPPED:
                return of
        return None

    def _all(self, file_no: int, parts: tuple[int, ...], env: Env) -> list[Type | None]:
        return [self.evaluate(file_no, part, env) for part in parts]

    def _member_type(self, file_no: int, part: int, name: str, env: Env) -> Type | None:
        receiver = self.evaluate(file_no, part, env)
        if receiver is None:
            return None
        return any_of([one.type() for one in self.members.member(receiver, name)])

    def _type_member(
        self, file_no: int, parts: tuple[int, ...], name: str, env: Env
    ) -> Type | None:
        holder = self.evaluate(file_no, parts[0], env)
        arguments = self._all(file_no, parts[1:], env)
        if isinstance(holder, External):
            return EXTERNAL
        if isinstance(holder, ModuleValue):
            return self.type_at(self.exports.places(holder.module_no, name), arguments)
        if isinstance(holder, Value):
            module = self.modules[holder.file_no]
            return self.type_named(holder.file_no, module.members(holder.symbol, name), arguments)
        return None

    def _parameter(
        self, file_no: int, number: int, parts: tuple[int, ...], env: Env
    ) -> Type | None:
        key = (file_no, number)
        for one, of in env:
            if one == key and of is not None:
                return of
        return self.evaluate(file_no, parts[0], env)

    def _self(self, file_no: int, symbol: int, env: Env) -> Type:
        own = self.instance(file_no, symbol)
        for one, of in env:
            if one == SELF and isinstance(of, Instance):
                return of if self.members.arguments_of(of, file_no, symbol) is not None else own
        return own

    # Names

    def value(self, file_no: int, symbol: int, env: Env = ()) -> Type | None:
        """What a symbol is as a value."""
        module = self.modules[file_no]
        if module.kinds[symbol] in _VALUES or module.has_members(symbol):
            return Value(file_no, symbol)
        return self.declared(file_no, symbol, env)

    def declared(self, file_no: int, symbol: int, env: Env) -> Type | None:
        """The type that a symbol was given, or that of what it begins with."""
        types = self.modules[file_no].value_of(symbol)
        return self.evaluate(file_no, types[0], env) if types else None

    def type_named(
        self, file_no: int, symbols: abc.Sequence[int], arguments: list[Type | None]
    ) -> Type | None:
        """The type that some of these symbols declare."""
        module = self.modules[file_no]
        for symbol in symbols:
            kind = module.kinds[symbol]
            if kind in _MADE_OF_INSTANCES:
                if file_no == self.library_no and module.names[symbol] in EVALUATED:
                    return self._evaluated_alias(module.names[symbol], arguments)
                return Instance(file_no, symbol, tuple(arguments))
            if kind in {SymbolKind.ENUM, SymbolKind.ENUM_MEMBER}:
                return EXTERNAL
        return None

    def _evaluated_alias(self, name: str, arguments: list[Type | None]) -> Type | None:
        of = arguments[0] if arguments else None
        if of is None:
            return None
        match name:
            case "Awaited":
                return self.awaited(of)
            case "AwaitedEach":
                if isinstance(of, Sequence):
                    each = [one and self.awaited(one) for one in of.elements]
                    return Sequence(tuple(each))
                element = self.members.element(of, -1)
                return self.array(element and self.awaited(element))
            case "Flat":
                return self.members.element(of, -1) or of
            case "ReturnType":
                return self.calls.result_of(of)
            case "InstanceType":
                return self.calls.instance_of(of)
            case "Parameters" | "ConstructorParameters":
                return self.calls.parameters(of)
        return of

    def type_at(self, places: Places, arguments: list[Type | None]) -> Type | None:
        """The type that is declared at one of these places."""
        for place in places:
            if place.kind == PlaceKind.SYMBOLS:
                found = self.type_named(place.file_no, place.symbols, arguments)
                if found is not None:
                    return found
            elif place.kind == PlaceKind.NOTHING and place.why == Resolution.EXTERNAL:
                return EXTERNAL
        return None

    def value_at(self, places: Places) -> Type | None:
        """The value that is declared at one of these places."""
        for place in places:
            if place.kind == PlaceKind.MODULE:
                return self._module(place.file_no)
            if place.kind == PlaceKind.SYMBOLS:
                for symbol in place.symbols:
                    found = self._value_of(place.file_no, symbol)
                    if found is not None:
                        return found
            elif place.kind == PlaceKind.LOCAL:
                number = self.modules[place.file_no].exported_expressions.get(place.line)
                if number is not None:
                    return self.evaluate(place.file_no, number, ())
            elif place.why == Resolution.EXTERNAL:
                return EXTERNAL
        return None

    def _value_of(self, file_no: int, symbol: int) -> Type | None:
        if self.modules[file_no].kinds[symbol] in {SymbolKind.INTERFACE, SymbolKind.TYPE}:
            return None
        return self.value(file_no, symbol)

    def _imported(self, module: Module, number: int) -> Type | None:
        return self.value_at(self.exports.imported(module, *module.imports[number]))

    def _module(self, target: int) -> Type | None:
        if target >= 0:
            module = self.modules[target]
            if "export=" in module.exports:
                whole = self.value_at(self.exports.places(target, "export="))
                if whole is not None:
                    return whole
            return ModuleValue(target)
        return EXTERNAL if -target == Resolution.EXTERNAL else None

    def _global_value(self, name: str) -> Type | None:
        library = self.modules[self.library_no]
        for symbol in library.members(-1, name):
            if library.kinds[symbol] not in _MADE_OF_INSTANCES:
                return self.value(self.library_no, symbol)
        places = self._globals.get(name)
        return EXTERNAL if places is None else self.value_at(places)

    def _global_type(self, name: str, arguments: list[Type | None]) -> Type | None:
        library = self.modules[self.library_no]
        for symbol in library.members(-1, name):
            if library.kinds[symbol] in _MADE_OF_INSTANCES:
                return self.type_named(self.library_no, (symbol,), arguments)
        places = self._globals.get(name)
        return EXTERNAL if places is None else self.type_at(places, arguments)

    # Well-known types

    def array(self, of: Type | None) -> Type:
        """An array of something."""
        return Instance(self.library_no, self._library_symbol("Array"), (of,))

    def _library_symbol(self, name: str) -> int:
        return self.modules[self.library_no].members(-1, name)[0]

    def library_arguments(self, of: Type, name: str) -> tuple[Type | None, ...] | None:
        """The type arguments with which a type is a type of the library; None: it is none."""
        return self.members.arguments_of(of, self.library_no, self._library_symbol(name))

    def awaited(self, of: Type) -> Type | None:
        """What is there once a value was awaited."""
        for _ in range(4):
            if isinstance(of, AnyOf):
                return any_of([self.awaited(one) for one in of.members])
            arguments = self.library_arguments(of, "PromiseLike")
            if arguments is None:
                return of
            if not arguments or arguments[0] is None:
                return None
            of = arguments[0]
        return of

    def env_of(self, instance: Instance, parameters: abc.Sequence[int]) -> Env:
        """What the type parameters of one declaration of a class or interface stand for."""
        file_no, _, arguments, _ = instance
        env: Env = ((SELF, instance),)
        for place, parameter in enumerate(parameters):
            given = arguments[place] if place < len(arguments) else None
            if given is None and place >= len(arguments):
                given = self._default(file_no, parameter, env)
            env = (*env, ((file_no, parameter), given))
        return env

    def _default(self, file_no: int, parameter: int, env: Env) -> Type | None:
        parts = self.modules[file_no].expressions[parameter].parts
        return self.evaluate(file_no, parts[1], env) if len(parts) > 1 else None
