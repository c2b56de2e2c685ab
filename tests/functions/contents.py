"""What a database holds, told in a few bytes: equal digests, equal rows."""

from tests.fixtures.database import ScratchDatabase

# Each request counts there, refused or not.
COUNTERS = "kotadb.rate_limit_counters"
LEDGER = "kotadb.schema_migrations"


def contents_of(scratch: ScratchDatabase) -> dict[str, str]:
    """A digest of the rows of each table, the counters of the quotas left out."""
    names = [LEDGER, *(name for name in scratch.tables() if name != COUNTERS)]
    with scratch.connection() as connection:
        # A row's version is part of it: rewriting it with the same values is writing too.
        queries = [
            f"SELECT '{name}' AS name, md5(string_agg(concat(xmin, one), ',' "
            f"ORDER BY one::text)) AS digest FROM {name} AS one"
            for name in names
        ]
        rows = connection.execute(" UNION ALL ".join(queries))
        return {row["name"]: row["digest"] for row in rows}
