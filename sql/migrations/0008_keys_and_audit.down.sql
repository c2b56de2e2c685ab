-- Keys that expired meanwhile would open doors again, so they are revoked on the way.
SET LOCAL ROLE kotadb_owner;
UPDATE kotadb.api_keys SET revoked_at = expires_at
WHERE expires_at <= clock_timestamp() AND revoked_at IS NULL;
DROP FUNCTION
    kotadb.remove_member(uuid, uuid),
    kotadb.set_member(uuid, uuid, text),
    kotadb.is_last_owner(uuid, uuid),
    kotadb.ensure_organization(text, text),
    kotadb.ensure_user(text, text),
    kotadb.rotate_key(text, bytea[], text, bytea, text, integer, text, text),
    kotadb.admit_request(text, bytea[], integer, integer, integer);
CREATE OR REPLACE FUNCTION kotadb.admit_request(
    p_key_id text,
    p_secret_hash bytea,
    p_limit_free integer,
    p_limit_solo integer,
    p_limit_team integer
) RETURNS TABLE (tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nonce bytea := uuid_send(gen_random_uuid());
    decoy bytea := sha256(nonce);
    owner_id uuid;
    stored bytea;
BEGIN
    SELECT keys.tenant_id, keys.secret_hash, tenants.tier
    INTO owner_id, stored, tier
    FROM kotadb.api_keys AS keys
    INNER JOIN kotadb.tenants AS tenants ON tenants.tenant_id = keys.tenant_id
    WHERE keys.key_id = p_key_id AND keys.revoked_at IS NULL;

    IF sha256(nonce || coalesce(stored, decoy)) <> sha256(nonce || p_secret_hash) THEN
        RETURN;
    END IF;

    request_limit := CASE tier
        WHEN 'team' THEN p_limit_team WHEN 'solo' THEN p_limit_solo ELSE p_limit_free
    END;
    INSERT INTO kotadb.rate_limit_counters AS counters (tenant_id, window_start, used)
    VALUES (owner_id, date_trunc('hour', clock_timestamp()), 1)
    ON CONFLICT ON CONSTRAINT rate_limit_counters_pkey DO UPDATE SET
        used = CASE
            WHEN counters.window_start = excluded.window_start
                THEN least(counters.used, request_limit) + 1
            ELSE 1
        END,
        window_start = excluded.window_start
    RETURNING counters.used, counters.window_start + interval '1 hour' INTO used, resets_at;
    tenant_id := owner_id;
    RETURN NEXT;
END;
$$;
DROP FUNCTION kotadb.secret_matches(bytea, bytea[]), kotadb.forget_audit(integer, integer);
DROP TABLE kotadb.audit_log;
DROP INDEX kotadb.api_keys_by_age;
ALTER TABLE kotadb.api_keys DROP COLUMN replaces, DROP COLUMN hashed_at, DROP COLUMN expires_at;
