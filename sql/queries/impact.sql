-- What a change reaches: from files to those that import them, from symbols to the definitions that
-- use them. Each statement takes one step from all that the last one reached, so that a file or a
-- symbol is looked at once, however many ways lead to it. Where equality would do, a range of one
-- value with its order stands: of a snapshot that the statistics do not know yet, the planner takes
-- any index that begins with it, and only one gives that order.

-- name: importers_of_files
-- The files that import one of some files; of those it imports the first by number tells. The index
-- holds all that is read.
SELECT
    file_no,
    min(to_file_no) AS to_file_no
FROM kotadb.dependencies
WHERE snapshot_id = %(snapshot_id)s::integer AND to_file_no = ANY(%(file_nos)s::integer[])
GROUP BY file_no
ORDER BY file_no
LIMIT %(most)s::integer;

-- name: importers_of_files_by_kind
-- As importers_of_files, without imports of some kinds.
SELECT
    file_no,
    min(to_file_no) AS to_file_no
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND to_file_no = ANY(%(file_nos)s::integer[])
    AND kind <> ALL(%(kinds_left_out)s::smallint[])
GROUP BY file_no
ORDER BY file_no
LIMIT %(most)s::integer;

-- name: users_of_symbols
-- The definitions that use one of some symbols, and the files that do outside of every definition
-- (-1). One use of each tells: where there is another, none that only passes the name on. What is
-- declared several times is used as the first of these.
WITH asked AS (
    SELECT
        wanted.symbol_no,
        kotadb.first_declaration(%(snapshot_id)s::integer, wanted.symbol_no) AS first_no
    FROM unnest(%(symbol_nos)s::integer[]) AS wanted (symbol_no)
),

uses AS MATERIALIZED (
    SELECT
        asked.symbol_no,
        those.file_no,
        those.line,
        those.kind,
        coalesce(those.enclosing_no, -1) AS user_no
    FROM asked
    CROSS JOIN LATERAL (
        SELECT
            found.file_no,
            found.line,
            found.kind,
            found.enclosing_no
        FROM kotadb.symbol_references AS found
        WHERE
            found.snapshot_id = %(snapshot_id)s::integer
            AND found.symbol_no BETWEEN asked.first_no AND asked.first_no
            AND found.kind <> ALL(%(kinds_left_out)s::smallint[])
        ORDER BY found.symbol_no, found.file_no, found.line
        -- A fence: joined to the symbols, every use of the snapshot would be read and hashed.
        OFFSET 0
    ) AS those
    LIMIT %(most)s::integer
),

users AS MATERIALIZED (
    SELECT DISTINCT ON (uses.file_no, uses.user_no)
        uses.file_no,
        uses.user_no,
        uses.symbol_no,
        uses.line,
        uses.kind
    FROM uses
    ORDER BY
        uses.file_no ASC,
        uses.user_no ASC,
        (uses.kind = ANY(%(passing_on)s::smallint[])) ASC,
        uses.symbol_no ASC,
        uses.line ASC
)

SELECT
    users.*,
    around.kind AS symbol_kind,
    around.flags,
    around.container_no,
    containers.kind AS container_kind,
    (SELECT count(*) FROM uses) AS uses_read
FROM users
LEFT JOIN LATERAL (
    SELECT
        found.kind,
        found.flags,
        found.container_no
    FROM kotadb.symbols AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.symbol_no = users.user_no
    LIMIT 1
) AS around ON true
LEFT JOIN LATERAL (
    SELECT found.kind
    FROM kotadb.symbols AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.symbol_no = around.container_no
    LIMIT 1
) AS containers ON true
ORDER BY users.file_no, users.user_no;

-- name: files_by_paths
SELECT
    file_no,
    path
FROM kotadb.files
WHERE snapshot_id = %(snapshot_id)s::integer AND path = ANY(%(paths)s::text[]);

-- name: symbols_to_change
-- Symbols by number, and by name and that of the container, which may be left open: for one name at
-- most so many.
WITH asked AS (
    SELECT
        unnest(%(containers)s::text[]) AS container,
        unnest(%(names)s::text[]) AS name
),

wanted AS (
    SELECT
        numbered.symbol_no,
        numbered.file_no,
        numbered.name,
        numbered.kind,
        numbered.flags,
        numbered.container_no
    FROM kotadb.symbols AS numbered
    WHERE
        numbered.snapshot_id = %(snapshot_id)s::integer
        AND numbered.symbol_no = ANY(%(symbol_nos)s::integer[])
    UNION
    SELECT
        named.symbol_no,
        named.file_no,
        named.name,
        named.kind,
        named.flags,
        named.container_no
    FROM asked
    CROSS JOIN LATERAL (
        SELECT
            found.symbol_no,
            found.file_no,
            found.name,
            found.kind,
            found.flags,
            found.container_no
        FROM kotadb.symbols AS found
        WHERE
            found.snapshot_id = %(snapshot_id)s::integer
            AND found.name = asked.name
            AND (
                asked.container IS NULL
                OR asked.container = (
                    SELECT around.name
                    FROM kotadb.symbols AS around
                    WHERE
                        around.snapshot_id = found.snapshot_id
                        AND around.symbol_no = found.container_no
                )
            )
        ORDER BY found.symbol_no
        LIMIT %(most)s::integer
    ) AS named
)

SELECT
    wanted.symbol_no,
    wanted.file_no,
    wanted.name,
    wanted.kind AS symbol_kind,
    wanted.flags,
    wanted.container_no,
    containers.name AS container_name,
    containers.kind AS container_kind
FROM wanted
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = %(snapshot_id)s::integer AND around.symbol_no = wanted.container_no
    LIMIT 1
) AS containers ON true
ORDER BY wanted.symbol_no;

-- name: members_of_files
-- The symbols of some files that stand within another one, which comes before them.
WITH asked AS (
    SELECT unnest(%(file_nos)s::integer[]) AS file_no
)

SELECT
    members.symbol_no,
    members.container_no,
    members.file_no
FROM asked
CROSS JOIN LATERAL (
    SELECT
        found.symbol_no,
        found.container_no,
        found.file_no
    FROM kotadb.symbols AS found
    WHERE
        found.snapshot_id = %(snapshot_id)s::integer
        AND (found.file_no, found.symbol_no) > (asked.file_no, %(after)s::integer)
        AND found.file_no <= asked.file_no
        AND found.container_no IS NOT NULL
    ORDER BY found.file_no, found.symbol_no
    LIMIT %(most)s::integer
) AS members
ORDER BY members.symbol_no
LIMIT %(most)s::integer;

-- name: places_of_symbols
SELECT
    symbols.symbol_no,
    symbols.name,
    symbols.kind,
    symbols.line,
    symbols.file_no
FROM kotadb.symbols AS symbols
WHERE
    symbols.snapshot_id = %(snapshot_id)s::integer
    AND symbols.symbol_no = ANY(%(symbol_nos)s::integer[]);

-- name: lines_of_imports
-- Where files import others first, given in pairs.
WITH pairs AS (
    SELECT
        unnest(%(file_nos)s::integer[]) AS file_no,
        unnest(%(to_file_nos)s::integer[]) AS to_file_no
)

SELECT
    pairs.file_no,
    pairs.to_file_no,
    links.line
FROM pairs
CROSS JOIN LATERAL (
    SELECT min(found.line) AS line
    FROM kotadb.dependencies AS found
    WHERE
        found.snapshot_id = %(snapshot_id)s::integer
        AND found.to_file_no = pairs.to_file_no
        AND found.file_no = pairs.file_no
        AND found.kind <> ALL(%(kinds_left_out)s::smallint[])
) AS links;
