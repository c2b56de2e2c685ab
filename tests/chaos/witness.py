"""What watches the database while the run goes on: a trigger for the fence, queries for the rest.

Each query gives the rows that break a rule, so each must give none, at any time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.chaos import sources

TEAM_SIZE = 3
PAUSE_SECONDS = 0.1

# Of every session of a worker its application_name tells the process, and of every attempt its
# column `worker`. So the witness needs no token to see that somebody wrote who held no lease.
FENCE = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.stale_writes (
    at timestamptz DEFAULT clock_timestamp(), what text, job_id uuid, holder text, writer text,
    row jsonb
);
CREATE FUNCTION chaos.holder_of(p_job_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT split_part(worker, '/', 1) FROM kotadb.job_attempts
    WHERE job_id = p_job_id ORDER BY attempt DESC LIMIT 1
$$;
CREATE FUNCTION chaos.writer() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN name LIKE 'kotadb-worker %' OR name LIKE 'kotadb-heartbeat %'
        THEN split_part(name, ' ', 2) END
    FROM current_setting('application_name') AS name
$$;
CREATE FUNCTION chaos.watch_lease() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    writer text := chaos.writer();
    holder text := chaos.holder_of(old.job_id);
    swept boolean := old.lease_expires_at <= clock_timestamp();
BEGIN
    -- The API cancels whoever holds the lease, and anybody may take back one that ran out.
    IF writer IS NULL OR old.state <> 'leased' OR writer = holder THEN
        RETURN NULL;
    END IF;
    IF
        swept
        AND (
            tg_op = 'DELETE'
            OR new.state <> 'leased' AND new.result->>'success' IS DISTINCT FROM 'true'
        )
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO chaos.stale_writes (what, job_id, holder, writer, row)
    VALUES ('lease ' || tg_op, old.job_id, holder, writer, to_jsonb(old));
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_lease AFTER UPDATE OR DELETE ON kotadb_queue.live
FOR EACH ROW EXECUTE FUNCTION chaos.watch_lease();
CREATE FUNCTION chaos.watch_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    writer text := chaos.writer();
BEGIN
    IF
        writer <> chaos.holder_of(old.id)
        AND (
            new.status = 'completed'
            OR new.status = 'processing' AND old.status = 'processing'
        )
    THEN
        INSERT INTO chaos.stale_writes (what, job_id, holder, writer, row)
        VALUES ('job', old.id, chaos.holder_of(old.id), writer, to_jsonb(new));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_job AFTER UPDATE ON kotadb.index_jobs
FOR EACH ROW EXECUTE FUNCTION chaos.watch_job();
CREATE FUNCTION chaos.watch_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    writer text := chaos.writer();
BEGIN
    IF
        new.state = 'current' AND old.state = 'loading'
        AND (
            writer IS DISTINCT FROM chaos.holder_of(new.job_id)
            OR NOT exists(
                SELECT FROM kotadb_queue.live WHERE job_id = new.job_id AND state = 'leased'
            )
        )
    THEN
        INSERT INTO chaos.stale_writes (what, job_id, holder, writer, row)
        VALUES ('snapshot', new.job_id, chaos.holder_of(new.job_id), writer, to_jsonb(new));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_snapshot AFTER UPDATE ON kotadb.snapshots
FOR EACH ROW EXECUTE FUNCTION chaos.watch_snapshot();
GRANT USAGE ON SCHEMA chaos TO public;
"""

AT_ANY_TIME = {
    "more jobs run than the team may": f"""
        SELECT count(*) FROM kotadb_queue.live WHERE state = 'leased' HAVING count(*) > {TEAM_SIZE}
    """,
    "two jobs of one ref run": """
        SELECT repository_id, requested_ref FROM kotadb_queue.live WHERE state = 'leased'
        GROUP BY repository_id, requested_ref HAVING count(*) > 1
    """,
    "a job has two attempts that have not ended": """
        SELECT job_id FROM kotadb.job_attempts WHERE ended_at IS NULL
        GROUP BY job_id HAVING count(*) > 1
    """,
    "status and queue disagree": """
        SELECT jobs.id, jobs.status, queued.state FROM kotadb.index_jobs AS jobs
        LEFT JOIN kotadb_queue.live AS queued ON queued.queue_job_id = jobs.queue_job_id
        WHERE (jobs.status = 'processing') IS DISTINCT FROM (coalesce(queued.state, '') = 'leased')
        OR (jobs.status = 'pending')
        IS DISTINCT FROM (coalesce(queued.state, '') IN ('ready', 'waiting', 'delayed'))
    """,
    "failed jobs and dead letters differ": """
        SELECT jobs.id FROM kotadb.index_jobs AS jobs
        FULL JOIN kotadb_queue.dead_letters AS dead ON dead.job_id = jobs.id
        WHERE (jobs.status = 'failed') IS DISTINCT FROM (dead.job_id IS NOT NULL)
    """,
    "a queue row is in two places": """
        SELECT queue_job_id FROM (
            SELECT queue_job_id FROM kotadb_queue.live
            UNION ALL SELECT queue_job_id FROM kotadb_queue.archive
            UNION ALL SELECT queue_job_id FROM kotadb_queue.dead_letters
        ) AS everywhere GROUP BY queue_job_id HAVING count(*) > 1
    """,
    "retry_count is not leases - released - 1": """
        SELECT id, retry_count FROM kotadb.index_jobs
        WHERE retry_count <> greatest((
            SELECT count(*) FILTER (WHERE outcome IS DISTINCT FROM 'released') - 1
            FROM kotadb.job_attempts WHERE job_id = id
        ), 0)
    """,
    "a round has more than four runs": """
        SELECT job_id, round FROM kotadb.job_attempts WHERE outcome IS DISTINCT FROM 'released'
        GROUP BY job_id, round HAVING count(*) > 4
    """,
    "times go backwards": """
        SELECT id FROM kotadb.index_jobs
        WHERE started_at < created_at OR completed_at < coalesce(started_at, created_at)
        UNION ALL SELECT job_id FROM kotadb.job_attempts WHERE ended_at < leased_at
    """,
    "two snapshots of one ref are current": """
        SELECT repository_id, ref FROM kotadb.snapshots WHERE state = 'current'
        GROUP BY repository_id, ref HAVING count(*) > 1
    """,
    "somebody wrote who held no lease": "SELECT * FROM chaos.stale_writes",
}

