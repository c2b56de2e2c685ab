"""Tools that follow a name: where it is defined, who uses it."""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import Field

from indexer.errors import Refused
from indexer.http.shapes import LONGEST_NAME, LONGEST_PATH, LONGEST_REF
from indexer.search import definitions, references, symbols
from indexer.search.definitions import NameNotFound
from indexer.search.references import Usage
from indexer.search.symbol_names import readings
from indexer.search.symbols import Definition, Symbol, SymbolQuery
from indexer.tools.one_symbol import FEW, OfSymbol, pages_of_one
from indexer.tools.pages import Listing, page_that_fits
from indexer.tools.registry import Arguments, ArgumentsInvalid, Caller, Tool
from indexer.tools.wording import commit, place, symbol_lines

MANY: Final = 100


class NothingThere(Refused):
    """No name that leads anywhere stands at the place."""

    code = "nothing_at_place"
    status: ClassVar[int] = 404

    def __init__(self, where: str) -> None:
        super().__init__(f"No name stands at {where}; lines and columns count from 1.")


class FindDefinition(Arguments):
    """What `find_definition` takes: a name, or a place."""

    symbol: str | None = Field(
        default=None,
        description="The whole name of a definition, or Container.member.",
        min_length=1,
        max_length=2 * LONGEST_NAME,
    )
    repository: str | None = Field(
        default=None, description="owner/name, or its id.", min_length=1, max_length=LONGEST_NAME
    )
    path: str | None = Field(
        default=None,
        description="With line and column: the file of a use. With a symbol alone: how the path "
        "of its definition begins.",
        min_length=1,
        max_length=LONGEST_PATH,
    )
    line: int | None = Field(default=None, ge=1, le=2**31 - 1, description="From 1.")
    column: int | None = Field(default=None, ge=1, le=2**31 - 1, description="From 1.")
    ref: str | None = Field(
        default=None, description="A ref that was indexed.", min_length=1, max_length=LONGEST_REF
    )
    limit: int = Field(default=FEW, ge=1, le=MANY, description="Definitions of a name at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


class FindReferences(OfSymbol):
    """What `find_references` takes."""

    limit: int = Field(default=50, ge=1, le=MANY, description="Uses at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


def find_definition(caller: Caller, wanted: FindDefinition) -> str:
    """The definitions of a name, or of the name at a place."""
    if wanted.line is not None or wanted.column is not None:
        if wanted.repository is None or wanted.path is None:
            raise ArgumentsInvalid("A place needs a repository and a path too.")
        if wanted.line is None or wanted.column is None:
            raise ArgumentsInvalid("A place needs a line and a column.")
        return _definition_at(caller, wanted.repository, wanted.path, wanted)
    if wanted.symbol is None:
        raise ArgumentsInvalid("Give a symbol by its name, or repository, path, line and column.")
    query = SymbolQuery(
        name=wanted.symbol, path=wanted.path, repository=wanted.repository, ref=wanted.ref
    )

    def page(limit: int) -> Listing:
        found = symbols.find(
            caller.database, query, tenant_id=caller.tenant_id, cursor=wanted.cursor, limit=limit
        )
        several = len({one.snapshot for one in found.items}) > 1 or query.repository is None
        return Listing(
            head=() if found.items else [_none_of(query)],
            entries=[symbol_lines(one, of_repository=several) for one in found.items],
            next_cursor=found.next_cursor,
        )

    return page_that_fits(wanted.limit, page)


def _none_of(query: SymbolQuery) -> str:
    name = query.name or ""
    where = "" if query.path is None else f" in a file whose path begins with {query.path}"
    return (
        f"No definition is named {name}{where}. search_code with symbol:{readings(name)[0].name} "
        "finds those whose name has a word that begins so."
    )


def _definition_at(caller: Caller, repository: str, path: str, wanted: FindDefinition) -> str:
    line, column = wanted.line or 1, wanted.column or 1
    try:
        found = definitions.at(
            caller.database,
            tenant_id=caller.tenant_id,
            repository=repository,
            path=path,
            line=line,
            column=column - 1,
            ref=wanted.ref,
        )
    except NameNotFound:
        raise NothingThere(f"{path}:{line}:{column}") from None
    if not found.definitions:
        reason = found.unresolved or found.resolution
        why = "" if reason is None else f": {reason.name.lower().replace('_', ' ')}"
        return f"{found.name} leads to nothing that is indexed{why}."
    return "\n".join(
        line
        for one in found.definitions
        for line in _definition(one, elsewhere=one.snapshot != found.snapshot)
    )


def _definition(one: Definition, *, elsewhere: bool) -> list[str]:
    if one.symbol is not None:
        return symbol_lines(one.symbol, of_repository=elsewhere)
    of = f"  {commit(one.snapshot)}" if elsewhere else ""
    return [f"{place(one.path, one.line)}  (a local, a parameter or a module){of}"]


def find_references(caller: Caller, wanted: FindReferences) -> str:
    """The uses of a symbol, its own repository's first, in the order of files and lines."""

    def uses(symbol_id: str, limit: int) -> Listing:
        found = references.of_symbol(
            caller.database,
            symbol_id,
            tenant_id=caller.tenant_id,
            cursor=wanted.cursor,
            limit=limit,
        )
        head = symbol_lines(found.symbol, of_repository=True)
        return Listing(
            head=head if found.page.items else [*head, "  No use of it was found."],
            entries=[[_use(one, found.symbol)] for one in found.page.items],
            next_cursor=found.page.next_cursor,
        )

    return pages_of_one(caller, wanted, wanted.limit, uses)


def _use(use: Usage, symbol: Symbol) -> str:
    around = "" if use.enclosing is None else f" in {use.enclosing.name}"
    sure = "" if use.resolution.name == "EXACT" else f" ({use.resolution.name.lower()})"
    if use.snapshot != symbol.snapshot:
        sure = f"  {commit(use.snapshot)}"
    at = place(use.path, use.line, use.column)
    return f"  {at}  {use.kind.name.lower()}{around}{sure}"


TOOLS: Final = (
    Tool(
        name="find_definition",
        title="Find a definition",
        description="Where a name is defined: by the name, by Container.member, or from a place "
        "where it is used.",
        arguments=FindDefinition,
        answer=find_definition,
    ),
    Tool(
        name="find_references",
        title="Find references",
        description="Who uses a definition: every use in its repository, resolved across files.",
        arguments=FindReferences,
        answer=find_references,
    ),
)
