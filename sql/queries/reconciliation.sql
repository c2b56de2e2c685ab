-- What GitHub is asked for, so that pushes are found whose deliveries were lost.

-- name: reconciliation_begins
SELECT clock_timestamp() AS began_at;

-- name: reconciliation_is_due
-- A run notes each repository that it looks at. Where there is none it lists installations, no more.
SELECT
    coalesce(
        max(heads_checked_at) <= clock_timestamp() - %(seconds)s::float8 * interval '1 second',
        true
    ) AS is_due
FROM kotadb.repositories;

-- name: note_listed_installation
-- Unless it was heard of since asked_at; null: whatever was heard.
SELECT
    kotadb.note_installation(
        %(installation_id)s::bigint,
        %(account_id)s::bigint,
        %(account_login)s::text,
        %(state)s::text,
        %(all_repositories)s::boolean
    ) AS tenant_id
WHERE
    NOT EXISTS (
        SELECT FROM kotadb.github_installations
        WHERE
            installation_id = %(installation_id)s::bigint
            AND heard_at > %(asked_at)s::timestamptz
    );

-- name: unlisted_installations
SELECT installation_id
FROM kotadb.github_installations
WHERE
    state <> 'deleted'
    AND heard_at <= %(asked_at)s::timestamptz
    AND installation_id <> ALL(%(listed)s::bigint[])
-- Of more than can be asked for all come round.
ORDER BY random()
LIMIT %(most)s::integer;

-- name: note_gone_installation
-- Unless it was heard of since asked_at, which the function looks at under a lock of its row.
SELECT
    kotadb.note_unlisted_installations(
        coalesce(array_agg(others.installation_id), '{}'), %(asked_at)s::timestamptz
    ) AS noted
FROM kotadb.github_installations AS others
WHERE others.installation_id <> %(gone)s::bigint;

-- name: repositories_to_reconcile
WITH due AS NOT MATERIALIZED (
    SELECT
        places.repository_id,
        places.tenant_id,
        places.clone_url,
        places.full_name,
        places.github_id,
        places.heads_checked_at,
        lower(split_part(places.full_name, '/', 1)) AS owner
    FROM kotadb.repositories AS places
    WHERE
        places.deleted_at IS NULL
        AND places.gone_at IS NULL
        AND (
            places.heads_checked_at IS NULL
            OR places.heads_checked_at < %(began_at)s::timestamptz
        )
),

usable AS (
    SELECT
        installation_id,
        tenant_id,
        lower(account_login) AS owner
    FROM kotadb.github_installations
    WHERE tenant_id IS NOT NULL AND state = 'active' AND %(has_app)s::boolean
),

-- Two lists, so that those without a token, of which GitHub answers few in an hour, keep no place
-- from the others.
by_token AS (
    SELECT
        due.repository_id,
        due.clone_url,
        due.full_name,
        due.heads_checked_at,
        usable.installation_id
    FROM usable
    INNER JOIN due ON usable.tenant_id = due.tenant_id AND usable.owner = due.owner
    -- Another host may have an owner of that name. What has a number is of GitHub's.
    WHERE substring(lower(due.clone_url) FROM '^https?://([^/:]+)') = %(host)s::text
    ORDER BY
        due.heads_checked_at ASC NULLS FIRST, due.repository_id ASC, usable.installation_id DESC
    LIMIT %(most)s::integer
),

by_anybody AS (
    SELECT
        due.repository_id,
        due.clone_url,
        due.full_name,
        due.heads_checked_at,
        NULL::bigint AS installation_id
    FROM due
    WHERE
        due.github_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM usable
            WHERE usable.tenant_id = due.tenant_id AND usable.owner = due.owner
        )
    ORDER BY due.heads_checked_at NULLS FIRST, due.repository_id
    LIMIT %(most)s::integer
)

SELECT * FROM by_token
UNION ALL
SELECT * FROM by_anybody
ORDER BY heads_checked_at NULLS FIRST, repository_id;

-- name: begin_head_check
UPDATE kotadb.repositories SET heads_checked_at = clock_timestamp()
WHERE
    repository_id = %(repository_id)s::uuid
    AND deleted_at IS NULL
    AND gone_at IS NULL
    AND heads_checked_at IS NOT DISTINCT FROM %(seen)s::timestamptz;

-- name: share_head_check
UPDATE kotadb.repositories SET heads_checked_at = clock_timestamp()
WHERE
    github_id = %(github_id)s::bigint
    AND deleted_at IS NULL;

-- name: refs_to_compare
SELECT
    refs.ref,
    clock_timestamp() AS asked_at
FROM (
    SELECT DISTINCT tracked.ref
    FROM kotadb.repositories AS places
    CROSS JOIN LATERAL kotadb_queue.tracked_refs(
        places.repository_id, %(default_ref)s::text
    ) AS tracked
    WHERE
        places.github_id = %(github_id)s::bigint
        AND places.deleted_at IS NULL
        AND (
            NOT %(is_private)s::boolean
            OR kotadb.reads_private_of(places.tenant_id, %(owner_id)s::bigint)
        )
        -- What is written out whole is no branch, nor is what stands for a remote without one.
        AND NOT starts_with(tracked.ref, 'refs/')
        AND tracked.ref <> 'HEAD'
) AS refs
-- Of more than can be compared all come round.
ORDER BY refs.ref <> %(default_ref)s::text, random()
LIMIT %(most)s::integer;
