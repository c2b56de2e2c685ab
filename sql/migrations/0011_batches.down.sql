SET LOCAL ROLE kotadb_owner;
DROP FUNCTION kotadb_queue.complete_many(uuid[], uuid[], text[], text[], jsonb);
DROP FUNCTION kotadb_queue.enqueue_many(
    uuid, text[], text[], text[], text[], boolean[], text[], integer, integer
);
