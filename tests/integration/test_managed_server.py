"""A server as clouds run them: whoever operates it may make roles, and is no superuser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from indexer.database.connection import Database
from indexer.database.drivers import connect
from indexer.database.logins import ROLE_LIMITS, ensure_login, refuse_powerful_login
from indexer.database.migrate import (
    Migration,
    MigrationRightMissing,
    Migrator,
    known_migrations,
)
from indexer.database.target import Target
from kotadb_local.postgres import EmbeddedPostgres

OPERATOR = "operator"


def run(target: Target, *statements: str) -> None:
    with closing(connect("psycopg", target, connect_seconds=5, application="tests")) as driver:
        for statement in statements:
            driver.script(statement)


@pytest.fixture(scope="module")
def superuser(tmp_path_factory) -> Iterator[Target]:
    state = tmp_path_factory.mktemp("managed") / "postgres"
    with EmbeddedPostgres(state, durable=False).session() as running:
        superuser = Target.parse(running.url)
        run(superuser, f"CREATE ROLE {OPERATOR} LOGIN CREATEROLE PASSWORD 'operator'")
        yield superuser


def operator_of(superuser: Target, database: str, *statements: str) -> Target:
    """The operator at a new database; the statements are a superuser's, in it."""
    run(superuser, f"CREATE DATABASE {database}")
    run(replace(superuser, dbname=database), *statements)
    return replace(superuser, user=OPERATOR, password="operator", dbname=database)


@pytest.fixture(scope="module")
def operator(superuser) -> Target:
    target = operator_of(superuser, "owned", f"ALTER DATABASE owned OWNER TO {OPERATOR}")
    Migrator(target).up()
    return target


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
@pytest.mark.parametrize("role", ROLE_LIMITS)
def test_logins_are_made_again_and_dropped_by_who_made_them(operator, role, driver):
    """As each deployment makes them, and as the change of a password drops one in the end."""
    login = f"{role}_{driver}"
    for password in ("first", "second"):
        with closing(connect(driver, operator, connect_seconds=5, application="tests")) as opened:
            ensure_login(opened, login=login, role=role, password=password)
        target = replace(operator, user=login, password=password)
        with closing(Database(target, driver=driver)) as database:
            refuse_powerful_login(database)
            assert database.fetch_one("database_answers") is not None
    run(operator, f"DROP ROLE {login}")


def test_who_cannot_hand_on_the_right_to_make_schemas_is_told_what_to_run(superuser):
    right = f"GRANT CREATE ON DATABASE lent TO {OPERATOR}"
    operator = operator_of(superuser, "lent", right)
    migrator = Migrator(operator)
    with pytest.raises(MigrationRightMissing, match=rf"{right} WITH GRANT OPTION$"):
        migrator.up()
    assert migrator.applied() == []
    run(replace(superuser, dbname="lent"), f"{right} WITH GRANT OPTION")
    assert len(migrator.up()) == len(known_migrations())


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_a_migration_outside_a_transaction_is_the_operators_to_run(operator, driver):
    name = "jobs_by_nothing"
    drops = f"-- step: drop\nDROP INDEX CONCURRENTLY IF EXISTS kotadb.{name};\n"
    builds = f"CREATE INDEX CONCURRENTLY {name} ON kotadb.index_jobs (created_at);"
    outside = Migration(
        version=len(known_migrations()) + 1,
        name=name,
        text=f"-- Outside a transaction.\n{drops}-- step: build\n{builds}",
        down=f"-- Outside a transaction.\n{drops}",
    )
    migrator = Migrator(operator, migrations=[*known_migrations(), outside], driver=driver)
    assert migrator.up() == [name]
    assert migrator.down(to_version=outside.version - 1) == [name]


def test_an_owner_of_schemas_that_has_the_right_is_enough(superuser, operator):
    """As where the roles were made beforehand: `operator` stands for that they are there."""
    assert operator
    later = operator_of(superuser, "prepared", "GRANT CREATE ON DATABASE prepared TO kotadb_owner")
    assert len(Migrator(later).up()) == len(known_migrations())
