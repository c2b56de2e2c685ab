-- Logins of the service roles. Identifiers and passwords cannot be parameters of CREATE ROLE, so
-- these give the quoted statement, which is then run as it is.

-- name: login_statement
-- The time-outs live on the login, not in the session: they then hold through a pooler too.
SELECT
    CASE
        WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = %(login)s)
            THEN 'ALTER ROLE ' || quote_ident(%(login)s)
        ELSE 'CREATE ROLE ' || quote_ident(%(login)s)
    END
    || ' LOGIN NOSUPERUSER NOBYPASSRLS INHERIT PASSWORD ' || quote_literal(%(password)s)
    || '; GRANT ' || quote_ident(%(role)s) || ' TO ' || quote_ident(%(login)s)
    || '; GRANT CONNECT, TEMPORARY ON DATABASE ' || quote_ident(current_database())
    || ' TO ' || quote_ident(%(login)s)
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
    pg_has_role(logins.oid, 'kotadb_owner', 'MEMBER') AS is_owner
FROM pg_roles AS logins
WHERE logins.rolname = current_user;

-- name: missing_roles
SELECT wanted.name
FROM unnest(%(roles)s::text[]) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE pg_roles.rolname = wanted.name)
ORDER BY wanted.name;
