SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb_queue.enqueue_many(
    p_tenant_id uuid,
    p_requests jsonb,
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
    clone_urls text[] := array(SELECT jsonb_array_elements_text(p_requests -> 'clone_urls'));
    full_names text[] := array(SELECT jsonb_array_elements_text(p_requests -> 'full_names'));
    refs text[] := array(SELECT jsonb_array_elements_text(p_requests -> 'refs'));
    commits text[] := array(SELECT jsonb_array_elements_text(p_requests -> 'commits'));
    forces boolean[] := array(SELECT jsonb_array_elements(p_requests -> 'forces')::boolean);
    request_ids text[] := array(SELECT jsonb_array_elements_text(p_requests -> 'request_ids'));
    places uuid[];
    generations bigint[];
    new_ids uuid[] := kotadb.time_ordered_ids(2 * cardinality(clone_urls));
    job_ids uuid[]; -- NULL where a request takes its turn
    queue_job_ids uuid[] := new_ids[cardinality(clone_urls) + 1:];
    slots smallint[];
    turn integer;
BEGIN
    PERFORM set_config('app.user_id', p_tenant_id::text, true);

    WITH wanted AS (
        SELECT wish.clone_url, min(wish.full_name) AS full_name, count(*) AS requests
        FROM unnest(clone_urls, full_names) AS wish (clone_url, full_name)
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
        FROM unnest(clone_urls) WITH ORDINALITY AS one (clone_url, number)
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
                ) THEN new_ids[wish.number]
            END
        FROM (
            SELECT
                one.place,
                one.ref,
                one.number,
                count(*) OVER (PARTITION BY one.place, one.ref) AS times
            FROM unnest(places, refs) WITH ORDINALITY AS one (place, ref, number)
        ) AS wish
        ORDER BY wish.number
    );

    INSERT INTO kotadb.index_jobs (
        id, queue_job_id, tenant_id, repository_id, generation, requested_ref, requested_commit,
        force, request_id, max_retries
    )
    SELECT
        made.id, made.queue_job_id, p_tenant_id, made.place, made.generation, made.ref,
        made.commit_sha, made.force, made.request_id, p_max_retries
    FROM unnest(
        job_ids, queue_job_ids, places, generations, refs, commits,
        forces, request_ids
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
            job_ids, queue_job_ids, places, refs, commits
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
            p_tenant_id, clone_urls[turn], full_names[turn], refs[turn],
            commits[turn], forces[turn], request_ids[turn], p_max_retries,
            p_expire_hours
        ) AS made;
    END LOOP;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.complete_many(p_runs jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    queue_job_ids uuid[] := array(
        SELECT jsonb_array_elements_text(p_runs -> 'queue_job_ids')::uuid
    );
    ended uuid[];
    tenants uuid[];
BEGIN
    PERFORM FROM kotadb.repositories AS places
    WHERE places.repository_id = ANY(array(
        SELECT queued.repository_id FROM kotadb_queue.live AS queued
        WHERE queued.queue_job_id = ANY(queue_job_ids)
    ))
    ORDER BY places.repository_id
    FOR NO KEY UPDATE;

    -- Leased rows alone have an end of their lease. It stands for the state, whose mention would let
    -- the planner read the whole index of the leased rows once for each of these.
    WITH held AS (
        UPDATE kotadb_queue.live AS queued SET
            state = 'finished', finished_at = clock_timestamp(),
            result = mine.result,
            lease_expires_at = NULL, slot = NULL, tenant_slot = NULL
        FROM ROWS FROM (
            unnest(queue_job_ids),
            jsonb_array_elements_text(p_runs -> 'lease_tokens'),
            jsonb_array_elements_text(p_runs -> 'refs'),
            jsonb_array_elements_text(p_runs -> 'commit_shas'),
            jsonb_array_elements(p_runs -> 'stats'),
            jsonb_array_elements(p_runs -> 'results')
        ) AS mine (id, token, ref, commit_sha, stats, result)
        WHERE
            queued.queue_job_id = mine.id
            AND queued.lease_token = mine.token::uuid
            AND queued.lease_expires_at IS NOT NULL
        RETURNING
            queued.queue_job_id, queued.tenant_id, queued.job_id, queued.leases, mine.ref,
            mine.commit_sha, mine.stats
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
    PERFORM kotadb_queue.admit_waiting(tenants);
    RETURN QUERY SELECT one.id FROM unnest(ended) AS one (id);
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.figures()
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

CREATE OR REPLACE FUNCTION kotadb_queue.admit(p_tenant_id uuid) RETURNS integer
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
