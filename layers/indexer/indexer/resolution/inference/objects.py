"""What `.name` is of an object literal, or of a type that is written like one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indexer.parsing.facts import TypeOp
from indexer.resolution.inference.found import Found, of_declarations
from indexer.resolution.inference.types import Env, Object, Type
from indexer.resolution.places import Module, Place, PlaceKind
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.members import TypeMembers


class ObjectMembers:
    """Looks members of objects up; `members` are those of any other type."""

    def __init__(self, inference: Inference, members: TypeMembers) -> None:
        self._inference = inference
        self._members = members

    def member(self, of: Object, name: str) -> list[Found]:
        """The declarations that `.name` of an object can mean; empty: none is known."""
        inference = self._inference
        file_no, number, env = of.file_no, of.expression, of.env
        module = inference.modules[file_no]
        spread: list[Found] = []
        parts = module.expressions[number].parts
        for place in range(len(parts) - 1, -1, -1):
            op, _, named, of_part = module.expressions[parts[place]]
            if op == TypeOp.PROPERTY and named == name:
                overloads = self._overloads(module, parts[:place], name, of_part[0])
                return [self.property(module, [*overloads, parts[place]], env)]
            if op == TypeOp.SPREAD:
                inner = inference.evaluate(file_no, of_part[0], env)
                spread = spread or ([] if inner is None else self._members.member(inner, name))
                if spread and not spread[0].is_outside:
                    return spread
        return spread

    @staticmethod
    def _overloads(module: Module, before: Sequence[int], name: str, last: int) -> list[int]:
        """Those of some properties that are overloads of a method, which comes behind them."""
        expressions = module.expressions

        def is_function(number: int) -> bool:
            return number >= 0 and expressions[number].op == TypeOp.FUNCTION

        if not is_function(last):
            return []
        return [
            one
            for one in before
            if expressions[one].op == TypeOp.PROPERTY
            and expressions[one].name == name
            and is_function(expressions[one].parts[0])
        ]

    def property(self, module: Module, properties: Sequence[int], env: Env) -> Found:
        """What PROPERTYs of one name are: a symbol, or a line, as their expressions say."""
        inference, file_no = self._inference, module.file_no
        stand = [module.expressions[one] for one in properties]
        numbers = [one.parts[0] for one in stand]

        def types() -> Type | None:
            return of_declarations(inference.evaluate_all(file_no, numbers, env))

        at = stand[0].a
        if at >= 0 or file_no == inference.library_no:
            return Found(inference.place(file_no, [one.a for one in stand if one.a >= 0]), types)
        place = Place(PlaceKind.LOCAL, file_no, (), -at, Resolution.EXACT)
        return Found(place, types, (file_no, numbers[-1]))
