"""What the type parameters of a function stand for where it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.parsing.facts import TypeOp
from indexer.resolution.inference.overloads import FUNCTIONS
from indexer.resolution.inference.types import AllOf, Elements, Mapped, Selected, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.overloads import CallSite, Overloads, Signature
    from indexer.resolution.inference.types import Env
    from indexer.resolution.inference.unify import Unifier


class Asked(NamedTuple):
    """Of which argument of a call it is asked what it shall be, of an object literal which member.

    -1, "": of none.
    """

    argument: int = -1
    member: str = ""


NOTHING_ASKED: Final = Asked()


class TypeArguments:
    """Finds them for one commit."""

    def __init__(self, inference: Inference, unifier: Unifier, overloads: Overloads) -> None:
        self._inference = inference
        self._unifier = unifier
        self._overloads = overloads

    def env(
        self,
        signature: Signature,
        call: CallSite,
        *,
        all_arguments: bool,
        without: Asked = NOTHING_ASKED,
        wanted: int = -1,
    ) -> Env:
        """The type parameters of what is called, as the call has them.

        By its type arguments; else by its arguments, unless `all_arguments` without what is asked
        for and functions behind that whose parameters have no types; else by `wanted`, the
        expression of what is expected of it; else by default.
        """
        if not signature.generic:
            return signature.env
        inference = self._inference
        if call.types:
            types = inference.evaluate_all(call.file_no, call.types, call.env)
            bindings = dict(zip(signature.generic, types, strict=False))
        else:
            bindings = self.inferred(signature, call, functions=all_arguments, without=without)
            if wanted >= 0 and any(bindings.get(one) is None for one in signature.generic):
                expected = inference.evaluate(call.file_no, wanted, call.env)
                bindings = self._by_result(signature, expected) | bindings
        found: list[tuple[int, Type | None]] = []
        for one in signature.generic:
            given = bindings.get(one)
            bound, default = inference.modules[signature.file_no].expressions[one].parts[:2]
            so_far = signature.env.besides(signature.file_no, found)
            if given is None and default >= 0 and self._is_untold(signature, call, one):
                given = inference.evaluate(signature.file_no, default, so_far)
            elif given is not None and _is_partial(given):
                # What is asked for is not among what is given, and is as the type parameter says.
                rest = inference.evaluate(signature.file_no, bound, so_far)
                given = given if rest is None else AllOf((given, rest))
            found.append((one, given))
        return signature.env.besides(signature.file_no, found)

    def inferred(
        self,
        signature: Signature,
        call: CallSite,
        *,
        functions: bool = True,
        without: Asked = NOTHING_ASKED,
    ) -> dict[int, Type | None]:
        """What type parameters stand for, by the arguments of a call."""
        bindings: dict[int, Type | None] = {}
        by_this = self._by_this(signature, call)
        given = self._given(signature, call, functions=functions, without=without)
        for parameter, argument in given:
            self._unifier.unify(signature, parameter, argument, bindings)
        rest = self._overloads.rest(signature)
        if rest is not None and self._overloads.parameter_at(signature, signature.parameters) < 0:
            tail = self._tail(signature, call, functions=functions, without=without)
            if tail is not None:
                self._unifier.unify(signature, rest, tail, bindings)
        return bindings | by_this

    def _by_result(self, signature: Signature, expected: Type | None) -> dict[int, Type | None]:
        """What type parameters stand for by what is expected of a call."""
        bindings: dict[int, Type | None] = {}
        if expected is not None:
            self._unifier.unify(signature, signature.result, expected, bindings)
        return bindings

    def _given(
        self,
        signature: Signature,
        call: CallSite,
        *,
        functions: bool,
        without: Asked,
    ) -> Iterator[tuple[int, Type]]:
        """The parameters with what is given for each, as far as that is known.

        Those in a rest parameter that is no array as written are not among them: see `_tail`.
        """
        inference = self._inference
        expressions = inference.modules[call.file_no].expressions
        for at, argument in enumerate(call.arguments):
            is_asked = at == without.argument
            if argument < 0 or (is_asked and expressions[argument].op != TypeOp.OBJECT):
                continue
            # As the compiler has it, functions tell of type parameters one after the other.
            if not functions and at > without.argument and self._awaits(call.file_no, argument):
                continue
            parameter = self._overloads.parameter_at(signature, at)
            if parameter < 0:
                continue
            given = inference.evaluate(call.file_no, argument, call.env)
            if is_asked:
                if parameter in signature.generic or given is None:
                    continue
                given = self._without_functions(call.file_no, argument, given, without.member)
            if isinstance(given, Elements) and not self._wants_tuple(signature, parameter):
                given = inference.library.array(given.any())
            if given is not None:
                yield parameter, given

    def _tail(
        self,
        signature: Signature,
        call: CallSite,
        *,
        functions: bool,
        without: Asked,
    ) -> Elements | None:
        """The arguments that a rest parameter takes, as a tuple; None where none is known."""
        first = signature.parameters - 1
        types = [
            None
            if at == without.argument or not (functions or self._is_plain(call.file_no, argument))
            else self._inference.evaluate(call.file_no, argument, call.env)
            for at, argument in enumerate(call.arguments[first:], first)
        ]
        return Elements(tuple(types)) if any(one is not None for one in types) else None

    def _is_untold(self, signature: Signature, call: CallSite, parameter: int) -> bool:
        """Whether no argument that is not known may tell what a type parameter stands for."""
        inference = self._inference
        for at, argument in enumerate(call.arguments):
            if inference.evaluate(call.file_no, argument, call.env) is not None:
                continue
            number = self._overloads.parameter_at(signature, at)
            if parameter in inference.within(signature.file_no, number):
                return False
        return True

    def _by_this(self, signature: Signature, call: CallSite) -> dict[int, Type | None]:
        """What type parameters stand for by what a method is called on: `this: new () => T`."""
        bindings: dict[int, Type | None] = {}
        if signature.this < 0:
            return bindings
        callee = self._overloads.behind(call.file_no, call.callee)
        if callee is not None and callee.op == TypeOp.MEMBER:
            receiver = self._inference.evaluate(call.file_no, callee.parts[0], call.env)
            if receiver is not None:
                self._unifier.unify(signature, signature.this, receiver, bindings)
        return bindings

    def _without_functions(self, file_no: int, literal: int, given: Type, member: str) -> Type:
        """What an object literal has besides the functions whose parameters are asked for.

        Those before the asked `member` tell of type parameters, as those of arguments before do;
        what stands between the tags of a component comes behind all that it is given in its tag.
        """
        expressions = self._inference.modules[file_no].expressions
        properties = [
            one
            for part in expressions[literal].parts
            if (one := expressions[part]).op == TypeOp.PROPERTY
        ]
        names = [one.name for one in properties]
        asked = names.index(member) if member in names else len(names)
        if not member or names.count(member) > 1:
            asked = 0
        waiting = {
            one.name
            for at, one in enumerate(properties)
            if (at >= asked and not self._is_plain(file_no, one.parts[0]))
            or (one.name == member and self._holds_awaiting(file_no, one.parts[0]))
        }
        known = frozenset(self._inference.keys.names(given)) - waiting
        return Selected(given, known, without=False)

    def _is_plain(self, file_no: int, number: int) -> bool:
        """Whether a value is known, and no function that waits for the types of parameters."""
        return self._overloads.behind(file_no, number) is not None and not self._awaits(
            file_no, number
        )

    def _awaits(self, file_no: int, number: int) -> bool:
        """Whether it is a function some of whose parameters have the types that are asked for."""
        value = self._overloads.behind(file_no, number)
        if value is None or value.op not in FUNCTIONS:
            return False
        expressions = self._inference.modules[file_no].expressions
        return any(
            one < 0 or (expressions[one].op == TypeOp.REST and expressions[one].parts[0] < 0)
            for one in value.parts[1 : 1 + value.a]
        )

    def _holds_awaiting(self, file_no: int, number: int) -> bool:
        """Whether it is an object literal some of whose functions wait for what is asked for."""
        value = self._overloads.behind(file_no, number)
        if value is None or value.op != TypeOp.OBJECT:
            return False
        expressions = self._inference.modules[file_no].expressions
        return any(self._awaits(file_no, expressions[one].parts[0]) for one in value.parts)

    def _wants_tuple(self, signature: Signature, parameter: int) -> bool:
        """Whether a parameter keeps a tuple that it is given: not if it takes whatever there is.

        A type parameter does where what it extends has a tuple in it (`unknown[] | []`).
        """
        if parameter not in signature.generic:
            return True
        file_no = signature.file_no
        declared = self._inference.modules[file_no].expressions
        constraint = self._overloads.behind(file_no, declared[parameter].parts[0])
        if constraint is None:
            return False
        ops = {declared[one].op for one in constraint.parts if one >= 0}
        return constraint.op == TypeOp.TUPLE or TypeOp.TUPLE in ops


def _is_partial(of: Type) -> bool:
    """Whether a type argument is told by a part of what is given, and may be of the rest, too."""
    return isinstance(of, Mapped) and of.is_source and isinstance(of.of, Selected)
