-- What readers ask of the index. Run inside a read-only transaction that names the principal: the
-- policies show the snapshots of that tenant which are current, or were replaced a while ago, and
-- nothing else.
--
-- Only equality and ranges stand in the conditions: under the policies an index serves leakproof
-- operators alone, so a prefix is a range over COLLATE "C". Rows are counted off in a sub-select
-- before they meet their files, and meet them one by one (LATERAL with LIMIT 1): the planner counts
-- the policies' condition twice, expects a handful of rows, and would hash every file of the tenant.

-- name: repositories_wanted
-- One repository by id or by name, or all; each with the snapshot that answers for it: that of the
-- ref asked for, else of the default ref, else (the default is not known yet) the newest. With a
-- publication it is the one that answered when that was the tenant's last, if it is still kept.
SELECT
    places.repository_id,
    places.full_name,
    places.default_ref,
    answers.snapshot_id,
    answers.ref,
    answers.commit_sha,
    answers.indexed_at,
    answers.publication
FROM kotadb.repositories AS places
LEFT JOIN LATERAL (
    SELECT
        snaps.snapshot_id,
        snaps.ref,
        snaps.commit_sha,
        snaps.indexed_at,
        snaps.publication
    FROM kotadb.snapshots AS snaps
    WHERE
        snaps.repository_id = places.repository_id
        AND (
            (%(publication)s::bigint IS NULL AND snaps.state = 'current')
            OR snaps.publication <= %(publication)s::bigint
        )
        AND snaps.ref = coalesce(%(ref)s::text, places.default_ref, snaps.ref)
    ORDER BY snaps.publication DESC, snaps.indexed_at DESC, snaps.snapshot_id DESC
    LIMIT 1
) AS answers ON true
WHERE
    (%(repository_id)s::uuid IS NULL OR places.repository_id = %(repository_id)s::uuid)
    AND (
        %(name)s::text IS NULL
        OR places.repository_id = ANY((SELECT kotadb.repositories_called(%(name)s::text))::uuid[])
    )
ORDER BY places.full_name, places.repository_id
LIMIT %(most)s::integer;

-- name: snapshot_by_number
-- A snapshot that may be read, current or not, and whether it is of a repository that the name means.
SELECT
    snaps.snapshot_id,
    snaps.repository_id,
    places.full_name,
    places.repository_id
    = ANY((SELECT kotadb.repositories_called(%(name)s::text))::uuid[]) AS is_named,
    snaps.ref,
    snaps.commit_sha,
    snaps.indexed_at
FROM kotadb.snapshots AS snaps
INNER JOIN kotadb.repositories AS places ON snaps.repository_id = places.repository_id
WHERE snaps.snapshot_id = %(snapshot_id)s::integer;

-- name: delete_repository
SELECT kotadb.delete_repository(%(repository_id)s::uuid) AS deleted;

-- name: repositories_page
-- All of them, or the one with this id.
WITH page AS MATERIALIZED (
    SELECT
        repository_id,
        full_name,
        clone_url,
        default_ref,
        created_at
    FROM kotadb.repositories
    WHERE
        (%(repository_id)s::uuid IS NULL OR repository_id = %(repository_id)s::uuid)
        AND (
            %(after_name)s::text IS NULL
            OR (full_name, repository_id) > (%(after_name)s::text, %(after_id)s::uuid)
        )
    ORDER BY full_name, repository_id
    LIMIT %(page_size)s::integer
)

SELECT
    page.repository_id,
    page.full_name,
    page.clone_url,
    page.default_ref,
    page.created_at,
    snaps.ref,
    snaps.commit_sha,
    snaps.indexed_at,
    extract(EPOCH FROM clock_timestamp() - snaps.indexed_at)::double precision AS age_seconds
FROM page
LEFT JOIN kotadb.snapshots AS snaps
    ON page.repository_id = snaps.repository_id AND snaps.state = 'current'
ORDER BY page.full_name, page.repository_id, snaps.ref;

