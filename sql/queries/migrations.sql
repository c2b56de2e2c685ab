-- The ledger of migrations.

-- name: lock_migrations
-- Ends with the transaction, so it also works through a transaction pooler. The number stands for
-- this ledger and nothing else; it must stay the same for ever.
SELECT pg_advisory_xact_lock(7235482190114);

-- name: try_lock_steps
-- Steps outside a transaction: held by the session, and so for as long as the server works for it. Nobody
-- waits for the lock above meanwhile. The number, too, must stay the same for ever.
SELECT pg_try_advisory_lock(7235482190115) AS taken;

-- name: act_as_owner
-- Of the session, since SET LOCAL holds for a transaction only.
SET ROLE kotadb_owner;

-- name: own_session
SELECT
    pg_backend_pid() AS session,
    current_user::text AS role;

-- name: leave_session_as_new
-- Without the role, the lock and what steps have set.
DISCARD ALL;

-- name: ledger_exists
SELECT to_regclass('kotadb.schema_migrations') IS NOT NULL AS present;

-- name: right_to_begin
-- The first migration hands CREATE on to kotadb_owner; of one that it cannot hand on Postgres only warns.
SELECT
    coalesce(
        has_database_privilege(here.oid, 'CREATE WITH GRANT OPTION')
        OR has_database_privilege(owners.oid, here.oid, 'CREATE'),
        false
    ) AS suffices,
    'GRANT CREATE ON DATABASE ' || quote_ident(here.datname)
    || ' TO ' || quote_ident(current_user) || ' WITH GRANT OPTION' AS remedy
FROM pg_database AS here
LEFT JOIN pg_roles AS owners ON owners.rolname = 'kotadb_owner'
WHERE here.datname = current_database();

-- name: read_ledger
SELECT
    version,
    name,
    checksum
FROM kotadb.schema_migrations
ORDER BY version;

-- name: record_migration
INSERT INTO kotadb.schema_migrations (version, name, checksum)
VALUES (%(version)s, %(name)s, %(checksum)s);

-- name: forget_migration
DELETE FROM kotadb.schema_migrations
WHERE version = %(version)s;

-- name: become_owner
-- Whoever migrates may do so; until the end of the transaction.
SET LOCAL ROLE kotadb_owner;
