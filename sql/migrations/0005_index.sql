-- The index itself: narrow integer rows behind generations. A snapshot is one whole commit of one
-- repository and ref. Its files and symbols are numbered from 0 within it, so rows point at each
-- other by (snapshot, number), need no sequence, and every index leads with the snapshot, which is
-- also what the policies filter by.

SET LOCAL ROLE kotadb_owner;

CREATE TABLE kotadb.snapshots (
    snapshot_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    ref text COLLATE "C" NOT NULL CHECK (length(ref) BETWEEN 1 AND 1024),
    commit_sha text COLLATE "C" NOT NULL CHECK (commit_sha ~ '^[0-9a-f]{40}$'),
    generation bigint NOT NULL,
    job_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'loading' CHECK (state IN ('loading', 'current', 'retired')),
    stats jsonb NOT NULL,
    indexed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (repository_id, tenant_id)
    REFERENCES kotadb.repositories (repository_id, tenant_id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX one_current_snapshot_per_ref ON kotadb.snapshots (repository_id, ref)
WHERE state = 'current';
CREATE INDEX snapshots_of_tenant ON kotadb.snapshots (tenant_id, snapshot_id)
WHERE state = 'current';
CREATE INDEX snapshots_of_repository ON kotadb.snapshots (repository_id);
CREATE INDEX snapshots_retired ON kotadb.snapshots (snapshot_id) WHERE state = 'retired';

COMMENT ON TABLE kotadb.snapshots IS
'One commit of one repository and ref. Readers see current; a swap is two updates in one transaction.';

CREATE TABLE kotadb.files (
    snapshot_id integer NOT NULL REFERENCES kotadb.snapshots ON DELETE CASCADE,
    file_no integer NOT NULL,
    path text COLLATE "C" NOT NULL CHECK (length(path) BETWEEN 1 AND 4096),
    blob_id bytea NOT NULL CHECK (octet_length(blob_id) = 20),
    byte_size integer NOT NULL,
    line_count integer NOT NULL,
    syntax_errors integer NOT NULL DEFAULT 0,
    failure text,
    PRIMARY KEY (snapshot_id, file_no)
);

CREATE UNIQUE INDEX files_by_path ON kotadb.files (snapshot_id, path);

COMMENT ON COLUMN kotadb.files.failure IS
'Why the file could not be parsed; it then has no symbols, references or dependencies of its own.';

-- No foreign keys below: a snapshot is written whole in one transaction and removed whole.
CREATE TABLE kotadb.symbols (
    snapshot_id integer NOT NULL,
    symbol_no integer NOT NULL,
    file_no integer NOT NULL,
    container_no integer,
    line integer NOT NULL,
    start_line integer NOT NULL,
    end_line integer NOT NULL,
    flags integer NOT NULL,
    kind smallint NOT NULL,
    column_no smallint NOT NULL,
    start_column smallint NOT NULL,
    end_column smallint NOT NULL,
    name text COLLATE "C" NOT NULL,
    signature text,
    documentation text,
    PRIMARY KEY (snapshot_id, symbol_no)
);

CREATE INDEX symbols_by_name ON kotadb.symbols (snapshot_id, name, symbol_no);
CREATE INDEX symbols_of_file ON kotadb.symbols (snapshot_id, file_no, symbol_no);

COMMENT ON COLUMN kotadb.symbols.column_no IS
'In UTF-16 code units from 0; columns beyond 32,767 (minified lines) are stored as 32,767.';

CREATE TABLE kotadb.symbol_references (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    line integer NOT NULL,
    symbol_no integer,
    enclosing_no integer,
    target_file_no integer,
    target_line integer,
    column_no smallint NOT NULL,
    kind smallint NOT NULL,
    resolution smallint NOT NULL,
    name text COLLATE "C" NOT NULL
);

CREATE INDEX references_of_symbol
ON kotadb.symbol_references (snapshot_id, symbol_no, file_no, line)
WHERE symbol_no IS NOT NULL;
CREATE INDEX references_of_file ON kotadb.symbol_references (snapshot_id, file_no, line);

COMMENT ON TABLE kotadb.symbol_references IS
'Every use of a name and what it leads to: a symbol, or a line of a file (a local, a module).';

CREATE TABLE kotadb.dependencies (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    line integer NOT NULL,
    to_file_no integer,
    column_no smallint NOT NULL,
    kind smallint NOT NULL,
    reason smallint,
    specifier text COLLATE "C" NOT NULL,
    package text COLLATE "C",
    CONSTRAINT a_dependency_leads_somewhere_or_says_why CHECK (
        (to_file_no IS NULL) <> (reason IS NULL)
    )
);

CREATE INDEX dependencies_of_file ON kotadb.dependencies (snapshot_id, file_no, line);
CREATE INDEX dependents_of_file ON kotadb.dependencies (snapshot_id, to_file_no, file_no)
WHERE to_file_no IS NOT NULL;

-- A snapshot leaves whole, however it leaves: swept when retired, or with its repository or tenant.
-- Each table leads an index with the snapshot, so this costs what it removes.
CREATE FUNCTION kotadb.remove_snapshot_rows() RETURNS trigger
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

CREATE TRIGGER snapshot_leaves_whole BEFORE DELETE ON kotadb.snapshots
FOR EACH ROW EXECUTE FUNCTION kotadb.remove_snapshot_rows();

-- One evaluation for each statement: the policies below wrap it in a scalar sub-select.
CREATE FUNCTION kotadb.visible_snapshots() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array(
        SELECT snapshot_id FROM kotadb.snapshots
        WHERE tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]) AND state = 'current'
    );
$$;

COMMENT ON FUNCTION kotadb.visible_snapshots() IS
'The current snapshots of the tenants that this transaction may see.';

-- Fenced by the generation under the repository's lock: an older job that finishes later replaces
-- nothing. False: a newer generation is current, and the caller gives its load up.
CREATE FUNCTION kotadb.publish_snapshot(p_snapshot_id integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh kotadb.snapshots;
BEGIN
    SELECT * INTO STRICT fresh FROM kotadb.snapshots WHERE snapshot_id = p_snapshot_id;
    PERFORM FROM kotadb.repositories WHERE repository_id = fresh.repository_id FOR NO KEY UPDATE;
    IF exists(
        SELECT FROM kotadb.snapshots
        WHERE
            repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current'
            AND generation > fresh.generation
    ) THEN
        RETURN false;
    END IF;
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET state = 'current' WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;

ALTER TABLE kotadb.snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.files ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.symbols ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.symbol_references ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.dependencies ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_snapshots ON kotadb.snapshots FOR SELECT TO kotadb_api
USING (state = 'current' AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY own_files ON kotadb.files FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY own_symbols ON kotadb.symbols FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY own_references ON kotadb.symbol_references FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
CREATE POLICY own_dependencies ON kotadb.dependencies FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));

CREATE POLICY all_snapshots ON kotadb.snapshots TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_files ON kotadb.files TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_symbols ON kotadb.symbols TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_references ON kotadb.symbol_references TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_dependencies ON kotadb.dependencies TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

GRANT SELECT ON
    kotadb.snapshots, kotadb.files, kotadb.symbols, kotadb.symbol_references, kotadb.dependencies
TO kotadb_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    kotadb.snapshots, kotadb.files, kotadb.symbols, kotadb.symbol_references, kotadb.dependencies
TO kotadb_worker, kotadb_admin;
GRANT EXECUTE ON FUNCTION kotadb.visible_snapshots() TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb.publish_snapshot(integer) TO kotadb_worker;
