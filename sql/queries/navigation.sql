-- What stands at a place of a file, and where it leads. As in search.sql: the policies show what the
-- principal may read and nothing else, and conditions are equality and ranges.

-- name: uses_at
-- The uses of names that begin last on a line up to a column, with what they lead to.
SELECT
    uses.column_no,
    uses.name,
    uses.kind,
    uses.resolution,
    uses.symbol_no,
    uses.target_line,
    uses.imported_no,
    targets.path AS target_path
FROM (
    SELECT
        column_no,
        name,
        kind,
        resolution,
        symbol_no,
        target_file_no,
        target_line,
        imported_no
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
    links.package,
    targets.path AS target_path
FROM (
    SELECT
        column_no,
        specifier,
        reason,
        package,
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

-- name: file_with_line_count
SELECT
    file_no,
    line_count
FROM kotadb.files
WHERE snapshot_id = %(snapshot_id)s::integer AND path = %(path)s::text;

-- name: uses_in_lines
-- The index has them by line, so only those of the lines are read and sorted.
SELECT
    line,
    column_no,
    name,
    kind,
    resolution,
    symbol_no,
    target_file_no,
    target_line,
    imported_no
FROM kotadb.symbol_references
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = %(file_no)s::integer
    AND line BETWEEN %(first_line)s::integer AND %(last_line)s::integer
ORDER BY line, column_no, resolution, kind, symbol_no, target_line
LIMIT %(most)s::integer;

-- name: definitions_in_lines
-- The index has them by number, so those of the file are read, and those of the lines sorted.
SELECT
    line,
    column_no,
    name,
    kind,
    symbol_no
FROM kotadb.symbols
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = %(file_no)s::integer
    AND line BETWEEN %(first_line)s::integer AND %(last_line)s::integer
ORDER BY line, column_no, symbol_no
LIMIT %(most)s::integer;

-- name: imports_in_lines
SELECT
    line,
    column_no,
    specifier,
    to_file_no AS target_file_no,
    reason,
    package
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = %(file_no)s::integer
    AND line BETWEEN %(first_line)s::integer AND %(last_line)s::integer
ORDER BY line, column_no, specifier, to_file_no
LIMIT %(most)s::integer;

-- name: folder_page
-- What lies directly in a folder, from the file `first_file` on: each step leaps over the folder
-- that it stands in (a slash is followed by 0), so a page costs its entries and not their files.
-- A folder holds the files up to the next entry, as file numbers follow the order of paths.
WITH RECURSIVE entries (file_no, path, slash, place) AS (
    (
        SELECT
            firsts.file_no,
            firsts.path,
            strpos(substr(firsts.path, %(folder_length)s::integer + 1), '/'),
            1
        FROM kotadb.files AS firsts
        WHERE
            firsts.snapshot_id = %(snapshot_id)s::integer
            AND firsts.file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
        ORDER BY firsts.file_no
        LIMIT 1
    )
    UNION ALL
    SELECT
        following.file_no,
        following.path,
        strpos(substr(following.path, %(folder_length)s::integer + 1), '/'),
        entries.place + 1
    FROM entries
    CROSS JOIN LATERAL (
        SELECT
            files.file_no,
            files.path
        FROM kotadb.files AS files
        WHERE
            files.snapshot_id = %(snapshot_id)s::integer
            AND files.path >= CASE
                WHEN entries.slash > 0
                    THEN left(entries.path, %(folder_length)s::integer + entries.slash - 1) || '0'
                ELSE entries.path || chr(1)
            END
        ORDER BY files.path
        LIMIT 1
    ) AS following
    -- Not within: the files after the folder would be gone through for one that still lies in it.
    WHERE entries.place < %(page_size)s::integer AND following.file_no <= %(last_file)s::integer
)

SELECT
    entries.file_no,
    entries.path,
    entries.slash,
    coalesce(
        lead(entries.file_no) OVER (ORDER BY entries.place),
        %(last_file)s::integer + 1
    ) AS next_file
FROM entries
ORDER BY entries.place;

-- name: last_file_of_snapshot
SELECT max(file_no) AS last_file
FROM kotadb.files
WHERE snapshot_id = %(snapshot_id)s::integer;

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

-- name: uses_of_symbols
-- How many references lead to symbols of one snapshot; none where they were not counted yet.
SELECT
    counted.symbol_no,
    counted.uses
FROM kotadb.symbols AS counted
WHERE
    counted.snapshot_id = %(snapshot_id)s::integer
    AND counted.symbol_no = ANY(%(symbol_nos)s::integer[])
    AND EXISTS (
        SELECT FROM kotadb.snapshots AS snaps
        WHERE snaps.snapshot_id = %(snapshot_id)s::integer AND snaps.file_groups IS NOT NULL
    );

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

-- name: symbols_most_used
-- No index has the uses: the symbols of one snapshot are read, and the best of them kept.
SELECT symbols.symbol_no
FROM kotadb.symbols AS symbols
WHERE
    symbols.snapshot_id = %(snapshot_id)s::integer
    AND symbols.file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
    AND symbols.kind = ANY(%(kinds)s::smallint[])
ORDER BY symbols.uses DESC, symbols.symbol_no ASC
LIMIT %(most)s::integer;

-- name: folders_of_snapshot
-- The folders that files lie in, with the number of files that lie in each itself.
SELECT
    homes.folder,
    count(*) AS files
FROM (
    SELECT coalesce(substring(path FROM '^(.*)/'), '') AS folder
    FROM kotadb.files
    WHERE snapshot_id = %(snapshot_id)s::integer
) AS homes
GROUP BY homes.folder
ORDER BY homes.folder
LIMIT %(most)s::integer;

-- name: imports_between_folders
-- How many files of a folder import how many of another one: pairs of files, however often. What lies
-- below a depth counts as the folder there.
WITH links AS MATERIALIZED (
    SELECT DISTINCT
        file_no,
        to_file_no
    FROM kotadb.dependencies
    WHERE snapshot_id = %(snapshot_id)s::integer AND to_file_no IS NOT NULL
    ORDER BY file_no, to_file_no
    LIMIT %(most)s::integer
),

homes AS MATERIALIZED (
    SELECT
        parted.file_no,
        array_to_string(
            trim_array(parted.parts, greatest(cardinality(parted.parts) - %(depth)s::integer, 0)), '/'
        ) AS folder
    FROM (
        SELECT
            file_no,
            string_to_array(coalesce(substring(path FROM '^(.*)/'), ''), '/') AS parts
        FROM kotadb.files
        WHERE snapshot_id = %(snapshot_id)s::integer
    ) AS parted
)

SELECT
    homes.folder AS from_folder,
    targets.folder AS to_folder,
    count(*) AS imports,
    (SELECT count(every.file_no) FROM links AS every) = %(most)s::integer AS cut
FROM links
INNER JOIN homes ON links.file_no = homes.file_no
INNER JOIN homes AS targets ON links.to_file_no = targets.file_no
WHERE
    homes.folder <> targets.folder
    AND homes.folder = ANY(%(folders)s::text[])
    AND targets.folder = ANY(%(folders)s::text[])
GROUP BY homes.folder, targets.folder
ORDER BY homes.folder, targets.folder;
