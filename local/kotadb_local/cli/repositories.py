"""Commands about repositories: show them, delete one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from kotadb_local.cli import answers, display
from kotadb_local.cli.default_command import ShowsByDefault
from kotadb_local.cli.display import messages
from kotadb_local.cli.named_repository import meant_repository
from kotadb_local.cli.queries import JsonOption, LimitOption
from kotadb_local.cli.repository_argument import (
    folder_named,
    is_meant_as_a_path,
    repository_argument,
)
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
        found = meant_repository(api, repository)
        if is_meant_as_a_path(repository) and found["url"] != str(folder_named(repository)):
            # A folder within it may be named to ask, and is too little to take it away.
            repository_argument(repository)
        name = f"{found['repository']} ({found['url']})"
        if not yes:
            typer.confirm(f"Delete {display.printable(name)}? All jobs of it end.", abort=True)
        api.delete(f"/repositories/{found['id']}")
    messages.print(f"deleted: {escape(display.printable(name))}")
