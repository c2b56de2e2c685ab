"""What the walk collects, in terms of nodes and offsets, before any of it is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tree_sitter import Node

from indexer.parsing.facts import ReferenceKind
from indexer.parsing.scopes import Destination, Meaning, Scopes


class Receiver(NamedTuple):
    """What `this` is: an instance of the class `symbol`, or with `static` the class itself."""

    symbol: int
    static: bool


class Use(NamedTuple):
    """`root.steps[0].steps[1]…`: a use of the root and of each member on the way.

    `kind` and `meaning` are those of the last of them. No root: the receiver is some expression.
    `receivers` are what each step is taken from, but for those of a pattern.
    """

    root: Node | None
    steps: Sequence[Node]
    kind: ReferenceKind
    meaning: Meaning
    receivers: Sequence[Node] = ()


class TemplateTag(NamedTuple):
    """What stands before a template: what is called, and the type arguments."""

    callee: Node
    types: list[Node]


class Region:
    """Code that shares a scope, an enclosing symbol and a `this`, with the uses found in it.

    The frequent kinds of use have lists of their own: plain names read, called, or naming a type,
    and `accesses`, which are values of the form `name.member…`.
    """

    __slots__ = (
        "accesses",
        "ambient",
        "calls",
        "enclosing",
        "reads",
        "scope",
        "this",
        "types",
        "uses",
    )

    def __init__(self, scope: int, enclosing: int, this: Receiver | None, *, ambient: bool) -> None:
        self.scope = scope
        self.enclosing = enclosing
        self.this = this
        self.ambient = ambient
        self.reads: list[Node] = []
        self.calls: list[Node] = []
        self.types: list[Node] = []
        self.accesses: list[Use] = []
        self.uses: list[Use] = []


class Known(NamedTuple):
    """A use whose destination is clear where it stands."""

    node: Node
    kind: ReferenceKind
    enclosing: int
    leads_to: Destination


class Request(NamedTuple):
    """A module asked for; `at` is the offset of the specifier, or of what stands for it."""

    specifier: bytes
    kind: int
    at: int


class Import(NamedTuple):
    """A binding to something of the module of request number `request`."""

    name: bytes
    request: int
    imported: bytes
    type_only: bool
    at: int


WHOLES: Final = frozenset({b"*", b"export="})
"""What stands for all of a module where the name of an export may stand."""


def names_an_export(written: bytes) -> bool:
    """Whether a name that code writes, perhaps as a string, can be that of an export here."""
    return bool(written) and written not in WHOLES


class Export(NamedTuple):
    """An exported name: of `local` in `scope`, or of a known destination.

    `within` is the namespace or ambient module that exports it; -1 is the file. `shown` is noted as
    a use that exports it, unless it is a symbol of this file.
    """

    name: bytes
    type_only: bool
    at: int
    local: bytes | None
    leads_to: Destination | None
    scope: int = Scopes.MODULE
    within: int = -1
    shown: Node | None = None


class Subject(NamedTuple):
    """What a declaration's outermost node says about it: where it starts, `export`, `declare`."""

    outer: Node
    flags: int
