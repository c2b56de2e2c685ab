-- What files export. As in search.sql: the policies show what the principal may read and nothing else,
-- and conditions are equality and ranges.

-- name: exported_symbols_of_files
-- The definitions that files export, by file and source: those at the top, and what is assigned to
-- members of a variable that stands for the module.
SELECT
    found.symbol_no,
    found.file_no,
    found.flags,
    found.name,
    found.line,
    found.column_no,
    found.start_line,
    found.start_column
FROM kotadb.symbols AS found
WHERE
    found.snapshot_id = %(snapshot_id)s::integer
    AND found.file_no = ANY(%(file_nos)s::integer[])
    AND found.flags & %(exported)s::integer <> 0
    AND (
        found.container_no IS NULL
        OR (
            SELECT holders.kind = ANY(%(variables)s::smallint[])
            FROM kotadb.symbols AS holders
            WHERE
                holders.snapshot_id = %(snapshot_id)s::integer
                AND holders.symbol_no = found.container_no
            LIMIT 1
        )
    )
ORDER BY found.file_no, found.symbol_no
LIMIT %(most)s::integer;

-- name: export_lists_of_files
-- The names in the export lists of files, with what they lead to.
SELECT
    uses.file_no,
    uses.line,
    uses.column_no,
    uses.name,
    uses.resolution,
    uses.symbol_no,
    uses.target_file_no,
    uses.target_line,
    found.file_no AS symbol_file_no,
    found.name AS symbol_name,
    targets.path AS target_path
FROM (
    SELECT
        file_no,
        line,
        column_no,
        name,
        resolution,
        symbol_no,
        target_file_no,
        target_line
    FROM kotadb.symbol_references
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND file_no = ANY(%(file_nos)s::integer[])
        AND kind = %(export)s::smallint
        AND enclosing_no IS NULL
    ORDER BY file_no, line, column_no
    LIMIT %(most)s::integer
) AS uses
LEFT JOIN LATERAL (
    SELECT
        symbols.file_no,
        symbols.name
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = %(snapshot_id)s::integer AND symbols.symbol_no = uses.symbol_no
    LIMIT 1
) AS found ON true
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE
        files.snapshot_id = %(snapshot_id)s::integer
        AND files.file_no = uses.target_file_no
    LIMIT 1
) AS targets ON true
ORDER BY uses.file_no, uses.line, uses.column_no;

-- name: export_sources_of_files
-- The modules that files ask for in one way, such as those that they export from.
SELECT
    links.file_no,
    links.line,
    links.column_no,
    links.specifier,
    links.to_file_no,
    links.package,
    links.reason,
    targets.path AS target_path
FROM (
    SELECT
        file_no,
        line,
        column_no,
        specifier,
        to_file_no,
        package,
        reason
    FROM kotadb.dependencies
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND file_no = ANY(%(file_nos)s::integer[])
        AND kind = %(dependency)s::smallint
    ORDER BY file_no, line, column_no
    LIMIT %(most)s::integer
) AS links
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s::integer AND files.file_no = links.to_file_no
    LIMIT 1
) AS targets ON true
ORDER BY links.file_no, links.line, links.column_no;

-- name: exported_twins
-- The definitions at the top of the same files that share the names of these, as those that merge do.
-- Numbers of symbols follow the order of files, so those of a file are a range.
SELECT
    known.symbol_no,
    twins.symbol_no AS twin_no
FROM (
    SELECT
        symbol_no,
        file_no,
        name
    FROM kotadb.symbols
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND symbol_no = ANY(%(symbol_nos)s::integer[])
        AND container_no IS NULL
) AS known
CROSS JOIN LATERAL (
    SELECT around.symbol_no AS first_no
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = %(snapshot_id)s::integer AND around.file_no = known.file_no
    ORDER BY around.symbol_no
    LIMIT 1
) AS firsts
CROSS JOIN LATERAL (
    SELECT around.symbol_no AS last_no
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = %(snapshot_id)s::integer AND around.file_no = known.file_no
    ORDER BY around.symbol_no DESC
    LIMIT 1
) AS lasts
CROSS JOIN LATERAL (
    SELECT others.symbol_no
    FROM kotadb.symbols AS others
    WHERE
        others.snapshot_id = %(snapshot_id)s::integer
        AND others.name = known.name
        AND others.symbol_no BETWEEN firsts.first_no AND lasts.last_no
        AND others.container_no IS NULL
        AND others.flags & %(exported)s::integer <> 0
) AS twins
ORDER BY known.symbol_no, twins.symbol_no;
