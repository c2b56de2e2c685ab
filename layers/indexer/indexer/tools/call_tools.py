"""Tools that follow calls and types: who calls a definition, what it calls, what it extends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from indexer.resolution.rows import Resolution
from indexer.search import callees, callers, type_hierarchy
from indexer.search.call_sites import CallSite
from indexer.search.callees import Callee
from indexer.search.type_hierarchy import DEEPEST, TYPES, TypeDirection, TypeRelation, TypeRelations
from indexer.tools.one_symbol import OfSymbol, of_one, pages_of_one
from indexer.tools.pages import Listing
from indexer.tools.registry import Caller, Tool
from indexer.tools.wording import place, symbol_lines

MANY: Final = 100


class FindCallers(OfSymbol):
    """What `find_callers` takes."""

    limit: int = Field(default=50, ge=1, le=MANY, description="Callers at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


class FindCallees(OfSymbol):
    """What `find_callees` takes."""

    nested: bool = Field(
        default=False, description="Also what the definitions inside of it call, as methods do."
    )
    defined: bool = Field(
        default=False,
        description="Only definitions of the repository: nothing of packages or of the runtime.",
    )
    limit: int = Field(default=50, ge=1, le=MANY, description="Callees at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


class FindTypeHierarchy(OfSymbol):
    """What `type_hierarchy` takes."""

    direction: TypeDirection = Field(
        default=TypeDirection.BOTH,
        description="supertypes: what the type extends and implements; subtypes: what does so "
        "with it.",
    )
    depth: int = Field(default=DEEPEST, ge=1, le=DEEPEST, description="Relations to follow.")
    limit: int = Field(
        default=50, ge=1, le=MANY, description="Relations of each direction at the most."
    )


def find_callers(caller: Caller, wanted: FindCallers) -> str:
    """Who calls a symbol, by file, each with the first of its calls."""

    def page(symbol_id: str, limit: int) -> Listing:
        found = callers.of_symbol(
            caller.database,
            symbol_id,
            tenant_id=caller.tenant_id,
            cursor=wanted.cursor,
            limit=limit,
        )
        head = symbol_lines(found.symbol, of_repository=True)
        return Listing(
            head=head if found.page.items else [*head, "  No call of it was found."],
            entries=[[_caller(one)] for one in found.page.items],
            next_cursor=found.page.next_cursor,
        )

    return pages_of_one(caller, wanted, wanted.limit, page)


def _caller(one: callers.Caller) -> str:
    who = "at the module level"
    if one.symbol is not None:
        who = f"in {one.symbol.name}  [symbol {one.symbol.id}]"
    first = one.sites[0]
    at = place(one.path, first.line, first.column)
    return f"  {at}  {_called(first)} {who}{_others(one.calls, one.sites)}"


def _called(site: CallSite) -> str:
    kind = site.kind.name.lower()
    return f"{kind} (heuristic)" if site.resolution is Resolution.HEURISTIC else kind


def _others(calls: int, sites: Sequence[CallSite]) -> str:
    """How many calls there are, and where the next ones stand; nothing of a single one."""
    if calls == 1:
        return ""
    places = ", ".join(f"{one.line}:{one.column + 1}" for one in sites[1:])
    return f"  {calls} calls, also at {places}{' ...' if calls > len(sites) else ''}"


def find_callees(caller: Caller, wanted: FindCallees) -> str:
    """What a symbol calls, in the order of the first calls."""

    def page(symbol_id: str, limit: int) -> Listing:
        found = callees.of_symbol(
            caller.database,
            symbol_id,
            tenant_id=caller.tenant_id,
            nested=wanted.nested,
            defined=wanted.defined,
            cursor=wanted.cursor,
            limit=limit,
        )
        head = symbol_lines(found.symbol, of_repository=True)
        return Listing(
            head=head if found.page.items else [*head, "  No call in it was found."],
            entries=[[_callee(one, found.symbol.path)] for one in found.page.items],
            next_cursor=found.page.next_cursor,
        )

    return pages_of_one(caller, wanted, wanted.limit, page)


def _callee(one: Callee, path: str) -> str:
    first = one.sites[0]
    at = place(path, first.line, first.column)
    return f"  {at}  {_called(first)} {one.name}  {_leads_to(one)}{_others(one.calls, one.sites)}"


def _leads_to(one: Callee) -> str:
    if one.path is not None and one.line is not None:
        what = "a local" if one.symbol is None else f"symbol {one.symbol.id}"
        return f"-> {place(one.path, one.line)}  [{what}]"
    reason = one.sites[0].resolution.name.lower().replace("_", " ")
    if one.imported is None:
        return f"({reason})"
    module = "/".join(part for part in (one.imported.package, one.imported.subpath) if part)
    told = f"{one.imported.name} of {module}"
    if one.elsewhere:
        return f"({told}; another repository has it: find_definition from this place)"
    return f"({told})"


def find_type_hierarchy(caller: Caller, wanted: FindTypeHierarchy) -> str:
    """The types above and below one, the nearest first."""

    def hierarchy(symbol_id: str) -> str:
        found = type_hierarchy.of_symbol(
            caller.database,
            symbol_id,
            tenant_id=caller.tenant_id,
            direction=wanted.direction,
            depth=wanted.depth,
        )
        lines = symbol_lines(found.symbol, of_repository=True)
        if found.supertypes is not None:
            lines += _side("above it", found.supertypes, wanted.limit, below=False)
        if found.subtypes is not None:
            lines += _side("below it", found.subtypes, wanted.limit, below=True)
        return "\n".join(lines)

    return of_one(caller, wanted, hierarchy, kinds=TYPES)


def _side(title: str, side: TypeRelations, most: int, *, below: bool) -> list[str]:
    shown = side.relations[:most]
    if not shown:
        return [f"{title}: nothing"]
    total = f"{len(side.relations)}{' and more' if side.truncated else ''}"
    counted = total if len(shown) == len(side.relations) else f"the first {len(shown)} of {total}"
    return [f"{title} ({counted}):", *(_relation(one, below=below) for one in shown)]


def _relation(one: TypeRelation, *, below: bool) -> str:
    leads_to = one.type
    known = None if leads_to is None else leads_to.symbol
    extending = known if below else one.of
    own = "a class without a name" if extending is None else extending.name
    at = place(one.path, one.line, one.column)
    if leads_to is not None:
        at = place(leads_to.path, leads_to.line, leads_to.column)
    told = "" if known is None else f"  [symbol {known.id}]"
    if one.resolution is not Resolution.EXACT:
        told += f"  ({one.resolution.name.lower().replace('_', ' ')})"
    return f"{'  ' * one.depth}{own} {one.kind.name.lower()} {one.name}  {at}{told}"


TOOLS: Final = (
    Tool(
        name="find_callers",
        title="Find callers",
        description="Which definitions of its repository call a definition, each with its calls.",
        arguments=FindCallers,
        answer=find_callers,
    ),
    Tool(
        name="find_callees",
        title="Find callees",
        description="What a definition calls, in the order of the calls, and where each leads.",
        arguments=FindCallees,
        answer=find_callees,
    ),
    Tool(
        name="type_hierarchy",
        title="Show a type hierarchy",
        description="What a class or an interface extends and implements, and what extends and "
        "implements it, to a depth.",
        arguments=FindTypeHierarchy,
        answer=find_type_hierarchy,
    ),
)
