"""What the type of an expression can be.

Equal types are one object: they are the keys of every answer, and hashing what nests in them anew
each time would cost as much as all of it written out. One thread at a time makes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Self, TypeVar
from weakref import ref

from indexer.parsing.facts import NULL
from indexer.resolution.places import ImportedName

MAX_MEMBERS: Final = 200

_Made = TypeVar("_Made", bound="Type")
_Outside = TypeVar("_Outside", bound="External")


class _Held(ref[Any]):
    """A type that lasts as long as somebody has it; `key` is what it was made of.

    The library's dictionary of weak values is this in Python calls: a tenth of linking.
    """

    __slots__ = ("key",)
    key: tuple[Any, ...]


_made: dict[tuple[Any, ...], _Held] = {}


def _forget(held: _Held) -> None:
    # Another one may be there: a type can be wanted again after it is gone and before this is told.
    if _made.get(held.key) is held:
        del _made[held.key]


def _one(kind: type[_Made], *fields: object) -> _Made:
    """The one object of this kind with these fields."""
    key = (kind, *fields)
    held = _made.get(key)
    known: _Made | None = None if held is None else held()
    if known is None:
        known = object.__new__(kind)
        for name, field in zip(kind.__slots__, fields, strict=True):
            setattr(known, name, field)
        held = _made[key] = _Held(known, _forget)
        held.key = key
    return known


class Type:
    """A type. Compare with `is`."""

    __slots__: tuple[str, ...] = ("__weakref__",)


class Env(Type):
    """What type parameters stand for, by file and expression; `this`: what `this` is."""

    __slots__ = ("pairs", "this")
    pairs: tuple[tuple[tuple[int, int], Type | None], ...]
    this: Instance | None

    def __new__(
        cls,
        pairs: tuple[tuple[tuple[int, int], Type | None], ...] = (),
        this: Instance | None = None,
    ) -> Self:
        """The environment of these."""
        return _one(cls, pairs, this)

    def get(self, file_no: int, parameter: int) -> Type | None:
        """What a type parameter stands for; None: that is not known."""
        key = (file_no, parameter)
        for one, of in self.pairs:
            if one == key and of is not None:
                return of
        return None

    def besides(self, file_no: int, found: Iterable[tuple[int, Type | None]]) -> Env:
        """With type parameters of a file in front of what is here."""
        more = tuple(((file_no, parameter), of) for parameter, of in found)
        return Env((*more, *self.pairs), self.this) if more else self


class Instance(Type):
    """A value of a class, an interface or an alias, with its type arguments."""

    __slots__ = ("file_no", "symbol", "arguments")  # noqa: RUF023 - in the order of the fields
    file_no: int
    symbol: int
    arguments: tuple[Type | None, ...]

    def __new__(cls, file_no: int, symbol: int, arguments: tuple[Type | None, ...]) -> Self:
        """The instance type of these."""
        return _one(cls, file_no, symbol, arguments)


class Value(Type):
    """What a symbol itself is as a value: a class, a namespace, a function, an object."""

    __slots__ = ("file_no", "symbol")
    file_no: int
    symbol: int

    def __new__(cls, file_no: int, symbol: int) -> Self:
        """The value of a symbol of a file."""
        return _one(cls, file_no, symbol)


class ModuleValue(Type):
    """The namespace of a module."""

    __slots__ = ("file_no",)
    file_no: int

    def __new__(cls, file_no: int) -> Self:
        """The namespace of a file."""
        return _one(cls, file_no)


class Function(Type):
    """A function that an expression describes."""

    __slots__ = ("file_no", "expression", "env")  # noqa: RUF023 - in the order of the fields
    file_no: int
    expression: int
    env: Env

    def __new__(cls, file_no: int, expression: int, env: Env) -> Self:
        """The function of an expression."""
        return _one(cls, file_no, expression, env)


class Object(Type):
    """An object that an expression describes."""

    __slots__ = ("file_no", "expression", "env")  # noqa: RUF023 - in the order of the fields
    file_no: int
    expression: int
    env: Env

    def __new__(cls, file_no: int, expression: int, env: Env) -> Self:
        """The object of an expression."""
        return _one(cls, file_no, expression, env)


class Elements(Type):
    """A tuple, or an array literal."""

    __slots__ = ("types",)
    types: tuple[Type | None, ...]

    def __new__(cls, types: Iterable[Type | None]) -> Self:
        """The tuple of these."""
        return _one(cls, tuple(types))

    def any(self) -> Type | None:
        """What each of them can be."""
        return any_of(self.types)


class AnyOf(Type):
    """A union."""

    __slots__ = ("members",)
    members: tuple[Type, ...]

    def __new__(cls, members: tuple[Type, ...]) -> Self:
        """The union of these."""
        return _one(cls, members)


class AllOf(Type):
    """An intersection."""

    __slots__ = ("parts",)
    parts: tuple[Type, ...]

    def __new__(cls, parts: tuple[Type, ...]) -> Self:
        """The intersection of these."""
        return _one(cls, parts)


class Selected(Type):
    """What has some members of another type: those called `names`, or all but those.

    Without `names` it is not known which.
    """

    __slots__ = ("of", "names", "without")  # noqa: RUF023 - in the order of the fields
    of: Type
    names: frozenset[str] | None
    without: bool

    def __new__(cls, of: Type, names: frozenset[str] | None, *, without: bool) -> Self:
        """The selection of these."""
        return _one(cls, of, names, without)

    def may_have(self, name: str) -> bool:
        """Whether a member of that name may be among them."""
        return self.names is None or (name in self.names) != self.without


class Mapped(Type):
    """What has members of the names that another type has, each of a type that is worked out.

    An expression of a file, a MAPPED, says of which. `of` is None where any name is one, and
    `is_part` where not all are. `is_source`: it is what was mapped, and `of` what came of that.
    """

    __slots__ = ("of", "file_no", "expression", "env", "is_part", "is_source")  # noqa: RUF023 - in the order of the fields
    of: Type | None
    file_no: int
    expression: int
    env: Env
    is_part: bool
    is_source: bool

    def __new__(
        cls,
        of: Type | None,
        file_no: int,
        expression: int,
        env: Env,
        *,
        is_part: bool = False,
        is_source: bool = False,
    ) -> Self:
        """The mapped type of these."""
        return _one(cls, of, file_no, expression, env, is_part, is_source)


def surest_first(types: Iterable[Type]) -> list[Type]:
    """What may lack a member that it seems to have comes last."""
    return sorted(
        types,
        key=lambda one: (
            (isinstance(one, Selected) and one.names is None)
            or (isinstance(one, Mapped) and one.is_part)
        ),
    )


class External(Type):
    """Of the runtime, or of a package outside: whatever comes of it is so, too.

    `wanted` is the export that it is, or an instance of, where that is known.
    """

    __slots__ = ("wanted",)
    wanted: ImportedName | None

    def __new__(cls, wanted: ImportedName | None = None) -> Self:
        """The one with this export."""
        return _one(cls, wanted)

    def member(self, name: str) -> ImportedName | None:
        """The member `name` of it, where it is known of what."""
        return None if self.wanted is None else self.wanted.member(name)


def _outside(kind: type[_Outside], field: object) -> _Outside:
    """The one object of a kind of what is outside, of which no package is known."""
    made = _one(kind, field)
    made.wanted = None
    return made


class Primitive(External):
    """A string, a number, a boolean: of the runtime, too; `name` as in PRIMITIVE."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> Self:
        """The primitive type of this name."""
        return _outside(cls, name)

    @property
    def text(self) -> str | None:
        """The string, or the name of the symbol, that is its only value; None: it has others."""
        if self.name[:1] == '"':
            return self.name[1:-1]
        return self.name if self.name[:1] == "[" else None

    def is_a(self, other: Primitive) -> bool:
        """Whether each of its values is one of another primitive type."""
        return self.kind == other.kind and other.name in {self.kind, self.name}

    @property
    def kind(self) -> str:
        """The type of which it may be the only value."""
        if self.text is not None:
            return "symbol" if self.name[:1] == "[" else "string"
        if self.name[:1].isdigit():
            return "number"
        return "boolean" if self.name in {"false", "true"} else self.name


