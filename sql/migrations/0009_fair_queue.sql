-- A queue that is fair, can be stopped, and costs the same however long it is. Three rules more:
--
-- 1. Of one tenant at most `tenant_cap` rows are ready or leased at one time; each holds a slot of
--    the tenant. The others wait, so that a lease never meets a row that it must pass over.
-- 2. A row that must not run yet (a backoff, a snooze) is delayed and holds nothing. Leases and
--    sweeps wake it when its time has come.
-- 3. Leasing can be stopped. That time does not count towards the time that a job has.
--
-- Lock order: repository, queue row, job, attempt, the admission of the tenant.
--
-- The planner believes statistics, and those of a queue are always stale: taken while nothing was
-- ready, they make every partial index look as small as the right one and a sort of all rows look
-- free (1,278 buffers for a lease instead of 43, with 5,000 rows ready). So the functions that look
-- for rows pin what a plan may do, and what names a row by its key says nothing else of it that an
-- index could serve: it is locked first and looked at then.

SET LOCAL ROLE kotadb_owner;

-- What holds for the whole queue, in one row.
CREATE TABLE kotadb_queue.control (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    paused boolean NOT NULL DEFAULT false,
    switched_off boolean NOT NULL DEFAULT false,
    stopped_at timestamptz,
    stopped_for interval NOT NULL DEFAULT interval '0',
    tenant_cap smallint NOT NULL DEFAULT 3 CHECK (tenant_cap BETWEEN 1 AND 1000),
    CONSTRAINT a_stopped_queue_says_since_when CHECK (
        (stopped_at IS NOT NULL) = (paused OR switched_off)
    )
);

COMMENT ON COLUMN kotadb_queue.control.paused IS 'An operator stopped leasing.';
COMMENT ON COLUMN kotadb_queue.control.switched_off IS
'The worker was told by its settings to lease nothing.';
COMMENT ON COLUMN kotadb_queue.control.stopped_for IS
'How long leasing was stopped in the past, all times added up.';
COMMENT ON COLUMN kotadb_queue.control.tenant_cap IS
'How many rows of one tenant may be ready or leased at one time.';

INSERT INTO kotadb_queue.control DEFAULT VALUES;

ALTER TABLE kotadb_queue.control ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_obeys ON kotadb_queue.control TO kotadb_api, kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
GRANT SELECT ON kotadb_queue.control TO kotadb_api;
GRANT SELECT, UPDATE ON kotadb_queue.control TO kotadb_worker, kotadb_admin;

CREATE FUNCTION kotadb_queue.working_time() RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(stopped_at, clock_timestamp()) - stopped_for FROM kotadb_queue.control;
$$;

COMMENT ON FUNCTION kotadb_queue.working_time() IS
'The time by which jobs expire: it stands still while leasing is stopped.';

