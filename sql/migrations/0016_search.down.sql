-- Loses what the search reads: every commit is then indexed again before it is searched.
SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb.remove_snapshot_rows() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM kotadb.symbol_references WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.dependencies WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbols WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.file_texts WHERE snapshot_id = old.snapshot_id;
    RETURN old;
END;
$$;

ALTER TABLE kotadb.parsed_blobs DROP COLUMN trigrams;
DROP TABLE kotadb.symbol_names;
DROP TABLE kotadb.text_postings;
ALTER TABLE kotadb.symbols DROP COLUMN uses;
ALTER TABLE kotadb.snapshots DROP COLUMN file_groups;
