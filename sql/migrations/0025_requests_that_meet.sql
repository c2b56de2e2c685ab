-- Requests that meet. However the name of a forge's repository is spelled, it is one repository: until now
-- another case made another one. Whoever joins a job waits for it from then on, so that it expires as late
-- as one that was asked for now.
--
-- one_repository_per_url stays for what runs while this comes: it names that index in ON CONFLICT.

SET LOCAL ROLE kotadb_owner;

CREATE FUNCTION kotadb.repository_identity(p_clone_url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN starts_with(p_clone_url, 'https://') THEN lower(p_clone_url COLLATE "C") ELSE p_clone_url
END;

COMMENT ON FUNCTION kotadb.repository_identity(text) IS
'What two addresses share if they are one repository: forges ignore the case of names, file systems do not.';

GRANT EXECUTE ON FUNCTION kotadb.repository_identity(text)
TO kotadb_api, kotadb_worker, kotadb_admin;

CREATE FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_full_name = p_name OR (
    starts_with(p_clone_url, 'https://')
    AND lower(p_full_name COLLATE "C") = lower(p_name COLLATE "C")
);

COMMENT ON FUNCTION kotadb.is_called(text, text, text) IS
'Whether a name means a repository: as it is shown, or of a forge in another case.';

GRANT EXECUTE ON FUNCTION kotadb.is_called(text, text, text)
TO kotadb_api, kotadb_worker, kotadb_admin;

-- Of several spellings the one that is read stays, else the one that was asked for last. Nobody adds another
-- one meanwhile; rows are locked in the order in which whoever ends many jobs locks them.
LOCK TABLE kotadb.repositories IN SHARE ROW EXCLUSIVE MODE;

DO $$
DECLARE
    spare uuid[] := array(
        SELECT ranked.repository_id
        FROM (
            SELECT
                places.repository_id,
                row_number() OVER (
                    PARTITION BY places.tenant_id, kotadb.repository_identity(places.clone_url)
                    ORDER BY
                        exists(
                            SELECT FROM kotadb.snapshots AS snaps
                            WHERE
                                snaps.repository_id = places.repository_id
                                AND snaps.state = 'current'
                        ) DESC,
                        (
                            SELECT max(jobs.created_at) FROM kotadb.index_jobs AS jobs
                            WHERE jobs.repository_id = places.repository_id
                        ) DESC NULLS LAST,
                        places.created_at DESC,
                        places.repository_id
                ) AS place
            FROM kotadb.repositories AS places
            INNER JOIN (
                SELECT
                    known.tenant_id,
                    kotadb.repository_identity(known.clone_url) AS identity
                FROM kotadb.repositories AS known
                WHERE known.deleted_at IS NULL
                GROUP BY known.tenant_id, kotadb.repository_identity(known.clone_url)
                HAVING count(*) > 1
            ) AS shared
                ON
                    places.tenant_id = shared.tenant_id
                    AND kotadb.repository_identity(places.clone_url) = shared.identity
            WHERE places.deleted_at IS NULL
        ) AS ranked
        WHERE ranked.place > 1
    );
BEGIN
    IF cardinality(spare) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM kotadb.repositories
    WHERE repository_id = ANY(spare)
    ORDER BY repository_id
    FOR NO KEY UPDATE;
    -- As kotadb.delete_repository does, for all at once.
    UPDATE kotadb.repositories SET deleted_at = clock_timestamp() WHERE repository_id = ANY(spare);
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = ANY(spare) AND state = 'current';
    PERFORM kotadb_queue.cancel_all_of(
        spare, NULL, 'repository_deleted', 'Its repository was deleted.'
    );
    DELETE FROM kotadb_queue.idempotency_keys WHERE repository_id = ANY(spare);
END;
$$;

CREATE UNIQUE INDEX one_repository_per_identity
ON kotadb.repositories (tenant_id, kotadb.repository_identity(clone_url)) WHERE deleted_at IS NULL;

CREATE INDEX repositories_of_tenant_by_spelling
ON kotadb.repositories (tenant_id, lower(full_name)) WHERE deleted_at IS NULL;

-- Past the policies, under which no index serves lower().
CREATE FUNCTION kotadb.repositories_called(p_name text) RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN array(
        SELECT called.repository_id
        FROM (
            SELECT
                places.repository_id,
                rank() OVER (ORDER BY places.full_name = p_name DESC) AS place
            FROM kotadb.repositories AS places
            WHERE
                places.tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
                AND places.deleted_at IS NULL
                AND lower(places.full_name) = lower(p_name COLLATE "C")
                AND kotadb.is_called(places.full_name, places.clone_url, p_name)
        ) AS called
        WHERE called.place = 1
    );
END;
$$;

COMMENT ON FUNCTION kotadb.repositories_called(text) IS
'Those of the visible tenants that a name means: shown so, or where none is, of a forge in another case.';

GRANT EXECUTE ON FUNCTION kotadb.repositories_called(text) TO kotadb_api;

-- A job expires some hours after it was asked for last. Called under the lock of its repository.
CREATE FUNCTION kotadb_queue.renew_expiry(p_queue_job_id uuid, p_expire_hours integer) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    renewed timestamptz := kotadb_queue.working_time() + p_expire_hours * interval '1 hour';
BEGIN
    -- Many requests that meet at one time write the row once.
    UPDATE kotadb_queue.live SET expires_at = renewed
    WHERE queue_job_id = p_queue_job_id AND expires_at < renewed - interval '1 minute';
END;
$$;

GRANT EXECUTE ON FUNCTION kotadb_queue.renew_expiry(uuid, integer) TO kotadb_api, kotadb_admin;

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
    one_is_due boolean;
    new_ids uuid[]; -- of the job and of its queue row
    inherited smallint;
    free_slot smallint;
BEGIN
    PERFORM set_config('app.user_id', p_tenant_id::text, true);

    -- The identity decides. Who asks for the same address at this very instant may be met in the other
    -- index of addresses first; once that transaction is over the row is there to be found.
    LOOP
        BEGIN
            INSERT INTO kotadb.repositories AS known (tenant_id, clone_url, full_name)
            VALUES (p_tenant_id, p_clone_url, p_full_name)
            ON CONFLICT (tenant_id, kotadb.repository_identity(clone_url)) WHERE deleted_at IS NULL
            DO UPDATE SET enqueue_generation = known.enqueue_generation + 1
            RETURNING * INTO place;
            EXIT;
        EXCEPTION
            WHEN unique_violation THEN CONTINUE;
        END;
    END LOOP;
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
    one_is_due := FOUND;
    IF NOT one_is_due AND p_requested_commit IS NOT NULL THEN
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
        PERFORM kotadb_queue.renew_expiry(twin.queue_job_id, p_expire_hours);
        job_id := twin.id;
        deduplicated := true;
        RETURN NEXT;
        RETURN;
    END IF;

    -- Under the repository's lock none can have become due since.
    IF one_is_due THEN
        inherited := kotadb_queue.give_way(place.repository_id, p_requested_ref);
    END IF;

    new_ids := kotadb.time_ordered_ids(2);
    INSERT INTO kotadb.index_jobs (
        id, tenant_id, repository_id, requested_ref, requested_commit, force, request_id,
        generation, queue_job_id, max_retries
    ) VALUES (
        new_ids[1], p_tenant_id, place.repository_id, p_requested_ref, p_requested_commit, p_force,
        p_request_id, place.enqueue_generation, new_ids[2], p_max_retries
    );
    free_slot := kotadb_queue.slot_unless_running(
        p_tenant_id, place.repository_id, p_requested_ref
    );
    INSERT INTO kotadb_queue.live (
        queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, tenant_slot,
        priority, expires_at
    ) VALUES (
        new_ids[2], new_ids[1], p_tenant_id, place.repository_id, p_requested_ref,
        jsonb_build_object(
            'indexJobId', new_ids[1],
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
    job_id := new_ids[1];
    deduplicated := false;
    RETURN NEXT;
END;
$$;

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
    identities text[] := array(
        SELECT kotadb.repository_identity(one.clone_url)
        FROM unnest(clone_urls) WITH ORDINALITY AS one (clone_url, number)
        ORDER BY one.number
    );
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

    -- As in enqueue.
    LOOP
        BEGIN
            WITH wanted AS (
                SELECT
                    wish.identity,
                    (array_agg(wish.clone_url ORDER BY wish.number))[1] AS clone_url,
                    (array_agg(wish.full_name ORDER BY wish.number))[1] AS full_name,
                    count(*) AS requests
                FROM unnest(identities, clone_urls, full_names) WITH ORDINALITY
                    AS wish (identity, clone_url, full_name, number)
                GROUP BY wish.identity
            ),

            locked AS (
                INSERT INTO kotadb.repositories AS known (
                    tenant_id, clone_url, full_name, enqueue_generation
                )
                SELECT p_tenant_id, wanted.clone_url, wanted.full_name, wanted.requests
                FROM wanted
                ORDER BY wanted.identity
                ON CONFLICT (tenant_id, kotadb.repository_identity(clone_url)) WHERE deleted_at IS NULL
                DO UPDATE SET
                    enqueue_generation = known.enqueue_generation + excluded.enqueue_generation
                RETURNING
                    known.repository_id,
                    kotadb.repository_identity(known.clone_url) AS identity,
                    known.enqueue_generation
            )

            SELECT
                array_agg(locked.repository_id ORDER BY wish.number),
                array_agg(locked.enqueue_generation - wish.later ORDER BY wish.number)
            INTO places, generations
            FROM (
                SELECT
                    one.identity,
                    one.number,
                    count(*) OVER (PARTITION BY one.identity ORDER BY one.number DESC) - 1 AS later
                FROM unnest(identities) WITH ORDINALITY AS one (identity, number)
            ) AS wish
            INNER JOIN locked ON wish.identity = locked.identity;
            EXIT;
        EXCEPTION
            WHEN unique_violation THEN CONTINUE;
        END;
    END LOOP;

    -- One look for each request: of EXISTS the planner may make a list of every row that is due, and
    -- keeps to it when a queue that was short has become long.
    job_ids := array(
        SELECT
            CASE
                WHEN wish.times = 1 AND (
                    SELECT true FROM kotadb_queue.live AS queued
                    WHERE
                        queued.repository_id = wish.place
                        AND queued.requested_ref = wish.ref
                        AND queued.state IN ('ready', 'waiting', 'delayed')
                    LIMIT 1
                ) IS NULL AND (
                    SELECT true FROM kotadb_queue.live AS running
                    WHERE
                        running.repository_id = wish.place
                        AND running.requested_ref = wish.ref
                        AND running.state = 'leased'
                    LIMIT 1
                ) IS NULL THEN new_ids[wish.number]
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

    -- Whoever wakes a row holds it and waits for the admission: what will be joined is locked before that.
    PERFORM (
        SELECT queued.queue_job_id FROM kotadb_queue.live AS queued
        WHERE
            queued.repository_id = wish.place
            AND queued.requested_ref = wish.ref
            AND queued.state IN ('ready', 'waiting', 'delayed')
        LIMIT 1
        FOR NO KEY UPDATE
    )
    FROM unnest(job_ids, places, refs) AS wish (job_id, place, ref)
    WHERE wish.job_id IS NULL;

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

CREATE OR REPLACE FUNCTION kotadb_queue.enqueue_head(
    p_repository_id uuid,
    p_ref text,
    p_commit_sha text,
    p_request_id text,
    p_max_retries integer,
    p_expire_hours integer
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    place kotadb.repositories;
    new_job uuid;
    waits_already boolean;
    on_its_way uuid;
    principal text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    SELECT * INTO place FROM kotadb.repositories
    WHERE repository_id = p_repository_id AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT jobs.queue_job_id INTO on_its_way
    FROM kotadb_queue.branch_heads AS heads
    INNER JOIN kotadb.index_jobs AS jobs ON heads.job_id = jobs.id
    WHERE
        heads.repository_id = p_repository_id
        AND heads.ref = p_ref
        AND heads.commit_sha = p_commit_sha
        AND jobs.status IN ('pending', 'processing');
    IF FOUND THEN
        PERFORM kotadb_queue.renew_expiry(on_its_way, p_expire_hours);
        RETURN NULL;
    END IF;
    PERFORM FROM kotadb.snapshots
    WHERE
        repository_id = p_repository_id
        AND ref = p_ref
        AND commit_sha = p_commit_sha
        AND state = 'current'
        -- A job that began with an older commit may yet replace it.
        AND NOT exists(
            SELECT FROM kotadb_queue.live
            WHERE
                live.repository_id = p_repository_id
                AND live.requested_ref
                IN (p_ref, CASE WHEN p_ref = place.default_ref THEN '' ELSE p_ref END)
                AND (live.state IN ('ready', 'waiting', 'delayed') OR live.state = 'leased')
        );
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT
        made.job_id,
        made.deduplicated
    INTO new_job, waits_already
    FROM kotadb_queue.enqueue(
        place.tenant_id, place.clone_url, place.full_name,
        CASE WHEN p_ref = place.default_ref THEN '' ELSE p_ref END,
        NULL, false, p_request_id, p_max_retries, p_expire_hours
    ) AS made;
    -- The enqueue was its tenant's; the transaction goes on as whose it was.
    PERFORM set_config('app.user_id', principal, true);
    INSERT INTO kotadb_queue.branch_heads (repository_id, ref, commit_sha, job_id)
    VALUES (p_repository_id, p_ref, p_commit_sha, new_job)
    ON CONFLICT (repository_id, ref) DO UPDATE SET
        commit_sha = excluded.commit_sha, job_id = excluded.job_id, told_at = excluded.told_at;
    RETURN CASE WHEN NOT waits_already THEN new_job END;
END;
$$;

CREATE OR REPLACE FUNCTION kotadb_queue.follow_address(
    p_place kotadb.repositories, p_clone_url text, p_full_name text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
BEGIN
    IF lower(p_place.clone_url) = lower(p_clone_url) THEN
        -- It is spelled as GitHub spells it.
        UPDATE kotadb.repositories SET clone_url = p_clone_url, full_name = p_full_name
        WHERE
            repository_id = p_place.repository_id
            AND (clone_url, full_name) IS DISTINCT FROM (p_clone_url, p_full_name)
            AND kotadb.repository_identity(clone_url) = kotadb.repository_identity(p_clone_url);
        RETURN true;
    END IF;
    IF exists(
        SELECT FROM kotadb.repositories
        WHERE
            tenant_id = p_place.tenant_id
            AND lower(clone_url) = lower(p_clone_url)
            AND deleted_at IS NULL
    ) THEN
        UPDATE kotadb.repositories SET github_id = NULL
        WHERE repository_id = p_place.repository_id;
        RETURN false;
    END IF;
    UPDATE kotadb.repositories SET clone_url = p_clone_url, full_name = p_full_name
    WHERE repository_id = p_place.repository_id;
    RETURN true;
END;
$$;
