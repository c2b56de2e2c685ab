"""What a class or an interface extends and implements, and what extends and implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import how_many_of_each_fit
from indexer.parsing.facts import ReferenceKind, SymbolKind
from indexer.resolution.rows import Resolution
from indexer.search.symbols import Symbol, SymbolId, SymbolName, by_id, mentioned

DEEPEST: Final = 10
MOST_RELATIONS: Final = 500
"""So many of each direction are told, and fewer where they are long."""

_RELATIONS: Final = (ReferenceKind.EXTENDS, ReferenceKind.IMPLEMENTS)
# Only these extend and implement something. A class may extend other things: what a constant holds.
TYPES: Final = (SymbolKind.CLASS, SymbolKind.INTERFACE)


class TypeDirection(StrEnum):
    """Which way a hierarchy is walked."""

    SUPERTYPES = "supertypes"
    SUBTYPES = "subtypes"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypePlace:
    """A type and where it is defined. Lines count from 1, columns from 0.

    `symbol` is None of a class without a name, which is where it names what it extends, and of a
    local; of those the column is not known, and 0.
    """

    symbol: SymbolName | None
    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRelation:
    """One `extends` or `implements`, `depth` relations away from the type that was asked for.

    `type` is the type that it leads to: upwards what is extended, None where that is not indexed
    and `resolution` says why; downwards what extends. `of` is the type that it comes from. `name`
    is how the extended type is named there, at `line` and `column` of `path`.
    """

    depth: int
    kind: ReferenceKind
    type: TypePlace | None
    of: SymbolName | None
    name: str
    path: str
    line: int
    column: int
    resolution: Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRelations:
    """The relations of one direction, nearest first. `truncated`: there were too many."""

    relations: Sequence[TypeRelation]
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeHierarchy:
    """A symbol with the types above and below it; None: that direction was not asked for."""

    symbol: Symbol
    supertypes: TypeRelations | None
    subtypes: TypeRelations | None


def of_symbol(
    database: Database,
    symbol_id: str,
    *,
    tenant_id: UUID,
    direction: TypeDirection = TypeDirection.BOTH,
    depth: int = DEEPEST,
) -> TypeHierarchy:
    """The types above and below the symbol with this public id, `depth` (1 to 10) relations far.

    Whatever is no class and no interface has none above it; a type alias or a constant may have
    some below.

    Raises:
        SymbolNotFound: the tenant has no such symbol, or the text is no such id.
        DatabaseError: the database did not answer.
    """
    wanted, deepest = SymbolId.parse(symbol_id), min(max(depth, 1), DEEPEST)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        symbol = by_id(statements, wanted)
        walk = _Walk(statements, wanted, deepest)
        above = below = None
        if direction is not TypeDirection.SUBTYPES:
            above = walk.relations("supertypes_of")
        if direction is not TypeDirection.SUPERTYPES:
            below = walk.relations("subtypes_of", type_kinds=[int(kind) for kind in TYPES])
    fitting = how_many_of_each_fit(*(one.relations if one else () for one in (above, below)))
    return TypeHierarchy(
        symbol=symbol, supertypes=_first(above, fitting[0]), subtypes=_first(below, fitting[1])
    )


def _first(some: TypeRelations | None, fitting: int) -> TypeRelations | None:
    """The first relations of a direction, if it was asked for."""
    if some is None:
        return None
    return TypeRelations(
        relations=some.relations[:fitting],
        truncated=some.truncated or fitting < len(some.relations),
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """Level by level, two statements each, and each type once: however many ways lead to it."""

    statements: Statements
    wanted: SymbolId
    depth: int

    def relations(self, query: str, **more: object) -> TypeRelations:
        """Those that `query` leads to from level to level."""
        found: list[TypeRelation] = []
        visited: set[int] = set()
        level = [self.wanted.symbol_no]
        for depth in range(1, self.depth + 1):
            types = sorted(self._with_parts(level) - visited)
            if not types:
                break
            visited.update(types)
            rows = self.statements.fetch_all(
                query,
                snapshot_id=self.wanted.snapshot_id,
                symbol_nos=types,
                kinds=[int(kind) for kind in _RELATIONS],
                most=MOST_RELATIONS - len(found) + 1,
                **more,
            )
            found.extend(_relation(row, depth) for row in rows)
            if len(found) > MOST_RELATIONS:
                return TypeRelations(relations=found[:MOST_RELATIONS], truncated=True)
            level = [row["type_no"] for row in rows if row["type_kind"] in TYPES]
        return TypeRelations(relations=found, truncated=False)

    def _with_parts(self, types: Sequence[int]) -> set[int]:
        if not types:
            return set()
        rows = self.statements.fetch_all(
            "parts_of_types",
            snapshot_id=self.wanted.snapshot_id,
            symbol_nos=list(types),
            kinds=[int(kind) for kind in TYPES],
            interface=int(SymbolKind.INTERFACE),
        )
        return {*types, *(row["part_no"] for row in rows)}


def _relation(row: Row, depth: int) -> TypeRelation:
    return TypeRelation(
        depth=depth,
        kind=ReferenceKind(row["use_kind"]),
        type=None
        if row["type_path"] is None
        else TypePlace(
            symbol=mentioned(row, "type"),
            path=row["type_path"],
            line=row["type_line"],
            column=row["type_column"],
        ),
        of=mentioned(row, "of"),
        name=row["use_name"],
        path=row["path"],
        line=row["line"],
        column=row["column_no"],
        resolution=Resolution(row["resolution"]),
    )
