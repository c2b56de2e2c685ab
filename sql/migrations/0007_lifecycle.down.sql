-- Removes what was deleted, for good. The functions and policies become those of 0003 to 0005.
SET LOCAL ROLE kotadb_owner;
DELETE FROM kotadb.repositories WHERE deleted_at IS NOT NULL;

DROP FUNCTION kotadb_queue.retry(uuid, integer);
DROP FUNCTION kotadb.delete_repository(uuid);
DROP FUNCTION kotadb_queue.cancel(uuid);
DROP FUNCTION kotadb_queue.cancel_row(kotadb_queue.live, text, text);
DROP FUNCTION kotadb_queue.enqueue_once(
    text, bytea, integer, uuid, text, text, text, text, boolean, text, integer, integer
);
DROP TABLE kotadb_queue.idempotency_keys;
REVOKE EXECUTE ON FUNCTION kotadb_queue.wake_waiting(uuid, text) FROM kotadb_api;

CREATE OR REPLACE FUNCTION kotadb_queue.enqueue(
    p_tenant_id uuid,
    p_clone_url text,
    p_full_name text,
    p_requested_ref text,
    p_requested_commit text,
    p_force boolean,
    p_request_id text,
    p_max_retries integer,
    p_expire_hours integer
) RETURNS TABLE (job_id uuid, repository_id uuid, deduplicated boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place kotadb.repositories;
    twin kotadb.index_jobs;
    new_queue_job_id uuid := gen_random_uuid();
    new_job_id uuid := gen_random_uuid();
    running boolean;
BEGIN
    PERFORM set_config('app.user_id', p_tenant_id::text, true);

    INSERT INTO kotadb.repositories AS known (tenant_id, clone_url, full_name)
    VALUES (p_tenant_id, p_clone_url, p_full_name)
    ON CONFLICT (tenant_id, clone_url) DO UPDATE SET
        enqueue_generation = known.enqueue_generation + 1
    RETURNING * INTO place;
    repository_id := place.repository_id;

    -- The newest wish for the ref decides alone: joining the job that runs, past one that waits for
    -- another commit, would leave that other commit as the last to be indexed.
    SELECT jobs.* INTO twin
    FROM kotadb_queue.live AS queued
    INNER JOIN kotadb.index_jobs AS jobs ON queued.job_id = jobs.id
    WHERE
        queued.repository_id = place.repository_id
        AND queued.requested_ref = p_requested_ref
        AND queued.state IN ('ready', 'waiting');
    IF NOT FOUND AND p_requested_commit IS NOT NULL THEN
        SELECT jobs.* INTO twin
        FROM kotadb_queue.live AS queued
        INNER JOIN kotadb.index_jobs AS jobs ON queued.job_id = jobs.id
        WHERE
            queued.repository_id = place.repository_id
            AND queued.requested_ref = p_requested_ref
            AND queued.state = 'leased';
    END IF;
    IF
        twin.id IS NOT NULL
        AND twin.requested_commit IS NOT DISTINCT FROM p_requested_commit
        AND (twin.force OR NOT p_force)
    THEN
        job_id := twin.id;
        deduplicated := true;
        RETURN NEXT;
        RETURN;
    END IF;

    -- A pending job for something else gives way, unless a worker leased it this very moment.
    WITH given_way AS (
        UPDATE kotadb_queue.live AS queued SET
            state = 'finished',
            finished_at = clock_timestamp(),
            result = jsonb_build_object('success', false, 'error', 'superseded')
        WHERE
            queued.repository_id = place.repository_id
            AND queued.requested_ref = p_requested_ref
            AND queued.state IN ('ready', 'waiting')
        RETURNING queued.job_id
    )

    UPDATE kotadb.index_jobs AS jobs SET
        status = 'skipped',
        completed_at = clock_timestamp(),
        next_attempt_at = NULL,
        error_code = 'superseded',
        error_message = 'A newer request for this ref took its place.'
    FROM given_way
    WHERE jobs.id = given_way.job_id;

    SELECT exists(
        SELECT FROM kotadb_queue.live AS queued
        WHERE
            queued.repository_id = place.repository_id
            AND queued.requested_ref = p_requested_ref
            AND queued.state = 'leased'
    ) INTO running;

    INSERT INTO kotadb.index_jobs (
        id, tenant_id, repository_id, requested_ref, requested_commit, force, request_id,
        generation, queue_job_id, max_retries
    ) VALUES (
        new_job_id, p_tenant_id, place.repository_id, p_requested_ref, p_requested_commit, p_force,
        p_request_id, place.enqueue_generation, new_queue_job_id, p_max_retries
    );
    INSERT INTO kotadb_queue.live (
        queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, expires_at
    ) VALUES (
        new_queue_job_id, new_job_id, p_tenant_id, place.repository_id, p_requested_ref,
        jsonb_build_object(
            'indexJobId', new_job_id,
            'repositoryId', place.repository_id,
            'commitSha', p_requested_commit
        ),
        CASE WHEN running THEN 'waiting' ELSE 'ready' END,
        clock_timestamp() + p_expire_hours * interval '1 hour'
    );
    job_id := new_job_id;
    deduplicated := false;
    RETURN NEXT;
END;
$$;

DROP FUNCTION kotadb_queue.give_way(uuid, text);

CREATE OR REPLACE FUNCTION kotadb.publish_snapshot(p_snapshot_id integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh kotadb.snapshots;
BEGIN
    SELECT * INTO STRICT fresh FROM kotadb.snapshots WHERE snapshot_id = p_snapshot_id;
    PERFORM FROM kotadb.repositories WHERE repository_id = fresh.repository_id FOR NO KEY UPDATE;
    IF exists(
        SELECT FROM kotadb.snapshots
        WHERE
            repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current'
            AND generation > fresh.generation
    ) THEN
        RETURN false;
    END IF;
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET state = 'current' WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.figures()
RETURNS TABLE (depth bigint, running bigint, failed_24h bigint, oldest_pending_age_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        (SELECT count(*) FROM kotadb_queue.live WHERE state IN ('ready', 'waiting')),
        (SELECT count(*) FROM kotadb_queue.live WHERE state = 'leased'),
        (
            SELECT count(*) FROM kotadb.index_jobs
            WHERE status = 'failed' AND completed_at > (SELECT clock_timestamp()) - interval '24 hours'
        ),
        (
            SELECT extract(EPOCH FROM clock_timestamp() - min(run_at))::double precision
            FROM kotadb_queue.live
            WHERE state = 'ready' AND run_at <= (SELECT clock_timestamp())
        );
$$;

REVOKE UPDATE (ended_at, outcome, error_code, error_message) ON kotadb.job_attempts FROM kotadb_api;
DROP POLICY end_own_attempts ON kotadb.job_attempts;
ALTER POLICY own_attempts ON kotadb.job_attempts
USING (job_id IN (SELECT jobs.id FROM kotadb.index_jobs AS jobs));
ALTER POLICY own_repositories ON kotadb.repositories
USING (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]))
WITH CHECK (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));

DROP INDEX kotadb.one_repository_per_url;
ALTER TABLE kotadb.repositories ADD UNIQUE (tenant_id, clone_url);
ALTER TABLE kotadb.repositories DROP COLUMN deleted_at;
