-- Repositories whose pushes are told by a webhook: installations of the GitHub App and the tenant that
-- each belongs to, deliveries that were received, and the head that each tracked branch was last seen
-- at. What arrives was signed, and is for every tenant that tracks the repository, so the functions
-- that the API calls for it are its only way past the tenants' policies.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.repositories
ADD COLUMN github_id bigint CHECK (github_id > 0),
ADD COLUMN is_private boolean,
ADD COLUMN gone_at timestamptz,
ADD COLUMN heads_checked_at timestamptz;

CREATE INDEX repositories_by_url ON kotadb.repositories (lower(clone_url)) WHERE deleted_at IS NULL;
CREATE INDEX repositories_by_github_id ON kotadb.repositories (github_id)
WHERE github_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX repositories_by_head_check ON kotadb.repositories (heads_checked_at NULLS FIRST, repository_id)
WHERE github_id IS NOT NULL AND gone_at IS NULL AND deleted_at IS NULL;

COMMENT ON COLUMN kotadb.repositories.github_id IS
'What GitHub calls it, whatever its name is now; null until GitHub spoke of it.';
COMMENT ON COLUMN kotadb.repositories.is_private IS 'As GitHub said last; null: it never did.';
COMMENT ON COLUMN kotadb.repositories.gone_at IS
'Since when it is deleted at GitHub; its index stays until its tenant deletes it.';
COMMENT ON COLUMN kotadb.repositories.heads_checked_at IS
'When a reconciliation last began to compare its branches with GitHub; those longest ago come first.';

CREATE TABLE kotadb.github_installations (
    installation_id bigint PRIMARY KEY CHECK (installation_id > 0),
    tenant_id uuid REFERENCES kotadb.tenants ON DELETE SET NULL,
    account_id bigint NOT NULL CHECK (account_id > 0),
    account_login text COLLATE "C" NOT NULL CHECK (length(account_login) BETWEEN 1 AND 100),
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'deleted')),
    all_repositories boolean NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    linked_at timestamptz,
    CHECK ((tenant_id IS NULL) = (linked_at IS NULL))
);

CREATE INDEX github_installations_of_tenant ON kotadb.github_installations (tenant_id)
WHERE tenant_id IS NOT NULL;
CREATE INDEX github_installations_of_account ON kotadb.github_installations (lower(account_login));

COMMENT ON TABLE kotadb.github_installations IS
'Where the GitHub App is installed. Only for its tenant does the worker read private repositories with it.';
COMMENT ON COLUMN kotadb.github_installations.tenant_id IS
'Whom an operator gave it to; null: nobody yet. GitHub does not say who asked for an installation.';

-- A SET NULL of the tenant leaves the moment of the link behind, which would break the check.
CREATE FUNCTION kotadb.unlink_with_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.linked_at := NULL;
    RETURN new;
END;
$$;

CREATE TRIGGER link_ends_with_its_tenant BEFORE UPDATE OF tenant_id ON kotadb.github_installations
FOR EACH ROW WHEN (new.tenant_id IS NULL) EXECUTE FUNCTION kotadb.unlink_with_tenant();

CREATE TABLE kotadb_queue.webhook_deliveries (
    delivery_id text COLLATE "C" PRIMARY KEY CHECK (length(delivery_id) BETWEEN 1 AND 100),
    body_digest bytea NOT NULL UNIQUE CHECK (octet_length(body_digest) = 32),
    event text NOT NULL CHECK (length(event) BETWEEN 1 AND 100),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX webhook_deliveries_by_age ON kotadb_queue.webhook_deliveries (received_at);

COMMENT ON TABLE kotadb_queue.webhook_deliveries IS
'Each was acted on in the transaction of its row: one that failed may be delivered again.';
COMMENT ON COLUMN kotadb_queue.webhook_deliveries.body_digest IS
'SHA-256. The id is not signed, so a body that was seen is a replay under whatever id it comes.';

CREATE TABLE kotadb_queue.branch_heads (
    repository_id uuid NOT NULL REFERENCES kotadb.repositories ON DELETE CASCADE,
    ref text COLLATE "C" NOT NULL CHECK (length(ref) BETWEEN 1 AND 1024),
    commit_sha text COLLATE "C" NOT NULL CHECK (commit_sha ~ '^[0-9a-f]{40}$'),
    job_id uuid NOT NULL,
    told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository_id, ref)
);

