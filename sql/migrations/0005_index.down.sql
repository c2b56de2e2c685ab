-- Loses the index, which a re-index of each repository gives back.
SET LOCAL ROLE kotadb_owner;
DROP FUNCTION kotadb.publish_snapshot(integer);
DROP TABLE
    kotadb.dependencies, kotadb.symbol_references, kotadb.symbols, kotadb.files, kotadb.snapshots;
DROP FUNCTION kotadb.visible_snapshots();
DROP FUNCTION kotadb.remove_snapshot_rows();
