-- Pages that stay those of one commit: a snapshot that a newer index of its ref replaced stays readable
-- for a while, so that whoever reads a list page by page reads it to its end. Whatever else takes a
-- snapshot away, the deletion of its repository or its branch, takes it away at once as before, and
-- with it those that it had replaced.

SET LOCAL ROLE kotadb_owner;

ALTER TABLE kotadb.snapshots
ADD COLUMN readable_until timestamptz CHECK (readable_until IS NULL OR state = 'retired'),
ADD COLUMN publication bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN kotadb.snapshots.readable_until IS
'Until when a replaced snapshot is read; null: it is current, or nobody sees it any more.';
COMMENT ON COLUMN kotadb.snapshots.publication IS
'Counts up in the order in which publications of a tenant are seen; 0: loading, or of before 0017.';

CREATE INDEX snapshots_readable_of_tenant ON kotadb.snapshots (tenant_id, readable_until)
WHERE state = 'retired' AND readable_until IS NOT NULL;

CREATE SEQUENCE kotadb.publications;

-- The time is that of the transaction: a reader's statements all see the same snapshots.
CREATE OR REPLACE FUNCTION kotadb.visible_snapshots() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array(
        SELECT snapshot_id FROM kotadb.snapshots
        WHERE tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]) AND state = 'current'
        UNION ALL
        SELECT snapshot_id FROM kotadb.snapshots
        WHERE
            tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
            AND state = 'retired'
            AND readable_until > transaction_timestamp()
    );
$$;

COMMENT ON FUNCTION kotadb.visible_snapshots() IS
'The snapshots of the tenants that this transaction may see: current, or replaced a while ago.';

ALTER POLICY own_snapshots ON kotadb.snapshots
USING (
    (state = 'current' OR (state = 'retired' AND readable_until > transaction_timestamp()))
    AND tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])
);

-- A replaced snapshot is readable only beside the current one of its ref.
CREATE FUNCTION kotadb.withdraw_replaced_snapshots() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE kotadb.snapshots SET readable_until = NULL
    WHERE
        repository_id = new.repository_id
        AND ref = new.ref
        AND state = 'retired'
        AND readable_until IS NOT NULL;
    RETURN NULL;
END;
$$;

CREATE TRIGGER snapshot_takes_the_replaced_along AFTER UPDATE OF state ON kotadb.snapshots
FOR EACH ROW
WHEN (old.state = 'current' AND new.state = 'retired' AND new.readable_until IS NULL)
EXECUTE FUNCTION kotadb.withdraw_replaced_snapshots();

-- As before, but what is replaced stays readable. Publications of one tenant take turns until their
-- COMMIT, so whoever sees one sees every one with a lower number. The default is for the release before.
DROP FUNCTION kotadb.publish_snapshot(integer);
CREATE FUNCTION kotadb.publish_snapshot(
    p_snapshot_id integer, p_keep_seconds integer DEFAULT 900
) RETURNS boolean
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
    PERFORM pg_advisory_xact_lock(
        hashtextextended('kotadb.publish_snapshot ' || fresh.tenant_id::text, 0)
    );
    UPDATE kotadb.snapshots SET
        state = 'retired',
        readable_until = clock_timestamp() + p_keep_seconds * interval '1 second'
    WHERE repository_id = fresh.repository_id AND ref = fresh.ref AND state = 'current';
    UPDATE kotadb.snapshots SET
        state = 'current', publication = nextval('kotadb.publications')
    WHERE snapshot_id = p_snapshot_id;
    RETURN true;
END;
$$;

GRANT EXECUTE ON FUNCTION kotadb.publish_snapshot(integer, integer) TO kotadb_worker;
GRANT USAGE ON SEQUENCE kotadb.publications TO kotadb_worker;
