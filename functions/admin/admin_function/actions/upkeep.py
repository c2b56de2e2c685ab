"""The database itself: its schema, what time does to it, and what was done to it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Any

from pydantic import Field

from admin_function.actions.action import Action, NothingToSay
from admin_function.actions.paging import PageWish
from admin_function.administration import DRIVER, Administration
from indexer.access import audit
from indexer.access.audit import Origin
from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.http.shapes import UtcTime, View
from indexer.jobs.gauges import observe_gauges
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.observability import logger


class AuditWish(PageWish):
    """Which part of the audit log."""

    # An event's own action is audit.
    only_action: str | None = Field(
        default=None, min_length=1, max_length=100, description="This action only."
    )
    target: str | None = Field(
        default=None, min_length=1, max_length=2_048, description="What was done to this id only."
    )


class MigratedView(View):
    """The migrations that this call applied; none: the schema was up to date."""

    applied: list[str]


class SweptView(View):
    """How many rows one sweep moved."""

    leases_lost: int
    expired: int
    archived: int
    snapshots_dropped: int
    jobs_forgotten: int
    jobs_purged: int
    repositories_purged: int
    keys_forgotten: int
    deliveries_forgotten: int
    audit_forgotten: int


class AuditEntryView(View):
    """One change that was made by hand."""

    audit_id: int
    at: UtcTime
    action: str
    target: str | None
    details: dict[str, Any]
    request_id: str
    caller: str


class AuditView(View):
    """Changes, newest first."""

    entries: list[AuditEntryView]
    next_cursor: str | None


def migrate(administration: Administration, _wish: NothingToSay, origin: Origin) -> MigratedView:
    """Bring the schema to this release, as MIGRATION_DATABASE_URL where that is set.

    Raises:
        MigrationEdited, SchemaNewer: the database is not what this release knows.
        MigrationNeedsSession, MigrationsCrossed: one outside a transaction could not go on.
    """
    applied = administration.migrator().up()
    if applied:
        with (
            closing(Database(administration.migration_target, driver=DRIVER)) as database,
            database.transaction() as statements,
        ):
            statements.script("become_owner")
            audit.record(statements, origin, action="migrate", details={"applied": applied})
    return MigratedView(applied=applied)


def sweep(administration: Administration, _wish: NothingToSay, origin: Origin) -> SweptView:
    """What time does to the queue, once."""
    settings = administration.settings
    try:
        with administration.database.transaction(read_only=True) as statements:
            observe_gauges(statements)
    except DatabaseError as error:
        # The rows matter more, and an alarm rings when the figures stay away. They are asked with
        # little patience, so whether the database is away is left to the sweep to find out.
        logger.warning("the figures of the queue cannot be read", error_code=error.code)
    with administration.patient_database() as database:
        swept = asdict(Sweep(database, JobQueue(database, settings), settings).everything())
        moved = {name: number for name, number in swept.items() if number}
        if moved:
            with database.transaction() as statements:
                audit.record(statements, origin, action="sweep", details=moved)
    return SweptView(**swept)


def show_audit(administration: Administration, wish: AuditWish, _origin: Origin) -> AuditView:
    """What was changed by hand.

    Raises:
        CursorInvalid: the cursor is none of this list's.
    """
    page = audit.page(
        administration.database,
        action=wish.only_action,
        target=wish.target,
        cursor=wish.cursor,
        limit=wish.limit,
    )
    return AuditView(
        entries=[AuditEntryView.model_validate(one, from_attributes=True) for one in page.items],
        next_cursor=page.next_cursor,
    )


ACTIONS = (
    Action(name="migrate", wish=NothingToSay, perform=migrate),
    Action(name="sweep", wish=NothingToSay, perform=sweep),
    Action(name="audit", wish=AuditWish, perform=show_audit),
)
