SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.snapshots DROP COLUMN links, DROP COLUMN linked_by;
