"""Definitions, and where they are used."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    LONGEST_NAME,
    LONGEST_PATH,
    WRITE_NAME,
    Cursor,
    Limit,
    RefName,
    RepositoryName,
    View,
    read_name,
    show_names,
    topic_router,
)
from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind
from indexer.resolution.rows import Resolution
from indexer.search import references, symbols
from indexer.search.references import Usage
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)
from indexer.search.symbols import (
    Declarations,
    FilterMissing,
    FiltersContradict,
    Symbol,
    SymbolName,
    SymbolNotFound,
    SymbolQuery,
)

router = topic_router()

SymbolKindName = Annotated[SymbolKind, read_name(SymbolKind), WRITE_NAME, show_names(SymbolKind)]
ReferenceKindName = Annotated[
    ReferenceKind, read_name(ReferenceKind), WRITE_NAME, show_names(ReferenceKind)
]
ResolutionName = Annotated[Resolution, read_name(Resolution), WRITE_NAME, show_names(Resolution)]


class SymbolNameView(View):
    """A symbol as it is mentioned beside another."""

    id: str
    name: str
    kind: SymbolKindName

    @classmethod
    def from_name(cls, one: SymbolName | None) -> SymbolNameView | None:
        """The view of a mention, if there is one."""
        return None if one is None else cls(id=str(one.id), name=one.name, kind=one.kind)


class SymbolPlaceView(SymbolNameView):
    """A symbol as it is mentioned by itself, with its place."""

    path: str
    line: int
    column: int

    @classmethod
    def from_symbol(cls, one: Symbol) -> SymbolPlaceView:
        """The mention of a symbol."""
        return cls(
            id=str(one.id),
            name=one.name,
            kind=one.kind,
            path=one.path,
            line=one.line,
            column=one.column,
        )


class RangeView(View):
    """Lines count from 1, columns from 0 in UTF-16 code units; the end is exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int

    @classmethod
    def of_symbol(cls, one: Symbol) -> RangeView:
        """All of a definition."""
        return cls(
            start_line=one.start_line,
            start_column=one.start_column,
            end_line=one.end_line,
            end_column=one.end_column,
        )


class SymbolView(View):
    """A definition."""

    id: str = Field(description="Ends with the snapshot it is of.")
    name: str
    kind: SymbolKindName
    repository_id: UUID
    repository: str
    ref: str
    commit_sha: str
    path: str
    line: int = Field(description="Of the name, from 1.")
    column: int = Field(description="Of the name, from 0, in UTF-16 code units.")
    range: RangeView
    container: SymbolNameView | None
    exported: bool
    modifiers: list[str]
    signature: str | None
    documentation: str | None

    @classmethod
    def from_symbol(cls, one: Symbol) -> SymbolView:
        """The view of a symbol."""
        return cls(
            id=str(one.id),
            name=one.name,
            kind=one.kind,
            **commit_of(one.snapshot),
            path=one.path,
            line=one.line,
            column=one.column,
            range=RangeView.of_symbol(one),
            container=SymbolNameView.from_name(one.container),
            exported=SymbolFlag.EXPORTED in one.flags,
            modifiers=[
                flag.name.lower()
                for flag in SymbolFlag
                if flag in one.flags and flag.name and flag is not SymbolFlag.EXPORTED
            ],
            signature=one.signature,
            documentation=one.documentation,
        )


class SymbolsPage(View):
    """Definitions: by name where names were asked for, else in the order of files and source."""

    symbols: list[SymbolView]
    next_cursor: str | None


class UsageView(CommitView):
    """One use of a symbol."""

    path: str
    line: int
    column: int
    kind: ReferenceKindName
    name: str = Field(description="As it is written there; an import may rename it.")
    resolution: ResolutionName = Field(description="How sure it is that this symbol is meant.")
    enclosing: SymbolNameView | None = Field(description="The innermost definition around it.")

    @classmethod
    def from_usage(cls, one: Usage) -> UsageView:
        """The view of a usage."""
        return cls(
            **commit_of(one.snapshot),
            path=one.path,
            line=one.line,
            column=one.column,
            kind=one.kind,
            name=one.name,
            resolution=one.resolution,
            enclosing=SymbolNameView.from_name(one.enclosing),
        )


class UsagesPage(View):
    """A definition and a page of its uses, in the order of files and lines.

    Those of its repository come first, then those of others by their names.
    """

    symbol: SymbolView
    references: list[UsageView]
    next_cursor: str | None


@router.get(
    "/symbols",
    summary="Definitions by name, prefix, kind and path",
    description="All that is given must hold, and one of name, prefix and repository must be "
    "given. Without a repository, all of yours are asked.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of definitions.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        RepositoryAmbiguous,
        NotIndexed,
        ValidationFailed,
        FilterMissing,
        FiltersContradict,
    ),
)
def list_symbols(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    name: Annotated[
        str | None,
        Query(
            description="The whole name, to the letter, or Container.member.",
            min_length=1,
            max_length=2 * LONGEST_NAME,
        ),
    ] = None,
    prefix: Annotated[
        str | None,
        Query(description="How the name begins.", min_length=1, max_length=LONGEST_NAME),
    ] = None,
    kind: Annotated[SymbolKindName | None, Query(description="What was declared.")] = None,
    path: Annotated[
        str | None,
        Query(
            description="How the path begins, for example src/.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ] = None,
    repository: Annotated[str | None, RepositoryName] = None,
    ref: Annotated[str | None, RefName] = None,
    declarations: Annotated[
        Declarations,
        Query(
            description="Of overloads, the accessors of a property and declarations that merge: "
            "all, or only the first, to which the uses lead. For a name or a prefix."
        ),
    ] = Declarations.ALL,
    limit: Limit = None,
    cursor: Cursor = None,
) -> SymbolsPage:
    found = symbols.find(
        services.database,
        SymbolQuery(
            name=name,
            prefix=prefix,
            kind=kind,
            path=path,
            repository=repository,
            ref=ref,
            declarations=declarations,
        ),
        tenant_id=tenant.tenant_id,
        cursor=cursor,
        limit=limit,
    )
    return SymbolsPage(
        symbols=[SymbolView.from_symbol(one) for one in found.items],
        next_cursor=found.next_cursor,
    )


@router.get(
    "/symbols/<symbol_id>",
    summary="One definition",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(200, "The definition.", SymbolNotFound),
)
def show_symbol(symbol_id: str, tenant: CurrentTenant, services: CurrentServices) -> SymbolView:
    found = symbols.get(services.database, symbol_id, tenant_id=tenant.tenant_id)
    return SymbolView.from_symbol(found)


@router.get(
    "/symbols/<symbol_id>/references",
    summary="Where a definition is used",
    description="In its repository, and in those of your others that import it from its package.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200, "A page of uses.", CursorInvalid, CursorExpired, SymbolNotFound, ValidationFailed
    ),
)
def list_references(
    symbol_id: str,
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    kind: Annotated[ReferenceKindName | None, Query(description="What the use does.")] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> UsagesPage:
    found = references.of_symbol(
        services.database,
        symbol_id,
        tenant_id=tenant.tenant_id,
        kind=kind,
        cursor=cursor,
        limit=limit,
    )
    return UsagesPage(
        symbol=SymbolView.from_symbol(found.symbol),
        references=[UsageView.from_usage(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
