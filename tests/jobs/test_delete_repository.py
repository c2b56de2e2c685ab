"""Deleting a repository: gone for everybody at once, and for good a little later."""

import threading
import time
from contextlib import closing, suppress

import pytest
from tests.fixtures.queue import ONE_FILE, OTHER_SHA, small_commit
from tests.search.indexed import Commit, index
from tests.support.storm import Storm
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.errors import LeaseLost, PermanentJobError
from indexer.indexing.store import (
    SnapshotSuperseded,
    store_indexed_data,
)
from indexer.jobs import records
from indexer.jobs.model import Progress, RetryOutcome
from indexer.jobs.queue import JobQueue
from indexer.jobs.records import JobFinished, JobNotFound
from indexer.jobs.sweep import Sweep
from indexer.search import repositories
from indexer.search.repositories import RepositoryNotFound
from indexer.settings import Settings

EVERYTHING = (
    "kotadb.repositories",
    "kotadb.index_jobs",
    "kotadb.job_attempts",
    "kotadb.snapshots",
    "kotadb.files",
    "kotadb.symbols",
    "kotadb_queue.live",
    "kotadb_queue.dead_letters",
    "kotadb_queue.idempotency_keys",
)


class Lasting(PermanentJobError):
    code = "ref_not_found"


def visible(bench, tenant=None):
    """What the tenant is shown: repositories, snapshots among them, and jobs."""
    tenant = tenant or bench.tenant
    with bench.api.transaction(principal=tenant, read_only=True) as statements:
        snapshots, _ = repositories.snapshots_of_all(statements, ref=None)
    return (
        [one.full_name for one in repositories.page(bench.api, tenant_id=tenant).items],
        len(snapshots),
        len(records.page(bench.api, tenant_id=tenant).items),
    )


def left(bench):
    """How many rows there are of anything."""
    counts = {table: bench.scratch.value(f"SELECT count(*) FROM {table}") for table in EVERYTHING}
    return {table: count for table, count in counts.items() if count}


@pytest.fixture
def indexed(bench):
    """The id of a repository with an index, and with jobs that completed, wait and run."""
    commit = Commit(("a.ts", "b.ts"))
    commit.define("a.ts", "a")
    index(bench.scratch, bench.tenant, commit)
    repository = bench.scratch.value("SELECT repository_id FROM kotadb.repositories")
    name = bench.scratch.value("SELECT full_name FROM kotadb.repositories")
    bench.enqueue(name)
    bench.lease()
    bench.enqueue(name)
    bench.enqueue(name, ref="next")
    return repository


def test_from_the_commit_on_nobody_sees_anything_of_it(bench, indexed):
    shown = visible(bench)
    assert shown[1:] == (1, 4)
    jobs = [job.id for job in records.page(bench.api, tenant_id=bench.tenant).items]
    bench.delete(indexed)
    assert visible(bench) == ([], 0, 0)
    for job_id in jobs:
        with pytest.raises(JobNotFound):
            records.get(bench.api, str(job_id), tenant_id=bench.tenant)
        with pytest.raises(JobNotFound):
            bench.cancel(job_id)
    with pytest.raises(RepositoryNotFound):
        repositories.get(bench.api, str(indexed), tenant_id=bench.tenant)
    assert bench.queue.lease_next(worker="tests") is None


def test_its_unfinished_jobs_are_cancelled_and_the_others_stay_as_they_ended(bench, indexed):
    bench.delete(indexed)
    jobs = bench.scratch.sql("SELECT status, error_code FROM kotadb.index_jobs ORDER BY created_at")
    assert [(job["status"], job["error_code"]) for job in jobs] == [
        ("completed", None),
        *[("cancelled", "repository_deleted")] * 3,
    ]
    assert (
        bench.scratch.value("SELECT count(*) FROM kotadb_queue.live WHERE state <> 'finished'") == 0
    )


@pytest.mark.usefixtures("indexed")
def test_the_sweep_removes_every_row_in_bounded_batches(bench, monkeypatch):
    failing = bench.enqueue("ada/failing")
    leases = [bench.lease(), bench.lease()]
    bench.queue.fail(leases[1], Lasting("no such branch"))
    assert bench.status(failing.job_id) == "failed"
    JobQueue(bench.api, bench.settings).enqueue_once(bench.request("ada/failing"), key="key-1")
    for row in bench.scratch.sql("SELECT repository_id FROM kotadb.repositories"):
        bench.delete(row["repository_id"])
    monkeypatch.setattr("indexer.jobs.sweep.BATCH_SIZE", 2)
    monkeypatch.setattr("indexer.jobs.sweep.MOST_BATCHES", 1)
    moved = []
    while not moved or moved[-1].jobs_purged:
        moved.append(bench.sweep.everything())
        assert len(moved) < 10
    assert [one.jobs_purged for one in moved] == [2, 2, 2, 0]
    assert sum(one.repositories_purged for one in moved) == 2
    assert left(bench) == {}


