"""Migrations that must run outside a transaction: step by step, once, and resumable."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.functions.gateway import url_of
from tests.support.pooler import pgbouncer_before, pooler_before
from tests.support.waiting import eventually

from indexer.database.failures import ConstraintViolated, DatabaseError
from indexer.database.migrate import (
    Migration,
    MigrationEdited,
    MigrationsCrossed,
    Migrator,
    known_migrations,
)
from indexer.database.outside import MigrationNeedsSession, steps_of

MIGRATES = """
import json, sys
from indexer.database.migrate import Migration, Migrator
from indexer.database.target import Target
given = json.load(sys.stdin)
migrations = [Migration(**one) for one in given["migrations"]]
print(len(Migrator(Target.parse(given["url"]), migrations=migrations, connect_seconds=10).up()))
"""
POOLERS = ["a session for each transaction", *(["PgBouncer"] if shutil.which("pgbouncer") else [])]
GATE = 4_712
WAITS = f"""
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
INDEX = (
    "SELECT indisvalid, relowner::regrole::text AS owner FROM pg_index "
    "JOIN pg_class ON pg_class.oid = indexrelid WHERE relname = 'parts_by_name'"
)
BEFORE = "SET LOCAL ROLE kotadb_owner;\nCREATE TABLE kotadb.parts (name text, number int);"
BUILDS = """-- Outside a transaction.
-- Parts are found by their name.

-- step: drop what a run that was stopped has left
DROP INDEX CONCURRENTLY IF EXISTS kotadb.parts_by_name;

-- step: build
CREATE INDEX CONCURRENTLY parts_by_name ON kotadb.parts (name);
"""
DROPS = """-- Outside a transaction.

-- step: drop
DROP INDEX CONCURRENTLY IF EXISTS kotadb.parts_by_name;
"""
AFTER = "SET LOCAL ROLE kotadb_owner;\nCOMMENT ON INDEX kotadb.parts_by_name IS 'By name.';"


def numbered(*files: tuple[str, str, str]) -> list[Migration]:
    """The product's first migration, and these after it: name, text, way down."""
    return [
        known_migrations()[0],
        *(
            Migration(version=number, name=f"{number:04}_{name}", text=text, down=down)
            for number, (name, text, down) in enumerate(files, start=2)
        ),
    ]


def around(builds: str, *, drops: str = DROPS) -> list[Migration]:
    """One that is to run outside a transaction between two that run inside one."""
    return numbered(
        ("parts", BEFORE, "DROP TABLE kotadb.parts;"),
        ("parts_by_name", builds, drops),
        ("comment", AFTER, "COMMENT ON INDEX kotadb.parts_by_name IS NULL;"),
    )


NAMES = [one.name for one in around(BUILDS)]


