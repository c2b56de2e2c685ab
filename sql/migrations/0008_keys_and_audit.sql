-- Keys that end and are replaced, peppers that change, members with roles, and what the
-- administration did. The release before goes on working: it calls admit_request as before.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.api_keys
ADD COLUMN expires_at timestamptz,
ADD COLUMN hashed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
ADD COLUMN replaces text COLLATE "C" REFERENCES kotadb.api_keys ON DELETE SET NULL;

-- A key begets one successor, whoever asks at one instant.
CREATE UNIQUE INDEX one_successor_per_key ON kotadb.api_keys (replaces)
WHERE replaces IS NOT NULL;
CREATE INDEX api_keys_by_age ON kotadb.api_keys (created_at, key_id);

COMMENT ON COLUMN kotadb.api_keys.expires_at IS
'From then on the key is as a revoked one; null: it does not end by itself.';
COMMENT ON COLUMN kotadb.api_keys.hashed_at IS
'When secret_hash was made. A key that is used is hashed anew once the first pepper is another.';
COMMENT ON COLUMN kotadb.api_keys.replaces IS 'The key that this one was given for.';

CREATE TABLE kotadb.audit_log (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action text NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
    target text CHECK (length(target) BETWEEN 1 AND 2048),
    details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
    request_id text NOT NULL CHECK (length(request_id) BETWEEN 1 AND 200),
    caller text NOT NULL CHECK (length(caller) BETWEEN 1 AND 100)
);

CREATE INDEX audit_log_by_age ON kotadb.audit_log (at);
CREATE INDEX audit_log_of_target ON kotadb.audit_log (target, audit_id) WHERE target IS NOT NULL;

COMMENT ON TABLE kotadb.audit_log IS
'What changed by hand: each row was written in the transaction of what it tells, and stays as it is.';
COMMENT ON COLUMN kotadb.audit_log.target IS 'The id of what was changed.';
COMMENT ON COLUMN kotadb.audit_log.details IS 'What was asked for, without any secret.';
COMMENT ON COLUMN kotadb.audit_log.caller IS
'The network address that asked, or how else the action was reached.';

-- Past the wish of whoever asks, no row younger than 30 days is forgotten.
CREATE FUNCTION kotadb.forget_audit(p_keep_days integer, p_batch_size integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
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

COMMENT ON FUNCTION kotadb.forget_audit(integer, integer) IS
'Deletes old audit rows, never one younger than 30 days; returns how many.';

-- Both sides are hashed once more under a nonce, so the time of the comparison says nothing about
-- the stored hash. Every candidate is compared, whichever matches; a missing hash costs the same.
CREATE FUNCTION kotadb.secret_matches(p_stored bytea, p_candidates bytea[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

-- One upsert decides: any number of parallel requests on a quota of L give exactly L.
-- The candidates are the hashes of one secret under each pepper in force, that of new hashes first.
CREATE FUNCTION kotadb.admit_request(
    p_key_id text,
    p_secret_hashes bytea[],
    p_limit_free integer,
    p_limit_solo integer,
    p_limit_team integer
) RETURNS TABLE (tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner_id uuid;
    stored bytea;
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

    IF stored <> p_secret_hashes[1] THEN
        -- The key is known under an older pepper: the next request finds it under the first one,
        -- so the older can be given up once every key in use has come by.
        UPDATE kotadb.api_keys AS keys SET
            secret_hash = p_secret_hashes[1], hashed_at = clock_timestamp()
        WHERE keys.key_id = p_key_id AND keys.secret_hash = stored;
    END IF;

    request_limit := CASE tier
        WHEN 'team' THEN p_limit_team WHEN 'solo' THEN p_limit_solo ELSE p_limit_free
    END;
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
    tenant_id := owner_id;
    RETURN NEXT;
END;
$$;

COMMENT ON FUNCTION kotadb.admit_request(text, bytea[], integer, integer, integer) IS
'No row: the credential is wrong or over. One row: counted; refused by quota when used > request_limit.';

-- As the release before calls it.
CREATE OR REPLACE FUNCTION kotadb.admit_request(
    p_key_id text,
    p_secret_hash bytea,
    p_limit_free integer,
    p_limit_solo integer,
    p_limit_team integer
) RETURNS TABLE (tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT admitted.tenant_id, admitted.tier, admitted.request_limit, admitted.used, admitted.resets_at
    FROM kotadb.admit_request(
        p_key_id, ARRAY[p_secret_hash], p_limit_free, p_limit_solo, p_limit_team
    ) AS admitted;
END;
$$;

-- A key's holder gets a new one, and the old one ends after the overlap. The holder proves the old
-- one again, so nobody else's key can be meant. The new key ends when the old one would have.
CREATE FUNCTION kotadb.rotate_key(
    p_key_id text,
    p_secret_hashes bytea[],
    p_new_key_id text,
    p_new_secret_hash bytea,
    p_new_name text,
    p_overlap_seconds integer,
    p_request_id text,
    p_caller text
) RETURNS TABLE (rotated boolean, tenant_id uuid, name text, valid_until timestamptz, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
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

COMMENT ON FUNCTION kotadb.rotate_key(text, bytea[], text, bytea, text, integer, text, text) IS
'No row: the credential is wrong or over. rotated false: it was given a successor before.';

-- The user with this address, made where there is none. Two first calls at one instant give one
-- user: the later insert waits for the earlier one, and then the next look finds it. Without a tier
-- a known user keeps theirs.
CREATE FUNCTION kotadb.ensure_user(p_email text, p_tier text)
RETURNS TABLE (tenant_id uuid, tier text, created boolean, changed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

-- The same for an organisation and its name.
CREATE FUNCTION kotadb.ensure_organization(p_name text, p_tier text)
RETURNS TABLE (tenant_id uuid, tier text, created boolean, changed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

-- Whether this member is the organisation's only owner. The organisation's row is locked first, so
-- that two owners cannot leave at one instant.
CREATE FUNCTION kotadb.is_last_owner(p_organization_id uuid, p_user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

-- Gives: added, changed, unchanged, last_owner, no_organization or no_user.
CREATE FUNCTION kotadb.set_member(p_organization_id uuid, p_user_id uuid, p_role text) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

-- Gives: removed, last_owner or not_member.
CREATE FUNCTION kotadb.remove_member(p_organization_id uuid, p_user_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

ALTER TABLE kotadb.audit_log ENABLE ROW LEVEL SECURITY;

CREATE POLICY all_audited ON kotadb.audit_log FOR SELECT TO kotadb_admin USING (true);
CREATE POLICY audit_grows ON kotadb.audit_log FOR INSERT TO kotadb_admin WITH CHECK (true);

-- Number and time are the database's own: nothing can be written into the past.
GRANT SELECT, INSERT (action, target, details, request_id, caller) ON kotadb.audit_log TO kotadb_admin;
GRANT EXECUTE ON FUNCTION kotadb.admit_request(text, bytea[], integer, integer, integer)
TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb.rotate_key(text, bytea[], text, bytea, text, integer, text, text)
TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb.forget_audit(integer, integer) TO kotadb_worker, kotadb_admin;
GRANT EXECUTE ON FUNCTION
    kotadb.ensure_user(text, text),
    kotadb.ensure_organization(text, text),
    kotadb.is_last_owner(uuid, uuid),
    kotadb.set_member(uuid, uuid, text),
    kotadb.remove_member(uuid, uuid)
TO kotadb_admin;