-- name: symbols_by_name
-- File numbers follow the order of paths, so the files below a folder are a range of numbers.
-- The range stands behind an OR, out of the index's reach: read by name the rows come in order and
-- the LIMIT ends the scan; by file, each file of the folder would be read and sorted (265 ms against
-- 8 for a one-letter prefix in 18 repositories).
WITH wanted AS MATERIALIZED (
    SELECT
        ids.snapshot_id,
        (
            SELECT files.file_no FROM kotadb.files AS files
            WHERE
                files.snapshot_id = ids.snapshot_id
                AND files.path >= %(path_from)s::text
                AND (%(path_below)s::text IS NULL OR files.path < %(path_below)s::text)
            ORDER BY files.path
            LIMIT 1
        ) AS first_file,
        (
            SELECT files.file_no FROM kotadb.files AS files
            WHERE
                files.snapshot_id = ids.snapshot_id
                AND files.path >= %(path_from)s::text
                AND (%(path_below)s::text IS NULL OR files.path < %(path_below)s::text)
            ORDER BY files.path DESC
            LIMIT 1
        ) AS last_file
    FROM unnest(%(snapshot_ids)s::integer[]) AS ids (snapshot_id)
),

page AS MATERIALIZED (
    SELECT found.*
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT symbols.*
        FROM kotadb.symbols AS symbols
        WHERE
            symbols.snapshot_id = wanted.snapshot_id
            AND symbols.name >= %(name_from)s::text
            AND (%(name_below)s::text IS NULL OR symbols.name < %(name_below)s::text)
            AND (%(kind)s::smallint IS NULL OR symbols.kind = %(kind)s::smallint)
            AND (
                %(container)s::text IS NULL
                OR %(container)s::text = (
                    SELECT around.name
                    FROM kotadb.symbols AS around
                    WHERE
                        around.snapshot_id = symbols.snapshot_id
                        AND around.symbol_no = symbols.container_no
                )
            )
            AND (
                %(path_from)s::text IS NULL
                OR symbols.file_no BETWEEN wanted.first_file AND wanted.last_file
            )
            AND (
                NOT %(first_only)s::boolean
                OR kotadb.earlier_declaration(symbols.snapshot_id, symbols.symbol_no) IS NULL
            )
            AND (
                %(after_name)s::text IS NULL
                OR (symbols.name, symbols.snapshot_id, symbols.symbol_no) > (
                    %(after_name)s::text,
                    %(after_snapshot)s::integer,
                    %(after_symbol)s::integer
                )
            )
        ORDER BY symbols.name, symbols.symbol_no
        LIMIT %(page_size)s::integer
    ) AS found
    ORDER BY found.name, found.snapshot_id, found.symbol_no
    LIMIT %(page_size)s::integer
)

SELECT
    page.*,
    files.path,
    containers.name AS container_name,
    containers.kind AS container_kind
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = page.snapshot_id AND found.file_no = page.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = page.snapshot_id AND around.symbol_no = page.container_no
    LIMIT 1
) AS containers ON true
ORDER BY page.name, page.snapshot_id, page.symbol_no;

-- name: files_below
-- The numbers of the first and the last file of a range of paths; no row where it holds none.
WITH firsts AS (
    SELECT files.file_no
    FROM kotadb.files AS files
    WHERE
        files.snapshot_id = %(snapshot_id)s::integer
        AND files.path >= %(path_from)s::text
        AND (%(path_below)s::text IS NULL OR files.path < %(path_below)s::text)
    ORDER BY files.path
    LIMIT 1
),

lasts AS (
    SELECT files.file_no
    FROM kotadb.files AS files
    WHERE
        files.snapshot_id = %(snapshot_id)s::integer
        AND files.path >= %(path_from)s::text
        AND (%(path_below)s::text IS NULL OR files.path < %(path_below)s::text)
    ORDER BY files.path DESC
    LIMIT 1
)

SELECT
    firsts.file_no AS first_file,
    lasts.file_no AS last_file
FROM firsts
CROSS JOIN lasts;

