-- From one repository to another: what is imported from a package is met with what the packages of
-- other repositories export. As in search.sql: the policies show what the principal may read. Of each
-- repository the snapshot answers that answers for it by itself (repositories_wanted).

-- name: imported_names_by_number
SELECT
    imported_no,
    package,
    subpath,
    name
FROM kotadb.imported_names
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND imported_no = ANY(%(imported_nos)s::integer[])
ORDER BY imported_no;

-- name: modules_of_package
-- The repositories that offer a module of a package, and what it exports under some names.
WITH entries AS MATERIALIZED (
    SELECT
        found.snapshot_id,
        found.entry_no,
        found.file_no
    FROM kotadb.package_entries AS found
    WHERE found.package = %(package)s::text AND found.subpath = %(subpath)s::text
),

modules AS MATERIALIZED (
    SELECT
        entries.entry_no,
        entries.file_no,
        entries.snapshot_id,
        snaps.repository_id,
        places.full_name,
        snaps.ref,
        snaps.commit_sha,
        snaps.indexed_at
    FROM entries
    CROSS JOIN LATERAL (
        SELECT found.*
        FROM kotadb.snapshots AS found
        WHERE found.snapshot_id = entries.snapshot_id AND found.state = 'current'
        LIMIT 1
    ) AS snaps
    CROSS JOIN LATERAL (
        SELECT
            found.full_name,
            found.default_ref
        FROM kotadb.repositories AS found
        WHERE found.repository_id = snaps.repository_id
        LIMIT 1
    ) AS places
    CROSS JOIN LATERAL (
        SELECT answers.snapshot_id
        FROM kotadb.snapshots AS answers
        WHERE
            answers.repository_id = snaps.repository_id
            AND answers.state = 'current'
            AND answers.ref = coalesce(places.default_ref, answers.ref)
        ORDER BY answers.publication DESC, answers.indexed_at DESC, answers.snapshot_id DESC
        LIMIT 1
    ) AS answering
    WHERE answering.snapshot_id = entries.snapshot_id
    ORDER BY places.full_name, snaps.repository_id
    LIMIT %(most)s::integer
)

SELECT
    modules.*,
    files.path,
    named.name,
    named.symbol_no,
    named.path AS target_path,
    named.line AS target_line
FROM modules
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = modules.snapshot_id AND found.file_no = modules.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        exports.name,
        exports.symbol_no,
        exports.line,
        targets.path
    FROM kotadb.package_exports AS exports
    INNER JOIN kotadb.files AS targets
        ON exports.snapshot_id = targets.snapshot_id AND exports.file_no = targets.file_no
    WHERE
        exports.snapshot_id = modules.snapshot_id
        AND exports.entry_no = modules.entry_no
        AND exports.name = ANY(%(names)s::text[])
    ORDER BY exports.symbol_no, exports.file_no, exports.line
    LIMIT %(most)s::integer
) AS named ON true
ORDER BY modules.full_name, modules.repository_id, named.symbol_no, named.path, named.line;

-- name: offered_modules
-- Which of some modules of packages are offered by a snapshot that answers, as in modules_of_package.
WITH wanted AS MATERIALIZED (
    SELECT
        modules.package,
        modules.subpath
    FROM unnest(%(packages)s::text[], %(subpaths)s::text[]) AS modules (package, subpath)
)

SELECT
    wanted.package,
    wanted.subpath
FROM wanted
CROSS JOIN LATERAL (
    SELECT entries.snapshot_id
    FROM kotadb.package_entries AS entries
    CROSS JOIN LATERAL (
        SELECT found.repository_id
        FROM kotadb.snapshots AS found
        WHERE found.snapshot_id = entries.snapshot_id AND found.state = 'current'
        LIMIT 1
    ) AS snaps
    CROSS JOIN LATERAL (
        SELECT
            found.full_name,
            found.default_ref
        FROM kotadb.repositories AS found
        WHERE found.repository_id = snaps.repository_id
        LIMIT 1
    ) AS places
    CROSS JOIN LATERAL (
        SELECT answers.snapshot_id
        FROM kotadb.snapshots AS answers
        WHERE
            answers.repository_id = snaps.repository_id
            AND answers.state = 'current'
            AND answers.ref = coalesce(places.default_ref, answers.ref)
        ORDER BY answers.publication DESC, answers.indexed_at DESC, answers.snapshot_id DESC
        LIMIT 1
    ) AS answering
    WHERE
        entries.package = wanted.package
        AND entries.subpath = wanted.subpath
        AND entries.snapshot_id = answering.snapshot_id
    LIMIT 1
) AS offered
ORDER BY wanted.package, wanted.subpath;

