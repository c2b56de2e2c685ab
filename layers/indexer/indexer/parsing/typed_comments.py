"""The types that comments declare: by a name, and for the parameters of a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from indexer.parsing.facts import TypeOp
from indexer.parsing.jsdoc import Block, Tag
from indexer.parsing.typer import MAX_PROPERTIES, Documented, Typer

# What says no more of an argument than that it has the parts that the comment goes on to tell.
_OBJECTS: Final = frozenset({b"object", b"Object"})
_CLASSES: Final = frozenset({"class", "class_declaration"})
_LISTS: Final = frozenset({b"object[]", b"Object[]"})


def declared_in_a_comment(typer: Typer, documented: Documented, name: bytes, at: int) -> int | None:
    """What a name at an offset means by the comment that it stands in, or by one with a typedef.

    It may also be a type parameter of the class around that comment.
    """
    template = documented.docs.template(name, at) or _of_class(typer, documented, name, at)
    if template is not None:
        return typer.template(template)
    return typer.typedef(name) if name in documented.docs.typedefs else None


def _of_class(typer: Typer, documented: Documented, name: bytes, at: int) -> Tag | None:
    if not documented.docs.declares_templates:
        return None
    around = typer.at(at)
    while around is not None and around.type not in _CLASSES:
        around = around.parent
    block = None if around is None else typer.block(around)
    return (
        None if block is None else next((one for one in block.templates if one.name == name), None)
    )


def typedef(typer: Typer, documented: Documented, name: bytes) -> int:
    """The type that a comment declares by a name."""
    declared = documented.docs.typedefs[name]
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
