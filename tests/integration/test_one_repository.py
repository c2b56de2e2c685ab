"""What the migration to one repository for all spellings makes of those that were two."""

from contextlib import closing
from functools import partial

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.database.migrate import Migrator, known_migrations
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.settings import Settings

OURS = next(one for one in known_migrations() if one.name == "0025_requests_that_meet")
LEFT = "SELECT full_name FROM kotadb.repositories WHERE deleted_at IS NULL ORDER BY full_name"


class Before:
    """A database one migration earlier, in which spellings are repositories of their own."""

    def __init__(self, scratch):
        self.scratch = scratch
        Migrator(scratch.admin, migrations=known_migrations()[: OURS.version - 1]).up()
        self.tenant = self.new_tenant()

    def new_tenant(self):
        return self.scratch.value(
            "INSERT INTO kotadb.tenants (kind, tier) VALUES ('user', 'team') RETURNING tenant_id"
        )

    def ask(self, name, *, url="https://github.com/{}.git", tenant=None, ref="", commit_sha=None):
        (made,) = self.scratch.sql(
            "SELECT job_id, repository_id "
            "FROM kotadb_queue.enqueue(%s, %s, %s, %s, %s, false, 'r', 3, 24)",
            *(tenant or self.tenant, url.format(name), name, ref, commit_sha),
        )
        return made

    def index(self, made, *, state="current"):
        self.scratch.sql(
            "INSERT INTO kotadb.snapshots (tenant_id, repository_id, ref, commit_sha, generation, "
            "job_id, stats, state) SELECT tenant_id, repository_id, 'main', %s, 1, %s, '{}', %s "
            "FROM kotadb.repositories WHERE repository_id = %s",
            *(SHA, made["job_id"], state, made["repository_id"]),
        )

    def migrate(self):
        Migrator(self.scratch.admin, migrations=known_migrations()[: OURS.version]).up()
        return [row["full_name"] for row in self.scratch.sql(LEFT)]


@pytest.fixture
def before(empty_database):
    return Before(empty_database)


def test_of_two_spellings_the_one_that_is_read_is_kept(before):
    before.index(before.ask("Ada/Engine"))
    before.index(before.ask("ada/engine"), state="retired")
    before.ask("ADA/ENGINE")
    assert before.migrate() == ["Ada/Engine"]


@pytest.mark.parametrize("indexed", [True, False])
def test_of_two_that_are_alike_the_one_that_was_asked_for_last_is_kept(before, indexed):
    made = [before.ask(name) for name in ("Ada/Engine", "ada/engine")]
    before.ask("Ada/Engine", ref="v1")
    for one in made if indexed else ():
        before.index(one)
    assert before.migrate() == ["Ada/Engine"]


def test_what_is_no_duplicate_stays(before):
    eve = before.new_tenant()
    before.ask("Ada/Engine")
    before.ask("ada/engine", tenant=eve)
    before.ask("ada/engine", url="https://git.example.com/{}.git")
    for name in ("local/R1", "local/r1"):
        before.ask(name, url="/srv/{}")
    before.scratch.sql(
        "INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, deleted_at) "
        "VALUES (%s, 'https://github.com/ADA/engine.git', 'ADA/engine', clock_timestamp())",
        before.tenant,
    )
    kept = ["Ada/Engine", "ada/engine", "ada/engine", "local/R1", "local/r1"]
    assert before.migrate() == kept


def test_the_others_are_deleted_as_their_tenant_would_have_deleted_them(before):
    kept, spare = before.ask("Ada/Engine"), before.ask("ada/engine", commit_sha=SHA)
    before.index(kept)
    before.scratch.sql("SELECT kotadb_queue.lease(5, 600, 'tests', p_limit => 2)")
    before.ask("ada/engine", commit_sha=OTHER_SHA)
    before.scratch.sql(
        "INSERT INTO kotadb_queue.idempotency_keys (tenant_id, idempotency_key, fingerprint, "
        "repository_id, job_id, deduplicated, expires_at) "
        "SELECT tenant_id, full_name, decode(repeat('00', 32), 'hex'), repository_id, id, false, "
        "clock_timestamp() + interval '1 day' "
        "FROM kotadb.index_jobs JOIN kotadb.repositories USING (tenant_id, repository_id) "
        "WHERE id = ANY(%s)",
        [kept["job_id"], spare["job_id"]],
    )
    assert before.migrate() == ["Ada/Engine"]
    sql = before.scratch.sql
    ended = sql(
        "SELECT jobs.status, jobs.error_code, live.state, live.tenant_slot "
        "FROM kotadb.index_jobs AS jobs JOIN kotadb_queue.live ON live.job_id = jobs.id "
        "WHERE jobs.repository_id = %s",
        spare["repository_id"],
    )
    assert [tuple(one.values()) for one in ended] == [
        ("cancelled", "repository_deleted", "finished", None)
    ] * 2
    (runs,) = sql("SELECT status FROM kotadb.index_jobs WHERE id = %s", kept["job_id"])
    assert runs["status"] == "processing"
    outcomes = "SELECT outcome FROM kotadb.job_attempts ORDER BY outcome"
    assert [one["outcome"] for one in sql(outcomes)] == ["cancelled", None]
    keys = sql("SELECT idempotency_key FROM kotadb_queue.idempotency_keys")
    assert [one["idempotency_key"] for one in keys] == ["Ada/Engine"]


def test_the_sweep_removes_what_the_migration_deleted(before):
    before.ask("Ada/Engine")
    before.index(before.ask("ada/engine"))
    assert before.migrate() == ["ada/engine"]
    Migrator(before.scratch.admin).up()
    settings = Settings()
    with closing(Database(before.scratch.admin)) as database:
        swept = Sweep(database, JobQueue(database, settings), settings).everything()
    assert (swept.jobs_purged, swept.repositories_purged) == (1, 1)
    assert before.scratch.value("SELECT count(*) FROM kotadb.repositories") == 1


def test_a_request_that_came_before_the_migration_is_answered_after_it(before):
    """Its function is the one of the release before, which names the index of that release."""
    with before.scratch.connection() as migrating:
        migrating.execute("BEGIN")
        migrating.execute(OURS.text)
        with meanwhile(
            before.scratch, before.scratch.admin, partial(before.ask, "ada/engine")
        ) as answers:
            assert answers == []
            migrating.execute("COMMIT")
    (made,) = answers
    again = before.ask("Ada/Engine")
    assert (again["job_id"], again["repository_id"]) == (made["job_id"], made["repository_id"])


def test_the_migration_waits_for_a_request_that_came_before_and_counts_it(before):
    kept = before.ask("ada/engine")
    before.index(kept)
    with before.scratch.connection() as asking:
        asking.execute("BEGIN")
        asking.execute(
            "SELECT kotadb_queue.enqueue(%s, 'https://github.com/Ada/Engine.git', 'Ada/Engine', "
            "'', NULL, false, 'r', 3, 24)",
            (before.tenant,),
        )
        with meanwhile(before.scratch, before.scratch.admin, before.migrate) as left:
            asking.execute("COMMIT")
    assert left == [["ada/engine"]]
