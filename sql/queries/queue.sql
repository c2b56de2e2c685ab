-- The queue: leases and what becomes of them. Every write after the lease is fenced by
-- (queue_job_id, lease_token) and the state it expects; the moves with several outcomes are
-- functions of the schema (kotadb_queue.enqueue, finish, end_run, expire, cancel, retry, admit).

-- name: enqueue_job
SELECT
    job_id,
    repository_id,
    deduplicated
FROM kotadb_queue.enqueue(
    %(tenant_id)s::uuid,
    %(clone_url)s::text,
    %(full_name)s::text,
    %(requested_ref)s::text,
    %(requested_commit)s::text,
    %(force)s::boolean,
    %(request_id)s::text,
    %(max_retries)s::integer,
    %(expire_hours)s::integer
);

-- name: enqueue_job_once
SELECT
    job_id,
    repository_id,
    deduplicated,
    replayed
FROM kotadb_queue.enqueue_once(
    %(idempotency_key)s::text,
    %(fingerprint)s::bytea,
    %(valid_hours)s::integer,
    %(tenant_id)s::uuid,
    %(clone_url)s::text,
    %(full_name)s::text,
    %(requested_ref)s::text,
    %(requested_commit)s::text,
    %(force)s::boolean,
    %(request_id)s::text,
    %(max_retries)s::integer,
    %(expire_hours)s::integer
);

-- name: enqueue_jobs
SELECT
    made.job_id,
    made.repository_id,
    made.deduplicated
FROM kotadb_queue.enqueue_many(
    %(tenant_id)s::uuid,
    %(requests)s::jsonb,
    %(max_retries)s::integer,
    %(expire_hours)s::integer
) AS made
ORDER BY made.ordinal;

-- name: cancel_job
SELECT kotadb_queue.cancel(%(job_id)s::uuid) AS outcome;

-- name: retry_job
SELECT
    kotadb_queue.retry(
        %(job_id)s::uuid,
        %(expire_hours)s::integer,
        %(priority)s::smallint
    ) AS outcome;

-- name: prioritise_job
SELECT kotadb_queue.prioritise(%(job_id)s::uuid, %(priority)s::smallint) AS outcome;

-- name: obey_settings
SELECT kotadb_queue.obey(%(switched_off)s::boolean, %(tenant_cap)s::integer) AS stopped;

-- name: pause_leasing
SELECT kotadb_queue.stop_leasing(%(paused)s::boolean, NULL) AS stopped;

-- name: lock_control
-- Whoever changes it takes turns with others, so that each knows what it changed.
SELECT paused FROM kotadb_queue.control FOR UPDATE;

-- name: leasing_control
SELECT
    paused,
    switched_off,
    stopped_at,
    tenant_cap
FROM kotadb_queue.control;

-- name: lease_next
SELECT
    true AS held,
    leased.*
FROM kotadb_queue.lease(
    %(team_size)s::integer,
    %(lease_seconds)s::double precision,
    %(worker)s::text,
    %(from_priority)s::smallint,
    %(from_run_at)s::timestamptz
) AS leased;

-- name: lease_jobs
SELECT leased.*
FROM kotadb_queue.lease(
    %(team_size)s::integer,
    %(lease_seconds)s::double precision,
    %(worker)s::text,
    %(from_priority)s::smallint,
    %(from_run_at)s::timestamptz,
    NULL::smallint,
    %(batch_size)s::integer
) AS leased;

-- name: complete_jobs
SELECT ended.queue_job_id
FROM kotadb_queue.complete_many(%(runs)s::jsonb) AS ended (queue_job_id);

-- name: finish_and_lease
-- Ends a job as finish_job does and leases the next one in its slot, so that a loop commits once for
-- each job. `held` false: the lease was lost. The other columns are null when nothing is due.
SELECT ended.*
FROM kotadb_queue.finish_and_lease(
    %(queue_job_id)s::uuid,
    %(lease_token)s::uuid,
    %(status)s::text,
    %(ref)s::text,
    %(commit_sha)s::text,
    %(stats)s::jsonb,
    %(result)s::jsonb,
    %(error_code)s::text,
    %(error_message)s::text,
    %(team_size)s::integer,
    %(lease_seconds)s::double precision,
    %(worker)s::text,
    %(from_priority)s::smallint,
    %(from_run_at)s::timestamptz
) AS ended;

