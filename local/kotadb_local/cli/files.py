"""Commands that show files: which there are, what they say, and what they define."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from indexer.parsing.endings import Language
from kotadb_local.cli import display, listings
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.display import messages
from kotadb_local.cli.named_repository import NamedRepository
from kotadb_local.cli.queries import (
    FAILED,
    JsonOption,
    LimitOption,
    OneRepositoryOption,
    RefOption,
)
from kotadb_local.cli.session import connected, find_place

PathArgument = Annotated[str, typer.Argument(help="A file of the repository.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (files, folder, file, occurrences, outline):
        app.command()(command)


def files(
    repository: OneRepositoryOption,
    path: Annotated[str | None, typer.Option("--path", help="How paths begin.")] = None,
    contains: Annotated[
        str | None, typer.Option("--contains", help="What stands anywhere in the path.")
    ] = None,
    language: Annotated[
        Language | None, typer.Option("--language", help="Files of this language only.")
    ] = None,
    ref: RefOption = None,
    limit: LimitOption = 1_000,
    as_json: JsonOption = False,
) -> None:
    """Show which files of a repository are indexed."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        found = api.listed(
            "/files",
            "files",
            most=limit,
            repository=named.name,
            path=named.beginning(path),
            contains=contains,
            language=language,
            ref=ref,
        )
    if as_json:
        display.print_json(found.page)
    elif found:
        listings.print_files(found)
    else:
        messages.print("no such file", style="yellow")
        raise typer.Exit(FAILED)
    display.tell_of_more(found.next_cursor, limit)


def folder(
    repository: OneRepositoryOption,
    path: Annotated[
        str | None, typer.Argument(metavar="[FOLDER]", help="Else the repository itself.")
    ] = None,
    ref: RefOption = None,
    limit: LimitOption = 1_000,
    as_json: JsonOption = False,
) -> None:
    """Show what lies directly in a folder of a repository."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        found = api.listed(
            "/folder",
            "entries",
            most=limit,
            repository=named.name,
            folder=None if path is None else named.folder(path),
            ref=ref,
        )
    if as_json:
        display.print_json(found.page)
    else:
        listings.print_folder(found)
    display.tell_of_more(found.next_cursor, limit)


def occurrences(
    path: PathArgument,
    repository: OneRepositoryOption,
    lines: Annotated[
        str | None, typer.Option("--lines", help="10, 10-20 or 10-; else the whole file.")
    ] = None,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every name in lines of a file, and where it leads."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        asked = {"repository": named.name, "path": named.path(path), "ref": ref}
        parts = list(_parts(api, "/occurrences", asked, lines))
    found = [one for part in parts for one in part["occurrences"]]
    if as_json:
        display.print_json({**parts[0], **_ends(parts[-1]), "occurrences": found})
    elif found:
        listings.print_occurrences(found)
    else:
        messages.print("no name stands there", style="yellow")


def file(
    path: PathArgument,
    repository: OneRepositoryOption,
    lines: Annotated[
        str | None, typer.Option("--lines", help="10, 10-20 or 10-; else the whole file.")
    ] = None,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a file as it was indexed; with line numbers where a person reads it."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        asked = {"repository": named.name, "path": named.path(path), "ref": ref}
        if as_json:
            display.print_json(api.get("/file", **asked, lines=lines))
            return
        whole = True
        for part in _parts(api, "/file", asked, lines):
            listings.print_text(part)
            whole = whole and not _is_cut(part)
    if not whole:
        messages.print("a line is longer than an answer may be; its end is missing", style="yellow")
        raise typer.Exit(FAILED)


def outline(
    path: PathArgument,
    repository: OneRepositoryOption,
    ref: RefOption = None,
    limit: LimitOption = 1_000,
    as_json: JsonOption = False,
) -> None:
    """Show what a file defines, in the order of its source."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        path = named.path(path)
        found = api.listed(
            "/outline", "symbols", most=limit, repository=named.name, path=path, ref=ref
        )
    if as_json:
        display.print_json(found.page)
    elif found:
        listings.print_outline(path, found)
    else:
        messages.print("the file defines nothing", style="yellow")
    display.tell_of_more(found.next_cursor, limit)


def _parts(
    api: ApiClient, route: str, asked: Mapping[str, object], lines: str | None
) -> Iterator[dict[str, Any]]:
    """The answers that together hold the lines that were asked for."""
    last = "" if lines is None else lines.rpartition("-")[2]
    while True:
        part = api.get(route, **asked, lines=lines)
        yield part
        if part["next_line"] is None:
            return
        lines = f"{part['next_line']}-{last}"


def _ends(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part[name] for name in ("end_line", "truncated", "next_line")}


def _is_cut(part: Mapping[str, Any]) -> bool:
    return bool(part["truncated"]) and not part["text"].endswith(("\n", "\r", "\u2028", "\u2029"))
