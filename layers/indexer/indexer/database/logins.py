"""Logins of the service roles, and the refusal to serve with one that could see too much."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from indexer.database.connection import Database, Statements
from indexer.database.drivers import Driver
from indexer.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLimits:
    """What a login of a role may take, as Postgres writes durations."""

    statement_timeout: str
    lock_timeout: str
    idle_timeout: str


ROLE_LIMITS = {
    # Below the 30 s after which the gateway ends a request, with room for a second statement.
    "kotadb_api": RoleLimits(statement_timeout="5s", lock_timeout="2s", idle_timeout="10s"),
    # One insert of a large repository takes minutes; the run's own deadline ends it before.
    "kotadb_worker": RoleLimits(statement_timeout="15min", lock_timeout="30s", idle_timeout="5min"),
    # As the API, it gives up a lock before it gives up the connection for want of an answer.
    "kotadb_admin": RoleLimits(statement_timeout="60s", lock_timeout="2s", idle_timeout="30s"),
}


_SETTINGS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


class LoginTooPowerful(ConfigurationError):
    """The login would pass by the tenants' policies."""

    code = "login_too_powerful"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the service refuses to run: its database login {what}. "
            "Give it a login that is a member of kotadb_api, kotadb_worker or kotadb_admin only, "
            "each service one of its own"
        )


def ensure_login(driver: Driver, *, login: str, role: str, password: str) -> None:
    """Make `login` (or change its password), a member of `role` with that role's limits.

    Needs a connection that may create roles. Raises DatabaseError.
    """
    limits = ROLE_LIMITS[role]
    answer = Statements(driver).fetch_one(
        "login_statement",
        login=login,
        role=role,
        password=password,
        statement_timeout=limits.statement_timeout,
        lock_timeout=limits.lock_timeout,
        idle_timeout=limits.idle_timeout,
    )
    if answer is not None:
        driver.script(answer["statement"])


def lax_logins(database: Database) -> dict[str, list[str]]:
    """The statements to run, by login, where one of a service's role lacks a time-out of that role.

    A longer one counts as none. Logins of the whole server are looked at, whoever made them; what
    the file of the server's settings says is not. Raises DatabaseError.
    """
    wanted = [
        (role, setting, longest)
        for role, limits in ROLE_LIMITS.items()
        for setting, longest in zip(_SETTINGS, astuple(limits), strict=True)
    ]
    roles, settings, longest = map(list, zip(*wanted, strict=True))
    found: dict[str, list[str]] = {}
    for row in database.fetch_all("lax_logins", roles=roles, settings=settings, longest=longest):
        found.setdefault(row["login"], []).append(row["remedy"])
    return found


def refuse_powerful_login(database: Database) -> None:
    """Return when the connected login is subject to the policies.

    Raises:
        LoginTooPowerful: it is a superuser, the owner of the tables, bypasses policies, or is a
            member of several services' roles, whose policies would all hold for it.
        DatabaseError: the database did not answer.
    """
    standing = database.fetch_one("own_standing")
    if standing is None or standing["is_superuser"]:
        raise LoginTooPowerful("is a superuser")
    if standing["bypasses_policies"]:
        raise LoginTooPowerful("bypasses row-level security")
    if standing["is_owner"]:
        raise LoginTooPowerful("owns the tables")
    if standing["serves_several"]:
        raise LoginTooPowerful("is a member of more than one service's role")


class CheckedDatabase:
    """A connection that is given out once its login was found subject to the policies."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._login_is_fit = False

    def get(self) -> Database:
        """The connection. Its login is asked for the first time only.

        Raises:
            LoginTooPowerful, DatabaseError: as `refuse_powerful_login`.
        """
        if not self._login_is_fit:
            refuse_powerful_login(self._database)
            self._login_is_fit = True
        return self._database

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._database.close()
