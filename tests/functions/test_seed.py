"""Data to try things on."""

from collections import Counter
from contextlib import closing
from itertools import chain

import pytest
from tests.functions.gateway import url_of
from tests.functions.world import make_world, operators_world

from indexer.database.connection import Database
from indexer.database.migrate import Migrator, known_migrations
from indexer.indexing.seed import REPOSITORIES, stats_of
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.parsing.parser import parse_file
from indexer.resolution.link import Linker
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.rows import DependencyRow, ImportedNameRow, ReferenceRow, SymbolRow
from indexer.settings import Settings

COLUMN_OF = {"column": "column_no"}


@pytest.fixture
def seeded(admin):
    return admin.invoke(action="seed")


def rows(database, table, kind, snapshot_id):
    columns = ", ".join(COLUMN_OF.get(name, name) for name in kind._fields)
    found = database.sql(
        f"SELECT {columns} FROM kotadb.{table} WHERE snapshot_id = %s", snapshot_id
    )
    return sorted((tuple(row.values()) for row in found), key=str)


@pytest.mark.proves("D5")
@pytest.mark.usefixtures("seeded")
def test_there_are_three_repositories_of_a_free_a_solo_and_a_team_user(migrated_database):
    found = migrated_database.sql(
        "SELECT tenants.tier, tenants.kind, people.email FROM kotadb.repositories AS places "
        "JOIN kotadb.tenants AS tenants USING (tenant_id) "
        "JOIN kotadb.users AS people ON people.user_id = tenants.tenant_id ORDER BY tier"
    )
    assert [tuple(row.values()) for row in found] == [
        (tier, "user", f"{tier}@seed.example") for tier in ("free", "solo", "team")
    ]


@pytest.mark.proves("D6")
@pytest.mark.usefixtures("seeded")
def test_ten_jobs_completed_and_their_figures_are_in_the_span(migrated_database):
    stats = [
        row["stats"]
        for row in migrated_database.sql(
            "SELECT stats FROM kotadb.index_jobs WHERE status = 'completed'"
        )
    ]
    assert len(stats) == 10
    assert {50, 200} <= {one["files_indexed"] for one in stats}
    assert all(50 <= one["files_indexed"] <= 200 for one in stats)
    assert all(500 <= one["symbols_extracted"] <= 2_000 for one in stats)


@pytest.mark.proves("D7")
@pytest.mark.usefixtures("seeded")
def test_two_jobs_failed_with_messages_and_dead_letters(migrated_database):
    failed = migrated_database.sql(
        "SELECT jobs.*, letters.leases FROM kotadb.index_jobs AS jobs "
        "JOIN kotadb_queue.dead_letters AS letters ON letters.job_id = jobs.id "
        "WHERE status = 'failed' ORDER BY retry_count"
    )
    assert [row["leases"] for row in failed] == [1, 4]
    assert all(row["error_message"] for row in failed)


@pytest.mark.proves("D7")
@pytest.mark.usefixtures("seeded")
def test_one_job_hangs_takes_no_slot_and_outlives_a_sweep(migrated_database):
    with closing(Database(migrated_database.admin_role)) as database:
        settings = Settings()
        Sweep(database, JobQueue(database, settings), settings).everything()
    (row,) = migrated_database.sql(
        "SELECT jobs.status, queued.slot, queued.state, "
        "clock_timestamp() - jobs.started_at > interval '5 minutes' AS hangs "
        "FROM kotadb.index_jobs AS jobs JOIN kotadb_queue.live AS queued ON queued.job_id = jobs.id"
    )
    assert row == {"status": "processing", "slot": None, "state": "leased", "hangs": True}


@pytest.mark.proves("D6")
@pytest.mark.usefixtures("seeded")
def test_the_index_is_what_indexing_its_texts_gives(migrated_database):
    snapshots = migrated_database.sql("SELECT * FROM kotadb.snapshots WHERE state = 'current'")
    assert len(snapshots) == 5
    for snapshot in snapshots:
        number = snapshot["snapshot_id"]
        sources = migrated_database.sql(
            "SELECT * FROM kotadb.files JOIN kotadb.file_texts USING (snapshot_id, file_no) "
            "WHERE snapshot_id = %s ORDER BY file_no",
            number,
        )
        facts = [(one["path"], parse_file(one["content"].encode(), one["path"])) for one in sources]
        assert [one["path"] for one in sources] == sorted(one["path"] for one in sources)
        assert {one["line_count"] for one in sources} == {said.line_count for _, said in facts}
        assert all(one["byte_size"] == len(one["content"].encode()) for one in sources)
        linker = Linker(facts, ModuleResolver([path for path, _ in facts], lambda _: None))
        for table, kind, linked in (
            ("symbols", SymbolRow, counted(linker)),
            ("symbol_references", ReferenceRow, linker.references()),
            ("dependencies", DependencyRow, linker.dependencies()),
            ("imported_names", ImportedNameRow, linker.imported_names()),
        ):
            expected = sorted(map(tuple, linked), key=str)
            assert rows(migrated_database, table, kind, number) == expected


@pytest.mark.proves("D6")
@pytest.mark.usefixtures("seeded")
def test_the_stats_are_the_counts_of_the_rows(migrated_database):
    for snapshot in migrated_database.sql("SELECT * FROM kotadb.snapshots"):
        stats = snapshot["stats"]
        assert stats == stats_of(stats["files_indexed"])
        for table, told in (
            ("files", "files_indexed"),
            ("symbols", "symbols_extracted"),
            ("symbol_references", "references_found"),
            ("dependencies", "dependencies_extracted"),
        ):
            counted = migrated_database.value(
                f"SELECT count(*) FROM kotadb.{table} WHERE snapshot_id = %s",
                snapshot["snapshot_id"],
            )
            assert stats[told] == counted, told


