-- What the planner expects of a snapshot no longer depends on whether it is older than the statistics.

SET LOCAL ROLE kotadb_owner;

-- Every index makes a snapshot that no statistics know. By those of the others the planner takes none of
-- its rows for granted, reads it whole for each row that is wanted, and joins all of it with all.
-- Without any it expects a part of the table. Those that were made are forgotten with the type, which stays
-- what it is: no table is written anew, and of the indexes those with a condition. While these are built,
-- nobody reads their table. A policy that names the column must stand aside meanwhile.

DROP POLICY own_dependencies ON kotadb.dependencies;
ALTER TABLE kotadb.dependencies ALTER COLUMN snapshot_id SET STATISTICS 0;
ALTER TABLE kotadb.dependencies ALTER COLUMN snapshot_id TYPE integer;
CREATE POLICY own_dependencies ON kotadb.dependencies
FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));

DROP POLICY own_references ON kotadb.symbol_references;
ALTER TABLE kotadb.symbol_references ALTER COLUMN snapshot_id SET STATISTICS 0;
ALTER TABLE kotadb.symbol_references ALTER COLUMN snapshot_id TYPE integer;
CREATE POLICY own_references ON kotadb.symbol_references
FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));

DROP POLICY own_symbols ON kotadb.symbols;
ALTER TABLE kotadb.symbols ALTER COLUMN snapshot_id SET STATISTICS 0;
ALTER TABLE kotadb.symbols ALTER COLUMN snapshot_id TYPE integer;
CREATE POLICY own_symbols ON kotadb.symbols
FOR SELECT TO kotadb_api
USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]));
