"""What a call gives, what it expects, and what its type parameters stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from indexer.parsing.facts import SymbolKind, TypeExpression, TypeOp, TypeRole
from indexer.resolution.inference.asking import Answers
from indexer.resolution.inference.overloads import CallSite, Overloads, Signature
from indexer.resolution.inference.type_arguments import Asked, TypeArguments
from indexer.resolution.inference.types import (
    EXTERNAL,
    NO_ENV,
    AllOf,
    AnyOf,
    Elements,
    Env,
    External,
    Function,
    Instance,
    Object,
    Type,
    Value,
    all_of,
    any_of,
)
from indexer.resolution.inference.unify import Unifier

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference


class Calls:
    """Answers for calls."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.unifier = Unifier(inference)
        self._overloads = Overloads(inference, self)
        self._type_arguments = TypeArguments(inference, self.unifier, self._overloads)
        self._known_signatures: Answers[tuple[Type, bool], Sequence[Signature]] = Answers(
            inference.asking, self._found, lambda _: ()
        )
        self._by_kind: dict[type, Callable[..., list[Signature]]] = {
            Instance: self._of_instance,
            Object: self._of_object,
            Value: self._of_value,
        }

    # What can be called

    def signatures(self, of: Type | None, *, new: bool = False) -> Sequence[Signature]:
        """The ways to call a value of this type, or to construct one."""
        if of is None:
            return ()
        return self._known_signatures.to((of, new))

    def _found(self, question: tuple[Type, bool]) -> Sequence[Signature]:
        of, new = question
        if not self._inference.enter():
            return ()
        found = self._signatures(of, new=new)
        self._inference.leave()
        return found

    def _signatures(self, of: Type, *, new: bool) -> list[Signature]:
        if isinstance(of, AnyOf):
            return [one for part in of.members for one in self.signatures(part, new=new)]
        if isinstance(of, AllOf):
            return [one for part in of.parts for one in self.signatures(part, new=new)]
        if isinstance(of, Function):
            expression = self._inference.modules[of.file_no].expressions[of.expression]
            return [Signature.of(of.file_no, expression, of.env)]
        ask = self._by_kind.get(type(of))
        return [] if ask is None else ask(of, new=new)

    def _of_value(self, of: Value, *, new: bool) -> list[Signature]:
        inference = self._inference
        module = inference.modules[of.file_no]
        found: list[Signature] = []
        for one in module.parts(of.symbol):
            kind = module.kinds[one]
            if kind in {SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.TYPE}:
                continue
            for number in module.value_of(one):
                declared = inference.evaluate(of.file_no, number, NO_ENV)
                if declared is not of:
                    found += self.signatures(declared, new=new)
        return found

    def _of_instance(self, of: Instance, *, new: bool) -> list[Signature]:
        inference = self._inference
        role = TypeRole.CONSTRUCT if new else TypeRole.CALL
        found: list[Signature] = []
        for part in inference.members.declarations(of):
            file_no, symbol = part
            module = inference.modules[file_no]
            env = inference.env_of(of, part)
            found += [
                Signature.of(file_no, module.expressions[number], env)
                for number in module.types_of(symbol, role)
            ]
        if found:
            return found
        for base in inference.members.bases(of):
            found += self.signatures(base, new=new)
        return found

    def _of_object(self, of: Object, *, new: bool) -> list[Signature]:
        expressions = self._inference.modules[of.file_no].expressions
        op = TypeOp.CONSTRUCTOR if new else TypeOp.FUNCTION
        return [
            Signature.of(of.file_no, expressions[part], of.env)
            for part in expressions[of.expression].parts
            if expressions[part].op == op
        ]

    # Calls

    def result(self, file_no: int, call: TypeExpression, env: Env) -> Type | None:
        """What a CALL gives."""
        site = CallSite(file_no, call, env)
        return self._each(self._callee(site), lambda one: self._result(one, site))

    def _callee(self, call: CallSite) -> Type | None:
        return self._inference.evaluate(call.file_no, call.callee, call.env)

    def _result(self, callee: Type | None, call: CallSite) -> Type | None:
        if isinstance(callee, External):
            return EXTERNAL
        return self._applied(callee, call, new=False)

    @staticmethod
    def _each(callee: Type | None, give: Callable[[Type | None], Type | None]) -> Type | None:
        """What calling any of several gives."""
        if isinstance(callee, AnyOf):
            return any_of([give(one) for one in callee.members])
        return give(callee)

    def constructed(self, file_no: int, call: TypeExpression, env: Env) -> Type | None:
        """What a NEW gives."""
        site = CallSite(file_no, call, env)
        callee = self._callee(site)
        if isinstance(callee, AllOf) and _holds_a_class(callee):
            # Of a class and what a mixin adds to it both are made.
            return all_of([self._made(one, site) for one in callee.parts])
        return self._each(callee, lambda one: self._made(one, site))

    def _made(self, callee: Type | None, call: CallSite) -> Type | None:
        if isinstance(callee, External):
            return callee
        if isinstance(callee, Value):
            made = self._instance(callee, call)
            if made is not None:
                return made
        return self._applied(callee, call, new=True)

    def _instance(self, of: Value, call: CallSite) -> Type | None:
        inference = self._inference
        module = inference.modules[of.file_no]
        if module.kinds[of.symbol] == SymbolKind.FUNCTION:
            return Instance(of.file_no, of.symbol, ())
        if module.kinds[of.symbol] != SymbolKind.CLASS:
            return None
        parameters = module.types_of(of.symbol, TypeRole.PARAMETER)
        if call.types or not parameters:
            types = inference.evaluate_all(call.file_no, call.types, call.env)
            return Instance(of.file_no, of.symbol, tuple(types))
        declared = [
            Signature.of(of.file_no, module.expressions[number], NO_ENV)
            for number in module.types_of(of.symbol, TypeRole.CONSTRUCT)
        ]
        signature = self._overloads.chosen(declared, call)
        if signature is None:
            # By default: its arguments, if there are any, are for a constructor that says nothing.
            signature = Signature(of.file_no, (-1,), 0, 0, -1, NO_ENV)
        signature = signature._replace(parts=(*signature.parts, *parameters))
        inside = self._type_arguments.env(signature, call, all_arguments=True)
        found = tuple(inside.get(of.file_no, one) for one in parameters)
        return Instance(of.file_no, of.symbol, found)

    def _applied(self, callee: Type | None, call: CallSite, *, new: bool) -> Type | None:
        signature = self._overloads.chosen(self.signatures(callee, new=new), call)
        if signature is None:
            return None
        inside = self._type_arguments.env(signature, call, all_arguments=True)
        return self._inference.evaluate(signature.file_no, signature.result, inside)

    # What is expected, and what others ask

    def argument(
        self, file_no: int, asked: TypeExpression, env: Env, member: str = ""
    ) -> Type | None:
        """The type that a call expects of one of its arguments, as an ARGUMENT asks.

        `member`: that which is asked for of it, where it is an object literal.
        """
        call = self._call(file_no, asked.parts[0], env)
        if call is None:
            return None
        callee = self._called(call)
        if isinstance(callee, External):
            return EXTERNAL
        signature = self._chosen(callee, call)
        if signature is None:
            return None
        wanted = asked.parts[1] if len(asked.parts) > 1 else -1
        inside = self._type_arguments.env(
            signature, call, all_arguments=False, without=Asked(asked.a, member), wanted=wanted
        )
        return self._overloads.taken_at(signature, asked.a, inside)

    def takes_as_given(self, file_no: int, argument: int, env: Env) -> bool:
        """Whether an ARGUMENT is for a type parameter, which then is what is given."""
        one = self._overloads.behind(file_no, argument)
        if one is None or one.op != TypeOp.ARGUMENT:
            return False
        call = self._call(file_no, one.parts[0], env)
        signature = None if call is None else self._chosen(self._called(call), call)
        if signature is None:
            return False
        parameter = self._overloads.parameter_at(signature, one.a)
        return parameter in signature.generic

    def _call(self, file_no: int, number: int, env: Env) -> CallSite | None:
        expression = self._overloads.behind(file_no, number)
        if expression is None or expression.op not in {TypeOp.CALL, TypeOp.NEW}:
            return None
        return CallSite(file_no, expression, env)

    def _called(self, call: CallSite) -> Type | None:
        """What a CALL calls, or of a NEW what it makes."""
        callee = self._callee(call)
        if callee is None or call.expression.op != TypeOp.NEW:
            return callee
        is_made = isinstance(callee, Value) or _holds_a_class(callee)
        return self.instance_of(callee) if is_made else callee

    def _chosen(self, called: Type | None, call: CallSite) -> Signature | None:
        new = call.expression.op == TypeOp.NEW
        signature = self._overloads.chosen(self.signatures(called, new=new), call)
        if signature is not None and new and isinstance(called, Instance):
            return self._of_class(signature, called)
        return signature

    def _of_class(self, signature: Signature, made: Instance) -> Signature:
        """The signature of a class's own constructor, with the type parameters of the class."""
        module = self._inference.modules[made.file_no]
        if not module.types_of(made.symbol, TypeRole.CONSTRUCT):
            return signature
        parameters = module.types_of(made.symbol, TypeRole.PARAMETER)
        return signature._replace(parts=(*signature.parts, *parameters))

    def parameter(self, of: Type, at: int) -> Type | None:
        """The type of a parameter of whatever can be called."""
        if isinstance(of, External):
            return EXTERNAL
        return any_of([self.taken(one, at) for one in self.signatures(of)[:4]])

    def taken(self, signature: Signature, at: int) -> Type | None:
        """The type of what a signature takes as an argument."""
        return self._overloads.taken_at(signature, at, signature.env)

    def this_of(self, of: Type) -> Type | None:
        """What `this` is in whatever can be called, where that says."""
        found = [
            self._inference.evaluate(one.file_no, one.this, one.env)
            for one in self.signatures(of)[:4]
        ]
        return any_of(found)

    def parameters(self, of: Type) -> Type | None:
        """The types of all parameters, as a tuple."""
        for one in self.signatures(of):
            types = [
                self._inference.evaluate(one.file_no, one.parameter(at), one.env)
                for at in range(one.parameters)
            ]
            if self._overloads.rest(one) is not None and isinstance(types[-1], Elements):
                types[-1:] = types[-1].types
            return Elements(tuple(types))
        return None

    def result_of(self, of: Type) -> Type | None:
        """What a function gives, whoever calls it."""
        if isinstance(of, External):
            return EXTERNAL
        found = [
            self._inference.evaluate(one.file_no, one.result, one.env)
            for one in self.signatures(of)[:4]
        ]
        return any_of(found)

    def instance_of(self, of: Type) -> Type | None:
        """What `new` makes of a class."""
        if isinstance(of, AllOf) and _holds_a_class(of):
            return all_of([self.instance_of(one) for one in of.parts])
        if isinstance(of, Value):
            module = self._inference.modules[of.file_no]
            if module.kinds[of.symbol] == SymbolKind.CLASS or module.makes_instances(of.symbol):
                return self._inference.names.instance(of.file_no, of.symbol)
        for one in self.signatures(of, new=True):
            return self._inference.evaluate(one.file_no, one.result, one.env)
        return of if isinstance(of, External) else None


def _holds_a_class(of: Type) -> bool:
    """Whether something is a class, or a function that makes something, and more than that."""
    return isinstance(of, AllOf) and any(isinstance(one, Value) for one in of.parts)