# Every current index with its rows: files by path and blob, symbols by path and name.
_INDEXES = """
SELECT places.repository_id, snaps.ref, snaps.snapshot_id, snaps.commit_sha, snaps.generation,
    coalesce(array_agg({row}) FILTER (WHERE files.path IS NOT NULL), '{{}}') AS rows
FROM kotadb.repositories AS places
INNER JOIN kotadb.snapshots AS snaps
    ON snaps.repository_id = places.repository_id AND snaps.state = 'current'
{joined}
WHERE places.deleted_at IS NULL
GROUP BY places.repository_id, snaps.snapshot_id
"""
FILES = _INDEXES.format(
    row="files.path || ' ' || encode(files.blob_id, 'hex')",
    joined="LEFT JOIN kotadb.files AS files ON files.snapshot_id = snaps.snapshot_id",
)
SYMBOLS = _INDEXES.format(
    row="files.path || ' ' || symbols.name",
    joined="LEFT JOIN kotadb.symbols AS symbols ON symbols.snapshot_id = snaps.snapshot_id "
    "LEFT JOIN kotadb.files AS files "
    "ON files.snapshot_id = snaps.snapshot_id AND files.file_no = symbols.file_no",
)

Report = Callable[[str, Any], None]


@dataclass
class Witness:
    """Looks at the database again and again, as its superuser and past the proxy."""

    url: str
    numbers: Callable[[], dict[str, tuple[str, int]]]
    """Name and number of every commit that there is, by its id."""
    report: Report
    looks: int = 0

    def watch(self, stopping: threading.Event) -> None:
        """Look until it is over; a restart of the server is waited out."""
        newest: dict[object, int] = {}
        while not stopping.wait(PAUSE_SECONDS):
            try:
                with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
                    while not stopping.wait(PAUSE_SECONDS):
                        self.look(connection)
                        self.read(connection, newest)
                        self.looks += 1
            except psycopg.Error:
                continue

    def look(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        """Ask every rule once, all of one moment."""
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for rule, query in AT_ANY_TIME.items():
                if found := connection.execute(query).fetchall():
                    self.report(rule, found)

    def read(
        self, connection: psycopg.Connection[dict[str, Any]], newest: dict[object, int]
    ) -> None:
        """Read every index as a reader does: in one snapshot, and statement by statement."""
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            files = connection.execute(FILES).fetchall()
            symbols = connection.execute(SYMBOLS).fetchall()
        standing = [sorted(row["snapshot_id"] for row in rows) for rows in (files, symbols)]
        if standing[0] != standing[1]:
            self.report("one transaction read two commits", standing)
        # And as READ COMMITTED has it: each statement by itself, in the order of the reading.
        for rows, oracle in (
            (files, sources.stored_files),
            (symbols, sources.stored_symbols),
            (connection.execute(SYMBOLS).fetchall(), sources.stored_symbols),
            (connection.execute(FILES).fetchall(), sources.stored_files),
        ):
            for row in rows:
                self._is_whole(row, oracle)
                place = (row["repository_id"], row["ref"])
                if row["generation"] < newest.get(place, 0):
                    self.report("an index went back to an older request", row)
                newest[place] = row["generation"]

    def _is_whole(self, row: dict[str, Any], oracle: Callable[[str, int], sources.Rows]) -> None:
        known = self.numbers().get(row["commit_sha"])
        read = frozenset(tuple(one.split(" ")) for one in row["rows"])
        if known is None or read != oracle(*known) or len(read) != len(row["rows"]):
            self.report("an index is not one whole commit", json.dumps(row, default=str))
