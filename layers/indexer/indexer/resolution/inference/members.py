"""What `.name` is, of a value whose type is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from indexer.parsing.facts import SymbolKind, TypeOp, TypeRole
from indexer.resolution.inference.asking import Answers
from indexer.resolution.inference.found import OUTSIDE, PROPERTIES, Found, of_declarations
from indexer.resolution.inference.objects import ObjectMembers
from indexer.resolution.inference.types import (
    EXTERNAL,
    NO_ENV,
    NOTHING,
    AllOf,
    AnyOf,
    Elements,
    Env,
    External,
    Function,
    GlobalScope,
    Instance,
    Keys,
    Mapped,
    ModuleValue,
    Object,
    Primitive,
    Selected,
    Type,
    Value,
    any_of,
    surest_first,
)
from indexer.resolution.inference.values import ValueMembers
from indexer.resolution.places import INSTANCE, STATIC, Place, PlaceKind, Places, nothing
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from indexer.resolution.augmentations import Declaration
    from indexer.resolution.inference.evaluate import Inference

MAX_BASES: Final = 24

# Types of the library whose last argument is what they hold.
_HOLDERS: Final = ("Iterable", "ArrayLike", "Record")
_ITERATORS: Final = ("[Symbol.iterator]", "[Symbol.asyncIterator]")

# What every function has from the runtime.
_OF_FUNCTIONS: Final = frozenset(
    (
        *("apply", "arguments", "bind", "call", "caller", "constructor", "hasOwnProperty"),
        *("isPrototypeOf", "length", "name", "propertyIsEnumerable", "prototype"),
        *("toLocaleString", "toString", "valueOf"),
    )
)
_HEIRS: Final = frozenset((SymbolKind.CLASS, SymbolKind.INTERFACE))

_Question: TypeAlias = "tuple[Type, str, Instance | None]"


class TypeMembers:
    """Looks members up by type."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        asking = inference.asking
        self._members: Answers[_Question, list[Found]] = Answers(asking, self._found, lambda _: [])
        self._declarations: dict[Declaration, Sequence[Declaration]] = {}
        self._bases: Answers[Instance, Sequence[Type]] = Answers(
            asking, self._inherited, lambda _: ()
        )
        self._arguments: Answers[tuple[Type, Declaration], tuple[Type | None, ...] | None] = (
            Answers(asking, self._given, lambda _: None)
        )
        self._objects = ObjectMembers(inference, self)
        self._by_kind: dict[type, Callable[[Any, str], list[Found]]] = {
            AllOf: self._of_all,
            AnyOf: self._of_any,
            External: self._of_external,
            Keys: self._of_external,
            Primitive: self._of_external,
            GlobalScope: lambda _, name: self.at(inference.names.global_variable(name)),
            # Others may have been assigned to the function somewhere.
            Function: lambda _, name: [OUTSIDE] if name in _OF_FUNCTIONS else [],
            Instance: self._of_instance,
            ModuleValue: self._of_module,
            Mapped: self._of_mapped,
            Object: self._objects.member,
            Elements: self._of_elements,
            Selected: lambda of, name: self.member(of.of, name) if of.may_have(name) else [],
            Value: ValueMembers(inference, self).member,
        }

    def member(self, of: Type, name: str, this: Instance | None = None) -> list[Found]:
        """The declarations that `.name` of a value of this type can mean; empty: none is known.

        `this` is the value itself, where `of` is only a part of its type.
        """
        return self._members.to((of, name, this))

    def _found(self, question: _Question) -> list[Found]:
        of, name, this = question
        ask = self._by_kind.get(type(of))
        if ask is None or not self._inference.enter():
            return []
        found = self._of_instance(of, name, this) if isinstance(of, Instance) else ask(of, name)
        self._inference.leave()
        return found

    def _of_external(self, of: External, name: str) -> list[Found]:
        added = [
            self._declared(part[0], own, NO_ENV)
            for part in self._inference.augmentations.of_package(of.wanted)
            if (own := self._properties(part, name))
        ]
        if added:
            return added
        member = of.member(name)
        if member is None:
            return [OUTSIDE]
        # A member of a module is an export itself; of any other one the type is not known.
        exported = "." not in member.name
        return [
            Found(
                nothing(Resolution.EXTERNAL, member),
                lambda: External(member) if exported else EXTERNAL,
            )
        ]

    def _of_elements(self, of: Elements, name: str) -> list[Found]:
        if name == "length":
            length = Primitive(str(len(of.types)))
            return [Found(nothing(Resolution.EXTERNAL), lambda: length)]
        return self.member(self._inference.library.array(of.any()), name)

    def _of_any(self, of: AnyOf, name: str) -> list[Found]:
        return _possible([one for part in of.members for one in self.member(part, name)])

    def _of_all(self, of: AllOf, name: str) -> list[Found]:
        outside: list[Found] = []
        for part in of.parts:
            found = _inside_first(self.member(part, name))
            if found and found[0].place.kind != PlaceKind.NOTHING:
                return found
            outside = outside or found
        return outside

    def _of_module(self, of: ModuleValue, name: str) -> list[Found]:
        return self.at(self._inference.exports.places(of.file_no, name))

    def at(self, places: Places) -> list[Found]:
        """What can be meant that is at one of these places: what is outside if nothing is not."""
        return _inside_first(
            [
                self._at(place)
                for place in places
                if place.kind != PlaceKind.NOTHING or place.why == Resolution.EXTERNAL
            ]
        )

    def _at(self, place: Place) -> Found:
        return Found(place, lambda: self._inference.names.value_at((place,)))

    # Instances

    def _of_instance(self, of: Instance, name: str, this: Instance | None = None) -> list[Found]:
        parts = self.declarations(of)
        assigned: list[Found] = []
        for part in parts:
            file_no = part[0]
            own = self._properties(part, name)
            if self._is_told_apart(of, own):
                return []
            if own and not self._is_one_of_several(of, own):
                env = self._inference.env_of(of, part, this)
                if self._inference.modules[file_no].yielding.isdisjoint(own):
                    return [self._declared(file_no, own, env)]
                assigned = assigned or [self._declared(file_no, own, env)]
        if computed := self._computed(of, parts, name):
            return computed
        found: list[Found] = []
        for base in self.bases(of):
            inherited = self.member(base, name, this or of)
            if inherited and not inherited[0].is_outside:
                return inherited
            found = found or inherited
        return assigned or found or self._indexed(of, parts)

    def _computed(self, of: Instance, parts: Sequence[Declaration], name: str) -> list[Found]:
        """The member that a constant names: a symbol of the language, or a string."""
        for file_no, symbol in parts:
            module = self._inference.modules[file_no]
            for number in module.types_of(symbol, TypeRole.COMPUTED):
                if module.expressions[number].name == name:
                    env = self._inference.env_of(of, (file_no, symbol))
                    return [self._objects.property(module, [number], env)]
        return []

    def _properties(self, part: Declaration, name: str) -> list[int]:
        """The members of that name that instances have by one declaration of their type."""
        file_no, symbol = part
        module = self._inference.modules[file_no]
        is_made = module.kinds[symbol] == SymbolKind.FUNCTION
        return [
            one
            for one in module.members(symbol, name)
            if module.kinds[one] in PROPERTIES
            and not module.flags[one] & STATIC
            and (not is_made or module.flags[one] & INSTANCE)
        ]

    def _is_one_of_several(self, of: Instance, own: list[int]) -> bool:
        """Whether an alias stands for a union, whose other members may have such a member, too."""
        module = self._inference.modules[of.file_no]
        if module.kinds[of.symbol] != SymbolKind.TYPE:
            return False
        ops = {module.expressions[one].op for one in module.value_of(of.symbol)}
        return TypeOp.UNION in ops or (len(own) > 1 and TypeOp.INTERSECTION in ops)

    def _is_told_apart(self, of: Instance, own: list[int]) -> bool:
        """Whether several members of a union have it, and others have not.

        Whoever uses it has told these apart before, so that the first of those is as good a guess
        as any other.
        """
        module = self._inference.modules[of.file_no]
        if not own[1:] or module.kinds[of.symbol] != SymbolKind.TYPE:
            return False
        expressions = module.expressions
        unions = [expressions[one] for one in module.value_of(of.symbol)]
        literals = [
            part
            for one in unions
            if one.op == TypeOp.UNION
            for part in one.parts
            if part >= 0 and expressions[part].op == TypeOp.OBJECT
        ]
        return len(own) < len(literals)

    def _declared(self, file_no: int, symbols: list[int], env: Env) -> Found:
        inference = self._inference

        def types() -> Type | None:
            return of_declarations([self._type_of(file_no, one, env) for one in symbols])

        return Found(inference.place(file_no, symbols), types)

    def _type_of(self, file_no: int, symbol: int, env: Env) -> Type | None:
        inference = self._inference
        found = inference.names.declared(file_no, symbol, env)
        if found is None and inference.modules[file_no].has_members(symbol):
            return Value(file_no, symbol)
        return found

    def _indexed(self, of: Instance, parts: Sequence[Declaration]) -> list[Found]:
        """A name that only an index signature stands for: declared nowhere, with a type."""
        inference = self._inference
        for part in parts:
            file_no, symbol = part
            for number in inference.modules[file_no].types_of(symbol, TypeRole.INDEX):
                return [self._undeclared(file_no, number, inference.env_of(of, part))]
        return []

    def _undeclared(self, file_no: int, number: int, env: Env) -> Found:
        return Found(
            nothing(Resolution.EXTERNAL), lambda: self._inference.evaluate(file_no, number, env)
        )

    def declarations(self, of: Instance) -> Sequence[Declaration]:
        """The declarations that a class or an interface is merged of, those of its file first."""
        key = (of.file_no, of.symbol)
        known = self._declarations.get(key)
        if known is None:
            known = self._declarations[key] = self._merged(key)
        return known

    def _merged(self, of: Declaration) -> Sequence[Declaration]:
        modules = self._inference.modules
        module = modules[of[0]]
        if module.kinds[of[1]] not in _HEIRS:
            return (of,)
        parts = self._inference.augmentations.parts(module, of[1])
        return [(file_no, one) for file_no, one in parts if modules[file_no].kinds[one] in _HEIRS]

    def bases(self, of: Instance) -> Sequence[Type]:
        """What an instance is besides: what its class extends, what its alias stands for."""
        return self._bases.to(of)

    def _inherited(self, of: Instance) -> Sequence[Type]:
        inference = self._inference
        kind = inference.modules[of.file_no].kinds[of.symbol]
        if kind == SymbolKind.FUNCTION:
            return []
        found = []
        for part in self.declarations(of):
            file_no, symbol = part
            module = inference.modules[file_no]
            numbers = (
                module.types_of(symbol, TypeRole.BASE)
                if kind in _HEIRS
                else module.value_of(symbol)
            )
            if numbers:
                env = inference.env_of(of, part)
                found += [inference.evaluate(file_no, one, env) for one in numbers]
        known = [one for one in found if one is not None and one is not of]
        return surest_first(known) if len(known) > 1 else known

    def arguments_of(self, of: Type, file_no: int, symbol: int) -> tuple[Type | None, ...] | None:
        """The type arguments with which a type is, or inherits, a certain class or interface."""
        return self._arguments.to((of, (file_no, symbol)))

    def _given(self, question: tuple[Type, Declaration]) -> tuple[Type | None, ...] | None:
        of, sought = question
        alike = (one for one in self.lineage(of) if self._same(one, sought))
        return next((one.arguments for one in alike), None)

    def lineage(self, of: Type) -> Iterator[Instance]:
        """The classes, interfaces and aliases that a type is or inherits, itself first."""
        waiting = [of]
        seen: set[Type] = set()
        for one in waiting:
            if len(seen) > MAX_BASES or one in seen:
                continue
            seen.add(one)
            if isinstance(one, Instance):
                yield one
                waiting += self.bases(one)
            elif isinstance(one, AllOf):
                waiting += one.parts
            elif isinstance(one, AnyOf):
                waiting += one.members
            elif (like := _is_like(one)) is not None:
                waiting.append(like)
            elif isinstance(one, Elements):
                waiting.append(self._inference.library.array(one.any()))

    def _same(self, one: Instance, other: Declaration) -> bool:
        module = self._inference.modules[one.file_no]
        return (one.file_no, one.symbol) == other or other in self._inference.augmentations.parts(
            module, one.symbol
        )

    def _of_mapped(self, of: Mapped, name: str) -> list[Found]:
        mapped, key = self._inference.mapped, Primitive(f'"{name}"')

        def types() -> Type | None:
            return mapped.member(of, key)

        if of.is_part and not mapped.may_have(of, key):
            return []
        if of.of is None:
            return [Found(nothing(Resolution.EXTERNAL), types)]
        return [Found(one.place, types) for one in self.member(of.of, name)]

    # Elements

    def element(self, of: Type, at: int) -> Type | None:
        """What iterating gives, or what stands at a place of a tuple."""
        of = self._inference.unions.stands_for(of)
        if isinstance(of, External):
            return EXTERNAL
        if isinstance(of, Elements):
            inside = 0 <= at < len(of.types)
            return of.types[at] if inside else of.any()
        if not self._inference.enter():
            return None
        found = self._element(of, at)
        self._inference.leave()
        return found

    def _element(self, of: Type, at: int) -> Type | None:
        if isinstance(of, AnyOf):
            return any_of([self.element(one, at) for one in of.members])
        if isinstance(of, Mapped):
            return self._inference.mapped.member(of, Primitive("number"))
        if isinstance(of, AllOf):
            # A mapped type has members by the names of another one, whatever asks for an element.
            parts = (one for one in of.parts if not (isinstance(one, Mapped) and one.of))
            each = (self.element(one, at) for one in parts)
            return next((one for one in each if one is not None), None)
        for name in _HOLDERS:
            arguments = self._inference.library.arguments(of, name)
            if arguments:
                return arguments[-1]
        indexed = self._indexed_element(of, at) if isinstance(of, Instance) else None
        return self.iterated(of) if indexed is None else indexed

    def iterated(self, of: Type) -> Type | None:
        """What going through something gives by its own iterators, of which one is asked for.

        Which one is not known here: where they differ, it is what any of them gives.
        """
        if not isinstance(of, Instance | Object) or not self._inference.enter():
            return None
        found = [
            self._given_by_iterator(self._inference.calls.result_of(iterator))
            for name in _ITERATORS
            for one in self.member(of, name)
            if (iterator := one.type()) is not None
        ]
        self._inference.leave()
        return any_of(found)

    def _given_by_iterator(self, of: Type | None) -> Type | None:
        """What an iterator gives, by what its `next` does if it is none of the library."""
        inference = self._inference
        if of is None:
            return None
        for name in ("Iterator", "AsyncIterator"):
            arguments = inference.library.arguments(of, name)
            if arguments:
                return arguments[0]
        steps = [one.type() for one in self.member(of, "next")]
        results = [None if one is None else inference.calls.result_of(one) for one in steps]
        given = [None if one is None else inference.library.awaited(one) for one in results]
        values = [self.member(one, "value") for one in given if one is not None]
        return any_of([one.type() for value in values for one in value])

    def _indexed_element(self, of: Instance, at: int) -> Type | None:
        for one in self._indexed(of, self.declarations(of)):
            return one.type()
        inside = [base for base in self.bases(of) if not isinstance(base, External)]
        return any_of([self.element(base, at) for base in inside])


def _possible(found: list[Found]) -> list[Found]:
    """Of a union's members: where one says `never`, it is there to be told from the others."""
    inside = _inside_first(found)
    if len(inside) > 1:
        inside = [one for one in inside if one.type() is not NOTHING] or inside
    return inside


def _inside_first(found: list[Found]) -> list[Found]:
    """Without what is outside, where something inside is among them."""
    inside = [one for one in found if one.place.kind != PlaceKind.NOTHING]
    return inside or found[:1]


def _is_like(one: Type) -> Type | None:
    """What a mapped type, or a part of another one, is like: not that which Omit takes from."""
    if isinstance(one, Mapped):
        return one.of
    return one.of if isinstance(one, Selected) and not one.without else None