-- name: symbols_in_order
-- In the order of files and source. The range of files comes as numbers and not as a sub-select,
-- whose rows the planner would guess to be so few that it sorts them all.
WITH page AS MATERIALIZED (
    SELECT symbols.*
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = %(snapshot_id)s::integer
        AND (%(kind)s::smallint IS NULL OR symbols.kind = %(kind)s::smallint)
        AND symbols.file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
        AND (
            %(after_file)s::integer IS NULL
            OR (symbols.file_no, symbols.symbol_no)
            > (%(after_file)s::integer, %(after_symbol)s::integer)
        )
    ORDER BY symbols.file_no, symbols.symbol_no
    LIMIT %(page_size)s::integer
)

SELECT
    page.*,
    files.path,
    containers.name AS container_name,
    containers.kind AS container_kind
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = page.snapshot_id AND found.file_no = page.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = page.snapshot_id AND around.symbol_no = page.container_no
    LIMIT 1
) AS containers ON true
ORDER BY page.file_no, page.symbol_no;

-- name: symbol_by_number
-- Of a snapshot that may be read, current or not: it says which commit it is of.
SELECT
    symbols.*,
    files.path,
    containers.name AS container_name,
    containers.kind AS container_kind,
    snaps.repository_id,
    places.full_name,
    snaps.ref,
    snaps.commit_sha,
    snaps.indexed_at
FROM kotadb.symbols AS symbols
INNER JOIN kotadb.files AS files
    ON symbols.snapshot_id = files.snapshot_id AND symbols.file_no = files.file_no
INNER JOIN kotadb.snapshots AS snaps ON symbols.snapshot_id = snaps.snapshot_id
INNER JOIN kotadb.repositories AS places ON snaps.repository_id = places.repository_id
LEFT JOIN kotadb.symbols AS containers
    ON
        symbols.snapshot_id = containers.snapshot_id
        AND symbols.container_no = containers.symbol_no
WHERE
    symbols.snapshot_id = %(snapshot_id)s::integer
    AND symbols.symbol_no = %(symbol_no)s::integer;

-- name: first_declaration
SELECT kotadb.first_declaration(%(snapshot_id)s::integer, %(symbol_no)s::integer) AS symbol_no;

-- name: references_of_symbol
-- The cursor is a place and how many of the rows at that very place were shown: uses beyond the
-- last column that is stored share one.
WITH page AS MATERIALIZED (
    SELECT
        uses.snapshot_id,
        uses.file_no,
        uses.line,
        uses.column_no,
        uses.kind,
        uses.resolution,
        uses.name,
        uses.enclosing_no
    FROM kotadb.symbol_references AS uses
    WHERE
        uses.snapshot_id = %(snapshot_id)s::integer
        AND uses.symbol_no = %(symbol_no)s::integer
        AND (%(kind)s::smallint IS NULL OR uses.kind = %(kind)s::smallint)
        AND (uses.file_no, uses.line) >= (%(from_file)s::integer, %(from_line)s::integer)
        AND (uses.file_no, uses.line, uses.column_no, uses.kind) >= (
            %(from_file)s::integer,
            %(from_line)s::integer,
            %(from_column)s::smallint,
            %(from_kind)s::smallint
        )
    ORDER BY uses.file_no, uses.line, uses.column_no, uses.kind, uses.enclosing_no, uses.name
    LIMIT %(page_size)s::integer
    OFFSET %(skipped)s::integer
)

SELECT
    page.file_no,
    page.line,
    page.column_no,
    page.kind,
    page.resolution,
    page.name,
    files.path,
    page.snapshot_id,
    page.enclosing_no,
    enclosing.name AS enclosing_name,
    enclosing.kind AS enclosing_kind
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = page.snapshot_id AND found.file_no = page.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = page.snapshot_id AND around.symbol_no = page.enclosing_no
    LIMIT 1
) AS enclosing ON true
ORDER BY page.file_no, page.line, page.column_no, page.kind, page.enclosing_no, page.name;

-- name: depths_of_symbols
-- How many definitions stand around each symbol, counted up to a bound: code may be nested as deep
-- as it likes.
WITH RECURSIVE wanted AS MATERIALIZED (
    SELECT
        symbols.symbol_no,
        symbols.container_no
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = %(snapshot_id)s::integer
        AND symbols.symbol_no = ANY(%(symbol_nos)s::integer[])
),

