"""Conditional types: `A extends B ? C : D`.

Where it is not known whether A extends B, the type may be either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from indexer.resolution.inference.types import NOTHING, Env, Type, any_of
from indexer.resolution.inference.unify import Pattern

if TYPE_CHECKING:
    from indexer.parsing.facts import TypeExpression
    from indexer.resolution.inference.evaluate import Inference

MAX_DISTRIBUTED: Final = 100


class Conditional:
    """Chooses for one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def type(self, file_no: int, one: TypeExpression, _number: int, env: Env) -> Type | None:
        """What a CONDITIONAL is."""
        inference = self._inference
        check = inference.evaluate(file_no, one.parts[0], env)
        if check is None or check is NOTHING or not inference.enter():
            return None
        members = inference.unions.members(check) if one.a else [check]
        # What a type parameter is within may not extend what that which it stands for still does.
        is_open = bool(one.a) and env.get(file_no, one.parts[0]) is None
        found = []
        for member in members if len(members) <= MAX_DISTRIBUTED else ():
            inside = env.besides(file_no, [(one.parts[0], member)]) if one.a else env
            found.append(self._chosen(file_no, one, member, inside, is_open=is_open))
        inference.leave()
        return any_of(found)

    def _chosen(
        self, file_no: int, one: TypeExpression, check: Type, env: Env, *, is_open: bool
    ) -> Type | None:
        """What one type makes of a condition, and of those behind it that ask the same type."""
        inference = self._inference
        given: list[Type | None] = []
        while True:
            pattern = Pattern(file_no, env, one.parts[4:])
            verdict = inference.assignability.extends(pattern, one.parts[1], check)
            if verdict is False and is_open:
                verdict = None
            if verdict is not False:
                given.append(self._then(pattern, one, check))
            if verdict is True:
                break
            behind = self._behind(file_no, one)
            if behind is None:
                given.append(inference.evaluate(file_no, one.parts[3], env))
                break
            one = behind
        return any_of(given)

    def _then(self, of: Pattern, one: TypeExpression, check: Type) -> Type | None:
        """What it is where the condition holds, with what that infers."""
        inference = self._inference
        bindings: dict[int, Type | None] = {}
        if of.generic:
            inference.calls.unifier.unify(of, one.parts[1], check, bindings)
        inside = of.env.besides(of.file_no, [(each, bindings.get(each)) for each in of.generic])
        return inference.evaluate(of.file_no, one.parts[2], inside)

    def _behind(self, file_no: int, one: TypeExpression) -> TypeExpression | None:
        """The condition of the same type that is asked where this one does not hold.

        However many of them follow each other, it is no deeper question.
        """
        otherwise = one.parts[3]
        if otherwise < 0:
            return None
        behind = self._inference.modules[file_no].expressions[otherwise]
        is_same = behind.op == one.op and behind.a == one.a and behind.parts[0] == one.parts[0]
        return behind if is_same else None
