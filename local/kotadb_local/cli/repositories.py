"""Commands about repositories: show them, delete one."""

from __future__ import annotations

import sys
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape

from indexer.search.repositories import RepositoryAmbiguous, RepositoryNotFound
from kotadb_local.cli import answers, display
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.default_command import ShowsByDefault
from kotadb_local.cli.display import messages
from kotadb_local.cli.named_repository import NamedRepository
from kotadb_local.cli.queries import JsonOption, LimitOption
from kotadb_local.cli.session import connected, find_place

commands = typer.Typer(cls=ShowsByDefault, help="Show what is indexed; delete a repository.")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(commands, name="repositories")


@commands.command()
def show(limit: LimitOption = 50, as_json: JsonOption = False) -> None:
    """Show what is indexed, with refs and commits; so does `repositories` alone."""
    with connected(find_place()) as api:
        found = api.listed("/repositories", "repositories", most=limit)
    if as_json:
        display.print_json(found.page)
    elif found:
        answers.print_repositories(found)
    else:
        messages.print("nothing yet; kotadb index adds a repository", style="yellow")
    display.tell_of_more(found.next_cursor, limit)


@commands.command()
def delete(
    repository: Annotated[str, typer.Argument(help="Its id, owner/name, URL, or folder.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a repository with all that is indexed of it, and end its jobs."""
    with connected(find_place()) as api:
        found = _meant(api, NamedRepository(api, repository).name)
        name = f"{found['repository']} ({found['url']})"
        if not yes:
            typer.confirm(f"Delete {display.printable(name)}? All jobs of it end.", abort=True)
        api.delete(f"/repositories/{found['id']}")
    messages.print(f"deleted: {escape(display.printable(name))}")


def _meant(api: ApiClient, named: str) -> dict[str, Any]:
    """The repository with this id, name or URL.

    Raises:
        ApiRefused, RepositoryNotFound, RepositoryAmbiguous: there is none, or there are several.
    """
    if _is_id(named):
        return api.get(f"/repositories/{named}")
    every = api.listed("/repositories", "repositories", most=sys.maxsize)
    found = [one for one in every if named in {one["repository"], one["url"]}]
    found = found or [one for one in every if _is_spelled_otherwise(one, named)]
    if not found:
        raise RepositoryNotFound
    if len(found) > 1:
        raise RepositoryAmbiguous
    return found[0]


def _is_spelled_otherwise(one: dict[str, Any], named: str) -> bool:
    """Whether it is of a forge, and named in another case: what `kotadb.is_called` has of names."""
    is_of_forge = one["url"].startswith("https://")
    return is_of_forge and named.lower() in {one["repository"].lower(), one["url"].lower()}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
