-- Roles, schemas and the migration ledger.
-- Everything belongs to kotadb_owner, which cannot log in: a login that owned tables would pass by
-- row-level security unseen. The three service roles cannot log in either; logins are members of
-- one of them, so a password is rotated by two alternating logins of one role.
-- Nothing is made in "public": the database may be somebody's, with a "users" table of its own.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['kotadb_owner', 'kotadb_api', 'kotadb_worker', 'kotadb_admin']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                -- Roles belong to the whole server: a migration of another of its databases won.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
    IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT kotadb_owner TO %I', current_user);
    END IF;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO kotadb_owner', current_database());
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the roles kotadb_owner, kotadb_api, kotadb_worker and kotadb_admin cannot be made by %', current_user
            USING HINT = 'Run the migration as a login with CREATEROLE that may create schemas in this database, '
                'or create the four roles (NOLOGIN) and GRANT kotadb_owner to this login first.';
END;
$$;

SET LOCAL ROLE kotadb_owner;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA kotadb;
CREATE SCHEMA kotadb_queue;

COMMENT ON SCHEMA kotadb IS 'Tenants, repositories, jobs and the index of their code.';
COMMENT ON SCHEMA kotadb_queue IS 'The job queue: live rows, their archive, and the dead letters.';

GRANT USAGE ON SCHEMA kotadb TO kotadb_api, kotadb_worker, kotadb_admin;
GRANT USAGE ON SCHEMA kotadb_queue TO kotadb_api, kotadb_worker, kotadb_admin;

CREATE TABLE kotadb.schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE kotadb.schema_migrations IS
'One row for each migration that was applied, with the SHA-256 of its text at that time.';

ALTER TABLE kotadb.schema_migrations ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_is_public ON kotadb.schema_migrations
FOR SELECT TO kotadb_api, kotadb_worker, kotadb_admin USING (true);
GRANT SELECT ON kotadb.schema_migrations TO kotadb_api, kotadb_worker, kotadb_admin;
