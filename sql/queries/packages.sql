-- What a repository needs from outside, and what it asks for and has not. No index leads to a package
-- or a reason: the imports of one snapshot are read, by file. A snapshot never changes, so pages go on
-- by the number of rows that were shown: specifiers may be too long for a cursor.

-- name: packages_of_snapshot
-- Packages and modules of the runtime, these behind the others, by how many files ask for them.
WITH packages AS (
    SELECT
        coalesce(package, specifier) AS package,
        reason = %(builtin)s::smallint AS builtin,
        count(DISTINCT file_no) AS files,
        count(*) AS imports
    FROM kotadb.dependencies
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND reason = ANY(%(external)s::smallint[])
    GROUP BY coalesce(package, specifier), reason = %(builtin)s::smallint
),

counted AS (
    SELECT
        packages.*,
        count(*) FILTER (WHERE NOT packages.builtin) OVER () AS total_packages,
        count(*) FILTER (WHERE packages.builtin) OVER () AS total_builtins
    FROM packages
)

SELECT counted.*
FROM counted
ORDER BY counted.builtin ASC, counted.files DESC, counted.package ASC
LIMIT %(page_size)s::integer
OFFSET %(skipped)s::integer;

-- name: package_is_used
SELECT true AS used
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND coalesce(package, specifier) = %(package)s::text
    AND reason = ANY(%(external)s::smallint[])
LIMIT 1;

-- name: users_of_package
WITH page AS MATERIALIZED (
    SELECT
        file_no,
        line,
        column_no,
        kind,
        specifier,
        reason
    FROM kotadb.dependencies
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND coalesce(package, specifier) = %(package)s::text
        AND reason = ANY(%(external)s::smallint[])
        AND file_no >= %(from_file)s::integer
    ORDER BY file_no, line, column_no, specifier
    LIMIT %(page_size)s::integer
    OFFSET %(skipped)s::integer
)

SELECT
    page.*,
    files.path
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = page.file_no
    LIMIT 1
) AS files
ORDER BY page.file_no, page.line, page.column_no, page.specifier;

-- name: reasons_of_unresolved
-- How many imports of some files lead nowhere although they should, by reason.
SELECT
    reason,
    count(*) AS imports,
    count(DISTINCT file_no) AS files
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
    AND reason <> ALL(%(no_fault)s::smallint[])
GROUP BY reason
ORDER BY count(*) DESC, reason ASC;

-- name: unresolved_page
WITH page AS MATERIALIZED (
    SELECT
        file_no,
        line,
        column_no,
        kind,
        specifier,
        reason
    FROM kotadb.dependencies
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
        AND reason <> ALL(%(no_fault)s::smallint[])
        AND (%(reason)s::smallint IS NULL OR reason = %(reason)s::smallint)
        AND file_no >= %(from_file)s::integer
    ORDER BY file_no, line, column_no, specifier
    LIMIT %(page_size)s::integer
    OFFSET %(skipped)s::integer
)

SELECT
    page.*,
    files.path
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = page.file_no
    LIMIT 1
) AS files
ORDER BY page.file_no, page.line, page.column_no, page.specifier;
