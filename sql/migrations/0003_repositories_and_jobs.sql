-- Repositories and the jobs that index them. index_jobs is what users are told; the queue (0004)
-- is how the work gets done.

SET LOCAL ROLE kotadb_owner;

CREATE TABLE kotadb.repositories (
    repository_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES kotadb.tenants ON DELETE CASCADE,
    clone_url text COLLATE "C" NOT NULL CHECK (length(clone_url) BETWEEN 1 AND 2048),
    full_name text COLLATE "C" NOT NULL CHECK (length(full_name) BETWEEN 1 AND 2048),
    default_ref text COLLATE "C",
    enqueue_generation bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (tenant_id, clone_url),
    UNIQUE (repository_id, tenant_id)
);

CREATE INDEX repositories_of_tenant_by_name ON kotadb.repositories (tenant_id, full_name);

COMMENT ON COLUMN kotadb.repositories.default_ref IS
'The remote''s default branch, as the last job that asked for it found it.';
COMMENT ON COLUMN kotadb.repositories.enqueue_generation IS
'Counts the enqueues. Of two jobs the one with the higher number is the newer, whatever it indexes.';

CREATE TABLE kotadb.index_jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    repository_id uuid NOT NULL,
    requested_ref text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(requested_ref) <= 1024),
    requested_commit text COLLATE "C" CHECK (requested_commit ~ '^[0-9a-f]{40}$'),
    force boolean NOT NULL DEFAULT false,
    request_id text NOT NULL CHECK (length(request_id) BETWEEN 1 AND 200),
    generation bigint NOT NULL,
    queue_job_id uuid,
    status text NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'skipped')
    ),
    ref text COLLATE "C",
    commit_sha text COLLATE "C" CHECK (commit_sha ~ '^[0-9a-f]{40}$'),
    phase text CHECK (phase IN ('clone', 'discover', 'parse', 'resolve', 'store')),
    files_done integer NOT NULL DEFAULT 0 CHECK (files_done >= 0),
    files_total integer CHECK (files_total >= 0),
    retry_count integer NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    max_retries integer NOT NULL CHECK (max_retries >= 0),
    next_attempt_at timestamptz,
    error_code text,
    error_message text,
    stats jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    completed_at timestamptz,
    FOREIGN KEY (repository_id, tenant_id)
    REFERENCES kotadb.repositories (repository_id, tenant_id) ON DELETE CASCADE,
    CONSTRAINT a_finished_job_has_an_end CHECK (
        (completed_at IS NULL) = (status IN ('pending', 'processing'))
    ),
    CONSTRAINT a_running_job_has_a_start CHECK (
        status NOT IN ('processing', 'completed') OR started_at IS NOT NULL
    ),
    CONSTRAINT a_failed_job_says_why CHECK (
        status <> 'failed' OR (error_code IS NOT NULL AND error_message IS NOT NULL)
    ),
    CONSTRAINT a_completed_job_says_what CHECK (
        status <> 'completed'
        OR (stats IS NOT NULL AND commit_sha IS NOT NULL AND ref IS NOT NULL AND error_code IS NULL)
    ),
    CONSTRAINT only_a_pending_job_waits CHECK (next_attempt_at IS NULL OR status = 'pending')
);

CREATE UNIQUE INDEX one_pending_job_per_ref ON kotadb.index_jobs (repository_id, requested_ref)
WHERE status = 'pending';
CREATE UNIQUE INDEX one_running_job_per_ref ON kotadb.index_jobs (repository_id, requested_ref)
WHERE status = 'processing';
CREATE INDEX index_jobs_of_queue_job ON kotadb.index_jobs (queue_job_id);
CREATE INDEX index_jobs_of_tenant ON kotadb.index_jobs (tenant_id, created_at DESC, id DESC);
CREATE INDEX index_jobs_of_repository
ON kotadb.index_jobs (repository_id, created_at DESC, id DESC);
CREATE INDEX index_jobs_failed ON kotadb.index_jobs (completed_at) WHERE status = 'failed';
CREATE INDEX index_jobs_finished ON kotadb.index_jobs (completed_at)
WHERE completed_at IS NOT NULL;

COMMENT ON COLUMN kotadb.index_jobs.requested_ref IS
'As asked for; empty means the remote''s default branch, found out when the job runs.';
COMMENT ON COLUMN kotadb.index_jobs.commit_sha IS 'The commit that was really indexed.';
COMMENT ON COLUMN kotadb.index_jobs.retry_count IS
'Runs after the first, over the life of the job: leases minus released leases minus one.';
COMMENT ON COLUMN kotadb.index_jobs.error_code IS
'Why the job failed; on a pending job, why its last run did.';

-- What a status may become. An update that leaves the status alone is always allowed.
CREATE FUNCTION kotadb.check_job_transition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (old.status, new.status) IN (
        ('pending', 'processing'), ('pending', 'cancelled'), ('pending', 'skipped'),
        ('pending', 'failed'),
        ('processing', 'pending'), ('processing', 'completed'), ('processing', 'failed'),
        ('processing', 'cancelled'), ('processing', 'skipped'),
        ('failed', 'pending')
    ) THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a % job cannot become %', old.status, new.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'job_transition', TABLE = 'index_jobs';
END;
$$;

CREATE TRIGGER job_transition BEFORE UPDATE OF status ON kotadb.index_jobs
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION kotadb.check_job_transition();

CREATE TABLE kotadb.job_attempts (
    job_id uuid NOT NULL REFERENCES kotadb.index_jobs ON DELETE CASCADE,
    attempt integer NOT NULL CHECK (attempt >= 1),
    round integer NOT NULL CHECK (round >= 1),
    worker text NOT NULL,
    leased_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (
        outcome IN ('completed', 'skipped', 'failed', 'lost', 'released', 'cancelled')
    ),
    error_code text,
    error_message text,
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT an_ended_attempt_says_how CHECK ((ended_at IS NULL) = (outcome IS NULL))
);

CREATE UNIQUE INDEX one_open_attempt_per_job ON kotadb.job_attempts (job_id)
WHERE ended_at IS NULL;

COMMENT ON TABLE kotadb.job_attempts IS 'Every lease of a job and how it ended.';

ALTER TABLE kotadb.repositories ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.index_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE kotadb.job_attempts ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_repositories ON kotadb.repositories TO kotadb_api
USING (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]))
WITH CHECK (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY own_jobs ON kotadb.index_jobs TO kotadb_api
USING (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]))
WITH CHECK (tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[]));
CREATE POLICY own_attempts ON kotadb.job_attempts FOR SELECT TO kotadb_api
USING (job_id IN (SELECT jobs.id FROM kotadb.index_jobs AS jobs));

CREATE POLICY all_repositories ON kotadb.repositories TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_jobs ON kotadb.index_jobs TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);
CREATE POLICY all_attempts ON kotadb.job_attempts TO kotadb_worker, kotadb_admin
USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON kotadb.repositories, kotadb.index_jobs TO kotadb_api;
GRANT SELECT ON kotadb.job_attempts TO kotadb_api;
GRANT SELECT, UPDATE, DELETE ON kotadb.repositories, kotadb.index_jobs
TO kotadb_worker, kotadb_admin;
GRANT INSERT ON kotadb.repositories, kotadb.index_jobs TO kotadb_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON kotadb.job_attempts TO kotadb_worker, kotadb_admin;
