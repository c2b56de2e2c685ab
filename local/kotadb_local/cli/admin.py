"""Commands that work on the database itself: key, migrate, sweep, export."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from indexer.access.api_keys import Tier
from indexer.access.provisioning import issue_key
from indexer.database.connection import Database
from indexer.database.migrate import Migrator, known_migrations
from indexer.export.jsonl import export_lines
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.settings import Settings
from kotadb_local.cli import display
from kotadb_local.cli.display import messages
from kotadb_local.cli.session import find_place, say, unheard
from kotadb_local.launch import Place, database_server, prepare
from kotadb_local.postgres import EmbeddedPostgres

key_commands = typer.Typer(help="API keys.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(key_commands, name="key")
    for command in (migrate, sweep, export, reset):
        app.command()(command)


@contextmanager
def _database(place: Place) -> Iterator[Database]:
    """The owner's connection to an up-to-date database."""
    with database_server(place, os.environ) as admin:
        prepare(place, admin, Settings.from_environment(), unheard)
        with closing(Database(admin)) as database:
            yield database


@key_commands.command("create")
def create_key(
    email: Annotated[str, typer.Argument(help="Whose key it is; made if not known yet.")],
    tier: Annotated[Tier, typer.Option("--tier", help="Sets the quota.")] = Tier.FREE,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "key",
) -> None:
    """Make an API key. It is printed once and stored nowhere."""
    with _database(find_place()) as database:
        issued = issue_key(database, Settings.from_environment(), email=email, tier=tier, name=name)
    messages.print(
        f"key {issued.key_id} for {escape(email)} ({issued.tier}); it is shown only once:"
    )
    display.output.print(issued.api_key, markup=False)


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


def sweep() -> None:
    """Take back lost leases, end what expired, archive what is finished."""
    settings = Settings.from_environment()
    with _database(find_place()) as database:
        swept = Sweep(database, JobQueue(database, settings), settings).everything()
    for name, number in asdict(swept).items():
        display.output.print(f"{name.replace('_', ' ')}: {number}")


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