def test_the_sweep_touches_nothing_of_other_repositories(bench, indexed):
    kept = bench.enqueue("ada/kept")
    bench.delete(indexed)
    bench.sweep.everything()
    assert bench.status(kept.job_id) == "pending"
    assert visible(bench) == (["ada/kept"], 0, 1)


@pytest.mark.proves("J22")
def test_its_url_asked_for_at_once_makes_a_new_repository(bench):
    first = bench.enqueue()
    bench.delete(first.repository_id)
    second = bench.enqueue()
    assert second.repository_id != first.repository_id
    assert not second.deduplicated
    bench.sweep.everything()
    bench.complete(bench.lease())
    assert bench.status(second.job_id) == "completed"
    bench.delete(second.repository_id)
    assert bench.enqueue().repository_id not in {first.repository_id, second.repository_id}


def test_a_second_delete_finds_nothing(bench):
    made = bench.enqueue()
    bench.delete(made.repository_id)
    before = bench.scratch.sql("SELECT * FROM kotadb.repositories")
    with pytest.raises(RepositoryNotFound):
        bench.delete(made.repository_id)
    assert bench.scratch.sql("SELECT * FROM kotadb.repositories") == before


@pytest.mark.proves("J18")
def test_a_repository_of_another_tenant_is_as_one_that_does_not_exist(bench, make_tenant):
    made = bench.enqueue()
    eve = make_tenant("eve@example.com")
    for unknown in (made.repository_id, made.job_id, "not-a-uuid"):
        with pytest.raises(RepositoryNotFound):
            bench.delete(unknown, tenant=eve)
        with pytest.raises(RepositoryNotFound):
            repositories.get(bench.api, str(unknown), tenant_id=eve)
    # Whoever names no tenant at all deletes nothing either.
    row = bench.api.fetch_one("delete_repository", repository_id=made.repository_id)
    assert row == {"deleted": False}
    assert visible(bench) == (["ada/engine"], 0, 1)


def test_an_idempotency_key_does_not_answer_with_a_job_that_is_gone(bench):
    queue = JobQueue(bench.api, bench.settings)
    first = queue.enqueue_once(bench.request(), key="key-1")
    bench.delete(first.repository_id)
    again = queue.enqueue_once(bench.request(), key="key-1")
    assert (again.replayed, again.job_id != first.job_id) == (False, True)


def test_what_failed_in_it_counts_no_more(bench):
    made = bench.enqueue()
    bench.queue.fail(bench.lease(), Lasting("no such branch"))
    assert bench.worker.fetch_one("queue_figures")["failed_24h"] == 1
    bench.delete(made.repository_id)
    assert bench.worker.fetch_one("queue_figures")["failed_24h"] == 0
    assert bench.retry(made.job_id) is RetryOutcome.NOT_FOUND


def test_deleting_waits_for_no_store_and_the_store_is_refused(bench):
    made = bench.enqueue()
    lease = bench.lease()
    loading, deleted = threading.Event(), threading.Event()

    def files():
        loading.set()
        assert deleted.wait(timeout=20)
        yield from ONE_FILE

    refused = []

    def store():
        with closing(Database(bench.scratch.worker)) as database:
            try:
                store_indexed_data(database, bench.settings, lease, small_commit(files=files()))
            except LeaseLost:
                refused.append("lost")
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shall say so
                refused.append(error)

    thread = threading.Thread(target=store)
    thread.start()
    try:
        assert loading.wait(timeout=20)
        began = time.monotonic()
        bench.delete(made.repository_id)
        assert time.monotonic() - began < 1.5
        # The store still holds the repository; the sweep leaves the row to the next one.
        assert bench.sweep.everything().repositories_purged == 0
    finally:
        deleted.set()
        thread.join(timeout=20)
    assert [str(getattr(one, "code", one)) for one in refused] == ["superseded"]
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 0
    bench.sweep.everything()
    assert left(bench) == {}


def test_a_store_that_begins_after_the_deletion_keeps_nothing(bench):
    made = bench.enqueue()
    lease = bench.lease()
    bench.delete(made.repository_id)
    with pytest.raises(LeaseLost):
        store_indexed_data(bench.worker, bench.settings, lease, small_commit())
    assert bench.queue.attempt_was_cancelled(lease)
    bench.sweep.everything()
    assert bench.queue.attempt_was_cancelled(lease)
    assert left(bench) == {}


