"""Writes down what a file says of types: of its symbols, and of what its members are members of.

Runs after the uses are bound, and looks only at what somebody asks for: the receivers of members
that the file cannot resolve by itself, the types of its symbols, and whatever these are made of.
Nothing is inferred here; that takes all files and is done by `resolution`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from tree_sitter import Node

from indexer.parsing.facts import NULL, SymbolKind, Target, TypeExpression, TypeOp
from indexer.parsing.jsdoc import Block, Docs, Tag
from indexer.parsing.nodes import first_part, written_key
from indexer.parsing.scopes import Destination
from indexer.parsing.walk import Walk

if TYPE_CHECKING:
    from indexer.parsing.narrowing import Conditions

UNKNOWN: Final = -1
# In place of the number of what is being written; below it, the number that it was given.
_BEGUN: Final = -2
# What nests deeper is nothing that a person wrote, and would be the end of the stack.
MAX_DEPTH: Final = 60
MAX_PARTS: Final = 24
MAX_UNION: Final = 200
MAX_PROPERTIES: Final = 200
# Finding the parent of a node costs as much as it is deep. Code of people is 10 to 30 deep.
MAX_MEAN_DEPTH: Final = 200
# A small tree takes no time however it nests.
_NODES_A_SAMPLE: Final = 512
_MOST_SAMPLES: Final = 32

_AROUND_A_VALUE: Final = frozenset(
    {
        *("variable_declarator", "lexical_declaration", "variable_declaration", "pair"),
        *("assignment_expression", "expression_statement", "export_statement"),
        *("field_definition", "public_field_definition", "parenthesized_expression"),
    }
)

_LIKE_A_NAME: Final = re.compile(rb"""["'][\w$@/:.-]{1,64}["']""")
NOTHING_YET: Final = frozenset({"null", "undefined"})
"""What a variable begins with that is made for what comes later."""
_BOOLEANS: Final = frozenset({"false", "true"})
_ONE_VALUE: Final = _BOOLEANS | {"number"}
LITERALS: Final = NOTHING_YET | _ONE_VALUE | {"string"}
"""The kinds of nodes that `Typer.literal` knows."""

GiveOut = Callable[[Destination], Destination]
Writer = Callable[["Typer", Node], int]


def is_too_deep(root: Node) -> bool:
    """Whether a tree nests so deep that what leads from node to parent would take too long."""
    last = root.descendant_count - 1
    samples = min(last // _NODES_A_SAMPLE, _MOST_SAMPLES)
    cursor = root.walk()
    depths = 0
    for sample in range(samples):
        cursor.goto_descendant(last * sample // samples)
        depths += cursor.depth
    return depths > MAX_MEAN_DEPTH * samples


class Writers(NamedTuple):
    """How each kind of node is written, and what is declared by a name."""

    values: Mapping[str, Writer]
    annotations: Mapping[str, Writer]
    variable: Writer
    type_parameter: Writer
    typedef: Callable[[Typer, Documented, bytes], int]
    named_value: Callable[[Typer, Destination, str], int]
    expected: Writer


class Documented(NamedTuple):
    """The types in the comments of a file of JavaScript, and what a name means in them."""

    docs: Docs
    find: Callable[[bytes], Destination]


class Accessors(NamedTuple):
    """What reads a property and what sets it, as far as they are declared."""

    getter: Node | None = None
    setter: Node | None = None


class Typer:
    """The type expressions of one file, each made once. `bound`: what names lead to, by offset."""

    def __init__(
        self,
        walk: Walk,
        root: Node,
        bound: dict[int, Destination],
        give_out: GiveOut,
        writers: Writers,
        *,
        documented: Documented | None,
    ) -> None:
        self.walk = walk
        self.root = root
        self.bound = bound
        self.documented = documented
        self._text, self._name = walk.text, walk.source.name
        self._writers = writers
        self._values, self._annotations = writers.values, writers.annotations
        self.expressions: list[TypeExpression] = []
        self._give_out = give_out
        self._numbers: dict[tuple[int, int, str, tuple[int, ...]], int] = {}
        # By the id of a node for what is written, by offset for what a name or comment declares.
        self._written: dict[int, int] = {}
        self._declared: dict[int, int] = {}
        self.patterns: dict[int, int] = {}
        # Those of a class, by the id of its body, then by name and whether they are static.
        self.accessors: dict[int, dict[tuple[bytes, bool], Accessors]] = {}
        self._typedefs: dict[int, int] = {}
        self.inferred: dict[int, int] = {}
        # The type parameters that the types around declare, in the type of a comment.
        self._within: list[Mapping[bytes, int]] = []
        self.judging = 0
        self._requests = {one.at: number for number, one in enumerate(walk.requests)}
        self._symbols_at: dict[int, int] | None = None
        self._assigned: dict[int, list[Node]] | None = None
        self._added: dict[int, list[Node]] | None = None
        self.conditions: Conditions | None = None
        self._places: dict[int, dict[int, int]] = {}
        self._depth = 0

    def emit(self, op: TypeOp, a: int = 0, name: str = "", parts: tuple[int, ...] = ()) -> int:
        """The number of an expression."""
        # A bare tuple is equal to the expression: most are asked for again, and made once.
        number = self._numbers.get((op, a, name, parts))
        if number is None:
            expression = TypeExpression(int(op), a, name, parts)
            number = self._numbers[expression] = len(self.expressions)
            self.expressions.append(expression)
        return number

    def union(self, parts: list[int]) -> int:
        """What is one of several, as far as they are known."""
        known = tuple(dict.fromkeys(part for part in parts if part != UNKNOWN))[:MAX_UNION]
        if len(known) < 2:  # noqa: PLR2004 - one is no union
            return known[0] if known else UNKNOWN
        return self.emit(TypeOp.UNION, parts=known)

    def primitive(self, name: str) -> int:
        """A type that has no members of ours."""
        return self.emit(TypeOp.PRIMITIVE, name=name)

    def literal(self, node: Node) -> int:
        """The type whose only value a literal is; unknown for anything else."""
        kind = node.type
        if kind == "string":
            return self.primitive(f'"{self.spelled(node)[1:-1]}"')
        if kind in NOTHING_YET:
            return self.primitive(NULL)
        return self.primitive(self.spelled(node)) if kind in _ONE_VALUE else UNKNOWN

    def constant(self, node: Node | None) -> int:
        """The type of a value that never changes: of a literal, that one value."""
        literal = UNKNOWN if node is None else self.literal(node)
        return self.value(node) if literal == UNKNOWN else literal

    def tag(self, node: Node | None) -> int:
        """As `constant`, of strings that are like names: by these others tell types apart.

        Where another number stands, or other prose, nothing changes for who reads it.
        """
        if node is None or node.type != "string":
            return self.value(node)
        is_name = _LIKE_A_NAME.fullmatch(self.walk.spelled(node)) is not None
        return self.literal(node) if is_name else self.value(node)

    def argument(self, node: Node) -> int:
        """As `tag`, and of booleans: by what is given overloads are told apart."""
        kind = node.type
        if kind in _BOOLEANS:
            return self.literal(node)
        return self.tag(node) if kind == "string" else self.value(node)

    def wrapped(self, op: TypeOp, part: int, a: int = 0, name: str = "") -> int:
        """An operation on one part; unknown where that is."""
        return UNKNOWN if part == UNKNOWN else self.emit(op, a, name, (part,))

    def promise(self, of: int) -> int:
        """A promise of something, or of what that promises itself."""
        awaited = self.wrapped(TypeOp.AWAIT, of)
        return self.emit(TypeOp.GLOBAL_TYPE, name="Promise", parts=(awaited,))

    def value(self, node: Node | None) -> int:
        """The type of an expression."""
        writer = None if node is None else self._values.get(node.type)
        if node is None or writer is None:
            return UNKNOWN
        return self.once(self._written, node.id, writer, node)

    def annotation(self, node: Node | None) -> int:
        """A type that is written down, with or without its colon."""
        writer = None if node is None else self._annotations.get(node.type)
        if node is None or writer is None:
            return UNKNOWN
        return self.once(self._written, node.id, writer, node)

    def once(self, known: dict[int, int], key: int, write: Writer, node: Node | None) -> int:
        """What is written once, by a key of its kind; `known` holds what was.

        While it is being written it stands there as less than UNKNOWN: what leads back to it in
        the meantime is given a number, and that one's expression is filled in at the end.
        """
        number = known.get(key)
        if number is not None:
            if number == _BEGUN:
                number = known[key] = _BEGUN - 1 - len(self.expressions)
                self.expressions.append(TypeExpression(int(TypeOp.SAME), 0, "", (UNKNOWN,)))
            return number if number >= UNKNOWN else _BEGUN - 1 - number
        if node is None or self._depth >= MAX_DEPTH:
            return UNKNOWN
        known[key] = _BEGUN
        self._depth += 1
        number = write(self, node)
        self._depth -= 1
        begun = known[key]
        if begun != _BEGUN:
            at = _BEGUN - 1 - begun
            self.expressions[at] = TypeExpression(int(TypeOp.SAME), at, "", (number,))
        known[key] = number
        return number

    def expected(self, node: Node) -> int:
        """The type that is expected of an expression where it stands."""
        return self._writers.expected(self, node)

    def local(self, at: int) -> int:
        """The type of the variable or parameter whose name is at an offset."""
        return self._declare(at, self._writers.variable)

    def type_parameter(self, at: int) -> int:
        """The type parameter whose name is at an offset."""
        return self._declare(at, self._writers.type_parameter)

    def type_parameter_named(self, name: Node) -> int:
        """The type parameter that a name declares, in the code or in a comment."""
        return self.once(self._declared, name.start_byte, self._writers.type_parameter, name)

    def _declare(self, at: int, write: Writer) -> int:
        known = self._declared.get(at)
        if known is not None and known >= UNKNOWN:
            return known
        return self.once(self._declared, at, write, self.at(at))

    def deeper(self, write: Writer, node: Node) -> int:
        """What a writer says of a node, unless that is too deep in others."""
        if self._depth >= MAX_DEPTH:
            return UNKNOWN
        self._depth += 1
        number = write(self, node)
        self._depth -= 1
        return number

    def at(self, offset: int) -> Node | None:
        """The smallest named node that begins at an offset."""
        return self.root.named_descendant_for_byte_range(offset, offset + 1)

    def place(self, node: Node, listed_in: Node) -> int:
        """The place of a child in a list that commas separate, from 0."""
        places = self._places.get(listed_in.id)
        if places is None:
            places, commas = self._places.setdefault(listed_in.id, {}), 0
            for child in listed_in.children:
                commas += child.type == ","
                places[child.id] = commas
        return places[node.id]

    def assigned(self, name: Node) -> list[Node]:
        """The names in assignments to the variable that a name declares, in no certain order."""
        return self._assignments(name.start_byte)

    def assigned_to(self, leads_to: Destination) -> list[Node]:
        """The names in assignments to the variable that a name leads to, in no certain order."""
        return self._assignments(self._declared_at(leads_to))

    def added_to(self, name: Node) -> list[Node]:
        """The calls of `push` and `unshift` of the variable that a name declares, in order."""
        if self._added is None:
            self._added = {}
            for call in sorted(self.walk.added, key=lambda one: one.start_byte):
                holder = call.children[0].children[0]
                at = self._declared_at(self.bound.get(holder.start_byte))
                self._added.setdefault(at, []).append(call)
        return self._added.get(name.start_byte, [])

    def _assignments(self, declared_at: int) -> list[Node]:
        if self._assigned is None:
            self._assigned = {}
            for node in self.walk.assigned:
                at = self._declared_at(self.bound.get(node.start_byte))
                self._assigned.setdefault(at, []).append(node)
        return self._assigned.get(declared_at, []) if declared_at >= 0 else []

    def _declared_at(self, leads_to: Destination | None) -> int:
        if leads_to is not None and leads_to.target == Target.LOCAL:
            return leads_to.a
        if leads_to is not None and leads_to.target == Target.SYMBOL:
            return self.walk.symbols.declared[leads_to.a].name_at
        return -1

    def spelled(self, node: Node) -> str:
        """The source of a node, cleaned as names are."""
        return self._name(self._text[node.start_byte : node.end_byte])

    def block(self, node: Node) -> Block | None:
        """What the comment before a declaration, or around its value, says of it."""
        if self.documented is None:
            return None
        blocks = self.documented.docs.blocks
        climbing: Node | None = node
        while climbing is not None:
            found = blocks.get(climbing.start_byte)
            if found is not None:
                return found
            climbing = climbing.parent
            if climbing is None or climbing.type not in _AROUND_A_VALUE:
                return None
        return None

    def documented_here(self, node: Node) -> int:
        """The type that a comment right before a node gives it: `(/** @type {Cart} */ cart)`."""
        documented = self.documented
        block = None if documented is None else documented.docs.blocks.get(node.start_byte)
        return UNKNOWN if block is None else self.documented_type(block.type_at)

    def documented_type(self, at: int) -> int:
        """The type at an offset of a comment."""
        if self.documented is None or at < 0:
            return UNKNOWN
        around, self._within = self._within, []
        number = self.annotation(self.documented.docs.type(at))
        self._within = around
        return number

    @contextmanager
    def declaring(self, parameters: Mapping[bytes, int]) -> Iterator[None]:
        """While a part of a type is written for which that type declares type parameters."""
        self._within.append(parameters)
        yield
        self._within.pop()

    def declared_within(self, name: bytes) -> int | None:
        """The type parameter of that name which a type around declares; None: none does."""
        found = (one[name] for one in reversed(self._within) if name in one)
        return next(found, None)

    def typedef(self, name: bytes) -> int:
        """The type that a comment declares by a name."""
        documented = self.documented
        if documented is None:
            return UNKNOWN
        at = documented.docs.typedefs[name].named.name_at
        return self.once(
            self._typedefs,
            at,
            lambda typer, _: self._writers.typedef(typer, documented, name),
            self.root,
        )

    def template(self, said: Tag) -> int:
        """The type parameter that a comment declares."""
        name, at = self.walk.source.name(said.name), said.name_at

        def write(typer: Typer, _: Node) -> int:
            parts = tuple(map(typer.documented_type, (said.type_at, said.default_at)))
            return typer.emit(TypeOp.TYPE_PARAMETER, at, name, parts)

        return self.once(self._typedefs, at, write, self.root)

    def named_value(self, leads_to: Destination, name: str) -> int:
        """The type of the value that a name stands for."""
        return self._writers.named_value(self, leads_to, name)

    def key(self, node: Node | None) -> tuple[Node, str] | None:
        """What names a member and its name; None for a computed one.

        Where a constant names it, that is its string, or if it is a symbol, or is imported, its own
        name in brackets, as of a symbol of the language or a member of an enum.
        """
        if node is not None and node.type == "computed_property_name":
            inner = first_part(node)
            if inner is not None and inner.type == "identifier":
                return self._named_by(inner)
            if inner is not None and inner.type == "member_expression":
                name = self.well_known_symbol(inner) or self._named_by_member(inner)
                return (inner, name) if name else None
        node = written_key(node)
        if node is None:
            return None
        name = self.spelled(node)
        return node, name[1:-1] if node.type == "string" else name

    def well_known_symbol(self, node: Node) -> str:
        """The name in brackets of a member that `Symbol.iterator` or the like names; "": none."""
        if node.type != "member_expression" or self.spelled(node.children[0]) != "Symbol":
            return ""
        leads_to = self.leads_to(node.children[0])
        is_global = leads_to is not None and leads_to.target == Target.UNDECLARED
        return f"[Symbol.{self.spelled(node.children[-1])}]" if is_global else ""

    def _named_by_member(self, node: Node) -> str:
        """The name that `[E.A]` of an enum or `[NAMES.a]` of an object gives a member; "": none."""
        leads_to = self.leads_to(node.children[-1])
        if leads_to is None or len(node.children) < 3:  # noqa: PLR2004 - a, ., b
            return ""
        name = self.spelled(node.children[-1])
        if leads_to.target == Target.IMPORT_MEMBER:
            imported = self.walk.imports[leads_to.a].imported
            return f"[{self.walk.source.name(imported)}.{name}]"
        if leads_to.target != Target.SYMBOL:
            return ""
        declared = self.walk.symbols.declared[leads_to.a]
        if declared.kind == SymbolKind.ENUM_MEMBER:
            return f"[{self.spelled(node.children[0])}.{name}]"
        key = self.at(declared.name_at)
        pair = None if key is None or key.parent is None else key.parent
        value = None if pair is None or pair.type != "pair" else pair.child_by_field_name("value")
        return self.spelled(value)[1:-1] if value is not None and value.type == "string" else ""

    def _named_by(self, constant: Node) -> tuple[Node, str] | None:
        leads_to = self.leads_to(constant)
        if leads_to is not None and leads_to.target == Target.IMPORT:
            imported = self.walk.imports[leads_to.a].imported
            return constant, f"[{self.walk.source.name(imported)}]"
        at = self._declared_at(leads_to)
        number = UNKNOWN if at < 0 else self.local(at)
        if number == UNKNOWN or self.expressions[number].op != TypeOp.PRIMITIVE:
            return None
        name = self.expressions[number].name
        if name.startswith("["):
            return constant, name
        return (constant, name[1:-1]) if name.startswith('"') else None

    def declared(self, key: tuple[Node, str], of: int) -> int:
        """The PROPERTY that a key, as `key` gives it, declares with a type."""
        return self.emit(TypeOp.PROPERTY, self.property_at(key[0]), key[1], (of,))

    def property_at(self, key: Node) -> int:
        """What a PROPERTY has for its key: the symbol that it declares, or its line, negative."""
        number = self.symbol_at(key.start_byte)
        if number >= 0:
            return self.symbol(number)
        return -self.walk.source.position(key.start_byte)[0]

    def leads_to(self, node: Node) -> Destination | None:
        """What a name, or a member by its last name, was bound to."""
        return self.bound.get(node.start_byte)

    def symbol(self, number: int) -> int:
        """The number that facts have for a symbol of the walk."""
        return self._give_out(Destination(Target.SYMBOL, number, None)).a

    def symbol_at(self, at: int) -> int:
        """The symbol, in the walk's numbers, whose name is at an offset; -1: there is none."""
        if self._symbols_at is None:
            declared = self.walk.symbols.declared
            self._symbols_at = {one.name_at: number for number, one in enumerate(declared)}
        return self._symbols_at.get(at, -1)

    def request(self, at: int) -> int:
        """The number of the request for a module whose specifier is at an offset; -1: none."""
        number = self._requests.get(at)
        return -1 if number is None else self._give_out(Destination(Target.MODULE, number, "*")).a

    def given_out(self, leads_to: Destination) -> Destination:
        """A destination in the numbers of facts."""
        return self._give_out(leads_to)
