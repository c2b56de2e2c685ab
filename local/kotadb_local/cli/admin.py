"""Commands that work on the database itself: migrate, export, reset."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from indexer.database.connection import Database, Statements
from indexer.database.migrate import Migrator, known_migrations
from indexer.export.ctags import export_ctags
from indexer.export.jsonl import export_lines
from indexer.export.scip import export_scip
from indexer.export.snapshots import Account
from indexer.settings import Settings
from kotadb_local import dotenv
from kotadb_local.cli import display
from kotadb_local.cli.output_files import output_file
from kotadb_local.cli.repository_argument import folder_named, is_meant_as_a_path
from kotadb_local.cli.session import find_place, say, unheard
from kotadb_local.launch import database_server, prepare
from kotadb_local.place import Place, api_key_beside_the_data, running_url, write_private
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


class Format(StrEnum):
    """What an index can be exported as."""

    JSONL = "jsonl"
    SCIP = "scip"
    CTAGS = "ctags"


def export(
    repository: Annotated[str, typer.Argument(help="Its id, owner/name, URL, or folder.")],
    ref: Annotated[str | None, typer.Option("--ref", help="A ref that was indexed.")] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="JSON lines; SCIP, for tools of code intelligence; a tags file, for editors.",
        ),
    ] = Format.JSONL,
    to: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A file, which is replaced once all is written; else output."
        ),
    ] = None,
) -> None:
    """Write an index for other programs: as JSON lines, as SCIP or as a tags file."""
    if form is Format.SCIP and to is None and sys.stdout.isatty():
        raise typer.BadParameter("SCIP is binary; name a file", param_hint="--output")
    account = Account()
    if is_meant_as_a_path(repository):
        repository = str(folder_named(repository))
    with (
        _database(find_place()) as database,
        database.transaction(read_only=True) as statements,
    ):
        parts = _exported(statements, repository, ref, form, account)
        with output_file(to) if to else nullcontext(sys.stdout.buffer) as file:
            for part in parts:
                file.write(part)
            file.flush()
    if to:
        counts = ", ".join(f"{count:,} {what}" for what, count in account.written.items())
        say(f"{counts or 'nothing'} written to {escape(str(to))}")
    for what, count in account.left_out.items():
        say(f"left out: {count:,} {what}")


def _exported(
    statements: Statements, repository: str, ref: str | None, form: Format, account: Account
) -> Iterator[bytes]:
    if form is Format.SCIP:
        return export_scip(statements, repository, ref, account=account)
    if form is Format.CTAGS:
        lines = export_ctags(statements, repository, ref, account=account)
    else:
        lines = export_lines(statements, repository, ref, account=account)
    return (line.encode() + b"\n" for line in lines)


def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the embedded database and all else that this project keeps, its key in `.env` too."""
    place = find_place()
    if (url := running_url(place)) is not None:
        display.messages.print(f"[red]error:[/red] the service runs at {url}; stop it first")
        raise typer.Exit(1)
    if not yes:
        typer.confirm(f"Delete everything that is kept in {place.state}?", abort=True)
    if place.state.exists():
        # Refused while a command uses the data; nothing is taken away by then.
        EmbeddedPostgres(place.state).forget()
        _forget_key(place)
        shutil.rmtree(place.state)
    display.output.print("nothing is kept any more")
    if "KOTADB_API_KEY" in dotenv.read(place.dotenv):
        # Where a service runs, commands go by the key that stands there.
        display.messages.print(
            f"the KOTADB_API_KEY in {escape(place.dotenv.name)} was not made here: if it is of the"
            " database that is gone, take its line out, and the next start writes one that is good",
            style="yellow",
        )


def _forget_key(place: Place) -> None:
    """Take the key that a start made out of `.env`; what somebody else put there stays."""
    made = api_key_beside_the_data(place)
    left = None if made is None else dotenv.without(place.dotenv, "KOTADB_API_KEY", made)
    if left is not None:
        write_private(place.dotenv.resolve(), left)
