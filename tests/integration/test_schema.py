import secrets
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.database.drivers import connect
from indexer.database.migrate import Migrator, known_migrations
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
def empty(embedded):
    """A database of that server with nothing in it."""
    admin = Target.parse(embedded.url)
    name = f"schema_check_{secrets.token_hex(4)}"
    with closing(connect("psycopg", admin, connect_seconds=5, application="tests")) as driver:
        driver.script(f"CREATE DATABASE {name}")
        yield replace(admin, dbname=name)
        driver.script(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def migrated(empty):
    Migrator(empty).up()
    return empty


@pytest.mark.proves("D4", "D10")
def test_the_migrations_give_the_schema_that_is_committed(embedded, migrated):
    assert dump_schema(embedded.binaries, migrated) == COMMITTED.read_text(), "run: make schema"


@pytest.mark.proves("D4")
def test_a_schema_that_drifted_is_noticed(embedded, migrated):
    with closing(connect("psycopg", migrated, connect_seconds=5, application="tests")) as driver:
        driver.script("ALTER TABLE kotadb.files ALTER COLUMN failure SET NOT NULL")
    assert dump_schema(embedded.binaries, migrated) != COMMITTED.read_text()


@pytest.mark.proves("D13")
def test_each_way_down_leads_back_to_the_schema_before(embedded, empty):
    dumps = []
    for count in range(1, len(known_migrations()) + 1):
        Migrator(empty, migrations=known_migrations()[:count]).up()
        dumps.append(dump_schema(embedded.binaries, empty))
    for version in range(len(dumps) - 1, 0, -1):
        Migrator(empty).down(to_version=version)
        assert dump_schema(embedded.binaries, empty) == dumps[version - 1], f"down to {version}"
