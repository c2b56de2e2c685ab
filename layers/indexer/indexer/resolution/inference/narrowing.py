"""What is left of a type once a condition told something of the value: of a union some members.

A member goes only where the condition is known to leave no value of it. Where none would be left,
the condition was misunderstood, and all of them stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from indexer.parsing.facts import (
    NULL,
    Narrowing,
    SymbolKind,
    TypeExpression,
    TypeOp,
)
from indexer.resolution.inference.asking import Answers
from indexer.resolution.inference.literals import FALSE, Literal
from indexer.resolution.inference.types import (
    EXTERNAL,
    NOTHING,
    PRIMITIVE_KINDS,
    AllOf,
    Elements,
    Env,
    External,
    Function,
    Instance,
    Object,
    Type,
    Value,
    any_of,
)

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.overloads import Signature
    from indexer.resolution.inference.unions import Name

MAX_PREDICATES: Final = 8

# What `typeof` says of values that have no members here.
_PRIMITIVES: Final = PRIMITIVE_KINDS | {"undefined"}
# What predicates tell of these is what `typeof` tells.
_TOLD_BY_TYPEOF: Final = {"Function": "function", "Object": "object", "Record": "object"}
_NULL: Final[frozenset[Literal]] = frozenset({NULL})


class _Question(NamedTuple):
    """What is asked of each member of a union: as NARROWED says it, in a file."""

    file_no: int
    name: str
    operand: int
    holds: bool
    env: Env


_Narrow: TypeAlias = Callable[[_Question, Type | None], Type | None]


class Narrowed:
    """Narrows the types of one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._told: Answers[tuple[Type, Type, bool], Type] = Answers(
            inference.asking, self._among, lambda question: question[0]
        )
        self._by_how: dict[Narrowing, _Narrow] = {
            Narrowing.INSTANCE: self._by_class,
            Narrowing.TYPE: self._by_typeof,
            Narrowing.HAS: self._by_presence,
            Narrowing.EQUAL: self._by_value,
            Narrowing.TRUE: self._by_truth,
            Narrowing.TOLD: self._by_predicate,
        }

    def type(self, file_no: int, one: TypeExpression, _number: int, env: Env) -> Type | None:
        """What a NARROWED is."""
        of = self._inference.evaluate(file_no, one.parts[0], env)
        if not self._inference.enter():
            return of
        asked = _Question(file_no, one.name, one.parts[1], one.a > 0, env)
        left = self._by_how[Narrowing(abs(one.a))](asked, of)
        self._inference.leave()
        return left

    # The ways to tell

    def _by_class(self, asked: _Question, of: Type | None) -> Type | None:
        inference = self._inference
        named = inference.evaluate(asked.file_no, asked.operand, asked.env)
        made = None if named is None else inference.calls.instance_of(named)
        return of if made is None else self._by_type(of, made, holds=asked.holds)

    def _by_predicate(self, asked: _Question, of: Type | None) -> Type | None:
        inference = self._inference
        callee = inference.evaluate(asked.file_no, asked.operand, asked.env)
        at = -1 if asked.name == "this" else int(asked.name)
        for one in inference.calls.signatures(callee)[:MAX_PREDICATES]:
            if one.result < 0:
                continue
            result = inference.modules[one.file_no].expressions[one.result]
            if result.op == TypeOp.PREDICATE and result.a == at:
                return self._as_told(of, one, result.parts[0], holds=asked.holds)
        return of

    def _as_told(
        self, of: Type | None, predicate: Signature, number: int, *, holds: bool
    ) -> Type | None:
        inference = self._inference
        written = inference.modules[predicate.file_no].expressions[number]
        word = written.name if written.op == TypeOp.PRIMITIVE else ""
        if written.op == TypeOp.GLOBAL_TYPE:
            word = _TOLD_BY_TYPEOF.get(written.name, "")
        if word:
            return self._by_word(of, word, holds=holds)
        told = inference.evaluate(predicate.file_no, number, predicate.env)
        return of if told is None else self._by_type(of, told, holds=holds)

    def _by_type(self, of: Type | None, told: Type, *, holds: bool) -> Type | None:
        """What is left of a type where a value is one of another, or is none."""
        if of is None:
            return told if holds else None
        members = self._inference.unions.members(of)
        if isinstance(told, External):
            # Which of those outside it may be is not known.
            return told if holds and any(isinstance(one, External) for one in members) else of
        return self._told.to((of, told, holds))

    def _among(self, question: tuple[Type, Type, bool]) -> Type:
        of, told, holds = question
        unions = self._inference.unions
        members, kinds = unions.members(of), unions.members(told)
        among = unions.among(kinds)
        written_out = [self._required(kind) for kind in kinds if isinstance(kind, Object)]
        are = [
            among(one)
            or any(self._has_all(one, required) for required in written_out[:MAX_PREDICATES])
            for one in members
        ]
        if not holds:
            return _left(of, [one for one, is_so in zip(members, are, strict=True) if not is_so])
        heirs: dict[Name, list[Type]] = {}
        for kind in kinds:
            for name in unions.lineage(kind):
                heirs.setdefault(name, []).append(kind)
        kept: list[Type] = []
        for one, is_so in zip(members, are, strict=True):
            of_it = unions.name(one)
            kept += [one] if is_so else () if of_it is None else heirs.get(of_it, ())
        if not kept and all(not isinstance(one, External) for one in members):
            # Of none that is known: it is both. What a predicate writes out is closer.
            return AllOf((told, of) if written_out else (of, told))
        return any_of(kept) or told

    def _required(self, of: Object) -> list[str]:
        """The members that a type literal asks for."""
        module = self._inference.modules[of.file_no]
        return list(module.required_properties(module.expressions[of.expression].parts))

    def _has_all(self, of: Type, names: list[str]) -> bool:
        if isinstance(of, External) or of is NOTHING or not names:
            return False
        return all(self._inference.members.member(of, name) for name in names)

    def _by_typeof(self, asked: _Question, of: Type | None) -> Type | None:
        return self._by_word(of, asked.name, holds=asked.holds)

    def _by_word(self, of: Type | None, word: str, *, holds: bool) -> Type | None:
        """What is left where `typeof` gives a word, or does not."""
        if of is None:
            return None
        members = self._inference.unions.members(of)
        outside: list[Type] = [one for one in members if isinstance(one, External)]
        inside = [one for one in members if not isinstance(one, External)]
        if word in _PRIMITIVES:
            # Which of them is outside is not known, nor what else may be.
            return of if not holds or word == "undefined" else any_of(outside) or EXTERNAL
        tell = {"array": self._is_array, "function": self._is_called}.get(word)
        if tell is None:
            objects = [one for one in inside if not self._is_called(one)]
            return _left(of, objects) if holds and word == "object" else of
        return _left(of, [one for one in inside if tell(one) == holds] + outside)

    def _is_called(self, of: Type) -> bool:
        if isinstance(of, Value):
            kind = self._inference.modules[of.file_no].kinds[of.symbol]
            return kind == SymbolKind.CLASS or bool(self._inference.calls.signatures(of))
        return isinstance(of, Function) or bool(self._inference.calls.signatures(of))

    def _is_array(self, of: Type) -> bool:
        arrays = self._inference.library
        return isinstance(of, Elements) or arrays.arguments(of, "ArrayLike") is not None

    def _by_presence(self, asked: _Question, of: Type | None) -> Type | None:
        def may_be(one: Type) -> bool:
            found = self._inference.members.member(one, asked.name)
            if asked.holds:
                return bool(found)
            return not found or self._inference.literals.is_optional(found[0].place)

        return self._left_that(of, may_be)

    def _by_value(self, asked: _Question, of: Type | None) -> Type | None:
        keys = self._inference.literals.of(asked.file_no, asked.operand)
        if not keys:
            return of

        def may_be(one: Type) -> bool:
            values = self._inference.literals.of_members(one, asked.name)
            if values is None:
                is_null = asked.holds and keys == _NULL
                return not is_null or self._may_be_null(one, asked.name)
            if asked.holds:
                return not values.isdisjoint(keys)
            return len(keys) > 1 or not values <= keys

        return self._left_that(of, may_be)

    def _by_truth(self, asked: _Question, of: Type | None) -> Type | None:
        def may_be(one: Type) -> bool:
            values = self._inference.literals.of_members(one, asked.name)
            if values is None:
                return asked.holds or not self._is_true(one, asked.name)
            return not (values <= FALSE if asked.holds else values.isdisjoint(FALSE))

        return self._left_that(of, may_be)

    def _left_that(self, of: Type | None, may_be: Callable[[Type], bool]) -> Type | None:
        if of is None:
            return None
        members = self._inference.unions.members(of)
        if len(members) == 1:
            return of
        return _left(of, [one for one in members if isinstance(one, External) or may_be(one)])

    # Members

    def _may_be_null(self, of: Type, name: str) -> bool:
        found = self._inference.members.member(of, name)
        return not found or any(self._inference.literals.may_be_null(one) for one in found)

    def _is_true(self, of: Type, name: str) -> bool:
        """Whether a member is always an object or a function."""
        if self._may_be_null(of, name):
            return False
        types = [one.type() for one in self._inference.members.member(of, name)]
        return all(
            isinstance(one, Elements | Function | Object)
            or (isinstance(one, Instance) and len(self._inference.unions.members(one)) == 1)
            for one in types
        )


def _left(of: Type, members: list[Type]) -> Type:
    return any_of(members) or of
