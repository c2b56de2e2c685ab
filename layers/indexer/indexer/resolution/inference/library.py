"""The types of the runtime that pass values of the program on, as inference sees them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from indexer.parsing.facts import FileFacts, TypeOp, TypeRole
from indexer.parsing.parser import parse_file
from indexer.resolution.inference.types import NO_ENV, AnyOf, Elements, Instance, Type, any_of
from indexer.resolution.places import Module

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference

_NAME: Final = "library.d.ts"
# A promise of a promise of …: more than anybody writes.
_MAX_PROMISES: Final = 4


@cache
def _facts() -> FileFacts:
    text = resources.files(__package__).joinpath(_NAME).read_bytes()
    return parse_file(text, _NAME)


def library_module(file_no: int) -> Module:
    """The library as a file with a number."""
    return Module(file_no, _NAME, _facts(), 0)


class Library:
    """Well-known types, and what has to be worked out of them rather than read."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        calls = inference.calls
        self._worked_out: dict[str, Callable[[Type], Type | None]] = {
            "Awaited": self.awaited,
            "AwaitedEach": self._awaited_each,
            "ConstructorParameters": calls.parameters,
            "Flat": self._flat,
            "InstanceType": calls.instance_of,
            "Parameters": calls.parameters,
            "ReturnType": calls.result_of,
        }

    def array(self, of: Type | None) -> Type:
        """An array of something."""
        return Instance(self._inference.library_no, self._symbol("Array"), (of,))

    def arguments(self, of: Type, name: str) -> tuple[Type | None, ...] | None:
        """The type arguments with which a type is a type of the library; None: it is none."""
        inference = self._inference
        return inference.members.arguments_of(of, inference.library_no, self._symbol(name))

    def _symbol(self, name: str) -> int:
        return self._inference.modules[self._inference.library_no].members(-1, name)[0]

    def awaited(self, of: Type) -> Type | None:
        """What is there once a value was awaited."""
        for _ in range(_MAX_PROMISES):
            if isinstance(of, AnyOf):
                return any_of([self.awaited(one) for one in of.members])
            arguments = self.arguments(of, "PromiseLike")
            if arguments is None:
                return of
            if not arguments or arguments[0] is None:
                return None
            of = arguments[0]
        return of

    def alias(self, symbol: int, arguments: list[Type | None]) -> Type | None:
        """What an alias of the library stands for: as its condition says, or by its name."""
        of = arguments[0] if arguments else None
        if of is None:
            return None
        inference = self._inference
        module = inference.modules[inference.library_no]
        (number,) = module.value_of(symbol)
        if module.expressions[number].op == TypeOp.CONDITIONAL:
            parameters = module.types_of(symbol, TypeRole.PARAMETER)
            env = NO_ENV.besides(module.file_no, zip(parameters, arguments, strict=False))
            return inference.evaluate(module.file_no, number, env)
        work_out = self._worked_out.get(module.names[symbol])
        return of if work_out is None else work_out(of)

    def _flat(self, of: Type) -> Type | None:
        each = []
        for one in self._inference.unions.members(of):
            is_array = self.arguments(one, "ArrayLike") is not None
            each.append(self._inference.members.element(one, -1) if is_array else one)
        return any_of(each)

    def _awaited_each(self, of: Type) -> Type:
        if isinstance(of, Elements):
            return Elements(tuple(one and self.awaited(one) for one in of.types))
        element = self._inference.members.element(of, -1)
        return self.array(element and self.awaited(element))
