SET LOCAL ROLE kotadb_owner;

DROP FUNCTION kotadb_queue.finish_and_lease(
    uuid, uuid, text, text, text, jsonb, jsonb, text, text, integer, double precision, text,
    smallint, timestamptz
);

CREATE OR REPLACE FUNCTION kotadb.visible_tenants() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH principal AS (
        -- After set_config(.., true) the next transaction of a connection sees '' and not NULL.
        SELECT nullif(current_setting('app.user_id', true), '')::uuid AS id
    )
    SELECT array(
        SELECT principal.id FROM principal WHERE principal.id IS NOT NULL
        UNION
        SELECT members.organization_id
        FROM kotadb.organization_members AS members
        INNER JOIN principal ON members.user_id = principal.id
    );
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.working_time() RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(stopped_at, clock_timestamp()) - stopped_for FROM kotadb_queue.control;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('kotadb_queue.admit ' || p_tenant_id::text, 0));
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer)
RETURNS smallint[]
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
    SELECT array(
        SELECT places.slot::smallint
        FROM generate_series(1, (SELECT tenant_cap FROM kotadb_queue.control)) AS places (slot)
        WHERE NOT EXISTS (
            SELECT FROM kotadb_queue.live AS taken
            WHERE taken.tenant_id = p_tenant_id AND taken.tenant_slot = places.slot
        )
        -- After the cap was lowered, places beyond it may still be held.
        LIMIT greatest(0, least(
            p_limit,
            (SELECT tenant_cap FROM kotadb_queue.control) - (
                SELECT count(*)
                FROM kotadb_queue.live AS held
                WHERE held.tenant_id = p_tenant_id AND held.tenant_slot IS NOT NULL
            )
        ))
    );
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) RETURNS smallint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (kotadb_queue.free_tenant_slots(p_tenant_id, 1))[1];
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.note_depth() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    grown_by integer;
BEGIN
    IF tg_op = 'INSERT' THEN
        grown_by := (SELECT count(*) FROM after WHERE state IN ('ready', 'waiting', 'delayed'));
    ELSIF tg_op = 'DELETE' THEN
        grown_by := -(SELECT count(*) FROM before WHERE state IN ('ready', 'waiting', 'delayed'));
    ELSE
        grown_by := (SELECT count(*) FROM after WHERE state IN ('ready', 'waiting', 'delayed'))
            - (SELECT count(*) FROM before WHERE state IN ('ready', 'waiting', 'delayed'));
    END IF;
    IF grown_by <> 0 THEN
        INSERT INTO kotadb_queue.depth_changes (change) VALUES (grown_by);
    END IF;
    RETURN NULL;
END;
$$;
