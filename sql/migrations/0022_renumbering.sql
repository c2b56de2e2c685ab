-- Rows are taken over from a snapshot with other paths and another configuration, too, so that all their
-- numbers may have moved on.

SET LOCAL ROLE kotadb_owner;

CREATE FUNCTION kotadb.moved(p_number integer, p_starts integer[], p_shifts integer[]) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_number + p_shifts[width_bucket(p_number, p_starts)];

COMMENT ON FUNCTION kotadb.moved(integer, integer[], integer[]) IS
'What a number becomes, when those from each start on, up to the next one, move by its shift.';

GRANT EXECUTE ON FUNCTION kotadb.moved(integer, integer[], integer[]) TO kotadb_worker;

COMMENT ON COLUMN kotadb.snapshots.linked_by IS
'A digest of what it was linked by: the program and its settings; null: nothing is taken from it.';
COMMENT ON COLUMN kotadb.snapshots.links IS
'Packed: how many symbols each file has, which files it leads to, and what its requests are answered with.';
