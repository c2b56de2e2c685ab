import re
from contextlib import closing

import pytest
from tests.contract.project import ROOT
from tests.contract.schema_page import function_part, table_part

from indexer.database.drivers import connect
from indexer.database.migrate import Migrator

PAGE = "docs/schema.md"

CHANGES = [
    "ALTER TABLE kotadb.index_jobs ADD COLUMN surprise text",
    "ALTER TABLE kotadb.index_jobs ALTER COLUMN retry_count DROP NOT NULL",
    "ALTER TABLE kotadb.index_jobs ALTER COLUMN force SET DEFAULT true",
    "ALTER TABLE kotadb.index_jobs DROP CONSTRAINT a_failed_job_says_why",
    "GRANT DELETE ON kotadb.index_jobs TO kotadb_api",
    "COMMENT ON TABLE kotadb.tenants IS NULL",
    "ALTER FUNCTION kotadb_queue.figures() SECURITY INVOKER",
    "GRANT EXECUTE ON FUNCTION kotadb_queue.rotate_archive(integer) TO kotadb_api",
]


@pytest.mark.proves("D4")
def test_the_schema_page_shows_every_table_as_the_migrations_make_it(migrated_copy, documented):
    shall_be = table_part(migrated_copy)
    assert documented(PAGE, "tables", shall_be=shall_be) == shall_be


@pytest.mark.proves("D4")
def test_the_schema_page_shows_every_function_as_the_migrations_make_it(migrated_copy, documented):
    shall_be = function_part(migrated_copy)
    assert documented(PAGE, "functions", shall_be=shall_be) == shall_be


TABLES = """
SELECT relname AS name FROM pg_class
WHERE
    relnamespace IN ('kotadb'::regnamespace, 'kotadb_queue'::regnamespace)
    AND relkind IN ('r', 'p') AND NOT relispartition
"""
FOREIGN_KEYS = """
SELECT parents.relname AS parent, children.relname AS child
FROM pg_constraint AS keys
INNER JOIN pg_class AS parents ON parents.oid = keys.confrelid
INNER JOIN pg_class AS children ON children.oid = keys.conrelid
WHERE
    keys.contype = 'f' AND NOT children.relispartition
    AND keys.connamespace IN ('kotadb'::regnamespace, 'kotadb_queue'::regnamespace)
"""


@pytest.mark.proves("D1")
def test_the_drawing_shows_every_table_and_every_foreign_key(migrated_copy):
    (drawing,) = re.findall(
        r"```mermaid\nerDiagram\n(.*?)```", (ROOT / PAGE).read_text(encoding="utf-8"), re.DOTALL
    )
    drawn = set(re.findall(r"^    (\w+) [|}o]\S+ (\w+) :", drawing, re.MULTILINE))
    alone = set(re.findall(r"^    (\w+)$", drawing, re.MULTILINE))
    tables = {row["name"] for row in migrated_copy.sql(TABLES)}
    assert alone | {name for pair in drawn for name in pair} == tables
    keys = {(row["parent"], row["child"]) for row in migrated_copy.sql(FOREIGN_KEYS)}
    assert keys
    assert keys - drawn == set()


@pytest.mark.proves("D4")
def test_a_schema_that_differs_from_the_page_is_noticed(empty_database):
    Migrator(empty_database.admin).up()
    shown = {table_part(empty_database) + function_part(empty_database)}
    for change in CHANGES:
        with closing(
            connect("psycopg", empty_database.admin, connect_seconds=5, application="tests")
        ) as driver:
            driver.script(change)
        now = table_part(empty_database) + function_part(empty_database)
        assert now not in shown, change
        shown.add(now)
