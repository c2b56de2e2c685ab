-- The functions become those of 0004 and 0007. Rows that wait for a place, or for their time, are
-- ready again, as they were before.
SET LOCAL ROLE kotadb_owner;

DROP FUNCTION kotadb_queue.lease(
    integer, double precision, text, smallint, timestamptz, smallint, integer
);
DROP FUNCTION kotadb_queue.leases_run_out(integer);
DROP FUNCTION kotadb_queue.due_rows_expired(integer);
DROP FUNCTION kotadb_queue.figures();
DROP FUNCTION kotadb_queue.prioritise(uuid, smallint);
DROP FUNCTION kotadb_queue.retry(uuid, integer, smallint);
DROP FUNCTION kotadb_queue.give_way(uuid, text);
DROP FUNCTION kotadb_queue.obey(boolean, integer);
DROP FUNCTION kotadb_queue.stop_leasing(boolean, boolean);
DROP FUNCTION kotadb_queue.admit_everywhere();
DROP FUNCTION kotadb_queue.wake_delayed(integer);
DROP FUNCTION kotadb_queue.slot_unless_running(uuid, uuid, text);

-- The row that waited behind a running one may run now.
CREATE OR REPLACE FUNCTION kotadb_queue.wake_waiting(p_repository_id uuid, p_requested_ref text) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE kotadb_queue.live SET state = 'ready'
    WHERE
        repository_id = p_repository_id
        AND requested_ref = p_requested_ref
        AND state = 'waiting';
$$;

-- A due job of the ref gives way to another, unless a worker leased it this very moment. Call it
-- under the repository's lock.
CREATE OR REPLACE FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) RETURNS void
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

-- Ends a job for good from its lease: completed, skipped or cancelled. False: the lease was lost.
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

-- Ends one run that gave no index. What becomes of the job, in this order:
--   a newer job for the same ref waits    -> skipped (superseded): that one covers it
--   p_final, or the round is used up      -> failed, and a dead letter
--   otherwise                             -> pending again, after p_delay_seconds
-- p_outcome is how the attempt ended: failed, lost (only if its lease really ran out), or released
-- (the attempt is given back). Returns the job's new status; NULL: the lease was not the caller's.
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
CREATE OR REPLACE FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) RETURNS boolean
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

-- Ends one unfinished queue row by will, under the locks of its repository and of the row itself.
-- Its worker, if it has one, hears of it at its next fenced write.
CREATE OR REPLACE FUNCTION kotadb_queue.cancel_row(
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
    RETURN 'cancelled';
END;
$$;

-- Deletes a repository for its tenant: hides it, retires its index and ends its jobs, in one short
-- transaction. False: there is none, or it is not the caller's. The tenant's policies show no deleted
-- row, not even one that an UPDATE just marked, so this runs with its owner's rights and asks whose
-- the repository is itself.
CREATE OR REPLACE FUNCTION kotadb.delete_repository(p_repository_id uuid) RETURNS boolean
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

-- Puts a failed job into the queue again, for a new round of runs. It keeps its generation, so it
-- replaces nothing that was asked for later. Returns requeued, not_failed, superseded (a newer job
-- for the ref waits, runs or came to an end that stands) or not_found (also: of a deleted repository).
CREATE OR REPLACE FUNCTION kotadb_queue.retry(p_job_id uuid, p_expire_hours integer) RETURNS text
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

-- Locks the repository and then the leased row, in that order. Nothing is returned when the lease
-- is not, or no longer, the caller's.
CREATE OR REPLACE FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid)
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

DROP FUNCTION kotadb_queue.admit(uuid);
DROP FUNCTION kotadb_queue.lock_admission(uuid);
DROP FUNCTION kotadb_queue.free_tenant_slot(uuid);
DROP FUNCTION kotadb_queue.free_tenant_slots(uuid, integer);
DROP FUNCTION kotadb_queue.working_time();
DROP TRIGGER rows_came ON kotadb_queue.live;
DROP TRIGGER rows_moved ON kotadb_queue.live;
DROP TRIGGER rows_went ON kotadb_queue.live;
DROP FUNCTION kotadb_queue.note_depth();
DROP FUNCTION kotadb_queue.add_up_depth(integer);
DROP TABLE kotadb_queue.depth_changes;

DROP INDEX kotadb_queue.dead_letters_by_time;
ALTER TABLE kotadb.index_jobs RESET (fillfactor);
CREATE UNIQUE INDEX one_pending_job_per_ref ON kotadb.index_jobs (repository_id, requested_ref)
WHERE status = 'pending';
CREATE UNIQUE INDEX one_running_job_per_ref ON kotadb.index_jobs (repository_id, requested_ref)
WHERE status = 'processing';
CREATE INDEX index_jobs_failed ON kotadb.index_jobs (completed_at) WHERE status = 'failed';

DROP INDEX kotadb_queue.one_row_per_tenant_slot;
DROP INDEX kotadb_queue.live_waiting;
DROP INDEX kotadb_queue.live_delayed;
ALTER TABLE kotadb_queue.live DROP CONSTRAINT whoever_may_run_holds_a_place;
UPDATE kotadb_queue.live AS queued SET state = 'ready'
WHERE
    state = 'delayed'
    OR (
        state = 'waiting'
        AND NOT EXISTS (
            SELECT FROM kotadb_queue.live AS running
            WHERE
                running.repository_id = queued.repository_id
                AND running.requested_ref = queued.requested_ref
                AND running.state = 'leased'
        )
    );
UPDATE kotadb_queue.live SET expires_at = expires_at + control.stopped_for
FROM kotadb_queue.control;
DROP TABLE kotadb_queue.control;
ALTER TABLE kotadb_queue.live
    DROP COLUMN tenant_slot,
    DROP CONSTRAINT live_state_check,
    ADD CONSTRAINT live_state_check CHECK (state IN ('ready', 'waiting', 'leased', 'finished'));
COMMENT ON COLUMN kotadb_queue.live.expires_at IS NULL;
DROP INDEX kotadb_queue.one_due_row_per_ref;
CREATE UNIQUE INDEX one_due_row_per_ref ON kotadb_queue.live (repository_id, requested_ref)
WHERE state IN ('ready', 'waiting');
DROP INDEX kotadb_queue.live_due_by_age;
CREATE INDEX live_ready_by_age ON kotadb_queue.live (run_at) WHERE state = 'ready';
DROP INDEX kotadb_queue.live_due_by_expiry;
CREATE INDEX live_due_by_expiry ON kotadb_queue.live (expires_at)
WHERE state IN ('ready', 'waiting');

GRANT EXECUTE ON FUNCTION
    kotadb_queue.give_way(uuid, text)
TO kotadb_api, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb_queue.wake_waiting(uuid, text)
TO kotadb_worker, kotadb_admin, kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb_queue.figures() TO kotadb_api, kotadb_worker, kotadb_admin;
GRANT EXECUTE ON FUNCTION kotadb_queue.retry(uuid, integer) TO kotadb_admin;
