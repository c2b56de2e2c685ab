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
        inference = self._inference
        _, extends, then, otherwise, *inferred = one.parts
        pattern = Pattern(file_no, env, tuple(inferred))
        verdict = inference.assignability.extends(pattern, extends, check)
        if verdict is False and is_open:
            verdict = None
        given: list[Type | None] = []
        if verdict is not False:
            bindings: dict[int, Type | None] = {}
            if inferred:
                inference.calls.unifier.unify(pattern, extends, check, bindings)
            inside = env.besides(file_no, [(each, bindings.get(each)) for each in inferred])
            given.append(inference.evaluate(file_no, then, inside))
        if verdict is not True:
            given.append(inference.evaluate(file_no, otherwise, env))
        return any_of(given)
