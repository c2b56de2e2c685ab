-- Jobs and repositories that end by will: cancelling a job, deleting a repository, retrying what
-- failed, and requests that are sent twice under one key.

SET LOCAL ROLE kotadb_owner;

-- A repository is deleted by one short transaction, whatever its size: it is marked, and from then on
-- nobody sees it. Its rows are removed later, in batches, by the sweep. The same URL may be asked
-- for again at once and makes a new repository.
ALTER TABLE kotadb.repositories ADD COLUMN deleted_at timestamptz;
ALTER TABLE kotadb.repositories DROP CONSTRAINT repositories_tenant_id_clone_url_key;
-- Partial, so deleted_at is no key column: marking a repository does not wait for a store that
-- holds KEY SHARE on it for the length of its load.
CREATE UNIQUE INDEX one_repository_per_url ON kotadb.repositories (tenant_id, clone_url)
WHERE deleted_at IS NULL;
CREATE INDEX repositories_deleted ON kotadb.repositories (deleted_at) WHERE deleted_at IS NOT NULL;

COMMENT ON COLUMN kotadb.repositories.deleted_at IS
'Since when nobody sees it. The sweep removes its snapshots, its jobs and at last the row.';

ALTER POLICY own_repositories ON kotadb.repositories
USING (
    deleted_at IS NULL AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
)
WITH CHECK (
    deleted_at IS NULL AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
);

-- Attempts are read and ended job by job; the set of all jobs of a tenant would be built each time.
ALTER POLICY own_attempts ON kotadb.job_attempts
USING (EXISTS (SELECT FROM kotadb.index_jobs AS jobs WHERE jobs.id = job_attempts.job_id));
CREATE POLICY end_own_attempts ON kotadb.job_attempts FOR UPDATE TO kotadb_api
USING (EXISTS (SELECT FROM kotadb.index_jobs AS jobs WHERE jobs.id = job_attempts.job_id));
GRANT UPDATE (ended_at, outcome, error_code, error_message) ON kotadb.job_attempts TO kotadb_api;

-- What POST /index answered under an Idempotency-Key.
CREATE TABLE kotadb_queue.idempotency_keys (
    tenant_id uuid NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    repository_id uuid NOT NULL,
    job_id uuid NOT NULL,
    deduplicated boolean NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, idempotency_key),
    FOREIGN KEY (repository_id, tenant_id)
    REFERENCES kotadb.repositories (repository_id, tenant_id) ON DELETE CASCADE
);

CREATE INDEX idempotency_keys_of_repository ON kotadb_queue.idempotency_keys (repository_id);
CREATE INDEX idempotency_keys_by_end ON kotadb_queue.idempotency_keys (expires_at);

COMMENT ON TABLE kotadb_queue.idempotency_keys IS
'The first answer to each key, given again to the same request until the key expires.';
COMMENT ON COLUMN kotadb_queue.idempotency_keys.fingerprint IS
'SHA-256 of what the request meant: another request under the same key is refused.';