-- name: renew_lease
-- Renewal and progress are one statement: whoever lost the lease may not say how far it came.
WITH renewed AS (
    UPDATE kotadb_queue.live
    SET lease_expires_at = clock_timestamp() + %(lease_seconds)s * interval '1 second'
    WHERE
        queue_job_id = %(queue_job_id)s
        AND lease_token = %(lease_token)s
        AND state = 'leased'
    RETURNING job_id
)

UPDATE kotadb.index_jobs
SET
    phase = %(phase)s,
    files_done = %(files_done)s,
    files_total = %(files_total)s
FROM renewed
WHERE id = renewed.job_id
RETURNING id;

-- name: note_commit
WITH held AS (
    SELECT job_id
    FROM kotadb_queue.live
    WHERE
        queue_job_id = %(queue_job_id)s
        AND lease_token = %(lease_token)s
        AND state = 'leased'
    FOR NO KEY UPDATE
)

UPDATE kotadb.index_jobs
SET
    ref = %(ref)s,
    commit_sha = %(commit_sha)s
FROM held
WHERE id = held.job_id;

-- name: finish_job
SELECT
    kotadb_queue.finish(
        %(queue_job_id)s::uuid,
        %(lease_token)s::uuid,
        %(status)s::text,
        %(ref)s::text,
        %(commit_sha)s::text,
        %(stats)s::jsonb,
        %(result)s::jsonb,
        %(error_code)s::text,
        %(error_message)s::text
    ) AS held;

-- name: end_run
SELECT
    kotadb_queue.end_run(
        %(queue_job_id)s::uuid,
        %(lease_token)s::uuid,
        %(outcome)s::text,
        %(error_code)s::text,
        %(error_message)s::text,
        %(final_code)s::text,
        %(final_message)s::text,
        %(final)s::boolean,
        %(max_runs)s::integer,
        %(delay_seconds)s::double precision
    ) AS status;

-- name: attempt_outcome
-- After a COMMIT whose answer was lost: did it take effect?
SELECT outcome
FROM kotadb.job_attempts
WHERE job_id = %(job_id)s AND attempt = %(attempt)s;

-- name: lease_of_worker
-- A worker holds one lease at a time, and its name is that of one invocation.
SELECT
    queued.queue_job_id,
    queued.lease_token,
    queued.job_id,
    queued.tenant_id,
    queued.repository_id,
    queued.requested_ref,
    queued.leases AS attempt,
    queued.round_attempt,
    places.clone_url,
    places.full_name,
    jobs.requested_commit,
    jobs.force,
    jobs.request_id,
    jobs.generation,
    extract(EPOCH FROM clock_timestamp() - queued.leased_at)::double precision AS held_seconds
FROM kotadb_queue.live AS queued
INNER JOIN kotadb.job_attempts AS attempts
    ON queued.job_id = attempts.job_id AND queued.leases = attempts.attempt
INNER JOIN kotadb.index_jobs AS jobs ON queued.job_id = jobs.id
INNER JOIN kotadb.repositories AS places ON queued.repository_id = places.repository_id
WHERE queued.state = 'leased' AND attempts.worker = %(worker)s;

-- name: ready_rows
-- Whether a worker that stops now leaves work behind.
SELECT EXISTS(
    SELECT FROM kotadb_queue.live
    WHERE
        state = 'ready'
        AND run_at <= (SELECT clock_timestamp())
        AND (SELECT control.stopped_at IS NULL FROM kotadb_queue.control)
) AS waiting;

-- name: leases_run_out
SELECT
    queue_job_id,
    lease_token,
    job_id,
    attempt,
    round_attempt,
    round_losses
FROM kotadb_queue.leases_run_out(%(batch_size)s::integer);

-- name: due_rows_expired
SELECT
    queue_job_id,
    job_id
FROM kotadb_queue.due_rows_expired(%(batch_size)s::integer);

-- name: expire_row
SELECT kotadb_queue.expire(%(queue_job_id)s::uuid, %(error_message)s::text) AS expired;

-- name: wake_delayed
SELECT
    kotadb_queue.wake_delayed(%(batch_size)s::integer) AS woken,
    kotadb_queue.add_up_depth(%(most_changes)s::integer) AS added_up;