def test_a_store_that_begins_while_the_last_row_is_removed_hears_of_it(bench):
    made = bench.enqueue()
    lease = bench.lease()

    def store():
        with pytest.raises(LeaseLost):
            store_indexed_data(bench.worker, bench.settings, lease, small_commit())
        return "refused"

    with bench.scratch.connection() as sweep:
        sweep.execute("BEGIN")
        sweep.execute(
            "DELETE FROM kotadb.repositories WHERE repository_id = %s", (made.repository_id,)
        )
        with meanwhile(bench.scratch, bench.scratch.worker, store) as outcomes:
            assert outcomes == []
            sweep.execute("COMMIT")
    assert outcomes == ["refused"]


def test_a_snapshot_cannot_be_published_in_a_deleted_repository(bench):
    made = bench.enqueue()
    snapshot = bench.scratch.value(
        "INSERT INTO kotadb.snapshots (tenant_id, repository_id, ref, commit_sha, generation, "
        "job_id, stats) VALUES (%s, %s, 'main', %s, 1, %s, '{}') RETURNING snapshot_id",
        bench.tenant,
        made.repository_id,
        OTHER_SHA,
        made.job_id,
    )
    bench.delete(made.repository_id)
    answer = bench.worker.fetch_one("publish_snapshot", snapshot_id=snapshot, keep_seconds=900)
    assert answer == {"published": False}


def test_a_request_that_meets_the_deletion_gets_a_new_repository(bench):
    made = bench.enqueue()
    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        other.execute("SELECT set_config('app.user_id', %s, true)", (str(bench.tenant),))
        other.execute("SELECT kotadb.delete_repository(%s)", (made.repository_id,))
        with meanwhile(bench.scratch, bench.scratch.api, bench.enqueue) as answers:
            assert answers == []
            other.execute("COMMIT")
    (newer,) = answers
    assert newer.repository_id != made.repository_id
    assert bench.status(newer.job_id) == "pending"
    assert bench.lease().job_id == newer.job_id


def test_a_deletion_that_meets_a_request_ends_its_job_too(bench):
    made = bench.enqueue()
    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        newer = other.execute(
            "SELECT job_id FROM kotadb_queue.enqueue(%s, 'https://github.com/ada/engine.git', "
            "'ada/engine', 'next', NULL, false, 'req-2', 3, 24)",
            (bench.tenant,),
        ).fetchone()["job_id"]

        def delete():
            bench.delete(made.repository_id)

        with meanwhile(bench.scratch, bench.scratch.api, delete):
            other.execute("COMMIT")
    assert bench.status(newer) == "cancelled"
    assert bench.queue.lease_next(worker="tests") is None


STORM = Settings(lease_seconds=60.0, worker_team_size=8)


def work(database, _chance):
    queue = JobQueue(database, STORM)
    lease = queue.lease_next(worker="tests")
    if lease is None:
        return
    with suppress(LeaseLost, SnapshotSuperseded):
        for _ in range(3):
            queue.renew(lease, Progress())
        store_indexed_data(database, STORM, lease, small_commit())


def sweep(database, _chance):
    Sweep(database, JobQueue(database, STORM), STORM).everything()


@pytest.mark.proves("J10")
def test_deletions_among_leases_renewals_and_requests_lock_nothing_up(bench):
    """Leases and renewals hold a queue row and then its job, and never the repository."""

    def ask_and_delete(database, chance):
        queue = JobQueue(database, STORM)
        made = [queue.enqueue(bench.request(ref=ref)) for ref in ("main", "next", None)]
        time.sleep(0.01)
        with suppress(JobNotFound, JobFinished):
            job_id = str(chance.choice(made).job_id)
            records.cancel(database, STORM, job_id, tenant_id=bench.tenant)
        with suppress(RepositoryNotFound):
            repositories.delete(database, str(made[0].repository_id), tenant_id=bench.tenant)

    storm, worker = Storm(), bench.scratch.worker
    crew = [(worker, work)] * 3 + [(bench.scratch.api, ask_and_delete)] * 2 + [(worker, sweep)]
    storm.rage(crew, seconds=2.5)
    assert storm.trouble == []
    for row in bench.scratch.sql(
        "SELECT repository_id FROM kotadb.repositories WHERE deleted_at IS NULL"
    ):
        bench.delete(row["repository_id"])
    while bench.sweep.everything().jobs_purged:
        pass
    assert left(bench) == {}
