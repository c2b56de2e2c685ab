-- What operators watch: the queue, what runs, what failed, everybody's jobs. For the
-- administration's role. Nothing here changes a row, and each reads a bounded number of them,
-- however much has piled up.

-- name: plan_by_index
-- For the length of a transaction. The statistics of a queue are always stale, and a planner that
-- takes a state for frequent would read the whole table to find the few rows in it.
SET LOCAL enable_seqscan = off;

-- name: queue_rows
-- How many rows are in each state, counted up to a limit.
SELECT
    (
        SELECT count(*)
        FROM (SELECT FROM kotadb_queue.live WHERE state = 'ready' LIMIT %(most)s::integer) AS few
    ) AS ready,
    (
        SELECT count(*)
        FROM (SELECT FROM kotadb_queue.live WHERE state = 'waiting' LIMIT %(most)s::integer) AS few
    ) AS waiting,
    (
        SELECT count(*)
        FROM (SELECT FROM kotadb_queue.live WHERE state = 'delayed' LIMIT %(most)s::integer) AS few
    ) AS delayed,
    (
        SELECT count(*)
        FROM (SELECT FROM kotadb_queue.live WHERE state = 'finished' LIMIT %(most)s::integer) AS few
    ) AS finished,
    (
        SELECT count(*)
        FROM (SELECT FROM kotadb_queue.dead_letters LIMIT %(most)s::integer) AS few
    ) AS dead_letters;

-- name: finished_of_late
-- How many jobs ended in each minute of the last hour and in each hour of the last day, by status;
-- always one row at least. Only the newest are counted, and counted_from says since when those are
-- all there are.
WITH clock AS MATERIALIZED (
    SELECT
        reading.now_at,
        date_bin('1 minute', reading.now_at, 'epoch') - interval '59 minutes' AS first_minute,
        date_bin('1 hour', reading.now_at, 'epoch') - interval '23 hours' AS first_hour
    FROM (SELECT clock_timestamp() AS now_at) AS reading
),

ended AS MATERIALIZED (
    SELECT
        completed_at,
        status
    FROM kotadb.index_jobs
    WHERE completed_at >= (SELECT clock.first_hour FROM clock)
    ORDER BY completed_at DESC
    LIMIT %(most)s::integer
),

seen AS (
    SELECT
        count(*) AS jobs,
        min(completed_at) AS oldest
    FROM ended
),

counted AS (
    SELECT
        60 AS seconds,
        date_bin('1 minute', completed_at, 'epoch') AS began,
        status,
        count(*) AS jobs
    FROM ended
    WHERE completed_at >= (SELECT clock.first_minute FROM clock)
    GROUP BY date_bin('1 minute', completed_at, 'epoch'), status
    UNION ALL
    SELECT
        3600 AS seconds,
        date_bin('1 hour', completed_at, 'epoch') AS began,
        status,
        count(*) AS jobs
    FROM ended
    GROUP BY date_bin('1 hour', completed_at, 'epoch'), status
)

SELECT
    clock.first_minute,
    clock.first_hour,
    CASE
        WHEN seen.jobs < %(most)s::integer THEN clock.first_hour
        ELSE seen.oldest
    END AS counted_from,
    counted.seconds,
    counted.began,
    counted.status,
    counted.jobs
FROM clock
CROSS JOIN seen
LEFT JOIN counted ON true;

-- name: running_jobs
-- Those that are leased, the longest running first. Of a deleted repository none is.
SELECT
    held.job_id,
    held.repository_id,
    places.full_name AS repository,
    held.tenant_id,
    coalesce(people.email, groups.name) AS tenant,
    coalesce(jobs.ref, nullif(jobs.requested_ref, '')) AS ref,
    coalesce(jobs.commit_sha, jobs.requested_commit) AS commit_sha,
    jobs.phase,
    jobs.files_done,
    jobs.files_total,
    held.leases AS attempt,
    held.round_attempt,
    jobs.max_retries,
    runs.worker,
    held.leased_at,
    held.lease_expires_at,
    extract(EPOCH FROM clock_timestamp() - held.leased_at)::double precision
        AS lease_age_seconds,
    extract(EPOCH FROM held.lease_expires_at - clock_timestamp())::double precision
        AS lease_ends_in_seconds
FROM kotadb_queue.live AS held
INNER JOIN kotadb.index_jobs AS jobs ON held.job_id = jobs.id
INNER JOIN kotadb.repositories AS places ON held.repository_id = places.repository_id
LEFT JOIN kotadb.job_attempts AS runs ON held.job_id = runs.job_id AND held.leases = runs.attempt
LEFT JOIN kotadb.users AS people ON held.tenant_id = people.user_id
LEFT JOIN kotadb.organizations AS groups ON held.tenant_id = groups.organization_id
WHERE held.state = 'leased'
ORDER BY held.leased_at, held.queue_job_id
LIMIT %(most)s::integer;

-- name: failures_by_code
-- Jobs that failed for good, grouped by their error: the newest of the last hours. Of deleted
-- repositories nothing is told.
WITH newest AS MATERIALIZED (
    SELECT job_id
    FROM kotadb_queue.dead_letters
    WHERE died_at > (SELECT clock_timestamp()) - %(hours)s::integer * interval '1 hour'
    ORDER BY died_at DESC
    LIMIT %(most)s::integer
),

known AS (
    SELECT
        jobs.id,
        jobs.repository_id,
        jobs.error_code,
        jobs.error_message,
        jobs.completed_at
    FROM newest
    INNER JOIN kotadb.index_jobs AS jobs ON newest.job_id = jobs.id
    INNER JOIN kotadb.repositories AS places ON jobs.repository_id = places.repository_id
    WHERE places.deleted_at IS NULL
),

