-- What was replaced is seen by nobody from now on, as before.
SET LOCAL ROLE kotadb_owner;

DROP TRIGGER snapshot_takes_the_replaced_along ON kotadb.snapshots;
DROP FUNCTION kotadb.withdraw_replaced_snapshots();

DROP FUNCTION kotadb.publish_snapshot(integer, integer);
CREATE FUNCTION kotadb.publish_snapshot(p_snapshot_id integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fresh kotadb.snapshots;
BEGIN
    SELECT * INTO STRICT fresh FROM kotadb.snapshots WHERE snapshot_id = p_snapshot_id;
    PERFORM FROM kotadb.repositories
    WHERE repository_id = fresh.repository_id AND deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF
        NOT FOUND
        OR exists(
            SELECT FROM kotadb.snapshots
            WHERE
                repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current'
                AND generation > fresh.generation
        )
    THEN
        RETURN false;
    END IF;
    UPDATE kotadb.snapshots SET state = 'retired'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET state = 'current' WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;
GRANT EXECUTE ON FUNCTION kotadb.publish_snapshot(integer) TO kotadb_worker;

CREATE OR REPLACE FUNCTION kotadb.visible_snapshots() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array(
        SELECT snapshot_id FROM kotadb.snapshots
        WHERE tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]) AND state = 'current'
    );
$$;
COMMENT ON FUNCTION kotadb.visible_snapshots() IS
'The current snapshots of the tenants that this transaction may see.';
ALTER POLICY own_snapshots ON kotadb.snapshots
USING (state = 'current' AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));

ALTER TABLE kotadb.snapshots DROP COLUMN readable_until, DROP COLUMN publication;
DROP SEQUENCE kotadb.publications;
