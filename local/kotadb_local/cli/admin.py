"""Commands that work on the database itself: migrate, export, reset."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from indexer.database.connection import Database
from indexer.database.migrate import Migrator, known_migrations
from indexer.export.jsonl import export_lines
from indexer.settings import Settings
from kotadb_local.cli import display
from kotadb_local.cli.session import find_place, say, unheard
from kotadb_local.launch import Place, database_server, prepare
from kotadb_local.postgres import EmbeddedPostgres


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (migrate, export, reset):
        app.command()(command)


@contextmanager
def _database(place: Place) -> Iterator[Database]:
    """The owner's connection to an up-to-date database."""
    with database_server(place, os.environ) as admin:
        prepare(place, admin, Settings.from_environment(), unheard)
        with closing(Database(admin)) as database:
            yield database


def migrate(
    down_to: Annotated[
        int | None,
        typer.Option("--down-to", min=0, help="Undo the migrations above this number."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Only show what is applied and what is not.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before undoing.")] = False,
) -> None:
    """Bring the database's schema up to date."""
    with database_server(find_place(), os.environ) as admin:
        migrator = Migrator(admin)
        if show:
            applied = {row["version"] for row in migrator.applied()}
            for one in known_migrations():
                mark = "applied" if one.version in applied else "not applied"
                display.output.print(f"{one.name}: {mark}")
            return
        if down_to is not None:
            if not yes:
                typer.confirm(f"Undo every migration above {down_to}? Data is lost.", abort=True)
            names = migrator.down(to_version=down_to)
        else:
            names = migrator.up()
    for name in names:
        display.output.print(f"{'undone' if down_to is not None else 'applied'}: {name}")
    if not names:
        display.output.print("nothing to do")


def export(
    repository: Annotated[str, typer.Argument(help="Its id, owner/name, or URL.")],
    ref: Annotated[str | None, typer.Option("--ref", help="A ref that was indexed.")] = None,
    form: Annotated[str, typer.Option("--format", help="jsonl")] = "jsonl",
    to: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; else standard output.")
    ] = None,
) -> None:
    """Write an index as neutral lines for other programs."""
    if form != "jsonl":
        raise typer.BadParameter("the only format is jsonl", param_hint="--format")
    with (
        _database(find_place()) as database,
        database.transaction(read_only=True) as statements,
    ):
        lines = export_lines(statements, repository, ref)
        written = 0
        target = to.open("w", encoding="utf-8") if to else nullcontext(sys.stdout)
        with target as file:
            for line in lines:
                file.write(line + "\n")
                written += 1
    if to:
        say(f"{written:,} lines written to {escape(str(to))}")


def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the embedded database and all else that this project keeps, but for `.env`."""
    place = find_place()
    if not yes:
        typer.confirm(f"Delete everything that is kept in {place.state}?", abort=True)
    if place.state.exists():
        EmbeddedPostgres(place.state).forget()
        shutil.rmtree(place.state)
    display.output.print("nothing is kept any more")
