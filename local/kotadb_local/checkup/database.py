"""The database: whether it is there, has this release's schema, and knows its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from indexer.access.provisioning import end_of_replaced_key, key_is_valid
from indexer.database.connection import Database
from indexer.database.failures import DatabaseError, DatabaseRefusedLogin
from indexer.database.logins import LoginTooPowerful, lax_logins, refuse_powerful_login
from indexer.database.migrate import Migrator, known_migrations, pending
from indexer.database.target import DatabaseUrlMalformed, Target
from indexer.errors import ConfigurationError, KotaError
from indexer.jobs.control import leasing
from indexer.settings import Settings
from kotadb_local import dotenv
from kotadb_local.checkup.finding import Finding
from kotadb_local.launch import database_server
from kotadb_local.place import (
    Place,
    api_key_beside_the_data,
    kept_admin_key,
    kept_api_key,
    running_url,
)
from kotadb_local.postgres import EmbeddedPostgres, EndedInUse
from kotadb_local.wording import counted

ROLES = ("kotadb_owner", "kotadb_api", "kotadb_worker", "kotadb_admin")


def findings(place: Place, environment: Mapping[str, str], settings: Settings) -> Iterator[Finding]:
    """All there is to find about the database; what needs it is left out when it is away."""
    with ExitStack() as server:
        try:
            admin = server.enter_context(database_server(place, environment, restart=False))
            with closing(Database(admin)) as database:
                row = database.fetch_one("server_version") or {}
                yield _reached(environment, str(row.get("version")))
                yield _roles(database)
                yield _time_outs(database)
            schema = _schema(admin)
            yield schema
        except EndedInUse:
            yield _ended(place)
            return
        except KotaError as error:
            yield _away(error, place)
            return
        except OSError as error:
            yield Finding(
                check="database",
                seen=f"the embedded Postgres has no place for its data: {error.strerror}",
                mend="let KOTADB_HOME name a folder that this user may write to",
            )
            return
        logins = _kept_logins(place, admin)
        if not logins:
            yield Finding(check="logins", seen="none yet; kotadb up makes them")
            return
        fit = [_login(role, target) for role, target in logins.items()]
        yield from fit
        if schema.is_well and all(one.is_well for one in fit):
            yield from _keys(place, logins["kotadb_admin"], settings)
            yield from _stopped_leasing(logins["kotadb_admin"])


def _reached(environment: Mapping[str, str], version: str) -> Finding:
    named = environment.get("DATABASE_URL") or environment.get("SUPABASE_DB_URL")
    which = "that of DATABASE_URL" if named else "embedded"
    return Finding(check="database", seen=f"{which}, Postgres {version}")


def _ended(place: Place) -> Finding:
    user = "the service runs" if running_url(place) else "another command uses it"
    return Finding(
        check="database",
        seen=f"the embedded Postgres has ended while {user}",
        mend="stop the service and start it anew (kotadb up); "
        f"why Postgres ended is at the end of its log in {_log_directory(place)}",
    )


def _log_directory(place: Place) -> Path:
    return EmbeddedPostgres(place.state).log_directory


def _away(error: KotaError, place: Place) -> Finding:
    if isinstance(error, DatabaseUrlMalformed):
        mend = "mend DATABASE_URL; special characters of the password are written as %XX"
    elif isinstance(error, DatabaseRefusedLogin):
        mend = "put the right user, password and database into DATABASE_URL"
    elif isinstance(error, DatabaseError):
        mend = (
            "start the server, or mend host and port of DATABASE_URL; with DATABASE_URL unset an "
            "embedded server is used"
        )
    elif isinstance(error, ConfigurationError):
        mend = "do what it says"
    else:
        mend = f"look into its log in {_log_directory(place)}"
    return Finding(check="database", seen=str(error), mend=mend)


def _roles(database: Database) -> Finding:
    rows = database.fetch_all("missing_roles", roles=list(ROLES))
    missing = [row["name"] for row in rows]
    started = database.fetch_one("ledger_exists") or {}
    if not missing:
        return Finding(check="roles", seen="all there")
    if not started.get("present"):
        return Finding(check="roles", seen="none yet; the first migration makes them")
    return Finding(
        check="roles",
        seen=f"missing: {', '.join(missing)}",
        mend="roles belong to the server and are in no dump of a database: migrate an empty "
        "database first, which makes them with their rights, then restore the data into it",
    )


def _time_outs(database: Database) -> Finding:
    lax = lax_logins(database)
    if not lax:
        return Finding(check="time-outs", seen="no login lacks one")
    statements = [one for remedies in lax.values() for one in remedies]
    return Finding(
        check="time-outs",
        seen=f"missing or too long: {', '.join(lax)}",
        mend=f"{'; '.join(statements)}; they hold for sessions that begin afterwards",
    )


def _schema(admin: Target) -> Finding:
    known = {one.version: one for one in known_migrations()}
    applied = Migrator(admin).applied()
    missing = pending(applied, list(known.values()))
    newer = [row["name"] for row in applied if row["version"] not in known]
    edited = [
        row["name"]
        for row in applied
        if row["version"] in known and known[row["version"]].checksum != row["checksum"]
    ]
    if newer:
        return Finding(
            check="schema",
            seen=f"of a newer release: {', '.join(newer)}",
            mend="use the release that made it; that one can also go back: "
            f"kotadb migrate --down-to {max(known)}",
        )
    if edited:
        return Finding(
            check="schema",
            seen=f"applied in another form than is here: {', '.join(edited)}",
            mend="bring back the files of sql/migrations as they were released (git status)",
        )
    if not applied:
        return Finding(check="schema", seen="none yet; kotadb up makes it, or kotadb migrate")
    if missing:
        return Finding(
            check="schema",
            seen=f"lacks {counted(len(missing), 'migration')}",
            mend="kotadb migrate",
        )
    return Finding(check="schema", seen="up to date")


def _kept_logins(place: Place, admin: Target) -> dict[str, Target]:
    """The logins of the services by their role; none before the first start."""
    vault = place.state / "logins.json"
    if not vault.exists():
        return {}
    logins: dict[str, tuple[str, str]] = json.loads(vault.read_text())
    return {
        role: replace(admin, user=login, password=password)
        for role, (login, password) in logins.items()
    }


def _login(role: str, target: Target) -> Finding:
    check = f"login of {role}"
    try:
        with closing(Database(target)) as database:
            refuse_powerful_login(database)
    except LoginTooPowerful as error:
        return Finding(
            check=check,
            seen=str(error).partition(". ")[0],
            mend=f"ALTER ROLE {target.user} NOSUPERUSER NOBYPASSRLS; it may be a member of "
            f"{role} and of nothing else",
        )
    except DatabaseError as error:
        return Finding(check=check, seen=str(error), mend="kotadb up gives it its password again")
    return Finding(check=check, seen="fit")


def _keys(place: Place, login: Target, settings: Settings) -> Iterator[Finding]:
    if not place.dotenv.exists():
        yield Finding(check=".env", seen="not written yet; kotadb up writes it")
        return
    written = dotenv.read(place.dotenv)
    if missing := {"KOTADB_URL", "KOTADB_API_KEY", "KOTADB_ADMIN_KEY"} - set(written):
        yield Finding(
            check=".env",
            seen=f"lacks {', '.join(sorted(missing))}",
            mend="kotadb up adds what is missing",
        )
    if api_key := kept_api_key(place):
        with closing(Database(login)) as database:
            is_written = written.get("KOTADB_API_KEY") == api_key
            yield _api_key(place, database, settings, api_key, is_written=is_written)
    yield _admin_key(place, written, kept_admin_key(place, settings))


def _api_key(
    place: Place, database: Database, settings: Settings, api_key: str, *, is_written: bool
) -> Finding:
    if not key_is_valid(database, settings, api_key):
        return _refused_key(place, is_written=is_written)
    ends_at = end_of_replaced_key(database, api_key)
    if ends_at is None:
        return Finding(check="API key", seen="known to this database")
    kept = api_key_beside_the_data(place)
    goes_on = (
        kept is not None
        and key_is_valid(database, settings, kept)
        and end_of_replaced_key(database, kept) is None
    )
    return _replaced_key(place, ends_at, is_written=is_written, another_goes_on=goes_on)


def _replaced_key(
    place: Place, ends_at: datetime, *, is_written: bool, another_goes_on: bool
) -> Finding:
    where = f"in {place.dotenv}" if is_written else "kept beside the data"
    return Finding(
        check="API key",
        seen=f"the one {where} was replaced and ends at {ends_at.astimezone():%Y-%m-%d %H:%M:%S}",
        mend=f"take the line KOTADB_API_KEY out of {place.dotenv}; "
        "the next start (kotadb up) writes the one that is kept beside the data"
        if another_goes_on
        else f"put the one that replaced it into {place.dotenv} as KOTADB_API_KEY",
    )


def _refused_key(place: Place, *, is_written: bool) -> Finding:
    fault = "was revoked, has ended, or is of another database"
    if is_written:
        return Finding(
            check="API key",
            seen=f"the one in {place.dotenv} {fault}",
            mend=f"take the line KOTADB_API_KEY out of {place.dotenv}; "
            "the next start (kotadb up) writes a good one",
        )
    return Finding(
        check="API key",
        seen=f"the one kept beside the data {fault}",
        mend="start kotadb up anew: it makes one and writes it into .env",
    )


def _admin_key(place: Place, written: Mapping[str, str], in_force: str | None) -> Finding:
    if in_force is None:
        return Finding(
            check="admin key",
            seen="none, so the administration is closed",
            mend="start kotadb up anew: it makes one and writes it into .env",
        )
    if written.get("KOTADB_ADMIN_KEY", in_force) != in_force:
        return Finding(
            check="admin key",
            seen="ADMIN_API_KEY is set, and is another than that of .env",
            mend=f"unset it, or take the line KOTADB_ADMIN_KEY out of {place.dotenv}",
        )
    return Finding(check="admin key", seen="there is one")


def _stopped_leasing(login: Target) -> Iterator[Finding]:
    """A remark where no job is leased: somebody wanted it so."""
    with closing(Database(login)) as database, database.transaction(read_only=True) as statements:
        now = leasing(statements)
    if now.stopped_at is None:
        return
    since = f"{now.stopped_at.astimezone():%Y-%m-%d %H:%M:%S}"
    if now.paused:
        why = "paused by an operator; kotadb queue resume ends it"
    else:
        why = "switched off by the worker's settings (WORKER_ENABLED)"
    yield Finding(check="leasing", seen=f"stopped since {since}: {why}")
