-- Repositories joined by their packages: what the packages of a snapshot export, and what a snapshot
-- takes from packages that it does not have. Neither side points at the other, since each is indexed
-- by itself: they meet by the package, the path in it and the name.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.snapshots ADD COLUMN tells_packages boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN kotadb.snapshots.tells_packages IS
'Whether its packages and imported names are stored; false: it was indexed before they were.';

CREATE TABLE kotadb.imported_names (
    snapshot_id integer NOT NULL,
    imported_no integer NOT NULL,
    package text COLLATE "C" NOT NULL,
    subpath text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (snapshot_id, imported_no)
);

-- The snapshot last: it is asked which of all that may be seen take a name.
CREATE INDEX imported_names_by_name
ON kotadb.imported_names (package, subpath, name, snapshot_id);

COMMENT ON TABLE kotadb.imported_names IS
'What references of a snapshot mean of packages that are not in its repository.';
COMMENT ON COLUMN kotadb.imported_names.name IS
'Of the export, with members behind it after dots; * is the module as a whole.';

CREATE TABLE kotadb.package_entries (
    snapshot_id integer NOT NULL,
    entry_no integer NOT NULL,
    file_no integer NOT NULL,
    package text COLLATE "C" NOT NULL,
    subpath text COLLATE "C" NOT NULL,
    PRIMARY KEY (snapshot_id, entry_no)
);

CREATE INDEX package_entries_by_package
ON kotadb.package_entries (package, subpath, snapshot_id);

COMMENT ON TABLE kotadb.package_entries IS
'The modules that packages of a snapshot offer to others, and the files they are made of.';
COMMENT ON COLUMN kotadb.package_entries.subpath IS
'What a module specifier writes after the package; empty for the package itself.';

CREATE TABLE kotadb.package_exports (
    snapshot_id integer NOT NULL,
    entry_no integer NOT NULL,
    symbol_no integer,
    file_no integer NOT NULL,
    line integer NOT NULL,
    name text COLLATE "C" NOT NULL
);

CREATE INDEX package_exports_by_name ON kotadb.package_exports (snapshot_id, entry_no, name);
CREATE INDEX package_exports_of_symbol ON kotadb.package_exports (snapshot_id, symbol_no)
WHERE symbol_no IS NOT NULL;

COMMENT ON TABLE kotadb.package_exports IS
'What those modules export: a symbol, or a line of a file where it is none.';

ALTER TABLE kotadb.symbol_references ADD COLUMN imported_no integer;

CREATE INDEX references_of_imported_name
ON kotadb.symbol_references (snapshot_id, imported_no, file_no, line)
WHERE imported_no IS NOT NULL;

COMMENT ON COLUMN kotadb.symbol_references.imported_no IS
'Of what is imported from a package that the repository does not have: what that is.';

CREATE OR REPLACE FUNCTION kotadb.remove_snapshot_rows() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM kotadb.symbol_references WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.dependencies WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.imported_names WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.package_exports WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.package_entries WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbol_names WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbols WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.text_postings WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.file_texts WHERE snapshot_id = old.snapshot_id;
    RETURN old;
END;
$$;

ALTER TABLE kotadb.imported_names ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.package_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.package_exports ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_imported_names ON kotadb.imported_names FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY own_package_entries ON kotadb.package_entries FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY own_package_exports ON kotadb.package_exports FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY all_imported_names ON kotadb.imported_names TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_package_entries ON kotadb.package_entries TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_package_exports ON kotadb.package_exports TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

GRANT SELECT ON kotadb.imported_names, kotadb.package_entries, kotadb.package_exports TO kotadb_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    kotadb.imported_names, kotadb.package_entries, kotadb.package_exports
TO kotadb_worker, kotadb_admin;
