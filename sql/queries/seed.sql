-- Data to try things on. Ids are given, so that the same seed is the same everywhere.

-- name: seed_turn
-- One seed at a time: the later one then finds what the earlier one left. The number stands for the
-- seed and nothing else.
SELECT pg_advisory_xact_lock(7235482190115);

-- name: seed_is_there
SELECT EXISTS(
    SELECT FROM kotadb.repositories
    WHERE repository_id = ANY(%(repository_ids)s::uuid[])
) AS present;

-- name: seed_repository
INSERT INTO kotadb.repositories (
    repository_id, tenant_id, clone_url, full_name, default_ref, enqueue_generation
)
VALUES (
    %(repository_id)s::uuid,
    %(tenant_id)s::uuid,
    %(clone_url)s,
    %(full_name)s,
    %(default_ref)s,
    %(generation)s::bigint
);

-- name: seed_job
INSERT INTO kotadb.index_jobs (
    id, tenant_id, repository_id, requested_ref, request_id, generation, queue_job_id, status,
    ref, commit_sha, phase, files_done, files_total, retry_count, max_retries, error_code,
    error_message, stats, created_at, started_at, completed_at
)
VALUES (
    %(job_id)s::uuid,
    %(tenant_id)s::uuid,
    %(repository_id)s::uuid,
    %(requested_ref)s,
    %(request_id)s,
    %(generation)s::bigint,
    %(queue_job_id)s::uuid,
    %(status)s,
    %(ref)s,
    %(commit_sha)s,
    %(phase)s,
    %(files_done)s::integer,
    %(files_total)s::integer,
    %(retry_count)s::integer,
    %(max_retries)s::integer,
    %(error_code)s,
    %(error_message)s,
    %(stats)s::jsonb,
    clock_timestamp() - %(minutes_ago)s::integer * interval '1 minute',
    clock_timestamp() - %(minutes_ago)s::integer * interval '1 minute' + interval '1 second',
    clock_timestamp() - %(ended_minutes_ago)s::integer * interval '1 minute'
);

-- name: seed_attempts
-- Each as long as the others, one after the other; without an outcome the last one runs.
INSERT INTO kotadb.job_attempts (
    job_id, attempt, round, worker, leased_at, ended_at, outcome, error_code, error_message
)
SELECT
    jobs.id,
    numbers.attempt,
    1,
    'seed',
    jobs.started_at + (numbers.attempt - 1) * interval '4 minutes',
    CASE
        WHEN %(outcome)s::text IS NULL THEN NULL
        WHEN numbers.attempt = %(attempts)s::integer THEN jobs.completed_at
        ELSE jobs.started_at + (numbers.attempt - 1) * interval '4 minutes' + interval '1 minute'
    END,
    %(outcome)s::text,
    jobs.error_code,
    jobs.error_message
FROM kotadb.index_jobs AS jobs
CROSS JOIN generate_series(1, %(attempts)s::integer) AS numbers (attempt)
WHERE jobs.id = %(job_id)s::uuid;

-- name: seed_dead_letter
INSERT INTO kotadb_queue.dead_letters (
    queue_job_id, job_id, tenant_id, repository_id, payload, result, leases, enqueued_at, died_at
)
SELECT
    jobs.queue_job_id,
    jobs.id,
    jobs.tenant_id,
    jobs.repository_id,
    jsonb_build_object(
        'indexJobId', jobs.id, 'repositoryId', jobs.repository_id, 'commitSha', NULL
    ),
    jsonb_build_object('success', false, 'error', jobs.error_code),
    jobs.retry_count + 1,
    jobs.created_at,
    jobs.completed_at
FROM kotadb.index_jobs AS jobs
WHERE jobs.id = %(job_id)s::uuid;

