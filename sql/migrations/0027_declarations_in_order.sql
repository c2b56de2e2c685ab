-- What was declared before a symbol is found through the index of names, whatever the statistics say.

SET LOCAL ROLE kotadb_owner;

-- Of a snapshot newer than the statistics the planner takes one row for granted. Sorting it costs less than
-- one level more of the taller index, and every symbol of the snapshot is then read at each step.
ALTER FUNCTION kotadb.earlier_declaration(integer, integer) SET enable_sort = off;
