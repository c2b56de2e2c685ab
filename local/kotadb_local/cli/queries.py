"""Commands that ask the API: index, symbols, definition, references, dependencies, cycles."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape

from indexer.parsing.facts import SymbolKind
from indexer.search.dependencies import Direction
from indexer.search.files import LARGEST_NUMBER
from indexer.search.import_cycles import Imports
from kotadb_local.cli import answers, display
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.display import messages
from kotadb_local.cli.following import follow
from kotadb_local.cli.named_repository import NamedRepository, named_or_none
from kotadb_local.cli.repository_argument import repository_argument
from kotadb_local.cli.session import connected, find_place, say

FAILED = 1
MOST_CHOICES = 20

Kind = StrEnum(  # type: ignore[misc]  # its members are those of another enum
    "Kind", [(one.name, one.name.lower()) for one in SymbolKind]
)

SymbolArgument = Annotated[
    str, typer.Argument(help="A symbol's id, its exact name, or Container.member.")
]
RepositoryOption = Annotated[
    str | None, typer.Option("--repository", "-r", help="Its id, owner/name, or its folder.")
]
OneRepositoryOption = Annotated[
    str, typer.Option("--repository", "-r", help="Its id, owner/name, or its folder.")
]
PlaceArgument = Annotated[
    str,
    typer.Argument(metavar="PATH:LINE:COLUMN", help="As the other commands show places, from 1."),
]
RefOption = Annotated[
    str | None, typer.Option("--ref", help="A branch or tag that was indexed; else the default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="Entries at the most.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (index, symbols, definition, references, dependencies, cycles):
        app.command()(command)


def index(
    repository: Annotated[
        str, typer.Argument(help="owner/name, an https URL, or the path of a local repository.")
    ],
    ref: Annotated[
        str | None, typer.Option("--ref", help="Branch or tag; else the default branch.")
    ] = None,
    commit: Annotated[str | None, typer.Option("--commit", help="A full commit id.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Index again even if the index stands at this commit.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow the job to its end.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Index a repository and show how it goes."""
    named = repository_argument(repository)
    with connected(find_place(), tell=say) as api:
        job = request_index(api, named, ref=ref, commit=commit, force=force)
        if wait:
            job = follow(api, job["jobId"])
    if as_json:
        display.print_json(job)
    elif wait:
        answers.print_outcome(job)
    else:
        display.output.print(f"queued as job {job['jobId']}")
    if wait and job["status"] not in {"completed", "skipped"}:
        raise typer.Exit(FAILED)