-- Stops leasing for a reason, or takes the reason back; NULL leaves it as it is. Running jobs go on.
-- Returns whether leasing is stopped now, for whichever reason.
CREATE FUNCTION kotadb_queue.stop_leasing(p_paused boolean, p_switched_off boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before kotadb_queue.control;
    stops boolean;
BEGIN
    -- Every worker says so at every start: no lock where nothing changes.
    SELECT * INTO STRICT before FROM kotadb_queue.control;
    IF
        before.paused = coalesce(p_paused, before.paused)
        AND before.switched_off = coalesce(p_switched_off, before.switched_off)
    THEN
        RETURN before.stopped_at IS NOT NULL;
    END IF;
    SELECT * INTO STRICT before FROM kotadb_queue.control FOR UPDATE;
    stops := coalesce(p_paused, before.paused) OR coalesce(p_switched_off, before.switched_off);
    UPDATE kotadb_queue.control SET
        paused = coalesce(p_paused, paused),
        switched_off = coalesce(p_switched_off, switched_off),
        stopped_at = CASE WHEN stops THEN coalesce(stopped_at, clock_timestamp()) END,
        stopped_for = CASE
            WHEN stops THEN stopped_for
            ELSE stopped_for + coalesce(clock_timestamp() - stopped_at, interval '0')
        END;
    RETURN stops;
END;
$$;

ALTER TABLE kotadb_queue.live
    ADD COLUMN tenant_slot smallint,
    DROP CONSTRAINT live_state_check,
    ADD CONSTRAINT live_state_check CHECK (
        state IN ('ready', 'waiting', 'delayed', 'leased', 'finished')
    );

COMMENT ON COLUMN kotadb_queue.live.expires_at IS
'By kotadb_queue.working_time(), which stands still while leasing is stopped.';
COMMENT ON COLUMN kotadb_queue.live.tenant_slot IS
'Which of its tenant''s places the row holds; whoever is ready or leased holds one.';

UPDATE kotadb_queue.live SET state = 'delayed'
WHERE state = 'ready' AND run_at > clock_timestamp();

WITH places AS (
    SELECT
        queue_job_id,
        state,
        row_number() OVER (
            PARTITION BY tenant_id ORDER BY state, priority, run_at, queue_job_id
        ) AS place
    FROM kotadb_queue.live
    WHERE state IN ('leased', 'ready')
)

UPDATE kotadb_queue.live AS queued SET
    state = CASE
        WHEN queued.state = 'leased' OR places.place <= 3 THEN queued.state ELSE 'waiting'
    END,
    tenant_slot = CASE
        WHEN queued.state = 'leased' OR places.place <= 3 THEN places.place
    END
FROM places
WHERE queued.queue_job_id = places.queue_job_id;

ALTER TABLE kotadb_queue.live ADD CONSTRAINT whoever_may_run_holds_a_place CHECK (
    (tenant_slot IS NOT NULL) = (state IN ('ready', 'leased'))
);

CREATE UNIQUE INDEX one_row_per_tenant_slot ON kotadb_queue.live (tenant_id, tenant_slot)
WHERE tenant_slot IS NOT NULL;
CREATE INDEX live_waiting ON kotadb_queue.live (tenant_id, priority, run_at, queue_job_id)
WHERE state = 'waiting';
CREATE INDEX live_delayed ON kotadb_queue.live (run_at) WHERE state = 'delayed';
DROP INDEX kotadb_queue.one_due_row_per_ref;
CREATE UNIQUE INDEX one_due_row_per_ref ON kotadb_queue.live (repository_id, requested_ref)
WHERE state IN ('ready', 'waiting', 'delayed');
DROP INDEX kotadb_queue.live_ready_by_age;
CREATE INDEX live_due_by_age ON kotadb_queue.live (run_at) WHERE state IN ('ready', 'waiting');
DROP INDEX kotadb_queue.live_due_by_expiry;
-- Not by state, which would make it look fit for whoever asks for the due row of a ref.
CREATE INDEX live_due_by_expiry ON kotadb_queue.live (expires_at)
WHERE finished_at IS NULL AND lease_expires_at IS NULL;

-- What a lease changes of a job stands in no index, so that Postgres writes the new version beside the
-- old one and touches none of the indexes (a third of what a lease read). That one job of a ref is
-- due and one runs is what the queue's own indexes say; what failed lies in the dead letters.
DROP INDEX kotadb.one_pending_job_per_ref;
DROP INDEX kotadb.one_running_job_per_ref;
DROP INDEX kotadb.index_jobs_failed;
ALTER TABLE kotadb.index_jobs SET (fillfactor = 80);
CREATE INDEX dead_letters_by_time ON kotadb_queue.dead_letters (died_at, job_id);

-- The depth of the queue is kept, not counted: a count reads every row that waits. Changes are only
-- ever added, so that moves of different jobs never wait for each other; the sweep adds them up.
CREATE TABLE kotadb_queue.depth_changes (
    change integer NOT NULL
);

COMMENT ON TABLE kotadb_queue.depth_changes IS
'The sum is how many rows are due: ready, waiting or delayed.';

ALTER TABLE kotadb_queue.depth_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb_queue.depth_changes SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 2000
);

