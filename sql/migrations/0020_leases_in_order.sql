-- What is leased comes in the order of the queue, and a lease reads one repository for each job.

SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb_queue.lease(
    p_team_size integer,
    p_lease_seconds double precision,
    p_worker text,
    p_from_priority smallint DEFAULT -32768,
    p_from_run_at timestamptz DEFAULT '-infinity',
    p_own_slot smallint DEFAULT NULL,
    p_limit integer DEFAULT 1
) RETURNS TABLE (
    queue_job_id uuid,
    lease_token uuid,
    job_id uuid,
    tenant_id uuid,
    repository_id uuid,
    requested_ref text,
    attempt integer,
    round_attempt integer,
    priority smallint,
    run_at timestamptz,
    clone_url text,
    full_name text,
    requested_commit text,
    force boolean,
    request_id text,
    generation bigint
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    slots smallint[];
    chosen tid[];
BEGIN
    IF (SELECT stopped_at IS NOT NULL FROM kotadb_queue.control) THEN
        RETURN;
    END IF;
    -- Not where a job was ended before: two transactions that each hold one tenant's admission and
    -- want another's would wait for each other.
    IF p_own_slot IS NULL THEN
        PERFORM kotadb_queue.wake_delayed(200);
    END IF;
    -- While a snapshot is held elsewhere, the search walks over every lease that has ended since.
    IF p_own_slot IS NOT NULL THEN
        slots := CASE WHEN p_own_slot <= p_team_size THEN ARRAY[p_own_slot] ELSE '{}' END;
    ELSE
        slots := ARRAY(
            SELECT places.slot::smallint
            FROM generate_series(1, p_team_size) AS places (slot)
            WHERE
                places.slot <> ALL(ARRAY(
                    SELECT taken.slot FROM kotadb_queue.live AS taken WHERE taken.slot IS NOT NULL
                ))
            LIMIT p_limit
        );
    END IF;
    -- The place of a row that is locked stays its place.
    chosen := ARRAY(
        SELECT queued.ctid
        FROM kotadb_queue.live AS queued
        WHERE
            queued.state = 'ready'
            AND (queued.priority, queued.run_at) >= (p_from_priority, p_from_run_at)
            AND queued.run_at <= (SELECT clock_timestamp())
        ORDER BY queued.priority, queued.run_at, queued.queue_job_id
        LIMIT cardinality(slots)
        FOR UPDATE SKIP LOCKED
    );
    RETURN QUERY
    WITH leased AS (
        UPDATE kotadb_queue.live AS queued SET
            state = 'leased',
            leases = queued.leases + 1,
            round_attempt = queued.round_attempt + 1,
            lease_token = gen_random_uuid(),
            leased_at = clock_timestamp(),
            lease_expires_at = clock_timestamp() + p_lease_seconds * interval '1 second',
            slot = taken.slot
        FROM unnest(chosen, slots[:cardinality(chosen)]) AS taken (place, slot)
        WHERE queued.ctid = taken.place
        RETURNING queued.*
    ),

    jobs AS (
        UPDATE kotadb.index_jobs AS job SET
            status = 'processing',
            phase = 'clone',
            started_at = coalesce(job.started_at, leased.leased_at),
            next_attempt_at = NULL,
            retry_count = greatest(leased.leases - leased.released - 1, 0)
        FROM leased
        WHERE job.id = leased.job_id
        RETURNING
            leased.*, job.requested_commit, job.force, job.request_id, job.generation
    ),

    attempts AS (
        INSERT INTO kotadb.job_attempts (job_id, attempt, round, worker, leased_at)
        SELECT leased.job_id, leased.leases, leased.round, p_worker, leased.leased_at FROM leased
    )

    SELECT
        jobs.queue_job_id, jobs.lease_token, jobs.job_id, jobs.tenant_id, jobs.repository_id,
        jobs.requested_ref, jobs.leases, jobs.round_attempt, jobs.priority, jobs.run_at,
        places.clone_url, places.full_name, jobs.requested_commit, jobs.force, jobs.request_id,
        jobs.generation
    FROM jobs
    -- One look for each job: of a join the planner may make one that goes through every repository, and
    -- keeps to it when few have become many.
    INNER JOIN LATERAL (
        SELECT known.clone_url, known.full_name FROM kotadb.repositories AS known
        WHERE known.repository_id = jobs.repository_id
        LIMIT 1
    ) AS places ON true
    ORDER BY jobs.priority, jobs.run_at, jobs.queue_job_id;
END;
$$;
