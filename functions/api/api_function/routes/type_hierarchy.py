"""What a class or an interface extends and implements, and what extends and implements it."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.symbols import (
    ReferenceKindName,
    ResolutionName,
    SymbolNameView,
    SymbolView,
)
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import View, topic_router
from indexer.search import type_hierarchy
from indexer.search.symbols import SymbolNotFound
from indexer.search.type_hierarchy import (
    DEEPEST,
    MOST_RELATIONS,
    TypeDirection,
    TypePlace,
    TypeRelation,
    TypeRelations,
)

router = topic_router()


class TypePlaceView(View):
    """A type and where it is defined."""

    symbol: SymbolNameView | None = Field(
        description="Null: a class without a name, or a local, as a parameter that is extended."
    )
    path: str
    line: int
    column: int

    @classmethod
    def from_place(cls, one: TypePlace | None) -> TypePlaceView | None:
        """The view of a place, if there is one."""
        if one is None:
            return None
        return cls(
            symbol=SymbolNameView.from_name(one.symbol),
            path=one.path,
            line=one.line,
            column=one.column,
        )


class TypeRelationView(View):
    """One `extends` or `implements`."""

    depth: int = Field(description="How many relations away from the symbol.")
    kind: ReferenceKindName = Field(description="extends or implements.")
    type: TypePlaceView | None = Field(
        description="Above: what is extended; null: it is not indexed, and resolution says why. "
        "Below: what extends."
    )
    of: SymbolNameView | None = Field(description="The type that the relation comes from.")
    name: str = Field(description="How the extended type is named at path, line and column.")
    path: str
    line: int
    column: int
    resolution: ResolutionName

    @classmethod
    def from_relation(cls, one: TypeRelation) -> TypeRelationView:
        """The view of a relation."""
        return cls(
            depth=one.depth,
            kind=one.kind,
            type=TypePlaceView.from_place(one.type),
            of=SymbolNameView.from_name(one.of),
            name=one.name,
            path=one.path,
            line=one.line,
            column=one.column,
            resolution=one.resolution,
        )


class TypeRelationsView(View):
    """The relations of one direction, nearest first."""

    relations: list[TypeRelationView]
    truncated: bool = Field(
        description=f"Only the first {MOST_RELATIONS} are told, and fewer where they are long."
    )

    @classmethod
    def from_relations(cls, one: TypeRelations | None) -> TypeRelationsView | None:
        """The view of one direction, if it was asked for."""
        if one is None:
            return None
        return cls(
            relations=[TypeRelationView.from_relation(each) for each in one.relations],
            truncated=one.truncated,
        )


class TypeHierarchyView(View):
    """A symbol with the types above and below it. A direction not asked for is null."""

    symbol: SymbolView
    supertypes: TypeRelationsView | None
    subtypes: TypeRelationsView | None


@router.get(
    "/hierarchy",
    summary="What a class or an interface extends, and what extends it",
    description="Each `extends` and `implements` on the way, upwards and downwards. Each type is "
    "followed once, by the shortest way to it.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(200, "The types above and below.", SymbolNotFound, ValidationFailed),
)
def show_hierarchy(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    symbol_id: Annotated[
        str, Query(description="The id of a class or an interface.", min_length=1, max_length=32)
    ],
    direction: Annotated[
        TypeDirection, Query(description="Which way to walk from the symbol.")
    ] = TypeDirection.BOTH,
    depth: Annotated[
        int, Query(description=f"How many relations far: 1 to {DEEPEST}.", ge=1, le=DEEPEST)
    ] = DEEPEST,
) -> TypeHierarchyView:
    found = type_hierarchy.of_symbol(
        services.database,
        symbol_id,
        tenant_id=tenant.tenant_id,
        direction=direction,
        depth=depth,
    )
    return TypeHierarchyView(
        symbol=SymbolView.from_symbol(found.symbol),
        supertypes=TypeRelationsView.from_relations(found.supertypes),
        subtypes=TypeRelationsView.from_relations(found.subtypes),
    )
