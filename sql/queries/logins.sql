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