climb (symbol_no, container_no, depth) AS (
    SELECT
        wanted.symbol_no,
        wanted.container_no,
        0
    FROM wanted
    UNION ALL
    SELECT
        climb.symbol_no,
        around.container_no,
        climb.depth + 1
    FROM climb
    CROSS JOIN LATERAL (
        SELECT found.container_no
        FROM kotadb.symbols AS found
        WHERE
            found.snapshot_id = %(snapshot_id)s::integer AND found.symbol_no = climb.container_no
        LIMIT 1
    ) AS around
    WHERE climb.depth < %(deepest)s::integer
)

SELECT
    symbol_no,
    max(depth) AS depth
FROM climb
GROUP BY symbol_no;

-- name: files_page
-- File numbers follow the order of paths. Endings, and what a path contains, stand in no index: what
-- is not wanted is passed over.
SELECT
    files.file_no,
    files.path,
    files.blob_id,
    files.byte_size,
    files.line_count,
    files.syntax_errors,
    files.failure
FROM kotadb.files AS files
WHERE
    files.snapshot_id = %(snapshot_id)s::integer
    AND files.file_no BETWEEN %(first_file)s::integer AND %(last_file)s::integer
    AND (
        %(endings)s::text[] IS NULL
        OR substring(files.path FROM '[.][^.]*$') = ANY(%(endings)s::text[])
    )
    AND (
        %(contains)s::text IS NULL
        OR strpos(lower(files.path), lower(%(contains)s::text)) > 0
    )
ORDER BY files.file_no
LIMIT %(page_size)s::integer;

-- name: file_with_text
SELECT
    files.file_no,
    files.path,
    files.blob_id,
    files.byte_size,
    files.line_count,
    files.syntax_errors,
    files.failure,
    texts.content,
    snaps.has_texts
FROM kotadb.files AS files
INNER JOIN kotadb.snapshots AS snaps ON files.snapshot_id = snaps.snapshot_id
LEFT JOIN LATERAL (
    SELECT found.content
    FROM kotadb.file_texts AS found
    WHERE found.snapshot_id = files.snapshot_id AND found.file_no = files.file_no
    LIMIT 1
) AS texts ON true
WHERE files.snapshot_id = %(snapshot_id)s::integer AND files.path = %(path)s::text;

-- name: file_by_path
SELECT file_no
FROM kotadb.files
WHERE snapshot_id = %(snapshot_id)s::integer AND path = %(path)s::text;

-- name: files_it_needs
-- UNION over (file, depth) and never over paths: a graph of n files has at most n x depth steps,
-- and exponentially many paths. The LIMIT ends the recursion, not only its answer.
WITH RECURSIVE walk (file_no, depth) AS (
    SELECT
        %(file_no)s::integer,
        0
    UNION
    SELECT
        links.to_file_no,
        walk.depth + 1
    FROM walk
    CROSS JOIN LATERAL (
        SELECT found.to_file_no
        FROM kotadb.dependencies AS found
        WHERE
            found.snapshot_id = %(snapshot_id)s::integer
            AND found.file_no = walk.file_no
            AND found.to_file_no IS NOT NULL
        -- A fence: joined to the walk, every import of the snapshot would be read for each step.
        OFFSET 0
    ) AS links
    WHERE walk.depth < %(depth)s::integer
),

steps AS MATERIALIZED (
    SELECT
        walk.file_no,
        walk.depth
    FROM walk
    LIMIT %(most_steps)s::integer
),

reached AS (
    SELECT
        steps.file_no,
        min(steps.depth) AS depth
    FROM steps
    GROUP BY steps.file_no
    ORDER BY min(steps.depth), steps.file_no
    LIMIT %(most_files)s::integer
)

SELECT
    reached.file_no,
    reached.depth,
    files.path,
    (SELECT count(*) FROM steps) = %(most_steps)s::integer AS cut
FROM reached
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = reached.file_no
    LIMIT 1
) AS files
ORDER BY reached.depth, reached.file_no;