-- name: seed_lease
-- A worker that has not been heard of. It holds no slot, and of its tenant a place far beyond the
-- cap, so no real job waits for it; its lease ends late, so the next sweep leaves it to be looked at.
INSERT INTO kotadb_queue.live (
    queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot, run_at,
    enqueued_at, expires_at, leases, round_attempt, lease_token, leased_at, lease_expires_at
)
SELECT
    jobs.queue_job_id,
    jobs.id,
    jobs.tenant_id,
    jobs.repository_id,
    jobs.requested_ref,
    jsonb_build_object(
        'indexJobId', jobs.id, 'repositoryId', jobs.repository_id, 'commitSha', NULL
    ),
    'leased',
    32767 AS tenant_slot,
    jobs.created_at AS run_at,
    jobs.created_at AS enqueued_at,
    clock_timestamp() + %(hours)s::integer * interval '1 hour',
    1,
    1,
    gen_random_uuid(),
    jobs.started_at,
    clock_timestamp() + %(hours)s::integer * interval '1 hour'
FROM kotadb.index_jobs AS jobs
WHERE jobs.id = %(job_id)s::uuid;

-- name: seed_snapshot
-- A whole index of sources that follow one recipe. File i imports the one before it, and the first
-- one the fourth, so there is a cycle; some import a package, and some what is not there. Each
-- defines a constant, a class of seven methods that call one another, and a function. Names and
-- numbers are as wide in every file, so their columns are the same everywhere.
WITH snapshot AS (
    INSERT INTO kotadb.snapshots (
        tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats, has_texts,
        indexed_at
    )
    SELECT
        jobs.tenant_id,
        jobs.repository_id,
        jobs.ref,
        jobs.commit_sha,
        jobs.generation,
        jobs.id,
        'current',
        jobs.stats,
        true,
        jobs.completed_at
    FROM kotadb.index_jobs AS jobs
    WHERE jobs.id = %(job_id)s::uuid
    RETURNING snapshot_id
),

parts AS MATERIALIZED (
    SELECT
        snapshot.snapshot_id,
        numbers.i,
        lpad(numbers.i::text, 3, '0') AS me,
        before.no AS before_no,
        lpad(before.no::text, 3, '0') AS before_me,
        CASE
            WHEN before.no / 10 = numbers.i / 10 THEN './part_'
            ELSE '../group_' || lpad((before.no / 10)::text, 2, '0') || '/part_'
        END || lpad(before.no::text, 3, '0') AS specifier,
        CASE
            WHEN mod(numbers.i, 5) = 0 THEN 'z'
            WHEN mod(numbers.i, 25) = 7 THEN 'gone'
        END AS second_name,
        CASE WHEN mod(numbers.i, 5) = 0 THEN 'zod' ELSE './gone' END AS second_specifier
    FROM snapshot
    CROSS JOIN generate_series(0, %(file_count)s::integer - 1) AS numbers (i)
    CROSS JOIN LATERAL (
        VALUES (CASE WHEN numbers.i = 0 THEN 3 ELSE numbers.i - 1 END)
    ) AS before (no)
),

methods AS (
    SELECT
        numbers.k,
        'step' || numbers.k AS name,
        'step' || (numbers.k - 1) AS called
    FROM generate_series(0, 6) AS numbers (k)
),

sources AS MATERIALIZED (
    SELECT
        parts.snapshot_id,
        parts.i,
        parts.me,
        array_to_string(
            ARRAY[
                'import { runPart' || parts.before_me || ' } from "' || parts.specifier || '";',
                coalesce(
                    'import { ' || parts.second_name || ' } from "' || parts.second_specifier
                    || '";',
                    '// Part ' || parts.me || ' of the seed.'
                ),
                '',
                'export const part' || parts.me || 'Limit = ' || (1000 + parts.i) || ';',
                '',
                'export class Part' || parts.me || ' {'
            ]
            || ARRAY(
                SELECT
                    '  ' || methods.name || '(value: number): number {' || chr(10)
                    || CASE
                        WHEN methods.k = 0 THEN '    return value + part' || parts.me || 'Limit;'
                        ELSE '    return this.' || methods.called || '(value) + 1;'
                    END
                    || chr(10) || '  }'
                FROM methods
                ORDER BY methods.k
            )
            || ARRAY[
                '}',
                '',
                'export function runPart' || parts.me || '(value: number): number {',
                '  return new Part' || parts.me || '().step6(runPart' || parts.before_me
                || '(value));',
                '}',
                ''
            ],
            chr(10)
        ) AS content
    FROM parts
),

