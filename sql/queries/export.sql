-- An index as neutral lines. Each query is one page, ordered by the rows' own numbers.
--
-- Rows meet what they name one by one (LATERAL with LIMIT 1), as in search.sql: of a snapshot that is
-- younger than the statistics the planner expects one row, and a join would pair all with all. A
-- symbol is the first from its number on, so that only the index in the order of numbers will do.

-- name: snapshot_to_export
-- The snapshot that answers for the repository, by the rule of `repositories_wanted`.
SELECT
    answers.snapshot_id,
    answers.ref,
    answers.commit_sha,
    places.full_name
FROM kotadb.repositories AS places
INNER JOIN LATERAL (
    SELECT
        snaps.snapshot_id,
        snaps.ref,
        snaps.commit_sha
    FROM kotadb.snapshots AS snaps
    WHERE
        snaps.repository_id = places.repository_id
        AND snaps.state = 'current'
        AND snaps.ref = coalesce(%(ref)s::text, places.default_ref, snaps.ref)
    ORDER BY snaps.indexed_at DESC, snaps.snapshot_id DESC
    LIMIT 1
) AS answers ON true
WHERE
    places.full_name = %(repository)s
    OR places.clone_url = %(repository)s
    OR places.repository_id::text = %(repository)s
ORDER BY answers.snapshot_id
LIMIT 2;

-- name: export_files
SELECT
    file_no,
    path,
    failure
FROM kotadb.files
WHERE snapshot_id = %(snapshot_id)s AND file_no > %(after_no)s
ORDER BY file_no
LIMIT %(page_size)s;

-- name: export_symbols
WITH page AS MATERIALIZED (
    SELECT
        symbol_no,
        file_no,
        container_no,
        name,
        kind,
        flags,
        line,
        end_line
    FROM kotadb.symbols
    WHERE snapshot_id = %(snapshot_id)s AND symbol_no > %(after_no)s
    ORDER BY symbol_no
    LIMIT %(page_size)s
)

SELECT
    page.symbol_no,
    places.path,
    page.name,
    page.kind,
    page.flags,
    page.line,
    page.end_line,
    containers.name AS container
FROM page
INNER JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s AND files.file_no = page.file_no
    LIMIT 1
) AS places ON true
LEFT JOIN LATERAL (
    SELECT
        symbols.symbol_no,
        symbols.name
    FROM kotadb.symbols AS symbols
    WHERE symbols.snapshot_id = %(snapshot_id)s AND symbols.symbol_no >= page.container_no
    ORDER BY symbols.symbol_no
    LIMIT 1
) AS containers ON page.container_no = containers.symbol_no
ORDER BY page.symbol_no;

-- name: export_references_of_file
-- A use leads to a symbol's line, or to a line of a file where there is no symbol.
SELECT
    uses.line,
    uses.column_no AS col,
    uses.name,
    uses.kind,
    uses.resolution,
    coalesce(symbol_files.path, target_files.path) AS def_path,
    coalesce(definitions.line, uses.target_line) AS def_line
FROM kotadb.symbol_references AS uses
LEFT JOIN LATERAL (
    SELECT
        symbols.symbol_no,
        symbols.file_no,
        symbols.line
    FROM kotadb.symbols AS symbols
    WHERE symbols.snapshot_id = %(snapshot_id)s AND symbols.symbol_no >= uses.symbol_no
    ORDER BY symbols.symbol_no
    LIMIT 1
) AS definitions ON uses.symbol_no = definitions.symbol_no
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s AND files.file_no = definitions.file_no
    LIMIT 1
) AS symbol_files ON true
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s AND files.file_no = uses.target_file_no
    LIMIT 1
) AS target_files ON true
WHERE uses.snapshot_id = %(snapshot_id)s AND uses.file_no = %(file_no)s
ORDER BY uses.line, uses.column_no, uses.name, uses.kind;

-- name: export_dependencies_of_file
SELECT
    dependencies.line,
    dependencies.column_no AS col,
    dependencies.specifier,
    dependencies.kind,
    dependencies.package,
    dependencies.reason,
    targets.path AS to_path
FROM kotadb.dependencies AS dependencies
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s AND files.file_no = dependencies.to_file_no
    LIMIT 1
) AS targets ON true
WHERE dependencies.snapshot_id = %(snapshot_id)s AND dependencies.file_no = %(file_no)s
ORDER BY dependencies.line, dependencies.column_no, dependencies.specifier;
