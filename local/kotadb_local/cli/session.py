"""A service to talk to: the one that runs, or one started for the length of a command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from indexer.settings import Settings
from kotadb_local.cli.client import ApiClient
from kotadb_local.event_log import EventLog
from kotadb_local.launch import (
    Place,
    database_server,
    kept_api_key,
    prepare,
    running_url,
    serving,
)
from kotadb_local.state import project_directory, state_directory

messages = Console(stderr=True, highlight=False)


def find_place() -> Place:
    """Where this project keeps its state."""
    project = project_directory()
    return Place(
        state=state_directory(os.environ, project=project),
        dotenv=Path(os.environ.get("KOTADB_ENV_FILE", "") or project / ".env"),
    )


def say(text: str) -> None:
    """A step, told to the person at the terminal and not into a pipe."""
    messages.print(f"[dim]·[/dim] {text}")


@contextmanager
def connected(place: Place, *, quiet: bool = False) -> Iterator[ApiClient]:
    """A client of the running service; where none runs, of one that lives as long as the block."""
    url = running_url(place)
    if url is not None:
        with ApiClient(url, kept_api_key(place) or "") as client:
            yield client
        return
    with started(place, quiet=quiet) as client:
        yield client


@contextmanager
def started(place: Place, *, quiet: bool = False) -> Iterator[ApiClient]:
    """Start everything, and stop it at the end of the block. Logs go to the state directory."""
    tell = (lambda _text: None) if quiet else say
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