stored_files AS (
    INSERT INTO kotadb.files (snapshot_id, file_no, path, blob_id, byte_size, line_count)
    SELECT
        snapshot_id,
        i,
        'src/group_' || lpad((i / 10)::text, 2, '0') || '/part_' || me || '.ts',
        substr(sha256(convert_to(content, 'UTF8')), 1, 20),
        octet_length(content),
        33
    FROM sources
),

stored_texts AS (
    INSERT INTO kotadb.file_texts (snapshot_id, file_no, content)
    SELECT
        snapshot_id,
        i,
        content
    FROM sources
),

stored_methods AS (
    INSERT INTO kotadb.symbols (
        snapshot_id, symbol_no, file_no, container_no, line, start_line, end_line, flags, kind,
        column_no, start_column, end_column, name, signature
    )
    SELECT
        parts.snapshot_id,
        parts.i * 10 + 2 + methods.k,
        parts.i,
        parts.i * 10 + 1,
        7 + 3 * methods.k,
        7 + 3 * methods.k,
        9 + 3 * methods.k,
        0,
        9,
        2,
        2,
        3,
        methods.name,
        methods.name || '(value: number): number'
    FROM parts
    CROSS JOIN methods
),

stored_others AS (
    INSERT INTO kotadb.symbols (
        snapshot_id, symbol_no, file_no, line, start_line, end_line, flags, kind, column_no,
        start_column, end_column, name, signature
    )
    SELECT
        parts.snapshot_id,
        parts.i * 10 + made.no,
        parts.i,
        made.line,
        made.line AS start_line,
        made.end_line,
        1,
        made.kind,
        made.column_no,
        0,
        made.end_column,
        made.name,
        made.signature
    FROM parts
    CROSS JOIN LATERAL (
        VALUES
        (
            0, 8, 4, 13, 4, 33, 'part' || parts.me || 'Limit',
            'const part' || parts.me || 'Limit = ' || (1000 + parts.i)
        ),
        (1, 2, 6, 13, 28, 1, 'Part' || parts.me, 'class Part' || parts.me),
        (
            9, 1, 30, 16, 32, 1, 'runPart' || parts.me,
            'function runPart' || parts.me || '(value: number): number'
        )
    ) AS made (no, kind, line, column_no, end_line, end_column, name, signature)
),

stored_references AS (
    INSERT INTO kotadb.symbol_references (
        snapshot_id, file_no, line, column_no, kind, name, enclosing_no, resolution, symbol_no,
        target_file_no, target_line
    )
    SELECT
        parts.snapshot_id,
        parts.i,
        made.line,
        made.column_no,
        made.kind,
        made.name,
        parts.i * 10 + made.enclosing,
        made.resolution,
        made.symbol_no,
        CASE WHEN made.target_line IS NOT NULL THEN parts.i END,
        made.target_line
    FROM parts
    CROSS JOIN LATERAL (
        VALUES
        (
            1, 9, 10, 'runPart' || parts.before_me, NULL, 1, parts.before_no * 10 + 9, NULL
        ),
        (
            2, 9, 10, parts.second_name, NULL, CASE parts.second_name WHEN 'z' THEN 3 ELSE 6 END,
            NULL, NULL
        ),
        (8, 11, 1, 'value', 2, 1, NULL, 7),
        (8, 19, 1, 'part' || parts.me || 'Limit', 2, 1, parts.i * 10, NULL),
        (31, 13, 4, 'Part' || parts.me, 9, 1, parts.i * 10 + 1, NULL),
        (31, 23, 3, 'step6', 9, 1, parts.i * 10 + 8, NULL),
        (31, 29, 3, 'runPart' || parts.before_me, 9, 1, parts.before_no * 10 + 9, NULL),
        (31, 40, 1, 'value', 9, 1, NULL, 30)
        UNION ALL
        SELECT
            8 + 3 * methods.k,
            16,
            3,
            methods.called,
            2 + methods.k,
            1,
            parts.i * 10 + 1 + methods.k,
            NULL
        FROM methods
        WHERE methods.k > 0
        UNION ALL
        SELECT
            8 + 3 * methods.k,
            22,
            1,
            'value',
            2 + methods.k,
            1,
            NULL,
            7 + 3 * methods.k
        FROM methods
        WHERE methods.k > 0
    ) AS made (line, column_no, kind, name, enclosing, resolution, symbol_no, target_line)
    WHERE made.name IS NOT NULL
),

