-- What nothing uses. As in search.sql: the policies show what the principal may read and nothing else,
-- and conditions are equality and ranges.

-- name: symbols_of_files_from
-- The numbers of the first and the last symbol of these files; null: they have none.
SELECT
    (
        SELECT firsts.symbol_no
        FROM kotadb.symbols AS firsts
        WHERE
            firsts.snapshot_id = %(snapshot_id)s::integer
            AND firsts.file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
        ORDER BY firsts.file_no, firsts.symbol_no
        LIMIT 1
    ) AS first_no,
    (
        SELECT lasts.symbol_no
        FROM kotadb.symbols AS lasts
        WHERE
            lasts.snapshot_id = %(snapshot_id)s::integer
            AND lasts.file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
        ORDER BY lasts.file_no DESC, lasts.symbol_no DESC
        LIMIT 1
    ) AS last_no;

-- name: unused_symbols
-- Symbols among those of some numbers that no use from outside of themselves leads to; imports and
-- exports are none. Numbers follow the order of files and source. What shares a name at one place is
-- judged together (overloads, declarations that merge): a use leads to one of them. So the first number is
-- moved to the beginning of its file, and the last to the end of its own.
WITH bounds AS MATERIALIZED (
    SELECT
        (
            SELECT firsts.symbol_no
            FROM kotadb.symbols AS firsts
            WHERE
                firsts.snapshot_id = %(snapshot_id)s::integer
                AND firsts.file_no = (
                    SELECT ends.file_no
                    FROM kotadb.symbols AS ends
                    WHERE
                        ends.snapshot_id = %(snapshot_id)s::integer
                        AND ends.symbol_no = %(from_no)s::integer
                )
            ORDER BY firsts.symbol_no
            LIMIT 1
        ) AS first_no,
        (
            SELECT lasts.symbol_no
            FROM kotadb.symbols AS lasts
            WHERE
                lasts.snapshot_id = %(snapshot_id)s::integer
                AND lasts.file_no = (
                    SELECT ends.file_no
                    FROM kotadb.symbols AS ends
                    WHERE
                        ends.snapshot_id = %(snapshot_id)s::integer
                        AND ends.symbol_no = %(to_no)s::integer
                )
            ORDER BY lasts.symbol_no DESC
            LIMIT 1
        ) AS last_no
),

judged AS (
    SELECT
        symbols.symbol_no,
        symbols.file_no,
        symbols.kind,
        symbols.flags,
        symbols.container_no,
        bool_or(EXISTS (
            SELECT FROM kotadb.symbol_references AS uses
            WHERE
                uses.snapshot_id = %(snapshot_id)s::integer
                AND uses.symbol_no = symbols.symbol_no
                AND uses.kind <> ALL(%(passing_on)s::smallint[])
                AND NOT (
                    uses.file_no = symbols.file_no
                    AND (uses.line, uses.column_no) >= (symbols.start_line, symbols.start_column)
                    AND (uses.line, uses.column_no) < (symbols.end_line, symbols.end_column)
                )
        )) OVER (PARTITION BY symbols.file_no, symbols.container_no, symbols.name) AS is_used
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = %(snapshot_id)s::integer
        AND symbols.symbol_no BETWEEN
        (SELECT bounds.first_no FROM bounds) AND (SELECT bounds.last_no FROM bounds)
),

found AS (
    SELECT judged.symbol_no
    FROM judged
    WHERE
        NOT judged.is_used
        AND judged.symbol_no BETWEEN %(from_no)s::integer AND %(last_no)s::integer
        AND judged.kind = ANY(%(kinds)s::smallint[])
        AND judged.flags & %(flags_wanted)s::integer = %(flags_wanted)s::integer
        AND judged.flags & %(flags_unwanted)s::integer = 0
        AND judged.symbol_no <> ALL(%(known_as_used)s::integer[])
        -- Whoever has an export has its members.
        AND NOT (
            judged.kind = ANY(%(member_kinds)s::smallint[])
            AND judged.flags & %(private)s::integer = 0
            AND coalesce(judged.container_no = ANY(%(known_as_used)s::integer[]), false)
        )
        -- What may be called through a base is not known to be unused.
        AND NOT (
            judged.kind = ANY(%(member_kinds)s::smallint[])
            AND EXISTS (
                SELECT FROM kotadb.symbols AS types
                INNER JOIN kotadb.symbol_references AS bases
                    ON
                        bases.snapshot_id = %(snapshot_id)s::integer
                        AND types.file_no = bases.file_no
                        AND bases.line BETWEEN types.line AND types.end_line
                        AND types.symbol_no = bases.enclosing_no
                        AND bases.kind = ANY(%(base_kinds)s::smallint[])
                WHERE
                    types.snapshot_id = %(snapshot_id)s::integer
                    AND types.symbol_no = judged.container_no
                -- A fence, here and below: the planner may list all in advance, of every type there is.
                OFFSET 0
            )
        )
        -- What `import()` and `require()` give may be used in ways that nobody can tell.
        AND NOT (
            judged.flags & %(exported)s::integer <> 0
            AND EXISTS (
                SELECT FROM kotadb.dependencies AS links
                WHERE
                    links.snapshot_id = %(snapshot_id)s::integer
                    AND links.to_file_no = judged.file_no
                    AND links.kind = ANY(%(as_values)s::smallint[])
                OFFSET 0
            )
        )
    ORDER BY judged.symbol_no
    LIMIT %(page_size)s::integer
)

SELECT
    bounds.last_no,
    found.symbol_no
FROM bounds
LEFT JOIN found ON true
ORDER BY found.symbol_no;

-- name: uses_of_the_unused
-- How often each of these symbols is imported, exported by a list, and used by itself.
SELECT
    symbols.symbol_no,
    count(*) FILTER (WHERE uses.kind = %(import)s::smallint) AS imports,
    count(*) FILTER (WHERE uses.kind = %(export)s::smallint) AS exports,
    count(*) FILTER (
        WHERE uses.kind NOT IN (%(import)s::smallint, %(export)s::smallint)
    ) AS own_uses
FROM kotadb.symbols AS symbols
INNER JOIN kotadb.symbol_references AS uses
    ON
        uses.snapshot_id = %(snapshot_id)s::integer
        AND symbols.symbol_no = uses.symbol_no
WHERE
    symbols.snapshot_id = %(snapshot_id)s::integer
    AND symbols.symbol_no = ANY(%(symbol_nos)s::integer[])
GROUP BY symbols.symbol_no;

-- name: files_that_are_imported
-- Those of these files that another one asks for.
WITH wanted AS (
    SELECT numbers.file_no
    FROM unnest(%(file_nos)s::integer[]) AS numbers (file_no)
)

SELECT wanted.file_no
FROM wanted
CROSS JOIN LATERAL (
    SELECT links.file_no
    FROM kotadb.dependencies AS links
    WHERE
        links.snapshot_id = %(snapshot_id)s::integer
        AND links.to_file_no = wanted.file_no
        AND links.file_no <> wanted.file_no
    LIMIT 1
) AS others;
