"""Migrations that are killed, and a database that comes back from a dump."""

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import SHA, STATS, QueueBench
from tests.functions.gateway import url_of
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.database.migrate import Migrator, SchemaNewer, known_migrations
from indexer.database.outside import steps_of
from indexer.errors import LeaseLost
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings
from kotadb_local.postgres import EmbeddedPostgres

MIGRATES = """
import json, sys
from dataclasses import replace
from indexer.database.migrate import Migrator, SchemaNewer, known_migrations
from indexer.database.target import Target
given = json.loads(sys.argv[1])
found = known_migrations()[: given["version"]]
found[-1] = replace(found[-1], text=found[-1].text + given["then"])
Migrator(Target.parse(given["url"]), migrations=found).up()
"""
GATE = 4_711
COLUMNS = (
    "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default "
    "FROM information_schema.columns WHERE table_schema LIKE 'kotadb%' "
    "ORDER BY 1, 2, 3"
)


def test_a_migration_killed_before_its_commit_is_as_if_it_had_not_begun(empty_database):
    """Each in turn, by SIGKILL once all of its statements are done."""
    scratch = empty_database
    known = known_migrations()
    waits = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' "
        "AND datname = current_database()"
    )
    with scratch.connection() as gate:
        for one in known:
            if steps_of(one.text):
                # It goes step by step, and is tried by itself.
                Migrator(scratch.admin, migrations=known[: one.version]).up()
                continue
            gate.execute("SELECT pg_advisory_lock(%s)", (GATE,))
            before = scratch.sql(COLUMNS)
            given = {
                "url": url_of(scratch.admin),
                "version": one.version,
                "then": f"\n;SELECT pg_advisory_xact_lock({GATE});",
            }
            with subprocess.Popen(
                [sys.executable, "-c", MIGRATES, json.dumps(given)],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            ) as process:
                eventually(lambda: scratch.value(waits) == 1)
                process.kill()
                assert process.wait(30) == -signal.SIGKILL
            gate.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
            assert scratch.sql(COLUMNS) == before
            # The next migrator waits for what the server still does for the dead one.
            assert Migrator(scratch.admin, migrations=known[: one.version]).up() == [one.name]
    assert Migrator(scratch.admin).up() == []
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert scratch.sql(invalid) == []


def test_services_go_on_with_a_ledger_that_is_newer_than_they_know(
    environment, ada, migrated_database, worker_database
):
    """As between the migrations of a deployment and its code, or after a rollback."""
    scratch, version = migrated_database, len(known_migrations()) + 1
    scratch.sql(
        "INSERT INTO kotadb.schema_migrations (version, name, checksum) VALUES (%s, %s, %s)",
        version,
        f"{version:04}_later",
        "0" * 64,
    )
    try:
        environment.end()
        made = ada.post("/index", {"repository": "ada/engine"})
        assert made.status == 202
        queue = JobQueue(worker_database, Settings())
        lease = queue.lease_next(worker="tests")
        assert str(lease.job_id) == made.json["jobId"]
        queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)
        assert ada.get(f"/jobs/{lease.job_id}").json["status"] == "completed"
        assert ada.get("/health").json["queue"]["depth"] == 0
        with pytest.raises(SchemaNewer):
            Migrator(scratch.admin).up()
    finally:
        scratch.sql("DELETE FROM kotadb.schema_migrations WHERE version = %s", version)


@pytest.fixture
def restored(migrated_database, on_server, run_directory, tmp_path):
    """Dumps the tests' database as it stands and restores it beside; gone after the test."""
    name = f"{migrated_database.admin.dbname}_restored"
    made: list[ScratchDatabase] = []

    def restore() -> ScratchDatabase:
        with EmbeddedPostgres(run_directory / "postgres", durable=False).session() as running:
            programs = Path(running.binaries)
        admin, dump = migrated_database.admin, tmp_path / "dump"
        variables = {
            "PGHOST": admin.host,
            "PGPORT": str(admin.port),
            "PGUSER": admin.user,
            "PGPASSWORD": admin.password or "",
        }
        on_server(f'CREATE DATABASE "{name}"')
        subprocess.run(
            [programs / "pg_dump", "--format=custom", f"--file={dump}", admin.dbname],
            env=variables,
            check=True,
            timeout=60,
        )
        said = subprocess.run(
            [programs / "pg_restore", f"--dbname={name}", dump],
            env=variables,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        ).stderr
        # The embedded server's program sets what a server before Postgres 17 does not have.
        errors = [line for line in said.splitlines() if "error: " in line]
        assert [line for line in errors if '"transaction_timeout"' not in line] == []
        made.append(
            ScratchDatabase(
                **{
                    role: replace(getattr(migrated_database, role), dbname=name)
                    for role in ("admin", "api", "worker", "admin_role")
                }
            )
        )
        return made[-1]

    yield restore
    for scratch in made:
        scratch.close()
    on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_what_ran_when_the_dump_was_made_runs_again_after_the_restore_and_ends_once(
    bench, restored
):
    running, waiting = bench.enqueue("ada/running"), bench.enqueue("ada/waiting")
    lease = bench.lease()
    done = bench.enqueue("ada/done")
    key = JobQueue(bench.api, bench.settings).enqueue_once(bench.request("ada/key"), key="key-1")
    bench.scratch.sql(
        "UPDATE kotadb_queue.live SET run_at = run_at - interval '1 hour' WHERE job_id = %s",
        done.job_id,
    )
    bench.complete(bench.lease())
    scratch = restored()
    with (
        closing(Database(scratch.api)) as api,
        closing(Database(scratch.worker)) as worker,
    ):
        after = QueueBench(scratch, api, worker, bench.tenant, bench.settings)
        # What the dump calls leased is nobody's before its lease has run out.
        assert after.sweep.recover().leases_lost == 0
        scratch.pass_time(bench.settings.lease_seconds + 1)
        assert after.sweep.recover().leases_lost == 1
        leased = [after.lease() for _ in range(3)]
        assert {one.job_id for one in leased} == {running.job_id, waiting.job_id, key.job_id}
        for one in leased:
            after.queue.complete(one, ref="main", commit_sha="a" * 40, stats=STATS)
        with pytest.raises(LeaseLost):
            after.complete(lease)
        assert after.attempts(running.job_id) == ["lost", "completed"]
        assert after.attempts(done.job_id) == ["completed"]
        # A request that was answered before the dump gets that answer again.
        again = JobQueue(api, bench.settings).enqueue_once(after.request("ada/key"), key="key-1")
        assert (again.job_id, again.replayed) == (key.job_id, True)
        after.enqueue("ada/later")
        assert after.lease().attempt == 1
