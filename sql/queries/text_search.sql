-- What the text search asks of the index. As in search.sql, only equality and order stand where an
-- index is to be used; a pattern is applied to rows that an index gave.

-- name: groups_of_files
SELECT
    snapshot_id,
    file_groups
FROM kotadb.snapshots
WHERE snapshot_id = ANY(%(snapshot_ids)s::integer[]) AND file_groups IS NOT NULL;

-- name: posting_blocks
-- The block that may hold the list of a trigram is the last one that begins no later. One block may
-- hold several of them, and is read once.
WITH sought AS (
    SELECT
        places.snapshot_id,
        places.segment,
        trigrams.trigram
    FROM unnest(%(snapshot_ids)s::integer[], %(segments)s::smallint[]) AS places (snapshot_id, segment)
    CROSS JOIN unnest(%(trigrams)s::integer[]) AS trigrams (trigram)
),

wanted AS MATERIALIZED (
    SELECT DISTINCT
        sought.snapshot_id,
        sought.segment,
        found.first_trigram
    FROM sought
    CROSS JOIN LATERAL (
        SELECT blocks.first_trigram
        FROM kotadb.text_postings AS blocks
        WHERE
            blocks.snapshot_id = sought.snapshot_id
            AND blocks.segment = sought.segment
            AND blocks.first_trigram <= sought.trigram
        ORDER BY blocks.first_trigram DESC
        LIMIT 1
    ) AS found
)

SELECT
    wanted.snapshot_id,
    wanted.segment,
    wanted.first_trigram,
    blocks.content
FROM wanted
CROSS JOIN LATERAL (
    SELECT found.content
    FROM kotadb.text_postings AS found
    WHERE
        found.snapshot_id = wanted.snapshot_id
        AND found.segment = wanted.segment
        AND found.first_trigram = wanted.first_trigram
    LIMIT 1
) AS blocks
ORDER BY wanted.snapshot_id, wanted.segment, wanted.first_trigram;

-- name: files_by_pattern
SELECT
    files.snapshot_id,
    array_agg(files.file_no) AS file_nos
FROM kotadb.files AS files
WHERE
    files.snapshot_id = ANY(%(snapshot_ids)s::integer[])
    AND (%(wanted_paths)s::text IS NULL OR files.path ~* %(wanted_paths)s::text)
    AND (%(unwanted_paths)s::text IS NULL OR files.path !~* %(unwanted_paths)s::text)
GROUP BY files.snapshot_id;

-- name: names_by_word
-- The names that have a word which begins so. What fits best comes first: there may be more of them
-- than anybody wants to see.
WITH sought AS (
    SELECT
        ids.snapshot_id,
        rests.rest_from,
        rests.rest_below
    FROM unnest(%(snapshot_ids)s::integer[]) AS ids (snapshot_id)
    CROSS JOIN
        unnest(%(rests_from)s::text[], %(rests_below)s::text[]) AS rests (rest_from, rest_below)
)

SELECT
    names.snapshot_id,
    names.name,
    max(names.uses) AS uses
FROM sought
CROSS JOIN LATERAL (
    SELECT found.*
    FROM kotadb.symbol_names AS found
    WHERE
        found.snapshot_id = sought.snapshot_id
        AND found.rest >= sought.rest_from
        AND found.rest < sought.rest_below
        AND found.kinds & %(kinds)s::integer <> 0
    -- A fence: the policies make the planner expect a handful of rows, and hash all of them.
    OFFSET 0
) AS names
GROUP BY names.snapshot_id, names.name
ORDER BY
    bool_or(names.is_whole AND names.rest = sought.rest_from) DESC,
    bool_or(names.is_whole) DESC,
    max(names.uses) DESC,
    names.name ASC,
    names.snapshot_id ASC
LIMIT %(most)s::integer;

-- name: symbols_of_names
WITH sought AS (
    SELECT
        names.snapshot_id,
        names.name,
        names.place
    FROM
        unnest(%(snapshot_ids)s::integer[], %(names)s::text[])
        WITH ORDINALITY AS names (snapshot_id, name, place)
)

SELECT
    found.snapshot_id,
    found.symbol_no,
    found.file_no,
    found.line,
    found.column_no,
    found.kind,
    found.uses,
    found.name
FROM sought
CROSS JOIN LATERAL (
    SELECT symbols.*
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = sought.snapshot_id
        AND symbols.name = sought.name
        AND %(kinds)s::integer & (1 << symbols.kind) <> 0
    ORDER BY symbols.name, symbols.symbol_no
    LIMIT %(most)s::integer
) AS found
ORDER BY sought.place, found.symbol_no
LIMIT %(most)s::integer;

-- name: texts_to_search
-- The texts of these files in this order, as many as there are bytes for, the first one at least.
WITH sought AS (
    SELECT
        numbers.snapshot_id,
        numbers.file_no,
        numbers.place
    FROM
        unnest(%(snapshot_ids)s::integer[], %(file_nos)s::integer[])
        WITH ORDINALITY AS numbers (snapshot_id, file_no, place)
),

wanted AS MATERIALIZED (
    SELECT
        sought.place,
        sought.snapshot_id,
        sought.file_no,
        files.path,
        sum(files.byte_size) OVER (ORDER BY sought.place) - files.byte_size AS bytes_before
    FROM sought
    CROSS JOIN LATERAL (
        SELECT
            found.path,
            found.byte_size
        FROM kotadb.files AS found
        WHERE found.snapshot_id = sought.snapshot_id AND found.file_no = sought.file_no
        LIMIT 1
    ) AS files
)

SELECT
    wanted.snapshot_id,
    wanted.file_no,
    wanted.path,
    texts.content
FROM wanted
LEFT JOIN LATERAL (
    SELECT found.content
    FROM kotadb.file_texts AS found
    WHERE found.snapshot_id = wanted.snapshot_id AND found.file_no = wanted.file_no
    LIMIT 1
) AS texts ON true
WHERE wanted.bytes_before < %(most_bytes)s::integer
ORDER BY wanted.place;
