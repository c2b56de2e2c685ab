"""The schema of a migrated database as Markdown, from the catalogue and nothing else."""

from __future__ import annotations

from itertools import groupby

from tests.fixtures.database import ScratchDatabase

Row = dict[str, str]

OURS = "namespaces.nspname IN ('kotadb', 'kotadb_queue')"

TABLES = f"""
SELECT tables.oid::regclass::text AS name, obj_description(tables.oid, 'pg_class') AS comment
FROM pg_class AS tables
INNER JOIN pg_namespace AS namespaces ON namespaces.oid = tables.relnamespace
WHERE {OURS} AND tables.relkind IN ('r', 'p') AND NOT tables.relispartition
ORDER BY namespaces.nspname, tables.relname
"""

COLUMNS = f"""
SELECT
    tables.oid::regclass::text AS owner, columns.attname AS name,
    format_type(columns.atttypid, columns.atttypmod) AS type,
    CASE WHEN columns.attnotnull THEN '' ELSE 'null' END AS optional,
    CASE
        WHEN columns.attidentity <> '' THEN 'identity'
        ELSE coalesce(pg_get_expr(defaults.adbin, defaults.adrelid), '')
    END AS preset,
    coalesce(col_description(tables.oid, columns.attnum), '') AS comment
FROM pg_class AS tables
INNER JOIN pg_namespace AS namespaces ON namespaces.oid = tables.relnamespace
INNER JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
LEFT JOIN pg_attrdef AS defaults
    ON defaults.adrelid = tables.oid AND defaults.adnum = columns.attnum
WHERE
    {OURS} AND tables.relkind IN ('r', 'p') AND NOT tables.relispartition
    AND columns.attnum > 0 AND NOT columns.attisdropped
ORDER BY tables.oid::regclass::text COLLATE "C", columns.attnum
"""

# Those whose name is a sentence; keys and what stands at one column are in sql/schema.sql.
RULES = f"""
SELECT
    constraints.conrelid::regclass::text AS owner, constraints.conname AS name,
    pg_get_constraintdef(constraints.oid) AS definition
FROM pg_constraint AS constraints
INNER JOIN pg_class AS tables ON tables.oid = constraints.conrelid
INNER JOIN pg_namespace AS namespaces ON namespaces.oid = tables.relnamespace
WHERE
    {OURS} AND constraints.contype = 'c' AND NOT tables.relispartition
    AND constraints.conname !~ '_check[0-9]*$'
ORDER BY tables.oid::regclass::text COLLATE "C", name
"""

GRANTS = f"""
SELECT
    tables.oid::regclass::text AS owner, roles.rolname AS name,
    string_agg(lower(grants.privilege_type), ', ' ORDER BY grants.privilege_type) AS definition
FROM pg_class AS tables
INNER JOIN pg_namespace AS namespaces ON namespaces.oid = tables.relnamespace
CROSS JOIN LATERAL aclexplode(tables.relacl) AS grants
INNER JOIN pg_roles AS roles ON roles.oid = grants.grantee
WHERE
    {OURS} AND tables.relkind IN ('r', 'p') AND NOT tables.relispartition
    AND grants.grantee <> tables.relowner
GROUP BY tables.oid, roles.rolname
ORDER BY tables.oid::regclass::text COLLATE "C", name
"""

FUNCTIONS = f"""
SELECT
    functions.oid::regprocedure::text AS name,
    pg_get_function_result(functions.oid) AS result,
    CASE WHEN functions.prosecdef THEN 'the owner' ELSE 'the caller' END AS rights,
    coalesce((
        SELECT string_agg(roles.rolname, ', ' ORDER BY roles.rolname)
        FROM aclexplode(functions.proacl) AS grants
        INNER JOIN pg_roles AS roles ON roles.oid = grants.grantee
        WHERE grants.grantee <> functions.proowner
    ), '') AS callers
FROM pg_proc AS functions
INNER JOIN pg_namespace AS namespaces ON namespaces.oid = functions.pronamespace
WHERE {OURS}
ORDER BY functions.oid::regprocedure::text COLLATE "C"
"""


def table_part(database: ScratchDatabase) -> str:
    """Every table with its columns, its rules, and who may do what."""
    columns = _by_owner(database, COLUMNS)
    rules = _by_owner(database, RULES)
    grants = _by_owner(database, GRANTS)
    pieces = []
    for table in database.sql(TABLES):
        name = table["name"]
        pieces.append(f"### {name}\n\n" + (f"{table['comment']}\n\n" if table["comment"] else ""))
        pieces.append("| column | type | | default | meaning |\n|---|---|---|---|---|\n")
        pieces.extend(_column(row) for row in columns[name])
        pieces.append("\n")
        pieces.extend(f"- `{row['name']}`: `{row['definition']}`\n" for row in rules.get(name, []))
        granted = "; ".join(f"{row['name']}: {row['definition']}" for row in grants.get(name, []))
        pieces.append(f"- Granted: {granted or 'nothing'}\n\n")
    return "".join(pieces)


def function_part(database: ScratchDatabase) -> str:
    """Every function: who may call it, and with whose rights it runs."""
    rows = "".join(
        f"| `{row['name']}` | `{row['result']}` | {row['rights']} | {row['callers']} |\n"
        for row in database.sql(FUNCTIONS)
    )
    return f"| function | gives | runs as | called by |\n|---|---|---|---|\n{rows}"


def _column(row: Row) -> str:
    preset = f"`{row['preset']}`" if row["preset"] else ""
    return f"| {row['name']} | {row['type']} | {row['optional']} | {preset} | {row['comment']} |\n"


def _by_owner(database: ScratchDatabase, query: str) -> dict[str, list[Row]]:
    rows = database.sql(query)
    return {owner: list(own) for owner, own in groupby(rows, key=lambda row: row["owner"])}
