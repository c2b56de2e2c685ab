-- Who calls a definition, and what it calls. As in search.sql: the policies show what the principal
-- may read and nothing else, and conditions are equality and ranges.

-- name: callers_of_symbol
-- The definitions that use a symbol in one of these ways, by file and place, the file itself (-1)
-- before the definitions in it. Every file that uses it so gives one caller at least: a page needs
-- no more files than it has rows, found one by one, and no use of a later file is read.
WITH RECURSIVE places (file_no) AS (
    SELECT (
        SELECT uses.file_no
        FROM kotadb.symbol_references AS uses
        WHERE
            uses.snapshot_id = %(snapshot_id)s::integer
            AND uses.symbol_no = %(symbol_no)s::integer
            AND uses.file_no >= %(from_file)s::integer
            AND uses.kind = ANY(%(kinds)s::smallint[])
        ORDER BY uses.file_no, uses.line
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT uses.file_no
        FROM kotadb.symbol_references AS uses
        WHERE
            uses.snapshot_id = %(snapshot_id)s::integer
            AND uses.symbol_no = %(symbol_no)s::integer
            AND uses.file_no > places.file_no
            AND uses.kind = ANY(%(kinds)s::smallint[])
        ORDER BY uses.file_no, uses.line
        LIMIT 1
    )
    FROM places
    WHERE places.file_no IS NOT NULL
),

-- One more than a page: of the first file all callers may have been shown.
nearest AS MATERIALIZED (
    SELECT places.file_no
    FROM places
    LIMIT %(page_size)s::integer + 1
),

sites AS MATERIALIZED (
    SELECT
        calls.*,
        row_number() OVER (
            PARTITION BY calls.file_no, calls.caller_no ORDER BY calls.line, calls.column_no
        ) AS nth
    FROM nearest
    CROSS JOIN LATERAL (
        SELECT
            uses.file_no,
            coalesce(uses.enclosing_no, -1) AS caller_no,
            uses.line,
            uses.column_no,
            uses.kind,
            uses.resolution
        FROM kotadb.symbol_references AS uses
        WHERE
            uses.snapshot_id = %(snapshot_id)s::integer
            AND uses.symbol_no = %(symbol_no)s::integer
            AND uses.file_no = nearest.file_no
            AND uses.kind = ANY(%(kinds)s::smallint[])
            AND (uses.file_no, coalesce(uses.enclosing_no, -1))
            > (%(from_file)s::integer, %(after_caller)s::integer)
        -- A fence: joined to the files, every use of the symbol would be read and hashed.
        OFFSET 0
    ) AS calls
),

page AS MATERIALIZED (
    SELECT
        sites.file_no,
        sites.caller_no,
        count(*) AS calls,
        array_agg(sites.line ORDER BY sites.nth) FILTER (WHERE sites.nth <= %(most_sites)s::integer)
            AS lines,
        array_agg(sites.column_no ORDER BY sites.nth)
            FILTER (WHERE sites.nth <= %(most_sites)s::integer) AS columns,
        array_agg(sites.kind ORDER BY sites.nth) FILTER (WHERE sites.nth <= %(most_sites)s::integer)
            AS kinds,
        array_agg(sites.resolution ORDER BY sites.nth)
            FILTER (WHERE sites.nth <= %(most_sites)s::integer) AS resolutions
    FROM sites
    GROUP BY sites.file_no, sites.caller_no
    ORDER BY sites.file_no, sites.caller_no
    LIMIT %(page_size)s::integer
)

SELECT
    page.*,
    %(snapshot_id)s::integer AS snapshot_id,
    files.path,
    callers.name AS caller_name,
    callers.kind AS caller_kind,
    callers.line AS caller_line
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = page.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind,
        around.line
    FROM kotadb.symbols AS around
    WHERE
        around.snapshot_id = %(snapshot_id)s::integer AND around.symbol_no = page.caller_no
    LIMIT 1
) AS callers ON true
ORDER BY page.file_no, page.caller_no;

-- name: symbols_behind
-- The symbols of a file behind one of them. What stands in a definition has a higher number than it.
SELECT
    symbol_no,
    container_no,
    start_line,
    end_line
FROM kotadb.symbols
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = %(file_no)s::integer
    AND symbol_no > %(symbol_no)s::integer
ORDER BY symbol_no;

