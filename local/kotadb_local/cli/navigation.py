"""Commands that lead on from a name: hover, hierarchy, exports, unused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from indexer.parsing.facts import SymbolKind
from indexer.search.type_hierarchy import DEEPEST, TYPES, TypeDirection
from indexer.search.unused import MEMBERS, NEVER_TOLD
from kotadb_local.cli import answers, display
from kotadb_local.cli.named_repository import NamedRepository
from kotadb_local.cli.queries import (
    FAILED,
    JsonOption,
    LimitOption,
    OneRepositoryOption,
    PlaceArgument,
    RefOption,
    RepositoryOption,
    SymbolArgument,
    place_of,
    symbol_id_of,
)
from kotadb_local.cli.session import connected, find_place

UnusedKind = StrEnum(  # type: ignore[misc]  # its members are those of another enum
    "UnusedKind", [(one.name, one.name.lower()) for one in SymbolKind if one not in NEVER_TOLD]
)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (hover, hierarchy, exports, unused):
        app.command()(command)


def hover(
    place: PlaceArgument,
    repository: OneRepositoryOption,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what an editor shows of the name at a place in a file."""
    path, line, column = place_of(place)
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        answer = api.get(
            "/hover",
            repository=named.name,
            path=named.path(path),
            line=line,
            column=column,
            ref=ref,
        )
    if as_json:
        display.print_json(answer)
    else:
        answers.print_hover(answer)
    if not answer["meanings"]:
        raise typer.Exit(FAILED)


def hierarchy(
    symbol: SymbolArgument,
    direction: Annotated[
        TypeDirection, typer.Option("--direction", help="Which way to walk from the type.")
    ] = TypeDirection.BOTH,
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=DEEPEST, help="Relations to follow.")
    ] = DEEPEST,
    repository: RepositoryOption = None,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a class or an interface extends and implements, and what does so with it."""
    with connected(find_place()) as api:
        symbol_id = symbol_id_of(api, symbol, repository, ref, command="hierarchy", kinds=TYPES)
        answer = api.get("/hierarchy", symbol_id=symbol_id, direction=direction, depth=depth)
    if as_json:
        display.print_json(answer)
    else:
        answers.print_hierarchy(answer)


def exports(
    path: Annotated[str, typer.Argument(help="A file, or a folder with an index file.")],
    repository: OneRepositoryOption,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show what a file exports, and where each name leads."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        asked = {"repository": named.name, "path": named.path(path), "ref": ref}
        first = api.get("/exports", limit=1, **asked)
        found = api.listed("/exports", "exports", most=limit, **asked)
    if as_json:
        display.print_json({**first, **found.page})
    else:
        answers.print_exports(first, found)
    display.tell_of_more(found.next_cursor, limit)


def unused(
    repository: OneRepositoryOption,
    path: Annotated[str | None, typer.Option("--path", help="How paths begin.")] = None,
    kind: Annotated[
        UnusedKind | None, typer.Option("--kind", help="This kind only; else all but members.")
    ] = None,
    entry: Annotated[
        list[str] | None,
        typer.Option("--entry", help="A file or folder whose exports are used; may be repeated."),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Not only what is exported; members are told either way."),
    ] = False,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show definitions that nothing in their repository is known to use."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        beginning = named.beginning(path)
        found = api.listed(
            "/unused",
            "unused",
            most=limit,
            repository=named.name,
            path=beginning,
            kind=kind,
            exported_only=str(not everything).lower(),
            entry=[named.path(one) for one in entry or ()],
            ref=ref,
        )
    if as_json:
        display.print_json(found.page)
    else:
        answers.print_unused(
            found,
            looked_at=_looked_at(kind, everything=everything, beginning=beginning),
        )
    display.tell_of_more(found.next_cursor, limit)


def _looked_at(kind: str | None, *, everything: bool, beginning: str | None) -> str:
    """Which definitions a search for unused ones looks at, in words."""
    # Members are told either way.
    of_members = kind in {one.name.lower() for one in MEMBERS}
    exported = "" if everything or of_members else "exported "
    which = "but members" if kind is None else f"of the kind {kind.replace('_', ' ')}"
    where = "" if beginning is None else f", in files whose path begins with {beginning}"
    return f"{exported}definitions {which}{where}"
