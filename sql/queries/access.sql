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
    %(secret_hashes)s::bytea[],
    %(limit_free)s::integer,
    %(limit_solo)s::integer,
    %(limit_team)s::integer
);

-- name: rotate_key
SELECT
    rotated,
    tenant_id,
    name,
    valid_until,
    expires_at
FROM kotadb.rotate_key(
    %(key_id)s::text,
    %(secret_hashes)s::bytea[],
    %(new_key_id)s::text,
    %(new_secret_hash)s::bytea,
    %(new_name)s::text,
    %(overlap_seconds)s::integer,
    %(request_id)s::text,
    %(caller)s::text
);

-- name: ensure_user
-- Idempotent by e-mail address: a second call gives the same user, with the tier asked for.
SELECT
    tenant_id,
    tier,
    created,
    changed
FROM kotadb.ensure_user(%(email)s::text, %(tier)s::text);

-- name: ensure_organization
SELECT
    tenant_id,
    tier,
    created,
    changed
FROM kotadb.ensure_organization(%(organization_name)s::text, %(tier)s::text);

-- name: add_key
INSERT INTO kotadb.api_keys (key_id, tenant_id, name, secret_hash, expires_at)
VALUES (
    %(key_id)s,
    %(tenant_id)s::uuid,
    %(key_name)s,
    %(secret_hash)s,
    clock_timestamp() + %(valid_days)s::integer * interval '1 day'
)
RETURNING key_id, expires_at;

-- name: revoke_key
UPDATE kotadb.api_keys
SET revoked_at = clock_timestamp()
WHERE key_id = %(key_id)s AND revoked_at IS NULL
RETURNING key_id;

-- name: key_successors
-- The keys that were given for this one, and for those in turn, as long as they are good.
WITH RECURSIVE line AS (
    SELECT key_id
    FROM kotadb.api_keys
    WHERE replaces = %(key_id)s
    UNION
    SELECT next.key_id
    FROM kotadb.api_keys AS next
    INNER JOIN line ON next.replaces = line.key_id
)

SELECT keys.key_id
FROM kotadb.api_keys AS keys
INNER JOIN line ON keys.key_id = line.key_id
WHERE
    keys.revoked_at IS NULL
    AND (keys.expires_at IS NULL OR keys.expires_at > clock_timestamp())
ORDER BY keys.created_at, keys.key_id;

-- name: key_by_id
SELECT key_id
FROM kotadb.api_keys
WHERE key_id = %(key_id)s;

-- name: key_is_valid
SELECT EXISTS(
    SELECT FROM kotadb.api_keys
    WHERE
        key_id = %(key_id)s
        AND secret_hash = ANY(%(secret_hashes)s::bytea[])
        AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > clock_timestamp())
) AS valid;

-- name: end_of_replaced_key
-- No row where no other key was given for it.
SELECT replaced.expires_at
FROM kotadb.api_keys AS replaced
WHERE
    replaced.key_id = %(key_id)s
    AND replaced.expires_at IS NOT NULL
    AND EXISTS (
        SELECT FROM kotadb.api_keys AS successors
        WHERE successors.replaces = replaced.key_id
    );

-- name: keys_page
-- Oldest first. The cursor is the place of the last row shown.
SELECT
    keys.key_id,
    keys.tenant_id,
    coalesce(people.email, named.name) AS owner,
    tenants.tier,
    keys.name,
    keys.created_at,
    keys.expires_at,
    keys.revoked_at,
    keys.hashed_at,
    keys.replaces
FROM kotadb.api_keys AS keys
INNER JOIN kotadb.tenants AS tenants ON keys.tenant_id = tenants.tenant_id
LEFT JOIN kotadb.users AS people ON keys.tenant_id = people.user_id
LEFT JOIN kotadb.organizations AS named ON keys.tenant_id = named.organization_id
WHERE
    (%(tenant_id)s::uuid IS NULL OR keys.tenant_id = %(tenant_id)s::uuid)
    AND (
        %(after_created_at)s::timestamptz IS NULL
        OR (keys.created_at, keys.key_id)
        > (%(after_created_at)s::timestamptz, %(after_id)s::text)
    )
ORDER BY keys.created_at, keys.key_id
LIMIT %(page_size)s::integer;

-- name: find_user
SELECT
    people.user_id,
    people.email,
    tenants.tier,
    tenants.created_at
FROM kotadb.users AS people
INNER JOIN kotadb.tenants AS tenants ON people.user_id = tenants.tenant_id
WHERE people.user_id = %(wanted_id)s::uuid OR people.email = %(wanted)s::text;

-- name: users_page
SELECT
    people.user_id,
    people.email,
    tenants.tier,
    tenants.created_at
FROM kotadb.users AS people
INNER JOIN kotadb.tenants AS tenants ON people.user_id = tenants.tenant_id
WHERE %(after)s::text IS NULL OR people.email > %(after)s::text
ORDER BY people.email
LIMIT %(page_size)s::integer;

-- name: find_organization
-- An id wins over a name of the same letters.
SELECT
    named.organization_id,
    named.name,
    tenants.tier,
    tenants.created_at,
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'user_id', people.user_id, 'email', people.email, 'role', members.role
                    )
                    ORDER BY array_position(ARRAY['owner', 'admin', 'member'], members.role),
                    people.email
                )
            FROM kotadb.organization_members AS members
            INNER JOIN kotadb.users AS people ON members.user_id = people.user_id
            WHERE members.organization_id = named.organization_id
        ),
        '[]'
    ) AS members
FROM kotadb.organizations AS named
INNER JOIN kotadb.tenants AS tenants ON named.organization_id = tenants.tenant_id
WHERE named.organization_id = %(wanted_id)s::uuid OR named.name = %(wanted)s::text
ORDER BY (named.organization_id = %(wanted_id)s::uuid) DESC NULLS LAST
LIMIT 1;

-- name: organizations_page
SELECT
    named.organization_id,
    named.name,
    tenants.tier,
    tenants.created_at,
    coalesce(
        (
            SELECT
                jsonb_agg(
                    jsonb_build_object(
                        'user_id', people.user_id, 'email', people.email, 'role', members.role
                    )
                    ORDER BY array_position(ARRAY['owner', 'admin', 'member'], members.role),
                    people.email
                )
            FROM kotadb.organization_members AS members
            INNER JOIN kotadb.users AS people ON members.user_id = people.user_id
            WHERE members.organization_id = named.organization_id
        ),
        '[]'
    ) AS members
FROM kotadb.organizations AS named
INNER JOIN kotadb.tenants AS tenants ON named.organization_id = tenants.tenant_id
WHERE %(after)s::text IS NULL OR named.name > %(after)s::text
ORDER BY named.name
LIMIT %(page_size)s::integer;

-- name: set_member
SELECT
    kotadb.set_member(
        %(organization_id)s::uuid, %(user_id)s::uuid, %(member_role)s::text
    ) AS outcome;

-- name: remove_member
SELECT kotadb.remove_member(%(organization_id)s::uuid, %(user_id)s::uuid) AS outcome;
