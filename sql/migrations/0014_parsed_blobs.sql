-- What is known of the blobs of a repository, so that a re-index neither fetches nor parses them again:
-- the facts of a parsed file, why a file was left out, the content of a configuration file. What
-- decides a parse beside the bytes is part of the key (read_as) or of the mark (made_by).

SET LOCAL ROLE kotadb_owner;

CREATE TABLE kotadb.parsed_blobs (
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    blob_id bytea NOT NULL CHECK (octet_length(blob_id) = 20),
    read_as text COLLATE "C" NOT NULL CHECK (length(read_as) BETWEEN 1 AND 32),
    made_by bytea NOT NULL CHECK (octet_length(made_by) = 16),
    -- The newest snapshot that holds it. No foreign key: it may outlast that snapshot for a moment.
    snapshot_id integer NOT NULL,
    byte_size integer NOT NULL,
    text_bytes integer NOT NULL DEFAULT 0,
    skip_reason text CHECK (length(skip_reason) BETWEEN 1 AND 64),
    content bytea CHECK (octet_length(content) <= 1048576),
    PRIMARY KEY (repository_id, blob_id, read_as),
    FOREIGN KEY (repository_id, tenant_id)
    REFERENCES kotadb.repositories (repository_id, tenant_id) ON DELETE CASCADE
)
-- Each index of a commit notes its snapshot in the rows that it used: short rows, with room beside
-- them, are rewritten in place.
WITH (fillfactor = 60, toast_tuple_target = 128);

ALTER TABLE kotadb.parsed_blobs ALTER COLUMN content SET STORAGE EXTERNAL;

COMMENT ON TABLE kotadb.parsed_blobs IS
'What earlier indexes learned of a blob: its facts or its content, packed, or why it is left out.';
COMMENT ON COLUMN kotadb.parsed_blobs.read_as IS
'What the name of the file adds to the bytes: the ending that chooses the grammar, or config.';
COMMENT ON COLUMN kotadb.parsed_blobs.made_by IS
'A digest of the program and the settings that made it; what another one made counts as unknown.';

-- What no current snapshot of the repository holds goes with the snapshot that held it last.
CREATE FUNCTION kotadb.forget_parsed_blobs() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM kotadb.parsed_blobs AS known
    WHERE
        known.repository_id = old.repository_id
        AND NOT exists(
            SELECT FROM kotadb.snapshots
            WHERE snapshots.snapshot_id = known.snapshot_id AND snapshots.state <> 'retired'
        )
        AND NOT exists(
            SELECT
            FROM kotadb.files
            INNER JOIN kotadb.snapshots ON files.snapshot_id = snapshots.snapshot_id
            WHERE
                snapshots.repository_id = old.repository_id AND snapshots.state = 'current'
                AND files.blob_id = known.blob_id
        );
    RETURN NULL;
END;
$$;

CREATE TRIGGER snapshot_takes_its_blobs_along AFTER DELETE ON kotadb.snapshots
FOR EACH ROW EXECUTE FUNCTION kotadb.forget_parsed_blobs();

ALTER TABLE kotadb.parsed_blobs ENABLE ROW LEVEL SECURITY;

-- Nothing of it is anybody's answer: the API has no right to it at all.
CREATE POLICY all_parsed_blobs ON kotadb.parsed_blobs TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON kotadb.parsed_blobs TO kotadb_worker, kotadb_admin;