CREATE FUNCTION kotadb_queue.note_depth() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    came integer := 0;
    went integer := 0;
BEGIN
    IF tg_op <> 'DELETE' THEN
        SELECT count(*) INTO came FROM after WHERE state IN ('ready', 'waiting', 'delayed');
    END IF;
    IF tg_op <> 'INSERT' THEN
        SELECT count(*) INTO went FROM before WHERE state IN ('ready', 'waiting', 'delayed');
    END IF;
    IF came <> went THEN
        INSERT INTO kotadb_queue.depth_changes (change) VALUES (came - went);
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER rows_came AFTER INSERT ON kotadb_queue.live
REFERENCING NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION kotadb_queue.note_depth();
CREATE TRIGGER rows_moved AFTER UPDATE ON kotadb_queue.live
REFERENCING OLD TABLE AS before NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION kotadb_queue.note_depth();
CREATE TRIGGER rows_went AFTER DELETE ON kotadb_queue.live
REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION kotadb_queue.note_depth();

INSERT INTO kotadb_queue.depth_changes (change)
SELECT count(*) FROM kotadb_queue.live WHERE state IN ('ready', 'waiting', 'delayed');

-- Adds the changes up when there are more than p_most; how many rows that took away. Two at once
-- take different rows.
CREATE FUNCTION kotadb_queue.add_up_depth(p_most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    total integer;
    taken integer;
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM kotadb_queue.depth_changes LIMIT p_most + 1) AS few)
        <= p_most
    THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        -- Rows that never change have no need of a key: their place names them until they go.
        DELETE FROM kotadb_queue.depth_changes
        WHERE ctid = ANY(ARRAY(
            SELECT old.ctid FROM kotadb_queue.depth_changes AS old FOR UPDATE SKIP LOCKED
        ))
        RETURNING change
    )

    SELECT coalesce(sum(change), 0), count(*) INTO total, taken FROM gone;
    INSERT INTO kotadb_queue.depth_changes (change) VALUES (total);
    RETURN taken - 1;
END;
$$;

-- Places of the tenant that nobody holds, at most p_limit. Call it under the tenant's admission.
CREATE FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) RETURNS smallint[]
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

-- The first of them; NULL: there is none.
CREATE FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) RETURNS smallint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (kotadb_queue.free_tenant_slots(p_tenant_id, 1))[1];
$$;

-- Admissions of one tenant take turns, until the end of the transaction. A lock of the transaction,
-- so a pooler may stand between.
CREATE FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('kotadb_queue.admit ' || p_tenant_id::text, 0));
$$;

-- Gives the free places of a tenant to those of its rows that wait, in the order of the lease. Where
-- no place is free, a row that waits takes that of a less urgent one which is ready. A row whose ref
-- runs goes on waiting. Nothing here waits for a row: whoever holds one admits in its own turn, and
-- what was passed over for one that then gave up is found by the sweep.
CREATE FUNCTION kotadb_queue.admit(p_tenant_id uuid) RETURNS integer
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
    best record;
    least_urgent record;
    place smallint;
    admitted integer := 0;