-- name: declarations_from_symbol
-- A symbol and what declares the same behind it: of those of its name in its file and its container. Of
-- these the first `most` are looked at.
WITH alike AS MATERIALIZED (
    SELECT
        others.symbol_no,
        others.start_line,
        others.end_line
    FROM kotadb.symbols AS others
    WHERE
        others.snapshot_id = %(snapshot_id)s::integer
        AND others.name BETWEEN %(name)s::text AND %(name)s::text
        AND others.symbol_no >= %(symbol_no)s::integer
        AND others.file_no = %(file_no)s::integer
        AND others.container_no IS NOT DISTINCT FROM %(container_no)s::integer
    ORDER BY others.name, others.symbol_no
    LIMIT %(most)s::integer
)

SELECT
    symbol_no,
    start_line,
    end_line
FROM alike
WHERE
    kotadb.first_declaration(%(snapshot_id)s::integer, symbol_no)
    = kotadb.first_declaration(%(snapshot_id)s::integer, %(symbol_no)s::integer);

-- name: callees_of_symbols
-- What is called in some symbols of a file, each once, in the order of their first calls. Calls that
-- lead to the same symbol, the same line or the same name of a package are of one callee; where they
-- lead to nothing, those of the same name for the same reason.
WITH calls AS MATERIALIZED (
    SELECT
        uses.line,
        uses.column_no,
        uses.kind,
        uses.resolution,
        uses.name,
        uses.symbol_no,
        uses.imported_no,
        uses.target_file_no,
        uses.target_line,
        CASE
            WHEN coalesce(uses.symbol_no, uses.imported_no, uses.target_file_no) IS NULL
                THEN uses.resolution || ' ' || uses.name
        END AS lost
    FROM kotadb.symbol_references AS uses
    WHERE
        uses.snapshot_id = %(snapshot_id)s::integer
        AND uses.file_no = %(file_no)s::integer
        AND uses.line BETWEEN %(first_line)s::integer AND %(last_line)s::integer
        AND uses.enclosing_no = ANY(%(symbol_nos)s::integer[])
        AND uses.kind = ANY(%(kinds)s::smallint[])
        AND (NOT %(defined)s::boolean OR uses.symbol_no IS NOT NULL)
),

sites AS (
    SELECT
        calls.*,
        row_number() OVER (
            PARTITION BY
                calls.symbol_no,
                calls.imported_no,
                calls.target_file_no,
                calls.target_line,
                calls.lost
            ORDER BY calls.line, calls.column_no, calls.kind
        ) AS nth
    FROM calls
),

page AS MATERIALIZED (
    SELECT
        sites.symbol_no,
        sites.imported_no,
        sites.target_file_no,
        sites.target_line,
        sites.lost,
        count(*) AS calls,
        min(sites.line) AS first_line,
        min(sites.column_no) FILTER (WHERE sites.nth = 1) AS first_column,
        min(sites.name) FILTER (WHERE sites.nth = 1) AS name,
        array_agg(sites.line ORDER BY sites.nth) FILTER (WHERE sites.nth <= %(most_sites)s::integer)
            AS lines,
        array_agg(sites.column_no ORDER BY sites.nth)
            FILTER (WHERE sites.nth <= %(most_sites)s::integer) AS columns,
        array_agg(sites.kind ORDER BY sites.nth) FILTER (WHERE sites.nth <= %(most_sites)s::integer)
            AS kinds,
        array_agg(sites.resolution ORDER BY sites.nth)
            FILTER (WHERE sites.nth <= %(most_sites)s::integer) AS resolutions
    FROM sites
    GROUP BY
        sites.symbol_no, sites.imported_no, sites.target_file_no, sites.target_line, sites.lost
    ORDER BY
        first_line,
        first_column,
        sites.symbol_no,
        sites.imported_no,
        sites.target_file_no,
        sites.target_line,
        sites.lost
    LIMIT %(page_size)s::integer
    OFFSET %(shown)s::integer
)

SELECT
    %(snapshot_id)s::integer AS snapshot_id,
    page.name,
    page.imported_no,
    page.calls,
    page.lines,
    page.columns,
    page.kinds,
    page.resolutions,
    page.symbol_no AS callee_no,
    callees.name AS callee_name,
    callees.kind AS callee_kind,
    coalesce(callees.line, page.target_line) AS line,
    files.path
FROM page
LEFT JOIN LATERAL (
    SELECT
        found.name,
        found.kind,
        found.line,
        found.file_no
    FROM kotadb.symbols AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.symbol_no = page.symbol_no
    LIMIT 1
) AS callees ON true
LEFT JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE
        found.snapshot_id = %(snapshot_id)s::integer
        AND found.file_no = coalesce(callees.file_no, page.target_file_no)
    LIMIT 1
) AS files ON true
ORDER BY
    page.first_line,
    page.first_column,
    page.symbol_no,
    page.imported_no,
    page.target_file_no,
    page.target_line,
    page.lost;
