"""From nothing to a running stack: a database, its schema and logins, a key, the service.

Every step can be repeated: what is there already is used. Whatever outlives the run lies in the
state directory (see `state`) and in `.env`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote

from indexer.access.provisioning import issue_key, key_is_valid
from indexer.database.connection import Database
from indexer.database.drivers import connect
from indexer.database.logins import ROLE_LIMITS, ensure_login
from indexer.database.migrate import Migrator
from indexer.database.target import Target
from indexer.errors import ConfigurationError
from indexer.settings import Settings, SettingUnusable
from kotadb_local import dotenv
from kotadb_local.environments import Environment
from kotadb_local.event_log import EventLog
from kotadb_local.functions import StartEnvironment
from kotadb_local.locks import LockBusy, lock
from kotadb_local.place import (
    Place,
    api_key_beside_the_data,
    keep_api_key,
    kept_admin_key,
    kept_api_key,
    running_url,
    write_private,
)
from kotadb_local.postgres import EmbeddedPostgres
from kotadb_local.schedule import reconcile_seconds
from kotadb_local.server import PortTaken
from kotadb_local.service import ADMIN, API, WORKER, Service, ServiceOptions, deployed_stack
from kotadb_local.state import project_directory
from kotadb_local.wording import Say, counted

PREFERRED_PORT = 8787
LARGEST_PORT = 65_535
TICK_SECONDS = 5.0
# Who only looks whether a service runs holds its lock for a moment too.
LOOK_SECONDS = 0.5
LOCAL_USER = "you@localhost.local"
ROLES = {API: "kotadb_api", WORKER: "kotadb_worker", ADMIN: "kotadb_admin"}


class AlreadyRunning(ConfigurationError):
    """Another process serves this project already."""

    code = "already_running"

    def __init__(self, url: str) -> None:
        super().__init__(f"the service is running already, at {url}")
        self.url = url


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A database that is ready to be served."""

    admin: Target
    urls: Mapping[str, str]
    api_key: str
    admin_key: str


@contextmanager
def database_server(
    place: Place, environment: Mapping[str, str], *, restart: bool = True
) -> Iterator[Target]:
    """DATABASE_URL (or SUPABASE_DB_URL) where it is set, else the embedded server.

    Without `restart` an embedded server that ended while others use it is not started again.

    Raises:
        EndedInUse: it did, and is not to be.
        DatabaseUrlMalformed: the URL cannot be used.
        EmbeddedPostgresUnavailable, EmbeddedPostgresFailed: there is no server to be had.
    """
    if environment.get("DATABASE_URL") or environment.get("SUPABASE_DB_URL"):
        yield Target.from_environment(environment)
        return
    place.state.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(place.state).session(restart=restart) as server:
        yield Target.parse(server.url)


def prepare(place: Place, admin: Target, settings: Settings, say: Say) -> Prepared:
    """Migrate, make a login for each role, and the keys of the person at this machine.

    Raises:
        DatabaseError, ConfigurationError: the database cannot be used as it is.
    """
    place.state.mkdir(parents=True, exist_ok=True)
    with lock(place.state / "prepare.lock", within=120):
        applied = Migrator(admin).up()
        say(
            f"schema brought up to date ({counted(len(applied), 'migration')})"
            if applied
            else "schema is up to date"
        )
        urls = _ensure_logins(place, admin)
        api_key = _ensure_key(place, urls[ADMIN], settings)
        admin_key = _ensure_admin_key(place, settings)
    return Prepared(admin=admin, urls=urls, api_key=api_key, admin_key=admin_key)


@contextmanager
def serving(
    place: Place, prepared: Prepared, settings: Settings, log: EventLog
) -> Iterator[Service]:
    """The service of this project, to be started by the caller; only one at a time may run.

    Raises:
        AlreadyRunning: another process serves it.
        PortTaken: the port that `.env` names is in use.
        SettingUnusable: KOTADB_PORT is no port.
        BuildMissing: it is to serve a build that is not there.
    """
    try:
        running = lock(place.state / "service.lock", within=LOOK_SECONDS)
    except LockBusy:
        raise AlreadyRunning(running_url(place) or "an address it has not told yet") from None
    with running:
        promised = _promised_port(place)
        port = promised or preferred_port(os.environ)
        try:
            service = _service(place, prepared, settings, log, port=port)
        except PortTaken:
            if promised:
                raise
            service = _service(place, prepared, settings, log, port=0)
        dotenv.add_missing(
            place.dotenv,
            {
                "KOTADB_URL": service.url,
                "KOTADB_API_KEY": prepared.api_key,
                "KOTADB_ADMIN_KEY": prepared.admin_key,
            },
            heading="Written by kotadb; lines that stand here are never changed.",
        )
        place.service_note.write_text(json.dumps({"url": service.url, "pid": os.getpid()}))
        try:
            yield service
        finally:
            place.service_note.unlink(missing_ok=True)


