-- Loses the texts, which a re-index of each repository gives back.
SET LOCAL ROLE kotadb_owner;
CREATE OR REPLACE FUNCTION kotadb.remove_snapshot_rows() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM kotadb.symbol_references WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.dependencies WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbols WHERE snapshot_id = old.snapshot_id;
    RETURN old;
END;
$$;
DROP TABLE kotadb.file_texts;
ALTER TABLE kotadb.snapshots DROP COLUMN has_texts;
