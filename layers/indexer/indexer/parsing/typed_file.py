"""The types that one file writes down: of receivers, of symbols, of what it exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from tree_sitter import Node

from indexer.parsing.facts import ExportedType, NamedType, Target, TypeFacts
from indexer.parsing.scopes import UNDECLARED, Destination, Meaning, Scopes
from indexer.parsing.typed_annotations import WRITERS as ANNOTATIONS
from indexer.parsing.typed_annotations import type_parameter
from indexer.parsing.typed_comments import typedef
from indexer.parsing.typed_expected import expected
from indexer.parsing.typed_names import exported_expression, receiver, variable
from indexer.parsing.typed_symbols import symbol_types
from indexer.parsing.typed_values import WRITERS as VALUES
from indexer.parsing.typed_values import named_value
from indexer.parsing.typer import Documented, GiveOut, Typer, Writers, is_too_deep
from indexer.parsing.walk import Walk

_WRITERS = Writers(VALUES, ANNOTATIONS, variable, type_parameter, typedef, named_value, expected)
Named = Callable[[int, bytes, Meaning], Destination]


OpenMember: TypeAlias = tuple[int, Node, Node | None]
"""A member of what the file cannot tell, by its offset, and the expression it is taken from.

There is no such expression (None) where a pattern takes the member.
"""


class Bindings(NamedTuple):
    """What names lead to: by the offset of a use, and by scope, name and meaning.

    `give_out` turns destinations into those that facts have.
    """

    by_offset: dict[int, Destination]
    named: Named
    give_out: GiveOut


def types_of_file(
    walk: Walk, root: Node, bindings: Bindings, members: Sequence[OpenMember]
) -> tuple[dict[int, int], TypeFacts]:
    """The types of the receivers of `members`, by the offset of the member, and those of facts.

    A tree that nests as no person writes has none.
    """
    if is_too_deep(root):
        return {}, TypeFacts([], [], [], [])
    typer = Typer(
        walk,
        root,
        bindings.by_offset,
        bindings.give_out,
        _WRITERS,
        documented=_documented(walk, bindings.named),
    )
    # In source order: what a long chain of calls begins with is known before what follows.
    receivers = {
        at: receiver(typer, member) if of is None else typer.value(of)
        for at, member, of in sorted(members, key=itemgetter(0))
    }
    types = TypeFacts(
        symbols=symbol_types(typer),
        exports=_exported_types(typer),
        typedefs=_typedefs(typer),
        expressions=typer.expressions,
    )
    return receivers, types


def _documented(walk: Walk, named: Named) -> Documented | None:
    """The types in the comments of JavaScript; their requests become the file's."""
    if not walk.javascript or walk.docs is None:
        return None

    def find(name: bytes) -> Destination:
        for meaning in (Meaning.TYPE, Meaning.VALUE):
            leads_to = named(Scopes.MODULE, name, meaning)
            if leads_to is not UNDECLARED:
                return leads_to
        return UNDECLARED

    return Documented(walk.docs, find)


def _typedefs(typer: Typer) -> list[NamedType]:
    docs = typer.walk.docs
    found = []
    for name in sorted(docs.typedefs) if docs is not None else ():
        number = typer.typedef(name)
        if name and number >= 0:
            found.append(NamedType(typer.walk.source.name(name), number))
    return found


def _exported_types(typer: Typer) -> list[ExportedType]:
    found = []
    for one in typer.walk.exports:
        if one.leads_to is not None and one.leads_to.target == Target.LOCAL:
            number = exported_expression(typer, one.leads_to.a)
            if number >= 0:
                line = typer.walk.source.position(one.leads_to.a)[0]
                found.append(ExportedType(line, number))
    return found