def _service(
    place: Place, prepared: Prepared, settings: Settings, log: EventLog, *, port: int
) -> Service:
    return Service(
        stack=deployed_stack(
            database_urls=prepared.urls,
            settings=settings,
            environment={"ALLOW_LOCAL_REPOSITORIES": "true"},
            admin_keys=(prepared.admin_key, *settings.admin_api_keys[1:]),
        ),
        options=ServiceOptions(
            port=port,
            tick_seconds=TICK_SECONDS,
            reconcile_seconds=reconcile_seconds(settings),
            drain_seconds=settings.drain_seconds,
        ),
        log=log,
        check=lambda: _answers(prepared),
        start_environment=_start_environment(place),
    )


def _start_environment(place: Place) -> StartEnvironment:
    if place.built is None:
        return Environment
    from kotadb_local.built.emulator import Emulator

    return Emulator.of(place.built, project=project_directory()).start


def _answers(prepared: Prepared) -> None:
    with closing(Database(Target.parse(prepared.urls[WORKER]))) as database:
        database.fetch_one("database_answers")


def preferred_port(environment: Mapping[str, str]) -> int:
    """The port that is tried first where `.env` names none: KOTADB_PORT, else 8787.

    Raises:
        SettingUnusable: it is no port.
    """
    named = environment.get("KOTADB_PORT", "").strip()
    if not named:
        return PREFERRED_PORT
    if not re.fullmatch(r"[0-9]{1,5}", named) or int(named) > LARGEST_PORT:
        raise SettingUnusable(
            variable="KOTADB_PORT",
            wanted=f"a number from 0, which is any free port, to {LARGEST_PORT}",
        )
    return int(named)


def _promised_port(place: Place) -> int | None:
    """The port that `.env` names, if it names one: what was printed before stays true."""
    promised = dotenv.read(place.dotenv).get("KOTADB_URL", "")
    tail = promised.rpartition(":")[2].rstrip("/")
    return int(tail) if tail.isdigit() else None


def _ensure_logins(place: Place, admin: Target) -> dict[str, str]:
    """A login for each role. They are kept, so that a service that runs already goes on.

    Logins belong to the whole server, which another project may use too: hence the suffix.
    """
    vault = place.state / "logins.json"
    if not vault.exists():
        suffix = secrets.token_hex(4)
        made = {role: [f"{role}_local_{suffix}", secrets.token_urlsafe(24)] for role in ROLE_LIMITS}
        write_private(vault, json.dumps(made))
    logins: dict[str, list[str]] = json.loads(vault.read_text())
    with closing(connect("psycopg", admin, connect_seconds=5, application="kotadb-up")) as driver:
        for role, (login, password) in logins.items():
            ensure_login(driver, login=login, role=role, password=password)
    return {
        function: _url(replace(admin, user=logins[role][0], password=logins[role][1]))
        for function, role in ROLES.items()
    }


def _ensure_key(place: Place, admin_url: str, settings: Settings) -> str:
    """A key that this database knows: the kept one, or a new one where it knows none.

    `.env` is never changed, so a key of another database that stands there stays, and is not used.
    """
    with closing(Database(Target.parse(admin_url))) as database:
        for candidate in (kept_api_key(place), api_key_beside_the_data(place)):
            if candidate and key_is_valid(database, settings, candidate):
                return candidate
        issued = issue_key(database, settings, email=LOCAL_USER, tier="team", name="this machine")
    keep_api_key(place, issued.api_key)
    return issued.api_key


def _ensure_admin_key(place: Place, settings: Settings) -> str:
    if standing := kept_admin_key(place, settings):
        return standing
    made = secrets.token_urlsafe(32)
    write_private(place.state / "admin-key", made + "\n")
    return made


def _url(target: Target) -> str:
    login = f"{quote(target.user, safe='')}:{quote(target.password or '', safe='')}"
    options = f"sslmode={target.sslmode}"
    if target.sslrootcert:
        options += f"&sslrootcert={quote(target.sslrootcert, safe='')}"
    if target.host.startswith("/"):
        options += f"&host={quote(target.host)}"
        host = ""
    else:
        host = f"[{target.host}]" if ":" in target.host else target.host
    return f"postgresql://{login}@{host}:{target.port}/{quote(target.dbname, safe='')}?{options}"