stored_dependencies AS (
    INSERT INTO kotadb.dependencies (
        snapshot_id, file_no, line, column_no, kind, specifier, to_file_no, package, reason
    )
    SELECT
        parts.snapshot_id,
        parts.i,
        made.line,
        made.column_no,
        1,
        made.specifier,
        made.to_file_no,
        made.package,
        made.reason
    FROM parts
    CROSS JOIN LATERAL (
        VALUES
        (1, 27, parts.specifier, parts.before_no, NULL, NULL),
        (
            2, CASE parts.second_name WHEN 'z' THEN 18 WHEN 'gone' THEN 21 END,
            parts.second_specifier, NULL,
            CASE parts.second_name WHEN 'z' THEN 'zod' END,
            CASE parts.second_name WHEN 'z' THEN 1 ELSE 3 END
        )
    ) AS made (line, column_no, specifier, to_file_no, package, reason)
    WHERE made.column_no IS NOT NULL
)

SELECT snapshot_id FROM snapshot;

-- name: seed_sources
SELECT
    files.file_no,
    files.path,
    texts.content
FROM kotadb.files AS files
INNER JOIN kotadb.file_texts AS texts
    ON files.snapshot_id = texts.snapshot_id AND files.file_no = texts.file_no
WHERE files.snapshot_id = %(snapshot_id)s::integer
ORDER BY files.file_no;

-- name: seed_postings
WITH searchable AS (
    UPDATE kotadb.snapshots SET file_groups = %(file_groups)s::bytea
    WHERE snapshot_id = %(snapshot_id)s::integer
)

INSERT INTO kotadb.text_postings (snapshot_id, segment, first_trigram, content)
SELECT
    %(snapshot_id)s::integer,
    blocks.segment,
    blocks.first_trigram,
    decode(blocks.content, 'hex')
FROM
    unnest(%(segments)s::integer[], %(first_trigrams)s::integer[], %(contents)s::text[])
    AS blocks (segment, first_trigram, content);

-- name: seed_imported_name
-- The one thing that the sources take from a package, where one of them does.
WITH told AS (
    UPDATE kotadb.snapshots SET tells_packages = true
    WHERE snapshot_id = %(snapshot_id)s::integer
),

uses AS (
    UPDATE kotadb.symbol_references SET imported_no = 0
    WHERE snapshot_id = %(snapshot_id)s::integer AND resolution = %(external)s::smallint
    RETURNING name
)

INSERT INTO kotadb.imported_names (snapshot_id, imported_no, package, subpath, name)
SELECT DISTINCT
    %(snapshot_id)s::integer,
    0,
    'zod' AS package,
    '' AS subpath,
    uses.name
FROM uses;

-- name: seed_uses
UPDATE kotadb.symbols AS symbols
SET uses = counted.uses
FROM (
    SELECT
        symbol_no,
        count(*) AS uses
    FROM kotadb.symbol_references
    WHERE snapshot_id = %(snapshot_id)s::integer AND symbol_no IS NOT NULL
    GROUP BY symbol_no
) AS counted
WHERE
    symbols.snapshot_id = %(snapshot_id)s::integer AND symbols.symbol_no = counted.symbol_no;

-- name: seed_names_used
SELECT
    name,
    bit_or(1 << kind) AS kinds,
    sum(uses)::integer AS uses
FROM kotadb.symbols
WHERE snapshot_id = %(snapshot_id)s::integer
GROUP BY name
ORDER BY name;

-- name: seed_names
INSERT INTO kotadb.symbol_names (snapshot_id, rest, is_whole, name, kinds, uses)
SELECT
    %(snapshot_id)s::integer,
    words.rest,
    words.is_whole,
    words.name,
    words.kinds,
    words.uses
FROM
    unnest(
        %(rests)s::text[],
        %(wholes)s::boolean[],
        %(names)s::text[],
        %(kinds)s::integer[],
        %(uses)s::integer[]
    ) AS words (rest, is_whole, name, kinds, uses);
