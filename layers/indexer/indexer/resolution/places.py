"""Where names lead, and what of each file can be seen from other files."""

from __future__ import annotations

from array import array
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeAlias

from indexer.errors import KotaError
from indexer.parsing.facts import (
    NULL,
    FileFacts,
    ReferenceKind,
    SymbolFlag,
    Target,
    TypeExpression,
    TypeOp,
    TypeRole,
)
from indexer.resolution.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WHOLE_MODULE: Final = "*"
DEFAULT: Final = "default"
EXPORT_EQUALS: Final = "export="

DEEPEST_MEMBER: Final = 2
"""So many members behind one another are told of what a package exports."""

MAX_SAME: Final = 8
"""So many expressions in a row may only stand for the next one."""

_WHOLES: Final = frozenset((WHOLE_MODULE, EXPORT_EQUALS))


def can_be_told(name: str) -> bool:
    """Whether an export's name can be told across repositories.

    A name that is written as a string may have dots in it, which would stand for members.
    """
    return bool(name) and "." not in name


class PlaceKind(IntEnum):
    """What is at a place."""

    NOTHING = 0
    SYMBOLS = 1
    LOCAL = 2
    MODULE = 3


class ImportedName(NamedTuple):
    """Something that is imported from a package of another repository.

    `subpath` is what follows the package in the module specifier, "" for the package itself. `name`
    is that of the export, perhaps with those of members behind it (`Status.Open`), or `*`.
    """

    package: str
    subpath: str
    name: str

    @property
    def is_whole(self) -> bool:
        """Whether it is the module as a whole."""
        return self.name in _WHOLES

    def member(self, name: str) -> ImportedName | None:
        """The member `name` of it; None where that goes too deep."""
        if self.is_whole:
            return self._replace(name=name)
        if self.name.count(".") >= DEEPEST_MEMBER:
            return None
        return self._replace(name=f"{self.name}.{name}")


class Place(NamedTuple):
    """Where a name leads.

    `symbols` are the declarations of one name in one file, by index into that file's symbols;
    `line` is set where there is no symbol. `why` says why there is nothing. Of what another package
    has, `wanted` says what that is, where it is known.
    """

    kind: int
    file_no: int
    symbols: tuple[int, ...]
    line: int
    why: int
    wanted: ImportedName | None = None

    def member(self, name: str) -> Place:
        """What `.name` of something that is nowhere leads to: of a package's export, its member."""
        return self if self.wanted is None else self._replace(wanted=self.wanted.member(name))


Places: TypeAlias = tuple[Place, ...]

# Plain numbers: each `&` of a number and an IntFlag makes another IntFlag, in Python.
INSTANCE: Final = int(SymbolFlag.INSTANCE)
STATIC: Final = int(SymbolFlag.STATIC)
_OBJECT_MEMBER: Final = int(SymbolFlag.OBJECT_MEMBER)


def nothing(why: Resolution, wanted: ImportedName | None = None) -> Place:
    """The place of a name that leads nowhere, or to what a package has."""
    return Place(PlaceKind.NOTHING, -1, (), 0, int(why), wanted)


def module_place(file_no: int) -> Place:
    """A whole module."""
    return Place(PlaceKind.MODULE, file_no, (), 1, Resolution.EXACT)


def symbols_place(file_no: int, symbols: Sequence[int]) -> Place:
    """The declarations of one name in one file."""
    return Place(PlaceKind.SYMBOLS, file_no, tuple(symbols), 0, Resolution.EXACT)


class Aim(NamedTuple):
    """What a reference or an export aims at, as its own file tells: `parsing.facts.Target`."""

    target: int
    a: int
    b: int | str | tuple[str, ...] | None


def declared_here(module: Module, aims: Sequence[Aim]) -> list[Place]:
    """The place of what these aim at in their own file: a function and its namespace are one."""
    symbols = [aim.a for aim in aims if aim.target == Target.SYMBOL]
    return [symbols_place(module.file_no, symbols)] if symbols else []


