-- What the administration did.

-- name: add_audit
INSERT INTO kotadb.audit_log (action, target, details, request_id, caller)
VALUES (
    %(action)s,
    %(target)s,
    %(details)s::jsonb,
    %(request_id)s,
    %(caller)s
);

-- name: audit_page
-- Newest first. The cursor is the number of the last row shown.
SELECT
    audit_id,
    at,
    action,
    target,
    details,
    request_id,
    caller
FROM kotadb.audit_log
WHERE
    (%(action)s::text IS NULL OR action = %(action)s::text)
    AND (%(target)s::text IS NULL OR target = %(target)s::text)
    AND (%(before)s::bigint IS NULL OR audit_id < %(before)s::bigint)
ORDER BY audit_id DESC
LIMIT %(page_size)s::integer;

-- name: forget_audit
SELECT kotadb.forget_audit(%(keep_days)s::integer, %(batch_size)s::integer) AS forgotten;