@contextmanager
def in_a_process(scratch, migrations):
    """Migrates; killed at the end of the block where it still runs."""
    with subprocess.Popen(
        [sys.executable, "-c", MIGRATES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        given = {
            "url": url_of(scratch.admin),
            "migrations": [
                {name: getattr(one, name) for name in ("version", "name", "text", "down")}
                for one in migrations
            ],
        }
        process.stdin.write(json.dumps(given))
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def in_a_thread(act):
    """What `act` raised or gave is in the list after the block."""
    outcome = []

    def run():
        try:
            outcome.append(act())
        except DatabaseError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield outcome
    thread.join(60)
    assert not thread.is_alive()


def ledger(scratch):
    return [row["name"] for row in Migrator(scratch.admin, migrations=around(BUILDS)).applied()]


def test_it_is_applied_in_its_place_among_the_others_and_undone(empty_database, driver):
    migrator = Migrator(empty_database.admin, migrations=around(BUILDS), driver=driver)
    assert migrator.up() == NAMES
    assert migrator.up() == []
    assert empty_database.sql(INDEX) == [{"indisvalid": True, "owner": "kotadb_owner"}]
    assert migrator.down(to_version=2) == NAMES[:1:-1]
    assert ledger(empty_database) == NAMES[:2]
    assert empty_database.sql(INDEX) == []
    assert migrator.up() == NAMES[2:]
    assert migrator.down(to_version=0) == NAMES[::-1]


def test_what_its_steps_make_belongs_to_the_owner_and_their_settings_end_with_it(
    empty_database, driver
):
    makes = """-- Outside a transaction.
-- step: be patient
SET lock_timeout = '7s';
-- step: make
CREATE TABLE IF NOT EXISTS kotadb.made AS SELECT current_setting('lock_timeout') AS held;
"""
    then = "CREATE TABLE kotadb.by AS SELECT current_user AS role, current_setting('lock_timeout')"
    files = (("made", makes, ""), ("then", then, ""))
    Migrator(empty_database.admin, migrations=numbered(*files), driver=driver).up()
    owner = "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'made'"
    assert empty_database.value(owner) == "kotadb_owner"
    assert empty_database.sql("SELECT held FROM kotadb.made") == [{"held": "7s"}]
    assert empty_database.sql("SELECT * FROM kotadb.by") == [
        {"role": empty_database.admin.user, "current_setting": "0"}
    ]


def test_migrators_started_at_one_instant_run_its_steps_once(empty_database):
    """The last step would fail the second time."""
    scratch = empty_database
    once = around(f"{BUILDS}-- step: once\nCREATE TABLE kotadb.once ();\n")
    Migrator(scratch.admin, migrations=once[:2]).up()
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE application_name = 'kotadb-migrate' AND datname = current_database() "
        "AND (wait_event_type = 'Lock' OR query LIKE '%try_advisory%')"
    )
    with scratch.connection() as gate:
        gate.execute("BEGIN; LOCK TABLE kotadb.parts IN ROW EXCLUSIVE MODE")
        with in_a_process(scratch, once) as one, in_a_process(scratch, once) as two:
            eventually(lambda: scratch.value(waiting) == 2 and scratch.sql(INDEX))
            gate.execute("COMMIT")
            applied = [int(run.stdout.read()) for run in (one, two)]
            assert [run.wait(60) for run in (one, two)] == [0, 0]
    assert sum(applied) == len(NAMES[2:])
    assert ledger(scratch) == NAMES
    assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [True]


def test_who_waits_for_its_turn_does_not_hold_up_who_builds(empty_database, driver):
    """An index that is built concurrently waits for whoever holds a snapshot."""
    scratch = empty_database
    Migrator(scratch.admin, migrations=around(BUILDS)[:2]).up()
    waited = threading.Event()
    patient = Migrator(
        scratch.admin,
        migrations=around(BUILDS),
        driver=driver,
        sleep=lambda _: waited.set(),
    )
    with scratch.connection() as gate:
        gate.execute("BEGIN; LOCK TABLE kotadb.parts IN ROW EXCLUSIVE MODE")
        with (
            in_a_thread(Migrator(scratch.admin, migrations=around(BUILDS)).up) as first,
        ):
            eventually(lambda: scratch.sql(INDEX))
            with in_a_thread(patient.up) as second:
                assert waited.wait(30)
                gate.execute("COMMIT")
    assert sorted(first[0] + second[0]) == NAMES[2:]
    assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [True]


def test_killed_between_two_steps_it_is_begun_again(empty_database):
    scratch = empty_database
    gated = BUILDS.replace(
        "-- step: build\n",
        f"-- step: wait\nSELECT pg_advisory_xact_lock({GATE});\n-- step: build\n",
    )
    with scratch.connection() as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        with in_a_process(scratch, around(gated)) as process:
            eventually(lambda: scratch.value(WAITS) == 1)
            process.kill()
            assert process.wait(30) == -signal.SIGKILL
        gate.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
    assert ledger(scratch) == NAMES[:2]
    assert scratch.sql(INDEX) == []
    assert Migrator(scratch.admin, migrations=around(gated)).up() == NAMES[2:]
    assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [True]


@pytest.mark.parametrize("server_goes_on", [True, False])
def test_killed_amid_the_build_of_an_index_it_ends_with_a_valid_one(empty_database, server_goes_on):
    """The server goes on for a client that is dead, or it ends too and leaves the index invalid."""
    scratch = empty_database
    builder = (
        "SELECT pid FROM pg_stat_activity WHERE query LIKE %s AND datname = current_database()"
    )
    with scratch.connection() as gate:
        Migrator(scratch.admin, migrations=around(BUILDS)[:2]).up()
        gate.execute("BEGIN; LOCK TABLE kotadb.parts IN ROW EXCLUSIVE MODE")
        with in_a_process(scratch, around(BUILDS)) as process:
            eventually(lambda: scratch.sql(INDEX))
            process.kill()
            assert process.wait(30) == -signal.SIGKILL
        assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [False]
        query = "%CREATE INDEX CONCURRENTLY parts_by_name%ON kotadb.parts%"
        pid = scratch.value(builder + " AND pid <> pg_backend_pid()", query)
        if server_goes_on:
            paused = threading.Event()
            again = Migrator(scratch.admin, migrations=around(BUILDS), sleep=lambda _: paused.set())
            with in_a_thread(again.up) as outcome:
                assert paused.wait(30)
                gate.execute("COMMIT")
            assert outcome == [NAMES[2:]]
        else:
            scratch.sql("SELECT pg_terminate_backend(%s, 30000)", pid)
            gate.execute("COMMIT")
            assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [False]
            assert ledger(scratch) == NAMES[:2]
            assert Migrator(scratch.admin, migrations=around(BUILDS)).up() == NAMES[2:]
    assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [True]


def test_a_step_that_fails_stops_it_before_the_ledger_and_the_next_run_goes_on(
    empty_database, driver
):
    scratch = empty_database
    unique = BUILDS.replace("CREATE INDEX", "CREATE UNIQUE INDEX")
    migrator = Migrator(scratch.admin, migrations=around(unique), driver=driver)
    Migrator(scratch.admin, migrations=around(unique)[:2]).up()
    scratch.sql("INSERT INTO kotadb.parts VALUES ('bolt', 1), ('bolt', 2)")
    with pytest.raises(ConstraintViolated):
        migrator.up()
    assert ledger(scratch) == NAMES[:2]
    assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [False]
    scratch.sql("DELETE FROM kotadb.parts WHERE number = 2")
    assert migrator.up() == NAMES[2:]
    assert [row["indisvalid"] for row in scratch.sql(INDEX)] == [True]


def test_a_way_down_that_was_stopped_is_gone_again(empty_database, driver):
    scratch = empty_database
    drops = DROPS + "-- step: more\nSELECT 1 / count(*) FROM kotadb.parts;\n"
    migrator = Migrator(scratch.admin, migrations=around(BUILDS, drops=drops), driver=driver)
    migrator.up()
    with pytest.raises(DatabaseError):
        migrator.down(to_version=2)
    assert ledger(scratch) == NAMES[:3]
    scratch.sql("INSERT INTO kotadb.parts VALUES ('bolt', 1)")
    assert migrator.down(to_version=2) == NAMES[2:3]
    assert ledger(scratch) == NAMES[:2]


def test_one_that_was_edited_after_it_was_applied_is_refused(empty_database):
    Migrator(empty_database.admin, migrations=around(BUILDS)).up()
    edited = around(BUILDS + "-- one line more\n")
    with pytest.raises(MigrationEdited, match="0003_parts_by_name was changed"):
        Migrator(empty_database.admin, migrations=edited).up()


def test_the_schema_moved_the_other_way_meanwhile_is_noticed(empty_database):
    """What undoes the one before does not wait: an index may take an hour."""
    scratch = empty_database
    gated = around(f"{DROPS}-- step: wait\nSELECT pg_advisory_xact_lock({GATE});\n")[:3]
    with scratch.connection() as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        with in_a_process(scratch, gated) as process:
            eventually(lambda: scratch.value(WAITS) == 1)
            assert Migrator(scratch.admin, migrations=gated).down(to_version=1) == NAMES[1:2]
            gate.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
            assert process.wait(30) == 1
    assert ledger(scratch) == NAMES[:1]
    assert Migrator(scratch.admin, migrations=gated).up() == NAMES[1:3]
    assert MigrationsCrossed().code == "migrations_crossed"


@pytest.fixture(params=POOLERS)
def pooled(request, empty_database):
    """The way to the database through a pooler: one that is never quiet, and one that is."""
    target = replace(empty_database.admin, host="127.0.0.1")
    if request.param == "PgBouncer":
        with pgbouncer_before(empty_database.admin) as port:
            yield replace(target, port=port)
        return
    with pooler_before(empty_database.admin) as pooler:
        yield replace(target, port=pooler.port)


def test_a_transaction_pooler_is_refused_before_the_first_step(empty_database, pooled, driver):
    scratch = empty_database
    with pytest.raises(MigrationNeedsSession, match="the address of the server itself"):
        Migrator(pooled, migrations=around(BUILDS), driver=driver).up()
    assert ledger(scratch) == NAMES[:2]
    assert scratch.sql(INDEX) == []
    assert Migrator(scratch.admin, migrations=around(BUILDS)).up() == NAMES[2:]


def test_a_session_that_lost_the_owners_role_goes_no_further(empty_database, driver):
    """As where a pooler gives the next step to another session of the server."""
    scratch = empty_database
    leaves = BUILDS.replace("-- step: build\n", "-- step: leave\nRESET ROLE;\n-- step: build\n")
    with pytest.raises(MigrationNeedsSession):
        Migrator(scratch.admin, migrations=around(leaves), driver=driver).up()
    assert scratch.sql(INDEX) == []
    assert ledger(scratch) == NAMES[:2]


def test_an_ordinary_migration_has_no_steps():
    assert steps_of("-- Outside a transaction, this is not.\nSELECT 1;") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-- Outside a transaction.\nSELECT 1;", "a heading '-- step: …' for each"),
        ("-- outside a transaction\n-- step: a\nSELECT 1;", "begins with the line -- Outside"),
        ("-- Outside a transaction.\nSELECT 1;\n-- step: a\nSELECT 1;", "before the first step"),
        ("-- Outside a transaction.\n-- step: a\n-- none\n\n-- step: b\nSELECT 1;", "no statement"),
    ],
)
def test_a_file_that_is_written_otherwise_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        steps_of(text)
