"""What the migration that forgets the statistics of snapshots makes of a database that has some."""

from indexer.database.migrate import Migrator, known_migrations

OURS = next(one for one in known_migrations() if one.name == "0028_snapshots_of_any_age")
KNOWN = """
SELECT attname AS column FROM pg_stats
WHERE schemaname = 'kotadb' AND tablename = 'symbols' ORDER BY attname = 'snapshot_id' DESC, attname
"""
FILES = """
SELECT relname, pg_relation_filenode(oid) AS file
FROM pg_class LEFT JOIN pg_index ON indexrelid = oid
WHERE relnamespace = 'kotadb'::regnamespace AND relkind IN ('r', 'i') AND indpred IS NULL
ORDER BY relname
"""


def test_statistics_of_snapshots_are_forgotten_and_no_table_is_written_anew(empty_database):
    def known():
        empty_database.sql("ANALYZE kotadb.symbols")
        return [row["column"] for row in empty_database.sql(KNOWN)]

    Migrator(empty_database.admin, migrations=known_migrations()[: OURS.version - 1]).up()
    empty_database.sql(
        "INSERT INTO kotadb.symbols"
        " SELECT 1, n, 0, NULL, 1, 1, 1, 0, 1, 0, 0, 0, 'n', NULL, NULL"
        " FROM generate_series(1, 99) AS n"
    )
    first, *others = known()
    assert first == "snapshot_id"
    before = empty_database.sql(FILES)

    migrator = Migrator(empty_database.admin, migrations=known_migrations()[: OURS.version])
    migrator.up()
    assert [row["column"] for row in empty_database.sql(KNOWN)] == others == known()
    assert empty_database.sql(FILES) == before

    migrator.down(to_version=OURS.version - 1)
    assert known() == [first, *others]