-- name: admit_everywhere
SELECT kotadb_queue.admit_everywhere() AS admitted;

-- name: rotate_archive
SELECT kotadb_queue.rotate_archive(%(keep_days)s::integer) AS dropped;

-- name: archive_finished
-- Moved in one statement, so a row is always in exactly one of the two.
WITH old AS (
    DELETE FROM kotadb_queue.live
    WHERE queue_job_id = ANY(ARRAY(
        SELECT finished.queue_job_id
        FROM kotadb_queue.live AS finished
        WHERE
            finished.state = 'finished'
            AND finished.finished_at
            <= (SELECT clock_timestamp()) - %(after_seconds)s * interval '1 second'
        ORDER BY finished.finished_at
        LIMIT %(batch_size)s
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING
        queue_job_id, queue_name, job_id, tenant_id, repository_id, payload, result, leases,
        enqueued_at, finished_at
)

INSERT INTO kotadb_queue.archive (
    queue_job_id, queue_name, job_id, tenant_id, repository_id, payload, result, leases,
    enqueued_at, finished_at
)
SELECT
    queue_job_id,
    queue_name,
    job_id,
    tenant_id,
    repository_id,
    payload,
    result,
    leases,
    enqueued_at,
    finished_at
FROM old;

-- name: forget_old_jobs
-- A failed job's dead letter and every job's attempts go with it. Two sweeps never wait for each
-- other, and a job that is queued again this very moment stays.
DELETE FROM kotadb.index_jobs
WHERE id = ANY(ARRAY(
    SELECT old.id
    FROM kotadb.index_jobs AS old
    WHERE old.completed_at <= (SELECT clock_timestamp()) - %(keep_days)s * interval '1 day'
    ORDER BY old.completed_at
    LIMIT %(batch_size)s
    FOR UPDATE SKIP LOCKED
));

-- name: forget_idempotency_keys
DELETE FROM kotadb_queue.idempotency_keys
WHERE (tenant_id, idempotency_key) IN (
    SELECT
        old.tenant_id,
        old.idempotency_key
    FROM kotadb_queue.idempotency_keys AS old
    WHERE old.expires_at <= (SELECT clock_timestamp())
    ORDER BY old.expires_at
    LIMIT %(batch_size)s
    FOR UPDATE SKIP LOCKED
);

-- name: purge_jobs
-- Jobs of deleted repositories, with their queue rows, attempts and dead letters. All of them ended
-- when the repository was deleted, so no worker holds any.
DELETE FROM kotadb.index_jobs
WHERE id = ANY(ARRAY(
    SELECT jobs.id
    FROM kotadb.repositories AS places
    INNER JOIN kotadb.index_jobs AS jobs ON places.repository_id = jobs.repository_id
    WHERE places.deleted_at IS NOT NULL
    LIMIT %(batch_size)s
    FOR UPDATE OF jobs SKIP LOCKED
));

-- name: purge_repositories
-- A store that has not heard yet still holds its repository, which is then left to the next sweep.
DELETE FROM kotadb.repositories
WHERE repository_id = ANY(ARRAY(
    SELECT places.repository_id
    FROM kotadb.repositories AS places
    WHERE
        places.deleted_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM kotadb.index_jobs AS jobs
            WHERE jobs.repository_id = places.repository_id
        )
        AND NOT EXISTS (
            SELECT FROM kotadb.snapshots AS snaps
            WHERE snaps.repository_id = places.repository_id
        )
    ORDER BY places.deleted_at
    LIMIT %(batch_size)s
    FOR UPDATE SKIP LOCKED
));

-- name: queue_figures
SELECT
    depth,
    running,
    failed_24h,
    oldest_pending_age_seconds,
    stopped
FROM kotadb_queue.figures();

-- name: queue_figures_in_time
-- One round trip: the time-out holds for this transaction only.
BEGIN;
SET LOCAL transaction_read_only = on;
SET LOCAL statement_timeout = '1000ms';
SELECT
    depth,
    running,
    failed_24h,
    oldest_pending_age_seconds,
    stopped
FROM kotadb_queue.figures();
COMMIT;

-- name: database_answers
SELECT 1 AS answer;

-- name: server_version
SELECT current_setting('server_version') AS version;