ALTER TABLE kotadb_queue.idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_idempotency_keys ON kotadb_queue.idempotency_keys TO kotadb_api
USING (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]))
WITH CHECK (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY all_idempotency_keys ON kotadb_queue.idempotency_keys TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON kotadb_queue.idempotency_keys TO kotadb_api;
-- Rows are locked before they are deleted, which takes the right to update them.
GRANT SELECT, UPDATE, DELETE ON kotadb_queue.idempotency_keys TO kotadb_worker, kotadb_admin;

-- A due job of the ref gives way to another, unless a worker leased it this very moment. Call it
-- under the repository's lock.
CREATE FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH given_way AS (
        UPDATE kotadb_queue.live SET
            state = 'finished',
            finished_at = clock_timestamp(),
            result = jsonb_build_object('success', false, 'error', 'superseded')
        WHERE
            repository_id = p_repository_id
            AND requested_ref = p_requested_ref
            AND state IN ('ready', 'waiting')
        RETURNING job_id
    )

    UPDATE kotadb.index_jobs SET
        status = 'skipped',
        completed_at = clock_timestamp(),
        next_attempt_at = NULL,
        error_code = 'superseded',
        error_message = 'A newer request for this ref took its place.'
    FROM given_way
    WHERE id = given_way.job_id;
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

    PERFORM kotadb_queue.give_way(place.repository_id, p_requested_ref);

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

-- An enqueue under a key. The first request decides: the same one again gets its answer (replayed),
-- another one none (job_id is null). Two at once take turns by an advisory lock, because neither a
-- replay nor a refusal shall write a row.
CREATE FUNCTION kotadb_queue.enqueue_once(
    p_idempotency_key text,
    p_fingerprint bytea,
    p_valid_hours integer,
    p_tenant_id uuid,
    p_clone_url text,
    p_full_name text,
    p_requested_ref text,
    p_requested_commit text,
    p_force boolean,
    p_request_id text,
    p_max_retries integer,
    p_expire_hours integer
) RETURNS TABLE (job_id uuid, repository_id uuid, deduplicated boolean, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first kotadb_queue.idempotency_keys;
BEGIN
    PERFORM set_config('app.user_id', p_tenant_id::text, true);
    PERFORM pg_advisory_xact_lock(
        hashtextextended(format('enqueue_once %s %s', p_tenant_id, p_idempotency_key), 0)
    );
    SELECT keys.* INTO first
    FROM kotadb_queue.idempotency_keys AS keys
    WHERE
        keys.tenant_id = p_tenant_id
        AND keys.idempotency_key = p_idempotency_key
        AND keys.expires_at > clock_timestamp();
    IF FOUND THEN
        IF first.fingerprint = p_fingerprint THEN
            job_id := first.job_id;
            repository_id := first.repository_id;
            deduplicated := first.deduplicated;
        END IF;
        replayed := true;
        RETURN NEXT;
        RETURN;
    END IF;

    SELECT made.job_id, made.repository_id, made.deduplicated
    INTO job_id, repository_id, deduplicated
    FROM kotadb_queue.enqueue(
        p_tenant_id, p_clone_url, p_full_name, p_requested_ref, p_requested_commit, p_force,
        p_request_id, p_max_retries, p_expire_hours
    ) AS made;
    INSERT INTO kotadb_queue.idempotency_keys (
        tenant_id, idempotency_key, fingerprint, repository_id, job_id, deduplicated, expires_at
    ) VALUES (
        p_tenant_id, p_idempotency_key, p_fingerprint, repository_id, job_id, deduplicated,
        clock_timestamp() + p_valid_hours * interval '1 hour'
    )
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE SET
        fingerprint = excluded.fingerprint,
        repository_id = excluded.repository_id,
        job_id = excluded.job_id,
        deduplicated = excluded.deduplicated,
        expires_at = excluded.expires_at;
    replayed := false;
    RETURN NEXT;
END;
$$;

-- Ends one unfinished queue row by will, under the locks of its repository and of the row itself.
-- Its worker, if it has one, hears of it at its next fenced write.
CREATE FUNCTION kotadb_queue.cancel_row(
    held kotadb_queue.live, p_error_code text, p_error_message text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE kotadb_queue.live SET
        state = 'finished', finished_at = clock_timestamp(), lease_expires_at = NULL, slot = NULL,
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
        PERFORM kotadb_queue.wake_waiting(held.repository_id, held.requested_ref);
    END IF;
END;
$$;

-- Cancels a job that has not ended, with its caller's rights. Returns cancelled, finished (it had
-- ended already) or not_found (also: not the caller's, or of a deleted repository).
CREATE FUNCTION kotadb_queue.cancel(p_job_id uuid) RETURNS text
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
    RETURN 'cancelled';
END;
$$;

-- Deletes a repository for its tenant: hides it, retires its index and ends its jobs, in one short
-- transaction. False: there is none, or it is not the caller's. The tenant's policies show no deleted
-- row, not even one that an UPDATE just marked, so this runs with its owner's rights and asks whose
-- the repository is itself.
CREATE FUNCTION kotadb.delete_repository(p_repository_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    UPDATE kotadb.repositories SET deleted_at = clock_timestamp()
    WHERE
        repository_id = p_repository_id
        AND deleted_at IS NULL
        AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = p_repository_id AND state = 'current';
    FOR held IN
        SELECT * FROM kotadb_queue.live
        WHERE
            repository_id = p_repository_id
            AND (state IN ('ready', 'waiting') OR state = 'leased')
        ORDER BY queue_job_id
        FOR UPDATE
    LOOP
        PERFORM kotadb_queue.cancel_row(
            held, 'repository_deleted', 'Its repository was deleted.'
        );
    END LOOP;
    -- A key may not answer with a job that nobody can find any more.
    DELETE FROM kotadb_queue.idempotency_keys WHERE repository_id = p_repository_id;
    RETURN true;
END;
$$;

COMMENT ON FUNCTION kotadb.delete_repository(uuid) IS
'From its COMMIT on nobody sees anything of the repository; the sweep removes its rows.';

CREATE OR REPLACE FUNCTION kotadb.publish_snapshot(p_snapshot_id integer) RETURNS boolean
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
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET state = 'current' WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;

-- Puts a failed job into the queue again, for a new round of runs. It keeps its generation, so it
-- replaces nothing that was asked for later. Returns requeued, not_failed, superseded (a newer job
-- for the ref waits, runs or came to an end that stands) or not_found (also: of a deleted repository).
CREATE FUNCTION kotadb_queue.retry(p_job_id uuid, p_expire_hours integer) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job kotadb.index_jobs;
    new_queue_job_id uuid := gen_random_uuid();
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
    INSERT INTO kotadb_queue.live (
        queue_job_id, job_id, tenant_id, repository_id, requested_ref, payload, state, expires_at,
        leases, released, round
    )
    SELECT
        new_queue_job_id, job.id, job.tenant_id, job.repository_id, job.requested_ref,
        jsonb_build_object(
            'indexJobId', job.id,
            'repositoryId', job.repository_id,
            'commitSha', job.requested_commit
        ),
        CASE
            WHEN exists(
                SELECT FROM kotadb_queue.live AS running
                WHERE
                    running.repository_id = job.repository_id
                    AND running.requested_ref = job.requested_ref
                    AND running.state = 'leased'
            ) THEN 'waiting'
            ELSE 'ready'
        END,
        clock_timestamp() + p_expire_hours * interval '1 hour',
        -- The attempts outlive the queue row: numbers and retry_count go on from them.
        count(*), count(*) FILTER (WHERE outcome = 'released'), coalesce(max(round), 0) + 1
    FROM kotadb.job_attempts
    WHERE job_id = job.id;
    UPDATE kotadb.index_jobs SET
        status = 'pending', completed_at = NULL, queue_job_id = new_queue_job_id,
        files_done = 0, files_total = NULL
    WHERE id = job.id;
    RETURN 'requeued';
END;
$$;

-- As before, but what failed in a deleted repository is nobody's failure any more.
CREATE OR REPLACE FUNCTION kotadb_queue.figures()
RETURNS TABLE (depth bigint, running bigint, failed_24h bigint, oldest_pending_age_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        (SELECT count(*) FROM kotadb_queue.live WHERE state IN ('ready', 'waiting')),
        (SELECT count(*) FROM kotadb_queue.live WHERE state = 'leased'),
        (
            SELECT count(*)
            FROM kotadb.index_jobs AS jobs
            INNER JOIN kotadb.repositories AS places ON jobs.repository_id = places.repository_id
            WHERE
                jobs.status = 'failed'
                AND jobs.completed_at > (SELECT clock_timestamp()) - interval '24 hours'
                AND places.deleted_at IS NULL
        ),
        (
            SELECT extract(EPOCH FROM clock_timestamp() - min(run_at))::double precision
            FROM kotadb_queue.live
            WHERE state = 'ready' AND run_at <= (SELECT clock_timestamp())
        );
$$;

GRANT EXECUTE ON FUNCTION
    kotadb_queue.give_way(uuid, text),
    kotadb_queue.cancel_row(kotadb_queue.live, text, text),
    kotadb_queue.cancel(uuid)
TO kotadb_api, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.enqueue_once(
        text, bytea, integer, uuid, text, text, text, text, boolean, text, integer, integer
    ),
    kotadb_queue.wake_waiting(uuid, text),
    kotadb.delete_repository(uuid)
TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb_queue.retry(uuid, integer) TO kotadb_admin;
