import subprocess
import sys
from dataclasses import replace

import pytest

from indexer.database.migrate import (
    Migration,
    MigrationEdited,
    Migrator,
    NoWayDown,
    SchemaNewer,
    known_migrations,
)


@pytest.mark.proves("Q2", "D13")
def test_the_schema_goes_up_down_and_up_again(empty_database):
    migrator = Migrator(empty_database.admin)
    names = [one.name for one in known_migrations()]
    assert migrator.up() == names
    assert migrator.up() == []
    assert migrator.down(to_version=0) == names[::-1]
    assert empty_database.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'kotadb%'") == []
    assert migrator.up() == names


@pytest.mark.proves("D13")
@pytest.mark.parametrize("migration", known_migrations(), ids=lambda one: one.name)
def test_each_migration_has_a_way_down(migration):
    assert migration.down


@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_either_driver_migrates(empty_database, driver):
    assert len(Migrator(empty_database.admin, driver=driver).up()) == len(known_migrations())


@pytest.mark.proves("Q3")
def test_migrating_leaves_the_owners_other_tables_untouched(empty_database):
    empty_database.sql("CREATE TABLE public.users (id int PRIMARY KEY, name text)")
    empty_database.sql("INSERT INTO public.users VALUES (1, 'Ada')")
    migrator = Migrator(empty_database.admin)
    migrator.up()
    migrator.down(to_version=0)
    migrator.up()
    assert empty_database.sql("SELECT * FROM public.users") == [{"id": 1, "name": "Ada"}]
    ours_in_public = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert {row["relname"] for row in empty_database.sql(ours_in_public)} == {"users", "users_pkey"}


def test_an_applied_migration_that_was_edited_is_refused(empty_database):
    Migrator(empty_database.admin).up()
    edited = [replace(one, text=one.text + "\n-- one byte") for one in known_migrations()]
    with pytest.raises(MigrationEdited, match="0001_roles_and_schemas was changed"):
        Migrator(empty_database.admin, migrations=edited).up()


def test_a_database_of_a_newer_release_is_refused(empty_database):
    Migrator(empty_database.admin).up()
    with pytest.raises(SchemaNewer):
        Migrator(empty_database.admin, migrations=known_migrations()[:-1]).up()


def test_a_migration_that_fails_leaves_the_schema_before_it(empty_database):
    broken = Migration(
        version=len(known_migrations()) + 1,
        name="9999_broken",
        text="CREATE TABLE kotadb.half (); SELECT 1/0;",
        down=None,
    )
    migrator = Migrator(empty_database.admin, migrations=[*known_migrations(), broken])
    with pytest.raises(Exception, match="refused the statement"):
        migrator.up()
    assert len(migrator.applied()) == len(known_migrations())
    assert empty_database.value("SELECT to_regclass('kotadb.half')::text") is None


def test_a_migration_without_a_way_down_stops_the_way_down(empty_database):
    newest = len(known_migrations()) + 1
    one_way = Migration(version=newest, name="9999_one_way", text="SELECT 1;", down=None)
    migrator = Migrator(empty_database.admin, migrations=[*known_migrations(), one_way])
    migrator.up()
    with pytest.raises(NoWayDown, match="9999_one_way"):
        migrator.down(to_version=0)
    assert len(migrator.applied()) == newest


def test_migrators_started_at_one_instant_apply_each_migration_once(empty_database):
    program = (
        "import sys\n"
        "from indexer.database.migrate import Migrator\n"
        "from indexer.database.target import Target\n"
        "sys.stdin.readline()\n"
        "print(len(Migrator(Target.parse(sys.argv[1]), connect_seconds=10).up()))\n"
    )
    target = empty_database.admin
    url = (
        f"postgresql://{target.user}:{target.password}@{target.host}:{target.port}/{target.dbname}"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        for _ in range(4)
    ]
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    applied = [int(run.communicate(timeout=60)[0]) for run in runs]
    assert sum(applied) == len(known_migrations())
    assert [run.returncode for run in runs] == [0, 0, 0, 0]
