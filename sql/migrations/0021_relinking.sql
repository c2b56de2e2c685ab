-- What a later index of the repository needs to know of how a commit was linked, so that the rows of
-- files which a change does not reach are taken from this one.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.snapshots
ADD COLUMN linked_by bytea CHECK (octet_length(linked_by) = 16),
ADD COLUMN links bytea CHECK ((links IS NULL) = (linked_by IS NULL));

-- Packed already, and too long to be read with the rows.
ALTER TABLE kotadb.snapshots ALTER COLUMN links SET STORAGE EXTERNAL;

COMMENT ON COLUMN kotadb.snapshots.linked_by IS
'A digest of what it was linked by: program, paths and configuration; null: nothing is taken from it.';
COMMENT ON COLUMN kotadb.snapshots.links IS
'Packed: how many symbols each file has, and which files it leads to.';
