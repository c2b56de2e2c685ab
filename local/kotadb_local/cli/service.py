"""`kotadb up`: the service in the foreground, until it is told to stop."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from indexer.settings import Settings
from kotadb_local.cli.display import messages
from kotadb_local.cli.session import BuiltOption, find_place, say
from kotadb_local.event_log import EventLog
from kotadb_local.launch import database_server, prepare, serving
from kotadb_local.place import starting


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(up)


def up(
    log_to: Annotated[
        Path | None,
        typer.Option("--log", help="Write the JSON log lines to this file, not to the terminal."),
    ] = None,
    built: BuiltOption = False,
) -> None:
    """Start the database, the API and the worker, and keep them running until Ctrl-C."""
    place = find_place(built=built)
    settings = Settings.from_environment()
    with ExitStack() as turn, database_server(place, os.environ) as admin:
        turn.enter_context(starting(place))
        say(f"Postgres answers on {escape(admin.host)}:{admin.port}")
        prepared = prepare(place, admin, settings, say)
        stream = log_to.open("ab") if log_to else sys.stdout.buffer
        try:
            with serving(place, prepared, settings, EventLog(stream)) as service:

                def ready() -> None:
                    turn.close()
                    messages.print(f"\n[bold]{service.url}[/bold] answers. Ctrl-C stops it.\n")
                    messages.print(
                        f"Search and read what is indexed: [bold]{service.url}/ui[/bold]\n"
                    )
                    messages.print("In another terminal, for example:", style="dim")
                    messages.print("  .venv/bin/kotadb index owner/name", markup=False)
                    messages.print("  .venv/bin/kotadb symbols SomeName\n", markup=False)

                service.run(on_ready=ready, on_stopping=_say_that_it_stops)
        finally:
            if log_to:
                stream.close()


def _say_that_it_stops(seconds: float) -> None:
    with suppress(OSError):  # a terminal that was closed is what may have stopped it
        messages.print(
            f"Stopping: what runs may end within {seconds:g} s, the worker gives its jobs back. "
            "Ctrl-C again ends it at once."
        )
