"""What a project keeps on this machine: where its service runs, and the keys of whoever asks it.

A command that asks a running service needs no more than this; what starts one is `launch`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from indexer.settings import Settings
from kotadb_local import dotenv
from kotadb_local.locks import HeldLock, lock, try_lock

# A first start makes a data directory, and one after a crash reads the log anew.
START_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one project keeps its state; with `built`, what is served is that build."""

    state: Path
    dotenv: Path
    built: Path | None = None

    @property
    def service_note(self) -> Path:
        """Says where the running service answers; it means nothing unless its lock is held."""
        return self.state / "service.json"

    @property
    def clients_lock(self) -> Path:
        """Shared by the commands that use the service; who ends it waits to hold it alone."""
        return self.state / "clients.lock"


def starting(place: Place) -> HeldLock:
    """To be held from the look for a running service until it answers: one starts, others find it.

    Raises:
        LockBusy: another start takes too long.
    """
    place.state.mkdir(parents=True, exist_ok=True)
    return lock(place.state / "start.lock", within=START_SECONDS)


def running_url(place: Place) -> str | None:
    """Where the service of this project answers; None when none runs."""
    if not place.state.is_dir():
        return None
    free = try_lock(place.state / "service.lock")
    if free is not None:
        free.release()
        return None
    try:
        url: str = json.loads(place.service_note.read_text())["url"]
    except (OSError, ValueError, KeyError):
        return None
    return url


def kept_api_key(place: Place) -> str | None:
    """The key of the person at this machine: that of `.env`, else the one kept beside the data."""
    if standing := dotenv.read(place.dotenv).get("KOTADB_API_KEY"):
        return standing
    return api_key_beside_the_data(place)


def api_key_beside_the_data(place: Place) -> str | None:
    """The key that was made here last, whatever `.env` names."""
    kept = place.state / "api-key"
    return kept.read_text().strip() if kept.exists() else None


def keep_api_key(place: Place, api_key: str) -> None:
    """Keep a key beside the data, for the time when `.env` names none."""
    write_private(place.state / "api-key", api_key + "\n")


def kept_admin_key(place: Place, settings: Settings) -> str | None:
    """The first of ADMIN_API_KEY where it is set, else that of `.env`, else the one kept.

    Raises:
        SettingUnusable: what `.env` names is too short.
    """
    if settings.admin_api_keys:
        return settings.admin_api_keys[0]
    if standing := dotenv.read(place.dotenv).get("KOTADB_ADMIN_KEY"):
        (key,) = Settings.from_environment({"ADMIN_API_KEY": standing}).admin_api_keys[:1]
        return key
    kept = place.state / "admin-key"
    return kept.read_text().strip() if kept.exists() else None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; it is there whole or not at all."""
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    half.rename(path)
