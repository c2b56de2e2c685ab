"""What is taken over from an index is found one by one, whatever the statistics know of it."""

import pytest
from tests.search.plans import plan_of

from indexer.database.queries import named_queries

FILES = 1_500
MADE_BY = b"m" * 16

ANOTHER_REPOSITORY = """
WITH place AS (
    INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, default_ref)
    VALUES (%(tenant)s, 'https://github.com/ada/' || %(name)s, 'ada/' || %(name)s, 'main')
    RETURNING tenant_id, repository_id
)
INSERT INTO kotadb.snapshots (
    tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats
)
SELECT tenant_id, repository_id, 'main', repeat('a', 40), 1, gen_random_uuid(), 'current', '{}'
FROM place
RETURNING snapshot_id, repository_id
"""
FILES_OF_IT = """
INSERT INTO kotadb.files
SELECT %(snapshot)s, n, 'src/' || n, sha1_of(n), 1, 1, 0, NULL
FROM generate_series(1, %(files)s) AS n
"""
TEXTS_OF_IT = """
INSERT INTO kotadb.file_texts
SELECT %(snapshot)s, n, 'export {};' FROM generate_series(1, %(files)s) AS n
"""
BLOBS_OF_IT = """
INSERT INTO kotadb.parsed_blobs
SELECT
    %(tenant)s, %(repository)s, sha1_of(n), '.ts', %(made_by)s, %(snapshot)s, 1, 1, NULL,
    'content', 'trigrams'
FROM generate_series(1, %(files)s) AS n
"""
# Like a digest: the order of the blobs is not that of the files.
DIGEST = """
CREATE FUNCTION pg_temp.sha1_of(n integer) RETURNS bytea LANGUAGE sql
RETURN substring(sha256(n::text::bytea) FROM 1 FOR 20)
"""


def add_repository(connection, tenant, name, files):
    made = connection.execute(ANOTHER_REPOSITORY, {"tenant": tenant, "name": name}).fetchone()
    given = {
        "tenant": tenant,
        "repository": made["repository_id"],
        "snapshot": made["snapshot_id"],
        "files": files,
        "made_by": MADE_BY,
    }
    for text in (FILES_OF_IT, TEXTS_OF_IT, BLOBS_OF_IT):
        connection.execute(text.replace("sha1_of", "pg_temp.sha1_of"), given)
    return made


@pytest.fixture(params=[0, 1, 40], ids="{} before".format)
def young(request, migrated_database, make_tenant):
    """A repository that came after the statistics were made, with the connection that it has."""
    tenant = make_tenant("ada@example.com")
    with migrated_database.connection() as connection:
        connection.execute(DIGEST)
        for number in range(request.param):
            add_repository(connection, tenant, f"older-{number}", 4 * FILES // request.param)
        connection.execute("VACUUM ANALYZE kotadb.files, kotadb.file_texts, kotadb.parsed_blobs")
        yield connection, add_repository(connection, tenant, "young", FILES), tenant


def compared(plan):
    """The rows that a plan's steps gave or threw away."""
    rows = plan["Actual Rows"] + sum(
        plan.get(f"Rows Removed by {what}", 0)
        for what in ("Filter", "Join Filter", "Index Recheck")
    )
    return rows * plan["Actual Loops"] + sum(map(compared, plan.get("Plans", ())))


def explained(connection, name, **given):
    return compared(plan_of(connection, name, given))


def test_the_facts_of_unchanged_files_are_each_found_by_their_blob(young):
    connection, made, _ = young
    blobs = connection.execute(
        "SELECT encode(blob_id, 'hex') AS blob_id FROM kotadb.parsed_blobs"
        " WHERE repository_id = %s LIMIT 64",
        [made["repository_id"]],
    ).fetchall()
    wanted = [row["blob_id"] for row in blobs]
    given = {
        "repository_id": made["repository_id"],
        "made_by": MADE_BY,
        "blob_ids": [*wanted, "00" * 20],
        "readings": [".ts"] * 65,
    }
    found = connection.execute(named_queries()["contents_of_blobs"].text, given).fetchall()
    assert {row["blob_id"] for row in found} == set(wanted)
    assert explained(connection, "contents_of_blobs", **given) < 10 * 64


def test_the_texts_and_the_facts_of_unchanged_files_are_kept_without_comparing_all(young):
    connection, made, tenant = young
    with connection.transaction():
        for statement in named_queries()["make_staging"].text.split(";"):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO staged_known_blobs SELECT blob_id, read_as FROM kotadb.parsed_blobs"
            " WHERE repository_id = %s",
            [made["repository_id"]],
        )
        connection.execute(
            "INSERT INTO staged_known_texts SELECT file_no, snapshot_id, blob_id FROM kotadb.files"
            " WHERE snapshot_id = %s",
            [made["snapshot_id"]],
        )
        newer = connection.execute(
            ANOTHER_REPOSITORY, {"tenant": tenant, "name": "newer"}
        ).fetchone()
        texts = explained(connection, "store_known_texts", snapshot_id=newer["snapshot_id"])
        facts = explained(
            connection,
            "keep_known_blobs",
            snapshot_id=newer["snapshot_id"],
            repository_id=made["repository_id"],
            made_by=MADE_BY,
        )
        kept = connection.execute(
            "SELECT count(*) AS count FROM kotadb.file_texts WHERE snapshot_id = %s",
            [newer["snapshot_id"]],
        ).fetchone()
        moved = connection.execute(
            "SELECT count(*) AS count FROM kotadb.parsed_blobs WHERE snapshot_id = %s",
            [newer["snapshot_id"]],
        ).fetchone()
    assert (kept["count"], moved["count"]) == (FILES, FILES)
    assert texts < 30 * FILES
    assert facts < 30 * FILES
