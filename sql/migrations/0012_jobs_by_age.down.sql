SET LOCAL ROLE kotadb_owner;
DROP INDEX kotadb.index_jobs_by_age;