BEGIN
    PERFORM kotadb_queue.lock_admission(p_tenant_id);
    LOOP
        SELECT queued.queue_job_id, queued.priority INTO best
        FROM kotadb_queue.live AS queued
        WHERE
            queued.tenant_id = p_tenant_id
            AND queued.state = 'waiting'
            AND NOT EXISTS (
                SELECT FROM kotadb_queue.live AS running
                WHERE
                    running.repository_id = queued.repository_id
                    AND running.requested_ref = queued.requested_ref
                    AND running.state = 'leased'
            )
        ORDER BY queued.priority, queued.run_at, queued.queue_job_id
        LIMIT 1
        FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        place := kotadb_queue.free_tenant_slot(p_tenant_id);
        IF place IS NULL THEN
            SELECT queued.queue_job_id, queued.tenant_slot INTO least_urgent
            FROM kotadb_queue.live AS queued
            WHERE
                queued.tenant_id = p_tenant_id
                AND queued.tenant_slot IS NOT NULL
                AND queued.state = 'ready'
                AND queued.priority > best.priority
            ORDER BY queued.priority DESC, queued.run_at DESC, queued.queue_job_id DESC
            LIMIT 1
            FOR UPDATE SKIP LOCKED;
            EXIT WHEN NOT FOUND;
            UPDATE kotadb_queue.live SET state = 'waiting', tenant_slot = NULL
            WHERE queue_job_id = least_urgent.queue_job_id;
            place := least_urgent.tenant_slot;
        END IF;
        UPDATE kotadb_queue.live SET state = 'ready', tenant_slot = place
        WHERE queue_job_id = best.queue_job_id;
        admitted := admitted + 1;
    END LOOP;
    RETURN admitted;
END;
$$;

-- Ends the wait of rows whose time has come, the longest due first; how many there were.
CREATE FUNCTION kotadb_queue.wake_delayed(p_batch_size integer) RETURNS integer
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

-- Admits what waits although a place is free: after the cap was raised, or after a move that was
-- undone held the row. From tenant to tenant by the index, never row by row. Returns how many rows.
CREATE FUNCTION kotadb_queue.admit_everywhere() RETURNS integer
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

-- What a worker was told by its settings; whether leasing is stopped, for whichever reason.
CREATE FUNCTION kotadb_queue.obey(p_switched_off boolean, p_tenant_cap integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE kotadb_queue.control SET tenant_cap = p_tenant_cap
    WHERE tenant_cap <> p_tenant_cap;
    IF FOUND THEN
        PERFORM kotadb_queue.admit_everywhere();
    END IF;
    RETURN kotadb_queue.stop_leasing(NULL, p_switched_off);
END;
$$;

-- A due job of the ref gives way to another, unless a worker leased it this very moment; its
-- priority, or NULL when there was none. Call it under the repository's lock.
DROP FUNCTION kotadb_queue.give_way(uuid, text);
CREATE FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) RETURNS smallint
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
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    place kotadb.repositories;
    twin kotadb.index_jobs;
    new_queue_job_id uuid := gen_random_uuid();
    new_job_id uuid := gen_random_uuid();
    inherited smallint;
    free_slot smallint;
BEGIN
    PERFORM set_config('app.user_id', p_tenant_id::text, true);

    INSERT INTO kotadb.repositories AS known (tenant_id, clone_url, full_name)
    VALUES (p_tenant_id, p_clone_url, p_full_name)
    ON CONFLICT (tenant_id, clone_url) WHERE deleted_at IS NULL DO UPDATE SET
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
        AND queued.state IN ('ready', 'waiting', 'delayed');
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

    inherited := kotadb_queue.give_way(place.repository_id, p_requested_ref);

    INSERT INTO kotadb.index_jobs (
        id, tenant_id, repository_id, requested_ref, requested_commit, force, request_id,
        generation, queue_job_id, max_retries
    ) VALUES (
        new_job_id, p_tenant_id, place.repository_id, p_requested_ref, p_requested_commit, p_force,
        p_request_id, place.enqueue_generation, new_queue_job_id, p_max_retries
    );
    free_slot := kotadb_queue.slot_unless_running(
        p_tenant_id, place.repository_id, p_requested_ref
    );
    INSERT INTO kotadb_queue.live (
        queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot,
        priority, expires_at
    ) VALUES (
        new_queue_job_id, new_job_id, p_tenant_id, place.repository_id, p_requested_ref,
        jsonb_build_object(
            'indexJobId', new_job_id,
            'repositoryId', place.repository_id,
            'commitSha', p_requested_commit
        ),
        CASE WHEN free_slot IS NULL THEN 'waiting' ELSE 'ready' END,
        free_slot,
        -- An urgent wish that gives way leaves its urgency to the newer one for the same ref.
        least(inherited, 0),
        kotadb_queue.working_time() + p_expire_hours * interval '1 hour'
    );
    IF free_slot IS NULL THEN
        -- It may be more urgent than one that is ready.
        PERFORM kotadb_queue.admit(p_tenant_id);
    END IF;
    job_id := new_job_id;
    deduplicated := false;
    RETURN NEXT;
