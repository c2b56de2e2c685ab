-- Logins of the service roles. Identifiers and passwords cannot be parameters of CREATE ROLE, so
-- these give the quoted statement, which is then run as it is.

-- name: login_statement
-- The time-outs live on the login, not in the session: they then hold through a pooler too.
-- Of a login that exists nothing is said that only a superuser may name, and be it to take it away.
-- The rights on the database go to the role, or the login could not be dropped without them.
SELECT
    CASE
        WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = %(login)s)
            THEN 'ALTER ROLE ' || quote_ident(%(login)s)
        ELSE 'CREATE ROLE ' || quote_ident(%(login)s) || ' NOSUPERUSER NOBYPASSRLS'
    END
    || ' LOGIN INHERIT PASSWORD ' || quote_literal(%(password)s)
    || '; GRANT ' || quote_ident(%(role)s) || ' TO ' || quote_ident(%(login)s)
    || '; GRANT CONNECT, TEMPORARY ON DATABASE ' || quote_ident(current_database())
    || ' TO ' || quote_ident(%(role)s)
    || '; ALTER ROLE ' || quote_ident(%(login)s)
    || ' SET statement_timeout = ' || quote_literal(%(statement_timeout)s)
    || '; ALTER ROLE ' || quote_ident(%(login)s)
    || ' SET lock_timeout = ' || quote_literal(%(lock_timeout)s)
    || '; ALTER ROLE ' || quote_ident(%(login)s)
    || ' SET idle_in_transaction_session_timeout = ' || quote_literal(%(idle_timeout)s)
    AS statement;

-- name: own_standing
-- What the connected login could do that a service never may.
SELECT
    logins.rolsuper AS is_superuser,
    logins.rolbypassrls AS bypasses_policies,
    pg_has_role(logins.oid, 'kotadb_owner', 'MEMBER') AS is_owner,
    count(services.oid) > 1 AS serves_several
FROM pg_roles AS logins
LEFT JOIN pg_roles AS services
    ON
        services.rolname IN ('kotadb_api', 'kotadb_worker', 'kotadb_admin')
        AND pg_has_role(logins.oid, services.oid, 'MEMBER')
WHERE logins.rolname = current_user
GROUP BY logins.oid, logins.rolsuper, logins.rolbypassrls;

-- name: missing_roles
SELECT wanted.name
FROM unnest(%(roles)s::text[]) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE pg_roles.rolname = wanted.name)
ORDER BY wanted.name;

-- name: lax_logins
-- Of each login of a service's role the time-outs that it lacks, or has longer, and what to run. Where
-- several say one, that of the login in this database goes first, then its own, the database's, that of all.
-- Whoever makes roles may be a member of those that they made, and serves nobody.
SELECT
    logins.rolname AS login,
    'ALTER ROLE ' || quote_ident(logins.rolname)
    || CASE WHEN held.is_of_both THEN ' IN DATABASE ' || quote_ident(current_database()) ELSE '' END
    || ' SET ' || wanted.setting || ' = ' || quote_literal(wanted.longest) AS remedy
FROM unnest(%(roles)s::text[], %(settings)s::text[], %(longest)s::text[])
    WITH ORDINALITY AS wanted (role, setting, longest, place)
INNER JOIN pg_roles AS services ON wanted.role = services.rolname
INNER JOIN pg_roles AS logins
    ON
        pg_has_role(logins.oid, services.oid, 'USAGE')
        AND logins.rolcanlogin
        AND NOT logins.rolsuper
        AND NOT logins.rolcreaterole
LEFT JOIN LATERAL (
    SELECT
        -- Without a unit they are milliseconds.
        CASE
            WHEN split_part(pairs.pair, '=', 2) ~ '^[0-9]+(\.[0-9]+)?$'
                THEN (split_part(pairs.pair, '=', 2) || 'ms')::interval
            WHEN split_part(pairs.pair, '=', 2) ~ '^[0-9]+(\.[0-9]+)? *(us|ms|s|min|h|d)$'
                THEN split_part(pairs.pair, '=', 2)::interval
        END AS lasts,
        kept.setrole <> 0 AND kept.setdatabase <> 0 AS is_of_both
    FROM pg_db_role_setting AS kept
    INNER JOIN pg_database AS here ON here.datname = current_database()
    CROSS JOIN unnest(kept.setconfig) AS pairs (pair)
    WHERE
        kept.setrole IN (0, logins.oid)
        AND kept.setdatabase IN (0, here.oid)
        AND split_part(pairs.pair, '=', 1) = wanted.setting
    ORDER BY kept.setrole DESC, kept.setdatabase DESC
    LIMIT 1
) AS held ON true
WHERE coalesce(held.lasts, interval '0') NOT BETWEEN interval '1 ms' AND wanted.longest::interval
ORDER BY logins.rolname, wanted.place;
