SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb.remove_snapshot_rows() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM kotadb.symbol_references WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.dependencies WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbol_names WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbols WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.text_postings WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.file_texts WHERE snapshot_id = old.snapshot_id;
    RETURN old;
END;
$$;

ALTER TABLE kotadb.symbol_references DROP COLUMN imported_no;
DROP TABLE kotadb.package_exports;
DROP TABLE kotadb.package_entries;
DROP TABLE kotadb.imported_names;
ALTER TABLE kotadb.snapshots DROP COLUMN tells_packages;
