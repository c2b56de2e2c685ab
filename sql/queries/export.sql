-- An index as neutral lines. Each query is one page, ordered by the rows' own numbers.

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
SELECT
    symbols.symbol_no,
    files.path,
    symbols.name,
    symbols.kind,
    symbols.flags,
    symbols.line,
    symbols.end_line,
    containers.name AS container
FROM kotadb.symbols AS symbols
INNER JOIN kotadb.files AS files
    ON symbols.snapshot_id = files.snapshot_id AND symbols.file_no = files.file_no
LEFT JOIN kotadb.symbols AS containers
    ON
        symbols.snapshot_id = containers.snapshot_id
        AND symbols.container_no = containers.symbol_no
WHERE symbols.snapshot_id = %(snapshot_id)s AND symbols.symbol_no > %(after_no)s
ORDER BY symbols.symbol_no
LIMIT %(page_size)s;

-- name: export_references_of_file
-- A use leads to a symbol's line, or to a line of a file where there is no symbol.
SELECT
    uses.line,
    uses.column_no AS col,
    uses.name,
    uses.kind,
    uses.resolution,
    coalesce(symbol_files.path, target_files.path) AS def_path,
    coalesce(symbols.line, uses.target_line) AS def_line
FROM kotadb.symbol_references AS uses
LEFT JOIN kotadb.symbols AS symbols
    ON uses.snapshot_id = symbols.snapshot_id AND uses.symbol_no = symbols.symbol_no
LEFT JOIN kotadb.files AS symbol_files
    ON symbols.snapshot_id = symbol_files.snapshot_id AND symbols.file_no = symbol_files.file_no
LEFT JOIN kotadb.files AS target_files
    ON
        uses.snapshot_id = target_files.snapshot_id
        AND uses.target_file_no = target_files.file_no
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
LEFT JOIN kotadb.files AS targets
    ON
        dependencies.snapshot_id = targets.snapshot_id
        AND dependencies.to_file_no = targets.file_no
WHERE dependencies.snapshot_id = %(snapshot_id)s AND dependencies.file_no = %(file_no)s
ORDER BY dependencies.line, dependencies.column_no, dependencies.specifier;
