"""What the administration does, on its one connection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from indexer.access.provisioning import issue_key
from indexer.database.connection import Database
from indexer.database.logins import refuse_powerful_login
from indexer.database.migrate import Migrator
from indexer.database.target import Target
from indexer.errors import Refused
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep, Swept
from indexer.secrets import with_secrets
from indexer.settings import Settings

# Pure Python and quick to import; nothing here loads rows in bulk.
DRIVER = "pg8000"


class EventInvalid(Refused):
    """A field of the event is missing or is no text."""

    code = "event_invalid"
    status: ClassVar[int] = 422

    def __init__(self, field: str) -> None:
        super().__init__(f"the event's {field} must be a text")


class Administration:
    """The actions of one execution environment. Every method raises DatabaseError besides."""

    def __init__(self, settings: Settings, target: Target) -> None:
        self._settings = settings
        self._target = target
        self._database = Database(
            target,
            driver=DRIVER,
            connect_seconds=settings.database_connect_seconds,
            application="kotadb-admin",
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Administration:
        """The administration of the database that the environment names, its secrets read.

        Raises:
            ConfigurationError: a variable is missing or cannot be used.
        """
        complete = with_secrets(os.environ if environment is None else environment)
        return cls(Settings.from_environment(complete), Target.from_environment(complete))

    def migrate(self) -> list[str]:
        """Bring the schema to this release; the names of the migrations applied.

        It uses MIGRATION_DATABASE_URL where that is set: a login that may create roles and schemas.
        """
        direct = self._settings.migration_database_url
        return Migrator(Target.parse(direct) if direct else self._target, driver=DRIVER).up()

    def sweep(self) -> Swept:
        """What time does to the queue, once."""
        database = self._fit_database()
        return Sweep(database, JobQueue(database, self._settings), self._settings).everything()

    def create_key(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """A key for the user with this `email`; `tier` and `name` have defaults. Shown once.

        Raises:
            EventInvalid, KeyRequestInvalid: a field cannot be used.
        """
        issued = issue_key(
            self._fit_database(),
            self._settings,
            email=_text(event, "email", None),
            tier=_text(event, "tier", "free"),
            name=_text(event, "name", "key"),
        )
        return {
            "api_key": issued.api_key,
            "key_id": issued.key_id,
            "tenant_id": str(issued.tenant_id),
            "tier": issued.tier.value,
            "name": issued.name,
        }

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._database.close()

    def _fit_database(self) -> Database:
        refuse_powerful_login(self._database)
        return self._database


def _text(event: Mapping[str, Any], field: str, default: str | None) -> str:
    value = event.get(field, default)
    if not isinstance(value, str):
        raise EventInvalid(field)
    return value
