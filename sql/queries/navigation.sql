-- What stands at a place of a file, and where it leads. As in search.sql: the policies show the
-- current snapshots of the principal alone, and conditions are equality and ranges.

-- name: uses_at
-- The uses of names that begin last on a line up to a column, with what they lead to.
SELECT
    uses.column_no,
    uses.name,
    uses.kind,
    uses.resolution,
    uses.symbol_no,
    uses.target_line,
    targets.path AS target_path
FROM (
    SELECT
        column_no,
        name,
        kind,
        resolution,
        symbol_no,
        target_file_no,
        target_line
    FROM kotadb.symbol_references
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND file_no = %(file_no)s::integer
        AND line = %(line)s::integer
        AND column_no <= %(column_no)s::smallint
    ORDER BY column_no DESC, resolution ASC, kind ASC, symbol_no ASC, target_line ASC
    LIMIT %(most)s::integer
) AS uses
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE
        files.snapshot_id = %(snapshot_id)s::integer
        AND files.file_no = uses.target_file_no
    LIMIT 1
) AS targets ON true
ORDER BY
    uses.column_no DESC, uses.resolution ASC, uses.kind ASC, uses.symbol_no ASC, uses.target_line ASC;

-- name: symbols_at
-- The symbols whose names begin last on a line up to a column.
SELECT
    column_no,
    name,
    symbol_no
FROM kotadb.symbols
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = %(file_no)s::integer
    AND line = %(line)s::integer
    AND column_no <= %(column_no)s::smallint
ORDER BY column_no DESC, symbol_no ASC
LIMIT %(most)s::integer;

-- name: imports_at
-- The module specifiers that begin last on a line up to a column, and the files they lead to.
SELECT
    links.column_no,
    links.specifier,
    links.reason,
    targets.path AS target_path
FROM (
    SELECT
        column_no,
        specifier,
        reason,
        to_file_no
    FROM kotadb.dependencies
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND file_no = %(file_no)s::integer
        AND line = %(line)s::integer
        AND column_no <= %(column_no)s::smallint
    ORDER BY column_no DESC, specifier ASC
    LIMIT %(most)s::integer
) AS links
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE
        files.snapshot_id = %(snapshot_id)s::integer
        AND files.file_no = links.to_file_no
    LIMIT 1
) AS targets ON true
ORDER BY links.column_no DESC, links.specifier ASC;

-- name: symbols_by_number
-- Symbols of one snapshot, each with its file's path and its container's name.
SELECT
    symbols.*,
    files.path,
    containers.name AS container_name,
    containers.kind AS container_kind
FROM (
    SELECT * FROM kotadb.symbols
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND symbol_no = ANY(%(symbol_nos)s::integer[])
) AS symbols
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = symbols.snapshot_id AND found.file_no = symbols.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = symbols.snapshot_id AND around.symbol_no = symbols.container_no
    LIMIT 1
) AS containers ON true
ORDER BY symbols.symbol_no;

-- name: links_of_snapshot
-- Which files import which, once each however often; imports of some kinds are left out.
SELECT DISTINCT
    file_no,
    to_file_no
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND to_file_no IS NOT NULL
    AND kind <> ALL(%(kinds_left_out)s::smallint[])
ORDER BY file_no, to_file_no
LIMIT %(most)s::integer;

-- name: paths_of_files
SELECT
    file_no,
    path
FROM kotadb.files
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = ANY(%(file_nos)s::integer[]);