END;
$$;

-- The place of the tenant that a new row of this ref may take; NULL: its ref runs, or none is free.
-- Until the end of the transaction nobody else admits for the tenant.
CREATE FUNCTION kotadb_queue.slot_unless_running(
    p_tenant_id uuid, p_repository_id uuid, p_requested_ref text
) RETURNS smallint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM kotadb_queue.lock_admission(p_tenant_id);
    IF exists(
        SELECT FROM kotadb_queue.live AS running
        WHERE
            running.repository_id = p_repository_id
            AND running.requested_ref = p_requested_ref
            AND running.state = 'leased'
    ) THEN
        RETURN NULL;
    END IF;
    RETURN kotadb_queue.free_tenant_slot(p_tenant_id);
END;
$$;

-- Leases due rows in their order, at most p_limit and as many as there are free slots. p_own_slot is
-- the slot of a row that this very transaction ended: nobody else sees it free, so no other lease can
-- want it, and the transaction is never refused for it. Of two other leases at one instant that pick
-- the same slot the unique index refuses one, which then asks again.
-- The attempt is counted here: a killed worker runs no handler that could.
-- The time is a sub-select because a volatile call is no index condition. The scan begins at
-- (p_from_priority, p_from_run_at): while a snapshot is held elsewhere for long, all rows leased
-- since then lie dead before the first that is ready.
CREATE FUNCTION kotadb_queue.lease(
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
    INNER JOIN kotadb.repositories AS places ON jobs.repository_id = places.repository_id;
END;
$$;

-- Leases that ran out, the longest ago first, and due rows whose time is over, likewise.
CREATE FUNCTION kotadb_queue.leases_run_out(p_batch_size integer)
RETURNS TABLE (
    queue_job_id uuid,
    lease_token uuid,
    job_id uuid,
    attempt integer,
    round_attempt integer,
    round_losses integer
)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
    SELECT queue_job_id, lease_token, job_id, leases, round_attempt, round_losses
    FROM kotadb_queue.live
    WHERE state = 'leased' AND lease_expires_at <= (SELECT clock_timestamp())
    ORDER BY lease_expires_at
    LIMIT p_batch_size;
$$;

CREATE FUNCTION kotadb_queue.due_rows_expired(p_batch_size integer)
RETURNS TABLE (queue_job_id uuid, job_id uuid)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
    SELECT queue_job_id, job_id
    FROM kotadb_queue.live
    WHERE
        finished_at IS NULL
        AND lease_expires_at IS NULL
        AND expires_at <= (SELECT kotadb_queue.working_time())
    ORDER BY expires_at
    LIMIT p_batch_size;
$$;

-- Locks the repository and then the leased row, in that order. Nothing is returned when the lease
-- is not, or no longer, the caller's.
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

CREATE OR REPLACE FUNCTION kotadb_queue.finish(
    p_queue_job_id uuid,
    p_lease_token uuid,
    p_status text,
    p_ref text,
    p_commit_sha text,
    p_stats jsonb,
    p_result jsonb,
    p_error_code text,
    p_error_message text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    SELECT * INTO held FROM kotadb_queue.lock_lease(p_queue_job_id, p_lease_token);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE kotadb_queue.live SET
        state = 'finished', finished_at = clock_timestamp(), result = p_result,
        lease_expires_at = NULL, slot = NULL, tenant_slot = NULL
    WHERE queue_job_id = held.queue_job_id;
    UPDATE kotadb.index_jobs SET
        status = p_status, completed_at = clock_timestamp(), phase = NULL,
        ref = coalesce(p_ref, ref), commit_sha = coalesce(p_commit_sha, commit_sha),
        stats = p_stats, error_code = p_error_code, error_message = p_error_message
    WHERE id = held.job_id;
    UPDATE kotadb.job_attempts SET
        ended_at = clock_timestamp(), outcome = p_status,
        error_code = p_error_code, error_message = p_error_message
    WHERE job_id = held.job_id AND attempt = held.leases;
    PERFORM kotadb_queue.admit(held.tenant_id);
    RETURN true;
END;
$$;

-- Ends one run that gave no index. What becomes of the job, in this order:
--   a newer job for the same ref waits    -> skipped (superseded): that one covers it
--   p_final, or the round is used up      -> failed, and a dead letter
--   otherwise                             -> pending again: ready at once, or delayed
-- p_outcome is how the attempt ended: failed, lost (only if its lease really ran out), or released
-- (the attempt is given back; with a delay the job is snoozed). Returns the job's new status; NULL:
-- the lease was not the caller's.
CREATE OR REPLACE FUNCTION kotadb_queue.end_run(
    p_queue_job_id uuid,
    p_lease_token uuid,
    p_outcome text,
    p_error_code text,
    p_error_message text,
    p_final_code text,
    p_final_message text,
    p_final boolean,
    p_max_runs integer,
    p_delay_seconds double precision
) RETURNS text
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

-- Ends one unfinished queue row by will, under the locks of its repository and of the row itself;
-- whoever calls it admits afterwards. Its worker, if it has one, hears of it at its next fenced write.
CREATE OR REPLACE FUNCTION kotadb_queue.cancel_row(
    held kotadb_queue.live, p_error_code text, p_error_message text
) RETURNS void
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

CREATE OR REPLACE FUNCTION kotadb_queue.cancel(p_job_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    PERFORM FROM kotadb.repositories
    WHERE
        repository_id = (SELECT jobs.repository_id FROM kotadb.index_jobs AS jobs WHERE jobs.id = p_job_id)
        AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    SELECT * INTO held FROM kotadb_queue.live WHERE job_id = p_job_id FOR UPDATE;
    IF NOT FOUND OR held.state = 'finished' THEN
        RETURN 'finished';
    END IF;
    PERFORM kotadb_queue.cancel_row(held, 'cancelled', 'It was cancelled.');
    PERFORM kotadb_queue.admit(held.tenant_id);
    RETURN 'cancelled';
END;
$$;

CREATE OR REPLACE FUNCTION kotadb.delete_repository(p_repository_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
    owner uuid;
BEGIN
    UPDATE kotadb.repositories SET deleted_at = clock_timestamp()
    WHERE
        repository_id = p_repository_id
        AND deleted_at IS NULL
        AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
    RETURNING tenant_id INTO owner;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = p_repository_id AND state = 'current';
    FOR held IN
        SELECT * FROM kotadb_queue.live
        WHERE
            repository_id = p_repository_id
            AND (state IN ('ready', 'waiting', 'delayed') OR state = 'leased')
        ORDER BY queue_job_id
        FOR UPDATE
    LOOP
        PERFORM kotadb_queue.cancel_row(
            held, 'repository_deleted', 'Its repository was deleted.'
        );
    END LOOP;
    PERFORM kotadb_queue.admit(owner);
    -- A key may not answer with a job that nobody can find any more.
    DELETE FROM kotadb_queue.idempotency_keys WHERE repository_id = p_repository_id;
    RETURN true;
END;
$$;

-- Puts a failed job into the queue again, for a new round of runs. It keeps its generation, so it
-- replaces nothing that was asked for later. Returns requeued, not_failed, superseded (a newer job
-- for the ref waits, runs or came to an end that stands) or not_found (also: of a deleted repository).
DROP FUNCTION kotadb_queue.retry(uuid, integer);
CREATE FUNCTION kotadb_queue.retry(
    p_job_id uuid, p_expire_hours integer, p_priority smallint DEFAULT 0
) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job kotadb.index_jobs;
    new_queue_job_id uuid := gen_random_uuid();
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

-- Moves a job that waits for its turn before or behind others: the lower its priority, the sooner.
-- Returns prioritised, not_due (it runs or has ended) or not_found (also: of a deleted repository).
CREATE FUNCTION kotadb_queue.prioritise(p_job_id uuid, p_priority smallint) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    PERFORM FROM kotadb.repositories
    WHERE
        repository_id = (SELECT jobs.repository_id FROM kotadb.index_jobs AS jobs WHERE jobs.id = p_job_id)
        AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    SELECT * INTO held FROM kotadb_queue.live WHERE job_id = p_job_id FOR UPDATE;
    IF NOT FOUND OR held.state NOT IN ('ready', 'waiting', 'delayed') THEN
        RETURN 'not_due';
    END IF;
    UPDATE kotadb_queue.live SET priority = p_priority WHERE queue_job_id = held.queue_job_id;
    PERFORM kotadb_queue.admit(held.tenant_id);
    RETURN 'prioritised';
END;
$$;

DROP FUNCTION kotadb_queue.wake_waiting(uuid, text);

-- The figures of /health are those of the whole deployment, by decision, so they are read past the
-- tenant policies. Reading changes nothing, and costs the same however long the queue is.
DROP FUNCTION kotadb_queue.figures();
CREATE FUNCTION kotadb_queue.figures()
RETURNS TABLE (
    depth bigint,
    running bigint,
    failed_24h bigint,
    oldest_pending_age_seconds double precision,
    stopped boolean
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
    SELECT
        (SELECT coalesce(sum(change), 0)::bigint FROM kotadb_queue.depth_changes),
        (SELECT count(*) FROM kotadb_queue.live WHERE state = 'leased'),
        (
            SELECT count(*)
            FROM kotadb_queue.dead_letters AS dead
            INNER JOIN kotadb.repositories AS places ON dead.repository_id = places.repository_id
            WHERE
                dead.died_at > (SELECT clock_timestamp()) - interval '24 hours'
                AND places.deleted_at IS NULL
        ),
        (
            SELECT extract(EPOCH FROM clock_timestamp() - min(run_at))::double precision
            FROM kotadb_queue.live
            WHERE state IN ('ready', 'waiting') AND run_at <= (SELECT clock_timestamp())
        ),
        (SELECT stopped_at IS NOT NULL FROM kotadb_queue.control);
$$;

GRANT EXECUTE ON FUNCTION
    kotadb_queue.working_time(),
    kotadb_queue.free_tenant_slot(uuid),
    kotadb_queue.free_tenant_slots(uuid, integer),
    kotadb_queue.lock_admission(uuid),
    kotadb_queue.admit(uuid),
    kotadb_queue.figures()
TO kotadb_api, kotadb_worker, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.give_way(uuid, text),
    kotadb_queue.slot_unless_running(uuid, uuid, text)
TO kotadb_api, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.stop_leasing(boolean, boolean),
    kotadb_queue.obey(boolean, integer),
    kotadb_queue.lease(
        integer, double precision, text, smallint, timestamptz, smallint, integer
    ),
    kotadb_queue.leases_run_out(integer),
    kotadb_queue.due_rows_expired(integer),
    kotadb_queue.wake_delayed(integer),
    kotadb_queue.admit_everywhere(),
    kotadb_queue.add_up_depth(integer)
TO kotadb_worker, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.retry(uuid, integer, smallint),
    kotadb_queue.prioritise(uuid, smallint)
TO kotadb_admin;
