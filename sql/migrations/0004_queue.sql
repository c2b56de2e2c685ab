-- The queue. Two rules shape it:
--
-- 1. Of one repository and ref at most one row is due (ready, or waiting behind a running one) and
--    at most one is leased. A lease therefore never meets a row that it must pass over.
-- 2. Whatever moves a row into the queue or out of a lease first locks the repository's row, so
--    those moves are serial for one repository. The lease itself does not: it only turns ready
--    into leased, and every other statement names the state it expects.
--
-- Lock order: repository, queue row, job, attempt.

SET LOCAL ROLE kotadb_owner;

CREATE TABLE kotadb_queue.live (
    queue_job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    queue_name text NOT NULL DEFAULT 'index-repo' CHECK (queue_name = 'index-repo'),
    job_id uuid NOT NULL UNIQUE REFERENCES kotadb.index_jobs ON DELETE CASCADE,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    requested_ref text COLLATE "C" NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'waiting', 'leased', 'finished')),
    priority smallint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    leases integer NOT NULL DEFAULT 0 CHECK (leases >= 0),
    released integer NOT NULL DEFAULT 0 CHECK (released BETWEEN 0 AND leases),
    round integer NOT NULL DEFAULT 1 CHECK (round >= 1),
    round_attempt integer NOT NULL DEFAULT 0 CHECK (round_attempt >= 0),
    round_losses integer NOT NULL DEFAULT 0 CHECK (round_losses >= 0),
    lease_token uuid,
    leased_at timestamptz,
    lease_expires_at timestamptz,
    slot smallint,
    result jsonb,
    finished_at timestamptz,
    CONSTRAINT a_lease_has_a_token_and_an_end CHECK (
        state <> 'leased'
        OR (lease_token IS NOT NULL AND leased_at IS NOT NULL AND lease_expires_at IS NOT NULL)
    ),
    CONSTRAINT only_a_lease_ends CHECK (lease_expires_at IS NULL OR state = 'leased'),
    CONSTRAINT only_a_lease_holds_a_slot CHECK (slot IS NULL OR state = 'leased'),
    CONSTRAINT a_finished_row_has_an_end CHECK ((finished_at IS NULL) = (state <> 'finished'))
);

-- The lease's own index: its order, ready rows only, nothing else.
CREATE INDEX live_ready ON kotadb_queue.live (priority, run_at, queue_job_id)
WHERE state = 'ready';
CREATE INDEX live_ready_by_age ON kotadb_queue.live (run_at) WHERE state = 'ready';
CREATE UNIQUE INDEX one_due_row_per_ref ON kotadb_queue.live (repository_id, requested_ref)
WHERE state IN ('ready', 'waiting');
CREATE UNIQUE INDEX one_leased_row_per_ref ON kotadb_queue.live (repository_id, requested_ref)
WHERE state = 'leased';
-- At most WORKER_TEAM_SIZE jobs run at one time: two leases can never hold the same slot.
CREATE UNIQUE INDEX one_lease_per_slot ON kotadb_queue.live (slot) WHERE slot IS NOT NULL;
CREATE INDEX live_leases_by_end ON kotadb_queue.live (lease_expires_at) WHERE state = 'leased';
CREATE INDEX live_due_by_expiry ON kotadb_queue.live (expires_at)
WHERE state IN ('ready', 'waiting');
CREATE INDEX live_finished ON kotadb_queue.live (finished_at) WHERE state = 'finished';

-- A queue table is updated several times a second and must stay small.
ALTER TABLE kotadb_queue.live SET (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 2000
);

COMMENT ON COLUMN kotadb_queue.live.leases IS
'How often the row was leased: a lease counts the attempt, since a killed worker runs no handler.';
COMMENT ON COLUMN kotadb_queue.live.round_attempt IS
'Runs of the current round that count against the limit; a released lease is taken back.';

CREATE TABLE kotadb_queue.archive (
    queue_job_id uuid NOT NULL,
    queue_name text NOT NULL,
    job_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    payload jsonb NOT NULL,
    result jsonb,
    leases integer NOT NULL,
    enqueued_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (queue_job_id, archived_at)
) PARTITION BY RANGE (archived_at);

