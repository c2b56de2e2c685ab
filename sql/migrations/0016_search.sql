-- What the text search reads: posting lists of trigrams, the names of symbols by their words, the files
-- of a snapshot in groups, and how often each symbol is used. An index of extension pg_trgm would need
-- a superuser to create it, and under the policies its operators would not reach it: they are not
-- leakproof. Here a list is found by equality and order of integers and texts, which are.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.snapshots ADD COLUMN file_groups bytea;

COMMENT ON COLUMN kotadb.snapshots.file_groups IS
'Its files in groups by their paths, packed; NULL: it was indexed before there was a search.';

ALTER TABLE kotadb.symbols ADD COLUMN uses integer NOT NULL DEFAULT 0;

COMMENT ON COLUMN kotadb.symbols.uses IS
'How many references lead to it. Counted since there is a search (snapshots.file_groups).';

-- A block holds the lists of neighbouring trigrams. Two blocks fill a page: they are kept in their
-- rows and as they are, since a list is as short as it can be.
CREATE TABLE kotadb.text_postings (
    snapshot_id integer NOT NULL,
    segment smallint NOT NULL,
    first_trigram integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (snapshot_id, segment, first_trigram)
)
WITH (toast_tuple_target = 8160);

ALTER TABLE kotadb.text_postings ALTER COLUMN content SET STORAGE EXTERNAL;

COMMENT ON TABLE kotadb.text_postings IS
'Which files of a snapshot hold a trigram. Lists of many trigrams to a row; 65,536 files to a segment.';

-- One row for each word of each name, not for each symbol: those are then found by their name.
CREATE TABLE kotadb.symbol_names (
    snapshot_id integer NOT NULL,
    uses integer NOT NULL,
    kinds integer NOT NULL,
    is_whole boolean NOT NULL,
    rest text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL
);

CREATE INDEX symbol_names_by_word ON kotadb.symbol_names (snapshot_id, rest);

COMMENT ON COLUMN kotadb.symbol_names.rest IS
'The name from one of its words on, in small letters and cut, so that a prefix of it is a range.';
COMMENT ON COLUMN kotadb.symbol_names.kinds IS
'The kinds of the symbols with this name: bit n for kind n.';

ALTER TABLE kotadb.parsed_blobs ADD COLUMN trigrams bytea;

COMMENT ON COLUMN kotadb.parsed_blobs.trigrams IS
'The trigrams of its text, packed; NULL: it has no text.';

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

ALTER TABLE kotadb.text_postings ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.symbol_names ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_postings ON kotadb.text_postings FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY own_names ON kotadb.symbol_names FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY all_postings ON kotadb.text_postings TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_names ON kotadb.symbol_names TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

GRANT SELECT ON kotadb.text_postings, kotadb.symbol_names TO kotadb_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON kotadb.text_postings, kotadb.symbol_names
TO kotadb_worker, kotadb_admin;
