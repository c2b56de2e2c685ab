"""Brings a database to the schema of `sql/migrations`, one file after the other.

Each file is one transaction under an advisory lock that ends with it, so two migrators take turns,
a pooler may stand between, and a kill at any statement leaves the last whole file. One that must
run outside a transaction (`outside`) goes step by step, and is begun anew where it was stopped. The
ledger holds each file's checksum; an applied file that was edited since is refused.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from indexer.database.connection import Row, Statements
from indexer.database.drivers import Driver, connect
from indexer.database.outside import step_by_step, steps_of
from indexer.database.target import Target
from indexer.errors import ConfigurationError

_FILE_NAME = re.compile(r"^(\d{4})_(\w+)\.sql$")

Ledger = dict[int, Row]


class MigrationEdited(ConfigurationError):
    """A migration file differs from what was applied under its name."""

    code = "migration_edited"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"migration {name} was changed after it was applied to this database. "
            "Restore the file; a change of the schema is a new migration"
        )


class SchemaNewer(ConfigurationError):
    """The database holds migrations that this release does not know."""

    code = "schema_newer"

    def __init__(self, version: int) -> None:
        super().__init__(f"the database is at migration {version}, which this release lacks")


class MigrationRightMissing(ConfigurationError):
    """The login cannot give the owner of the schemas the right to make them."""

    code = "migration_right_missing"

    def __init__(self, remedy: str) -> None:
        super().__init__(
            "the login may not hand on the right to make schemas in this database. "
            f"Run as the owner of the database or a superuser: {remedy}"
        )


class NoWayDown(ConfigurationError):
    """A migration has no down file."""

    code = "no_way_down"

    def __init__(self, name: str) -> None:
        super().__init__(f"migration {name} has no way down")


class MigrationsCrossed(ConfigurationError):
    """The schema was moved the other way while a migration went step by step."""

    code = "migrations_crossed"

    def __init__(self) -> None:
        super().__init__(
            "another migrator moved the schema while a migration ran outside a transaction, which "
            "is therefore not in the ledger. Start it again"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of `sql/migrations`."""

    version: int
    name: str
    text: str
    down: str | None

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def known_migrations(folder: Traversable | None = None) -> list[Migration]:
    """The migrations of this release (or of `folder`) in order.

    Raises:
        ValueError: two files share a number, or a number is missing.
    """
    folder = folder or files("indexer.sql").joinpath("migrations")
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    found = [
        Migration(
            version=int(match[1]),
            name=match[0].removesuffix(".sql"),
            text=text,
            down=texts.get(match[0].removesuffix(".sql") + ".down.sql"),
        )
        for name, text in sorted(texts.items())
        if (match := _FILE_NAME.match(name))
    ]
    if [one.version for one in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations must be numbered 1, 2, 3, … without a gap")
    return found


class Migrator:
    """Moves one database up and down. Needs a login that may create roles and schemas.

    Raises (every method): DatabaseError, MigrationEdited, SchemaNewer; and of a migration outside a
    transaction MigrationNeedsSession (a transaction pooler stands between) and MigrationsCrossed.
    """

    def __init__(
        self,
        target: Target,
        *,
        driver: str = "psycopg",
        migrations: Sequence[Migration] | None = None,
        connect_seconds: float = 2.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect: Callable[[], Driver] = lambda: connect(
            driver, target, connect_seconds=connect_seconds, application="kotadb-migrate"
        )
        self._migrations = list(migrations if migrations is not None else known_migrations())
        self._sleep = sleep

    def applied(self) -> list[Row]:
        """The ledger: version, name, checksum, in order; empty before the first migration."""
        with closing(self._connect()) as driver:
            return list(_ledger(Statements(driver)).values())

    def up(self) -> list[str]:
        """Apply what is missing; the names applied by this call. A second call applies nothing.

        Raises:
            MigrationRightMissing: the database is new and the login may not begin.
        """
        with closing(self._connect()) as driver:
            return [one.name for one in self._migrations if self._apply(driver, one)]

    def down(self, *, to_version: int) -> list[str]:
        """Undo, newest first, what lies above `to_version`; the names undone.

        Raises:
            NoWayDown: one of them has no down file; nothing from there on was undone.
        """
        above = [one for one in reversed(self._migrations) if one.version > to_version]
        with closing(self._connect()) as driver:
            return [one.name for one in above if self._undo(driver, one)]

    def _apply(self, driver: Driver, one: Migration) -> bool:
        steps = steps_of(one.text)
        with _turn(driver) as ledger:
            if not self._is_missing(one, ledger):
                return False
            if steps is None:
                if not ledger:
                    _demand_right_to_begin(driver)
                driver.script(one.text)
                _record(driver, one)
                return True
        return self._outside(
            driver,
            steps,
            is_due=lambda ledger: self._is_missing(one, ledger),
            note=lambda: _record(driver, one),
        )

    def _is_missing(self, one: Migration, ledger: Ledger) -> bool:
        newest = max(ledger, default=0)
        if newest > len(self._migrations):
            raise SchemaNewer(newest)
        if one.version not in ledger:
            return True
        if ledger[one.version]["checksum"] != one.checksum:
            raise MigrationEdited(one.name)
        return False

    def _undo(self, driver: Driver, one: Migration) -> bool:
        steps = steps_of(one.down or "")
        with _turn(driver) as ledger:
            if one.version not in ledger:
                return False
            if one.down is None:
                raise NoWayDown(one.name)
            if steps is None:
                # The first migration takes the ledger itself away.
                if one.version > 1:
                    _forget(driver, one)
                driver.script(one.down)
                return True
        return self._outside(
            driver,
            steps,
            is_due=lambda ledger: one.version in ledger,
            note=lambda: _forget(driver, one),
        )

    def _outside(
        self,
        driver: Driver,
        steps: Sequence[str],
        *,
        is_due: Callable[[Ledger], bool],
        note: Callable[[], None],
    ) -> bool:
        """Run the steps and note them in the ledger; False where another did so meanwhile."""
        with step_by_step(driver, self._connect, sleep=self._sleep) as run:
            with _turn(driver) as before:
                if not is_due(before):
                    return False
            run(steps)
            with _turn(driver) as after:
                if after != before:
                    raise MigrationsCrossed
                note()
        return True


def _demand_right_to_begin(driver: Driver) -> None:
    right = Statements(driver).fetch_one("right_to_begin")
    if right is not None and not right["suffices"]:
        raise MigrationRightMissing(right["remedy"])


def _record(driver: Driver, one: Migration) -> None:
    Statements(driver).execute(
        "record_migration", version=one.version, name=one.name, checksum=one.checksum
    )


def _forget(driver: Driver, one: Migration) -> None:
    Statements(driver).execute("forget_migration", version=one.version)


@contextmanager
def _turn(driver: Driver) -> Iterator[Ledger]:
    """One transaction that no other migrator shares; gives the ledger as it stands in it."""
    statements = Statements(driver)
    driver.script("BEGIN")
    try:
        statements.execute("lock_migrations")
        yield _ledger(statements)
    except BaseException:
        driver.close()  # the server undoes what was open, also when it no longer listens
        raise
    driver.script("COMMIT")


def _ledger(statements: Statements) -> Ledger:
    present = statements.fetch_one("ledger_exists")
    if present is None or not present["present"]:
        return {}
    return {row["version"]: row for row in statements.fetch_all("read_ledger")}


def pending(applied: Sequence[Mapping[str, object]], known: Sequence[Migration]) -> list[str]:
    """Names of the known migrations that are not applied."""
    versions = {row["version"] for row in applied}
    return [one.name for one in known if one.version not in versions]
