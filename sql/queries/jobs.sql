-- Jobs as their tenant sees them. Run inside a transaction that names the principal.

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
WHERE jobs.id = %(job_id)s::uuid;

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