-- name: entry_of_package
-- The file that a module of a package of one snapshot is made of.
SELECT
    files.path,
    files.file_no
FROM kotadb.package_entries AS entries
INNER JOIN kotadb.files AS files
    ON entries.snapshot_id = files.snapshot_id AND entries.file_no = files.file_no
WHERE
    entries.snapshot_id = %(snapshot_id)s::integer
    AND entries.package = %(package)s::text
    AND entries.subpath = %(subpath)s::text;

-- name: members_of_symbols
-- The members of this name that stand directly in some symbols of one snapshot.
SELECT symbol_no
FROM kotadb.symbols
WHERE
    snapshot_id = %(snapshot_id)s::integer
    AND name = %(name)s::text
    AND container_no = ANY(%(containers)s::integer[])
ORDER BY symbol_no
LIMIT %(most)s::integer;

-- name: exported_names_of_symbols
-- Under which names packages export symbols. A module without a default stands for its own, by the
-- habit of transpilers.
WITH exports AS MATERIALIZED (
    SELECT
        found.snapshot_id,
        found.entry_no,
        found.name,
        found.symbol_no
    FROM kotadb.package_exports AS found
    WHERE
        found.snapshot_id = %(snapshot_id)s::integer
        AND found.symbol_no = ANY(%(symbol_nos)s::integer[])
    LIMIT %(most)s::integer
)

SELECT
    entries.package,
    entries.subpath,
    exports.name,
    exports.symbol_no,
    NOT EXISTS (
        SELECT FROM kotadb.package_exports AS defaults
        WHERE
            defaults.snapshot_id = exports.snapshot_id
            AND defaults.entry_no = exports.entry_no
            AND defaults.name = 'default'
    ) AS is_its_own_default
FROM exports
CROSS JOIN LATERAL (
    SELECT
        found.package,
        found.subpath
    FROM kotadb.package_entries AS found
    WHERE found.snapshot_id = exports.snapshot_id AND found.entry_no = exports.entry_no
    LIMIT 1
) AS entries
ORDER BY entries.package, entries.subpath, exports.name, exports.symbol_no;

-- name: importers_of_names
-- Who takes one of some names from packages, by repository. A list that goes on in the middle of a
-- repository goes on with the snapshot that it began with there.
WITH wanted AS MATERIALIZED (
    SELECT
        names.package,
        names.subpath,
        names.name
    FROM
        unnest(%(packages)s::text[], %(subpaths)s::text[], %(names)s::text[])
            AS names (package, subpath, name)
)

SELECT
    places.full_name,
    snaps.repository_id,
    snaps.snapshot_id,
    snaps.ref,
    snaps.commit_sha,
    snaps.indexed_at,
    imported.imported_no
FROM wanted
CROSS JOIN LATERAL (
    SELECT
        found.snapshot_id,
        found.imported_no
    FROM kotadb.imported_names AS found
    WHERE
        found.package = wanted.package
        AND found.subpath = wanted.subpath
        AND found.name = wanted.name
) AS imported
CROSS JOIN LATERAL (
    SELECT found.*
    FROM kotadb.snapshots AS found
    WHERE found.snapshot_id = imported.snapshot_id
    LIMIT 1
) AS snaps
CROSS JOIN LATERAL (
    SELECT
        found.full_name,
        found.default_ref
    FROM kotadb.repositories AS found
    WHERE found.repository_id = snaps.repository_id
    LIMIT 1
) AS places
CROSS JOIN LATERAL (
    SELECT answers.snapshot_id
    FROM kotadb.snapshots AS answers
    WHERE
        answers.repository_id = snaps.repository_id
        AND answers.state = 'current'
        AND answers.ref = coalesce(places.default_ref, answers.ref)
    ORDER BY answers.publication DESC, answers.indexed_at DESC, answers.snapshot_id DESC
    LIMIT 1
) AS answering
WHERE
    snaps.repository_id <> %(repository_id)s::uuid
    AND (
        %(at_repository)s::uuid IS NULL
        OR (places.full_name, snaps.repository_id) >= (%(at_name)s::text, %(at_repository)s::uuid)
    )
    AND imported.snapshot_id = CASE
        WHEN snaps.repository_id = %(at_repository)s::uuid THEN %(at_snapshot)s::integer
        ELSE answering.snapshot_id
    END
