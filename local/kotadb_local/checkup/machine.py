"""The machine: Python, git, the disk, the ports, and what a person has set."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from indexer.errors import ConfigurationError
from indexer.settings import Settings
from kotadb_local import dotenv
from kotadb_local.checkup.finding import Finding
from kotadb_local.place import Place, running_url
from kotadb_local.server import PortTaken, bind

LOWEST, BEYOND = (3, 11), (3, 14)
LEAST_FREE_BYTES = 1 << 30
HOST = "127.0.0.1"


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """The version that runs this."""
    return Finding(
        check="python",
        seen=".".join(map(str, version)),
        mend=None
        if LOWEST <= version[:2] < BEYOND
        else "Python 3.11, 3.12 or 3.13 is needed: make setup PYTHON=/path/to/one",
    )


def git() -> Finding:
    """Whether repositories of this machine can be read."""
    if found := shutil.which("git"):
        return Finding(check="git", seen=found)
    return Finding(
        check="git",
        seen="not found on the PATH",
        mend="install git: repositories on this machine are read with it",
    )


def settings(environment: Mapping[str, str]) -> Finding:
    """Whether every setting can be read."""
    try:
        Settings.from_environment(environment)
    except ConfigurationError as error:
        return Finding(
            check="settings",
            seen=str(error),
            mend="set it to what it must be, or unset it for its default (docs/operations.md)",
        )
    return Finding(check="settings", seen="readable")


def disk(folder: Path, *, purpose: str, least_free: int = LEAST_FREE_BYTES) -> Finding:
    """Whether there is room, and leave to write, where the folder is or will be made."""
    check = f"disk for the {purpose}"
    near = next(one for one in (folder, *folder.parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=near) as file:
            file.write(b"\0" * 4_096)
            file.flush()
    except OSError as error:
        return Finding(
            check=check,
            seen=f"{near} takes no files: {error.strerror}",
            mend="give this user leave to write there and free some room, or choose another "
            f"folder ({'KOTADB_HOME' if purpose == 'state' else 'WORK_DIRECTORY'})",
        )
    free = shutil.disk_usage(near).free
    return Finding(
        check=check,
        seen=f"{free / 1e9:.1f} GB free at {near}",
        mend=None if free >= least_free else f"free at least {least_free / 1e9:.1f} GB",
    )


def port(place: Place) -> Finding:
    """Whether the service can listen where `.env` says that it does."""
    if url := running_url(place):
        return Finding(check="port", seen=f"the service listens at {url}")
    promised = urlsplit(dotenv.read(place.dotenv).get("KOTADB_URL", "")).port
    if promised is None:
        return Finding(check="port", seen="any free one")
    try:
        bind(HOST, promised).close()
    except PortTaken as error:
        return Finding(
            check="port",
            seen=str(error).partition(";")[0],
            mend=f"stop what listens there, or take KOTADB_URL out of {place.dotenv}: "
            "the next start then writes another",
        )
    return Finding(check="port", seen=f"{promised} is free")


def url_of_the_database(environment: Mapping[str, str]) -> Finding | None:
    """The usual mistake about which database is meant, where it was made."""
    named = environment.get("DATABASE_URL") or environment.get("SUPABASE_DB_URL")
    if named or not environment.get("SUPABASE_URL"):
        return None
    return Finding(
        check="database",
        seen="SUPABASE_URL is an HTTP address; no database is named, so an embedded one is used",
        mend="set DATABASE_URL to the connection string of the project "
        "(postgresql://…pooler.supabase.com:6543/postgres), or unset SUPABASE_URL",
    )


def work_directory(environment: Mapping[str, str]) -> Path:
    """Where runs of jobs keep their files, as far as that can be told."""
    return Path(environment.get("WORK_DIRECTORY", "").strip() or Settings().work_directory)
