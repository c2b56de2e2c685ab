"""Guards of the product, each with a test that must fail without it.

A guard is a piece of text in a file, or in the newest definition of a function of the schema. It
stands there once; when it has moved, this list has to follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

QUERIES = "sql/queries/queue.sql"
SWEEP = "layers/indexer/indexer/jobs/sweep.py"
QUEUE = "layers/indexer/indexer/jobs/queue.py"
SNAPSHOTS = "layers/indexer/indexer/search/repositories.py"
PAGES = "tests/search/test_lasting_pages.py"
PUBLICATIONS = "tests/search/test_publications.py"
OWN_ROWS = (
    "tests/integration/test_isolation.py::test_each_table_by_itself_shows_a_tenant_its_own_rows"
)
CONSTANT_TIME = (
    "tests/contract/test_secret_comparisons.py::"
    "test_secrets_are_compared_in_constant_time_where_they_are_compared"
)


class GuardMoved(Exception):
    """The text of a guard is not where it was, or stands there more than once."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """`text` becomes `without`, within `part`: a named query, or the whole file when empty.

    `place` is a file, or `schema.function` for its newest definition among the migrations.
    """

    name: str
    place: str
    text: str
    test: str
    without: str = ""
    part: str = ""

    def removed(self, root: Path) -> tuple[Path, str]:
        """The file that holds the guard, and its text without it.

        Raises:
            GuardMoved: the guard is not found, or more than once.
        """
        file = root / self.place if "/" in self.place else _defined(root, self.place)
        whole = file.read_text(encoding="utf-8")
        begin, end = self._span(whole)
        within = whole[begin:end]
        if within.count(self.text) != 1:
            raise GuardMoved(f"{self.name}: {within.count(self.text)} times in {file.name}")
        return file, whole[:begin] + within.replace(self.text, self.without) + whole[end:]

    def _span(self, whole: str) -> tuple[int, int]:
        if "/" not in self.place:
            pattern = rf"^CREATE (?:OR REPLACE )?FUNCTION {re.escape(self.place)}\(.*?^\$\$;"
        elif self.part:
            pattern = rf"-- name: {self.part}\n.*?(?=\n-- name: |\Z)"
        else:
            return 0, len(whole)
        found = list(re.finditer(pattern, whole, re.DOTALL | re.MULTILINE))
        if not found:
            raise GuardMoved(f"{self.name}: {self.part or self.place} is not there")
        return found[-1].span()


def _defined(root: Path, function: str) -> Path:
    """The last migration that defines the function."""
    head = re.compile(rf"^CREATE (OR REPLACE )?FUNCTION {re.escape(function)}\(", re.MULTILINE)
    files = [
        file
        for file in sorted((root / "sql/migrations").glob("*.sql"))
        if not file.name.endswith(".down.sql") and head.search(file.read_text(encoding="utf-8"))
    ]
    if not files:
        raise GuardMoved(f"{function} is defined in no migration")
    return files[-1]


STALE = (
    "tests/reliability/test_stale_attempts.py::test_no_write_of_a_stale_attempt_changes_anything"
)

CANCELLED = (
    "tests/jobs/test_cancel.py::"
    "test_a_running_job_ends_at_once_and_every_later_write_of_its_worker_is_refused"
)

GUARDS = (
    Guard(
        name="a renewal names the token of its lease",
        place=QUERIES,
        part="renew_lease",
        text="        AND lease_token = %(lease_token)s\n",
        test=f"{STALE}[psycopg-leased_again]",
    ),
    Guard(
        name="a renewal expects a leased row",
        place=QUERIES,
        part="renew_lease",
        text="        AND state = 'leased'\n",
        test=CANCELLED,
    ),
    Guard(
        name="finish and end_run name the token of the lease",
        place="kotadb_queue.lock_lease",
        text="held.lease_token = p_lease_token AND ",
        test=f"{STALE}[psycopg-leased_again]",
    ),
    Guard(
        name="finish and end_run expect a leased row",
        place="kotadb_queue.lock_lease",
        text=" AND held.state = 'leased'",
        test=CANCELLED,
    ),
    Guard(
        name="finish and end_run lock the repository first",
        place="kotadb_queue.lock_lease",
        text="    FOR NO KEY UPDATE;",
        without="    ;",
        test="tests/reliability/test_meetings.py::"
        "test_a_run_that_fails_while_its_ref_is_asked_for_again_gives_way",
    ),
    Guard(
        name="a completion that found no lease raises",
        place=QUEUE,
        text='if row is None or not row["held"]:',
        without="if row is None:",
        test=f"{STALE}[psycopg-leased_again]",
    ),
    Guard(
        name="a lease skips what is locked",
        place="kotadb_queue.lease",
        text="FOR UPDATE SKIP LOCKED",
        without="FOR UPDATE",
        test="tests/jobs/test_queue_locks.py::"
        "test_a_lease_passes_over_a_row_that_somebody_holds_without_waiting",
    ),
    Guard(
        name="the lease itself counts the attempt",
        place="kotadb_queue.lease",
        text="round_attempt = queued.round_attempt + 1",
        without="round_attempt = queued.round_attempt",
        test="tests/jobs/test_queue.py::"
        "test_a_job_that_kills_every_worker_ends_after_four_runs_without_any_handler",
    ),
    Guard(
        name="a sweep looks again whether the lease ran out",
        place="kotadb_queue.end_run",
        text=" OR (p_outcome = 'lost' AND held.lease_expires_at > clock_timestamp())",
        test="tests/jobs/test_queue.py::test_a_lease_that_was_renewed_is_not_swept",
    ),
    Guard(
        name="a sweep expires only what nobody runs",
        place="kotadb_queue.expire",
        text="        OR held.state NOT IN ('ready', 'waiting', 'delayed')\n",
        test="tests/jobs/test_queue_locks.py::"
        "test_only_a_due_row_whose_time_is_over_expires[psycopg-running]",
    ),
    Guard(
        name="a sweep expires only what is over its time",
        place="kotadb_queue.expire",
        text="        OR held.expires_at > kotadb_queue.working_time()\n",
        test="tests/jobs/test_queue_locks.py::"
        "test_only_a_due_row_whose_time_is_over_expires[psycopg-not expired]",
    ),
    Guard(
        name="a sweep goes on past a row that cannot be moved",
        place=SWEEP,
        text="        if error.is_outage:\n",
        without="        if True:\n",
        test="tests/jobs/test_queue.py::test_a_row_that_cannot_be_swept_stops_no_other",
    ),
    Guard(
        name="waking rows waits for no tenant's admission",
        place="kotadb_queue.try_admission",
        text="pg_try_advisory_xact_lock(kotadb_queue.admission_of(p_tenant_id))",
        without="kotadb_queue.lock_admission(p_tenant_id) IS NOT NULL",
        test="tests/jobs/test_held_locks.py::"
        "test_waking_rows_waits_for_nobody_who_waits_for_one_of_them[psycopg]",
    ),
    Guard(
        name="an older generation replaces nothing",
        place="kotadb.publish_snapshot",
        text="AND generation > fresh.generation",
        without="AND false",
        test="tests/indexing/test_store.py::"
        "test_an_older_request_that_finishes_later_replaces_nothing",
    ),
    Guard(
        name="a job that ended is not cancelled",
        place="kotadb_queue.cancel",
        text=" OR held.state = 'finished'",
        test="tests/jobs/test_cancel.py::test_a_job_that_ended_is_left_as_it_ended",
    ),
    Guard(
        name="only a failed job is retried",
        place="kotadb_queue.retry",
        text="IF job.status <> 'failed' THEN",
        without="IF false THEN",
        test="tests/jobs/test_administration.py::test_only_a_failed_job_is_retried",
    ),
    Guard(
        name="requests under one key take turns",
        place="kotadb_queue.enqueue_once",
        text="    PERFORM pg_advisory_xact_lock(\n",
        without="    PERFORM hashint8(\n",
        test="tests/jobs/test_idempotency.py::"
        "test_a_request_waits_for_the_one_before_and_takes_its_place_if_that_is_undone",
    ),
    Guard(
        name="paging: publications of a tenant take turns",
        place="kotadb.publish_snapshot",
        text="    PERFORM pg_advisory_xact_lock(\n",
        without="    PERFORM hashint8(\n",
        test=f"{PUBLICATIONS}::test_publications_of_a_tenant_are_seen_in_the_order_of_their_numbers",
    ),
    Guard(
        name="paging: what is deleted takes along what it had replaced",
        place="kotadb.withdraw_replaced_snapshots",
        text="readable_until = NULL",
        without="readable_until = readable_until",
        test=f"{PAGES}::test_a_branch_that_is_taken_away_takes_its_replaced_commits_along",
    ),
    Guard(
        name="paging: rows of what was replaced are shown for its time",
        place="kotadb.visible_snapshots",
        text="            AND readable_until > transaction_timestamp()\n",
        test=f"{PAGES}::test_what_was_replaced_is_shown_to_its_tenant_alone_and_for_its_time",
    ),
    Guard(
        name="paging: what is still read is not dropped",
        place="sql/queries/index_write.sql",
        part="drop_snapshot",
        text="\n            AND (held.readable_until IS NULL"
        " OR held.readable_until <= clock_timestamp())",
        test="tests/jobs/test_queue_locks.py::"
        "test_a_replaced_snapshot_can_be_dropped_when_nobody_may_read_it_any_more[psycopg]",
    ),
    Guard(
        name="paging: a list over all is read on from the very same snapshots",
        place=SNAPSHOTS,
        text="    if as_of.digest != seen.digest:\n",
        without="    if False:\n",
        test=f"{PUBLICATIONS}::test_a_list_over_all_is_of_no_fewer_repositories_when_one_is_deleted",
    ),
    Guard(
        name="paging: a cursor belongs to its ref",
        place=SNAPSHOTS,
        text="""and (ref is None or row_at["ref"] == ref)""",
        without="and True",
        test=f"{PAGES}::test_a_cursor_belongs_to_its_repository_and_ref[files]",
    ),
    Guard(
        name="paging: a cursor belongs to the commit of its symbol",
        place="layers/indexer/indexer/search/symbols.py",
        text="    if at not in {None, wanted.snapshot_id}:\n",
        without="    if False:\n",
        test=f"{PAGES}::test_a_cursor_belongs_to_the_commit_of_its_symbol[callers]",
    ),
    Guard(
        name="paging: an earlier publication is found again",
        place="sql/queries/search.sql",
        part="repositories_wanted",
        text="snaps.publication <= %(publication)s::bigint",
        without="snaps.state = 'current'",
        test="tests/search/test_lists_over_repositories.py::"
        "test_a_list_over_repositories_never_mixes_commits_and_never_leaves_rows_out",
    ),
    Guard(
        name="tenants: the policy of jobs shows those of the tenant",
        place="sql/migrations/0003_repositories_and_jobs.sql",
        text="own_jobs ON kotadb.index_jobs TO kotadb_api\nUSING (tenant_id = "
        "ANY((SELECT kotadb.visible_tenants())::uuid[]))",
        without="own_jobs ON kotadb.index_jobs TO kotadb_api\nUSING (true)",
        test=OWN_ROWS,
    ),
    Guard(
        name="tenants: the policy of repositories shows those of the tenant",
        place="sql/migrations/0007_lifecycle.sql",
        text="USING (\n    deleted_at IS NULL AND "
        "tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])\n)\nWITH CHECK",
        without="USING (\n    deleted_at IS NULL\n)\nWITH CHECK",
        test=OWN_ROWS,
    ),
    Guard(
        name="tenants: the policy of repositories takes those of the tenant",
        place="sql/migrations/0007_lifecycle.sql",
        text="WITH CHECK (\n    deleted_at IS NULL AND "
        "tenant_id = ANY((SELECT kotadb.visible_tenants())::uuid[])\n)",
        without="WITH CHECK (\n    deleted_at IS NULL\n)",
        test="tests/integration/test_isolation.py::"
        "test_the_api_cannot_enqueue_for_a_tenant_it_did_not_name",
    ),
    Guard(
        name="tenants: the policy of files shows those of visible snapshots",
        place="sql/migrations/0005_index.sql",
        text="own_files ON kotadb.files FOR SELECT TO kotadb_api\n"
        "USING (snapshot_id = ANY((SELECT kotadb.visible_snapshots())::integer[]))",
        without="own_files ON kotadb.files FOR SELECT TO kotadb_api\nUSING (true)",
        test=OWN_ROWS,
    ),
    Guard(
        name="tenants: nobody sees nothing, also on a connection that somebody used",
        place="kotadb.visible_tenants",
        text="nullif(current_setting('app.user_id', true), '')",
        without="current_setting('app.user_id', true)",
        test="tests/integration/test_isolation.py::"
        "test_two_tenants_on_one_warm_connection_never_see_each_other",
    ),
    Guard(
        name="texts: a NUL is taken out of what is read",
        place="layers/indexer/indexer/parsing/source.py",
        text='text.replace(b"\\0", b" ")',
        without="text",
        test="tests/parsing/test_hostile_input.py::test_a_nul_in_a_string_does_not_lose_the_file",
    ),
    Guard(
        name="secrets: the admin key is compared in constant time",
        place="layers/indexer/indexer/access/operators.py",
        text="hmac.compare_digest(given, known.encode())",
        without="given == known.encode()",
        test=CONSTANT_TIME,
    ),
    Guard(
        name="secrets: a webhook's signature is compared in constant time",
        place="layers/indexer/indexer/webhooks/signature.py",
        text='hmac.compare_digest(hmac.digest(secret.encode(), body, "sha256"), given)',
        without='hmac.digest(secret.encode(), body, "sha256") == given',
        test=CONSTANT_TIME,
    ),
    Guard(
        name="secrets: the local stack's access key is compared in constant time",
        place="local/kotadb_local/invoke_api.py",
        text="not hmac.compare_digest(found[1].encode(), self._access_key_id.encode())",
        without="found[1].encode() != self._access_key_id.encode()",
        test=CONSTANT_TIME,
    ),
)
