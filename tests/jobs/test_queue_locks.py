"""Two moves of one repository at one instant: what one of them holds, the other waits for or skips.

The first is a transaction that is held open; the second runs in a thread of its own.
"""

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA
from tests.support.waiting import meanwhile

SNAPSHOT = (
    "INSERT INTO kotadb.snapshots (tenant_id, repository_id, ref, commit_sha, generation, job_id, "
    "stats, state) SELECT tenant_id, repository_id, 'main', %s, %s, %s, '{}', %s "
    "FROM kotadb.repositories RETURNING snapshot_id"
)


def test_a_lease_passes_over_a_row_that_somebody_holds_without_waiting(bench):
    first, second = bench.enqueue("ada/first"), bench.enqueue("ada/second")
    with bench.scratch.connection() as holder:
        holder.execute("BEGIN")
        holder.execute(
            "SELECT job_id FROM kotadb_queue.live WHERE job_id = %s FOR UPDATE", (first.job_id,)
        )
        with meanwhile(bench.scratch, bench.scratch.worker, bench.lease) as leased:
            seen = [lease.job_id for lease in leased]
            holder.execute("ROLLBACK")
    assert seen == [second.job_id]


def test_a_job_asked_for_while_another_finishes_is_woken(bench):
    bench.enqueue()
    lease = bench.lease()
    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        newer = other.execute(
            "SELECT job_id FROM kotadb_queue.enqueue(%s, 'https://github.com/ada/engine.git', "
            "'ada/engine', '', NULL, false, 'req-2', 3, 24)",
            (bench.tenant,),
        ).fetchone()["job_id"]
        with meanwhile(bench.scratch, bench.scratch.worker, lambda: bench.complete(lease)):
            other.execute("COMMIT")
    assert bench.lease().job_id == newer


def test_a_request_does_not_join_a_job_that_is_just_expiring(bench):
    old = bench.enqueue()
    bench.scratch.pass_time(25 * 3_600)
    with bench.scratch.connection() as sweeper:
        sweeper.execute("BEGIN")
        sweeper.execute(
            "SELECT kotadb_queue.expire(%s, 'too late')", (bench.live(old.job_id)["queue_job_id"],)
        )
        with meanwhile(bench.scratch, bench.scratch.api, bench.enqueue) as answers:
            sweeper.execute("COMMIT")
    (made,) = answers
    assert (made.job_id != old.job_id, made.deduplicated) == (True, False)
    assert bench.lease().job_id == made.job_id


def test_two_commits_published_at_one_instant_leave_the_newer(bench):
    bench.enqueue(ref="main")
    older = bench.lease()
    bench.enqueue()
    newer = bench.lease()
    assert older.generation < newer.generation
    late, early = (
        bench.scratch.value(SNAPSHOT, sha, lease.generation, lease.job_id, "loading")
        for sha, lease in ((SHA, older), (OTHER_SHA, newer))
    )

    def publish():
        told = bench.worker.fetch_one("publish_snapshot", snapshot_id=late, keep_seconds=900)
        return told["published"]

    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        other.execute("SELECT kotadb.publish_snapshot(%s)", (early,))
        with meanwhile(bench.scratch, bench.scratch.worker, publish) as published:
            other.execute("COMMIT")
    assert published == [False]
    current = "SELECT commit_sha FROM kotadb.snapshots WHERE state = 'current'"
    assert bench.scratch.value(current) == OTHER_SHA


@pytest.mark.parametrize("state", ["not expired", "running"])
def test_only_a_due_row_whose_time_is_over_expires(bench, state):
    made = bench.enqueue()
    row = bench.live(made.job_id)["queue_job_id"]
    if state == "running":
        bench.scratch.pass_time(25 * 3_600)
        bench.lease()
    answer = bench.worker.fetch_one("expire_row", queue_job_id=row, error_message="too late")
    assert answer == {"expired": False}
    assert bench.status(made.job_id) == ("processing" if state == "running" else "pending")


def test_only_a_retired_snapshot_can_be_dropped(bench):
    bench.enqueue()
    snapshot = bench.scratch.value(SNAPSHOT, SHA, 1, bench.lease().job_id, "current")
    assert bench.worker.execute("drop_snapshot", snapshot_id=snapshot) == 0
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 1


def test_a_replaced_snapshot_can_be_dropped_when_nobody_may_read_it_any_more(bench):
    job_id = bench.enqueue().job_id
    older, newer = (
        bench.scratch.value(SNAPSHOT, sha, number, job_id, "loading")
        for number, sha in enumerate((SHA, OTHER_SHA), 1)
    )
    for snapshot in (older, newer):
        bench.worker.fetch_one("publish_snapshot", snapshot_id=snapshot, keep_seconds=900)
    assert bench.worker.fetch_all("retired_snapshots", batch_size=10) == []
    assert bench.worker.execute("drop_snapshot", snapshot_id=older) == 0
    bench.scratch.pass_time(901)
    assert bench.worker.fetch_all("retired_snapshots", batch_size=10) == [{"snapshot_id": older}]
    assert bench.worker.execute("drop_snapshot", snapshot_id=older) == 1
    assert bench.worker.execute("drop_snapshot", snapshot_id=newer) == 0