-- name: files_that_need_it
-- As files_it_needs, the other way.
WITH RECURSIVE walk (file_no, depth) AS (
    SELECT
        %(file_no)s::integer,
        0
    UNION
    SELECT
        links.file_no,
        walk.depth + 1
    FROM walk
    CROSS JOIN LATERAL (
        SELECT found.file_no
        FROM kotadb.dependencies AS found
        WHERE
            found.snapshot_id = %(snapshot_id)s::integer
            AND found.to_file_no = walk.file_no
        OFFSET 0
    ) AS links
    WHERE walk.depth < %(depth)s::integer
),

steps AS MATERIALIZED (
    SELECT
        walk.file_no,
        walk.depth
    FROM walk
    LIMIT %(most_steps)s::integer
),

reached AS (
    SELECT
        steps.file_no,
        min(steps.depth) AS depth
    FROM steps
    GROUP BY steps.file_no
    ORDER BY min(steps.depth), steps.file_no
    LIMIT %(most_files)s::integer
)

SELECT
    reached.file_no,
    reached.depth,
    files.path,
    (SELECT count(*) FROM steps) = %(most_steps)s::integer AS cut
FROM reached
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = reached.file_no
    LIMIT 1
) AS files
ORDER BY reached.depth, reached.file_no;

-- name: links_between
SELECT DISTINCT
    file_no,
    to_file_no
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = ANY(%(file_nos)s::integer[])
    AND to_file_no = ANY(%(file_nos)s::integer[]);

-- name: imports_between
-- As links_between, with the kinds of the imports.
SELECT DISTINCT
    file_no,
    to_file_no,
    kind
FROM kotadb.dependencies
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND file_no = ANY(%(file_nos)s::integer[])
    AND to_file_no = ANY(%(file_nos)s::integer[])
ORDER BY file_no, to_file_no, kind;

-- name: imports_of_file
SELECT
    page.line,
    page.column_no,
    page.kind,
    page.specifier,
    page.package,
    page.reason,
    targets.path
FROM (
    SELECT
        line,
        column_no,
        kind,
        specifier,
        package,
        reason,
        to_file_no
    FROM kotadb.dependencies
    WHERE snapshot_id = %(snapshot_id)s::integer AND file_no = %(file_no)s::integer
    ORDER BY line, column_no
    LIMIT %(most)s::integer
) AS page
LEFT JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = page.to_file_no
    LIMIT 1
) AS targets ON true
ORDER BY page.line, page.column_no;

-- name: packages_they_need
SELECT
    coalesce(links.package, links.specifier) AS package,
    links.reason,
    min(walked.depth) AS depth,
    count(DISTINCT links.file_no) AS files
FROM unnest(%(file_nos)s::integer[], %(depths)s::integer[]) AS walked (file_no, depth)
INNER JOIN kotadb.dependencies AS links
    ON links.snapshot_id = %(snapshot_id)s::integer AND walked.file_no = links.file_no
WHERE links.reason = ANY(%(external)s::smallint[])
GROUP BY coalesce(links.package, links.specifier), links.reason
ORDER BY min(walked.depth), coalesce(links.package, links.specifier)
LIMIT %(most)s::integer;

-- name: imports_unresolved
SELECT
    page.line,
    page.column_no,
    page.kind,
    page.specifier,
    page.reason,
    page.depth,
    files.path
FROM (
    SELECT
        links.file_no,
        links.line,
        links.column_no,
        links.kind,
        links.specifier,
        links.reason,
        walked.depth
    FROM unnest(%(file_nos)s::integer[], %(depths)s::integer[]) AS walked (file_no, depth)
    INNER JOIN kotadb.dependencies AS links
        ON links.snapshot_id = %(snapshot_id)s::integer AND walked.file_no = links.file_no
    WHERE links.reason <> ALL(%(no_fault)s::smallint[])
    ORDER BY walked.depth, links.file_no, links.line, links.column_no
    LIMIT %(most)s::integer
) AS page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = %(snapshot_id)s::integer AND found.file_no = page.file_no
    LIMIT 1
) AS files
ORDER BY page.depth, page.file_no, page.line, page.column_no;
