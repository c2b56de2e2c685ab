"""What a call gives, what it expects, and what its type parameters stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from indexer.parsing.facts import SymbolKind, TypeExpression, TypeOp, TypeRole
from indexer.resolution.inference.overloads import FUNCTIONS, Overloads, Signature
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
    Selected,
    Type,
    Value,
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
        self._by_kind: dict[type, Callable[..., list[Signature]]] = {
            Instance: self._of_instance,
            Object: self._of_object,
            Value: self._of_value,
        }

    # What can be called

    def signatures(self, of: Type | None, *, new: bool = False) -> list[Signature]:
        """The ways to call a value of this type, or to construct one."""
        if of is None or not self._inference.enter():
            return []
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
        found = []
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
        callee = self._inference.evaluate(file_no, call.parts[0], env)
        return self._each(callee, lambda one: self._result(one, file_no, call, env))

    def _result(
        self, callee: Type | None, file_no: int, call: TypeExpression, env: Env
    ) -> Type | None:
        if isinstance(callee, External):
            return EXTERNAL
        return self._applied(callee, file_no, call, env, new=False)

    @staticmethod
    def _each(callee: Type | None, give: Callable[[Type | None], Type | None]) -> Type | None:
        """What calling any of several gives."""
        if isinstance(callee, AnyOf):
            return any_of([give(one) for one in callee.members])
        return give(callee)

    def constructed(self, file_no: int, call: TypeExpression, env: Env) -> Type | None:
        """What a NEW gives."""
        callee = self._inference.evaluate(file_no, call.parts[0], env)
        if isinstance(callee, AllOf) and any(isinstance(one, Value) for one in callee.parts):
            # Of a class and what a mixin adds to it both are made.
            made = [self._made(one, file_no, call, env) for one in callee.parts]
            known = tuple(dict.fromkeys(one for one in made if one is not None))
            return AllOf(known) if len(known) > 1 else next(iter(known), None)
        return self._each(callee, lambda one: self._made(one, file_no, call, env))

    def _made(
        self, callee: Type | None, file_no: int, call: TypeExpression, env: Env
    ) -> Type | None:
        if isinstance(callee, External):
            return callee
        if isinstance(callee, Value):
            made = self._instance(callee, file_no, call, env)
            if made is not None:
                return made
        return self._applied(callee, file_no, call, env, new=True)

    def _instance(self, of: Value, file_no: int, call: TypeExpression, env: Env) -> Type | None:
        inference = self._inference
        module = inference.modules[of.file_no]
        if module.kinds[of.symbol] == SymbolKind.FUNCTION:
            return Instance(of.file_no, of.symbol, ())
        if module.kinds[of.symbol] != SymbolKind.CLASS:
            return None
        given = call.parts[1 : 1 + call.a]
        parameters = module.types_of(of.symbol, TypeRole.PARAMETER)
        if given or not parameters:
            types = [inference.evaluate(file_no, one, env) for one in given]
            return Instance(of.file_no, of.symbol, tuple(types))
        declared = [
            Signature.of(of.file_no, module.expressions[number], NO_ENV)
            for number in module.types_of(of.symbol, TypeRole.CONSTRUCT)
        ]
        signature = self._overloads.chosen(declared, file_no, call, env)
        if signature is None:
            return Instance(of.file_no, of.symbol, (None,) * len(parameters))
        signature = signature._replace(parts=(*signature.parts, *parameters))
        bindings = self._inferred(signature, file_no, call, env)
        return Instance(of.file_no, of.symbol, tuple(bindings.get(one) for one in parameters))

    def _applied(
        self, callee: Type | None, file_no: int, call: TypeExpression, env: Env, *, new: bool
    ) -> Type | None:
        signature = self._overloads.chosen(self.signatures(callee, new=new), file_no, call, env)
        if signature is None:
            return None
        inside = self._env(signature, file_no, call, env, all_arguments=True)
        return self._inference.evaluate(signature.file_no, signature.result, inside)

    def _env(
        self,
        signature: Signature,
        file_no: int,
        call: TypeExpression,
        env: Env,
        *,
        all_arguments: bool,
        without: int = -1,
        wanted: int = -1,
    ) -> Env:
        if not signature.generic:
            return signature.env
        inference = self._inference
        if call.a:
            types = [inference.evaluate(file_no, one, env) for one in call.parts[1 : 1 + call.a]]
            bindings = dict(zip(signature.generic, types, strict=False))
        else:
            bindings = self._inferred(
                signature, file_no, call, env, functions=all_arguments, without=without
            )
            if wanted >= 0 and any(bindings.get(one) is None for one in signature.generic):
                result = inference.evaluate(file_no, wanted, env)
                bindings = self._by_result(signature, result) | bindings
        found: list[tuple[int, Type | None]] = []
        for one in signature.generic:
            given = bindings.get(one)
            default = inference.modules[signature.file_no].expressions[one].parts[1]
            if given is None and default >= 0:
                so_far = signature.env.besides(signature.file_no, found)
                given = inference.evaluate(signature.file_no, default, so_far)
            found.append((one, given))
        return signature.env.besides(signature.file_no, found)

    def _inferred(
        self,
        signature: Signature,
        file_no: int,
        call: TypeExpression,
        env: Env,
        *,
        functions: bool = True,
        without: int = -1,
    ) -> dict[int, Type | None]:
        """What type parameters stand for, by the arguments of a call."""
        bindings: dict[int, Type | None] = {}
        by_this = self._by_this(signature, file_no, call, env)
        given = self._given(signature, file_no, call, env, functions=functions, without=without)
        for parameter, argument in given:
            self.unifier.unify(signature, parameter, argument, bindings)
        rest = self._overloads.rest(signature)
        if rest is not None and self._overloads.parameter_at(signature, signature.parameters) < 0:
            tail = self._tail(signature, file_no, call, env, functions=functions, without=without)
            if tail is not None:
                self.unifier.unify(signature, rest, tail, bindings)
        return bindings | by_this

    def _by_result(self, signature: Signature, expected: Type | None) -> dict[int, Type | None]:
        """What type parameters stand for by what is expected of a call."""
        bindings: dict[int, Type | None] = {}
        if expected is not None:
            self.unifier.unify(signature, signature.result, expected, bindings)
        return bindings

    def _given(
        self,
        signature: Signature,
        file_no: int,
        call: TypeExpression,
        env: Env,
        *,
        functions: bool,
        without: int,
    ) -> Iterator[tuple[int, Type]]:
        """The parameters with what is given for each, as far as that is known.

        Those in a rest parameter that is a type parameter are not among them: see `_tail`.
        """
        inference = self._inference
        expressions = inference.modules[file_no].expressions
        for at, argument in enumerate(call.parts[1 + call.a :]):
            if argument < 0 or (at == without and expressions[argument].op != TypeOp.OBJECT):
                continue
            if not functions and _awaits(expressions[argument]):
                continue
            parameter = self._overloads.parameter_at(signature, at)
            if parameter < 0:
                continue
            given = inference.evaluate(file_no, argument, env)
            if at == without:
                if parameter in signature.generic or given is None:
                    continue
                given = self._without_functions(file_no, argument, given)
            if isinstance(given, Elements) and not self._wants_tuple(signature, parameter):
                given = inference.library.array(given.any())
            if given is not None:
                yield parameter, given

    def _tail(
        self,
        signature: Signature,
        file_no: int,
        call: TypeExpression,
        env: Env,
        *,
        functions: bool,
        without: int,
    ) -> Elements | None:
        """The arguments that a rest parameter takes, as a tuple; None where none is known."""
        first = signature.parameters - 1
        types = [
            None
            if at == without or not (functions or self._is_plain(file_no, argument))
            else self._inference.evaluate(file_no, argument, env)
            for at, argument in enumerate(call.parts[1 + call.a + first :], first)
        ]
        return Elements(tuple(types)) if any(one is not None for one in types) else None

    def _by_this(
        self, signature: Signature, file_no: int, call: TypeExpression, env: Env
    ) -> dict[int, Type | None]:
        """What type parameters stand for by what a method is called on: `this: new () => T`."""
        bindings: dict[int, Type | None] = {}
        if signature.this < 0:
            return bindings
        callee = self._overloads.behind(file_no, call.parts[0])
        if callee is not None and callee.op == TypeOp.MEMBER:
            receiver = self._inference.evaluate(file_no, callee.parts[0], env)
            if receiver is not None:
                self.unifier.unify(signature, signature.this, receiver, bindings)
        return bindings

    def _without_functions(self, file_no: int, literal: int, given: Type) -> Type:
        """What an object literal has besides the functions whose parameters are asked for."""
        expressions = self._inference.modules[file_no].expressions
        properties = [expressions[part] for part in expressions[literal].parts]
        plain = [
            one.name
            for one in properties
            if one.op == TypeOp.PROPERTY and self._is_plain(file_no, one.parts[0])
        ]
        return Selected(given, frozenset(plain), without=False)

    def _is_plain(self, file_no: int, number: int) -> bool:
        """Whether a value is known, and no function that waits for the types of parameters."""
        value = self._overloads.behind(file_no, number)
        return value is not None and not _awaits(value)

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

    # What is expected, and what others ask

    def argument(self, file_no: int, asked: TypeExpression, env: Env) -> Type | None:
        """The type that a call expects of one of its arguments, as an ARGUMENT asks."""
        call, *wanted = asked.parts
        expression = self._call(file_no, call)
        if expression is None:
            return None
        callee = self._called(file_no, expression, env)
        if isinstance(callee, External):
            return EXTERNAL
        signature = self._chosen(callee, file_no, expression, env)
        if signature is None:
            return None
        inside = self._env(
            signature,
            file_no,
            expression,
            env,
            all_arguments=False,
            without=asked.a,
            wanted=wanted[0] if wanted else -1,
        )
        return self._overloads.taken_at(signature, asked.a, inside)

    def takes_as_given(self, file_no: int, argument: int, env: Env) -> bool:
        """Whether an ARGUMENT is for a type parameter, which then is what is given."""
        one = self._overloads.behind(file_no, argument)
        if one is None or one.op != TypeOp.ARGUMENT:
            return False
        expression = self._call(file_no, one.parts[0])
        if expression is None:
            return False
        callee = self._called(file_no, expression, env)
        signature = self._chosen(callee, file_no, expression, env)
        if signature is None:
            return False
        parameter = self._overloads.parameter_at(signature, one.a)
        return parameter in signature.generic

    def _call(self, file_no: int, number: int) -> TypeExpression | None:
        expression = self._overloads.behind(file_no, number)
        is_call = expression is not None and expression.op in {TypeOp.CALL, TypeOp.NEW}
        return expression if is_call else None

    def _called(self, file_no: int, call: TypeExpression, env: Env) -> Type | None:
        """What a CALL calls, or of a NEW what it makes."""
        callee = self._inference.evaluate(file_no, call.parts[0], env)
        is_made = call.op == TypeOp.NEW and isinstance(callee, Value)
        return self.instance_of(callee) if is_made and callee is not None else callee

    def _chosen(
        self, called: Type | None, file_no: int, call: TypeExpression, env: Env
    ) -> Signature | None:
        new = call.op == TypeOp.NEW
        signatures = self.signatures(called, new=new)
        signature = self._overloads.chosen(signatures, file_no, call, env)
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
        if isinstance(of, Value):
            module = self._inference.modules[of.file_no]
            if module.kinds[of.symbol] == SymbolKind.CLASS:
                return self._inference.names.instance(of.file_no, of.symbol)
        for one in self.signatures(of, new=True):
            return self._inference.evaluate(one.file_no, one.result, one.env)
        return of if isinstance(of, External) else None


def _awaits(value: TypeExpression) -> bool:
    """Whether it is a function whose parameters may have the types that are asked for."""
    return value.op in FUNCTIONS and value.a > 0
