"""Which of several signatures a call means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.parsing.facts import SymbolKind, TypeExpression, TypeOp
from indexer.resolution.inference.types import (
    AllOf,
    Elements,
    Env,
    External,
    Function,
    Instance,
    Object,
    Primitive,
    Type,
    primitive,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.resolution.inference.calls import Calls
    from indexer.resolution.inference.evaluate import Inference

MAX_OVERLOADS: Final = 16
MAX_SAME: Final = 8

FUNCTIONS: Final = frozenset((TypeOp.FUNCTION, TypeOp.CONSTRUCTOR))
_ARRAYS: Final = frozenset((TypeOp.ARRAY, TypeOp.TUPLE))
# What a string, a number or a boolean, and what an object literal can never be given for.
_NEVER: Final[dict[int, frozenset[TypeOp]]] = {
    TypeOp.PRIMITIVE: FUNCTIONS | _ARRAYS | {TypeOp.OBJECT},
    TypeOp.OBJECT: _ARRAYS,
}


class Signature(NamedTuple):
    """A way to call something: a FUNCTION expression of a file.

    `this` is the expression of what `this` is in it; -1: it does not say.
    """

    file_no: int
    parts: tuple[int, ...]
    parameters: int
    required: int
    this: int
    env: Env

    @classmethod
    def of(cls, file_no: int, function: TypeExpression, env: Env) -> Signature:
        """The signature that a FUNCTION or CONSTRUCTOR is."""
        required, _, rest = function.name.partition(" ")
        says_this = "this" in {required, rest}
        parts = function.parts[:-1] if says_this else function.parts
        return cls(
            file_no=file_no,
            parts=parts,
            parameters=function.a,
            required=int(required) if required.isdigit() else function.a,
            this=function.parts[-1] if says_this else -1,
            env=env,
        )

    @property
    def result(self) -> int:
        """The expression of what it gives."""
        return self.parts[0]

    def parameter(self, at: int) -> int:
        """The expression of one of its parameters; -1: it has no such one."""
        return self.parts[1 + at] if at < self.parameters else -1

    @property
    def generic(self) -> tuple[int, ...]:
        """Its type parameters."""
        return self.parts[1 + self.parameters :]


class Overloads:
    """Chooses by what is known of the arguments: how many they are, and of what kind."""

    def __init__(self, inference: Inference, calls: Calls) -> None:
        self._inference = inference
        self._calls = calls
        self._by_kind: dict[int, Callable[[Type | None], bool]] = {
            TypeOp.CONSTRUCTOR: self._may_be_called,
            TypeOp.FUNCTION: self._may_be_called,
            TypeOp.OBJECT: lambda of: not self._is_only_called(of),
            TypeOp.PRIMITIVE: self._may_be_plain,
        }

    def chosen(
        self, signatures: list[Signature], file_no: int, call: TypeExpression, env: Env
    ) -> Signature | None:
        """The first that may take the arguments, else that takes as many."""
        if len(signatures) < 2:  # noqa: PLR2004 - nothing to choose from
            return signatures[0] if signatures else None
        given = len(call.parts) - 1 - call.a
        as_many = [
            one
            for one in signatures
            if not (call.a and call.a > len(one.generic))
            and (one.parameters >= given or self._takes_more(one))
        ]
        arguments = [self._given(file_no, argument, env) for argument in call.parts[1 + call.a :]]
        for one in as_many[:MAX_OVERLOADS]:
            if one.required <= given and all(
                argument is None or self._may_take(one, at, argument)
                for at, argument in enumerate(arguments)
            ):
                return one
        return as_many[0] if as_many else signatures[0]

    def _given(self, file_no: int, number: int, env: Env) -> TypeExpression | Type | None:
        """What is given as an argument: an instance, else what is written, else nothing known.

        A value of a primitive type is as if that was written.
        """
        argument = self.behind(file_no, number)
        if argument is None or argument.op in self._by_kind:
            return argument
        of = self._inference.evaluate(file_no, number, env)
        if isinstance(of, Primitive):
            return TypeExpression(int(TypeOp.PRIMITIVE), 0, of.name, ())
        return of if isinstance(of, Instance | Elements) else argument

    def behind(self, file_no: int, number: int) -> TypeExpression | None:
        """The expression that another one of a file only stands for; None: it is unknown."""
        expressions = self._inference.modules[file_no].expressions
        for _ in range(MAX_SAME):
            if number < 0 or expressions[number].op != TypeOp.SAME:
                break
            number = expressions[number].parts[0]
        return expressions[number] if number >= 0 else None

    def _may_take(self, signature: Signature, at: int, argument: TypeExpression | Type) -> bool:
        """Whether a parameter may be given an argument, as far as that is known."""
        number = self.parameter_at(signature, at)
        if isinstance(argument, Type):
            return self._inference.conditional.extends(signature, number, argument) is not False
        kind, written = argument.op, self.behind(signature.file_no, number)
        judge = self._by_kind.get(kind)
        if written is None or judge is None:
            return True
        if written.op == TypeOp.PRIMITIVE:
            return kind == TypeOp.PRIMITIVE and not _are_others(written.name, argument.name)
        if written.op in _NEVER.get(kind, frozenset()):
            return False
        if not self._inference.enter():
            return True
        of = self._inference.evaluate(signature.file_no, number, signature.env)
        self._inference.leave()
        return judge(of)

    def _may_be_plain(self, of: Type | None) -> bool:
        """Whether a string, a number or a boolean may be of the type."""
        if of is None:
            return True
        return not all(self._is_composed(one) for one in self._inference.unions.members(of))

    def _is_composed(self, of: Type) -> bool:
        of = self._inference.unions.stands_for(of)
        if isinstance(of, AllOf):
            return any(self._is_composed(part) for part in of.parts)
        return isinstance(of, Elements | Function | Object)

    def _may_be_called(self, of: Type | None) -> bool:
        if of is None or isinstance(of, External):
            return True
        if isinstance(of, Instance) and of.file_no == self._inference.library_no:
            return True
        return bool(self._calls.signatures(of))

    def _is_only_called(self, of: Type | None) -> bool:
        """Whether a type is that of a function, without members that an object could have."""
        if isinstance(of, Instance) and self._is_alias(of):
            stands_for = self._inference.members.bases(of)
            return bool(stands_for) and all(isinstance(one, Function) for one in stands_for)
        return isinstance(of, Function)

    def _is_alias(self, of: Instance) -> bool:
        return self._inference.modules[of.file_no].kinds[of.symbol] == SymbolKind.TYPE

    def _takes_more(self, signature: Signature) -> bool:
        last = signature.parameter(signature.parameters - 1) if signature.parameters else -1
        if last < 0:
            return False
        return self._inference.modules[signature.file_no].expressions[last].op == TypeOp.REST

    def parameter_at(self, signature: Signature, at: int) -> int:
        """The expression of what a signature takes as an argument; -1: unknown, or too many."""
        if at < signature.parameters:
            number = signature.parameter(at)
        elif signature.parameters:
            number = signature.parameter(signature.parameters - 1)
        else:
            return -1
        if number < 0:
            return -1
        expression = self._inference.modules[signature.file_no].expressions[number]
        if expression.op != TypeOp.REST:
            return number if at < signature.parameters else -1
        inner = expression.parts[0]
        if inner < 0:
            return -1
        array = self._inference.modules[signature.file_no].expressions[inner]
        return array.parts[0] if array.op == TypeOp.ARRAY else -1


def _are_others(written: str, given: str) -> bool:
    """Whether one primitive type is asked for, and a value of another one given."""
    wanted, value = primitive(written), primitive(given)
    if not isinstance(wanted, Primitive) or not isinstance(value, Primitive):
        return False
    # Of a value it may not be known which one of its kind it is.
    return not (value.is_a(wanted) or wanted.is_a(value))
