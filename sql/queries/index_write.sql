-- Writing an index: one transaction from the first row to the swap.

-- name: retired_snapshots
SELECT snapshot_id
FROM kotadb.snapshots
WHERE state = 'retired'
ORDER BY snapshot_id
LIMIT %(batch_size)s;

-- name: drop_snapshot
DELETE FROM kotadb.snapshots
WHERE snapshot_id = %(snapshot_id)s AND state = 'retired';

-- name: make_staging
-- COPY is refused on a table whose policies apply to the role, so the load goes through tables of
-- this transaction.
CREATE TEMPORARY TABLE staged_files (
    file_no integer, path text, blob_id bytea, byte_size integer, line_count integer,
    syntax_errors integer, failure text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_texts (
    file_no integer, content text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_symbols (
    symbol_no integer, file_no integer, container_no integer, line integer, start_line integer,
    end_line integer, flags integer, kind smallint, column_no smallint, start_column smallint,
    end_column smallint, name text, signature text, documentation text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_references (
    file_no integer, line integer, symbol_no integer, enclosing_no integer, target_file_no integer,
    target_line integer, column_no smallint, kind smallint, resolution smallint, name text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_dependencies (
    file_no integer, line integer, to_file_no integer, column_no smallint, kind smallint,
    reason smallint, specifier text, package text
) ON COMMIT DROP;

-- name: copy_files
COPY pg_temp.staged_files FROM STDIN;

-- name: copy_texts
COPY pg_temp.staged_texts FROM STDIN;

-- name: copy_symbols
COPY pg_temp.staged_symbols FROM STDIN;

-- name: copy_references
COPY pg_temp.staged_references FROM STDIN;

-- name: copy_dependencies
COPY pg_temp.staged_dependencies FROM STDIN;

-- name: add_snapshot
-- Locked as the foreign key would lock it, but first: of a repository whose row is just being removed
-- there is none to insert for.
INSERT INTO kotadb.snapshots (
    tenant_id, repository_id, ref, commit_sha, generation, job_id, stats, has_texts
)
SELECT
    tenant_id,
    repository_id,
    %(ref)s,
    %(commit_sha)s,
    %(generation)s,
    %(job_id)s::uuid,
    '{}',
    true
FROM kotadb.repositories
WHERE repository_id = %(repository_id)s::uuid AND deleted_at IS NULL
FOR KEY SHARE
RETURNING snapshot_id;

-- name: store_files
INSERT INTO kotadb.files (
    snapshot_id, file_no, path, blob_id, byte_size, line_count, syntax_errors, failure
)
SELECT
    %(snapshot_id)s::integer,
    file_no,
    path,
    blob_id,
    byte_size,
    line_count,
    syntax_errors,
    failure
FROM pg_temp.staged_files;

-- name: store_texts
INSERT INTO kotadb.file_texts (snapshot_id, file_no, content)
SELECT
    %(snapshot_id)s::integer,
    file_no,
    content
FROM pg_temp.staged_texts;

-- name: store_symbols
INSERT INTO kotadb.symbols (
    snapshot_id, symbol_no, file_no, container_no, line, start_line, end_line, flags, kind,
    column_no, start_column, end_column, name, signature, documentation
)
SELECT
    %(snapshot_id)s::integer,
    symbol_no,
    file_no,
    container_no,
    line,
    start_line,
    end_line,
    flags,
    kind,
    column_no,
    start_column,
    end_column,
    name,
    signature,
    documentation
FROM pg_temp.staged_symbols;

-- name: store_references
INSERT INTO kotadb.symbol_references (
    snapshot_id, file_no, line, symbol_no, enclosing_no, target_file_no, target_line, column_no,
    kind, resolution, name
)
SELECT
    %(snapshot_id)s::integer,
    file_no,
    line,
    symbol_no,
    enclosing_no,
    target_file_no,
    target_line,
    column_no,
    kind,
    resolution,
    name
FROM pg_temp.staged_references;

-- name: store_dependencies
INSERT INTO kotadb.dependencies (
    snapshot_id, file_no, line, to_file_no, column_no, kind, reason, specifier, package
)
SELECT
    %(snapshot_id)s::integer,
    file_no,
    line,
    to_file_no,
    column_no,
    kind,
    reason,
    specifier,
    package
FROM pg_temp.staged_dependencies;

-- name: describe_snapshot
UPDATE kotadb.snapshots
SET stats = %(stats)s::jsonb
WHERE snapshot_id = %(snapshot_id)s;

-- name: publish_snapshot
SELECT kotadb.publish_snapshot(%(snapshot_id)s::integer) AS published;

-- name: note_default_ref
UPDATE kotadb.repositories
SET default_ref = %(default_ref)s
WHERE repository_id = %(repository_id)s::uuid AND default_ref IS DISTINCT FROM %(default_ref)s;

-- name: confirm_snapshot
-- The commit was asked for again: from now on nothing older than that request replaces it. One
-- whose texts are not stored does not stand: it is indexed again.
UPDATE kotadb.snapshots
SET generation = greatest(generation, %(generation)s::bigint)
WHERE
    repository_id = %(repository_id)s::uuid
    AND ref = %(ref)s
    AND state = 'current'
    AND commit_sha = %(commit_sha)s
    AND has_texts
RETURNING snapshot_id;
