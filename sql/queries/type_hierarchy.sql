-- Which classes and interfaces extend and implement which. As in search.sql: the policies show what
-- the principal may read and nothing else, and conditions are equality and ranges.

-- name: parts_of_types
-- The declarations that are one type with some others: interfaces of one name, or a class and those,
-- at one place. Numbers of symbols follow the order of files, so those of a file are a range.
SELECT
    types.symbol_no,
    parts.symbol_no AS part_no
FROM (
    SELECT
        symbol_no,
        file_no,
        container_no,
        kind,
        name
    FROM kotadb.symbols
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND symbol_no = ANY(%(symbol_nos)s::integer[])
        AND kind = ANY(%(kinds)s::smallint[])
) AS types
CROSS JOIN LATERAL (
    SELECT around.symbol_no AS first_no
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = %(snapshot_id)s::integer AND around.file_no = types.file_no
    ORDER BY around.symbol_no
    LIMIT 1
) AS firsts
CROSS JOIN LATERAL (
    SELECT around.symbol_no AS last_no
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = %(snapshot_id)s::integer AND around.file_no = types.file_no
    ORDER BY around.symbol_no DESC
    LIMIT 1
) AS lasts
CROSS JOIN LATERAL (
    SELECT others.symbol_no
    FROM kotadb.symbols AS others
    WHERE
        others.snapshot_id = %(snapshot_id)s::integer
        AND others.name = types.name
        AND others.symbol_no BETWEEN firsts.first_no AND lasts.last_no
        AND others.symbol_no <> types.symbol_no
        AND others.kind = ANY(%(kinds)s::smallint[])
        AND others.container_no IS NOT DISTINCT FROM types.container_no
        AND (others.kind = %(interface)s::smallint OR types.kind = %(interface)s::smallint)
) AS parts
ORDER BY types.symbol_no, parts.symbol_no;

-- name: supertypes_of
-- What types extend and implement, as it is written there, with what each of them leads to. A use is
-- found by its line: it stands in its type.
SELECT
    uses.line,
    uses.column_no,
    uses.kind AS use_kind,
    uses.name AS use_name,
    uses.resolution,
    places.path,
    types.snapshot_id,
    types.symbol_no AS of_no,
    types.name AS of_name,
    types.kind AS of_kind,
    found.symbol_no AS type_no,
    found.name AS type_name,
    found.kind AS type_kind,
    coalesce(found.line, uses.target_line) AS type_line,
    coalesce(found.column_no, 0) AS type_column,
    targets.path AS type_path
FROM (
    SELECT
        snapshot_id,
        symbol_no,
        file_no,
        line,
        end_line,
        kind,
        name
    FROM kotadb.symbols
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND symbol_no = ANY(%(symbol_nos)s::integer[])
) AS types
CROSS JOIN LATERAL (
    SELECT
        inner_uses.line,
        inner_uses.column_no,
        inner_uses.kind,
        inner_uses.name,
        inner_uses.resolution,
        inner_uses.symbol_no,
        inner_uses.target_file_no,
        inner_uses.target_line
    FROM kotadb.symbol_references AS inner_uses
    WHERE
        inner_uses.snapshot_id = %(snapshot_id)s::integer
        AND inner_uses.file_no = types.file_no
        AND inner_uses.line BETWEEN types.line AND types.end_line
        AND inner_uses.enclosing_no = types.symbol_no
        AND inner_uses.kind = ANY(%(kinds)s::smallint[])
    ORDER BY inner_uses.line, inner_uses.column_no, inner_uses.name
    LIMIT %(most)s::integer
) AS uses
CROSS JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s::integer AND files.file_no = types.file_no
    LIMIT 1
) AS places
LEFT JOIN LATERAL (
    SELECT
        symbols.symbol_no,
        symbols.file_no,
        symbols.name,
        symbols.kind,
        symbols.line,
        symbols.column_no
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = %(snapshot_id)s::integer AND symbols.symbol_no = uses.symbol_no
    LIMIT 1
) AS found ON true
LEFT JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE
        files.snapshot_id = %(snapshot_id)s::integer
        AND files.file_no = coalesce(found.file_no, uses.target_file_no)
    LIMIT 1
) AS targets ON true
ORDER BY types.symbol_no, uses.line, uses.column_no, uses.name
LIMIT %(most)s::integer;

-- name: subtypes_of
-- The classes and interfaces that extend and implement types. One without a name is none of the
-- symbols; whatever is around it is not what extends.
SELECT
    uses.line,
    uses.column_no,
    uses.kind AS use_kind,
    uses.name AS use_name,
    uses.resolution,
    places.path,
    types.snapshot_id,
    types.symbol_no AS of_no,
    types.name AS of_name,
    types.kind AS of_kind,
    found.symbol_no AS type_no,
    found.name AS type_name,
    found.kind AS type_kind,
    coalesce(found.line, uses.line) AS type_line,
    coalesce(found.column_no, uses.column_no) AS type_column,
    places.path AS type_path
FROM (
    SELECT
        snapshot_id,
        symbol_no,
        kind,
        name
    FROM kotadb.symbols
    WHERE
        snapshot_id = %(snapshot_id)s::integer
        AND symbol_no = ANY(%(symbol_nos)s::integer[])
) AS types
CROSS JOIN LATERAL (
    SELECT
        outer_uses.file_no,
        outer_uses.line,
        outer_uses.column_no,
        outer_uses.kind,
        outer_uses.name,
        outer_uses.resolution,
        outer_uses.enclosing_no
    FROM kotadb.symbol_references AS outer_uses
    WHERE
        outer_uses.snapshot_id = %(snapshot_id)s::integer
        AND outer_uses.symbol_no = types.symbol_no
        AND outer_uses.kind = ANY(%(kinds)s::smallint[])
    ORDER BY outer_uses.file_no, outer_uses.line, outer_uses.column_no
    LIMIT %(most)s::integer
) AS uses
CROSS JOIN LATERAL (
    SELECT files.path
    FROM kotadb.files AS files
    WHERE files.snapshot_id = %(snapshot_id)s::integer AND files.file_no = uses.file_no
    LIMIT 1
) AS places
LEFT JOIN LATERAL (
    SELECT
        symbols.symbol_no,
        symbols.name,
        symbols.kind,
        symbols.line,
        symbols.column_no
    FROM kotadb.symbols AS symbols
    WHERE
        symbols.snapshot_id = %(snapshot_id)s::integer
        AND symbols.symbol_no = uses.enclosing_no
        AND symbols.kind = ANY(%(type_kinds)s::smallint[])
    LIMIT 1
) AS found ON true
ORDER BY types.symbol_no, uses.file_no, uses.line, uses.column_no
LIMIT %(most)s::integer;