def request_index(
    api: ApiClient,
    repository: str,
    *,
    ref: str | None = None,
    commit: str | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Ask for an index; a path of this machine is absolute."""
    return api.post(
        "/index",
        {
            "repository": repository,
            "ref": ref,
            "commit_sha": commit,
            "force": force or None,
        },
    )


def symbols(
    name: Annotated[
        str | None,
        typer.Argument(help="The whole name, or Container.member; with --prefix its start."),
    ] = None,
    prefix: Annotated[bool, typer.Option("--prefix", help="NAME is how names begin.")] = False,
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="Definitions of this kind only.")
    ] = None,
    path: Annotated[str | None, typer.Option("--path", help="How paths begin.")] = None,
    repository: RepositoryOption = None,
    ref: RefOption = None,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Find definitions by name, prefix, kind and path."""
    asked = {"prefix" if prefix else "name": name} if name else {}
    with connected(find_place()) as api:
        named = None if repository is None else NamedRepository(api, repository)
        found = api.listed(
            "/symbols",
            "symbols",
            most=limit,
            **asked,
            kind=kind,
            path=path if named is None else named.beginning(path),
            repository=None if named is None else named.name,
            ref=ref,
        )
    if as_json:
        display.print_json(found.page)
    elif found:
        answers.print_symbols(found)
    else:
        messages.print("nothing found", style="yellow")
        raise typer.Exit(FAILED)
    display.tell_of_more(found.next_cursor, limit)


def definition(
    place: PlaceArgument,
    repository: OneRepositoryOption,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the name at a place in a file means."""
    path, line, column = place_of(place)
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        answer = api.get(
            "/definition",
            repository=named.name,
            path=named.path(path),
            line=line,
            column=column,
            ref=ref,
        )
    if as_json:
        display.print_json(answer)
    else:
        answers.print_name(answer)
    if not answer["definitions"]:
        raise typer.Exit(FAILED)


def references(
    symbol: SymbolArgument,
    repository: RepositoryOption = None,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show where a definition is used."""
    with connected(find_place()) as api:
        symbol_id = symbol_id_of(api, symbol, repository, ref, command="references")
        definition = api.get(f"/symbols/{symbol_id}/references", limit=1)["symbol"]
        uses = api.listed(f"/symbols/{symbol_id}/references", "references", most=limit)
    if as_json:
        display.print_json({"symbol": definition, **uses.page})
        return
    answers.print_uses(definition, uses)
    display.tell_of_more(uses.next_cursor, limit)


def dependencies(
    path: Annotated[str, typer.Argument(help="A file of the repository.")],
    repository: OneRepositoryOption,
    direction: Annotated[
        Direction, typer.Option("--direction", help="Which way to follow imports.")
    ] = Direction.BOTH,
    depth: Annotated[int, typer.Option("--depth", min=1, max=10, help="Imports to follow.")] = 1,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a file needs and what needs it."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        answer = api.get(
            "/dependencies",
            repository=named.name,
            path=named.path(path),
            direction=direction,
            depth=depth,
            ref=ref,
        )
    if as_json:
        display.print_json(answer)
        return
    answers.print_dependencies(answer)


def cycles(
    repository: OneRepositoryOption,
    runtime: Annotated[
        bool, typer.Option("--runtime", help="Leave out what only types import.")
    ] = False,
    ref: RefOption = None,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Show which files import each other in a circle."""
    imports = Imports.RUNTIME if runtime else Imports.ALL
    with connected(find_place()) as api:
        name = NamedRepository(api, repository).name
        found = api.listed(
            "/cycles", "cycles", most=limit, repository=name, imports=imports, ref=ref
        )
    if as_json:
        display.print_json(found.page)
    else:
        answers.print_cycles(found)
    display.tell_of_more(found.next_cursor, limit)


def place_of(text: str) -> tuple[str, int, int]:
    """The path, the line and the API's column, which counts from 0, of `path:line:column`."""
    path, line, column = ["", "", *text.rsplit(":", 2)][-3:]
    if not path or not _is_counted(line) or not _is_counted(column):
        raise typer.BadParameter(
            "name a place as src/cart.ts:10:5; lines and columns count from 1",
            param_hint="PATH:LINE:COLUMN",
        )
    return path, int(line), int(column) - 1


def _is_counted(text: str) -> bool:
    """Whether it is a number from 1 that a line or a column may have."""
    if not text.isdecimal() or len(text) > len(str(LARGEST_NUMBER)):
        return False
    return 1 <= int(text) <= LARGEST_NUMBER


def symbol_id_of(
    api: ApiClient,
    symbol: str,
    repository: str | None,
    ref: str | None,
    *,
    command: str,
    kinds: Collection[SymbolKind] = (),
) -> str:
    """The id that `symbol` is, or that of the only symbol of this name; else `command` fails.

    Where the name has symbols of `kinds`, it means none of another kind.
    """
    if _is_id(symbol):
        return symbol
    named = named_or_none(api, repository)
    found = api.listed(
        "/symbols",
        "symbols",
        most=MOST_CHOICES,
        name=symbol,
        repository=named,
        ref=ref,
        declarations="first",
    )
    meant: Sequence[dict[str, Any]] = found
    if found.next_cursor is None:
        wanted = {one.name.lower() for one in kinds}
        meant = [one for one in found if one["kind"] in wanted] or found
    if len(meant) == 1:
        return str(meant[0]["id"])
    if not meant:
        messages.print(f"no symbol is named {escape(symbol)}", style="yellow")
    else:
        messages.print(f"several symbols are named {escape(symbol)}:")
        answers.print_symbols(meant, console=messages)
        if found.next_cursor is not None:
            messages.print(
                f"there are more than these {MOST_CHOICES}: kotadb symbols "
                f"{escape(shlex.quote(symbol))} finds them, by --path and --repository too"
            )
        messages.print(f"take one by its id: kotadb {command} {meant[0]['id']}")
    raise typer.Exit(FAILED)


def _is_id(text: str) -> bool:
    snapshot, hyphen, number = text.partition("-")
    return bool(hyphen) and snapshot.isdigit() and number.isdigit()
