-- Operators list everybody's jobs, newest first. Neither column ever changes, so that no move of a
-- job touches this index.

SET LOCAL ROLE kotadb_owner;

CREATE INDEX index_jobs_by_age ON kotadb.index_jobs (created_at DESC, id DESC);
