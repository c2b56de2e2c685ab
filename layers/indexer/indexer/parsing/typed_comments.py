"""The types that comments declare: by a name, and for the parameters of a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.jsdoc import Block, Tag, Typedef
from indexer.parsing.nodes import FUNCTION_VALUES, parts_of
from indexer.parsing.typer import MAX_PARTS, MAX_PROPERTIES, UNKNOWN, Documented, Typer

# What says no more of an argument than that it has the parts that the comment goes on to tell.
_OBJECTS: Final = frozenset({b"object", b"Object"})
_GENERIC: Final = FUNCTION_VALUES | {
    *("class", "class_declaration"),
    *("function_declaration", "generator_function_declaration", "method_definition"),
}
_LISTS: Final = frozenset({b"object[]", b"Object[]"})


def declared_in_a_comment(
    typer: Typer, documented: Documented, node: Node, arguments: tuple[int, ...]
) -> int | None:
    """What a name means by the comment that it stands in, or by one with a typedef.

    It may also be a type parameter of the type around it, or of a class or function around the
    comment.
    """
    docs = documented.docs
    name, at = docs.spelled(node), node.start_byte
    declared = typer.declared_within(name)
    if declared is not None:
        return declared
    template = docs.template(name, at) or _of_the_code(typer, documented, name, at)
    if template is not None:
        return typer.template(template)
    if name not in docs.typedefs:
        return None
    number = typer.typedef(name)
    if not arguments or not docs.typedefs[name].templates or number == UNKNOWN:
        return number
    return typer.emit(TypeOp.APPLIED, parts=(number, *arguments))


def _of_the_code(typer: Typer, documented: Documented, name: bytes, at: int) -> Tag | None:
    """The type parameter that the comment of a class or function around an offset declares."""
    around = typer.at(at) if documented.docs.declares_templates else None
    while around is not None:
        block = typer.block(around) if around.type in _GENERIC else None
        for one in block.templates if block is not None else ():
            if one.name == name:
                return one
        around = around.parent
    return None


def typedef(typer: Typer, documented: Documented, name: bytes) -> int:
    """The type that a comment declares by a name."""
    declared = documented.docs.typedefs[name]
    number = _declared(typer, declared)
    if not declared.templates or number == UNKNOWN:
        return number
    return typer.emit(
        TypeOp.GENERIC, parts=(number, *(typer.template(one) for one in declared.templates))
    )


def _declared(typer: Typer, declared: Typedef) -> int:
    if declared.function is not None:
        return _function(typer, declared.function)
    if declared.properties:
        return _object(typer, declared.properties)
    return typer.documented_type(declared.named.type_at)


def documented_part(typer: Typer, said: Tag) -> int:
    """The type that a comment gives a parameter or a part of it: as such, or by its parts."""
    if said.parts and typer.documented is not None:
        node = typer.documented.docs.type(said.type_at)
        written = b"" if node is None else typer.documented.docs.spelled(node)
        if written in _OBJECTS:
            return _object(typer, said.parts)
        if written in _LISTS:
            return typer.emit(TypeOp.ARRAY, parts=(_object(typer, said.parts),))
    return typer.documented_type(said.type_at)


def said_of_parameters(typer: Typer, node: Node, block: Block) -> list[tuple[Node, Tag | None]]:
    """The patterns of a function's parameters, each with what its comment says of it.

    One that is a name by that, any other by its place.
    """
    listed, single = (node.child_by_field_name(one) for one in ("parameters", "parameter"))
    declared = [] if listed is None else parts_of(listed)[:MAX_PARTS]
    found = []
    for at, one in enumerate(declared if single is None else [single]):
        pattern = one.child_by_field_name("pattern") or one
        name = parts_of(pattern)[-1] if is_rest(pattern) else pattern
        said = block.parameter(typer.walk.spelled(name)) if name.type == "identifier" else None
        if name.type != "identifier" and at < len(block.parameters):
            said = block.parameters[at]
        found.append((pattern, said))
    return found


def is_rest(pattern: Node) -> bool:
    """Whether a parameter takes all that is left."""
    return pattern.type == "rest_pattern"


def documented_parameter(typer: Typer, pattern: Node, said: Tag) -> int:
    """The type that a comment gives a parameter: `...Cart` is that of each one that is left."""
    of = documented_part(typer, said)
    if said.is_rest and is_rest(pattern):
        return typer.wrapped(TypeOp.ARRAY, of)
    return of


def _function(typer: Typer, block: Block) -> int:
    parameters = tuple(documented_part(typer, one) for one in block.parameters)
    result = typer.documented_type(block.returns)
    return typer.emit(TypeOp.FUNCTION, len(parameters), parts=(result, *parameters))


def _object(typer: Typer, properties: Sequence[Tag]) -> int:
    source = typer.walk.source
    parts = [
        typer.emit(
            TypeOp.PROPERTY,
            -source.position(one.name_at)[0],
            source.name(one.name),
            (documented_part(typer, one),),
        )
        for one in properties[:MAX_PROPERTIES]
    ]
    return typer.emit(TypeOp.OBJECT, parts=tuple(parts))
