-- What the scheduled sweep tells of the whole deployment, read from its one snapshot.

-- name: gauges
-- Jobs of the last hour are those that ended in it with an index or without; who was cancelled or
-- skipped says nothing of how well indexing works.
-- Asked after `plan_by_index`, as what it looks at of jobs is found by the queue's few rows.
-- A job counts as processing since its lease began. One that no open attempt stands for, which the
-- queue forbids, counts since its start, so that it is seen all the same.
-- Every login sees whose connections there are, so no right to statistics is needed; a superuser
-- is a member of everything and is left out.
WITH ended AS (
    SELECT
        count(*) AS jobs_ended,
        count(*) FILTER (WHERE status = 'failed') AS jobs_failed,
        count(*) FILTER (WHERE retry_count >= 2) AS jobs_retried_twice,
        coalesce(sum(retry_count), 0)::bigint AS job_retries
    FROM kotadb.index_jobs
    WHERE
        completed_at > (SELECT clock_timestamp()) - interval '1 hour'
        AND status IN ('completed', 'failed')
)

SELECT
    figures.depth,
    figures.stopped,
    coalesce(figures.oldest_pending_age_seconds, 0) AS oldest_pending_age_seconds,
    coalesce((
        SELECT
            extract(
                EPOCH FROM clock_timestamp() - min(coalesce(attempts.leased_at, jobs.started_at))
            )::double precision
        FROM kotadb_queue.live AS leases
        INNER JOIN kotadb.index_jobs AS jobs ON leases.job_id = jobs.id
        LEFT JOIN kotadb.job_attempts AS attempts
            ON jobs.id = attempts.job_id AND attempts.ended_at IS NULL
        WHERE leases.state = 'leased'
    ), 0) AS oldest_processing_age_seconds,
    (SELECT count(*) FROM kotadb_queue.dead_letters) AS dead_letters,
    ended.jobs_ended,
    ended.jobs_failed,
    ended.jobs_retried_twice,
    ended.job_retries,
    pg_total_relation_size('kotadb.index_jobs'::regclass) AS index_jobs_bytes,
    (
        SELECT count(*)
        FROM pg_stat_activity AS backends
        INNER JOIN pg_roles AS logins ON backends.usesysid = logins.oid
        WHERE
            backends.datname = current_database()
            AND NOT logins.rolsuper
            AND (
                pg_has_role(logins.oid, 'kotadb_api', 'MEMBER')
                OR pg_has_role(logins.oid, 'kotadb_worker', 'MEMBER')
                OR pg_has_role(logins.oid, 'kotadb_admin', 'MEMBER')
            )
    ) AS database_connections
FROM kotadb_queue.figures() AS figures
CROSS JOIN ended;

-- name: rows_by_state
SELECT
    state,
    count(*) AS number
FROM kotadb_queue.live
GROUP BY state;
