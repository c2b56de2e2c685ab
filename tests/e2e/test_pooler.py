"""The whole path through a transaction pooler, over both drivers."""

import shutil
from dataclasses import replace

import httpx
import psycopg
import pytest
from tests.e2e.conftest import ADMIN_KEY, url_of
from tests.fixtures.database import ScratchDatabase
from tests.support.pooler import pgbouncer_before, pooler_before

from indexer.database.target import Target

CLOUD = "postgresql://postgres.abcdefgh:pass%21word@aws-0-eu-central-1.pooler.supabase.com:6543/postgres"
LOCAL = "postgresql://postgres:postgres@localhost:5434/postgres"


def by_way_of(port: int, database: ScratchDatabase) -> ScratchDatabase:
    """The same database, its services' logins sent past this port."""

    def through(target: Target) -> Target:
        return replace(target, host="127.0.0.1", port=port)

    return replace(
        database,
        api=through(database.api),
        worker=through(database.worker),
        admin_role=through(database.admin_role),
    )


def logins(database: ScratchDatabase) -> tuple[Target, ...]:
    return database.api, database.worker, database.admin_role


@pytest.fixture
def pooled(request, migrated_database):
    """The tests' database with a pooler before it."""
    if request.param == "PgBouncer":
        if shutil.which("pgbouncer") is None:
            pytest.skip("PgBouncer is not installed; the pooler of the tests is stricter")
        with pgbouncer_before(*logins(migrated_database)) as port:
            yield by_way_of(port, migrated_database)
        return
    with pooler_before(*logins(migrated_database)) as pooler:
        yield by_way_of(pooler.port, migrated_database)
        assert pooler.sessions > 20


def test_the_pooler_of_the_tests_keeps_nothing_between_two_transactions(migrated_database):
    with (
        pooler_before(*logins(migrated_database)) as pooler,
        psycopg.connect(
            url_of(by_way_of(pooler.port, migrated_database).api), autocommit=True
        ) as connection,
    ):
        first = connection.execute("SELECT pg_backend_pid()").fetchone()
        connection.execute("SET search_path = kotadb")
        assert connection.execute("SHOW search_path").fetchone() != ("kotadb",)
        assert connection.execute("SELECT pg_backend_pid()").fetchone() != first
        with connection.transaction():
            pids = {connection.execute("SELECT pg_backend_pid()").fetchone() for _ in range(3)}
        assert len(pids) == 1
        assert pooler.sessions > 4


@pytest.mark.proves("Q7")
@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
@pytest.mark.parametrize("pooled", ["PgBouncer", "a session for each transaction"], indirect=True)
def test_everything_works_through_a_transaction_pooler(
    start_stack, pooled, repository, git_server, driver
):
    repository.commit_files(
        {
            "a.ts": b'import { b } from "./b";\nb();\n',
            "b.ts": b"export function b() {}\n",
        }
    )
    stack = start_stack(database=pooled, DATABASE_DRIVER=driver)
    job = stack.index(git_server.url("owner/sources"))
    assert job["stats"]["files_indexed"] == 2
    (symbol,) = stack.get("/symbols", name="b")["symbols"]
    uses = stack.get(f"/symbols/{symbol['id']}/references")["references"]
    assert {(one["path"], one["kind"]) for one in uses} == {("a.ts", "import"), ("a.ts", "call")}
    assert stack.get("/health")["queue"]["depth"] == 0

    def operator(method: str, path: str, **how: object) -> httpx.Response:
        answer = httpx.request(
            method,
            stack.service.url + path,
            headers={"Authorization": f"Bearer {ADMIN_KEY}"},
            timeout=35,
            **how,
        )
        assert answer.is_success, answer.text
        return answer

    assert operator("GET", "/admin/jobs/failed").json()["total"] == 0
    made = operator("POST", "/admin/keys", json={"email": "eve@example.com"}).json()
    operator("DELETE", f"/admin/keys/{made['key_id']}")
    operator("POST", "/admin/sweep")
    again = stack.http.post("/keys/rotate", json={})
    assert again.status_code == 201
    removed = stack.http.delete(f"/repositories/{job['repository_id']}")
    assert removed.status_code == 204


@pytest.mark.proves("Q7")
def test_both_forms_of_the_connection_string_are_read():
    cloud, local = Target.parse(CLOUD), Target.parse(LOCAL)
    assert (cloud.user, cloud.password, cloud.port) == ("postgres.abcdefgh", "pass!word", 6543)
    assert (cloud.host, cloud.sslmode) == ("aws-0-eu-central-1.pooler.supabase.com", "require")
    assert (local.host, local.port, local.sslmode) == ("localhost", 5434, "disable")
    assert Target.parse(CLOUD + "?pgbouncer=true") == cloud
