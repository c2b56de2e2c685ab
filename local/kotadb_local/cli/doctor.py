"""`kotadb doctor`: what is wrong on this machine, and how to mend it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from indexer.errors import ConfigurationError, KotaError
from indexer.settings import Settings
from kotadb_local.checkup import database, machine
from kotadb_local.checkup.finding import Finding
from kotadb_local.cli import display
from kotadb_local.cli.client import ApiClient, ApiRefused
from kotadb_local.cli.session import find_place
from kotadb_local.place import Place, kept_api_key, running_url
from kotadb_local.wording import counted

FAILED = 1


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Say what is wrong with this installation, and how to mend it. Exits with 1 if anything is."""
    findings = list(_findings(find_place()))
    healthy = all(one.is_well for one in findings)
    if as_json:
        told = {"healthy": healthy, "findings": [asdict(one) for one in findings]}
        display.output.print_json(json.dumps(told))
    else:
        for one in findings:
            mark = "[green]ok[/green]  " if one.is_well else "[red]bad[/red] "
            display.output.print(f"{mark}{one.check}: {escape(one.seen)}", soft_wrap=True)
            if one.mend:
                display.output.print(f"     {escape(one.mend)}", soft_wrap=True)
    if not healthy:
        raise typer.Exit(FAILED)


def _findings(place: Place) -> Iterator[Finding]:
    environment = os.environ
    yield machine.python()
    yield machine.git()
    yield machine.disk(place.state, purpose="state")
    yield machine.disk(machine.work_directory(environment), purpose="work")
    yield machine.settings(environment)
    yield machine.port(place)
    if mistaken := machine.url_of_the_database(environment):
        yield mistaken
    try:
        settings = Settings.from_environment(environment)
    except ConfigurationError:
        settings = Settings()  # what is wrong with them was told above
    yield from database.findings(place, environment, settings)
    yield _service(place)


def _service(place: Place) -> Finding:
    url = running_url(place)
    if url is None:
        return Finding(check="service", seen="not running (kotadb up starts it)")
    try:
        with ApiClient(url, kept_api_key(place) or "") as api:
            health = api.get("/health")
            api.get("/jobs", limit=1)
    except KotaError as error:
        if isinstance(error, ApiRefused) and error.answer_code == "unauthenticated":
            return Finding(check="service", seen=f"answers at {url}, and refuses the API key")
        return Finding(
            check="service",
            seen=f"{url}: {error}",
            mend="look into its log, then start it anew (kotadb up)",
        )
    queue = health["queue"]
    depth = "queue off" if queue is None else f"{counted(queue['depth'], 'job')} waiting"
    return Finding(check="service", seen=f"answers at {url}, {depth}")
