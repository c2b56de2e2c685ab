SET LOCAL ROLE kotadb_owner;
DROP TABLE kotadb.job_attempts, kotadb.index_jobs, kotadb.repositories;
DROP FUNCTION kotadb.check_job_transition();
