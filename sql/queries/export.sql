-- An index for other programs. Each query is one page, in the order in which it is written.
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
    places.full_name,
    places.clone_url
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
    ORDER BY snaps.publication DESC, snaps.indexed_at DESC, snaps.snapshot_id DESC
    LIMIT 1
) AS answers ON true
WHERE
    kotadb.is_called(places.full_name, places.clone_url, %(repository)s)
    OR kotadb.repository_identity(places.clone_url) = kotadb.repository_identity(%(repository)s)
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
    uses.enclosing_no,
    uses.symbol_no,
    definitions.file_no AS symbol_file_no,
    uses.target_file_no,
    uses.target_line,
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

-- name: export_text_of_file
SELECT content
FROM kotadb.file_texts
WHERE snapshot_id = %(snapshot_id)s AND file_no = %(file_no)s;

-- name: export_symbol_names_of_file
-- What the symbols of a file are called, and in what: enough to name them as others do. A range of one
-- file in the order of files: only the index of files will do, or that of numbers would be read whole.
WITH own AS MATERIALIZED (
    SELECT
        symbol_no,
        container_no,
        name,
        kind,
        flags
    FROM kotadb.symbols
    WHERE snapshot_id = %(snapshot_id)s AND file_no BETWEEN %(file_no)s AND %(file_no)s
    ORDER BY file_no, symbol_no
)

SELECT own.*
FROM own
ORDER BY own.symbol_no;

-- name: export_symbols_of_file
-- `used_elsewhere`: another file has a use of it. Found as above.
WITH own AS MATERIALIZED (
    SELECT
        symbol_no,
        container_no,
        name,
        kind,
        flags,
        line,
        column_no AS col,
        start_line,
        start_column AS start_col,
        end_line,
        end_column AS end_col,
        signature,
        documentation
    FROM kotadb.symbols
    WHERE snapshot_id = %(snapshot_id)s AND file_no BETWEEN %(file_no)s AND %(file_no)s
    ORDER BY file_no, symbol_no
)

SELECT
    own.*,
    EXISTS (
        SELECT FROM kotadb.symbol_references AS uses
        WHERE
            uses.snapshot_id = %(snapshot_id)s
            AND uses.symbol_no = own.symbol_no
            AND uses.file_no < %(file_no)s
    ) OR EXISTS (
        SELECT FROM kotadb.symbol_references AS uses
        WHERE
            uses.snapshot_id = %(snapshot_id)s
            AND uses.symbol_no = own.symbol_no
            AND uses.file_no > %(file_no)s
    ) AS used_elsewhere
FROM own
ORDER BY own.symbol_no;

-- name: export_lines_without_symbol
-- The lines that uses in other files lead to though no symbol stands there: `module.exports = …`.
-- No index has the uses by their targets, so a page reads all uses of the snapshot; there are few lines.
SELECT DISTINCT
    target_file_no AS file_no,
    target_line AS line
FROM kotadb.symbol_references
WHERE
    snapshot_id = %(snapshot_id)s
    AND symbol_no IS NULL
    AND target_file_no <> file_no
    AND target_line > 1
    AND (target_file_no, target_line) > (%(after_file_no)s, %(after_line)s)
ORDER BY target_file_no, target_line
LIMIT %(page_size)s;

-- name: export_tags
-- Symbols in the order of their names, byte by byte. `scope` is what they are declared in, outermost
-- first and the innermost 32 at most, `scope_kind` the kind of the innermost. Each step outwards carries
-- the whole row along, so that nothing is joined with the page again.
WITH RECURSIVE page AS MATERIALIZED (
    SELECT
        symbol_no,
        file_no,
        container_no,
        name,
        kind,
        flags,
        line,
        end_line,
        signature
    FROM kotadb.symbols
    WHERE
        snapshot_id = %(snapshot_id)s
        AND (name, symbol_no) > (%(after_name)s::text COLLATE "C", %(after_no)s::integer)
    ORDER BY name, symbol_no
    LIMIT %(page_size)s
),

steps AS (
    SELECT
        page.*,
        nullif(page.name, page.name) AS around_name,
        NULL::smallint AS around_kind,
        0 AS depth
    FROM page
    UNION ALL
    SELECT
        steps.symbol_no,
        steps.file_no,
        containers.container_no,
        steps.name,
        steps.kind,
        steps.flags,
        steps.line,
        steps.end_line,
        steps.signature,
        containers.name AS around_name,
        containers.kind AS around_kind,
        steps.depth + 1 AS depth
    FROM steps
    INNER JOIN LATERAL (
        SELECT
            symbols.symbol_no,
            symbols.container_no,
            symbols.name,
            symbols.kind
        FROM kotadb.symbols AS symbols
        WHERE symbols.snapshot_id = %(snapshot_id)s AND symbols.symbol_no >= steps.container_no
        ORDER BY symbols.symbol_no
        LIMIT 1
    ) AS containers ON steps.container_no = containers.symbol_no
    WHERE steps.depth < 32
),

found AS (
    SELECT
        symbol_no,
        file_no,
        name,
        kind,
        flags,
        line,
        end_line,
        signature,
        array_agg(around_name ORDER BY depth DESC) FILTER (WHERE depth > 0) AS scope,
        min(around_kind) FILTER (WHERE depth = 1) AS scope_kind
    FROM steps
    GROUP BY symbol_no, file_no, name, kind, flags, line, end_line, signature
)

SELECT
    found.*,
    places.path
FROM found
INNER JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s AND files.file_no = found.file_no
    LIMIT 1
) AS places ON true
ORDER BY found.name, found.symbol_no;
