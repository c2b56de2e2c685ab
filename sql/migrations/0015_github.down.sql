-- Loses which installation is whose, and which deliveries and heads were told of.
SET LOCAL ROLE kotadb_owner;
DROP FUNCTION kotadb_queue.receive_lost_access(bigint, bigint[]);
DROP FUNCTION kotadb.note_unlisted_installations(bigint[], timestamptz);
DROP FUNCTION kotadb.note_installation(bigint, bigint, text, text, boolean);
DROP FUNCTION kotadb_queue.receive_repository(bigint, bigint, text[], text, boolean, boolean);
DROP FUNCTION kotadb_queue.receive_push(
    bigint, bigint, text, text, boolean, text, text, text, text, integer, integer, timestamptz
);
DROP FUNCTION kotadb_queue.follow_address(kotadb.repositories, text, text);
DROP FUNCTION kotadb_queue.tracked_refs(uuid, text);
DROP FUNCTION kotadb_queue.enqueue_head(uuid, text, text, text, integer, integer);
DROP FUNCTION kotadb_queue.cancel_all_of(uuid[], text, text, text);
DROP FUNCTION kotadb_queue.lock_github_repositories(bigint, bigint, text[], boolean, boolean);
DROP FUNCTION kotadb.reads_private_of(uuid, bigint);
DROP FUNCTION kotadb_queue.receive_delivery(text, bytea, text);
DROP TABLE kotadb_queue.branch_heads;
DROP TABLE kotadb_queue.webhook_deliveries;
DROP TABLE kotadb.github_installations;
DROP FUNCTION kotadb.unlink_with_tenant();
DROP INDEX kotadb.repositories_by_head_check;
DROP INDEX kotadb.repositories_by_github_id;
DROP INDEX kotadb.repositories_by_url;
ALTER TABLE kotadb.repositories
DROP COLUMN heads_checked_at,
DROP COLUMN gone_at,
DROP COLUMN is_private,
DROP COLUMN github_id;