COMMENT ON TABLE kotadb_queue.archive IS
'Finished queue rows, one partition a day, so that forgetting a day is dropping a table.';

CREATE TABLE kotadb_queue.dead_letters (
    queue_job_id uuid PRIMARY KEY,
    queue_name text NOT NULL DEFAULT 'index-repo_dlq' CHECK (queue_name = 'index-repo_dlq'),
    job_id uuid NOT NULL UNIQUE REFERENCES kotadb.index_jobs ON DELETE CASCADE,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    payload jsonb NOT NULL,
    result jsonb NOT NULL,
    leases integer NOT NULL,
    enqueued_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Partition DDL belongs to the owner: the worker owns nothing and can only ask for it.
CREATE FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    wanted date;
    old text;
    dropped integer := 0;
BEGIN
    -- Two sweeps at once must not both make tomorrow.
    PERFORM pg_advisory_xact_lock(hashtext('kotadb_queue.rotate_archive'));
    FOREACH wanted IN ARRAY ARRAY[today, today + 1]
    LOOP
        IF to_regclass(format('kotadb_queue.archive_%s', to_char(wanted, 'YYYYMMDD'))) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE kotadb_queue.%I PARTITION OF kotadb_queue.archive '
                'FOR VALUES FROM (%L) TO (%L)',
                'archive_' || to_char(wanted, 'YYYYMMDD'),
                wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC'
            );
            EXECUTE format(
                'ALTER TABLE kotadb_queue.%I ENABLE ROW LEVEL SECURITY',
                'archive_' || to_char(wanted, 'YYYYMMDD')
            );
        END IF;
    END LOOP;
    FOR old IN
        SELECT child.relname
        FROM pg_inherits AS link
        INNER JOIN pg_class AS child ON child.oid = link.inhrelid
        WHERE
            link.inhparent = 'kotadb_queue.archive'::regclass
            AND child.relname < 'archive_' || to_char(today - p_keep_days, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE kotadb_queue.%I', old);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END;
$$;

COMMENT ON FUNCTION kotadb_queue.rotate_archive(integer) IS
'Makes the partitions of today and tomorrow, drops those older than the days to keep; returns how many.';

SELECT kotadb_queue.rotate_archive(7);

-- The one way in. POST /index, webhooks and the admin use it. It sets the tenant itself, so that an
-- enqueue is one statement, and runs with its caller's rights under the policies of that tenant.
CREATE FUNCTION kotadb_queue.enqueue(
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

-- Locks the repository and then the leased row, in that order. Nothing is returned when the lease
-- is not, or no longer, the caller's.
CREATE FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid)
RETURNS SETOF kotadb_queue.live
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM kotadb.repositories AS places
    WHERE places.repository_id = (
        SELECT queued.repository_id FROM kotadb_queue.live AS queued
        WHERE queued.queue_job_id = p_queue_job_id
    )
    FOR NO KEY UPDATE;
    RETURN QUERY
    SELECT queued.*
    FROM kotadb_queue.live AS queued
    WHERE
        queued.queue_job_id = p_queue_job_id
        AND queued.lease_token = p_lease_token
        AND queued.state = 'leased'
    FOR UPDATE;
END;
$$;

-- The row that waited behind a running one may run now.
CREATE FUNCTION kotadb_queue.wake_waiting(p_repository_id uuid, p_requested_ref text) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE kotadb_queue.live SET state = 'ready'
    WHERE
        repository_id = p_repository_id
        AND requested_ref = p_requested_ref
        AND state = 'waiting';
$$;

-- Ends a job for good from its lease: completed, skipped or cancelled. False: the lease was lost.
CREATE FUNCTION kotadb_queue.finish(
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
        lease_expires_at = NULL, slot = NULL
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
    PERFORM kotadb_queue.wake_waiting(held.repository_id, held.requested_ref);
    RETURN true;
END;
$$;

-- A job that ends as failed: out of the live queue, into the dead letters, in one transaction.
CREATE FUNCTION kotadb_queue.bury(
    held kotadb_queue.live, p_error_code text, p_error_message text
) RETURNS void
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

-- Ends one run that gave no index. What becomes of the job, in this order:
--   a newer job for the same ref waits    -> skipped (superseded): that one covers it
--   p_final, or the round is used up      -> failed, and a dead letter
--   otherwise                             -> pending again, after p_delay_seconds
-- p_outcome is how the attempt ended: failed, lost (only if its lease really ran out), or released
-- (the attempt is given back). Returns the job's new status; NULL: the lease was not the caller's.
CREATE FUNCTION kotadb_queue.end_run(
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
AS $$
DECLARE
    held kotadb_queue.live;
    given_back integer := CASE WHEN p_outcome = 'released' THEN 1 ELSE 0 END;
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
            AND state = 'waiting'
    ) THEN
        UPDATE kotadb_queue.live SET
            state = 'finished', finished_at = clock_timestamp(),
            lease_expires_at = NULL, slot = NULL, released = released + given_back,
            result = jsonb_build_object('success', false, 'error', 'superseded')
        WHERE queue_job_id = held.queue_job_id;
        UPDATE kotadb.index_jobs SET
            status = 'skipped', completed_at = clock_timestamp(), phase = NULL,
            error_code = 'superseded',
            error_message = 'A newer request for this ref took its place.',
            retry_count = greatest(held.leases - held.released - given_back - 1, 0)
        WHERE id = held.job_id;
        PERFORM kotadb_queue.wake_waiting(held.repository_id, held.requested_ref);
        RETURN 'skipped';
    END IF;

    IF p_outcome <> 'released' AND (p_final OR held.round_attempt >= p_max_runs) THEN
        PERFORM kotadb_queue.bury(held, p_final_code, p_final_message);
        RETURN 'failed';
    END IF;

    UPDATE kotadb_queue.live SET
        state = 'ready',
        -- A released job keeps its place, so that it is first when there is time for all of it.
        run_at = CASE WHEN p_outcome = 'released' THEN run_at ELSE resume_at END,
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
    RETURN 'pending';
END;
$$;

-- A job nobody finished within its time. Only a row that is still due expires: a running one is
-- bounded by its own deadline. False: it ran or ended meanwhile.
CREATE FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) RETURNS boolean
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
    SELECT * INTO held
    FROM kotadb_queue.live
    WHERE
        queue_job_id = p_queue_job_id
        AND state IN ('ready', 'waiting')
        AND expires_at <= clock_timestamp()
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM kotadb_queue.bury(held, 'expired', p_error_message);
    RETURN true;
END;
$$;

-- The figures of /health are those of the whole deployment, by decision, so they are read past the
-- tenant policies. Reading changes nothing.
CREATE FUNCTION kotadb_queue.figures()
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

ALTER TABLE kotadb_queue.live ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb_queue.archive ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb_queue.dead_letters ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_queue_rows ON kotadb_queue.live TO kotadb_api
USING (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]))
WITH CHECK (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY all_queue_rows ON kotadb_queue.live TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_archived ON kotadb_queue.archive TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_dead_letters ON kotadb_queue.dead_letters TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON kotadb_queue.live TO kotadb_api;
GRANT SELECT, UPDATE, DELETE ON kotadb_queue.live TO kotadb_worker, kotadb_admin;
GRANT INSERT ON kotadb_queue.live TO kotadb_admin;
GRANT SELECT, INSERT ON kotadb_queue.archive TO kotadb_worker, kotadb_admin;
GRANT SELECT, INSERT, DELETE ON kotadb_queue.dead_letters TO kotadb_worker, kotadb_admin;

GRANT EXECUTE ON FUNCTION kotadb_queue.enqueue(
    uuid, text, text, text, text, boolean, text, integer, integer
) TO kotadb_api, kotadb_admin;
GRANT EXECUTE ON FUNCTION kotadb_queue.figures() TO kotadb_api, kotadb_worker, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.rotate_archive(integer),
    kotadb_queue.lock_lease(uuid, uuid),
    kotadb_queue.wake_waiting(uuid, text),
    kotadb_queue.finish(uuid, uuid, text, text, text, jsonb, jsonb, text, text),
    kotadb_queue.bury(kotadb_queue.live, text, text),
    kotadb_queue.end_run(
        uuid, uuid, text, text, text, text, text, boolean, integer, double precision
    ),
    kotadb_queue.expire(uuid, text)
TO kotadb_worker, kotadb_admin;
