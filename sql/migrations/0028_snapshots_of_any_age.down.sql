SET LOCAL ROLE kotadb_owner;

DO $$
DECLARE
    place regclass;
BEGIN
    FOREACH place IN ARRAY
        '{kotadb.dependencies,kotadb.symbol_references,kotadb.symbols}'::regclass[]
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN snapshot_id SET STATISTICS -1', place);
    END LOOP;
END;
$$;
