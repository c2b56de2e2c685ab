-- Jobs as their tenant sees them, inside a transaction that names the principal; and, where it says
-- so, as operators do.

-- name: job_by_id
SELECT
    jobs.id,
    jobs.repository_id,
    places.full_name AS repository,
    jobs.requested_ref,
    jobs.ref,
    jobs.requested_commit,
    jobs.commit_sha,
    jobs.status,
    jobs.phase,
    jobs.files_done,
    jobs.files_total,
    jobs.retry_count,
    jobs.max_retries,
    jobs.next_attempt_at,
    jobs.started_at,
    jobs.completed_at,
    jobs.error_code,
    jobs.error_message,
    jobs.stats,
    jobs.created_at
FROM kotadb.index_jobs AS jobs
INNER JOIN kotadb.repositories AS places ON jobs.repository_id = places.repository_id
WHERE jobs.id = %(job_id)s::uuid AND places.deleted_at IS NULL;

-- name: jobs_page
-- Newest first. The cursor is the place of the last row shown.
SELECT
    jobs.id,
    jobs.repository_id,
    places.full_name AS repository,
    jobs.requested_ref,
    jobs.ref,
    jobs.requested_commit,
    jobs.commit_sha,
    jobs.status,
    jobs.phase,
    jobs.files_done,
    jobs.files_total,
    jobs.retry_count,
    jobs.max_retries,
    jobs.next_attempt_at,
    jobs.started_at,
    jobs.completed_at,
    jobs.error_code,
    jobs.error_message,
    jobs.stats,
    jobs.created_at
FROM kotadb.index_jobs AS jobs
INNER JOIN kotadb.repositories AS places ON jobs.repository_id = places.repository_id
WHERE
    (%(status)s::text IS NULL OR jobs.status = %(status)s::text)
    AND (%(repository_id)s::uuid IS NULL OR jobs.repository_id = %(repository_id)s::uuid)
    AND (
        %(after_created_at)s::timestamptz IS NULL
        OR (jobs.created_at, jobs.id)
        < (%(after_created_at)s::timestamptz, %(after_id)s::uuid)
    )
ORDER BY jobs.created_at DESC, jobs.id DESC
LIMIT %(page_size)s::integer;

-- name: job_origin
-- For operators: whose job it is, which request asked for it, and its row in the queue, which is gone
-- once it was archived or buried.
SELECT
    jobs.tenant_id,
    jobs.request_id,
    queued.state AS queue_state,
    queued.priority
FROM kotadb.index_jobs AS jobs
LEFT JOIN kotadb_queue.live AS queued ON jobs.id = queued.job_id
WHERE jobs.id = %(job_id)s::uuid;

-- name: attempts_of_job
-- Newest first, so that the oldest are left out where there are too many.
SELECT
    attempt,
    round,
    worker,
    leased_at,
    ended_at,
    outcome,
    error_code,
    error_message
FROM kotadb.job_attempts
WHERE job_id = %(job_id)s::uuid
ORDER BY attempt DESC
LIMIT %(most)s::integer;

-- name: failed_page
-- Newest first, for operators. The total is counted beside the page, so that it is there also when
-- the page is empty.
WITH failed AS (
    SELECT
        jobs.id,
        jobs.repository_id,
        places.full_name AS repository,
        coalesce(jobs.commit_sha, jobs.requested_commit) AS commit_sha,
        coalesce(jobs.ref, nullif(jobs.requested_ref, '')) AS ref,
        jobs.error_code,
        jobs.error_message,
        jobs.completed_at,
        jobs.retry_count,
        dead.died_at
    FROM kotadb_queue.dead_letters AS dead
    INNER JOIN kotadb.index_jobs AS jobs ON dead.job_id = jobs.id
    INNER JOIN kotadb.repositories AS places ON dead.repository_id = places.repository_id
    WHERE places.deleted_at IS NULL
),

counted AS (
    SELECT count(*) AS total FROM failed
),

page AS (
    SELECT *
    FROM failed
    ORDER BY died_at DESC, id DESC
    LIMIT %(page_size)s::integer
    OFFSET %(page_offset)s::bigint
)

SELECT
    counted.total,
    page.*
FROM counted
LEFT JOIN page ON true
ORDER BY page.died_at DESC, page.id DESC;

-- name: failed_to_retry
-- Of each ref only the newest wish: an older one would run and then give way to it.
SELECT
    jobs.id,
    places.full_name AS repository,
    coalesce(jobs.ref, nullif(jobs.requested_ref, '')) AS ref,
    jobs.completed_at AS failed_at
FROM kotadb_queue.dead_letters AS dead
INNER JOIN kotadb.index_jobs AS jobs ON dead.job_id = jobs.id
INNER JOIN kotadb.repositories AS places ON dead.repository_id = places.repository_id
WHERE
    places.deleted_at IS NULL
    AND (%(repository_id)s::uuid IS NULL OR dead.repository_id = %(repository_id)s::uuid)
    AND (%(error_code)s::text IS NULL OR jobs.error_code = %(error_code)s::text)
    AND (
        %(failed_after)s::timestamptz IS NULL
        OR dead.died_at >= %(failed_after)s::timestamptz
    )
    AND (
        %(failed_before)s::timestamptz IS NULL
        OR dead.died_at < %(failed_before)s::timestamptz
    )
    AND NOT EXISTS (
        SELECT FROM kotadb.index_jobs AS newer
        WHERE
            newer.repository_id = jobs.repository_id
            AND newer.requested_ref = jobs.requested_ref
            AND newer.generation > jobs.generation
            AND newer.status <> 'cancelled'
    )
ORDER BY dead.died_at, dead.job_id
LIMIT %(most)s::integer;
