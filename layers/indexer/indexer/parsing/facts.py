"""What one file says by itself, before any other file is known.

`parsing` produces these values and `resolution` joins them across files. They cross a process
border, so they are plain tuples of plain values; indexes (`container`, `enclosing`, …) point into
the lists of the same `FileFacts`, and -1 means none.

Lines count from 1. Columns count from 0 in UTF-16 code units, as editors and the TypeScript
compiler count. Ends are exclusive.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import NamedTuple


class SymbolKind(IntEnum):
    """What was declared. The numbers are stored: never reuse one."""

    FUNCTION = 1
    CLASS = 2
    INTERFACE = 3
    TYPE = 4
    ENUM = 5
    ENUM_MEMBER = 6
    VARIABLE = 7
    CONSTANT = 8
    METHOD = 9
    PROPERTY = 10
    GETTER = 11
    SETTER = 12
    CONSTRUCTOR = 13
    NAMESPACE = 14
    MODULE = 15


class SymbolFlag(IntFlag):
    """How it was declared. The bits are stored: never reuse one."""

    EXPORTED = 1 << 0
    DEFAULT = 1 << 1
    ASYNC = 1 << 2
    STATIC = 1 << 3
    ABSTRACT = 1 << 4
    READONLY = 1 << 5
    OPTIONAL = 1 << 6
    AMBIENT = 1 << 7
    GENERATOR = 1 << 8
    PRIVATE = 1 << 9
    PROTECTED = 1 << 10
    PARAMETER_PROPERTY = 1 << 11
    OVERLOAD = 1 << 12
    OBJECT_MEMBER = 1 << 13
    INSTANCE = 1 << 14
    """A member of what `new` makes of a function, not of the function itself."""


class ReferenceKind(IntEnum):
    """What the use does with the name. The numbers are stored: never reuse one."""

    READ = 1
    WRITE = 2
    CALL = 3
    NEW = 4
    TYPE = 5
    EXTENDS = 6
    IMPLEMENTS = 7
    JSX = 8
    DECORATOR = 9
    IMPORT = 10
    EXPORT = 11


class DependencyKind(IntEnum):
    """How a module was asked for. The numbers are stored: never reuse one."""

    IMPORT = 1
    IMPORT_TYPE = 2
    EXPORT_FROM = 3
    DYNAMIC_IMPORT = 4
    REQUIRE = 5
    IMPORT_EQUALS = 6
    TYPE_QUERY = 7
    REFERENCE_PATH = 8
    REFERENCE_TYPES = 9
    MODULE_AUGMENTATION = 10
    SIDE_EFFECT = 11


IN_A_COMMENT = 0
"""The kind of a request that only a type in a comment makes: it resolves, and is no dependency."""


class Target(IntEnum):
    """Where a reference or an export leads, as far as its own file can tell.

    The meaning of `a` and `b` beside each:

    ====================  ===========================  =========================================
    target                a                            b
    ====================  ===========================  =========================================
    UNDECLARED            0                            None: no declaration in any scope here
    SYMBOL                index into `symbols`         None
    LOCAL                 line of a declaration here   its column; it is no symbol (a parameter)
    IMPORT                index into `imports`         None
    IMPORT_MEMBER         index into `imports`         names after it: `ns.a.b` at b -> ("a", "b")
    UNKNOWN_RECEIVER      index of a type expression   None: a member of whatever has that type;
                                                       -1 where nothing can be said of it
    MODULE                index into `requests`        name in that module; "*" is the module
    INSTANCE_MEMBER       index into `symbols`         name: a member that this class does not
                                                       declare; a base of another file may
    ====================  ===========================  =========================================
    """

    UNDECLARED = 0
    SYMBOL = 1
    LOCAL = 2
    IMPORT = 3
    IMPORT_MEMBER = 4
    UNKNOWN_RECEIVER = 5
    MODULE = 6
    INSTANCE_MEMBER = 7


class SymbolFact(NamedTuple):
    """A declaration. `line`/`column` is its name (or its start where it has none)."""

    name: str
    kind: int
    flags: int
    container: int
    line: int
    column: int
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    signature: str | None
    documentation: str | None


class ReferenceFact(NamedTuple):
    """A use of a name. `enclosing`: the innermost symbol around it. `sure`: no guess."""

    name: str
    kind: int
    line: int
    column: int
    enclosing: int
    target: int
    a: int
    b: int | str | tuple[str, ...] | None
    sure: bool


class ModuleRequest(NamedTuple):
    """A place where the file asks for a module, as written there."""

    specifier: str
    kind: int
    line: int
    column: int


class ImportBinding(NamedTuple):
    """A local name for something of another module.

    `imported` is the name exported over there, "default", "*" for the module's namespace, or
    "export=" for what CommonJS `require` and `import x = require()` give.
    """

    name: str
    request: int
    imported: str
    type_only: bool
    line: int
    column: int


class ExportFact(NamedTuple):
    """A name that this module exports. `target`, `a` and `b` as in `Target`.

    `name` is "*" for `export * from` (target MODULE, b "*"), "default", or "export=" for
    `export =` and `module.exports =`. One name may stand several times (merged declarations).
    `module.exports = require(x)` is both: all of `x` as "export=", and its names as by "*".
    `within` is the namespace or ambient module of this file that exports it; -1 is the file itself.
    """

    name: str
    type_only: bool
    line: int
    column: int
    target: int
    a: int
    b: int | str | tuple[str, ...] | None
    within: int = -1


class TypeOp(IntEnum):
    """What a type expression says. `a`, `name` and `parts` beside each; a part of -1 is unknown.

    Values of expressions and written types are the same here: what has which members.

    ==================  ===========================================================================
    SYMBOL_VALUE        a: a symbol; what its name is as a value
    SYMBOL_TYPE         a: a symbol; what its name is as a type, parts: type arguments
    IMPORT_VALUE        a: an import
    IMPORT_TYPE         a: an import; parts: type arguments
    GLOBAL_VALUE        name: of no declaration in the file
    GLOBAL_TYPE         name; parts: type arguments
    MODULE              a: a request; its namespace. OWN_MODULE: what the file itself exports
    MEMBER              name; parts: the receiver
    TYPE_MEMBER         name; parts: a namespace, then type arguments
    ELEMENT             parts: something iterable, and what may name a member of it; a: which
                        element, -1 for any
    CALL, NEW           parts: the callee, type arguments (a: how many), arguments
    AWAIT               parts: what is awaited
    UNION, INTERSECTION parts: what of
    PRIMITIVE           name: a type of the language without members of ours, or the only value of
                        it: a number or a boolean as written, a string in double quotes, a
                        symbol, `Symbol()`, by the name of its constant in brackets
    ARRAY, TUPLE        parts: the elements
    OBJECT              parts: PROPERTY, SPREAD and FUNCTION (what can be called) among its members
    PROPERTY            name; a: the symbol that it is, or the line of it, negative, where it is
                        none; parts: its type
    SPREAD              parts: an object all of whose members are members here
    FUNCTION            parts: result, parameters (a: how many), type parameters, what `this` is
                        in it; name: how many of the parameters must be given where not all must,
                        and "this" where the last part is said
    CONSTRUCTOR         as FUNCTION, for `new`
    REST                parts: the array that a rest parameter is, or the rest of a TUPLE
    TYPE_PARAMETER      name; a: offset of its name; parts: constraint, default
    INSTANCE            a: a class or interface; `this` in it
    ARGUMENT            parts: a CALL or NEW, and what is expected of that, where something is;
                        a: what is expected of its argument of that number
    PARAMETER           parts: a function; a: the type of its parameter of that number
    RESULT              parts: a function; what it gives
    MAPPED              parts: a type (unknown where any name is a member), what a member of the
                        same name has for a type, the type parameter that is its name there, and
                        what the name becomes; name: "some" where not all names are members
    KEYED               parts: a type, and the name of the member of it that is meant
    KEYOF               parts: a type; any of the names of its members
    THIS                parts: a function, and what `this` is in it where that does not say
    OF_LITERAL          parts: what is expected of an object literal, and the literal; `this` in it
    NARROWED            parts: a type, then what `Narrowing` says; a: the `Narrowing` by which less
                        is left of it, negative where that does not hold; name: as that says
    PREDICATE           what a type predicate gives; parts: the type that it tells of, a: by number
                        the argument that it tells it of, -1 for `this`
    CONDITIONAL         parts: `A extends B ? C : D`, then the type parameters that B infers; a: 1
                        where A is a type parameter, each member of which is asked by itself
    GENERIC             parts: a type that a comment declares, then its type parameters
    APPLIED             parts: a GENERIC, then type arguments
    SAME                parts: the same as that; `a` tells one of these from others
    ==================  ===========================================================================
    """

    SYMBOL_VALUE = 1
    SYMBOL_TYPE = 2
    IMPORT_VALUE = 3
    IMPORT_TYPE = 4
    GLOBAL_VALUE = 5
    GLOBAL_TYPE = 6
    MODULE = 7
    MEMBER = 8
    TYPE_MEMBER = 9
    ELEMENT = 10
    CALL = 11
    NEW = 12
    AWAIT = 13
    UNION = 14
    INTERSECTION = 15
    PRIMITIVE = 16
    ARRAY = 17
    TUPLE = 18
    OBJECT = 19
    PROPERTY = 20
    SPREAD = 21
    FUNCTION = 22
    CONSTRUCTOR = 23
    REST = 24
    TYPE_PARAMETER = 25
    INSTANCE = 26
    ARGUMENT = 27
    PARAMETER = 28
    RESULT = 29
    MAPPED = 30
    SAME = 31
    THIS = 32
    NARROWED = 33
    PREDICATE = 34
    CONDITIONAL = 35
    KEYED = 36
    KEYOF = 37
    OF_LITERAL = 38
    GENERIC = 39
    APPLIED = 40


NULL = "null"
"""The name of the PRIMITIVE that null and undefined are."""

OWN_MODULE = -1
"""In place of a request: a file of CommonJS reads what it exports itself."""

SELECTING = frozenset({"Omit", "Pick"})
"""Global types that have some members of another one. If their second part names which, it is a
UNION of PRIMITIVEs named as the keys in double quotes."""


class Narrowing(IntEnum):
    """How a condition tells what a value is. `name` and the second part beside each.

    ========  =====================================================================================
    INSTANCE  `instanceof`; part: the class
    TYPE      `typeof`; name: what that gives, or "array" for what is one
    HAS       name: a member that is `in` it
    EQUAL     name: a member; part: what that equals
    TRUE      name: a member that is true as a condition
    TOLD      a type predicate says so; part: the predicate, name: which of its arguments the value
              is, by number or "this"
    ========  =====================================================================================
    """

    INSTANCE = 1
    TYPE = 2
    HAS = 3
    EQUAL = 4
    TRUE = 5
    TOLD = 6


class TypeRole(IntEnum):
    """What a type is to the symbol that has it."""

    VALUE = 1
    """The written type of a variable or property, a function, what a type alias stands for."""
    BASE = 2
    """What a class or an interface extends."""
    PARAMETER = 3
    """One of its type parameters, in their order."""
    CALL = 4
    """How an interface, or the value itself, can be called."""
    CONSTRUCT = 5
    """How it can be constructed: a construct signature, or a class's constructor."""
    INDEX = 6
    """What an index signature gives."""
    INITIAL = 7
    """What a variable or property without a written type begins with."""
    PART = 8
    """The symbol, not a type, that it is one declaration with: an interface written twice."""
    YIELDS = 9
    """No type: what a base declares by that name comes first, as this is only an assignment."""
    COMPUTED = 10
    """A PROPERTY that a constant names, `[key]: Cart`, and that is no symbol itself."""


class TypeExpression(NamedTuple):
    """One step of a type; parts are indexes into the same list, `a` and `name` as in `TypeOp`."""

    op: int
    a: int
    name: str
    parts: tuple[int, ...]


class SymbolType(NamedTuple):
    """A type that a symbol has. `symbol` and `type` index `symbols` and `expressions`."""

    symbol: int
    role: int
    type: int


class ExportedType(NamedTuple):
    """The line and the type of what is exported without being a symbol."""

    line: int
    type: int


class NamedType(NamedTuple):
    """A type that a comment declares by a name."""

    name: str
    type: int


class TypeFacts(NamedTuple):
    """What the file says of the types of its symbols and of the receivers in it."""

    expressions: list[TypeExpression]
    symbols: list[SymbolType]
    exports: list[ExportedType]
    typedefs: list[NamedType]


class FileFacts(NamedTuple):
    """Everything one file says by itself. Order within each list is source order."""

    symbols: list[SymbolFact]
    references: list[ReferenceFact]
    requests: list[ModuleRequest]
    imports: list[ImportBinding]
    exports: list[ExportFact]
    line_count: int
    syntax_errors: int
    types: TypeFacts
