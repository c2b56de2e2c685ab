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
    Value,
    primitive,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.resolution.inference.calls import Calls
    from indexer.resolution.inference.evaluate import Inference

MAX_OVERLOADS: Final = 16

FUNCTIONS: Final = frozenset((TypeOp.FUNCTION, TypeOp.CONSTRUCTOR))
_ARRAYS: Final = frozenset((TypeOp.ARRAY, TypeOp.TUPLE))
_WITH_MEMBERS: Final = (Elements, Instance, Object, Value)
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

    @property
    def last(self) -> int:
        """The expression of its last parameter; -1: it has none, or nothing is known of it."""
        return self.parameter(self.parameters - 1) if self.parameters else -1

    def parameter(self, at: int) -> int:
        """The expression of one of its parameters; -1: it has no such one."""
        return self.parts[1 + at] if at < self.parameters else -1

    @property
    def generic(self) -> tuple[int, ...]:
        """Its type parameters."""
        return self.parts[1 + self.parameters :]


class CallSite(NamedTuple):
    """A CALL or NEW of a file, type parameters around it being what `env` says."""

    file_no: int
    expression: TypeExpression
    env: Env

    @property
    def callee(self) -> int:
        """The expression of what is called."""
        return self.expression.parts[0]

    @property
    def types(self) -> tuple[int, ...]:
        """The expressions of its type arguments."""
        return self.expression.parts[1 : 1 + self.expression.a]

    @property
    def arguments(self) -> tuple[int, ...]:
        """The expressions of its arguments."""
        return self.expression.parts[1 + self.expression.a :]


class _Given(NamedTuple):
    """An argument: what is written, and its type where that has members; None: not known."""

    written: TypeExpression | None
    type: Type | None


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

    def chosen(self, signatures: Sequence[Signature], call: CallSite) -> Signature | None:
        """The first that may take the arguments, else that takes as many."""
        if len(signatures) < 2:  # noqa: PLR2004 - nothing to choose from
            return signatures[0] if signatures else None
        given = len(call.arguments)
        as_many = [
            one
            for one in signatures
            if len(call.types) <= len(one.generic)
            and (one.parameters >= given or self._takes_more(one))
        ]
        arguments = [self._given(call.file_no, one, call.env) for one in call.arguments]
        for one in as_many[:MAX_OVERLOADS]:
            if one.required <= given and all(
                self._may_take(one, at, argument) for at, argument in enumerate(arguments)
            ):
                return one
        return as_many[0] if as_many else signatures[0]

    def _given(self, file_no: int, number: int, env: Env) -> _Given:
        """What is known of an argument. A value of a primitive type is as if that was written."""
        written = self.behind(file_no, number)
        if written is None or (written.op in self._by_kind and written.op != TypeOp.OBJECT):
            return _Given(written, None)
        of = self._inference.evaluate(file_no, number, env)
        if isinstance(of, Primitive):
            return _Given(TypeExpression(int(TypeOp.PRIMITIVE), 0, of.name, ()), None)
        return _Given(written, of if isinstance(of, _WITH_MEMBERS) else None)

    def behind(self, file_no: int, number: int) -> TypeExpression | None:
        """The expression that another one of a file only stands for; None: it is unknown."""
        module = self._inference.modules[file_no]
        number = module.behind(number)
        return module.expressions[number] if number >= 0 else None

    def _may_take(self, signature: Signature, at: int, given: _Given) -> bool:
        """Whether a parameter may be given an argument, as far as that is known."""
        number = self.parameter_at(signature, at)
        if given.type is not None:
            verdict = self._inference.assignability.extends(signature, number, given.type)
            if verdict is False:
                return False
        if given.written is None:
            return True
        if number in signature.generic:
            number = self._inference.modules[signature.file_no].expressions[number].parts[0]
        return self._may_be_written(signature, number, given.written)

    def _may_be_written(self, signature: Signature, number: int, given: TypeExpression) -> bool:
        """Whether something may be of a type, by what is written alone."""
        written, judge = self.behind(signature.file_no, number), self._by_kind.get(given.op)
        if written is None or judge is None:
            return True
        if written.op == TypeOp.PRIMITIVE:
            return given.op == TypeOp.PRIMITIVE and not _are_others(written.name, given.name)
        if written.op in _NEVER.get(given.op, frozenset()):
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
        return self.rest(signature) is not None

    def rest(self, signature: Signature) -> int | None:
        """The expression of what a rest parameter is, -1 where that is unknown; None: it has none.

        It is the last parameter.
        """
        if signature.last < 0:
            return None
        last = self._inference.modules[signature.file_no].expressions[signature.last]
        return last.parts[0] if last.op == TypeOp.REST else None

    def parameter_at(self, signature: Signature, at: int) -> int:
        """The expression of what a signature takes as an argument; -1: unknown, or too many.

        That of a rest parameter is known where it is an array as written.
        """
        inner = self.rest(signature)
        if inner is None or at < signature.parameters - 1:
            return signature.parameter(at)
        if inner < 0:
            return -1
        array = self._inference.modules[signature.file_no].expressions[inner]
        return array.parts[0] if array.op == TypeOp.ARRAY else -1

    def taken_at(self, signature: Signature, at: int, env: Env) -> Type | None:
        """The type of what a signature takes as an argument, its type parameters being as in `env`.

        A rest parameter may be a tuple, whichever a type parameter stands for.
        """
        inference = self._inference
        number = self.parameter_at(signature, at)
        inner = self.rest(signature)
        place = at - signature.parameters + 1
        if number >= 0 or inner is None or place < 0:
            return inference.evaluate(signature.file_no, number, env)
        of = inference.evaluate(signature.file_no, inner, env)
        return None if of is None else inference.members.element(of, place)


def _are_others(written: str, given: str) -> bool:
    """Whether one primitive type is asked for, and a value of another one given."""
    wanted, value = primitive(written), primitive(given)
    if not isinstance(wanted, Primitive) or not isinstance(value, Primitive):
        return False
    # Of a value it may not be known which one of its kind it is.
    return not (value.is_a(wanted) or wanted.is_a(value))