def counted(linker):
    uses = Counter(row.symbol_no for row in linker.references())
    return [row._replace(uses=uses[row.symbol_no]) for row in linker.symbols()]


def contents(database):
    tables = ("repositories", "index_jobs", "symbols", "api_keys", "tenants", "audit_log")
    return [
        database.sql(f"SELECT *, xmin::text FROM kotadb.{table} AS one ORDER BY one::text")
        for table in tables
    ]


@pytest.mark.usefixtures("seeded")
def test_a_second_seed_changes_nothing_and_says_so(admin, migrated_database):
    before = contents(migrated_database)
    again = admin.invoke(action="seed")
    assert (again["seeded"], again["keys"]) == (False, [])
    assert "already" in again["message"]
    assert contents(migrated_database) == before


def test_the_seed_is_the_same_everywhere_but_for_its_times(admin, migrated_database):
    def shape():
        return [
            migrated_database.sql(f"SELECT {columns} FROM kotadb.{table} ORDER BY 1, 2")
            for table, columns in (
                ("index_jobs", "id, repository_id, status, ref, commit_sha, stats"),
                ("files", "path, blob_id, byte_size"),
                ("symbols", "symbol_no, name, line, column_no"),
            )
        ]

    admin.invoke(action="seed")
    first = shape()
    migrated_database.sql("TRUNCATE kotadb.tenants, kotadb.audit_log CASCADE")
    migrated_database.sql("TRUNCATE kotadb.files, kotadb.symbols, kotadb.snapshots CASCADE")
    assert admin.invoke(action="seed")["seeded"]
    assert shape() == first


def test_every_question_has_an_answer(admin, seeded, stranger, migrated_database):
    assert {one["tier"] for one in seeded["keys"]} == {"free", "solo", "team"}
    admin.variables.setenv("DATABASE_URL", url_of(migrated_database.api))
    for one, repository in zip(seeded["keys"], REPOSITORIES, strict=True):
        ask = stranger.with_key(one["api_key"])
        (known,) = ask.get("/repositories").json["repositories"]
        assert known["repository"] == repository.name
        place = {"repository": repository.name}
        (symbol,) = ask.get("/symbols", name="runPart003").json["symbols"]
        uses = ask.get(f"/symbols/{symbol['id']}/references").json["references"]
        assert {use["path"] for use in uses} == {
            "src/group_00/part_000.ts",
            "src/group_00/part_004.ts",
        }
        path = "src/group_00/part_003.ts"
        walk = ask.get("/dependencies", path=path, direction="both", depth=10, **place).json
        assert walk["dependencies"]
        assert walk["dependents"]
        assert ask.get("/file", path=path, **place).json["text"].startswith("import { runPart002 }")
        assert len(ask.get("/outline", path=path, **place).json["symbols"]) == 10
        assert ask.get(f"/symbols/{symbol['id']}/callers").json["callers"]
        jobs = ask.get("/jobs").json["jobs"]
        assert [job["status"] for job in jobs] == [job.status for job in reversed(repository.jobs)]
    statuses = chain.from_iterable((job.status for job in one.jobs) for one in REPOSITORIES)
    assert set(statuses) == {"completed", "failed", "processing"}


def test_a_seed_over_http_shows_its_keys_once(operator, migrated_database):
    made = operator.post("/admin/seed")
    assert (made.status, made.json["seeded"]) == (200, True)
    assert operator.post("/admin/seed").json["keys"] == []
    (row,) = migrated_database.sql("SELECT * FROM kotadb.audit_log")
    assert row["action"] == "seed"
    for key in made.json["keys"]:
        assert key["key_id"] in str(row)
        assert key["api_key"].rpartition("_")[2] not in str(row)


def test_the_seed_is_all_there_or_not_at_all(admin, migrated_database):
    migrated_database.sql(
        "ALTER TABLE kotadb.dependencies ADD CONSTRAINT planted CHECK (line < 2) NOT VALID"
    )
    try:
        with pytest.raises(Exception, match="constraint_violated"):
            admin.invoke(action="seed")
    finally:
        migrated_database.sql("ALTER TABLE kotadb.dependencies DROP CONSTRAINT planted")
    for table in ("tenants", "repositories", "index_jobs", "snapshots", "api_keys", "audit_log"):
        assert migrated_database.value(f"SELECT count(*) FROM kotadb.{table}") == 0


@pytest.mark.proves("D13")
def test_a_database_with_data_goes_down_one_migration_at_a_time_and_up_again(admin, lone_database):
    """What takes an empty table takes a full one only where its constraints let it."""
    admin.use(lone_database.admin_role)
    admin.invoke(action="seed")
    tenant_id = lone_database.value("SELECT user_id FROM kotadb.users ORDER BY email LIMIT 1")
    make_world(lone_database, tenant_id, "ada")
    operators_world(lone_database)
    lone_database.pass_time(Settings().archive_completed_after + 1)
    admin.invoke(action="sweep")
    admin.end()
    jobs = lone_database.value("SELECT count(*) FROM kotadb.index_jobs")
    assert jobs > 10
    migrator, names = Migrator(lone_database.admin), [one.name for one in known_migrations()]
    undone = []
    for version in reversed(range(len(names))):
        undone += migrator.down(to_version=version)
        if version == names.index("0003_repositories_and_jobs") + 1:
            assert lone_database.value("SELECT count(*) FROM kotadb.index_jobs") == jobs
    assert undone == names[::-1]
    assert migrator.up() == names
