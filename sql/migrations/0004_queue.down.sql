SET LOCAL ROLE kotadb_owner;
DROP FUNCTION kotadb_queue.figures();
DROP FUNCTION kotadb_queue.expire(uuid, text);
DROP FUNCTION kotadb_queue.end_run(
    uuid, uuid, text, text, text, text, text, boolean, integer, double precision
);
DROP FUNCTION kotadb_queue.bury(kotadb_queue.live, text, text);
DROP FUNCTION kotadb_queue.finish(uuid, uuid, text, text, text, jsonb, jsonb, text, text);
DROP FUNCTION kotadb_queue.wake_waiting(uuid, text);
DROP FUNCTION kotadb_queue.lock_lease(uuid, uuid);
DROP FUNCTION kotadb_queue.enqueue(
    uuid, text, text, text, text, boolean, text, integer, integer
);
DROP FUNCTION kotadb_queue.rotate_archive(integer);
DROP TABLE kotadb_queue.dead_letters, kotadb_queue.archive, kotadb_queue.live;
