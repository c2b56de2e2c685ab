"""Finds what type parameters stand for, by holding what is expected against what is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias, TypeVar

from indexer.parsing.facts import SymbolKind, TypeOp, TypeRole
from indexer.resolution.inference.asking import Questions
from indexer.resolution.inference.types import (
    NO_ENV,
    NOTHING,
    AllOf,
    AnyOf,
    Elements,
    Env,
    Function,
    Instance,
    Mapped,
    Object,
    Selected,
    Type,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.overloads import Signature

MAX_DEPTH: Final = 16
_ITERABLES: Final = frozenset(("AsyncIterable", "Iterable"))
_CALLED: Final = frozenset((TypeOp.FUNCTION, TypeOp.CONSTRUCTOR))
_NAMED: Final = frozenset(
    (TypeOp.SYMBOL_TYPE, TypeOp.IMPORT_TYPE, TypeOp.GLOBAL_TYPE, TypeOp.TYPE_MEMBER)
)


Parts: TypeAlias = tuple[int, ...]
Bindings: TypeAlias = dict[int, Type | None]

_Declared = TypeVar("_Declared")
_Parts: TypeAlias = Callable[[_Declared, Type], Iterable[tuple[int, Type | None]]]


class Generic(Protocol):
    """What has type parameters."""

    @property
    def file_no(self) -> int: ...
    @property
    def env(self) -> Env: ...
    @property
    def generic(self) -> tuple[int, ...]: ...


class Pattern(NamedTuple):
    """What types are held against: expressions of a file, some of which are to be found."""

    file_no: int
    env: Env
    generic: tuple[int, ...]


class Unifier:
    """Unifies for one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._held: Questions[tuple[object, Type]] = Questions(inference.asking)
        self._by_op: dict[int, Callable[[Generic, Parts, Type, Bindings, int], None]] = {
            TypeOp.APPLIED: self._applied,
            TypeOp.ARRAY: self._array,
            TypeOp.CONSTRUCTOR: self._constructor,
            TypeOp.FUNCTION: self._function,
            TypeOp.INTERSECTION: self._all,
            TypeOp.MAPPED: self._indexed,
            TypeOp.OBJECT: self._object,
            TypeOp.REST: self._inner,
            TypeOp.SAME: self._inner,
            TypeOp.TUPLE: self._tuple,
            TypeOp.UNION: self._alternatives,
        }

    def unify(
        self,
        of: Generic,
        number: int,
        given: Type,
        bindings: Bindings,
        depth: int = 0,
    ) -> None:
        """Add to `bindings` what an expected type says of `of`'s type parameters."""
        if number < 0 or depth > MAX_DEPTH:
            return
        if number in of.generic:
            if given is not NOTHING:
                bindings[number] = any_of([bindings.get(number), given])
            return
        expression = self._inference.modules[of.file_no].expressions[number]
        unify = self._by_op.get(expression.op)
        if expression.op == TypeOp.MAPPED and expression.parts[0] in of.generic:
            self._mapped(of, number, given, bindings)
        elif unify is not None:
            unify(of, expression.parts, given, bindings, depth + 1)
        elif expression.op in _NAMED and expression.parts:
            self._named(of, number, given, bindings, depth + 1)

    def _inner(
        self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int
    ) -> None:
        self.unify(of, parts[0], given, bindings, depth)

    def _array(
        self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int
    ) -> None:
        element = self._inference.members.element(given, -1)
        if element is not None:
            self.unify(of, parts[0], element, bindings, depth)

    def _indexed(
        self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int
    ) -> None:
        """`{ [name: string]: T }`, which has any member."""
        values = self._inference.keys.values(given) if parts[0] < 0 else None
        if values is not None:
            self.unify(of, parts[1], values, bindings, depth)

    def _mapped(self, of: Generic, number: int, given: Type, bindings: Bindings) -> None:
        """`{ [K in keyof T]: … }`, which does not say what T is where something else does."""
        inference = self._inference
        expressions = inference.modules[of.file_no].expressions
        parameter = expressions[number].parts[0]
        if bindings.get(parameter) is not None or given is NOTHING:
            return
        is_same = inference.mapped.passes_on(of.file_no, number)
        bindings[parameter] = given if is_same else inference.mapped.source(of, number, given)

    def _tuple(
        self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int
    ) -> None:
        elements = given.types if isinstance(given, Elements) else ()
        for part, one in self.held_against(of, parts, elements):
            if one is not None:
                self.unify(of, part, one, bindings, depth)

    def held_against(
        self, of: Generic, parts: Parts, elements: tuple[Type | None, ...]
    ) -> Iterator[tuple[int, Type | None]]:
        """The parts of a tuple, each with what stands there: for the rest all that is left."""
        expressions = self._inference.modules[of.file_no].expressions
        ops = [expressions[one].op if one >= 0 else None for one in parts]
        if TypeOp.REST not in ops:
            yield from zip(parts, elements, strict=False)
            return
        before = ops.index(TypeOp.REST)
        behind = len(parts) - before - 1
        if len(elements) < before + behind:
            return
        end = len(elements) - behind
        yield from zip(parts[:before], elements[:before], strict=True)
        yield parts[before], Elements(elements[before:end])
        yield from zip(parts[before + 1 :], elements[end:], strict=True)

    def _all(self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int) -> None:
        """Of `T & { … }` each part is what is given, T first: the others may tell less of it."""
        for part in sorted(parts, key=lambda one: one not in of.generic):
            self.unify(of, part, given, bindings, depth)

    def _alternatives(
        self,
        of: Generic,
        parts: Parts,
        given: Type,
        bindings: Bindings,
        depth: int,
    ) -> None:
        """Of `T | Promise<T>` the part that fits closest, so that a promise does not become T."""
        before = dict(bindings)
        for part in parts:
            if part not in of.generic:
                self.unify(of, part, given, bindings, depth)
        if bindings == before:
            for part in parts:
                if part in of.generic:
                    self.unify(of, part, given, bindings, depth)

    def _function(
        self,
        of: Generic,
        parts: Parts,
        given: Type,
        bindings: Bindings,
        depth: int,
    ) -> None:
        calls = self._inference.calls
        if isinstance(given, AnyOf):
            self._any_function(of, parts, given, bindings)
        if isinstance(given, AllOf | AnyOf):
            return
        result = calls.result_of(given)
        if result is not None:
            self.unify(of, parts[0], result, bindings, depth)
        signatures = calls.signatures(given)
        taken = signatures[0].parameters if len(signatures) == 1 else 0
        for at, part in enumerate(parts[1 : 1 + taken]):
            if part >= 0:
                self._parameter(of, part, (signatures[0], at), bindings, depth)

    def _parameter(
        self, of: Generic, part: int, given: tuple[Signature, int], bindings: Bindings, depth: int
    ) -> None:
        """What a parameter says of type parameters by what is taken for it, or from there on."""
        signature, at = given
        expressions = self._inference.modules[of.file_no].expressions
        is_rest = expressions[part].op == TypeOp.REST
        wanted = expressions[part].parts[0] if is_rest else part
        if wanted in bindings or (wanted not in of.generic and not self._is_written(*given)):
            return
        calls = self._inference.calls
        if is_rest:
            each = [calls.taken(signature, one) for one in range(at, signature.parameters)]
            known = any(one is not None for one in each)
            annotated: Type | None = Elements(tuple(each)) if known else None
        else:
            annotated = calls.taken(signature, at)
        if annotated is not None:
            self.unify(of, wanted, annotated, bindings, depth)

    def _is_written(self, signature: Signature, at: int) -> bool:
        """Whether the type of a parameter is not that which is expected where the function is."""
        number = signature.parameter(at)
        expressions = self._inference.modules[signature.file_no].expressions
        return number >= 0 and expressions[number].op != TypeOp.PARAMETER

    def _any_function(self, of: Generic, parts: Parts, given: AnyOf, bindings: Bindings) -> None:
        """What any of several functions takes is all of what each of them does.

        https://www.typescriptlang.org/docs/handbook/release-notes/typescript-2-8.html
        """
        if not all(isinstance(one, Function) for one in given.members):
            return
        for at, part in enumerate(parts[1:]):
            if part in of.generic and part not in bindings:
                each = [self._inference.calls.parameter(one, at) for one in given.members]
                taken = all_of(each)
                if taken is not None:
                    bindings[part] = taken

    def _constructor(
        self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int
    ) -> None:
        made = self._inference.calls.instance_of(given)
        if made is not None:
            self.unify(of, parts[0], made, bindings, depth)

    def _applied(
        self, of: Generic, parts: Parts, given: Type, bindings: Bindings, depth: int
    ) -> None:
        """A type that a comment of the file declares, with type arguments."""
        generic, *arguments = parts
        found = self._by_typedef((of.file_no, generic), given, depth)
        self._hand_on(of, arguments, found, bindings, depth)

    def _object(
        self,
        of: Generic,
        parts: Parts,
        given: Type,
        bindings: Bindings,
        depth: int,
    ) -> None:
        expressions = self._inference.modules[of.file_no].expressions
        for part in parts:
            op, _, name, types = expressions[part]
            if op in _CALLED:
                self.unify(of, part, given, bindings, depth)
            if op != TypeOp.PROPERTY:
                continue
            found = self._inference.members.member(given, name)
            known = any_of([one.type() for one in found])
            if known is not None:
                self.unify(of, types[0], known, bindings, depth)

    def _named(
        self,
        of: Generic,
        number: int,
        given: Type,
        bindings: Bindings,
        depth: int,
    ) -> None:
        inference = self._inference
        expected = inference.evaluate(of.file_no, number, of.env)
        named = inference.modules[of.file_no].expressions[number]
        parts = named.parts[1:] if named.op == TypeOp.TYPE_MEMBER else named.parts
        if isinstance(expected, Instance):
            arguments = self._by_declaration(expected, given, depth)
        elif (typedef := inference.names.typedef(of.file_no, named)) is not None:
            arguments = self._by_typedef(typedef, given, depth)
        else:
            # An alias that is worked out, as Readonly<T>: what it is of is what is given.
            parts, arguments = parts[:1], (given,)
        self._hand_on(of, parts, arguments, bindings, depth)

    def _hand_on(
        self,
        of: Generic,
        parts: Sequence[int],
        arguments: Sequence[Type | None] | None,
        bindings: Bindings,
        depth: int,
    ) -> None:
        """Unify each type argument that is written with that which was found for it."""
        for part, one in zip(parts, arguments or (), strict=False):
            # What was mapped tells of a type parameter itself alone, as the compiler has it.
            is_source = isinstance(one, Mapped) and one.is_source
            if one is not None and (not is_source or part in of.generic):
                self.unify(of, part, one, bindings, depth)

    def _by_declaration(
        self, expected: Instance, given: Type, depth: int
    ) -> tuple[Type | None, ...] | None:
        """The type arguments with which something is of a class, an interface or an alias."""
        inference = self._inference
        arguments = inference.members.arguments_of(given, expected.file_no, expected.symbol)
        if arguments is not None:
            return arguments
        if expected.file_no == inference.library_no:
            return self._of_library(expected, given)
        module = inference.modules[expected.file_no]
        of = Pattern(expected.file_no, NO_ENV, module.types_of(expected.symbol, TypeRole.PARAMETER))
        return self._by_structure((expected, given), of, self._parts_of, depth)

    def _by_typedef(
        self, typedef: tuple[int, int], given: Type, depth: int
    ) -> tuple[Type | None, ...] | None:
        """The type arguments with which something is as a comment declares a type."""
        number, generic = self._inference.names.generic(*typedef)
        of = Pattern(typedef[0], NO_ENV, generic)
        return self._by_structure((typedef, given), of, lambda *_: [(number, given)], depth)

    def _by_structure(
        self, held: tuple[_Declared, Type], of: Pattern, parts: _Parts[_Declared], depth: int
    ) -> tuple[Type | None, ...] | None:
        """The type arguments with which something is as the `parts` of a declaration say."""
        if self._held.leads_back(held) or not of.generic or not self._inference.enter():
            return None
        bindings: Bindings = {}

        def hold() -> None:
            for number, one in parts(*held):
                if one is not None:
                    self.unify(of, number, one, bindings, depth)

        self._held.ask(held, hold)
        self._inference.leave()
        return tuple(bindings.get(one) for one in of.generic) if bindings else None

    def _parts_of(self, expected: Instance, given: Type) -> Iterator[tuple[int, Type | None]]:
        """What a declaration expects, each with what is given for that."""
        inference, symbol = self._inference, expected.symbol
        module = inference.modules[expected.file_no]
        if module.kinds[symbol] == SymbolKind.TYPE:
            yield from ((number, given) for number in module.value_of(symbol))
        elif module.kinds[symbol] == SymbolKind.INTERFACE:
            for role in (TypeRole.CALL, TypeRole.CONSTRUCT, TypeRole.BASE):
                yield from ((number, given) for number in module.types_of(symbol, role))
            for name in self._names_of(given):
                for member in module.members(symbol, name):
                    found = any_of([one.type() for one in inference.members.member(given, name)])
                    yield from ((number, found) for number in module.value_of(member))

    def _names_of(self, given: Type) -> list[str]:
        """The names of what an object literal has."""
        if isinstance(given, Selected):
            return sorted(given.names or ())
        return self._inference.keys.names(given) if isinstance(given, Object) else []

    def _of_library(self, expected: Instance, given: Type) -> tuple[Type | None, ...] | None:
        """What is given for a Record, the values of its properties, or for an Iterable."""
        inference = self._inference
        name = inference.modules[expected.file_no].names[expected.symbol]
        if name == "Record":
            return (None, inference.keys.values(given))
        return (inference.members.iterated(given),) if name in _ITERABLES else None
