from dataclasses import replace
from pathlib import Path

import pytest

from indexer.database.migrate import Migrator
from indexer.database.target import Target
from kotadb_local.postgres import EmbeddedPostgres
from kotadb_local.schema import dump_schema

COMMITTED = Path(__file__).parents[2] / "sql" / "schema.sql"


@pytest.fixture(scope="module")
def embedded(run_directory):
    """The embedded server also when DATABASE_URL names another: dumps differ between versions."""
    with EmbeddedPostgres(run_directory / "postgres", durable=False).session() as running:
        yield running


@pytest.fixture
def migrated(embedded):
    from contextlib import closing

    from indexer.database.drivers import connect

    admin = Target.parse(embedded.url)
    with closing(connect("psycopg", admin, connect_seconds=5, application="tests")) as driver:
        driver.script("CREATE DATABASE schema_check")
        target = replace(admin, dbname="schema_check")
        Migrator(target).up()
        yield target
        driver.script("DROP DATABASE schema_check WITH (FORCE)")


@pytest.mark.proves("D4", "D10")
def test_the_migrations_give_the_schema_that_is_committed(embedded, migrated):
    assert dump_schema(embedded.binaries, migrated) == COMMITTED.read_text(), "run: make schema"


@pytest.mark.proves("D4")
def test_a_schema_that_drifted_is_noticed(embedded, migrated):
    from contextlib import closing

    from indexer.database.drivers import connect

    with closing(connect("psycopg", migrated, connect_seconds=5, application="tests")) as driver:
        driver.script("ALTER TABLE kotadb.files ALTER COLUMN failure SET NOT NULL")
    assert dump_schema(embedded.binaries, migrated) != COMMITTED.read_text()
