"""Whether one type extends another, as conditions and overloads ask.

It is said where it is known. Structure is looked at by names, and by values where these are
literals: what has all members of an interface may extend it, and what lacks one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from indexer.parsing.facts import NULL, SymbolFlag, SymbolKind, TypeExpression, TypeOp
from indexer.resolution.inference.literals import BOOLEAN, literals_of
from indexer.resolution.inference.types import (
    NOTHING,
    AllOf,
    Elements,
    External,
    Function,
    Instance,
    Keys,
    Mapped,
    Object,
    Primitive,
    Type,
)
from indexer.resolution.inference.unify import Pattern
from indexer.resolution.places import PlaceKind

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.literals import Literal
    from indexer.resolution.inference.unify import Generic
    from indexer.resolution.places import Module

MAX_DEPTH: Final = 8

_OBJECTS: Final = frozenset({"Function", "Object", "object"})
_ANYTHING: Final = frozenset({"any", "unknown"})

Verdict: TypeAlias = bool | None
"""Whether it does; None: that is not known."""


_Judge: TypeAlias = "Callable[[Pattern, TypeExpression, Type, int], Verdict]"


class Assignability:
    """Judges for one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._required: dict[tuple[int, int], tuple[str, ...]] = {}
        self._by_op: dict[int, _Judge] = {
            TypeOp.ARRAY: self._is_array,
            TypeOp.CONSTRUCTOR: self._is_function,
            TypeOp.FUNCTION: self._is_function,
            TypeOp.INTERSECTION: self._is_all,
            TypeOp.KEYOF: self._is_key,
            TypeOp.OBJECT: self._has_members,
            TypeOp.PRIMITIVE: self._is_primitive,
            TypeOp.REST: self._is_rest,
            TypeOp.SAME: self._is_all,
            TypeOp.TUPLE: self._is_tuple,
            TypeOp.UNION: self._is_any,
        }

    def extends(self, of: Generic, number: int, check: Type) -> Verdict:
        """Whether a type extends an expression, whatever the type parameters of `of` are."""
        if not self._inference.enter():
            return None
        verdict = self._extends(Pattern(of.file_no, of.env, of.generic), number, check, 0)
        self._inference.leave()
        return verdict

    def _extends(self, of: Pattern, number: int, check: Type, depth: int) -> Verdict:
        if number < 0 or depth >= MAX_DEPTH or check is NOTHING:
            return None if number not in of.generic else True
        expression = self._inference.modules[of.file_no].expressions[number]
        if number in of.generic:
            # It is whatever there is, within what it extends.
            bound = expression.parts[0]
            if bound < 0 or not self._inference.look():
                return True
            return self._extends(of, bound, check, depth + 1) is not False
        if expression.op == TypeOp.GLOBAL_TYPE and expression.name == "ThisType":
            # It says what `this` is, and asks for nothing.
            return True
        judge = self._by_op.get(expression.op)
        if expression.op == TypeOp.MAPPED and expression.parts[0] < 0:
            judge = self._is_indexed
        if judge is not None:
            return judge(of, expression, check, depth + 1)
        return self._is_named(of, number, check)

    def _is_primitive(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        if one.name in _ANYTHING:
            return True
        if isinstance(check, AllOf):
            return _one_of([self._is_primitive(of, one, part, depth) for part in check.parts])
        if isinstance(check, Primitive):
            return check.is_a(Primitive(one.name))
        if isinstance(check, External):
            return None
        return one.name in _OBJECTS

    def _is_any(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        return _one_of([self._extends(of, part, check, depth) for part in one.parts])

    def _is_all(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        # What asks for nothing is weak only by itself.
        asking = [part for part in one.parts if not self._asks_nothing(of.file_no, part)]
        parts = asking or one.parts
        return _all_of([self._extends(of, part, check, depth) for part in parts])

    def _asks_nothing(self, file_no: int, number: int) -> bool:
        """Whether an expression is a type literal with nothing in it but what may be missing."""
        module = self._inference.modules[file_no]
        if number < 0 or module.expressions[number].op != TypeOp.OBJECT:
            return False
        parts = module.expressions[number].parts
        return not module.required_properties(parts) and all(
            module.expressions[part].op == TypeOp.PROPERTY for part in parts
        )

    def _is_function(self, _: Pattern, one: TypeExpression, check: Type, __: int) -> Verdict:
        return self._is_called(one, check)

    def _is_called(self, one: TypeExpression, check: Type) -> Verdict:
        """Whether something can be called as a FUNCTION is, or constructed as a CONSTRUCTOR."""
        if isinstance(check, External):
            return _of_outside(check)
        new = one.op == TypeOp.CONSTRUCTOR
        if new and self._inference.calls.instance_of(check) is not None:
            return True
        return bool(self._inference.calls.signatures(check, new=new))

    def _is_array(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        if isinstance(check, External):
            return _of_outside(check)
        if self._inference.library.arguments(check, "ArrayLike") is None:
            return False
        element = self._inference.members.element(check, -1)
        return None if element is None else self._extends(of, one.parts[0], element, depth)

    def _is_tuple(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        if not isinstance(check, Elements):
            # However long an array is, it is no tuple.
            return None if isinstance(check, External) else False
        expressions = self._inference.modules[of.file_no].expressions
        ops = [expressions[part].op for part in one.parts if part >= 0]
        rest = ops.count(TypeOp.REST)
        fixed = len(one.parts) - rest
        if len(check.types) < fixed or (not rest and len(check.types) > fixed):
            return False
        held = self._inference.calls.unifier.held_against(of, one.parts, check.types)
        return _all_of(
            [
                None if given is None else self._extends(of, part, given, depth)
                for part, given in held
            ]
        )

    def _is_rest(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        return self._extends(of, one.parts[0], check, depth)

    def _has_members(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        module = self._inference.modules[of.file_no]
        required = module.required_properties(one.parts)
        others = [part for part in one.parts if module.expressions[part].op != TypeOp.PROPERTY]
        if one.parts and not others and not required:
            return self._has_any(check, [module.expressions[part].name for part in one.parts])
        return _all_of(
            [
                *(
                    self._has_as(of, name, number, check, depth)
                    for name, number in required.items()
                ),
                *(self._extends(of, part, check, depth) for part in others),
            ]
        )

    def _has_any(self, check: Type, names: list[str]) -> Verdict:
        """Whether something is as a type says all of whose members may be missing.

        It has one of them, or none at all.
        https://www.typescriptlang.org/docs/handbook/release-notes/typescript-2-4.html
        """
        if isinstance(check, External):
            return _of_outside(check)
        verdict = _one_of([self._has(check, name) for name in names])
        if verdict is False and not self._inference.keys.names(check):
            return None
        return verdict

    def _has_as(self, of: Pattern, name: str, number: int, check: Type, depth: int) -> Verdict:
        """Whether a type has a member as it is written: its values, and members of that."""
        inference = self._inference
        verdict = self._has(check, name)
        if verdict is not True or number < 0:
            return verdict
        if inference.modules[of.file_no].expressions[number].op == TypeOp.OBJECT:
            held = inference.keys.any_named(check, [name])
            return True if held is None else self._extends(of, number, held, depth)
        values = inference.literals.of(of.file_no, number)
        if values is None:
            stands_for = inference.evaluate(of.file_no, number, of.env)
            if isinstance(stands_for, Primitive):
                values = literals_of(stands_for.name)
        return self._has_one_of(check, name, values)

    def _is_indexed(self, of: Pattern, one: TypeExpression, check: Type, depth: int) -> Verdict:
        """Whether all that something holds is what an index signature says."""
        if isinstance(check, External):
            return _of_outside(check)
        values = self._inference.keys.values(check)
        return values is None or self._extends(of, one.parts[1], values, depth) is not False

    def _has(self, check: Type, name: str) -> Verdict:
        """Whether a type has a member; what is outside may."""
        if isinstance(check, External):
            return None
        found = self._inference.members.member(check, name)
        if found and found[0].place.kind != PlaceKind.NOTHING:
            return True
        if found:
            # What is spread or inherited from outside may have it, and where all names are members
            # nothing says that this one is there.
            is_record = self._inference.library.arguments(check, "Record") is not None
            return True if self._is_of_the_library(check) and not is_record else None
        return None if self._is_open(check) else False

    def _has_one_of(self, check: Type, name: str, values: frozenset[Literal] | None) -> Verdict:
        """Whether a type has a member whose value is one of these; None: whatever that is."""
        verdict = self._has(check, name)
        if verdict is not True or values is None:
            return verdict
        given = self._inference.literals.of_members(check, name)
        if given is None or given - {NULL} <= values:
            return None if given is None else True
        # Of a boolean in an object literal it is not known which of the two it is.
        is_either = isinstance(check, Object) and given >= BOOLEAN
        return None if is_either and not given.isdisjoint(values) else False

    def _is_open(self, check: Type) -> bool:
        """Whether a type may have members that are not known."""
        if isinstance(check, AllOf):
            return any(self._is_open(part) for part in check.parts)
        if isinstance(check, Mapped):
            return check.is_part or check.of is None or self._is_open(check.of)
        if isinstance(check, Object):
            expressions = self._inference.modules[check.file_no].expressions
            parts = [expressions[part] for part in expressions[check.expression].parts]
            return any(part.op == TypeOp.SPREAD for part in parts)
        return False

    def _is_key(self, of: Pattern, one: TypeExpression, check: Type, _: int) -> Verdict:
        holder = self._inference.evaluate(of.file_no, one.parts[0], of.env)
        return None if holder is None else self._is_key_of(holder, check)

    def _is_key_of(self, holder: Type, check: Type) -> Verdict:
        if not isinstance(check, Primitive) or check.text is None:
            return None if isinstance(check, External) else False
        return self._has(holder, check.text)

    def _is_named(self, of: Pattern, number: int, check: Type) -> Verdict:
        named = self._inference.evaluate(of.file_no, number, of.env)
        if isinstance(named, Keys):
            return self._is_key_of(named.of, check)
        if isinstance(named, Primitive) and isinstance(check, Primitive):
            return check.is_a(named)
        if named is None or isinstance(named, External):
            one = self._inference.modules[of.file_no].expressions[number]
            is_function = one.op == TypeOp.GLOBAL_TYPE and one.name == "Function"
            return self._is_callable(check) if is_function else None
        if isinstance(check, External):
            is_other = isinstance(check, Primitive) and not self._is_loose(named)
            return False if is_other else None
        if self._inference.unions.among([named])(check):
            return True
        return self._is_one_of(check, self._inference.unions.members(named))

    def _is_callable(self, check: Type) -> Verdict:
        """Whether something is a `Function`, which has no members that are known here."""
        if isinstance(check, External):
            return _of_outside(check)
        calls = self._inference.calls
        if calls.signatures(check) or calls.instance_of(check) is not None:
            return True
        if isinstance(check, Elements) or self._is_of_the_library(check):
            return False
        return False if self._has(check, "apply") is False else None

    def _is_one_of(self, check: Type, kinds: Sequence[Type]) -> Verdict:
        if self._inference.unions.among(kinds)(check):
            return True
        return _one_of([self._is_like(kind, check) for kind in kinds])

    def _is_loose(self, named: Type) -> bool:
        """Whether a primitive value may be of the type: one that is an alias of whatever."""
        kinds = self._inference.unions.members(named)
        return any(isinstance(one, External) or one is NOTHING for one in kinds) or (
            isinstance(named, Instance) and not self._required_of(named)
        )

    def _is_like(self, kind: Type, check: Type) -> Verdict:
        """Whether a type that does not inherit another one may still be as that is."""
        if isinstance(kind, Function):
            one = self._inference.modules[kind.file_no].expressions[kind.expression]
            return False if self._is_called(one, check) is False else None
        if isinstance(kind, Object):
            pattern = Pattern(kind.file_no, kind.env, ())
            return self._extends(pattern, kind.expression, check, 0)
        if isinstance(kind, AllOf):
            asking = [part for part in kind.parts if not self._is_weak(part)] or kind.parts
            return _all_of([self._is_one_of(check, [part]) for part in asking])
        if not isinstance(kind, Instance):
            return None
        if self._is_of_the_library(kind):
            return False
        values = self._inference.literals.of_members
        each = [
            self._has_one_of(check, name, values(kind, name)) for name in self._required_of(kind)
        ]
        return False if False in each else None

    def _is_weak(self, kind: Type) -> bool:
        return isinstance(kind, Object) and self._asks_nothing(kind.file_no, kind.expression)

    def _is_of_the_library(self, of: Type) -> bool:
        return isinstance(of, Instance) and of.file_no == self._inference.library_no

    def _required_of(self, of: Instance) -> Sequence[str]:
        """The members that a class or an interface itself asks for."""
        key = (of.file_no, of.symbol)
        known = self._required.get(key)
        if known is None:
            parts: dict[int, set[int]] = {}
            for file_no, part in self._inference.members.declarations(of):
                parts.setdefault(file_no, set()).add(part)
            known = self._required[key] = tuple(
                name
                for file_no, held in parts.items()
                for name in _required_in(self._inference.modules[file_no], held)
            )
        return known


def _required_in(module: Module, parts: Collection[int]) -> Iterator[str]:
    left_out = SymbolFlag.OPTIONAL | SymbolFlag.STATIC
    for name, kind, flags, container in zip(
        module.names, module.kinds, module.flags, module.containers, strict=True
    ):
        if container in parts and not flags & left_out and kind != SymbolKind.CONSTRUCTOR:
            yield name


def _of_outside(check: External) -> Verdict:
    """Whether something from outside is of a type with members: a primitive is not."""
    return False if isinstance(check, Primitive) else None


def _one_of(each: list[Verdict]) -> Verdict:
    return True if True in each else None if None in each else False


def _all_of(each: list[Verdict]) -> Verdict:
    return False if False in each else None if None in each else True
