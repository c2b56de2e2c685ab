"""Mapped types, `{[K in keyof T]: …}`, and members by a name that is a type, `T[K]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.parsing.facts import TypeExpression, TypeOp
from indexer.resolution.inference.literals import EnumMember
from indexer.resolution.inference.types import (
    NOTHING,
    AllOf,
    AnyOf,
    Elements,
    Env,
    External,
    Keys,
    Mapped,
    Primitive,
    Selected,
    Type,
    any_of,
)
from indexer.resolution.inference.unify import Pattern

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.literals import Literal
    from indexer.resolution.inference.unify import Generic


class MappedTypes:
    """Maps for one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def type(self, file_no: int, one: TypeExpression, number: int, env: Env) -> Type | None:
        """What a MAPPED is."""
        if one.parts[0] < 0:
            return Mapped(None, file_no, number, env)
        of = self._inference.evaluate(file_no, one.parts[0], env)
        each = of.members if isinstance(of, AnyOf) else (of,)
        return any_of([self._mapped(part, file_no, one, number, env) for part in each])

    def _mapped(
        self, of: Type | None, file_no: int, one: TypeExpression, number: int, env: Env
    ) -> Type | None:
        if of is None or isinstance(of, External):
            return of
        if self.passes_on(file_no, number) and one.parts[3] < 0:
            return Selected(of, None, without=False) if one.name else of
        made = Mapped(of, file_no, number, env, is_part=bool(one.name))
        if isinstance(of, Elements):
            return Elements(self.member(made, Primitive(str(at))) for at in range(len(of.types)))
        if self._inference.library.arguments(of, "ArrayLike") is not None:
            return self._inference.library.array(self.member(made, Primitive("number")))
        return made

    def passes_on(self, file_no: int, number: int) -> bool:
        """Whether each member of a MAPPED has the type that it has in what is mapped."""
        of, member, key, _ = self._inference.modules[file_no].expressions[number].parts
        if member < 0:
            return False
        template = self._inference.modules[file_no].expressions[member]
        return template.op == TypeOp.KEYED and template.parts == (of, key)

    def member(self, of: Mapped, name: Primitive) -> Type | None:
        """The type of a member of a mapped type, by the type that its name is."""
        if of.is_source:
            return self._source_of(of, name)
        _, member, key, _ = self._parts(of)
        is_in_brackets = (name.text or "").startswith("[")
        if is_in_brackets and key in self._inference.within(of.file_no, member):
            # Of which type that name is it does not say.
            return None
        inside = of.env.besides(of.file_no, [(key, name)])
        return self._inference.evaluate(of.file_no, member, inside)

    def source(self, of: Generic, number: int, given: Type) -> Type:
        """What was mapped by a MAPPED where something is given for what came of that.

        https://www.typescriptlang.org/docs/handbook/advanced-types.html#inference-from-mapped-types
        """
        made = Mapped(given, of.file_no, number, of.env, is_source=True)
        if isinstance(given, Elements):
            return Elements(self.member(made, Primitive(str(at))) for at in range(len(given.types)))
        if self._inference.library.arguments(given, "ArrayLike") is not None:
            return self._inference.library.array(self.member(made, Primitive("number")))
        return made

    def _source_of(self, of: Mapped, name: Primitive) -> Type | None:
        """What stands for `T[K]` in what each member is mapped to, by what is given for one."""
        expressions = self._inference.modules[of.file_no].expressions
        mapped, member, key, _ = self._parts(of)
        keyed = next(
            (
                one
                for one in self._inference.within(of.file_no, member)
                if expressions[one].op == TypeOp.KEYED and expressions[one].parts == (mapped, key)
            ),
            None,
        )
        given = None if of.of is None else self._keyed(of.of, name)
        if keyed is None or given is None:
            return None
        found: dict[int, Type | None] = {}
        template = Pattern(of.file_no, of.env.besides(of.file_no, [(key, name)]), (keyed,))
        self._inference.calls.unifier.unify(template, member, given, found)
        return found.get(keyed)

    def may_have(self, of: Mapped, name: Primitive) -> bool:
        """Whether a name may be one of a member: not where it becomes another one, or none."""
        _, _, key, renamed = self._parts(of)
        inside = of.env.besides(of.file_no, [(key, name)])
        becomes = self._inference.evaluate(of.file_no, renamed, inside)
        if isinstance(becomes, Primitive):
            return becomes in {name, Primitive("string")}
        return becomes is not NOTHING

    def _parts(self, of: Mapped) -> tuple[int, ...]:
        return self._inference.modules[of.file_no].expressions[of.expression].parts

    def keyed(self, file_no: int, one: TypeExpression, _number: int, env: Env) -> Type | None:
        """What a KEYED is."""
        inference = self._inference
        named = inference.modules[file_no].expressions[one.parts[1]]
        if named.op == TypeOp.TYPE_PARAMETER and env.get(file_no, one.parts[1]) is None:
            # Which of the names it may be is not known yet.
            return None
        of, key = inference.evaluate_all(file_no, one.parts, env)
        if of is None or key is None:
            return None
        keys = inference.unions.members(key)
        found = any_of([self._keyed(of, one) for one in keys])
        return self.named_by_one_of(of, file_no, one.parts[1]) if found is None else found

    def named_by_one_of(self, of: Type, file_no: int, number: int) -> Type | None:
        """What the members are that the values of an expression name; None: not all do."""
        values = self._inference.literals.of(file_no, number) or ()
        names = [self._named_by(one) for one in values]
        known = sorted(one for one in names if one)
        return self._inference.keys.any_named(of, known) if len(known) == len(names) else None

    def _named_by(self, value: Literal) -> str:
        """The name of a member by a literal, or in brackets by a member of an enum; "": none."""
        if not isinstance(value, EnumMember):
            return value[1:-1] if value[:1] == '"' else ""
        module = self._inference.modules[value.file_no]
        holder = module.containers[value.symbol]
        return f"[{module.names[holder]}.{module.names[value.symbol]}]" if holder >= 0 else ""

    def _keyed(self, of: Type, key: Type) -> Type | None:
        if isinstance(key, AllOf):
            # Of `K & keyof T` or `K & string` it is K that says which.
            key = next((one for one in key.parts if isinstance(one, Primitive)), key)
        if not isinstance(key, Primitive) or key.kind != "number":
            return self.named(of, key)
        return self._inference.members.element(of, int(key.name) if key.name.isdigit() else -1)

    def named(self, of: Type, key: Type) -> Type | None:
        """What members have for a type that a key names: one, or all that `keyof` lists."""
        keys = self._inference.keys
        key = self._inference.unions.stands_for(key)
        if isinstance(key, Keys):
            return keys.any_named(of, keys.names(key.of))
        if isinstance(key, Primitive) and key.text is not None:
            return keys.any_named(of, [key.text])
        return None