seen AS (
    SELECT count(*) AS looked_at FROM newest
),

latest AS (
    SELECT DISTINCT ON (known.error_code)
        known.error_code,
        known.id,
        known.error_message
    FROM known
    ORDER BY known.error_code ASC, known.completed_at DESC, known.id DESC
),

grouped AS (
    SELECT
        known.error_code,
        count(*) AS jobs,
        count(DISTINCT known.repository_id) AS repositories,
        min(known.completed_at) AS first_failed_at,
        max(known.completed_at) AS last_failed_at
    FROM known
    GROUP BY known.error_code
)

SELECT
    seen.looked_at,
    grouped.error_code,
    grouped.jobs,
    grouped.repositories,
    grouped.first_failed_at,
    grouped.last_failed_at,
    latest.error_message AS last_message,
    latest.id AS last_job_id
FROM seen
LEFT JOIN grouped ON true
LEFT JOIN latest ON grouped.error_code = latest.error_code
ORDER BY grouped.jobs DESC, grouped.error_code ASC;

-- name: all_jobs_page
-- A page of everybody's jobs. An index of jobs by status would be touched by every lease, so each
-- kind of list walks along what there is: those that wait, run or failed along their rows in the
-- queue, all others along the age of the jobs, and then at most so many are looked at for one page.
-- Always one row at least: looked_at, end_at and end_id say how far the walk went. A job of a deleted
-- repository is left out by who reads: the page's end must not depend on it.
WITH walked AS MATERIALIZED (
    (
        SELECT
            jobs.id,
            jobs.created_at AS at,
            coalesce(jobs.status = %(status)s::text, true) AS fits
        FROM kotadb.index_jobs AS jobs
        WHERE
            %(walk)s::text = 'age'
            AND (%(tenant_id)s::uuid IS NULL OR jobs.tenant_id = %(tenant_id)s::uuid)
            AND (%(repository_id)s::uuid IS NULL OR jobs.repository_id = %(repository_id)s::uuid)
            AND (
                %(after_at)s::timestamptz IS NULL
                OR (jobs.created_at, jobs.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid)
            )
        ORDER BY jobs.created_at DESC, jobs.id DESC
        LIMIT %(most)s::integer
    )
    UNION ALL
    (
        SELECT
            queued.job_id,
            queued.expires_at,
            true
        FROM kotadb_queue.live AS queued
        WHERE
            %(walk)s::text = 'pending'
            AND queued.finished_at IS NULL
            -- So a lease is ruled out in the words of the index of what is due.
            AND queued.lease_expires_at IS NULL
            AND (
                %(after_at)s::timestamptz IS NULL
                OR (queued.expires_at, queued.job_id)
                < (%(after_at)s::timestamptz, %(after_id)s::uuid)
            )
        ORDER BY queued.expires_at DESC, queued.job_id DESC
        LIMIT %(page_size)s::integer
    )
    UNION ALL
    (
        SELECT
            queued.job_id,
            queued.leased_at,
            true
        FROM kotadb_queue.live AS queued
        WHERE
            %(walk)s::text = 'processing'
            AND queued.state = 'leased'
            AND (
                %(after_at)s::timestamptz IS NULL
                OR (queued.leased_at, queued.job_id)
                < (%(after_at)s::timestamptz, %(after_id)s::uuid)
            )
        ORDER BY queued.leased_at DESC, queued.job_id DESC
        LIMIT %(page_size)s::integer
    )
    UNION ALL
    (
        SELECT
            dead.job_id,
            dead.died_at,
            true
        FROM kotadb_queue.dead_letters AS dead
        WHERE
            %(walk)s::text = 'failed'
            AND (
                %(after_at)s::timestamptz IS NULL
                OR (dead.died_at, dead.job_id) < (%(after_at)s::timestamptz, %(after_id)s::uuid)
            )
        ORDER BY dead.died_at DESC, dead.job_id DESC
        LIMIT %(page_size)s::integer
    )
),

ends AS (
    SELECT
        count(*) AS looked_at,
        min(walked.at) AS end_at,
        (array_agg(walked.id ORDER BY walked.at, walked.id))[1] AS end_id
    FROM walked
),

page AS (
    SELECT
        walked.id,
        walked.at
    FROM walked
    WHERE walked.fits
    ORDER BY walked.at DESC, walked.id DESC
    LIMIT %(page_size)s::integer
)

SELECT
    ends.looked_at,
    ends.end_at,
    ends.end_id,
    page.at,
    page.id,
    jobs.tenant_id,
    coalesce(people.email, groups.name) AS tenant,
    jobs.repository_id,
    places.full_name AS repository,
    places.deleted_at IS NOT NULL AS deleted,
    coalesce(jobs.ref, nullif(jobs.requested_ref, '')) AS ref,
    coalesce(jobs.commit_sha, jobs.requested_commit) AS commit_sha,
    jobs.status,
    jobs.phase,
    jobs.files_done,
    jobs.files_total,
    jobs.retry_count,
    jobs.next_attempt_at,
    jobs.error_code,
    jobs.error_message,
    jobs.created_at,
    jobs.started_at,
    jobs.completed_at
FROM ends
LEFT JOIN page ON true
LEFT JOIN kotadb.index_jobs AS jobs ON page.id = jobs.id
LEFT JOIN kotadb.repositories AS places ON jobs.repository_id = places.repository_id
LEFT JOIN kotadb.users AS people ON jobs.tenant_id = people.user_id
LEFT JOIN kotadb.organizations AS groups ON jobs.tenant_id = groups.organization_id
ORDER BY page.at DESC, page.id DESC;
