"""A service to talk to: the one that runs, or one started for the length of a command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from indexer.settings import Settings
from kotadb_local.built.artifacts import build_folder, own_architecture
from kotadb_local.cli.client import SILENCE_SECONDS, ApiClient
from kotadb_local.cli.display import messages
from kotadb_local.locks import HeldLock, LockBusy, lock
from kotadb_local.place import Place, kept_api_key, running_url, starting
from kotadb_local.state import project_directory, state_directory
from kotadb_local.wording import Say

# Longer than a service takes to drain and stop.
STOP_SECONDS = 120.0


BuiltOption = Annotated[
    bool,
    typer.Option(
        "--built", help="Run what make build-here built, under Lambda's emulator (Linux)."
    ),
]


def find_place(*, built: bool = False) -> Place:
    """Where this project keeps its state, and the build that is to be served, if one is.

    Raises:
        BuildMissing: Lambda runs on no processor such as this machine's.
    """
    project = project_directory()
    return Place(
        state=state_directory(os.environ, project=project),
        dotenv=Path(os.environ.get("KOTADB_ENV_FILE", "") or project / ".env"),
        built=build_folder(project, own_architecture()) if built else None,
    )


def say(text: str) -> None:
    """A step, told to the person at the terminal and not into a pipe."""
    messages.print(f"[dim]·[/dim] {text}")


def unheard(_text: str) -> None:
    """Take a step of a start without telling anybody."""


@contextmanager
def connected(place: Place, *, tell: Say = unheard) -> Iterator[ApiClient]:
    """A client of the running service; where none runs, of one that lives as long as the block.

    Commands that come meanwhile use that one too, and its end waits for theirs. `tell` hears the
    steps of a start.
    """
    place.state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as mine:
        with starting(place):
            presence = mine.enter_context(
                lock(place.clients_lock, shared=True, within=STOP_SECONDS)
            )
            if url := running_url(place):
                if place.built is not None:
                    say("a service runs already and is asked, whatever it runs")
                client = mine.enter_context(ApiClient(url, kept_api_key(place) or ""))
            else:
                if messages.is_terminal:
                    say("no service runs: one is started for this command (kotadb up keeps one)")
                client = mine.enter_context(started(place, tell))
                mine.callback(_wait_for_others, presence)
        yield client


def _wait_for_others(presence: HeldLock) -> None:
    try:
        presence.take_alone(within=0)
    except LockBusy:
        say("another command still uses the service; it stops after that one")
        presence.take_alone(within=SILENCE_SECONDS)


@contextmanager
def started(place: Place, tell: Say) -> Iterator[ApiClient]:
    """Start everything, and stop it at the end of the block. Logs go to the state directory."""
    # A command that asks a service that runs already does without all of this.
    from kotadb_local.event_log import EventLog
    from kotadb_local.launch import database_server, prepare, serving

    settings = Settings.from_environment()
    place.state.mkdir(parents=True, exist_ok=True)
    with (
        database_server(place, os.environ) as admin,
        (place.state / "service.log").open("ab") as log_file,
    ):
        tell(f"Postgres answers on {admin.host}:{admin.port}")
        prepared = prepare(place, admin, settings, tell)
        with serving(place, prepared, settings, EventLog(log_file)) as service:
            service.start()
            tell(f"API and worker started at {service.url}")
            try:
                with ApiClient(service.url, prepared.api_key) as client:
                    yield client
            finally:
                service.stop()
