SET LOCAL ROLE kotadb_owner;

ALTER FUNCTION kotadb.earlier_declaration(integer, integer) RESET enable_sort;