class Keys(External):
    """The names of the members of a type."""

    __slots__ = ("of",)
    of: Type

    def __new__(cls, of: Type) -> Self:
        """The keys of a type."""
        return _outside(cls, of)


class GlobalScope(Type):
    """What has the variables that are declared for all as its members."""

    __slots__ = ()


class Nothing(Type):
    """`null` and `undefined`."""

    __slots__ = ()


EXTERNAL: Final = External()
NOTHING: Final = Nothing()
GLOBAL_SCOPE: Final = GlobalScope()
NO_ENV: Final = Env()


PRIMITIVE_KINDS: Final = frozenset({"bigint", "boolean", "number", "string", "symbol"})


def primitive(name: str) -> Type:
    """What a PRIMITIVE of this name is."""
    if name == NULL:
        return NOTHING
    made = Primitive(name)
    return made if made.kind in PRIMITIVE_KINDS else EXTERNAL


def any_of(types: Iterable[Type | None]) -> Type | None:
    """The union of those that are known; None where none is."""
    found: dict[Type, None] = {}
    outside: External | None = None
    for one in types:
        for member in one.members if isinstance(one, AnyOf) else (one,):
            if isinstance(member, External):
                # One stands for all that is outside, where the first of it was.
                outside = member if outside is None else _either(outside, member)
                found[EXTERNAL] = None
            elif member is not None:
                found[member] = None
    if len(found) > 1:
        found.pop(NOTHING, None)
    members = tuple(
        outside if member is EXTERNAL and outside is not None else member for member in found
    )[:MAX_MEMBERS]
    if not members:
        return None
    return members[0] if len(members) == 1 else AnyOf(members)


def all_of(types: Iterable[Type | None]) -> Type | None:
    """The intersection of those that are known; None where none is."""
    known = tuple(dict.fromkeys(one for one in types if one is not None))
    return AllOf(known) if len(known) > 1 else next(iter(known), None)


def _either(one: External, other: External) -> External:
    if one is other or not isinstance(one, Primitive):
        return one
    same_kind = isinstance(other, Primitive) and one.kind == other.kind
    return Primitive(one.kind) if same_kind else EXTERNAL
