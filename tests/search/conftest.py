"""Two tenants whose repositories are indexed."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from tests.fixtures.database import ScratchDatabase
from tests.search.indexed import Commit, enqueue, index

from indexer.database.connection import Database

SYMBOLS_EACH = 6_000
USES_EACH = 12_000


@dataclass(frozen=True)
class Reader:
    """A tenant who asks the index."""

    scratch: ScratchDatabase
    database: Database
    tenant_id: UUID

    def index(self, commit: Commit, **how: str | None) -> UUID:
        return index(self.scratch, self.tenant_id, commit, **how)

    def enqueue(self, name: str) -> None:
        enqueue(self.database, self.tenant_id, name)


@pytest.fixture
def postgres_17(migrated_database: ScratchDatabase) -> None:
    """For bounds on what is read that hold from Postgres 17 on; the embedded server is newer.

    Before, the planner counts a descent of an index for each pair of a value that the policy lists
    and one that the query lists, and reads all rows of a snapshot while these look cheaper.
    """
    if int(migrated_database.value("SHOW server_version_num")) < 170_000:
        pytest.skip("before Postgres 17 the planner joins no two lists in an index")


@pytest.fixture
def ada(
    migrated_database: ScratchDatabase,
    api_database: Database,
    make_tenant: Callable[..., UUID],
) -> Reader:
    """A tenant."""
    return Reader(migrated_database, api_database, make_tenant("ada@example.com"))


@pytest.fixture
def eve(ada: Reader, make_tenant: Callable[..., UUID]) -> Reader:
    """Another tenant on the same connection."""
    return Reader(ada.scratch, ada.database, make_tenant("eve@example.com"))


@pytest.fixture
def large(ada: Reader, eve: Reader) -> Reader:
    """Six repositories of two tenants, most symbols with the same first letter, one used often."""
    for reader in (ada, eve):
        reader.scratch.sql(
            "WITH places AS ("
            "  INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, default_ref)"
            "  SELECT %s, 'u' || n, 'o/r' || n, 'main' FROM generate_series(1, 3) AS n"
            "  RETURNING tenant_id, repository_id"
            ") INSERT INTO kotadb.snapshots"
            "  (tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats)"
            "  SELECT tenant_id, repository_id, 'main', repeat('a', 40), 1, gen_random_uuid(),"
            "  'current', '{}' FROM places",
            reader.tenant_id,
        )
    ada.scratch.sql(
        "INSERT INTO kotadb.files SELECT snapshot_id, n, 'src/' || lpad(n::text, 4, '0'),"
        " decode(repeat('00', 20), 'hex'), 1, 1, 0, NULL"
        " FROM kotadb.snapshots, generate_series(0, 299) AS n"
    )
    ada.scratch.sql(
        "INSERT INTO kotadb.symbols SELECT snapshot_id, n, n / 20, NULL, 1, 1, 1, 0, 1, 0, 0, 0,"
        f" 'n' || mod(n * 7919, {SYMBOLS_EACH}), NULL, NULL"
        f" FROM kotadb.snapshots, generate_series(0, {SYMBOLS_EACH - 1}) AS n"
    )
    ada.scratch.sql(
        "INSERT INTO kotadb.symbol_references"
        " SELECT snapshot_id, n / 40, n, CASE WHEN n < 3000 THEN 0 ELSE n END, n, 0, 1,"
        " 1, 1, 1, 'x'"
        f" FROM kotadb.snapshots, generate_series(0, {USES_EACH - 1}) AS n"
    )
    ada.scratch.sql(
        "INSERT INTO kotadb.file_texts SELECT snapshot_id, file_no, repeat(path, 100)"
        " FROM kotadb.files"
    )
    ada.scratch.sql("ANALYZE")
    return ada
