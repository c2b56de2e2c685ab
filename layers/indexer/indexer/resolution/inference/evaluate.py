"""Works out what expressions are: over all files, as far as somebody asks, and never by guessing.

Nothing here knows the whole of TypeScript. What it does not know has no type, and a member of what
has no type is not resolved. A question that leads back to itself, nests too deep, or costs too much
has no answer; for whom the other answers are kept says `asking`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import OWN_MODULE, SELECTING, TypeExpression, TypeOp, TypeRole
from indexer.resolution.inference.asking import Answers, Asking
from indexer.resolution.inference.assignability import Assignability
from indexer.resolution.inference.calls import Calls
from indexer.resolution.inference.conditional import Conditional
from indexer.resolution.inference.found import Found
from indexer.resolution.inference.keys import MemberNames
from indexer.resolution.inference.library import Library, library_module
from indexer.resolution.inference.literals import Literals
from indexer.resolution.inference.mapped import MappedTypes
from indexer.resolution.inference.members import TypeMembers
from indexer.resolution.inference.names import Names
from indexer.resolution.inference.narrowing import Narrowed
from indexer.resolution.inference.types import (
    EXTERNAL,
    NO_ENV,
    AllOf,
    Elements,
    Env,
    External,
    Function,
    Instance,
    Keys,
    ModuleValue,
    Object,
    Primitive,
    Selected,
    Type,
    Value,
    any_of,
    primitive,
    surest_first,
)
from indexer.resolution.inference.unions import Unions
from indexer.resolution.places import nothing, symbols_place
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from indexer.resolution.ambient import Globals
    from indexer.resolution.augmentations import Augmentations, Declaration
    from indexer.resolution.exports import ExportGraph
    from indexer.resolution.places import Module, Place

MAX_DEPTH: Final = 40
MAX_NESTED: Final = 40
MAX_TUPLE: Final = 32
MAX_WITHIN: Final = 64
MAX_STEPS: Final = 32_000
"""How many expressions one question may look at; an honest one needs a few dozen."""
MANY_STEPS: Final = 400
MAX_STEPS_OF_MANY: Final = 1_000_000
"""What all questions of many steps may cost together; from then on none may be one of these."""

_Key: TypeAlias = tuple[int, int, Env]
_OfType: TypeAlias = "tuple[Instance, Declaration, Instance | None]"
_Answer: TypeAlias = Callable[[int, TypeExpression, int, Env], Type | None]
_Derive: TypeAlias = Callable[[Type, int], Type | None]


class Inference:
    """The types of one commit. `modules` stand by file number; the library comes after them."""

    def __init__(
        self,
        modules: Sequence[Module],
        exports: ExportGraph,
        globals_: Globals,
        augmentations: Augmentations,
    ) -> None:
        self.library_no = len(modules)
        self.modules = [*modules, library_module(self.library_no)]
        self.exports = exports
        self.augmentations = augmentations
        self.asking = Asking()
        self._types: Answers[_Key, Type | None] = Answers(
            self.asking, self._evaluated, lambda _: None
        )
        self._envs: Answers[_OfType, Env] = Answers(
            self.asking, self._env_of, lambda question: Env((), question[2] or question[0])
        )
        self.names = Names(self, globals_)
        self.members = TypeMembers(self)
        self.keys = MemberNames(self)
        self.calls = Calls(self)
        self.library = Library(self)
        self.literals = Literals(self)
        self.unions = Unions(self)
        self.narrowed = Narrowed(self)
        self.assignability = Assignability(self)
        self.conditional = Conditional(self)
        self.mapped = MappedTypes(self)
        self._depth = 0
        self._nested = 0
        self._steps = 0
        self._most = MAX_STEPS
        self._steps_of_many = 0
        self._by_op = self._table()

    @property
    def steps_of_many(self) -> int:
        """What all questions of many steps took so far: `MAX_STEPS_OF_MANY`."""
        return self._steps_of_many + (self._steps if self._steps > MANY_STEPS else 0)

    # Questions

    def member(self, file_no: int, expression: int, name: str) -> list[Found]:
        """What `.name` of the value of an expression can be; empty: nothing is known of it."""
        self._begin()
        return self._path(self.evaluate(file_no, expression, NO_ENV), (name,))

    def member_of_import(self, file_no: int, number: int, names: Sequence[str]) -> list[Found]:
        """What the last of `names` is, each a member of the one before, the first of an import."""
        self._begin()
        return self._path(self.names.imported(self.modules[file_no], number), names)

    def member_of_instance(self, file_no: int, symbol: int, name: str) -> list[Found]:
        """What `this.name` is in a class."""
        self._begin()
        return self.members.member(self.names.instance(file_no, symbol), name)

    def _begin(self) -> None:
        if self._steps > MANY_STEPS:
            self._steps_of_many += self._steps
        self._steps = 0
        self._most = MAX_STEPS if self._steps_of_many < MAX_STEPS_OF_MANY else MANY_STEPS

    def enter(self) -> bool:
        """Whether one more question may be asked within those that are; `leave` then ends it."""
        if self._nested >= MAX_NESTED or self._steps >= self._most:
            self.meet_bound()
            return False
        self._nested += 1
        self._steps += 1
        return True

    def look(self) -> bool:
        """Whether one more step may be taken within the question that is asked."""
        if self._steps >= self._most:
            self.meet_bound()
            return False
        self._steps += 1
        return True

    def meet_bound(self) -> None:
        """Note that a bound cuts short what is asked, so that nothing keeps the answer."""
        self.asking.bounds_met += 1

    def leave(self) -> None:
        """End what `enter` began."""
        self._nested -= 1

    def place(self, file_no: int, symbols: Sequence[int]) -> Place:
        """Where some symbols of a file are declared: those of the library are outside."""
        if file_no == self.library_no:
            return nothing(Resolution.EXTERNAL)
        return symbols_place(file_no, symbols)

    def _path(self, receiver: Type | None, names: Sequence[str]) -> list[Found]:
        found: list[Found] = []
        for at, name in enumerate(names):
            if at:
                receiver = any_of([one.type() for one in found])
            if receiver is None:
                return []
            found = self.members.member(receiver, name)
        return found

    # Expressions

    def evaluate(self, file_no: int, number: int, env: Env) -> Type | None:
        """The type of an expression of a file, type parameters being what `env` says."""
        if number < 0:
            return None
        return self._types.to((file_no, number, env))

    def _evaluated(self, key: _Key) -> Type | None:
        if self._depth >= MAX_DEPTH or self._steps >= self._most:
            self.meet_bound()
            return None
        file_no, number, env = key
        self._depth += 1
        self._steps += 1
        expression = self.modules[file_no].expressions[number]
        answer = self._by_op[expression.op](file_no, expression, number, env)
        self._depth -= 1
        return answer

    def within(self, file_no: int, number: int) -> Iterator[int]:
        """The expressions that one is made of, itself first, as far as those of a type go."""
        expressions = self.modules[file_no].expressions
        waiting = [number]
        for one in waiting:
            if one >= 0:
                yield one
                left = MAX_WITHIN - len(waiting)
                waiting += [part for part in expressions[one].parts if part not in waiting][:left]

    def evaluate_all(self, file_no: int, numbers: Sequence[int], env: Env) -> list[Type | None]:
        """The types of several expressions."""
        return [self.evaluate(file_no, number, env) for number in numbers]

    def env_of(self, instance: Instance, part: Declaration, this: Instance | None = None) -> Env:
        """What the type parameters of one declaration of a class or interface stand for.

        `this`: the value whose base the instance is.
        """
        return self._envs.to((instance, part, this))

    def _env_of(self, question: _OfType) -> Env:
        instance, (file_no, symbol), this = question
        parameters = self.modules[file_no].types_of(symbol, TypeRole.PARAMETER)
        within = Env((), instance)
        found = self.stand_for(file_no, parameters, instance.arguments, within)
        return Env((), this or instance).besides(file_no, found)

    def stand_for(
        self,
        file_no: int,
        parameters: Sequence[int],
        arguments: Sequence[Type | None],
        within: Env,
    ) -> list[tuple[int, Type | None]]:
        """What some type parameters stand for: type arguments, or what they are without one."""
        found: list[tuple[int, Type | None]] = []
        for place, parameter in enumerate(parameters):
            if place < len(arguments):
                given = arguments[place]
            else:
                default = self.modules[file_no].expressions[parameter].parts[1]
                given = self.evaluate(file_no, default, within.besides(file_no, found))
            found.append((parameter, given))
        return found

    def _table(self) -> list[_Answer]:
        calls, names = self.calls, self.names
        by_op: dict[int, _Answer] = {
            TypeOp.SYMBOL_VALUE: lambda file, one, _, env: names.value(file, one.a, env),
            TypeOp.SYMBOL_TYPE: lambda file, one, _, env: names.type_named(
                file, (one.a,), self.evaluate_all(file, one.parts, env)
            ),
            TypeOp.IMPORT_VALUE: lambda file, one, _, __: names.imported(self.modules[file], one.a),
            TypeOp.IMPORT_TYPE: lambda file, one, _, env: names.imported_type(
                self.modules[file], one.a, self.evaluate_all(file, one.parts, env)
            ),
            TypeOp.GLOBAL_VALUE: lambda _, one, __, ___: names.global_value(one.name),
            TypeOp.GLOBAL_TYPE: self._global_type,
            TypeOp.MODULE: lambda file, one, _, __: names.module(
                file if one.a == OWN_MODULE else self.modules[file].targets[one.a]
            ),
            TypeOp.MEMBER: self._member,
            TypeOp.TYPE_MEMBER: self._type_member,
            TypeOp.CALL: lambda file, one, _, env: calls.result(file, one, env),
            TypeOp.NEW: lambda file, one, _, env: calls.constructed(file, one, env),
            TypeOp.ARGUMENT: lambda file, one, _, env: calls.argument(file, one, env),
            TypeOp.UNION: lambda file, one, _, env: any_of(self.evaluate_all(file, one.parts, env)),
            TypeOp.INTERSECTION: self._intersection,
            TypeOp.PRIMITIVE: lambda _, one, __, ___: primitive(one.name),
            TypeOp.CONDITIONAL: self.conditional.type,
            TypeOp.MAPPED: self.mapped.type,
            TypeOp.KEYED: self.mapped.keyed,
            TypeOp.KEYOF: self._derived(lambda of, _: Keys(of)),
            TypeOp.GENERIC: lambda file, _, number, __: names.applied(file, number, ()),
            TypeOp.APPLIED: lambda file, one, _, env: names.applied(
                file, one.parts[0], self.evaluate_all(file, one.parts[1:], env)
            ),
            TypeOp.ARRAY: lambda file, one, _, env: self.library.array(
                self.evaluate(file, one.parts[0], env)
            ),
            TypeOp.TUPLE: self._tuple,
            TypeOp.OBJECT: lambda file, _, number, env: Object(file, number, env),
            TypeOp.FUNCTION: lambda file, _, number, env: Function(file, number, env),
            TypeOp.CONSTRUCTOR: lambda file, _, number, env: Function(file, number, env),
            TypeOp.TYPE_PARAMETER: self._type_parameter,
            TypeOp.INSTANCE: self._instance,
            TypeOp.ELEMENT: self._element,
            TypeOp.AWAIT: self._derived(lambda of, _: self.library.awaited(of)),
            TypeOp.PARAMETER: self._derived(calls.parameter),
            TypeOp.THIS: self._this,
            TypeOp.OF_LITERAL: self._of_literal,
            TypeOp.NARROWED: self.narrowed.type,
            TypeOp.PREDICATE: lambda _, __, ___, ____: EXTERNAL,
            TypeOp.RESULT: self._derived(lambda of, _: calls.result_of(of)),
        }
        for op in (TypeOp.SAME, TypeOp.REST, TypeOp.SPREAD, TypeOp.PROPERTY):
            by_op[op] = self._derived(lambda of, _: of)
        return [by_op.get(op, self._unheard) for op in range(max(TypeOp) + 1)]

    def _unheard(self, _: int, __: TypeExpression, ___: int, ____: Env) -> Type | None:
        return None

    def _derived(self, derive: _Derive) -> _Answer:
        """What comes of the type of the first part, where that has one."""

        def answer(file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
            of = self.evaluate(file_no, one.parts[0], env)
            return None if of is None else derive(of, one.a)

        return answer

    def _global_type(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        arguments = self.evaluate_all(file_no, one.parts, env)
        of = self.names.global_type(one.name, arguments)
        if one.name not in SELECTING or of is not arguments[0] or isinstance(of, External | None):
            return of
        return Selected(of, self._keys(file_no, one.parts[1:]), without=one.name == "Omit")

    def _keys(self, file_no: int, numbers: Sequence[int]) -> frozenset[str] | None:
        """The keys that the second argument of a selecting type names; None: not all are."""
        expressions = self.modules[file_no].expressions
        keys = [expressions[one] for one in numbers if one >= 0]
        if not keys or keys[0].op != TypeOp.UNION:
            return None
        names = [expressions[one].name for one in keys[0].parts]
        return frozenset(one[1:-1] for one in names) if all(map(_is_key, names)) else None

    def _member(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        if one.parts[0] < 0:
            return None
        holder = self.modules[file_no].expressions[one.parts[0]]
        if holder.op == TypeOp.ARGUMENT:
            receiver = self.calls.argument(file_no, holder, env, one.name)
        else:
            receiver = self.evaluate(file_no, one.parts[0], env)
        if receiver is None:
            return None
        whole = None
        if holder.op == TypeOp.INSTANCE and receiver is env.this:
            # A member of `this` is what its class says, also where an heir overrides it.
            whole, receiver = env.this, self._of_class(env.this, file_no, holder.a)
        return any_of([found.type() for found in self.members.member(receiver, one.name, whole)])

    def _of_class(self, of: Instance, file_no: int, symbol: int) -> Instance:
        """An heir as an instance of what it inherits."""
        arguments = self.members.arguments_of(of, file_no, symbol)
        return of if arguments is None else Instance(file_no, symbol, arguments)

    def _type_member(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        arguments = self.evaluate_all(file_no, one.parts[1:], env)
        namespace = self.modules[file_no].expressions[one.parts[0]]
        if namespace.op == TypeOp.MODULE:
            target = self.modules[file_no].targets[namespace.a]
            return self.names.module_type(target, one.name, arguments)
        return self._type_within(self.evaluate(file_no, one.parts[0], env), one.name, arguments)

    def _type_within(
        self, holder: Type | None, name: str, arguments: list[Type | None]
    ) -> Type | None:
        if isinstance(holder, AllOf):
            each = (self._type_within(part, name, arguments) for part in holder.parts)
            return next((found for found in each if found is not None), None)
        if isinstance(holder, ModuleValue):
            return self.names.exported_type(holder.file_no, name, arguments)
        if isinstance(holder, Value):
            module = self.modules[holder.file_no]
            merged = module.parts(holder.symbol)
            symbols = [each for part in merged for each in module.members(part, name)]
            if not symbols:
                listed = self.exports.listed(module, holder.symbol, name)
                return self.names.type_at(listed, arguments)
            return self.names.type_named(holder.file_no, symbols, arguments)
        return External(holder.member(name)) if isinstance(holder, External) else None

    def _element(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        of, *keys = self.evaluate_all(file_no, one.parts, env)
        if of is None:
            return None
        for number, key in zip(one.parts[1:], keys, strict=True):
            named = None if key is None else self.mapped.named(of, key)
            named = self.mapped.named_by_one_of(of, file_no, number) if named is None else named
            if named is not None:
                return named
        return self.members.element(of, one.a)

    def _tuple(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        expressions = self.modules[file_no].expressions
        types: list[Type | None] = []
        for part in one.parts:
            of = self.evaluate(file_no, part, env)
            if part < 0 or expressions[part].op != TypeOp.REST:
                types.append(of)
            elif isinstance(of, Elements):
                types += of.types
            else:
                # How many there are is not known.
                elements = [*types, None if of is None else self.members.element(of, -1)]
                return self.library.array(any_of(elements))
        # One that a type goes on adding to is an array at the end, which is the same each time.
        return Elements(types) if len(types) <= MAX_TUPLE else self.library.array(any_of(types))

    def _intersection(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        parts = [part for part in self.evaluate_all(file_no, one.parts, env) if part is not None]
        if len(parts) > 1 and all(isinstance(part, External) for part in parts):
            for kind in (Primitive, Keys):
                said = [part for part in parts if isinstance(part, kind)]
                if said:
                    return said[0]
            return EXTERNAL
        if len(parts) > 1:
            return AllOf(tuple(surest_first(parts)))
        return parts[0] if parts else None

    def _type_parameter(
        self, file_no: int, one: TypeExpression, number: int, env: Env
    ) -> Type | None:
        return env.get(file_no, number) or self.evaluate(file_no, one.parts[0], env)

    def _this(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        """`this` in a function: as what is expected of it says, or what it is a member of."""
        function, otherwise = one.parts
        of = self.evaluate(file_no, function, env)
        said = None if of is None else self.calls.this_of(of)
        return said or self.evaluate(file_no, otherwise, env)

    def _of_literal(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        """`this` in an object literal: what is expected of that, and what it has besides."""
        expected, literal = self.evaluate_all(file_no, one.parts, env)
        if expected is None or literal is None:
            return expected or literal
        if self.calls.takes_as_given(file_no, one.parts[0], env):
            return AllOf((literal, expected))
        return AllOf((expected, literal))

    def _instance(self, file_no: int, one: TypeExpression, _: int, env: Env) -> Type | None:
        """`this`: what the member was asked of, where that is of the class."""
        of = env.this
        if of is not None and self.members.arguments_of(of, file_no, one.a) is not None:
            return of
        return self.names.instance(file_no, one.a)


def _is_key(name: str) -> bool:
    return name.startswith('"')
