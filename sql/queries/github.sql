-- What GitHub tells of: deliveries, installations of the App, heads of branches.

-- name: receive_delivery
SELECT
    kotadb_queue.receive_delivery(
        %(delivery_id)s::text, %(body_digest)s::bytea, %(event)s::text
    ) AS is_new;

-- name: receive_push
-- asked_at: null for what was told; else when GitHub was asked about it.
SELECT
    repository_id,
    job_id
FROM kotadb_queue.receive_push(
    %(github_id)s::bigint,
    %(owner_id)s::bigint,
    %(clone_url)s::text,
    %(full_name)s::text,
    %(is_private)s::boolean,
    %(default_ref)s::text,
    %(ref)s::text,
    %(commit_sha)s::text,
    %(request_id)s::text,
    %(max_retries)s::integer,
    %(expire_hours)s::integer,
    %(asked_at)s::timestamptz
);

-- name: receive_repository
SELECT
    kotadb_queue.receive_repository(
        %(github_id)s::bigint,
        %(owner_id)s::bigint,
        %(clone_urls)s::text[],
        %(full_name)s::text,
        %(is_private)s::boolean,
        %(is_gone)s::boolean
    ) AS told;

-- name: note_installation
SELECT
    kotadb.note_installation(
        %(installation_id)s::bigint,
        %(account_id)s::bigint,
        %(account_login)s::text,
        %(state)s::text,
        %(all_repositories)s::boolean
    ) AS tenant_id;

-- name: installation_of_tenant
-- Of two on one name the older one is what was not told to have ended or to have another name now.
SELECT
    installation_id,
    state
FROM kotadb.github_installations
WHERE
    tenant_id = %(tenant_id)s::uuid
    AND lower(account_login) = lower(%(login)s::text)
    AND state <> 'deleted'
ORDER BY state ASC, installation_id DESC
LIMIT 1;

-- name: receive_lost_access
SELECT
    kotadb_queue.receive_lost_access(
        %(installation_id)s::bigint, %(github_ids)s::bigint[]
    ) AS cancelled;

-- name: forget_deliveries
-- And installations that are deleted and nobody's: who may install the App makes as many as he likes.
WITH forgotten AS (
    DELETE FROM kotadb.github_installations
    WHERE
        state = 'deleted'
        AND tenant_id IS NULL
        AND heard_at <= (SELECT clock_timestamp()) - %(keep_days)s::integer * interval '1 day'
)

DELETE FROM kotadb_queue.webhook_deliveries
WHERE delivery_id = ANY(ARRAY(
    SELECT old.delivery_id
    FROM kotadb_queue.webhook_deliveries AS old
    WHERE old.received_at <= (SELECT clock_timestamp()) - %(keep_days)s::integer * interval '1 day'
    ORDER BY old.received_at
    LIMIT %(batch_size)s::integer
));
