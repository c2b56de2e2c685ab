"""Who calls a definition, and what it calls."""

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
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, View, topic_router
from indexer.search import callees, callers
from indexer.search.call_sites import MOST_SITES, CallSite
from indexer.search.callees import Callee
from indexer.search.callers import Caller
from indexer.search.repositories import CursorExpired
from indexer.search.symbols import SymbolNotFound

router = topic_router()


class CallSiteView(View):
    """One call."""

    line: int
    column: int
    kind: ReferenceKindName
    resolution: ResolutionName = Field(
        description="How sure it is what is called, or why that is not known."
    )

    @classmethod
    def from_site(cls, one: CallSite) -> CallSiteView:
        """The view of a call."""
        return cls(line=one.line, column=one.column, kind=one.kind, resolution=one.resolution)


class CallerView(View):
    """The innermost definition around some calls, or the module level of a file."""

    path: str
    symbol: SymbolNameView | None = Field(
        description="Null: the calls stand at the module level of the file, in no definition."
    )
    line: int | None = Field(description="Of the definition's name; null at the module level.")
    calls: int = Field(description="How many calls it holds.")
    sites: list[CallSiteView] = Field(description=f"The first of them, {MOST_SITES} at the most.")

    @classmethod
    def from_caller(cls, one: Caller) -> CallerView:
        """The view of a caller."""
        return cls(
            path=one.path,
            symbol=SymbolNameView.from_name(one.symbol),
            line=one.line,
            calls=one.calls,
            sites=[CallSiteView.from_site(site) for site in one.sites],
        )


class CallersPage(View):
    """A definition and a page of its callers, by file; the module level of each comes first."""

    symbol: SymbolView
    callers: list[CallerView]
    next_cursor: str | None


class ImportedNameView(View):
    """Something that a package exports."""

    package: str
    subpath: str = Field(description="What follows the package in the module specifier, or empty.")
    name: str = Field(
        description="Of the export, perhaps with those of members behind it; * is the whole module."
    )
    elsewhere: bool = Field(
        description="A repository of yours offers that module; GET /definition at a call tells "
        "where it is defined, if it is there."
    )

    @classmethod
    def from_callee(cls, one: Callee) -> ImportedNameView | None:
        """The view of what a callee is of a package, if it is of one."""
        wanted = one.imported
        if wanted is None:
            return None
        return cls(
            package=wanted.package,
            subpath=wanted.subpath,
            name=wanted.name,
            elsewhere=one.elsewhere,
        )


class CalleeView(View):
    """What some calls lead to."""

    name: str = Field(description="As the first of the calls writes it.")
    symbol: SymbolNameView | None = Field(
        description="Null: a local or a parameter, which has a line alone, or nothing of the "
        "repository."
    )
    path: str | None = Field(description="Where it is defined; null: not in the repository.")
    line: int | None = Field(description="Of the definition's name.")
    imported: ImportedNameView | None = Field(
        description="What it is of a package that the repository does not have, if that is known."
    )
    calls: int = Field(description="How many calls lead to it.")
    sites: list[CallSiteView] = Field(description=f"The first of them, {MOST_SITES} at the most.")

    @classmethod
    def from_callee(cls, one: Callee) -> CalleeView:
        """The view of a callee."""
        return cls(
            name=one.name,
            symbol=SymbolNameView.from_name(one.symbol),
            path=one.path,
            line=one.line,
            imported=ImportedNameView.from_callee(one),
            calls=one.calls,
            sites=[CallSiteView.from_site(site) for site in one.sites],
        )


class CalleesPage(View):
    """A definition and a page of what it calls, in the order of the first calls."""

    symbol: SymbolView
    callees: list[CalleeView]
    next_cursor: str | None


@router.get(
    "/symbols/<symbol_id>/callers",
    summary="Which definitions call a definition",
    description="Calls are the uses of the kinds call, new, jsx and decorator.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200, "A page of callers.", CursorInvalid, CursorExpired, SymbolNotFound, ValidationFailed
    ),
)
def list_callers(
    symbol_id: str,
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    limit: Limit = None,
    cursor: Cursor = None,
) -> CallersPage:
    found = callers.of_symbol(
        services.database, symbol_id, tenant_id=tenant.tenant_id, cursor=cursor, limit=limit
    )
    return CallersPage(
        symbol=SymbolView.from_symbol(found.symbol),
        callers=[CallerView.from_caller(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )


@router.get(
    "/symbols/<symbol_id>/callees",
    summary="What a definition calls",
    description="Calls are the uses of the kinds call, new, jsx and decorator. Those that stand in "
    "a definition inside of this one are that one's own, unless nested is set: what a definition "
    "calls has it among its callers.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200, "A page of callees.", CursorInvalid, CursorExpired, SymbolNotFound, ValidationFailed
    ),
)
def list_callees(
    symbol_id: str,
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    nested: Annotated[
        bool,
        Query(description="Also what the definitions inside it call, as the methods of a class."),
    ] = False,
    defined: Annotated[
        bool,
        Query(
            description="Only what is a definition of the repository: nothing of packages or of "
            "the runtime, and no parameters."
        ),
    ] = False,
    limit: Limit = None,
    cursor: Cursor = None,
) -> CalleesPage:
    found = callees.of_symbol(
        services.database,
        symbol_id,
        tenant_id=tenant.tenant_id,
        nested=nested,
        defined=defined,
        cursor=cursor,
        limit=limit,
    )
    return CalleesPage(
        symbol=SymbolView.from_symbol(found.symbol),
        callees=[CalleeView.from_callee(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