ORDER BY places.full_name, snaps.repository_id, imported.imported_no
LIMIT %(most)s::integer;

-- name: references_of_imported_names
-- The uses of what is imported, of several snapshots in the order of their ranks; of the first one
-- from a place on. The cursor is as that of references_of_symbol.
WITH importers AS MATERIALIZED (
    SELECT
        pairs.snapshot_id,
        pairs.imported_no,
        pairs.rank
    FROM
        unnest(%(snapshot_ids)s::integer[], %(imported_nos)s::integer[], %(ranks)s::integer[])
            AS pairs (snapshot_id, imported_no, rank)
),

page AS MATERIALIZED (
    SELECT
        importers.rank,
        uses.*
    FROM importers
    CROSS JOIN LATERAL (
        SELECT
            found.snapshot_id,
            found.file_no,
            found.line,
            found.column_no,
            found.kind,
            found.resolution,
            found.name,
            found.enclosing_no
        FROM kotadb.symbol_references AS found
        WHERE
            found.snapshot_id = importers.snapshot_id
            AND found.imported_no = importers.imported_no
            AND (%(kind)s::smallint IS NULL OR found.kind = %(kind)s::smallint)
            AND (
                importers.rank > 0
                OR (found.file_no, found.line, found.column_no, found.kind) >= (
                    %(from_file)s::integer,
                    %(from_line)s::integer,
                    %(from_column)s::smallint,
                    %(from_kind)s::smallint
                )
            )
        ORDER BY
            found.file_no, found.line, found.column_no, found.kind, found.enclosing_no, found.name
        LIMIT %(page_size)s::bigint + %(skipped)s::bigint
    ) AS uses
    ORDER BY
        importers.rank, uses.file_no, uses.line, uses.column_no, uses.kind, uses.enclosing_no, uses.name
    LIMIT %(page_size)s::integer
    OFFSET %(skipped)s::integer
)

SELECT
    page.file_no,
    page.line,
    page.column_no,
    page.kind,
    page.resolution,
    page.name,
    files.path,
    page.snapshot_id,
    page.enclosing_no,
    enclosing.name AS enclosing_name,
    enclosing.kind AS enclosing_kind
FROM page
CROSS JOIN LATERAL (
    SELECT found.path
    FROM kotadb.files AS found
    WHERE found.snapshot_id = page.snapshot_id AND found.file_no = page.file_no
    LIMIT 1
) AS files
LEFT JOIN LATERAL (
    SELECT
        around.name,
        around.kind
    FROM kotadb.symbols AS around
    WHERE around.snapshot_id = page.snapshot_id AND around.symbol_no = page.enclosing_no
    LIMIT 1
) AS enclosing ON true
ORDER BY
    page.rank, page.file_no, page.line, page.column_no, page.kind, page.enclosing_no, page.name;

-- name: repositories_offering
-- The first repositories by name that offer one of some packages as a whole, of each package.
WITH wanted AS MATERIALIZED (
    SELECT names.package FROM unnest(%(packages)s::text[]) AS names (package)
)

SELECT
    wanted.package,
    offering.full_name
FROM wanted
CROSS JOIN LATERAL (
    SELECT DISTINCT places.full_name
    FROM kotadb.package_entries AS entries
    CROSS JOIN LATERAL (
        SELECT found.repository_id
        FROM kotadb.snapshots AS found
        WHERE found.snapshot_id = entries.snapshot_id AND found.state = 'current'
        LIMIT 1
    ) AS snaps
    CROSS JOIN LATERAL (
        SELECT
            found.full_name,
            found.default_ref
        FROM kotadb.repositories AS found
        WHERE found.repository_id = snaps.repository_id
        LIMIT 1
    ) AS places
    CROSS JOIN LATERAL (
        SELECT answers.snapshot_id
        FROM kotadb.snapshots AS answers
        WHERE
            answers.repository_id = snaps.repository_id
            AND answers.state = 'current'
            AND answers.ref = coalesce(places.default_ref, answers.ref)
        ORDER BY answers.publication DESC, answers.indexed_at DESC, answers.snapshot_id DESC
        LIMIT 1
    ) AS answering
    WHERE
        entries.package = wanted.package
        AND entries.subpath = ''
        AND entries.snapshot_id = answering.snapshot_id
    ORDER BY places.full_name
    LIMIT %(most)s::integer
) AS offering
ORDER BY wanted.package, offering.full_name;
