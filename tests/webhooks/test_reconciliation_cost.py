"""To find whose turn it is reads little, however many repositories there are; buffers count."""

import json

import pytest

from indexer.database.queries import named_queries

pytestmark = pytest.mark.usefixtures("new_tables")

TENANTS, OF_EACH, MOST = 100, 100, 60
MANY = """
WITH made AS (
    INSERT INTO kotadb.tenants (kind, tier)
    SELECT 'user', 'team' FROM generate_series(1, %s) RETURNING tenant_id
)
INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, github_id)
SELECT tenant_id, 'https://github.com/a/r' || n || '.git', 'a/r' || n, CASE WHEN %s THEN n END
FROM made, generate_series(1, %s) AS n
"""
LINK = """
INSERT INTO kotadb.github_installations (installation_id, account_id, account_login, state,
    all_repositories, tenant_id, linked_at)
SELECT 1, 1, 'a', 'active', true, tenant_id, clock_timestamp() FROM kotadb.tenants LIMIT 1
"""


@pytest.mark.parametrize("of_github", [False, True])
def test_whose_turn_it_is_is_found_without_a_look_at_all(migrated_database, of_github):
    migrated_database.sql(MANY, TENANTS, of_github, OF_EACH)
    if of_github:
        migrated_database.sql(LINK)
    with migrated_database.connection() as connection:
        connection.execute("ANALYZE kotadb.repositories")
        connection.execute("ANALYZE kotadb.github_installations")
        text = named_queries()["repositories_to_reconcile"].text
        row = connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}",
            {"host": "github.com", "began_at": "2100-01-01", "has_app": True, "most": 10},
        ).fetchone()
    (plan,) = row["QUERY PLAN"]
    assert plan["Plan"]["Actual Rows"] == (20 if of_github else 0)
    read = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    assert read <= MOST, json.dumps(plan, indent=1)
