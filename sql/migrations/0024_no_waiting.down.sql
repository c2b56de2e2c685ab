SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid)
RETURNS SETOF kotadb_queue.live
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    PERFORM FROM kotadb.repositories AS places
    WHERE places.repository_id = (
        SELECT queued.repository_id FROM kotadb_queue.live AS queued
        WHERE queued.queue_job_id = p_queue_job_id
    )
    FOR NO KEY UPDATE;
    SELECT * INTO held FROM kotadb_queue.live WHERE queue_job_id = p_queue_job_id FOR UPDATE;
    IF held.lease_token = p_lease_token AND held.state = 'leased' THEN
        RETURN NEXT held;
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    PERFORM FROM kotadb.repositories AS places
    WHERE places.repository_id = (
        SELECT queued.repository_id FROM kotadb_queue.live AS queued
        WHERE queued.queue_job_id = p_queue_job_id
    )
    FOR NO KEY UPDATE;
    SELECT * INTO held FROM kotadb_queue.live WHERE queue_job_id = p_queue_job_id FOR UPDATE;
    IF
        NOT FOUND
        OR held.state NOT IN ('ready', 'waiting', 'delayed')
        OR held.expires_at > kotadb_queue.working_time()
    THEN
        RETURN false;
    END IF;
    PERFORM kotadb_queue.bury(held, 'expired', p_error_message);
    PERFORM kotadb_queue.admit(held.tenant_id);
    RETURN true;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.end_run(
    p_queue_job_id uuid, p_lease_token uuid, p_outcome text, p_error_code text,
    p_error_message text, p_final_code text, p_final_message text, p_final boolean,
    p_max_runs integer, p_delay_seconds double precision
)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    held kotadb_queue.live;
    given_back integer := CASE WHEN p_outcome = 'released' THEN 1 ELSE 0 END;
    at_once boolean := p_delay_seconds <= 0;
    resume_at timestamptz := clock_timestamp() + p_delay_seconds * interval '1 second';
