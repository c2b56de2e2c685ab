-- Installations of the GitHub App, and whose each is.

-- name: installations_page
-- By id; all of them, or the one with this id. The cursor is the id of the last row shown.
SELECT
    installed.installation_id,
    installed.account_id,
    installed.account_login,
    installed.state,
    installed.all_repositories,
    installed.heard_at,
    installed.tenant_id,
    coalesce(people.email, named.name) AS owner,
    installed.linked_at
FROM kotadb.github_installations AS installed
LEFT JOIN kotadb.users AS people ON installed.tenant_id = people.user_id
LEFT JOIN kotadb.organizations AS named ON installed.tenant_id = named.organization_id
WHERE
    (
        %(installation_id)s::bigint IS NULL
        OR installed.installation_id = %(installation_id)s::bigint
    )
    AND (
        %(account)s::text IS NULL
        OR lower(installed.account_login) = lower(%(account)s::text)
    )
    AND (
        %(linked)s::boolean IS NULL
        OR (installed.tenant_id IS NOT NULL) = %(linked)s::boolean
    )
    AND (%(after)s::bigint IS NULL OR installed.installation_id > %(after)s::bigint)
ORDER BY installed.installation_id
LIMIT %(page_size)s::integer;

-- name: lock_installation
-- Whoever links, unlinks or notes the end of one takes turns, so that a refusal names its reason.
SELECT
    tenant_id,
    state
FROM kotadb.github_installations
WHERE installation_id = %(installation_id)s::bigint
FOR NO KEY UPDATE;

-- name: link_installation
-- To a tenant that is there, and stays until this is committed.
WITH holder AS MATERIALIZED (
    SELECT tenant_id
    FROM kotadb.tenants
    WHERE tenant_id = %(tenant_id)s::uuid
    FOR KEY SHARE
)

UPDATE kotadb.github_installations AS installed
SET tenant_id = holder.tenant_id, linked_at = clock_timestamp()
FROM holder
WHERE
    installed.installation_id = %(installation_id)s::bigint
    AND installed.tenant_id IS NULL
    AND installed.state <> 'deleted'
RETURNING installed.installation_id;

-- name: unlink_installation
-- The moment of the link goes with it: see the trigger.
UPDATE kotadb.github_installations
SET tenant_id = NULL
WHERE installation_id = %(installation_id)s::bigint AND tenant_id IS NOT NULL;
