"""Who calls a definition."""

from __future__ import annotations

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
from indexer.search import callers
from indexer.search.callers import MOST_SITES, Caller, CallSite
from indexer.search.symbols import SymbolNotFound

router = topic_router()


class CallSiteView(View):
    """One call."""

    line: int
    column: int
    kind: ReferenceKindName
    resolution: ResolutionName = Field(description="How sure it is that this symbol is meant.")

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


@router.get(
    "/symbols/<symbol_id>/callers",
    summary="Which definitions call a definition",
    description="Calls are the uses of the kinds call, new, jsx and decorator.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(200, "A page of callers.", CursorInvalid, SymbolNotFound, ValidationFailed),
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
