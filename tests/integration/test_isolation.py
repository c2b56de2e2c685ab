"""Row-level security as the catalog has it, and as two tenants meet it."""

from contextlib import closing

import pytest
from tests.functions.world import ask_once
from tests.search.indexed import Commit, index

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError
from indexer.jobs.model import IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.resolution.rows import ImportedNameRow, PackageEntryRow, PackageExportRow
from indexer.settings import Settings

# The ledger of migrations tells every role which release the schema is of.
OF_NO_TENANT = {"kotadb.schema_migrations", "kotadb_queue.control"}
OURS = "relnamespace IN ('kotadb'::regnamespace, 'kotadb_queue'::regnamespace)"


def test_row_level_security_is_enabled_on_every_table(migrated_database):
    open_tables = migrated_database.sql(
        f"SELECT oid::regclass::text FROM pg_class WHERE {OURS} AND relkind IN ('r', 'p') "
        "AND NOT relrowsecurity"
    )
    assert open_tables == []


def test_a_view_reads_with_the_rights_of_who_asks(migrated_database):
    """With its owner's it would pass by every policy; a stored one has no policies at all."""
    loose = migrated_database.sql(
        f"SELECT oid::regclass::text FROM pg_class WHERE {OURS} AND (relkind = 'm' OR "
        "relkind = 'v' AND NOT 'security_invoker=true' = ANY(coalesce(reloptions, '{}')))"
    )
    assert loose == []


def test_everything_belongs_to_an_owner_who_cannot_log_in(migrated_database):
    owners = migrated_database.sql(
        f"SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE {OURS} UNION "
        "SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE pronamespace IN "
        "('kotadb'::regnamespace, 'kotadb_queue'::regnamespace)"
    )
    assert [row["owner"] for row in owners] == ["kotadb_owner"]
    roles = migrated_database.sql(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'kotadb\\_%' "
        "AND rolname IN ('kotadb_owner', 'kotadb_api', 'kotadb_worker', 'kotadb_admin') "
        "AND NOT (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"
    )
    assert len(roles) == 4


def test_functions_are_closed_to_the_public_and_pin_their_search_path(migrated_database):
    loose = migrated_database.sql(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace IN "
        "('kotadb'::regnamespace, 'kotadb_queue'::regnamespace) AND ("
        "proacl IS NULL OR proacl::text LIKE '%{=X%' OR proacl::text LIKE '%,=X%' "
        # The names in a body that the server has parsed were looked up when it was made.
        "OR prosqlbody IS NULL "
        "AND NOT coalesce(array_to_string(proconfig, ','), '') LIKE '%search_path=%')"
    )
    assert loose == []


def test_nothing_of_ours_lies_in_the_public_schema(migrated_database):
    assert (
        migrated_database.sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        == []
    )


def test_the_api_can_read_neither_keys_nor_counters(api_database):
    for table in ("api_keys", "rate_limit_counters", "parsed_blobs"):
        assert forbidden(api_database, f"SELECT FROM kotadb.{table}")
    assert forbidden(api_database, "DELETE FROM kotadb.index_jobs")
    assert forbidden(api_database, "INSERT INTO kotadb.tenants (kind) VALUES ('user')")


def test_the_worker_owns_nothing_and_reads_no_key(worker_database):
    assert forbidden(worker_database, "SELECT FROM kotadb.api_keys")
    assert forbidden(worker_database, "DROP TABLE kotadb_queue.live")


def forbidden(database, statement):
    try:
        database._checked().script(statement)
    except DatabaseError as error:
        return error.sqlstate == "42501"
    return False


@pytest.fixture
def two_tenants(api_database, make_tenant):
    tenants = [make_tenant("ada@example.com"), make_tenant("bob@example.com")]
    for number, tenant in enumerate(tenants):
        JobQueue(api_database, Settings()).enqueue(
            IndexRequest(
                tenant_id=tenant,
                clone_url="https://github.com/shared/name.git",
                full_name="shared/name",
                request_id=f"req-{number}",
            )
        )
    return tenants


def seen(database, principal):
    with database.transaction(principal=principal) as statements:
        rows = statements.fetch_all(
            "jobs_page",
            status=None,
            repository_id=None,
            after_created_at=None,
            after_id=None,
            page_size=100,
        )
    return {row["id"] for row in rows}


def join_organisation(scratch, user, name):
    """The id of a new organisation, of which the user is a member."""
    organisation = scratch.value(
        "WITH made AS (INSERT INTO kotadb.tenants (kind) VALUES ('organization') "
        "RETURNING tenant_id) INSERT INTO kotadb.organizations (organization_id, name) "
        "SELECT tenant_id, %s FROM made RETURNING organization_id",
        name,
    )
    scratch.sql(
        "INSERT INTO kotadb.organization_members (organization_id, user_id) VALUES (%s, %s)",
        organisation,
        user,
    )
    return organisation


