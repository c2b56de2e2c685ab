SET LOCAL ROLE kotadb_owner;
DROP FUNCTION kotadb.admit_request(text, bytea, integer, integer, integer);
DROP TABLE
    kotadb.rate_limit_counters,
    kotadb.api_keys,
    kotadb.organization_members,
    kotadb.organizations,
    kotadb.users,
    kotadb.tenants;
DROP FUNCTION kotadb.visible_tenants();