COMMENT ON TABLE kotadb_queue.branch_heads IS
'The commit that a branch was last told to stand at, and the job that this made.';

ALTER TABLE kotadb.github_installations ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb_queue.webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb_queue.branch_heads ENABLE ROW LEVEL SECURITY;

CREATE POLICY all_installations ON kotadb.github_installations TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_deliveries ON kotadb_queue.webhook_deliveries TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_heads ON kotadb_queue.branch_heads TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

-- Whether a delivery is new. A second one waits here for the first to commit, and is none then; if
-- the first is undone it goes on in its place.
CREATE FUNCTION kotadb_queue.receive_delivery(
    p_delivery_id text, p_body_digest bytea, p_event text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO kotadb_queue.webhook_deliveries (delivery_id, body_digest, event)
    VALUES (p_delivery_id, p_body_digest, p_event)
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END;
$$;

-- Whether a tenant may be told what goes on in a private repository of an account.
CREATE FUNCTION kotadb.reads_private_of(p_tenant_id uuid, p_account_id bigint) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT exists(
        SELECT FROM kotadb.github_installations
        WHERE tenant_id = p_tenant_id AND account_id = p_account_id AND state = 'active'
    );
$$;

-- The repositories, of all tenants, that GitHub means by its number or by its addresses, the one of
-- today first. From now on each is known by the number. An address where the repository is now
-- (p_is_there) says more than a number of old: the one of that number is there no more. Whoever may not
-- be told of a private repository is not known by its number either, so what comes of it later says
-- nothing of what it was.
CREATE FUNCTION kotadb_queue.lock_github_repositories(
    p_github_id bigint,
    p_owner_id bigint,
    p_clone_urls text[],
    p_is_private boolean,
    p_is_there boolean
) RETURNS SETOF kotadb.repositories
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- By a statement of its own, all in one order: one that also changed what it has just waited for
    -- would wait once more, behind those who wait for it.
    held uuid[] := array(
        SELECT places.repository_id
        FROM kotadb.repositories AS places
        WHERE
            places.deleted_at IS NULL
            AND (
                places.github_id = p_github_id
                OR (
                    lower(places.clone_url) = ANY(array(
                        SELECT lower(known.address) FROM unnest(p_clone_urls) AS known (address)
                    ))
                    AND (
                        (p_is_there AND lower(places.clone_url) = lower(p_clone_urls[1]))
                        OR places.github_id IS NULL
                        -- One that was deleted may be there again, under a new number.
                        OR places.gone_at IS NOT NULL
                    )
                    AND (
                        NOT p_is_private OR kotadb.reads_private_of(places.tenant_id, p_owner_id)
                    )
                )
            )
        ORDER BY places.repository_id
        FOR NO KEY UPDATE
    );
BEGIN
    UPDATE kotadb.repositories AS places SET github_id = p_github_id
    WHERE
        places.repository_id = ANY(held)
        AND places.github_id IS DISTINCT FROM p_github_id;
    RETURN QUERY
    SELECT places.* FROM kotadb.repositories AS places WHERE places.repository_id = ANY(held);
END;
$$;

-- Of the functions from here on those that look into the queue pin what a plan may do, as all of the
-- queue's: its statistics are stale, and may say that there is nothing to read.

-- Ends what waits or runs of repositories that are locked, which may be ten thousand. Places are given
-- away at the very end, of all tenants in one order: whoever holds an admission waits for nothing else.
CREATE FUNCTION kotadb_queue.cancel_all_of(
    p_repository_ids uuid[], p_requested_ref text, p_error_code text, p_error_message text
) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    -- Locked by a statement of its own: a lease that was under way is seen whole by the next one.
    held uuid[] := array(
        SELECT queue_job_id FROM kotadb_queue.live
        WHERE
            repository_id = ANY(p_repository_ids)
            AND (state IN ('ready', 'waiting', 'delayed') OR state = 'leased')
            AND (p_requested_ref IS NULL OR requested_ref = p_requested_ref)
        ORDER BY queue_job_id
        FOR UPDATE
    );
    tenants uuid[];
BEGIN
    WITH ended AS (
        UPDATE kotadb_queue.live SET
            state = 'finished', finished_at = clock_timestamp(), lease_expires_at = NULL,
            slot = NULL, tenant_slot = NULL,
            result = jsonb_build_object('success', false, 'error', p_error_code)
        WHERE queue_job_id = ANY(held)
        RETURNING job_id, tenant_id, leases
    ),

    jobs AS (
        UPDATE kotadb.index_jobs AS job SET
            status = 'cancelled', completed_at = clock_timestamp(), next_attempt_at = NULL,
            phase = NULL, error_code = p_error_code, error_message = p_error_message
        FROM ended
        WHERE job.id = ended.job_id
    ),

    attempts AS (
        UPDATE kotadb.job_attempts AS run SET
            ended_at = clock_timestamp(), outcome = 'cancelled',
            error_code = p_error_code, error_message = p_error_message
        FROM ended
        WHERE run.job_id = ended.job_id AND run.attempt = ended.leases AND run.ended_at IS NULL
    )

    SELECT array_agg(DISTINCT ended.tenant_id) INTO tenants FROM ended;
    PERFORM kotadb_queue.admit_waiting(tenants);
    -- Nothing waits for those commits any more: whoever tells of them again shall be heard.
    DELETE FROM kotadb_queue.branch_heads
    WHERE
        repository_id = ANY(p_repository_ids)
        AND (p_requested_ref IS NULL OR ref = p_requested_ref);
    RETURN cardinality(held);
END;
$$;

-- One job for a branch of one repository that stands at a commit, or none where the commit is known:
-- indexed, or on its way. The job takes the branch as it stands when it runs, so a replay that is
-- older than what deliveries are remembered for leads to no older commit.
CREATE FUNCTION kotadb_queue.enqueue_head(
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
    principal text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    SELECT * INTO place FROM kotadb.repositories
    WHERE repository_id = p_repository_id AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM
    FROM kotadb_queue.branch_heads AS heads
    INNER JOIN kotadb.index_jobs AS jobs ON heads.job_id = jobs.id
    WHERE
        heads.repository_id = p_repository_id
        AND heads.ref = p_ref
        AND heads.commit_sha = p_commit_sha
        AND jobs.status IN ('pending', 'processing');
    IF FOUND THEN
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

-- The refs of a repository that are tracked: its default branch, those that have an index, and those
-- that were asked for and are on their way.
CREATE FUNCTION kotadb_queue.tracked_refs(
    p_repository_id uuid, p_default_ref text
) RETURNS TABLE (ref text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p_default_ref
    UNION
    SELECT held.ref FROM kotadb.snapshots AS held
    WHERE held.repository_id = p_repository_id AND held.state = 'current'
    UNION
    SELECT held.requested_ref FROM kotadb_queue.live AS held
    WHERE
        held.repository_id = p_repository_id
        AND held.requested_ref <> ''
        AND (held.state IN ('ready', 'waiting', 'delayed') OR held.state = 'leased');
$$;

-- Moves a repository to the address that it has at GitHub now; false where it is that repository no more.
-- Where a tenant has indexed it under its new name already, the old one stays behind, and is whatever
-- GitHub has at the old address from now on. A name in other letters is the same to GitHub, and each
-- tenant goes on with its own.
CREATE FUNCTION kotadb_queue.follow_address(
    p_place kotadb.repositories, p_clone_url text, p_full_name text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
BEGIN
    IF lower(p_place.clone_url) = lower(p_clone_url) THEN
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

-- A branch was pushed (p_commit_sha) or deleted (null): a job for each tenant that tracks it. Of a
-- private repository only those are told who may read it: a name that a tenant merely asked for is no
-- secret of its own. With p_asked_at nobody told of it, and this is what GitHub answered to a question
-- of that moment: what was told of then or since, or asked for since, stays as it is.
CREATE FUNCTION kotadb_queue.receive_push(
    p_github_id bigint,
    p_owner_id bigint,
    p_clone_url text,
    p_full_name text,
    p_is_private boolean,
    p_default_ref text,
    p_ref text,
    p_commit_sha text,
    p_request_id text,
    p_max_retries integer,
    p_expire_hours integer,
    p_asked_at timestamptz DEFAULT NULL
) RETURNS TABLE (repository_id uuid, job_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    place kotadb.repositories;
    left_by uuid[] := '{}';
BEGIN
    FOR place IN
        SELECT *
        FROM kotadb_queue.lock_github_repositories(
            p_github_id, p_owner_id, ARRAY[p_clone_url], p_is_private, true
        )
        -- Each enqueue holds the admission of its tenant to the end, and they are taken in one order.
        ORDER BY tenant_id, repository_id
    LOOP
        UPDATE kotadb.repositories AS places SET is_private = p_is_private
        WHERE
            places.repository_id = place.repository_id
            AND places.is_private IS DISTINCT FROM p_is_private;
        CONTINUE WHEN
            p_is_private AND NOT kotadb.reads_private_of(place.tenant_id, p_owner_id);
        -- An account that is renamed takes its repositories along, and GitHub tells nothing of each.
        CONTINUE WHEN NOT kotadb_queue.follow_address(place, p_clone_url, p_full_name);
        UPDATE kotadb.repositories AS places SET default_ref = p_default_ref, gone_at = NULL
        WHERE
            places.repository_id = place.repository_id
            AND (places.default_ref, places.gone_at)
            IS DISTINCT FROM (p_default_ref, NULL::timestamptz);
        CONTINUE WHEN exists(
            SELECT FROM kotadb_queue.branch_heads AS heads
            WHERE
                heads.repository_id = place.repository_id
                AND heads.ref = p_ref
                AND p_asked_at IS NOT NULL
                AND (heads.commit_sha = p_commit_sha OR heads.told_at > p_asked_at)
        );
        IF p_commit_sha IS NULL THEN
            CONTINUE WHEN p_ref = p_default_ref OR exists(
                SELECT FROM kotadb_queue.live AS held
                WHERE
                    held.repository_id = place.repository_id
                    AND held.requested_ref = p_ref
                    AND held.enqueued_at > p_asked_at
            );
            left_by := left_by || place.repository_id;
            UPDATE kotadb.snapshots AS held SET state = 'retired'
            WHERE
                held.repository_id = place.repository_id
                AND held.ref = p_ref
                AND held.state = 'current';
            CONTINUE;
        END IF;
        CONTINUE WHEN p_ref NOT IN (
            SELECT tracked.ref
            FROM kotadb_queue.tracked_refs(place.repository_id, p_default_ref) AS tracked
        );
        repository_id := place.repository_id;
        job_id := kotadb_queue.enqueue_head(
            place.repository_id, p_ref, p_commit_sha, p_request_id, p_max_retries, p_expire_hours
        );
        RETURN NEXT;
    END LOOP;
    IF cardinality(left_by) > 0 THEN
        PERFORM kotadb_queue.cancel_all_of(
            left_by, p_ref, 'branch_deleted', 'Its branch was deleted.'
        );
    END IF;
END;
$$;

-- A repository was renamed or moved, deleted, made private or public. A tenant that may not read it
-- while it is private learns neither its new name nor its end.
CREATE FUNCTION kotadb_queue.receive_repository(
    p_github_id bigint,
    p_owner_id bigint,
    p_clone_urls text[],
    p_full_name text,
    p_is_private boolean,
    p_is_gone boolean
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    place kotadb.repositories;
    left_by uuid[] := '{}';
    told integer := 0;
BEGIN
    FOR place IN
        SELECT *
        FROM kotadb_queue.lock_github_repositories(
            p_github_id, p_owner_id, p_clone_urls, p_is_private, NOT p_is_gone
        )
        ORDER BY repository_id
    LOOP
        UPDATE kotadb.repositories SET is_private = p_is_private
        WHERE repository_id = place.repository_id;
        CONTINUE WHEN
            p_is_private AND NOT kotadb.reads_private_of(place.tenant_id, p_owner_id);
        told := told + 1;
        UPDATE kotadb.repositories SET
            gone_at = CASE WHEN p_is_gone THEN coalesce(gone_at, clock_timestamp()) END
        WHERE repository_id = place.repository_id;
        IF p_is_gone THEN
            left_by := left_by || place.repository_id;
        ELSE
            PERFORM kotadb_queue.follow_address(place, p_clone_urls[1], p_full_name);
        END IF;
    END LOOP;
    IF cardinality(left_by) > 0 THEN
        PERFORM kotadb_queue.cancel_all_of(
            left_by, NULL, 'repository_gone', 'Its repository was deleted at GitHub.'
        );
    END IF;
    RETURN told;
END;
$$;

-- What is heard of an installation; a p_state of null leaves it as it stands. It never changes whose it
-- is; a deleted one is nobody's any more, nor is one of another account: the operator linked the account
-- that it was of.
CREATE FUNCTION kotadb.note_installation(
    p_installation_id bigint,
    p_account_id bigint,
    p_account_login text,
    p_state text,
    p_all_repositories boolean
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner uuid;
BEGIN
    INSERT INTO kotadb.github_installations AS known (
        installation_id, account_id, account_login, state, all_repositories
    ) VALUES (
        p_installation_id, p_account_id, p_account_login, coalesce(p_state, 'active'),
        p_all_repositories
    )
    ON CONFLICT (installation_id) DO UPDATE SET
        account_id = excluded.account_id,
        account_login = excluded.account_login,
        state = coalesce(p_state, known.state),
        all_repositories = excluded.all_repositories,
        heard_at = excluded.heard_at,
        tenant_id = CASE
            WHEN p_state IS DISTINCT FROM 'deleted' AND excluded.account_id = known.account_id
                THEN known.tenant_id
        END
    RETURNING tenant_id INTO owner;
    RETURN owner;
END;
$$;

-- GitHub listed all installations, and these were not among them. What was heard of since it was asked
-- stays as it is.
CREATE FUNCTION kotadb.note_unlisted_installations(
    p_listed bigint[], p_asked_at timestamptz
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing kotadb.github_installations;
    noted integer := 0;
BEGIN
    FOR missing IN
        SELECT * FROM kotadb.github_installations
        WHERE
            state <> 'deleted'
            AND heard_at <= p_asked_at
            AND installation_id <> ALL(p_listed)
        ORDER BY installation_id
        FOR NO KEY UPDATE
    LOOP
        PERFORM kotadb.note_installation(
            missing.installation_id,
            missing.account_id,
            missing.account_login,
            'deleted',
            missing.all_repositories
        );
        noted := noted + 1;
    END LOOP;
    RETURN noted;
END;
$$;

-- The installation no longer reaches these repositories: what its tenant waits for there would fail.
CREATE FUNCTION kotadb_queue.receive_lost_access(
    p_installation_id bigint, p_github_ids bigint[]
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
BEGIN
    RETURN kotadb_queue.cancel_all_of(
        ARRAY(
            SELECT places.repository_id
            FROM kotadb.repositories AS places
            INNER JOIN kotadb.github_installations AS installed
                ON places.tenant_id = installed.tenant_id
            WHERE
                installed.installation_id = p_installation_id
                AND places.github_id = ANY(p_github_ids)
                AND places.is_private
                AND places.deleted_at IS NULL
            ORDER BY places.repository_id
            FOR NO KEY UPDATE OF places
        ),
        NULL, 'access_removed', 'The GitHub App has no access to its repository any more.'
    );
END;
$$;

GRANT SELECT, DELETE ON kotadb.github_installations TO kotadb_worker;
GRANT SELECT, UPDATE, DELETE ON kotadb.github_installations TO kotadb_admin;
GRANT SELECT, DELETE ON kotadb_queue.webhook_deliveries TO kotadb_worker, kotadb_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON kotadb_queue.branch_heads TO kotadb_worker;
GRANT EXECUTE ON FUNCTION
kotadb_queue.receive_delivery(text, bytea, text),
kotadb_queue.receive_lost_access(bigint, bigint[])
TO kotadb_api;
GRANT EXECUTE ON FUNCTION
kotadb_queue.receive_push(
    bigint, bigint, text, text, boolean, text, text, text, text, integer, integer, timestamptz
),
kotadb_queue.receive_repository(bigint, bigint, text[], text, boolean, boolean),
kotadb.note_installation(bigint, bigint, text, text, boolean)
TO kotadb_api, kotadb_worker;
GRANT EXECUTE ON FUNCTION
kotadb_queue.tracked_refs(uuid, text),
kotadb_queue.enqueue_head(uuid, text, text, text, integer, integer),
kotadb.reads_private_of(uuid, bigint),
kotadb.note_unlisted_installations(bigint[], timestamptz)
TO kotadb_worker;
