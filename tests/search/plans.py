"""What a query reads, told by its plan."""

import json
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from tests.search.conftest import Reader

from indexer.database.connection import READING_BY_INDEX, Statements
from indexer.database.drivers import PsycopgDriver
from indexer.database.queries import named_queries


def rows_read(reader: Reader, name: str, /, **parameters: object) -> int:
    """The rows that all scans of a query's plan gave or threw away, as the API's role."""
    driver = PsycopgDriver(reader.scratch.api, connect_seconds=5, application="tests")
    try:
        driver.script(f"BEGIN; {READING_BY_INDEX}; SET LOCAL app.user_id = '{reader.tenant_id}'")
        plan = plan_of(driver._connection, name, parameters)
        assert Statements(driver).fetch_all(name, **parameters)
    finally:
        driver.close()
    return sum(scanned(plan))


def plan_of(connection: psycopg.Connection[Any], name: str, parameters: dict[str, Any]):
    """The plan of a named query that is run over this connection, with what each step gave."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {named_queries()[name].text}", parameters)
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return plan[0]["Plan"]


def scanned(node):
    if "Relation Name" in node:
        thrown = node.get("Rows Removed by Filter", 0) + node.get(
            "Rows Removed by Index Recheck", 0
        )
        yield (node["Actual Rows"] + thrown) * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from scanned(child)


def snapshots(reader: Reader) -> list[int]:
    rows = reader.scratch.sql(
        "SELECT snapshot_id FROM kotadb.snapshots WHERE tenant_id = %s ORDER BY 1",
        reader.tenant_id,
    )
    return [row["snapshot_id"] for row in rows]
