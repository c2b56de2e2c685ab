"""The one connection of an execution environment: lazy, checked, reopened when it went stale.

No session state is kept anywhere: a statement stands alone, or inside `transaction()`, whose
settings end with it. So everything here works through a transaction pooler too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from indexer.clocks import MACHINE, Clocks
from indexer.database.drivers import Driver, connect
from indexer.database.failures import DatabaseError, DatabaseUnavailable
from indexer.database.queries import named_queries
from indexer.database.target import Target
from indexer.database.watch import WatchedDriver, answered_within

Row = dict[str, Any]

# A connection that was silent for longer is asked before it is trusted: an environment may have
# been frozen meanwhile, and a network that forgot the connection tells nobody.
TRUSTED_SILENCE_SECONDS = 60.0
PROBE_SECONDS = 0.75

# What a tenant asks is answered by an index in its order, and a page ends when it is full. Where
# few rows are expected, all of them and a sort look cheaper, and where there are many, all are read
# for each page; of a small table every row does, also those of others.
READING_BY_INDEX = "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off"


class Statements:
    """Runs named queries on one open connection."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call `tell` once the transaction is committed; never when it is undone."""
        self._after_commit.append(tell)

    def committed(self) -> None:
        """Call what waits for the commit; for whoever committed."""
        for tell in self._after_commit:
            tell()

    def fetch_all(self, name: str, /, **parameters: object) -> list[Row]:
        """All rows of a query, each by column name."""
        answer = self._driver.run(named_queries()[name], parameters)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def fetch_one(self, name: str, /, **parameters: object) -> Row | None:
        """The first row of a query, or None."""
        rows = self.fetch_all(name, **parameters)
        return rows[0] if rows else None

    def execute(self, name: str, /, **parameters: object) -> int:
        """Run a query for its effect; how many rows it touched."""
        return self._driver.run(named_queries()[name], parameters).row_count

    def script(self, name: str) -> list[Row]:
        """Run a named query of several statements without parameters in one round trip.

        Returns the rows of its last statement that has any. When one fails, all of it is undone.
        """
        answer = self._driver.script(named_queries()[name].text)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def copy(self, name: str, blocks: Iterable[bytes]) -> None:
        """Feed blocks of Postgres's text format to a named COPY … FROM STDIN."""
        self._driver.copy(named_queries()[name].text, blocks)


