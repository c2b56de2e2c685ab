from contextlib import closing

import pytest

from indexer.access import audit
from indexer.access.audit import Origin
from indexer.access.provisioning import KeyNotFound, revoke_key
from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.database.paging import CursorInvalid
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.settings import Settings

ORIGIN = Origin(request_id="req-1", caller="192.0.2.1")


def write(database, action="create_key", target="k1", **details):
    with database.transaction() as statements:
        audit.record(statements, ORIGIN, action=action, target=target, details=details)


def test_what_was_written_down_is_read_newest_first_and_page_by_page(admin_database):
    for number in range(5):
        write(admin_database, target=f"k{number}", number=number)
    first = audit.page(admin_database, limit=3)
    rest = audit.page(admin_database, limit=3, cursor=first.next_cursor)
    assert [one.target for one in (*first.items, *rest.items)] == ["k4", "k3", "k2", "k1", "k0"]
    assert rest.next_cursor is None
    newest = first.items[0]
    assert newest.details == {"number": 4}
    assert (newest.request_id, newest.caller) == ("req-1", "192.0.2.1")


def test_the_log_is_asked_for_one_action_or_one_target(admin_database):
    write(admin_database, "create_key", "k1")
    write(admin_database, "revoke_key", "k1")
    write(admin_database, "revoke_key", "k2")
    assert len(audit.page(admin_database, action="revoke_key").items) == 2
    assert len(audit.page(admin_database, target="k1").items) == 2
    assert len(audit.page(admin_database, action="revoke_key", target="k1").items) == 1
    with pytest.raises(CursorInvalid):
        audit.page(admin_database, cursor="x")


def test_a_row_is_undone_with_the_change_that_it_tells_of(admin_database):
    def revoke() -> None:
        with admin_database.transaction() as statements:
            audit.record(statements, ORIGIN, action="revoke_key")
            revoke_key(statements, "A" * 12)

    with pytest.raises(KeyNotFound):
        revoke()
    assert audit.page(admin_database).items == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kotadb.audit_log SET caller = 'nobody'",
        "DELETE FROM kotadb.audit_log",
        "TRUNCATE kotadb.audit_log",
        "INSERT INTO kotadb.audit_log (at, action, request_id, caller) VALUES (now(), '', '', '')",
        "INSERT INTO kotadb.audit_log (audit_id, action) OVERRIDING SYSTEM VALUE VALUES (1, 'x')",
    ],
)
def test_the_administration_cannot_change_what_was_written_down(admin_database, statement):
    write(admin_database)
    with pytest.raises(DatabaseError) as refused:
        admin_database._checked().script(statement)
    assert refused.value.sqlstate == "42501"
    admin_database.close()
    assert len(audit.page(admin_database).items) == 1


@pytest.mark.parametrize("role", ["api", "worker"])
def test_nobody_else_reads_or_writes_the_log(migrated_database, role):
    with closing(Database(getattr(migrated_database, role))) as database:
        for statement in (
            "SELECT FROM kotadb.audit_log",
            "INSERT INTO kotadb.audit_log (action, request_id, caller) VALUES ('x', 'x', 'x')",
        ):
            with pytest.raises(DatabaseError) as refused:
                database._checked().script(statement)
            assert refused.value.sqlstate == "42501"


@pytest.mark.parametrize(
    ("keep_days", "age_days", "forgotten"),
    [(90, 91, 1), (90, 89, 0), (0, 29, 0), (0, 31, 1)],
)
def test_the_sweep_forgets_old_rows_and_no_setting_makes_it_forget_young_ones(
    admin_database, migrated_database, keep_days, age_days, forgotten
):
    write(admin_database)
    migrated_database.sql("UPDATE kotadb.audit_log SET at = at - %s * interval '1 day'", age_days)
    settings = Settings(audit_keep_days=keep_days)
    swept = Sweep(admin_database, JobQueue(admin_database, settings), settings).everything()
    assert swept.audit_forgotten == forgotten
    assert len(audit.page(admin_database).items) == 1 - forgotten
