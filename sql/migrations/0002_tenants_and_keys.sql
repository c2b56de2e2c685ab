-- Tenants (users and organisations), API keys, request quotas, and who sees what.

SET LOCAL ROLE kotadb_owner;

CREATE TABLE kotadb.tenants (
    tenant_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('user', 'organization')),
    tier text NOT NULL DEFAULT 'free' CHECK (tier IN ('free', 'solo', 'team')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (tenant_id, kind)
);

COMMENT ON TABLE kotadb.tenants IS
'Whoever owns repositories and keys. Each is a user or an organisation, never both.';

CREATE TABLE kotadb.users (
    user_id uuid PRIMARY KEY,
    kind text NOT NULL DEFAULT 'user' CHECK (kind = 'user'),
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 320),
    FOREIGN KEY (user_id, kind) REFERENCES kotadb.tenants (tenant_id, kind) ON DELETE CASCADE,
    UNIQUE (email)
);

CREATE TABLE kotadb.organizations (
    organization_id uuid PRIMARY KEY,
    kind text NOT NULL DEFAULT 'organization' CHECK (kind = 'organization'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    FOREIGN KEY (organization_id, kind)
    REFERENCES kotadb.tenants (tenant_id, kind) ON DELETE CASCADE,
    UNIQUE (name)
);

CREATE TABLE kotadb.organization_members (
    organization_id uuid NOT NULL REFERENCES kotadb.organizations ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES kotadb.users ON DELETE CASCADE,
    role text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'admin', 'member')),
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (organization_id, user_id)
);

CREATE INDEX organization_members_of_user ON kotadb.organization_members (user_id);

CREATE TABLE kotadb.api_keys (
    key_id text COLLATE "C" PRIMARY KEY CHECK (key_id ~ '^[0-9A-Za-z]{12}$'),
    tenant_id uuid NOT NULL REFERENCES kotadb.tenants ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);

CREATE INDEX api_keys_of_tenant ON kotadb.api_keys (tenant_id);

COMMENT ON COLUMN kotadb.api_keys.secret_hash IS
'SHA-256, or HMAC-SHA-256 under the pepper where one is set, of the random secret: never the secret.';

CREATE TABLE kotadb.rate_limit_counters (
    tenant_id uuid PRIMARY KEY REFERENCES kotadb.tenants ON DELETE CASCADE,
    window_start timestamptz NOT NULL,
    used integer NOT NULL CHECK (used >= 0)
);

COMMENT ON TABLE kotadb.rate_limit_counters IS
'Requests of the current hour, one row for each tenant: a new hour starts the same row at one.';

-- A policy that queried organization_members itself would recurse for ever, so membership goes
-- through this one function. Its owner is not subject to the policies.
CREATE FUNCTION kotadb.visible_tenants() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH principal AS (
        -- After set_config(.., true) the next transaction of a connection sees '' and not NULL.
        SELECT nullif(current_setting('app.user_id', true), '')::uuid AS id
    )
    SELECT array(
        SELECT principal.id FROM principal WHERE principal.id IS NOT NULL
        UNION
        SELECT members.organization_id
        FROM kotadb.organization_members AS members
        INNER JOIN principal ON members.user_id = principal.id
    );
$$;

COMMENT ON FUNCTION kotadb.visible_tenants() IS
'The tenants whose rows this transaction may see: app.user_id and the organisations it belongs to.';

-- One upsert decides: any number of parallel requests on a quota of L give exactly L.
-- Both sides are hashed once more under a nonce, so the time of the comparison says nothing about
-- the stored hash, and an unknown key id costs the same work as a known one.
CREATE FUNCTION kotadb.admit_request(
    p_key_id text,
    p_secret_hash bytea,
    p_limit_free integer,
    p_limit_solo integer,
    p_limit_team integer
) RETURNS TABLE (tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nonce bytea := uuid_send(gen_random_uuid());
    decoy bytea := sha256(nonce);
    owner_id uuid;
    stored bytea;
BEGIN
    SELECT keys.tenant_id, keys.secret_hash, tenants.tier
    INTO owner_id, stored, tier
    FROM kotadb.api_keys AS keys
    INNER JOIN kotadb.tenants AS tenants ON tenants.tenant_id = keys.tenant_id
    WHERE keys.key_id = p_key_id AND keys.revoked_at IS NULL;

    IF sha256(nonce || coalesce(stored, decoy)) <> sha256(nonce || p_secret_hash) THEN
        RETURN;
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

COMMENT ON FUNCTION kotadb.admit_request(text, bytea, integer, integer, integer) IS
'No row: the credential is wrong or revoked. One row: counted; refused by quota when used > request_limit.';

ALTER TABLE kotadb.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.organization_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.rate_limit_counters ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_tenants ON kotadb.tenants FOR SELECT TO kotadb_api
USING (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY own_user ON kotadb.users FOR SELECT TO kotadb_api
USING (user_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY own_organizations ON kotadb.organizations FOR SELECT TO kotadb_api
USING (organization_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY own_members ON kotadb.organization_members FOR SELECT TO kotadb_api
USING (organization_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));

CREATE POLICY all_tenants ON kotadb.tenants TO kotadb_admin USING (true) WITH CHECK (true);
CREATE POLICY all_users ON kotadb.users TO kotadb_admin USING (true) WITH CHECK (true);
CREATE POLICY all_organizations ON kotadb.organizations TO kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_members ON kotadb.organization_members TO kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_keys ON kotadb.api_keys TO kotadb_admin USING (true) WITH CHECK (true);

-- The API's role reads no key and no counter: it can only ask admit_request.
GRANT SELECT ON kotadb.tenants, kotadb.users, kotadb.organizations, kotadb.organization_members
TO kotadb_api;
GRANT SELECT, INSERT, UPDATE, DELETE
ON kotadb.tenants, kotadb.users, kotadb.organizations, kotadb.organization_members, kotadb.api_keys
TO kotadb_admin;
GRANT EXECUTE ON FUNCTION kotadb.visible_tenants() TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb.admit_request(text, bytea, integer, integer, integer)
TO kotadb_api;
