"""Commands that show who calls a definition, and what it calls."""

from __future__ import annotations

from typing import Annotated

import typer

from kotadb_local.cli import answers, display, listings
from kotadb_local.cli.queries import (
    JsonOption,
    LimitOption,
    RefOption,
    RepositoryOption,
    SymbolArgument,
    symbol_id_of,
)
from kotadb_local.cli.session import connected, find_place


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (callers, callees):
        app.command()(command)


def callers(
    symbol: SymbolArgument,
    repository: RepositoryOption = None,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show which definitions call a definition."""
    with connected(find_place()) as api:
        symbol_id = symbol_id_of(api, symbol, repository, ref, command="callers")
        definition = api.get(f"/symbols/{symbol_id}")
        found = api.listed(f"/symbols/{symbol_id}/callers", "callers", most=limit)
    if as_json:
        display.print_json({"symbol": definition, **found.page})
        return
    answers.print_definition(definition)
    listings.print_callers(found)
    display.tell_of_more(found.next_cursor, limit)


def callees(
    symbol: SymbolArgument,
    repository: RepositoryOption = None,
    nested: Annotated[
        bool,
        typer.Option("--nested", help="Also the calls of what stands inside it, as methods do."),
    ] = False,
    defined: Annotated[
        bool, typer.Option("--defined", help="Only definitions of the repository.")
    ] = False,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show what a definition calls, in the order of the first calls."""
    with connected(find_place()) as api:
        symbol_id = symbol_id_of(api, symbol, repository, ref, command="callees")
        definition = api.get(f"/symbols/{symbol_id}")
        found = api.listed(
            f"/symbols/{symbol_id}/callees",
            "callees",
            most=limit,
            nested=nested or None,
            defined=defined or None,
        )
    if as_json:
        display.print_json({"symbol": definition, **found.page})
        return
    answers.print_definition(definition)
    listings.print_callees(definition["path"], found)
    display.tell_of_more(found.next_cursor, limit)