BEGIN
    SELECT * INTO held FROM kotadb_queue.lock_lease(p_queue_job_id, p_lease_token);
    IF NOT FOUND OR (p_outcome = 'lost' AND held.lease_expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    UPDATE kotadb.job_attempts SET
        ended_at = clock_timestamp(), outcome = p_outcome,
        error_code = p_error_code, error_message = p_error_message
    WHERE job_id = held.job_id AND attempt = held.leases;

    IF exists(
        SELECT FROM kotadb_queue.live
        WHERE
            repository_id = held.repository_id
            AND requested_ref = held.requested_ref
            AND state IN ('ready', 'waiting', 'delayed')
    ) THEN
        UPDATE kotadb_queue.live SET
            state = 'finished', finished_at = clock_timestamp(),
            lease_expires_at = NULL, slot = NULL, tenant_slot = NULL,
            released = released + given_back,
            result = jsonb_build_object('success', false, 'error', 'superseded')
        WHERE queue_job_id = held.queue_job_id;
        UPDATE kotadb.index_jobs SET
            status = 'skipped', completed_at = clock_timestamp(), phase = NULL,
            error_code = 'superseded',
            error_message = 'A newer request for this ref took its place.',
            retry_count = greatest(held.leases - held.released - given_back - 1, 0)
        WHERE id = held.job_id;
        PERFORM kotadb_queue.admit(held.tenant_id);
        RETURN 'skipped';
    END IF;

    IF p_outcome <> 'released' AND (p_final OR held.round_attempt >= p_max_runs) THEN
        PERFORM kotadb_queue.bury(held, p_final_code, p_final_message);
        PERFORM kotadb_queue.admit(held.tenant_id);
        RETURN 'failed';
    END IF;

    UPDATE kotadb_queue.live SET
        state = CASE WHEN at_once THEN 'ready' ELSE 'delayed' END,
        -- A released job keeps its place, so that it is first when there is time for all of it.
        run_at = CASE WHEN p_outcome = 'released' AND at_once THEN run_at ELSE resume_at END,
        tenant_slot = CASE WHEN at_once THEN tenant_slot END,
        lease_expires_at = NULL, slot = NULL,
        lease_token = NULL, leased_at = NULL,
        released = released + given_back, round_attempt = round_attempt - given_back,
        round_losses = round_losses + CASE WHEN p_outcome = 'lost' THEN 1 ELSE 0 END
    WHERE queue_job_id = held.queue_job_id;
    UPDATE kotadb.index_jobs SET
        status = 'pending', phase = NULL, next_attempt_at = resume_at,
        files_done = 0, files_total = NULL,
        error_code = coalesce(p_error_code, error_code),
        error_message = coalesce(p_error_message, error_message),
        retry_count = greatest(held.leases - held.released - given_back - 1, 0)
    WHERE id = held.job_id;
    -- A row that is ready at once keeps its place, unless a more urgent one waits for it.
    PERFORM kotadb_queue.admit(held.tenant_id);
    RETURN 'pending';
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.wake_delayed(p_batch_size integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    woken uuid[];
    tenant uuid;
BEGIN
    WITH due AS (
        UPDATE kotadb_queue.live SET state = 'waiting'
        WHERE queue_job_id = ANY(ARRAY(
            SELECT late.queue_job_id
            FROM kotadb_queue.live AS late
            WHERE late.state = 'delayed' AND late.run_at <= (SELECT clock_timestamp())
            ORDER BY late.run_at
            LIMIT p_batch_size
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING tenant_id
    )

    SELECT array_agg(tenant_id) INTO woken FROM due;
    -- In one order, so that two sweeps never wait for each other.
    FOR tenant IN SELECT DISTINCT one.id FROM unnest(woken) AS one (id) ORDER BY one.id
    LOOP
        PERFORM kotadb_queue.admit(tenant);
    END LOOP;
    RETURN coalesce(cardinality(woken), 0);
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.admit_everywhere()
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    tenant uuid;
    admitted integer := 0;
BEGIN
    SELECT queued.tenant_id INTO tenant FROM kotadb_queue.live AS queued
    WHERE queued.state = 'waiting' ORDER BY queued.tenant_id LIMIT 1;
    WHILE tenant IS NOT NULL
    LOOP
        IF kotadb_queue.free_tenant_slot(tenant) IS NOT NULL THEN
            admitted := admitted + kotadb_queue.admit(tenant);
        END IF;
        SELECT queued.tenant_id INTO tenant FROM kotadb_queue.live AS queued
        WHERE queued.state = 'waiting' AND queued.tenant_id > tenant
        ORDER BY queued.tenant_id LIMIT 1;
    END LOOP;
    RETURN admitted;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.bury(
    held kotadb_queue.live, p_error_code text, p_error_message text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM kotadb_queue.live WHERE queue_job_id = held.queue_job_id;
    INSERT INTO kotadb_queue.dead_letters (
        queue_job_id, job_id, tenant_id, repository_id, payload, result, leases, enqueued_at
    ) VALUES (
        held.queue_job_id, held.job_id, held.tenant_id, held.repository_id, held.payload,
        jsonb_build_object('success', false, 'error', p_error_code), held.leases, held.enqueued_at
    );
    UPDATE kotadb.index_jobs SET
        status = 'failed', completed_at = clock_timestamp(), next_attempt_at = NULL, phase = NULL,
        error_code = p_error_code, error_message = p_error_message
    WHERE id = held.job_id;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text)
RETURNS smallint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
    WITH given_way AS (
        UPDATE kotadb_queue.live SET
            state = 'finished',
            finished_at = clock_timestamp(),
            tenant_slot = NULL,
            result = jsonb_build_object('success', false, 'error', 'superseded')
        WHERE
            repository_id = p_repository_id
            AND requested_ref = p_requested_ref
            AND state IN ('ready', 'waiting', 'delayed')
        RETURNING job_id, priority
    ),

    skipped AS (
        UPDATE kotadb.index_jobs SET
            status = 'skipped',
            completed_at = clock_timestamp(),
            next_attempt_at = NULL,
            error_code = 'superseded',
            error_message = 'A newer request for this ref took its place.'
        FROM given_way
        WHERE id = given_way.job_id
    )

    SELECT priority FROM given_way;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.cancel_row(
    held kotadb_queue.live, p_error_code text, p_error_message text
)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE kotadb_queue.live SET
        state = 'finished', finished_at = clock_timestamp(), lease_expires_at = NULL, slot = NULL,
        tenant_slot = NULL,
        result = jsonb_build_object('success', false, 'error', p_error_code)
    WHERE queue_job_id = held.queue_job_id;
    UPDATE kotadb.index_jobs SET
        status = 'cancelled', completed_at = clock_timestamp(), next_attempt_at = NULL,
        phase = NULL, error_code = p_error_code, error_message = p_error_message
    WHERE id = held.job_id;
    IF held.state = 'leased' THEN
        UPDATE kotadb.job_attempts SET
            ended_at = clock_timestamp(), outcome = 'cancelled',
            error_code = p_error_code, error_message = p_error_message
        WHERE job_id = held.job_id AND attempt = held.leases;
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.cancel_all_of(
    p_repository_ids uuid[], p_requested_ref text, p_error_code text, p_error_message text
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    -- Locked by a statement of its own: a lease that was under way is seen whole by the next one.
    held uuid[] := array(
        SELECT queue_job_id FROM kotadb_queue.live
        WHERE
            repository_id = ANY(p_repository_ids)
            AND (state IN ('ready', 'waiting', 'delayed') OR state = 'leased')
            AND (p_requested_ref IS NULL OR requested_ref = p_requested_ref)
        ORDER BY queue_job_id
        FOR UPDATE
    );
    tenants uuid[];
BEGIN
    WITH ended AS (
        UPDATE kotadb_queue.live SET
            state = 'finished', finished_at = clock_timestamp(), lease_expires_at = NULL,
            slot = NULL, tenant_slot = NULL,
            result = jsonb_build_object('success', false, 'error', p_error_code)
        WHERE queue_job_id = ANY(held)
        RETURNING job_id, tenant_id, leases
    ),

    jobs AS (
        UPDATE kotadb.index_jobs AS job SET
            status = 'cancelled', completed_at = clock_timestamp(), next_attempt_at = NULL,
            phase = NULL, error_code = p_error_code, error_message = p_error_message
        FROM ended
        WHERE job.id = ended.job_id
    ),

    attempts AS (
        UPDATE kotadb.job_attempts AS run SET
            ended_at = clock_timestamp(), outcome = 'cancelled',
            error_code = p_error_code, error_message = p_error_message
        FROM ended
        WHERE run.job_id = ended.job_id AND run.attempt = ended.leases AND run.ended_at IS NULL
    )

    SELECT array_agg(DISTINCT ended.tenant_id) INTO tenants FROM ended;
    PERFORM kotadb_queue.admit_waiting(tenants);
    -- Nothing waits for those commits any more: whoever tells of them again shall be heard.
    DELETE FROM kotadb_queue.branch_heads
    WHERE
        repository_id = ANY(p_repository_ids)
        AND (p_requested_ref IS NULL OR ref = p_requested_ref);
    RETURN cardinality(held);
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.retry(
    p_job_id uuid, p_expire_hours integer, p_priority smallint DEFAULT 0
)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job kotadb.index_jobs;
    new_queue_job_id uuid := (kotadb.time_ordered_ids(1))[1];
    free_slot smallint;
BEGIN
    PERFORM FROM kotadb.repositories
    WHERE
        repository_id = (SELECT jobs.repository_id FROM kotadb.index_jobs AS jobs WHERE jobs.id = p_job_id)
        AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    -- A job that is just being forgotten is waited for, and gone.
    SELECT * INTO job FROM kotadb.index_jobs WHERE id = p_job_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF job.status <> 'failed' THEN
        RETURN 'not_failed';
    END IF;
    IF exists(
        SELECT FROM kotadb.index_jobs
        WHERE
            repository_id = job.repository_id
            AND requested_ref = job.requested_ref
            AND status NOT IN ('failed', 'cancelled')
            AND generation > job.generation
    ) THEN
        RETURN 'superseded';
    END IF;

    -- An older one that an earlier retry brought back gives way, as it would to a request.
    PERFORM kotadb_queue.give_way(job.repository_id, job.requested_ref);
    DELETE FROM kotadb_queue.dead_letters WHERE job_id = job.id;
    free_slot := kotadb_queue.slot_unless_running(
        job.tenant_id, job.repository_id, job.requested_ref
    );
    INSERT INTO kotadb_queue.live (
        queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot,
        priority, expires_at, leases, released, round
    )
    SELECT
        new_queue_job_id, job.id, job.tenant_id, job.repository_id, job.requested_ref,
        jsonb_build_object(
            'indexJobId', job.id,
            'repositoryId', job.repository_id,
            'commitSha', job.requested_commit
        ),
        CASE WHEN free_slot IS NULL THEN 'waiting' ELSE 'ready' END,
        free_slot,
        p_priority,
        kotadb_queue.working_time() + p_expire_hours * interval '1 hour',
        -- The attempts outlive the queue row: numbers and retry_count go on from them.
        count(*), count(*) FILTER (WHERE outcome = 'released'), coalesce(max(round), 0) + 1
    FROM kotadb.job_attempts
    WHERE job_id = job.id;
    UPDATE kotadb.index_jobs SET
        status = 'pending', completed_at = NULL, queue_job_id = new_queue_job_id,
        files_done = 0, files_total = NULL
    WHERE id = job.id;
    IF free_slot IS NULL THEN
        PERFORM kotadb_queue.admit(job.tenant_id);
    END IF;
    RETURN 'requeued';
END;
$$;

CREATE OR REPLACE FUNCTION kotadb.publish_snapshot(p_snapshot_id integer, p_keep_seconds integer DEFAULT 900)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh kotadb.snapshots;
BEGIN
    SELECT * INTO STRICT fresh FROM kotadb.snapshots WHERE snapshot_id = p_snapshot_id;
    PERFORM FROM kotadb.repositories
    WHERE repository_id = fresh.repository_id AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF
        NOT FOUND
        OR exists(
            SELECT FROM kotadb.snapshots
            WHERE
                repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current'
                AND generation > fresh.generation
        )
    THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(
        hashtextextended('kotadb.publish_snapshot ' || fresh.tenant_id::text, 0)
    );
    UPDATE kotadb.snapshots SET
        state = 'retired',
        readable_until = clock_timestamp() + p_keep_seconds * interval '1 second'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET
        state = 'current', publication = nextval('kotadb.publications')
    WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended('kotadb_queue.admit ' || p_tenant_id::text, 0)
    );
END;
$$;

COMMENT ON COLUMN kotadb.index_jobs.commit_sha IS 'The commit that was really indexed.';

DROP FUNCTION kotadb_queue.failure(text);
DROP FUNCTION kotadb_queue.try_admission(uuid);
DROP FUNCTION kotadb_queue.admission_of(uuid);
DROP FUNCTION kotadb_queue.wait_briefly();
DROP FUNCTION kotadb_queue.hold_briefly();
