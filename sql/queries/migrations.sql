-- The ledger of migrations.

-- name: lock_migrations
-- Ends with the transaction, so it also works through a transaction pooler. The number stands for
-- this ledger and nothing else; it must stay the same for ever.
SELECT pg_advisory_xact_lock(7235482190114);

-- name: ledger_exists
SELECT to_regclass('kotadb.schema_migrations') IS NOT NULL AS present;

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
