SET LOCAL ROLE kotadb_owner;

DROP FUNCTION kotadb.moved(integer, integer[], integer[]);

COMMENT ON COLUMN kotadb.snapshots.linked_by IS
'A digest of what it was linked by: program, paths and configuration; null: nothing is taken from it.';
COMMENT ON COLUMN kotadb.snapshots.links IS
'Packed: how many symbols each file has, and which files it leads to.';
