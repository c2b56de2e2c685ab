SET LOCAL ROLE kotadb_owner;

DROP FUNCTION kotadb.first_declaration(integer, integer);
DROP FUNCTION kotadb.earlier_declaration(integer, integer);
DROP FUNCTION kotadb.declares_again(smallint, integer, boolean, smallint, integer);
