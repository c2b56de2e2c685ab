-- Keys, tenants and quotas.

-- name: admit_request
SELECT
    tenant_id,
    tier,
    request_limit,
    used,
    resets_at
FROM kotadb.admit_request(
    %(key_id)s::text,
    %(secret_hash)s::bytea,
    %(limit_free)s::integer,
    %(limit_solo)s::integer,
    %(limit_team)s::integer
);

-- name: ensure_user
-- Idempotent by e-mail address: a second call gives the same user, with the tier asked for.
WITH known AS (
    SELECT user_id
    FROM kotadb.users
    WHERE email = %(email)s
),

tenant AS (
    INSERT INTO kotadb.tenants (tenant_id, kind, tier)
    SELECT
        coalesce((SELECT known.user_id FROM known), gen_random_uuid()),
        'user',
        %(tier)s
    ON CONFLICT (tenant_id) DO UPDATE SET tier = excluded.tier
    RETURNING tenant_id
),

person AS (
    INSERT INTO kotadb.users (user_id, email)
    SELECT
        tenant.tenant_id,
        %(email)s
    FROM tenant
    WHERE NOT EXISTS (SELECT FROM known)
)

SELECT tenant_id
FROM tenant;

-- name: add_key
INSERT INTO kotadb.api_keys (key_id, tenant_id, name, secret_hash)
VALUES (%(key_id)s, %(tenant_id)s::uuid, %(key_name)s, %(secret_hash)s)
RETURNING key_id, created_at;

-- name: key_is_valid
SELECT EXISTS(
    SELECT FROM kotadb.api_keys
    WHERE key_id = %(key_id)s AND secret_hash = %(secret_hash)s AND revoked_at IS NULL
) AS valid;
