"""Migrations that Postgres takes only outside a transaction, such as CREATE INDEX CONCURRENTLY.

The first line of such a file is the marker, and headings part it into steps. A step is sent by
itself and stays once it is done, so whoever was stopped begins again at the first one: each step is
written so that it may run again. The ledger learns of the migration when all of them are done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from indexer.database.connection import Row, Statements
from indexer.database.drivers import Driver
from indexer.errors import ConfigurationError

MARKER = "-- Outside a transaction."
TURN_PAUSE_SECONDS = 0.5

_HEADING = re.compile(r"^-- step: .*$", re.MULTILINE)
_OWNER = "kotadb_owner"


class MigrationNeedsSession(ConfigurationError):
    """A migration outside a transaction was begun through a transaction pooler."""

    code = "migration_needs_session"

    def __init__(self) -> None:
        super().__init__(
            "a migration that runs outside a transaction needs one session of the server for all "
            "its steps, and here a transaction pooler stands between. Migrate with the address of "
            "the server itself: MIGRATION_DATABASE_URL, or DATABASE_URL of kotadb migrate"
        )


def steps_of(text: str) -> list[str] | None:
    """The steps of a file that is marked, in order; None: it is one transaction.

    Raises:
        ValueError: it is marked and has no steps, or the other way round; a step is empty, or a
            statement stands before the first.
    """
    introduction, *steps = _HEADING.split(text)
    if text.partition("\n")[0] != MARKER:
        if steps:
            raise ValueError(f"a migration with steps begins with the line {MARKER}")
        return None
    if not steps:
        raise ValueError("a migration outside a transaction has a heading '-- step: …' for each")
    if _says_something(introduction):
        raise ValueError("a statement stands before the first step")
    if not all(_says_something(step) for step in steps):
        raise ValueError("a step has no statement")
    return steps


def _says_something(text: str) -> bool:
    return any(line.strip() and not line.startswith("--") for line in text.splitlines())


@contextmanager
def step_by_step(
    driver: Driver, connect: Callable[[], Driver], *, sleep: Callable[[float], None]
) -> Iterator[Callable[[Sequence[str]], None]]:
    """Gives what runs steps as the owner of the schemas, while no other migrator runs any.

    The lock and the role are the session's: a dead migrator keeps its turn for as long as the
    server still works for it. Afterwards the session is as new, and after an error it is closed.

    Raises:
        MigrationNeedsSession: the session is not this connection's alone.
        DatabaseError: the database refused a step, or did not answer.
    """
    statements = Statements(driver)
    try:
        session = _direct_session(statements, connect)
        # Who waited within a statement would hold a snapshot, and CREATE INDEX CONCURRENTLY of
        # whoever has the lock waits for the end of every older snapshot.
        while not _only(statements, "try_lock_steps")["taken"]:
            sleep(TURN_PAUSE_SECONDS)
        statements.execute("act_as_owner")

        def run(steps: Sequence[str]) -> None:
            for step in steps:
                _demand(statements, session)
                driver.script(step)
            _demand(statements, session)

        yield run
        statements.execute("leave_session_as_new")
    except BaseException:
        driver.close()  # and with it goes the lock, at the end of what the server still does
        raise


def _direct_session(statements: Statements, connect: Callable[[], Driver]) -> int:
    """The number of the connection's session.

    A transaction pooler shows in that it changes, or is another open connection's as well.
    """
    session: int = _only(statements, "own_session")["session"]
    with closing(connect()) as other:
        is_shared = _only(Statements(other), "own_session")["session"] == session
    if is_shared or _only(statements, "own_session")["session"] != session:
        raise MigrationNeedsSession
    return session


def _demand(statements: Statements, session: int) -> None:
    if _only(statements, "own_session") != {"session": session, "role": _OWNER}:
        raise MigrationNeedsSession


def _only(statements: Statements, name: str) -> Row:
    (row,) = statements.fetch_all(name)
    return row
