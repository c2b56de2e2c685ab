-- The schema as all migrations together give it. Made by `make schema`; do not edit.

CREATE SCHEMA kotadb;

ALTER SCHEMA kotadb OWNER TO kotadb_owner;

COMMENT ON SCHEMA kotadb IS 'Tenants, repositories, jobs and the index of their code.';

CREATE SCHEMA kotadb_queue;

ALTER SCHEMA kotadb_queue OWNER TO kotadb_owner;

COMMENT ON SCHEMA kotadb_queue IS 'The job queue: live rows, their archive, and the dead letters.';

CREATE FUNCTION kotadb.admit_request(p_key_id text, p_secret_hashes bytea[], p_limit_free integer, p_limit_solo integer, p_limit_team integer) RETURNS TABLE(tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    owner_id uuid;
    stored bytea;
    writes boolean := NOT current_setting('transaction_read_only')::boolean;
BEGIN
    SELECT keys.tenant_id, keys.secret_hash, tenants.tier
    INTO owner_id, stored, tier
    FROM kotadb.api_keys AS keys
    INNER JOIN kotadb.tenants AS tenants ON tenants.tenant_id = keys.tenant_id
    WHERE
        keys.key_id = p_key_id
        AND keys.revoked_at IS NULL
        AND (keys.expires_at IS NULL OR keys.expires_at > clock_timestamp());

    IF kotadb.secret_matches(stored, p_secret_hashes) IS NOT TRUE THEN
        RETURN;
    END IF;

    IF writes AND stored <> p_secret_hashes[1] THEN
        -- The key is known under an older pepper: the next request finds it under the first one,
        -- so the older can be given up once every key in use has come by.
        UPDATE kotadb.api_keys AS keys SET
            secret_hash = p_secret_hashes[1], hashed_at = clock_timestamp()
        WHERE keys.key_id = p_key_id AND keys.secret_hash = stored;
    END IF;

    request_limit := CASE tier
        WHEN 'team' THEN p_limit_team WHEN 'solo' THEN p_limit_solo ELSE p_limit_free
    END;
    IF writes THEN
        INSERT INTO kotadb.rate_limit_counters AS counters (tenant_id, window_start, used)
        VALUES (owner_id, date_trunc('hour', clock_timestamp()), 1)
        ON CONFLICT ON CONSTRAINT rate_limit_counters_pkey DO UPDATE SET
            used = CASE
                WHEN counters.window_start = excluded.window_start
                    THEN least(counters.used, request_limit) + 1
                ELSE 1
            END,
            window_start = excluded.window_start
        RETURNING counters.used, counters.window_start + interval '1 hour' INTO used, resets_at;
    ELSE
        -- What was counted before still bounds; what is asked now cannot be counted.
        SELECT counters.used INTO used
        FROM kotadb.rate_limit_counters AS counters
        WHERE
            counters.tenant_id = owner_id
            AND counters.window_start = date_trunc('hour', clock_timestamp());
        used := coalesce(used, 0);
        resets_at := date_trunc('hour', clock_timestamp()) + interval '1 hour';
    END IF;
    tenant_id := owner_id;
    RETURN NEXT;
END;
$$;

ALTER FUNCTION kotadb.admit_request(p_key_id text, p_secret_hashes bytea[], p_limit_free integer, p_limit_solo integer, p_limit_team integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.admit_request(p_key_id text, p_secret_hashes bytea[], p_limit_free integer, p_limit_solo integer, p_limit_team integer) IS 'No row: the credential is wrong or over. One row: counted; refused by quota when used > request_limit.';

CREATE FUNCTION kotadb.admit_request(p_key_id text, p_secret_hash bytea, p_limit_free integer, p_limit_solo integer, p_limit_team integer) RETURNS TABLE(tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
    SELECT admitted.tenant_id, admitted.tier, admitted.request_limit, admitted.used, admitted.resets_at
    FROM kotadb.admit_request(
        p_key_id, ARRAY[p_secret_hash], p_limit_free, p_limit_solo, p_limit_team
    ) AS admitted;
END;
$$;

ALTER FUNCTION kotadb.admit_request(p_key_id text, p_secret_hash bytea, p_limit_free integer, p_limit_solo integer, p_limit_team integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.admit_request(p_key_id text, p_secret_hash bytea, p_limit_free integer, p_limit_solo integer, p_limit_team integer) IS 'No row: the credential is wrong or revoked. One row: counted; refused by quota when used > request_limit.';

CREATE FUNCTION kotadb.check_job_transition() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF (old.status, new.status) IN (
        ('pending', 'processing'), ('pending', 'cancelled'), ('pending', 'skipped'),
        ('pending', 'failed'),
        ('processing', 'pending'), ('processing', 'completed'), ('processing', 'failed'),
        ('processing', 'cancelled'), ('processing', 'skipped'),
        ('failed', 'pending')
    ) THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a % job cannot become %', old.status, new.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'job_transition', TABLE = 'index_jobs';
END;
$$;

ALTER FUNCTION kotadb.check_job_transition() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.declares_again(p_kind smallint, p_flags integer, p_is_member boolean, p_next_kind smallint, p_next_flags integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT
        CASE
            WHEN p_kind = ANY('{11,12}'::smallint[]) AND p_next_kind = ANY('{11,12}'::smallint[])
                THEN p_is_member AND (p_flags # p_next_flags) & 8 = 0 AND p_kind <> p_next_kind
            WHEN p_kind <> p_next_kind THEN false
            WHEN p_kind = ANY('{1,9}'::smallint[]) AND p_flags & 4096 <> 0 THEN true
            WHEN p_kind = 9
                THEN p_is_member AND (p_flags # p_next_flags) & 8 = 0 AND (p_flags | p_next_flags) & 8192 = 0
            WHEN p_kind = ANY('{1,3,5,14}'::smallint[]) THEN p_flags & 129 <> 0 AND p_next_flags & 129 <> 0
            ELSE false
        END;
$$;

ALTER FUNCTION kotadb.declares_again(p_kind smallint, p_flags integer, p_is_member boolean, p_next_kind smallint, p_next_flags integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.declares_again(p_kind smallint, p_flags integer, p_is_member boolean, p_next_kind smallint, p_next_flags integer) IS 'Whether a symbol and the next one of its name, in the same container, declare one thing.';

CREATE FUNCTION kotadb.delete_repository(p_repository_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb.delete_repository(p_repository_id uuid) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.delete_repository(p_repository_id uuid) IS 'From its COMMIT on nobody sees anything of the repository; the sweep removes its rows.';

CREATE FUNCTION kotadb.earlier_declaration(p_snapshot_id integer, p_symbol_no integer) RETURNS integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_sort TO 'off'
    AS $$
DECLARE
    this record;
    before record;
BEGIN
    SELECT file_no, container_no, kind, flags, name INTO this
    FROM kotadb.symbols
    WHERE snapshot_id = p_snapshot_id AND symbol_no = p_symbol_no;
    IF NOT found OR this.kind <> ALL('{1,3,5,9,11,12,14}'::smallint[]) THEN
        RETURN NULL;
    END IF;
    -- A range of one value with its order: of a new snapshot the planner would take any index.
    SELECT others.symbol_no, others.file_no, others.container_no, others.kind, others.flags INTO before
    FROM kotadb.symbols AS others
    WHERE
        others.snapshot_id = p_snapshot_id
        AND others.name BETWEEN this.name AND this.name
        AND others.symbol_no < p_symbol_no
    ORDER BY others.name DESC, others.symbol_no DESC
    LIMIT 1;
    IF before.file_no = this.file_no
        AND before.container_no IS NOT DISTINCT FROM this.container_no
        AND kotadb.declares_again(
            before.kind, before.flags, this.container_no IS NOT NULL, this.kind, this.flags
        )
    THEN
        RETURN before.symbol_no;
    END IF;
    RETURN NULL;
END;
$$;

ALTER FUNCTION kotadb.earlier_declaration(p_snapshot_id integer, p_symbol_no integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.earlier_declaration(p_snapshot_id integer, p_symbol_no integer) IS 'The last symbol before another one that declares the same; null: that is the first to do so.';

CREATE FUNCTION kotadb.ensure_organization(p_name text, p_tier text) RETURNS TABLE(tenant_id uuid, tier text, created boolean, changed boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    LOOP
        created := false;
        SELECT tenants.tenant_id, tenants.tier INTO tenant_id, tier
        FROM kotadb.organizations AS named
        INNER JOIN kotadb.tenants AS tenants ON tenants.tenant_id = named.organization_id
        WHERE named.name = p_name
        FOR NO KEY UPDATE OF tenants;
        IF NOT FOUND THEN
            created := true;
            tier := coalesce(p_tier, 'free');
            WITH organization AS (
                INSERT INTO kotadb.organizations (organization_id, name)
                VALUES (gen_random_uuid(), p_name)
                ON CONFLICT (name) DO NOTHING
                RETURNING organization_id
            )

            INSERT INTO kotadb.tenants AS tenants (tenant_id, kind, tier)
            SELECT organization.organization_id, 'organization', ensure_organization.tier
            FROM organization
            RETURNING tenants.tenant_id INTO tenant_id;
            CONTINUE WHEN NOT FOUND;
        END IF;
        changed := created OR tier <> coalesce(p_tier, tier);
        IF changed AND NOT created THEN
            tier := p_tier;
            UPDATE kotadb.tenants AS tenants SET tier = p_tier
            WHERE tenants.tenant_id = ensure_organization.tenant_id;
        END IF;
        RETURN NEXT;
        RETURN;
    END LOOP;
END;
$$;

ALTER FUNCTION kotadb.ensure_organization(p_name text, p_tier text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.ensure_user(p_email text, p_tier text) RETURNS TABLE(tenant_id uuid, tier text, created boolean, changed boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    LOOP
        created := false;
        SELECT tenants.tenant_id, tenants.tier INTO tenant_id, tier
        FROM kotadb.users AS people
        INNER JOIN kotadb.tenants AS tenants ON tenants.tenant_id = people.user_id
        WHERE people.email = p_email
        FOR NO KEY UPDATE OF tenants;
        IF NOT FOUND THEN
            created := true;
            tier := coalesce(p_tier, 'free');
            WITH person AS (
                INSERT INTO kotadb.users (user_id, email) VALUES (gen_random_uuid(), p_email)
                ON CONFLICT (email) DO NOTHING
                RETURNING user_id
            )

            INSERT INTO kotadb.tenants AS tenants (tenant_id, kind, tier)
            SELECT person.user_id, 'user', ensure_user.tier FROM person
            RETURNING tenants.tenant_id INTO tenant_id;
            CONTINUE WHEN NOT FOUND;
        END IF;
        changed := created OR tier <> coalesce(p_tier, tier);
        IF changed AND NOT created THEN
            tier := p_tier;
            UPDATE kotadb.tenants AS tenants SET tier = p_tier
            WHERE tenants.tenant_id = ensure_user.tenant_id;
        END IF;
        RETURN NEXT;
        RETURN;
    END LOOP;
END;
$$;

ALTER FUNCTION kotadb.ensure_user(p_email text, p_tier text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.first_declaration(p_snapshot_id integer, p_symbol_no integer) RETURNS integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    reached integer := p_symbol_no;
    earlier integer;
BEGIN
    -- Nobody writes that many; a file that has more must not hold up who asks.
    FOR step IN 1..256
    LOOP
        earlier := kotadb.earlier_declaration(p_snapshot_id, reached);
        EXIT WHEN earlier IS NULL;
        reached := earlier;
    END LOOP;
    RETURN reached;
END;
$$;

ALTER FUNCTION kotadb.first_declaration(p_snapshot_id integer, p_symbol_no integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.first_declaration(p_snapshot_id integer, p_symbol_no integer) IS 'The first symbol of those that declare the same as a symbol, perhaps itself: all uses lead to it.';

CREATE FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM kotadb.audit_log
    WHERE audit_id = ANY(ARRAY(
        SELECT old.audit_id
        FROM kotadb.audit_log AS old
        WHERE old.at <= (SELECT clock_timestamp()) - greatest(p_keep_days, 30) * interval '1 day'
        ORDER BY old.at
        LIMIT p_batch_size
    ));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END;
$$;

ALTER FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) IS 'Deletes old audit rows, never one younger than 30 days; returns how many.';

CREATE FUNCTION kotadb.forget_parsed_blobs() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM kotadb.parsed_blobs AS known
    WHERE
        known.repository_id = old.repository_id
        AND NOT exists(
            SELECT FROM kotadb.snapshots
            WHERE snapshots.snapshot_id = known.snapshot_id AND snapshots.state <> 'retired'
        )
        AND NOT exists(
            SELECT
            FROM kotadb.files
            INNER JOIN kotadb.snapshots ON files.snapshot_id = snapshots.snapshot_id
            WHERE
                snapshots.repository_id = old.repository_id AND snapshots.state = 'current'
                AND files.blob_id = known.blob_id
        );
    RETURN NULL;
END;
$$;

ALTER FUNCTION kotadb.forget_parsed_blobs() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((p_full_name = p_name) OR (starts_with(p_clone_url, 'https://'::text) AND (lower((p_full_name COLLATE "C")) = lower((p_name COLLATE "C")))));

ALTER FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) IS 'Whether a name means a repository: as it is shown, or of a forge in another case.';

CREATE FUNCTION kotadb.is_last_owner(p_organization_id uuid, p_user_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM kotadb.organizations WHERE organization_id = p_organization_id FOR NO KEY UPDATE;
    RETURN exists(
        SELECT FROM kotadb.organization_members
        WHERE
            organization_id = p_organization_id AND user_id = p_user_id AND role = 'owner'
    ) AND NOT exists(
        SELECT FROM kotadb.organization_members
        WHERE
            organization_id = p_organization_id AND user_id <> p_user_id AND role = 'owner'
    );
END;
$$;

ALTER FUNCTION kotadb.is_last_owner(p_organization_id uuid, p_user_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.moved(p_number integer, p_starts integer[], p_shifts integer[]) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (p_number + (p_shifts)[width_bucket(p_number, p_starts)]);

ALTER FUNCTION kotadb.moved(p_number integer, p_starts integer[], p_shifts integer[]) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.moved(p_number integer, p_starts integer[], p_shifts integer[]) IS 'What a number becomes, when those from each start on, up to the next one, move by its shift.';

CREATE FUNCTION kotadb.note_installation(p_installation_id bigint, p_account_id bigint, p_account_login text, p_state text, p_all_repositories boolean) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb.note_installation(p_installation_id bigint, p_account_id bigint, p_account_login text, p_state text, p_all_repositories boolean) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.note_unlisted_installations(p_listed bigint[], p_asked_at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb.note_unlisted_installations(p_listed bigint[], p_asked_at timestamp with time zone) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.publish_snapshot(p_snapshot_id integer, p_keep_seconds integer DEFAULT 900) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    fresh kotadb.snapshots;
BEGIN
    SELECT * INTO STRICT fresh FROM kotadb.snapshots WHERE snapshot_id = p_snapshot_id;
    PERFORM kotadb_queue.hold_briefly();
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
    PERFORM pg_advisory_xact_lock(
        hashtextextended('kotadb.publish_snapshot ' || fresh.tenant_id::text, 0)
    );
    UPDATE kotadb.snapshots SET
        state = 'retired',
        readable_until = clock_timestamp() + p_keep_seconds * interval '1 second'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET
        state = 'current', publication = nextval('kotadb.publications')
    WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;

ALTER FUNCTION kotadb.publish_snapshot(p_snapshot_id integer, p_keep_seconds integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.reads_private_of(p_tenant_id uuid, p_account_id bigint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT exists(
        SELECT FROM kotadb.github_installations
        WHERE tenant_id = p_tenant_id AND account_id = p_account_id AND state = 'active'
    );
$$;

ALTER FUNCTION kotadb.reads_private_of(p_tenant_id uuid, p_account_id bigint) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.remove_member(p_organization_id uuid, p_user_id uuid) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF kotadb.is_last_owner(p_organization_id, p_user_id) THEN
        RETURN 'last_owner';
    END IF;
    DELETE FROM kotadb.organization_members
    WHERE organization_id = p_organization_id AND user_id = p_user_id;
    RETURN CASE WHEN FOUND THEN 'removed' ELSE 'not_member' END;
END;
$$;

ALTER FUNCTION kotadb.remove_member(p_organization_id uuid, p_user_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.remove_snapshot_rows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM kotadb.symbol_references WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.dependencies WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.imported_names WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.package_exports WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.package_entries WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbol_names WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.symbols WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.text_postings WHERE snapshot_id = old.snapshot_id;
    DELETE FROM kotadb.file_texts WHERE snapshot_id = old.snapshot_id;
    RETURN old;
END;
$$;

ALTER FUNCTION kotadb.remove_snapshot_rows() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.repositories_called(p_name text) RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb.repositories_called(p_name text) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.repositories_called(p_name text) IS 'Those of the visible tenants that a name means: shown so, or where none is, of a forge in another case.';

CREATE FUNCTION kotadb.repository_identity(p_clone_url text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN starts_with(p_clone_url, 'https://'::text) THEN lower((p_clone_url COLLATE "C")) ELSE p_clone_url END;

ALTER FUNCTION kotadb.repository_identity(p_clone_url text) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.repository_identity(p_clone_url text) IS 'What two addresses share if they are one repository: forges ignore the case of names, file systems do not.';

CREATE FUNCTION kotadb.rotate_key(p_key_id text, p_secret_hashes bytea[], p_new_key_id text, p_new_secret_hash bytea, p_new_name text, p_overlap_seconds integer, p_request_id text, p_caller text) RETURNS TABLE(rotated boolean, tenant_id uuid, name text, valid_until timestamp with time zone, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    held kotadb.api_keys;
    at timestamptz;
BEGIN
    SELECT keys.* INTO held
    FROM kotadb.api_keys AS keys
    WHERE keys.key_id = p_key_id
    FOR NO KEY UPDATE;
    at := clock_timestamp();
    IF
        kotadb.secret_matches(held.secret_hash, p_secret_hashes) IS NOT TRUE
        OR held.revoked_at IS NOT NULL
        OR held.expires_at <= at
    THEN
        RETURN;
    END IF;

    tenant_id := held.tenant_id;
    name := coalesce(p_new_name, held.name);
    IF exists(SELECT FROM kotadb.api_keys AS keys WHERE keys.replaces = p_key_id) THEN
        rotated := false;
        valid_until := held.expires_at;
        RETURN NEXT;
        RETURN;
    END IF;

    rotated := true;
    expires_at := held.expires_at;
    valid_until := least(held.expires_at, at + p_overlap_seconds * interval '1 second');
    UPDATE kotadb.api_keys AS keys SET expires_at = valid_until WHERE keys.key_id = p_key_id;
    INSERT INTO kotadb.api_keys (key_id, tenant_id, name, secret_hash, expires_at, replaces)
    VALUES (p_new_key_id, held.tenant_id, rotate_key.name, p_new_secret_hash, held.expires_at, p_key_id);
    INSERT INTO kotadb.audit_log (action, target, details, request_id, caller)
    VALUES (
        'rotate_key', p_key_id,
        jsonb_build_object('successor', p_new_key_id, 'valid_until', valid_until),
        p_request_id, p_caller
    );
    RETURN NEXT;
END;
$$;

ALTER FUNCTION kotadb.rotate_key(p_key_id text, p_secret_hashes bytea[], p_new_key_id text, p_new_secret_hash bytea, p_new_name text, p_overlap_seconds integer, p_request_id text, p_caller text) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.rotate_key(p_key_id text, p_secret_hashes bytea[], p_new_key_id text, p_new_secret_hash bytea, p_new_name text, p_overlap_seconds integer, p_request_id text, p_caller text) IS 'No row: the credential is wrong or over. rotated false: it was given a successor before.';

CREATE FUNCTION kotadb.secret_matches(p_stored bytea, p_candidates bytea[]) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    nonce bytea := uuid_send(gen_random_uuid());
    stored bytea := sha256(nonce || coalesce(p_stored, sha256(nonce)));
    candidate bytea;
    found_one boolean := false;
BEGIN
    FOREACH candidate IN ARRAY p_candidates
    LOOP
        -- What is not known to be equal is not: a null candidate matches nothing.
        found_one := coalesce(sha256(nonce || candidate) = stored, false) OR found_one;
    END LOOP;
    RETURN found_one;
END;
$$;

ALTER FUNCTION kotadb.secret_matches(p_stored bytea, p_candidates bytea[]) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.set_member(p_organization_id uuid, p_user_id uuid, p_role text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    role_before text;
BEGIN
    IF NOT exists(SELECT FROM kotadb.organizations WHERE organization_id = p_organization_id) THEN
        RETURN 'no_organization';
    END IF;
    IF NOT exists(SELECT FROM kotadb.users WHERE user_id = p_user_id) THEN
        RETURN 'no_user';
    END IF;
    IF kotadb.is_last_owner(p_organization_id, p_user_id) AND p_role <> 'owner' THEN
        RETURN 'last_owner';
    END IF;
    SELECT members.role INTO role_before
    FROM kotadb.organization_members AS members
    WHERE members.organization_id = p_organization_id AND members.user_id = p_user_id;
    INSERT INTO kotadb.organization_members AS members (organization_id, user_id, role)
    VALUES (p_organization_id, p_user_id, p_role)
    ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role
    WHERE members.role <> excluded.role;
    RETURN CASE
        WHEN role_before IS NULL THEN 'added'
        WHEN role_before = p_role THEN 'unchanged'
        ELSE 'changed'
    END;
END;
$$;

ALTER FUNCTION kotadb.set_member(p_organization_id uuid, p_user_id uuid, p_role text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.time_ordered_ids(p_count integer) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    micros bigint := date_part('epoch', clock_timestamp()) * 1000000;
    chance text := gen_random_uuid();
    beginning text := lpad(to_hex(micros / 1000), 12, '0')
        || '7' || lpad(to_hex(micros % 1000 * 4096 / 1000), 3, '0')
        || substr(chance, 20, 4) || substr(chance, 25, 4);
    first bigint := ('x' || left(chance, 8))::bit(32)::bigint & 2147483647;
    ids uuid[] := '{}';
BEGIN
    -- For a single one a third of what a query costs, and for many no more.
    FOR later IN 1..p_count
    LOOP
        ids[later] := beginning || lpad(to_hex(first + later), 8, '0');
    END LOOP;
    RETURN ids;
END;
$$;

ALTER FUNCTION kotadb.time_ordered_ids(p_count integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.time_ordered_ids(p_count integer) IS 'New ids of RFC 9562, version 7, in their order.';

CREATE FUNCTION kotadb.unlink_with_tenant() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    new.linked_at := NULL;
    RETURN new;
END;
$$;

ALTER FUNCTION kotadb.unlink_with_tenant() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb.visible_snapshots() RETURNS integer[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT array(
        SELECT snapshot_id FROM kotadb.snapshots
        WHERE tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]) AND state = 'current'
        UNION ALL
        SELECT snapshot_id FROM kotadb.snapshots
        WHERE
            tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
            AND state = 'retired'
            AND readable_until > transaction_timestamp()
    );
$$;

ALTER FUNCTION kotadb.visible_snapshots() OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.visible_snapshots() IS 'The snapshots of the tenants that this transaction may see: current, or replaced a while ago.';

CREATE FUNCTION kotadb.visible_tenants() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb.visible_tenants() OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb.visible_tenants() IS 'The tenants whose rows this transaction may see: app.user_id and the organisations it belongs to.';

CREATE FUNCTION kotadb.withdraw_replaced_snapshots() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE kotadb.snapshots SET readable_until = NULL
    WHERE
        repository_id = new.repository_id
        AND ref = new.ref
        AND state = 'retired'
        AND readable_until IS NOT NULL;
    RETURN NULL;
END;
$$;

ALTER FUNCTION kotadb.withdraw_replaced_snapshots() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.add_up_depth(p_most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.add_up_depth(p_most integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.admission_of(p_tenant_id uuid) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN hashtextextended('kotadb_queue.admit ' || p_tenant_id::text, 0);
END;
$$;

ALTER FUNCTION kotadb_queue.admission_of(p_tenant_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.admit(p_tenant_id uuid) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
            -- Whoever holds a place and is not leased is ready. Said so, the index of the places alone
            -- fits: in that of the ready rows every less urgent one of others would be passed.
            SELECT queued.queue_job_id, queued.tenant_slot INTO least_urgent
            FROM kotadb_queue.live AS queued
            WHERE
                queued.tenant_id = p_tenant_id
                AND queued.tenant_slot IS NOT NULL
                AND queued.state <> 'leased'
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

ALTER FUNCTION kotadb_queue.admit(p_tenant_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.admit_everywhere() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    tenant uuid;
    admitted integer := 0;
BEGIN
    SELECT queued.tenant_id INTO tenant FROM kotadb_queue.live AS queued
    WHERE queued.state = 'waiting' ORDER BY queued.tenant_id LIMIT 1;
    WHILE tenant IS NOT NULL
    LOOP
        -- Whoever holds a tenant's admission admits what waits itself.
        IF
            kotadb_queue.free_tenant_slot(tenant) IS NOT NULL
            AND kotadb_queue.try_admission(tenant)
        THEN
            admitted := admitted + kotadb_queue.admit(tenant);
        END IF;
        SELECT queued.tenant_id INTO tenant FROM kotadb_queue.live AS queued
        WHERE queued.state = 'waiting' AND queued.tenant_id > tenant
        ORDER BY queued.tenant_id LIMIT 1;
    END LOOP;
    RETURN admitted;
END;
$$;

ALTER FUNCTION kotadb_queue.admit_everywhere() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.admit_waiting(p_tenant_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    PERFORM kotadb_queue.lock_admission(inturn.id)
    FROM (
        SELECT one.id FROM unnest(p_tenant_ids) AS one (id) ORDER BY one.id
    ) AS inturn;
    -- One look for each tenant: of EXISTS the planner may make a join that reads every row that waits.
    PERFORM kotadb_queue.admit(one.id)
    FROM unnest(p_tenant_ids) AS one (id)
    WHERE (
        SELECT true FROM kotadb_queue.live AS queued
        WHERE queued.tenant_id = one.id AND queued.state = 'waiting'
        LIMIT 1
    );
END;
$$;

ALTER FUNCTION kotadb_queue.admit_waiting(p_tenant_ids uuid[]) OWNER TO kotadb_owner;

CREATE TABLE kotadb_queue.live (
    queue_job_id uuid DEFAULT (kotadb.time_ordered_ids(1))[1] NOT NULL,
    queue_name text DEFAULT 'index-repo'::text NOT NULL,
    job_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    requested_ref text NOT NULL COLLATE pg_catalog."C",
    payload jsonb NOT NULL,
    state text NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    run_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leases integer DEFAULT 0 NOT NULL,
    released integer DEFAULT 0 NOT NULL,
    round integer DEFAULT 1 NOT NULL,
    round_attempt integer DEFAULT 0 NOT NULL,
    round_losses integer DEFAULT 0 NOT NULL,
    lease_token uuid,
    leased_at timestamp with time zone,
    lease_expires_at timestamp with time zone,
    slot smallint,
    result jsonb,
    finished_at timestamp with time zone,
    tenant_slot smallint,
    CONSTRAINT a_finished_row_has_an_end CHECK (((finished_at IS NULL) = (state <> 'finished'::text))),
    CONSTRAINT a_lease_has_a_token_and_an_end CHECK (((state <> 'leased'::text) OR ((lease_token IS NOT NULL) AND (leased_at IS NOT NULL) AND (lease_expires_at IS NOT NULL)))),
    CONSTRAINT live_check CHECK (((released >= 0) AND (released <= leases))),
    CONSTRAINT live_leases_check CHECK ((leases >= 0)),
    CONSTRAINT live_queue_name_check CHECK ((queue_name = 'index-repo'::text)),
    CONSTRAINT live_round_attempt_check CHECK ((round_attempt >= 0)),
    CONSTRAINT live_round_check CHECK ((round >= 1)),
    CONSTRAINT live_round_losses_check CHECK ((round_losses >= 0)),
    CONSTRAINT live_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'waiting'::text, 'delayed'::text, 'leased'::text, 'finished'::text]))),
    CONSTRAINT only_a_lease_ends CHECK (((lease_expires_at IS NULL) OR (state = 'leased'::text))),
    CONSTRAINT only_a_lease_holds_a_slot CHECK (((slot IS NULL) OR (state = 'leased'::text))),
    CONSTRAINT whoever_may_run_holds_a_place CHECK (((tenant_slot IS NOT NULL) = (state = ANY (ARRAY['ready'::text, 'leased'::text]))))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_analyze_scale_factor='0', autovacuum_analyze_threshold='2000');

ALTER TABLE kotadb_queue.live OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb_queue.live.expires_at IS 'By kotadb_queue.working_time(), which stands still while leasing is stopped.';

COMMENT ON COLUMN kotadb_queue.live.leases IS 'How often the row was leased: a lease counts the attempt, since a killed worker runs no handler.';

COMMENT ON COLUMN kotadb_queue.live.round_attempt IS 'Runs of the current round that count against the limit; a released lease is taken back.';

COMMENT ON COLUMN kotadb_queue.live.tenant_slot IS 'Which of its tenant''s places the row holds; whoever is ready or leased holds one.';

CREATE FUNCTION kotadb_queue.bury(held kotadb_queue.live, p_error_code text, p_error_message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    -- One moment, by which a job that failed is listed and looked for alike.
    died_at timestamptz := clock_timestamp();
BEGIN
    DELETE FROM kotadb_queue.live WHERE queue_job_id = held.queue_job_id;
    INSERT INTO kotadb_queue.dead_letters (
        queue_job_id, job_id, tenant_id, repository_id, payload, result, leases, enqueued_at, died_at
    ) VALUES (
        held.queue_job_id, held.job_id, held.tenant_id, held.repository_id, held.payload,
        kotadb_queue.failure(p_error_code), held.leases, held.enqueued_at, died_at
    );
    UPDATE kotadb.index_jobs SET
        status = 'failed', completed_at = died_at, next_attempt_at = NULL, phase = NULL,
        error_code = p_error_code, error_message = p_error_message
    WHERE id = held.job_id;
END;
$$;

ALTER FUNCTION kotadb_queue.bury(held kotadb_queue.live, p_error_code text, p_error_message text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.cancel(p_job_id uuid) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.cancel(p_job_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.cancel_all_of(p_repository_ids uuid[], p_requested_ref text, p_error_code text, p_error_message text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
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
            result = kotadb_queue.failure(p_error_code)
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

ALTER FUNCTION kotadb_queue.cancel_all_of(p_repository_ids uuid[], p_requested_ref text, p_error_code text, p_error_message text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.cancel_row(held kotadb_queue.live, p_error_code text, p_error_message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE kotadb_queue.live SET
        state = 'finished', finished_at = clock_timestamp(), lease_expires_at = NULL, slot = NULL,
        tenant_slot = NULL,
        result = kotadb_queue.failure(p_error_code)
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

ALTER FUNCTION kotadb_queue.cancel_row(held kotadb_queue.live, p_error_code text, p_error_message text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.complete_many(p_runs jsonb) RETURNS SETOF uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    queue_job_ids uuid[] := array(
        SELECT jsonb_array_elements_text(p_runs -> 'queue_job_ids')::uuid
    );
    places tid[];
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

    -- One look for each row: of a join by the id the planner may make a walk over the whole key, and
    -- keeps to it when a queue that was short has become long. Once locked, a row stays in its place.
    places := array(
        SELECT
            (
                SELECT queued.ctid FROM kotadb_queue.live AS queued
                WHERE queued.queue_job_id = one.id
                FOR NO KEY UPDATE
            )
        FROM unnest(queue_job_ids) AS one (id)
    );

    -- Leased rows alone have an end of their lease. It stands for the state, whose mention would let
    -- the planner read the whole index of the leased rows once for each of these.
    WITH held AS (
        UPDATE kotadb_queue.live AS queued SET
            state = 'finished', finished_at = clock_timestamp(),
            result = mine.result,
            lease_expires_at = NULL, slot = NULL, tenant_slot = NULL
        FROM ROWS FROM (
            unnest(places),
            jsonb_array_elements_text(p_runs -> 'lease_tokens'),
            jsonb_array_elements_text(p_runs -> 'refs'),
            jsonb_array_elements_text(p_runs -> 'commit_shas'),
            jsonb_array_elements(p_runs -> 'stats'),
            jsonb_array_elements(p_runs -> 'results')
        ) AS mine (place, token, ref, commit_sha, stats, result)
        WHERE
            queued.ctid = mine.place
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

ALTER FUNCTION kotadb_queue.complete_many(p_runs jsonb) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.complete_many(p_runs jsonb) IS 'Ends many jobs as completed, each fenced by its lease; returns the queue rows that were ended.';

CREATE FUNCTION kotadb_queue.due_rows_expired(p_batch_size integer) RETURNS TABLE(queue_job_id uuid, job_id uuid)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

ALTER FUNCTION kotadb_queue.due_rows_expired(p_batch_size integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.end_run(p_queue_job_id uuid, p_lease_token uuid, p_outcome text, p_error_code text, p_error_message text, p_final_code text, p_final_message text, p_final boolean, p_max_runs integer, p_delay_seconds double precision) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    held kotadb_queue.live;
    given_back integer := CASE WHEN p_outcome = 'released' THEN 1 ELSE 0 END;
    at_once boolean := p_delay_seconds <= 0;
    resume_at timestamptz := clock_timestamp() + p_delay_seconds * interval '1 second';
BEGIN
    IF p_outcome = 'lost' THEN
        PERFORM kotadb_queue.wait_briefly();
    END IF;
    SELECT * INTO held FROM kotadb_queue.lock_lease(p_queue_job_id, p_lease_token);
    IF NOT FOUND OR (p_outcome = 'lost' AND held.lease_expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    UPDATE kotadb.job_attempts SET
        ended_at = clock_timestamp(), outcome = p_outcome,
        error_code = p_error_code, error_message = p_error_message
    WHERE job_id = held.job_id AND attempt = held.leases;

    -- What takes the place of a job is as urgent as that was.
    UPDATE kotadb_queue.live SET priority = least(priority, held.priority)
    WHERE
        repository_id = held.repository_id
        AND requested_ref = held.requested_ref
        AND state IN ('ready', 'waiting', 'delayed');
    IF FOUND THEN
        UPDATE kotadb_queue.live SET
            state = 'finished', finished_at = clock_timestamp(),
            lease_expires_at = NULL, slot = NULL, tenant_slot = NULL,
            released = released + given_back,
            result = kotadb_queue.failure('superseded')
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

ALTER FUNCTION kotadb_queue.end_run(p_queue_job_id uuid, p_lease_token uuid, p_outcome text, p_error_code text, p_error_message text, p_final_code text, p_final_message text, p_final boolean, p_max_runs integer, p_delay_seconds double precision) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.enqueue(p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) RETURNS TABLE(job_id uuid, repository_id uuid, deduplicated boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

ALTER FUNCTION kotadb_queue.enqueue(p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.enqueue_head(p_repository_id uuid, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
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

ALTER FUNCTION kotadb_queue.enqueue_head(p_repository_id uuid, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.enqueue_many(p_tenant_id uuid, p_requests jsonb, p_max_retries integer, p_expire_hours integer) RETURNS TABLE(ordinal integer, job_id uuid, repository_id uuid, deduplicated boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

ALTER FUNCTION kotadb_queue.enqueue_many(p_tenant_id uuid, p_requests jsonb, p_max_retries integer, p_expire_hours integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.enqueue_many(p_tenant_id uuid, p_requests jsonb, p_max_retries integer, p_expire_hours integer) IS 'Many enqueues of one tenant in one transaction, each with the outcome that enqueue would give.';

CREATE FUNCTION kotadb_queue.enqueue_once(p_idempotency_key text, p_fingerprint bytea, p_valid_hours integer, p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) RETURNS TABLE(job_id uuid, repository_id uuid, deduplicated boolean, replayed boolean)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.enqueue_once(p_idempotency_key text, p_fingerprint bytea, p_valid_hours integer, p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    PERFORM kotadb_queue.wait_briefly();
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

ALTER FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.failure(p_error_code text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN jsonb_build_object(
        'success', false, 'filesProcessed', 0, 'symbolsExtracted', 0, 'error', p_error_code
    );
END;
$$;

ALTER FUNCTION kotadb_queue.failure(p_error_code text) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.failure(p_error_code text) IS 'What the queue row of a job that ended without an index says of its run.';

CREATE FUNCTION kotadb_queue.figures() RETURNS TABLE(depth bigint, running bigint, failed_24h bigint, oldest_pending_age_seconds double precision, stopped boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
    SELECT
        (SELECT coalesce(sum(change), 0)::bigint FROM kotadb_queue.depth_changes),
        (SELECT count(*) FROM kotadb_queue.live WHERE state = 'leased'),
        (
            -- One look for each: of a join the planner may make a walk over every repository.
            SELECT count(*)
            FROM kotadb_queue.dead_letters AS dead
            WHERE
                dead.died_at > (SELECT clock_timestamp()) - interval '24 hours'
                AND (
                    SELECT places.deleted_at IS NULL
                    FROM kotadb.repositories AS places
                    WHERE places.repository_id = dead.repository_id
                )
        ),
        (
            SELECT extract(EPOCH FROM clock_timestamp() - min(run_at))::double precision
            FROM kotadb_queue.live
            WHERE state IN ('ready', 'waiting') AND run_at <= (SELECT clock_timestamp())
        ),
        (SELECT stopped_at IS NOT NULL FROM kotadb_queue.control);
$$;

ALTER FUNCTION kotadb_queue.figures() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.finish(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.finish(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.finish_and_lease(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text, p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone) RETURNS TABLE(held boolean, queue_job_id uuid, lease_token uuid, job_id uuid, tenant_id uuid, repository_id uuid, requested_ref text, attempt integer, round_attempt integer, priority smallint, run_at timestamp with time zone, clone_url text, full_name text, requested_commit text, force boolean, request_id text, generation bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

ALTER FUNCTION kotadb_queue.finish_and_lease(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text, p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.finish_and_lease(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text, p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone) IS 'Ends a job and leases the next one in its slot: whether the lease was held, and the next one, if any.';

CREATE TABLE kotadb.repositories (
    repository_id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    clone_url text NOT NULL COLLATE pg_catalog."C",
    full_name text NOT NULL COLLATE pg_catalog."C",
    default_ref text COLLATE pg_catalog."C",
    enqueue_generation bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    github_id bigint,
    is_private boolean,
    gone_at timestamp with time zone,
    heads_checked_at timestamp with time zone,
    CONSTRAINT repositories_clone_url_check CHECK (((length(clone_url) >= 1) AND (length(clone_url) <= 2048))),
    CONSTRAINT repositories_full_name_check CHECK (((length(full_name) >= 1) AND (length(full_name) <= 2048))),
    CONSTRAINT repositories_github_id_check CHECK ((github_id > 0))
);

ALTER TABLE kotadb.repositories OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb.repositories.default_ref IS 'The remote''s default branch, as the last job that asked for it found it.';

COMMENT ON COLUMN kotadb.repositories.enqueue_generation IS 'Counts the enqueues. Of two jobs the one with the higher number is the newer, whatever it indexes.';

COMMENT ON COLUMN kotadb.repositories.deleted_at IS 'Since when nobody sees it. The sweep removes its snapshots, its jobs and at last the row.';

COMMENT ON COLUMN kotadb.repositories.github_id IS 'What GitHub calls it, whatever its name is now; null until GitHub spoke of it.';

COMMENT ON COLUMN kotadb.repositories.is_private IS 'As GitHub said last; null: it never did.';

COMMENT ON COLUMN kotadb.repositories.gone_at IS 'Since when it is deleted at GitHub; its index stays until its tenant deletes it.';

COMMENT ON COLUMN kotadb.repositories.heads_checked_at IS 'When a reconciliation last began to compare its branches with GitHub; those longest ago come first.';

CREATE FUNCTION kotadb_queue.follow_address(p_place kotadb.repositories, p_clone_url text, p_full_name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
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

ALTER FUNCTION kotadb_queue.follow_address(p_place kotadb.repositories, p_clone_url text, p_full_name text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) RETURNS smallint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN (kotadb_queue.free_tenant_slots(p_tenant_id, 1))[1];
END;
$$;

ALTER FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) RETURNS smallint[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

ALTER FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) RETURNS smallint
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
    WITH given_way AS (
        UPDATE kotadb_queue.live SET
            state = 'finished',
            finished_at = clock_timestamp(),
            tenant_slot = NULL,
            result = kotadb_queue.failure('superseded')
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

ALTER FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.hold_briefly() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '10s', true);
END;
$$;

ALTER FUNCTION kotadb_queue.hold_briefly() OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.hold_briefly() IS 'For the rest of a transaction that holds what others want: its client may be silent for so long.';

CREATE FUNCTION kotadb_queue.lease(p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint DEFAULT '-32768'::integer, p_from_run_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, p_own_slot smallint DEFAULT NULL::smallint, p_limit integer DEFAULT 1) RETURNS TABLE(queue_job_id uuid, lease_token uuid, job_id uuid, tenant_id uuid, repository_id uuid, requested_ref text, attempt integer, round_attempt integer, priority smallint, run_at timestamp with time zone, clone_url text, full_name text, requested_commit text, force boolean, request_id text, generation bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
    -- One look for each job: of a join the planner may make one that goes through every repository, and
    -- keeps to it when few have become many.
    INNER JOIN LATERAL (
        SELECT known.clone_url, known.full_name FROM kotadb.repositories AS known
        WHERE known.repository_id = jobs.repository_id
        LIMIT 1
    ) AS places ON true
    ORDER BY jobs.priority, jobs.run_at, jobs.queue_job_id;
END;
$$;

ALTER FUNCTION kotadb_queue.lease(p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone, p_own_slot smallint, p_limit integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.leases_run_out(p_batch_size integer) RETURNS TABLE(queue_job_id uuid, lease_token uuid, job_id uuid, attempt integer, round_attempt integer, round_losses integer)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
    SELECT queue_job_id, lease_token, job_id, leases, round_attempt, round_losses
    FROM kotadb_queue.live
    WHERE state = 'leased' AND lease_expires_at <= (SELECT clock_timestamp())
    ORDER BY lease_expires_at
    LIMIT p_batch_size;
$$;

ALTER FUNCTION kotadb_queue.leases_run_out(p_batch_size integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(kotadb_queue.admission_of(p_tenant_id));
END;
$$;

ALTER FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.lock_github_repositories(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_is_private boolean, p_is_there boolean) RETURNS SETOF kotadb.repositories
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.lock_github_repositories(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_is_private boolean, p_is_there boolean) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid) RETURNS SETOF kotadb_queue.live
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    held kotadb_queue.live;
BEGIN
    PERFORM kotadb_queue.hold_briefly();
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

ALTER FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.note_depth() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.note_depth() OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.obey(p_switched_off boolean, p_tenant_cap integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.obey(p_switched_off boolean, p_tenant_cap integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.prioritise(p_job_id uuid, p_priority smallint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.prioritise(p_job_id uuid, p_priority smallint) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.receive_delivery(p_delivery_id text, p_body_digest bytea, p_event text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO kotadb_queue.webhook_deliveries (delivery_id, body_digest, event)
    VALUES (p_delivery_id, p_body_digest, p_event)
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END;
$$;

ALTER FUNCTION kotadb_queue.receive_delivery(p_delivery_id text, p_body_digest bytea, p_event text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.receive_lost_access(p_installation_id bigint, p_github_ids bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
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

ALTER FUNCTION kotadb_queue.receive_lost_access(p_installation_id bigint, p_github_ids bigint[]) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.receive_push(p_github_id bigint, p_owner_id bigint, p_clone_url text, p_full_name text, p_is_private boolean, p_default_ref text, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer, p_asked_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(repository_id uuid, job_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
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

ALTER FUNCTION kotadb_queue.receive_push(p_github_id bigint, p_owner_id bigint, p_clone_url text, p_full_name text, p_is_private boolean, p_default_ref text, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer, p_asked_at timestamp with time zone) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.receive_repository(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_full_name text, p_is_private boolean, p_is_gone boolean) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
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

ALTER FUNCTION kotadb_queue.receive_repository(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_full_name text, p_is_private boolean, p_is_gone boolean) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.renew_expiry(p_queue_job_id uuid, p_expire_hours integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    renewed timestamptz := kotadb_queue.working_time() + p_expire_hours * interval '1 hour';
BEGIN
    -- Many requests that meet at one time write the row once.
    UPDATE kotadb_queue.live SET expires_at = renewed
    WHERE queue_job_id = p_queue_job_id AND expires_at < renewed - interval '1 minute';
END;
$$;

ALTER FUNCTION kotadb_queue.renew_expiry(p_queue_job_id uuid, p_expire_hours integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.retry(p_job_id uuid, p_expire_hours integer, p_priority smallint DEFAULT 0) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    job kotadb.index_jobs;
    new_queue_job_id uuid := (kotadb.time_ordered_ids(1))[1];
    free_slot smallint;
    gave_way smallint;
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
            -- One that gave way to a newer one left nothing behind; that one counts by itself.
            AND error_code IS DISTINCT FROM 'superseded'
            AND generation > job.generation
    ) THEN
        RETURN 'superseded';
    END IF;

    -- An older one that an earlier retry brought back gives way, as it would to a request.
    gave_way := kotadb_queue.give_way(job.repository_id, job.requested_ref);
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
        least(p_priority, gave_way),
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

ALTER FUNCTION kotadb_queue.retry(p_job_id uuid, p_expire_hours integer, p_priority smallint) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) IS 'Makes the partitions of today and tomorrow, drops those older than the days to keep; returns how many.';

CREATE FUNCTION kotadb_queue.slot_unless_running(p_tenant_id uuid, p_repository_id uuid, p_requested_ref text) RETURNS smallint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

ALTER FUNCTION kotadb_queue.slot_unless_running(p_tenant_id uuid, p_repository_id uuid, p_requested_ref text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.stop_leasing(p_paused boolean, p_switched_off boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.stop_leasing(p_paused boolean, p_switched_off boolean) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.tracked_refs(p_repository_id uuid, p_default_ref text) RETURNS TABLE(ref text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
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

ALTER FUNCTION kotadb_queue.tracked_refs(p_repository_id uuid, p_default_ref text) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN pg_try_advisory_xact_lock(kotadb_queue.admission_of(p_tenant_id));
END;
$$;

ALTER FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) IS 'As lock_admission, but it waits for nobody; whether it got the lock.';

CREATE FUNCTION kotadb_queue.wait_briefly() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM set_config('lock_timeout', '500ms', true);
END;
$$;

ALTER FUNCTION kotadb_queue.wait_briefly() OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.wait_briefly() IS 'For the rest of a transaction that may as well be tried again later: so long it waits for a lock.';

CREATE FUNCTION kotadb_queue.wake_delayed(p_batch_size integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    due uuid[];
    owners uuid[];
    busy uuid[] := '{}';
    tenant uuid;
    moved integer;
    woken integer := 0;
    is_blocked boolean;
BEGIN
    LOOP
        SELECT array_agg(late.queue_job_id), array_agg(late.tenant_id) INTO due, owners
        FROM (
            SELECT waits.queue_job_id, waits.tenant_id
            FROM kotadb_queue.live AS waits
            WHERE
                waits.state = 'delayed'
                AND waits.run_at <= (SELECT clock_timestamp())
                AND waits.tenant_id <> ALL(busy)
            ORDER BY waits.run_at
            LIMIT p_batch_size
        ) AS late;
        is_blocked := false;
        FOR tenant IN SELECT DISTINCT one.id FROM unnest(owners) AS one (id) ORDER BY one.id
        LOOP
            -- Whoever holds a tenant's admission may be frozen, and be waiting for one of these rows.
            -- Nothing here waits: that tenant's rows are woken by a later look.
            IF NOT kotadb_queue.try_admission(tenant) THEN
                busy := busy || tenant;
                is_blocked := true;
                CONTINUE;
            END IF;
            UPDATE kotadb_queue.live SET state = 'waiting'
            WHERE queue_job_id = ANY(ARRAY(
                SELECT late.queue_job_id
                FROM kotadb_queue.live AS late
                WHERE
                    late.queue_job_id = ANY(ARRAY(
                        SELECT one.id FROM unnest(due, owners) AS one (id, owner)
                        WHERE one.owner = tenant
                    ))
                    AND late.state = 'delayed'
                    AND late.run_at <= (SELECT clock_timestamp())
                FOR UPDATE SKIP LOCKED
            ));
            GET DIAGNOSTICS moved = ROW_COUNT;
            woken := woken + moved;
            PERFORM kotadb_queue.admit(tenant);
        END LOOP;
        -- The rows of those who are busy may stand before all others.
        EXIT WHEN woken > 0 OR NOT is_blocked;
    END LOOP;
    RETURN woken;
END;
$$;

ALTER FUNCTION kotadb_queue.wake_delayed(p_batch_size integer) OWNER TO kotadb_owner;

CREATE FUNCTION kotadb_queue.working_time() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN (
        SELECT coalesce(control.stopped_at, clock_timestamp()) - control.stopped_for
        FROM kotadb_queue.control
    );
END;
$$;

ALTER FUNCTION kotadb_queue.working_time() OWNER TO kotadb_owner;

COMMENT ON FUNCTION kotadb_queue.working_time() IS 'The time by which jobs expire: it stands still while leasing is stopped.';

CREATE TABLE kotadb.api_keys (
    key_id text NOT NULL COLLATE pg_catalog."C",
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    expires_at timestamp with time zone,
    hashed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    replaces text COLLATE pg_catalog."C",
    CONSTRAINT api_keys_key_id_check CHECK ((key_id ~ '^[0-9A-Za-z]{12}$'::text)),
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

ALTER TABLE kotadb.api_keys OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb.api_keys.secret_hash IS 'SHA-256, or HMAC-SHA-256 under the pepper where one is set, of the random secret: never the secret.';

COMMENT ON COLUMN kotadb.api_keys.expires_at IS 'From then on the key is as a revoked one; null: it does not end by itself.';

COMMENT ON COLUMN kotadb.api_keys.hashed_at IS 'When secret_hash was made. A key that is used is hashed anew once the first pepper is another.';

COMMENT ON COLUMN kotadb.api_keys.replaces IS 'The key that this one was given for.';

CREATE TABLE kotadb.audit_log (
    audit_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    action text NOT NULL,
    target text,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    request_id text NOT NULL,
    caller text NOT NULL,
    CONSTRAINT audit_log_action_check CHECK (((length(action) >= 1) AND (length(action) <= 100))),
    CONSTRAINT audit_log_caller_check CHECK (((length(caller) >= 1) AND (length(caller) <= 100))),
    CONSTRAINT audit_log_details_check CHECK ((jsonb_typeof(details) = 'object'::text)),
    CONSTRAINT audit_log_request_id_check CHECK (((length(request_id) >= 1) AND (length(request_id) <= 200))),
    CONSTRAINT audit_log_target_check CHECK (((length(target) >= 1) AND (length(target) <= 2048)))
);

ALTER TABLE kotadb.audit_log OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.audit_log IS 'What changed by hand: each row was written in the transaction of what it tells, and stays as it is.';

COMMENT ON COLUMN kotadb.audit_log.target IS 'The id of what was changed.';

COMMENT ON COLUMN kotadb.audit_log.details IS 'What was asked for, without any secret.';

COMMENT ON COLUMN kotadb.audit_log.caller IS 'The network address that asked, or how else the action was reached.';

ALTER TABLE kotadb.audit_log ALTER COLUMN audit_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kotadb.audit_log_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kotadb.dependencies (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    line integer NOT NULL,
    to_file_no integer,
    column_no smallint NOT NULL,
    kind smallint NOT NULL,
    reason smallint,
    specifier text NOT NULL COLLATE pg_catalog."C",
    package text COLLATE pg_catalog."C",
    CONSTRAINT a_dependency_leads_somewhere_or_says_why CHECK (((to_file_no IS NULL) <> (reason IS NULL)))
);
ALTER TABLE ONLY kotadb.dependencies ALTER COLUMN snapshot_id SET STATISTICS 0;

ALTER TABLE kotadb.dependencies OWNER TO kotadb_owner;

CREATE TABLE kotadb.file_texts (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    content text NOT NULL
);

ALTER TABLE kotadb.file_texts OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.file_texts IS 'Each file as it was parsed: in UTF-8 without a byte order mark, NULs and broken bytes replaced.';

CREATE TABLE kotadb.files (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    blob_id bytea NOT NULL,
    byte_size integer NOT NULL,
    line_count integer NOT NULL,
    syntax_errors integer DEFAULT 0 NOT NULL,
    failure text,
    CONSTRAINT files_blob_id_check CHECK ((octet_length(blob_id) = 20)),
    CONSTRAINT files_path_check CHECK (((length(path) >= 1) AND (length(path) <= 4096)))
);

ALTER TABLE kotadb.files OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb.files.failure IS 'Why the file could not be parsed; it then has no symbols, references or dependencies of its own.';

CREATE TABLE kotadb.github_installations (
    installation_id bigint NOT NULL,
    tenant_id uuid,
    account_id bigint NOT NULL,
    account_login text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    all_repositories boolean NOT NULL,
    heard_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    linked_at timestamp with time zone,
    CONSTRAINT github_installations_account_id_check CHECK ((account_id > 0)),
    CONSTRAINT github_installations_account_login_check CHECK (((length(account_login) >= 1) AND (length(account_login) <= 100))),
    CONSTRAINT github_installations_check CHECK (((tenant_id IS NULL) = (linked_at IS NULL))),
    CONSTRAINT github_installations_installation_id_check CHECK ((installation_id > 0)),
    CONSTRAINT github_installations_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'deleted'::text])))
);

ALTER TABLE kotadb.github_installations OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.github_installations IS 'Where the GitHub App is installed. Only for its tenant does the worker read private repositories with it.';

COMMENT ON COLUMN kotadb.github_installations.tenant_id IS 'Whom an operator gave it to; null: nobody yet. GitHub does not say who asked for an installation.';

CREATE TABLE kotadb.imported_names (
    snapshot_id integer NOT NULL,
    imported_no integer NOT NULL,
    package text NOT NULL COLLATE pg_catalog."C",
    subpath text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE kotadb.imported_names OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.imported_names IS 'What references of a snapshot mean of packages that are not in its repository.';

COMMENT ON COLUMN kotadb.imported_names.name IS 'Of the export, with members behind it after dots; * is the module as a whole.';

CREATE TABLE kotadb.index_jobs (
    id uuid DEFAULT (kotadb.time_ordered_ids(1))[1] NOT NULL,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    requested_ref text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    requested_commit text COLLATE pg_catalog."C",
    force boolean DEFAULT false NOT NULL,
    request_id text NOT NULL,
    generation bigint NOT NULL,
    queue_job_id uuid,
    status text DEFAULT 'pending'::text NOT NULL,
    ref text COLLATE pg_catalog."C",
    commit_sha text COLLATE pg_catalog."C",
    phase text,
    files_done integer DEFAULT 0 NOT NULL,
    files_total integer,
    retry_count integer DEFAULT 0 NOT NULL,
    max_retries integer NOT NULL,
    next_attempt_at timestamp with time zone,
    error_code text,
    error_message text,
    stats jsonb,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    CONSTRAINT a_completed_job_says_what CHECK (((status <> 'completed'::text) OR ((stats IS NOT NULL) AND (commit_sha IS NOT NULL) AND (ref IS NOT NULL) AND (error_code IS NULL)))),
    CONSTRAINT a_failed_job_says_why CHECK (((status <> 'failed'::text) OR ((error_code IS NOT NULL) AND (error_message IS NOT NULL)))),
    CONSTRAINT a_finished_job_has_an_end CHECK (((completed_at IS NULL) = (status = ANY (ARRAY['pending'::text, 'processing'::text])))),
    CONSTRAINT a_running_job_has_a_start CHECK (((status <> ALL (ARRAY['processing'::text, 'completed'::text])) OR (started_at IS NOT NULL))),
    CONSTRAINT index_jobs_commit_sha_check CHECK ((commit_sha ~ '^[0-9a-f]{40}$'::text)),
    CONSTRAINT index_jobs_files_done_check CHECK ((files_done >= 0)),
    CONSTRAINT index_jobs_files_total_check CHECK ((files_total >= 0)),
    CONSTRAINT index_jobs_max_retries_check CHECK ((max_retries >= 0)),
    CONSTRAINT index_jobs_phase_check CHECK ((phase = ANY (ARRAY['clone'::text, 'discover'::text, 'parse'::text, 'resolve'::text, 'store'::text]))),
    CONSTRAINT index_jobs_request_id_check CHECK (((length(request_id) >= 1) AND (length(request_id) <= 200))),
    CONSTRAINT index_jobs_requested_commit_check CHECK ((requested_commit ~ '^[0-9a-f]{40}$'::text)),
    CONSTRAINT index_jobs_requested_ref_check CHECK ((length(requested_ref) <= 1024)),
    CONSTRAINT index_jobs_retry_count_check CHECK ((retry_count >= 0)),
    CONSTRAINT index_jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text]))),
    CONSTRAINT only_a_pending_job_waits CHECK (((next_attempt_at IS NULL) OR (status = 'pending'::text)))
)
WITH (fillfactor='80');

ALTER TABLE kotadb.index_jobs OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb.index_jobs.requested_ref IS 'As asked for; empty means the remote''s default branch, found out when the job runs.';

COMMENT ON COLUMN kotadb.index_jobs.commit_sha IS 'The commit that its last run worked on; of a completed job the one that was indexed.';

COMMENT ON COLUMN kotadb.index_jobs.retry_count IS 'Runs after the first, over the life of the job: leases minus released leases minus one.';

COMMENT ON COLUMN kotadb.index_jobs.error_code IS 'Why the job failed; on a pending job, why its last run did.';

CREATE TABLE kotadb.job_attempts (
    job_id uuid NOT NULL,
    attempt integer NOT NULL,
    round integer NOT NULL,
    worker text NOT NULL,
    leased_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    error_code text,
    error_message text,
    CONSTRAINT an_ended_attempt_says_how CHECK (((ended_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT job_attempts_attempt_check CHECK ((attempt >= 1)),
    CONSTRAINT job_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['completed'::text, 'skipped'::text, 'failed'::text, 'lost'::text, 'released'::text, 'cancelled'::text]))),
    CONSTRAINT job_attempts_round_check CHECK ((round >= 1))
);

ALTER TABLE kotadb.job_attempts OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.job_attempts IS 'Every lease of a job and how it ended.';

CREATE TABLE kotadb.organization_members (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    joined_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT organization_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
);

ALTER TABLE kotadb.organization_members OWNER TO kotadb_owner;

CREATE TABLE kotadb.organizations (
    organization_id uuid NOT NULL,
    kind text DEFAULT 'organization'::text NOT NULL,
    name text NOT NULL,
    CONSTRAINT organizations_kind_check CHECK ((kind = 'organization'::text)),
    CONSTRAINT organizations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE kotadb.organizations OWNER TO kotadb_owner;

CREATE TABLE kotadb.package_entries (
    snapshot_id integer NOT NULL,
    entry_no integer NOT NULL,
    file_no integer NOT NULL,
    package text NOT NULL COLLATE pg_catalog."C",
    subpath text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE kotadb.package_entries OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.package_entries IS 'The modules that packages of a snapshot offer to others, and the files they are made of.';

COMMENT ON COLUMN kotadb.package_entries.subpath IS 'What a module specifier writes after the package; empty for the package itself.';

CREATE TABLE kotadb.package_exports (
    snapshot_id integer NOT NULL,
    entry_no integer NOT NULL,
    symbol_no integer,
    file_no integer NOT NULL,
    line integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE kotadb.package_exports OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.package_exports IS 'What those modules export: a symbol, or a line of a file where it is none.';

CREATE TABLE kotadb.parsed_blobs (
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    blob_id bytea NOT NULL,
    read_as text NOT NULL COLLATE pg_catalog."C",
    made_by bytea NOT NULL,
    snapshot_id integer NOT NULL,
    byte_size integer NOT NULL,
    text_bytes integer DEFAULT 0 NOT NULL,
    skip_reason text,
    content bytea,
    trigrams bytea,
    CONSTRAINT parsed_blobs_blob_id_check CHECK ((octet_length(blob_id) = 20)),
    CONSTRAINT parsed_blobs_content_check CHECK ((octet_length(content) <= 1048576)),
    CONSTRAINT parsed_blobs_made_by_check CHECK ((octet_length(made_by) = 16)),
    CONSTRAINT parsed_blobs_read_as_check CHECK (((length(read_as) >= 1) AND (length(read_as) <= 32))),
    CONSTRAINT parsed_blobs_skip_reason_check CHECK (((length(skip_reason) >= 1) AND (length(skip_reason) <= 64)))
)
WITH (fillfactor='60', toast_tuple_target='128');
ALTER TABLE ONLY kotadb.parsed_blobs ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE kotadb.parsed_blobs OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.parsed_blobs IS 'What earlier indexes learned of a blob: its facts or its content, packed, or why it is left out.';

COMMENT ON COLUMN kotadb.parsed_blobs.read_as IS 'What the name of the file adds to the bytes: the ending that chooses the grammar, or config.';

COMMENT ON COLUMN kotadb.parsed_blobs.made_by IS 'A digest of the program and the settings that made it; what another one made counts as unknown.';

COMMENT ON COLUMN kotadb.parsed_blobs.trigrams IS 'The trigrams of its text, packed; NULL: it has no text.';

CREATE SEQUENCE kotadb.publications
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE kotadb.publications OWNER TO kotadb_owner;

CREATE TABLE kotadb.rate_limit_counters (
    tenant_id uuid NOT NULL,
    window_start timestamp with time zone NOT NULL,
    used integer NOT NULL,
    CONSTRAINT rate_limit_counters_used_check CHECK ((used >= 0))
);

ALTER TABLE kotadb.rate_limit_counters OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.rate_limit_counters IS 'Requests of the current hour, one row for each tenant: a new hour starts the same row at one.';

CREATE TABLE kotadb.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT schema_migrations_checksum_check CHECK ((checksum ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE kotadb.schema_migrations OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.schema_migrations IS 'One row for each migration that was applied, with the SHA-256 of its text at that time.';

CREATE TABLE kotadb.snapshots (
    snapshot_id integer NOT NULL,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    ref text NOT NULL COLLATE pg_catalog."C",
    commit_sha text NOT NULL COLLATE pg_catalog."C",
    generation bigint NOT NULL,
    job_id uuid NOT NULL,
    state text DEFAULT 'loading'::text NOT NULL,
    stats jsonb NOT NULL,
    indexed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    has_texts boolean DEFAULT false NOT NULL,
    file_groups bytea,
    readable_until timestamp with time zone,
    publication bigint DEFAULT 0 NOT NULL,
    tells_packages boolean DEFAULT false NOT NULL,
    linked_by bytea,
    links bytea,
    CONSTRAINT snapshots_check CHECK (((readable_until IS NULL) OR (state = 'retired'::text))),
    CONSTRAINT snapshots_check1 CHECK (((links IS NULL) = (linked_by IS NULL))),
    CONSTRAINT snapshots_commit_sha_check CHECK ((commit_sha ~ '^[0-9a-f]{40}$'::text)),
    CONSTRAINT snapshots_linked_by_check CHECK ((octet_length(linked_by) = 16)),
    CONSTRAINT snapshots_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 1024))),
    CONSTRAINT snapshots_state_check CHECK ((state = ANY (ARRAY['loading'::text, 'current'::text, 'retired'::text])))
);
ALTER TABLE ONLY kotadb.snapshots ALTER COLUMN links SET STORAGE EXTERNAL;

ALTER TABLE kotadb.snapshots OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.snapshots IS 'One commit of one repository and ref. Readers see current; a swap is two updates in one transaction.';

COMMENT ON COLUMN kotadb.snapshots.has_texts IS 'Whether the texts of its files are stored; those that releases before stored have none.';

COMMENT ON COLUMN kotadb.snapshots.file_groups IS 'Its files in groups by their paths, packed; NULL: it was indexed before there was a search.';

COMMENT ON COLUMN kotadb.snapshots.readable_until IS 'Until when a replaced snapshot is read; null: it is current, or nobody sees it any more.';

COMMENT ON COLUMN kotadb.snapshots.publication IS 'Counts up in the order in which publications of a tenant are seen; 0: loading, or of before 0017.';

COMMENT ON COLUMN kotadb.snapshots.tells_packages IS 'Whether its packages and imported names are stored; false: it was indexed before they were.';

COMMENT ON COLUMN kotadb.snapshots.linked_by IS 'A digest of what it was linked by: the program and its settings; null: nothing is taken from it.';

COMMENT ON COLUMN kotadb.snapshots.links IS 'Packed: how many symbols each file has, which files it leads to, and what its requests are answered with.';

ALTER TABLE kotadb.snapshots ALTER COLUMN snapshot_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kotadb.snapshots_snapshot_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kotadb.symbol_names (
    snapshot_id integer NOT NULL,
    uses integer NOT NULL,
    kinds integer NOT NULL,
    is_whole boolean NOT NULL,
    rest text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE kotadb.symbol_names OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb.symbol_names.kinds IS 'The kinds of the symbols with this name: bit n for kind n.';

COMMENT ON COLUMN kotadb.symbol_names.rest IS 'The name from one of its words on, in small letters and cut, so that a prefix of it is a range.';

CREATE TABLE kotadb.symbol_references (
    snapshot_id integer NOT NULL,
    file_no integer NOT NULL,
    line integer NOT NULL,
    symbol_no integer,
    enclosing_no integer,
    target_file_no integer,
    target_line integer,
    column_no smallint NOT NULL,
    kind smallint NOT NULL,
    resolution smallint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    imported_no integer
);
ALTER TABLE ONLY kotadb.symbol_references ALTER COLUMN snapshot_id SET STATISTICS 0;

ALTER TABLE kotadb.symbol_references OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.symbol_references IS 'Every use of a name and what it leads to: a symbol, or a line of a file (a local, a module).';

COMMENT ON COLUMN kotadb.symbol_references.imported_no IS 'Of what is imported from a package that the repository does not have: what that is.';

CREATE TABLE kotadb.symbols (
    snapshot_id integer NOT NULL,
    symbol_no integer NOT NULL,
    file_no integer NOT NULL,
    container_no integer,
    line integer NOT NULL,
    start_line integer NOT NULL,
    end_line integer NOT NULL,
    flags integer NOT NULL,
    kind smallint NOT NULL,
    column_no smallint NOT NULL,
    start_column smallint NOT NULL,
    end_column smallint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    signature text,
    documentation text,
    uses integer DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY kotadb.symbols ALTER COLUMN snapshot_id SET STATISTICS 0;

ALTER TABLE kotadb.symbols OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb.symbols.column_no IS 'In UTF-16 code units from 0; columns beyond 32,767 (minified lines) are stored as 32,767.';

COMMENT ON COLUMN kotadb.symbols.uses IS 'How many references lead to it. Counted since there is a search (snapshots.file_groups).';

CREATE TABLE kotadb.tenants (
    tenant_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    tier text DEFAULT 'free'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT tenants_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'organization'::text]))),
    CONSTRAINT tenants_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'solo'::text, 'team'::text])))
);

ALTER TABLE kotadb.tenants OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.tenants IS 'Whoever owns repositories and keys. Each is a user or an organisation, never both.';

CREATE TABLE kotadb.text_postings (
    snapshot_id integer NOT NULL,
    segment smallint NOT NULL,
    first_trigram integer NOT NULL,
    content bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY kotadb.text_postings ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE kotadb.text_postings OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb.text_postings IS 'Which files of a snapshot hold a trigram. Lists of many trigrams to a row; 65,536 files to a segment.';

CREATE TABLE kotadb.users (
    user_id uuid NOT NULL,
    kind text DEFAULT 'user'::text NOT NULL,
    email text NOT NULL,
    CONSTRAINT users_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 320)))),
    CONSTRAINT users_kind_check CHECK ((kind = 'user'::text))
);

ALTER TABLE kotadb.users OWNER TO kotadb_owner;

CREATE TABLE kotadb_queue.archive (
    queue_job_id uuid NOT NULL,
    queue_name text NOT NULL,
    job_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    payload jsonb NOT NULL,
    result jsonb,
    leases integer NOT NULL,
    enqueued_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
PARTITION BY RANGE (archived_at);

ALTER TABLE kotadb_queue.archive OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb_queue.archive IS 'Finished queue rows, one partition a day, so that forgetting a day is dropping a table.';

CREATE TABLE kotadb_queue.branch_heads (
    repository_id uuid NOT NULL,
    ref text NOT NULL COLLATE pg_catalog."C",
    commit_sha text NOT NULL COLLATE pg_catalog."C",
    job_id uuid NOT NULL,
    told_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT branch_heads_commit_sha_check CHECK ((commit_sha ~ '^[0-9a-f]{40}$'::text)),
    CONSTRAINT branch_heads_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 1024)))
);

ALTER TABLE kotadb_queue.branch_heads OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb_queue.branch_heads IS 'The commit that a branch was last told to stand at, and the job that this made.';

CREATE TABLE kotadb_queue.control (
    the_only_row boolean DEFAULT true NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    switched_off boolean DEFAULT false NOT NULL,
    stopped_at timestamp with time zone,
    stopped_for interval DEFAULT '00:00:00'::interval NOT NULL,
    tenant_cap smallint DEFAULT 3 NOT NULL,
    CONSTRAINT a_stopped_queue_says_since_when CHECK (((stopped_at IS NOT NULL) = (paused OR switched_off))),
    CONSTRAINT control_tenant_cap_check CHECK (((tenant_cap >= 1) AND (tenant_cap <= 1000))),
    CONSTRAINT control_the_only_row_check CHECK (the_only_row)
);

ALTER TABLE kotadb_queue.control OWNER TO kotadb_owner;

COMMENT ON COLUMN kotadb_queue.control.paused IS 'An operator stopped leasing.';

COMMENT ON COLUMN kotadb_queue.control.switched_off IS 'The worker was told by its settings to lease nothing.';

COMMENT ON COLUMN kotadb_queue.control.stopped_for IS 'How long leasing was stopped in the past, all times added up.';

COMMENT ON COLUMN kotadb_queue.control.tenant_cap IS 'How many rows of one tenant may be ready or leased at one time.';

CREATE TABLE kotadb_queue.dead_letters (
    queue_job_id uuid NOT NULL,
    queue_name text DEFAULT 'index-repo_dlq'::text NOT NULL,
    job_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    payload jsonb NOT NULL,
    result jsonb NOT NULL,
    leases integer NOT NULL,
    enqueued_at timestamp with time zone NOT NULL,
    died_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT dead_letters_queue_name_check CHECK ((queue_name = 'index-repo_dlq'::text))
);

ALTER TABLE kotadb_queue.dead_letters OWNER TO kotadb_owner;

CREATE TABLE kotadb_queue.depth_changes (
    change integer NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='2000');

ALTER TABLE kotadb_queue.depth_changes OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb_queue.depth_changes IS 'The sum is how many rows are due: ready, waiting or delayed.';

CREATE TABLE kotadb_queue.idempotency_keys (
    tenant_id uuid NOT NULL,
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    repository_id uuid NOT NULL,
    job_id uuid NOT NULL,
    deduplicated boolean NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_keys_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT idempotency_keys_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255)))
);

ALTER TABLE kotadb_queue.idempotency_keys OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb_queue.idempotency_keys IS 'The first answer to each key, given again to the same request until the key expires.';

COMMENT ON COLUMN kotadb_queue.idempotency_keys.fingerprint IS 'SHA-256 of what the request meant: another request under the same key is refused.';

CREATE TABLE kotadb_queue.webhook_deliveries (
    delivery_id text NOT NULL COLLATE pg_catalog."C",
    body_digest bytea NOT NULL,
    event text NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT webhook_deliveries_body_digest_check CHECK ((octet_length(body_digest) = 32)),
    CONSTRAINT webhook_deliveries_delivery_id_check CHECK (((length(delivery_id) >= 1) AND (length(delivery_id) <= 100))),
    CONSTRAINT webhook_deliveries_event_check CHECK (((length(event) >= 1) AND (length(event) <= 100)))
);

ALTER TABLE kotadb_queue.webhook_deliveries OWNER TO kotadb_owner;

COMMENT ON TABLE kotadb_queue.webhook_deliveries IS 'Each was acted on in the transaction of its row: one that failed may be delivered again.';

COMMENT ON COLUMN kotadb_queue.webhook_deliveries.body_digest IS 'SHA-256. The id is not signed, so a body that was seen is a replay under whatever id it comes.';

ALTER TABLE ONLY kotadb.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY kotadb.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY kotadb.file_texts
    ADD CONSTRAINT file_texts_pkey PRIMARY KEY (snapshot_id, file_no);

ALTER TABLE ONLY kotadb.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (snapshot_id, file_no);

ALTER TABLE ONLY kotadb.github_installations
    ADD CONSTRAINT github_installations_pkey PRIMARY KEY (installation_id);

ALTER TABLE ONLY kotadb.imported_names
    ADD CONSTRAINT imported_names_pkey PRIMARY KEY (snapshot_id, imported_no);

ALTER TABLE ONLY kotadb.index_jobs
    ADD CONSTRAINT index_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kotadb.job_attempts
    ADD CONSTRAINT job_attempts_pkey PRIMARY KEY (job_id, attempt);

ALTER TABLE ONLY kotadb.organization_members
    ADD CONSTRAINT organization_members_pkey PRIMARY KEY (organization_id, user_id);

ALTER TABLE ONLY kotadb.organizations
    ADD CONSTRAINT organizations_name_key UNIQUE (name);

ALTER TABLE ONLY kotadb.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (organization_id);

ALTER TABLE ONLY kotadb.package_entries
    ADD CONSTRAINT package_entries_pkey PRIMARY KEY (snapshot_id, entry_no);

ALTER TABLE ONLY kotadb.parsed_blobs
    ADD CONSTRAINT parsed_blobs_pkey PRIMARY KEY (repository_id, blob_id, read_as);

ALTER TABLE ONLY kotadb.rate_limit_counters
    ADD CONSTRAINT rate_limit_counters_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY kotadb.repositories
    ADD CONSTRAINT repositories_pkey PRIMARY KEY (repository_id);

ALTER TABLE ONLY kotadb.repositories
    ADD CONSTRAINT repositories_repository_id_tenant_id_key UNIQUE (repository_id, tenant_id);

ALTER TABLE ONLY kotadb.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY kotadb.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (snapshot_id);

ALTER TABLE ONLY kotadb.symbols
    ADD CONSTRAINT symbols_pkey PRIMARY KEY (snapshot_id, symbol_no);

ALTER TABLE ONLY kotadb.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY kotadb.tenants
    ADD CONSTRAINT tenants_tenant_id_kind_key UNIQUE (tenant_id, kind);

ALTER TABLE ONLY kotadb.text_postings
    ADD CONSTRAINT text_postings_pkey PRIMARY KEY (snapshot_id, segment, first_trigram);

ALTER TABLE ONLY kotadb.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY kotadb.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY kotadb_queue.archive
    ADD CONSTRAINT archive_pkey PRIMARY KEY (queue_job_id, archived_at);

ALTER TABLE ONLY kotadb_queue.branch_heads
    ADD CONSTRAINT branch_heads_pkey PRIMARY KEY (repository_id, ref);

ALTER TABLE ONLY kotadb_queue.control
    ADD CONSTRAINT control_pkey PRIMARY KEY (the_only_row);

ALTER TABLE ONLY kotadb_queue.dead_letters
    ADD CONSTRAINT dead_letters_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY kotadb_queue.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (queue_job_id);

ALTER TABLE ONLY kotadb_queue.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, idempotency_key);

ALTER TABLE ONLY kotadb_queue.live
    ADD CONSTRAINT live_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY kotadb_queue.live
    ADD CONSTRAINT live_pkey PRIMARY KEY (queue_job_id);

ALTER TABLE ONLY kotadb_queue.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_body_digest_key UNIQUE (body_digest);

ALTER TABLE ONLY kotadb_queue.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (delivery_id);

CREATE INDEX api_keys_by_age ON kotadb.api_keys USING btree (created_at, key_id);

CREATE INDEX api_keys_of_tenant ON kotadb.api_keys USING btree (tenant_id);

CREATE INDEX audit_log_by_age ON kotadb.audit_log USING btree (at);

CREATE INDEX audit_log_of_target ON kotadb.audit_log USING btree (target, audit_id) WHERE (target IS NOT NULL);

CREATE INDEX dependencies_of_file ON kotadb.dependencies USING btree (snapshot_id, file_no, line);

CREATE INDEX dependents_of_file ON kotadb.dependencies USING btree (snapshot_id, to_file_no, file_no) WHERE (to_file_no IS NOT NULL);

CREATE UNIQUE INDEX files_by_path ON kotadb.files USING btree (snapshot_id, path);

CREATE INDEX github_installations_of_account ON kotadb.github_installations USING btree (lower(account_login));

CREATE INDEX github_installations_of_tenant ON kotadb.github_installations USING btree (tenant_id) WHERE (tenant_id IS NOT NULL);

CREATE INDEX imported_names_by_name ON kotadb.imported_names USING btree (package, subpath, name, snapshot_id);

CREATE INDEX index_jobs_by_age ON kotadb.index_jobs USING btree (created_at DESC, id DESC);

CREATE INDEX index_jobs_finished ON kotadb.index_jobs USING btree (completed_at) WHERE (completed_at IS NOT NULL);

CREATE INDEX index_jobs_of_queue_job ON kotadb.index_jobs USING btree (queue_job_id);

CREATE INDEX index_jobs_of_repository ON kotadb.index_jobs USING btree (repository_id, created_at DESC, id DESC);

CREATE INDEX index_jobs_of_tenant ON kotadb.index_jobs USING btree (tenant_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX one_current_snapshot_per_ref ON kotadb.snapshots USING btree (repository_id, ref) WHERE (state = 'current'::text);

CREATE UNIQUE INDEX one_open_attempt_per_job ON kotadb.job_attempts USING btree (job_id) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX one_repository_per_identity ON kotadb.repositories USING btree (tenant_id, kotadb.repository_identity(clone_url)) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX one_repository_per_url ON kotadb.repositories USING btree (tenant_id, clone_url) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX one_successor_per_key ON kotadb.api_keys USING btree (replaces) WHERE (replaces IS NOT NULL);

CREATE INDEX organization_members_of_user ON kotadb.organization_members USING btree (user_id);

CREATE INDEX package_entries_by_package ON kotadb.package_entries USING btree (package, subpath, snapshot_id);

CREATE INDEX package_exports_by_name ON kotadb.package_exports USING btree (snapshot_id, entry_no, name);

CREATE INDEX package_exports_of_symbol ON kotadb.package_exports USING btree (snapshot_id, symbol_no) WHERE (symbol_no IS NOT NULL);

CREATE INDEX references_of_file ON kotadb.symbol_references USING btree (snapshot_id, file_no, line);

CREATE INDEX references_of_imported_name ON kotadb.symbol_references USING btree (snapshot_id, imported_no, file_no, line) WHERE (imported_no IS NOT NULL);

CREATE INDEX references_of_symbol ON kotadb.symbol_references USING btree (snapshot_id, symbol_no, file_no, line) WHERE (symbol_no IS NOT NULL);

CREATE INDEX repositories_by_github_id ON kotadb.repositories USING btree (github_id) WHERE ((github_id IS NOT NULL) AND (deleted_at IS NULL));

CREATE INDEX repositories_by_head_check ON kotadb.repositories USING btree (heads_checked_at NULLS FIRST, repository_id) WHERE ((github_id IS NOT NULL) AND (gone_at IS NULL) AND (deleted_at IS NULL));

CREATE INDEX repositories_by_url ON kotadb.repositories USING btree (lower(clone_url)) WHERE (deleted_at IS NULL);

CREATE INDEX repositories_deleted ON kotadb.repositories USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX repositories_of_tenant_by_name ON kotadb.repositories USING btree (tenant_id, full_name);

CREATE INDEX repositories_of_tenant_by_spelling ON kotadb.repositories USING btree (tenant_id, lower(full_name)) WHERE (deleted_at IS NULL);

CREATE INDEX snapshots_of_repository ON kotadb.snapshots USING btree (repository_id);

CREATE INDEX snapshots_of_tenant ON kotadb.snapshots USING btree (tenant_id, snapshot_id) WHERE (state = 'current'::text);

CREATE INDEX snapshots_readable_of_tenant ON kotadb.snapshots USING btree (tenant_id, readable_until) WHERE ((state = 'retired'::text) AND (readable_until IS NOT NULL));

CREATE INDEX snapshots_retired ON kotadb.snapshots USING btree (snapshot_id) WHERE (state = 'retired'::text);

CREATE INDEX symbol_names_by_word ON kotadb.symbol_names USING btree (snapshot_id, rest);

CREATE INDEX symbols_by_name ON kotadb.symbols USING btree (snapshot_id, name, symbol_no);

CREATE INDEX symbols_of_file ON kotadb.symbols USING btree (snapshot_id, file_no, symbol_no);

CREATE INDEX dead_letters_by_time ON kotadb_queue.dead_letters USING btree (died_at, job_id);

CREATE INDEX idempotency_keys_by_end ON kotadb_queue.idempotency_keys USING btree (expires_at);

CREATE INDEX idempotency_keys_of_repository ON kotadb_queue.idempotency_keys USING btree (repository_id);

CREATE INDEX live_delayed ON kotadb_queue.live USING btree (run_at) WHERE (state = 'delayed'::text);

CREATE INDEX live_due_by_age ON kotadb_queue.live USING btree (run_at) WHERE (state = ANY (ARRAY['ready'::text, 'waiting'::text]));

CREATE INDEX live_due_by_expiry ON kotadb_queue.live USING btree (expires_at) WHERE ((finished_at IS NULL) AND (lease_expires_at IS NULL));

CREATE INDEX live_finished ON kotadb_queue.live USING btree (finished_at) WHERE (state = 'finished'::text);

CREATE INDEX live_leases_by_end ON kotadb_queue.live USING btree (lease_expires_at) WHERE (state = 'leased'::text);

CREATE INDEX live_ready ON kotadb_queue.live USING btree (priority, run_at, queue_job_id) WHERE (state = 'ready'::text);

CREATE INDEX live_waiting ON kotadb_queue.live USING btree (tenant_id, priority, run_at, queue_job_id) WHERE (state = 'waiting'::text);

CREATE UNIQUE INDEX one_due_row_per_ref ON kotadb_queue.live USING btree (repository_id, requested_ref) WHERE (state = ANY (ARRAY['ready'::text, 'waiting'::text, 'delayed'::text]));

CREATE UNIQUE INDEX one_lease_per_slot ON kotadb_queue.live USING btree (slot) WHERE (slot IS NOT NULL);

CREATE UNIQUE INDEX one_leased_row_per_ref ON kotadb_queue.live USING btree (repository_id, requested_ref) WHERE (state = 'leased'::text);

CREATE UNIQUE INDEX one_row_per_tenant_slot ON kotadb_queue.live USING btree (tenant_id, tenant_slot) WHERE (tenant_slot IS NOT NULL);

CREATE INDEX webhook_deliveries_by_age ON kotadb_queue.webhook_deliveries USING btree (received_at);

CREATE TRIGGER job_transition BEFORE UPDATE OF status ON kotadb.index_jobs FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION kotadb.check_job_transition();

CREATE TRIGGER link_ends_with_its_tenant BEFORE UPDATE OF tenant_id ON kotadb.github_installations FOR EACH ROW WHEN ((new.tenant_id IS NULL)) EXECUTE FUNCTION kotadb.unlink_with_tenant();

CREATE TRIGGER snapshot_leaves_whole BEFORE DELETE ON kotadb.snapshots FOR EACH ROW EXECUTE FUNCTION kotadb.remove_snapshot_rows();

CREATE TRIGGER snapshot_takes_its_blobs_along AFTER DELETE ON kotadb.snapshots FOR EACH ROW EXECUTE FUNCTION kotadb.forget_parsed_blobs();

CREATE TRIGGER snapshot_takes_the_replaced_along AFTER UPDATE OF state ON kotadb.snapshots FOR EACH ROW WHEN (((old.state = 'current'::text) AND (new.state = 'retired'::text) AND (new.readable_until IS NULL))) EXECUTE FUNCTION kotadb.withdraw_replaced_snapshots();

CREATE TRIGGER rows_came AFTER INSERT ON kotadb_queue.live REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION kotadb_queue.note_depth();

CREATE TRIGGER rows_moved AFTER UPDATE ON kotadb_queue.live REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION kotadb_queue.note_depth();

CREATE TRIGGER rows_went AFTER DELETE ON kotadb_queue.live REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION kotadb_queue.note_depth();

ALTER TABLE ONLY kotadb.api_keys
    ADD CONSTRAINT api_keys_replaces_fkey FOREIGN KEY (replaces) REFERENCES kotadb.api_keys(key_id) ON DELETE SET NULL;

ALTER TABLE ONLY kotadb.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES kotadb.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.files
    ADD CONSTRAINT files_snapshot_id_fkey FOREIGN KEY (snapshot_id) REFERENCES kotadb.snapshots(snapshot_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.github_installations
    ADD CONSTRAINT github_installations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES kotadb.tenants(tenant_id) ON DELETE SET NULL;

ALTER TABLE ONLY kotadb.index_jobs
    ADD CONSTRAINT index_jobs_repository_id_tenant_id_fkey FOREIGN KEY (repository_id, tenant_id) REFERENCES kotadb.repositories(repository_id, tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.job_attempts
    ADD CONSTRAINT job_attempts_job_id_fkey FOREIGN KEY (job_id) REFERENCES kotadb.index_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.organization_members
    ADD CONSTRAINT organization_members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES kotadb.organizations(organization_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.organization_members
    ADD CONSTRAINT organization_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES kotadb.users(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.organizations
    ADD CONSTRAINT organizations_organization_id_kind_fkey FOREIGN KEY (organization_id, kind) REFERENCES kotadb.tenants(tenant_id, kind) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.parsed_blobs
    ADD CONSTRAINT parsed_blobs_repository_id_tenant_id_fkey FOREIGN KEY (repository_id, tenant_id) REFERENCES kotadb.repositories(repository_id, tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.rate_limit_counters
    ADD CONSTRAINT rate_limit_counters_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES kotadb.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.repositories
    ADD CONSTRAINT repositories_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES kotadb.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.snapshots
    ADD CONSTRAINT snapshots_repository_id_tenant_id_fkey FOREIGN KEY (repository_id, tenant_id) REFERENCES kotadb.repositories(repository_id, tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb.users
    ADD CONSTRAINT users_user_id_kind_fkey FOREIGN KEY (user_id, kind) REFERENCES kotadb.tenants(tenant_id, kind) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb_queue.branch_heads
    ADD CONSTRAINT branch_heads_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES kotadb.repositories(repository_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb_queue.dead_letters
    ADD CONSTRAINT dead_letters_job_id_fkey FOREIGN KEY (job_id) REFERENCES kotadb.index_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb_queue.idempotency_keys
    ADD CONSTRAINT idempotency_keys_repository_id_tenant_id_fkey FOREIGN KEY (repository_id, tenant_id) REFERENCES kotadb.repositories(repository_id, tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY kotadb_queue.live
    ADD CONSTRAINT live_job_id_fkey FOREIGN KEY (job_id) REFERENCES kotadb.index_jobs(id) ON DELETE CASCADE;

CREATE POLICY all_attempts ON kotadb.job_attempts TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_audited ON kotadb.audit_log FOR SELECT TO kotadb_admin USING (true);

CREATE POLICY all_dependencies ON kotadb.dependencies TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_files ON kotadb.files TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_imported_names ON kotadb.imported_names TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_installations ON kotadb.github_installations TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_jobs ON kotadb.index_jobs TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_keys ON kotadb.api_keys TO kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_members ON kotadb.organization_members TO kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_names ON kotadb.symbol_names TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_organizations ON kotadb.organizations TO kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_package_entries ON kotadb.package_entries TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_package_exports ON kotadb.package_exports TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_parsed_blobs ON kotadb.parsed_blobs TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_postings ON kotadb.text_postings TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_references ON kotadb.symbol_references TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_repositories ON kotadb.repositories TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_snapshots ON kotadb.snapshots TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_symbols ON kotadb.symbols TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_tenants ON kotadb.tenants TO kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_texts ON kotadb.file_texts TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_users ON kotadb.users TO kotadb_admin USING (true) WITH CHECK (true);

ALTER TABLE kotadb.api_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_grows ON kotadb.audit_log FOR INSERT TO kotadb_admin WITH CHECK (true);

ALTER TABLE kotadb.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.dependencies ENABLE ROW LEVEL SECURITY;

CREATE POLICY end_own_attempts ON kotadb.job_attempts FOR UPDATE TO kotadb_api USING ((EXISTS ( SELECT
   FROM kotadb.index_jobs jobs
  WHERE (jobs.id = job_attempts.job_id))));

ALTER TABLE kotadb.file_texts ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.files ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.github_installations ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.imported_names ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.index_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.job_attempts ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_is_public ON kotadb.schema_migrations FOR SELECT TO kotadb_api, kotadb_worker, kotadb_admin USING (true);

ALTER TABLE kotadb.organization_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.organizations ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_attempts ON kotadb.job_attempts FOR SELECT TO kotadb_api USING ((EXISTS ( SELECT
   FROM kotadb.index_jobs jobs
  WHERE (jobs.id = job_attempts.job_id))));

CREATE POLICY own_dependencies ON kotadb.dependencies FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_files ON kotadb.files FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_imported_names ON kotadb.imported_names FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_jobs ON kotadb.index_jobs TO kotadb_api USING ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

CREATE POLICY own_members ON kotadb.organization_members FOR SELECT TO kotadb_api USING ((organization_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

CREATE POLICY own_names ON kotadb.symbol_names FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_organizations ON kotadb.organizations FOR SELECT TO kotadb_api USING ((organization_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

CREATE POLICY own_package_entries ON kotadb.package_entries FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_package_exports ON kotadb.package_exports FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_postings ON kotadb.text_postings FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_references ON kotadb.symbol_references FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_repositories ON kotadb.repositories TO kotadb_api USING (((deleted_at IS NULL) AND (tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])))) WITH CHECK (((deleted_at IS NULL) AND (tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[]))));

CREATE POLICY own_snapshots ON kotadb.snapshots FOR SELECT TO kotadb_api USING ((((state = 'current'::text) OR ((state = 'retired'::text) AND (readable_until > transaction_timestamp()))) AND (tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[]))));

CREATE POLICY own_symbols ON kotadb.symbols FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_tenants ON kotadb.tenants FOR SELECT TO kotadb_api USING ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

CREATE POLICY own_texts ON kotadb.file_texts FOR SELECT TO kotadb_api USING ((snapshot_id = ANY (( SELECT kotadb.visible_snapshots() AS visible_snapshots)::integer[])));

CREATE POLICY own_user ON kotadb.users FOR SELECT TO kotadb_api USING ((user_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

ALTER TABLE kotadb.package_entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.package_exports ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.parsed_blobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.rate_limit_counters ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.repositories ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.schema_migrations ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.snapshots ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.symbol_names ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.symbol_references ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.symbols ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.text_postings ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY all_archived ON kotadb_queue.archive TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_dead_letters ON kotadb_queue.dead_letters TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_deliveries ON kotadb_queue.webhook_deliveries TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_heads ON kotadb_queue.branch_heads TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_idempotency_keys ON kotadb_queue.idempotency_keys TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

CREATE POLICY all_queue_rows ON kotadb_queue.live TO kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

ALTER TABLE kotadb_queue.archive ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb_queue.branch_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb_queue.control ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb_queue.dead_letters ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb_queue.depth_changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY everybody_obeys ON kotadb_queue.control TO kotadb_api, kotadb_worker, kotadb_admin USING (true) WITH CHECK (true);

ALTER TABLE kotadb_queue.idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE kotadb_queue.live ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_idempotency_keys ON kotadb_queue.idempotency_keys TO kotadb_api USING ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

CREATE POLICY own_queue_rows ON kotadb_queue.live TO kotadb_api USING ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[]))) WITH CHECK ((tenant_id = ANY (( SELECT kotadb.visible_tenants() AS visible_tenants)::uuid[])));

ALTER TABLE kotadb_queue.webhook_deliveries ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA kotadb TO kotadb_api;
GRANT USAGE ON SCHEMA kotadb TO kotadb_worker;
GRANT USAGE ON SCHEMA kotadb TO kotadb_admin;

GRANT USAGE ON SCHEMA kotadb_queue TO kotadb_api;
GRANT USAGE ON SCHEMA kotadb_queue TO kotadb_worker;
GRANT USAGE ON SCHEMA kotadb_queue TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.admit_request(p_key_id text, p_secret_hashes bytea[], p_limit_free integer, p_limit_solo integer, p_limit_team integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.admit_request(p_key_id text, p_secret_hashes bytea[], p_limit_free integer, p_limit_solo integer, p_limit_team integer) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.admit_request(p_key_id text, p_secret_hash bytea, p_limit_free integer, p_limit_solo integer, p_limit_team integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.admit_request(p_key_id text, p_secret_hash bytea, p_limit_free integer, p_limit_solo integer, p_limit_team integer) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.check_job_transition() FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb.declares_again(p_kind smallint, p_flags integer, p_is_member boolean, p_next_kind smallint, p_next_flags integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.declares_again(p_kind smallint, p_flags integer, p_is_member boolean, p_next_kind smallint, p_next_flags integer) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.delete_repository(p_repository_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.delete_repository(p_repository_id uuid) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.earlier_declaration(p_snapshot_id integer, p_symbol_no integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.earlier_declaration(p_snapshot_id integer, p_symbol_no integer) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.ensure_organization(p_name text, p_tier text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.ensure_organization(p_name text, p_tier text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.ensure_user(p_email text, p_tier text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.ensure_user(p_email text, p_tier text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.first_declaration(p_snapshot_id integer, p_symbol_no integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.first_declaration(p_snapshot_id integer, p_symbol_no integer) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.forget_parsed_blobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb.is_called(p_full_name text, p_clone_url text, p_name text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.is_last_owner(p_organization_id uuid, p_user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.is_last_owner(p_organization_id uuid, p_user_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.moved(p_number integer, p_starts integer[], p_shifts integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.moved(p_number integer, p_starts integer[], p_shifts integer[]) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb.note_installation(p_installation_id bigint, p_account_id bigint, p_account_login text, p_state text, p_all_repositories boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.note_installation(p_installation_id bigint, p_account_id bigint, p_account_login text, p_state text, p_all_repositories boolean) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb.note_installation(p_installation_id bigint, p_account_id bigint, p_account_login text, p_state text, p_all_repositories boolean) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb.note_unlisted_installations(p_listed bigint[], p_asked_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.note_unlisted_installations(p_listed bigint[], p_asked_at timestamp with time zone) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb.publish_snapshot(p_snapshot_id integer, p_keep_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.publish_snapshot(p_snapshot_id integer, p_keep_seconds integer) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb.reads_private_of(p_tenant_id uuid, p_account_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.reads_private_of(p_tenant_id uuid, p_account_id bigint) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb.remove_member(p_organization_id uuid, p_user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.remove_member(p_organization_id uuid, p_user_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.remove_snapshot_rows() FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb.repositories_called(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.repositories_called(p_name text) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.repository_identity(p_clone_url text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.repository_identity(p_clone_url text) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb.repository_identity(p_clone_url text) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb.repository_identity(p_clone_url text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.rotate_key(p_key_id text, p_secret_hashes bytea[], p_new_key_id text, p_new_secret_hash bytea, p_new_name text, p_overlap_seconds integer, p_request_id text, p_caller text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.rotate_key(p_key_id text, p_secret_hashes bytea[], p_new_key_id text, p_new_secret_hash bytea, p_new_name text, p_overlap_seconds integer, p_request_id text, p_caller text) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.secret_matches(p_stored bytea, p_candidates bytea[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb.set_member(p_organization_id uuid, p_user_id uuid, p_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.set_member(p_organization_id uuid, p_user_id uuid, p_role text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.time_ordered_ids(p_count integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.time_ordered_ids(p_count integer) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb.time_ordered_ids(p_count integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb.unlink_with_tenant() FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb.visible_snapshots() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.visible_snapshots() TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.visible_tenants() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb.visible_tenants() TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb.withdraw_replaced_snapshots() FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb_queue.add_up_depth(p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.add_up_depth(p_most integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.add_up_depth(p_most integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.admission_of(p_tenant_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.admission_of(p_tenant_id uuid) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.admission_of(p_tenant_id uuid) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.admission_of(p_tenant_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.admit(p_tenant_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.admit(p_tenant_id uuid) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.admit(p_tenant_id uuid) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.admit(p_tenant_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.admit_everywhere() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.admit_everywhere() TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.admit_everywhere() TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.admit_waiting(p_tenant_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.admit_waiting(p_tenant_ids uuid[]) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.admit_waiting(p_tenant_ids uuid[]) TO kotadb_admin;

GRANT SELECT,INSERT,UPDATE ON TABLE kotadb_queue.live TO kotadb_api;
GRANT SELECT,DELETE,UPDATE ON TABLE kotadb_queue.live TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb_queue.live TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.bury(held kotadb_queue.live, p_error_code text, p_error_message text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.bury(held kotadb_queue.live, p_error_code text, p_error_message text) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.bury(held kotadb_queue.live, p_error_code text, p_error_message text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.cancel(p_job_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.cancel(p_job_id uuid) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.cancel(p_job_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.cancel_all_of(p_repository_ids uuid[], p_requested_ref text, p_error_code text, p_error_message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb_queue.cancel_row(held kotadb_queue.live, p_error_code text, p_error_message text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.cancel_row(held kotadb_queue.live, p_error_code text, p_error_message text) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.cancel_row(held kotadb_queue.live, p_error_code text, p_error_message text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.complete_many(p_runs jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.complete_many(p_runs jsonb) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.complete_many(p_runs jsonb) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.due_rows_expired(p_batch_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.due_rows_expired(p_batch_size integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.due_rows_expired(p_batch_size integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.end_run(p_queue_job_id uuid, p_lease_token uuid, p_outcome text, p_error_code text, p_error_message text, p_final_code text, p_final_message text, p_final boolean, p_max_runs integer, p_delay_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.end_run(p_queue_job_id uuid, p_lease_token uuid, p_outcome text, p_error_code text, p_error_message text, p_final_code text, p_final_message text, p_final boolean, p_max_runs integer, p_delay_seconds double precision) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.end_run(p_queue_job_id uuid, p_lease_token uuid, p_outcome text, p_error_code text, p_error_message text, p_final_code text, p_final_message text, p_final boolean, p_max_runs integer, p_delay_seconds double precision) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.enqueue(p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.enqueue(p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.enqueue(p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.enqueue_head(p_repository_id uuid, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.enqueue_head(p_repository_id uuid, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb_queue.enqueue_many(p_tenant_id uuid, p_requests jsonb, p_max_retries integer, p_expire_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.enqueue_many(p_tenant_id uuid, p_requests jsonb, p_max_retries integer, p_expire_hours integer) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.enqueue_many(p_tenant_id uuid, p_requests jsonb, p_max_retries integer, p_expire_hours integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.enqueue_once(p_idempotency_key text, p_fingerprint bytea, p_valid_hours integer, p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.enqueue_once(p_idempotency_key text, p_fingerprint bytea, p_valid_hours integer, p_tenant_id uuid, p_clone_url text, p_full_name text, p_requested_ref text, p_requested_commit text, p_force boolean, p_request_id text, p_max_retries integer, p_expire_hours integer) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.expire(p_queue_job_id uuid, p_error_message text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.failure(p_error_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.failure(p_error_code text) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.failure(p_error_code text) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.failure(p_error_code text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.figures() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.figures() TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.figures() TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.figures() TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.finish(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.finish(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.finish(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.finish_and_lease(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text, p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.finish_and_lease(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text, p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.finish_and_lease(p_queue_job_id uuid, p_lease_token uuid, p_status text, p_ref text, p_commit_sha text, p_stats jsonb, p_result jsonb, p_error_code text, p_error_message text, p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone) TO kotadb_admin;

GRANT SELECT,INSERT,UPDATE ON TABLE kotadb.repositories TO kotadb_api;
GRANT SELECT,DELETE,UPDATE ON TABLE kotadb.repositories TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.repositories TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.follow_address(p_place kotadb.repositories, p_clone_url text, p_full_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.free_tenant_slot(p_tenant_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.free_tenant_slots(p_tenant_id uuid, p_limit integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.give_way(p_repository_id uuid, p_requested_ref text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.hold_briefly() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.hold_briefly() TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.hold_briefly() TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.hold_briefly() TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.lease(p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone, p_own_slot smallint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.lease(p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone, p_own_slot smallint, p_limit integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.lease(p_team_size integer, p_lease_seconds double precision, p_worker text, p_from_priority smallint, p_from_run_at timestamp with time zone, p_own_slot smallint, p_limit integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.leases_run_out(p_batch_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.leases_run_out(p_batch_size integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.leases_run_out(p_batch_size integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.lock_admission(p_tenant_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.lock_github_repositories(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_is_private boolean, p_is_there boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.lock_lease(p_queue_job_id uuid, p_lease_token uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.note_depth() FROM PUBLIC;

REVOKE ALL ON FUNCTION kotadb_queue.obey(p_switched_off boolean, p_tenant_cap integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.obey(p_switched_off boolean, p_tenant_cap integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.obey(p_switched_off boolean, p_tenant_cap integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.prioritise(p_job_id uuid, p_priority smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.prioritise(p_job_id uuid, p_priority smallint) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.receive_delivery(p_delivery_id text, p_body_digest bytea, p_event text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.receive_delivery(p_delivery_id text, p_body_digest bytea, p_event text) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb_queue.receive_lost_access(p_installation_id bigint, p_github_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.receive_lost_access(p_installation_id bigint, p_github_ids bigint[]) TO kotadb_api;

REVOKE ALL ON FUNCTION kotadb_queue.receive_push(p_github_id bigint, p_owner_id bigint, p_clone_url text, p_full_name text, p_is_private boolean, p_default_ref text, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer, p_asked_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.receive_push(p_github_id bigint, p_owner_id bigint, p_clone_url text, p_full_name text, p_is_private boolean, p_default_ref text, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer, p_asked_at timestamp with time zone) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.receive_push(p_github_id bigint, p_owner_id bigint, p_clone_url text, p_full_name text, p_is_private boolean, p_default_ref text, p_ref text, p_commit_sha text, p_request_id text, p_max_retries integer, p_expire_hours integer, p_asked_at timestamp with time zone) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb_queue.receive_repository(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_full_name text, p_is_private boolean, p_is_gone boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.receive_repository(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_full_name text, p_is_private boolean, p_is_gone boolean) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.receive_repository(p_github_id bigint, p_owner_id bigint, p_clone_urls text[], p_full_name text, p_is_private boolean, p_is_gone boolean) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb_queue.renew_expiry(p_queue_job_id uuid, p_expire_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.renew_expiry(p_queue_job_id uuid, p_expire_hours integer) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.renew_expiry(p_queue_job_id uuid, p_expire_hours integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.retry(p_job_id uuid, p_expire_hours integer, p_priority smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.retry(p_job_id uuid, p_expire_hours integer, p_priority smallint) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.rotate_archive(p_keep_days integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.slot_unless_running(p_tenant_id uuid, p_repository_id uuid, p_requested_ref text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.slot_unless_running(p_tenant_id uuid, p_repository_id uuid, p_requested_ref text) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.slot_unless_running(p_tenant_id uuid, p_repository_id uuid, p_requested_ref text) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.stop_leasing(p_paused boolean, p_switched_off boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.stop_leasing(p_paused boolean, p_switched_off boolean) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.stop_leasing(p_paused boolean, p_switched_off boolean) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.tracked_refs(p_repository_id uuid, p_default_ref text) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.tracked_refs(p_repository_id uuid, p_default_ref text) TO kotadb_worker;

REVOKE ALL ON FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.try_admission(p_tenant_id uuid) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.wait_briefly() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.wait_briefly() TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.wait_briefly() TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.wait_briefly() TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.wake_delayed(p_batch_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.wake_delayed(p_batch_size integer) TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.wake_delayed(p_batch_size integer) TO kotadb_admin;

REVOKE ALL ON FUNCTION kotadb_queue.working_time() FROM PUBLIC;
GRANT ALL ON FUNCTION kotadb_queue.working_time() TO kotadb_api;
GRANT ALL ON FUNCTION kotadb_queue.working_time() TO kotadb_worker;
GRANT ALL ON FUNCTION kotadb_queue.working_time() TO kotadb_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.api_keys TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.audit_log TO kotadb_admin;

GRANT INSERT(action) ON TABLE kotadb.audit_log TO kotadb_admin;

GRANT INSERT(target) ON TABLE kotadb.audit_log TO kotadb_admin;

GRANT INSERT(details) ON TABLE kotadb.audit_log TO kotadb_admin;

GRANT INSERT(request_id) ON TABLE kotadb.audit_log TO kotadb_admin;

GRANT INSERT(caller) ON TABLE kotadb.audit_log TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.dependencies TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.dependencies TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.dependencies TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.file_texts TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.file_texts TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.file_texts TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.files TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.files TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.files TO kotadb_admin;

GRANT SELECT,DELETE ON TABLE kotadb.github_installations TO kotadb_worker;
GRANT SELECT,DELETE,UPDATE ON TABLE kotadb.github_installations TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.imported_names TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.imported_names TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.imported_names TO kotadb_admin;

GRANT SELECT,INSERT,UPDATE ON TABLE kotadb.index_jobs TO kotadb_api;
GRANT SELECT,DELETE,UPDATE ON TABLE kotadb.index_jobs TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.index_jobs TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.job_attempts TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.job_attempts TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.job_attempts TO kotadb_admin;

GRANT UPDATE(ended_at) ON TABLE kotadb.job_attempts TO kotadb_api;

GRANT UPDATE(outcome) ON TABLE kotadb.job_attempts TO kotadb_api;

GRANT UPDATE(error_code) ON TABLE kotadb.job_attempts TO kotadb_api;

GRANT UPDATE(error_message) ON TABLE kotadb.job_attempts TO kotadb_api;

GRANT SELECT ON TABLE kotadb.organization_members TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.organization_members TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.organizations TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.organizations TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.package_entries TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.package_entries TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.package_entries TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.package_exports TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.package_exports TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.package_exports TO kotadb_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.parsed_blobs TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.parsed_blobs TO kotadb_admin;

GRANT USAGE ON SEQUENCE kotadb.publications TO kotadb_worker;

GRANT SELECT ON TABLE kotadb.schema_migrations TO kotadb_api;
GRANT SELECT ON TABLE kotadb.schema_migrations TO kotadb_worker;
GRANT SELECT ON TABLE kotadb.schema_migrations TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.snapshots TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.snapshots TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.snapshots TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.symbol_names TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.symbol_names TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.symbol_names TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.symbol_references TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.symbol_references TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.symbol_references TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.symbols TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.symbols TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.symbols TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.tenants TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.tenants TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.text_postings TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.text_postings TO kotadb_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.text_postings TO kotadb_admin;

GRANT SELECT ON TABLE kotadb.users TO kotadb_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb.users TO kotadb_admin;

GRANT SELECT,INSERT ON TABLE kotadb_queue.archive TO kotadb_worker;
GRANT SELECT,INSERT ON TABLE kotadb_queue.archive TO kotadb_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kotadb_queue.branch_heads TO kotadb_worker;

GRANT SELECT ON TABLE kotadb_queue.control TO kotadb_api;
GRANT SELECT,UPDATE ON TABLE kotadb_queue.control TO kotadb_worker;
GRANT SELECT,UPDATE ON TABLE kotadb_queue.control TO kotadb_admin;

GRANT SELECT,INSERT,DELETE ON TABLE kotadb_queue.dead_letters TO kotadb_worker;
GRANT SELECT,INSERT,DELETE ON TABLE kotadb_queue.dead_letters TO kotadb_admin;

GRANT SELECT,INSERT,UPDATE ON TABLE kotadb_queue.idempotency_keys TO kotadb_api;
GRANT SELECT,DELETE,UPDATE ON TABLE kotadb_queue.idempotency_keys TO kotadb_worker;
GRANT SELECT,DELETE,UPDATE ON TABLE kotadb_queue.idempotency_keys TO kotadb_admin;

GRANT SELECT,DELETE ON TABLE kotadb_queue.webhook_deliveries TO kotadb_worker;
GRANT SELECT,DELETE ON TABLE kotadb_queue.webhook_deliveries TO kotadb_admin;