@pytest.fixture
def two_indexes(migrated_database, make_tenant):
    """Two tenants, each with an indexed repository, a job that waits, and an organisation."""
    tenants = [make_tenant("ada@example.com"), make_tenant("bob@example.com")]
    for tenant in tenants:
        commit = Commit(("a.ts", "b.ts"), texts={"a.ts": "text"})
        commit.define("a.ts", "a")
        commit.use("b.ts", 0, line=1)
        commit.depend("b.ts", "./a", to="a.ts")
        commit.imported_names.append(ImportedNameRow(0, "react", "", "useState"))
        commit.package_entries.append(PackageEntryRow(0, "shared", "", 0))
        commit.package_exports.append(PackageExportRow(0, "a", 0, 0, 1))
        index(migrated_database, tenant, commit)
    for number, tenant in enumerate(tenants):
        ask_once(migrated_database, tenant, "shared/waiting", key="shared")
        join_organisation(migrated_database, tenant, f"engines-{number}")
    return tenants


@pytest.mark.proves("J18")
def test_each_table_by_itself_shows_a_tenant_its_own_rows(
    migrated_database, api_database, two_indexes
):
    def rows(table, principal):
        with api_database.transaction(principal=principal) as statements:
            found = statements._driver.script(f"SELECT ctid::text FROM {table}").rows
            return {place for (place,) in found}

    readable = migrated_database.sql(
        f"SELECT oid::regclass::text AS name FROM pg_class WHERE {OURS} AND relkind IN ('r', 'p') "
        "AND has_table_privilege('kotadb_api', oid, 'SELECT')"
    )
    tables = {row["name"] for row in readable} - OF_NO_TENANT
    assert {"kotadb.repositories", "kotadb_queue.idempotency_keys"} <= tables
    for table in tables:
        ada, bob = (rows(table, one) for one in two_indexes)
        assert ada, f"let the fixture put something into {table}"
        assert bob
        assert ada.isdisjoint(bob), table
        assert len(ada | bob) == migrated_database.value(f"SELECT count(*) FROM {table}"), table
        assert rows(table, None) == set(), table


@pytest.mark.proves("J18")
def test_a_snapshot_that_is_not_current_is_seen_by_nobody(
    migrated_database, api_database, two_indexes
):
    migrated_database.sql("UPDATE kotadb.snapshots SET state = 'retired'")
    with api_database.transaction(principal=two_indexes[0]) as statements:
        for table in (
            *("snapshots", "files", "file_texts"),
            *("symbols", "symbol_references", "dependencies"),
        ):
            assert statements._driver.script(f"SELECT ctid::text FROM kotadb.{table}").rows == []


@pytest.mark.proves("J18")
def test_two_tenants_on_one_warm_connection_never_see_each_other(api_database, two_tenants):
    ada, bob = two_tenants
    first, second = seen(api_database, ada), seen(api_database, bob)
    assert len(first) == len(second) == 1
    assert first.isdisjoint(second)
    for _ in range(3):
        assert seen(api_database, ada) == first
        assert seen(api_database, bob) == second
        # Nobody at all, after somebody: no row, and no error either.
        assert seen(api_database, None) == set()


@pytest.mark.usefixtures("two_tenants")
def test_an_enqueue_leaves_no_tenant_behind_on_the_connection(api_database):
    assert (
        api_database.fetch_all(
            "jobs_page",
            status=None,
            repository_id=None,
            after_created_at=None,
            after_id=None,
            page_size=100,
        )
        == []
    )


def test_a_member_sees_the_repositories_of_the_organisation(
    migrated_database, api_database, make_tenant
):
    ada, bob = make_tenant("ada@example.com"), make_tenant("bob@example.com")
    organisation = join_organisation(migrated_database, ada, "engines")
    job = JobQueue(api_database, Settings()).enqueue(
        IndexRequest(
            tenant_id=organisation,
            clone_url="https://github.com/engines/one.git",
            full_name="engines/one",
            request_id="req-1",
        )
    )
    assert seen(api_database, ada) == {job.job_id}
    assert seen(api_database, organisation) == {job.job_id}
    assert seen(api_database, bob) == set()


def test_the_api_cannot_enqueue_for_a_tenant_it_did_not_name(api_database, two_tenants):
    ada, bob = two_tenants
    with (
        pytest.raises(DatabaseError),
        api_database.transaction(principal=ada) as statements,
    ):
        # The policies check what is written against the tenant of the transaction.
        statements._driver.script(
            "INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name) "
            f"VALUES ('{bob}', 'https://github.com/x/y.git', 'x/y')"
        )
    with closing(Database(api_database._target)) as fresh:
        assert seen(fresh, None) == set()
