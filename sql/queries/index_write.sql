-- Writing an index: one transaction from the first row to the swap.

-- name: retired_snapshots
-- Those that no reader sees any more.
SELECT snapshot_id
FROM kotadb.snapshots
WHERE
    state = 'retired'
    AND (readable_until IS NULL OR readable_until <= clock_timestamp())
ORDER BY snapshot_id
LIMIT %(batch_size)s;

-- name: drop_snapshot
-- One that somebody reads from just now is left to the next sweep.
DELETE FROM kotadb.snapshots
WHERE
    snapshot_id IN (
        SELECT held.snapshot_id
        FROM kotadb.snapshots AS held
        WHERE
            held.snapshot_id = %(snapshot_id)s
            AND held.state = 'retired'
            AND (held.readable_until IS NULL OR held.readable_until <= clock_timestamp())
        FOR UPDATE SKIP LOCKED
    );

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
CREATE TEMPORARY TABLE staged_known_texts (
    file_no integer, snapshot_id integer, blob_id bytea
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_blobs (
    blob_id bytea, read_as text, byte_size integer, text_bytes integer, skip_reason text, content bytea,
    trigrams bytea
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_known_blobs (
    blob_id bytea, read_as text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_symbols (
    symbol_no integer, file_no integer, container_no integer, line integer, start_line integer,
    end_line integer, flags integer, kind smallint, column_no smallint, start_column smallint,
    end_column smallint, name text, signature text, documentation text, uses integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_names (
    rest text, is_whole boolean, name text, kinds integer, uses integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_postings (
    segment smallint, first_trigram integer, content bytea
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_references (
    file_no integer, line integer, symbol_no integer, enclosing_no integer, target_file_no integer,
    target_line integer, column_no smallint, kind smallint, resolution smallint, name text,
    imported_no integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_dependencies (
    file_no integer, line integer, to_file_no integer, column_no smallint, kind smallint,
    reason smallint, specifier text, package text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_imported_names (
    imported_no integer, package text, subpath text, name text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_package_entries (
    entry_no integer, package text, subpath text, file_no integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_package_exports (
    entry_no integer, name text, symbol_no integer, file_no integer, line integer
) ON COMMIT DROP;

-- name: copy_files
COPY pg_temp.staged_files FROM STDIN;

-- name: copy_texts
COPY pg_temp.staged_texts FROM STDIN;

-- name: copy_known_texts
COPY pg_temp.staged_known_texts FROM STDIN;

-- name: copy_blobs
COPY pg_temp.staged_blobs FROM STDIN;

-- name: copy_known_blobs
COPY pg_temp.staged_known_blobs FROM STDIN;

-- name: copy_symbols
COPY pg_temp.staged_symbols FROM STDIN;

-- name: copy_names
COPY pg_temp.staged_names FROM STDIN;

-- name: copy_postings
COPY pg_temp.staged_postings FROM STDIN;

-- name: copy_references
COPY pg_temp.staged_references FROM STDIN;

-- name: copy_dependencies
COPY pg_temp.staged_dependencies FROM STDIN;

-- name: copy_imported_names
COPY pg_temp.staged_imported_names FROM STDIN;

-- name: copy_package_entries
COPY pg_temp.staged_package_entries FROM STDIN;

-- name: copy_package_exports
COPY pg_temp.staged_package_exports FROM STDIN;

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

-- name: take_texts
INSERT INTO kotadb.file_texts (snapshot_id, file_no, content)
SELECT
    %(snapshot_id)s::integer,
    kotadb.moved(file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]),
    content
FROM kotadb.file_texts
WHERE snapshot_id = %(from_snapshot)s::integer AND file_no <> ALL(%(changed)s::integer[]);

-- name: hold_snapshots_of_texts
-- Held until the COMMIT, so that the sweep removes no text that is about to be taken over.
SELECT snapshot_id
FROM kotadb.snapshots
WHERE
    state = 'current'
    AND snapshot_id = ANY(ARRAY(SELECT staged.snapshot_id FROM pg_temp.staged_known_texts AS staged))
ORDER BY snapshot_id
FOR KEY SHARE;

-- name: store_known_texts
WITH places AS (
    SELECT DISTINCT ON (files.snapshot_id, files.blob_id)
        files.snapshot_id,
        files.blob_id,
        files.file_no
    FROM kotadb.files
    INNER JOIN kotadb.file_texts
        ON files.snapshot_id = file_texts.snapshot_id AND files.file_no = file_texts.file_no
    WHERE
        files.snapshot_id
        = ANY(ARRAY(SELECT DISTINCT staged.snapshot_id FROM pg_temp.staged_known_texts AS staged))
    ORDER BY files.snapshot_id, files.blob_id, files.file_no
)

INSERT INTO kotadb.file_texts (snapshot_id, file_no, content)
SELECT
    %(snapshot_id)s::integer,
    staged.file_no,
    known.content
FROM pg_temp.staged_known_texts AS staged
INNER JOIN places ON staged.snapshot_id = places.snapshot_id AND staged.blob_id = places.blob_id
INNER JOIN kotadb.file_texts AS known
    ON places.snapshot_id = known.snapshot_id AND places.file_no = known.file_no;

-- name: store_blobs
-- In the order of their keys, as every index locks them.
INSERT INTO kotadb.parsed_blobs (
    tenant_id, repository_id, blob_id, read_as, made_by, snapshot_id, byte_size, text_bytes,
    skip_reason, content, trigrams
)
SELECT
    snapshots.tenant_id,
    snapshots.repository_id,
    staged.blob_id,
    staged.read_as,
    %(made_by)s::bytea,
    snapshots.snapshot_id,
    staged.byte_size,
    staged.text_bytes,
    staged.skip_reason,
    staged.content,
    staged.trigrams
FROM pg_temp.staged_blobs AS staged
INNER JOIN kotadb.snapshots ON snapshots.snapshot_id = %(snapshot_id)s::integer
ORDER BY staged.blob_id, staged.read_as
ON CONFLICT (repository_id, blob_id, read_as) DO UPDATE SET
    made_by = excluded.made_by,
    snapshot_id = excluded.snapshot_id,
    byte_size = excluded.byte_size,
    text_bytes = excluded.text_bytes,
    skip_reason = excluded.skip_reason,
    content = excluded.content,
    trigrams = excluded.trigrams;

-- name: keep_known_blobs
WITH held AS (
    SELECT
        known.repository_id,
        known.blob_id,
        known.read_as
    FROM kotadb.parsed_blobs AS known
    INNER JOIN pg_temp.staged_known_blobs AS staged
        ON known.blob_id = staged.blob_id AND known.read_as = staged.read_as
    WHERE known.repository_id = %(repository_id)s::uuid AND known.made_by = %(made_by)s::bytea
    ORDER BY known.blob_id, known.read_as
    FOR NO KEY UPDATE OF known
)

UPDATE kotadb.parsed_blobs AS known
SET snapshot_id = %(snapshot_id)s::integer
FROM held
WHERE
    known.repository_id = held.repository_id
    AND known.blob_id = held.blob_id
    AND known.read_as = held.read_as;

-- name: hold_snapshot
-- Held until the COMMIT, so that the sweep removes no row that is about to be taken over.
SELECT snapshot_id
FROM kotadb.snapshots
WHERE snapshot_id = %(snapshot_id)s AND state = 'current'
FOR KEY SHARE;

-- name: take_references
-- All numbers may have moved on: of files, and of symbols.
INSERT INTO kotadb.symbol_references (
    snapshot_id, file_no, line, symbol_no, enclosing_no, target_file_no, target_line, column_no,
    kind, resolution, name, imported_no
)
SELECT
    %(snapshot_id)s::integer,
    kotadb.moved(file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]),
    line,
    kotadb.moved(symbol_no, %(from_symbols)s::integer[], %(symbol_shifts)s::integer[]),
    kotadb.moved(enclosing_no, %(from_symbols)s::integer[], %(symbol_shifts)s::integer[]),
    kotadb.moved(target_file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]),
    target_line,
    column_no,
    kind,
    resolution,
    name,
    imported_no
FROM kotadb.symbol_references
WHERE snapshot_id = %(from_snapshot)s::integer AND file_no <> ALL(%(relinked)s::integer[]);

-- name: take_symbols
-- `uses` holds those of every symbol of the new snapshot.
WITH taken AS (
    SELECT
        kotadb.moved(symbol_no, %(from_symbols)s::integer[], %(symbol_shifts)s::integer[]) AS symbol_no,
        kotadb.moved(file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]) AS file_no,
        kotadb.moved(container_no, %(from_symbols)s::integer[], %(symbol_shifts)s::integer[]) AS container_no,
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
    FROM kotadb.symbols
    WHERE snapshot_id = %(from_snapshot)s::integer AND file_no <> ALL(%(changed)s::integer[])
)

INSERT INTO kotadb.symbols (
    snapshot_id, symbol_no, file_no, container_no, line, start_line, end_line, flags, kind,
    column_no, start_column, end_column, name, signature, documentation, uses
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
    documentation,
    (%(uses)s::integer[])[symbol_no + 1]
FROM taken;

-- name: changed_names
-- Of symbols that came, went or are used more or less than before. Here and below no table is joined with
-- rows that are just stored: of these the planner knows nothing, and takes any index for the best.
SELECT name
FROM kotadb.symbols
WHERE snapshot_id = %(snapshot_id)s::integer AND file_no = ANY(%(changed)s::integer[])
UNION
SELECT name
FROM kotadb.symbols
WHERE snapshot_id = %(from_snapshot)s::integer AND file_no = ANY(%(changed_before)s::integer[])
UNION
SELECT name
FROM kotadb.symbols
WHERE snapshot_id = %(snapshot_id)s::integer AND symbol_no = ANY(%(recounted)s::integer[]);

-- name: uses_of_names
SELECT
    name,
    bit_or(1 << kind) AS kinds,
    sum(uses)::integer AS uses
FROM kotadb.symbols
WHERE snapshot_id = %(snapshot_id)s::integer AND name = ANY(%(names)s::text[])
GROUP BY name;

-- name: take_names
INSERT INTO kotadb.symbol_names (snapshot_id, rest, is_whole, name, kinds, uses)
SELECT
    %(snapshot_id)s::integer,
    rest,
    is_whole,
    name,
    kinds,
    uses
FROM kotadb.symbol_names
WHERE snapshot_id = %(from_snapshot)s::integer AND name <> ALL(%(changed_names)s::text[]);

-- name: take_dependencies
INSERT INTO kotadb.dependencies (
    snapshot_id, file_no, line, to_file_no, column_no, kind, reason, specifier, package
)
SELECT
    %(snapshot_id)s::integer,
    kotadb.moved(file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]),
    line,
    kotadb.moved(to_file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]),
    column_no,
    kind,
    reason,
    specifier,
    package
FROM kotadb.dependencies
WHERE snapshot_id = %(from_snapshot)s::integer AND file_no <> ALL(%(changed)s::integer[]);

-- name: drop_unused_imported_names
DELETE FROM kotadb.imported_names
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND imported_no <> ALL(
        ARRAY(
            SELECT DISTINCT uses.imported_no
            FROM kotadb.symbol_references AS uses
            WHERE uses.snapshot_id = %(snapshot_id)s::integer AND uses.imported_no IS NOT NULL
        )
    );

-- name: take_package_exports
-- `lines` holds for each symbol of the new snapshot that of a changed file, else 0.
WITH taken AS (
    SELECT
        kotadb.moved(entry_no, %(from_entries)s::integer[], %(entry_shifts)s::integer[]) AS entry_no,
        name,
        kotadb.moved(symbol_no, %(from_symbols)s::integer[], %(symbol_shifts)s::integer[]) AS symbol_no,
        kotadb.moved(file_no, %(from_files)s::integer[], %(file_shifts)s::integer[]) AS file_no,
        line
    FROM kotadb.package_exports
    WHERE
        snapshot_id = %(from_snapshot)s::integer
        AND entry_no <> ALL(%(told)s::integer[])
)

INSERT INTO kotadb.package_exports (snapshot_id, entry_no, name, symbol_no, file_no, line)
SELECT
    %(snapshot_id)s::integer,
    entry_no,
    name,
    symbol_no,
    file_no,
    coalesce(nullif((%(lines)s::integer[])[symbol_no + 1], 0), line)
FROM taken;

-- name: store_symbols
INSERT INTO kotadb.symbols (
    snapshot_id, symbol_no, file_no, container_no, line, start_line, end_line, flags, kind,
    column_no, start_column, end_column, name, signature, documentation, uses
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
    documentation,
    uses
FROM pg_temp.staged_symbols;

-- name: store_names
INSERT INTO kotadb.symbol_names (snapshot_id, rest, is_whole, name, kinds, uses)
SELECT
    %(snapshot_id)s::integer,
    rest,
    is_whole,
    name,
    kinds,
    uses
FROM pg_temp.staged_names;

-- name: store_postings
INSERT INTO kotadb.text_postings (snapshot_id, segment, first_trigram, content)
SELECT
    %(snapshot_id)s::integer,
    segment,
    first_trigram,
    content
FROM pg_temp.staged_postings;

-- name: store_references
INSERT INTO kotadb.symbol_references (
    snapshot_id, file_no, line, symbol_no, enclosing_no, target_file_no, target_line, column_no,
    kind, resolution, name, imported_no
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
    name,
    imported_no
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

-- name: store_imported_names
INSERT INTO kotadb.imported_names (snapshot_id, imported_no, package, subpath, name)
SELECT
    %(snapshot_id)s::integer,
    imported_no,
    package,
    subpath,
    name
FROM pg_temp.staged_imported_names;

-- name: store_package_entries
INSERT INTO kotadb.package_entries (snapshot_id, entry_no, package, subpath, file_no)
SELECT
    %(snapshot_id)s::integer,
    entry_no,
    package,
    subpath,
    file_no
FROM pg_temp.staged_package_entries;

-- name: store_package_exports
INSERT INTO kotadb.package_exports (snapshot_id, entry_no, name, symbol_no, file_no, line)
SELECT
    %(snapshot_id)s::integer,
    entry_no,
    name,
    symbol_no,
    file_no,
    line
FROM pg_temp.staged_package_exports;

-- name: describe_snapshot
UPDATE kotadb.snapshots
SET
    tells_packages = true,
    stats = %(stats)s::jsonb,
    file_groups = %(file_groups)s::bytea,
    linked_by = %(linked_by)s::bytea,
    links = %(links)s::bytea
WHERE snapshot_id = %(snapshot_id)s;

-- name: publish_snapshot
SELECT kotadb.publish_snapshot(
    %(snapshot_id)s::integer, %(keep_seconds)s::integer
) AS published;

-- name: note_default_ref
UPDATE kotadb.repositories
SET default_ref = %(default_ref)s
WHERE repository_id = %(repository_id)s::uuid AND default_ref IS DISTINCT FROM %(default_ref)s;

-- name: confirm_snapshot
-- The commit was asked for again: from now on nothing older than that request replaces it. One
-- whose texts are not stored, that cannot be searched or that tells no packages does not stand: it is
-- indexed again.
UPDATE kotadb.snapshots
SET generation = greatest(generation, %(generation)s::bigint)
WHERE
    repository_id = %(repository_id)s::uuid
    AND ref = %(ref)s
    AND state = 'current'
    AND commit_sha = %(commit_sha)s
    AND has_texts
    AND file_groups IS NOT NULL
    AND tells_packages
RETURNING snapshot_id;

-- name: known_blobs
-- What this very program learned of the repository's blobs. The texts are taken from the snapshot that
-- the row names, so one that is no longer current makes its blobs unknown.
SELECT
    encode(known.blob_id, 'hex') AS blob_id,
    known.read_as,
    known.byte_size,
    known.text_bytes,
    known.skip_reason,
    known.snapshot_id,
    known.content IS NOT NULL AS has_content
FROM kotadb.parsed_blobs AS known
INNER JOIN kotadb.snapshots ON known.snapshot_id = snapshots.snapshot_id
WHERE
    known.repository_id = %(repository_id)s::uuid
    AND known.made_by = %(made_by)s::bytea
    AND snapshots.state = 'current';

-- name: contents_of_blobs
WITH wanted AS (
    SELECT
        decode(one.blob_id, 'hex') AS blob_id,
        one.read_as
    FROM unnest(%(blob_ids)s::text[], %(readings)s::text[]) AS one (blob_id, read_as)
)

SELECT
    encode(known.blob_id, 'hex') AS blob_id,
    known.read_as,
    known.content,
    known.trigrams
FROM wanted
-- One look for each: of a repository that is younger than the statistics the planner takes few blobs for
-- granted, and reads all that there are.
CROSS JOIN LATERAL (
    SELECT
        found.blob_id,
        found.read_as,
        found.content,
        found.trigrams
    FROM kotadb.parsed_blobs AS found
    WHERE
        found.repository_id = %(repository_id)s::uuid
        AND found.blob_id = wanted.blob_id
        AND found.read_as = wanted.read_as
        AND found.made_by = %(made_by)s::bytea
        AND found.content IS NOT NULL
    LIMIT 1
) AS known;

-- name: linked_snapshot
-- What is current of the repository and was linked by the same program, that of the same ref first.
SELECT
    snapshot_id,
    links,
    stats
FROM kotadb.snapshots
WHERE
    repository_id = %(repository_id)s::uuid
    AND state = 'current'
    AND linked_by = %(linked_by)s::bytea
ORDER BY ref = %(ref)s DESC, publication DESC
LIMIT 1;

-- name: files_of_snapshot
SELECT
    path,
    encode(blob_id, 'hex') AS blob_id,
    line_count,
    syntax_errors,
    failure
FROM kotadb.files
WHERE snapshot_id = %(snapshot_id)s::integer
ORDER BY file_no ASC;

-- name: uses_of_snapshot
SELECT array_agg(uses ORDER BY symbol_no) AS uses
FROM kotadb.symbols
WHERE snapshot_id = %(snapshot_id)s::integer;

-- name: imported_names_of_snapshot
SELECT
    imported_no,
    package,
    subpath,
    name
FROM kotadb.imported_names
WHERE snapshot_id = %(snapshot_id)s::integer;

-- name: package_entries_of_snapshot
SELECT
    entry_no,
    package,
    subpath,
    file_no
FROM kotadb.package_entries
WHERE snapshot_id = %(snapshot_id)s::integer
ORDER BY entry_no ASC;

-- name: postings_of_snapshot
SELECT
    segment,
    first_trigram,
    content
FROM kotadb.text_postings
WHERE snapshot_id = %(snapshot_id)s::integer
ORDER BY segment ASC, first_trigram ASC;

-- name: counted_references_of_files
SELECT
    symbol_no,
    resolution,
    count(*) AS count
FROM kotadb.symbol_references
WHERE snapshot_id = %(snapshot_id)s::integer AND file_no = ANY(%(files)s::integer[])
GROUP BY symbol_no, resolution;

-- name: counted_dependencies_of_files
SELECT
    to_file_no IS NOT NULL AS is_internal,
    count(*) AS count
FROM kotadb.dependencies
WHERE snapshot_id = %(snapshot_id)s::integer AND file_no = ANY(%(files)s::integer[])
GROUP BY to_file_no IS NOT NULL;

-- name: files_leading_to_lines
SELECT DISTINCT file_no
FROM kotadb.symbol_references
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND target_file_no = ANY(%(files)s::integer[])
    AND target_file_no <> file_no;
