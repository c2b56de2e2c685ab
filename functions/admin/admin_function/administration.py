"""What the administration works with: its settings, its one connection, and how it writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from indexer.access import audit
from indexer.access.audit import Origin
from indexer.database.connection import Database, Statements
from indexer.database.logins import CheckedDatabase
from indexer.database.migrate import Migrator
from indexer.database.target import Target
from indexer.settings import Settings

# Pure Python and quick to import; nothing here loads rows in bulk.
DRIVER = "pg8000"
# Just above the statement_timeout of the admin's login, which so ends what the server works on.
LONG_ANSWER_SECONDS = 65.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A change that is being made, and where it was asked from."""

    statements: Statements
    origin: Origin
    action: str

    def record(self, target: object = None, **details: object) -> None:
        """Write the change down, in its own transaction. No detail may be secret."""
        audit.record(
            self.statements,
            self.origin,
            action=self.action,
            target=None if target is None else str(target),
            details=details,
        )


@dataclass(slots=True)
class Administration:
    """The administration of one database; nothing is connected yet."""

    settings: Settings
    target: Target
    _checked: CheckedDatabase = field(init=False)

    def __post_init__(self) -> None:
        self._checked = CheckedDatabase(self._connection(self.settings.database_answer_seconds))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Administration:
        """The administration of the database that these variables name.

        Raises:
            ConfigurationError: a variable is missing or cannot be used.
        """
        return cls(Settings.from_environment(environment), Target.from_environment(environment))

    @property
    def database(self) -> Database:
        """The connection, its login checked once.

        Raises:
            LoginTooPowerful: the login would pass by the tenants' policies.
            DatabaseError: the database did not answer.
        """
        return self._checked.get()

    @contextmanager
    def patient_database(self) -> Iterator[Database]:
        """A connection for work whose statements take long, instead of the usual one.

        Raises:
            LoginTooPowerful, DatabaseError: as `database`, and as soon.
        """
        self.database.fetch_one("database_answers")
        self.close()
        with closing(self._connection(LONG_ANSWER_SECONDS)) as database:
            yield database

    @contextmanager
    def writing(self, origin: Origin, action: str) -> Iterator[Writing]:
        """One transaction that makes a change and writes it down, or does neither."""
        with self.database.transaction() as statements:
            yield Writing(statements=statements, origin=origin, action=action)

    def migrator(self) -> Migrator:
        """Moves the schema: as the login for migrations where there is one."""
        return Migrator(self.migration_target, driver=DRIVER)

    @property
    def migration_target(self) -> Target:
        """Where migrations connect: MIGRATION_DATABASE_URL, or the database itself."""
        direct = self.settings.migration_database_url
        return Target.parse(direct) if direct else self.target

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._checked.close()

    def _connection(self, answer_seconds: float) -> Database:
        return Database(
            self.target,
            driver=DRIVER,
            connect_seconds=self.settings.database_connect_seconds,
            answer_seconds=answer_seconds,
            application="kotadb-admin",
        )
