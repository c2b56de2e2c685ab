"""`kotadb doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple

import typer
from rich.markup import escape

from indexer.database.connection import Database
from indexer.database.migrate import Migrator, known_migrations, pending
from indexer.database.target import Target
from indexer.errors import KotaError
from indexer.settings import Settings
from kotadb_local import dotenv
from kotadb_local.cli import display
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.session import find_place
from kotadb_local.launch import Place, database_server, kept_api_key, running_url

FAILED = 1
LOWEST, BEYOND = (3, 11), (3, 14)
LEAST_FREE_BYTES = 1 << 30


class Finding(NamedTuple):
    """What one check saw. `mend` says what to do; None when all is well."""

    what: str
    seen: str
    mend: str | None = None


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(doctor)


def doctor() -> None:
    """Say what is wrong with this installation, and how to mend it."""
    place = find_place()
    checks: tuple[Callable[[Place], Finding], ...] = (
        _python,
        _git,
        _disk,
        _settings,
        _database,
        _environment_file,
        _service,
    )
    findings = [_checked(check, place) for check in checks]
    for one in findings:
        mark = "[green]ok[/green]  " if one.mend is None else "[red]bad[/red] "
        display.output.print(f"{mark}{one.what}: {escape(one.seen)}")
        if one.mend:
            display.output.print(f"     {escape(one.mend)}")
    if any(one.mend for one in findings):
        raise typer.Exit(FAILED)


def _checked(check: Callable[[Place], Finding], place: Place) -> Finding:
    try:
        return check(place)
    except KotaError as error:
        return Finding(check.__name__.strip("_").replace("_", " "), "failed", str(error))


def _python(_place: Place) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if LOWEST <= sys.version_info[:2] < BEYOND:
        return Finding("Python", version)
    return Finding("Python", version, "Python 3.11, 3.12 or 3.13 is needed")


def _git(_place: Place) -> Finding:
    found = shutil.which("git")
    if found:
        return Finding("git", "found")
    return Finding("git", "not found", "install git: repositories on this machine are read with it")


def _disk(place: Place) -> Finding:
    near = next(one for one in (place.state, *place.state.parents) if one.exists())
    free = shutil.disk_usage(near).free
    seen = f"{free / 1e9:.1f} GB free"
    return Finding("disk", seen, None if free > LEAST_FREE_BYTES else "free at least 1 GB")


def _settings(_place: Place) -> Finding:
    Settings.from_environment()
    return Finding("settings", "readable")


def _database(place: Place) -> Finding:
    named = bool(os.environ.get("DATABASE_URL") or os.environ.get("SUPABASE_DB_URL"))
    with database_server(place, os.environ) as admin:
        missing = pending(Migrator(admin).applied(), known_migrations())
        seen = f"{'DATABASE_URL' if named else 'embedded'}, Postgres {_version(admin)}"
    if missing:
        return Finding("database", f"{seen}, {len(missing)} migrations missing", "kotadb migrate")
    return Finding("database", f"{seen}, schema up to date")


def _version(target: Target) -> str:
    with closing(Database(target)) as database:
        row = database.fetch_one("server_version")
    return str(row["version"]) if row else "unknown"


def _environment_file(place: Place) -> Finding:
    if not place.dotenv.exists():
        return Finding(".env", "not written yet; kotadb up writes it")
    if missing := {"KOTADB_URL", "KOTADB_API_KEY"} - set(dotenv.read(place.dotenv)):
        return Finding(".env", f"lacks {', '.join(sorted(missing))}; kotadb up adds them")
    return Finding(".env", "names the URL and the key")


def _service(place: Place) -> Finding:
    url = running_url(place)
    if url is None:
        return Finding("service", "not running (kotadb up starts it)")
    with ApiClient(url, kept_api_key(place) or "") as api:
        health = api.get("/health")
        api.get("/jobs", limit=1)
    queue = health["queue"]
    depth = "queue off" if queue is None else f"{queue['depth']} jobs waiting"
    return Finding("service", f"answers at {url}, {depth}")
