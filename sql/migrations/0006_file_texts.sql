-- The text of the files of a snapshot, for those who read code and not only ask about it. In a table
-- of its own: rows of kotadb.files stay narrow, and lists of files never touch a text.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.snapshots ADD COLUMN has_texts boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN kotadb.snapshots.has_texts IS
'Whether the texts of its files are stored; those that releases before stored have none.';

-- No foreign key: it goes with its snapshot, as symbols do.
CREATE TABLE kotadb.file_texts (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (snapshot_id, file_no)
);

COMMENT ON TABLE kotadb.file_texts IS
'Each file as it was parsed: in UTF-8 without a byte order mark, NULs and broken bytes replaced.';

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

ALTER TABLE kotadb.file_texts ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_texts ON kotadb.file_texts FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY all_texts ON kotadb.file_texts TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

GRANT SELECT ON kotadb.file_texts TO kotadb_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON kotadb.file_texts TO kotadb_worker, kotadb_admin;
