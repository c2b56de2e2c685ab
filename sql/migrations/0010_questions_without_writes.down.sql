SET LOCAL ROLE kotadb_owner;

CREATE OR REPLACE FUNCTION kotadb.admit_request(
    p_key_id text,
    p_secret_hashes bytea[],
    p_limit_free integer,
    p_limit_solo integer,
    p_limit_team integer
) RETURNS TABLE (tenant_id uuid, tier text, request_limit integer, used integer, resets_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner_id uuid;
    stored bytea;
BEGIN
    SELECT keys.tenant_id, keys.secret_hash, tenants.tier
    INTO owner_id, stored, tier
    FROM kotadb.api_keys AS keys
    INNER JOIN kotadb.tenants AS tenants ON tenants.tenant_id = keys.tenant_id
    WHERE
        keys.key_id = p_key_id
        AND keys.revoked_at IS NULL
        AND (keys.expires_at IS NULL OR keys.expires_at > clock_timestamp());

    IF kotadb.secret_matches(stored, p_secret_hashes) IS NOT TRUE THEN
        RETURN;
    END IF;

    IF stored <> p_secret_hashes[1] THEN
        -- The key is known under an older pepper: the next request finds it under the first one,
        -- so the older can be given up once every key in use has come by.
        UPDATE kotadb.api_keys AS keys SET
            secret_hash = p_secret_hashes[1], hashed_at = clock_timestamp()
        WHERE keys.key_id = p_key_id AND keys.secret_hash = stored;
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
