-- Overloads, the two accessors of a property and declarations that merge are one thing for whoever asks who
-- uses it. Every use leads to the first of them, and what a body uses is enclosed by the one that has it.

SET LOCAL ROLE kotadb_owner;

-- SymbolKind: 1 function, 3 interface, 5 enum, 9 method, 11 and 12 accessors, 14 namespace. SymbolFlag: 1
-- exported, 8 static, 128 ambient, 4096 overload, 8192 member of an object literal.
CREATE FUNCTION kotadb.declares_again(
    p_kind smallint, p_flags integer, p_is_member boolean, p_next_kind smallint, p_next_flags integer
) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        CASE
            WHEN p_kind = ANY('{11,12}'::smallint[]) AND p_next_kind = ANY('{11,12}'::smallint[])
                THEN p_is_member AND (p_flags # p_next_flags) & 8 = 0 AND p_kind <> p_next_kind
            WHEN p_kind <> p_next_kind THEN false
            WHEN p_kind = ANY('{1,9}'::smallint[]) AND p_flags & 4096 <> 0 THEN true
            WHEN p_kind = 9
                THEN p_is_member AND (p_flags # p_next_flags) & 8 = 0 AND (p_flags | p_next_flags) & 8192 = 0
            WHEN p_kind = ANY('{1,3,5,14}'::smallint[]) THEN p_flags & 129 <> 0 AND p_next_flags & 129 <> 0
            ELSE false
        END;
$$;

COMMENT ON FUNCTION kotadb.declares_again(smallint, integer, boolean, smallint, integer) IS
'Whether a symbol and the next one of its name, in the same container, declare one thing.';

CREATE FUNCTION kotadb.earlier_declaration(p_snapshot_id integer, p_symbol_no integer) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    this record;
    before record;
BEGIN
    SELECT file_no, container_no, kind, flags, name INTO this
    FROM kotadb.symbols
    WHERE snapshot_id = p_snapshot_id AND symbol_no = p_symbol_no;
    IF NOT found OR this.kind <> ALL('{1,3,5,9,11,12,14}'::smallint[]) THEN
        RETURN NULL;
    END IF;
    -- A range of one value with its order: of a new snapshot the planner would take any index.
    SELECT others.symbol_no, others.file_no, others.container_no, others.kind, others.flags INTO before
    FROM kotadb.symbols AS others
    WHERE
        others.snapshot_id = p_snapshot_id
        AND others.name BETWEEN this.name AND this.name
        AND others.symbol_no < p_symbol_no
    ORDER BY others.name DESC, others.symbol_no DESC
    LIMIT 1;
    IF before.file_no = this.file_no
        AND before.container_no IS NOT DISTINCT FROM this.container_no
        AND kotadb.declares_again(
            before.kind, before.flags, this.container_no IS NOT NULL, this.kind, this.flags
        )
    THEN
        RETURN before.symbol_no;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION kotadb.earlier_declaration(integer, integer) IS
'The last symbol before another one that declares the same; null: that is the first to do so.';

CREATE FUNCTION kotadb.first_declaration(p_snapshot_id integer, p_symbol_no integer) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reached integer := p_symbol_no;
    earlier integer;
BEGIN
    -- Nobody writes that many; a file that has more must not hold up who asks.
    FOR step IN 1..256
    LOOP
        earlier := kotadb.earlier_declaration(p_snapshot_id, reached);
        EXIT WHEN earlier IS NULL;
        reached := earlier;
    END LOOP;
    RETURN reached;
END;
$$;

COMMENT ON FUNCTION kotadb.first_declaration(integer, integer) IS
'The first symbol of those that declare the same as a symbol, perhaps itself: all uses lead to it.';

GRANT EXECUTE ON FUNCTION kotadb.declares_again(smallint, integer, boolean, smallint, integer) TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb.first_declaration(integer, integer) TO kotadb_api;
GRANT EXECUTE ON FUNCTION kotadb.earlier_declaration(integer, integer) TO kotadb_api;
