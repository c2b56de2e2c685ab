SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.index_jobs ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE kotadb_queue.live ALTER COLUMN queue_job_id SET DEFAULT gen_random_uuid();

DROP FUNCTION kotadb_queue.enqueue_many(uuid, jsonb, integer, integer);
DROP FUNCTION kotadb_queue.complete_many(jsonb);
DROP FUNCTION kotadb_queue.admit_waiting(uuid[]);

CREATE OR REPLACE FUNCTION kotadb_queue.note_depth() RETURNS trigger
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

CREATE OR REPLACE FUNCTION kotadb_queue.retry(
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

CREATE FUNCTION kotadb_queue.enqueue_many(
    p_tenant_id uuid,
    p_clone_urls text[],
    p_full_names text[],
    p_requested_refs text[],
    p_requested_commits text[],
    p_forces boolean[],
    p_request_ids text[],
    p_max_retries integer,
    p_expire_hours integer
) RETURNS TABLE (ordinal integer, job_id uuid, repository_id uuid, deduplicated boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    places uuid[];
    generations bigint[];
    job_ids uuid[]; -- NULL where a request takes its turn
    queue_job_ids uuid[];
    slots smallint[];
    turn integer;
BEGIN
    PERFORM set_config('app.user_id', p_tenant_id::text, true);

    WITH wanted AS (
        SELECT wish.clone_url, min(wish.full_name) AS full_name, count(*) AS requests
        FROM unnest(p_clone_urls, p_full_names) AS wish (clone_url, full_name)
        GROUP BY wish.clone_url
    ),

    locked AS (
        INSERT INTO kotadb.repositories AS known (
            tenant_id, clone_url, full_name, enqueue_generation
        )
        SELECT p_tenant_id, wanted.clone_url, wanted.full_name, wanted.requests
        FROM wanted
        ORDER BY wanted.clone_url
        ON CONFLICT (tenant_id, clone_url) WHERE deleted_at IS NULL DO UPDATE SET
            enqueue_generation = known.enqueue_generation + excluded.enqueue_generation
        RETURNING known.repository_id, known.clone_url, known.enqueue_generation
    )

    SELECT
        array_agg(locked.repository_id ORDER BY wish.number),
        array_agg(locked.enqueue_generation - wish.later ORDER BY wish.number)
    INTO places, generations
    FROM (
        SELECT
            one.clone_url,
            one.number,
            count(*) OVER (PARTITION BY one.clone_url ORDER BY one.number DESC) - 1 AS later
        FROM unnest(p_clone_urls) WITH ORDINALITY AS one (clone_url, number)
    ) AS wish
    INNER JOIN locked ON wish.clone_url = locked.clone_url;

    job_ids := array(
        SELECT
            CASE
                WHEN wish.times = 1 AND NOT exists(
                    SELECT FROM kotadb_queue.live AS queued
                    WHERE
                        queued.repository_id = wish.place
                        AND queued.requested_ref = wish.ref
                        AND queued.state IN ('ready', 'waiting', 'delayed')
                ) AND NOT exists(
                    SELECT FROM kotadb_queue.live AS running
                    WHERE
                        running.repository_id = wish.place
                        AND running.requested_ref = wish.ref
                        AND running.state = 'leased'
                ) THEN gen_random_uuid()
            END
        FROM (
            SELECT
                one.place,
                one.ref,
                one.number,
                count(*) OVER (PARTITION BY one.place, one.ref) AS times
            FROM unnest(places, p_requested_refs) WITH ORDINALITY AS one (place, ref, number)
        ) AS wish
        ORDER BY wish.number
    );
    queue_job_ids := array(
        SELECT CASE WHEN one.id IS NOT NULL THEN gen_random_uuid() END
        FROM unnest(job_ids) WITH ORDINALITY AS one (id, number)
        ORDER BY one.number
    );

    INSERT INTO kotadb.index_jobs (
        id, queue_job_id, tenant_id, repository_id, generation, requested_ref, requested_commit,
        force, request_id, max_retries
    )
    SELECT
        made.id, made.queue_job_id, p_tenant_id, made.place, made.generation, made.ref,
        made.commit_sha, made.force, made.request_id, p_max_retries
    FROM unnest(
        job_ids, queue_job_ids, places, generations, p_requested_refs, p_requested_commits,
        p_forces, p_request_ids
    ) AS made (id, queue_job_id, place, generation, ref, commit_sha, force, request_id)
    WHERE made.id IS NOT NULL;

    PERFORM kotadb_queue.lock_admission(p_tenant_id);
    slots := kotadb_queue.free_tenant_slots(p_tenant_id, cardinality(job_ids));
    INSERT INTO kotadb_queue.live (
        queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot,
        expires_at
    )
    SELECT
        made.queue_job_id, made.id, p_tenant_id, made.place, made.ref,
        jsonb_build_object(
            'indexJobId', made.id,
            'repositoryId', made.place,
            'commitSha', made.commit_sha
        ),
        CASE WHEN slots[made.rank] IS NULL THEN 'waiting' ELSE 'ready' END,
        slots[made.rank],
        (SELECT kotadb_queue.working_time()) + p_expire_hours * interval '1 hour'
    FROM (
        SELECT one.*, row_number() OVER (ORDER BY one.number) AS rank
        FROM unnest(
            job_ids, queue_job_ids, places, p_requested_refs, p_requested_commits
        ) WITH ORDINALITY AS one (id, queue_job_id, place, ref, commit_sha, number)
        WHERE one.id IS NOT NULL
    ) AS made
    ORDER BY made.number;

    IF cardinality(slots) < cardinality(array_remove(job_ids, NULL)) THEN
        PERFORM kotadb_queue.admit(p_tenant_id);
    END IF;

    RETURN QUERY
    SELECT made.number::integer, made.id, made.place, false
    FROM unnest(job_ids, places) WITH ORDINALITY AS made (id, place, number)
    WHERE made.id IS NOT NULL;

    FOR turn IN
        SELECT made.number
        FROM unnest(job_ids) WITH ORDINALITY AS made (id, number)
        WHERE made.id IS NULL
        ORDER BY made.number
    LOOP
        RETURN QUERY
        SELECT turn, made.job_id, made.repository_id, made.deduplicated
        FROM kotadb_queue.enqueue(
            p_tenant_id, p_clone_urls[turn], p_full_names[turn], p_requested_refs[turn],
            p_requested_commits[turn], p_forces[turn], p_request_ids[turn], p_max_retries,
            p_expire_hours
        ) AS made;
    END LOOP;
END;
$$;

COMMENT ON FUNCTION kotadb_queue.enqueue_many(
    uuid, text[], text[], text[], text[], boolean[], text[], integer, integer
) IS 'Many enqueues of one tenant in one transaction, each with the outcome that enqueue would give.';

CREATE FUNCTION kotadb_queue.complete_many(
    p_queue_job_ids uuid[],
    p_lease_tokens uuid[],
    p_refs text[],
    p_commit_shas text[],
    p_outcomes jsonb
) RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    ended uuid[];
    tenants uuid[];
    tenant uuid;
BEGIN
    PERFORM FROM kotadb.repositories AS places
    WHERE places.repository_id = ANY(array(
        SELECT queued.repository_id FROM kotadb_queue.live AS queued
        WHERE queued.queue_job_id = ANY(p_queue_job_ids)
    ))
    ORDER BY places.repository_id
    FOR NO KEY UPDATE;

    -- Leased rows alone have an end of their lease. It stands for the state, whose mention would let
    -- the planner read the whole index of the leased rows once for each of these.
    WITH held AS (
        UPDATE kotadb_queue.live AS queued SET
            state = 'finished', finished_at = clock_timestamp(),
            result = mine.outcome -> 'result',
            lease_expires_at = NULL, slot = NULL, tenant_slot = NULL
        FROM ROWS FROM (
            unnest(p_queue_job_ids),
            unnest(p_lease_tokens),
            unnest(p_refs),
            unnest(p_commit_shas),
            jsonb_array_elements(p_outcomes)
        ) AS mine (id, token, ref, commit_sha, outcome)
        WHERE
            queued.queue_job_id = mine.id
            AND queued.lease_token = mine.token
            AND queued.lease_expires_at IS NOT NULL
        RETURNING
            queued.queue_job_id, queued.tenant_id, queued.job_id, queued.leases, mine.ref,
            mine.commit_sha, mine.outcome -> 'stats' AS stats
    ),

    jobs AS (
        UPDATE kotadb.index_jobs AS job SET
            status = 'completed', completed_at = clock_timestamp(), phase = NULL,
            ref = held.ref, commit_sha = held.commit_sha, stats = held.stats,
            error_code = NULL, error_message = NULL
        FROM held
        WHERE job.id = held.job_id
    ),

    attempts AS (
        UPDATE kotadb.job_attempts AS run SET
            ended_at = clock_timestamp(), outcome = 'completed'
        FROM held
        WHERE run.job_id = held.job_id AND run.attempt = held.leases
    )

    SELECT array_agg(held.queue_job_id), array_agg(DISTINCT held.tenant_id)
    INTO ended, tenants
    FROM held;
    -- In one order, so that two calls never wait for each other.
    FOREACH tenant IN ARRAY coalesce(tenants, '{}')
    LOOP
        PERFORM kotadb_queue.admit(tenant);
    END LOOP;
    RETURN QUERY SELECT one.id FROM unnest(ended) AS one (id);
END;
$$;

COMMENT ON FUNCTION kotadb_queue.complete_many(uuid[], uuid[], text[], text[], jsonb) IS
'Ends many jobs as completed, each fenced by its lease; returns the queue rows that were ended.';

GRANT EXECUTE ON FUNCTION
    kotadb_queue.enqueue_many(
        uuid, text[], text[], text[], text[], boolean[], text[], integer, integer
    )
TO kotadb_api, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.complete_many(uuid[], uuid[], text[], text[], jsonb)
TO kotadb_worker, kotadb_admin;

DROP FUNCTION kotadb.time_ordered_ids(integer);