class Module:
    """What other files need to know of one file.

    `targets` holds for each of its requests the file that answers it, or the negative of the
    `Resolution` that says why none does; `described` holds for some of the latter where a
    declaration file describes the module, and `outside` for those that a package answers the
    package and the path in it. `augmenting` are its blocks that add to other modules, by symbol,
    with the request for that. `inner_exports` are what a namespace or an ambient module of the
    file exports by a list, by its symbol and the name. `bases` are what each class or
    interface extends.
    `exported_expressions` are the types of what is exported without being a symbol, by line;
    `typedefs` those that comments declare, by name. `yielding` are members that are only assigned,
    so that what a base declares by their name comes first.
    """

    __slots__ = (
        "_entity",
        "_lines",
        "_makers",
        "_members",
        "_owners",
        "_parts",
        "_types",
        "augmenting",
        "bases",
        "containers",
        "described",
        "exported_expressions",
        "exports",
        "expressions",
        "file_no",
        "first_symbol",
        "flags",
        "imports",
        "inner_exports",
        "is_global_script",
        "kinds",
        "names",
        "outside",
        "path",
        "stars",
        "targets",
        "typedefs",
        "yielding",
    )

    is_read: ClassVar[bool] = True
    """Whether it is so from the start."""

    def __init__(self, file_no: int, path: str, facts: FileFacts, first_symbol: int) -> None:
        self.file_no = file_no
        self.path = path
        self.first_symbol = first_symbol
        self.kinds = bytes(symbol.kind for symbol in facts.symbols)
        self.flags = array("I", (symbol.flags for symbol in facts.symbols))
        self.containers = array("i", (symbol.container for symbol in facts.symbols))
        self.names = [symbol.name for symbol in facts.symbols]
        self.imports = [(binding.request, binding.imported) for binding in facts.imports]
        self.targets: list[int] = []
        self.described: dict[int, Place] = {}
        self.outside: dict[int, tuple[str, str]] = {}
        self.augmenting: dict[int, int] = {}
        self.is_global_script = False
        self.stars: list[int] = []
        self.exports: dict[str, list[Aim]] = {}
        self.inner_exports: dict[tuple[int, str], list[Aim]] = {}
        for export in facts.exports:
            aim = Aim(export.target, export.a, export.b)
            if export.within >= 0:
                self.inner_exports.setdefault((export.within, export.name), []).append(aim)
            elif export.name == WHOLE_MODULE:
                self.stars.append(export.a)
            else:
                self.exports.setdefault(export.name, []).append(aim)
        self.bases: dict[int, list[Aim]] = {}
        for use in facts.references:
            if use.kind == ReferenceKind.EXTENDS and use.enclosing >= 0:
                self.bases.setdefault(use.enclosing, []).append(Aim(use.target, use.a, use.b))
        self.expressions = facts.types.expressions
        self.exported_expressions = dict(facts.types.exports)
        self.typedefs = dict(facts.types.typedefs)
        self._types: dict[tuple[int, int], tuple[int, ...]] = {}
        self.yielding: set[int] = set()
        self._entity: dict[int, int] = {}
        self._parts: dict[int, list[int]] = {}
        for symbol, role, number in facts.types.symbols:
            if role == TypeRole.PART:
                self._entity[symbol] = number
                self._parts.setdefault(number, [number]).append(symbol)
                continue
            if role == TypeRole.YIELDS:
                self.yielding.add(symbol)
                continue
            self._types[symbol, role] = (*self._types.get((symbol, role), ()), number)
        self._members: dict[tuple[int, str], list[int]] | None = None
        self._lines = [symbol.line for symbol in facts.symbols]
        self._owners = {
            symbol.container for symbol in facts.symbols if symbol.flags & _OBJECT_MEMBER
        }
        self._makers = {symbol.container for symbol in facts.symbols if symbol.flags & INSTANCE}

    def makes_instances(self, symbol: int) -> bool:
        """Whether the symbol is a function of JavaScript that gives members to what `new` makes."""
        return symbol in self._makers

    def types_of(self, symbol: int, role: TypeRole) -> tuple[int, ...]:
        """The expressions of the types that a symbol has in a role."""
        return self._types.get((symbol, role), ())

    def behind(self, number: int) -> int:
        """The expression that another one only stands for, or itself."""
        for _ in range(MAX_SAME):
            if number < 0 or self.expressions[number].op != TypeOp.SAME:
                break
            number = self.expressions[number].parts[0]
        return number

    def value_of(self, symbol: int) -> tuple[int, ...]:
        """The expressions of what a symbol is as a value: its written type where there is one."""
        return self.types_of(symbol, TypeRole.VALUE) or self.types_of(symbol, TypeRole.INITIAL)

    def parts(self, symbol: int) -> list[int]:
        """The symbols that are one declaration with this one, itself among them."""
        return self._parts.get(self._entity.get(symbol, symbol), [symbol])

    def has_members(self, symbol: int) -> bool:
        """Whether the symbol is an object, of no written type, whose properties are symbols."""
        return symbol in self._owners and not self.types_of(symbol, TypeRole.VALUE)

    def required_properties(self, parts: Sequence[int]) -> dict[str, int]:
        """The names that the parts of an OBJECT ask for, each with the expression of its type."""
        properties = (self.expressions[part] for part in parts)
        return {
            one.name: one.parts[0]
            for one in properties
            if one.op == TypeOp.PROPERTY and not self._is_optional(one)
        }

    def _is_optional(self, one: TypeExpression) -> bool:
        """Whether a PROPERTY may be missing: as its symbol says, or being null without one."""
        if one.a >= 0:
            return bool(self.flags[one.a] & SymbolFlag.OPTIONAL)
        of = self.expressions[one.parts[0]] if one.parts[0] >= 0 else None
        if of is None or of.op != TypeOp.UNION:
            return False
        parts = (self.expressions[part] for part in of.parts)
        return any(part.op == TypeOp.PRIMITIVE and part.name == NULL for part in parts)

    def line(self, symbol: int) -> int:
        """Where the name of a symbol stands."""
        return self._lines[symbol]

    def members(self, container: int, name: str) -> list[int]:
        """The symbols called `name` that stand directly in the symbol `container`.

        A container of -1 is the file itself.
        """
        if self._members is None:
            self._members = {}
            for index, key in enumerate(zip(self.containers, self.names, strict=True)):
                self._members.setdefault(key, []).append(index)
        return self._members.get((container, name), [])

    def imported_name(self, request: int, name: str) -> ImportedName | None:
        """`name` of what a request asks for, if a package of another repository answers it."""
        asked = self.outside.get(request)
        return None if asked is None or not can_be_told(name) else ImportedName(*asked, name)

    def exports_as_a_whole(self, place: Place) -> bool:
        """Whether `place`, of this file, is what it gives for `export =` or `module.exports =`."""
        for target, a, _ in self.exports.get(EXPORT_EQUALS, ()):
            if target == Target.SYMBOL and a in place.symbols:
                return True
            if target == Target.LOCAL and place.kind == PlaceKind.LOCAL and a == place.line:
                return True
        return False


class BeyondReach(KotaError):
    """What a name means would have to be looked up in a file whose facts were not read."""

    code = "beyond_reach"


class UnreadModule(Module):
    """A file of which nothing but its path and its first symbol is known, until more is asked.

    `read` then makes it a `Module` like any other; without it, nothing more is to be asked.
    """

    __slots__ = ("_read",)

    is_read = False

    def __init__(
        self, file_no: int, path: str, first_symbol: int, read: Callable[[Module], None] | None
    ) -> None:
        self.file_no = file_no
        self.path = path
        self.first_symbol = first_symbol
        self._read = read

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a module has
        read, self._read = self._read, None
        if read is None:
            raise BeyondReach(f"{name} of {self.path}")
        read(self)
        return getattr(self, name)
