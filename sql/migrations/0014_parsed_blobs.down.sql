-- Loses nothing that the next index of each repository does not give back.
SET LOCAL ROLE kotadb_owner;
DROP TRIGGER snapshot_takes_its_blobs_along ON kotadb.snapshots;
DROP FUNCTION kotadb.forget_parsed_blobs();
DROP TABLE kotadb.parsed_blobs;