class Database:
    """A lazily opened connection to `target`, for one thread; `cancel` and `abort` are for others.

    With `answer_seconds` a statement that stays without an answer for that long is given up and its
    connection with it (DatabaseUnavailable): the server's own time-outs do not help where the
    network lost it. `hurry` bounds all of them together. Every method raises only DatabaseError.
    """

    def __init__(
        self,
        target: Target,
        *,
        driver: str = "psycopg",
        connect_seconds: float = 2.0,
        answer_seconds: float | None = None,
        application: str = "kotadb",
        clocks: Clocks = MACHINE,
    ) -> None:
        self._target = target
        self._answer_seconds = answer_seconds
        self._driver_name = driver
        self._connect_seconds = connect_seconds
        self._application = application
        self._clocks = clocks
        self._open: Driver | None = None
        self._last_used = clocks.now()
        self._seconds_left: Callable[[], float] = lambda: math.inf

    def hurry(self, seconds_left: Callable[[], float]) -> None:
        """From now on wait for no statement longer than this says when the statement begins.

        So that many slow ones end in time together; it needs `answer_seconds`, and counts until
        the next call.
        """
        self._seconds_left = seconds_left

    def fetch_all(self, name: str, /, **parameters: object) -> list[Row]:
        """All rows of one query, which is a transaction by itself."""
        with self._statement() as statements:
            return statements.fetch_all(name, **parameters)

    def fetch_one(self, name: str, /, **parameters: object) -> Row | None:
        """The first row of one query, which is a transaction by itself, or None."""
        with self._statement() as statements:
            return statements.fetch_one(name, **parameters)

    def execute(self, name: str, /, **parameters: object) -> int:
        """Run one query, which is a transaction by itself; how many rows it touched."""
        with self._statement() as statements:
            return statements.execute(name, **parameters)

    def script(self, name: str) -> list[Row]:
        """As `Statements.script`, outside any other transaction."""
        with self._guarded() as driver:
            try:
                return Statements(driver).script(name)
            except DatabaseError:
                # A script that began a transaction of its own would leave it open and aborted.
                self._undo(driver)
                raise

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call `tell`: each statement here is committed when it returns."""
        tell()

    @contextmanager
    def transaction(
        self, *, principal: UUID | None = None, read_only: bool = False
    ) -> Iterator[Statements]:
        """One transaction: committed at the end of the block, undone when it raises.

        With `principal` the policies show the rows of that tenant and no others. A read-only
        transaction sees one snapshot of the database for all its statements.
        """
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if read_only else "BEGIN"
        if principal is not None:
            # A UUID's text is hexadecimal and hyphens, so it may stand in the statement.
            begin += f"; SET LOCAL app.user_id = '{UUID(str(principal))}'"
            if read_only:
                begin += f"; {READING_BY_INDEX}"
        with self._guarded() as driver:
            driver.script(begin)
            statements = Statements(driver)
            try:
                yield statements
            except BaseException:
                self._undo(driver)
                raise
            driver.script("COMMIT")
        statements.committed()

    def cancel(self) -> None:
        """Ask the server to stop what this connection is doing; for another thread."""
        if self._open is not None:
            self._open.cancel()

    def abort(self) -> None:
        """Cut the connection under whatever it waits for, which then fails; for another thread."""
        if self._open is not None:
            self._open.abort()

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        if self._open is not None:
            self._open.close()
            self._open = None

    @property
    def connections(self) -> int:
        """How many connections this holds open now: none or one."""
        return 0 if self._open is None else 1

    @contextmanager
    def _statement(self) -> Iterator[Statements]:
        # pg8000 sends a statement with parameters in three parts; a pooler might serve each from
        # another session unless a transaction holds them together.
        if self._driver_name == "pg8000":
            with self.transaction() as statements:
                yield statements
        else:
            with self._guarded() as driver:
                yield Statements(driver)

    @contextmanager
    def _guarded(self) -> Iterator[Driver]:
        driver = self._checked()
        try:
            yield driver
        except DatabaseUnavailable as error:
            if error.sqlstate is None or error.sqlstate.startswith(("08", "57P")):
                self.close()
            raise
        finally:
            self._last_used = self._clocks.now()

    def _undo(self, driver: Driver) -> None:
        try:
            driver.script("ROLLBACK")
        except DatabaseError:
            # The server undoes what a closed connection left open.
            self.close()

    def _checked(self) -> Driver:
        if self._open is not None and self._has_gone(self._open):
            self.close()
        if self._open is None:
            driver = connect(
                self._driver_name,
                self._target,
                connect_seconds=self._connect_seconds,
                application=self._application,
            )
            self._open = driver
            if (longest := self._answer_seconds) is not None:
                self._open = WatchedDriver(
                    driver, seconds=lambda: max(0.0, min(longest, self._seconds_left()))
                )
        return self._open

    def _has_gone(self, driver: Driver) -> bool:
        if driver.stale():
            return True
        if self._clocks.seconds_since(self._last_used) < TRUSTED_SILENCE_SECONDS:
            return False
        try:
            with answered_within(driver, PROBE_SECONDS):
                driver.script("SELECT 1")
        except DatabaseError:
            return True
        return False


def open_database(
    environment: Mapping[str, str] | None = None,
    *,
    driver: str = "psycopg",
    connect_seconds: float = 2.0,
    answer_seconds: float | None = None,
    application: str = "kotadb",
) -> Database:
    """The database that the environment names; nothing is connected yet.

    Raises:
        DatabaseUrlMissing, DatabaseUrlMalformed: as `Target.from_environment`.
    """
    return Database(
        Target.from_environment(environment),
        driver=driver,
        connect_seconds=connect_seconds,
        answer_seconds=answer_seconds,
        application=application,
    )
