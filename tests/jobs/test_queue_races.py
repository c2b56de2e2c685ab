"""Everything that moves jobs at once, over many connections: nothing is lost, nothing locks up."""

import time
from contextlib import closing, suppress

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, STATS, small_commit
from tests.support.storm import Storm

from indexer.database.connection import Database
from indexer.errors import LeaseLost, TransientJobError
from indexer.indexing.store import (
    SnapshotSuperseded,
    skip_if_indexed,
    store_indexed_data,
)
from indexer.jobs.model import IndexRequest, Progress
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.settings import Settings

# Leases run out, backoffs end and finished rows are archived while the storm goes on.
FAST = Settings(
    lease_seconds=0.15,
    retry_delay=0,
    retry_delay_max=0,
    archive_completed_after=0,
    worker_team_size=3,
)


class Passing(TransientJobError):
    code = "remote_unavailable"


def stored(database, lease, sha):
    store_indexed_data(
        database,
        FAST,
        lease,
        small_commit(sha),
    )


def work(database, chance):
    """Lease one job and do one of the things that may become of it; whether there was one."""
    queue = JobQueue(database, FAST)
    lease = queue.lease_next(worker="storm")
    if lease is None:
        return False
    with suppress(LeaseLost):
        end(database, queue, lease, chance)
    return True


def end(database, queue, lease, chance):
    sha = lease.requested_commit or SHA
    try:
        match chance.randrange(8):
            case 0:
                queue.fail(lease, Passing("no answer"))
            case 1:
                queue.release(lease)
            case 2:
                time.sleep(FAST.lease_seconds * 2)
                queue.renew(lease, Progress())
                stored(database, lease, sha)
            case 3:
                pass  # as if killed: the lease runs out
            case 4 if skip_if_indexed(database, FAST, lease, ref="main", commit_sha=sha):
                pass
            case 5:
                queue.release(lease, after_seconds=0.05)
            case _:
                stored(database, lease, sha)
    except SnapshotSuperseded:
        queue.skip(lease, code="superseded", message="newer", ref="main", commit_sha=sha)


def ask(database, chance, tenant):
    request = IndexRequest(
        tenant_id=tenant,
        clone_url=f"https://github.com/ada/{chance.randrange(2)}.git",
        full_name="ada/one",
        ref=chance.choice([None, "main"]),
        commit_sha=chance.choice([None, SHA, OTHER_SHA]),
        force=chance.random() < 0.2,
        request_id="req-1",
    )
    time.sleep(0.01)
    return JobQueue(database, FAST).enqueue(request).job_id


def sweep(database, _chance):
    Sweep(database, JobQueue(database, FAST), FAST).everything()
    time.sleep(0.05)


def finish_all(scratch):
    """Run what is left, as one last worker would."""
    with closing(Database(scratch.worker)) as database:
        queue = JobQueue(database, FAST)
        ends = time.monotonic() + 20
        while scratch.value("SELECT count(*) FROM kotadb_queue.live WHERE state <> 'finished'"):
            assert time.monotonic() < ends, "a job is stuck in the queue"
            Sweep(database, queue, FAST).recover()
            lease = queue.lease_next(worker="storm")
            if lease is not None:
                queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)


@pytest.mark.proves("W3", "J10", "Q22")
def test_a_storm_of_requests_workers_and_sweeps_loses_nothing(migrated_database, make_tenant):
    tenant, accepted, storm = make_tenant(), set(), Storm()

    def accept(database, chance):
        accepted.add(ask(database, chance, tenant))

    api, worker = migrated_database.api, migrated_database.worker
    storm.rage([(api, accept)] * 2 + [(worker, work)] * 4 + [(worker, sweep)] * 2)
    assert storm.trouble == []
    finish_all(migrated_database)

    jobs = migrated_database.sql("SELECT id, status FROM kotadb.index_jobs")
    assert {job["id"] for job in jobs} == accepted
    assert {job["status"] for job in jobs} <= {"completed", "skipped", "failed"}
    wrong = migrated_database.sql(
        "SELECT jobs.id FROM kotadb.index_jobs AS jobs LEFT JOIN kotadb.job_attempts AS one "
        "ON job_id = id GROUP BY jobs.id HAVING retry_count <> greatest("
        "count(attempt) - count(*) FILTER (WHERE outcome = 'released') - 1, 0) "
        "OR count(*) FILTER (WHERE attempt IS NOT NULL AND outcome IS NULL) > 0"
    )
    assert wrong == []
    dead = "SELECT job_id FROM kotadb_queue.dead_letters"
    failed = "SELECT id FROM kotadb.index_jobs WHERE status = 'failed'"
    assert migrated_database.sql(f"({dead} EXCEPT {failed}) UNION ({failed} EXCEPT {dead})") == []
