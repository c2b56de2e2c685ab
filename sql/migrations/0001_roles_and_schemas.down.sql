-- The roles stay: other databases of the server may use them, and they can do nothing alone.
SET LOCAL ROLE kotadb_owner;
DROP SCHEMA kotadb_queue;
DROP TABLE kotadb.schema_migrations;
DROP SCHEMA kotadb;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
