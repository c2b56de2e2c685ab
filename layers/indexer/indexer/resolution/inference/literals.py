"""Which values a type has, where there are few: literals, members of enums, unions of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from indexer.parsing.facts import NULL, SymbolFlag, SymbolKind, TypeExpression, TypeOp
from indexer.resolution.inference.asking import Answers
from indexer.resolution.inference.types import NO_ENV, NOTHING, ModuleValue, Type, Value
from indexer.resolution.places import PlaceKind

if TYPE_CHECKING:
    from indexer.resolution.inference.evaluate import Inference
    from indexer.resolution.inference.found import Found
    from indexer.resolution.places import Place, Places

# An alias of an alias of …, and a union of unions: more than anybody writes.
MAX_DEPTH: Final = 12
MAX_LITERALS: Final = 300

Literal: TypeAlias = "str | EnumMember"
"""What a PRIMITIVE is named by that is one value, or a member of an enum."""

BOOLEAN: Final = frozenset({"false", "true"})
FALSE: Final = frozenset({"false", NULL, "0", '""'})
_NO_BRANCH: Final[frozenset[Literal]] = frozenset()
_VARIABLES: Final = frozenset({SymbolKind.CONSTANT, SymbolKind.VARIABLE, SymbolKind.PROPERTY})


class EnumMember(NamedTuple):
    """A member of an enum, by its file and symbol."""

    file_no: int
    symbol: int


class Literals:
    """The literals of one commit."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._of_symbols: Answers[tuple[int, int], frozenset[Literal] | None] = Answers(
            inference.asking, self._declared, lambda _: None
        )

    def of_members(self, of: Type, name: str) -> frozenset[Literal] | None:
        """The values that a member of a type may have, by its name; None: not all are known."""
        each = [
            frozenset({NULL}) if one.type() is NOTHING else self.of_member(one)
            for one in self._inference.members.member(of, name)
        ]
        known = [one for one in each if one is not None]
        return frozenset().union(*known) if each and len(known) == len(each) else None

    def of_member(self, found: Found) -> frozenset[Literal] | None:
        """The values that a member may have; None: not all are known."""
        if found.written is not None:
            return self.of(*found.written)
        place = found.place
        if place.kind != PlaceKind.SYMBOLS:
            return None
        each = [self._of_symbols.to((place.file_no, one)) for one in place.symbols]
        known = [one for one in each if one is not None]
        if len(known) < len(each):
            return None
        return frozenset({NULL} if self.is_optional(place) else ()).union(*known)

    def may_be_null(self, found: Found) -> bool:
        """Whether a member may be missing, null or undefined, as far as its declaration says."""
        if found.written is not None:
            return self._is_nullable(*found.written)
        place = found.place
        if place.kind != PlaceKind.SYMBOLS:
            return True
        module = self._inference.modules[place.file_no]
        return self.is_optional(place) or any(
            self._is_nullable(place.file_no, number)
            for one in place.symbols
            for number in module.value_of(one)
        )

    def is_optional(self, place: Place) -> bool:
        """Whether what is declared at a place may be missing; not known, it may."""
        if place.kind != PlaceKind.SYMBOLS:
            return True
        flags = self._inference.modules[place.file_no].flags
        return any(flags[one] & SymbolFlag.OPTIONAL for one in place.symbols)

    def _is_nullable(self, file_no: int, number: int, depth: int = 0) -> bool:
        if number < 0 or depth >= MAX_DEPTH:
            return True
        module = self._inference.modules[file_no]
        op, _, name, parts = expression = module.expressions[number]
        if op in {TypeOp.UNION, TypeOp.SAME}:
            return any(self._is_nullable(file_no, part, depth + 1) for part in parts)
        if op == TypeOp.PRIMITIVE:
            return name == NULL
        named = self._named(file_no, expression)
        if named is None or self._inference.modules[named[0]].kinds[named[1]] != SymbolKind.TYPE:
            return False
        stands_for = self._inference.modules[named[0]].value_of(named[1])
        return any(self._is_nullable(named[0], one, depth + 1) for one in stands_for)

    def of(self, file_no: int, number: int) -> frozenset[Literal] | None:
        """The values of the type that an expression of a file is; None: not all are known."""
        if number < 0 or not self._inference.enter():
            return None
        found = self._written(file_no, number)
        self._inference.leave()
        return found

    def _written(self, file_no: int, number: int) -> frozenset[Literal] | None:
        expression = self._inference.modules[file_no].expressions[number]
        if expression.op == TypeOp.PRIMITIVE:
            return literals_of(expression.name)
        if expression.op == TypeOp.UNION:
            return self._of_all(file_no, expression.parts)
        if expression.op == TypeOp.SAME:
            return self.of(file_no, expression.parts[0])
        named = self._named(file_no, expression)
        return None if named is None else self._of_symbols.to(named)

    def _of_all(self, file_no: int, parts: tuple[int, ...]) -> frozenset[Literal] | None:
        found = _NO_BRANCH
        for part in parts:
            of = self.of(file_no, part)
            if of is None or len(found) + len(of) > MAX_LITERALS:
                return None
            found |= of
        return found

    def _declared(self, of: tuple[int, int]) -> frozenset[Literal] | None:
        """The values of what a symbol is as a value, or as a type where it is only one."""
        file_no, symbol = of
        module = self._inference.modules[file_no]
        kind = module.kinds[symbol]
        if kind == SymbolKind.ENUM_MEMBER:
            return frozenset({EnumMember(file_no, symbol)})
        if kind == SymbolKind.ENUM:
            parts = module.parts(symbol)
            members = [at for at, one in enumerate(module.containers) if one in parts]
            return frozenset(EnumMember(file_no, one) for one in members[:MAX_LITERALS])
        if kind == SymbolKind.TYPE or kind in _VARIABLES:
            numbers = module.value_of(symbol)
            return self.of(file_no, numbers[0]) if len(numbers) == 1 else None
        return None

    def _named(self, file_no: int, one: TypeExpression) -> tuple[int, int] | None:
        """The file and the symbol that an expression names."""
        inference = self._inference
        module = inference.modules[file_no]
        if one.op in {TypeOp.SYMBOL_TYPE, TypeOp.SYMBOL_VALUE}:
            return file_no, one.a
        if one.op in {TypeOp.IMPORT_TYPE, TypeOp.IMPORT_VALUE}:
            return _first(inference.exports.imported(module, *module.imports[one.a]))
        if one.op in {TypeOp.TYPE_MEMBER, TypeOp.MEMBER}:
            return self._member_named(file_no, one)
        return None

    def _member_named(self, file_no: int, one: TypeExpression) -> tuple[int, int] | None:
        inference = self._inference
        module = inference.modules[file_no]
        holder = module.expressions[one.parts[0]]
        if holder.op == TypeOp.MODULE and holder.a >= 0:
            target = module.targets[holder.a]
            return None if target < 0 else _first(inference.exports.places(target, one.name))
        of = inference.evaluate(file_no, one.parts[0], NO_ENV)
        if isinstance(of, ModuleValue):
            return _first(inference.exports.places(of.file_no, one.name))
        is_reached = isinstance(of, Value) or (of is not None and one.op == TypeOp.MEMBER)
        found = inference.members.member(of, one.name) if of is not None and is_reached else []
        return _first(tuple(each.place for each in found)) if len(found) == 1 else None


def literals_of(name: str) -> frozenset[Literal] | None:
    """The values of a PRIMITIVE of this name; None: they are too many."""
    if name == "boolean":
        return frozenset(BOOLEAN)
    if name == NULL or name in BOOLEAN or name[:1] == '"' or name[:1].isdigit():
        return frozenset({name})
    return None


def _first(places: Places) -> tuple[int, int] | None:
    for place in places:
        if place.kind == PlaceKind.SYMBOLS:
            return place.file_no, place.symbols[0]
    return None
