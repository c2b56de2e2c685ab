-- What a job costs beside its rows, cut where it was measured to be most. A function in SQL is set up anew
-- for each call, one in PL/pgSQL once for a session; a trigger starts one query and not three; and who
-- ends a job and takes the next one says so in one call, whose plan stays.

SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb.visible_tenants() RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- After set_config(.., true) the next transaction of a connection sees '' and not NULL.
    principal uuid := nullif(current_setting('app.user_id', true), '');
BEGIN
    IF principal IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN principal || array(
        SELECT members.organization_id
        FROM kotadb.organization_members AS members
        WHERE members.user_id = principal
    );
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.working_time() RETURNS timestamptz
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(control.stopped_at, clock_timestamp()) - control.stopped_for
        FROM kotadb_queue.control
    );
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended('kotadb_queue.admit ' || p_tenant_id::text, 0)
    );
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer)
RETURNS smallint[]
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
    cap integer := (SELECT control.tenant_cap FROM kotadb_queue.control);
    taken smallint[] := array(
        SELECT held.tenant_slot FROM kotadb_queue.live AS held
        WHERE held.tenant_id = p_tenant_id AND held.tenant_slot IS NOT NULL
    );
BEGIN
    RETURN array(
        SELECT places.slot::smallint
        FROM generate_series(1, cap) AS places (slot)
        WHERE places.slot <> ALL(taken)
        -- After the cap was lowered, places beyond it may still be held.
        LIMIT greatest(0, least(p_limit, cap - cardinality(taken)))
    );
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) RETURNS smallint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (kotadb_queue.free_tenant_slots(p_tenant_id, 1))[1];
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.note_depth() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        INSERT INTO kotadb_queue.depth_changes (change)
        SELECT count(*) FROM after
        WHERE after.state IN ('ready', 'waiting', 'delayed')
        HAVING count(*) <> 0;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO kotadb_queue.depth_changes (change)
        SELECT -count(*) FROM before
        WHERE before.state IN ('ready', 'waiting', 'delayed')
        HAVING count(*) <> 0;
    ELSE
        INSERT INTO kotadb_queue.depth_changes (change)
        SELECT sum(moved.change)
        FROM (
            SELECT count(*) AS change FROM after
            WHERE after.state IN ('ready', 'waiting', 'delayed')
            UNION ALL
            SELECT -count(*) FROM before
            WHERE before.state IN ('ready', 'waiting', 'delayed')
        ) AS moved
        HAVING sum(moved.change) <> 0;
    END IF;
    RETURN NULL;
END;
$$;

-- Ends a job as finish() does and leases the next one in its slot, so that a loop commits once for each
-- job. One row: whether the lease was held, and the next lease, or nulls when nothing is due.
CREATE FUNCTION kotadb_queue.finish_and_lease(
    p_queue_job_id uuid,
    p_lease_token uuid,
    p_status text,
    p_ref text,
    p_commit_sha text,
    p_stats jsonb,
    p_result jsonb,
    p_error_code text,
    p_error_message text,
    p_team_size integer,
    p_lease_seconds double precision,
    p_worker text,
    p_from_priority smallint,
    p_from_run_at timestamptz
) RETURNS TABLE (
    held boolean,
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
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    own_slot smallint := (
        -- A run that has no slot passes on none.
        SELECT coalesce(queued.slot, 32767::smallint)
        FROM kotadb_queue.live AS queued
        WHERE queued.queue_job_id = p_queue_job_id
    );
BEGIN
    held := kotadb_queue.finish(
        p_queue_job_id, p_lease_token, p_status, p_ref, p_commit_sha, p_stats, p_result,
        p_error_code, p_error_message
    );
    IF held THEN
        RETURN QUERY
        SELECT true, leased.*
        FROM kotadb_queue.lease(
            p_team_size, p_lease_seconds, p_worker, p_from_priority, p_from_run_at, own_slot
        ) AS leased;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN NEXT;
END;
$$;

COMMENT ON FUNCTION kotadb_queue.finish_and_lease(
    uuid, uuid, text, text, text, jsonb, jsonb, text, text, integer, double precision, text,
    smallint, timestamptz
) IS
'Ends a job and leases the next one in its slot: whether the lease was held, and the next one, if any.';

GRANT EXECUTE ON FUNCTION kotadb_queue.finish_and_lease(
    uuid, uuid, text, text, text, jsonb, jsonb, text, text, integer, double precision, text,
    smallint, timestamptz
) TO kotadb_worker, kotadb_admin;
